/* SPDX-License-Identifier: MIT */
/* The relay: how its program is started, and what it says of itself. */
#include "worker/relay_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "worker/answers.h"
#include "worker/bounds.h"
#include "worker/launch.h"
#include "worker/protocol.h"
#include "worker/relay_end.h"
#include "worker/sandbox.h"

#define HELLO_MS 10000
/** Between looks at whether a program has ended whose output someone else holds open. */
#define LOOK_MS 1000
/** How long a program may take to end when its input does: less than the host gives the worker,
 * and more than the second that the exit of a Go program with a race detector takes. */
#define QUIT_US      (1400 * 1000L)
#define QUIT_STEP_US 500L

/* ---- the process ----------------------------------------------------------------------------- */

static void
watch_host(pid_t relay)
{
#if defined(__linux__)
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != relay) {
        _exit(0); /* it ended in between */
    }
}

/** In the child. */
static _Noreturn void
become(const char *file, uint64_t memory_bytes, pid_t relay, int input, int output)
{
    watch_host(relay);
    /* Both lie above: the protocol's own files fill the numbers below. */
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0) {
        rf_worker_fail("cannot give a program its files: %s", strerror(errno));
    }
    rf_launch(file, memory_bytes);
}

/** A pipe above the numbers that mean something: where nothing was given for those they are free,
 * and closed by whoever takes what lies there for it. */
static bool
open_pipe(int pair[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        pair[i] = fcntl(low[i], F_DUPFD_CLOEXEC, RF_FD_ARENAS);
        (void)close(low[i]);
    }
    return pair[0] >= 0 && pair[1] >= 0;
}

static int
ready_end(int fd)
{
    rf_fd_unblock(fd);
#if defined(F_SETPIPE_SZ)
    (void)fcntl(fd, F_SETPIPE_SZ, RF_RELAY_PIPE_BYTES);
#endif
    return fd;
}

static void
start_process(struct rf_relay *relay, const char *file, uint64_t memory_bytes)
{
    int input[2];
    int output[2];
    pid_t self = (pid_t)syscall(SYS_getpid); /* the library's is the aggregate's (world.h) */
    if (!open_pipe(input) || !open_pipe(output)) {
        rf_worker_fail("cannot make a pipe: %s", strerror(errno));
    }
    relay->talk.to = ready_end(input[1]);
    relay->talk.from = ready_end(output[0]);
    relay->pid = fork();
    if (relay->pid < 0) {
        rf_worker_fail("cannot start a process: %s", strerror(errno));
    }
    if (relay->pid == 0) {
        become(file, memory_bytes, self, input[0], output[1]);
    }
    (void)close(input[0]);
    (void)close(output[1]);
    (void)signal(SIGPIPE, SIG_IGN);
    rf_sandbox_enter_relay();
}

bool
rf_relay_has_ended(const struct rf_relay *relay, siginfo_t *ret)
{
    *ret = (siginfo_t){0};
    return waitid(P_PID, (id_t)relay->pid, ret, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ret->si_pid == relay->pid;
}

/** Waits as poll(2). A program that ended is at its end though someone else holds its output open.
 */
static int
wait_for_program(void *context, struct pollfd *ends, size_t count, int timeout_ms)
{
    struct rf_relay *relay = context;
    int slice = timeout_ms < 0 || timeout_ms > LOOK_MS ? LOOK_MS : timeout_ms;
    for (int waited = 0;;) {
        siginfo_t info;
        int got = poll(ends, count, slice);
        if (got != 0) {
            return got;
        }
        if (rf_relay_has_ended(relay, &info) && poll(ends, count, 0) == 0) {
            relay->talk.closed = true;
            return 1;
        }
        waited += slice;
        if (timeout_ms >= 0 && waited >= timeout_ms) {
            return 0;
        }
    }
}

/* ---- its hello ------------------------------------------------------------------------------- */

static rf_code
hear_hello(struct rf_relay *relay, struct rf_err *reterr)
{
    struct rf_spoken spoken;
    uint64_t number = rf_talk_hello(&relay->talk, REFOLD_VERSION);
    enum rf_talk_end end = rf_talk_await(&relay->talk, number, HELLO_MS, &spoken);
    if (end == RF_TALK_LATE) {
        /* The host's own words: whose clock strikes first is chance. */
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "does not speak the worker protocol: no answer within %d s",
                       HELLO_MS / 1000);
    }
    if (end == RF_TALK_LIED) {
        size_t bytes;
        const char *words = rf_talk_words(&relay->talk, &bytes);
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "does not speak the worker protocol: %.*s",
                       (int)bytes, words);
    }
    if (end != RF_TALK_ANSWERED) {
        rf_relay_fall(relay->pid, &relay->talk, end);
    }
    return rf_descriptor_read(spoken.text, spoken.text_bytes, &relay->descriptor, reterr);
}

rf_code
rf_relay_start(const char *file, uint64_t memory_bytes, struct rf_relay **ret,
               struct rf_err *reterr)
{
    struct rf_relay *relay = rf_calloc(1, sizeof(*relay));
    relay->talk.poll = wait_for_program;
    relay->talk.poll_context = relay;
    rf_bounds_set(0);
    start_process(relay, file, memory_bytes);
    rf_code code = hear_hello(relay, reterr);
    if (code == RF_OK) {
        rf_sandbox_program_loaded();
        code = rf_relay_choose(relay, 0, reterr);
    }
    if (code != RF_OK) {
        rf_relay_stop(relay);
        return code;
    }
    *ret = relay;
    return RF_OK;
}

void
rf_relay_quit(struct rf_relay *relay)
{
    siginfo_t info;
    if (relay == NULL) {
        return;
    }
    bool unasked = rf_relay_has_ended(relay, &info);
    (void)close(relay->talk.to);
    relay->talk.to = -1;
    for (long waited_us = 0; !rf_relay_has_ended(relay, &info); waited_us += QUIT_STEP_US) {
        if (waited_us >= QUIT_US) {
            return;
        }
        rf_clock_sleep_us(QUIT_STEP_US);
    }
    enum rf_talk_end end = rf_talk_look(&relay->talk);
    bool well = info.si_code == CLD_EXITED && info.si_status == 0;
    if (end == RF_TALK_LIED || end == RF_TALK_CRASHED || !well) {
        rf_relay_fall(relay->pid, &relay->talk, end);
    }
    if (unasked) {
        rf_relay_accuse(relay->pid, "it ended with exit status 0 before its input did");
    }
}

void
rf_relay_stop(struct rf_relay *relay)
{
    if (relay == NULL) {
        return;
    }
    if (relay->talk.to >= 0) {
        (void)close(relay->talk.to);
    }
    (void)close(relay->talk.from);
    (void)kill(relay->pid, SIGKILL);
    (void)waitpid(relay->pid, NULL, 0);
    rf_talk_done(&relay->talk);
    rf_descriptor_done(&relay->descriptor);
    rf_numbers_done(&relay->numbers);
    rf_json_done(&relay->doc);
    rf_buf_done(&relay->clean);
    rf_buf_done(&relay->aggregate);
    rf_buf_done(&relay->id);
    free(relay->declared);
    free(relay->sent);
    free(relay);
}

rf_code
rf_relay_choose(struct rf_relay *relay, uint32_t member, struct rf_err *reterr)
{
    if (member >= relay->descriptor.member_count) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "has %zu aggregates, and number %u is asked for",
                       relay->descriptor.member_count, member);
    }
    relay->member = member;
    free(relay->declared);
    relay->declared = rf_calloc(rf_relay_member(relay)->type_count, sizeof(*relay->declared));
    return RF_OK;
}

void
rf_relay_hold_to(const struct rf_relay *relay, uint64_t hash)
{
    const struct rf_descriptor_member *member = rf_relay_member(relay);
    if (member->hash != hash) {
        rf_relay_accuse(relay->pid,
                        "describes itself differently than before: its aggregate %u is now %s, "
                        "with state version %u and %zu types",
                        relay->member, member->name, member->state_version, member->type_count);
    }
}

const struct rf_descriptor_member *
rf_relay_member(const struct rf_relay *relay)
{
    return &relay->descriptor.members[relay->member];
}

void
rf_relay_describe(const struct rf_relay *relay, struct rf_buf *out)
{
    rf_buf_string(out, "{\"aggregates\":[");
    for (size_t i = 0; i < relay->descriptor.member_count; i++) {
        rf_buf_string(out, i == 0 ? "" : ",");
        rf_buf_string(out, relay->descriptor.members[i].json);
    }
    rf_buf_string(out, "],\"hashes\":[");
    for (size_t i = 0; i < relay->descriptor.member_count; i++) {
        rf_buf_format(out, "%s\"%016llx\"", i == 0 ? "" : ",",
                      (unsigned long long)relay->descriptor.members[i].hash);
    }
    rf_buf_string(out, "]}");
}

pid_t
rf_relay_pid(const struct rf_relay *relay)
{
    return relay->pid;
}
