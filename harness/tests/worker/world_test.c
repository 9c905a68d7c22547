/* SPDX-License-Identifier: MIT */
/* The worlds that are made for the purity check, side by side. */
#include "worker/world.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
/** So many readings at least, from an instance's beginning, no digit is the same. */
#define READINGS 12

static uint64_t
reading(unsigned bits, uint64_t number)
{
    rf_world.bits = RF_WORLD_MADE | bits;
    rf_world.ticks = number;
    uint64_t now = rf_world_now();
    rf_world.bits = 0;
    return now;
}

Test(world, clocks_have_no_digit_in_common)
{
    for (uint64_t number = 0; number < READINGS; number++) {
        uint64_t plain = reading(0, number);
        uint64_t other = reading(RF_WORLD_CLOCK, number);
        for (; plain > 0 || other > 0; plain /= 10, other /= 10) {
            cr_expect_neq(plain % 10, other % 10, "reading %d", (int)number);
        }
    }
}

Test(world, clocks_have_no_remainder_and_no_half_in_common)
{
    uint64_t plain = reading(0, 0);
    uint64_t other = reading(RF_WORLD_CLOCK, 0);
    for (uint64_t by = 2; by <= 100; by++) {
        cr_expect_neq(plain / SECOND % by, other / SECOND % by, "by %d", (int)by);
    }
    for (uint64_t number = 0; number < 100; number++) {
        cr_expect_lt(reading(0, number) % SECOND, SECOND / 2);
        cr_expect_geq(reading(RF_WORLD_CLOCK, number) % SECOND, SECOND / 2);
    }
    for (uint64_t unit = 1; unit <= 86400 * SECOND; unit *= unit < SECOND ? 1000 : 60) {
        cr_expect_neq(plain / unit % 2, other / unit % 2, "unit %llu", (unsigned long long)unit);
    }
}

Test(world, clocks_are_morning_and_afternoon_of_other_days)
{
    time_t plain = (time_t)(reading(0, 0) / SECOND);
    time_t other = (time_t)(reading(RF_WORLD_CLOCK, 0) / SECOND);
    time_t zoned = other + 13 * 3600 + 37 * 60; /* where the zone differs too */
    struct tm at[3];
    (void)gmtime_r(&plain, &at[0]);
    (void)gmtime_r(&other, &at[1]);
    (void)gmtime_r(&zoned, &at[2]);
    for (int i = 1; i < 3; i++) {
        cr_expect(at[0].tm_hour >= 12 && at[i].tm_hour < 12);
        cr_expect_neq(at[0].tm_wday, at[i].tm_wday);
        cr_expect_neq(at[0].tm_mday / 10, at[i].tm_mday / 10);
        cr_expect_neq(at[0].tm_mon / 6, at[i].tm_mon / 6);
        cr_expect_neq(at[0].tm_year % 2, at[i].tm_year % 2);
    }
}

Test(world, clocks_go_on_by_other_steps)
{
    uint64_t plain = reading(0, 1) - reading(0, 0);
    uint64_t other = reading(RF_WORLD_CLOCK, 1) - reading(RF_WORLD_CLOCK, 0);
    for (uint64_t unit = 1; unit <= SECOND; unit *= 1000) {
        cr_expect_neq(plain / unit, other / unit);
    }
}

Test(world, environments_have_as_many_strings_of_the_same_lengths)
{
    struct rf_world_environment plain;
    struct rf_world_environment other;
    rf_world_environment(RF_WORLD_MADE, &plain);
    rf_world_environment(RF_WORLD_OTHER, &other);
    size_t count = 0;
    for (; plain.list[count] != NULL && other.list[count] != NULL; count++) {
        cr_expect_eq(strlen(plain.list[count]), strlen(other.list[count]));
    }
    cr_expect(plain.list[count] == other.list[count], "both end here");
}
