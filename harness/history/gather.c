/* SPDX-License-Identifier: MIT */
/* A bucket's events as instances: in order, cleared of duplicates, checked for gaps. */
#include "history/gather.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "history/group.h"
#include "history/order.h"

/** What is known of a (claim, type) pair. */
enum {
    VERDICT_KNOWN = 1,
    VERDICT_DECLARED = 2,
    VERDICT_SKIPPED = 4,
};

/** An instance as it is sorted: by aggregate name, then by id, of which `prefix` is the front. */
struct sort_key {
    uint64_t prefix;
    const struct rf_instance *instance;
};

struct rf_gatherer {
    const struct rf_history *history;
    const struct rf_gather_rules *rules;
    const struct rf_names *names;
    size_t name_count;
    uint32_t *claim_names; /**< number of each claim's name, or RF_NAME_NONE */
    size_t taker;          /**< the claim that takes what no other claims, or RF_CLAIM_NONE */
    uint8_t **verdicts;    /**< for each claim, once needed: VERDICT_… of each name as a type */
    struct rf_grouper grouper;
    struct rf_places places;
    struct rf_comparer comparer;
    struct rf_step *steps; /**< of all instances of the bucket; its room never moves meanwhile */
    size_t step_count;
    size_t step_room;
    struct rf_instance *found; /**< in the order in which they were met */
    size_t found_count;
    size_t found_room;
    struct rf_instance *sorted;
    size_t sorted_room;
    struct sort_key *keys;
    size_t key_room;
    struct rf_sums sums;
    struct rf_damages damages;
    struct rf_gather_counts counts;
};

struct rf_gatherer *
rf_gatherer_new(const struct rf_history *history, const struct rf_gather_rules *rules)
{
    struct rf_gatherer *gatherer = rf_calloc(1, sizeof(*gatherer));
    /* Looking a name up takes the table's lock: it is not changed otherwise. */
    struct rf_names *names = rf_history_names((struct rf_history *)history);
    gatherer->history = history;
    gatherer->rules = rules;
    gatherer->names = names;
    gatherer->name_count = rf_names_count(names);
    gatherer->claim_names = rf_calloc(rules->claim_count, sizeof(*gatherer->claim_names));
    gatherer->verdicts = rf_calloc(rules->claim_count, sizeof(*gatherer->verdicts));
    gatherer->taker = RF_CLAIM_NONE;
    for (size_t i = 0; i < rules->claim_count; i++) {
        const struct rf_claim *claim = &rules->claims[i];
        gatherer->claim_names[i] = rf_names_find(names, claim->name, strlen(claim->name));
        if (claim->takes_all && gatherer->taker == RF_CLAIM_NONE) {
            gatherer->taker = i;
        }
    }
    rf_grouper_init(&gatherer->grouper, rf_names_seed(names));
    return gatherer;
}

void
rf_gatherer_free(struct rf_gatherer *gatherer)
{
    if (gatherer == NULL) {
        return;
    }
    for (size_t i = 0; i < gatherer->rules->claim_count; i++) {
        free(gatherer->verdicts[i]);
    }
    free(gatherer->verdicts);
    free(gatherer->claim_names);
    rf_grouper_done(&gatherer->grouper);
    rf_places_done(&gatherer->places);
    rf_comparer_done(&gatherer->comparer);
    rf_damages_done(&gatherer->damages);
    free(gatherer->steps);
    free(gatherer->found);
    free(gatherer->sorted);
    free(gatherer->keys);
    free(gatherer);
}

struct rf_sums *
rf_gatherer_sums(struct rf_gatherer *gatherer)
{
    return &gatherer->sums;
}

struct rf_damages *
rf_gatherer_damages(struct rf_gatherer *gatherer)
{
    return &gatherer->damages;
}

const struct rf_gather_counts *
rf_gatherer_counts(const struct rf_gatherer *gatherer)
{
    return &gatherer->counts;
}

static void
settle_all(struct rf_gatherer *gatherer, const struct rf_entry *entries, size_t count,
           enum rf_term term)
{
    for (size_t i = 0; i < count; i++) {
        rf_sums_settle(&gatherer->sums, entries[i].event, term);
    }
}

/* ---- claims ---- */

/** VERDICT_… of a type for a claim; a claim is asked once for each type. */
static uint8_t
judge_type(struct rf_gatherer *gatherer, size_t claim_at, uint32_t type)
{
    uint8_t **verdicts = &gatherer->verdicts[claim_at];
    if (*verdicts == NULL) {
        *verdicts = rf_calloc(gatherer->name_count, sizeof(**verdicts));
    }
    RF_VERIFY(type < gatherer->name_count);
    uint8_t *verdict = *verdicts + type;
    if (*verdict == 0) {
        const struct rf_claim *claim = &gatherer->rules->claims[claim_at];
        size_t bytes;
        const char *text = rf_names_text(gatherer->names, type, &bytes);
        *verdict = VERDICT_KNOWN;
        if (claim->declares(claim->context, text, bytes)) {
            *verdict |= VERDICT_DECLARED;
        }
        if (claim->skips(claim->context, text, bytes)) {
            *verdict |= VERDICT_SKIPPED;
        }
    }
    return *verdict;
}

/** The claim on events that stand under this aggregate name. */
static size_t
find_claim(const struct rf_gatherer *gatherer, uint32_t aggregate)
{
    if (aggregate == RF_NAME_NONE) {
        return RF_CLAIM_NONE;
    }
    for (size_t i = 0; i < gatherer->rules->claim_count; i++) {
        if (gatherer->claim_names[i] == aggregate) {
            return i;
        }
    }
    return gatherer->taker;
}

/** Whether a claim declares a type of those entries that name no aggregate. */
static bool
declares_any(struct rf_gatherer *gatherer, size_t claim, const struct rf_entry *entries,
             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].aggregate == RF_NAME_NONE &&
            (judge_type(gatherer, claim, entries[i].type) & VERDICT_DECLARED) != 0) {
            return true;
        }
    }
    return false;
}

/** The claims that an id's unnamed events fit by their types: `ret` is the first, or the one that
 * takes all, or RF_CLAIM_NONE; `ret_second` is another that fits, or RF_CLAIM_NONE. */
static void
claim_by_types(struct rf_gatherer *gatherer, const struct rf_entry *entries, size_t count,
               size_t *ret, size_t *ret_second)
{
    *ret = RF_CLAIM_NONE;
    *ret_second = RF_CLAIM_NONE;
    for (size_t i = 0; i < gatherer->rules->claim_count; i++) {
        if (gatherer->rules->claims[i].takes_all || !declares_any(gatherer, i, entries, count)) {
            continue;
        }
        if (*ret != RF_CLAIM_NONE) {
            *ret_second = i;
            return;
        }
        *ret = i;
    }
    if (*ret == RF_CLAIM_NONE) {
        *ret = gatherer->taker;
    }
}

static bool
is_any_unnamed(const struct rf_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].aggregate == RF_NAME_NONE) {
            return true;
        }
    }
    return false;
}

static int
compare_bytes(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    size_t least = a_bytes < b_bytes ? a_bytes : b_bytes;
    int order = least == 0 ? 0 : memcmp(a, b, least);
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static const char *
group_id(const struct rf_gatherer *gatherer, const struct rf_group *group)
{
    return gatherer->grouper.ids.bytes + group->id_offset;
}

static bool
is_selected(const struct rf_gatherer *gatherer, const struct rf_group *group)
{
    const struct rf_gather_rules *rules = gatherer->rules;
    return rules->selects == NULL ||
           rules->selects(rules->select_context, group_id(gatherer, group), group->id_bytes);
}

/** The error for the smallest id whose unnamed events fit two aggregates: threads put the groups
 * into any order, and the sentence must not depend on that. */
static rf_code
fail_ambiguous(struct rf_gatherer *gatherer, struct rf_err *reterr)
{
    const struct rf_grouper *grouper = &gatherer->grouper;
    const struct rf_group *least = NULL;
    size_t first = 0;
    size_t second = 0;
    for (size_t i = 0; i < grouper->group_count; i++) {
        const struct rf_group *group = &grouper->groups[i];
        size_t one;
        size_t other;
        if (!is_selected(gatherer, group) ||
            (least != NULL && compare_bytes(group_id(gatherer, group), group->id_bytes,
                                            group_id(gatherer, least), least->id_bytes) > 0)) {
            continue;
        }
        claim_by_types(gatherer, grouper->entries + group->first, group->count, &one, &other);
        if (other != RF_CLAIM_NONE) {
            least = group;
            first = one;
            second = other;
        }
    }
    RF_VERIFY(least != NULL);
    return rf_fail(
        reterr, RF_ERR_USAGE, NULL,
        "events of '%.*s' name no aggregate, and both %s and %s declare types of theirs: "
        "say in the config's \"streams\" which stream holds which aggregate",
        (int)least->id_bytes, group_id(gatherer, least), gatherer->rules->claims[first].name,
        gatherer->rules->claims[second].name);
}

/** Gives the events of an id that name no aggregate the name of the one that they belong to. */
static rf_code
name_unnamed(struct rf_gatherer *gatherer, struct rf_entry *entries, size_t count,
             struct rf_err *reterr)
{
    if (!is_any_unnamed(entries, count)) {
        return RF_OK;
    }
    size_t claim;
    size_t second;
    claim_by_types(gatherer, entries, count, &claim, &second);
    if (second != RF_CLAIM_NONE) {
        return fail_ambiguous(gatherer, reterr);
    }
    if (claim == RF_CLAIM_NONE) {
        return RF_OK;
    }
    uint32_t name = gatherer->claim_names[claim];
    if (name == RF_NAME_NONE) {
        return rf_fail(reterr, RF_ERR_INTERNAL, gatherer->rules->claims[claim].name,
                       "the aggregate is not in the names file");
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].aggregate == RF_NAME_NONE) {
            entries[i].aggregate = name;
        }
    }
    return RF_OK;
}

/* ---- damage ---- */

static const char *
object_name(const struct rf_gatherer *gatherer, const struct rf_packed_event *event)
{
    return rf_history_objects(gatherer->history)->items[event->object].name;
}

static struct rf_damage
instance_damage(const struct rf_instance *instance, enum rf_damage_kind kind, int64_t version)
{
    return (struct rf_damage){
        .kind = kind,
        .aggregate = rf_strndup(instance->aggregate_name, instance->aggregate_name_bytes),
        .id = rf_strndup(instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
        .has_version = true,
        .version = version,
    };
}

static void
place_damage(struct rf_gatherer *gatherer, struct rf_damage *damage,
             const struct rf_packed_event *event)
{
    damage->object = rf_strdup(object_name(gatherer, event));
    damage->has_offset = true;
    damage->offset = event->offset;
}

static void
report_malformed(struct rf_gatherer *gatherer, const struct rf_instance *instance,
                 const struct rf_entry *entry, char *message)
{
    struct rf_damage damage = instance_damage(instance, RF_DAMAGE_MALFORMED, entry->event->version);
    damage.has_version = (entry->flags & RF_EVENT_VERSION) != 0;
    damage.message = message;
    place_damage(gatherer, &damage, entry->event);
    rf_damages_add(&gatherer->damages, damage);
    rf_sums_unsee(&gatherer->sums, entry->event);
}

static void
report_conflict(struct rf_gatherer *gatherer, const struct rf_instance *instance,
                const struct rf_entry *kept, const struct rf_entry *other, enum rf_unlike unlike)
{
    static const char *const what[] = {
        [RF_UNLIKE_NOTHING] = "nothing",
        [RF_UNLIKE_TYPE] = "type",
        [RF_UNLIKE_TIME] = "time",
        [RF_UNLIKE_DATA] = "data",
    };
    struct rf_damage damage = instance_damage(instance, RF_DAMAGE_CONFLICT, kept->version);
    damage.message =
        rf_format("version %" PRId64 " comes twice with different %s: %s at offset %" PRIu64
                  " is folded, %s at offset %" PRIu64 " is not",
                  kept->version, what[unlike], object_name(gatherer, kept->event),
                  kept->event->offset, object_name(gatherer, other->event), other->event->offset);
    place_damage(gatherer, &damage, other->event);
    rf_damages_add(&gatherer->damages, damage);
}

/** Versions from `missing` on are not there, up to the one before `next`. */
static void
report_gap(struct rf_gatherer *gatherer, const struct rf_instance *instance, bool front,
           int64_t missing, int64_t next)
{
    struct rf_damage damage = instance_damage(instance, RF_DAMAGE_GAP, missing);
    char *behind = front ? rf_format("the history begins with %" PRId64, next)
                         : rf_format("%" PRId64 " is followed by %" PRId64, missing - 1, next);
    damage.message = missing == next - 1
                         ? rf_format("version %" PRId64 " is missing (%s)", missing, behind)
                         : rf_format("versions %" PRId64 " to %" PRId64 " are missing (%s)",
                                     missing, next - 1, behind);
    free(behind);
    rf_damages_add(&gatherer->damages, damage);
}

/* ---- one instance ---- */

/** Malformed among its siblings: what has no version where others have one, and what lies below the
 * first. Moves the others to the front and returns their number. */
static size_t
drop_malformed(struct rf_gatherer *gatherer, const struct rf_instance *instance,
               struct rf_entry *entries, size_t count)
{
    int64_t least = gatherer->rules->claims[instance->claim].first_version;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool versioned = (entries[i].flags & RF_EVENT_VERSION) != 0;
        if (versioned && entries[i].version >= least) {
            entries[kept++] = entries[i];
            continue;
        }
        report_malformed(gatherer, instance, &entries[i],
                         versioned ? rf_format("version %" PRId64 " lies below %" PRId64
                                               ", the first (the config's \"first\")",
                                               entries[i].version, least)
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
order_entries(struct rf_gatherer *gatherer, const struct rf_instance *instance,
              struct rf_entry *entries, size_t count, bool *ret_versionless, bool *ret_untold)
{
    *ret_untold = false;
    *ret_versionless = !is_any_versioned(entries, count);
    if (*ret_versionless) {
        *ret_untold = rf_order_places(&gatherer->places, entries, count);
        return count;
    }
    count = drop_malformed(gatherer, instance, entries, count);
    rf_order_versions(entries, count);
    return count;
}

/** Whether --as-of ends the instance before this event. */
static bool
is_later(const struct rf_gather_rules *rules, const struct rf_packed_event *event)
{
    if (!rules->has_as_of || (event->flags & RF_EVENT_AT) == 0) {
        return false;
    }
    struct rf_time at = {.seconds = event->at_seconds, .nanos = event->at_nanos};
    return rf_time_compare(at, rules->as_of) > 0;
}

/** Settles the further events of a version: entries[0] is the one that is folded. */
static void
settle_copies(struct rf_gatherer *gatherer, const struct rf_instance *instance,
              const struct rf_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        enum rf_unlike unlike =
            rf_compare_events(&gatherer->comparer, entries[0].event, entries[i].event);
        if (unlike != RF_UNLIKE_NOTHING) {
            report_conflict(gatherer, instance, &entries[0], &entries[i], unlike);
        }
        rf_sums_settle(&gatherer->sums, entries[i].event,
                       unlike == RF_UNLIKE_NOTHING ? RF_TERM_DUPLICATES : RF_TERM_CONFLICTS);
    }
}

/** One version takes its place in the instance: as a step, or skipped, or behind its end. */
static void
take_version(struct rf_gatherer *gatherer, struct rf_instance *instance,
             const struct rf_entry *entry)
{
    instance->last_version = entry->version;
    uint8_t verdict = judge_type(gatherer, instance->claim, entry->type);
    if ((verdict & VERDICT_SKIPPED) != 0) {
        rf_sums_settle(&gatherer->sums, entry->event, RF_TERM_SKIPPED);
        return;
    }
    if (instance->unhandled == NULL && (verdict & VERDICT_DECLARED) == 0) {
        instance->unhandled = entry->event;
        instance->unhandled_version = entry->version;
        return;
    }
    RF_VERIFY(gatherer->step_count < gatherer->step_room);
    gatherer->steps[gatherer->step_count++] = (struct rf_step){
        .event = entry->event,
        .ref = entry->ref,
        .version = entry->version,
    };
    if (instance->unhandled == NULL) {
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
meet_gap(struct rf_gatherer *gatherer, struct rf_instance *instance, bool front, int64_t missing,
         int64_t next)
{
    gatherer->counts.gaps++;
    if (gatherer->rules->until) {
        return true;
    }
    report_gap(gatherer, instance, front, missing, next);
    instance->gapped = true;
    return false;
}

/** Walks the ordered versions up to the end of the selection.
 *  @first   version with which the instance should begin
 *  @return  how many entries were selected */
static size_t
take_versions(struct rf_gatherer *gatherer, struct rf_instance *instance,
              const struct rf_entry *entries, size_t count, int64_t first)
{
    int64_t previous = 0;
    for (size_t i = 0; i < count;) {
        int64_t version = entries[i].version;
        if (is_later(gatherer->rules, entries[i].event)) {
            return i;
        }
        /* Not previous + 1, which may not exist: versions ascend, so version - 1 does. */
        bool whole = i == 0 ? version == first : version - 1 == previous;
        if (!whole &&
            meet_gap(gatherer, instance, i == 0, i == 0 ? first : previous + 1, version)) {
            return i;
        }
        size_t copies = count_copies(entries + i, count - i);
        settle_copies(gatherer, instance, entries + i, copies);
        take_version(gatherer, instance, &entries[i]);
        previous = version;
        i += copies;
    }
    return count;
}

/** Events that no one folds: only a selection can tell them apart. */
static void
pass_unclaimed(struct rf_gatherer *gatherer, struct rf_entry *entries, size_t count)
{
    size_t selected = count;
    if (gatherer->rules->has_as_of) {
        if (is_any_versioned(entries, count)) {
            rf_order_versions(entries, count);
        } else {
            (void)rf_order_places(&gatherer->places, entries, count);
        }
        selected = 0;
        while (selected < count && !is_later(gatherer->rules, entries[selected].event)) {
            selected += count_copies(entries + selected, count - selected);
        }
    }
    settle_all(gatherer, entries, selected, RF_TERM_UNCLAIMED);
    settle_all(gatherer, entries + selected, count - selected, RF_TERM_UNSELECTED);
    if (selected > 0) {
        gatherer->counts.unclaimed_names++;
    }
}

/** All entries of one (aggregate, id). */
static void
gather_instance(struct rf_gatherer *gatherer, struct rf_entry *entries, size_t count)
{
    struct rf_instance instance = {
        .aggregate = entries[0].aggregate,
        .claim = find_claim(gatherer, entries[0].aggregate),
        .id = rf_packed_id(entries[0].event),
        .id_bytes = entries[0].event->id_bytes,
        .steps = gatherer->steps + gatherer->step_count,
    };
    if (instance.claim == RF_CLAIM_NONE) {
        pass_unclaimed(gatherer, entries, count);
        return;
    }
    instance.aggregate_name =
        rf_names_text(gatherer->names, instance.aggregate, &instance.aggregate_name_bytes);
    bool versionless;
    bool untold;
    count = order_entries(gatherer, &instance, entries, count, &versionless, &untold);
    int64_t first = versionless ? 1 : gatherer->rules->claims[instance.claim].first_version;
    size_t selected = take_versions(gatherer, &instance, entries, count, first);
    settle_all(gatherer, entries + selected, count - selected, RF_TERM_UNSELECTED);
    if (selected == 0) {
        return;
    }
    instance.shortened = selected < count;
    instance.behind = instance.steps + instance.step_count;
    gatherer->counts.instances++;
    gatherer->counts.untold += untold;
    RF_GROW(gatherer->found, gatherer->found_room, gatherer->found_count + 1);
    gatherer->found[gatherer->found_count++] = instance;
}

/* ---- one bucket ---- */

static int
compare_aggregates(const void *left, const void *right)
{
    const struct rf_entry *a = left;
    const struct rf_entry *b = right;
    return (a->aggregate > b->aggregate) - (a->aggregate < b->aggregate);
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

/** All entries of one id: instances of one aggregate, as a rule. */
static rf_code
gather_group(struct rf_gatherer *gatherer, const struct rf_group *group, struct rf_err *reterr)
{
    struct rf_entry *entries = gatherer->grouper.entries + group->first;
    if (!is_selected(gatherer, group)) {
        settle_all(gatherer, entries, group->count, RF_TERM_UNSELECTED);
        return RF_OK;
    }
    RF_TRY(name_unnamed(gatherer, entries, group->count, reterr));
    size_t siblings = count_siblings(entries, group->count);
    if (siblings < group->count) {
        qsort(entries, group->count, sizeof(*entries), compare_aggregates);
        siblings = count_siblings(entries, group->count);
    }
    for (size_t i = 0; i < group->count; i += siblings) {
        siblings = count_siblings(entries + i, group->count - i);
        gather_instance(gatherer, entries + i, siblings);
    }
    return RF_OK;
}

static void
collect(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct rf_gatherer *gatherer = context;
    if (rf_history_withdrawn(gatherer->history, event->object)) {
        rf_sums_settle(&gatherer->sums, event, RF_TERM_WITHDRAWN);
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
        return compare_bytes(a->instance->aggregate_name, a->instance->aggregate_name_bytes,
                             b->instance->aggregate_name, b->instance->aggregate_name_bytes);
    }
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    return compare_bytes(a->instance->id, a->instance->id_bytes, b->instance->id,
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

rf_code
rf_gather(struct rf_gatherer *gatherer, size_t bucket, struct rf_gathering *ret,
          struct rf_err *reterr)
{
    struct rf_grouper *grouper = &gatherer->grouper;
    size_t events = rf_history_bucket_events(gatherer->history, bucket);
    rf_grouper_begin(grouper, events);
    gatherer->found_count = 0;
    gatherer->step_count = 0;
    if (events > gatherer->step_room) {
        free(gatherer->steps);
        gatherer->steps = rf_realloc(NULL, events, sizeof(*gatherer->steps));
        gatherer->step_room = events;
    }
    rf_history_each(gatherer->history, bucket, collect, gatherer);
    rf_grouper_finish(grouper);
    for (size_t i = 0; i < grouper->group_count; i++) {
        RF_TRY(gather_group(gatherer, &grouper->groups[i], reterr));
    }
    sort_instances(gatherer);
    ret->instances = gatherer->sorted;
    ret->count = gatherer->found_count;
    return RF_OK;
}
