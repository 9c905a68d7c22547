/* SPDX-License-Identifier: MIT */
/* Clusters: a changed line of code changes ten thousand orders in one way; it is said once. */
#ifndef RF_GOLDEN_CLUSTER_H
#define RF_GOLDEN_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

#include "golden/findings.h"
#include "golden/paths.h"

/** The clusters that one thread met. All zero is empty. */
struct rf_clusters {
    struct rf_cluster *items;
    size_t count;
    size_t room;
    uint32_t *slots; /**< hashed by key: index + 1, or 0 */
    size_t slot_count;
};

/**
 * Count a difference in its cluster and write the cluster's key into it.
 * @patterns  ended; borrowed; NULL: none
 */
void rf_clusters_add(struct rf_clusters *clusters, struct rf_difference *difference,
                     const struct rf_paths *patterns);
/** Moves all of `other` into `clusters`; `other` is empty afterwards. The result does not depend on
 * which thread met what. */
void rf_clusters_join(struct rf_clusters *clusters, struct rf_clusters *other);
/** Hands the clusters over, sorted by (count descending, aggregate, first sample, key); `clusters`
 * is empty. */
void rf_clusters_take(struct rf_clusters *clusters, struct rf_cluster **ret, size_t *ret_count);
void rf_clusters_done(struct rf_clusters *clusters);

/** Their order: count descending, aggregate, first sample, key. */
int rf_cluster_compare(const struct rf_cluster *a, const struct rf_cluster *b);

void rf_cluster_done(struct rf_cluster *cluster);

#endif
