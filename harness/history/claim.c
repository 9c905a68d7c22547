/* SPDX-License-Identifier: MIT */
/* Who folds an event: by the aggregate that it stands under, or by its type. */
#include "history/claim.h"

#include <string.h>

#include "base/alloc.h"

void
rf_claims_init(struct rf_claims *claims, const struct rf_gather_rules *rules,
               struct rf_names *names)
{
    *claims = (struct rf_claims){
        .items = rules->claims,
        .count = rules->claim_count + rules->unfolded_count,
        .folded_count = rules->claim_count,
        .names = names,
        .name_count = rf_names_count(names),
        .taker = RF_CLAIM_NONE,
        .starts = rules->whole ? NULL : rules->starts,
        .lent = RF_NAME_NONE,
    };
    claims->numbers = rf_calloc(claims->count, sizeof(*claims->numbers));
    claims->verdicts = rf_calloc(claims->count, sizeof(*claims->verdicts));
    for (size_t i = 0; i < claims->count; i++) {
        const struct rf_claim *claim = &claims->items[i];
        claims->numbers[i] = rf_names_find(names, claim->name, strlen(claim->name));
        if (claim->takes_all && claims->taker == RF_CLAIM_NONE) {
            claims->taker = i;
        }
    }
}

void
rf_claims_done(struct rf_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        free(claims->verdicts[i]);
    }
    free(claims->verdicts);
    free(claims->numbers);
}

uint8_t
rf_claims_ask(struct rf_claims *claims, size_t claim_at, uint32_t type)
{
    uint8_t **verdicts = &claims->verdicts[claim_at];
    if (*verdicts == NULL) {
        *verdicts = rf_calloc(claims->name_count, sizeof(**verdicts));
    }
    RF_VERIFY(type < claims->name_count);
    const struct rf_claim *claim = &claims->items[claim_at];
    size_t bytes;
    const char *text = rf_names_text(claims->names, type, &bytes);
    uint8_t verdict = RF_VERDICT_KNOWN;
    if (claim->declares(claim->context, text, bytes)) {
        verdict |= RF_VERDICT_DECLARED;
    }
    if (claim->skips(claim->context, text, bytes)) {
        verdict |= RF_VERDICT_SKIPPED;
    }
    (*verdicts)[type] = verdict;
    return verdict;
}

void
rf_claims_skip(struct rf_claims *claims, size_t claim_at, uint32_t type)
{
    uint8_t *verdict = &claims->verdicts[claim_at][type];
    const struct rf_claim *claim = &claims->items[claim_at];
    if ((*verdict & RF_VERDICT_TOLD) == 0 && claim->skipped != NULL) {
        size_t bytes;
        const char *text = rf_names_text(claims->names, type, &bytes);
        claim->skipped(claim->context, text, bytes);
    }
    *verdict |= RF_VERDICT_TOLD;
}

/** What is claimed by an aggregate that is not folded is no one's. */
static size_t
only_folded(const struct rf_claims *claims, size_t claim)
{
    return claim < claims->folded_count ? claim : RF_CLAIM_NONE;
}

/** The claim, folded or not, that has the events under this name, or RF_CLAIM_NONE. */
static size_t
find_claim(const struct rf_claims *claims, uint32_t aggregate)
{
    for (size_t i = 0; i < claims->count; i++) {
        if (claims->numbers[i] == aggregate) {
            return i;
        }
    }
    return claims->taker;
}

size_t
rf_claims_find(const struct rf_claims *claims, uint32_t aggregate)
{
    return aggregate == RF_NAME_NONE ? RF_CLAIM_NONE
                                     : only_folded(claims, find_claim(claims, aggregate));
}

/** Whether a claim declares a type of those entries that name no aggregate. */
static bool
declares_any(struct rf_claims *claims, size_t claim, const struct rf_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].aggregate == RF_NAME_NONE &&
            (rf_claims_judge(claims, claim, entries[i].type) & RF_VERDICT_DECLARED) != 0) {
            return true;
        }
    }
    return false;
}

void
rf_claims_fit(struct rf_claims *claims, const struct rf_entry *entries, size_t count, size_t *ret,
              size_t *ret_second)
{
    *ret = RF_CLAIM_NONE;
    *ret_second = RF_CLAIM_NONE;
    for (size_t i = 0; i < claims->count; i++) {
        if (claims->items[i].takes_all || !declares_any(claims, i, entries, count)) {
            continue;
        }
        if (*ret != RF_CLAIM_NONE) {
            *ret_second = i;
            return;
        }
        *ret = i;
    }
}

/* ---- where no type tells it ------------------------------------------------------------------ */

/** The name under which an id is met, as long as it is under one only. */
struct met {
    uint32_t name;
    bool many;
};

static void
meet(struct met *met, uint32_t name)
{
    met->many = met->many || (met->name != RF_NAME_NONE && met->name != name);
    met->name = name;
}

static uint32_t
only_name(const struct met *met)
{
    return met->many ? RF_NAME_NONE : met->name;
}

/** What a snapshot covers is not read any more, and has told whose the id is. */
static void
meet_starts(const struct rf_claims *claims, const struct rf_packed_event *event, struct met *met)
{
    for (size_t i = 0; claims->starts != NULL && i < claims->count; i++) {
        if (claims->numbers[i] != RF_NAME_NONE &&
            rf_starts_find(claims->starts, claims->bucket, claims->numbers[i], rf_packed_id(event),
                           event->id_bytes) != NULL) {
            meet(met, claims->numbers[i]);
        }
    }
}

/** The one name of a claim's under which the id's other events stand, or those that a snapshot
 * covers; or RF_NAME_NONE. Where something takes all, it has what no type tells, whatever else the
 * id has: an event that comes later must not take away what was folded. */
static uint32_t
find_sibling(const struct rf_claims *claims, const struct rf_entry *entries, size_t count)
{
    struct met met = {.name = RF_NAME_NONE};
    for (size_t i = 0; i < count && claims->taker == RF_CLAIM_NONE; i++) {
        uint32_t name = entries[i].aggregate;
        if (name != RF_NAME_NONE && name != met.name && find_claim(claims, name) != RF_CLAIM_NONE) {
            meet(&met, name);
        }
    }
    meet_starts(claims, entries[0].event, &met);
    return only_name(&met);
}

/** The name for an id's unnamed events, or RF_NAME_NONE.
 *  @fitting  the claim that they fit by their types, or RF_CLAIM_NONE */
static rf_code
choose_name(struct rf_claims *claims, const struct rf_entry *entries, size_t count, size_t fitting,
            uint32_t *ret, struct rf_err *reterr)
{
    size_t claim = fitting;
    if (fitting == RF_CLAIM_NONE) {
        *ret = claims->lent = find_sibling(claims, entries, count);
        if (*ret != RF_NAME_NONE || claims->taker == RF_CLAIM_NONE) {
            return RF_OK;
        }
        claim = claims->taker;
        claims->guessed = true;
        claims->lent = claims->numbers[claim];
    }
    *ret = claims->numbers[claim];
    return *ret != RF_NAME_NONE ? RF_OK
                                : rf_fail(reterr, RF_ERR_INTERNAL, claims->items[claim].name,
                                          "the aggregate is not in the names file");
}

static size_t
count_unnamed(const struct rf_entry *entries, size_t count)
{
    size_t unnamed = 0;
    for (size_t i = 0; i < count; i++) {
        unnamed += entries[i].aggregate == RF_NAME_NONE;
    }
    return unnamed;
}

rf_code
rf_claims_name(struct rf_claims *claims, struct rf_entry *entries, size_t count,
               bool *ret_ambiguous, struct rf_err *reterr)
{
    *ret_ambiguous = false;
    claims->guessed = false;
    claims->lent = RF_NAME_NONE;
    claims->half_named = false;
    size_t unnamed = count_unnamed(entries, count);
    if (unnamed == 0) {
        return RF_OK;
    }
    size_t claim;
    size_t second;
    rf_claims_fit(claims, entries, count, &claim, &second);
    if (second != RF_CLAIM_NONE) {
        *ret_ambiguous = true;
        return RF_OK;
    }
    uint32_t name;
    RF_TRY(choose_name(claims, entries, count, claim, &name, reterr));
    claims->half_named = name == RF_NAME_NONE && unnamed < count;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].aggregate == RF_NAME_NONE) {
            entries[i].aggregate = name;
        }
    }
    return RF_OK;
}
