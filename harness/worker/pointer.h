/* SPDX-License-Identifier: MIT */
/* Where in a state something is, as a JSON pointer. */
#ifndef RF_WORKER_POINTER_H
#define RF_WORKER_POINTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/** One step of a walk through a state, and those around it: they live on the walker's stack, so
 * that a pointer costs nothing where nothing is wrong. NULL is the whole state. */
struct rf_pointer {
    const struct rf_pointer *outer;
    const char *name; /**< any bytes; NULL: the index counts */
    size_t name_bytes;
    uint64_t index;
};

/** Append it as RFC 6901 has it. */
void rf_pointer_print(struct rf_buf *out, const struct rf_pointer *pointer);

/** Fills reterr with "<pointer>: <text>". @return  RF_ERR_USAGE */
rf_code rf_pointer_fail(struct rf_err *reterr, const struct rf_pointer *pointer, const char *text);

#endif
