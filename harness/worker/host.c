/* SPDX-License-Identifier: MIT */
/*
 * The host's end of the worker protocol: start a worker, give it batches, take its answers.
 *
 * Nothing that a worker writes is believed. Slots are copied out with pread before anything in them
 * is looked at: what the worker scribbles meanwhile cannot change what was checked, and a file that
 * it cut short is a short read, not a signal for us.
 */
#include "worker/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/memfile.h"
#include "worker/spawn.h"

#define NOTICE_ROOM 256
/** Longest single wait; between waits the worker's state is looked at. */
#define SLICE_MS 50
/** How long a worker that closed its end may take to end: exiting with much memory takes a while.
 */
#define EXIT_MS 2000
/** How long an idle worker may take to end when told to. It holds nothing of value. */
#define QUIT_MS 200
/** A worker that wants the processor but never gets enough of it is hung after so many timeouts. */
#define STARVED_FACTOR 30

/** What a batch's instance asked for, as the host remembers it. */
struct expected {
    uint64_t count;
    uint64_t snapshot_after;
    uint32_t flags;
};

struct rf_worker {
    pid_t pid;
    int slot; /**< in the registry */
    int commands;
    int notices;
    struct rf_memfile requests;
    struct rf_memfile answers;

    struct rf_notice inbox[NOTICE_ROOM];
    size_t inbox_bytes; /**< received, in inbox */
    size_t inbox_at;    /**< notices taken */

    bool ready; /**< said hello */
    uint64_t batch;
    bool folding;
    struct expected *expected; /**< the batch's instances */
    size_t expected_count;
    size_t expected_room;

    uint64_t slots;    /**< slots taken so far */
    uint64_t sequence; /**< of the next answer */
    struct rf_buf stream;
    size_t stream_at; /**< answers before this are taken */

    size_t instance; /**< the one whose answers come now */
    bool has_state;  /**< its STATE came */
    uint64_t state_applied;
    bool has_trace;
    uint64_t trace_applied;

    bool stepped;
    uint64_t step_instance;
    uint64_t step_event;

    int waited_ms;      /**< since the last progress */
    bool has_cpu_start; /**< since soon after the last progress */
    int64_t cpu_start_ms;

    bool over; /**< dead and reaped: `ended` says how */
    enum rf_worker_event ended;
    char death[256];
};

/* ---- all running workers, for signal handlers -------------------------------------------------
 */

#define REGISTRY_SLOTS 4096
static atomic_int registry[REGISTRY_SLOTS];

static int
register_worker(pid_t pid)
{
    for (int i = 0; i < REGISTRY_SLOTS; i++) {
        int empty = 0;
        if (atomic_compare_exchange_strong(&registry[i], &empty, (int)pid)) {
            return i;
        }
    }
    return -1;
}

static void
forget_worker(struct rf_worker *worker)
{
    if (worker->slot >= 0) {
        atomic_store(&registry[worker->slot], 0);
        worker->slot = -1;
    }
}

void
rf_worker_kill_all(void)
{
    int saved = errno;
    for (int i = 0; i < REGISTRY_SLOTS; i++) {
        int pid = atomic_load(&registry[i]);
        if (pid > 0) {
            (void)kill(-pid, SIGKILL);
        }
    }
    errno = saved;
}

/* ---- start ------------------------------------------------------------------------------------
 */

struct ends {
    int commands; /**< the worker's */
    int notices;
    int requests;
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
    (void)fcntl(worker->notices, F_SETFL, O_NONBLOCK);
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

static rf_code
spawn_worker(struct rf_worker *worker, const struct rf_build *build,
             const struct rf_worker_files *files, const struct ends *ends, struct rf_err *reterr)
{
    char *program = NULL;
    RF_TRY(rf_worker_program(&program, reterr));
    char count[24];
    (void)snprintf(count, sizeof(count), "%zu", files->arena_count);
    char name[] = "refold-worker";
    char verb[] = "--fold";
    char *arguments[] = {name, verb, build->file, count, NULL};
    char *environment[] = {NULL};
    size_t total = 5 + files->arena_count;
    struct rf_spawn_file *list = rf_calloc(total, sizeof(*list));
    list[0] = (struct rf_spawn_file){ends->commands, RF_FD_COMMANDS};
    list[1] = (struct rf_spawn_file){ends->notices, RF_FD_NOTICES};
    list[2] = (struct rf_spawn_file){ends->requests, RF_FD_REQUESTS};
    list[3] = (struct rf_spawn_file){worker->answers.fd, RF_FD_ANSWERS};
    list[4] = (struct rf_spawn_file){files->names, RF_FD_NAMES};
    for (size_t i = 0; i < files->arena_count; i++) {
        list[5 + i] = (struct rf_spawn_file){files->arenas[i], RF_FD_ARENAS + (int)i};
    }
    struct rf_spawn request = {
        .program = program,
        .arguments = arguments,
        .environment = environment,
        .files = list,
        .file_count = total,
    };
    rf_code code = rf_spawn(&request, &worker->pid, reterr);
    free(list);
    free(program);
    return code;
}

rf_code
rf_worker_start(const struct rf_build *build, const struct rf_worker_files *files,
                struct rf_worker **ret, struct rf_err *reterr)
{
    struct rf_worker *worker = rf_calloc(1, sizeof(*worker));
    worker->slot = -1;
    worker->commands = -1;
    worker->notices = -1;
    struct ends ends = {-1, -1, -1};
    rf_code code = open_channels(worker, &ends, reterr);
    if (code == RF_OK) {
        code = spawn_worker(worker, build, files, &ends, reterr);
    }
    close_ends(&ends);
    if (code == RF_OK) {
        worker->slot = register_worker(worker->pid);
        if (worker->slot < 0) {
            code =
                rf_fail(reterr, RF_ERR_INTERNAL, "worker", "more than %d workers", REGISTRY_SLOTS);
        }
    }
    if (code != RF_OK) {
        rf_worker_stop(worker);
        return code;
    }
    *ret = worker;
    return RF_OK;
}

/** A worker that is gone does not read it; that is seen at its notices. */
static void
send_command(struct rf_worker *worker, const struct rf_command *command)
{
    const char *bytes = (const char *)command;
    size_t sent = 0;
    while (sent < sizeof(*command)) {
        ssize_t got = send(worker->commands, bytes + sent, sizeof(*command) - sent, MSG_NOSIGNAL);
        if (got < 0 && errno != EINTR) {
            return;
        }
        sent += got > 0 ? (size_t)got : 0;
    }
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static void
sleep_us(long us)
{
    struct timespec pause = {us / 1000000, (us % 1000000) * 1000};
    (void)nanosleep(&pause, NULL);
}

/** Waits a little for the process to end by itself, so that its own end is told, not our kill. */
static bool
ends_by_itself(const struct rf_worker *worker, long limit_us)
{
    long waited = 0;
    for (long pause = 20; !rf_spawn_ended(worker->pid); pause *= 2) {
        if (waited >= limit_us) {
            return false;
        }
        pause = pause > 1000 ? 1000 : pause;
        sleep_us(pause);
        waited += pause;
    }
    return true;
}

static int
reap(struct rf_worker *worker)
{
    /* First out of the registry: once it is reaped, its number may be another process's. */
    forget_worker(worker);
    int status = rf_spawn_reap(worker->pid);
    worker->pid = 0;
    return status;
}

static enum rf_worker_event
died(struct rf_worker *worker)
{
    bool by_itself = ends_by_itself(worker, EXIT_MS * 1000L);
    if (!by_itself) {
        rf_spawn_kill(worker->pid);
    }
    int status = reap(worker);
    if (by_itself) {
        rf_spawn_describe(status, worker->death, sizeof(worker->death));
    } else {
        (void)snprintf(worker->death, sizeof(worker->death), "closed its end and did not exit");
    }
    worker->over = true;
    worker->ended = RF_WORKER_DIED;
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
        if (!idle || !ends_by_itself(worker, QUIT_MS * 1000L)) {
            rf_spawn_kill(worker->pid);
        }
        (void)reap(worker);
    }
    if (worker->notices >= 0) {
        (void)close(worker->notices);
    }
    rf_memfile_done(&worker->requests);
    rf_memfile_done(&worker->answers);
    rf_buf_done(&worker->stream);
    free(worker->expected);
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
    RF_GROW(worker->expected, worker->expected_room, instances);
    worker->expected_count = (size_t)instances;
    const unsigned char *at = worker->requests.bytes;
    const unsigned char *end = at + worker->requests.size;
    for (size_t i = 0; i < instances; i++) {
        struct rf_request request;
        RF_VERIFY((size_t)(end - at) >= sizeof(request));
        memcpy(&request, at, sizeof(request));
        RF_VERIFY(request.bytes >= sizeof(request) && request.bytes <= (size_t)(end - at));
        RF_VERIFY(request.snapshot_after <= request.count);
        worker->expected[i] =
            (struct expected){request.count, request.snapshot_after, request.flags};
        at += request.bytes;
    }
    worker->folding = true;
    worker->instance = 0;
    worker->has_state = false;
    worker->has_trace = false;
    worker->stepped = false;
    worker->waited_ms = 0;
    worker->has_cpu_start = false;
    worker->batch++;
    struct rf_command command = {
        .kind = RF_COMMAND_FOLD,
        .batch = worker->batch,
        .instances = instances,
        .file_bytes = worker->requests.size,
    };
    send_command(worker, &command);
}

/* ---- answers ----------------------------------------------------------------------------------
 */

/** Whether the answer is one that may come now. NULL, or what is wrong with it. */
static const char *
check_answer(const struct rf_worker *worker, const struct rf_answer *answer, const char *text)
{
    if (answer->checksum != rf_answer_checksum(answer, text)) {
        return "has a wrong checksum";
    }
    if (answer->sequence != worker->sequence) {
        return "is out of sequence";
    }
    if (answer->instance != worker->instance || worker->instance >= worker->expected_count) {
        return "is for another instance";
    }
    const struct expected *expected = &worker->expected[worker->instance];
    if (answer->applied > expected->count) {
        return "has more events than the instance";
    }
    switch (answer->kind) {
    case RF_ANSWER_TRACE:
        if ((expected->flags & RF_REQUEST_TRACE) == 0 || answer->status == RF_STATUS_REJECTED ||
            answer->status > RF_STATUS_BROKEN || answer->applied > expected->snapshot_after ||
            (worker->has_trace && answer->applied <= worker->trace_applied)) {
            return "is a trace out of turn";
        }
        return NULL;
    case RF_ANSWER_STATE:
        if (worker->has_state || answer->status == RF_STATUS_REJECTED ||
            answer->status > RF_STATUS_BROKEN || answer->applied > expected->snapshot_after) {
            return "is a state out of turn";
        }
        return NULL;
    case RF_ANSWER_END:
        break;
    default:
        return "is of an unknown kind";
    }
    if (!worker->has_state) {
        return "is an end without a state";
    }
    if (answer->status == RF_STATUS_OK) {
        return answer->applied == expected->count &&
                       worker->state_applied == expected->snapshot_after
                   ? NULL
                   : "is an end with too few events";
    }
    if (answer->status != RF_STATUS_REJECTED || answer->applied >= expected->count) {
        return "is an end of no known status";
    }
    /* The state is at the pin, or before the refused event where that comes first. */
    return worker->state_applied == (answer->applied < expected->snapshot_after
                                         ? answer->applied
                                         : expected->snapshot_after)
               ? NULL
               : "is an end that does not fit its state";
}

static void
note_answer(struct rf_worker *worker, const struct rf_answer *answer)
{
    worker->sequence++;
    switch (answer->kind) {
    case RF_ANSWER_STATE:
        worker->has_state = true;
        worker->state_applied = answer->applied;
        break;
    case RF_ANSWER_TRACE:
        worker->has_trace = true;
        worker->trace_applied = answer->applied;
        break;
    default:
        worker->instance++;
        worker->has_state = false;
        worker->has_trace = false;
        break;
    }
}

static size_t
padded(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

/** The next whole answer of the stream. False where there is none yet. */
static bool
take_answer(struct rf_worker *worker, struct rf_worker_answer *ret_answer,
            enum rf_worker_event *ret_event)
{
    size_t left = worker->stream.used - worker->stream_at;
    struct rf_answer answer;
    if (left < sizeof(answer)) {
        return false;
    }
    const char *at = worker->stream.bytes + worker->stream_at;
    memcpy(&answer, at, sizeof(answer));
    unsigned long long number = worker->sequence;
    if (answer.magic != RF_ANSWER_MAGIC) {
        *ret_event = LIED(worker, "answer %llu is garbled", number);
        return true;
    }
    if (answer.text_bytes > RF_LIMIT_STATE_BYTES) {
        *ret_event = LIED(worker, "answer %llu is too long", number);
        return true;
    }
    size_t bytes = sizeof(answer) + padded(answer.text_bytes);
    if (left < bytes) {
        return false;
    }
    const char *text = at + sizeof(answer);
    const char *wrong = check_answer(worker, &answer, text);
    if (wrong != NULL) {
        *ret_event = LIED(worker, "answer %llu %s", number, wrong);
        return true;
    }
    note_answer(worker, &answer);
    worker->stream_at += bytes;
    *ret_answer = (struct rf_worker_answer){
        .kind = answer.kind,
        .status = answer.status,
        .instance = answer.instance,
        .applied = answer.applied,
        .digest = answer.digest,
        .text = text,
        .text_bytes = answer.text_bytes,
    };
    *ret_event = RF_WORKER_ANSWER;
    return true;
}

/** Copies a slot's bytes behind the stream. False where they are not there. */
static bool
copy_slot(struct rf_worker *worker, const struct rf_notice *notice)
{
    size_t bytes = (size_t)notice->value;
    /* What is before stream_at is no longer needed; a long answer keeps its front. */
    size_t left = worker->stream.used - worker->stream_at;
    if (worker->stream_at > 0) {
        if (left > 0) {
            memmove(worker->stream.bytes, worker->stream.bytes + worker->stream_at, left);
        }
        worker->stream.used = left;
        worker->stream_at = 0;
    }
    rf_buf_reserve(&worker->stream, bytes);
    off_t offset = (off_t)(notice->number % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES);
    size_t done = 0;
    while (done < bytes) {
        ssize_t got = pread(worker->answers.fd, worker->stream.bytes + left + done, bytes - done,
                            offset + (off_t)done);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    worker->stream.used = left + bytes;
    return true;
}

/* ---- notices ----------------------------------------------------------------------------------
 */

static bool
step_fits(const struct rf_worker *worker, const struct rf_notice *notice)
{
    if (!worker->folding || notice->number >= worker->expected_count ||
        (worker->expected[notice->number].flags & RF_REQUEST_STEP) == 0 ||
        notice->value > worker->expected[notice->number].count) {
        return false;
    }
    /* Forwards only: a worker that steps in a circle would never be seen to hang. */
    return !worker->stepped || notice->number > worker->step_instance ||
           (notice->number == worker->step_instance && notice->value > worker->step_event);
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
    switch (notice->kind) {
    case RF_NOTICE_HELLO:
        if (worker->ready || notice->number != RF_PROTOCOL_VERSION) {
            *ret_event = LIED(worker, "speaks another protocol");
            return true;
        }
        worker->ready = true;
        return false;
    case RF_NOTICE_STEP:
        if (!step_fits(worker, notice)) {
            *ret_event = LIED(worker, "a step is out of turn");
            return true;
        }
        worker->stepped = true;
        worker->step_instance = notice->number;
        worker->step_event = notice->value;
        return false;
    case RF_NOTICE_SLOT:
        if (!worker->folding || notice->number != worker->slots ||
            notice->value > RF_ANSWER_SLOT_BYTES) {
            *ret_event = LIED(worker, "a slot is out of turn");
            return true;
        }
        worker->slots++;
        if (!copy_slot(worker, notice)) {
            *ret_event = LIED(worker, "the answer file is cut short");
            return true;
        }
        send_command(worker, &(struct rf_command){.kind = RF_COMMAND_CREDIT});
        return false;
    case RF_NOTICE_BATCH:
        if (!worker->folding || notice->number != worker->batch ||
            worker->instance != worker->expected_count ||
            worker->stream_at != worker->stream.used) {
            *ret_event = LIED(worker, "the batch ends with %zu of %zu instances answered",
                              worker->instance, worker->expected_count);
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

/** The next notice that has come in. False where there is none. */
static bool
take_notice(struct rf_worker *worker, struct rf_notice *ret)
{
    if ((worker->inbox_at + 1) * sizeof(*ret) > worker->inbox_bytes) {
        return false;
    }
    *ret = worker->inbox[worker->inbox_at];
    worker->inbox_at++;
    return true;
}

enum intake { INTAKE_SOME, INTAKE_NONE, INTAKE_ENDED };

/** Reads what lies in the pipe. */
static enum intake
fill_inbox(struct rf_worker *worker)
{
    size_t taken = worker->inbox_at * sizeof(struct rf_notice);
    size_t left = worker->inbox_bytes - taken;
    if (taken > 0) {
        memmove(worker->inbox, (char *)worker->inbox + taken, left);
        worker->inbox_at = 0;
        worker->inbox_bytes = left;
    }
    ssize_t got = read(worker->notices, (char *)worker->inbox + left, sizeof(worker->inbox) - left);
    if (got > 0) {
        worker->inbox_bytes += (size_t)got;
        worker->waited_ms = 0;
        worker->has_cpu_start = false;
        return INTAKE_SOME;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return INTAKE_NONE;
    }
    return INTAKE_ENDED;
}

/* ---- waiting ----------------------------------------------------------------------------------
 */

static int64_t
now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** What the system says of the process: CPU time, and whether it runs or waits for a page. False
 * where there is no /proc. */
static bool
look_at_process(pid_t pid, int64_t *ret_cpu_ms, bool *ret_wants_cpu)
{
    char path[64];
    char text[1024];
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t got = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    if (got <= 0) {
        return false;
    }
    text[got] = '\0';
    /* The name, in parentheses, may hold anything: go on behind the last one. proc(5): 3 is the
     * state, 14 and 15 are user and system time in ticks. */
    const char *at = strrchr(text, ')');
    char state = 0;
    unsigned long user = 0;
    unsigned long system = 0;
    if (at == NULL || sscanf(at + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state,
                             &user, &system) != 3) {
        return false;
    }
    long ticks = sysconf(_SC_CLK_TCK);
    *ret_cpu_ms = (int64_t)(user + system) * 1000 / (ticks > 0 ? ticks : 100);
    *ret_wants_cpu = state == 'R' || state == 'D';
    return true;
}

/**
 * Whether the worker has had its time. One that computes is hung after `timeout_ms` of CPU time;
 * one that waits for something after twice that much time. One that wants to run and is not let run
 * is given longer: the machine is busy.
 */
static bool
is_hung(struct rf_worker *worker, int timeout_ms)
{
    int64_t cpu_ms = 0;
    bool wants_cpu = false;
    if (!look_at_process(worker->pid, &cpu_ms, &wants_cpu)) {
        return worker->waited_ms >= timeout_ms;
    }
    if (!worker->has_cpu_start) {
        worker->has_cpu_start = true;
        worker->cpu_start_ms = cpu_ms;
    }
    if (worker->waited_ms < timeout_ms) {
        return false;
    }
    /* The clock of CPU time began a slice late, and ticks are coarse. */
    if (cpu_ms - worker->cpu_start_ms + SLICE_MS + 20 >= timeout_ms) {
        return true;
    }
    int64_t limit = (int64_t)timeout_ms * (wants_cpu ? STARVED_FACTOR : 2);
    return worker->waited_ms >= limit;
}

/** Waits until there is something to read, or the process has ended. False: it hung, and was
 * killed. */
static bool
wait_for_notice(struct rf_worker *worker, int timeout_ms, bool *ret_ended)
{
    for (;;) {
        struct pollfd watched = {worker->notices, POLLIN, 0};
        int slice = timeout_ms < 4 * SLICE_MS ? timeout_ms / 4 + 1 : SLICE_MS;
        int64_t before = now_ms();
        int got = poll(&watched, 1, slice);
        if (got > 0) {
            return true;
        }
        /* Where we were stopped ourselves (a terminal's ^Z, a sleeping laptop), the time does not
         * count. */
        int64_t passed = now_ms() - before;
        worker->waited_ms += (int)(passed < 2 * slice ? passed : 2 * slice);
        /* A child of the plugin's may hold the pipe open behind a dead worker. */
        if (rf_spawn_ended(worker->pid)) {
            *ret_ended = true;
            return true;
        }
        if (is_hung(worker, timeout_ms)) {
            (void)condemn(worker, RF_WORKER_HUNG, "no sign of life for %g s", timeout_ms / 1000.0);
            return false;
        }
    }
}

enum rf_worker_event
rf_worker_next(struct rf_worker *worker, int timeout_ms, struct rf_worker_answer *ret_answer)
{
    bool ended = false;
    for (;;) {
        enum rf_worker_event event = RF_WORKER_DIED;
        struct rf_notice notice;
        if (worker->over) {
            return worker->ended;
        }
        RF_VERIFY(worker->folding);
        if (take_answer(worker, ret_answer, &event)) {
            return event;
        }
        if (take_notice(worker, &notice)) {
            if (handle_notice(worker, &notice, &event)) {
                return event;
            }
            continue;
        }
        enum intake intake = fill_inbox(worker);
        if (intake == INTAKE_SOME) {
            continue;
        }
        if (intake == INTAKE_ENDED || ended) {
            return died(worker);
        }
        /* Where it ended, once more to the pipe: it may have written right before. */
        if (!wait_for_notice(worker, timeout_ms, &ended)) {
            return worker->ended;
        }
    }
}

bool
rf_worker_ready(const struct rf_worker *worker)
{
    return worker->ready;
}

bool
rf_worker_step(const struct rf_worker *worker, uint64_t *ret_instance, uint64_t *ret_event)
{
    if (!worker->stepped) {
        return false;
    }
    *ret_instance = worker->step_instance;
    *ret_event = worker->step_event;
    return true;
}
