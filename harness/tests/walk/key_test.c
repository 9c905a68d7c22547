/* SPDX-License-Identifier: MIT */
/* The key grammar, against keys as seen, tables, and the regular expression of the reference. */
#include "walk/key.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "base/alloc.h"

#define UUID "0f8fad5b-d9cb-469f-a165-70867728950e"

static int64_t
hours(int year, int month, int day, int hour)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour};
    return (int64_t)timegm(&tm) / 3600;
}

struct seen {
    const char *stream; /* NULL: not Firehose's grammar */
    int at[4];
    enum rf_grain grain;
};

/* By hand, row by row of fixtures/keys/object-names.tsv. */
static const struct seen seen[] = {
    {"my-delivery-stream", {2021, 2, 2, 8}, RF_GRAIN_HOUR},
    {"PBMMAccel-Kinesis-Delivery-Stream", {2020, 8, 30, 0}, RF_GRAIN_HOUR},
    {"pn-pnDelivery-ecs-delivery-stream", {2022, 7, 11, 12}, RF_GRAIN_HOUR},
    {"boonlog-firehose", {2018, 4, 9, 21}, RF_GRAIN_HOUR},
    {"test-seongwoo-firehose", {2019, 9, 24, 5}, RF_GRAIN_HOUR},
    {"test-fluentd-firehose", {2019, 11, 18, 11}, RF_GRAIN_HOUR},
    {"TwitterKinesisFirehose", {2019, 4, 11, 16}, RF_GRAIN_HOUR},
    {"move-dataeng-leads-firehose", {2017, 11, 20, 1}, RF_GRAIN_HOUR},
    {"stackstate-eventbridge-stream", {2021, 6, 11, 5}, RF_GRAIN_HOUR},
    {"dev-firehose", {2026, 8, 13, 0}, RF_GRAIN_DAY},
    {NULL, {2020, 10, 15, 3}, RF_GRAIN_HOUR},
};

Test(key, reads_every_key_that_was_seen_in_the_wild)
{
    FILE *file = fopen("fixtures/keys/object-names.tsv", "r");
    cr_assert_not_null(file, "run the tests from the project's root");
    char line[1024];
    size_t row = 0;
    cr_assert_not_null(fgets(line, sizeof(line), file));
    for (; fgets(line, sizeof(line), file) != NULL; row++) {
        cr_assert_lt(row, sizeof(seen) / sizeof(seen[0]), "a row without an expectation");
        size_t bytes = strcspn(line, "\t");
        struct rf_key_name name = rf_key_name(line, bytes);
        struct rf_hour hour = rf_key_hour(line, bytes);
        const int *at = seen[row].at;
        cr_expect(name.packer, "row %zu", row);
        cr_expect_eq(name.firehose, seen[row].stream != NULL, "row %zu", row);
        if (name.firehose) {
            cr_expect_eq(name.stream_bytes, strlen(seen[row].stream), "row %zu", row);
            cr_expect_eq(strncmp(line + name.stream_start, seen[row].stream, name.stream_bytes), 0,
                         "row %zu", row);
        }
        cr_expect_eq(hour.grain, seen[row].grain, "row %zu", row);
        cr_expect_eq(hour.hour, hours(at[0], at[1], at[2], at[3]), "row %zu", row);
        cr_expect_not(rf_key_errors(line, bytes), "row %zu", row);
    }
    cr_expect_eq(row, sizeof(seen) / sizeof(seen[0]));
    fclose(file);
}

Test(key, finds_the_stream_of_each_shape_of_name)
{
    static const struct {
        const char *key;
        const char *stream;
    } rows[] = {
        {"orders-1-2026-07-13-14-02-11-" UUID, "orders"},
        {"a/b/my-orders.v2-17-2026-07-13-14-02-11-" UUID ".gz", "my-orders.v2"},
        {"my-delivery-stream-2019-08-09-23-55-09-" UUID, "my-delivery-stream"},
        {"rand=5abf82daaa5orders-1-2026-07-13-14-02-11-" UUID, "5abf82daaa5orders"},
        {"1-2026-07-13-14-02-11-" UUID, "1"},
        {"x--1-2026-07-13-14-02-11-" UUID, "x-"},
        {"orders-1-2026-07-13-14-02-11-" UUID ".custom.log", "orders"},
        {"orders-1-2026-07-13-14-02-11-" UUID ".x-1-2026-07-13-14-02-11-" UUID, "orders"},
        {"-1-2026-07-13-14-02-11-" UUID, "-1"},
        {"-2026-07-13-14-02-11-" UUID, NULL},
        {"/-2026-07-13-14-02-11-" UUID, NULL},
        {"orders-1-2026-07-13-14-02-11-" UUID "/x", NULL},
        {"orders-1-2026-07-13-14-02-11-" UUID ".", NULL},
        {"orders-1-2026-07-13-14-02-11-" UUID ".GZ", NULL},
        {"orders-1-2026-07-13-14-02-11-" UUID "gz", NULL},
        {"orders-1-2026-07-13-14-02-" UUID, NULL},
        {"orders-1-2026-07-13-14-02-11-0f8fad5b-d9cb-469f-a165-70867728950", NULL},
        {"orders-1-2026-07-13-14-02-11-0f8fad5b-d9cb-469f-a165-70867728950g", NULL},
        {"", NULL},
        {"/", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_key_name name = rf_key_name(rows[i].key, strlen(rows[i].key));
        cr_expect_eq(name.firehose, rows[i].stream != NULL, "%s", rows[i].key);
        if (name.firehose && rows[i].stream != NULL) {
            char *stream = rf_strndup(rows[i].key + name.stream_start, name.stream_bytes);
            cr_expect_str_eq(stream, rows[i].stream, "%s", rows[i].key);
            free(stream);
        }
    }
}

/* A small generator, so that a failure comes again. */
static unsigned
draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

/* Firehose's names as an expression: the version optional, a byte of a stream in front. */
static const char reference[] =
    "[0-9A-Za-z_.-]-([0-9]+-)?[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}"
    "-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}([.][0-9a-z!_.*'()-]+)?$";

Test(key, agrees_with_the_reference_expression_on_damaged_names)
{
    regex_t regex;
    uint64_t seed = 7;
    unsigned matches = 0;
    const char *alphabet = "0123456789abcdefghxyzABCXYZ-._=!*'()~ ";
    cr_assert_eq(regcomp(&regex, reference, REG_EXTENDED), 0);
    for (int round = 0; round < 20000; round++) {
        char name[160];
        const char *middle = draw(&seed, 3) == 0 ? "-" : "-12-";
        const char *end = draw(&seed, 2) == 0 ? ".gz" : "";
        snprintf(name, sizeof(name), "ord-1%s2026-07-13-14-02-11-%s%s", middle, UUID, end);
        for (unsigned change = draw(&seed, 4); change > 0; change--) {
            size_t at = draw(&seed, (unsigned)strlen(name));
            if (draw(&seed, 2) == 0) {
                name[at] = alphabet[draw(&seed, (unsigned)strlen(alphabet))];
            } else {
                memmove(name + at, name + at + 1, strlen(name + at));
            }
        }
        regmatch_t match;
        bool expected = regexec(&regex, name, 1, &match, 0) == 0;
        struct rf_key_name got = rf_key_name(name, strlen(name));
        cr_assert_eq(got.firehose, expected, "%s", name);
        if (expected) {
            matches++;
            cr_assert_eq(got.stream_start + got.stream_bytes, (size_t)match.rm_so + 1, "%s", name);
        }
    }
    cr_expect_gt(matches, 4000);
    cr_expect_lt(matches, 16000);
    regfree(&regex);
}

#define STAMPED "ord-1-2026-07-13-14-02-11-" UUID

Test(key, knows_the_suffixes_of_packers)
{
    static const char *const packers[] = {"x.gz",
                                          "a/x.zip",
                                          "x.snappy",
                                          "x.hsnappy",
                                          "x.zst",
                                          "x.json",
                                          "x.jsonl",
                                          "x.jsonlines",
                                          "x.ndjson",
                                          "x.gzip",
                                          "x.zstd",
                                          "x.bz2",
                                          "x.xz",
                                          "x.lz4",
                                          "x.jsonl.bz2",
                                          "X.JSONL",
                                          "x.tar.gz",
                                          "X.GZ",
                                          STAMPED ".gz.9aF1bC2d",
                                          "a/." STAMPED ".gz.Ab3dEf",
                                          STAMPED " (1)",
                                          "-2026-07-13-14-02-11-" UUID "_"};
    static const char *const others[] = {"x",      "x.gz/x", "x.jsonl/x", "xgz",
                                         "xjsonl", "x.txt",  "",          "_SUCCESS"};
    for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
        cr_expect(rf_key_name(packers[i], strlen(packers[i])).packer, "%s", packers[i]);
        cr_expect_not(rf_key_name(packers[i], strlen(packers[i])).firehose, "%s", packers[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect_not(rf_key_name(others[i], strlen(others[i])).packer, "%s", others[i]);
    }
    cr_expect_not(rf_key_name(STAMPED, strlen(STAMPED) - 1).packer);
}

Test(key, finds_error_prefixes_in_folders_only)
{
    static const char *const errors[] = {
        "processing-failed/x",
        "format-conversion-failed/2026/07/13/14/x",
        "a/elasticsearch-failed/x",
        "elasticsearch_failed/x",
        "splunk-failed/x",
        "http-endpoint-failed/x",
        "activePartitionExceeded/x",
        "result=processing-failed/x",
        "errors-processing-failed/x",
        "processing-failed2026/07/13/14/x",
        "a/b/c/splunk-failed/d/x",
    };
    static const char *const others[] = {
        "processing-failed",       "a/processing-failed", "processing-failedx/x", "2026/07/13/14/x",
        "postprocessing-failed/x", "processing-faile/x",  "Processing-Failed/x",  "",
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        cr_expect(rf_key_errors(errors[i], strlen(errors[i])), "%s", errors[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect_not(rf_key_errors(others[i], strlen(others[i])), "%s", others[i]);
    }
}

Test(key, tells_the_hour_in_every_usual_layout)
{
    static const struct {
        const char *key;
        int at[4];
        enum rf_grain grain;
    } rows[] = {
        {"2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"a/b/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2026/07/13/14/more/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"legacy2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"orders12026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"ev/year=2026/month=07/day=13/hour=14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"y=2026/m=7/d=3/h=4/x", {2026, 7, 3, 4}, RF_GRAIN_HOUR},
        {"jahr=2026/monat=07/tag=13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"rand=5abf82daaa52026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"dt=2026-07-13/hour=14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"dt=2026-07-13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"dt=2026-07-13/region=eu/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        /* what a column is called decides whether it is the hour */
        {"day=2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR}, /* all of it in one column */
        {"dt=2026-07-13/event-hr=14/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026-07-13/tenant=14/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026-07-13/shard=42/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026-07-13/=14/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"year=2026/month=07/day=13/v=3/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"yr=2026/07/13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"2026/month=07/13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"shop=2026/07/13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"day=2026-07-13/hr=14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"YEAR=2026/Month=07/DAY=13/Event_Hour=14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"yyyy=2026/mm=07/dd=13/HH=14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"jahr=2026/monat=07/tag=13/stunde=14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2026-07-13-14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"dt=2026-07-13-14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"events-2026-07-13-14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2026-07-13T14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2026-07-13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"2026/07/13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"2026/07/13/orders/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"2024/02/29/23/x", {2024, 2, 29, 23}, RF_GRAIN_HOUR},
        {"1969/12/31/23/x", {1969, 12, 31, 23}, RF_GRAIN_HOUR},
        {"AWSLogs/123456789012/2021/06/11/05/x", {2021, 6, 11, 5}, RF_GRAIN_HOUR},
        /* the finest, then the rightmost */
        {"2020/01/02/03/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2026/07/13/14/2020-01-02/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2020-01-02/2026/07/13/14/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"2020-01-02/a/2026-07-13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        /* … but for what may be another date than that of the folder */
        {"dt=2026-07-13/order_date=2020-01-02/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"order_date=2020-01-02/dt=2026-07-13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"year=2026/month=07/day=13/due=2020-01-02/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"2026/07/13/14/from=2020-01-02T03/x", {2026, 7, 13, 14}, RF_GRAIN_HOUR},
        {"dt=2026-07-13/from=2020-01-02T03/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"from=2020-01-02T03/dt=2026-07-13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026-07-13/events-2026-07-13T03/x", {2026, 7, 13, 3}, RF_GRAIN_HOUR},
        {"events-2026-07-13T03/dt=2026-07-13/x", {2026, 7, 13, 3}, RF_GRAIN_HOUR},
        /* … or be no date at all, but three customers */
        {"year=2026/month=05/day=03/shop=2040/till=07/shift=01/x", {2026, 5, 3, 0}, RF_GRAIN_DAY},
        {"shop=2040/till=07/shift=01/year=2026/month=05/day=03/x", {2026, 5, 3, 0}, RF_GRAIN_DAY},
        {"year=2026/month=05/day=03/shop=2040/07/13/x", {2026, 5, 3, 0}, RF_GRAIN_DAY},
        {"year=2026/tenant=07/month=05/dt=2026-05-03/x", {2026, 5, 3, 0}, RF_GRAIN_DAY},
        {"year=2026/month=05/tenant=07/dt=2026-05-03/x", {2026, 5, 3, 0}, RF_GRAIN_DAY},
        {"year=2026/month=05/2026-05-03/x", {2026, 5, 3, 0}, RF_GRAIN_DAY},
        {"b-2026-07-01/year=2026/month=05/date=03/hour=5/x", {2026, 5, 3, 5}, RF_GRAIN_HOUR},
        /* what is called so behind a date is no part of it */
        {"2026/07/13/month=03/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"2026/07/13/weekday=1/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026-07-13/m=5/due=2026-08-03/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"dt=2026-07-13/day=13/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"b-2026-07-20/year=2026/month=07/day=13/exp_month=12/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
        {"year=2026/month=07/day=13/weekday=1/due=2026-08-02/x", {2026, 7, 13, 0}, RF_GRAIN_DAY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_hour hour = rf_key_hour(rows[i].key, strlen(rows[i].key));
        const int *at = rows[i].at;
        cr_expect_eq(hour.grain, rows[i].grain, "%s", rows[i].key);
        cr_expect_eq(hour.hour, hours(at[0], at[1], at[2], at[3]), "%s", rows[i].key);
    }
}

Test(key, tells_no_hour_where_there_is_none)
{
    static const char *const keys[] = {
        "",
        "x",
        "2026/07/13", /* the last segment is a name */
        "2026-07-13-14",
        "orders-1-2026-07-13-14-02-11-" UUID,
        "2026/x",
        "2026/07/x",
        "2026/13/01/00/x",
        "2026/02/29/00/x", /* no leap year */
        "2026/07/00/00/x",
        "2026/07/13/24/x",
        "2026/07/13/42/x", /* shards: 00 to 23 must not pass for hours where 42 does not */
        "2026-07-13-24/x",
        "2026-07-13/hour=24/x",
        "1899/07/13/14/x",
        "3000/07/13/14/x",
        "123456789012/01/02/03/x", /* an account */
        "026/07/13/14/x",
        "2026/7/13/14/x",
        "2026/07a/13/14/x",
        "2026a/07/13/14/x",
        "20260713/14/x",
        "=2026/=7/=3/=4/x",
        "year=2026/day=07/month=03/hour=14/x", /* 7 March */
        "y=2026/d=07/m=03/x",
        "year=2026/month=07/hour=13/x",
        /* a customer's number in the place of a part */
        "year=2026/month=06/tenant=07/x",
        "year=2026/month=06/tenant=07/day=03/hour=05/x",
        "year=2026/tenant=06/day=03/x",
        "2026/tenant=06/customer=03/x",
        "year=2026/tenant=06/customer=03/hour=05/x",
        "customer=2040/month=06/day=03/x",
        "year=2026/customer=2040/month=06/day=03/hour=05/x",
        "2026/06/07/day=03/hour=05/x",
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct rf_hour hour = rf_key_hour(keys[i], strlen(keys[i]));
        cr_expect_eq(hour.grain, RF_GRAIN_NONE, "%s", keys[i]);
    }
}

Test(key, what_clashes_is_not_told_by_what_stands_around_it)
{
    static const char *const keys[] = {
        "b-2026-06-10/year=2026/month=06/tenant=07/day=03/hour=05/x",
        "b-2026-06-10/year=2026/month=06/tenant=42/day=03/hour=05/x",
        "b-2026-06-10/year=2026/customer=2040/month=06/day=03/x",
        "b-2026-06-10/customer=2040/month=06/day=03/x",
        "year=2026/tenant=06/customer=03/b-2026-06-10/x",
        "b-2026-06-10/2026/06/07/day=03/x",
        "year=2026/tenant=07/day=03/shop=2040/07/13/x",
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        cr_expect(rf_key_hour_clashes(keys[i], strlen(keys[i])), "%s", keys[i]);
        cr_expect_eq(rf_key_hour(keys[i], strlen(keys[i])).grain, RF_GRAIN_NONE, "%s", keys[i]);
    }
    static const char *const others[] = {
        "b-2026-06-10/x",
        "x/y",
        "year=2026/month=07/day=13/x",
        "b-2026-06-10/fiscal_year=2026/x",
        "year=2026/tenant=07/dt=2026-07-13/day=3/x",
        "b-2026-06-10/year=2026/tenant=42/x",
        "customer=2040/month=06/x",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect_not(rf_key_hour_clashes(others[i], strlen(others[i])), "%s", others[i]);
    }
}

Test(key, agrees_with_the_c_library_on_every_hour_of_some_years)
{
    for (time_t at = 946684800 - 86400; at < 946684800 + 5 * 366 * 86400L; at += 3600) {
        char key[64];
        struct tm tm;
        gmtime_r(&at, &tm);
        strftime(key, sizeof(key), "p/%Y/%m/%d/%H/x", &tm);
        struct rf_hour hour = rf_key_hour(key, strlen(key));
        cr_assert_eq(hour.grain, RF_GRAIN_HOUR, "%s", key);
        cr_assert_eq(hour.hour, at / 3600, "%s", key);
    }
}
