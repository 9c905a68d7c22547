/* SPDX-License-Identifier: MIT */
/* Canonical JSON: one text for equal values. */
#include "base/json.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

/* The canonical text of a JSON text, for free(). */
static char *
canonical(const char *text, bool literal_numbers)
{
    struct rf_json doc = {0};
    struct rf_buf out = {0};
    struct rf_err err = {0};
    rf_code code = rf_json_read_whole(&doc, text, strlen(text), &err);
    cr_assert_eq(code, RF_OK, "%s: %s", text, err.text);
    code = rf_json_canonical(&doc, 0, literal_numbers, &out, &err);
    cr_assert_eq(code, RF_OK, "%s: %s", text, err.text);
    rf_json_done(&doc);
    (void)rf_buf_text(&out);
    return out.bytes;
}

struct pair {
    const char *text;
    const char *expected;
};

static const struct pair pairs[] = {
    {" null ", "null"},
    {"[true , false]", "[true,false]"},
    {"[ ]", "[]"},
    {"{ }", "{}"},
    {"{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}"},
    {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
    {"{\"b\":0,\"a\":1,\"\\u0061\":{\"x\":2,\"x\":3},\"b\":4}", "{\"a\":{\"x\":3},\"b\":4}"},
    {"{\"ab\":1,\"a\":2,\"\":3,\"B\":4}", "{\"\":3,\"B\":4,\"a\":2,\"ab\":1}"},
    {"{\"\\u0000\":1,\"\":2}", "{\"\":2,\"\\u0000\":1}"},
    {"{\"a\\u0000b\":1,\"a\":2}", "{\"a\":2,\"a\\u0000b\":1}"},
    /* By UTF-8 bytes U+FF61 is before U+1F600; by UTF-16 units it would be behind. */
    {"{\"\\uD83D\\uDE00\":1,\"\\uFF61\":2,\"z\":3}",
     "{\"z\":3,\"\xEF\xBD\xA1\":2,\"\xF0\x9F\x98\x80\":1}"},
    {"\"\\/ \\u002f \\u0022 \\u005C \\u00e9 \\u007F \x7F\"",
     "\"/ / \\\" \\\\ \xC3\xA9 \x7F \x7F\""},
    {"\"\\b\\t\\n\\f\\r\"", "\"\\b\\t\\n\\f\\r\""},
    {"\"\\u0008\\u0009\\u000a\\u000C\\u000d\"", "\"\\b\\t\\n\\f\\r\""},
    {"\"\\u0000\\u0001\\u000b\\u001F\"", "\"\\u0000\\u0001\\u000b\\u001f\""},
    {"\"\\uD83D\\uDE00\"", "\"\xF0\x9F\x98\x80\""},
    {"0", "0"},
    {"-0", "0"},
    {"-0.0", "0"},
    {"-0e5", "0"},
    {"-1e-400", "0"},
    {"100.0", "100"},
    {"1E2", "100"},
    {"-1.50", "-1.5"},
    {"9223372036854775807", "9223372036854775807"},
    {"9223372036854775808", "9223372036854775808"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", "1.8446744073709552e+19"},
    {"-9223372036854775809", "-9.223372036854776e+18"},
    {"9223372036854775808.0", "9.223372036854776e+18"},
    {"9223372036854774784.0", "9223372036854775000"},
    {"100000000000000000000", "1e+20"},
    {"1e19", "1e+19"},
    {"1e18", "1000000000000000000"},
    {"-1e20", "-1e+20"},
    {"1e21", "1e+21"},
    {"1.5e300", "1.5e+300"},
    {"0.000001", "0.000001"},
    {"0.0000001", "1e-7"},
    {"1.25e-7", "1.25e-7"},
    {"9007199254740993", "9007199254740993"},
    {"9007199254740993.0", "9007199254740992"},
    {"0.1e1", "1"},
    {"5e-324", "5e-324"},
    {"0.30000000000000004", "0.30000000000000004"},
};

Test(json_write, writes_the_canonical_text)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        char *text = canonical(pairs[i].text, false);
        cr_expect_str_eq(text, pairs[i].expected, "%s: %s", pairs[i].text, text);
        char *again = canonical(text, false);
        cr_expect_str_eq(again, text, "not stable: %s", text);
        free(again);
        free(text);
    }
}

Test(json_write, keeps_number_tokens_when_asked)
{
    char *text = canonical("{\"b\":[1.0,1,-0,1E2,99999999999999999999],\"a\":1e999}", true);
    cr_expect_str_eq(text, "{\"a\":1e999,\"b\":[1.0,1,-0,1E2,99999999999999999999]}");
    free(text);
}

Test(json_write, refuses_numbers_that_are_not_finite)
{
    static const char *const texts[] = {"[0,1e309]", "[0,-1e309]", "[{\"\\n\":1},1e400]"};
    static const size_t offsets[] = {3, 3, 10};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct rf_json doc = {0};
        struct rf_buf out = {0};
        struct rf_err err = {0};
        cr_assert_eq(rf_json_read_whole(&doc, texts[i], strlen(texts[i]), NULL), RF_OK);
        cr_expect_eq(rf_json_canonical(&doc, 0, false, &out, &err), RF_ERR_LIMIT);
        cr_expect_eq(err.offset_bytes, offsets[i]);
        rf_buf_done(&out);
        rf_json_done(&doc);
    }
}

/* One form for each, however they are written; finite ones as ever. */
Test(json_write, writes_numbers_that_are_not_finite_for_hashes)
{
    static const char text[] =
        "{\"b\":[1e400,1e999,9E+999,3e999],\"a\":[-1e400,-2e999],\"c\":[2e999,2e998],"
        "\"d\":[1.0,0.10000000000000001,0e999]}";
    struct rf_json doc = {0};
    struct rf_buf out = {0};
    cr_assert_eq(rf_json_read_whole(&doc, text, strlen(text), NULL), RF_OK);
    rf_json_likeness(&doc, &out);
    cr_expect_str_eq(rf_buf_text(&out), "{\"a\":[-1e999,-1e999],\"b\":[1e999,1e999,1e999,1e999],"
                                        "\"c\":[2e999,1e999],\"d\":[1,0.1,0]}");
    rf_buf_clear(&out);
    rf_canon_nonfinite(&out, (double)NAN);
    rf_canon_nonfinite(&out, -(double)NAN);
    rf_canon_nonfinite(&out, -INFINITY);
    cr_expect_str_eq(rf_buf_text(&out), "2e9992e999-1e999");
    rf_buf_done(&out);
    rf_json_done(&doc);
}

Test(json_write, appends_and_writes_inner_values)
{
    struct rf_json doc = {0};
    struct rf_buf out = {0};
    cr_assert_eq(rf_json_read_whole(&doc, "{\"a\":[1, 2]}", 12, NULL), RF_OK);
    rf_buf_string(&out, "value ");
    cr_expect_eq(rf_json_canonical(&doc, rf_json_member(&doc, 0, "a", 1, NULL), false, &out, NULL),
                 RF_OK);
    cr_expect_str_eq(rf_buf_text(&out), "value [1,2]");
    rf_buf_done(&out);
    rf_json_done(&doc);
}

Test(json_write, sorts_many_keys_and_is_not_quadratic, .timeout = 20)
{
    enum { KEYS = 65536 };
    struct rf_buf text = {0};
    for (int i = KEYS - 1; i >= 0; i--) {
        rf_buf_format(&text, "%s\"%s%05x\":[%d]", i == KEYS - 1 ? "{" : ",",
                      i % 3 == 0 ? "\\u006b" : "k", (unsigned)i, i);
    }
    rf_buf_string(&text, ",\"k00007\":7}");
    char *written = canonical(rf_buf_text(&text), false);
    rf_buf_clear(&text);
    for (int i = 0; i < KEYS; i++) {
        rf_buf_format(&text, i == 7 ? "%s\"k%05x\":%d" : "%s\"k%05x\":[%d]", i == 0 ? "{" : ",",
                      (unsigned)i, i);
    }
    rf_buf_byte(&text, '}');
    cr_expect(strcmp(written, rf_buf_text(&text)) == 0, "wrong order or content");
    rf_buf_done(&text);
    free(written);
}

Test(json_write, writes_integers_of_every_size)
{
    static const int64_t values[] = {0, 1, -1, 9, 10, -10, 99, 1000000000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        struct rf_buf out = {0};
        char expected[32];
        rf_canon_int64(&out, values[i]);
        (void)snprintf(expected, sizeof(expected), "%lld", (long long)values[i]);
        cr_expect_str_eq(rf_buf_text(&out), expected);
        rf_buf_clear(&out);
        rf_canon_uint64(&out, (uint64_t)values[i]);
        (void)snprintf(expected, sizeof(expected), "%llu", (unsigned long long)values[i]);
        cr_expect_str_eq(rf_buf_text(&out), expected);
        rf_buf_done(&out);
    }
}

Test(json_write, ends_the_process_over_an_infinite_double, .init = cr_redirect_stderr,
     .exit_code = 70)
{
    struct rf_buf out = {0};
    rf_canon_real(&out, HUGE_VAL);
}

/* ---- against ECMAScript ---- */

static FILE *
open_fixture(const char *path)
{
    const char *root = getenv("REFOLD_ROOT");
    char full[4096];
    (void)snprintf(full, sizeof(full), "%s/%s", root == NULL ? "." : root, path);
    FILE *file = fopen(full, "r");
    cr_assert_not_null(file, "%s", full);
    return file;
}

/* What contract.md changes: from 2^63 on there is always an exponent. */
static void
with_exponent(const char *text, char *ret, size_t room)
{
    size_t sign = text[0] == '-';
    size_t digits = strlen(text) - sign;
    size_t kept = digits;
    while (kept > 1 && text[sign + kept - 1] == '0') {
        kept--;
    }
    (void)snprintf(ret, room, "%.*s%s%.*se+%zu", (int)sign + 1, text, kept > 1 ? "." : "",
                   (int)kept - 1, text + sign + 1, digits - 1);
}

/* One line of the fixture: writing the double gives the text, reading the text the double. */
static void
check_number(const char *bits, const char *text)
{
    uint64_t word = strtoull(bits, NULL, 16);
    double value;
    memcpy(&value, &word, sizeof(value));
    char expected[64];
    (void)snprintf(expected, sizeof(expected), "%s", text);
    if (fabs(value) >= 9223372036854775808.0 && strchr(text, 'e') == NULL) {
        with_exponent(text, expected, sizeof(expected));
    }
    struct rf_buf out = {0};
    rf_canon_real(&out, value);
    cr_expect_str_eq(rf_buf_text(&out), expected, "%s: %s, not %s", bits, rf_buf_text(&out),
                     expected);
    rf_buf_done(&out);

    struct rf_decimal decimal;
    double back = 0;
    cr_expect(rf_decimal_read(text, strlen(text), &decimal), "%s", text);
    cr_expect(rf_decimal_real(&decimal, &back), "%s", text);
    cr_expect_eq(back, value, "%s reads back as %a, not %a", text, back, value);
}

static size_t
check_all_numbers(void)
{
    FILE *file = open_fixture("fixtures/numbers/ecmascript.tsv");
    size_t rows = 0;
    char line[4096];
    while (fgets(line, sizeof(line), file) != NULL) {
        char *tab = strchr(line, '\t');
        if (line[0] == '#') {
            continue;
        }
        cr_assert_not_null(tab, "%s", line);
        *tab = '\0';
        tab[1 + strcspn(tab + 1, "\n")] = '\0';
        check_number(line, tab + 1);
        rows++;
    }
    (void)fclose(file);
    return rows;
}

Test(json_write, writes_reals_as_ecmascript_does)
{
    cr_expect_gt(check_all_numbers(), 3000);
}

/* Skipped where the system has no locale with a comma. */
Test(json_write, does_not_know_the_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (setlocale(LC_ALL, names[i]) != NULL) {
            cr_assert_str_eq(localeconv()->decimal_point, ",");
            cr_expect_gt(check_all_numbers(), 3000);
            return;
        }
    }
    cr_skip_test("no locale with a decimal comma is installed");
}
