/* SPDX-License-Identifier: MIT */
/* Timelines: events in their places, and how the fold took each. */
#include "golden/timeline.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"

#define EVENTS 12

static struct rf_packed_event events[EVENTS];
static struct rf_step steps[EVENTS];
static struct rf_step behind[EVENTS];
static struct rf_step skipped[EVENTS];

static void
make_events(void)
{
    for (int i = 0; i < EVENTS; i++) {
        events[i] = (struct rf_packed_event){
            .version = i, .flags = RF_EVENT_VERSION | RF_EVENT_AT, .at_seconds = 100 + i};
    }
}

TestSuite(timeline, .init = make_events, .timeout = 10);

/** Steps of these versions (0 ends them). Returns how many. */
static size_t
fill(struct rf_step *list, const int64_t *versions)
{
    size_t count = 0;
    for (; versions[count] != 0; count++) {
        list[count] =
            (struct rf_step){.event = &events[versions[count]], .version = versions[count]};
    }
    return count;
}

static struct rf_instance
make_instance(const char *name, uint32_t number, const int64_t *folded)
{
    return (struct rf_instance){.aggregate = number,
                                .aggregate_name = name,
                                .aggregate_name_bytes = strlen(name),
                                .id = "i",
                                .id_bytes = 1,
                                .steps = steps,
                                .step_count = fill(steps, folded)};
}

/** "1f 2s 3r | 4u": versions and the first letter of how each was taken, parted at the end. */
static char *
describe(const struct rf_timeline *timeline)
{
    struct rf_buf text = {0};
    for (size_t i = 0; i < timeline->count; i++) {
        const struct rf_moment *moment = &timeline->moments[i];
        rf_buf_format(&text, "%s%" PRId64 "%.3s+%" PRIu64 " ", i == timeline->end ? "| " : "",
                      moment->version, rf_taken_name(moment->taken), moment->applied);
        cr_assert(moment->event == &events[moment->version]);
    }
    char *copy = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return copy;
}

static void
expect_timeline(const struct rf_outcome *outcome, const char *wanted)
{
    struct rf_timelines timelines = {0};
    cr_assert(!rf_timelines_outcome(&timelines, 0, outcome), "no trace is wanted");
    rf_timelines_finish(&timelines);
    const struct rf_timeline *timeline = &timelines.items[0];
    char *text = describe(timeline);
    cr_assert_str_eq(text, wanted);
    free(text);
    uint64_t counted = 0;
    for (int term = 0; term < RF_TERM_COUNT_; term++) {
        counted += timeline->terms[term];
    }
    cr_assert_eq(counted, timeline->count, "each event has one term");
    cr_assert_eq(timeline->terms[RF_TERM_FOLDED], outcome->applied);
    rf_timelines_done(&timelines);
}

Test(timeline, puts_skipped_events_in_their_places)
{
    struct rf_instance instance = make_instance("order", 3, (int64_t[]){2, 4, 5, 0});
    instance.skipped = skipped;
    instance.skipped_count = fill(skipped, (int64_t[]){7, 6, 3, 1, 0});
    struct rf_outcome outcome = {.instance = &instance, .ending = RF_ENDED_FOLDED, .applied = 3};
    expect_timeline(&outcome, "1ski+0 2fol+1 3ski+1 4fol+2 5fol+3 6ski+3 7ski+3 ");
}

Test(timeline, ends_at_a_refused_event)
{
    struct rf_instance instance = make_instance("order", 3, (int64_t[]){1, 2, 3, 4, 0});
    instance.skipped = skipped;
    instance.skipped_count = fill(skipped, (int64_t[]){5, 0});
    struct rf_outcome outcome = {.instance = &instance,
                                 .ending = RF_ENDED_REJECTED,
                                 .applied = 2,
                                 .at = &events[3],
                                 .message = "no"};
    expect_timeline(&outcome, "1fol+1 2fol+2 | 3rej+2 4unf+2 5ski+2 ");
}

Test(timeline, ends_at_a_type_that_is_not_declared)
{
    struct rf_instance instance = make_instance("order", 3, (int64_t[]){1, 0});
    instance.unhandled = &events[3];
    instance.unhandled_version = 3;
    instance.behind = behind;
    instance.behind_count = fill(behind, (int64_t[]){4, 6, 0});
    instance.skipped = skipped;
    instance.skipped_count = fill(skipped, (int64_t[]){5, 2, 0});
    struct rf_outcome outcome = {.instance = &instance,
                                 .ending = RF_ENDED_REJECTED,
                                 .unhandled = true,
                                 .applied = 1,
                                 .at = &events[3]};
    expect_timeline(&outcome, "1fol+1 2ski+1 | 3unh+1 4unf+1 5ski+1 6unf+1 ");
    /* Refused before it comes to that type. */
    outcome.unhandled = false;
    outcome.applied = 0;
    outcome.at = &events[1];
    expect_timeline(&outcome, "| 1rej+0 2ski+0 3unf+0 4unf+0 5ski+0 6unf+0 ");
}

Test(timeline, ends_where_the_worker_died_if_that_is_known)
{
    struct rf_instance instance = make_instance("order", 3, (int64_t[]){1, 2, 3, 0});
    struct rf_outcome outcome = {
        .instance = &instance, .ending = RF_ENDED_CRASHED, .applied = 1, .at = &events[2]};
    expect_timeline(&outcome, "1fol+1 | 2cra+1 3unf+1 ");
    outcome.ending = RF_ENDED_HUNG;
    expect_timeline(&outcome, "1fol+1 | 2hun+1 3unf+1 ");
    outcome.applied = 0;
    outcome.at = NULL;
    expect_timeline(&outcome, "| 1unf+0 2unf+0 3unf+0 ");
}

Test(timeline, without_an_aggregate_has_events_only)
{
    struct rf_instance instance = make_instance("", 3, (int64_t[]){1, 2, 0});
    struct rf_outcome outcome = {.instance = &instance, .ending = RF_ENDED_UNCLAIMED};
    expect_timeline(&outcome, "| 1unc+0 2unc+0 ");
}

Test(timeline, gives_each_instance_its_own_copies)
{
    struct rf_timelines timelines = {0};
    struct rf_instance z = make_instance("z", 1, (int64_t[]){1, 2, 3, 0});
    struct rf_outcome outcome = {.instance = &z, .ending = RF_ENDED_FOLDED, .applied = 3};
    rf_timelines_pass(&timelines, RF_NAME_NONE, &events[9], 9, RF_TERM_WITHDRAWN);
    rf_timelines_pass(&timelines, 7, &events[1], 1, RF_TERM_DUPLICATES);
    rf_timelines_pass(&timelines, 7, &events[1], 1, RF_TERM_CONFLICTS);
    rf_timelines_pass(&timelines, 7, &events[3], 3, RF_TERM_DUPLICATES);
    rf_timelines_pass(&timelines, 7, &events[4], 4, RF_TERM_UNSELECTED);
    rf_timelines_pass(&timelines, 1, &events[2], 2, RF_TERM_DUPLICATES);
    (void)rf_timelines_outcome(&timelines, 0, &outcome);
    struct rf_instance a = make_instance("a", 7, (int64_t[]){1, 2, 3, 0});
    outcome.instance = &a;
    (void)rf_timelines_outcome(&timelines, 0, &outcome);
    rf_timelines_finish(&timelines);
    cr_assert_eq(timelines.count, 2);
    cr_assert_eq(timelines.terms[RF_TERM_WITHDRAWN], 1);
    const struct rf_timeline *first = &timelines.items[0];
    cr_assert_str_eq(first->instance.aggregate_name, "a", "sorted by name");
    size_t count;
    const struct rf_passed *copies = rf_timeline_copies(first, 1, &count);
    cr_assert(count == 2 && copies[0].term == RF_TERM_DUPLICATES &&
              copies[1].term == RF_TERM_CONFLICTS);
    (void)rf_timeline_copies(first, 2, &count);
    cr_assert_eq(count, 0);
    (void)rf_timeline_copies(first, 3, &count);
    cr_assert_eq(count, 1);
    (void)rf_timeline_copies(first, 4, &count);
    cr_assert_eq(count, 0, "what is not selected is no copy");
    cr_assert_eq(first->terms[RF_TERM_UNSELECTED], 1);
    cr_assert_eq(first->terms[RF_TERM_DUPLICATES], 2);
    cr_assert_eq(first->terms[RF_TERM_FOLDED], 3);
    (void)rf_timeline_copies(&timelines.items[1], 2, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(timelines.items[1].terms[RF_TERM_DUPLICATES], 1);
    rf_timelines_done(&timelines);
}

Test(timeline, finds_versions_times_and_gaps)
{
    struct rf_timelines timelines = {0};
    struct rf_instance instance = make_instance("order", 3, (int64_t[]){3, 4, 7, 8, 0});
    struct rf_outcome outcome = {.instance = &instance, .ending = RF_ENDED_FOLDED, .applied = 4};
    instance.gapped = true;
    events[7].at_seconds = 500; /* and version 8 is early again */
    (void)rf_timelines_outcome(&timelines, 0, &outcome);
    rf_timelines_finish(&timelines);
    const struct rf_timeline *timeline = &timelines.items[0];
    cr_assert_eq(rf_timeline_find(timeline, 3), 0);
    cr_assert_eq(rf_timeline_find(timeline, 7), 2);
    cr_assert_eq(rf_timeline_find(timeline, 5), 4);
    cr_assert_eq(rf_timeline_find(timeline, 9), 4);
    cr_assert_eq(rf_timeline_until(timeline, (struct rf_time){102, 0}), 0);
    cr_assert_eq(rf_timeline_until(timeline, (struct rf_time){103, 0}), 1);
    cr_assert_eq(rf_timeline_until(timeline, (struct rf_time){499, 999999999}), 2);
    cr_assert_eq(rf_timeline_until(timeline, (struct rf_time){500, 0}), 4);
    int64_t from;
    int64_t to;
    cr_assert(rf_timeline_gap(timeline, 0, 1, &from, &to) && from == 1 && to == 2);
    cr_assert(!rf_timeline_gap(timeline, 0, 3, &from, &to));
    cr_assert(!rf_timeline_gap(timeline, 1, 1, &from, &to));
    cr_assert(rf_timeline_gap(timeline, 2, 1, &from, &to) && from == 5 && to == 6);
    rf_timelines_done(&timelines);
}

Test(timeline, keeps_an_instance_beyond_its_bucket)
{
    struct rf_timelines timelines = {0};
    struct rf_instance instance = make_instance("order", 3, (int64_t[]){1, 2, 0});
    struct rf_outcome outcome = {.instance = &instance,
                                 .ending = RF_ENDED_FOLDED,
                                 .applied = 2,
                                 .state = "{}",
                                 .state_bytes = 2};
    (void)rf_timelines_outcome(&timelines, 0, &outcome);
    memset(steps, 0, sizeof(steps));
    const struct rf_timeline *timeline = &timelines.items[0];
    cr_assert_eq(timeline->instance.step_count, 2);
    cr_assert_eq(timeline->instance.steps[1].version, 2);
    cr_assert(timeline->has_state);
    rf_timelines_done(&timelines);
}
