/* SPDX-License-Identifier: MIT */
/* Who folds an event: by the aggregate that it stands under, or by its type. */
#ifndef RF_HISTORY_CLAIM_H
#define RF_HISTORY_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"
#include "history/group.h"
#include "history/rules.h"
#include "history/start.h"

#define RF_CLAIM_NONE SIZE_MAX

/** What a claim says of a type. */
enum {
    RF_VERDICT_KNOWN = 1,
    RF_VERDICT_DECLARED = 2,
    RF_VERDICT_SKIPPED = 4,
    RF_VERDICT_TOLD = 8, /**< the claim knows that an event was skipped */
};

/** The claims of all aggregates, and what they said so far. One thread. */
struct rf_claims {
    const struct rf_claim *items;
    size_t count;
    size_t folded_count; /**< those behind claim for aggregates that are not folded */
    struct rf_names *names;
    size_t name_count;
    uint32_t *numbers; /**< of each claim's name, or RF_NAME_NONE */
    size_t taker;      /**< the claim that takes what no other claims, or RF_CLAIM_NONE */
    const struct rf_starts *starts; /**< what snapshots hold of what is not read; or NULL */
    size_t bucket;                  /**< the one that is gathered */
    bool guessed;  /**< of the id that was named last: nothing told whose it is, and what takes all
                    * has it */
    uint32_t lent; /**< of that id: the name that its unnamed events got though no type told it; or
                    * RF_NAME_NONE */
    bool half_named;    /**< of that id: some of its events name an aggregate, and of others nothing
                         * tells whose they are */
    uint8_t **verdicts; /**< for each claim, once needed: RF_VERDICT_… of each name as a type */
};

/** Rules and names are borrowed; names that come into the table later are unknown. */
void rf_claims_init(struct rf_claims *claims, const struct rf_gather_rules *rules,
                    struct rf_names *names);
void rf_claims_done(struct rf_claims *claims);

/** Asks the claim. */
uint8_t rf_claims_ask(struct rf_claims *claims, size_t claim, uint32_t type);

/** RF_VERDICT_… of a type for a claim; a claim is asked once for each type. Inlined, as each event
 * needs it. */
static inline uint8_t
rf_claims_judge(struct rf_claims *claims, size_t claim, uint32_t type)
{
    const uint8_t *verdicts = claims->verdicts[claim];
    return verdicts != NULL && type < claims->name_count && verdicts[type] != 0
               ? verdicts[type]
               : rf_claims_ask(claims, claim, type);
}

/** An event of a type that the claim skips, by rf_claims_judge, was skipped. */
void rf_claims_skip(struct rf_claims *claims, size_t claim, uint32_t type);

/** The claim of the folded aggregate that has the events under this aggregate name, or
 * RF_CLAIM_NONE. */
size_t rf_claims_find(const struct rf_claims *claims, uint32_t aggregate);

/** The claims, those of unfolded aggregates too, that an id's unnamed events fit by their types:
 * `ret` is the first, or RF_CLAIM_NONE; `ret_second` is another that fits, or RF_CLAIM_NONE. */
void rf_claims_fit(struct rf_claims *claims, const struct rf_entry *entries, size_t count,
                   size_t *ret, size_t *ret_second);

/**
 * Give the events of an id that name no aggregate the name of the one that they belong to: by their
 * types; else the one under which the id's other events stand, or a snapshot holds it; else that of
 * what takes all.
 * @ret_ambiguous  whether two claims fit: nothing is changed then
 * @return  RF_OK; RF_ERR_INTERNAL: the claim's name is missing in the names file
 */
RF_MUST_USE rf_code rf_claims_name(struct rf_claims *claims, struct rf_entry *entries, size_t count,
                                   bool *ret_ambiguous, struct rf_err *reterr);

#endif
