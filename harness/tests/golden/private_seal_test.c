/* SPDX-License-Identifier: MIT */
/* A golden fits only a run with the same private pointers and the same key, and its meta file tells
 * both. */
#include "golden/private_seal.h"

#include <criterion/criterion.h>
#include <string.h>

static struct rf_mask_rule ab[] = {{(char *)(uintptr_t) "/a", false},
                                   {(char *)(uintptr_t) "/b", true}};
static struct rf_mask_rule ba[] = {{(char *)(uintptr_t) "/b", true},
                                   {(char *)(uintptr_t) "/a", false},
                                   {(char *)(uintptr_t) "/a", false}};
static struct rf_mask_rule hidden[] = {{(char *)(uintptr_t) "/a", false},
                                       {(char *)(uintptr_t) "/b", false}};

static struct rf_privacy *
make(const char *key, const struct rf_mask_rule *rules, size_t count)
{
    struct rf_privacy *privacy = rf_privacy_new(key, strlen(key));
    const struct rf_private_rules order = {
        .aggregate = "order", .state = rules, .state_count = count};
    rf_privacy_add(privacy, &order);
    return privacy;
}

/** The meta file of a bless, read back. */
static void
seal(const struct rf_privacy *privacy, struct rf_meta *ret)
{
    struct rf_meta meta = {.aggregate = strdup("order")};
    struct rf_buf text = {0};
    memset(meta.states, 'a', sizeof(meta.states) - 1);
    memset(meta.history, 'b', sizeof(meta.history) - 1);
    rf_private_seal(privacy, "order", &meta);
    rf_meta_write(&meta, &text);
    cr_assert_eq(rf_meta_read(text.bytes, text.used, ret, NULL), RF_OK);
    rf_meta_done(&meta);
    rf_buf_done(&text);
}

static void
expect_fit(const struct rf_privacy *blessed, const struct rf_privacy *run, bool fits,
           const char *why)
{
    struct rf_meta meta;
    struct rf_buf text = {0};
    seal(blessed, &meta);
    cr_expect_eq(rf_private_fits(run, "order", &meta, &text), fits);
    cr_expect(strstr(rf_buf_text(&text), why) != NULL, "%s: %s", why, text.bytes);
    rf_meta_done(&meta);
    rf_buf_done(&text);
}

Test(private_seal, fits_the_same_pointers_and_the_same_key_only)
{
    struct rf_privacy *one = make("key one", ab, 2);
    struct rf_privacy *same = make("key one", ba, 3);
    struct rf_privacy *other_key = make("key two", ab, 2);
    struct rf_privacy *fewer = make("key one", ab, 1);
    struct rf_privacy *other_keys = make("key one", hidden, 2);
    struct rf_privacy *none = make("key one", ab, 0);
    expect_fit(one, one, true, "");
    expect_fit(one, same, true, "");
    expect_fit(one, other_key, false, "another key");
    expect_fit(one, fewer, false, "[\"/a\",[\"/b\"]] private, and now [\"/a\"] is");
    expect_fit(one, other_keys, false, "[\"/a\",\"/b\"] is");
    expect_fit(one, none, false, "and now nothing is");
    expect_fit(one, NULL, false, "and now nothing is");
    expect_fit(none, one, false, "blessed with nothing private");
    expect_fit(none, none, true, "");
    expect_fit(NULL, NULL, true, "");
    cr_expect(!rf_private_fits(one, "order", NULL, NULL));
    cr_expect(rf_private_fits(one, "other", NULL, NULL));
    struct rf_privacy *all[] = {one, same, other_key, fewer, other_keys, none};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        rf_privacy_free(all[i]);
    }
}

Test(private_seal, is_damage_where_it_cannot_be_read)
{
    static const char *const privates[] = {
        "7",
        "{}",
        "{\"check\":\"0123456789abcdef\"}",
        "{\"check\":\"0123456789abcde\",\"paths\":[]}",
        "{\"check\":\"0123456789abcdef\",\"paths\":\"/a\"}",
    };
    struct rf_buf text = {0};
    for (size_t i = 0; i < sizeof(privates) / sizeof(privates[0]); i++) {
        struct rf_meta meta;
        struct rf_err err;
        rf_buf_clear(&text);
        rf_buf_format(&text,
                      "{\"aggregate\":\"order\",\"format\":1,\"history\":\"%032d\",\"lines\":0,"
                      "\"private\":%s,\"rejected\":0,\"states\":\"%064d\"}",
                      0, privates[i], 0);
        cr_expect_eq(rf_meta_read(text.bytes, text.used, &meta, &err), RF_ERR_MALFORMED, "%s",
                     privates[i]);
        cr_expect(strstr(err.text, "'private'") != NULL, "%s: %s", privates[i], err.text);
    }
    rf_buf_done(&text);
}
