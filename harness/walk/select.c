/* SPDX-License-Identifier: MIT */
/* --since and --until: reading T, and comparing it with folders. */
#include "walk/select.h"

#include <string.h>

#include "base/time.h"

#define HOURS_PER_DAY    24
#define SECONDS_PER_HOUR 3600

/** Reads `count` digits at *at and steps over them. */
static bool
take_number(const char **at, size_t count, int *ret)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        char byte = (*at)[i];
        if (byte < '0' || byte > '9') {
            return false;
        }
        value = value * 10 + (byte - '0');
    }
    *at += count;
    *ret = value;
    return true;
}

/** Whether the text ends here; with slashes it may end in one, as a copied folder name does. */
static bool
at_end(const char *at, char separator)
{
    return at[0] == '\0' || (separator == '/' && at[0] == '/' && at[1] == '\0');
}

/** Reads all forms but RFC 3339. */
static bool
parse_short(const char *text, int64_t *ret)
{
    int year;
    int month_day_hour[3] = {1, 1, 0};
    const char *at = text;
    if (!take_number(&at, 4, &year)) {
        return false;
    }
    char separator = *at == '/' ? '/' : '-';
    for (int i = 0; i < 3 && !at_end(at, separator); i++) {
        bool behind_day = i == 2 && separator == '-';
        if (*at != separator && !(behind_day && *at == 'T')) {
            return false;
        }
        at++;
        if (!take_number(&at, 2, &month_day_hour[i])) {
            return false;
        }
    }
    if (!at_end(at, separator) || year < 1 || month_day_hour[2] > 23 ||
        !rf_date_valid(year, month_day_hour[0], month_day_hour[1])) {
        return false;
    }
    int64_t days = rf_days_from_date(year, month_day_hour[0], month_day_hour[1]);
    *ret = days * HOURS_PER_DAY + month_day_hour[2];
    return true;
}

rf_code
rf_select_hour(const char *option, const char *text, int64_t *ret, struct rf_err *reterr)
{
    struct rf_time time;
    if (parse_short(text, ret)) {
        return RF_OK;
    }
    if (!rf_time_parse(text, strlen(text), &time)) {
        return rf_fail(reterr, RF_ERR_USAGE, option,
                       "'%s' is no time; write 2015-04-27, 2015-04-27T13, 2015/04/27/13 or "
                       "2015-04-27T13:00:00Z",
                       text);
    }
    if (time.nanos != 0 || time.seconds % SECONDS_PER_HOUR != 0) {
        return rf_fail(reterr, RF_ERR_USAGE, option,
                       "'%s' is off the layout's grain: no folder is finer than an hour", text);
    }
    *ret = time.seconds / SECONDS_PER_HOUR;
    return RF_OK;
}

rf_code
rf_selection_parse(const char *since, const char *until, struct rf_selection *ret,
                   struct rf_err *reterr)
{
    *ret = (struct rf_selection){INT64_MIN, INT64_MAX, since, until};
    if (since != NULL) {
        RF_TRY(rf_select_hour("--since", since, &ret->since, reterr));
    }
    if (until != NULL) {
        RF_TRY(rf_select_hour("--until", until, &ret->until, reterr));
    }
    if (ret->since >= ret->until) {
        return rf_fail(reterr, RF_ERR_USAGE, "--since",
                       "'%s' is not before --until '%s': nothing lies between them", since, until);
    }
    return RF_OK;
}

bool
rf_selection_given(const struct rf_selection *selection)
{
    return selection->since_text != NULL || selection->until_text != NULL;
}

int64_t
rf_hour_floor(int64_t hour, enum rf_grain grain)
{
    int64_t year;
    int month;
    int day;
    if (grain == RF_GRAIN_HOUR) {
        return hour;
    }
    int64_t days = hour / HOURS_PER_DAY - (hour % HOURS_PER_DAY < 0);
    if (grain == RF_GRAIN_DAY) {
        return days * HOURS_PER_DAY;
    }
    rf_date_from_days(days, &year, &month, &day);
    return rf_days_from_date(year, grain == RF_GRAIN_MONTH ? month : 1, 1) * HOURS_PER_DAY;
}

static rf_code
check_one(const char *option, const char *text, int64_t hour, enum rf_grain grain,
          const char *where, struct rf_err *reterr)
{
    static const char *const names[] = {
        [RF_GRAIN_NONE] = "no time", [RF_GRAIN_YEAR] = "year", [RF_GRAIN_MONTH] = "month",
        [RF_GRAIN_DAY] = "day",      [RF_GRAIN_HOUR] = "hour",
    };
    if (text == NULL || rf_hour_floor(hour, grain) == hour) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, where,
                   "%s '%s' is off the layout's grain: a folder here holds a whole %s", option,
                   text, names[grain]);
}

rf_code
rf_selection_check_grain(const struct rf_selection *selection, enum rf_grain grain,
                         const char *where, struct rf_err *reterr)
{
    RF_TRY(check_one("--since", selection->since_text, selection->since, grain, where, reterr));
    return check_one("--until", selection->until_text, selection->until, grain, where, reterr);
}

bool
rf_selection_cuts(const struct rf_selection *selection, struct rf_hour hour)
{
    bool since_cuts = selection->since_text != NULL && selection->since != hour.hour &&
                      rf_hour_floor(selection->since, hour.grain) == hour.hour;
    bool until_cuts = selection->until_text != NULL && selection->until != hour.hour &&
                      rf_hour_floor(selection->until, hour.grain) == hour.hour;
    return since_cuts || until_cuts;
}

bool
rf_selection_has(const struct rf_selection *selection, struct rf_hour hour)
{
    return selection->since <= hour.hour && hour.hour < selection->until;
}
