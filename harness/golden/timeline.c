/* SPDX-License-Identifier: MIT */
/* All that is known of one id: its instances, their events in order, and what became of each. */
#include "golden/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/order.h"
#include "history/order.h"

const char *
rf_taken_name(enum rf_taken taken)
{
    static const char *const names[] = {
        [RF_TAKEN_FOLDED] = "folded",     [RF_TAKEN_SKIPPED] = "skipped",
        [RF_TAKEN_REJECTED] = "rejected", [RF_TAKEN_UNHANDLED] = "unhandled",
        [RF_TAKEN_CRASHED] = "crashed",   [RF_TAKEN_HUNG] = "hung",
        [RF_TAKEN_UNFOLDED] = "unfolded", [RF_TAKEN_UNCLAIMED] = "unclaimed",
    };
    RF_VERIFY((size_t)taken < sizeof(names) / sizeof(names[0]));
    return names[taken];
}

void
rf_timelines_pass(void *context, uint32_t aggregate, const struct rf_packed_event *event,
                  int64_t version, enum rf_term term)
{
    struct rf_timelines *timelines = context;
    RF_GROW(timelines->passed, timelines->passed_room, timelines->passed_count + 1);
    timelines->passed[timelines->passed_count] = (struct rf_passed){
        .event = event,
        .version = version,
        .aggregate = aggregate,
        .term = term,
        .place = timelines->passed_count,
    };
    timelines->passed_count++;
    timelines->terms[term]++;
}

/* ---- one instance ---------------------------------------------------------------------------- */

/** How the fold took step `at`. */
static enum rf_taken
step_taken(const struct rf_outcome *outcome, size_t at)
{
    if (outcome->ending == RF_ENDED_UNCLAIMED) {
        return RF_TAKEN_UNCLAIMED;
    }
    if (at < outcome->applied) {
        return RF_TAKEN_FOLDED;
    }
    if (at > outcome->applied || outcome->at != outcome->instance->steps[at].event) {
        return RF_TAKEN_UNFOLDED;
    }
    switch (outcome->ending) {
    case RF_ENDED_REJECTED:
        return RF_TAKEN_REJECTED;
    case RF_ENDED_CRASHED:
        return RF_TAKEN_CRASHED;
    case RF_ENDED_HUNG:
        return RF_TAKEN_HUNG;
    case RF_ENDED_IMPURE: /* who shows one asks for no examination */
    case RF_ENDED_FOLDED:
    case RF_ENDED_UNCLAIMED:
    case RF_ENDED_UNTRIED:
        break;
    }
    return RF_TAKEN_UNFOLDED;
}

static void
add_moment(struct rf_timeline *timeline, const struct rf_packed_event *event, int64_t version,
           enum rf_taken taken)
{
    uint64_t before = timeline->count == 0 ? 0 : timeline->moments[timeline->count - 1].applied;
    timeline->moments[timeline->count++] = (struct rf_moment){
        .event = event,
        .version = version,
        .applied = before + (taken == RF_TAKEN_FOLDED ? 1 : 0),
        .taken = taken,
    };
}

/** Skipped events in front of `version`; they lie with the latest first. */
static void
add_skipped(struct rf_timeline *timeline, const struct rf_instance *instance, size_t *left,
            int64_t version)
{
    while (*left > 0 && instance->skipped[*left - 1].version < version) {
        const struct rf_step *step = &instance->skipped[--*left];
        add_moment(timeline, step->event, step->version, RF_TAKEN_SKIPPED);
    }
}

/** Steps, the unhandled event, what lies behind it and what is skipped, as one row. */
static void
order_moments(struct rf_timeline *timeline, const struct rf_outcome *outcome)
{
    const struct rf_instance *instance = outcome->instance;
    size_t skipped = instance->skipped_count;
    timeline->moments = rf_calloc(instance->step_count + (instance->unhandled != NULL) +
                                      instance->behind_count + instance->skipped_count,
                                  sizeof(*timeline->moments));
    for (size_t i = 0; i < instance->step_count; i++) {
        const struct rf_step *step = &instance->steps[i];
        add_skipped(timeline, instance, &skipped, step->version);
        add_moment(timeline, step->event, step->version, step_taken(outcome, i));
    }
    if (instance->unhandled != NULL) {
        add_skipped(timeline, instance, &skipped, instance->unhandled_version);
        add_moment(timeline, instance->unhandled, instance->unhandled_version,
                   outcome->unhandled ? RF_TAKEN_UNHANDLED : RF_TAKEN_UNFOLDED);
    }
    for (size_t i = 0; i < instance->behind_count; i++) {
        const struct rf_step *step = &instance->behind[i];
        add_skipped(timeline, instance, &skipped, step->version);
        add_moment(timeline, step->event, step->version, RF_TAKEN_UNFOLDED);
    }
    while (skipped > 0) {
        const struct rf_step *step = &instance->skipped[--skipped];
        add_moment(timeline, step->event, step->version, RF_TAKEN_SKIPPED);
    }
}

static void
find_end(struct rf_timeline *timeline)
{
    while (timeline->end < timeline->count &&
           (timeline->moments[timeline->end].taken == RF_TAKEN_FOLDED ||
            timeline->moments[timeline->end].taken == RF_TAKEN_SKIPPED)) {
        timeline->end++;
    }
}

/** The instance without what the gatherer takes back; what else it points to is the history's. */
static void
keep_instance(struct rf_timeline *timeline, const struct rf_instance *instance)
{
    timeline->steps = rf_calloc(instance->step_count, sizeof(*timeline->steps));
    if (instance->step_count > 0) {
        memcpy(timeline->steps, instance->steps, instance->step_count * sizeof(*timeline->steps));
    }
    timeline->instance = *instance;
    timeline->instance.steps = timeline->steps;
    timeline->instance.behind = NULL;
    timeline->instance.behind_count = 0;
    timeline->instance.skipped = NULL;
    timeline->instance.skipped_count = 0;
}

bool
rf_timelines_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    (void)thread;
    struct rf_timelines *timelines = context;
    RF_GROW(timelines->items, timelines->room, timelines->count + 1);
    struct rf_timeline *timeline = &timelines->items[timelines->count++];
    *timeline = (struct rf_timeline){
        .ending = outcome->ending,
        .has_at = outcome->at != NULL,
        .message = outcome->message == NULL ? NULL : rf_strdup(outcome->message),
        .nonfinite = outcome->nonfinite == NULL ? NULL : rf_strdup(outcome->nonfinite),
        .applied = outcome->applied,
        .has_state = outcome->state != NULL,
        .state_hash = outcome->state == NULL ? 0 : rf_hash(outcome->state, outcome->state_bytes, 0),
    };
    keep_instance(timeline, outcome->instance);
    order_moments(timeline, outcome);
    find_end(timeline);
    return false;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int
compare_timelines(const void *left, const void *right)
{
    const struct rf_instance *a = &((const struct rf_timeline *)left)->instance;
    const struct rf_instance *b = &((const struct rf_timeline *)right)->instance;
    return rf_bytes_compare(a->aggregate_name, a->aggregate_name_bytes, b->aggregate_name,
                            b->aggregate_name_bytes);
}

/** Withdrawn events come as they lie in memory, or do not: their order is that of the history. */
static int
compare_passed(const void *left, const void *right)
{
    const struct rf_passed *a = left;
    const struct rf_passed *b = right;
    bool a_withdrawn = a->term == RF_TERM_WITHDRAWN;
    bool b_withdrawn = b->term == RF_TERM_WITHDRAWN;
    if (a_withdrawn != b_withdrawn) {
        return a_withdrawn ? -1 : 1;
    }
    if (a_withdrawn) {
        return rf_compare_origins(a->event, b->event);
    }
    if (a->aggregate != b->aggregate) {
        return a->aggregate < b->aggregate ? -1 : 1;
    }
    return RF_ORDER(a->place, b->place);
}

/** The first of `passed` that is not withdrawn and of this or a higher aggregate. */
static size_t
find_passed(const struct rf_timelines *timelines, uint32_t aggregate)
{
    size_t low = (size_t)timelines->terms[RF_TERM_WITHDRAWN];
    size_t high = timelines->passed_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (timelines->passed[middle].aggregate < aggregate) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
give_passed(const struct rf_timelines *timelines, struct rf_timeline *timeline)
{
    uint32_t aggregate = timeline->instance.aggregate;
    size_t first = find_passed(timelines, aggregate);
    timeline->passed = timelines->passed == NULL ? NULL : timelines->passed + first;
    for (size_t i = first;
         i < timelines->passed_count && timelines->passed[i].aggregate == aggregate; i++) {
        timeline->passed_count++;
        timeline->terms[timelines->passed[i].term]++;
    }
}

static void
count_moments(struct rf_timeline *timeline)
{
    static const enum rf_term terms[] = {
        [RF_TAKEN_FOLDED] = RF_TERM_FOLDED,     [RF_TAKEN_SKIPPED] = RF_TERM_SKIPPED,
        [RF_TAKEN_REJECTED] = RF_TERM_REJECTED, [RF_TAKEN_UNHANDLED] = RF_TERM_UNHANDLED,
        [RF_TAKEN_CRASHED] = RF_TERM_UNFOLDED,  [RF_TAKEN_HUNG] = RF_TERM_UNFOLDED,
        [RF_TAKEN_UNFOLDED] = RF_TERM_UNFOLDED, [RF_TAKEN_UNCLAIMED] = RF_TERM_UNCLAIMED,
    };
    for (size_t i = 0; i < timeline->count; i++) {
        timeline->terms[terms[timeline->moments[i].taken]]++;
    }
}

void
rf_timelines_finish(struct rf_timelines *timelines)
{
    if (timelines->count > 0) {
        qsort(timelines->items, timelines->count, sizeof(*timelines->items), compare_timelines);
    }
    if (timelines->passed_count > 0) {
        qsort(timelines->passed, timelines->passed_count, sizeof(*timelines->passed),
              compare_passed);
    }
    for (size_t i = 0; i < timelines->count; i++) {
        give_passed(timelines, &timelines->items[i]);
        count_moments(&timelines->items[i]);
    }
}

void
rf_timelines_done(struct rf_timelines *timelines)
{
    for (size_t i = 0; i < timelines->count; i++) {
        free(timelines->items[i].steps);
        free(timelines->items[i].moments);
        free(timelines->items[i].message);
        free(timelines->items[i].nonfinite);
    }
    free(timelines->items);
    free(timelines->passed);
    memset(timelines, 0, sizeof(*timelines));
}

/* ---- places ---------------------------------------------------------------------------------- */

size_t
rf_timeline_find(const struct rf_timeline *timeline, int64_t version)
{
    size_t low = 0;
    size_t high = timeline->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (timeline->moments[middle].version < version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < timeline->count && timeline->moments[low].version == version;
    return found ? low : timeline->count;
}

size_t
rf_timeline_until(const struct rf_timeline *timeline, struct rf_time at)
{
    const struct rf_gather_rules rules = {.has_as_of = true, .as_of = at};
    size_t count = 0;
    while (count < timeline->count && !rf_rules_end(&rules, timeline->moments[count].event)) {
        count++;
    }
    return count;
}

const struct rf_passed *
rf_timeline_copies(const struct rf_timeline *timeline, int64_t version, size_t *ret_count)
{
    const struct rf_passed *passed = timeline->passed;
    size_t count =
        (size_t)(timeline->terms[RF_TERM_DUPLICATES] + timeline->terms[RF_TERM_CONFLICTS]);
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (passed[middle].version < version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_count = 0;
    while (low + *ret_count < count && passed[low + *ret_count].version == version) {
        *ret_count += 1;
    }
    return passed == NULL ? NULL : passed + low;
}

bool
rf_timeline_gap(const struct rf_timeline *timeline, size_t moment, int64_t first, int64_t *ret_from,
                int64_t *ret_to)
{
    if (!timeline->instance.gapped) {
        return false;
    }
    int64_t version = timeline->moments[moment].version;
    *ret_from = moment == 0 ? first : timeline->moments[moment - 1].version + 1;
    *ret_to = version - 1;
    return *ret_from < version;
}
