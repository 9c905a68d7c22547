/* SPDX-License-Identifier: MIT */
/* Damage that was accepted, and what is no longer it. */
#include "history/known.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "history/identity.h"

static struct rf_known_entry *
add(struct rf_known_damage *known, const char *identity, uint64_t count)
{
    RF_GROW(known->items, known->room, known->count + 1);
    struct rf_known_entry *entry = &known->items[known->count++];
    *entry = (struct rf_known_entry){.identity = rf_strdup(identity),
                                     .kind = RF_DAMAGE_GAP,
                                     .reason = rf_strdup("lost"),
                                     .count = count};
    return entry;
}

static void
find(struct rf_known_damage *known, struct rf_damages *damages, const char *identity)
{
    struct rf_damage damage = {.kind = RF_DAMAGE_GAP};
    damage.identity = identity == NULL ? NULL : rf_strdup(identity);
    rf_known_judge(known, &damage);
    rf_damages_add(damages, damage);
}

Test(known, is_what_has_the_same_identity_and_nothing_else)
{
    struct rf_known_damage *known = rf_calloc(1, sizeof(*known));
    struct rf_damages damages = {0};
    add(known, "b", 1);
    add(known, "a", 1);
    cr_assert(rf_known_seal(known) == NULL);
    find(known, &damages, "a");
    find(known, &damages, "ab");
    find(known, &damages, "");
    find(known, &damages, NULL);
    rf_known_settle(known, &damages);
    cr_assert(damages.totals[RF_DAMAGE_GAP] == 4);
    cr_assert(damages.known[RF_DAMAGE_GAP] == 1);
    cr_assert(rf_damages_new(&damages, RF_DAMAGE_GAP) == 3);
    cr_assert(rf_known_judge_entry(rf_known_find(known, "a"), true) == RF_KNOWN_FITS);
    cr_assert(rf_known_judge_entry(rf_known_find(known, "b"), true) == RF_KNOWN_GONE);
    cr_assert(rf_known_judge_entry(rf_known_find(known, "b"), false) == RF_KNOWN_UNSEEN);
    rf_damages_done(&damages);
    rf_known_free(known);
}

Test(known, more_than_was_accepted_is_not_known_at_all)
{
    for (uint64_t found = 1; found <= 4; found++) {
        struct rf_known_damage *known = rf_calloc(1, sizeof(*known));
        struct rf_damages damages = {0};
        add(known, "a", 2);
        cr_assert(rf_known_seal(known) == NULL);
        for (uint64_t i = 0; i < found; i++) {
            find(known, &damages, "a");
        }
        rf_known_settle(known, &damages);
        cr_assert(damages.known[RF_DAMAGE_GAP] == (found <= 2 ? found : 0));
        for (size_t i = 0; i < damages.count; i++) {
            cr_assert(damages.items[i].known == (found <= 2));
            cr_assert((damages.items[i].reason != NULL) == (found <= 2));
        }
        cr_assert(rf_known_judge_entry(&known->items[0], true) == (found == 1   ? RF_KNOWN_FEWER
                                                                   : found == 2 ? RF_KNOWN_FITS
                                                                                : RF_KNOWN_MORE));
        rf_damages_done(&damages);
        rf_known_free(known);
    }
}

Test(known, what_has_expired_is_met_and_does_not_count)
{
    struct rf_known_damage *known = rf_calloc(1, sizeof(*known));
    struct rf_damages damages = {0};
    add(known, "a", 1)->expired = true;
    cr_assert(rf_known_seal(known) == NULL);
    find(known, &damages, "a");
    find(known, &damages, "a");
    rf_known_settle(known, &damages);
    cr_assert(damages.known[RF_DAMAGE_GAP] == 0);
    cr_assert(known->items[0].met == 2);
    cr_assert(rf_known_judge_entry(&known->items[0], true) == RF_KNOWN_EXPIRED);
    rf_damages_done(&damages);
    rf_known_free(known);
}

Test(known, tells_which_of_two_alike_came_later)
{
    struct rf_known_damage *known = rf_calloc(1, sizeof(*known));
    add(known, "a", 1)->offset_in_file = 7;
    add(known, "b", 1)->offset_in_file = 3;
    add(known, "a", 1)->offset_in_file = 2;
    const struct rf_known_entry *twice = rf_known_seal(known);
    cr_assert(twice != NULL && twice->offset_in_file == 7);
    rf_known_free(known);
}

Test(known, are_in_the_order_of_the_file)
{
    static char first[] = "a";
    static char second[] = "b";
    static const struct rf_known_entry sorted[] = {
        {.kind = RF_DAMAGE_GAP,
         .aggregate = first,
         .id = first,
         .id_bytes = 1,
         .version = -1,
         .identity = second},
        {.kind = RF_DAMAGE_GAP,
         .aggregate = first,
         .id = first,
         .id_bytes = 1,
         .version = 9,
         .identity = first},
        {.kind = RF_DAMAGE_GAP,
         .aggregate = first,
         .id = first,
         .id_bytes = 1,
         .version = 10,
         .identity = first},
        {.kind = RF_DAMAGE_GAP,
         .aggregate = first,
         .id = first,
         .id_bytes = 1,
         .version = 10,
         .identity = second},
        {.kind = RF_DAMAGE_GAP,
         .aggregate = first,
         .id = second,
         .id_bytes = 1,
         .version = 1,
         .identity = first},
        {.kind = RF_DAMAGE_GAP, .aggregate = second, .id = first, .id_bytes = 1, .identity = first},
        {.kind = RF_DAMAGE_GAP, .object = first, .identity = first},
        {.kind = RF_DAMAGE_GAP,
         .object = first,
         .has_offset = true,
         .offset = 1,
         .identity = first},
        {.kind = RF_DAMAGE_GAP,
         .object = first,
         .has_offset = true,
         .offset = 2,
         .identity = first},
        {.kind = RF_DAMAGE_GAP, .object = second, .identity = first},
        {.kind = RF_DAMAGE_CONFLICT, .identity = first},
    };
    size_t count = sizeof(sorted) / sizeof(sorted[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            int order = rf_known_compare(&sorted[i], &sorted[k]);
            cr_expect((order > 0) - (order < 0) == (i > k) - (i < k), "%zu, %zu: %d", i, k, order);
        }
    }
}

Test(known, wants_the_digest_of_objects_with_an_entry_only)
{
    struct rf_known_damage *known = rf_calloc(1, sizeof(*known));
    add(known, "a", 1)->object = rf_strdup("2026/x.gz");
    add(known, "b", 1);
    cr_assert(rf_known_seal(known) == NULL);
    cr_assert(rf_known_wants(known, "2026/x.gz"));
    cr_assert(!rf_known_wants(known, "2026/x"));
    cr_assert(!rf_known_wants(NULL, "2026/x.gz"));
    known->accepts = true;
    cr_assert(rf_known_wants(known, "2026/x"));
    rf_known_free(known);
}

Test(known, an_identity_is_canonical_and_only_of_text)
{
    char *text = rf_identity_text(&(struct rf_identity){.kind = RF_DAMAGE_GAP,
                                                        .aggregate = "order",
                                                        .id = "a\"\0b",
                                                        .id_bytes = 4,
                                                        .version = {true, 3},
                                                        .to = {true, INT64_MAX}});
    cr_assert_str_eq(text,
                     "{\"aggregate\":\"order\",\"id\":\"a\\\"\\u0000b\",\"kind\":\"gap\",\"to\":"
                     "9223372036854775807,\"version\":3}");
    free(text);
    text = rf_identity_text(&(struct rf_identity){
        .kind = RF_DAMAGE_MALFORMED, .object = "x", .has_offset = true, .offset = UINT64_MAX});
    cr_assert_str_eq(text, "{\"kind\":\"malformed\",\"object\":\"x\",\"offset\":"
                           "18446744073709551615}");
    free(text);
    text = rf_identity_text(&(struct rf_identity){.kind = RF_DAMAGE_MALFORMED,
                                                  .object = "x",
                                                  .has_offset = true,
                                                  .part = "41/0",
                                                  .bytes = UINT64_MAX});
    cr_assert_str_eq(text, "{\"bytes\":18446744073709551615,\"kind\":\"malformed\",\"object\":"
                           "\"x\",\"offset\":0,\"part\":\"41/0\"}");
    free(text);
    cr_assert(rf_identity_text(&(struct rf_identity){
                  .kind = RF_DAMAGE_ERRORS, .object = "\xff", .digest = "00"}) == NULL);
}

Test(damage, what_is_new_comes_before_what_is_known)
{
    struct rf_damages damages = {0};
    for (int i = 0; i < 4; i++) {
        rf_damages_add(&damages,
                       (struct rf_damage){.kind = i < 2 ? RF_DAMAGE_GAP : RF_DAMAGE_ERRORS,
                                          .known = i % 2 == 0});
    }
    rf_damages_sort(&damages);
    cr_assert(!damages.items[0].known && damages.items[0].kind == RF_DAMAGE_GAP);
    cr_assert(!damages.items[1].known && damages.items[1].kind == RF_DAMAGE_ERRORS);
    cr_assert(damages.items[2].known && damages.items[3].known);
    rf_damages_drop(&damages, RF_DAMAGE_GAP);
    cr_assert(damages.known[RF_DAMAGE_GAP] == 0 && damages.known[RF_DAMAGE_ERRORS] == 1);
    rf_damages_done(&damages);
}
