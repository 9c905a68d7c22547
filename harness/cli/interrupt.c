/* SPDX-License-Identifier: MIT */
/* Signals that end a replay. */
#include "cli/interrupt.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "worker/host.h"

atomic_bool rf_interrupted;
static volatile sig_atomic_t came;

static void
handle(int signal_number)
{
    if (came != 0) {
        rf_terminal_restore();
        rf_worker_kill_all();
        _exit(128 + signal_number);
    }
    came = signal_number;
    atomic_store(&rf_interrupted, true);
    rf_worker_kill_all(); /* whoever waits for a worker looks up at once */
}

void
rf_interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handle;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL); /* the write fails, and says so */
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
    (void)raise(signal_number);
    _exit(128 + signal_number);
}
