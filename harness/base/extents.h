/* SPDX-License-Identifier: MIT */
/* Much memory in small runs, which is given back all at once. */
#ifndef RF_BASE_EXTENTS_H
#define RF_BASE_EXTENTS_H

#include <stddef.h>

/**
 * Extents of ordinary memory, of which runs are cut one behind the other. All zero is empty. One
 * thread.
 */
struct rf_extents {
    unsigned char **items; /**< owned */
    size_t *sizes;
    size_t count;
    size_t room;
    size_t sizes_room;
    size_t at;   /**< the extent that runs are cut from */
    size_t used; /**< of it */
};

/** A run of `bytes`, aligned to 8, whose content is undefined. Ends refold with 70 where memory
 * runs out. */
unsigned char *rf_extents_take(struct rf_extents *extents, size_t bytes);
/** All runs are stale; the memory is kept for those that come. */
void rf_extents_reset(struct rf_extents *extents);
void rf_extents_done(struct rf_extents *extents);

#endif
