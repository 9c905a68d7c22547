/* SPDX-License-Identifier: MIT */
/* The host's end of a scenario: a worker of its own, fed, watched and ended. */
#include "host/dispatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/memfile.h"
#include "host/dispatch_lines.h"
#include "host/limits.h"
#include "host/registry.h"
#include "host/spawn.h"
#include "host/ward.h"
#include "host/watch.h"
#include "worker/protocol.h"

/** How long a worker that closed its end may take to end. */
#define EXIT_MS 2000

struct worker {
    pid_t pid;
    int slot;  /**< in the registry */
    int lines; /**< a socket: by it the worker is told to begin, too */
    bool begun;
    struct rf_memfile request;
    struct rf_ward ward;
};

static rf_code
spawn(struct worker *worker, const struct rf_build *build, int lines, int request,
      const struct rf_ward_ends *ends, struct rf_err *reterr)
{
    char *program = NULL;
    RF_TRY(rf_worker_program(&program, reterr));
    char name[] = "refold-worker";
    char verb[] = "--dispatch";
    char memory[24];
    (void)snprintf(memory, sizeof(memory), "%llu", (unsigned long long)rf_worker_memory());
    char member[] = "--member";
    char number[RF_BUILD_MEMBER_BYTES];
    rf_build_print_member(build, number);
    char *with_member[] = {name, member, number, verb, build->file, memory, NULL};
    char *without[] = {name, verb, build->file, memory, NULL};
    char *environment[] = {NULL};
    struct rf_spawn_file files[2 + RF_WARD_FILES] = {{lines, RF_FD_NOTICES},
                                                     {request, RF_FD_REQUESTS}};
    size_t file_count = 2 + rf_ward_files(ends, &files[2]);
    struct rf_spawn start = {
        .program = program,
        .arguments = build->program ? with_member : without,
        .environment = environment,
        .files = files,
        .file_count = file_count,
    };
    rf_code code = rf_spawn(&start, &worker->pid, reterr);
    free(program);
    return code;
}

static rf_code
start(struct worker *worker, const struct rf_build *build, const char *request, size_t bytes,
      struct rf_err *reterr)
{
    int pair[2];
    struct rf_ward_ends ends;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a socket");
    }
    worker->lines = pair[0];
    rf_fd_unblock(worker->lines);
    int reader = -1;
    rf_code code = rf_ward_open(&worker->ward, build->conduct, build->file, false, &ends, reterr);
    if (code == RF_OK) {
        code = rf_memfile_open(&worker->request, "refold-request", reterr);
    }
    if (code == RF_OK) {
        rf_memfile_grow(&worker->request, bytes + 1);
        memcpy(worker->request.bytes, request, bytes);
        reader = rf_memfile_reader(&worker->request);
        code = reader >= 0 ? spawn(worker, build, pair[1], reader, &ends, reterr)
                           : rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker",
                                           "cannot open a memory file again");
    }
    if (reader >= 0) {
        (void)close(reader);
    }
    (void)close(pair[1]);
    rf_ward_close_ends(&ends);
    if (code == RF_OK) {
        worker->slot = rf_registry_add(worker->pid);
    }
    return code;
}

/** Returns the wait status. */
static int
reap(struct worker *worker)
{
    /* First out of the registry: once it is reaped, its number may be another process's. */
    if (worker->slot >= 0) {
        rf_registry_remove(worker->slot);
    }
    int status = rf_spawn_reap(worker->pid);
    worker->pid = 0;
    rf_ward_end(&worker->ward);
    return status;
}

static void
stop(struct worker *worker)
{
    if (worker->pid > 0) {
        rf_spawn_kill(worker->pid);
        (void)reap(worker);
    }
    if (worker->lines >= 0) {
        (void)close(worker->lines);
    }
    rf_ward_end(&worker->ward);
    rf_memfile_done(&worker->request);
}

static void
note_death(struct worker *worker, struct rf_dispatch_play *play)
{
    char text[512] = "closed its end and did not exit";
    if (rf_watch_end(worker->pid, EXIT_MS * 1000L)) {
        (void)rf_ward_describe(&worker->ward, reap(worker), text, sizeof(text));
    }
    rf_dispatch_end(play, RF_DISPATCH_DIED, text);
}

/** Whether a race detector told of a data race: the scenario ends with it. */
static bool
is_racing(struct worker *worker, struct rf_dispatch_play *play, bool now)
{
    char text[RF_WORDS_BYTES + 1];
    if (!rf_ward_is_racing(&worker->ward, now)) {
        return false;
    }
    rf_dispatch_end(play, RF_DISPATCH_DIED, rf_ward_race(&worker->ward, text, sizeof(text)));
    return true;
}

enum filled { FILLED, EMPTY, CLOSED };

static enum filled
fill(const struct worker *worker, struct rf_dispatch_play *play, size_t *ret_fresh)
{
    rf_buf_reserve(&play->line, 64 * RF_KIB);
    ssize_t got =
        read(worker->lines, play->line.bytes + play->line.used, play->line.room - play->line.used);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return EMPTY;
    }
    if (got < 0 && errno == ECONNRESET) {
        return CLOSED; /* it ended before it had read that it may begin */
    }
    if (got < 0) { /* as in inbox.c */
        rf_bug(__FILE__, __LINE__, "a worker's lines cannot be read: %s", strerror(errno));
    }
    if (got == 0) {
        return CLOSED;
    }
    play->line.used += (size_t)got;
    *ret_fresh = (size_t)got;
    return FILLED;
}

/** Its first line is its hello: it waits until what it printed while it loaded is taken. */
static void
begin(struct worker *worker)
{
    char byte = 0;
    if (!worker->begun) {
        worker->begun = true;
        rf_ward_loaded(&worker->ward);
        rf_fd_tell(worker->lines, &byte, 1);
    }
}

struct rf_dispatch_limits
rf_dispatch_limits(int timeout_ms)
{
    return (struct rf_dispatch_limits){
        .load_ms = timeout_ms > RF_LOAD_MS ? timeout_ms : RF_LOAD_MS,
        .call_ms = timeout_ms,
        /* The aggregate's last call, then what the worker gives a program to end (relay_start.c):
         * less than this. */
        .end_ms = timeout_ms + EXIT_MS,
    };
}

/** For what the worker is at now. */
static int
limit_of(const struct worker *worker, const struct rf_dispatch_play *play,
         const struct rf_dispatch_limits *limits)
{
    bool ends = play->step + 1 == play->step_count && play->phase == RF_PHASE_OVER;
    return !worker->begun ? limits->load_ms : ends ? limits->end_ms : limits->call_ms;
}

/** Takes what the worker says until it is over, one way or another. */
static void
listen_to(struct worker *worker, struct rf_dispatch_play *play,
          const struct rf_dispatch_limits *limits)
{
    struct rf_watch watch = {.ward = &worker->ward, .memory_bytes = rf_worker_memory()};
    bool ended = false;
    while (!play->over) {
        size_t fresh = 0;
        enum filled filled = fill(worker, play, &fresh);
        if (filled == FILLED) {
            rf_watch_reset(&watch);
            begin(worker);
            if (!rf_dispatch_take_lines(play, fresh)) {
                rf_dispatch_end(play, RF_DISPATCH_LIED, "its worker said what it cannot say there");
            }
            continue;
        }
        if (filled == CLOSED || ended) {
            note_death(worker, play);
            continue;
        }
        if (is_racing(worker, play, false)) {
            continue;
        }
        int limit_ms = limit_of(worker, play, limits);
        switch (rf_watch_wait(&watch, worker->pid, worker->lines, limit_ms)) {
        case RF_WATCHED_READY:
            break;
        case RF_WATCHED_ENDED:
            ended = true; /* once more to the pipe: it may have written right before */
            break;
        case RF_WATCHED_FULL: {
            char text[64];
            rf_worker_describe_excess(text, sizeof(text));
            rf_dispatch_end(play, RF_DISPATCH_DIED, text);
            break;
        }
        case RF_WATCHED_HUNG: {
            char text[64];
            (void)snprintf(text, sizeof(text), "no sign of life for %g s", limit_ms / 1000.0);
            rf_dispatch_end(play, RF_DISPATCH_HUNG, text);
            break;
        }
        }
    }
    if (play->result->ending == RF_DISPATCH_WHOLE) {
        (void)is_racing(worker, play, true);
    }
    if (play->result->ending != RF_DISPATCH_WHOLE) {
        rf_dispatch_note_place(play);
    }
}

rf_code
rf_dispatch(const struct rf_build *build, const char *request, size_t request_bytes,
            struct rf_dispatch_step *steps, size_t step_count,
            const struct rf_dispatch_limits *limits, struct rf_dispatch_result *ret,
            struct rf_err *reterr)
{
    RF_VERIFY(step_count > 0);
    struct worker worker = {.slot = -1, .lines = -1, .ward = RF_WARD_NONE};
    struct rf_dispatch_play play = {.steps = steps, .step_count = step_count, .result = ret};
    *ret = (struct rf_dispatch_result){0};
    rf_code code = start(&worker, build, request, request_bytes, reterr);
    if (code == RF_OK) {
        listen_to(&worker, &play, limits);
    }
    stop(&worker);
    rf_dispatch_play_done(&play);
    return code;
}

void
rf_dispatch_steps_done(struct rf_dispatch_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < steps[i].made_count; j++) {
            free(steps[i].made[j].type);
            free(steps[i].made[j].data);
        }
        free(steps[i].made);
        free(steps[i].text);
    }
}
