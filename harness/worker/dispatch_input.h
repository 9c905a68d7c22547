/* SPDX-License-Identifier: MIT */
/* The request of a scenario, taken apart: protocol.h, "Dispatch". */
#ifndef RF_WORKER_DISPATCH_INPUT_H
#define RF_WORKER_DISPATCH_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <refold/aggregate.h>

#include "base/buf.h"
#include "base/json.h"

/** The names under which an event's data holds what the envelope needs; empty: it does not. */
enum { RF_MEMBER_ID, RF_MEMBER_VERSION, RF_MEMBER_AT, RF_MEMBER_COUNT };

/** The host wrote it: where it contradicts itself the worker ends (rf_worker_fail). */
struct rf_dispatch_input {
    struct rf_buf request;
    struct rf_json doc; /**< of it */
    struct rf_buf aggregate;
    struct rf_buf id;
    struct rf_buf members[RF_MEMBER_COUNT];
    int64_t version; /**< of the empty state */
};

/** Read the request file (RF_FD_REQUESTS). */
void rf_dispatch_input_open(struct rf_dispatch_input *input);

/* Members of an object of it, by their name; each must be there, and of its kind. */

uint32_t rf_dispatch_need(const struct rf_dispatch_input *input, uint32_t object, const char *name,
                          int kind);
bool rf_dispatch_has(const struct rf_dispatch_input *input, uint32_t object, const char *name);
void rf_dispatch_text(const struct rf_dispatch_input *input, uint32_t object, const char *name,
                      struct rf_buf *ret);
int64_t rf_dispatch_number(const struct rf_dispatch_input *input, uint32_t object,
                           const char *name);
/** "at" */
refold_time rf_dispatch_time(const struct rf_dispatch_input *input, uint32_t object);
/** The text of "data", whatever it is; borrowed. */
refold_string rf_dispatch_data(const struct rf_dispatch_input *input, uint32_t object);

#endif
