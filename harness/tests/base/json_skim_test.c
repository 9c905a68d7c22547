/* SPDX-License-Identifier: MIT */
/* Skimming against reading: the first level must be the same. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/** Node by node, the first level of a skim is what a full read has there. */
static void
check(const char *text)
{
    struct rf_json skim = {0};
    struct rf_json full = {0};
    size_t bytes = strlen(text);
    cr_assert_eq(rf_json_read_whole(&full, text, bytes, NULL), RF_OK, "%s", text);
    rf_json_skim(&skim, text, bytes);
    cr_assert_eq(skim.nodes[0].kind, full.nodes[0].kind, "%s", text);
    cr_assert_eq(skim.nodes[0].start, full.nodes[0].start, "%s", text);
    cr_assert_eq(skim.nodes[0].end, full.nodes[0].end, "%s", text);
    cr_assert_eq(skim.nodes[0].count, full.nodes[0].count, "%s", text);
    uint32_t at = 1;
    for (uint32_t i = 1; i < skim.used; i++) {
        cr_assert_eq(skim.nodes[i].kind, full.nodes[at].kind, "%s, node %u", text, i);
        cr_assert_eq(skim.nodes[i].start, full.nodes[at].start, "%s, node %u", text, i);
        cr_assert_eq(skim.nodes[i].end, full.nodes[at].end, "%s, node %u", text, i);
        cr_assert_eq(skim.nodes[i].flags, full.nodes[at].flags, "%s, node %u", text, i);
        cr_assert_eq(skim.nodes[i].next, i + 1, "%s, node %u", text, i);
        at = full.nodes[at].next;
    }
    cr_assert_eq(at, full.nodes[0].kind >= RF_JSON_ARRAY ? full.used : 1, "%s", text);
    rf_json_done(&skim);
    rf_json_done(&full);
}

Test(json_skim, sees_the_first_level_as_a_full_read_does)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        " { } ",
        "1",
        " -1.5e3 ",
        "\"a\\\"b\"",
        "true",
        "null",
        "{\"a\":1}",
        "{\"a\" : [1,{\"b\":\"}]\"},[]] , \"c\\u0041\":\"\\\\\",\"d\":1.5,\"e\":-0,\"f\":1E2}",
        "[ \"x\" , {\"y\":{\"z\":[\"\\\"\"]}} , null,true ,false, 12 ]",
        "{\"\xc3\xa4\":\"\xe2\x82\xac\",\"\":{},\"n\":null,\"t\":true,\"f\":false}",
        "{\"a\":\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\",\"b\":2}",
        "[[[[[]]]],[[]]]",
        "{\"a\":1,\"a\":2}",
        "\r\n\t[\r\n1\t,\n2 ]\r\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        check(texts[i]);
    }
}

Test(json_skim, finds_members_as_a_full_read_does)
{
    struct rf_json doc = {0};
    const char *text = "{\"Qty\":3,\"Q\\u0074y\":4,\"x\":{\"Qty\":5}}";
    int64_t value = 0;
    bool repeated = false;
    rf_json_skim(&doc, text, strlen(text));
    uint32_t node = rf_json_member(&doc, 0, "Qty", 3, &repeated);
    cr_assert(rf_json_int64(&doc, node, &value));
    cr_assert_eq(value, 4, "the last one counts");
    cr_assert(repeated);
    rf_json_done(&doc);
}

Test(json_skim, stays_within_a_text_that_was_cut)
{
    const char *text = "{\"a\":[1,{\"b\":\"c\\\"\"}],\"d\":-1.5}";
    struct rf_json doc = {0};
    for (size_t bytes = 0; bytes <= strlen(text); bytes++) {
        char *copy = malloc(bytes + 1); /* so that a sanitizer sees any byte beyond */
        memcpy(copy, text, bytes);
        rf_json_skim(&doc, copy, bytes);
        for (size_t i = 0; i < doc.used; i++) {
            cr_assert(doc.nodes[i].end <= bytes, "node %zu of %zu bytes", i, bytes);
        }
        free(copy);
    }
    rf_json_done(&doc);
}
