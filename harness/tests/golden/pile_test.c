/* SPDX-License-Identifier: MIT */
/* The lines of a bless, sorted before they are written. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/alloc.h"
#include "golden/bless_internal.h"

/** Adds lines of these ids, of which each is a letter. */
static void
add(struct rf_piles *piles, const char *aggregate, const char *ids)
{
    struct rf_fresh_line lines[8] = {{0}};
    struct rf_pile pile = {.lines = lines, .count = strlen(ids)};
    for (size_t i = 0; i < pile.count; i++) {
        lines[i] = (struct rf_fresh_line){.id = ids + i, .id_bytes = 1, .digest = i};
    }
    rf_piles_join(piles, aggregate, &pile);
}

Test(golden_pile, piles_are_in_order_of_their_names_and_lines_of_their_ids)
{
    struct rf_piles piles = {0};
    add(&piles, "order", "cab");
    add(&piles, "case", "z");
    add(&piles, "file", "");
    rf_piles_sort(&piles);
    cr_assert_eq(piles.count, 3);
    cr_expect_str_eq(piles.items[0].aggregate, "case");
    cr_expect_str_eq(piles.items[1].aggregate, "file");
    cr_expect_str_eq(piles.items[2].aggregate, "order");
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(piles.items[2].lines[i].id[0], "abc"[i]);
    }
    const struct rf_fresh_line *found = rf_piles_find(&piles, "order", "b", 1);
    cr_assert_not_null(found);
    cr_expect_eq(found->digest, 2);
    cr_expect_null(rf_piles_find(&piles, "order", "z", 1));
    cr_expect_null(rf_piles_find(&piles, "file", "b", 1));
    rf_piles_done(&piles);
}
