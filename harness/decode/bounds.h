/* SPDX-License-Identifier: MIT */
/* Values that are too large to be meant: strings and objects beyond their limits. */
#ifndef RF_DECODE_BOUNDS_H
#define RF_DECODE_BOUNDS_H

#include <stddef.h>

#include "base/json.h"

/** What of a record that was read is above rf_limits.string_bytes or .keys, written into `text`;
 * NULL: nothing. A record that is too short for either costs two comparisons. */
const char *rf_bounds_check(const struct rf_json *doc, char *text, size_t room);

#endif
