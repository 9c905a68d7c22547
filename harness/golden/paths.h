/* SPDX-License-Identifier: MIT */
/* Where two states differ: distinct pointers, or their patterns, however many there are. */
#ifndef RF_GOLDEN_PATHS_H
#define RF_GOLDEN_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A set of texts. All are counted, and told apart by their hashes; those that come first are kept.
 * All zero is the empty set. */
struct rf_paths {
    char **texts; /**< owned */
    size_t count; /**< of `texts` */
    size_t room;
    size_t bytes;      /**< that `texts` take */
    size_t distinct;   /**< of all that were added */
    uint64_t sum;      /**< of the hashes of all: the same in whatever order they came */
    uint64_t *slots;   /**< these hashes; 0: free */
    size_t slot_count; /**< a power of two, or 0 */
};

void rf_paths_add(struct rf_paths *paths, const char *text, size_t bytes);
/** Whether `texts` are all of them. */
bool rf_paths_whole(const struct rf_paths *paths);
/** Sorts what is kept. Of more than RF_LIMIT_CLUSTER_PATHS as many stay, and one more stands for
 * all others: "(and 17 more: 0123456789abcdef)", with a hash of the whole set. Nothing is added
 * afterwards. */
void rf_paths_end(struct rf_paths *paths);
/** How many paths such texts stand for. */
size_t rf_paths_told(char *const *texts, size_t count);
void rf_paths_done(struct rf_paths *paths);

#endif
