/* SPDX-License-Identifier: MIT */
/* Firehose's own prefix syntax: a parser into tokens. */
#include "walk/layout.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "walk/layout_tokens.h"

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
layout_add(struct rf_layout *layout, struct rf_layout_token token)
{
    RF_GROW(layout->tokens, layout->room, layout->count + 1);
    layout->tokens[layout->count++] = token;
}

static void
layout_add_literal(struct rf_layout *layout, char byte)
{
    /* No folder has an empty name: where S3 has "a//b", a copy has "a/b". */
    if (byte == '/' && (layout->count == 0 || rf_layout_ends_in_slash(layout))) {
        return;
    }
    layout_add(layout, (struct rf_layout_token){.kind = RF_TOKEN_LITERAL, .literal = byte});
}

/** What `count` times `letter` means; false where nothing that this matcher reads. */
static bool
field_from_letters(char letter, size_t count, struct rf_layout_token *ret)
{
    static const struct {
        char letter;
        enum rf_layout_field field;
        size_t counts; /* at most so many letters */
        size_t digits; /* of the longest value */
    } fields[] = {{'M', RF_LAYOUT_MONTH, 2, 2},       {'d', RF_LAYOUT_DAY, 2, 2},
                  {'D', RF_LAYOUT_DAY_OF_YEAR, 3, 3}, {'H', RF_LAYOUT_HOUR, 2, 2},
                  {'m', RF_LAYOUT_MINUTE, 2, 2},      {'s', RF_LAYOUT_SECOND, 2, 2}};
    *ret = (struct rf_layout_token){.kind = RF_TOKEN_FIELD, .field = RF_LAYOUT_YEAR};
    if (letter == 'y' || letter == 'u' || letter == 'Y') {
        ret->field = count == 2 ? RF_LAYOUT_YEAR_OF_CENTURY : RF_LAYOUT_YEAR;
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
    struct rf_layout_token token;
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
    struct rf_layout_token token = {.kind = RF_TOKEN_PARTITION};
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
        token.kind = random ? RF_TOKEN_RANDOM : RF_TOKEN_ERROR_TYPE;
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
    bool year = has[RF_LAYOUT_YEAR] || has[RF_LAYOUT_YEAR_OF_CENTURY];
    bool day = has[RF_LAYOUT_DAY_OF_YEAR] || (has[RF_LAYOUT_MONTH] && has[RF_LAYOUT_DAY]);
    if (!year) {
        return layout_fail(reterr, 0, "the layout's timestamps have no year");
    }
    if (has[RF_LAYOUT_DAY] && !day) {
        return layout_fail(reterr, 0, "the layout's timestamps have a day, but no month");
    }
    if (has[RF_LAYOUT_HOUR] && !day) {
        return layout_fail(reterr, 0, "the layout's timestamps have an hour, but no day");
    }
    if ((has[RF_LAYOUT_MINUTE] || has[RF_LAYOUT_SECOND]) && !has[RF_LAYOUT_HOUR]) {
        return layout_fail(reterr, 0,
                           "the layout's timestamps have minutes or seconds, but no hour");
    }
    layout->grain = has[RF_LAYOUT_HOUR]    ? RF_GRAIN_HOUR
                    : day                  ? RF_GRAIN_DAY
                    : has[RF_LAYOUT_MONTH] ? RF_GRAIN_MONTH
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
