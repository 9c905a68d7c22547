/* SPDX-License-Identifier: MIT */
/* The strict reader of JSON. */
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/depth.h"
#include "base/json_scan.h"
#include "base/limits.h"

/* One reading. Its functions take a position and return the one behind what they read, or NULL once
 * they failed (code is set then). */
struct reader {
    const unsigned char *front;
    const unsigned char *end;
    struct rf_json_node *nodes; /* those of doc; doc->used is set at the end */
    size_t used;
    size_t room;
    struct rf_json *doc;
    struct rf_err *reterr;
    rf_code code;
    uint32_t depth;
    uint32_t deepest;
    uint32_t open[RF_LIMIT_JSON_DEPTH_MOST + 1]; /* nodes of the containers around the position */
};

/* ---- failing ---- */

/* Out of line: keeps the error path out of the loops. */
static __attribute__((noinline)) const unsigned char *
fail_malformed(struct reader *reader, const unsigned char *at, const char *expected)
{
    char found[16];
    if (*at > 0x20 && *at < 0x7F) {
        (void)snprintf(found, sizeof(found), "'%c'", *at);
    } else {
        (void)snprintf(found, sizeof(found), "byte 0x%02x", *at);
    }
    reader->code =
        rf_fail_at(reader->reterr, RF_ERR_MALFORMED, NULL, (uint64_t)(at - reader->front),
                   "expected %s, found %s", expected, found);
    return NULL;
}

static __attribute__((noinline)) const unsigned char *
fail_truncated(struct reader *reader, const char *expected)
{
    reader->code =
        rf_fail_at(reader->reterr, RF_ERR_TRUNCATED, NULL, (uint64_t)(reader->end - reader->front),
                   "expected %s, but the text ends here", expected);
    return NULL;
}

static const unsigned char *
fail_expected(struct reader *reader, const unsigned char *at, const char *expected)
{
    return at == reader->end ? fail_truncated(reader, expected)
                             : fail_malformed(reader, at, expected);
}

enum rf_depth_raiser rf_depth_raiser = RF_DEPTH_OPTION;

static __attribute__((noinline)) const unsigned char *
fail_depth(struct reader *reader, const unsigned char *at)
{
    static const char *const hints[] = {
        [RF_DEPTH_OPTION] = " " RF_LIMIT_NUMBER_HINT("depth"),
        [RF_DEPTH_CONFIG] = " (limit 'depth': \"limits\" of the config raises it)",
        [RF_DEPTH_NOTHING] = ", and no option raises that",
    };
    reader->code = rf_fail_at(reader->reterr, RF_ERR_LIMIT, NULL, (uint64_t)(at - reader->front),
                              "nested deeper than %" PRIu64 " values%s", rf_limits.json_depth,
                              hints[rf_depth_raiser]);
    return NULL;
}

/* ---- nodes ---- */

static __attribute__((noinline)) void
grow_nodes(struct reader *reader)
{
    struct rf_json *doc = reader->doc;
    RF_GROW(doc->nodes, doc->room, reader->used + 1);
    reader->nodes = doc->nodes;
    reader->room = doc->room;
}

static inline uint32_t
add_node(struct reader *reader, const unsigned char *start, const unsigned char *end, uint8_t kind,
         uint8_t flags)
{
    if (reader->used == reader->room) {
        grow_nodes(reader);
    }
    uint32_t index = (uint32_t)reader->used;
    struct rf_json_node *node = &reader->nodes[reader->used++];
    node->start = (uint32_t)(start - reader->front);
    node->end = (uint32_t)(end - reader->front);
    node->next = index + 1;
    node->count = 0;
    node->kind = kind;
    node->flags = flags;
    return index;
}

/* ---- strings ---- */

static int
hex_digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    unsigned char lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The four digits of \uXXXX, at `at`. Digits that can no longer become what is wanted are refused
 * at once, so that a text cut short right behind them is not mistaken for a cut good one. */
static const unsigned char *
read_code_unit(struct reader *reader, const unsigned char *at, bool want_low, unsigned *ret_unit)
{
    unsigned unit = 0;
    for (int i = 0; i < 4; i++, at++) {
        int digit = at < reader->end ? hex_digit(*at) : -1;
        if (digit < 0) {
            return fail_expected(reader, at, "four hex digits behind \\u");
        }
        unit = unit << 4 | (unsigned)digit;
        if (want_low && ((i == 0 && unit != 0xD) || (i == 1 && unit < 0xDC))) {
            return fail_malformed(reader, at, "the low half of a surrogate pair");
        }
        if (!want_low && i == 1 && unit >= 0xDC && unit <= 0xDF) {
            return fail_malformed(reader, at, "the high half of a surrogate pair before a low one");
        }
    }
    *ret_unit = unit;
    return at;
}

static const unsigned char *
read_unicode_escape(struct reader *reader, const unsigned char *digits)
{
    unsigned unit;
    const unsigned char *at = read_code_unit(reader, digits, false, &unit);
    if (at == NULL || unit < 0xD800 || unit > 0xDFFF) {
        return at;
    }
    for (int i = 0; i < 2; i++, at++) {
        if (at == reader->end || *at != "\\u"[i]) {
            return fail_expected(reader, at, "the low half of a surrogate pair");
        }
    }
    return read_code_unit(reader, at, true, &unit);
}

static const unsigned char *
read_escape(struct reader *reader, const unsigned char *backslash)
{
    const unsigned char *at = backslash + 1;
    if (at < reader->end) {
        switch (*at) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            return at + 1;
        case 'u':
            return read_unicode_escape(reader, at + 1);
        default:
            break;
        }
    }
    return fail_expected(reader, at, "one of \" \\ / b f n r t u behind a backslash");
}

static const unsigned char *
read_beyond_ascii(struct reader *reader, const unsigned char *at)
{
    do {
        bool cut;
        size_t length = rf_utf8_next((const char *)at, (size_t)(reader->end - at), &cut);
        if (length == 0) {
            return cut ? fail_truncated(reader, "the rest of a UTF-8 character")
                       : fail_malformed(reader, at, "valid UTF-8");
        }
        at += length;
    } while (at < reader->end && *at >= 0x80);
    return at;
}

/* The rest of a string from a byte on that ends it or is not plain. */
static __attribute__((noinline)) const unsigned char *
read_rest_of_string(struct reader *reader, const unsigned char *quote, const unsigned char *at)
{
    uint8_t flags = 0;
    for (;;) {
        if (at == reader->end) {
            return fail_truncated(reader, "the rest of a string");
        }
        if (*at == '"') {
            break;
        }
        if (*at == '\\') {
            flags = RF_JSON_ESCAPED;
            at = read_escape(reader, at);
        } else if (*at >= 0x80) {
            at = read_beyond_ascii(reader, at);
        } else {
            return fail_malformed(reader, at, "an escape for a control character");
        }
        if (at == NULL) {
            return NULL;
        }
        at = rf_scan_plain(at, reader->end);
    }
    (void)add_node(reader, quote, at + 1, RF_JSON_STRING, flags);
    return at + 1;
}

static inline const unsigned char *
read_string(struct reader *reader, const unsigned char *quote)
{
    const unsigned char *at = rf_scan_plain(quote + 1, reader->end);
    if (at == reader->end || *at != '"') {
        return read_rest_of_string(reader, quote, at);
    }
    (void)add_node(reader, quote, at + 1, RF_JSON_STRING, 0);
    return at + 1;
}

/* ---- numbers and literals ---- */

static inline const unsigned char *
skip_digits(const unsigned char *at, const unsigned char *end)
{
    while (at < end && (unsigned)(*at - '0') <= 9) {
        at++;
    }
    return at;
}

static const unsigned char *
read_number(struct reader *reader, const unsigned char *start)
{
    const unsigned char *end = reader->end;
    const unsigned char *digits = start + (*start == '-');
    const unsigned char *at = skip_digits(digits, end);
    uint8_t flags = 0;
    if (at == digits) {
        return fail_expected(reader, at, "a digit");
    }
    if (*digits == '0' && at - digits > 1) {
        return fail_malformed(reader, digits + 1, "no digit behind a leading zero");
    }
    if (at < end && *at == '.') {
        flags = RF_JSON_REAL;
        digits = at + 1;
        at = skip_digits(digits, end);
        if (at == digits) {
            return fail_expected(reader, at, "a digit behind the point");
        }
    }
    if (at < end && (*at | 0x20) == 'e') {
        flags = RF_JSON_REAL;
        digits = at + 1;
        if (digits < end && (*digits == '+' || *digits == '-')) {
            digits++;
        }
        at = skip_digits(digits, end);
        if (at == digits) {
            return fail_expected(reader, at, "a digit of the exponent");
        }
    }
    (void)add_node(reader, start, at, RF_JSON_NUMBER, flags);
    return at;
}

static const unsigned char *
read_literal(struct reader *reader, const unsigned char *start, const char *literal, uint8_t kind)
{
    const unsigned char *at = start;
    for (; *literal != '\0'; literal++, at++) {
        if (at == reader->end || *at != (unsigned char)*literal) {
            return fail_expected(reader, at, "true, false or null");
        }
    }
    (void)add_node(reader, start, at, kind, 0);
    return at;
}

/* ---- the value ---- */

static inline const unsigned char *
skip_blanks(const unsigned char *at, const unsigned char *end)
{
    while (at < end && *at <= 0x20 && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

/* Moves *at over blanks, and returns the byte there; 0 at the end of the text, too, which then
 * fails as a byte that nothing expects. */
static inline unsigned char
peek(const struct reader *reader, const unsigned char **at)
{
    if (*at<reader->end &&* * at> 0x20) {
        return **at; /* most often there are no blanks */
    }
    *at = skip_blanks(*at, reader->end);
    return *at < reader->end ? **at : 0;
}

/* A member's key and colon, and the blanks around them. */
static inline const unsigned char *
read_key(struct reader *reader, const unsigned char *at)
{
    if (peek(reader, &at) != '"') {
        return fail_expected(reader, at, "a key in quotes");
    }
    at = read_string(reader, at);
    if (at != NULL && peek(reader, &at) != ':') {
        return fail_expected(reader, at, "':'");
    }
    return at == NULL ? NULL : at + 1;
}

/* Opens an array or object, and reads the first key of an object that is not empty.
 * @ret_empty  whether its end follows; the return value is then the position of that */
static const unsigned char *
open_container(struct reader *reader, const unsigned char *bracket, bool *ret_empty)
{
    if (reader->depth == reader->deepest) {
        return fail_depth(reader, bracket);
    }
    bool object = *bracket == '{';
    uint32_t index = add_node(reader, bracket, bracket, object ? RF_JSON_OBJECT : RF_JSON_ARRAY, 0);
    reader->open[reader->depth++] = index;

    const unsigned char *at = bracket + 1;
    *ret_empty = peek(reader, &at) == (object ? '}' : ']');
    if (*ret_empty) {
        return at;
    }
    reader->nodes[index].count = 1;
    if (at == reader->end) {
        return fail_truncated(reader, object ? "a key in quotes or '}'" : "a value or ']'");
    }
    return object ? read_key(reader, at) : at;
}

/* Behind a value: closes the containers that end here. Stops where the next value must begin, or
 * (depth 0) behind the root. */
static inline const unsigned char *
read_behind(struct reader *reader, const unsigned char *at)
{
    while (reader->depth > 0) {
        struct rf_json_node *around = &reader->nodes[reader->open[reader->depth - 1]];
        bool object = around->kind == RF_JSON_OBJECT;
        unsigned char byte = peek(reader, &at);
        if (byte == ',') {
            around->count++;
            return object ? read_key(reader, at + 1) : at + 1;
        }
        if (byte != (object ? '}' : ']')) {
            return fail_expected(reader, at, object ? "',' or '}'" : "',' or ']'");
        }
        at++;
        around->end = (uint32_t)(at - reader->front);
        around->next = (uint32_t)reader->used;
        reader->depth--;
    }
    return at;
}

/* @first  the byte at the position, 0 at the end of the text */
static inline const unsigned char *
read_scalar(struct reader *reader, const unsigned char *at, unsigned char first)
{
    if (first == '"') {
        return read_string(reader, at);
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
        return read_number(reader, at);
    }
    switch (first) {
    case 't':
        return read_literal(reader, at, "true", RF_JSON_TRUE);
    case 'f':
        return read_literal(reader, at, "false", RF_JSON_FALSE);
    case 'n':
        return read_literal(reader, at, "null", RF_JSON_NULL);
    default:
        return fail_expected(reader, at, "a value");
    }
}

static const unsigned char *
read_value(struct reader *reader, const unsigned char *at)
{
    do {
        unsigned char first = peek(reader, &at);
        if (first == '{' || first == '[') {
            bool empty = false;
            at = open_container(reader, at, &empty);
            if (at == NULL || !empty) {
                continue;
            }
        } else {
            at = read_scalar(reader, at, first);
        }
        if (at != NULL) {
            at = read_behind(reader, at);
        }
    } while (at != NULL && reader->depth > 0);
    return at;
}

/* Gives memory back that only a rare value needed. */
static void
shrink_nodes(struct rf_json *doc)
{
    if (doc->room > RF_JSON_KEPT_NODES && doc->used <= RF_JSON_KEPT_NODES / 2) {
        doc->nodes = rf_realloc(doc->nodes, RF_JSON_KEPT_NODES, sizeof(*doc->nodes));
        doc->room = RF_JSON_KEPT_NODES;
    }
}

static uint32_t
find_deepest(const struct rf_json *doc)
{
    uint64_t depth = rf_limits.json_depth;
    return (uint32_t)(depth < RF_LIMIT_JSON_DEPTH_MOST ? depth : RF_LIMIT_JSON_DEPTH_MOST) +
           doc->deeper;
}

rf_code
rf_json_read(struct rf_json *doc, const char *text, size_t bytes, size_t *ret_end,
             struct rf_err *reterr)
{
    doc->text = text;
    doc->used = 0;
    if (bytes >= UINT32_MAX) {
        return rf_fail(reterr, RF_ERR_LIMIT, NULL, "a JSON text of %zu bytes is not below 4 GiB",
                       bytes);
    }
    struct reader reader; /* not initialised as a whole: `open` is large and filled as it is used */
    reader.front = (const unsigned char *)text;
    reader.end = reader.front + bytes;
    reader.nodes = doc->nodes;
    reader.used = 0;
    reader.room = doc->room;
    reader.doc = doc;
    reader.reterr = reterr;
    reader.code = RF_OK;
    reader.depth = 0;
    reader.deepest = find_deepest(doc);
    const unsigned char *behind = read_value(&reader, reader.front);
    doc->used = behind == NULL ? 0 : reader.used;
    shrink_nodes(doc);
    if (behind == NULL) {
        return reader.code;
    }
    *ret_end = (size_t)(behind - reader.front);
    return RF_OK;
}

rf_code
rf_json_read_whole(struct rf_json *doc, const char *text, size_t bytes, struct rf_err *reterr)
{
    size_t value_end;
    RF_TRY(rf_json_read(doc, text, bytes, &value_end, reterr));
    const unsigned char *end = (const unsigned char *)text + bytes;
    const unsigned char *at = skip_blanks((const unsigned char *)text + value_end, end);
    if (at < end) {
        doc->used = 0;
        return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL,
                          (uint64_t)(at - (const unsigned char *)text),
                          "expected nothing behind the value, found byte 0x%02x", *at);
    }
    return RF_OK;
}

bool
rf_json_read_scalar(const char *text, size_t at, size_t bytes, struct rf_json_node *ret)
{
    struct rf_json doc = {.nodes = ret, .room = 1};
    struct rf_err unread;
    struct reader reader; /* as in rf_json_read */
    reader.front = (const unsigned char *)text;
    reader.end = reader.front + bytes;
    reader.nodes = ret;
    reader.used = 0;
    reader.room = 1;
    reader.doc = &doc;
    reader.reterr = &unread;
    reader.code = RF_OK;
    reader.depth = 0;
    reader.deepest = 0;
    const unsigned char *start = reader.front + at;
    const unsigned char *end = at < bytes ? read_scalar(&reader, start, *start) : NULL;
    return end != NULL && (end < reader.end || ret->kind != RF_JSON_NUMBER);
}

void
rf_json_done(struct rf_json *doc)
{
    free(doc->nodes);
    memset(doc, 0, sizeof(*doc));
}
