/* SPDX-License-Identifier: MIT */
/* The shape of the data of one event type: its paths, and what stands at each. */
#ifndef RF_TYPES_SHAPE_H
#define RF_TYPES_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_mask.h"
#include "base/limits.h"
#include "base/names.h"
#include "types/data_path.h"
#include "worker/protocol.h"

/**
 * A tree of paths from the whole data downwards. The elements of an array share one path, `*`; so
 * do an object's members once RF_LIMIT_KEYS different keys were seen at its path: it is a map then,
 * and all that was counted below its keys is counted together. Of a tree that would grow beyond
 * RF_LIMIT_PATHS the widest objects are taken for maps until it is well below.
 *
 * Up to that limit, and while there is memory, the tree depends only on which events were added:
 * neither on their order nor on how they were joined from parts. All zero but for `room` is empty.
 */
struct rf_shape_tree {
    struct rf_data_path *root; /**< NULL: no event yet */
    size_t path_count;
    size_t *room; /**< borrowed: bytes that it, and others, may still take */
    bool crowded; /**< objects were taken for maps because of RF_LIMIT_PATHS */
    bool cut;     /**< memory was used up: paths that came later are not there */
    bool deep;    /**< there is more below RF_LIMIT_PATH_STEPS */
};

/** Buffers for walking through data, for any number of trees. One thread. */
struct rf_shaper;
/** @names  of the events' history, borrowed; NULL: no event has a stencil */
struct rf_shaper *rf_shaper_new(const struct rf_names *names);
/** Accepts NULL. */
void rf_shaper_free(struct rf_shaper *shaper);

/** One more event of the type. */
void rf_shape_add(struct rf_shape_tree *tree, struct rf_shaper *shaper,
                  const struct rf_packed_event *event);

/** Adds what the other tree counted; that one is as it was. */
void rf_shape_join(struct rf_shape_tree *tree, const struct rf_shape_tree *other);

/** Members by the bytes of their keys, values by their counts: for listings. */
void rf_shape_sort(struct rf_shape_tree *tree);

/** Forget what stands at the pointers of a mask (NULL: everything), and what is below it; of keys
 * that it masks the object becomes a map. Before it is sorted. */
void rf_shape_hide(struct rf_shape_tree *tree, const struct rf_mask *mask);

void rf_shape_done(struct rf_shape_tree *tree);

#endif
