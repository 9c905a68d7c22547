/* SPDX-License-Identifier: MIT */
/* Which hour a layout finds in a key: a backtracking matcher with a budget. */
#include <stdint.h>
#include <string.h>

#include "base/time.h"
#include "walk/layout.h"
#include "walk/layout_tokens.h"

/* Tokens and bytes that one key may cost. A real key takes some hundred; with several
 * !{partitionKey…} a hostile one would take any time. */
#define MATCH_STEPS 65536

#define RANDOM_STRING_BYTES 11

/* What the fields read so far; -1 is not read. Small: copied wherever the matcher may come back. */
struct reading {
    int values[RF_LAYOUT_COUNT_];
};

struct match {
    const struct rf_layout *layout;
    const char *key;
    size_t bytes;  /* of the key */
    size_t folder; /* bytes up to and with the last slash */
    size_t limit;  /* how far the layout may reach */
    size_t steps;  /* left of the budget */
    struct rf_hour found;
};

static bool match_from(struct match *match, size_t token, size_t at, struct reading reading);

static bool
match_pay(struct match *match)
{
    if (match->steps == 0) {
        return false;
    }
    match->steps--;
    return true;
}

/** Several expressions in one prefix tell one instant, so a field that comes twice must agree. */
static bool
reading_set(struct reading *reading, enum rf_layout_field field, int value)
{
    if (reading->values[field] >= 0 && reading->values[field] != value) {
        return false;
    }
    reading->values[field] = value;
    return true;
}

/** The year, or -1 where yyyy and yy contradict each other. */
static int
reading_year(const struct reading *reading)
{
    int year = reading->values[RF_LAYOUT_YEAR];
    int of_century = reading->values[RF_LAYOUT_YEAR_OF_CENTURY];
    if (of_century < 0) {
        return year;
    }
    if (year < 0) {
        return 2000 + of_century;
    }
    return year % 100 == of_century ? year : -1;
}

/** The day since 1970-01-01; false where there is no such day, or fields contradict each other. */
static bool
reading_day(const struct reading *reading, int64_t *ret)
{
    int year = reading_year(reading);
    int month = reading->values[RF_LAYOUT_MONTH];
    int day = reading->values[RF_LAYOUT_DAY];
    int of_year = reading->values[RF_LAYOUT_DAY_OF_YEAR];
    if (year < 1) {
        return false;
    }
    if (of_year < 0) {
        month = month < 0 ? 1 : month;
        day = day < 0 ? 1 : day;
        if (!rf_date_valid(year, month, day)) {
            return false;
        }
        *ret = rf_days_from_date(year, month, day);
        return true;
    }
    int64_t real_year;
    int real_month;
    int real_day;
    *ret = rf_days_from_date(year, 1, 1) + of_year - 1;
    rf_date_from_days(*ret, &real_year, &real_month, &real_day);
    return real_year == year && (month < 0 || month == real_month) && (day < 0 || day == real_day);
}

/** Whether the rest of the key may follow: anything behind a slash. Behind a layout without one
 * either the slash that its author left out, or the name that Firehose glued to it. */
static bool
rest_fits(const struct match *match, size_t at)
{
    if (match->key[at - 1] == '/') {
        return true;
    }
    return at < match->folder ? match->key[at] == '/'
                              : rf_key_name(match->key + at, match->bytes - at).firehose;
}

/** At the layout's end: whether what was read is a time, and what follows may follow. */
static bool
match_ends(struct match *match, size_t at, const struct reading *reading)
{
    int hour = reading->values[RF_LAYOUT_HOUR];
    int64_t day;
    if (hour > 23 || reading->values[RF_LAYOUT_MINUTE] > 59 ||
        reading->values[RF_LAYOUT_SECOND] > 59 || !reading_day(reading, &day) ||
        !rest_fits(match, at)) {
        return false;
    }
    match->found.hour = day * 24 + (hour < 0 ? 0 : hour);
    match->found.grain = match->layout->grain;
    return true;
}

/** A field may have fewer digits than it could: the longest is tried first. */
static bool
match_field(struct match *match, size_t token, size_t at, struct reading reading)
{
    const struct rf_layout_token *field = &match->layout->tokens[token];
    int values[5] = {0}; /* values[n] is that of n digits; no field has more than four */
    size_t digits = 0;
    while (digits < field->max_digits && at + digits < match->limit &&
           match->key[at + digits] >= '0' && match->key[at + digits] <= '9') {
        values[digits + 1] = values[digits] * 10 + (match->key[at + digits] - '0');
        digits++;
    }
    for (; digits >= field->min_digits; digits--) {
        struct reading longer = reading;
        if (reading_set(&longer, field->field, values[digits]) &&
            match_from(match, token + 1, at + digits, longer)) {
            return true;
        }
    }
    return false;
}

static bool
match_partition(struct match *match, size_t token, size_t at, struct reading reading)
{
    for (; at < match->limit && match->key[at] != '/'; at++) {
        if (!match_pay(match)) {
            return false;
        }
        if (match_from(match, token + 1, at + 1, reading)) {
            return true;
        }
    }
    return false;
}

static bool
match_error_type(struct match *match, size_t token, size_t at, struct reading reading)
{
    for (size_t i = 0; i < RF_KEY_ERROR_TYPES; i++) {
        size_t bytes = strlen(rf_key_error_types[i]);
        if (match->limit - at >= bytes &&
            memcmp(match->key + at, rf_key_error_types[i], bytes) == 0 &&
            match_from(match, token + 1, at + bytes, reading)) {
            return true;
        }
    }
    return false;
}

static bool
random_matches(const struct match *match, size_t at)
{
    if (match->limit - at < RANDOM_STRING_BYTES) {
        return false;
    }
    for (size_t i = at; i < at + RANDOM_STRING_BYTES; i++) {
        char byte = match->key[i];
        bool fits = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                    (byte >= 'A' && byte <= 'Z') || byte == '-';
        if (!fits) {
            return false;
        }
    }
    return true;
}

/** Whether the tokens from `token` on fit at `at`. Recursion is as deep as there are tokens that
 * leave a choice: RF_LAYOUT_BYTES at most. */
static bool
match_from(struct match *match, size_t token, size_t at, struct reading reading)
{
    const struct rf_layout *layout = match->layout;
    for (; token < layout->count; token++) {
        if (!match_pay(match)) {
            return false;
        }
        switch (layout->tokens[token].kind) {
        case RF_TOKEN_LITERAL:
            if (at >= match->limit || match->key[at] != layout->tokens[token].literal) {
                return false;
            }
            at++;
            break;
        case RF_TOKEN_RANDOM:
            if (!random_matches(match, at)) {
                return false;
            }
            at += RANDOM_STRING_BYTES;
            break;
        case RF_TOKEN_FIELD:
            return match_field(match, token, at, reading);
        case RF_TOKEN_PARTITION:
            return match_partition(match, token, at, reading);
        case RF_TOKEN_ERROR_TYPE:
            return match_error_type(match, token, at, reading);
        }
    }
    return match_ends(match, at, &reading);
}

/** Whether the layout may begin at `at`, which is no segment's start. A number whose length is
 * open would begin at its last digit there. */
static bool
glue_allowed(const struct match *match, size_t at)
{
    const struct rf_layout_token *first = &match->layout->tokens[0];
    bool open = first->kind == RF_TOKEN_FIELD && first->min_digits < first->max_digits;
    return !open || match->key[at - 1] < '0' || match->key[at - 1] > '9';
}

struct rf_hour
rf_layout_hour(const struct rf_layout *layout, const char *key, size_t bytes)
{
    struct match match = {.layout = layout, .key = key, .bytes = bytes, .steps = MATCH_STEPS};
    struct reading nothing;
    for (size_t i = 0; i < RF_LAYOUT_COUNT_; i++) {
        nothing.values[i] = -1;
    }
    match.folder = bytes;
    while (match.folder > 0 && key[match.folder - 1] != '/') {
        match.folder--;
    }
    match.limit = rf_layout_ends_in_slash(layout) ? match.folder : bytes;
    for (int glued = 0; glued <= 1; glued++) {
        for (size_t at = match.folder; at-- > 0;) {
            bool starts = at == 0 || key[at - 1] == '/';
            if (starts == (glued == 0) && (starts || glue_allowed(&match, at)) &&
                match_from(&match, 0, at, nothing)) {
                return match.found;
            }
        }
    }
    return (struct rf_hour){0, RF_GRAIN_NONE};
}
