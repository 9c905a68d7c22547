/* SPDX-License-Identifier: MIT */
/* What reports tell of values that they may not show. */
#include "golden/veil.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct rf_change
change(const char *path, const char *old, const char *value)
{
    return (struct rf_change){
        .op = RF_CHANGE_REPLACE,
        .path = strdup(path),
        .old = old == NULL ? NULL : strdup(old),
        .value = value == NULL ? NULL : strdup(value),
    };
}

/** What stands in place of a value at /x, where only /shown may be told. */
static void
expect_described(const char *value, const char *wanted)
{
    static char *pointers[] = {(char *)(uintptr_t) "/shown"};
    const struct rf_shown_values shown = {"order", pointers, 1};
    struct rf_change items[] = {change("/x", value, NULL), change("/shown/deep", value, value),
                                change("/shownot", NULL, value)};
    struct rf_difference difference = {
        .aggregate = (char *)(uintptr_t) "order",
        .changes = {items, 3, 3},
    };
    struct rf_findings findings = {.differences = &difference, .difference_count = 1};
    rf_findings_veil(&findings, &shown, 1);
    rf_findings_veil(&findings, &shown, 1);
    cr_expect_str_eq(items[0].old, wanted, "%s: %s", value, items[0].old);
    cr_expect_null(items[0].value);
    cr_expect_str_eq(items[1].old, value);
    cr_expect_str_eq(items[1].value, value);
    cr_expect_null(items[2].old);
    cr_expect_str_eq(items[2].value, wanted);
    for (size_t i = 0; i < 3; i++) {
        free(items[i].path);
        free(items[i].old);
        free(items[i].value);
    }
}

Test(veil, tells_type_and_length)
{
    expect_described("\"abc\"", "\"(string of 3)\"");
    expect_described("\"\"", "\"(string of 0)\"");
    expect_described("\"\\u00e4\xc3\xa4\\n\xf0\x9f\x90\xa4\"", "\"(string of 4)\"");
    expect_described("17", "\"(number)\"");
    expect_described("true", "\"(boolean)\"");
    expect_described("false", "\"(boolean)\"");
    expect_described("null", "\"(null)\"");
    expect_described("[1,[2,3]]", "\"(array of 2)\"");
    expect_described("{\"a\":{\"b\":1}}", "\"(object of 1)\"");
    expect_described("nonsense", "\"(no JSON)\"");
}

/** A difference and its cluster of an aggregate, of which `count` are listed. */
static void
veil(const char *aggregate, bool quotes, const char *path, struct rf_difference *difference,
     struct rf_cluster *cluster)
{
    static char *pointers[] = {(char *)(uintptr_t) "/shown/*"};
    const struct rf_shown_values shown[] = {{"order", pointers, 1}, {"all", NULL, 0}};
    static char *paths[1];
    paths[0] = (char *)(uintptr_t)path;
    *difference = (struct rf_difference){.aggregate = (char *)(uintptr_t)aggregate,
                                         .message = strdup("Paid: not 17"),
                                         .quotes = quotes};
    *cluster = (struct rf_cluster){.aggregate = (char *)(uintptr_t)aggregate,
                                   .paths = paths,
                                   .path_count = 1,
                                   .from = strdup("1"),
                                   .to = strdup("2")};
    struct rf_findings findings = {
        .differences = difference, .difference_count = 1, .clusters = cluster, .cluster_count = 1};
    rf_findings_veil(&findings, shown, 2);
}

static void
expect_veiled(const char *aggregate, bool quotes, const char *path, bool message, bool values)
{
    struct rf_difference difference;
    struct rf_cluster cluster;
    veil(aggregate, quotes, path, &difference, &cluster);
    cr_expect_str_eq(difference.message, message ? "(a message of 12 bytes)" : "Paid: not 17");
    cr_expect_eq(cluster.from == NULL, values);
    cr_expect_eq(cluster.to == NULL, values);
    free(difference.message);
    free(cluster.from);
    free(cluster.to);
}

Test(veil, leaves_what_is_listed_and_aggregates_that_are_not)
{
    expect_veiled("order", true, "/x", true, true);
    expect_veiled("order", false, "/x", false, true);
    expect_veiled("order", false, "/shown/*", false, false);
    expect_veiled("order", false, "/shown", false, true);
    expect_veiled("all", true, "/shown/*", true, true);
    expect_veiled("other", true, "/x", false, false);
}
