/* SPDX-License-Identifier: MIT */
/* Reading JSON: what is accepted, what is refused and where, and what can be looked up. */
#include "base/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/limits.h"

/* Reads a text that ends where its memory ends, so that a sanitizer sees a byte read too many. */
static rf_code
read_copy(const char *text, size_t bytes, size_t *ret_end, struct rf_err *reterr)
{
    char *copy = malloc(bytes == 0 ? 1 : bytes);
    memcpy(copy, text, bytes);
    struct rf_json doc = {0};
    rf_code code = rf_json_read(&doc, copy, bytes, ret_end, reterr);
    rf_json_done(&doc);
    free(copy);
    return code;
}

static void
read_good(struct rf_json *doc, const char *text)
{
    struct rf_err err = {0};
    rf_code code = rf_json_read_whole(doc, text, strlen(text), &err);
    cr_assert_eq(code, RF_OK, "%s: %s", text, err.text);
}

/* A string value's content as a C string, for short ones. */
static const char *
content(const struct rf_json *doc, uint32_t node)
{
    static char text[64];
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(doc, node, &scratch, &bytes, &count);
    cr_assert_lt(count, sizeof(text));
    memcpy(text, bytes, count);
    text[count] = '\0';
    rf_buf_done(&scratch);
    return text;
}

struct refusal {
    const char *text;
    rf_code code;
    size_t offset;
};

static const struct refusal refusals[] = {
    {"", RF_ERR_TRUNCATED, 0},
    {" \t\r\n", RF_ERR_TRUNCATED, 4},
    {"-", RF_ERR_TRUNCATED, 1},
    {"1.", RF_ERR_TRUNCATED, 2},
    {"1e", RF_ERR_TRUNCATED, 2},
    {"1e+", RF_ERR_TRUNCATED, 3},
    {"tru", RF_ERR_TRUNCATED, 3},
    {"\"\\", RF_ERR_TRUNCATED, 2},
    {"\"\\u00", RF_ERR_TRUNCATED, 5},
    {"\"\\uD8", RF_ERR_TRUNCATED, 5},
    {"\"\\uD800", RF_ERR_TRUNCATED, 7},
    {"\"\\uD800\\", RF_ERR_TRUNCATED, 8},
    {"\"\\uD800\\u", RF_ERR_TRUNCATED, 9},
    {"\"\\uD800\\uDc", RF_ERR_TRUNCATED, 11},
    {"\"\xC3", RF_ERR_TRUNCATED, 2},
    {"\"\xE2\x82", RF_ERR_TRUNCATED, 3},
    {"\"\xF0\x9F\x98", RF_ERR_TRUNCATED, 4},
    {"[1", RF_ERR_TRUNCATED, 2},
    {"[1,", RF_ERR_TRUNCATED, 3},
    {"{\"a\"", RF_ERR_TRUNCATED, 4},
    {"{\"a\":1", RF_ERR_TRUNCATED, 6},
    {"-a", RF_ERR_MALFORMED, 1},
    {"01", RF_ERR_MALFORMED, 1},
    {"-00", RF_ERR_MALFORMED, 2},
    {"1.x", RF_ERR_MALFORMED, 2},
    {".5", RF_ERR_MALFORMED, 0},
    {"1ex", RF_ERR_MALFORMED, 2},
    {"+1", RF_ERR_MALFORMED, 0},
    {"NaN", RF_ERR_MALFORMED, 0},
    {"nuLl", RF_ERR_MALFORMED, 2},
    {"'a'", RF_ERR_MALFORMED, 0},
    {"\xEF\xBB\xBF{}", RF_ERR_MALFORMED, 0},
    {"[1,]", RF_ERR_MALFORMED, 3},
    {"[,1]", RF_ERR_MALFORMED, 1},
    {"[1 2]", RF_ERR_MALFORMED, 3},
    {"[1}", RF_ERR_MALFORMED, 2},
    {"{\"a\":1]", RF_ERR_MALFORMED, 6},
    {"{\"a\":1,}", RF_ERR_MALFORMED, 7},
    {"{\"a\" 1}", RF_ERR_MALFORMED, 5},
    {"{a:1}", RF_ERR_MALFORMED, 1},
    {"{1:1}", RF_ERR_MALFORMED, 1},
    {"{\"a\":}", RF_ERR_MALFORMED, 5},
    {"[1,/**/2]", RF_ERR_MALFORMED, 3},
    {"\"\n\"", RF_ERR_MALFORMED, 1},
    {"\"\x1F\"", RF_ERR_MALFORMED, 1},
    {"\"\\x\"", RF_ERR_MALFORMED, 2},
    {"\"\\u00g0\"", RF_ERR_MALFORMED, 5},
    {"\"\\uDC00\"", RF_ERR_MALFORMED, 4},
    {"\"\\uDC", RF_ERR_MALFORMED, 4},
    {"\"\\uD800\"", RF_ERR_MALFORMED, 7},
    {"\"\\uD800x", RF_ERR_MALFORMED, 7},
    {"\"\\uD800\\n\"", RF_ERR_MALFORMED, 8},
    {"\"\\uD800\\u0041\"", RF_ERR_MALFORMED, 9},
    {"\"\\uD800\\uD800\"", RF_ERR_MALFORMED, 10},
    {"\"\x80\"", RF_ERR_MALFORMED, 1},
    {"\"\xC0\x80\"", RF_ERR_MALFORMED, 1},
    {"\"\xE0\x80", RF_ERR_MALFORMED, 1},
    {"\"\xED\xA0\x80\"", RF_ERR_MALFORMED, 1},
    {"\"\xF4\x90\x80\x80\"", RF_ERR_MALFORMED, 1},
    {"\"\xF8\x88\x80\x80\x80\"", RF_ERR_MALFORMED, 1},
    {"\"\xC3\"", RF_ERR_MALFORMED, 1},
    {"\xA0{}", RF_ERR_MALFORMED, 0},
    {"\v1", RF_ERR_MALFORMED, 0},
};

Test(json, refuses_with_code_and_offset)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        const struct refusal *row = &refusals[i];
        struct rf_err err = {0};
        size_t end = 12345;
        rf_code code = read_copy(row->text, strlen(row->text), &end, &err);
        cr_expect_eq(code, row->code, "%s: code %d (%s)", row->text, code, err.text);
        cr_expect_eq(err.code, row->code);
        cr_expect_eq(err.offset_bytes, row->offset, "%s: offset %zu (%s)", row->text,
                     (size_t)err.offset_bytes, err.text);
        cr_expect(err.has_offset);
        cr_expect_eq(end, 12345, "%s: the end was set", row->text);
    }
}

Test(json, names_what_it_expected)
{
    struct rf_err err = {0};
    size_t end;
    cr_assert_eq(read_copy("{\"a\" 1}", 7, &end, &err), RF_ERR_MALFORMED);
    cr_expect_str_eq(err.text, "expected ':', found '1'");
    cr_assert_eq(read_copy("[1\x01", 3, &end, &err), RF_ERR_MALFORMED);
    cr_expect_str_eq(err.text, "expected ',' or ']', found byte 0x01");
    cr_assert_eq(read_copy("[1", 2, &end, &err), RF_ERR_TRUNCATED);
    cr_expect_str_eq(err.text, "expected ',' or ']', but the text ends here");
}

Test(json, refuses_a_nul_byte_wherever_it_stands)
{
    const char text[] = "{\"a\":[true,\"b\",1]}";
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        char copy[sizeof(text)];
        memcpy(copy, text, i);
        copy[i] = '\0';
        memcpy(copy + i + 1, text + i, sizeof(text) - 1 - i);
        size_t end;
        struct rf_err err = {0};
        cr_expect_eq(read_copy(copy, sizeof(text), &end, &err), RF_ERR_MALFORMED, "at %zu", i);
        cr_expect_eq(err.offset_bytes, i);
    }
}

/* The promise that joining chunks rests on: what is cut is never called malformed, nor complete. */
Test(json, calls_every_cut_of_a_good_value_truncated)
{
    static const char *const texts[] = {
        "{\"t\":\"OrderItemAdded\",\"d\":{\"ID\":\"6f1c6f0e-4a5b-9cde\",\"Qty\":-2.5e+10}}",
        " [ true , false,null ,[ ],{ } , \"\" ] ",
        "\"a \\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \\uD83D\\uDE00 \xC3\xA9 \xE2\x82\xAC "
        "\xF0\x9F\x98\x80\"",
        "[0,-0,10,1.0,1E5,1e-5,123456789012345678901234567890]",
        "{\"\\u0000\":{\"\":[[[[0]]]]},\"\xF4\x8F\xBF\xBF\":\"\xED\x9F\xBF\"}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        size_t bytes = strlen(texts[i]);
        size_t end;
        struct rf_err err = {0};
        cr_assert_eq(read_copy(texts[i], bytes, &end, &err), RF_OK, "%s: %s", texts[i], err.text);
        for (size_t cut = 0; cut < end; cut++) {
            size_t ignored;
            rf_code code = read_copy(texts[i], cut, &ignored, &err);
            cr_expect_eq(code, RF_ERR_TRUNCATED, "%.*s: code %d", (int)cut, texts[i], code);
            cr_expect_eq(err.offset_bytes, cut);
        }
    }
}

Test(json, says_where_the_value_ended)
{
    static const struct {
        const char *text;
        size_t end;
    } rows[] = {
        {"{\"a\":1}{\"b\":2}", 7},
        {"  [1]\n[2]", 5},
        {"12 34", 2},
        {"\"a\"\"b\"", 3},
        {"1.5", 3},
        {"0}", 1},
        {"truefalse", 4},
        {"{}\xFF\xFF", 2},
        {"-0e0,", 4},
        {"[]]", 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t end = 0;
        cr_expect_eq(read_copy(rows[i].text, strlen(rows[i].text), &end, NULL), RF_OK);
        cr_expect_eq(end, rows[i].end, "%s: %zu", rows[i].text, end);
    }
}

Test(json, allows_only_blanks_behind_a_whole_value)
{
    struct rf_json doc = {0};
    struct rf_err err = {0};
    read_good(&doc, " {} \t\r\n");
    cr_expect_eq(rf_json_read_whole(&doc, "{} {}", 5, &err), RF_ERR_MALFORMED);
    cr_expect_eq(err.offset_bytes, 3);
    cr_expect_eq(doc.used, 0, "a refused text leaves no nodes");
    cr_expect_eq(rf_json_read_whole(&doc, "1\0", 2, &err), RF_ERR_MALFORMED);
    rf_json_done(&doc);
}

/* Every length and every place of the byte, so that each stride and tail of the scan is met. */
Test(json, finds_a_special_byte_at_every_place)
{
    static const struct {
        const char *bytes;
        rf_code code;
    } specials[] = {
        {"\x01", RF_ERR_MALFORMED},
        {"\x1F", RF_ERR_MALFORMED},
        {"\x80", RF_ERR_MALFORMED},
        {"\xFF", RF_ERR_MALFORMED},
        {"\\q", RF_ERR_MALFORMED},
        {"\\n", RF_OK},
        {"\xC3\xA9", RF_OK},
        {"\x7F", RF_OK},
        {" ", RF_OK},
        {"\xF0\x9F\x98\x80\\\"", RF_OK},
        {"!#[]", RF_OK},
    };
    char text[128];
    for (size_t kind = 0; kind < sizeof(specials) / sizeof(*specials); kind++) {
        size_t special = strlen(specials[kind].bytes);
        for (size_t length = 0; length < 40; length++) {
            for (size_t place = 0; place <= length; place++) {
                memset(text, 'x', sizeof(text));
                text[0] = '"';
                memcpy(text + 1 + place, specials[kind].bytes, special);
                text[1 + length + special] = '"';
                size_t bytes = length + special + 2;
                size_t end = 0;
                rf_code code = read_copy(text, bytes, &end, NULL);
                cr_assert_eq(code, specials[kind].code, "kind %zu, %zu of %zu", kind, place,
                             length);
                cr_assert(code != RF_OK || end == bytes, "kind %zu, %zu of %zu", kind, place,
                          length);
                if (code == RF_OK) {
                    cr_assert_eq(read_copy(text, bytes - 1, &end, NULL), RF_ERR_TRUNCATED);
                }
            }
        }
    }
}

Test(json, nests_to_its_limit_and_no_deeper)
{
    char text[2 * RF_LIMIT_JSON_DEPTH + 2];
    memset(text, '[', RF_LIMIT_JSON_DEPTH);
    memset(text + RF_LIMIT_JSON_DEPTH, ']', RF_LIMIT_JSON_DEPTH);
    size_t end;
    struct rf_err err = {0};
    cr_expect_eq(read_copy(text, (size_t)2 * RF_LIMIT_JSON_DEPTH, &end, &err), RF_OK);
    memset(text, '[', sizeof(text));
    cr_expect_eq(read_copy(text, sizeof(text), &end, &err), RF_ERR_LIMIT);
    cr_expect_eq(err.offset_bytes, RF_LIMIT_JSON_DEPTH);
}

Test(json, refuses_a_text_of_four_gibibytes_unread)
{
    struct rf_json doc = {0};
    size_t end;
    cr_expect_eq(rf_json_read(&doc, "1", (size_t)UINT32_MAX, &end, NULL), RF_ERR_LIMIT);
}

Test(json, lists_nodes_in_the_order_of_the_text)
{
    static const struct rf_json_node expected[] = {
        {1, 36, 11, 3, RF_JSON_OBJECT, 0},
        {2, 5, 2, 0, RF_JSON_STRING, 0},
        {6, 21, 7, 4, RF_JSON_ARRAY, 0},
        {7, 8, 4, 0, RF_JSON_NUMBER, 0},
        {9, 11, 5, 0, RF_JSON_ARRAY, 0},
        {12, 17, 6, 0, RF_JSON_FALSE, 0},
        {18, 20, 7, 0, RF_JSON_OBJECT, 0},
        {22, 26, 8, 0, RF_JSON_STRING, RF_JSON_ESCAPED},
        {27, 28, 9, 0, RF_JSON_NUMBER, 0},
        {29, 31, 10, 0, RF_JSON_STRING, 0},
        {32, 35, 11, 0, RF_JSON_NUMBER, RF_JSON_REAL},
    };
    struct rf_json doc = {0};
    read_good(&doc, " {\"a\":[1,[],false,{}],\"\\n\":2,\"\":3.0}");
    cr_assert_eq(doc.used, sizeof(expected) / sizeof(*expected));
    for (size_t i = 0; i < doc.used; i++) {
        const struct rf_json_node *node = &doc.nodes[i];
        cr_expect_eq(node->start, expected[i].start, "start of %zu: %u", i, node->start);
        cr_expect_eq(node->end, expected[i].end, "end of %zu: %u", i, node->end);
        cr_expect_eq(node->next, expected[i].next, "next of %zu: %u", i, node->next);
        cr_expect_eq(node->count, expected[i].count, "count of %zu: %u", i, node->count);
        cr_expect_eq(node->kind, expected[i].kind, "kind of %zu: %u", i, node->kind);
        cr_expect_eq(node->flags, expected[i].flags, "flags of %zu: %u", i, node->flags);
    }
    rf_json_done(&doc);
}

Test(json, finds_the_last_member_of_a_repeated_key)
{
    struct rf_json doc = {0};
    bool repeated = false;
    int64_t value = 0;
    read_good(&doc, "{\"a\":1,\"b\":{\"c\":9},\"\\u0061\":2,\"a\\u0000\":3,\"\":4}");
    cr_assert(rf_json_int64(&doc, rf_json_member(&doc, 0, "a", 1, &repeated), &value));
    cr_expect_eq(value, 2);
    cr_expect(repeated);
    cr_assert(rf_json_int64(&doc, rf_json_member(&doc, 0, "a\0", 2, &repeated), &value));
    cr_expect_eq(value, 3);
    cr_expect_not(repeated);
    cr_assert(rf_json_int64(&doc, rf_json_member(&doc, 0, "", 0, NULL), &value));
    cr_expect_eq(value, 4);
    repeated = true;
    cr_expect_eq(rf_json_member(&doc, 0, "c", 1, &repeated), RF_JSON_NONE, "a member of a member");
    cr_expect_not(repeated);
    cr_expect_eq(rf_json_member(&doc, 0, "\\u0061", 6, NULL), RF_JSON_NONE);
    cr_expect_eq(rf_json_member(&doc, 1, "a", 1, NULL), RF_JSON_NONE, "no object");
    rf_json_done(&doc);
}

Test(json, finds_a_key_written_in_escapes_alone)
{
    struct rf_json doc = {0};
    read_good(&doc,
              "{\"\\u0056\\u0065\\u0072\\u0073\\u0069\\u006f\\u006e\":3,\"\\uD83D\\uDE00\":4}");
    cr_expect_eq(rf_json_member(&doc, 0, "Version", 7, NULL), 2);
    cr_expect_eq(rf_json_member(&doc, 0, "\xF0\x9F\x98\x80", 4, NULL), 4);
    cr_expect_eq(rf_json_member(&doc, 0, "Versio", 6, NULL), RF_JSON_NONE);
    rf_json_done(&doc);
}

Test(json, decodes_every_escape)
{
    struct rf_json doc = {0};
    read_good(&doc, "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u0041\\u00e9\\u20AC\\uD83D\\uDe00\","
                    "\"x\\u007fy\\uFFFFz\", \"\\uDBFF\\uDFFF\", \"plain\", \"\"]");
    cr_expect_str_eq(content(&doc, 1), "\"\\/\b\f\n\r\t");
    cr_expect_str_eq(content(&doc, 2), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    cr_expect_str_eq(content(&doc, 3), "x\x7Fy\xEF\xBF\xBFz");
    cr_expect_str_eq(content(&doc, 4), "\xF4\x8F\xBF\xBF");
    cr_expect_str_eq(content(&doc, 5), "plain");
    cr_expect_str_eq(content(&doc, 6), "");
    rf_json_done(&doc);
}

Test(json, reads_integers_exactly_or_not_at_all)
{
    static const struct {
        const char *text;
        bool is_int64;
        int64_t as_int64;
        bool is_uint64;
        uint64_t as_uint64;
    } rows[] = {
        {"0", true, 0, true, 0},
        {"-0", true, 0, true, 0},
        {"-1", true, -1, false, 0},
        {"9223372036854775807", true, INT64_MAX, true, INT64_MAX},
        {"9223372036854775808", false, 0, true, UINT64_C(9223372036854775808)},
        {"-9223372036854775808", true, INT64_MIN, false, 0},
        {"-9223372036854775809", false, 0, false, 0},
        {"18446744073709551615", false, 0, true, UINT64_MAX},
        {"18446744073709551616", false, 0, false, 0},
        {"28446744073709551615", false, 0, false, 0},
        {"1.0", false, 0, false, 0},
        {"1e2", false, 0, false, 0},
        {"\"1\"", false, 0, false, 0},
        {"true", false, 0, false, 0},
    };
    struct rf_json doc = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int64_t as_int64 = 0;
        uint64_t as_uint64 = 0;
        read_good(&doc, rows[i].text);
        cr_expect_eq(rf_json_int64(&doc, 0, &as_int64), rows[i].is_int64, "%s", rows[i].text);
        cr_expect_eq(as_int64, rows[i].as_int64, "%s", rows[i].text);
        cr_expect_eq(rf_json_uint64(&doc, 0, &as_uint64), rows[i].is_uint64, "%s", rows[i].text);
        cr_expect_eq(as_uint64, rows[i].as_uint64, "%s", rows[i].text);
    }
    rf_json_done(&doc);
}

/* Against the C library's strtod, in the C locale. */
Test(json, reads_reals_as_the_nearest_double)
{
    static const char *const texts[] = {
        "0.1",
        "-0.0",
        "1e22",
        "1e23",
        "123456789012345e22",
        "1234567890123456e-22",
        "9007199254740993.0",
        "9007199254740992.99999999999999999999999",
        "9007199254740993.00000000000000000000000000001",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "1e-9999999999999999999999",
        "0e99999999999999999999999",
        "0.000000000000000000000000000000000000000000000000000001e54",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "179769313486231570000000000000e279",
        "18446744073709551616",
    };
    struct rf_json doc = {0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        double expected = strtod(texts[i], NULL);
        double value = 7;
        read_good(&doc, texts[i]);
        cr_expect(rf_json_real(&doc, 0, &value), "%s", texts[i]);
        cr_expect_eq(memcmp(&value, &expected, sizeof(value)), 0, "%s: %a, not %a", texts[i], value,
                     expected);
    }
    static const char *const infinite[] = {"1e309", "-1e309", "1.7976931348623159e308",
                                           "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof(infinite) / sizeof(*infinite); i++) {
        double value;
        read_good(&doc, infinite[i]);
        cr_expect_not(rf_json_real(&doc, 0, &value), "%s", infinite[i]);
    }
    rf_json_done(&doc);
}

/* ---- memory ---- */

/* An array of so many zeros. */
static char *
make_zeros(size_t count)
{
    char *text = malloc(2 * count + 2);
    cr_assert(text != NULL);
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = i == 0 ? '[' : ',';
        text[2 * i + 1] = '0';
    }
    text[2 * count] = ']';
    text[2 * count + 1] = '\0';
    return text;
}

Test(json, gives_back_what_only_a_large_value_needed)
{
    struct rf_json doc = {0};
    char *large = make_zeros(RF_JSON_KEPT_NODES + 10);
    read_good(&doc, large);
    cr_expect_gt(doc.room, RF_JSON_KEPT_NODES);
    cr_expect_eq(doc.nodes[0].count, RF_JSON_KEPT_NODES + 10);
    cr_expect_eq(doc.nodes[RF_JSON_KEPT_NODES + 10].end, strlen(large) - 1);

    read_good(&doc, "{\"a\":[1,2]}");
    cr_expect_leq(doc.room, RF_JSON_KEPT_NODES);
    cr_assert_eq(doc.used, 5);
    cr_expect_eq(doc.nodes[2].count, 2);

    read_good(&doc, large);
    large[strlen(large) - 1] = '\0';
    size_t end;
    cr_expect_eq(rf_json_read(&doc, large, strlen(large), &end, NULL), RF_ERR_TRUNCATED);
    cr_expect_leq(doc.room, RF_JSON_KEPT_NODES);
    free(large);
    rf_json_done(&doc);
}

/* ---- the hash, put together by hand from the header's definition ---- */

static uint64_t
hash_text(const char *text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text, strlen(text), seed);
}

static uint64_t
hash_words(uint64_t first, const uint64_t *second, uint64_t seed)
{
    unsigned char bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(first >> 8 * i);
        bytes[8 + i] = second == NULL ? 0 : (unsigned char)(*second >> 8 * i);
    }
    return XXH3_64bits_withSeed(bytes, second == NULL ? 8 : 16, seed);
}

static uint64_t
hash_member(const char *key, uint64_t value)
{
    return hash_words(hash_text(key, 2), &value, 5);
}

static uint64_t
hash_object(uint64_t sum, uint64_t members)
{
    return hash_words(sum, &members, 6);
}

static uint64_t
hash_json(const char *text, uint64_t *ret_repeated)
{
    struct rf_json doc = {0};
    read_good(&doc, text);
    uint64_t hash = rf_json_hash(&doc, 0, ret_repeated);
    rf_json_done(&doc);
    return hash;
}

Test(json_hash, follows_its_definition)
{
    uint64_t repeated = 1;
    cr_expect_eq(hash_json("12.50", &repeated), hash_text("12.50", 1));
    cr_expect_eq(hash_json("\"a\\u0062\"", NULL), hash_text("ab", 2));
    cr_expect_eq(hash_json("\"\"", NULL), hash_text("", 2));
    cr_expect_eq(hash_json("true", NULL), hash_text("true", 3));
    cr_expect_eq(hash_json("false", NULL), hash_text("false", 3));
    cr_expect_eq(hash_json("null", NULL), hash_text("null", 3));
    cr_expect_eq(hash_json("[]", NULL), 4);
    cr_expect_eq(hash_json("{}", NULL), hash_object(0, 0));

    uint64_t array = hash_words(hash_text("2", 1), NULL, hash_words(hash_text("1", 1), NULL, 4));
    cr_expect_eq(hash_json("[1, 2]", NULL), array);
    uint64_t inner = hash_object(hash_member("z", array), 1);
    uint64_t sum = hash_member("a", inner) + hash_member("b", hash_text("false", 3));
    cr_expect_eq(hash_json("{ \"b\":false, \"a\":{\"z\":[1,2]} }", &repeated), hash_object(sum, 2));
    cr_expect_eq(repeated, 0);
}

/* Both sides of every length at which XXH3 changes its way; the library is the oracle. */
Test(json_hash, follows_its_definition_at_every_length)
{
    char text[300];
    memset(text, '7', sizeof(text));
    for (size_t bytes = 1; bytes <= 280; bytes++) {
        text[bytes] = '\0';
        text[bytes / 2] = (char)('1' + bytes % 9);
        cr_expect_eq(hash_json(text, NULL), hash_text(text, 1), "number, %zu", bytes);
        char string[sizeof(text) + 2];
        (void)snprintf(string, sizeof(string), "\"%s\"", text);
        cr_expect_eq(hash_json(string, NULL), hash_text(text, 2), "string, %zu", bytes);
        char object[sizeof(text) + 16];
        (void)snprintf(object, sizeof(object), "{\"%s\":false}", text);
        cr_expect_eq(
            hash_json(object, NULL),
            hash_object(hash_words(hash_text(text, 2), &(uint64_t){hash_text("false", 3)}, 5), 1),
            "key, %zu", bytes);
        text[bytes] = '7';
    }
}

Test(json_hash, tells_apart_what_differs)
{
    static const char *const texts[] = {
        "1",
        "1.0",
        "\"1\"",
        "true",
        "\"true\"",
        "[]",
        "{}",
        "[[]]",
        "[1,2]",
        "[2,1]",
        "[[1],2]",
        "[[1,2]]",
        "{\"a\":1}",
        "{\"a\":\"1\"}",
        "{\"b\":1}",
        "[\"a\",1]",
        "null",
        "{\"a\":{\"b\":1}}",
        "{\"b\":{\"a\":1}}",
        "{\"a\":1,\"b\":1}",
    };
    const size_t count = sizeof(texts) / sizeof(*texts);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            cr_expect_neq(hash_json(texts[i], NULL), hash_json(texts[j], NULL), "%s, %s", texts[i],
                          texts[j]);
        }
    }
}

/* An object of `distinct` keys k0, k1, …, each `times` times in a row of rounds; the last counts.
 */
static char *
make_object(size_t distinct, size_t times, bool backwards, bool escaped)
{
    struct rf_buf text = {0};
    rf_buf_byte(&text, '{');
    for (size_t round = 1; round <= times; round++) {
        for (size_t i = 0; i < distinct; i++) {
            size_t key = backwards ? distinct - 1 - i : i;
            rf_buf_format(&text, "%s\"%s%zu\":%zu", i == 0 && round == 1 ? "" : ",",
                          escaped && round % 2 == 0 ? "\\u006B" : "k", key, key + times - round);
        }
    }
    rf_buf_byte(&text, '}');
    return (char *)(uintptr_t)rf_buf_text(&text);
}

Test(json_hash, counts_the_last_of_repeated_keys_at_every_size)
{
    static const size_t sizes[] = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 40, 300, 5000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        uint64_t sum = 0;
        for (size_t key = 0; key < sizes[i]; key++) {
            char name[24];
            char value[24];
            (void)snprintf(name, sizeof(name), "k%zu", key);
            (void)snprintf(value, sizeof(value), "%zu", key);
            sum += hash_member(name, hash_text(value, 1));
        }
        for (size_t times = 1; times <= 3; times++) {
            for (int variant = 0; variant < 4; variant++) {
                char *text = make_object(sizes[i], times, variant & 1, variant & 2);
                uint64_t repeated = 0;
                cr_expect_eq(hash_json(text, &repeated), hash_object(sum, sizes[i]),
                             "%zu keys, %zu times, variant %d", sizes[i], times, variant);
                cr_expect_eq(repeated, (times - 1) * sizes[i]);
                free(text);
            }
        }
    }
}

Test(json_hash, counts_repeated_keys_in_inner_values)
{
    uint64_t repeated = 0;
    uint64_t hash = hash_json("[{\"a\":1,\"a\":2},{\"b\":{\"c\":0,\"c\":0,\"c\":3}}]", &repeated);
    cr_expect_eq(repeated, 3);
    cr_expect_eq(hash, hash_json("[{\"a\":2},{\"b\":{\"c\":3}}]", NULL));
}

Test(json_hash, is_not_quadratic_in_the_members, .timeout = 20)
{
    char *text = make_object(65536, 1, true, false);
    uint64_t repeated = 1;
    (void)hash_json(text, &repeated);
    cr_expect_eq(repeated, 0);
    free(text);
    text = make_object(1, 65536, false, true);
    cr_expect_eq(hash_json(text, &repeated), hash_json("{\"k0\":0}", NULL));
    cr_expect_eq(repeated, 65535);
    free(text);
}

/* ---- UTF-8 ---- */

/* The number of characters of so many bytes, by trying all leads and a sample or all of the rest;
 * the expected numbers follow from the code points alone. */
Test(utf8, accepts_exactly_the_code_points)
{
    size_t one = 0;
    size_t two = 0;
    size_t three = 0;
    size_t four = 0;
    static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
    bool cut;
    for (unsigned lead = 0; lead < 256; lead++) {
        char bytes[4] = {(char)lead};
        one += rf_utf8_next(bytes, 1, &cut) == 1;
        for (unsigned second = 0; second < 256; second++) {
            bytes[1] = (char)second;
            two += rf_utf8_next(bytes, 2, &cut) == 2;
            for (unsigned third = 0; third < 256; third++) {
                bytes[2] = (char)third;
                three += rf_utf8_next(bytes, 3, &cut) == 3;
            }
            for (size_t i = 0; i < 36; i++) {
                bytes[2] = (char)edges[i / 6];
                bytes[3] = (char)edges[i % 6];
                four += rf_utf8_next(bytes, 4, &cut) == 4;
            }
        }
    }
    cr_expect_eq(one, 0x80);
    cr_expect_eq(two, 0x800 - 0x80);
    cr_expect_eq(three, 0x10000 - 0x800 - 0x800, "all but the surrogates: %zu", three);
    cr_expect_eq(four, 0x100000 / 4096 * 4, "two of 64 third and two of 64 fourth bytes: %zu",
                 four);
}

Test(utf8, measures_the_valid_front)
{
    cr_expect_eq(rf_utf8_valid("", 0), 0);
    cr_expect_eq(rf_utf8_valid("a\0b", 3), 3);
    cr_expect_eq(rf_utf8_valid("\xC3\xA9t\xC3\xA9", 5), 5);
    cr_expect_eq(rf_utf8_valid("\xC3\xA9t\xC3", 4), 3);
    char text[40];
    for (size_t place = 0; place < sizeof(text); place++) {
        memset(text, 'x', sizeof(text));
        text[place] = '\x80';
        cr_expect_eq(rf_utf8_valid(text, sizeof(text)), place);
    }
}

/* ---- one scalar ---- */

/* The scalar at text[at], whose memory ends where the text ends. */
static bool
read_scalar_copy(const char *text, size_t at, size_t bytes, struct rf_json_node *ret)
{
    char *copy = malloc(bytes == 0 ? 1 : bytes);
    memcpy(copy, text, bytes);
    bool read = rf_json_read_scalar(copy, at, bytes, ret);
    free(copy);
    return read;
}

Test(json, reads_one_scalar)
{
    static const struct {
        const char *scalar;
        uint8_t kind;
        uint8_t flags;
    } rows[] = {
        {"null", RF_JSON_NULL, 0},
        {"false", RF_JSON_FALSE, 0},
        {"true", RF_JSON_TRUE, 0},
        {"0", RF_JSON_NUMBER, 0},
        {"-0", RF_JSON_NUMBER, 0},
        {"1234567890123456789012345", RF_JSON_NUMBER, 0},
        {"1.50", RF_JSON_NUMBER, RF_JSON_REAL},
        {"1e5", RF_JSON_NUMBER, RF_JSON_REAL},
        {"-0.0E-07", RF_JSON_NUMBER, RF_JSON_REAL},
        {"\"\"", RF_JSON_STRING, 0},
        {"\"plain\"", RF_JSON_STRING, 0},
        {"\"sixteen bytes --\"", RF_JSON_STRING, 0},
        {"\"more than sixteen bytes, and \xc3\xa9\"", RF_JSON_STRING, 0},
        {"\"\\\"\\u00e9\\ud83d\\ude00\"", RF_JSON_STRING, RF_JSON_ESCAPED},
    };
    static const char *const behind[] = {"", ",", "}", "]", " ", "\"", "x", "\xff", ":", "{"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t b = 0; b < sizeof(behind) / sizeof(behind[0]); b++) {
            char text[128];
            int bytes = snprintf(text, sizeof(text), "[1,%s%s", rows[i].scalar, behind[b]);
            struct rf_json_node node;
            bool read = read_scalar_copy(text, 3, (size_t)bytes, &node);
            bool open = rows[i].kind == RF_JSON_NUMBER && behind[b][0] == '\0';
            cr_assert_eq(read, !open, "%s", text);
            if (read) {
                cr_expect_eq(node.start, 3, "%s", text);
                cr_expect_eq(node.end, 3 + strlen(rows[i].scalar), "%s", text);
                cr_expect_eq(node.kind, rows[i].kind, "%s", text);
                cr_expect_eq(node.flags, rows[i].flags, "%s", text);
            }
            for (size_t cut = 3; read && cut < node.end; cut++) {
                struct rf_json_node unread;
                cr_expect(!read_scalar_copy(text, 3, cut, &unread), "%.*s", (int)cut, text);
            }
        }
    }
}

Test(json, refuses_what_is_no_scalar)
{
    static const char *const texts[] = {
        "",
        " 1,",
        "{}",
        "[]",
        "[1]",
        "}",
        "]",
        ",",
        ":",
        "tru,",
        "truE,",
        "t,",
        "nul,",
        "nulL,",
        "fals,",
        "False,",
        "-,",
        "-a,",
        "01,",
        "-01,",
        "00,",
        "+1,",
        ".5,",
        "1.,",
        "1.e5,",
        "1e,",
        "1e+,",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\n\"",
        "\"\x1f\"",
        "\"\x80\"",
        "\"\xc3\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "'a'",
        "NaN,",
        "Infinity,",
        "\xef\xbb\xbf"
        "1,",
        "/**/1,",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct rf_json_node node;
        cr_expect(!read_scalar_copy(texts[i], 0, strlen(texts[i]), &node), "%s", texts[i]);
        cr_expect(!read_scalar_copy(texts[i], strlen(texts[i]), strlen(texts[i]), &node));
    }
}
