/* SPDX-License-Identifier: MIT */
/* Whose rules hold for which name, and what a hash depends on. What the hashes are, private_test.py
 * computes by itself. */
#include "fold/privacy.h"

#include <criterion/criterion.h>
#include <string.h>

static const char KEY[] = "0123456789abcdef0123456789abcdef";

static struct rf_mask_rule a_rule = {(char *)(uintptr_t) "/a", false};
static struct rf_mask_rule b_rule = {(char *)(uintptr_t) "/b", false};

/** order: /a of states, /b of data; plain: nothing; quiet: /b of states, no data; case: the taker.
 */
static struct rf_privacy *
make(const char *key, bool taker)
{
    struct rf_privacy *privacy = rf_privacy_new(key, key == NULL ? 0 : strlen(key));
    const struct rf_private_rules rules[] = {
        {.aggregate = "order",
         .state = &a_rule,
         .state_count = 1,
         .has_data = true,
         .data = &b_rule,
         .data_count = 1},
        {.aggregate = "plain"},
        {.aggregate = "quiet", .state = &b_rule, .state_count = 1, .has_data = true},
        {.aggregate = "case", .state = &b_rule, .state_count = 1},
        {.aggregate = "order"}, /* what was said first stands */
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        rf_privacy_add(privacy, &rules[i]);
    }
    if (taker) {
        rf_privacy_set_taker(privacy, "case");
    }
    return privacy;
}

static void
expect_state(const struct rf_privacy *privacy, const char *aggregate, bool a, bool b)
{
    const struct rf_private *private = rf_privacy_find(privacy, aggregate);
    struct rf_masker masker = {0};
    struct rf_buf out = {0};
    const char *text = "{\"a\":\"secret-a\",\"b\":\"secret-b\"}";
    if (private == NULL) {
        rf_buf_string(&out, text);
    } else {
        rf_private_state(private, &masker, text, strlen(text), &out);
    }
    (void)rf_buf_text(&out);
    cr_expect_eq(strstr(out.bytes, "secret-a") == NULL, a, "%s: %s", aggregate, out.bytes);
    cr_expect_eq(strstr(out.bytes, "secret-b") == NULL, b, "%s: %s", aggregate, out.bytes);
    rf_buf_done(&out);
    rf_masker_done(&masker);
}

Test(privacy, finds_the_rules_of_a_name)
{
    struct rf_privacy *privacy = make(KEY, false);
    expect_state(privacy, "order", true, false);
    expect_state(privacy, "plain", false, false);
    expect_state(privacy, "case", false, true);
    expect_state(privacy, "other", false, false);
    expect_state(NULL, "order", false, false);
    cr_expect(rf_privacy_is_used(privacy));
    cr_expect(!rf_privacy_is_used(NULL));
    rf_privacy_free(privacy);
    rf_privacy_free(NULL);
}

Test(privacy, takes_the_takers_rules_for_names_that_have_none)
{
    struct rf_privacy *privacy = make(KEY, true);
    expect_state(privacy, "other", false, true);
    expect_state(privacy, "plain", false, false);
    expect_state(privacy, "order", true, false);
    rf_privacy_free(privacy);
}

static void
expect_data(const struct rf_privacy *privacy, const char *aggregate, const char *wanted)
{
    const struct rf_private *private = rf_privacy_find_data(privacy, aggregate, strlen(aggregate));
    struct rf_masker masker = {0};
    struct rf_buf out = {0};
    const char *text = "{\"a\":1,\"b\":2}";
    if (private == NULL) {
        rf_buf_string(&out, text);
    } else {
        rf_private_data(private, &masker, text, strlen(text), &out);
    }
    cr_expect_str_eq(rf_buf_text(&out), wanted, "data of %s: %s", aggregate, out.bytes);
    rf_buf_done(&out);
    rf_masker_done(&masker);
}

Test(privacy, hides_data_of_which_nothing_is_said)
{
    struct rf_privacy *privacy = make(NULL, false);
    expect_data(privacy, "order", "{\"a\":1,\"b\":\"private\"}");
    expect_data(privacy, "case", "\"private\"");
    expect_data(privacy, "plain", "{\"a\":1,\"b\":2}");
    expect_data(privacy, "quiet", "{\"a\":1,\"b\":2}");
    expect_data(privacy, "other", "\"private\"");
    expect_data(privacy, "", "\"private\"");
    expect_data(NULL, "order", "{\"a\":1,\"b\":2}");
    rf_privacy_free(privacy);
}

Test(privacy, shows_all_data_where_nothing_is_private)
{
    struct rf_privacy *privacy = rf_privacy_new(NULL, 0);
    const struct rf_private_rules plain = {.aggregate = "plain"};
    rf_privacy_add(privacy, &plain);
    expect_data(privacy, "plain", "{\"a\":1,\"b\":2}");
    expect_data(privacy, "other", "{\"a\":1,\"b\":2}");
    rf_privacy_free(privacy);
}

Test(privacy, gives_other_hashes_for_another_key_aggregate_and_use)
{
    struct rf_privacy *one = make(KEY, false);
    struct rf_privacy *two = make("another key, which is long enough", false);
    const struct rf_private *items[] = {rf_privacy_find(one, "order"), rf_privacy_find(one, "case"),
                                        rf_privacy_find(two, "order")};
    struct rf_buf words[3] = {{0}, {0}, {0}};
    char checks[2][RF_KEY_CHECK_BYTES];
    for (size_t i = 0; i < 3; i++) {
        rf_private_words(items[i], "text", 4, &words[i]);
        (void)rf_buf_text(&words[i]);
        cr_expect_eq(words[i].used, strlen("hmac:") + 32);
        for (size_t k = 0; k < i; k++) {
            cr_expect_str_neq(words[i].bytes, words[k].bytes);
            cr_expect_neq(rf_private_digest(items[i], 7), rf_private_digest(items[k], 7));
        }
    }
    cr_expect_eq(rf_private_digest(items[0], 7), rf_private_digest(items[0], 7));
    cr_expect_neq(rf_private_digest(items[0], 7), rf_private_digest(items[0], 8));
    rf_privacy_check(one, checks[0]);
    rf_privacy_check(two, checks[1]);
    cr_expect_eq(strspn(checks[0], "0123456789abcdef"), RF_KEY_CHECK_BYTES - 1);
    cr_expect_str_neq(checks[0], checks[1]);
    for (size_t i = 0; i < 3; i++) {
        rf_buf_done(&words[i]);
    }
    rf_privacy_free(one);
    rf_privacy_free(two);
}

Test(privacy, makes_no_json_of_what_is_none)
{
    struct rf_privacy *privacy = make(KEY, false);
    struct rf_masker masker = {0};
    struct rf_buf out = {0};
    rf_private_state(rf_privacy_find(privacy, "order"), &masker, "{\"a\":\"secret", 12, &out);
    cr_expect(strncmp(rf_buf_text(&out), "no JSON: hmac:", 14) == 0, "%s", out.bytes);
    cr_expect(strstr(out.bytes, "secret") == NULL);
    rf_buf_done(&out);
    rf_masker_done(&masker);
    rf_privacy_free(privacy);
}

static void
count(void *context, const char *aggregate, const char *pointer)
{
    struct rf_buf *out = context;
    rf_buf_format(out, "%s:%s ", aggregate, pointer);
}

Test(privacy, names_pointers_that_met_nothing_once_a_state_was_seen)
{
    struct rf_privacy *privacy = make(KEY, false);
    struct rf_masker masker = {0};
    struct rf_buf out = {0};
    rf_privacy_each_idle(privacy, count, &out);
    cr_expect_str_eq(rf_buf_text(&out), "");
    rf_private_state(rf_privacy_find(privacy, "order"), &masker, "{\"c\":1}", 7, &out);
    rf_buf_clear(&out);
    rf_privacy_each_idle(privacy, count, &out);
    cr_expect_str_eq(rf_buf_text(&out), "order:/a ");
    rf_private_state(rf_privacy_find(privacy, "order"), &masker, "{\"a\":1}", 7, &out);
    rf_buf_clear(&out);
    rf_privacy_each_idle(privacy, count, &out);
    cr_expect_str_eq(rf_buf_text(&out), "");
    rf_buf_done(&out);
    rf_masker_done(&masker);
    rf_privacy_free(privacy);
}
