/* SPDX-License-Identifier: MIT */
/* Instants: reading and writing them without the C library's time zone. */
#include "base/time.h"

#include <string.h>

#include "base/decimal.h"
#include "base/error.h"

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

/* Larger than any number of two digits, and than any that is made of such: fails every check. */
#define NO_DIGITS 100000

/* 0000-00-00T00:00:00, up to where the length is fixed. */
#define FIXED_BYTES 19

static inline int
two_digits(const char *at)
{
    unsigned tens = (unsigned)at[0] - '0';
    unsigned ones = (unsigned)at[1] - '0';
    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : NO_DIGITS;
}

/* yyyy-mm-dd */
static inline bool
read_date(const char *at, int64_t *ret_days)
{
    int century = two_digits(at);
    int year = two_digits(at + 2);
    int month = two_digits(at + 5);
    int day = two_digits(at + 8);
    if (century > 99 || year > 99 || at[4] != '-' || at[7] != '-' ||
        !rf_date_valid(century * 100 + year, month, day)) {
        return false;
    }
    *ret_days = rf_days_from_date(century * 100 + year, month, day);
    return true;
}

/* hh:mm:ss; the second may be 60. */
static inline bool
read_clock(const char *at, int *ret_minutes, int *ret_second)
{
    int hour = two_digits(at);
    int minute = two_digits(at + 3);
    int second = two_digits(at + 6);
    *ret_minutes = hour * 60 + minute;
    *ret_second = second;
    return hour <= 23 && minute <= 59 && second <= 60 && at[2] == ':' && at[5] == ':';
}

/* The fraction of a second, if there is one; returns the position behind it, or NULL. */
static inline const char *
read_fraction(const char *at, const char *end, int32_t *ret_nanos)
{
    *ret_nanos = 0;
    if (at == end || *at != '.') {
        return at;
    }
    int32_t unit = NANOS_PER_SEC;
    for (at++; at < end && *at >= '0' && *at <= '9'; at++) {
        if (unit == 1) {
            return NULL; /* a tenth digit */
        }
        unit /= 10;
        *ret_nanos += (*at - '0') * unit;
    }
    return unit == NANOS_PER_SEC ? NULL : at;
}

/* All that is left: Z, or hours and minutes ahead of UTC (`wide`: without a colon, or hours only).
 */
static inline bool
read_offset(const char *at, const char *end, bool wide, int *ret_minutes)
{
    *ret_minutes = 0;
    if (end - at == 1) {
        return *at == 'Z' || *at == 'z';
    }
    bool has_colon = end - at == 6 && at[3] == ':';
    if ((!has_colon && !(wide && (end - at == 5 || end - at == 3))) || (*at != '+' && *at != '-')) {
        return false;
    }
    int hours = two_digits(at + 1);
    int minutes = end - at == 3 ? 0 : two_digits(end - 2);
    *ret_minutes = (hours * 60 + minutes) * (*at == '-' ? -1 : 1);
    return hours <= 23 && minutes <= 59;
}

static bool
parse_any(const char *text, size_t bytes, bool wide, struct rf_time *ret)
{
    int64_t days;
    int minutes;
    int second;
    int32_t nanos;
    int offset_minutes;
    if (bytes < FIXED_BYTES || !read_date(text, &days) ||
        (text[10] != 'T' && text[10] != 't' && !(wide && text[10] == ' ')) ||
        !read_clock(text + 11, &minutes, &second)) {
        return false;
    }
    const char *end = text + bytes;
    const char *at = read_fraction(text + FIXED_BYTES, end, &nanos);
    if (at == NULL || !read_offset(at, end, wide, &offset_minutes)) {
        return false;
    }
    struct rf_time instant = {
        .seconds = (days * 1440 + minutes - offset_minutes) * 60 + second,
        .nanos = nanos,
    };
    /* A leap second is the last one of a day in UTC: its successor is the first of the next. */
    if (!rf_time_valid(instant) || (second == 60 && instant.seconds % SECONDS_PER_DAY != 0)) {
        return false;
    }
    *ret = instant;
    return true;
}

/* ---- reading RFC 3339 as most write it ----
 *
 * yyyy-mm-ddThh:mm:ss[.fraction]Z, eight digits at a time. What is anything else, or wrong, or a
 * leap second, is left to parse_any. */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t
word_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof(word));
    return word;
}

/* Turned over with '0' digits are 0 to 9, and what is to be between them is 0; these margins carry
 * each byte that is more into its high bit. */
#define DIGIT "\x76"
#define OTHER "\x7f"

static inline uint64_t
beyond(uint64_t turned, uint64_t margins)
{
    return ((turned + margins) | turned) & UINT64_C(0x8080808080808080);
}

/* Each byte and the next one as a number of two digits. */
static inline uint64_t
pairs(uint64_t digits)
{
    return digits * 10 + (digits >> 8);
}

static inline int
byte_of(uint64_t word, int number)
{
    return (int)(word >> (8 * number) & 0xff);
}

/* Eight digits as a number: pairs, then fours, then all. */
static inline uint32_t
eight_digits(uint64_t digits)
{
    const uint64_t mask = UINT64_C(0x000000ff000000ff);
    uint64_t twos = pairs(digits);
    return (uint32_t)(((twos & mask) * (100 + (UINT64_C(1000000) << 32)) +
                       (twos >> 16 & mask) * (1 + (UINT64_C(10000) << 32))) >>
                      32);
}

/* The day that was read last: most times are of the same one as the time before. */
static _Thread_local struct {
    uint64_t date;
    uint64_t day;
    int64_t seconds;              /* its first one */
} last_day = {.day = UINT64_MAX}; /* none */

/* yyyy-mm-ddT; years from 1 on. */
static __attribute__((noinline)) bool
read_usual_date(uint64_t date, uint64_t day)
{
    if ((beyond(date, word_at(DIGIT DIGIT DIGIT DIGIT OTHER DIGIT DIGIT OTHER)) |
         beyond(day, word_at(DIGIT DIGIT OTHER OTHER OTHER OTHER OTHER OTHER))) != 0) {
        return false;
    }
    uint64_t numbers = pairs(date);
    int year = byte_of(numbers, 0) * 100 + byte_of(numbers, 2);
    int month = byte_of(numbers, 5);
    int of_month = byte_of(pairs(day), 0);
    if (year == 0 || !rf_date_valid(year, month, of_month)) {
        return false;
    }
    last_day.date = date;
    last_day.day = day;
    last_day.seconds = rf_days_from_date(year, month, of_month) * SECONDS_PER_DAY;
    return true;
}

static inline bool
read_usual_day(const char *text, int64_t *ret_seconds)
{
    uint32_t half;
    memcpy(&half, text + 8, sizeof(half));
    uint64_t date = word_at(text) ^ word_at("0000-00-");
    uint64_t day = (half & 0xffffff) ^ word_at("00T\0\0\0\0");
    if ((date != last_day.date || day != last_day.day) && !read_usual_date(date, day)) {
        return false;
    }
    *ret_seconds = last_day.seconds;
    return true;
}

/* hh:mm:ss */
static inline bool
read_usual_clock(const char *text, int *ret_seconds)
{
    uint64_t clock = word_at(text) ^ word_at("00:00:00");
    uint64_t numbers = pairs(clock);
    int hour = byte_of(numbers, 0);
    int minute = byte_of(numbers, 3);
    int second = byte_of(numbers, 6);
    *ret_seconds = (hour * 60 + minute) * 60 + second;
    return beyond(clock, word_at(DIGIT DIGIT OTHER DIGIT DIGIT OTHER DIGIT DIGIT)) == 0 &&
           hour <= 23 && minute <= 59 && second <= 59;
}

/* A fraction of one to nine digits and the point in front, which begin at FIXED_BYTES and end one
 * byte in front of the text's end. */
static inline bool
read_usual_fraction(const char *text, size_t bytes, int32_t *ret_nanos)
{
    size_t count = bytes - FIXED_BYTES - 2;
    if (count - 1 > 8 || text[FIXED_BYTES] != '.') {
        return false;
    }
    /* The last eight; where there are less, what stands in front is shifted out, and zeros in. */
    uint64_t digits = word_at(text + bytes - 9) ^ word_at("00000000");
    unsigned tenths = 0; /* the first of nine */
    if (count == 9) {
        tenths = (unsigned)(text[FIXED_BYTES + 1] - '0');
    } else {
        digits >>= 8 * (8 - count);
    }
    uint32_t number = eight_digits(digits);
    *ret_nanos = (int32_t)(count == 9 ? tenths * 100000000 + number : number * 10);
    return beyond(digits, word_at(DIGIT DIGIT DIGIT DIGIT DIGIT DIGIT DIGIT DIGIT)) == 0 &&
           tenths <= 9;
}

static inline bool
parse_usual(const char *text, size_t bytes, struct rf_time *ret)
{
    int64_t day;
    int seconds;
    int32_t nanos = 0;
    if (bytes <= FIXED_BYTES || text[bytes - 1] != 'Z' || !read_usual_day(text, &day) ||
        !read_usual_clock(text + 11, &seconds) ||
        (bytes > FIXED_BYTES + 1 && !read_usual_fraction(text, bytes, &nanos))) {
        return false;
    }
    *ret = (struct rf_time){.seconds = day + seconds, .nanos = nanos};
    return true;
}
#else
static inline bool
parse_usual(const char *text, size_t bytes, struct rf_time *ret)
{
    (void)text, (void)bytes, (void)ret;
    return false;
}
#endif

bool
rf_time_parse(const char *text, size_t bytes, struct rf_time *ret)
{
    return parse_usual(text, bytes, ret) || parse_any(text, bytes, false, ret);
}

static bool
is_of_tag(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("_.+-/=", byte) != NULL);
}

/** Without what RFC 9557 lets stand behind: `[Europe/Berlin]`, `[u-ca=iso8601]`. The offset in
 * front tells all; a tag that must not be passed over begins with `!`, and is none here. */
static size_t
without_tags(const char *text, size_t bytes)
{
    while (bytes > FIXED_BYTES && text[bytes - 1] == ']') {
        size_t at = bytes - 1;
        while (at > FIXED_BYTES && is_of_tag(text[at - 1])) {
            at--;
        }
        if (at == FIXED_BYTES || text[at - 1] != '[' || at == bytes - 1) {
            return bytes;
        }
        bytes = at - 1;
    }
    return bytes;
}

bool
rf_time_parse_wide(const char *text, size_t bytes, struct rf_time *ret)
{
    bytes = without_tags(text, bytes);
    return parse_usual(text, bytes, ret) || parse_any(text, bytes, true, ret);
}

/* ---- reading numbers ---- */

/* The digit at a place behind the point (0 is the first), or before it (negative). */
static int
digit_at(const struct rf_decimal *decimal, int64_t place)
{
    int64_t index = decimal->exponent + place;
    return index >= 0 && index < (int64_t)decimal->count ? decimal->digits[index] - '0' : 0;
}

/** A number of seconds. */
static bool
read_seconds(const struct rf_decimal *decimal, struct rf_time *ret)
{
    struct rf_time at = {0, 0};
    if (decimal->count > 0 && decimal->exponent > 12) {
        return false;
    }
    for (int64_t place = -12; place < 0; place++) {
        at.seconds = at.seconds * 10 + digit_at(decimal, place);
    }
    for (int64_t place = 0; place < 9; place++) {
        at.nanos = at.nanos * 10 + digit_at(decimal, place);
    }
    if (decimal->negative) {
        at.seconds = at.nanos > 0 ? -at.seconds - 1 : -at.seconds;
        at.nanos = at.nanos > 0 ? NANOS_PER_SEC - at.nanos : 0;
    }
    if (!rf_time_valid(at)) {
        return false;
    }
    *ret = at;
    return true;
}

/** @finer  so many units below milliseconds are tried, each a thousandth, of what is too large */
static bool
parse_number(const char *token, size_t bytes, int finer, struct rf_time *ret)
{
    struct rf_decimal decimal;
    if (!rf_decimal_read(token, bytes, &decimal)) {
        return false;
    }
    /* With 0.d1d2… × 10^n and d1 not 0, n > 11 says exactly: at least 1e11. */
    if (decimal.count > 0 && decimal.exponent > 11) {
        decimal.exponent -= 3;
    }
    bool is = read_seconds(&decimal, ret);
    for (; finer > 0 && !is && !decimal.negative; finer--) {
        decimal.exponent -= 3;
        is = read_seconds(&decimal, ret);
    }
    return is;
}

bool
rf_time_from_number(const char *token, size_t bytes, struct rf_time *ret)
{
    return parse_number(token, bytes, 0, ret);
}

bool
rf_time_from_number_wide(const char *token, size_t bytes, struct rf_time *ret)
{
    return parse_number(token, bytes, 2, ret);
}

/* ---- writing ---- */

/** Two digits. */
static inline char *
put_pair(char *at, uint32_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    memcpy(at, pairs + (size_t)value * 2, 2);
    return at + 2;
}

/** Most clocks tell microseconds: what is finer is printed where it is. */
static inline char *
put_fraction(char *at, uint32_t nanos)
{
    uint32_t micros = nanos / 1000;
    uint32_t finer = nanos % 1000;
    *at++ = '.';
    at = put_pair(at, micros / 10000);
    at = put_pair(at, micros / 100 % 100);
    at = put_pair(at, micros % 100);
    if (finer != 0) {
        *at++ = (char)('0' + finer / 100);
        at = put_pair(at, finer % 100);
    }
    while (at[-1] == '0') {
        at--;
    }
    return at;
}

/** What stands behind the T. */
static inline char *
put_time_of_day(char *at, uint32_t second, uint32_t nanos)
{
    at = put_pair(at, second / 3600);
    *at++ = ':';
    at = put_pair(at, second / 60 % 60);
    *at++ = ':';
    at = put_pair(at, second % 60);
    if (nanos != 0) {
        at = put_fraction(at, nanos);
    }
    *at++ = 'Z';
    return at;
}

size_t
rf_time_print(struct rf_time at, char text[RF_TIME_TEXT_BYTES])
{
    RF_VERIFY(rf_time_valid(at));
    /* From the first second on, so that the division is one of positive numbers. */
    int64_t days = (at.seconds - FIRST_SECOND) / SECONDS_PER_DAY;
    uint32_t second = (uint32_t)((at.seconds - FIRST_SECOND) % SECONDS_PER_DAY);
    int64_t year;
    int month;
    int day;
    rf_date_from_days(days + FIRST_SECOND / SECONDS_PER_DAY, &year, &month, &day);

    char *end = put_pair(text, (uint32_t)year / 100);
    end = put_pair(end, (uint32_t)year % 100);
    *end++ = '-';
    end = put_pair(end, (uint32_t)month);
    *end++ = '-';
    end = put_pair(end, (uint32_t)day);
    *end++ = 'T';
    end = put_time_of_day(end, second, (uint32_t)at.nanos);
    *end = '\0';
    return (size_t)(end - text);
}

size_t
rf_time_print_string(struct rf_time_printer *printer, struct rf_time at)
{
    if (!rf_time_valid(at)) {
        return 0;
    }
    int64_t second = at.seconds - printer->day;
    if (!printer->is || second < 0 || second >= SECONDS_PER_DAY) {
        second = (at.seconds - FIRST_SECOND) % SECONDS_PER_DAY;
        printer->is = true;
        printer->day = at.seconds - second;
        printer->text[0] = '"';
        (void)rf_time_print((struct rf_time){.seconds = printer->day}, printer->text + 1);
    }
    char *end = printer->text + sizeof("\"2015-04-27T") - 1;
    end = put_time_of_day(end, (uint32_t)second, (uint32_t)at.nanos);
    *end++ = '"';
    return (size_t)(end - printer->text);
}
