/* SPDX-License-Identifier: MIT */
/* Starts are found by bucket, aggregate and id, and met once. */
#include "history/start.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "history/history.h"

#define COUNT 5000

static char ids[COUNT][16];

static struct rf_starts *
make_starts(void)
{
    struct rf_starts *starts = rf_starts_new();
    for (size_t i = COUNT; i > 0; i--) {
        (void)snprintf(ids[i - 1], sizeof(ids[0]), "id%zu", (i - 1) / 2);
        struct rf_start start = {
            .aggregate = (uint32_t)(i % 2),
            .id = ids[i - 1],
            .id_bytes = strlen(ids[i - 1]),
            .version = (int64_t)i,
        };
        rf_starts_add(starts, &start);
    }
    rf_starts_sort(starts);
    return starts;
}

Test(history_start, finds_each_start_in_its_bucket)
{
    struct rf_starts *starts = make_starts();
    size_t total = 0;
    for (size_t bucket = 0; bucket < RF_BUCKET_COUNT; bucket++) {
        size_t count;
        const struct rf_start *items = rf_starts_bucket(starts, bucket, &count);
        total += count;
        for (size_t i = 0; i < count; i++) {
            cr_expect_eq(rf_history_bucket(items[i].id, items[i].id_bytes), bucket);
            cr_expect_not(rf_starts_met(starts, &items[i]));
            cr_expect(i == 0 || items[i - 1].aggregate <= items[i].aggregate);
            cr_expect(i == 0 || items[i - 1].aggregate != items[i].aggregate ||
                      strcmp(items[i - 1].id, items[i].id) < 0);
        }
    }
    cr_expect_eq(total, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        size_t bucket = rf_history_bucket(ids[i], strlen(ids[i]));
        const struct rf_start *start =
            rf_starts_meet(starts, bucket, (uint32_t)((i + 1) % 2), ids[i], strlen(ids[i]));
        cr_assert_not_null(start);
        cr_expect_eq(start->version, (int64_t)i + 1);
        cr_expect(rf_starts_met(starts, start));
        cr_expect_null(rf_starts_meet(starts, bucket, 7, ids[i], strlen(ids[i])));
    }
    rf_starts_free(starts);
}

Test(history_start, begins_anew_bucket_by_bucket)
{
    struct rf_starts *starts = make_starts();
    size_t bucket = rf_history_bucket(ids[0], strlen(ids[0]));
    size_t other = (bucket + 1) % RF_BUCKET_COUNT;
    const struct rf_start *start = rf_starts_meet(starts, bucket, 1, ids[0], strlen(ids[0]));
    rf_starts_begin(starts, other);
    cr_expect(rf_starts_met(starts, start));
    rf_starts_begin(starts, bucket);
    cr_expect_not(rf_starts_met(starts, start));
    cr_expect_eq(rf_starts_meet(starts, bucket, 1, ids[0], strlen(ids[0])), start);
    rf_starts_free(starts);
}

Test(history_start, may_be_none)
{
    struct rf_starts *starts = rf_starts_new();
    rf_starts_sort(starts);
    rf_starts_begin(starts, 3);
    cr_expect_null(rf_starts_meet(starts, 3, 0, "a", 1));
    rf_starts_free(starts);
    rf_starts_free(NULL);
}
