/* SPDX-License-Identifier: MIT */
/* How a program ended, told by the worker's own end. */
#include "worker/relay_end.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "worker/bounds.h"
#include "worker/protocol.h"

/** How long a program that closed its end may take to end: exiting with much memory takes a while.
 */
#define EXIT_US (2000 * 1000L)
/** The same for one that said that it crashed: its words are there, and any timeout is longer. */
#define CRASHED_US (300 * 1000L)
#define STEP_US    500L
/** Of what a program says of its crash, behind the first line, so much is printed. */
#define STACK_BYTES ((size_t)16 << 10)
#define LINE_BYTES  ((size_t)2 << 10)

/** Whether it ended by itself; killed otherwise. */
static bool
reap(pid_t pid, long limit_us, int *ret_status)
{
    long waited_us = 0;
    pid_t got;
    while ((got = waitpid(pid, ret_status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
        if (waited_us >= limit_us) {
            (void)kill(pid, SIGKILL);
            (void)waitpid(pid, ret_status, 0);
            return false;
        }
        rf_clock_sleep_us(STEP_US);
        waited_us += STEP_US;
    }
    return got == pid;
}

static void
print(const char *text, size_t bytes)
{
    if (bytes > 0) {
        (void)rf_fd_write(STDERR_FILENO, text, bytes);
    }
    (void)rf_fd_write(STDERR_FILENO, "\n", 1);
}

/** The last line that is printed is the one that the host quotes. */
static void
print_crash(const char *text, size_t bytes)
{
    const char *end = memchr(text, '\n', bytes);
    size_t first = end == NULL ? bytes : (size_t)(end - text);
    size_t rest = end == NULL ? 0 : bytes - first - 1;
    if (rest > 0) {
        print(end + 1, rest < STACK_BYTES ? rest : STACK_BYTES);
    }
    print(text, first < LINE_BYTES ? first : LINE_BYTES);
}

static _Noreturn void
tell(const char *sentence)
{
    print(sentence, strlen(sentence));
    _exit(RF_EXIT_TOLD);
}

/** As the program did. */
static _Noreturn void
end_alike(int status)
{
    if (WIFSIGNALED(status)) {
        (void)signal(WTERMSIG(status), SIG_DFL);
        (void)raise(WTERMSIG(status));
        /* Where that is no signal that ends a process, or it is not let send it. */
        char text[64];
        (void)snprintf(text, sizeof(text), "it was ended by signal %d", WTERMSIG(status));
        tell(text);
    }
    /* These mean something of the worker's own. */
    if (WEXITSTATUS(status) >= RF_EXIT_MEMORY && WEXITSTATUS(status) <= RF_EXIT_PIECE) {
        char text[64];
        (void)snprintf(text, sizeof(text), "it ended with exit status %d", WEXITSTATUS(status));
        tell(text);
    }
    _exit(WEXITSTATUS(status));
}

_Noreturn void
rf_relay_accuse(pid_t pid, const char *format, ...)
{
    va_list args;
    char text[600];
    int status;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)reap(pid, 0, &status);
    tell(text);
}

_Noreturn void
rf_relay_fall(pid_t pid, struct rf_talk *talk, enum rf_talk_end why)
{
    int status = 0;
    size_t bytes;
    const char *words = rf_talk_words(talk, &bytes);
    switch (why) {
    case RF_TALK_LIED:
        rf_relay_accuse(pid, "%.*s", (int)bytes, words);
    case RF_TALK_CRASHED: {
        bool by_itself = reap(pid, CRASHED_US, &status);
        print_crash(words, bytes);
        if (by_itself && status != 0) {
            end_alike(status);
        }
        _exit(RF_EXIT_SAID);
    }
    case RF_TALK_FULL:
        (void)reap(pid, 0, &status);
        rf_bounds_exceed(UINT64_MAX); /* of one answer */
    default:
        if (!reap(pid, EXIT_US, &status)) {
            tell("it closed its standard output, and did not end");
        }
        end_alike(status);
    }
}
