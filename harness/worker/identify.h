/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's identify: a payload that is no JSON becomes an event's parts. */
#ifndef RF_WORKER_IDENTIFY_H
#define RF_WORKER_IDENTIFY_H

#include <stddef.h>

#include "base/buf.h"
#include "worker/plugin.h"

/**
 * Append the answer of IDENTIFIED (worker-protocol.md, "Identifying") for one payload: nothing
 * where it is another's; else the JSON object of its id, type, version, at and data, or of an
 * error. What an aggregate answers that is no answer becomes an error that says so. The plugin's
 * table has an identify.
 */
void rf_identify(const struct rf_plugin *plugin, const char *payload, size_t count,
                 struct rf_buf *out);

#endif
