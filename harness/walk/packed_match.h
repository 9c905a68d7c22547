/* SPDX-License-Identifier: MIT */
/* Which object of the sources a packed one is. */
#ifndef RF_WALK_PACKED_MATCH_H
#define RF_WALK_PACKED_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "walk/source.h"
#include "walk/walk.h"

/** What an object is to the others; in this order. */
enum rf_match_rank {
    RF_MATCH_ORIGINAL, /**< lies in a source that is no pack */
    RF_MATCH_PACKED,   /**< lies in a pack that is a source */
    RF_MATCH_KNOWN,    /**< lies in a pack of `without` */
};

/** What its source is called, or was when it was packed. */
struct rf_match_root {
    char *text; /**< as it is compared: with a slash at its end; "" for this folder */
    size_t bytes;
    bool is_base; /**< a source of what is matched with is called so */
};

/** An object, and what it is matched with. */
struct rf_match {
    struct rf_object *object;
    enum rf_match_rank rank;
    const struct rf_match_root *root;
    struct rf_match *base; /**< the object of the sources that it is; or NULL */
    bool
        guessed; /**< by its key: none of the sources is called as its own was when it was packed */
    uint32_t taken; /**< of a base: the last pack that was found to have it, from 1 */
    bool dropped;
    bool replaced; /**< of a base: its events come from a pack */
};

/** All items of a walk. All zero is empty. */
struct rf_matches {
    struct rf_match *items;    /**< in the order of the list: by key, then by source */
    struct rf_match **by_path; /**< the same, by where they lie */
    size_t count;
    struct rf_match_root **roots;
    size_t root_count, root_room;
    /** What others are matched with: the sources' objects, or, of packs alone, theirs. */
    enum rf_match_rank base;
    size_t base_sources;
};

/**
 * Gather the objects of a list, and match them.
 *
 * A packed object is the one that lies where it lay when it was packed: its source's name with its
 * key, however the sources divide that path, and whether it was named alone then, or is now. Where
 * no source is called as its own was, it is the one object of its key that its pack has not matched
 * so.
 *
 * @source_count  those behind are `without`
 * @originals     sources that are no packs
 * @ret           for rf_matches_done, in any case
 * @return        RF_OK; RF_ERR_USAGE: it may be either of two, an object is named twice by the
 *                sources, or, of packs alone, it is in two of them
 */
RF_MUST_USE rf_code rf_match_packed(const struct rf_objects *objects,
                                    const struct rf_object_list *list, size_t source_count,
                                    size_t originals, struct rf_matches *ret,
                                    struct rf_err *reterr);
void rf_matches_done(struct rf_matches *matches);

/** Two packs that are sources hold the same object. */
rf_code rf_match_fail_both(const struct rf_object *a, const struct rf_object *b,
                           struct rf_err *reterr);

#endif
