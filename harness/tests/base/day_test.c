/* SPDX-License-Identifier: MIT */
/* Days as people write them. */
#include "base/day.h"

#include <criterion/criterion.h>
#include <string.h>

Test(day, is_one_of_the_calendar_written_in_one_way)
{
    static const char *const days[] = {"2026-12-31", "2024-02-29", "0001-01-01", "9999-12-31"};
    static const char *const others[] = {"",           "2026-2-1",    "2026-02-29", "2026-13-01",
                                         "2026-00-10", "2026-01-00",  "0000-01-01", "2026/01/01",
                                         " 026-01-01", "2026-01-01Z", "2026-1-001", "+026-01-01",
                                         "20260101"};
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        cr_assert(rf_day_valid(days[i]), "%s", days[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_assert(!rf_day_valid(others[i]), "%s", others[i]);
    }
}

Test(day, counts_up_to_its_end)
{
    cr_assert(!rf_day_is_over("2026-12-31", "2026-12-31"));
    cr_assert(!rf_day_is_over("2026-12-31", "2026-12-30"));
    cr_assert(rf_day_is_over("2026-12-31", "2027-01-01"));
    cr_assert(rf_day_is_over("0999-12-31", "2027-01-01"));
    cr_assert(!rf_day_is_over(NULL, "9999-12-31"));
}

Test(day, is_today_by_the_clock)
{
    char today[RF_DAY_BYTES];
    rf_day_today(today);
    cr_assert(rf_day_valid(today), "%s", today);
    cr_assert(strcmp(today, "2024-01-01") > 0, "%s", today);
}
