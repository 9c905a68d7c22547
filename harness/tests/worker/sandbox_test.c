/* SPDX-License-Identifier: MIT */
/* What a relay may once it is held. What aggregates may is the oracles' (sandbox_test.py,
 * held_test.py). */
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/sanitizer.h"
#include "worker/protocol.h"

#if __has_include(<seccomp.h>)
#define HAS_LIBRARY 1
#else
#define HAS_LIBRARY 0
#endif

enum { HELD_WELL = 0, NOT_HELD = 77 };

/** In a fork: becomes a relay with this guard. Ends with HELD_WELL, NOT_HELD, or the number of what
 * it should not have been let. */
static void
be_relay(int guard)
{
    char *const arguments[] = {NULL};
    int ends[2];
    char byte;
    if (pipe(ends) != 0 || dup2(guard, RF_FD_GUARD) < 0) {
        _exit(1);
    }
    rf_sandbox_enter_relay();
    if (prctl(PR_GET_SECCOMP) != 2 && errno != EPERM) {
        _exit(NOT_HELD); /* that call is none of its own either */
    }
    int failed = open("/etc/passwd", O_RDONLY) >= 0                ? 3
                 : open("/tmp", O_RDONLY | O_DIRECTORY) >= 0       ? 4
                 : socket(AF_UNIX, SOCK_STREAM, 0) >= 0            ? 5
                 : fork() >= 0                                     ? 6
                 : execve("/bin/true", arguments, arguments) != -1 ? 7
                 : ptrace(PTRACE_TRACEME, 0, 0, 0) != -1           ? 8
                 : unlink("/nowhere") != -1 || errno != EPERM      ? 9
                                                                   : 0;
    void *much = malloc((size_t)64 << 20);
    if (failed == 0 &&
        (much == NULL || write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1)) {
        failed = 10;
    }
    free(much);
    _exit(failed);
}

static int
end_of_relay(int guard)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        be_relay(guard);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

Test(worker_sandbox, holds_a_relay)
{
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    if (RF_SANITIZED || !HAS_LIBRARY ||
        (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) != 0 && errno != EFAULT)) {
        cr_skip_test("this build or system has no filters");
    }
    int end = end_of_relay(pair[0]);
    cr_expect_eq(end, HELD_WELL, "let it do: %d", end);
}

Test(worker_sandbox, leaves_a_relay_alone_where_no_sandbox_is_wanted)
{
    int null = open("/dev/null", O_RDWR);
    int end = end_of_relay(null);
    cr_expect_eq(end, NOT_HELD, "%d", end);
}
