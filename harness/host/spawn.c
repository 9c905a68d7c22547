/* SPDX-License-Identifier: MIT */
/* Starting a program with exactly the files it should have, watching it, and ending it. */
#include "host/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "host/registry.h"
#include "host/ward.h"

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#define HAVE_CLOSEFROM 1
#endif
#endif

/** Copies of the sources whose numbers are those of targets: a dup2 could overwrite them before
 * they are used. Returns 0, or -1 with errno and -1 as the last source. */
static int
lift_sources(const struct rf_spawn *request, int above, int *sources)
{
    for (size_t i = 0; i < request->file_count; i++) {
        sources[i] = request->files[i].source;
        if (sources[i] < above) {
            sources[i] = fcntl(request->files[i].source, F_DUPFD_CLOEXEC, above);
        }
        if (sources[i] < 0) {
            return -1;
        }
    }
    return 0;
}

static void
drop_copies(const struct rf_spawn *request, const int *sources)
{
    int saved = errno;
    for (size_t i = 0; i < request->file_count && sources[i] >= 0; i++) {
        if (sources[i] != request->files[i].source) {
            (void)close(sources[i]);
        }
    }
    errno = saved;
}

static bool
has_target(const struct rf_spawn *request, int target)
{
    for (size_t i = 0; i < request->file_count; i++) {
        if (request->files[i].target == target) {
            return true;
        }
    }
    return false;
}

/** Returns 0 or an error number. */
static int
plan_files(const struct rf_spawn *request, const int *sources, int above,
           posix_spawn_file_actions_t *actions)
{
    for (int target = 0; target < above; target++) {
        int failed = has_target(request, target)
                         ? 0
                         : posix_spawn_file_actions_addopen(actions, target, "/dev/null",
                                                            target == 0 ? O_RDONLY : O_WRONLY, 0);
        if (failed != 0) {
            return failed;
        }
    }
    for (size_t i = 0; i < request->file_count; i++) {
        int failed =
            posix_spawn_file_actions_adddup2(actions, sources[i], request->files[i].target);
        if (failed != 0) {
            return failed;
        }
    }
#ifdef HAVE_CLOSEFROM
    return posix_spawn_file_actions_addclosefrom_np(actions, above);
#else
    (void)above;
    return 0;
#endif
}

/** Returns 0 or an error number. */
static int
plan_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setsigmask(attributes, &none);
    (void)posix_spawnattr_setsigdefault(attributes, &all);
    (void)posix_spawnattr_setpgroup(attributes, 0);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
}

/** Returns 0 or an error number. */
static int
start(const struct rf_spawn *request, const int *sources, int above, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) {
        return failed;
    }
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        failed = plan_files(request, sources, above, &actions);
        if (failed == 0 && request->folder != NULL) {
            failed = posix_spawn_file_actions_addchdir_np(&actions, request->folder);
        }
        if (failed == 0) {
            failed = plan_signals(&attributes);
        }
        if (failed == 0) {
            failed = (request->search_path ? posix_spawnp : posix_spawn)(
                ret, request->program, &actions, &attributes, request->arguments,
                request->environment);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

rf_code
rf_spawn(const struct rf_spawn *request, pid_t *ret, struct rf_err *reterr)
{
    int above = 3;
    for (size_t i = 0; i < request->file_count; i++) {
        if (request->files[i].target >= above) {
            above = request->files[i].target + 1;
        }
    }
    int *sources = rf_alloc((request->file_count + 1) * sizeof(*sources));
    int failed = 0;
    if (lift_sources(request, above, sources) != 0) {
        failed = errno;
    } else {
        failed = start(request, sources, above, ret);
    }
    drop_copies(request, sources);
    free(sources);
    if (failed != 0) {
        errno = failed;
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, request->program, "cannot be started");
    }
    return RF_OK;
}

void
rf_spawn_kill(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    (void)kill(pid, SIGKILL);
}

bool
rf_spawn_ended(pid_t pid)
{
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    int got = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return got != 0 ? errno != EINTR : info.si_pid == pid;
}

int
rf_spawn_reap(pid_t pid)
{
    siginfo_t info;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    /* While it is not reaped its number is not given away: the group is still its own. */
    (void)kill(-pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

struct signal_name {
    int number;
    const char *text;
};

static const struct signal_name SIGNALS[] = {
    {SIGSEGV, "SIGSEGV (segmentation fault)"},
    {SIGABRT, "SIGABRT (aborted)"},
    {SIGBUS, "SIGBUS (bus error)"},
    {SIGFPE, "SIGFPE (arithmetic fault)"},
    {SIGILL, "SIGILL (illegal instruction)"},
    {SIGTRAP, "SIGTRAP (trap)"},
    {SIGSYS, "SIGSYS (forbidden system call)"},
    {SIGKILL, "SIGKILL (killed)"},
    {SIGTERM, "SIGTERM (terminated)"},
    {SIGINT, "SIGINT (interrupted)"},
    {SIGHUP, "SIGHUP (hung up)"},
    {SIGQUIT, "SIGQUIT (quit)"},
    {SIGPIPE, "SIGPIPE (broken pipe)"},
    {SIGALRM, "SIGALRM (alarm)"},
    {SIGUSR1, "SIGUSR1 (user signal 1)"},
    {SIGUSR2, "SIGUSR2 (user signal 2)"},
    {SIGXCPU, "SIGXCPU (processor time used up)"},
    {SIGXFSZ, "SIGXFSZ (file too large)"},
};

void
rf_spawn_describe(int wait_status, char *text, size_t text_room)
{
    if (WIFEXITED(wait_status)) {
        (void)snprintf(text, text_room, "exit status %d", WEXITSTATUS(wait_status));
        return;
    }
    int number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
        if (SIGNALS[i].number == number) {
            (void)snprintf(text, text_room, "%s", SIGNALS[i].text);
            return;
        }
    }
    (void)snprintf(text, text_room, "signal %d", number);
}

/* ---- running ----------------------------------------------------------------------------------
 */

/** Reads the pipe to its end or to a limit. The program's end is an end too: a child that it left
 * behind may hold the pipe open. */
static rf_code
read_all(const struct rf_capture *capture, int fd, pid_t pid, struct rf_buf *ret,
         enum rf_captured *ret_captured, struct rf_err *reterr)
{
    int64_t start = rf_clock_ms();
    bool ended = false;
    *ret_captured = RF_CAPTURED;
    for (;;) {
        rf_buf_reserve(ret, 4096);
        ssize_t got = read(fd, ret->bytes + ret->used, ret->room - ret->used);
        if (got > 0) {
            ret->used += (size_t)got;
            if (ret->used > capture->limit_bytes) {
                *ret_captured = RF_CAPTURED_LONG;
                return RF_OK;
            }
            continue;
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            return rf_fail_errno(reterr, RF_ERR_INTERNAL, capture->program,
                                 "what it prints cannot be read");
        }
        if (got == 0 || ended) {
            return RF_OK;
        }
        if (capture->limit_ms > 0 && rf_clock_ms() - start >= capture->limit_ms) {
            *ret_captured = RF_CAPTURED_LATE;
            return RF_OK;
        }
        ended = !rf_ward_poll(capture->ward, fd, 50) && rf_spawn_ended(pid);
    }
}

/** Whether the program came to its end by itself before its time was up. */
static bool
ends_in_time(const struct rf_capture *capture, pid_t pid)
{
    int64_t start = rf_clock_ms();
    while (!rf_spawn_ended(pid)) {
        if (capture->limit_ms > 0 && rf_clock_ms() - start >= capture->limit_ms) {
            return false;
        }
        rf_clock_sleep_us(200);
    }
    return true;
}

rf_code
rf_capture_run(const struct rf_capture *capture, struct rf_buf *ret, enum rf_captured *ret_captured,
               int *ret_status, struct rf_err *reterr)
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, capture->program, "cannot make a pipe");
    }
    rf_fd_unblock(pair[0]);
    struct rf_spawn_file *files = rf_calloc(1 + capture->file_count, sizeof(*files));
    files[0] = (struct rf_spawn_file){pair[1], capture->target};
    for (size_t i = 0; i < capture->file_count; i++) {
        files[1 + i] = capture->files[i];
    }
    struct rf_spawn request = {
        .program = capture->program,
        .arguments = capture->arguments,
        .environment = capture->environment,
        .files = files,
        .file_count = 1 + capture->file_count,
        .search_path = capture->search_path,
        .folder = capture->folder,
    };
    pid_t pid = 0;
    rf_code code = rf_spawn(&request, &pid, reterr);
    free(files);
    (void)close(pair[1]);
    if (code == RF_OK) {
        int slot = rf_registry_add(pid);
        code = read_all(capture, pair[0], pid, ret, ret_captured, reterr);
        if (code == RF_OK && *ret_captured == RF_CAPTURED && !ends_in_time(capture, pid)) {
            *ret_captured = RF_CAPTURED_LATE;
        }
        if (code != RF_OK || *ret_captured != RF_CAPTURED) {
            rf_spawn_kill(pid);
        }
        if (slot >= 0) {
            rf_registry_remove(slot);
        }
        *ret_status = rf_spawn_reap(pid);
    }
    (void)close(pair[0]);
    return code;
}
