/* SPDX-License-Identifier: MIT */
/* Answers of identify: what is an event, what is not, and what becomes of it. */
#include "key/told.h"

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "base/json.h"
#include "decode/base64.h"

static void
expect_wrong(const char *json, const char *why)
{
    struct rf_told told = {0};
    rf_told_read(&told, json, strlen(json));
    cr_expect_eq(told.kind, RF_TOLD_WRONG, "%s", json);
    cr_expect_str_eq(rf_buf_text(&told.why), why, "%s: %s", json, rf_buf_text(&told.why));
    rf_told_done(&told);
}

Test(told, nothing_is_anothers)
{
    struct rf_told told = {0};
    rf_told_read(&told, NULL, 0);
    cr_expect_eq(told.kind, RF_TOLD_NOTHING);
    rf_told_done(&told);
}

Test(told, an_error_is_what_it_says)
{
    expect_wrong("{\"error\":\"no varint at byte 7\"}", "no varint at byte 7");
}

Test(told, what_is_no_answer_is_wrong)
{
    expect_wrong("{",
                 "its identify gave an answer that is no JSON: expected a key in quotes or '}', "
                 "but the text ends here");
    expect_wrong("[]", "its identify gave an answer that is no JSON object");
    expect_wrong("{}", "its identify gave an answer without id");
    expect_wrong("{\"id\":\"a\"}", "its identify gave an answer without type");
    expect_wrong("{\"id\":1,\"type\":\"T\"}",
                 "its identify gave an answer whose member 'id' is not a string");
    expect_wrong("{\"id\":\"a\",\"type\":\"T\",\"version\":\"1\"}",
                 "its identify gave an answer whose member 'version' is not an integer");
    expect_wrong("{\"id\":\"a\",\"type\":\"T\",\"at\":1}",
                 "its identify gave an answer whose member 'at' is not a string");
    expect_wrong("{\"id\":\"a\",\"id\":\"a\",\"type\":\"T\"}",
                 "its identify gave an answer whose member 'id' occurs twice");
    expect_wrong("{\"id\":\"a\",\"type\":\"T\",\"aggregate\":\"other\"}",
                 "its identify gave an answer whose member 'aggregate' is none that it may have");
    expect_wrong("{\"error\":\"x\",\"id\":\"a\"}",
                 "its identify gave an answer whose member 'error' is none that it may have");
}

static void
expect_hidden(const char *json, const char *why)
{
    struct rf_told told = {.hides = true};
    rf_told_read(&told, json, strlen(json));
    cr_expect_eq(told.kind, RF_TOLD_WRONG, "%s", json);
    cr_expect_str_eq(rf_buf_text(&told.why), why, "%s: %s", json, rf_buf_text(&told.why));
    rf_told_done(&told);
}

Test(told, nothing_is_quoted_where_values_are_private)
{
    expect_hidden("{\"error\":\"secret\"}",
                  "its identify gave an error (not told: values are private)");
    expect_hidden(
        "{\"id\":\"a\",\"secret\":1}",
        "its identify gave an answer with a member (not told: values are private) that is "
        "none that it may have");
    expect_hidden("s",
                  "its identify gave an answer that is no JSON: (not told: values are private)");
}

/** @record  that comes of an answer to the payload "\1\2\3" */
static void
expect_record(const char *json, const char *record)
{
    struct rf_told told = {0};
    struct rf_buf out = {0};
    rf_told_read(&told, json, strlen(json));
    cr_assert_eq(told.kind, RF_TOLD_EVENT, "%s: %s", json, rf_buf_text(&told.why));
    rf_told_put(&told, "order", "\1\2\3", 3, &out);
    cr_expect_str_eq(rf_buf_text(&out), record, "%s", rf_buf_text(&out));
    rf_buf_done(&out);
    rf_told_done(&told);
}

Test(told, an_event_becomes_a_flat_record)
{
    expect_record("{\"id\":\"a\",\"type\":\"T\"}",
                  "{\"aggregateType\":\"order\",\"aggregateId\":\"a\",\"type\":\"T\","
                  "\"data\":\"AQID\"}");
    expect_record("{ \"data\": {\"x\": 1.50}, \"version\":7, \"at\":\"2026-01-01T00:00:00Z\", "
                  "\"type\":\"T\\u0041\", \"id\":\"\\n\" }",
                  "{\"aggregateType\":\"order\",\"aggregateId\":\"\\n\",\"version\":7,"
                  "\"type\":\"T\\u0041\",\"at\":\"2026-01-01T00:00:00Z\",\"data\":{\"x\": 1.50}}");
    expect_record("{\"id\":\"a\",\"type\":\"T\",\"data\":null}",
                  "{\"aggregateType\":\"order\",\"aggregateId\":\"a\",\"type\":\"T\","
                  "\"data\":null}");
}

static bool
same(const char *left, const char *right)
{
    struct rf_told a = {0};
    struct rf_told b = {0};
    rf_told_read(&a, left, strlen(left));
    rf_told_read(&b, right, strlen(right));
    bool same = rf_told_same(&a, &b);
    cr_expect_eq(rf_told_same(&b, &a), same);
    rf_told_done(&a);
    rf_told_done(&b);
    return same;
}

Test(told, two_builds_agree_on_what_they_say_not_on_how)
{
    const char *answer = "{\"id\":\"a\",\"type\":\"T\",\"data\":{\"x\":1,\"y\":2}}";
    cr_expect(same("", ""));
    cr_expect(same(answer, answer));
    cr_expect(same(answer, " {\"data\": {\"x\":1,\"y\":2} ,\"type\":\"\\u0054\",\"id\":\"a\"}"));
    cr_expect(same("{\"error\":\"x\"}", "{\"error\":\"y\"}"));
    /* What an aggregate sees of its data: its order, and what is repeated. */
    cr_expect_not(same(answer, "{\"id\":\"a\",\"type\":\"T\",\"data\":{\"y\":2,\"x\":1}}"));
    cr_expect_not(same(answer, "{\"id\":\"a\",\"type\":\"T\",\"data\":{\"x\":7,\"x\":1,\"y\":2}}"));
    cr_expect_not(same(answer, ""));
    cr_expect_not(same(answer, "{\"error\":\"x\"}"));
    cr_expect_not(same("", "{\"error\":\"x\"}"));
    cr_expect_not(same(answer, "{\"id\":\"a\",\"type\":\"T\",\"data\":{\"x\":1,\"y\":3}}"));
    cr_expect_not(same(answer, "{\"id\":\"a\",\"type\":\"T\"}"));
    cr_expect_not(same(answer, "{\"id\":\"b\",\"type\":\"T\",\"data\":{\"x\":1,\"y\":2}}"));
    cr_expect_not(
        same(answer, "{\"id\":\"a\",\"type\":\"T\",\"version\":1,\"data\":{\"x\":1,\"y\":2}}"));
}

Test(told, base64_is_read_back)
{
    struct rf_buf text = {0};
    struct rf_buf bytes = {0};
    char given[70];
    for (size_t count = 0; count <= sizeof(given); count++) {
        for (size_t i = 0; i < count; i++) {
            given[i] = (char)(i * 37 + count);
        }
        rf_buf_clear(&text);
        rf_base64_encode(given, count, &text);
        cr_assert(rf_base64_decode(text.bytes, text.used, &bytes), "%zu", count);
        cr_assert(bytes.used == count && (count == 0 || memcmp(bytes.bytes, given, count) == 0));
    }
    rf_buf_done(&text);
    rf_buf_done(&bytes);
}
