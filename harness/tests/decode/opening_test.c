/* SPDX-License-Identifier: MIT */
/* What begins as an object of JSON does, in whatever it is wrapped. */
#include "decode/opening.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "decode/base64.h"

static bool
is_found(const char *bytes, size_t count, size_t step)
{
    struct rf_opening opening = {0};
    for (size_t at = 0; at < count; at += step) {
        rf_opening_feed(&opening, bytes + at, count - at < step ? count - at : step);
    }
    return opening.found;
}

static const struct {
    const char *text;
    bool found;
} ROWS[] = {
    {"{\"a\":1}", true},
    {"x {\"a\" : 1", true},
    {"{ \n\t\"a\":", true},
    {"{\"\":", true},
    {"{\"a b-c.d/e\":", true},
    {"{\"a\\\"b\":1}", true},
    {"{\"a\", {\"b\":", true},
    {"{{\"b\":", true},
    {"\"{\\\"a\\\":1}\"", true},
    {"\"{\\n  \\\"a\\\" : 1}\"", true},
    {"\"x=\\\"{\\\\\\\"a\\\\\\\":1}", true},
    {"\"{\"\"a\"\":1}\"", true},
    {"\"{\"\"a\"\" : 1}\"", true},
    {"", false},
    {"{", false},
    {"{}", false},
    {"{\"a\"", false},
    {"{\"a\"}, \"b\":1", true}, /* more than there is, for a name may have escaped quotes */
    {"{\"a\n\":1}", false},
    {"{a:1} {'a':1}", false},
    {"{ return \"a\": 1 }", false},
    {"M{\\\"u}ller", false},
    {"\"a\":1}", false},
};

Test(opening, is_a_brace_a_name_and_a_colon)
{
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        const char *text = ROWS[i].text;
        for (size_t step = 1; step < 9; step++) {
            cr_expect_eq(is_found(text, strlen(text), step), ROWS[i].found, "%s", text);
        }
    }
}

Test(opening, has_a_name_of_a_bounded_length)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, "{\"");
    for (size_t i = 0; i < 300; i++) {
        rf_buf_byte(&text, 'n');
    }
    rf_buf_string(&text, "\":1}");
    cr_expect(!is_found(text.bytes, text.used, 7));
    rf_buf_done(&text);
}

Test(opening, is_found_in_base64_at_any_byte)
{
    static const char object[] =
        "{\"type\":\"OrderApproved\",\"data\":{\"ID\":\"a\",\"Qty\":12345}}";
    for (size_t cut = 0; cut < 8; cut++) {
        for (size_t front = 0; front < 5; front++) {
            struct rf_buf text = {0};
            rf_buf_add(&text, "xyZ1", front < 4 ? front : 4);
            rf_base64_encode(object, sizeof(object) - 1, &text);
            cr_expect(rf_opening_is_coded(text.bytes, text.used - cut), "%zu %zu", front, cut);
            text.bytes[front + 5] = '*'; /* the second member is still there */
            cr_expect(rf_opening_is_coded(text.bytes, text.used - cut), "%zu %zu", front, cut);
            rf_buf_done(&text);
        }
    }
    static const char words[] = "a plain text, with someverylongwordinitandnothingelse";
    cr_expect(!rf_opening_is_coded(words, sizeof(words) - 1));
    cr_expect(!rf_opening_is_coded(NULL, 0));
}
