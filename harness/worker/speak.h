/* SPDX-License-Identifier: MIT */
/* A speaker of the worker protocol (docs/worker-protocol.md) for a shared object. */
#ifndef RF_WORKER_SPEAK_H
#define RF_WORKER_SPEAK_H

#include "worker/plugin.h"

/** Before anything is loaded: takes standard output for answers, and puts standard error in its
 * place. Returns where it is. */
int rf_speak_begin(void);

/** Answer there what comes on standard input, until that ends. */
void rf_speak(const struct rf_plugin *plugin, int output);

#endif
