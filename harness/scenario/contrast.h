/* SPDX-License-Identifier: MIT */
/* What was written against what came: JSON values, member by member. */
#ifndef RF_SCENARIO_CONTRAST_H
#define RF_SCENARIO_CONTRAST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/** One place at which they differ. Strings are owned. */
struct rf_contrast {
    char *path;   /**< JSON pointer; a NUL in a key is written as U+2400 */
    char *wanted; /**< JSON, as in rf_contrast; NULL: nothing is to be there */
    char *got;    /**< the same; NULL: nothing is there */
};

struct rf_contrasts {
    struct rf_contrast *items; /**< the first rf_limits.changes of them */
    size_t count;
    size_t room;
    size_t total;
};

void rf_contrasts_done(struct rf_contrasts *contrasts);

/** A difference of two JSON texts at `path`, either of which may be NULL; copied. */
void rf_contrasts_add(struct rf_contrasts *contrasts, const char *path, const char *wanted,
                      size_t wanted_bytes, const char *got, size_t got_bytes);

/**
 * Hold `got` against `wanted`, both canonical JSON, but that numbers may be as they were written.
 *
 * Every member that `wanted` has must be there with an equal value, 0, "", false and null included:
 * null is not the same as absent. Objects within are held against each other the same way; arrays
 * must be as long, element by element. Numbers are equal by value; none
 * is rounded.
 *
 * @exactly  no object of `got` may have a member that `wanted` has not
 * @beside   names of members of the outermost object that may be there even so; `beside_count` of
 *           them, each may be NULL
 */
void rf_contrast(const char *wanted, size_t wanted_bytes, const char *got, size_t got_bytes,
                 bool exactly, const char *const *beside, size_t beside_count,
                 struct rf_contrasts *ret);

#endif
