/* SPDX-License-Identifier: MIT */
/* A bucket's events as instances: in order, cleared of duplicates, checked for gaps. */
#ifndef RF_HISTORY_GATHER_H
#define RF_HISTORY_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/damage.h"
#include "history/history.h"
#include "history/sums.h"

/** What gather must know of a loaded aggregate. */
struct rf_claim {
    const char *name;      /**< of the aggregate */
    bool takes_all;        /**< declares "*" */
    int64_t first_version; /**< the config's `first`, default 1 */
    bool (*declares)(const void *context, const char *type, size_t type_bytes);
    bool (*skips)(const void *context, const char *type, size_t type_bytes);
    const void *context;
};

/** Which events take part, and who folds them. */
struct rf_gather_rules {
    const struct rf_claim *claims;
    size_t claim_count;
    bool has_as_of;
    struct rf_time as_of;
    bool until; /**< --until was given: an instance ends before its first gap, which is no damage */
    /** --id/--ids: whether this id is selected; NULL: all are. */
    bool (*selects)(const void *context, const char *id, size_t id_bytes);
    const void *select_context;
};

#define RF_CLAIM_NONE SIZE_MAX

/** One event in fold order. */
struct rf_step {
    const struct rf_packed_event *event;
    uint64_t ref;
    int64_t version; /**< the event's, or its place (from 1) where the instance is versionless */
};

/** One instance that is to be folded. Borrowed until the next bucket is gathered. */
struct rf_instance {
    uint32_t aggregate; /**< the name's number */
    const char *aggregate_name;
    size_t aggregate_name_bytes; /**< hostile names may hold NUL bytes */
    const char *id;
    size_t id_bytes;
    size_t claim;                /**< index of the aggregate that folds it */
    const struct rf_step *steps; /**< what is to be applied: skipped types are left out */
    size_t step_count;
    const struct rf_packed_event *unhandled; /**< the event whose type is not declared: behind the
                                                  last step; or NULL */
    int64_t unhandled_version;
    const struct rf_step *behind; /**< events behind `unhandled`, to be settled as unfolded */
    size_t behind_count;
    int64_t last_version; /**< of the last event of the selected history, skipped ones included */
    bool gapped;
    bool shortened; /**< --as-of or --until left out events of it */
};

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
 * Gather one bucket. Events that take no part are settled in the gatherer's sums (withdrawn,
 * unselected, unclaimed, duplicates, conflicts, skipped); those in `steps`, `unhandled` and
 * `behind` are left to the fold. Gaps, conflicts and events without a version among versions become
 * damage.
 *
 * Events without a version among versions, or below the claim's first one, are malformed: they
 * move from `events` to `malformed` (rf_sums_unsee), so that the gatherer's own part of the sums
 * may wrap around below zero; joined with ingest's part it is right. Events that no one claims are
 * looked at for --id and --as-of only: their order, gaps and conflicts are no one's business.
 *
 * @return  RF_OK; RF_ERR_USAGE: an id's events name no aggregate and two loaded aggregates declare
 *          their types (the sentence proposes `streams`; of several such ids in the bucket it names
 *          the smallest); RF_ERR_INTERNAL: a claim's name is missing in the names file
 */
RF_MUST_USE rf_code rf_gather(struct rf_gatherer *gatherer, size_t bucket, struct rf_gathering *ret,
                              struct rf_err *reterr);

/** Counts besides the sums. */
struct rf_gather_counts {
    uint64_t gaps;      /**< places where at least one version is missing */
    uint64_t instances; /**< with a claim, after selection */
    uint64_t untold;    /**< versionless instances without event ids: duplicates cannot be told */
    uint64_t unclaimed_names; /**< instances whose aggregate no one claims */
};

struct rf_sums *rf_gatherer_sums(struct rf_gatherer *gatherer);
struct rf_damages *rf_gatherer_damages(struct rf_gatherer *gatherer);
const struct rf_gather_counts *rf_gatherer_counts(const struct rf_gatherer *gatherer);

#endif
