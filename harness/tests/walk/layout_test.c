/* SPDX-License-Identifier: MIT */
/* Firehose's prefix syntax: what it finds, what it refuses, what it costs. */
#include "walk/layout.h"

#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "base/buf.h"

#define NAME "orders-1-2026-07-13-14-02-11-0f8fad5b-d9cb-469f-a165-70867728950e"
#define YMDH "!{timestamp:yyyy/MM/dd/HH}"

static int64_t
hours(int year, int month, int day, int hour)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour};
    return (int64_t)timegm(&tm) / 3600;
}

static struct rf_hour
find(const char *text, const char *key)
{
    struct rf_layout *layout = NULL;
    struct rf_err err;
    cr_assert_eq(rf_layout_new(text, &layout, &err), RF_OK, "%s", text);
    struct rf_hour hour = rf_layout_hour(layout, key, strlen(key));
    rf_layout_free(layout);
    return hour;
}

Test(layout, finds_the_hour_of_each_kind_of_prefix)
{
    static const struct {
        const char *layout;
        const char *key;
        int at[4];
        enum rf_grain grain;
    } rows[] = {
        {YMDH "/", "2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {YMDH "/", "a/b/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {YMDH "/", "2020/01/02/03/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {YMDH "/", "legacy2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {YMDH "/", "9999/12/31/23/x", {9999, 12, 31, 23}, RF_GRAIN_HOUR},
        {"/ev//" YMDH "/", "ev/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"", "2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"legacy", "legacy2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"ev/", "data/ev/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
         "y/year=2026/month=07/day=13/hour=14/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"!{timestamp:yyyy-MM-dd}/!{timestamp:HH-mm-ss}/",
         "2026-07-13/14-59-58/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"!{timestamp:'year='yyyy'/o''clock='}!{timestamp:DDD}/",
         "year=2024/o'clock=366/x",
         {2024, 12, 31, 0},
         RF_GRAIN_DAY},
        {"!{timestamp:yyyyMMddHH}/", "2026071314/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"!{timestamp:y-M-d-H}/", "2026-7-13-4/x", {2026, 7, 13, 4}, RF_GRAIN_HOUR},
        {"!{timestamp:d-M-y}/", "13-7-2026/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"!{timestamp:d-M-y}/", "glued-13-7-2026/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"!{timestamp:yyyyMd}/", "2026131/x", {2026, 1, 31, 0}, RF_GRAIN_DAY},
        {"!{timestamp:yy/MM}/", "26/07/x", {2026, 7, 1, 0}, RF_GRAIN_MONTH},
        {"!{timestamp:uuuu}/", "2026/x", {2026, 1, 1, 0}, RF_GRAIN_YEAR},
        {"!{timestamp:YYYY/MM/DDD/HH}/", "2026/07/194/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"!{timestamp:yyyy/DD}/", "2026/05/x", {2026, 1, 5, 0}, RF_GRAIN_DAY},
        {"!{timestamp:yyyy/DD}/", "2026/194/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"!{firehose:random-string}/" YMDH "/",
         "046b6c7f-0b/2026/07/13/14/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"r=!{firehose:random-string}",
         "r=5abf82daaa52026/07/13/14/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"c=!{partitionKeyFromQuery:customer}/r=!{partitionKeyFromLambda:r}/" YMDH "/",
         "c=acme inc/r=eu-1/2026/07/13/14/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"!{partitionKeyFromQuery:a}-!{partitionKeyFromQuery:b}/" YMDH "/",
         "x-y-z/2026/07/13/14/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"err/!{firehose:error-output-type}/" YMDH "/",
         "err/elasticsearch_failed/2026/07/13/14/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
        {"it is 100!/" YMDH "/", "it is 100!/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        /* without a slash at the end Firehose glues the hour to its name */
        {YMDH, "2026/07/13/14" NAME, {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {YMDH, "2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {YMDH "/c=!{partitionKeyFromQuery:c}",
         "2026/07/13/14/c=eu/x",
         {2026, 7, 13, 14},
         RF_GRAIN_HOUR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_hour hour = find(rows[i].layout, rows[i].key);
        const int *at = rows[i].at;
        cr_expect_eq(hour.grain, rows[i].grain, "%s in %s", rows[i].layout, rows[i].key);
        cr_expect_eq(hour.hour, hours(at[0], at[1], at[2], at[3]), "%s in %s", rows[i].layout,
                     rows[i].key);
    }
}

Test(layout, finds_nothing_where_it_does_not_fit)
{
    static const struct {
        const char *layout;
        const char *key;
    } rows[] = {
        {YMDH "/", ""},
        {YMDH "/", "x"},
        {YMDH "/", "2026/07/13/x"},
        {YMDH "/", "2026/07/13/14"},
        {YMDH "/", "2026/07/13/14" NAME},
        {YMDH "/", "2026/7/13/14/x"},
        {YMDH "/", "2026/02/29/14/x"},
        {YMDH "/", "2026/13/01/14/x"},
        {YMDH "/", "2026/07/13/24/x"},
        {YMDH "/", "0000/07/13/14/x"},
        {YMDH, "2026/07/13/14.gz"}, /* not Firehose's name: no guess */
        {YMDH, "2026/07/13/1435.ndjson"},
        {YMDH, "2026/07/13/145/x"},
        {"!{timestamp:yyyy-MM-dd-HH}", "x/" NAME}, /* the time in the name is not the folder's */
        {"!{timestamp:yyyy-MM-dd-HH}", NAME},
        {"!{timestamp:yyyy/MM/dd/HH-mm}/", "2026/07/13/14-60/x"},
        {"!{timestamp:yyyy/MM/dd/HH-ss}/", "2026/07/13/14-60/x"},
        {"ev/" YMDH "/", "2026/07/13/14/x"},
        {"!{timestamp:yyyy/DDD}/", "2026/366/x"}, /* 2026 is no leap year */
        {"!{timestamp:yyyy/DDD}/", "2026/000/x"},
        {"!{timestamp:yyyy/MM/DD/HH}/", "2026/07/13/14/x"}, /* 13 would be January */
        {"!{timestamp:yyyy/MM}/!{timestamp:yyyy}/", "2026/07/2027/x"},
        {"!{timestamp:yyyy/yy}/", "2026/27/x"},
        {"!{firehose:random-string}/" YMDH "/", "046b6c7f-0/2026/07/13/14/x"},
        {"c=!{partitionKeyFromQuery:c}/" YMDH "/", "c=/2026/07/13/14/x"},
        {"c=!{partitionKeyFromQuery:c}/" YMDH "/", "c=a/b/2026/07/13/14/x"},
        {"!{firehose:error-output-type}/" YMDH "/", "failed/2026/07/13/14/x"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(find(rows[i].layout, rows[i].key).grain, RF_GRAIN_NONE, "%s in %s",
                     rows[i].layout, rows[i].key);
    }
}

Test(layout, is_refused_with_the_position_of_the_fault)
{
    static const struct {
        const char *layout;
        uint64_t offset;
    } rows[] = {
        {"ev/!{timestamp:yyyy", 3},
        {"!{}/", 2},
        {"!{timestamp:}/", 12},
        {"!{timestamp}/", 2},
        {"!{nothing:x}/", 2},
        {"!{firehose:random}/", 11},
        {"!{firehose:random-string2}/", 11},
        {"!{partitionKeyFromQuery:}/", 24},
        {"!{timestamp:yyyy/MMM}/", 17},
        {"!{timestamp:yyyy/MM/ddd}/", 20},
        {"!{timestamp:yyyyy}/", 12},
        {"!{timestamp:yyyy/MM/dd/hh}/", 23},
        {"!{timestamp:yyyy-'W'ww}/", 20},
        {"!{timestamp:yyyy'T}/", 16},
        {"!{timestamp:yyyy[MM]}/", 16},
        {"!{timestamp:MM/dd}/", 0},
        {"!{timestamp:yyyy/dd}/", 0},
        {"!{timestamp:yyyy/MM/HH}/", 0},
        {"!{timestamp:yyyy/MM/dd/mm}/", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_layout *layout = NULL;
        struct rf_err err = {0};
        cr_expect_eq(rf_layout_new(rows[i].layout, &layout, &err), RF_ERR_USAGE, "%s",
                     rows[i].layout);
        cr_expect_null(layout);
        cr_expect(err.has_offset, "%s", rows[i].layout);
        cr_expect_eq(err.offset_bytes, rows[i].offset, "%s: %lu, %s", rows[i].layout,
                     (unsigned long)err.offset_bytes, err.text);
        cr_expect_str_eq(err.where, "layout");
    }
}

Test(layout, is_refused_where_it_is_too_long)
{
    char text[RF_LAYOUT_BYTES + 2];
    struct rf_layout *layout = NULL;
    struct rf_err err;
    memset(text, 'a', sizeof(text));
    text[RF_LAYOUT_BYTES + 1] = '\0';
    cr_expect_eq(rf_layout_new(text, &layout, &err), RF_ERR_USAGE);
    text[RF_LAYOUT_BYTES] = '\0';
    cr_assert_eq(rf_layout_new(text, &layout, &err), RF_OK);
    rf_layout_free(layout);
}

Test(layout, knows_its_grain)
{
    static const struct {
        const char *layout;
        enum rf_grain grain;
    } rows[] = {
        {"x", RF_GRAIN_HOUR},
        {"!{timestamp:yyyy}", RF_GRAIN_YEAR},
        {"!{timestamp:MM}!{timestamp:yy}", RF_GRAIN_MONTH},
        {"!{timestamp:yyyyDDD}", RF_GRAIN_DAY},
        {"!{timestamp:yyyyDDDHHmm}", RF_GRAIN_HOUR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_layout *layout = NULL;
        struct rf_err err;
        cr_assert_eq(rf_layout_new(rows[i].layout, &layout, &err), RF_OK);
        cr_expect_eq(rf_layout_grain(layout), rows[i].grain, "%s", rows[i].layout);
        rf_layout_free(layout);
    }
}

/** Whether the layout finds in `key` the begin of the folder in which `at` lies. */
static void
expect_found(const struct rf_layout *layout, const char *key, time_t at, int seconds)
{
    struct rf_hour hour = rf_layout_hour(layout, key, strlen(key));
    cr_assert_neq(hour.grain, RF_GRAIN_NONE, "%s", key);
    cr_assert_eq(hour.hour, at / seconds * (seconds / 3600), "%s", key);
}

Test(layout, agrees_with_strftime_on_what_firehose_would_write)
{
    static const char *const texts[] = {
        YMDH "/", "p!{timestamp:yyyy}/!{timestamp:DDD}/h=!{timestamp:HH}/",
        "!{timestamp:dd.MM.yyyy' um 'HH'h'mm:ss}/", "!{timestamp:yyyyMMdd}/"};
    struct rf_layout *layouts[4];
    struct rf_err err;
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(rf_layout_new(texts[i], &layouts[i], &err), RF_OK);
    }
    for (time_t at = 951700000; at < 951700000 + 2 * 366 * 86400L; at += 7777) {
        char key[128];
        struct tm tm;
        gmtime_r(&at, &tm);
        strftime(key, sizeof(key), "%Y/%m/%d/%H/x", &tm);
        expect_found(layouts[0], key, at, 3600);
        strftime(key, sizeof(key), "p%Y/%j/h=%H/x", &tm);
        expect_found(layouts[1], key, at, 3600);
        strftime(key, sizeof(key), "%d.%m.%Y um %Hh%M:%S/x", &tm);
        expect_found(layouts[2], key, at, 3600);
        strftime(key, sizeof(key), "glued%Y%m%d/x", &tm);
        expect_found(layouts[3], key, at, 86400);
    }
    for (size_t i = 0; i < 4; i++) {
        rf_layout_free(layouts[i]);
    }
}

/** Seconds of processor time that one look at a key takes. */
static double
cost(const char *text, const char *key, size_t bytes)
{
    struct rf_layout *layout = NULL;
    struct rf_err err;
    cr_assert_eq(rf_layout_new(text, &layout, &err), RF_OK);
    clock_t start = clock();
    cr_expect_eq(rf_layout_hour(layout, key, bytes).grain, RF_GRAIN_NONE);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    rf_layout_free(layout);
    return seconds;
}

Test(layout, takes_bounded_time_on_hostile_keys)
{
    struct rf_buf layout = {0};
    struct rf_buf key = {0};
    for (int i = 0; i < 20; i++) {
        rf_buf_string(&layout, "!{partitionKeyFromQuery:x}a");
    }
    for (int i = 0; i < 100000; i++) {
        rf_buf_byte(&key, 'a');
    }
    rf_buf_string(&key, "/x");
    cr_expect_lt(cost(rf_buf_text(&layout), rf_buf_text(&key), key.used), 0.5);
    rf_buf_clear(&layout);
    rf_buf_string(&layout, "!{timestamp:");
    for (int i = 0; i < 300; i++) {
        rf_buf_string(&layout, i % 2 == 0 ? "d" : "M");
    }
    rf_buf_string(&layout, "yyyy}/");
    memset(key.bytes, '1', 100000);
    cr_expect_lt(cost(rf_buf_text(&layout), rf_buf_text(&key), key.used), 0.5);
    rf_buf_done(&layout);
    rf_buf_done(&key);
}
