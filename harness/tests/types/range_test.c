/* SPDX-License-Identifier: MIT */
/* Ranges are exact, and do not depend on the order in which numbers came. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/json.h"
#include "types/range.h"

TestSuite(range, .timeout = 30);

/* As a path adds them. */
static void
add(struct rf_range *range, const char *token)
{
    struct rf_json doc = {0};
    int64_t value;
    cr_assert_eq(rf_json_read_whole(&doc, token, strlen(token), NULL), RF_OK, "%s", token);
    if (rf_json_int64(&doc, 0, &value)) {
        rf_range_add_integer(range, value);
    } else {
        rf_range_add(range, token, strlen(token));
    }
    rf_json_done(&doc);
}

static void
expect_ends(const struct rf_range *range, const char *least, const char *greatest)
{
    struct rf_buf low = {0};
    struct rf_buf high = {0};
    cr_assert(rf_range_print(range, &low, &high));
    cr_expect_str_eq(rf_buf_text(&low), least);
    cr_expect_str_eq(rf_buf_text(&high), greatest);
    rf_buf_done(&low);
    rf_buf_done(&high);
}

/* In ascending order; equal numbers by their bytes. */
static const char *const NUMBERS[] = {
    "-1e400",
    "-9223372036854775809",
    "-9223372036854775808",
    "-9007199254740993",
    "-9007199254740992",
    "-9007199254740992.0",
    "-9007199254740991.5",
    "-1.5",
    "-1",
    "-1e-400",
    "-1e-401",
    "0",
    "0.0",
    "9e-401",
    "1e-400",
    "0.1",
    "0.10000000000000000000000000000000000000000000000000001",
    "1",
    "1.0",
    "1.00",
    "9007199254740992",
    "9007199254740992.0",
    "9007199254740993",
    "9007199254740993.0",
    "99999999999999999.9",
    "100000000000000000.0",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e400",
    "2e400",
};
#define NUMBER_COUNT (sizeof(NUMBERS) / sizeof(NUMBERS[0]))

Test(range, knows_which_of_two_is_less)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        for (size_t j = i; j < NUMBER_COUNT; j++) {
            for (int turned = 0; turned < 2; turned++) {
                struct rf_range range = {0};
                add(&range, NUMBERS[turned ? j : i]);
                add(&range, NUMBERS[turned ? i : j]);
                expect_ends(&range, NUMBERS[i], NUMBERS[j]);
                rf_range_done(&range);
            }
        }
    }
}

Test(range, is_the_same_joined_of_parts)
{
    for (size_t parts = 1; parts < 5; parts++) {
        struct rf_range pieces[5] = {{0}};
        struct rf_range whole = {0};
        for (size_t i = 0; i < NUMBER_COUNT; i++) {
            add(&pieces[i % parts], NUMBERS[(i * 7 + 3) % NUMBER_COUNT]);
        }
        for (size_t i = 0; i < 5; i++) {
            rf_range_join(&whole, &pieces[i]);
            rf_range_done(&pieces[i]);
        }
        expect_ends(&whole, NUMBERS[0], NUMBERS[NUMBER_COUNT - 1]);
        rf_range_done(&whole);
    }
}

Test(range, of_nothing_has_no_ends)
{
    struct rf_range range = {0};
    struct rf_buf text = {0};
    cr_assert_not(rf_range_print(&range, &text, &text));
    cr_assert_eq(text.used, 0);
}
