/* SPDX-License-Identifier: MIT */
/* Whether a golden's lines are what its history folds to, and go on as the history does. */
#ifndef RF_GOLDEN_PROOF_H
#define RF_GOLDEN_PROOF_H

#include <stdint.h>

#include "golden/bless.h"
#include "golden/findings.h"
#include "golden/golden.h"

/** What the proof is made of, all of it over the same history. */
struct rf_evidence {
    const struct rf_goldens *goldens;
    struct rf_findings *findings; /**< the lines compared with the fold from zero; with members */
    struct rf_blessing *whole;    /**< folded from zero to the end */
    struct rf_blessing *rest;     /**< folded from the lines to the end */
    const struct rf_findings *rest_findings; /**< why some of these have no state */
    bool (*selects)(const void *context, const char *id, size_t id_bytes); /**< or NULL: all */
    const void *select_context;
};

/** What came of it. */
struct rf_proof {
    uint64_t lines;
    uint64_t lies;
    const struct rf_golden *first; /**< of the first line that lies, or NULL */
    size_t first_line;             /**< its index there */
    const char *why; /**< what is wrong with it; borrowed from the findings or static */
};

/**
 * Look at every line. One lies where the comparison found a difference, or where the fold that goes
 * on from it ends otherwise than the one from zero; the latter is added to the findings, as
 * changed.
 */
void rf_prove(const struct rf_evidence *evidence, struct rf_proof *ret);

#endif
