/* SPDX-License-Identifier: MIT */
/* A bucket's events as instances: grouped by id, given to whom folds them, sorted. */
#ifndef RF_HISTORY_GATHER_H
#define RF_HISTORY_GATHER_H

#include <stddef.h>

#include "history/damage.h"
#include "history/history.h"
#include "history/instance.h"
#include "history/rules.h"
#include "history/sums.h"

/** A bucket, gathered. */
struct rf_gathering {
    struct rf_instance *instances; /**< sorted by (aggregate name, id) bytes */
    size_t count;
};

/** Reusable memory and what was found on the way; one per thread. */
struct rf_gatherer;
/** Both are borrowed; the history is sealed, and the claims' names are in its names file. */
struct rf_gatherer *rf_gatherer_new(const struct rf_history *history,
                                    const struct rf_gather_rules *rules);
/** Accepts NULL. */
void rf_gatherer_free(struct rf_gatherer *gatherer);

/**
 * Gather one bucket, or the portion of it that is at hand (history.h). Events that take no part are
 * settled in the gatherer's sums (withdrawn, unselected, unclaimed, duplicates, conflicts,
 * skipped); those in `steps`, `unhandled` and `behind` are left to the fold. Gaps, conflicts and
 * events without a version among versions become damage.
 *
 * Events without a version among versions, or below the claim's first one, are malformed: they
 * move from `events` to `malformed` (rf_sums_unsee), so that the gatherer's own part of the sums
 * may wrap around below zero; joined with ingest's part it is right. Events that no one claims are
 * looked at for --id and --as-of only: their order, gaps and conflicts are no one's business. By
 * the rule `everything` they are instances as others, and nothing is unclaimed, skipped or
 * unhandled.
 *
 * @return  RF_OK; RF_ERR_USAGE: an id's events name no aggregate and two loaded aggregates declare
 *          their types (the sentence proposes `streams`; of several such ids in the bucket it names
 *          the smallest), or with `starts` events have no versions; RF_ERR_INTERNAL: a claim's name
 *          is missing in the names file
 */
RF_MUST_USE rf_code rf_gather(struct rf_gatherer *gatherer, size_t bucket, struct rf_gathering *ret,
                              struct rf_err *reterr);

struct rf_sums *rf_gatherer_sums(struct rf_gatherer *gatherer);
struct rf_damages *rf_gatherer_damages(struct rf_gatherer *gatherer);
/** Of which aggregates no one claims the events. */
const struct rf_unclaimed_counts *rf_gatherer_unclaimed(const struct rf_gatherer *gatherer);
/** Adds what one thread found to the whole; the gatherer has no damages afterwards. */
void rf_gatherer_hand_over(struct rf_gatherer *gatherer, struct rf_sums *sums,
                           struct rf_damages *damages, struct rf_gather_counts *counts);

#endif
