/* SPDX-License-Identifier: MIT */
/* A shared object as a speaker of the worker protocol. */
#ifndef RF_WORKER_SPEAK_H
#define RF_WORKER_SPEAK_H

#include "worker/plugin.h"

/** In front of everything: what the aggregate prints goes to standard error, what is spoken to a
 * copy of standard output. */
void rf_speak_prepare(void);

/** Answer frames from standard input until they end. Where one is not the protocol's, the worker
 * ends with a sentence (rf_worker_fail). */
void rf_speak(const struct rf_plugin *plugin);

#endif
