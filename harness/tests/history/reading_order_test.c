/* SPDX-License-Identifier: MIT */
/* Archives as they lie, then the largest objects. */
#include "history/reading_order.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void
expect_order(struct rf_object *items, const uint32_t *want, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        items[i].number = (uint32_t)i;
    }
    struct rf_objects objects = {.items = items, .count = count};
    uint32_t *order = rf_reading_order(&objects);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(order[i], want[i], "%zu: %u, not %u", i, order[i], want[i]);
    }
    free(order);
}

Test(reading_order, takes_the_largest_first_whatever_source_they_are_of)
{
    struct rf_object items[] = {
        {.bytes = 5, .source = 1, .place = 3},   {.bytes = 900, .source = 2, .place = 1},
        {.bytes = 5, .source = 0, .place = 2},   {.bytes = 70, .source = 1, .place = 0},
        {.bytes = 900, .source = 0, .place = 9},
    };
    static const uint32_t want[] = {1, 4, 3, 0, 2};
    expect_order(items, want, 5);
}

Test(reading_order, goes_over_each_archive_from_front_to_back)
{
    struct rf_object items[] = {
        {.bytes = 9, .source = 2, .place = 0, .in_sequence = true},
        {.bytes = 1000, .source = 0},
        {.bytes = 1, .source = 1, .place = 1, .in_sequence = true},
        {.bytes = 500, .source = 1, .place = 2, .in_sequence = true},
        {.bytes = 20, .source = 1, .place = 0, .in_sequence = true},
    };
    static const uint32_t want[] = {4, 2, 3, 0, 1};
    expect_order(items, want, 5);
}

Test(reading_order, takes_what_lies_at_one_place_by_size)
{
    struct rf_object items[] = {
        {.bytes = 1, .source = 1, .place = 4, .in_sequence = true},
        {.bytes = 2, .source = 1, .place = 4, .in_sequence = true},
    };
    static const uint32_t want[] = {1, 0};
    expect_order(items, want, 2);
}
