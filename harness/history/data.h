/* SPDX-License-Identifier: MIT */
/* An event's data as JSON text, for those who look at few events. */
#ifndef RF_HISTORY_DATA_H
#define RF_HISTORY_DATA_H

#include <stddef.h>

#include "base/buf.h"
#include "base/names.h"
#include "base/stencil.h"
#include "worker/protocol.h"

/** One thread. All zero but for `names` is valid. */
struct rf_data_reader {
    const struct rf_names *names; /**< borrowed; the history's. NULL: no event has a stencil */
    struct rf_stencils stencils;
    struct rf_buf text;
};

/** Exactly the text that stood in the record. Borrowed until the next call, and from the event. */
const char *rf_event_data(struct rf_data_reader *reader, const struct rf_packed_event *event,
                          size_t *ret_bytes);
void rf_data_reader_done(struct rf_data_reader *reader);

#endif
