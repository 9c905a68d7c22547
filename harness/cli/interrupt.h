/* SPDX-License-Identifier: MIT */
/* SIGINT, SIGTERM, SIGHUP and SIGPIPE end a replay in order; a second one ends it at once. */
#ifndef RF_CLI_INTERRUPT_H
#define RF_CLI_INTERRUPT_H

#include <stdatomic.h>

/** Set once a signal came. */
extern atomic_bool rf_interrupted;

/** Catch the signals, but a SIGHUP that is ignored (nohup). The SIGPIPE of a write of our own is
 * passed over: the write tells (see rf_interrupt_raise). */
void rf_interrupt_install(void);
/** From here on they end the process at once: it has nothing to put in order. */
void rf_interrupt_release(void);
/** The signal that came, or 0. */
int rf_interrupt_signal(void);
/** End this process by `signal_number`, as if it had never been caught. */
_Noreturn void rf_interrupt_raise(int signal_number);

#endif
