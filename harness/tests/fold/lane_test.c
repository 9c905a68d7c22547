/* SPDX-License-Identifier: MIT */
/* What a lane asks of its sink at a time, and how many plans go into a batch. */
#include "fold/lane.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "worker/world.h"

static const struct rf_instance instances[1];

static void
make_plans(struct rf_plan *plans, size_t count, uint64_t events)
{
    for (size_t i = 0; i < count; i++) {
        plans[i] = (struct rf_plan){.instance = instances, .count = events};
    }
}

Test(lane, a_batch_holds_at_least_one_and_at_most_so_many_instances)
{
    struct rf_lane lane = {.batch_instances = 3, .batch_events = 100};
    struct rf_plan plans[8];
    make_plans(plans, 8, 1);
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 3);
    cr_expect_eq(rf_lane_batch(&lane, plans, 6, 8), 2);
    cr_expect_eq(rf_lane_batch(&lane, plans, 7, 8), 1);
}

Test(lane, a_batch_holds_at_most_so_many_events_unless_of_one_instance)
{
    struct rf_lane lane = {.batch_instances = 8, .batch_events = 10};
    struct rf_plan plans[8];
    make_plans(plans, 8, 4);
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 2);
    make_plans(plans, 8, 5);
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 2);
    make_plans(plans, 8, 11);
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 1);
    make_plans(plans, 8, 0);
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 8);
}

Test(lane, a_snapshot_weighs_as_events)
{
    static const char state[1 << 20];
    struct rf_start start = {.state = state, .state_bytes = sizeof(state)};
    struct rf_instance goes_on = {.start = &start};
    struct rf_lane lane = {.batch_instances = 8, .batch_events = 1000};
    struct rf_plan plans[8];
    make_plans(plans, 8, 1);
    plans[1].instance = &goes_on;
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 1);
    start.state_bytes = 1;
    cr_expect_eq(rf_lane_batch(&lane, plans, 0, 8), 8);
}

static size_t told[4];
static size_t told_count;

static void
note_ahead(void *context, size_t thread, const struct rf_instance *const *ahead, size_t count)
{
    (void)context;
    (void)thread;
    cr_assert(told_count < 4 && ahead[0] != NULL);
    told[told_count++] = count;
}

Test(lane, tells_ahead_of_as_many_instances_as_may_be_told_of_at_once)
{
    struct rf_instance many[2 * RF_AHEAD_MOST + 3] = {{.claim = 0}};
    struct rf_gathering gathering = {.instances = many, .count = 2 * RF_AHEAD_MOST + 3};
    struct rf_fold_sink sink = {.ahead = note_ahead};
    struct rf_fold_request request = {.sink = &sink};
    struct rf_lane lane = {.request = &request};
    many[1].claim = 1; /* another lane's */
    rf_lane_plan(&lane, &gathering);
    cr_expect_eq(lane.plan_count, gathering.count - 1);
    cr_expect(told_count == 3 && told[0] == RF_AHEAD_MOST && told[1] == RF_AHEAD_MOST &&
              told[2] == 2);
    free(lane.plans);
}

/* ---- hangs ---- */

static void
hang(struct rf_lane *lane)
{
    for (int i = 0; i < RF_LIMIT_HANGS; i++) {
        cr_expect(!rf_lane_is_hopeless(lane));
        rf_lane_note_hang(lane);
    }
    cr_expect(rf_lane_is_hopeless(lane));
}

/* The first fold, the second of what differs from a digest golden, and purity's. */
Test(lane, gives_up_where_its_own_kind_of_fold_hangs_and_nowhere_else)
{
    struct rf_build build = {0};
    struct rf_lane first = {.build = &build};
    struct rf_lane again = {.build = &build, .again = true};
    struct rf_lane made = {.build = &build, .again = true, .files = {.world = RF_WORLD_MADE}};
    hang(&made);
    cr_expect(!rf_lane_is_hopeless(&again) && !rf_lane_is_hopeless(&first));
    hang(&again);
    cr_expect(!rf_lane_is_hopeless(&first));
    hang(&first);
}

static void
expect_untried(struct rf_lane *lane, size_t place, size_t expected)
{
    const struct rf_plan plan = {.place = place};
    rf_lane_note_untried(lane, &plan);
    cr_expect_eq(atomic_load(&lane->build->untried), expected, "%zu", place);
}

/* What the first fold has done and the second one not is compared with nothing, either. */
Test(lane, counts_each_that_was_not_folded_or_not_once_more_once)
{
    struct rf_build build = {0};
    struct rf_lane lane = {.build = &build, .tried = SIZE_MAX};
    struct rf_lane made = {
        .build = &build, .again = true, .tried = SIZE_MAX, .files = {.world = RF_WORLD_MADE}};
    expect_untried(&made, 0, 0);
    expect_untried(&lane, 5, 1);
    expect_untried(&lane, 6, 2);
    lane.again = true;
    expect_untried(&lane, 3, 3);
    expect_untried(&lane, 4, 4);
    expect_untried(&lane, 5, 4);
    expect_untried(&lane, 6, 4);
}
