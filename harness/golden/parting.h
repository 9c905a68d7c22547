/* SPDX-License-Identifier: MIT */
/* Where two builds part: the same instances folded by BASE and by HEAD, no golden needed. */
#ifndef RF_GOLDEN_PARTING_H
#define RF_GOLDEN_PARTING_H

#include <stddef.h>

#include "fold/fold.h"
#include "golden/findings.h"

struct rf_parting_request {
    struct rf_history *history; /**< for the names of objects; may be set later, before the fold */
    struct rf_build *const
        *builds; /**< HEAD's, same order as the rules' claims: for their shapes */
    size_t build_count;
    const struct rf_ignore *ignores; /**< the same that the trails leave out */
    size_t ignore_count;
    size_t jobs;
};

struct rf_parting;
/** `request` and what it points to are borrowed until rf_parting_free. */
struct rf_parting *rf_parting_new(const struct rf_parting_request *request);
void rf_parting_free(struct rf_parting *parting);

/**
 * The sink for rf_fold; borrowed. An instance is
 * - crashed or hung where HEAD does, even where BASE does too: what lies behind was not compared;
 * - changed where the states part: at the first event behind which they are not the same, with the
 *   changes from BASE's state there to HEAD's; whether they meet again is said;
 * - changed where only BASE refuses an event, crashes or hangs, or both refuse one differently;
 * - rejected where HEAD refuses an event that BASE folds;
 * - else the same.
 */
const struct rf_pair_sink *rf_parting_sink(struct rf_parting *parting);

/** After the fold: what all threads found, joined and sorted. */
void rf_parting_finish(struct rf_parting *parting, struct rf_findings *ret);

#endif
