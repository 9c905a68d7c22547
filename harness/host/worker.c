/* SPDX-License-Identifier: MIT */
/*
 * The host's end of the worker protocol: start a worker, give it batches, take its answers.
 *
 * inbox.c takes its notices, replies.c checks its answers, watch.c knows when it hangs. Whatever it
 * does that it may not, it is killed for, and the lie is told as its death.
 */
#include "host/worker.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/memfile.h"
#include "host/inbox.h"
#include "host/limits.h"
#include "host/registry.h"
#include "host/server.h"
#include "host/spawn.h"
#include "host/ward.h"
#include "host/watch.h"
#include "worker/world.h"

/** How long a worker that closed its end may take to end: exiting with much memory takes a while.
 */
#define EXIT_MS 2000
/** How long an idle worker may take to end when told to. It holds nothing of value. */
#define QUIT_MS 1600

struct rf_worker {
    pid_t pid;
    int slot; /**< in the registry, or -1 */
    int commands;
    int notices;
    struct rf_memfile requests;
    struct rf_memfile answers;
    struct rf_inbox inbox;
    struct rf_replies replies;
    struct rf_watch watch;
    struct rf_ward own;   /**< of one that was started, not forked … */
    struct rf_ward *ward; /**< … or its server's */
    uint64_t given_bytes; /**< of the run's files */
    bool ready;           /**< said hello */
    bool folding;         /**< a batch is under way */
    uint64_t batch;
    int64_t begun_ms;        /**< when it came to the batch: not while it still loads */
    bool program;            /**< it relays */
    bool waits;              /**< `first` does, until its hello is heard */
    struct rf_command first; /**< what is folded first */
    bool over;               /**< dead and reaped: `ended` says how */
    enum rf_worker_event ended;
    bool has_rest;            /**< what it had not announced is taken in … */
    struct rf_replies before; /**< … and nothing of it was taken out here; shares its buffers */
    char death[512];
};

/* ---- start ------------------------------------------------------------------------------------
 */

struct ends {
    int commands; /**< the worker's */
    int notices;
    int requests;
    struct rf_ward_ends ward;
};

static void
close_ends(struct ends *ends)
{
    if (ends->commands >= 0) {
        (void)close(ends->commands);
    }
    if (ends->notices >= 0) {
        (void)close(ends->notices);
    }
    if (ends->requests >= 0) {
        (void)close(ends->requests);
    }
    rf_ward_close_ends(&ends->ward);
}

/** Commands go over a socket, because only there a write to a dead worker can be told not to raise
 * SIGPIPE in us. */
static rf_code
open_channels(struct rf_worker *worker, struct ends *ends, struct rf_err *reterr)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a socket");
    }
    worker->commands = pair[0];
    ends->commands = pair[1];
    if (pipe2(pair, O_CLOEXEC) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot make a pipe");
    }
    worker->notices = pair[0];
    ends->notices = pair[1];
    rf_fd_unblock(worker->notices);
    RF_TRY(rf_memfile_open(&worker->requests, "refold-requests", reterr));
    rf_memfile_grow(&worker->requests, 1);
    ends->requests = rf_memfile_reader(&worker->requests);
    if (ends->requests < 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot open a memory file again");
    }
    RF_TRY(rf_memfile_open(&worker->answers, "refold-answers", reterr));
    if (ftruncate(worker->answers.fd, (off_t)(RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES)) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "worker", "cannot size a memory file");
    }
    return RF_OK;
}

rf_code
rf_worker_spawn(const struct rf_build *build, const struct rf_worker_files *files, const char *verb,
                const struct rf_spawn_file *own, size_t own_count, pid_t *ret,
                struct rf_err *reterr)
{
    char *program = NULL;
    RF_TRY(rf_worker_program(&program, reterr));
    char count[24];
    char memory[24];
    (void)snprintf(count, sizeof(count), "%zu", files->arena_count);
    (void)snprintf(memory, sizeof(memory), "%llu", (unsigned long long)rf_worker_memory());
    char name[] = "refold-worker";
    char world[] = "--world";
    char bits[16]; /* always as long: it moves the stack */
    char member[] = "--member";
    char number[RF_BUILD_MEMBER_BYTES];
    (void)snprintf(bits, sizeof(bits), "%08x", files->world);
    rf_build_print_member(build, number);
    char **arguments = rf_calloc(10 + files->ignore_count, sizeof(*arguments));
    struct rf_world_environment environment;
    rf_world_environment(files->world, &environment);
    char *own_verb = rf_strdup(verb);
    char **next = arguments;
    *next++ = name;
    if (files->world != 0) {
        *next++ = world;
        *next++ = bits;
    }
    if (build->program) {
        *next++ = member;
        *next++ = number;
    }
    *next++ = own_verb;
    *next++ = build->file;
    *next++ = count;
    *next++ = memory;
    for (size_t i = 0; i < files->ignore_count; i++) {
        *next++ = files->ignores[i];
    }
    size_t total = own_count + 1;
    struct rf_spawn_file *list = rf_calloc(total + files->arena_count, sizeof(*list));
    memcpy(list, own, own_count * sizeof(*list));
    list[own_count] = (struct rf_spawn_file){files->names, RF_FD_NAMES};
    for (size_t i = 0; i < files->arena_count; i++) {
        list[total++] = (struct rf_spawn_file){files->arenas[i], RF_FD_ARENAS + (int)i};
    }
    struct rf_spawn request = {
        .program = program,
        .arguments = arguments,
        .environment = environment.list,
        .files = list,
        .file_count = total,
    };
    rf_code code = rf_spawn(&request, ret, reterr);
    free(list);
    free(own_verb);
    free(arguments);
    free(program);
    return code;
}

rf_code
rf_worker_open_ward(const struct rf_build *build, const struct rf_worker_files *files,
                    struct rf_ward *ret, struct rf_ward_ends *ret_ends, struct rf_err *reterr)
{
    struct rf_conduct *conduct = files->world == 0 ? build->conduct : NULL;
    rf_code code = rf_ward_open(ret, conduct, build->file, false, ret_ends, reterr);
    ret->hides = rf_conduct_hides(build->conduct); /* where it has no conduct, too */
    return code;
}

/** By `server`, or as a program of its own. */
static rf_code
begin_process(struct rf_worker *worker, struct rf_server *server, const struct rf_build *build,
              const struct rf_worker_files *files, const struct ends *ends, struct rf_err *reterr)
{
    if (server != NULL) {
        const int channels[] = {ends->commands, ends->notices, ends->requests, worker->answers.fd};
        return rf_server_fork(server, channels, &worker->pid)
                   ? RF_OK
                   : rf_fail(reterr, RF_ERR_INTERNAL, "worker", "cannot be forked");
    }
    struct rf_spawn_file channels[4 + RF_WARD_FILES] = {
        {ends->commands, RF_FD_COMMANDS},
        {ends->notices, RF_FD_NOTICES},
        {ends->requests, RF_FD_REQUESTS},
        {worker->answers.fd, RF_FD_ANSWERS},
    };
    size_t count = 4 + rf_ward_files(&ends->ward, &channels[4]);
    return rf_worker_spawn(build, files, "--fold", channels, count, &worker->pid, reterr);
}

static uint64_t
file_bytes(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/** What it may take, beside what it is given. */
static void
begin_watch(struct rf_worker *worker, const struct rf_worker_files *files)
{
    worker->watch.memory_bytes = rf_worker_memory();
    worker->watch.measured_ms = rf_clock_ms();
    worker->given_bytes = file_bytes(files->names) + RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES;
    for (size_t i = 0; i < files->arena_count; i++) {
        worker->given_bytes += file_bytes(files->arenas[i]);
    }
}

static rf_code
begin_worker(struct rf_server *server, const struct rf_build *build,
             const struct rf_worker_files *files, struct rf_worker **ret, struct rf_err *reterr)
{
    struct rf_worker *worker = rf_calloc(1, sizeof(*worker));
    worker->slot = -1;
    worker->commands = -1;
    worker->notices = -1;
    worker->own = RF_WARD_NONE;
    worker->ward = server == NULL ? &worker->own : rf_server_ward(server);
    worker->watch.ward = worker->ward;
    worker->program = build != NULL && build->program;
    struct ends ends = {-1, -1, -1, {-1, -1}};
    rf_code code = RF_OK;
    if (server == NULL) { /* else the server's ward is the worker's too */
        code = rf_worker_open_ward(build, files, &worker->own, &ends.ward, reterr);
    }
    if (code == RF_OK) {
        code = open_channels(worker, &ends, reterr);
    }
    if (code == RF_OK) {
        code = begin_process(worker, server, build, files, &ends, reterr);
    }
    close_ends(&ends);
    if (code == RF_OK) {
        worker->slot = rf_registry_add(worker->pid);
        if (worker->slot < 0) {
            code = rf_fail(reterr, RF_ERR_INTERNAL, "worker", "more than %d workers",
                           RF_REGISTRY_SLOTS);
        }
    }
    if (code != RF_OK) {
        rf_worker_stop(worker);
        return code;
    }
    begin_watch(worker, files);
    *ret = worker;
    return RF_OK;
}

rf_code
rf_worker_start(const struct rf_build *build, const struct rf_worker_files *files,
                struct rf_worker **ret, struct rf_err *reterr)
{
    return begin_worker(NULL, build, files, ret, reterr);
}

bool
rf_worker_fork(struct rf_server *server, const struct rf_worker_files *files,
               struct rf_worker **ret)
{
    return begin_worker(server, NULL, files, ret, NULL) == RF_OK;
}

bool
rf_worker_is_heavy(struct rf_worker *worker)
{
    if (rf_ward_is_racing(worker->ward, true)) {
        return true; /* behind the last answer */
    }
    return rf_watch_is_heavy(&worker->watch, worker->pid);
}

/** A worker that is gone does not read it; that is seen at its notices. */
static void
send_command(struct rf_worker *worker, const struct rf_command *command)
{
    rf_fd_tell(worker->commands, command, sizeof(*command));
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static int
reap(struct rf_worker *worker)
{
    /* First out of the registry: once it is reaped, its number may be another process's. */
    if (worker->slot >= 0) {
        rf_registry_remove(worker->slot);
        worker->slot = -1;
    }
    int status = rf_spawn_reap(worker->pid);
    worker->pid = 0;
    if (worker->ward == &worker->own) {
        rf_ward_end(worker->ward);
    } else {
        rf_ward_settle(worker->ward);
    }
    return status;
}

/** Whether memory may have been why it ended: it was near its bound when that was measured last. */
static bool
was_nearly_full(const struct rf_worker *worker)
{
    return worker->watch.measured_bytes > worker->watch.memory_bytes / 2;
}

/** What asked for a single piece that is more than it may have, and what says only that it got no
 * memory, while it had little, crashed: were it taken for one of
 * many that left too much, its instance would live alone, and the crash would be told nowhere. */
static enum rf_worker_event
died(struct rf_worker *worker)
{
    bool by_itself = rf_watch_end(worker->pid, EXIT_MS * 1000L);
    if (!by_itself) {
        rf_spawn_kill(worker->pid);
    }
    int status = reap(worker);
    bool full = false;
    if (by_itself) {
        full = rf_ward_describe(worker->ward, status, worker->death, sizeof(worker->death)) &&
               ((WIFEXITED(status) && WEXITSTATUS(status) == RF_EXIT_MEMORY) ||
                was_nearly_full(worker));
    } else {
        (void)snprintf(worker->death, sizeof(worker->death), "closed its end and did not exit");
    }
    worker->over = true;
    worker->ended = full ? RF_WORKER_FULL : RF_WORKER_DIED;
    return worker->ended;
}

static enum rf_worker_event __attribute__((format(printf, 3, 4)))
condemn(struct rf_worker *worker, enum rf_worker_event why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(worker->death, sizeof(worker->death), format, args);
    va_end(args);
    rf_spawn_kill(worker->pid);
    (void)reap(worker);
    worker->over = true;
    worker->ended = why;
    return why;
}

#define LIED(worker, ...) condemn((worker), RF_WORKER_LIED, __VA_ARGS__)

const char *
rf_worker_death(const struct rf_worker *worker)
{
    return worker->death;
}

/** A race that was told of behind the last answer is no instance's: it is the build's. */
static void
note_race(const struct rf_worker *worker)
{
    char race[RF_WORDS_BYTES + 1];
    if (!worker->over && rf_ward_race(worker->ward, race, sizeof(race))[0] != '\0') {
        rf_conduct_add_late(worker->ward->conduct, race);
    }
}

/** So is what its program died of when it was told to quit. */
static void
note_late_death(struct rf_worker *worker, int wait_status)
{
    char end[400];
    char text[sizeof(end) + 64];
    if (worker->program && wait_status != 0) {
        (void)rf_ward_describe(worker->ward, wait_status, end, sizeof(end));
        (void)snprintf(text, sizeof(text), "died behind its last answer: %s", end);
        rf_conduct_add_late(worker->ward->conduct, text);
    }
}

void
rf_worker_stop(struct rf_worker *worker)
{
    if (worker == NULL) {
        return;
    }
    bool idle = worker->pid > 0 && worker->ready && !worker->folding;
    if (idle) {
        send_command(worker, &(struct rf_command){.kind = RF_COMMAND_QUIT});
    }
    if (worker->commands >= 0) {
        (void)close(worker->commands);
    }
    if (worker->pid > 0) {
        bool by_itself = idle && rf_watch_end(worker->pid, QUIT_MS * 1000L);
        if (!by_itself) {
            rf_spawn_kill(worker->pid);
        }
        int status = reap(worker);
        note_race(worker);
        if (by_itself) {
            note_late_death(worker, status);
        }
    }
    if (worker->notices >= 0) {
        (void)close(worker->notices);
    }
    rf_ward_end(&worker->own);
    rf_memfile_done(&worker->requests);
    rf_memfile_done(&worker->answers);
    rf_replies_done(&worker->replies);
    free(worker);
}

/* ---- requests ---------------------------------------------------------------------------------
 */

void *
rf_worker_request_room(struct rf_worker *worker, size_t bytes)
{
    RF_VERIFY(!worker->folding);
    rf_memfile_grow(&worker->requests, bytes);
    return worker->requests.bytes;
}

void
rf_worker_submit(struct rf_worker *worker, uint64_t instances)
{
    RF_VERIFY(!worker->folding && instances > 0);
    rf_replies_begin(&worker->replies, worker->requests.bytes, worker->requests.size, instances);
    rf_watch_reset(&worker->watch);
    worker->watch.given_bytes = worker->given_bytes + worker->requests.size;
    rf_ward_mark(worker->ward);
    worker->folding = true;
    worker->begun_ms = rf_clock_ms();
    worker->batch++;
    struct rf_command command = {
        .kind = RF_COMMAND_FOLD,
        .batch = worker->batch,
        .instances = instances,
        .file_bytes = worker->requests.size,
    };
    /* What it prints while it loads is not to be mixed up with what it prints while it folds. */
    if (!worker->ready && (worker->program || !worker->ward->loaded)) {
        worker->waits = true;
        worker->first = command;
        return;
    }
    send_command(worker, &command);
}

/* ---- what comes back ---------------------------------------------------------------------------
 */

/** Its race detector told of a data race, and it went on. What it answered meanwhile, and will, may
 * be this or that: the instance is as one in which it crashed. */
static enum rf_worker_event
condemn_race(struct rf_worker *worker)
{
    char race[RF_WORDS_BYTES + 1];
    return condemn(worker, RF_WORKER_DIED, "%s", rf_ward_race(worker->ward, race, sizeof(race)));
}

/** Handles one notice. True where it is an event for the caller. */
static bool
handle_notice(struct rf_worker *worker, const struct rf_notice *notice,
              enum rf_worker_event *ret_event)
{
    if (!worker->ready && notice->kind != RF_NOTICE_HELLO) {
        *ret_event = LIED(worker, "spoke before its hello");
        return true;
    }
    struct rf_err err;
    switch (notice->kind) {
    case RF_NOTICE_HELLO:
        if (worker->ready || notice->number != RF_HOST_PROTOCOL) {
            *ret_event = LIED(worker, "speaks another protocol");
            return true;
        }
        if (notice->value != 0 && !rf_ward_name_program(worker->ward, worker->pid, notice->value)) {
            *ret_event = LIED(worker, "named a process that is not its program");
            return true;
        }
        worker->ready = true;
        worker->begun_ms = rf_clock_ms();
        rf_ward_loaded(worker->ward);
        if (worker->waits) {
            worker->waits = false;
            send_command(worker, &worker->first);
        }
        return false;
    case RF_NOTICE_STEP:
    case RF_NOTICE_REBUILD:
        if (rf_replies_step(&worker->replies, notice, &err) != RF_OK) {
            *ret_event = LIED(worker, "%s", err.text);
            return true;
        }
        return false;
    case RF_NOTICE_SLOT:
        /* What it printed before it answered is there by now. */
        if (rf_ward_is_racing(worker->ward, true)) {
            *ret_event = condemn_race(worker);
            return true;
        }
        if (rf_replies_add_slot(&worker->replies, worker->answers.fd, notice, &err) != RF_OK) {
            *ret_event = LIED(worker, "%s", err.text);
            return true;
        }
        send_command(worker, &(struct rf_command){.kind = RF_COMMAND_CREDIT});
        return false;
    case RF_NOTICE_BATCH:
        if (notice->number != worker->batch || !rf_replies_whole(&worker->replies)) {
            *ret_event = LIED(worker, "the batch ends with %zu of %zu instances answered",
                              worker->replies.instance, worker->replies.expected_count);
            return true;
        }
        worker->folding = false;
        *ret_event = RF_WORKER_BATCH;
        return true;
    default:
        *ret_event = LIED(worker, "a notice is of an unknown kind");
        return true;
    }
}

/** Takes what has come in and is not yet looked at. True where it is an event for the caller. */
static bool
take_event(struct rf_worker *worker, struct rf_worker_answer *ret_answer,
           enum rf_worker_event *ret_event)
{
    struct rf_notice notice;
    do {
        bool found;
        struct rf_err err;
        if (rf_replies_take(&worker->replies, &found, ret_answer, &err) != RF_OK) {
            *ret_event = LIED(worker, "%s", err.text);
            return true;
        }
        if (found) {
            *ret_event = RF_WORKER_ANSWER;
            return true;
        }
        if (!rf_inbox_take(&worker->inbox, &notice)) {
            return false;
        }
    } while (!handle_notice(worker, &notice, ret_event));
    return true;
}

/** For what it is at now: loading is no call of the aggregate's. */
static int
limit_of(const struct rf_worker *worker, int timeout_ms)
{
    return worker->ready || timeout_ms > RF_LOAD_MS ? timeout_ms : RF_LOAD_MS;
}

enum rf_worker_event
rf_worker_next(struct rf_worker *worker, int timeout_ms, struct rf_worker_answer *ret_answer)
{
    bool ended = false;
    if (worker->over) {
        return worker->ended;
    }
    RF_VERIFY(worker->folding);
    for (;;) {
        enum rf_worker_event event;
        if (take_event(worker, ret_answer, &event)) {
            return event;
        }
        enum rf_inbox_filled filled = rf_inbox_fill(&worker->inbox, worker->notices);
        if (filled == RF_INBOX_SOME) {
            rf_watch_reset(&worker->watch);
            continue;
        }
        if (filled == RF_INBOX_ENDED || ended) {
            return died(worker);
        }
        if (rf_ward_is_racing(worker->ward, false)) {
            return condemn_race(worker);
        }
        int limit_ms = limit_of(worker, timeout_ms);
        switch (rf_watch_wait(&worker->watch, worker->pid, worker->notices, limit_ms)) {
        case RF_WATCHED_READY:
            break;
        case RF_WATCHED_ENDED:
            ended = true; /* once more to the pipe: it may have written right before */
            break;
        case RF_WATCHED_FULL: {
            char text[sizeof(worker->death)];
            rf_worker_describe_excess(text, sizeof(text));
            return condemn(worker, RF_WORKER_FULL, "%s", text);
        }
        case RF_WATCHED_HUNG:
            return condemn(worker, RF_WORKER_HUNG, "no sign of life for %g s%s", limit_ms / 1000.0,
                           worker->watch.stopped ? ": it was stopped (SIGSTOP)" : "");
        }
    }
}

bool
rf_worker_rest(struct rf_worker *worker, struct rf_worker_answer *ret_answer)
{
    bool found = false;
    if (!worker->over || worker->ended == RF_WORKER_LIED) {
        return false;
    }
    if (!worker->has_rest) {
        rf_replies_add_rest(&worker->replies, worker->answers.fd);
        worker->before = worker->replies;
        worker->has_rest = true;
    }
    return rf_replies_take(&worker->replies, &found, ret_answer, NULL) == RF_OK && found;
}

void
rf_worker_rest_again(struct rf_worker *worker)
{
    if (worker->has_rest) {
        worker->replies = worker->before;
    }
}

bool
rf_worker_ready(const struct rf_worker *worker)
{
    return worker->ready;
}

int64_t
rf_worker_took_ms(const struct rf_worker *worker)
{
    return rf_clock_ms() - worker->begun_ms;
}

bool
rf_worker_step(const struct rf_worker *worker, uint64_t *ret_instance, uint64_t *ret_event)
{
    if (!worker->replies.stepped) {
        return false;
    }
    *ret_instance = worker->replies.step_instance;
    *ret_event = worker->replies.step_event;
    return true;
}

void
rf_worker_kill_all(void)
{
    rf_registry_kill_all();
}
