/* SPDX-License-Identifier: MIT */
/* Sets of paths: all are counted, and told apart, however few are kept. */
#include "golden/paths.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static void
add_number(struct rf_paths *paths, size_t number)
{
    char text[32];
    size_t bytes = (size_t)snprintf(text, sizeof(text), "/%06zu", number);
    rf_paths_add(paths, text, bytes);
}

Test(paths, are_sorted_and_each_is_told_once)
{
    struct rf_paths paths = {0};
    rf_paths_end(&paths);
    cr_assert(paths.count == 0 && paths.distinct == 0 && rf_paths_told(NULL, 0) == 0);
    rf_paths_add(&paths, "/b", 2);
    rf_paths_add(&paths, "", 0);
    rf_paths_add(&paths, "/a", 2);
    rf_paths_add(&paths, "/b", 2);
    rf_paths_end(&paths);
    cr_assert(paths.count == 3 && paths.distinct == 3 && rf_paths_whole(&paths));
    cr_expect_str_eq(paths.texts[0], "");
    cr_expect_str_eq(paths.texts[1], "/a");
    cr_expect_str_eq(paths.texts[2], "/b");
    rf_paths_done(&paths);
}

/** The last text of a set of `count` paths, of which the last one is `last`. Owned. */
static char *
end_of(size_t count, size_t last, bool turned)
{
    struct rf_paths paths = {0};
    for (size_t i = 0; i < count; i++) {
        size_t number = turned ? count - 1 - i : i;
        add_number(&paths, number == count - 1 ? last : number);
    }
    rf_paths_end(&paths);
    char *text = strdup(paths.texts[paths.count - 1]);
    cr_assert(paths.count <= RF_LIMIT_CLUSTER_PATHS + 1);
    cr_assert(paths.distinct == count);
    cr_assert(rf_paths_told(paths.texts, paths.count) == count);
    rf_paths_done(&paths);
    return text;
}

Test(paths, of_more_than_are_told_the_rest_is_one_with_a_hash_of_all)
{
    static const struct {
        size_t count;
        const char *front;
    } rows[] = {{RF_LIMIT_CLUSTER_PATHS, "/000199"},
                {RF_LIMIT_CLUSTER_PATHS + 1, "(and 1 more: "},
                {RF_LIMIT_PATHS_KEPT, "(and 3896 more: "},
                {RF_LIMIT_PATHS_KEPT + 1000, "(and 4896 more: "}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t count = rows[i].count;
        char *first = end_of(count, count - 1, false);
        char *turned = end_of(count, count - 1, true);
        char *other = end_of(count, 999999, false);
        cr_expect(strncmp(first, rows[i].front, strlen(rows[i].front)) == 0, "%zu: %s", i, first);
        cr_expect_str_eq(turned, first);
        cr_expect_str_neq(other, first);
        free(first);
        free(turned);
        free(other);
    }
}

Test(paths, that_are_long_are_not_all_kept)
{
    struct rf_paths paths = {0};
    char *text = malloc(RF_LIMIT_PATHS_BYTES);
    memset(text, 'x', RF_LIMIT_PATHS_BYTES);
    rf_paths_add(&paths, text, RF_LIMIT_PATHS_BYTES);
    rf_paths_add(&paths, text, RF_LIMIT_PATHS_BYTES - 1);
    cr_assert(paths.count == 1 && paths.distinct == 2 && !rf_paths_whole(&paths));
    rf_paths_end(&paths);
    cr_assert(paths.count == 2);
    cr_assert(strncmp(paths.texts[1], "(and 1 more: ", 13) == 0);
    rf_paths_done(&paths);
    free(text);
}
