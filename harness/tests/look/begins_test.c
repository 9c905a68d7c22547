/* SPDX-License-Identifier: MIT */
/* Tests of look/begins.c. */
#include "look/begins.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(begins, .timeout = 10);

static void
add(struct rf_begins *begins, size_t aggregate, int version, const char *ids)
{
    for (; *ids != '\0'; ids++) {
        rf_begins_add(begins, aggregate, version, ids, 1);
    }
}

static void
expect_uneven(const struct rf_begins *begins, uint64_t count, const char *first)
{
    struct rf_camp uneven;
    rf_begins_uneven(begins, &uneven);
    cr_expect_eq(uneven.count, count);
    cr_expect_eq(uneven.first_bytes, strlen(first));
    cr_expect(count == 0 || *uneven.first == *first);
}

Test(begins, are_even_within_each_aggregate)
{
    struct rf_begins begins = {0};
    expect_uneven(&begins, 0, "");
    add(&begins, 7, 0, "abc");
    add(&begins, 2, 1, "abc");
    expect_uneven(&begins, 0, "");
    rf_begins_done(&begins);
}

Test(begins, are_uneven_where_fewer_are_otherwise)
{
    struct rf_begins begins = {0};
    add(&begins, 0, 0, "gfh");
    add(&begins, 0, 1, "ed");
    expect_uneven(&begins, 2, "d");
    add(&begins, 1, 1, "xyz");
    add(&begins, 1, 0, "a");
    expect_uneven(&begins, 3, "a");
    rf_begins_done(&begins);

    /* Of a tie those that may lack a version. */
    add(&begins, 0, 0, "a");
    add(&begins, 0, 1, "b");
    expect_uneven(&begins, 1, "b");
    rf_begins_done(&begins);
}

Test(begins, are_joined)
{
    struct rf_begins begins = {0};
    struct rf_begins more = {0};
    struct rf_begins none = {0};
    add(&begins, 0, 1, "b");
    add(&more, 3, 0, "pq");
    add(&more, 3, 1, "o");
    add(&more, 0, 1, "a");
    add(&more, 0, 0, "cde");
    rf_begins_join(&begins, &more);
    rf_begins_join(&begins, &none);
    cr_expect_eq(more.count, 0);
    expect_uneven(&begins, 3, "a");
    rf_begins_done(&begins);
}
