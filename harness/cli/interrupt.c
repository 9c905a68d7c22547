/* SPDX-License-Identifier: MIT */
/* Signals that end a replay. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "host/worker.h"

atomic_bool rf_interrupted;
static volatile sig_atomic_t came;
/** Signals that end a replay in order. */
static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

/** A write to whoever has gone (a worker that died) sends SIGPIPE too, and tells of it itself. */
static bool
is_our_own(int signal_number, const siginfo_t *info)
{
    return signal_number == SIGPIPE && info->si_pid == getpid();
}

static void
handle(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    if (is_our_own(signal_number, info)) {
        return;
    }
    if (came != 0) {
        rf_terminal_restore();
        rf_worker_kill_all();
        rf_interrupt_raise(signal_number);
    }
    came = signal_number;
    atomic_store(&rf_interrupted, true);
    rf_worker_kill_all(); /* whoever waits for a worker looks up at once */
}

/** Who started refold with `nohup` wants it to outlive the terminal. An ignored SIGINT is no such
 * wish: shells start all of a script's background jobs so. */
static bool
stays_ignored(int signal_number)
{
    struct sigaction now;
    return signal_number == SIGHUP && sigaction(signal_number, NULL, &now) == 0 &&
           (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_IGN;
}

void
rf_interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(ENDING) / sizeof(ENDING[0]); i++) {
        if (!stays_ignored(ENDING[i])) {
            (void)sigaction(ENDING[i], &action, NULL);
        }
    }
    action.sa_flags = 0;
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGXFSZ, &action, NULL); /* the write fails, and says so */
}

void
rf_interrupt_release(void)
{
    for (size_t i = 0; i < sizeof(ENDING) / sizeof(ENDING[0]) && came == 0; i++) {
        if (!stays_ignored(ENDING[i])) {
            (void)signal(ENDING[i], SIG_DFL);
        }
    }
    if (came != 0) {
        rf_interrupt_raise(came);
    }
}

int
rf_interrupt_signal(void)
{
    return came;
}

void
rf_interrupt_raise(int signal_number)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    (void)sigaction(signal_number, &action, NULL);
    sigset_t itself; /* blocked while its handler runs */
    (void)sigemptyset(&itself);
    (void)sigaddset(&itself, signal_number);
    (void)pthread_sigmask(SIG_UNBLOCK, &itself, NULL);
    (void)raise(signal_number);
    _exit(128 + signal_number);
}
