/* SPDX-License-Identifier: MIT */
/* Numbers that are kept as they are, and those that would become others. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/json.h"

static bool
is_exact(const char *text)
{
    struct rf_json doc = {0};
    cr_assert_eq(rf_json_read_whole(&doc, text, strlen(text), NULL), RF_OK, "%s", text);
    bool exact = rf_json_number_is_exact(&doc, 0);
    rf_json_done(&doc);
    return exact;
}

Test(json_exact, what_64_bits_or_a_double_hold_is)
{
    static const char *const exact[] = {
        "0",
        "-0",
        "1",
        "3.0",
        "1e2",
        "-12.5",
        "123456789012345",
        "0.1",
        "0.000001",
        "1e-300",
        "1e300",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "9007199254740993",     /* more than a double holds, but not than 64 bits */
        "18446744073709552000", /* a double as Go and JavaScript print it */
        "100000000000000000000",
        "1000000000000000000000000000000",
        "2500000000000000000000",
        "0.1000000000000000055511151231257827021181583404541015625", /* "%.55f" */
        "0.30000000000000004",
        "0.10000000000000001", /* "%.17g" */
        "1.7976931348623157e+308",
        "5e-324",
        "2.2250738585072014e-308",
        "1e-308", /* below what a double holds with all its digits, and yet its shortest */
        "4.94e-324",
        "1.5e-320",
        "0e-400",
        "0.0e5",
        "0.3000000000000000000",
    };
    for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++) {
        cr_expect(is_exact(exact[i]), "%s", exact[i]);
    }
}

Test(json_exact, what_would_be_another_number_is_not)
{
    static const char *const others[] = {
        "18446744073709551616",
        "18446744073709551617",
        "-9223372036854775809",
        "2500000000000000000001",
        "2500000000000000000077",
        "18446744073709553000",
        "18446744073709551616.5",
        "123456789012345.679",
        "123456789012345.68",
        "0.3000000000000000001",
        "1234567890123456789.5",
        "9007199254740993.0",
        "1e-400",
        "-1E-324",
        "3e-324",
        "7e-324",
        "1.50001e-320",
        "1e-99999999999999999999",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect(!is_exact(others[i]), "%s", others[i]);
    }
}

Test(json_exact, keys_that_come_again_are_counted)
{
    static const char text[] = "{\"a\":1,\"b\":{\"c\":1,\"c\":2},\"a\":3}";
    struct rf_json doc = {0};
    struct rf_buf out = {0};
    cr_assert_eq(rf_json_read_whole(&doc, text, sizeof(text) - 1, NULL), RF_OK);
    cr_assert_eq(rf_json_canonical(&doc, 0, false, &out, NULL), RF_OK);
    cr_expect_str_eq(rf_buf_text(&out), "{\"a\":3,\"b\":{\"c\":2}}");
    cr_expect_eq(doc.overridden, 2);
    cr_assert_eq(rf_json_read_whole(&doc, "{\"a\":1}", 7, NULL), RF_OK);
    cr_assert_eq(rf_json_canonical(&doc, 0, false, &out, NULL), RF_OK);
    cr_expect_eq(doc.overridden, 0);
    rf_buf_done(&out);
    rf_json_done(&doc);
}
