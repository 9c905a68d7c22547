/* SPDX-License-Identifier: MIT */
/* A speaker of the worker protocol (docs/worker-protocol.md) for a shared object. */
#ifndef RF_WORKER_SPEAK_H
#define RF_WORKER_SPEAK_H

#include "worker/plugin.h"

/** Answer on standard output what comes on standard input, until that ends. What the aggregate
 * prints goes to standard error. */
void rf_speak(const struct rf_plugin *plugin);

#endif
