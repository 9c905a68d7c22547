/* SPDX-License-Identifier: MIT */
/* Instants: reading and writing them. No call here depends on the time zone or the locale. */
#ifndef RF_BASE_TIME_H
#define RF_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/order.h"

/** An instant: seconds since 1970-01-01T00:00:00Z (negative before), and nanoseconds 0..999999999
 * behind that second. Years 0001 to 9999. */
struct rf_time {
    int64_t seconds;
    int32_t nanos;
};

/** Whether an instant is one: nanoseconds in range, years 0001 to 9999. Whoever takes instants from
 * outside other than by the readers below (from a plugin) asks this before printing them. */
bool rf_time_valid(struct rf_time at);

/** Longest text rf_time_print writes, with NUL. */
#define RF_TIME_TEXT_BYTES 36

/** RFC 3339 with any offset and up to nine digits of fraction. A leap second (:60, only where it is
 * 23:59:60 in UTC) is the first second of the next minute. False where it is anything else, or
 * outside years 0001 to 9999 in UTC. */
bool rf_time_parse(const char *text, size_t bytes, struct rf_time *ret);

/** As rf_time_parse, and as event stores write what is the same instant beyond doubt: an offset
 * without its colon (+0200: Jackson, until its version 2.11) or its minutes (+02: PostgreSQL), a
 * blank in the place of the T, a zone's name behind the offset ([Europe/Berlin]: java.time). */
bool rf_time_parse_wide(const char *text, size_t bytes, struct rf_time *ret);

/** A JSON number token as an instant: below 1e11 (by magnitude) seconds, else milliseconds;
 * fractions are exact to the nanosecond and further digits are cut. False where it is no number or
 * outside years 0001 to 9999. */
bool rf_time_from_number(const char *token, size_t bytes, struct rf_time *ret);

/** As rf_time_from_number; what as milliseconds would be behind year 9999 is microseconds, else
 * nanoseconds. */
bool rf_time_from_number_wide(const char *token, size_t bytes, struct rf_time *ret);

/** RFC 3339 in UTC with Z and no trailing zeros in the fraction; returns the length. `at` must be
 * valid. */
size_t rf_time_print(struct rf_time at, char text[RF_TIME_TEXT_BYTES]);

/** Prints one instant after the other, and the date only where it is another one than before: a
 * history has few days, and each event a time. All zero is valid. */
struct rf_time_printer {
    int64_t day; /**< the second with which the date in `text` begins */
    bool is;     /**< there is one */
    char text[RF_TIME_TEXT_BYTES + 28];
};
/** As rf_time_print, in quotes, into printer->text, behind which 16 bytes can be read; returns the
 * length with the quotes, or 0 where `at` is not valid. */
size_t rf_time_print_string(struct rf_time_printer *printer, struct rf_time at);

static inline int
rf_time_compare(struct rf_time a, struct rf_time b)
{
    if (a.seconds != b.seconds) {
        return a.seconds < b.seconds ? -1 : 1;
    }
    return RF_ORDER(a.nanos, b.nanos);
}

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
int64_t rf_days_from_date(int64_t year, int month, int day);
/** False where there is no such day. */
bool rf_date_valid(int64_t year, int month, int day);
/** The date of a day since 1970-01-01. */
void rf_date_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

#endif
