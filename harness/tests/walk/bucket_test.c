/* SPDX-License-Identifier: MIT */
/* Listing a bucket: all that is selected, nothing twice, and no more requests than that takes. */
#include "walk/bucket.h"

#include <inttypes.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/hash.h"
#include "base/time.h"
#include "tests/net/model_bucket.h"
#include "walk/key.h"

#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* formats of folders, all in this file */

/** What was listed. */
struct found {
    char **keys;
    size_t count, room;
};

static rf_code
take(void *context, struct rf_s3_page *page, bool first, struct rf_err *reterr)
{
    struct found *found = context;
    (void)first;
    (void)reterr;
    for (size_t i = 0; i < page->count; i++) {
        RF_GROW(found->keys, found->room, found->count + 1);
        found->keys[found->count++] = page->entries[i].key;
        page->entries[i].key = NULL;
    }
    return RF_OK;
}

/** One listing of a model. The layout's text, or NULL; since and until, or NULL. */
struct asked {
    struct model_bucket *bucket;
    const char *prefix;
    const char *layout;
    const char *since;
    const char *until;
    size_t threads;
    size_t steps;
};

static void
list(const struct asked *asked, struct found *ret, struct rf_bucket_counts *counts)
{
    struct found found = {0};
    struct rf_layout *layout = NULL;
    struct rf_err err;
    struct rf_hours hours = {.source = "s3://b/"};
    char *source = rf_format("s3://b/%s", asked->prefix);
    hours.source = source;
    cr_assert_eq(rf_selection_parse(asked->since, asked->until, &hours.selection, &err), RF_OK);
    if (asked->layout != NULL) {
        cr_assert_eq(rf_layout_new(asked->layout, &layout, &err), RF_OK);
    }
    hours.layout = layout;
    struct rf_bucket bucket = {
        .ask = model_ask,
        .ask_context = asked->bucket,
        .where = "s3://b",
        .prefix = asked->prefix,
        .hours = &hours,
        .threads = asked->threads == 0 ? 1 : asked->threads,
        .steps = asked->steps,
        .take = take,
        .take_context = &found,
    };
    cr_assert_eq(rf_bucket_list(&bucket, counts, &err), RF_OK, "%s", err.text);
    rf_layout_free(layout);
    free(source);
    *ret = found;
    if (ret->count > 0) {
        qsort(ret->keys, ret->count, sizeof(*ret->keys), model_compare);
    }
}

static void
found_done(struct found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        free(found->keys[i]);
    }
    free(found->keys);
}

static void
add_hours(struct model_bucket *bucket, const char *format, int year, int days)
{
    for (int day = 0; day < days; day++) {
        int64_t real_year;
        int month;
        int in_month;
        rf_date_from_days(rf_days_from_date(year, 1, 1) + day, &real_year, &month, &in_month);
        for (int hour = 0; hour < 24; hour++) {
            char *key = rf_format(format, (int)real_year, month, in_month, hour);
            model_add(bucket, key);
            free(key);
        }
    }
}

static void
expect_requests(struct asked asked, size_t keys, size_t requests)
{
    struct found found;
    struct rf_bucket_counts counts;
    size_t before = asked.bucket->requests;
    list(&asked, &found, &counts);
    cr_expect_eq(found.count, keys, "%s to %s: %zu keys", asked.since, asked.until, found.count);
    cr_expect_eq(counts.requests, asked.bucket->requests - before);
    cr_expect_eq(counts.requests, requests, "%s to %s: %" PRIu64 " requests", asked.since,
                 asked.until, counts.requests);
    found_done(&found);
}

Test(bucket, one_day_of_a_year_asks_for_its_prefix_and_those_above_it)
{
    struct model_bucket bucket = {0};
    struct asked asked = {.bucket = &bucket, .prefix = "ev/"};
    add_hours(&bucket, "ev/%04d/%02d/%02d/%02d/a.gz", 2026, 365);
    model_sort(&bucket);
    expect_requests(asked, 8760, 9);
    asked.since = "2026-07-13";
    asked.until = "2026-07-14";
    size_t from = bucket.requests;
    expect_requests(asked, 24, 4);
    static const char *const prefixes[] = {"ev/|", "ev/2026/|", "ev/2026/07/|", "ev/2026/07/13/"};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(bucket.prefixes[from + i], prefixes[i]);
    }
    asked.until = "2026-07-13T05";
    expect_requests(asked, 5, 4 + 5);
    asked.since = "2026-07";
    asked.until = "2026-08";
    expect_requests(asked, 31 * 24, 3);
    asked.since = "2026";
    asked.until = "2027";
    expect_requests(asked, 8760, 1 + 9);
    asked.since = NULL;
    asked.until = "2026-03-02";
    expect_requests(asked, (31 + 28 + 1) * 24, 2 + 2 + 1 + 1);
    model_done(&bucket);
}

Test(bucket, other_years_cost_one_request_each)
{
    struct model_bucket bucket = {0};
    struct asked asked = {
        .bucket = &bucket, .prefix = "", .since = "2024-02-29", .until = "2024-03-01"};
    for (int year = 2020; year < 2027; year++) {
        add_hours(&bucket, "year=%d/month=%02d/day=%02d/hour=%02d/a.gz", year, 70);
    }
    model_sort(&bucket);
    expect_requests(asked, 24, 1 + 7 + 1 + 1);
    model_done(&bucket);
}

Test(bucket, a_date_in_one_step_is_stepped_into_unless_it_says_what_it_is)
{
    static const struct {
        const char *format;
        const char *layout;
        size_t requests;
    } rows[] = {
        {"dt=%04d-%02d-%02d/hour=%02d/a.gz", NULL, 1 + 1},
        {"day=%04d-%02d-%02d/%02d/a.gz", NULL, 1 + 1},
        {"%04d-%02d-%02d/%02d/a.gz", NULL, 1 + 70},
        {"snap=%04d-%02d-%02d/%02d/a.gz", NULL, 1 + 70},
        {"%04d-%02d-%02d/%02d/a.gz", "!{timestamp:yyyy-MM-dd/HH/}", 1 + 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct model_bucket bucket = {0};
        struct asked asked = {.bucket = &bucket,
                              .prefix = "",
                              .layout = rows[i].layout,
                              .since = "2026-02-03",
                              .until = "2026-02-04"};
        add_hours(&bucket, rows[i].format, 2026, 70);
        model_sort(&bucket);
        expect_requests(asked, 24, rows[i].requests);
        model_done(&bucket);
    }
}

Test(bucket, keys_and_random_strings_in_front_of_the_time)
{
    struct model_bucket bucket = {0};
    for (int i = 0; i < 30; i++) {
        char *format = rf_format("customer=%d/%%04d/%%02d/%%02d/%%02d/a.gz", 10000 + i * 67);
        add_hours(&bucket, format, 2026, 40);
        free(format);
    }
    model_sort(&bucket);
    struct asked asked = {
        .bucket = &bucket, .prefix = "", .since = "2026-01-05", .until = "2026-01-06"};
    expect_requests(asked, 30 * 24, 1 + 30 * 4);
    model_done(&bucket);

    struct model_bucket random = {0};
    for (int i = 0; i < 1500; i++) {
        char *key = rf_format("ev/rand=%011d/2026/01/%02d/00/a.gz", i, 1 + i % 28);
        model_add(&random, key);
        free(key);
    }
    model_sort(&random);
    asked.bucket = &random;
    struct found found;
    struct rf_bucket_counts counts;
    list(&asked, &found, &counts);
    cr_expect_eq(counts.unpruned, 1, "too many folders to step into");
    cr_expect_eq(counts.requests, 1 + 1 + 2);
    cr_expect_eq(found.count, 1500, "who walks selects");
    found_done(&found);
    model_done(&random);
}

Test(bucket, what_is_large_is_parted_among_threads)
{
    struct model_bucket bucket = {.page_keys = 50};
    add_hours(&bucket, "ev/%04d/%02d/%02d/%02d/a.gz", 2026, 365);
    model_add(&bucket, "aa");
    model_add(&bucket, "ev/");
    model_add(&bucket, "ev/2026/zz");
    model_add(&bucket, "zz/");
    model_add(&bucket, "zz/z");
    model_sort(&bucket);
    for (size_t threads = 1; threads <= 8; threads *= 2) {
        struct asked asked = {.bucket = &bucket, .prefix = "", .threads = threads};
        struct found found;
        struct rf_bucket_counts counts;
        list(&asked, &found, &counts);
        cr_expect_eq(found.count, 8763, "%zu threads", threads);
        cr_expect_eq(counts.markers, 2, "%zu threads: %" PRIu64, threads, counts.markers);
        for (size_t i = 1; i < found.count; i++) {
            cr_expect(strcmp(found.keys[i - 1], found.keys[i]) < 0, "%s twice", found.keys[i]);
        }
        found_done(&found);
    }
    model_done(&bucket);
}

Test(bucket, of_many_keys_none_is_lost_and_none_comes_twice)
{
    struct model_bucket bucket = {0};
    struct rf_multiset wanted = {0};
    for (int i = 0; i < 300000; i++) {
        char *key = rf_format("ev/%04d/%02d/%02d/%02d/orders-1-%08d", 2000 + i / 80000,
                              i / 7000 % 12 + 1, i / 240 % 28 + 1, i / 10 % 24, i);
        rf_multiset_add(&wanted, rf_hash(key, strlen(key), 0));
        model_add(&bucket, key);
        free(key);
    }
    model_sort(&bucket);
    struct asked asked = {.bucket = &bucket, .prefix = "", .threads = 8};
    struct found found;
    struct rf_bucket_counts counts;
    struct rf_multiset got = {0};
    list(&asked, &found, &counts);
    for (size_t i = 0; i < found.count; i++) {
        rf_multiset_add(&got, rf_hash(found.keys[i], strlen(found.keys[i]), 0));
    }
    cr_expect_eq(got.count, wanted.count);
    cr_expect(got.sum == wanted.sum && got.mixed == wanted.mixed, "another multiset");
    cr_expect_leq(counts.requests, 450, "%" PRIu64 " requests", counts.requests);
    found_done(&found);
    model_done(&bucket);
}

/** A bucket one of whose answers is a failure. */
struct failing_bucket {
    struct model_bucket *model;
    atomic_size_t requests;
};

static rf_code
fail_the_twentieth(void *context, const char *query, struct rf_buf *ret, struct rf_err *reterr)
{
    struct failing_bucket *bucket = context;
    size_t number = atomic_fetch_add(&bucket->requests, 1) + 1;
    if (number == 20) {
        return rf_fail(reterr, RF_ERR_SOURCE, "s3://b", "refused");
    }
    if (number > 20) {
        (void)usleep(20000); /* time for the failure to be noted */
    }
    return model_ask(bucket->model, query, ret, reterr);
}

Test(bucket, when_one_thread_fails_the_others_stop)
{
    struct model_bucket model = {.page_keys = 5};
    for (int i = 0; i < 2000; i++) {
        char *key = rf_format("%c/%04d", 'a' + i % 4, i);
        model_add(&model, key);
        free(key);
    }
    model_sort(&model);
    struct failing_bucket failing = {.model = &model};
    struct found found = {0};
    struct rf_hours hours = {.source = "s3://b/"};
    struct rf_bucket_counts counts;
    struct rf_err err;
    cr_assert_eq(rf_selection_parse(NULL, NULL, &hours.selection, &err), RF_OK);
    const struct rf_bucket bucket = {
        .ask = fail_the_twentieth,
        .ask_context = &failing,
        .where = "s3://b",
        .prefix = "",
        .hours = &hours,
        .threads = 4,
        .take = take,
        .take_context = &found,
    };
    cr_expect_eq(rf_bucket_list(&bucket, &counts, &err), RF_ERR_SOURCE);
    cr_expect_not_null(strstr(err.text, "refused"), "%s", err.text);
    cr_expect_leq(failing.requests, 100, "%zu requests", (size_t)failing.requests);
    found_done(&found);
    model_done(&model);
}

/* ---- random trees ---- */

static uint64_t state;

static unsigned
random_below(unsigned n)
{
    state = rf_mix(state);
    return (unsigned)(state >> 33) % n;
}

#define PLAIN 19 /* so many have no layout */

static const struct {
    const char *layout;
    const char *format; /* of an hour's folder */
} layouts[] = {
    {NULL, "%04d/%02d/%02d/%02d/"},
    {NULL, "ev/year=%04d/month=%02d/day=%02d/hour=%02d/"},
    {NULL, "legacy%04d/%02d/%02d/%02d/"},
    {NULL, "dt=%04d-%02d-%02d/hour=%02d/"},
    {NULL, "c=17/%04d-%02d-%02d-%02d/"},
    {NULL, "a/2019/%04d/%02d/%02d/%02d/"},
    {NULL, "processing-failed/%04d/%02d/%02d/%02d/"},
    {NULL, "c=42025/%04d/%02d/%02d/%02d/x=1/"},
    {NULL, "//ev//%04d/%02d//%02d/%02d/"},
    {NULL, "backup-2025-05-06/%04d/%02d/%02d/%02d/"},
    {NULL, "backup/2025-05-06-07/all/dt=%04d-%02d-%02d/hour=%02d/"},
    {NULL, "snap=2025-05-06/a/b/legacy%04d/%02d/%02d/%02d/"},
    {NULL, "year=%1$04d/tenant=%4$d/dt=%1$04d-%2$02d-%3$02d/"},
    {NULL, "year=%1$04d/month=%2$02d/tenant=%4$02d/dt=%1$04d-%2$02d-%3$02d/"},
    {NULL, "shop=2025/%4$02d/year=%1$04d/month=%2$02d/day=%3$02d/"},
    {NULL, "shop=2025/till=%4$02d/dt=%1$04d-%2$02d-%3$02d/"},
    {NULL, "b-2025-06-10/year=%1$04d/month=%2$02d/day=%3$02d/weekday=%4$02d/"},
    {NULL, "year=%1$04d/month=%2$02d/day=%3$02d/weekday=%4$02d/due=2025-06-02/"},
    {NULL, "b-2025-06-10/year=%1$04d/month=%2$02d/tenant=%4$d/day=%3$02d/"},
    {"ev/!{timestamp:yyyy/MM/dd/HH}/", "ev/%04d/%02d/%02d/%02d/"},
    {"!{partitionKeyFromQuery:c}/!{timestamp:yyyy}-!{timestamp:MM/dd}/!{timestamp:HH}/",
     "cust/%04d-%02d/%02d/%02d/"},
    {"ev/!{timestamp:yyyy/MM/dd}/h!{timestamp:HH}", "ev/%04d/%02d/%02d/h%02d"},
    {"rand=!{firehose:random-string}/!{timestamp:yyyy-MM-dd'T'HH}/",
     "rand=046b6c7f-0b/%04d-%02d-%02dT%02d/"},
    {"x/!{timestamp:yyyy}/!{partitionKeyFromLambda:k}/!{timestamp:MM}/!{timestamp:dd-HH}/",
     "x/%04d/key/%02d/%02d-%02d/"},
};

static int64_t
hour_of(const struct rf_layout *layout, const char *source, const char *key)
{
    char *plain = rf_key_squeezed(key);
    char *path = rf_format("%s/%s", source, plain);
    struct rf_hour hour = {0, RF_GRAIN_NONE};
    const char *texts[] = {plain, path};
    for (size_t i = 0; i < 2 && hour.grain == RF_GRAIN_NONE; i++) {
        if (layout != NULL) {
            hour = rf_layout_hour(layout, texts[i], strlen(texts[i]));
        }
        if (layout == NULL || (hour.grain == RF_GRAIN_NONE && rf_key_errors(key, strlen(key)))) {
            hour = rf_key_hour(texts[i], strlen(texts[i]));
        }
    }
    free(plain);
    free(path);
    return hour.grain == RF_GRAIN_NONE ? INT64_MIN : hour.hour;
}

/** A tree of one or two layouts, and things that lie about. */
static void
grow(struct model_bucket *bucket, size_t one, const char *front)
{
    static const char name[] = "s-1-2026-01-01-00-00-00-0f8fad5b-d9cb-469f-a165-70867728950e.gz";
    size_t other = random_below(3) == 0 && layouts[one].layout == NULL ? random_below(PLAIN) : one;
    for (unsigned i = 0, count = 1 + random_below(120); i < count; i++) {
        size_t which = random_below(4) == 0 ? other : one;
        char *folder =
            rf_format(layouts[which].format, 2024 + (int)random_below(3), 1 + (int)random_below(12),
                      1 + (int)random_below(28), (int)random_below(24));
        char *key = rf_format(
            "%s%s%s%s", front, folder,
            random_below(5) == 0 && folder[strlen(folder) - 1] == '/' ? "sub/" : "", name);
        model_add(bucket, key);
        free(folder);
        free(key);
    }
    static const char *const others[] = {"README",   "2025/README", "2025/07/x",  "ev/",
                                         "ev/2025/", "misc/a/b",    "2025/2031/x"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (random_below(2) == 0) {
            char *key = rf_format("%s%s", front, others[i]);
            model_add(bucket, key);
            free(key);
        }
    }
    model_sort(bucket);
}

static void
check_random(uint64_t seed)
{
    state = seed;
    size_t one = random_below(sizeof(layouts) / sizeof(layouts[0]));
    struct model_bucket bucket = {.page_keys = 1 + random_below(40)};
    const char *front = random_below(3) == 0 ? "backup/2020-05-06/" : "";
    grow(&bucket, one, front);
    struct rf_selection selection;
    struct rf_layout *layout = NULL;
    struct rf_err err;
    char since[64];
    char until[64];
    int year = 2024 + (int)random_below(3);
    int month = 1 + (int)random_below(12);
    int day = 1 + (int)random_below(28);
    static const char *const shapes[] = {"%04d", "%04d-%02d", "%04d-%02d-%02d",
                                         "%04d-%02d-%02dT%02d"};
    const char *shape = shapes[random_below(4)];
    (void)snprintf(since, sizeof(since), "%04d-%02d-%02dT%02d", year, month, day,
                   (int)random_below(24));
    (void)snprintf(until, sizeof(until), shape, year + (int)random_below(2), month, day,
                   (int)random_below(24));
    struct asked asked = {.bucket = &bucket,
                          .prefix = front,
                          .layout = layouts[one].layout,
                          .since = random_below(4) == 0 ? NULL : since,
                          .until = until,
                          .threads = 1 + random_below(4),
                          .steps = random_below(4) == 0 ? 3 : 0};
    if (rf_selection_parse(asked.since, asked.until, &selection, &err) != RF_OK) {
        asked.until = NULL;
        cr_assert_eq(rf_selection_parse(asked.since, asked.until, &selection, &err), RF_OK);
    }
    if (asked.layout != NULL) {
        cr_assert_eq(rf_layout_new(asked.layout, &layout, &err), RF_OK);
    }
    struct found found;
    struct rf_bucket_counts counts;
    list(&asked, &found, &counts);
    char *source = rf_format("s3://b/%s", front);
    for (size_t i = 0, at = 0; i < bucket.count; i++) {
        const char *key = bucket.keys[i];
        bool marker = key[strlen(key) - 1] == '/';
        int64_t hour = hour_of(layout, source, key + strlen(front));
        /* What lies in a folder of a month, and in no day of it, is not looked for. */
        marker = marker || strcmp(key, "backup/2020-05-06/2025/07/x") == 0;
        bool in = !marker && hour != INT64_MIN &&
                  rf_selection_has(&selection, (struct rf_hour){hour, RF_GRAIN_HOUR});
        while (at < found.count && strcmp(found.keys[at], key) < 0) {
            at++;
        }
        bool listed = at < found.count && strcmp(found.keys[at], key) == 0;
        cr_expect(listed || !in, "seed %" PRIu64 ": %s is selected and was not listed", seed, key);
        cr_expect(at + 1 >= found.count || strcmp(found.keys[at], found.keys[at + 1]) != 0,
                  "seed %" PRIu64 ": twice", seed);
    }
    free(source);
    found_done(&found);
    rf_layout_free(layout);
    model_done(&bucket);
}

Test(bucket, whatever_the_tree_all_that_is_selected_is_listed_once)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        check_random(seed);
    }
}
