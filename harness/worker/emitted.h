/* SPDX-License-Identifier: MIT */
/* What `handle` emitted, taken apart. */
#ifndef RF_WORKER_EMITTED_H
#define RF_WORKER_EMITTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/**
 * Take the event that handle emitted as number `index` (values.h), before another call makes it
 * stale: its type, and its data as it was emitted, but on one line; `{}` where it has none. Both
 * are appended.
 * @return  false where it is none: `ret_why` is a sentence
 */
bool rf_emitted_read(size_t index, struct rf_buf *ret_type, struct rf_buf *ret_data,
                     struct rf_buf *ret_why);

/** Why there are none of them: too many, or too long. */
void rf_emitted_cut(struct rf_buf *ret_why);

#endif
