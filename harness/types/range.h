/* SPDX-License-Identifier: MIT */
/* The least and the greatest of many numbers, exactly. */
#ifndef RF_TYPES_RANGE_H
#define RF_TYPES_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** The longest token that a range takes. */
#define RF_RANGE_TOKEN_BYTES 64

/** A number as it stood in the data. */
struct rf_number {
    double real; /**< the nearest, infinite beyond those */
    size_t bytes;
    char token[RF_RANGE_TOKEN_BYTES];
};

/** All zero is empty. Equal numbers that are written differently count by the bytes of their
 * tokens, so that the ends do not depend on the order of adding. */
struct rf_range {
    bool has_integers; /**< integers that 64 bits hold; most ranges have nothing else */
    int64_t least_integer, greatest_integer;
    struct rf_number *ends; /**< the least and the greatest of all other numbers, or NULL */
};

void rf_range_done(struct rf_range *range);

static inline void
rf_range_add_integer(struct rf_range *range, int64_t value)
{
    if (!range->has_integers || value < range->least_integer) {
        range->least_integer = value;
    }
    if (!range->has_integers || value > range->greatest_integer) {
        range->greatest_integer = value;
    }
    range->has_integers = true;
}

/** Any other JSON number, of at most RF_RANGE_TOKEN_BYTES. */
void rf_range_add(struct rf_range *range, const char *token, size_t bytes);
void rf_range_join(struct rf_range *range, const struct rf_range *other);

/** Appends both ends as JSON numbers; false where there is none. */
bool rf_range_print(const struct rf_range *range, struct rf_buf *least, struct rf_buf *greatest);

#endif
