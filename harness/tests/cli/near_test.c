/* SPDX-License-Identifier: MIT */
/* Which ids look like the one that is looked for. */
#include "cli/near.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(near, .timeout = 10);

static void
expect_proposals(const char *wanted, const char *const *ids, const char *text)
{
    for (int backwards = 0; backwards < 2; backwards++) {
        struct rf_near *near = rf_near_new(wanted);
        struct rf_buf out = {0};
        size_t count = 0;
        while (ids[count] != NULL) {
            count++;
        }
        for (size_t i = 0; i < 2 * count; i++) { /* each twice */
            const char *id = ids[backwards ? count - 1 - i % count : i % count];
            cr_assert(!rf_near_selects(near, id, strlen(id)), "%s is not %s", id, wanted);
        }
        cr_assert(rf_near_selects(near, wanted, strlen(wanted)));
        rf_near_propose(near, &out);
        cr_assert_str_eq(rf_buf_text(&out), text);
        rf_buf_done(&out);
        rf_near_free(near);
    }
}

Test(near, proposes_the_nearest_in_an_order_of_their_own)
{
    const char *const ids[] = {"order-1",   "ORDER-12", "order-13", "order-2", "my-order-12",
                               "order-123", "order-21", "else",     NULL};
    expect_proposals("order-12", ids, "; did you mean 'ORDER-12', 'order-1' or 'order-123'?");
}

Test(near, is_one_edit_in_one_place)
{
    const char *const swapped[] = {"6f1c2b", "6f1cb2x", "f61c2b", NULL};
    expect_proposals("6f1cb2", swapped, "; did you mean '6f1cb2x'?");
    const char *const two[] = {"6f1c00b2", "6f1c00b299", "6f1c00b2999", "9f1c00b9", NULL};
    expect_proposals("6f1c99b2", two, "; did you mean '6f1c00b2'?");
    const char *const one[] = {"18", "1", "117", "71", "22", NULL};
    expect_proposals("17", one, "; did you mean '1', '117' or '18'?");
}

Test(near, is_a_part_where_it_is_long_enough)
{
    const char *const ids[] = {"src/hashtable.c", "hashtable.c.orig", "other", NULL};
    expect_proposals("hashtable.c", ids, "; did you mean 'hashtable.c.orig' or 'src/hashtable.c'?");
    const char *const longer[] = {"abcdef", "xyzab", NULL};
    expect_proposals("ab", longer, "");
}

Test(near, says_nothing_where_nothing_is_near)
{
    const char *const ids[] = {"entirely", "different", "", NULL};
    expect_proposals("6f1cb2", ids, "");
}

Test(near, a_long_id_is_cut)
{
    char id[201] = {0};
    char wanted[201] = {0};
    memset(id, 'a', 199);
    memset(wanted, 'a', 200);
    struct rf_near *near = rf_near_new(wanted);
    struct rf_buf out = {0};
    cr_assert(!rf_near_selects(near, id, strlen(id)));
    rf_near_propose(near, &out);
    cr_assert(out.used > 80 && out.used < 120);
    rf_buf_done(&out);
    rf_near_free(near);
}
