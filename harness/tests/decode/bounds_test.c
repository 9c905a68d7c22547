/* SPDX-License-Identifier: MIT */
/* Bounds of JSON: how many keys, how long a string. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "decode/bounds.h"

/** What is wrong with an array of an object of `keys` members and a string of `bytes`. */
static const char *
check(size_t keys, size_t bytes)
{
    static char text[256];
    struct rf_buf json = {0};
    rf_buf_string(&json, "[{");
    for (size_t i = 0; i < keys; i++) {
        rf_buf_string(&json, i == 0 ? "\"\":0" : ",\"\":0");
    }
    rf_buf_string(&json, "},\"");
    for (size_t i = 2; i < bytes; i++) {
        rf_buf_byte(&json, 'x');
    }
    rf_buf_string(&json, "\"]");
    struct rf_json doc = {0};
    struct rf_err err;
    cr_assert_eq(rf_json_read_whole(&doc, json.bytes, json.used, &err), RF_OK, "%s", err.text);
    const char *wrong = rf_bounds_check(&doc, text, sizeof(text));
    rf_json_done(&doc);
    rf_buf_done(&json);
    return wrong;
}

Test(bounds, what_is_at_the_limit_passes_and_what_is_beyond_is_named)
{
    rf_limits.keys = 1000;
    rf_limits.string_bytes = 2000;
    cr_expect_null(check(1000, 2000));
    cr_expect_null(check(0, 2));
    const char *wrong = check(1001, 2);
    cr_assert_not_null(wrong);
    cr_expect(strstr(wrong, "1001 keys, at byte 1 ") && strstr(wrong, "--limit keys="), "%s",
              wrong);
    wrong = check(1, 2001);
    cr_assert_not_null(wrong);
    cr_expect(strstr(wrong, "2001 bytes") && strstr(wrong, "--limit string="), "%s", wrong);
}
