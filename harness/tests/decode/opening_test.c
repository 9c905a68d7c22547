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
    {"{\\u0022t\\u0022:1}", true},
    {"{\\x22t\\x22:1}", true},
    {"{\\u000a\\u0022\\u00e4\\u0022\\u0020:1}", true},
    {"{\\u0021t\\u0022:1}", false},
    {"{\\u002", false},
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

/** Whether it is found in this text behind `front`, however it is cut into pieces. */
static void
expect_coded(const char *front, const struct rf_buf *coded, size_t cut, bool found)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, front);
    rf_buf_add(&text, coded->bytes, coded->used - cut);
    cr_expect_eq(is_found(text.bytes, text.used, 5), found, "%s", rf_buf_text(&text));
    rf_buf_done(&text);
}

Test(opening, is_found_in_base64_at_any_byte)
{
    static const char object[] =
        "{\"type\":\"OrderApproved\",\"data\":{\"ID\":\"a\",\"Qty\":12345}}";
    static const char *const fronts[] = {"",       "x", "xy",  "xyz",   "xyz1",
                                         "INFO: ", "{", "[\"", "a=b&c="};
    struct rf_buf coded = {0};
    rf_base64_encode(object, sizeof(object) - 1, &coded);
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        for (size_t cut = 0; cut < 8; cut++) {
            expect_coded(fronts[i], &coded, cut, true);
        }
    }
    coded.bytes[5] = '*'; /* the second member is still there */
    expect_coded("", &coded, 3, true);
    rf_buf_done(&coded);
    static const char wrapped[] = "eyJ0\neXBl\r\nIjox\nfQ==";
    static const char words[] = "a plain text, with someverylongwordinitandnothingelse";
    cr_expect(is_found(wrapped, sizeof(wrapped) - 1, 3));
    cr_expect(!is_found(words, sizeof(words) - 1, 3));
}

Test(opening, is_what_is_packed_in_base64)
{
    static const char *const fronts[] = {"\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "PK\x03\x04",
                                         "\xf3\x89\x9a\xc2"};
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        struct rf_buf coded = {0};
        rf_base64_encode(fronts[i], strlen(fronts[i]), &coded);
        expect_coded("", &coded, 0, true);
        expect_coded("data: ", &coded, 0, true);
        expect_coded("xx", &coded, 0, false);
        rf_buf_done(&coded);
    }
}

Test(opening, tells_text_from_what_is_none)
{
    cr_expect(rf_opening_is_text("t:1}", 4) && rf_opening_is_text("\n  \"t\" :\x01", 9));
    cr_expect(rf_opening_is_text("", 0));
    cr_expect(!rf_opening_is_text("t\x01", 2) && !rf_opening_is_text("\xff", 1));
}
