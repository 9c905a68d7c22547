/* SPDX-License-Identifier: MIT */
/* In which order threads take objects. No result depends on it, only how long it takes. */
#ifndef RF_HISTORY_READING_ORDER_H
#define RF_HISTORY_READING_ORDER_H

#include <stdint.h>

#include "walk/walk.h"

/** The objects' numbers: members of archives first, as they lie, for each thread goes over an
 * archive once; then the largest, then by number. Owned by the caller. */
uint32_t *rf_reading_order(const struct rf_objects *objects);

#endif
