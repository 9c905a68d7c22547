/* SPDX-License-Identifier: MIT */
/* The distinct values at one path while they are few; of many, the smallest as examples. */
#ifndef RF_TYPES_VALUE_SET_H
#define RF_TYPES_VALUE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/** One value and how often it was seen. */
struct rf_value {
    uint64_t hash;
    uint64_t count;
    char *text; /**< owned: a string's bytes, decoded, or a number's token */
    uint8_t bytes;
    bool is_string;
    bool is_cut; /**< only the front of a longer one */
};

/**
 * At most RF_LIMIT_VALUES values, all that there are; or, once there are more or one of them is too
 * long (`more`), the RF_LIMIT_EXAMPLES smallest (numbers before strings, then by bytes). What is
 * kept depends on the values only, not on their order, and its counts are exact. Where memory is
 * used up none is kept. All zero is empty.
 */
struct rf_value_set {
    struct rf_value *items; /**< the smallest first, until rf_value_set_sort */
    size_t count;
    bool more;
    bool none; /**< no room: not even examples */
};

/** Frees the values and gives their memory back to `room`. */
void rf_value_set_done(struct rf_value_set *values, size_t *room);

/**
 * One value was seen.
 * @text  borrowed; a longer one than RF_LIMIT_VALUE_BYTES is cut at a whole character
 * @room  bytes that all values and paths may still take
 */
void rf_value_set_add(struct rf_value_set *values, bool is_string, const char *text, size_t bytes,
                      size_t *room);

/** As if all of the other's values had been added too. */
void rf_value_set_join(struct rf_value_set *values, const struct rf_value_set *other, size_t *room);

/** Most frequent first, then in the order above: for listings; nothing is added afterwards. */
void rf_value_set_sort(struct rf_value_set *values);

#endif
