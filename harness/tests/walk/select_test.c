/* SPDX-License-Identifier: MIT */
/* --since and --until: every form of T, and which folders are in. */
#include "walk/select.h"

#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

static int64_t
hours(int year, int month, int day, int hour)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour};
    return (int64_t)timegm(&tm) / 3600;
}

Test(select, reads_every_form_of_t)
{
    static const struct {
        const char *text;
        int at[4];
    } rows[] = {
        {"2015-04-27", {2015, 4, 27, 0}},
        {"2015-04-27T13", {2015, 4, 27, 13}},
        {"2015-04-27-13", {2015, 4, 27, 13}},
        {"2015/04/27", {2015, 4, 27, 0}},
        {"2015/04/27/13", {2015, 4, 27, 13}},
        {"2015/04/27/13/", {2015, 4, 27, 13}},
        {"2015-04", {2015, 4, 1, 0}},
        {"2015/04", {2015, 4, 1, 0}},
        {"2015/", {2015, 1, 1, 0}},
        {"2015", {2015, 1, 1, 0}},
        {"2015-04-27T13:00:00Z", {2015, 4, 27, 13}},
        {"2015-04-27T13:00:00.000Z", {2015, 4, 27, 13}},
        {"2015-04-27T13:30:00+05:30", {2015, 4, 27, 8}},
        {"2015-04-27T23:00:00-02:00", {2015, 4, 28, 1}},
        {"1969-12-31T23:00:00Z", {1969, 12, 31, 23}},
        {"2016-02-29", {2016, 2, 29, 0}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t hour = 0;
        struct rf_err err;
        const int *at = rows[i].at;
        cr_expect_eq(rf_select_hour("--since", rows[i].text, &hour, &err), RF_OK, "%s",
                     rows[i].text);
        cr_expect_eq(hour, hours(at[0], at[1], at[2], at[3]), "%s", rows[i].text);
    }
}

Test(select, refuses_what_is_no_time_or_no_whole_hour)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "no time"},
        {"yesterday", "no time"},
        {"15-04-27", "no time"},
        {"20150427", "no time"},
        {"2015-4-27", "no time"},
        {"2015-04/27", "no time"},
        {"2015/04-27", "no time"},
        {"2015/04/27T13", "no time"},
        {"2015T13", "no time"},
        {"2015-04-", "no time"},
        {"2015-04-27T", "no time"},
        {"2015-04-27T13Z", "no time"},
        {"2015-04-27T24", "no time"},
        {"2015/04/27/13//", "no time"},
        {"2015/04/27/13/00", "no time"},
        {"2015-02-29", "no time"},
        {"2015-13-01", "no time"},
        {"2015-00-01", "no time"},
        {"0000-01-01", "no time"},
        {" 2015", "no time"},
        {"2015 ", "no time"},
        {"2015-04-27T13:30:00Z", "grain"},
        {"2015-04-27T13:00:01Z", "grain"},
        {"2015-04-27T13:00:00.000000001Z", "grain"},
        {"2015-04-27T13:00:00+05:30", "grain"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t hour;
        struct rf_err err = {0};
        cr_expect_eq(rf_select_hour("--until", rows[i].text, &hour, &err), RF_ERR_USAGE, "'%s'",
                     rows[i].text);
        cr_expect_str_eq(err.where, "--until");
        cr_expect_not_null(strstr(err.text, rows[i].says), "'%s': %s", rows[i].text, err.text);
    }
}

Test(select, refuses_a_since_that_is_not_before_until)
{
    struct rf_selection selection;
    struct rf_err err;
    cr_expect_eq(rf_selection_parse("2015", "2015-01-01", &selection, &err), RF_ERR_USAGE);
    cr_expect_eq(rf_selection_parse("2016", "2015", &selection, &err), RF_ERR_USAGE);
    cr_expect_eq(rf_selection_parse("2015", "2015-01-01T01", &selection, &err), RF_OK);
    cr_expect_eq(rf_selection_parse("2015", NULL, &selection, &err), RF_OK);
    cr_expect_eq(rf_selection_parse(NULL, "2015", &selection, &err), RF_OK);
    cr_expect_eq(rf_selection_parse(NULL, "soon", &selection, &err), RF_ERR_USAGE);
}

Test(select, is_half_open)
{
    struct rf_selection selection;
    struct rf_err err;
    cr_assert_eq(rf_selection_parse("2015-04-27T13", "2015-04-28", &selection, &err), RF_OK);
    cr_expect(rf_selection_given(&selection));
    cr_expect_not(
        rf_selection_has(&selection, (struct rf_hour){hours(2015, 4, 27, 12), RF_GRAIN_HOUR}));
    cr_expect(
        rf_selection_has(&selection, (struct rf_hour){hours(2015, 4, 27, 13), RF_GRAIN_HOUR}));
    cr_expect(
        rf_selection_has(&selection, (struct rf_hour){hours(2015, 4, 27, 23), RF_GRAIN_HOUR}));
    cr_expect_not(
        rf_selection_has(&selection, (struct rf_hour){hours(2015, 4, 28, 0), RF_GRAIN_HOUR}));
}

Test(select, takes_everything_where_nothing_is_given)
{
    struct rf_selection selection;
    struct rf_err err;
    cr_assert_eq(rf_selection_parse(NULL, NULL, &selection, &err), RF_OK);
    cr_expect_not(rf_selection_given(&selection));
    cr_expect(rf_selection_has(&selection, (struct rf_hour){INT32_MIN, RF_GRAIN_HOUR}));
    cr_expect(rf_selection_has(&selection, (struct rf_hour){INT32_MAX, RF_GRAIN_YEAR}));
    cr_expect_not(rf_selection_cuts(&selection, (struct rf_hour){0, RF_GRAIN_YEAR}));
    cr_expect_eq(rf_selection_check_grain(&selection, RF_GRAIN_YEAR, "x", &err), RF_OK);
}

Test(select, refuses_a_t_off_the_grain_and_names_the_grain)
{
    static const struct {
        const char *text;
        enum rf_grain finest_refused; /* this grain and coarser ones refuse it */
    } rows[] = {
        {"2015-04-27T13", RF_GRAIN_DAY}, {"2015-04-27", RF_GRAIN_MONTH},
        {"2015-04", RF_GRAIN_YEAR},      {"2015", RF_GRAIN_NONE},
        {"1965-04-27T13", RF_GRAIN_DAY}, {"1965-04-27", RF_GRAIN_MONTH},
        {"1965-04", RF_GRAIN_YEAR},      {"1965", RF_GRAIN_NONE},
    };
    static const char *const says[] = {"", "whole year", "whole month", "whole day", ""};
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        const char *text = rows[i / 2].text;
        struct rf_selection selection;
        struct rf_err err = {0};
        cr_assert_eq(rf_selection_parse(i % 2 ? text : NULL, i % 2 ? NULL : text, &selection, &err),
                     RF_OK);
        for (enum rf_grain grain = RF_GRAIN_YEAR; grain <= RF_GRAIN_HOUR; grain++) {
            bool refused = grain <= rows[i / 2].finest_refused;
            rf_code code = rf_selection_check_grain(&selection, grain, "x", &err);
            cr_expect_eq(code, refused ? RF_ERR_USAGE : RF_OK, "%s, %d", text, (int)grain);
            if (refused) {
                cr_expect_not_null(strstr(err.text, says[grain]), "%s", err.text);
                cr_expect_not_null(strstr(err.text, text), "%s", err.text);
            }
        }
    }
}

Test(select, knows_which_folders_a_t_cuts)
{
    struct rf_selection selection;
    struct rf_err err;
    cr_assert_eq(rf_selection_parse("2015-04-27T13", "2016-02-01", &selection, &err), RF_OK);
    cr_expect(rf_selection_cuts(&selection, (struct rf_hour){hours(2015, 4, 27, 0), RF_GRAIN_DAY}));
    cr_expect(
        rf_selection_cuts(&selection, (struct rf_hour){hours(2015, 4, 1, 0), RF_GRAIN_MONTH}));
    cr_expect(rf_selection_cuts(&selection, (struct rf_hour){hours(2016, 1, 1, 0), RF_GRAIN_YEAR}));
    cr_expect_not(
        rf_selection_cuts(&selection, (struct rf_hour){hours(2015, 4, 26, 0), RF_GRAIN_DAY}));
    cr_expect_not(
        rf_selection_cuts(&selection, (struct rf_hour){hours(2016, 2, 1, 0), RF_GRAIN_MONTH}));
    cr_expect_not(
        rf_selection_cuts(&selection, (struct rf_hour){hours(2015, 4, 27, 13), RF_GRAIN_HOUR}));
    cr_assert_eq(rf_selection_parse("1965-04-27T13", NULL, &selection, &err), RF_OK);
    cr_expect(rf_selection_cuts(&selection, (struct rf_hour){hours(1965, 4, 27, 0), RF_GRAIN_DAY}));
    cr_expect(rf_selection_cuts(&selection, (struct rf_hour){hours(1965, 1, 1, 0), RF_GRAIN_YEAR}));
    cr_expect_not(
        rf_selection_cuts(&selection, (struct rf_hour){hours(1965, 4, 28, 0), RF_GRAIN_DAY}));
}
