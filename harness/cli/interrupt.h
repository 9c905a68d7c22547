/* SPDX-License-Identifier: MIT */
/* SIGINT, SIGTERM and SIGHUP end a replay in order; a second one ends it at once. */
#ifndef RF_CLI_INTERRUPT_H
#define RF_CLI_INTERRUPT_H

#include <stdatomic.h>

/** Set once a signal came. */
extern atomic_bool rf_interrupted;

/** Catch the signals; SIGPIPE is ignored, so that writing tells (see rf_interrupt_raise). */
void rf_interrupt_install(void);
/** The signal that came, or 0. */
int rf_interrupt_signal(void);
/** End this process by `signal_number`, as if it had never been caught. */
_Noreturn void rf_interrupt_raise(int signal_number);

#endif
