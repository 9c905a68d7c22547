/* SPDX-License-Identifier: MIT */
/* Commands to events, events to a state: the worker's end of a scenario. */
#ifndef RF_WORKER_DISPATCH_LOOP_H
#define RF_WORKER_DISPATCH_LOOP_H

#include "worker/plugin.h"

/** Play the scenario of the request file to its end, or to the step at which it cannot go on
 * (protocol.h, "Dispatch"). Where something other than the aggregate fails, the worker ends with
 * status 3. */
void rf_dispatch_loop(const struct rf_plugin *plugin);

#endif
