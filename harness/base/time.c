/* SPDX-License-Identifier: MIT */
/* Instants: reading and writing them without the C library's time zone. */
#include "base/time.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

#define SECONDS_PER_DAY 86400
#define NANOS_PER_SEC   1000000000
/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
#define FIRST_SECOND INT64_C(-62135596800)
#define LAST_SECOND  INT64_C(253402300799)

/* ---- the calendar ---- */

/* A year that begins on 1 March has its leap day at its end, which makes months regular; 400 years
 * are one era of 146,097 days. After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */

int64_t
rf_days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void
rf_date_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (int)((5 * day_of_year + 2) / 153);
    *ret_day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *ret_month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

bool
rf_date_valid(int64_t year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (month == 2 && leap);
}

bool
rf_time_valid(struct rf_time at)
{
    return at.seconds >= FIRST_SECOND && at.seconds <= LAST_SECOND && at.nanos >= 0 &&
           at.nanos < NANOS_PER_SEC;
}

/* ---- reading RFC 3339 ---- */

/* Text that is being read; the functions below move past what they read, or return false. */
struct cursor {
    const char *at;
    const char *end;
};

static bool
read_digits(struct cursor *cursor, int count, int *ret)
{
    if (cursor->end - cursor->at < count) {
        return false;
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
        char digit = *cursor->at++;
        if (digit < '0' || digit > '9') {
            return false;
        }
        value = value * 10 + (digit - '0');
    }
    *ret = value;
    return true;
}

/* One byte out of `choices`. */
static bool
read_mark(struct cursor *cursor, const char *choices, char *ret)
{
    if (cursor->at == cursor->end || *cursor->at == '\0' || strchr(choices, *cursor->at) == NULL) {
        return false;
    }
    *ret = *cursor->at++;
    return true;
}

static bool
read_date(struct cursor *cursor, int64_t *ret_days)
{
    char mark;
    int year;
    int month;
    int day;
    if (!read_digits(cursor, 4, &year) || !read_mark(cursor, "-", &mark) ||
        !read_digits(cursor, 2, &month) || !read_mark(cursor, "-", &mark) ||
        !read_digits(cursor, 2, &day) || !rf_date_valid(year, month, day)) {
        return false;
    }
    *ret_days = rf_days_from_date(year, month, day);
    return true;
}

/* hh:mm:ss; the second may be 60. */
static bool
read_clock(struct cursor *cursor, int *ret_hour, int *ret_minute, int *ret_second)
{
    char mark;
    return read_digits(cursor, 2, ret_hour) && read_mark(cursor, ":", &mark) &&
           read_digits(cursor, 2, ret_minute) && read_mark(cursor, ":", &mark) &&
           read_digits(cursor, 2, ret_second) && *ret_hour <= 23 && *ret_minute <= 59 &&
           *ret_second <= 60;
}

/* The fraction of a second, if there is one. */
static bool
read_fraction(struct cursor *cursor, int32_t *ret_nanos)
{
    char mark;
    int32_t nanos = 0;
    int32_t unit = NANOS_PER_SEC;
    if (read_mark(cursor, ".", &mark)) {
        while (read_mark(cursor, "0123456789", &mark)) {
            if (unit == 1) {
                return false; /* a tenth digit */
            }
            unit /= 10;
            nanos += (mark - '0') * unit;
        }
        if (unit == NANOS_PER_SEC) {
            return false;
        }
    }
    *ret_nanos = nanos;
    return true;
}

/* Z, or hours and minutes ahead of UTC. */
static bool
read_offset(struct cursor *cursor, int *ret_minutes)
{
    char mark;
    if (!read_mark(cursor, "Zz+-", &mark)) {
        return false;
    }
    *ret_minutes = 0;
    if (mark == '+' || mark == '-') {
        char colon;
        int hours;
        int minutes;
        if (!read_digits(cursor, 2, &hours) || !read_mark(cursor, ":", &colon) ||
            !read_digits(cursor, 2, &minutes) || hours > 23 || minutes > 59) {
            return false;
        }
        *ret_minutes = (hours * 60 + minutes) * (mark == '-' ? -1 : 1);
    }
    return true;
}

bool
rf_time_parse(const char *text, size_t bytes, struct rf_time *ret)
{
    struct cursor cursor = {text, text + bytes};
    int64_t days;
    char mark;
    int hour;
    int minute;
    int second;
    int32_t nanos;
    int offset_minutes;
    if (!read_date(&cursor, &days) || !read_mark(&cursor, "Tt", &mark) ||
        !read_clock(&cursor, &hour, &minute, &second) || !read_fraction(&cursor, &nanos) ||
        !read_offset(&cursor, &offset_minutes) || cursor.at != cursor.end) {
        return false;
    }
    int64_t minutes = days * 1440 + hour * 60 + minute - offset_minutes;
    struct rf_time at = {.seconds = minutes * 60 + second, .nanos = nanos};
    /* A leap second is the last one of a day in UTC: its successor is the first of the next. */
    if (!rf_time_valid(at) || (second == 60 && at.seconds % SECONDS_PER_DAY != 0)) {
        return false;
    }
    *ret = at;
    return true;
}

/* ---- reading numbers ---- */

/* The digit at a place behind the point (0 is the first), or before it (negative). */
static int
digit_at(const struct rf_decimal *decimal, int64_t place)
{
    int64_t index = decimal->exponent + place;
    return index >= 0 && index < (int64_t)decimal->count ? decimal->digits[index] - '0' : 0;
}

bool
rf_time_from_number(const char *token, size_t bytes, struct rf_time *ret)
{
    struct rf_decimal decimal;
    if (!rf_decimal_read(token, bytes, &decimal)) {
        return false;
    }
    /* With 0.d1d2… × 10^n and d1 not 0, n > 11 says exactly: at least 1e11. */
    if (decimal.count > 0 && decimal.exponent > 11) {
        decimal.exponent -= 3;
    }
    if (decimal.count > 0 && decimal.exponent > 12) {
        return false;
    }
    struct rf_time at = {0, 0};
    for (int64_t place = -12; place < 0; place++) {
        at.seconds = at.seconds * 10 + digit_at(&decimal, place);
    }
    for (int64_t place = 0; place < 9; place++) {
        at.nanos = at.nanos * 10 + digit_at(&decimal, place);
    }
    if (decimal.negative) {
        at.seconds = at.nanos > 0 ? -at.seconds - 1 : -at.seconds;
        at.nanos = at.nanos > 0 ? NANOS_PER_SEC - at.nanos : 0;
    }
    if (!rf_time_valid(at)) {
        return false;
    }
    *ret = at;
    return true;
}

/* ---- writing and comparing ---- */

static char *
put_digits(char *at, int64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

static char *
put_fraction(char *at, int32_t nanos)
{
    int digits = 9;
    while (nanos % 10 == 0) {
        nanos /= 10;
        digits--;
    }
    *at++ = '.';
    return put_digits(at, nanos, digits);
}

size_t
rf_time_print(struct rf_time at, char text[RF_TIME_TEXT_BYTES])
{
    RF_VERIFY(rf_time_valid(at));
    /* From the first second on, so that the division is one of positive numbers. */
    int64_t days = (at.seconds - FIRST_SECOND) / SECONDS_PER_DAY;
    int64_t second = (at.seconds - FIRST_SECOND) % SECONDS_PER_DAY;
    int64_t year;
    int month;
    int day;
    rf_date_from_days(days + FIRST_SECOND / SECONDS_PER_DAY, &year, &month, &day);

    char *end = put_digits(text, year, 4);
    *end++ = '-';
    end = put_digits(end, month, 2);
    *end++ = '-';
    end = put_digits(end, day, 2);
    *end++ = 'T';
    end = put_digits(end, second / 3600, 2);
    *end++ = ':';
    end = put_digits(end, second / 60 % 60, 2);
    *end++ = ':';
    end = put_digits(end, second % 60, 2);
    if (at.nanos != 0) {
        end = put_fraction(end, at.nanos);
    }
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - text);
}

int
rf_time_compare(struct rf_time a, struct rf_time b)
{
    if (a.seconds != b.seconds) {
        return a.seconds < b.seconds ? -1 : 1;
    }
    return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}
