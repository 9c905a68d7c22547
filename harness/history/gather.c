/* SPDX-License-Identifier: MIT */
/* A bucket's events as instances: grouped by id, given to whom folds them, sorted. */
#include "history/gather.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/order.h"
#include "base/stopwatch.h"
#include "history/claim.h"
#include "history/group.h"

/** Of an id in a sentence, whose end is to be read too. */
#define ID_SHOWN 100

/** An instance as it is sorted: by aggregate name, then by id, of which `prefix` is the front. */
struct sort_key {
    uint64_t prefix;
    const struct rf_instance *instance;
};

struct rf_gatherer {
    const struct rf_history *history;
    const struct rf_gather_rules *rules;
    struct rf_grouper grouper;
    struct rf_composer composer;
    struct rf_instance *found; /**< in the order in which they were met */
    size_t found_count;
    size_t found_room;
    struct rf_instance *sorted;
    size_t sorted_room;
    struct sort_key *keys;
    size_t key_room;
};

struct rf_gatherer *
rf_gatherer_new(const struct rf_history *history, const struct rf_gather_rules *rules)
{
    struct rf_gatherer *gatherer = rf_calloc(1, sizeof(*gatherer));
    gatherer->history = history;
    gatherer->rules = rules;
    rf_composer_init(&gatherer->composer, history, rules);
    rf_grouper_init(&gatherer->grouper, rf_names_seed(gatherer->composer.claims.names));
    return gatherer;
}

void
rf_gatherer_free(struct rf_gatherer *gatherer)
{
    if (gatherer == NULL) {
        return;
    }
    rf_grouper_done(&gatherer->grouper);
    rf_composer_done(&gatherer->composer);
    free(gatherer->found);
    free(gatherer->sorted);
    free(gatherer->keys);
    free(gatherer);
}

struct rf_sums *
rf_gatherer_sums(struct rf_gatherer *gatherer)
{
    return &gatherer->composer.sums;
}

struct rf_damages *
rf_gatherer_damages(struct rf_gatherer *gatherer)
{
    return &gatherer->composer.damages;
}

const struct rf_unclaimed_counts *
rf_gatherer_unclaimed(const struct rf_gatherer *gatherer)
{
    return &gatherer->composer.unclaimed;
}

void
rf_gatherer_hand_over(struct rf_gatherer *gatherer, struct rf_sums *sums,
                      struct rf_damages *damages, struct rf_gather_counts *counts)
{
    const struct rf_gather_counts *own = &gatherer->composer.counts;
    rf_sums_join(sums, &gatherer->composer.sums);
    rf_damages_join(damages, &gatherer->composer.damages);
    counts->gaps += own->gaps;
    counts->instances += own->instances;
    counts->versionless += own->versionless;
    counts->timeless += own->timeless;
    counts->tied += own->tied;
    counts->untold += own->untold;
    counts->unclaimed_names += own->unclaimed_names;
    counts->undecided += own->undecided;
    counts->half_named += own->half_named;
    counts->started += own->started;
    counts->idle += own->idle;
    counts->unverified += own->unverified;
}

/* ---- one id ---------------------------------------------------------------------------------- */

static bool
is_selected(const struct rf_gatherer *gatherer, const struct rf_group *group)
{
    return rf_rules_select(gatherer->rules, group->id, group->id_bytes);
}

static int
compare_ids(const struct rf_group *a, const struct rf_group *b)
{
    return rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

/** The error for the smallest id whose unnamed events fit two aggregates: threads put the groups
 * into any order, and the sentence must not depend on that. */
static rf_code
fail_ambiguous(struct rf_gatherer *gatherer, struct rf_err *reterr)
{
    const struct rf_grouper *grouper = &gatherer->grouper;
    size_t least = grouper->group_count;
    size_t first = 0;
    size_t second = 0;
    for (size_t i = 0; i < grouper->group_count; i++) {
        const struct rf_group *group = &grouper->groups[i];
        size_t one;
        size_t other;
        if (!is_selected(gatherer, group) ||
            (least < i && compare_ids(group, &grouper->groups[least]) > 0)) {
            continue;
        }
        rf_claims_fit(&gatherer->composer.claims, grouper->entries + group->first, group->count,
                      &one, &other);
        if (other != RF_CLAIM_NONE) {
            least = i;
            first = one;
            second = other;
        }
    }
    RF_VERIFY(least < grouper->group_count);
    const struct rf_group *group = &grouper->groups[least];
    const struct rf_gather_rules *rules = gatherer->rules;
    const char *idle = rules->idle_streams;
    int id_bytes = group->id_bytes < ID_SHOWN ? (int)group->id_bytes : ID_SHOWN;
    return rf_fail(
        reterr, RF_ERR_USAGE, NULL,
        "events of '%.*s%s' name no aggregate, and both %s and %s declare types of theirs: "
        "say in the config's \"streams\" which stream holds which aggregate%s%s%s",
        id_bytes, group->id, group->id_bytes > ID_SHOWN ? "…" : "", rules->claims[first].name,
        rules->claims[second].name, idle == NULL ? "" : " (", idle == NULL ? "" : idle,
        idle == NULL ? "" : ")");
}

static int
compare_aggregates(const void *left, const void *right)
{
    const struct rf_entry *a = left;
    const struct rf_entry *b = right;
    return RF_ORDER(a->aggregate, b->aggregate);
}

/** Entries at the front that share the first one's aggregate. */
static size_t
count_siblings(const struct rf_entry *entries, size_t count)
{
    size_t siblings = 1;
    while (siblings < count && entries[siblings].aggregate == entries[0].aggregate) {
        siblings++;
    }
    return siblings;
}

static void
keep(struct rf_gatherer *gatherer, const struct rf_instance *instance)
{
    RF_GROW(gatherer->found, gatherer->found_room, gatherer->found_count + 1);
    gatherer->found[gatherer->found_count++] = *instance;
}

static const char *
instance_name(const struct rf_gatherer *gatherer, uint32_t aggregate)
{
    return rf_names_text(gatherer->composer.claims.names, aggregate, NULL);
}

/** All entries of one id: instances of one aggregate, as a rule. */
static rf_code
gather_group(struct rf_gatherer *gatherer, const struct rf_group *group, struct rf_err *reterr)
{
    struct rf_entry *entries = gatherer->grouper.entries + group->first;
    if (!is_selected(gatherer, group)) {
        rf_composer_settle(&gatherer->composer, entries, group->count, RF_TERM_UNSELECTED);
        return RF_OK;
    }
    bool ambiguous;
    RF_TRY(rf_claims_name(&gatherer->composer.claims, entries, group->count, &ambiguous, reterr));
    if (ambiguous) {
        return fail_ambiguous(gatherer, reterr);
    }
    gatherer->composer.counts.half_named += gatherer->composer.claims.half_named;
    size_t siblings = count_siblings(entries, group->count);
    if (siblings < group->count) {
        qsort(entries, group->count, sizeof(*entries), compare_aggregates);
        siblings = count_siblings(entries, group->count);
    }
    for (size_t i = 0; i < group->count; i += siblings) {
        siblings = count_siblings(entries + i, group->count - i);
        struct rf_instance instance;
        if (rf_compose(&gatherer->composer, entries + i, siblings, &instance)) {
            keep(gatherer, &instance);
        }
        if (gatherer->composer.met_versionless) {
            return rf_fail(reterr, RF_ERR_USAGE, "--from",
                           "events of %s have no versions: where one comes late, all places behind "
                           "it shift, and a snapshot cannot tell; fold them from the beginning",
                           instance_name(gatherer, entries[i].aggregate));
        }
    }
    return RF_OK;
}

/** Instances of snapshots that no event came for: of those ids that are of the portion at hand. */
static void
gather_idle(struct rf_gatherer *gatherer, size_t bucket)
{
    const struct rf_starts *starts = gatherer->rules->starts;
    size_t count;
    const struct rf_start *items = rf_starts_bucket(starts, bucket, &count);
    for (size_t i = 0; i < count; i++) {
        const struct rf_start *start = &items[i];
        struct rf_instance instance;
        if (!rf_starts_met(starts, start) &&
            rf_history_portion_holds(gatherer->history, bucket, start->id, start->id_bytes) &&
            rf_rules_select(gatherer->rules, start->id, start->id_bytes) &&
            rf_compose_idle(&gatherer->composer, start, &instance)) {
            keep(gatherer, &instance);
        }
    }
}

/** The first events of a group, which is gathered soon. */
static void
ask_group(const struct rf_grouper *grouper, size_t number)
{
    if (number < grouper->group_count) {
        const struct rf_group *group = &grouper->groups[number];
        for (size_t i = 0; i < group->count && i < RF_ENTRIES_AHEAD; i++) {
            rf_entry_ask(&grouper->entries[group->first + i]);
        }
    }
}

/* ---- one bucket ------------------------------------------------------------------------------ */

static void
collect(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct rf_gatherer *gatherer = context;
    if (rf_history_withdrawn(gatherer->history, event->object)) {
        rf_composer_pass(&gatherer->composer, event->aggregate, event, event->version,
                         RF_TERM_WITHDRAWN);
        return;
    }
    rf_grouper_add(&gatherer->grouper, event, ref);
}

/** The first eight bytes, so that numbers compare as the bytes do. */
static uint64_t
front_bytes(const char *id, size_t bytes)
{
    uint64_t front = 0;
    for (size_t i = 0; i < 8; i++) {
        front = front << 8 | (i < bytes ? (unsigned char)id[i] : 0);
    }
    return front;
}

static int
compare_keys(const void *left, const void *right)
{
    const struct sort_key *a = left;
    const struct sort_key *b = right;
    if (a->instance->aggregate != b->instance->aggregate) {
        return rf_bytes_compare(a->instance->aggregate_name, a->instance->aggregate_name_bytes,
                                b->instance->aggregate_name, b->instance->aggregate_name_bytes);
    }
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    return rf_bytes_compare(a->instance->id, a->instance->id_bytes, b->instance->id,
                            b->instance->id_bytes);
}

static void
sort_instances(struct rf_gatherer *gatherer)
{
    size_t count = gatherer->found_count;
    RF_GROW(gatherer->keys, gatherer->key_room, count);
    RF_GROW(gatherer->sorted, gatherer->sorted_room, count);
    for (size_t i = 0; i < count; i++) {
        const struct rf_instance *instance = &gatherer->found[i];
        gatherer->keys[i] = (struct sort_key){
            .prefix = front_bytes(instance->id, instance->id_bytes),
            .instance = instance,
        };
    }
    if (count > 1) {
        qsort(gatherer->keys, count, sizeof(*gatherer->keys), compare_keys);
    }
    for (size_t i = 0; i < count; i++) {
        gatherer->sorted[i] = *gatherer->keys[i].instance;
    }
}

static rf_code
gather_bucket(struct rf_gatherer *gatherer, size_t bucket, struct rf_err *reterr)
{
    struct rf_grouper *grouper = &gatherer->grouper;
    size_t events = rf_history_portion_events(gatherer->history, bucket);
    rf_grouper_begin(grouper, events);
    gatherer->found_count = 0;
    rf_composer_begin(&gatherer->composer, bucket, events);
    if (gatherer->rules->starts != NULL && rf_history_portion_is_first(gatherer->history, bucket)) {
        rf_starts_begin(gatherer->rules->starts, bucket);
    }
    rf_history_each(gatherer->history, bucket, collect, gatherer);
    rf_grouper_finish(grouper);
    ask_group(grouper, 0);
    for (size_t i = 0; i < grouper->group_count; i++) {
        ask_group(grouper, i + 1);
        RF_TRY(gather_group(gatherer, &grouper->groups[i], reterr));
    }
    if (gatherer->rules->starts != NULL) {
        gather_idle(gatherer, bucket);
    }
    return RF_OK;
}

rf_code
rf_gather(struct rf_gatherer *gatherer, size_t bucket, struct rf_gathering *ret,
          struct rf_err *reterr)
{
    enum rf_station before = rf_station_enter(RF_STATION_GATHER);
    rf_code code = gather_bucket(gatherer, bucket, reterr);
    (void)rf_station_enter(RF_STATION_SORT);
    if (code == RF_OK) {
        sort_instances(gatherer);
    }
    (void)rf_station_enter(before);
    RF_TRY(code);
    ret->instances = gatherer->sorted;
    ret->count = gatherer->found_count;
    return RF_OK;
}
