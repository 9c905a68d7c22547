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
    struct rf_facts facts[4];
    struct rf_objects objects = {.items = items, .count = 4};
    for (size_t i = 0; i < 4; i++) {
        facts[i] = (struct rf_facts){.fate = RF_FATE_FOREIGN};
    }
    items[0] = object_at(0, 7);
    items[1] = (struct rf_object){.number = 1, .name = NAME("b"), .errors = true};
    items[2] = object_at(2, 3);
    items[3] = object_at(3, 3);
    rf_leads_make(&objects, facts, &calendar, ret);
}

Test(leads, are_objects_by_time_and_then_times_without)
{
    struct rf_object items[4];
    struct rf_leads leads;
    make_leads(&leads, items);
    cr_assert_eq(leads.count, 6);
    cr_assert_eq(leads.objects, 3);
    cr_assert_eq(leads.timed, 5);
    cr_expect_eq(leads.items[0].object, &items[2]);
    cr_expect_eq(leads.items[1].object, &items[3]);
    cr_expect_eq(leads.items[2].object, &items[0]);
    cr_expect(leads.items[3].object == NULL && leads.items[3].from == 3 && leads.items[3].to == 5);
    cr_expect(leads.items[4].object == NULL && leads.items[4].unlike);
    cr_expect_eq(leads.items[5].object, &items[1], "what tells no time comes last");
    rf_leads_done(&leads);
}

static void
expect_found(const struct rf_leads *leads, int64_t from, int64_t to,
             const struct rf_lead_range expected[RF_LEAD_RANGES])
{
    struct rf_lead_range found[RF_LEAD_RANGES];
    rf_leads_find(leads, from, to, found);
    for (size_t i = 0; i < RF_LEAD_RANGES; i++) {
        cr_expect_eq(found[i].count, expected[i].count, "%zu: %zu", i, found[i].count);
        cr_expect(expected[i].count == 0 || found[i].first == expected[i].first, "%zu: from %zu", i,
                  found[i].first);
    }
}

Test(leads, are_found_by_time)
{
    struct rf_object items[4];
    struct rf_leads leads;
    make_leads(&leads, items);
    expect_found(&leads, 4, 6, (const struct rf_lead_range[]){{0, 0}, {3, 1}});
    expect_found(&leads, 0, 9, (const struct rf_lead_range[]){{0, 3}, {3, 2}});
    expect_found(&leads, 5, 6, (const struct rf_lead_range[]){{0, 0}, {0, 0}});
    rf_leads_done(&leads);
}

Test(leads, a_gap_around_an_object_is_found_behind_the_object_too)
{
    struct rf_calendar_gap gap = {.from = 11, .to = 21};
    struct rf_calendar calendar = {.grain = RF_GRAIN_HOUR, .gaps = &gap, .gap_count = 1};
    struct rf_object item = object_at(0, 12);
    struct rf_facts facts = {.fate = RF_FATE_UNREADABLE};
    struct rf_objects objects = {.items = &item, .count = 1};
    struct rf_leads leads;
    rf_leads_make(&objects, &facts, &calendar, &leads);
    expect_found(&leads, 15, 21, (const struct rf_lead_range[]){{0, 0}, {1, 1}});
    rf_leads_done(&leads);
}

Test(leads, an_object_below_an_error_prefix_that_was_read_is_none)
{
    struct rf_calendar calendar = {.grain = RF_GRAIN_HOUR};
    struct rf_object items[2] = {object_at(0, 12), object_at(1, 13)};
    struct rf_facts facts[2] = {{.fate = RF_FATE_READ}, {.fate = RF_FATE_READ}};
    struct rf_objects objects = {.items = items, .count = 2};
    struct rf_leads leads;
    facts[1].counts.malformed = 1;
    rf_leads_make(&objects, facts, &calendar, &leads);
    cr_assert_eq(leads.count, 1);
    cr_expect(leads.items[0].object == &items[1] && leads.items[0].broken);
    rf_leads_done(&leads);
}
