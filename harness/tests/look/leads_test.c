/* SPDX-License-Identifier: MIT */
/* Where what is missing may lie: in order, and found by time. */
#include "look/leads.h"

#include <criterion/criterion.h>

TestSuite(leads, .timeout = 10);

#define NAME(text) ((char[]){text})

static struct rf_object
object_at(uint64_t number, int64_t hour)
{
    return (struct rf_object){.number = (uint32_t)number,
                              .name = NAME("a"),
                              .errors = true,
                              .hour = {.grain = RF_GRAIN_HOUR, .hour = hour}};
}

/** Objects below an error prefix and gaps, at the same time and at others. */
static void
make_leads(struct rf_leads *ret, struct rf_object items[4])
{
    struct rf_calendar_gap gaps[] = {{.from = 3, .to = 5}, {.from = 7, .to = 8, .unlike = 1}};
    struct rf_calendar calendar = {.grain = RF_GRAIN_HOUR, .gaps = gaps, .gap_count = 2};
    struct rf_facts facts[4] = {0};
    struct rf_objects objects = {.items = items, .count = 4};
    items[0] = object_at(0, 7);
    items[1] = (struct rf_object){.number = 1, .name = NAME("b"), .errors = true};
    items[2] = object_at(2, 3);
    items[3] = object_at(3, 3);
    rf_leads_make(&objects, facts, &calendar, ret);
}

Test(leads, come_by_time_and_a_times_objects_before_its_gap)
{
    struct rf_object items[4];
    struct rf_leads leads;
    make_leads(&leads, items);
    cr_assert_eq(leads.count, 6);
    cr_assert_eq(leads.timed, 5);
    cr_expect_eq(leads.items[0].object, &items[2]);
    cr_expect_eq(leads.items[1].object, &items[3]);
    cr_expect(leads.items[2].object == NULL && leads.items[2].from == 3 && leads.items[2].to == 5);
    cr_expect_eq(leads.items[3].object, &items[0]);
    cr_expect(leads.items[4].object == NULL && leads.items[4].unlike);
    cr_expect_eq(leads.items[5].object, &items[1], "what tells no time comes last");
    rf_leads_done(&leads);
}

Test(leads, are_found_by_time)
{
    struct rf_object items[4];
    struct rf_leads leads;
    size_t first;
    size_t count;
    make_leads(&leads, items);
    rf_leads_find(&leads, 4, 6, &first, &count);
    cr_expect(first == 2 && count == 1, "%zu from %zu", count, first);
    rf_leads_find(&leads, 0, 9, &first, &count);
    cr_expect(first == 0 && count == 5, "%zu from %zu", count, first);
    rf_leads_find(&leads, 5, 6, &first, &count);
    cr_expect_eq(count, 0);
    rf_leads_done(&leads);
}
