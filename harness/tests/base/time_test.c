/* SPDX-License-Identifier: MIT */
/* Instants: what is read as which one, and how it is written. */
#include "base/time.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rf_time
parse_good(const char *text)
{
    struct rf_time at = {0};
    cr_assert(rf_time_parse(text, strlen(text), &at), "%s", text);
    return at;
}

/* The oracle counts days one by one, with the month lengths of the school book. */
Test(time, counts_every_day_of_ten_thousand_years)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = -719162; /* 0001-01-01 */
    for (int64_t year = 1; year <= 9999; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (leap && month == 2 ? 1 : 0);
            for (int day = 1; day <= length; day++, days++) {
                int64_t back_year;
                int back_month;
                int back_day;
                rf_date_from_days(days, &back_year, &back_month, &back_day);
                cr_assert(rf_days_from_date(year, month, day) == days &&
                              rf_date_valid(year, month, day) && back_year == year &&
                              back_month == month && back_day == day,
                          "%d-%d-%d", (int)year, month, day);
            }
            cr_assert_not(rf_date_valid(year, month, length + 1));
            cr_assert_not(rf_date_valid(year, month, 0));
        }
        cr_assert_not(rf_date_valid(year, 0, 1));
        cr_assert_not(rf_date_valid(year, 13, 1));
    }
    cr_expect_eq(days, 2932897);
    cr_expect_eq(rf_days_from_date(1970, 1, 1), 0);
}

Test(time, counts_days_before_the_year_one)
{
    int64_t year;
    int month;
    int day;
    cr_expect_eq(rf_days_from_date(0, 12, 31), -719163);
    cr_expect_eq(rf_days_from_date(-1, 12, 31), -719163 - 366);
    for (int64_t days = -719163 - 400000; days < -719163; days++) {
        rf_date_from_days(days, &year, &month, &day);
        cr_assert_eq(rf_days_from_date(year, month, day), days);
        cr_assert(rf_date_valid(year, month, day));
    }
}

/* Seconds as `date -u -d TEXT +%s` gives them. */
Test(time, parses_rfc_3339)
{
    static const struct {
        const char *text;
        int64_t seconds;
        int32_t nanos;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, 0},
        {"2017-06-22T10:11:12.123Z", 1498126272, 123000000},
        {"2017-06-22t10:11:12.123456789z", 1498126272, 123456789},
        {"2017-06-22T10:11:12.000000001Z", 1498126272, 1},
        {"2017-06-22T12:11:12.5+02:00", 1498126272, 500000000},
        {"2017-06-22T00:26:12-09:45", 1498126272, 0},
        {"2017-06-21T10:12:12-23:59", 1498126272, 0},
        {"2017-06-23T10:10:12+23:59", 1498126272, 0},
        {"2017-06-22T10:11:12-00:00", 1498126272, 0},
        {"1969-12-31T23:59:59.25Z", -1, 250000000},
        {"2000-02-29T00:00:00Z", 951782400, 0},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800), 0},
        {"0000-12-31T23:00:00-01:00", INT64_C(-62135596800), 0},
        {"9999-12-31T23:59:59.999999999Z", INT64_C(253402300799), 999999999},
        {"2016-12-31T23:59:60Z", 1483228800, 0},
        {"2016-12-31T23:59:60.75Z", 1483228800, 750000000},
        {"2017-01-01T00:59:60+01:00", 1483228800, 0},
        {"2016-12-31T18:29:60-05:30", 1483228800, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rf_time at = parse_good(rows[i].text);
        cr_expect_eq(at.seconds, rows[i].seconds, "%s: %lld", rows[i].text, (long long)at.seconds);
        cr_expect_eq(at.nanos, rows[i].nanos, "%s: %d", rows[i].text, at.nanos);
    }
}

Test(time, refuses_what_is_not_rfc_3339)
{
    static const char *const texts[] = {
        "",
        "2017-06-22",
        "2017-06-22T10:11:12",
        "2017-06-22T10:11Z",
        "2017-06-22 10:11:12Z",
        "2017-06-22_10:11:12Z",
        " 2017-06-22T10:11:12Z",
        "2017-06-22T10:11:12Z ",
        "2017-06-22T10:11:12ZZ",
        "2017-6-22T10:11:12Z",
        "17-06-22T10:11:12Z",
        "+2017-06-22T10:11:12Z",
        "-2017-06-22T10:11:12Z",
        "12017-06-22T10:11:12Z",
        "2017/06/22T10:11:12Z",
        "20170622T101112Z",
        "2017-06-22T10:11:12.Z",
        "2017-06-22T10:11:12,5Z",
        "2017-06-22T10:11:12.1234567890Z",
        "2017-06-22T10:11:12.1x",
        "2017-00-22T10:11:12Z",
        "2017-13-22T10:11:12Z",
        "2017-06-00T10:11:12Z",
        "2017-06-31T10:11:12Z",
        "2017-02-29T10:11:12Z",
        "1900-02-29T10:11:12Z",
        "2017-06-22T24:00:00Z",
        "2017-06-22T10:60:12Z",
        "2017-06-22T10:11:61Z",
        "2017-06-22T10:11:60Z",
        "2017-06-22T23:59:60+01:00",
        "2016-12-31T23:58:60Z",
        "2017-06-22T10:11:12+24:00",
        "2017-06-22T10:11:12+02:60",
        "2017-06-22T10:11:12+0200",
        "2017-06-22T10:11:12+02",
        "2017-06-22T10:11:12+2:00",
        "2017-06-22T10:11:12UTC",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct rf_time at = {.seconds = 77, .nanos = 7};
        cr_expect_not(rf_time_parse(texts[i], strlen(texts[i]), &at), "%s", texts[i]);
        cr_expect(at.seconds == 77 && at.nanos == 7, "%s: changed", texts[i]);
    }
    struct rf_time at;
    cr_expect_not(rf_time_parse("2017-06-22T10:11:12\0Z", 21, &at));
    cr_expect_not(rf_time_parse("2017-06-22T10:11:12Z\0", 21, &at));
}

/* As Jackson, PostgreSQL and Python's str() write instants: what is told beyond doubt, no more. */
Test(time, parses_wide)
{
    static const struct {
        const char *text;
        int64_t seconds;
        int32_t nanos;
    } rows[] = {
        {"2017-06-22T10:11:12.123+0000", 1498126272, 123000000},
        {"2017-06-22T12:11:12+0200", 1498126272, 0},
        {"2017-06-22T00:26:12-0945", 1498126272, 0},
        {"2017-06-22 10:11:12.5Z", 1498126272, 500000000},
        {"2017-06-22 12:11:12+02", 1498126272, 0},
        {"2017-06-22 05:11:12.000001-05", 1498126272, 1000},
        {"2017-06-22 10:11:12.123456+00:00", 1498126272, 123456000},
        {"2016-12-31T18:29:60-0530", 1483228800, 0},
        {"2017-06-22T12:11:12+02:00[Europe/Berlin]", 1498126272, 0},
        {"2017-06-22T10:11:12.5Z[UTC][u-ca=iso8601]", 1498126272, 500000000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rf_time at = {0};
        const char *text = rows[i].text;
        cr_expect(rf_time_parse_wide(text, strlen(text), &at), "%s", text);
        cr_expect_eq(at.seconds, rows[i].seconds, "%s: %lld", text, (long long)at.seconds);
        cr_expect_eq(at.nanos, rows[i].nanos, "%s: %d", text, at.nanos);
        cr_expect_not(rf_time_parse(text, strlen(text), &at), "%s: wide only", text);
    }
    static const char *const wrong[] = {
        "2017-06-22 10:11:12",
        "2017-06-22T10:11:12+2",
        "2017-06-22T10:11:12+020",
        "2017-06-22T10:11:12+02:0",
        "2017-06-22T10:11:12+02000",
        "2017-06-22T10:11:12+2400",
        "2017-06-22T10:11:12+0260",
        "2017-06-22T10:11:12+0:00",
        "2017-06-22T10:11:12 +0200",
        "2017-06-22T10:11:12+x2",
        "2017-06-22T10:11:12+02x0",
        "2017-06-22_10:11:12Z",
        "2017-06-22T10:11:12[Europe/Berlin]",
        "2017-06-22T10:11:12Z[",
        "2017-06-22T10:11:12Z]",
        "2017-06-22T10:11:12Z[]",
        "2017-06-22T10:11:12Z[[[x]",
        "2017-06-22T10:11:12Z[!UTC]",
        "2017-06-22T10:11:12Z[a b]",
        "2017-06-22T10:11:12Z[a]b]",
        "2017-06-22T10:11:12[UTC]Z",
        "2017-06-22 10:11:12 UTC",
        "2017-06-22T10:11:12Z+0200",
        "2017-06-22T10:11:1202",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct rf_time at = {.seconds = 77, .nanos = 7};
        cr_expect_not(rf_time_parse_wide(wrong[i], strlen(wrong[i]), &at), "%s", wrong[i]);
        cr_expect(at.seconds == 77 && at.nanos == 7, "%s: changed", wrong[i]);
    }
}

/* ---- two ways: most texts in UTC are read eight digits at a time --------------------------------
 */

/** A text that ends in Z is what it is with an offset of no minutes, which is read digit by digit:
 * both are the same instant, or neither is one. Its memory ends where it ends. */
static bool
expect_same_by_both(const char *text, size_t bytes)
{
    char other[64];
    struct rf_time fast = {-7, 7};
    struct rf_time slow = {-7, 7};
    cr_assert(bytes > 0 && bytes + 6 < sizeof(other) && text[bytes - 1] == 'Z');
    memcpy(other, text, bytes - 1);
    memcpy(other + bytes - 1, "+00:00", 6);
    char *own = malloc(bytes);
    memcpy(own, text, bytes);
    bool is = rf_time_parse(own, bytes, &fast);
    free(own);
    cr_assert_eq(rf_time_parse(other, bytes + 5, &slow), is, "%.*s", (int)bytes, text);
    cr_assert_eq(rf_time_compare(fast, slow), 0, "%.*s", (int)bytes, text);
    return is;
}

Test(time, any_byte_anywhere_is_the_same_by_both_ways)
{
    static const char text[] = "2016-02-29T23:59:59.123456789Z";
    for (size_t digits = 0; digits <= 9; digits++) {
        char changed[64];
        size_t bytes = digits == 0 ? 20 : 21 + digits;
        memcpy(changed, text, bytes);
        changed[bytes - 1] = 'Z';
        unsigned good = 0;
        for (size_t at = 0; at + 1 < bytes; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char was = changed[at];
                changed[at] = (char)byte;
                good += expect_same_by_both(changed, bytes);
                changed[at] = was;
            }
        }
        cr_expect_gt(good, 40, "%u", good);
    }
}

/* What is remembered of the day that was read last is none at first, and only of a whole one. */
Test(time, no_day_is_taken_for_the_one_before)
{
    static const char *const texts[] = {
        "0000-00-00T00:00:00Z", "2016-02-29T00:00:00Z", "2016-02-30T00:00:00Z",
        "2016-02-29x00:00:00Z", "2016-02-28T00:00:00Z", "2015-02-29T00:00:00Z",
        "2016-02-28T00:00:00Z", "2016-03-28T00:00:00Z", "2017-03-28T00:00:00Z",
        "2017-03-28t00:00:00Z", "2017-03-28T24:00:00Z", "2017-03-28T00:00:00Z",
        "0000-00-00T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        (void)expect_same_by_both(texts[i], strlen(texts[i]));
    }
}

Test(time, numbers_of_all_fields_are_the_same_by_both_ways)
{
    static const int years[] = {0, 1, 4, 99, 100, 400, 1900, 1999, 2000, 2016, 2100, 2400, 9999};
    for (size_t year = 0; year < sizeof(years) / sizeof(*years); year++) {
        for (int month = 0; month < 100; month += month < 14 ? 1 : 17) {
            for (int day = 0; day < 100; day += day < 33 ? 1 : 11) {
                char text[64];
                int bytes =
                    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", years[year],
                             month, day, day % 26, day * 3 % 62, day * 7 % 63, day * 10101010);
                (void)expect_same_by_both(text, (size_t)bytes);
                bytes = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:59:%02dZ", years[year],
                                 month, day, month % 25, 58 + day % 4);
                (void)expect_same_by_both(text, (size_t)bytes);
            }
        }
    }
}

Test(time, fractions_of_all_lengths_are_the_same_by_both_ways)
{
    char text[64] = "2017-06-22T10:11:12.";
    for (size_t count = 0; count <= 20; count++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            memset(text + 20, digit, count);
            text[20 + count] = 'Z';
            cr_expect_eq(expect_same_by_both(text, 21 + count), count >= 1 && count <= 9, "%zu",
                         count);
        }
    }
}

/* A text cut anywhere is no other instant. */
Test(time, refuses_every_cut_text)
{
    static const char text[] = "2016-12-31T23:59:60.123456789+00:00";
    struct rf_time at;
    cr_assert(rf_time_parse(text, sizeof(text) - 1, &at));
    for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
        cr_expect_not(rf_time_parse(text, cut, &at), "%.*s", (int)cut, text);
    }
}

Test(time, reads_numbers_exactly)
{
    static const struct {
        const char *token;
        int64_t seconds;
        int32_t nanos;
    } rows[] = {
        {"0", 0, 0},
        {"-0.0", 0, 0},
        {"0e99999999999999999999", 0, 0},
        {"1498126272", 1498126272, 0},
        {"1498126272.123456789", 1498126272, 123456789},
        {"1498126272.1234567899999", 1498126272, 123456789},
        {"1498126272.1", 1498126272, 100000000},
        {"1498126272.000000001", 1498126272, 1},
        {"1.4981262721234567e9", 1498126272, 123456700},
        {"14981262721234567E-7", 1498126272, 123456700},
        {"0.00000000014981262721234567e+19", 1498126272, 123456700},
        {"1498126272123", 1498126272, 123000000},
        {"1498126272123.456789", 1498126272, 123456789},
        {"1.498126272123e12", 1498126272, 123000000},
        {"99999999999", INT64_C(99999999999), 0},
        {"99999999999.999999999", INT64_C(99999999999), 999999999},
        {"100000000000", 100000000, 0},
        {"1e11", 100000000, 0},
        {"-1", -1, 0},
        {"-1.5", -2, 500000000},
        {"-0.000000001", -1, 999999999},
        {"-0.0000000001", 0, 0},
        {"-99999999999", INT64_C(-62135596800) - INT64_C(37864403199), 0},
        {"-100000000000", -100000000, 0},
        {"-62135596800000", INT64_C(-62135596800), 0},
        {"253402300799999.999999", INT64_C(253402300799), 999999999},
        {"1e-300", 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rf_time at = {0};
        bool before_year_one = rows[i].seconds < INT64_C(-62135596800);
        cr_expect_eq(rf_time_from_number(rows[i].token, strlen(rows[i].token), &at),
                     !before_year_one, "%s", rows[i].token);
        if (!before_year_one) {
            cr_expect_eq(at.seconds, rows[i].seconds, "%s: %lld", rows[i].token,
                         (long long)at.seconds);
            cr_expect_eq(at.nanos, rows[i].nanos, "%s: %d", rows[i].token, at.nanos);
        }
    }
}

Test(time, parses_numbers_wide)
{
    static const struct {
        const char *token;
        int64_t seconds;
        int32_t nanos;
    } rows[] = {
        {"253402300800000", 253402300, 800000000},
        {"1e15", 1000000000, 0},
        {"1498126272123456", 1498126272, 123456000},
        {"1498126272123456.789", 1498126272, 123456789},
        {"253402300799999999", INT64_C(253402300799), 999999000},
        {"253402300800000000", 253402300, 800000000},
        {"1498126272123456789", 1498126272, 123456789},
        {"1498126272123456789.9", 1498126272, 123456789},
        {"253402300799999999999", INT64_C(253402300799), 999999999},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct rf_time at = {0};
        const char *token = rows[i].token;
        cr_expect(rf_time_from_number_wide(token, strlen(token), &at), "%s", token);
        cr_expect_eq(at.seconds, rows[i].seconds, "%s: %lld", token, (long long)at.seconds);
        cr_expect_eq(at.nanos, rows[i].nanos, "%s: %d", token, at.nanos);
        cr_expect_not(rf_time_from_number(token, strlen(token), &at), "%s: wide only", token);
    }
    static const char *const wrong[] = {
        "253402300800000000000", "-1498126272123456", "-1e15", "1e21", "1e400", "x"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct rf_time at;
        cr_expect_not(rf_time_from_number_wide(wrong[i], strlen(wrong[i]), &at), "%s", wrong[i]);
    }
}

Test(time, refuses_numbers_that_are_no_instant)
{
    static const char *const tokens[] = {
        "",
        "-",
        "1.",
        "abc",
        "01",
        "+1",
        "\"1\"",
        "253402300800000",
        "1e15",
        "1e400",
        "-62135596800001",
        "-62135596800000.000001",
        "1e999999999999999999999999",
        "999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++) {
        struct rf_time at;
        cr_expect_not(rf_time_from_number(tokens[i], strlen(tokens[i]), &at), "%s", tokens[i]);
    }
}

Test(time, prints_what_it_parsed)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
        {"2017-06-22t12:11:12.123000+02:00", "2017-06-22T10:11:12.123Z"},
        {"2017-06-22T10:11:12.000Z", "2017-06-22T10:11:12Z"},
        {"2017-06-22T10:11:12.000000001Z", "2017-06-22T10:11:12.000000001Z"},
        {"1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9Z"},
        {"2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"0999-03-01T01:02:03Z", "0999-03-01T01:02:03Z"},
        {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[RF_TIME_TEXT_BYTES];
        size_t length = rf_time_print(parse_good(rows[i].text), text);
        cr_expect_str_eq(text, rows[i].expected);
        cr_expect_eq(length, strlen(rows[i].expected));
    }
}

Test(time, survives_a_round_trip_all_over_its_range)
{
    struct rf_time at = {.seconds = INT64_C(-62135596800)};
    for (; rf_time_valid(at); at.seconds += 86400 * 11 + 3607) {
        at.nanos = (int32_t)((uint64_t)at.seconds * 2654435761U % 1000000000U);
        char text[RF_TIME_TEXT_BYTES];
        size_t length = rf_time_print(at, text);
        struct rf_time back;
        cr_assert(rf_time_parse(text, length, &back), "%s", text);
        cr_assert_eq(rf_time_compare(at, back), 0, "%s", text);
    }
}

Test(time, prints_one_after_the_other_as_each_alone)
{
    struct rf_time_printer printer = {0};
    uint64_t mixed = 1;
    for (int64_t i = 0; i < 300000; i++) {
        mixed = mixed * UINT64_C(6364136223846793005) + 1442695040888963407;
        /* in the same days, from one to the next, and all over */
        int64_t around = i % 3 == 0   ? (int64_t)(mixed >> 20) % 253402300800
                         : i % 3 == 1 ? i * 7
                                      : -62135596800 + i * 3001;
        static const int32_t units[] = {0, 1, 1000, 1000000, 100000000};
        struct rf_time at = {around, (int32_t)((mixed >> 33) % 10) * units[i % 5]};
        char text[RF_TIME_TEXT_BYTES];
        size_t length = rf_time_print(at, text);
        cr_assert_eq(rf_time_print_string(&printer, at), length + 2, "%s", text);
        cr_assert_eq(printer.text[0], '"');
        cr_assert_eq(memcmp(printer.text + 1, text, length), 0, "%s", text);
        cr_assert_eq(printer.text[length + 1], '"');
        struct rf_time none = {i % 2 == 0 ? INT64_MAX : INT64_MIN, 0};
        cr_assert_eq(rf_time_print_string(&printer, none), 0);
    }
}

/** The C library's digits, without the zeros at a fraction's end. */
static void
print_slowly(int second, int32_t nanos, char *text, size_t room)
{
    int length = snprintf(text, room, "1970-01-01T%02d:%02d:%02d.%09d", second / 3600,
                          second / 60 % 60, second % 60, (int)nanos);
    while (text[length - 1] == '0') {
        length--;
    }
    length -= text[length - 1] == '.';
    (void)snprintf(text + length, room - (size_t)length, "Z");
}

Test(time, prints_all_digits_that_there_are)
{
    char text[RF_TIME_TEXT_BYTES];
    char expected[64];
    for (int second = 0; second < 86400; second++) {
        int32_t unit = 1;
        for (int i = 0; i < second % 9; i++) {
            unit *= 10;
        }
        for (int digit = 0; digit < 10; digit++) {
            /* one digit among zeros, and any others */
            int32_t nanos[] = {digit * unit,
                               (int32_t)((second * INT64_C(11574) + digit * unit) % 1000000000)};
            for (size_t i = 0; i < sizeof(nanos) / sizeof(*nanos); i++) {
                print_slowly(second, nanos[i], expected, sizeof(expected));
                (void)rf_time_print((struct rf_time){second, nanos[i]}, text);
                cr_assert_str_eq(text, expected);
            }
        }
    }
}

Test(time, ends_the_process_over_an_invalid_instant, .init = cr_redirect_stderr, .exit_code = 70)
{
    char text[RF_TIME_TEXT_BYTES];
    (void)rf_time_print((struct rf_time){.seconds = INT64_MAX}, text);
}

Test(time, compares_seconds_before_nanoseconds)
{
    struct rf_time early = {-1, 999999999};
    struct rf_time late = {0, 0};
    struct rf_time later = {0, 1};
    cr_expect_lt(rf_time_compare(early, late), 0);
    cr_expect_gt(rf_time_compare(late, early), 0);
    cr_expect_lt(rf_time_compare(late, later), 0);
    cr_expect_gt(rf_time_compare(later, late), 0);
    cr_expect_eq(rf_time_compare(later, later), 0);
}
