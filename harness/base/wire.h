/* SPDX-License-Identifier: MIT */
/* Numbers and texts as bytes, for files that only refold reads. */
#ifndef RF_BASE_WIRE_H
#define RF_BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** Append eight bytes, the lowest first. */
void rf_wire_put_number(struct rf_buf *out, uint64_t number);
/** Append a text with its length in front. NULL is not the empty text. */
void rf_wire_put_text(struct rf_buf *out, const char *text, size_t bytes);

/** Where reading stands. The bytes are borrowed, and may be anything. */
struct rf_wire {
    const unsigned char *at;
    const unsigned char *end;
    bool broken; /**< more was asked for than there is: all that is read then is 0 or NULL */
};

struct rf_wire rf_wire_begin(const void *bytes, size_t count);
uint64_t rf_wire_number(struct rf_wire *wire);
/** A number that is below `limit`; else it is broken. */
uint64_t rf_wire_number_below(struct rf_wire *wire, uint64_t limit);
bool rf_wire_flag(struct rf_wire *wire);
/** A copy with a NUL behind it, owned; or NULL. `ret_bytes` may be NULL: then a text that holds a
 * NUL is broken. */
char *rf_wire_text(struct rf_wire *wire, size_t *ret_bytes);
/** How many items of at least `item_bytes` each are said to follow; broken where they cannot. */
size_t rf_wire_count(struct rf_wire *wire, size_t item_bytes);
/** Whether all was read, and nothing was broken. */
bool rf_wire_ended(const struct rf_wire *wire);

#endif
