/* SPDX-License-Identifier: MIT */
/* One id is looked for; what looks like it is remembered, for "did you mean …?". */
#ifndef RF_CLI_NEAR_H
#define RF_CLI_NEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct rf_near;
/** `id` is borrowed. */
struct rf_near *rf_near_new(const char *id);
/** Accepts NULL. */
void rf_near_free(struct rf_near *near);

/** Whether it is the id (a rf_selects_function). Another one is compared in a few nanoseconds, and
 * remembered where it is among the nearest. Threads: any; `near` is a struct rf_near. */
bool rf_near_selects(const void *near, const char *id, size_t bytes);

/** Append "; did you mean 'a', 'b' or 'c'?", ids as they are; nothing where none was near. What is
 * named does not depend on the order in which they came. */
void rf_near_propose(const struct rf_near *near, struct rf_buf *out);

#endif
