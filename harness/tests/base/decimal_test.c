/* SPDX-License-Identifier: MIT */
/* Decimal numbers taken apart and rounded. */
#include "base/decimal.h"

#include <criterion/criterion.h>
#include <string.h>

/* A decimal half way between two doubles, and one a digit above it that stands a thousand digits
 * behind: the first goes to the even one, the second up. */
Test(decimal, rounds_by_digits_far_behind_the_point)
{
    char text[1200];
    memset(text, '0', sizeof(text));
    memcpy(text, "9007199254740993.", 17);
    double value = 0;
    struct rf_decimal decimal;
    cr_assert(rf_decimal_read(text, sizeof(text), &decimal));
    cr_assert(rf_decimal_real(&decimal, &value));
    cr_expect_eq(value, 9007199254740992.0);
    text[sizeof(text) - 1] = '1';
    cr_assert(rf_decimal_read(text, sizeof(text), &decimal));
    cr_assert(rf_decimal_real(&decimal, &value));
    cr_expect_eq(value, 9007199254740994.0);
}

Test(decimal, takes_apart_numbers_only)
{
    static const char *const texts[] = {"",   "-",   "+1", "01", "1.",  ".1",   "1e",  "1e+",
                                        "1x", "0x1", " 1", "1 ", "1,5", "1.5.", "inf", "1e5.0"};
    struct rf_decimal decimal;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        cr_expect_not(rf_decimal_read(texts[i], strlen(texts[i]), &decimal), "%s", texts[i]);
    }
    cr_expect(rf_decimal_read("-0.00120e+5", 11, &decimal));
    cr_expect_eq(decimal.count, 2);
    cr_expect_eq(memcmp(decimal.digits, "12", 2), 0);
    cr_expect_eq(decimal.exponent, 3);
    cr_expect(decimal.negative);
}

static bool
equal(const char *left, const char *right)
{
    return rf_decimal_equal(left, strlen(left), right, strlen(right)) &&
           rf_decimal_equal(right, strlen(right), left, strlen(left));
}

Test(decimal, are_equal_by_value)
{
    cr_expect(equal("1", "1.0"));
    cr_expect(equal("100", "1e2"));
    cr_expect(equal("-0.00120e+5", "-120"));
    cr_expect(equal("0", "-0.0e7"));
    cr_expect(equal("0e99999", "0"));
    cr_expect(equal("0e1000000000000001", "0.0e-1000000000000001"));
    cr_expect_not(equal("0e1000000000000001", "1e-1000000000000001"));
    cr_expect(equal("1e1000000000000001", "1e1000000000000001"));
    cr_expect_not(equal("1", "-1"));
    cr_expect_not(equal("0", "1"));
    cr_expect_not(equal("1", "10"));
    cr_expect_not(equal("9007199254740993.0", "9007199254740992"));
    cr_expect_not(equal("0.1", "0.1000000000000000055511151231257827"));
    cr_expect_not(equal("1e-400", "1e-401"));
    cr_expect_not(equal("1e-1000000000000001", "1e-1000000000000002"));
}

/* Of which not all digits can be held: no two that differ are taken for one. */
Test(decimal, are_not_equal_where_that_cannot_be_told)
{
    char left[1200];
    char right[1200];
    memset(left, '1', sizeof(left));
    memset(right, '1', sizeof(right));
    cr_expect(rf_decimal_equal(left, sizeof(left), right, sizeof(right)));
    right[sizeof(right) - 2] = '2';
    cr_expect_not(rf_decimal_equal(left, sizeof(left), right, sizeof(right)));
}
