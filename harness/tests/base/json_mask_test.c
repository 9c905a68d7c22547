/* SPDX-License-Identifier: MIT */
/* What stands in place of what is masked, and that nothing else changes. private_test.py holds it
 * against another model. */
#include "base/json_mask.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/** Shows what was hidden: "<text>", quotes as they are not. */
static void
mark(const void *context, const char *text, size_t bytes, struct rf_buf *out)
{
    (void)context;
    rf_buf_string(out, "\"<");
    for (size_t i = 0; i < bytes; i++) {
        rf_buf_byte(out, text[i] == '"' ? '\'' : text[i]);
    }
    rf_buf_string(out, ">\"");
}

static void
expect_masked(const char *text, const char *pointer, bool shows_keys, const char *wanted)
{
    struct rf_mask_rule rule = {(char *)(uintptr_t)pointer, shows_keys};
    struct rf_mask *mask = rf_mask_new(&rule, 1);
    struct rf_masker masker = {0};
    struct rf_buf out = {0};
    uint64_t met = 0;
    cr_assert(rf_mask_text(mask, &masker, text, strlen(text), mark, NULL, &met, &out));
    cr_expect_str_eq(rf_buf_text(&out), wanted, "%s without %s: %s, not %s", text, pointer,
                     out.bytes, wanted);
    rf_buf_done(&out);
    rf_masker_done(&masker);
    rf_mask_free(mask);
}

Test(json_mask, hides_any_value)
{
    expect_masked("{\"a\":1,\"b\":2}", "/a", false, "{\"a\":\"<1>\",\"b\":2}");
    expect_masked("{\"a\":null}", "/a", false, "{\"a\":\"<null>\"}");
    expect_masked("{\"a\":{\"x\":[true]}}", "/a", false, "{\"a\":\"<{'x':[true]}>\"}");
    expect_masked("{\"a\":{\"x\":[true]}}", "/a/x/0", false, "{\"a\":{\"x\":[\"<true>\"]}}");
    expect_masked("[[1,2],[3]]", "/*/0", false, "[[\"<1>\",2],[\"<3>\"]]");
    expect_masked("{\"\":1}", "/", false, "{\"\":\"<1>\"}");
}

Test(json_mask, leaves_what_no_pointer_names)
{
    expect_masked("{\"a\":1}", "/b", false, "{\"a\":1}");
    expect_masked("{\"a\":1}", "/a/b", false, "{\"a\":1}");
    expect_masked("{\"ab\":1}", "/a", false, "{\"ab\":1}");
    expect_masked("7", "/a", false, "7");
    expect_masked("[1,2]", "/01", false, "[1,2]");
}

Test(json_mask, hides_keys_that_a_star_stands_for_and_sorts_them_anew)
{
    expect_masked("{\"m\":{\"a\":{\"p\":1,\"q\":2}}}", "/m/*/p", false,
                  "{\"m\":{\"<'a'>\":{\"p\":\"<1>\",\"q\":2}}}");
    expect_masked("{\"m\":{\"a\":{\"p\":1,\"q\":2}}}", "/m/*/p", true,
                  "{\"m\":{\"a\":{\"p\":\"<1>\",\"q\":2}}}");
    expect_masked("{\"m\":{\"a\":{\"q\":2}}}", "/m/*/p", false, "{\"m\":{\"<'a'>\":{\"q\":2}}}");
    /* "<'a…" sorts in front of "<'a'>…" by what stands behind the quote. */
    expect_masked("{\"a\":1,\"a!\":2}", "/*", false, "{\"<'a!'>\":\"<2>\",\"<'a'>\":\"<1>\"}");
}

Test(json_mask, knows_escapes_on_both_sides)
{
    expect_masked("{\"a/b\":1}", "/a~1b", false, "{\"a/b\":\"<1>\"}");
    expect_masked("{\"a~b\":1}", "/a~0b", false, "{\"a~b\":\"<1>\"}");
    expect_masked("{\"\\u0061\":1}", "/a", false, "{\"\\u0061\":\"<1>\"}");
    expect_masked("{\"a\\u0000\":1}", "/a\xe2\x90\x80", false, "{\"a\\u0000\":\"<1>\"}");
}

Test(json_mask, hides_equal_values_alike)
{
    expect_masked("[1.0,1,\"\\u0041\",\"A\",{\"b\":1,\"a\":2}]", "/*", false,
                  "[\"<1>\",\"<1>\",\"<'A'>\",\"<'A'>\",\"<{'a':2,'b':1}>\"]");
    expect_masked("[1e999]", "/0", false, "[\"<1e999>\"]");
}

Test(json_mask, takes_no_text_that_is_no_json)
{
    static const char *const texts[] = {"", "{\"a\":1", "nul", "{\"a\":1} x"};
    struct rf_mask_rule rule = {(char *)(uintptr_t) "/a", false};
    struct rf_mask *mask = rf_mask_new(&rule, 1);
    struct rf_masker masker = {0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct rf_buf out = {0};
        uint64_t met = 0;
        cr_expect(!rf_mask_text(mask, &masker, texts[i], strlen(texts[i]), mark, NULL, &met, &out));
        cr_expect_eq(out.used, 0);
        rf_buf_done(&out);
    }
    rf_masker_done(&masker);
    rf_mask_free(mask);
}

Test(json_mask, tells_which_rules_met_a_value)
{
    struct rf_mask_rule rules[] = {{(char *)(uintptr_t) "/a", false},
                                   {(char *)(uintptr_t) "/b", false},
                                   {(char *)(uintptr_t) "/c/*", false}};
    struct rf_mask *mask = rf_mask_new(rules, 3);
    struct rf_masker masker = {0};
    struct rf_buf out = {0};
    uint64_t met = 0;
    const char *text = "{\"a\":1,\"c\":[2]}";
    cr_assert(rf_mask_text(mask, &masker, text, strlen(text), mark, NULL, &met, &out));
    cr_expect_eq(met, 5);
    rf_buf_done(&out);
    rf_masker_done(&masker);
    rf_mask_free(mask);
}

static void
expect_pointer(const char *pointer, const char *rule_pointer, const char *wanted)
{
    struct rf_mask_rule rule = {(char *)(uintptr_t)rule_pointer, false};
    struct rf_mask *mask = rf_mask_new(&rule, 1);
    struct rf_buf out = {0};
    rf_mask_pointer(mask, pointer, strlen(pointer), mark, NULL, &out);
    cr_expect_str_eq(rf_buf_text(&out), wanted, "%s by %s: %s, not %s", pointer, rule_pointer,
                     out.bytes, wanted);
    rf_buf_done(&out);
    rf_mask_free(mask);
}

Test(json_mask, masks_pointers)
{
    expect_pointer("/a/b", "/c", "/a/b");
    expect_pointer("/a/b/c", "/a/b", "/a/b");
    expect_pointer("/m/x~1y/p", "/m/*/q", "/m/<'x/y'>/p");
    expect_pointer("/m/17", "/m/*", "/m/<'17'>");
    expect_pointer("", "/m", "");
}
