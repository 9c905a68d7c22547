/* SPDX-License-Identifier: MIT */
/* One instance out of all its events: in order, cleared of duplicates, checked for gaps. */
#include "history/instance.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "history/flaw.h"

void
rf_composer_init(struct rf_composer *composer, const struct rf_history *history,
                 const struct rf_gather_rules *rules)
{
    *composer = (struct rf_composer){.history = history, .rules = rules};
    /* Looking a name up takes the table's lock: it is not changed otherwise. */
    struct rf_names *names = rf_history_names(history);
    rf_claims_init(&composer->claims, rules, names);
    composer->comparer.data.names = names;
}

void
rf_composer_done(struct rf_composer *composer)
{
    rf_claims_done(&composer->claims);
    rf_places_done(&composer->places);
    rf_comparer_done(&composer->comparer);
    rf_damages_done(&composer->damages);
    rf_unclaimed_counts_done(&composer->unclaimed);
    free(composer->steps);
}

void
rf_composer_begin(struct rf_composer *composer, size_t bucket, size_t events)
{
    composer->bucket = bucket;
    composer->claims.bucket = bucket;
    composer->step_count = 0;
    composer->skipped_count = 0;
    /* Another event may lie in the place of the one that it remembers. */
    composer->comparer.kept = NULL;
    if (events > composer->step_room) {
        free(composer->steps);
        composer->steps = rf_realloc(NULL, events, sizeof(*composer->steps));
        composer->step_room = events;
    }
}

void
rf_composer_pass(struct rf_composer *composer, uint32_t aggregate,
                 const struct rf_packed_event *event, int64_t version, enum rf_term term)
{
    const struct rf_gather_rules *rules = composer->rules;
    rf_sums_settle(&composer->sums, event, term);
    if (rules->passed != NULL) {
        rules->passed(rules->passed_context, aggregate, event, version, term);
    }
}

void
rf_composer_settle(struct rf_composer *composer, const struct rf_entry *entries, size_t count,
                   enum rf_term term)
{
    for (size_t i = 0; i < count; i++) {
        const struct rf_entry *entry = &entries[i];
        rf_composer_pass(composer, entry->aggregate, entry->event, entry->version, term);
    }
}

static struct rf_flaws
open_flaws(struct rf_composer *composer)
{
    return (struct rf_flaws){
        .objects = rf_history_objects(composer->history),
        .damages = &composer->damages,
        .kept = composer->rules->everything ? "listed" : "folded",
        .known = composer->rules->known,
        .comparer = &composer->comparer,
    };
}

/* ---- order ----------------------------------------------------------------------------------- */

static void
report_malformed(struct rf_composer *composer, const struct rf_instance *instance,
                 const struct rf_entry *entry, char *message)
{
    struct rf_flaws flaws = open_flaws(composer);
    rf_flaw_malformed(&flaws, instance, entry, message);
    rf_sums_unsee(&composer->sums, entry->event);
}

/** Whether nothing tells if the instance begins with version 0 or 1: no config, no claim. */
static bool
may_begin_at_zero(const struct rf_composer *composer, const struct rf_instance *instance)
{
    return instance->claim == RF_CLAIM_NONE ||
           composer->rules->claims[instance->claim].may_begin_at_zero;
}

/** What no version of the instance lies below. */
static int64_t
least_version(const struct rf_composer *composer, const struct rf_instance *instance)
{
    return may_begin_at_zero(composer, instance)
               ? 0
               : composer->rules->claims[instance->claim].first_version;
}

/** The version with which the instance should begin.
 *  @entries  in order */
static int64_t
first_version(const struct rf_composer *composer, const struct rf_instance *instance,
              const struct rf_entry *entries, size_t count)
{
    if (may_begin_at_zero(composer, instance)) {
        return count > 0 && entries[0].version == 0 ? 0 : 1;
    }
    return least_version(composer, instance);
}

/** Names the aggregate by which the config says what the first version is. Where no one does, it is
 * 0, and nothing lies below. */
static char *
say_below(const struct rf_composer *composer, const struct rf_instance *instance, int64_t version)
{
    RF_VERIFY(instance->claim != RF_CLAIM_NONE);
    const struct rf_claim *claim = &composer->rules->claims[instance->claim];
    return rf_format("version %" PRId64 " lies below %" PRId64 RF_DAMAGE_BELOW_FIRST
                     "%s" RF_DAMAGE_BELOW_FIRST_ENDS,
                     version, claim->first_version, claim->name);
}

/** Malformed among its siblings: what has no version where others have one, and what lies below the
 * first. Moves the others to the front and returns their number. */
static size_t
drop_malformed(struct rf_composer *composer, const struct rf_instance *instance,
               struct rf_entry *entries, size_t count)
{
    int64_t least = least_version(composer, instance);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool versioned = (entries[i].flags & RF_EVENT_VERSION) != 0;
        if (versioned && entries[i].version >= least) {
            if (kept < i) {
                entries[kept] = entries[i];
            }
            kept++;
            continue;
        }
        report_malformed(composer, instance, &entries[i],
                         versioned ? say_below(composer, instance, entries[i].version)
                                   : rf_strdup("no version, but other events of the instance "
                                               "have one"));
    }
    return kept;
}

static bool
is_any_versioned(const struct rf_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((entries[i].flags & RF_EVENT_VERSION) != 0) {
            return true;
        }
    }
    return false;
}

/** Puts the entries in order, with versions or places; what is malformed is dropped.
 *  @return  how many entries are left */
static size_t
order_entries(struct rf_composer *composer, const struct rf_instance *instance,
              struct rf_entry *entries, size_t count, bool *ret_versionless, bool *ret_untold)
{
    *ret_untold = false;
    *ret_versionless = !is_any_versioned(entries, count);
    if (*ret_versionless) {
        *ret_untold = rf_order_places(&composer->places, entries, count);
        return count;
    }
    count = drop_malformed(composer, instance, entries, count);
    rf_order_versions(entries, count);
    return count;
}

/* ---- one version after the other ------------------------------------------------------------- */

/** Settles the further events of a version, and counts them in `step`: entries[0] is the one that
 * is folded. */
static void
settle_copies(struct rf_composer *composer, const struct rf_instance *instance,
              const struct rf_entry *entries, size_t count, struct rf_step *step)
{
    for (size_t i = 1; i < count; i++) {
        enum rf_unlike unlike =
            rf_compare_events(&composer->comparer, entries[0].event, entries[i].event);
        if (unlike == RF_UNLIKE_NOTHING) {
            step->duplicates++;
            rf_composer_settle(composer, &entries[i], 1, RF_TERM_DUPLICATES);
            continue;
        }
        struct rf_flaws flaws = open_flaws(composer);
        rf_flaw_conflict(&flaws, instance, &entries[0], &entries[i], unlike);
        step->conflicts++;
        rf_composer_settle(composer, &entries[i], 1, RF_TERM_CONFLICTS);
    }
}

/** RF_VERDICT_… of an event's type. */
static uint8_t
judge(struct rf_composer *composer, const struct rf_instance *instance,
      const struct rf_entry *entry)
{
    return composer->rules->everything
               ? RF_VERDICT_DECLARED
               : rf_claims_judge(&composer->claims, instance->claim, entry->type);
}

/** Adds a step behind the others. Its event is at hand now; when its outcome comes it is in no
 * cache any more. */
static void
add_step(struct rf_composer *composer, const struct rf_instance *instance,
         const struct rf_step *step)
{
    struct rf_step *place = &composer->steps[composer->step_count++];
    *place = *step;
    place->item = rf_sums_item(step->event);
    place->digest =
        rf_digest_event(rf_instance_digest(instance, instance->step_count), step->event,
                        step->version, rf_names_hash(composer->claims.names, step->event->type));
}

/** One version takes its place in the instance: as a step, or skipped, or behind its end. */
static void
take_version(struct rf_composer *composer, struct rf_instance *instance,
             const struct rf_entry *entry, const struct rf_step *step)
{
    RF_VERIFY(composer->step_count + composer->skipped_count < composer->step_room);
    instance->last_version = entry->version;
    bool over = rf_instance_is_over(instance);
    uint8_t verdict = judge(composer, instance, entry);
    if ((verdict & RF_VERDICT_SKIPPED) != 0) {
        rf_claims_skip(&composer->claims, instance->claim, entry->type);
        rf_sums_settle(&composer->sums, entry->event, RF_TERM_SKIPPED);
        composer->skipped_count++;
        instance->skipped_count++;
        instance->skipped = composer->steps + composer->step_room - composer->skipped_count;
        composer->steps[composer->step_room - composer->skipped_count] = *step;
        return;
    }
    if (!over && instance->unhandled == NULL && (verdict & RF_VERDICT_DECLARED) == 0) {
        instance->unhandled = entry->event;
        instance->unhandled_version = entry->version;
        return;
    }
    add_step(composer, instance, step);
    if (!over && instance->unhandled == NULL) {
        instance->step_count++;
    } else {
        instance->behind_count++;
    }
}

static size_t
count_copies(const struct rf_entry *entries, size_t count)
{
    size_t copies = 1;
    while (copies < count && entries[copies].version == entries[0].version) {
        copies++;
    }
    return copies;
}

/** A version is missing in front of `next`. @return whether the instance ends here */
static bool
meet_gap(struct rf_composer *composer, struct rf_instance *instance, bool front, int64_t missing,
         int64_t next)
{
    if (composer->rules->anywhere) {
        return false;
    }
    composer->counts.gaps++;
    if (composer->rules->until) {
        return true;
    }
    struct rf_flaws flaws = open_flaws(composer);
    rf_flaw_gap(&flaws, instance, front, missing, next);
    instance->gapped = true;
    return false;
}

/** Walks the ordered versions up to the end of the selection.
 *  @first   version with which the instance should begin, or go on
 *  @return  how many entries were selected */
static size_t
take_versions(struct rf_composer *composer, struct rf_instance *instance,
              const struct rf_entry *entries, size_t count, int64_t first)
{
    int64_t previous = 0;
    for (size_t i = 0; i < count;) {
        int64_t version = entries[i].version;
        if (i + RF_ENTRIES_AHEAD < count) {
            rf_entry_ask(&entries[i + RF_ENTRIES_AHEAD]);
        }
        if (rf_rules_end(composer->rules, entries[i].event)) {
            return i;
        }
        /* Not previous + 1, which may not exist: versions ascend, so version - 1 does. */
        bool whole = i == 0 ? version == first : version - 1 == previous;
        if (!whole && meet_gap(composer, instance, i == 0 && instance->start == NULL,
                               i == 0 ? first : previous + 1, version)) {
            return i;
        }
        size_t copies = count_copies(entries + i, count - i);
        struct rf_step step = {
            .event = entries[i].event, .ref = entries[i].ref, .version = version};
        settle_copies(composer, instance, entries + i, copies, &step);
        take_version(composer, instance, &entries[i], &step);
        previous = version;
        i += copies;
    }
    return count;
}

/* ---- behind a snapshot ----------------------------------------------------------------------- */

/** What is found of the events that a snapshot covers. */
struct cover {
    uint64_t digest; /**< of those that are here */
    uint64_t events;
    int64_t next;  /**< the version that comes next, where none is missing */
    bool unbroken; /**< from the first version on */
};

/** The snapshot keeps no event, only their digest: that of all of them tells if they are the same.
 * Where some are not here, nothing tells. */
static void
verify_covered(struct rf_composer *composer, const struct rf_instance *instance,
               const struct cover *cover)
{
    const struct rf_start *start = instance->start;
    if (cover->digest == start->digest) {
        return;
    }
    bool all_here = cover->unbroken && cover->next > start->covered;
    if (composer->rules->whole || all_here) {
        struct rf_flaws flaws = open_flaws(composer);
        rf_flaw_covered(&flaws, instance, cover->digest, cover->events == 0);
    } else {
        composer->counts.unverified += cover->events;
    }
}

/** Versions may have been missing when the snapshot was made, and be missing still: the digest is
 * of those that were there. Where only its end is read, nothing tells. */
static void
meet_gap_covered(struct rf_composer *composer, struct rf_instance *instance, bool front,
                 int64_t missing, int64_t next)
{
    if (composer->rules->whole && missing != next) {
        struct rf_flaws flaws = open_flaws(composer);
        rf_flaw_gap(&flaws, instance, front, missing, next);
        composer->counts.gaps++;
        instance->gapped = true;
    }
}

/** Settles the events at the front whose versions the snapshot covers.
 *  @return  how many these are */
static size_t
pass_covered(struct rf_composer *composer, struct rf_instance *instance,
             const struct rf_entry *entries, size_t count)
{
    int64_t first = first_version(composer, instance, entries, count);
    struct cover cover = {.next = first, .unbroken = true};
    size_t i = 0;
    while (i < count && entries[i].version <= instance->start->covered) {
        const struct rf_entry *entry = &entries[i];
        size_t copies = count_copies(entries + i, count - i);
        meet_gap_covered(composer, instance, i == 0, cover.next, entry->version);
        struct rf_step step = {.event = entry->event, .ref = entry->ref, .version = entry->version};
        settle_copies(composer, instance, entry, copies, &step);
        bool skipped = (judge(composer, instance, entry) & RF_VERDICT_SKIPPED) != 0;
        rf_composer_settle(composer, entry, 1, skipped ? RF_TERM_SKIPPED : RF_TERM_COVERED);
        if (skipped) {
            rf_claims_skip(&composer->claims, instance->claim, entry->type);
        } else {
            cover.digest = rf_digest_event(cover.digest, entry->event, entry->version,
                                           rf_names_hash(composer->claims.names, entry->type));
            cover.events++;
        }
        cover.unbroken = cover.unbroken && entry->version == cover.next;
        cover.next = entry->version < INT64_MAX ? entry->version + 1 : entry->version;
        i += copies;
    }
    if (composer->rules->whole || cover.events > 0) {
        verify_covered(composer, instance, &cover);
    }
    return i;
}

/** The ordered versions of an instance that goes on from a snapshot. As take_versions. */
static size_t
take_versions_behind(struct rf_composer *composer, struct rf_instance *instance,
                     const struct rf_entry *entries, size_t count)
{
    int64_t covered = instance->start->covered;
    instance->last_version = covered;
    size_t passed = pass_covered(composer, instance, entries, count);
    int64_t next = covered < INT64_MAX ? covered + 1 : covered;
    return passed + take_versions(composer, instance, entries + passed, count - passed, next);
}

/** Whether nothing came behind the start. */
static bool
is_idle(const struct rf_instance *instance)
{
    return instance->last_version == instance->start->covered;
}

bool
rf_compose_idle(struct rf_composer *composer, const struct rf_start *start, struct rf_instance *ret)
{
    struct rf_instance instance = {
        .aggregate = start->aggregate,
        .claim = rf_claims_find(&composer->claims, start->aggregate),
        .id = start->id,
        .id_bytes = start->id_bytes,
        .start = start,
        .last_version = start->covered,
    };
    if (instance.claim == RF_CLAIM_NONE) {
        return false;
    }
    instance.aggregate_name =
        rf_names_text(composer->claims.names, instance.aggregate, &instance.aggregate_name_bytes);
    if (composer->rules->whole) {
        struct cover none = {0};
        verify_covered(composer, &instance, &none);
    }
    composer->counts.instances++;
    composer->counts.started++;
    composer->counts.idle++;
    *ret = instance;
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/** Whether whose they are may show later: no type told it by now, and the events in front of them
 * that would tell come late. */
static bool
is_undecided(const struct rf_composer *composer, const struct rf_entry *entries, size_t count)
{
    const struct rf_claims *claims = &composer->claims;
    uint32_t name = entries[0].aggregate;
    bool untold =
        name == RF_NAME_NONE || (claims->guessed && name == claims->numbers[claims->taker]);
    if (!composer->rules->until || !untold) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].version <= 1) { /* 0: it has none */
            return false;
        }
    }
    return true;
}

/** The claims that declare the type of each of these events, of which none is a claim's, and of all
 * before them that stand under their name. */
static uint64_t
find_fitting(struct rf_composer *composer, const struct rf_entry *entries, size_t count)
{
    struct rf_claims *claims = &composer->claims;
    uint64_t fits = rf_unclaimed_fits(&composer->unclaimed, entries[0].aggregate);
    for (size_t claim = 0; claim < 64; claim++) {
        uint64_t bit = UINT64_C(1) << claim;
        bool declared = claim < claims->folded_count && (fits & bit) != 0;
        for (size_t i = 0; i < count && declared; i++) {
            uint8_t verdict = rf_claims_judge(claims, claim, entries[i].type);
            declared = (verdict & RF_VERDICT_DECLARED) != 0;
        }
        fits = declared ? fits : fits & ~bit;
    }
    return fits;
}

/** Events that no one folds: only a selection can tell them apart. */
static void
pass_unclaimed(struct rf_composer *composer, struct rf_entry *entries, size_t count)
{
    size_t selected = count;
    if (composer->rules->has_as_of) {
        if (is_any_versioned(entries, count)) {
            rf_order_versions(entries, count);
        } else {
            (void)rf_order_places(&composer->places, entries, count);
        }
        selected = 0;
        while (selected < count && !rf_rules_end(composer->rules, entries[selected].event)) {
            selected += count_copies(entries + selected, count - selected);
        }
    }
    rf_composer_settle(composer, entries, selected, RF_TERM_UNCLAIMED);
    rf_composer_settle(composer, entries + selected, count - selected, RF_TERM_UNSELECTED);
    if (selected > 0) {
        composer->counts.undecided += is_undecided(composer, entries, selected);
        composer->counts.unclaimed_names++;
        if (entries[0].aggregate != RF_NAME_NONE) {
            rf_unclaimed_add(&composer->unclaimed, composer->claims.names, entries[0].aggregate,
                             selected, find_fitting(composer, entries, selected));
        }
    }
}

static bool
is_any_timeless(const struct rf_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((entries[i].event->flags & RF_EVENT_AT) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether time does not tell the order of two events that are no copies. */
static bool
is_any_tied(const struct rf_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct rf_packed_event *one = entries[i - 1].event;
        const struct rf_packed_event *next = entries[i].event;
        if (entries[i - 1].version != entries[i].version &&
            (one->flags & next->flags & RF_EVENT_AT) != 0 && one->at_seconds == next->at_seconds &&
            one->at_nanos == next->at_nanos) {
            return true;
        }
    }
    return false;
}

bool
rf_compose(struct rf_composer *composer, struct rf_entry *entries, size_t count,
           struct rf_instance *ret)
{
    struct rf_instance instance = {
        .aggregate = entries[0].aggregate,
        .aggregate_name = "",
        .claim = rf_claims_find(&composer->claims, entries[0].aggregate),
        .id = rf_packed_id(entries[0].event),
        .id_bytes = entries[0].event->id_bytes,
        .steps = composer->steps + composer->step_count,
    };
    if (instance.claim == RF_CLAIM_NONE && !composer->rules->everything) {
        pass_unclaimed(composer, entries, count);
        return false;
    }
    if (instance.aggregate != RF_NAME_NONE) {
        instance.aggregate_name = rf_names_text(composer->claims.names, instance.aggregate,
                                                &instance.aggregate_name_bytes);
        composer->counts.undecided += is_undecided(composer, entries, count);
        instance.lent = instance.aggregate == composer->claims.lent;
    }
    bool versionless;
    bool untold;
    count = order_entries(composer, &instance, entries, count, &versionless, &untold);
    struct rf_starts *starts = composer->rules->starts;
    if (starts != NULL && instance.aggregate != RF_NAME_NONE) {
        composer->met_versionless = composer->met_versionless || versionless;
        instance.start = rf_starts_meet(starts, composer->bucket, instance.aggregate, instance.id,
                                        instance.id_bytes);
    }
    size_t selected = 0;
    if (instance.start != NULL) {
        selected = take_versions_behind(composer, &instance, entries, count);
    } else {
        int64_t first = versionless ? 1 : first_version(composer, &instance, entries, count);
        selected = take_versions(composer, &instance, entries, count, first);
    }
    rf_composer_settle(composer, entries + selected, count - selected, RF_TERM_UNSELECTED);
    if (selected == 0 && instance.start == NULL) {
        return false;
    }
    instance.shortened = selected < count;
    instance.behind = instance.steps + instance.step_count;
    composer->counts.started += instance.start != NULL;
    composer->counts.idle += instance.start != NULL && is_idle(&instance);
    composer->counts.instances++;
    composer->counts.untold += untold;
    composer->counts.versionless += versionless;
    composer->counts.timeless += versionless && is_any_timeless(entries, selected);
    composer->counts.tied += versionless && is_any_tied(entries, selected);
    *ret = instance;
    return true;
}
