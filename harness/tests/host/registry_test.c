/* SPDX-License-Identifier: MIT */
/* Processes that are ended with refold. */
#include "host/registry.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/** A child in a group of its own, which waits for ever. */
static pid_t
start_child(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)alarm(60);
        for (;;) {
            (void)pause();
        }
    }
    (void)setpgid(pid, pid);
    return pid;
}

static int
how_it_ended(pid_t pid)
{
    int status = 0;
    (void)waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

Test(host_registry, kills_whoever_is_noted)
{
    pid_t noted = start_child();
    pid_t gone = start_child();
    cr_assert(rf_registry_add(noted) >= 0);
    rf_registry_remove(rf_registry_add(gone));
    rf_registry_kill_all();
    cr_expect(how_it_ended(noted) == SIGKILL);
    cr_expect(waitpid(gone, NULL, WNOHANG) == 0, "who is not noted any more goes on");
    (void)kill(gone, SIGTERM);
    cr_expect(how_it_ended(gone) == SIGTERM);
}

/* A signal may come while a process is being started. */
Test(host_registry, kills_whoever_is_noted_too_late)
{
    rf_registry_kill_all();
    pid_t late = start_child();
    (void)rf_registry_add(late);
    cr_expect(how_it_ended(late) == SIGKILL);
}
