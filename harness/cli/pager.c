/* SPDX-License-Identifier: MIT */
/* A pager in front of a terminal, as git has it. */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/settings.h"

/** What a shell ends with where it cannot run a command, or does not find it. */
#define SHELL_CANNOT 126

bool
rf_pager_fits(void)
{
    const char *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    return isatty(STDOUT_FILENO) && !dumb && !rf_in_ci();
}

/** With `input` as its standard input. Not in a process group of its own: it reads the terminal's
 * keys. @return 0 or an error number */
static int
start(char *const *arguments, int input, pid_t *ret)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t ignored;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) {
        return failed;
    }
    failed = posix_spawnattr_init(&attributes);
    if (failed != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return failed;
    }
    (void)sigemptyset(&ignored);
    (void)sigaddset(&ignored, SIGPIPE);
    (void)sigaddset(&ignored, SIGINT);
    (void)posix_spawnattr_setsigdefault(&attributes, &ignored);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    failed = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (failed == 0) {
        failed = posix_spawnp(ret, arguments[0], &actions, &attributes, arguments, environ);
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/** $PAGER by a shell: it may be a command with options. `less` by itself, for then it is known
 * whether it is there. */
static bool
start_pager(struct rf_pager *pager, const char *command, int input)
{
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char less[] = "less";
    char *text = command == NULL ? NULL : rf_strdup(command);
    char *by_shell[] = {shell, option, text, NULL};
    char *alone[] = {less, NULL};
    (void)setenv("LESS", "FRX", 0);
    (void)setenv("LV", "-c", 0);
    int failed = start(command == NULL ? alone : by_shell, input, &pager->pid);
    free(text);
    return failed == 0;
}

void
rf_pager_open(struct rf_pager *pager, bool wanted)
{
    const char *command = getenv("PAGER");
    int ends[2];
    *pager = (struct rf_pager){.fd = STDOUT_FILENO};
    bool none = command != NULL && (command[0] == '\0' || strcmp(command, "cat") == 0);
    if (!wanted || none || pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    (void)sigaction(SIGINT, &ignore, &before); /* first: the pager is there at once */
    bool started = start_pager(pager, command, ends[0]);
    (void)close(ends[0]);
    if (!started) {
        (void)sigaction(SIGINT, &before, NULL);
        (void)close(ends[1]);
        pager->pid = 0;
        return;
    }
    pager->fd = ends[1];
}

rf_code
rf_pager_close(struct rf_pager *pager, struct rf_err *reterr)
{
    int status = 0;
    if (pager->pid == 0) {
        return RF_OK;
    }
    (void)close(pager->fd);
    pager->fd = STDOUT_FILENO;
    while (waitpid(pager->pid, &status, 0) < 0 && errno == EINTR) {
    }
    pager->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) >= SHELL_CANNOT) {
        return rf_fail(reterr, RF_ERR_OUTPUT, "PAGER",
                       "'%s' could not be run; set it to \"cat\" for none", getenv("PAGER"));
    }
    return RF_OK;
}
