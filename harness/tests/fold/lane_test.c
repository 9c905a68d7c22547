/* SPDX-License-Identifier: MIT */
/* What a lane asks of its sink at a time, and how many plans go into a batch. */
#include "fold/lane.h"

#include <criterion/criterion.h>
#include <stdlib.h>

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
