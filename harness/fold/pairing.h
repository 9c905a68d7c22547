/* SPDX-License-Identifier: MIT */
/* Two builds over the same instances: BASE folds a bucket first, and what it made of each instance
 * is kept until HEAD's outcome comes. Then both are handed over as a pair. */
#ifndef RF_FOLD_PAIRING_H
#define RF_FOLD_PAIRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fold/lane.h"

/** An outcome of BASE's; its pointers go to copies. */
struct rf_kept {
    struct rf_outcome outcome;
    size_t trail_start; /**< in the pairing's hashes */
    bool is;
    char *message; /**< owned, or NULL */
};

/** An instance whose states are wanted. */
struct rf_wanted {
    size_t plan;
    uint64_t base_hash, head_hash; /**< of these states, when they were folded first */
};

/** What came of asking for one state. */
struct rf_sight {
    uint32_t status;    /**< RF_STATUS_OK, or why there is none */
    struct rf_buf text; /**< the state; or as with RF_ANSWER_STATE */
    bool quotes;        /**< it is what the worker said */
    uint64_t hash;      /**< the last of its trail so far */
};

/** Of one thread and claim. */
struct rf_pairing {
    struct rf_lane *base, *head; /**< their plans are of the same instances, in the same order */
    bool reversed;               /**< BASE's are in the opposite order */
    struct rf_kept *kept;        /**< by plan */
    size_t kept_room, kept_count;
    uint64_t *hashes; /**< all trails of the bucket, one behind the other */
    size_t hash_count, hash_room;
    struct rf_wanted *wanted; /**< in the order in which they were asked for */
    size_t wanted_count, wanted_room;
    struct rf_sight *sights; /**< by wanted: BASE's */
    size_t sight_room;
    struct rf_sight now; /**< HEAD's of the one at hand */
    size_t settled;      /**< wanted that the lane at hand is through with */
};

/** The lanes are borrowed, and know of the pairing from here on. */
void rf_pairing_init(struct rf_pairing *pairing, struct rf_lane *base, struct rf_lane *head);
void rf_pairing_done(struct rf_pairing *pairing);

/** A new bucket: both lanes have their plans. */
void rf_pairing_begin(struct rf_pairing *pairing);

/** Take an outcome of either lane: BASE's is kept, HEAD's goes to the sink with BASE's. */
void rf_pairing_take(struct rf_lane *lane, const struct rf_plan *plan,
                     const struct rf_outcome *outcome);

/** Both lanes are through: every instance has its pair. Ask them for the states that the sink
 * wants, and hand these over. A worker that dies here costs the state at hand, nothing else.
 * @return  as rf_lane_run */
RF_MUST_USE rf_code rf_pairing_finish(struct rf_pairing *pairing, struct rf_err *reterr);

#endif
