/* SPDX-License-Identifier: MIT */
/* Firehose's own prefix syntax: a parser into tokens, and a backtracking matcher with a budget. */
#include "walk/layout.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"

/* Tokens and bytes that one key may cost. A real key takes some hundred; with several
 * !{partitionKey…} a hostile one would take any time. */
#define MATCH_STEPS 65536

#define RANDOM_STRING_BYTES 11

enum field {
    FIELD_YEAR,
    FIELD_YEAR_OF_CENTURY, /* yy: 2000 to 2099, as Java reads it */
    FIELD_MONTH,
    FIELD_DAY,
    FIELD_DAY_OF_YEAR,
    FIELD_HOUR,
    FIELD_MINUTE,
    FIELD_SECOND,
    FIELD_COUNT_
};

enum token_kind { TOKEN_LITERAL, TOKEN_FIELD, TOKEN_RANDOM, TOKEN_PARTITION, TOKEN_ERROR_TYPE };

struct token {
    enum token_kind kind;
    char literal;
    enum field field;
    size_t min_digits;
    size_t max_digits;
};

struct rf_layout {
    struct token *tokens;
    size_t count;
    size_t room;
    bool fields[FIELD_COUNT_]; /* which occur */
    bool timestamp;            /* has a timestamp expression */
    enum rf_grain grain;
};

/* --- parsing --------------------------------------------------------------------------------- */

/* A layout's text while it is read. `at` and `end` are offsets in it. */
struct layout_text {
    const char *bytes;
    size_t at;
    size_t end;
};

static rf_code
layout_fail(struct rf_err *reterr, size_t offset, const char *text)
{
    return rf_fail_at(reterr, RF_ERR_USAGE, "layout", offset, "%s (at byte %zu of the layout)",
                      text, offset);
}

static void
layout_add(struct rf_layout *layout, struct token token)
{
    RF_GROW(layout->tokens, layout->room, layout->count + 1);
    layout->tokens[layout->count++] = token;
}

static bool
layout_ends_in_slash(const struct rf_layout *layout)
{
    if (layout->count == 0) {
        return false;
    }
    const struct token *last = &layout->tokens[layout->count - 1];
    return last->kind == TOKEN_LITERAL && last->literal == '/';
}

static void
layout_add_literal(struct rf_layout *layout, char byte)
{
    /* No folder has an empty name: where S3 has "a//b", a copy has "a/b". */
    if (byte == '/' && (layout->count == 0 || layout_ends_in_slash(layout))) {
        return;
    }
    layout_add(layout, (struct token){.kind = TOKEN_LITERAL, .literal = byte});
}

/** What `count` times `letter` means; false where nothing that this matcher reads. */
static bool
field_from_letters(char letter, size_t count, struct token *ret)
{
    static const struct {
        char letter;
        enum field field;
        size_t counts; /* at most so many letters */
        size_t digits; /* of the longest value */
    } fields[] = {{'M', FIELD_MONTH, 2, 2},       {'d', FIELD_DAY, 2, 2},
                  {'D', FIELD_DAY_OF_YEAR, 3, 3}, {'H', FIELD_HOUR, 2, 2},
                  {'m', FIELD_MINUTE, 2, 2},      {'s', FIELD_SECOND, 2, 2}};
    *ret = (struct token){.kind = TOKEN_FIELD, .field = FIELD_YEAR};
    if (letter == 'y' || letter == 'u' || letter == 'Y') {
        ret->field = count == 2 ? FIELD_YEAR_OF_CENTURY : FIELD_YEAR;
        ret->min_digits = ret->max_digits = count == 2 ? 2 : 4;
        return count <= 4;
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].letter == letter) {
            ret->field = fields[i].field;
            ret->min_digits = count;
            ret->max_digits = fields[i].digits;
            return count <= fields[i].counts;
        }
    }
    return false;
}

/** Reads a quoted run; text->at is on its first quote. '' is a quote itself, in and outside. */
static rf_code
parse_quoted(struct rf_layout *layout, struct layout_text *text, struct rf_err *reterr)
{
    size_t start = text->at++;
    if (text->at < text->end && text->bytes[text->at] == '\'') {
        layout_add_literal(layout, '\'');
        text->at++;
        return RF_OK;
    }
    while (text->at < text->end) {
        char byte = text->bytes[text->at++];
        if (byte == '\'') {
            bool doubled = text->at < text->end && text->bytes[text->at] == '\'';
            if (!doubled) {
                return RF_OK;
            }
            text->at++;
        }
        layout_add_literal(layout, byte);
    }
    return layout_fail(reterr, start, "a quote that is not closed");
}

static rf_code
parse_letters(struct rf_layout *layout, struct layout_text *text, struct rf_err *reterr)
{
    size_t start = text->at;
    char letter = text->bytes[start];
    while (text->at < text->end && text->bytes[text->at] == letter) {
        text->at++;
    }
    struct token token;
    if (!field_from_letters(letter, text->at - start, &token)) {
        return layout_fail(reterr, start,
                           "a timestamp pattern may hold yyyy, MM, dd, DDD, HH, mm and ss; other "
                           "letters, and more of them, cannot be read back");
    }
    layout->fields[token.field] = true;
    layout_add(layout, token);
    return RF_OK;
}

/** Reads a Java DateTimeFormatter pattern, from text->at to text->end. */
static rf_code
parse_pattern(struct rf_layout *layout, struct layout_text *text, struct rf_err *reterr)
{
    if (text->at == text->end) {
        return layout_fail(reterr, text->at, "an empty timestamp pattern");
    }
    layout->timestamp = true;
    while (text->at < text->end) {
        char byte = text->bytes[text->at];
        if (byte == '\'') {
            RF_TRY(parse_quoted(layout, text, reterr));
        } else if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) {
            RF_TRY(parse_letters(layout, text, reterr));
        } else if (strchr("[]{#", byte) != NULL) {
            return layout_fail(reterr, text->at, "Java reserves [ ] { } and #; quote them");
        } else {
            layout_add_literal(layout, byte);
            text->at++;
        }
    }
    return RF_OK;
}

static bool
text_begins(const struct layout_text *text, const char *word)
{
    size_t bytes = strlen(word);
    return text->end - text->at >= bytes && memcmp(text->bytes + text->at, word, bytes) == 0;
}

/** Reads what stands between "!{" and "}". */
static rf_code
parse_expression(struct rf_layout *layout, struct layout_text *text, struct rf_err *reterr)
{
    static const char timestamp[] = "timestamp:";
    static const char firehose[] = "firehose:";
    static const char query[] = "partitionKeyFromQuery:";
    static const char lambda[] = "partitionKeyFromLambda:";
    struct token token = {.kind = TOKEN_PARTITION};
    if (text_begins(text, timestamp)) {
        text->at += strlen(timestamp);
        return parse_pattern(layout, text, reterr);
    }
    if (text_begins(text, query) || text_begins(text, lambda)) {
        size_t name = strlen(text_begins(text, query) ? query : lambda);
        if (text->end - text->at == name) {
            return layout_fail(reterr, text->at + name, "a partition key without a name");
        }
        layout_add(layout, token);
        return RF_OK;
    }
    if (text_begins(text, firehose)) {
        struct layout_text rest = {text->bytes, text->at + strlen(firehose), text->end};
        bool random = text_begins(&rest, "random-string") && rest.end - rest.at == 13;
        bool error = text_begins(&rest, "error-output-type") && rest.end - rest.at == 17;
        if (!random && !error) {
            return layout_fail(reterr, rest.at,
                               "firehose: knows random-string and error-output-type");
        }
        token.kind = random ? TOKEN_RANDOM : TOKEN_ERROR_TYPE;
        layout_add(layout, token);
        return RF_OK;
    }
    return layout_fail(reterr, text->at,
                       "an expression is !{timestamp:…}, !{firehose:…}, !{partitionKeyFromQuery:…} "
                       "or !{partitionKeyFromLambda:…}");
}

static rf_code
parse_prefix(struct rf_layout *layout, const char *prefix, size_t bytes, struct rf_err *reterr)
{
    size_t at = 0;
    while (at < bytes) {
        if (prefix[at] != '!' || at + 1 == bytes || prefix[at + 1] != '{') {
            layout_add_literal(layout, prefix[at++]);
            continue;
        }
        const char *close = memchr(prefix + at, '}', bytes - at);
        if (close == NULL) {
            return layout_fail(reterr, at, "an expression that is not closed by }");
        }
        struct layout_text text = {prefix, at + 2, (size_t)(close - prefix)};
        RF_TRY(parse_expression(layout, &text, reterr));
        at = (size_t)(close - prefix) + 1;
    }
    return RF_OK;
}

/** Sets the grain; refuses timestamps with a hole between year and their finest field. */
static rf_code
layout_find_grain(struct rf_layout *layout, struct rf_err *reterr)
{
    const bool *has = layout->fields;
    bool year = has[FIELD_YEAR] || has[FIELD_YEAR_OF_CENTURY];
    bool day = has[FIELD_DAY_OF_YEAR] || (has[FIELD_MONTH] && has[FIELD_DAY]);
    if (!year) {
        return layout_fail(reterr, 0, "the layout's timestamps have no year");
    }
    if (has[FIELD_DAY] && !day) {
        return layout_fail(reterr, 0, "the layout's timestamps have a day, but no month");
    }
    if (has[FIELD_HOUR] && !day) {
        return layout_fail(reterr, 0, "the layout's timestamps have an hour, but no day");
    }
    if ((has[FIELD_MINUTE] || has[FIELD_SECOND]) && !has[FIELD_HOUR]) {
        return layout_fail(reterr, 0,
                           "the layout's timestamps have minutes or seconds, but no hour");
    }
    layout->grain = has[FIELD_HOUR]    ? RF_GRAIN_HOUR
                    : day              ? RF_GRAIN_DAY
                    : has[FIELD_MONTH] ? RF_GRAIN_MONTH
                                       : RF_GRAIN_YEAR;
    return RF_OK;
}

static rf_code
layout_parse(struct rf_layout *layout, const char *text, struct rf_err *reterr)
{
    static const char appended[] = "yyyy/MM/dd/HH/";
    size_t bytes = strlen(text);
    if (bytes > RF_LAYOUT_BYTES) {
        return layout_fail(reterr, RF_LAYOUT_BYTES, "a layout has at most 1024 bytes");
    }
    RF_TRY(parse_prefix(layout, text, bytes, reterr));
    if (!layout->timestamp) {
        struct layout_text pattern = {appended, 0, strlen(appended)};
        RF_TRY(parse_pattern(layout, &pattern, reterr));
    }
    return layout_find_grain(layout, reterr);
}

rf_code
rf_layout_new(const char *text, struct rf_layout **ret, struct rf_err *reterr)
{
    struct rf_layout *layout = rf_calloc(1, sizeof(*layout));
    rf_code code = layout_parse(layout, text, reterr);
    if (code != RF_OK) {
        rf_layout_free(layout);
        return code;
    }
    *ret = layout;
    return RF_OK;
}

void
rf_layout_free(struct rf_layout *layout)
{
    if (layout != NULL) {
        free(layout->tokens);
        free(layout);
    }
}

enum rf_grain
rf_layout_grain(const struct rf_layout *layout)
{
    return layout->grain;
}

/* --- matching -------------------------------------------------------------------------------- */

/* What the fields read so far; -1 is not read. Small: copied wherever the matcher may come back. */
struct reading {
    int values[FIELD_COUNT_];
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
reading_set(struct reading *reading, enum field field, int value)
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
    int year = reading->values[FIELD_YEAR];
    int of_century = reading->values[FIELD_YEAR_OF_CENTURY];
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
    int month = reading->values[FIELD_MONTH];
    int day = reading->values[FIELD_DAY];
    int of_year = reading->values[FIELD_DAY_OF_YEAR];
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
    int hour = reading->values[FIELD_HOUR];
    int64_t day;
    if (hour > 23 || reading->values[FIELD_MINUTE] > 59 || reading->values[FIELD_SECOND] > 59 ||
        !reading_day(reading, &day) || !rest_fits(match, at)) {
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
    const struct token *field = &match->layout->tokens[token];
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
        case TOKEN_LITERAL:
            if (at >= match->limit || match->key[at] != layout->tokens[token].literal) {
                return false;
            }
            at++;
            break;
        case TOKEN_RANDOM:
            if (!random_matches(match, at)) {
                return false;
            }
            at += RANDOM_STRING_BYTES;
            break;
        case TOKEN_FIELD:
            return match_field(match, token, at, reading);
        case TOKEN_PARTITION:
            return match_partition(match, token, at, reading);
        case TOKEN_ERROR_TYPE:
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
    const struct token *first = &match->layout->tokens[0];
    bool open = first->kind == TOKEN_FIELD && first->min_digits < first->max_digits;
    return !open || match->key[at - 1] < '0' || match->key[at - 1] > '9';
}

struct rf_hour
rf_layout_hour(const struct rf_layout *layout, const char *key, size_t bytes)
{
    struct match match = {.layout = layout, .key = key, .bytes = bytes, .steps = MATCH_STEPS};
    struct reading nothing;
    for (size_t i = 0; i < FIELD_COUNT_; i++) {
        nothing.values[i] = -1;
    }
    match.folder = bytes;
    while (match.folder > 0 && key[match.folder - 1] != '/') {
        match.folder--;
    }
    match.limit = layout_ends_in_slash(layout) ? match.folder : bytes;
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
