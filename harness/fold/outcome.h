/* SPDX-License-Identifier: MIT */
/* From what came back, or did not, to an instance's outcome: sums, sink, trace. */
#ifndef RF_FOLD_OUTCOME_H
#define RF_FOLD_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "fold/lane.h"

/** How an instance fell. */
struct rf_fall {
    enum rf_ending ending; /**< RF_ENDED_CRASHED or RF_ENDED_HUNG */
    bool reached;          /**< false: before the first event */
    uint64_t event; /**< the event it was about to apply or at; the number of events: the last
                         one is to blame */
    const char *message;
    bool quotes; /**< fold.h */
};

/** Keeps an answer in lane->now: the state or the end. */
void rf_partial_take(struct rf_partial *partial, const struct rf_worker_answer *answer);

/** Keeps an answer, and hands over the outcome with the last one: what a fold takes answers with.
 */
void rf_conclude_answer(struct rf_lane *lane, const struct rf_plan *plan,
                        const struct rf_worker_answer *answer);

/** Hand over the outcome of an instance that was answered to its end. */
void rf_conclude(struct rf_lane *lane, const struct rf_plan *plan, struct rf_partial *partial);

/** Hand over the outcome of an instance that was not. */
void rf_conclude_fall(struct rf_lane *lane, const struct rf_plan *plan, const struct rf_fall *fall);

/** Hand over an instance that is not folded: too many of its aggregate hang. */
void rf_conclude_untried(struct rf_lane *lane, const struct rf_plan *plan);

/** Of a group that is folded once more: an instance that is not. Its events came all the same. */
void rf_conclude_passed(struct rf_lane *lane, const struct rf_instance *instance);

/** Hand over an instance that no build folds. */
void rf_conclude_unclaimed(struct rf_lane *lane, const struct rf_plan *plan);

#endif
