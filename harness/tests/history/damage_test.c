/* SPDX-License-Identifier: MIT */
/* The list of damages: what it keeps does not depend on the order of coming. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "history/damage.h"

TestSuite(damage, .timeout = 30);

static struct rf_damage
make_damage(enum rf_damage_kind kind, const char *object, uint64_t offset)
{
    return (struct rf_damage){.kind = kind,
                              .object = object == NULL ? NULL : rf_strdup(object),
                              .has_offset = true,
                              .offset = offset,
                              .message = rf_strdup("m")};
}

Test(damage, kinds_have_the_names_of_the_contract)
{
    static const char *const names[] = {"unreadable", "truncated", "malformed", "gap",
                                        "conflict",   "cut-short", "errors",    "golden"};
    cr_assert_eq(sizeof(names) / sizeof(names[0]), RF_DAMAGE_COUNT_);
    for (int i = 0; i < RF_DAMAGE_COUNT_; i++) {
        cr_assert_str_eq(rf_damage_name((enum rf_damage_kind)i), names[i]);
    }
}

Test(damage, sorts_by_kind_object_offset_and_so_on)
{
    struct rf_damages list = {0};
    struct rf_damage by_id = {.kind = RF_DAMAGE_GAP,
                              .aggregate = rf_strdup("a"),
                              .id = rf_strdup("x"),
                              .id_bytes = 1,
                              .has_version = true};
    for (int i = 3; i > 0; i--) {
        struct rf_damage copy = by_id;
        copy.aggregate = rf_strdup("a");
        copy.id = rf_strdup("x");
        copy.version = i;
        rf_damages_add(&list, copy);
    }
    free(by_id.aggregate);
    free(by_id.id);
    rf_damages_add(&list, make_damage(RF_DAMAGE_MALFORMED, "b", 10));
    rf_damages_add(&list, make_damage(RF_DAMAGE_MALFORMED, "b", 9));
    rf_damages_add(&list, make_damage(RF_DAMAGE_MALFORMED, "a", 11));
    rf_damages_add(&list, make_damage(RF_DAMAGE_UNREADABLE, "z", 0));
    rf_damages_sort(&list);
    cr_assert_eq(list.count, 7);
    cr_assert_eq(list.items[0].kind, RF_DAMAGE_UNREADABLE);
    cr_assert_str_eq(list.items[1].object, "a");
    cr_assert_eq(list.items[2].offset, 9);
    cr_assert_eq(list.items[3].offset, 10);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(list.items[4 + i].version, i + 1);
    }
    cr_assert_eq(list.totals[RF_DAMAGE_GAP], 3);
    rf_damages_done(&list);
}

/** What does not apply comes first, also in front of what is empty. */
Test(damage, no_id_is_not_the_empty_one)
{
    for (int turned = 0; turned < 2; turned++) {
        struct rf_damages list = {0};
        for (int i = 0; i < 2; i++) {
            struct rf_damage damage = make_damage(RF_DAMAGE_MALFORMED, "o", 1);
            damage.id = i == turned ? rf_strdup("") : NULL;
            rf_damages_add(&list, damage);
        }
        rf_damages_sort(&list);
        cr_expect_null(list.items[0].id);
        rf_damages_done(&list);
    }
}

/** Of alike parts of one record it does not depend on chance which are kept. */
Test(damage, parts_come_in_their_order_behind_all_else)
{
    static const uint32_t parts[] = {2, 0, 3, 1};
    struct rf_damages list = {0};
    for (int i = 0; i < 4; i++) {
        struct rf_damage damage = make_damage(RF_DAMAGE_MALFORMED, "o", 1);
        damage.part = parts[i];
        damage.message[0] = i == 2 ? 'a' : 'b';
        rf_damages_add(&list, damage);
    }
    rf_damages_sort(&list);
    for (uint32_t i = 0; i < 4; i++) {
        cr_expect_eq(list.items[i].part, i == 0 ? 3 : i - 1);
    }
    rf_damages_done(&list);
}

Test(damage, keeps_the_smallest_and_counts_all_in_any_order_and_split)
{
    enum { ALL = 3 * RF_LIMIT_LISTED };
    for (unsigned step = 1; step < 30000; step += 9998) {
        struct rf_damages parts[3] = {{0}};
        for (uint64_t i = 0; i < ALL; i++) {
            uint64_t which = i * (step | 1) % ALL;
            which = step % 3 == 0 ? i : which;
            rf_damages_add(&parts[i % 7 % 3], make_damage(RF_DAMAGE_MALFORMED, "o", which));
        }
        struct rf_damages all = {0};
        for (int i = 0; i < 3; i++) {
            rf_damages_join(&all, &parts[i]);
            cr_assert_eq(parts[i].count, 0);
        }
        rf_damages_sort(&all);
        cr_assert_eq(all.count, RF_LIMIT_LISTED);
        cr_assert_eq(all.totals[RF_DAMAGE_MALFORMED], ALL);
        uint64_t sum = 0;
        for (size_t i = 0; i < all.count; i++) {
            sum += all.items[i].offset;
            cr_assert(i == 0 || all.items[i - 1].offset <= all.items[i].offset);
        }
        if (step == 1) {
            cr_assert_eq(sum, (uint64_t)RF_LIMIT_LISTED * (RF_LIMIT_LISTED - 1) / 2);
        }
        rf_damages_done(&all);
    }
}
