/* SPDX-License-Identifier: MIT */
/* What code did that it must not: told in one order. */
#include "host/conduct.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/limits.h"

Test(host_conduct, keeps_the_same_whoever_comes_first)
{
    struct rf_conduct *forwards = rf_conduct_new();
    struct rf_conduct *backwards = rf_conduct_new();
    char path[32];
    for (int i = 0; i < 200; i++) {
        (void)snprintf(path, sizeof(path), "/%03d", i);
        rf_conduct_add_tried(forwards, RF_TRIED_OPEN, path, 1, true);
        (void)snprintf(path, sizeof(path), "/%03d", 199 - i);
        rf_conduct_add_tried(backwards, RF_TRIED_OPEN, path, 1, true);
    }
    struct rf_conduct_view a = rf_conduct_look(forwards);
    struct rf_conduct_view b = rf_conduct_look(backwards);
    cr_assert_eq(a.tried_count, RF_LIMIT_TRIED);
    cr_assert_eq(b.tried_count, RF_LIMIT_TRIED);
    cr_expect_eq(a.unlisted, 200 - RF_LIMIT_TRIED);
    cr_expect_eq(b.unlisted, a.unlisted);
    for (size_t i = 0; i < a.tried_count; i++) {
        cr_expect_str_eq(a.tried[i].what, b.tried[i].what);
    }
    cr_expect_str_eq(a.tried[0].what, "/000");
    rf_conduct_free(forwards);
    rf_conduct_free(backwards);
}

Test(host_conduct, counts_what_is_done_again_only_where_it_is_asked_to)
{
    struct rf_conduct *conduct = rf_conduct_new();
    rf_conduct_add_tried(conduct, RF_TRIED_SOCKET, "AF_INET", 1, true);
    rf_conduct_add_tried(conduct, RF_TRIED_SOCKET, "AF_INET", 1, false);
    rf_conduct_add_tried(conduct, RF_TRIED_OPEN, "AF_INET", 1, false);
    rf_conduct_add_tried(conduct, RF_TRIED_SOCKET, "AF_INET", 1, true);
    struct rf_conduct_view view = rf_conduct_look(conduct);
    cr_assert_eq(view.tried_count, 2);
    cr_expect_eq(view.tried[0].kind, RF_TRIED_OPEN);
    cr_expect_eq(view.tried[0].count, 1, "what is new is told in any case");
    cr_expect_eq(view.tried[1].count, 2);
    rf_conduct_free(conduct);
}

Test(host_conduct, keeps_the_front_of_what_is_printed)
{
    struct rf_conduct *conduct = rf_conduct_new();
    static char much[RF_LIMIT_PRINTED_BYTES];
    memset(much, 'x', sizeof(much));
    rf_conduct_add_printed(conduct, "a\0b", 3, 0);
    rf_conduct_add_printed(conduct, much, sizeof(much), 0);
    rf_conduct_add_printed(conduct, "no more", 7, 5);
    struct rf_conduct_view view = rf_conduct_look(conduct);
    cr_assert_eq(view.printed_bytes, RF_LIMIT_PRINTED_BYTES);
    cr_expect_eq(memcmp(view.printed, "a\0bx", 4), 0);
    cr_expect_eq(view.dropped_bytes, 3 + 7 + 5);
    rf_conduct_free(conduct);
}

Test(host_conduct, is_held_as_its_least_held_worker)
{
    struct rf_conduct *conduct = rf_conduct_new();
    struct rf_conduct *other = rf_conduct_new();
    cr_expect_eq(rf_conduct_look(conduct).held, RF_HELD_UNKNOWN);
    rf_conduct_add_held(conduct, RF_HELD_WHOLE, 0);
    rf_conduct_add_held(other, RF_HELD_PARTLY, 4);
    rf_conduct_join(conduct, other);
    rf_conduct_add_held(conduct, RF_HELD_WHOLE, 0);
    cr_expect_eq(rf_conduct_look(conduct).held, RF_HELD_PARTLY);
    cr_expect_eq(rf_conduct_look(conduct).lacks, 4);
    rf_conduct_free(conduct);
    rf_conduct_free(other);
}

Test(host_conduct, takes_none)
{
    rf_conduct_add_tried(NULL, RF_TRIED_OPEN, "/", 1, true);
    rf_conduct_add_printed(NULL, "x", 1, 0);
    rf_conduct_add_held(NULL, RF_HELD_OFF, 0);
    rf_conduct_join(NULL, NULL);
    cr_expect_eq(rf_conduct_look(NULL).tried_count, 0);
    rf_conduct_free(NULL);
}
