/* SPDX-License-Identifier: MIT */
/* Which aggregates events are of that no build claims. */
#include "history/unclaimed.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/limits.h"

static struct rf_unclaimed
list(struct rf_names *names, const char *const *words, const uint64_t *events, size_t count)
{
    struct rf_unclaimed_counts counts[2] = {0};
    struct rf_unclaimed ret;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = rf_names_number(names, words[i], strlen(words[i]));
        rf_unclaimed_add(&counts[i % 2], names, number, events[i], i % 2 == 0 ? 6 : 3);
    }
    rf_unclaimed_add(&counts[0], names, UINT32_MAX, 7, 0);
    rf_unclaimed_join(&counts[0], names, &counts[1]);
    rf_unclaimed_list(&counts[0], names, &ret);
    rf_unclaimed_counts_done(&counts[0]);
    rf_unclaimed_counts_done(&counts[1]);
    return ret;
}

static void
check(const struct rf_unclaimed *found, const char *const *words, const uint64_t *events,
      size_t count)
{
    cr_assert_eq(found->count, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_str_eq(found->rows[i].name, words[i]);
        cr_assert_eq(found->rows[i].events, events[i]);
    }
}

Test(unclaimed, rows_are_sorted_by_events_then_by_name_whichever_thread_met_them)
{
    struct rf_names *names = rf_names_new();
    struct rf_unclaimed found =
        list(names, (const char *const[]){"b", "a", "c", "c", "b"}, (uint64_t[]){1, 2, 2, 2, 1}, 5);
    check(&found, (const char *const[]){"c", "a", "b"}, (uint64_t[]){4, 2, 2}, 3);
    rf_unclaimed_done(&found);
    rf_names_free(names);
}

Test(unclaimed, a_row_fits_the_claims_that_all_of_its_events_fit)
{
    struct rf_names *names = rf_names_new();
    struct rf_unclaimed found =
        list(names, (const char *const[]){"a", "b", "a", "a"}, (uint64_t[]){9, 2, 9, 9}, 4);
    cr_assert_eq(found.rows[0].fits, 2, "6 and 3, of two threads");
    cr_assert_eq(found.rows[1].fits, 3);
    struct rf_unclaimed more = list(names, (const char *const[]){"b"}, (uint64_t[]){2}, 1);
    rf_unclaimed_merge(&found, &more);
    cr_assert_eq(found.rows[1].fits, 2);
    rf_unclaimed_done(&found);
    rf_names_free(names);
}

Test(unclaimed, what_shards_list_is_put_together)
{
    struct rf_names *names = rf_names_new();
    struct rf_unclaimed all = {0};
    struct rf_unclaimed none = {0};
    struct rf_unclaimed one = list(names, (const char *const[]){"a", "b"}, (uint64_t[]){1, 3}, 2);
    struct rf_unclaimed two = list(names, (const char *const[]){"c", "a"}, (uint64_t[]){1, 5}, 2);
    rf_unclaimed_merge(&all, &one);
    rf_unclaimed_merge(&all, &none);
    rf_unclaimed_merge(&all, &two);
    check(&all, (const char *const[]){"a", "b", "c"}, (uint64_t[]){6, 3, 1}, 3);
    rf_unclaimed_done(&all);
    rf_names_free(names);
}

Test(unclaimed, rows_that_no_report_lists_are_kept)
{
    struct rf_names *names = rf_names_new();
    rf_limits.listed = 1;
    struct rf_unclaimed found =
        list(names, (const char *const[]){"a", "b", "c"}, (uint64_t[]){1, 3, 2}, 3);
    struct rf_unclaimed more = list(names, (const char *const[]){"a"}, (uint64_t[]){4}, 1);
    rf_unclaimed_merge(&found, &more);
    check(&found, (const char *const[]){"a", "b", "c"}, (uint64_t[]){5, 3, 2}, 3);
    rf_unclaimed_done(&found);
    rf_names_free(names);
}
