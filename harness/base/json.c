/* SPDX-License-Identifier: MIT */
/* JSON values: the strict reader, look-ups in what it read, and the hash of a value. */
#include "base/json.h"

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__) && !defined(RF_NO_SIMD)
#include <emmintrin.h>
#endif

#include "base/hash.h"
#include "base/limits.h"

/* One reading. Its functions take a position and return the one behind what they read, or NULL
 * once they failed (code is set then). */
struct reader {
    struct rf_json *doc;
    const unsigned char *front;
    const unsigned char *end;
    struct rf_err *reterr;
    rf_code code;
    uint32_t depth;
    uint32_t open[RF_LIMIT_JSON_DEPTH]; /* nodes of the containers around the position */
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

static __attribute__((noinline)) const unsigned char *
fail_depth(struct reader *reader, const unsigned char *at)
{
    reader->code =
        rf_fail_at(reader->reterr, RF_ERR_LIMIT, NULL, (uint64_t)(at - reader->front),
                   "nested deeper than %d values (RF_LIMIT_JSON_DEPTH)", RF_LIMIT_JSON_DEPTH);
    return NULL;
}

/* ---- nodes ---- */

static inline uint32_t
add_node(struct reader *reader, const unsigned char *start, const unsigned char *end, uint8_t kind,
         uint8_t flags)
{
    struct rf_json *doc = reader->doc;
    if (doc->used == doc->room) {
        RF_GROW(doc->nodes, doc->room, doc->used + 1);
    }
    uint32_t index = (uint32_t)doc->used++;
    doc->nodes[index] = (struct rf_json_node){
        .start = (uint32_t)(start - reader->front),
        .end = (uint32_t)(end - reader->front),
        .next = index + 1,
        .kind = kind,
        .flags = flags,
    };
    return index;
}

/* ---- strings ---- */

#if defined(__SSE2__) && !defined(RF_NO_SIMD)
#define STRIDE 16

/* One bit for each of 16 bytes that a string's scan must look at. */
static inline unsigned
find_special(const unsigned char *at)
{
    __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)at);
    /* Signed: bytes from 0x80 on are negative, so one comparison finds them as well. */
    __m128i special = _mm_cmplt_epi8(chunk, _mm_set1_epi8(0x20));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('"')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(special);
}

#define FIRST_SPECIAL(found) __builtin_ctz(found)
#elif __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define STRIDE 8

/* The high bit of each of eight bytes that a string's scan must look at. A borrow can mark bytes
 * above such a one by mistake, never below: the lowest is right. */
static inline uint64_t
find_special(const unsigned char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t chunk;
    memcpy(&chunk, at, sizeof(chunk));
    uint64_t quote = chunk ^ (ones * '"');
    uint64_t backslash = chunk ^ (ones * '\\');
    uint64_t special = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                       ((chunk - ones * 0x20) & ~chunk) | chunk;
    return special & (ones * 0x80);
}

#define FIRST_SPECIAL(found) (__builtin_ctzll(found) >> 3)
#endif

/* The first byte that a string's scan must look at: a quote, a backslash, a control byte, or one
 * of a character beyond ASCII; or `end`. */
static inline const unsigned char *
skip_plain(const unsigned char *at, const unsigned char *end)
{
#ifdef STRIDE
    while (end - at >= STRIDE) {
        const __typeof__(find_special(at)) found = find_special(at);
        if (found != 0) {
            return at + FIRST_SPECIAL(found);
        }
        at += STRIDE;
    }
#endif
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

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

static const unsigned char *
read_string(struct reader *reader, const unsigned char *quote)
{
    const unsigned char *at = quote + 1;
    uint8_t flags = 0;
    for (;;) {
        at = skip_plain(at, reader->end);
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
    }
    (void)add_node(reader, quote, at + 1, RF_JSON_STRING, flags);
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

/* A member's key and colon, and the blanks around them. */
static const unsigned char *
read_key(struct reader *reader, const unsigned char *at)
{
    at = skip_blanks(at, reader->end);
    if (at == reader->end || *at != '"') {
        return fail_expected(reader, at, "a key in quotes");
    }
    at = read_string(reader, at);
    if (at == NULL) {
        return NULL;
    }
    at = skip_blanks(at, reader->end);
    if (at == reader->end || *at != ':') {
        return fail_expected(reader, at, "':'");
    }
    return at + 1;
}

/* Opens an array or object, and reads the first key of an object that is not empty.
 * @ret_empty  whether its end follows; the return value is then the position of that */
static const unsigned char *
open_container(struct reader *reader, const unsigned char *bracket, bool *ret_empty)
{
    if (reader->depth == RF_LIMIT_JSON_DEPTH) {
        return fail_depth(reader, bracket);
    }
    bool object = *bracket == '{';
    uint32_t index = add_node(reader, bracket, bracket, object ? RF_JSON_OBJECT : RF_JSON_ARRAY, 0);
    reader->open[reader->depth++] = index;

    const unsigned char *at = skip_blanks(bracket + 1, reader->end);
    *ret_empty = at < reader->end && *at == (object ? '}' : ']');
    if (*ret_empty) {
        return at;
    }
    reader->doc->nodes[index].count = 1;
    if (at == reader->end) {
        return fail_truncated(reader, object ? "a key in quotes or '}'" : "a value or ']'");
    }
    return object ? read_key(reader, at) : at;
}

/* Behind a value: closes the containers that end here. Stops where the next value must begin, or
 * (depth 0) behind the root. */
static const unsigned char *
read_behind(struct reader *reader, const unsigned char *at)
{
    while (reader->depth > 0) {
        struct rf_json_node *around = &reader->doc->nodes[reader->open[reader->depth - 1]];
        bool object = around->kind == RF_JSON_OBJECT;
        at = skip_blanks(at, reader->end);
        unsigned char byte = at < reader->end ? *at : 0;
        if (byte == ',') {
            around->count++;
            return object ? read_key(reader, at + 1) : at + 1;
        }
        if (byte != (object ? '}' : ']')) {
            return fail_expected(reader, at, object ? "',' or '}'" : "',' or ']'");
        }
        at++;
        around->end = (uint32_t)(at - reader->front);
        around->next = (uint32_t)reader->doc->used;
        reader->depth--;
    }
    return at;
}

static const unsigned char *
read_scalar(struct reader *reader, const unsigned char *at)
{
    switch (at < reader->end ? *at : 0) {
    case '"':
        return read_string(reader, at);
    case 't':
        return read_literal(reader, at, "true", RF_JSON_TRUE);
    case 'f':
        return read_literal(reader, at, "false", RF_JSON_FALSE);
    case 'n':
        return read_literal(reader, at, "null", RF_JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(reader, at);
    default:
        return fail_expected(reader, at, "a value");
    }
}

static const unsigned char *
read_value(struct reader *reader, const unsigned char *at)
{
    do {
        at = skip_blanks(at, reader->end);
        if (at < reader->end && (*at == '{' || *at == '[')) {
            bool empty;
            at = open_container(reader, at, &empty);
            if (at == NULL || !empty) {
                continue;
            }
        } else {
            at = read_scalar(reader, at);
        }
        if (at != NULL) {
            at = read_behind(reader, at);
        }
    } while (at != NULL && reader->depth > 0);
    return at;
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
    reader.doc = doc;
    reader.front = (const unsigned char *)text;
    reader.end = reader.front + bytes;
    reader.reterr = reterr;
    reader.code = RF_OK;
    reader.depth = 0;
    const unsigned char *behind = read_value(&reader, reader.front);
    if (behind == NULL) {
        doc->used = 0;
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

void
rf_json_done(struct rf_json *doc)
{
    free(doc->nodes);
    memset(doc, 0, sizeof(*doc));
}

/* ---- strings that were read ---- */

static unsigned
code_unit(const char *digits)
{
    unsigned unit = 0;
    for (int i = 0; i < 4; i++) {
        unit = unit << 4 | (unsigned)hex_digit((unsigned char)digits[i]);
    }
    return unit;
}

static void
add_character(struct rf_buf *out, unsigned code)
{
    if (code < 0x80) {
        rf_buf_byte(out, (char)code);
        return;
    }
    if (code < 0x800) {
        rf_buf_byte(out, (char)(0xC0 | code >> 6));
    } else {
        if (code < 0x10000) {
            rf_buf_byte(out, (char)(0xE0 | code >> 12));
        } else {
            rf_buf_byte(out, (char)(0xF0 | code >> 18));
            rf_buf_byte(out, (char)(0x80 | (code >> 12 & 0x3F)));
        }
        rf_buf_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
    }
    rf_buf_byte(out, (char)(0x80 | (code & 0x3F)));
}

/* Appends what the escape at `at` (the byte behind its backslash) stands for; returns the position
 * behind it. The reader has checked it. */
static const char *
decode_escape(struct rf_buf *out, const char *at)
{
    static const char names[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    if (*at != 'u') {
        const char *name = strchr(names, *at);
        rf_buf_byte(out, name == NULL ? *at : meanings[name - names]);
        return at + 1;
    }
    unsigned code = code_unit(at + 1);
    at += 5;
    if (code >= 0xD800 && code <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (code_unit(at + 2) - 0xDC00);
        at += 6;
    }
    add_character(out, code);
    return at;
}

void
rf_json_string(const struct rf_json *doc, uint32_t node, struct rf_buf *scratch,
               const char **ret_bytes, size_t *ret_count)
{
    const struct rf_json_node *string = &doc->nodes[node];
    const char *at = doc->text + string->start + 1;
    const char *end = doc->text + string->end - 1;
    if (!(string->flags & RF_JSON_ESCAPED)) {
        *ret_bytes = at;
        *ret_count = (size_t)(end - at);
        return;
    }
    rf_buf_clear(scratch);
    rf_buf_reserve(scratch, (size_t)(end - at));
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        const char *run_end = backslash == NULL ? end : backslash;
        rf_buf_add(scratch, at, (size_t)(run_end - at));
        at = backslash == NULL ? end : decode_escape(scratch, backslash + 1);
    }
    *ret_bytes = scratch->bytes;
    *ret_count = scratch->used;
}

static bool
string_equals(const struct rf_json *doc, uint32_t node, const char *bytes, size_t count)
{
    const struct rf_json_node *string = &doc->nodes[node];
    size_t raw = string->end - string->start - 2;
    if (!(string->flags & RF_JSON_ESCAPED)) {
        return raw == count &&
               (count == 0 || memcmp(doc->text + string->start + 1, bytes, count) == 0);
    }
    if (raw / 6 > count || raw < count) {
        return false; /* an escape is at most six bytes for one */
    }
    struct rf_buf scratch = {0};
    const char *decoded;
    size_t decoded_count;
    rf_json_string(doc, node, &scratch, &decoded, &decoded_count);
    bool same = decoded_count == count && (count == 0 || memcmp(decoded, bytes, count) == 0);
    rf_buf_done(&scratch);
    return same;
}

uint32_t
rf_json_member(const struct rf_json *doc, uint32_t object, const char *key, size_t key_bytes,
               bool *ret_repeated)
{
    const struct rf_json_node *around = &doc->nodes[object];
    uint32_t found = RF_JSON_NONE;
    bool repeated = false;
    uint32_t members = around->kind == RF_JSON_OBJECT ? around->count : 0;
    for (uint32_t node = object + 1; members > 0; members--) {
        if (string_equals(doc, node, key, key_bytes)) {
            repeated = found != RF_JSON_NONE;
            found = node + 1;
        }
        node = doc->nodes[node + 1].next;
    }
    if (ret_repeated != NULL) {
        *ret_repeated = repeated;
    }
    return found;
}

/* ---- numbers that were read ---- */

/* The magnitude of an integer token; false where it does not fit. */
static bool
read_magnitude(const struct rf_json *doc, uint32_t node, bool *ret_negative, uint64_t *ret)
{
    const struct rf_json_node *number = &doc->nodes[node];
    if (number->kind != RF_JSON_NUMBER || (number->flags & RF_JSON_REAL)) {
        return false;
    }
    const char *at = doc->text + number->start;
    const char *end = doc->text + number->end;
    *ret_negative = *at == '-';
    uint64_t value = 0;
    for (at += *ret_negative; at < end; at++) {
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value)) {
            return false;
        }
    }
    *ret = value;
    return true;
}

bool
rf_json_int64(const struct rf_json *doc, uint32_t node, int64_t *ret)
{
    bool negative;
    uint64_t magnitude;
    if (!read_magnitude(doc, node, &negative, &magnitude) ||
        magnitude > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    if (!negative) {
        *ret = (int64_t)magnitude;
    } else {
        *ret = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    }
    return true;
}

bool
rf_json_uint64(const struct rf_json *doc, uint32_t node, uint64_t *ret)
{
    bool negative;
    uint64_t magnitude;
    if (!read_magnitude(doc, node, &negative, &magnitude) || (negative && magnitude != 0)) {
        return false;
    }
    *ret = magnitude;
    return true;
}

bool
rf_json_real(const struct rf_json *doc, uint32_t node, double *ret)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    struct rf_decimal decimal;
    return doc->nodes[node].kind == RF_JSON_NUMBER && rf_decimal_read(token, bytes, &decimal) &&
           rf_decimal_real(&decimal, ret);
}

/* Takes in a run of digits. Zeros before the first other digit are not kept: each moves the
 * exponent instead. */
static const char *
add_digits(struct rf_decimal *decimal, const char *at, const char *end)
{
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (decimal->count == 0 && *at == '0') {
            decimal->exponent--;
        } else if (decimal->count < RF_DECIMAL_DIGITS) {
            decimal->digits[decimal->count++] = *at;
        } else if (*at != '0') {
            decimal->digits[RF_DECIMAL_DIGITS] = '1';
            decimal->count = RF_DECIMAL_DIGITS + 1;
        }
    }
    return at;
}

/* The exponent behind `e`; a size that nothing can make up for stands for all larger ones. */
static const char *
read_exponent(const char *at, const char *end, int64_t *ret)
{
    const int64_t huge = INT64_C(1000000000000000);
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    const char *digits = at;
    int64_t value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (*at - '0');
        if (value > huge) {
            value = huge;
        }
    }
    *ret = negative ? -value : value;
    return at == digits ? NULL : at;
}

bool
rf_decimal_read(const char *token, size_t bytes, struct rf_decimal *ret)
{
    const char *at = token;
    const char *end = token + bytes;
    ret->count = 0;
    ret->exponent = 0;
    ret->negative = at < end && *at == '-';
    at += ret->negative;

    const char *digits = at;
    at = add_digits(ret, digits, end);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return false;
    }
    ret->exponent += at - digits;
    if (at < end && *at == '.') {
        digits = at + 1;
        at = add_digits(ret, digits, end);
        if (at == digits) {
            return false;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        int64_t exponent;
        at = read_exponent(at + 1, end, &exponent);
        if (at == NULL) {
            return false;
        }
        ret->exponent += exponent;
    }
    while (ret->count > 0 && ret->digits[ret->count - 1] == '0') {
        ret->count--;
    }
    return at == end;
}

/* Few digits and a small power of ten: both are exact doubles, and so one operation rounds once
 * (W. D. Clinger, 1990). False where it is not so. */
static bool
real_from_few_digits(const struct rf_decimal *decimal, double *ret)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t power = decimal->exponent - (int64_t)decimal->count;
    if (FLT_EVAL_METHOD != 0 || decimal->count > 15 || power < -22 || power > 22) {
        return false;
    }
    int64_t digits = 0;
    for (uint32_t i = 0; i < decimal->count; i++) {
        digits = digits * 10 + (decimal->digits[i] - '0');
    }
    *ret = power < 0 ? (double)digits / powers[-power] : (double)digits * powers[power];
    return true;
}

bool
rf_decimal_real(const struct rf_decimal *decimal, double *ret)
{
    double value = 0;
    if (decimal->count > 0 && decimal->exponent > 400) {
        return false;
    }
    if (decimal->count > 0 && decimal->exponent > -400 && !real_from_few_digits(decimal, &value)) {
        /* An integer and a power of ten: strtod never meets a point, which is the locale's. */
        char text[RF_DECIMAL_DIGITS + 16];
        memcpy(text, decimal->digits, decimal->count);
        (void)snprintf(text + decimal->count, sizeof(text) - decimal->count, "e%d",
                       (int)(decimal->exponent - (int64_t)decimal->count));
        int saved = errno;
        value = strtod(text, NULL);
        errno = saved;
    }
    if (value > DBL_MAX) {
        return false;
    }
    *ret = decimal->negative ? -value : value;
    return true;
}

/* ---- the hash of a value ---- */

enum { SEED_NUMBER = 1, SEED_STRING, SEED_WORD, SEED_ARRAY, SEED_MEMBER, SEED_OBJECT };

/* Up to here a repeated key is looked for pairwise, without memory. */
#define FEW_MEMBERS 16

static uint64_t hash_value(const struct rf_json *doc, uint32_t node, uint64_t *repeated);

static inline void
put_le64(unsigned char bytes[8], uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
}

static uint64_t
hash_pair(uint64_t first, uint64_t second, uint64_t seed)
{
    unsigned char bytes[16];
    put_le64(bytes, first);
    put_le64(bytes + 8, second);
    return rf_hash(bytes, sizeof(bytes), seed);
}

static uint64_t
hash_string(const struct rf_json *doc, uint32_t node)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(doc, node, &scratch, &bytes, &count);
    uint64_t hash = rf_hash(bytes, count, SEED_STRING);
    rf_buf_done(&scratch);
    return hash;
}

static uint64_t
hash_array(const struct rf_json *doc, uint32_t array, uint64_t *repeated)
{
    uint64_t hash = SEED_ARRAY;
    uint32_t node = array + 1;
    for (uint32_t i = 0; i < doc->nodes[array].count; i++, node = doc->nodes[node].next) {
        unsigned char bytes[8];
        put_le64(bytes, hash_value(doc, node, repeated));
        hash = rf_hash(bytes, sizeof(bytes), hash);
    }
    return hash;
}

static bool
keys_equal(const struct rf_json *doc, uint32_t a, uint32_t b)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(doc, a, &scratch, &bytes, &count);
    bool same = string_equals(doc, b, bytes, count);
    rf_buf_done(&scratch);
    return same;
}

struct member {
    uint64_t key_hash;
    uint64_t hash; /* of key and value together */
    uint32_t key;  /* its node; grows with the place in the object */
};

static struct member
hash_member(const struct rf_json *doc, uint32_t key, uint64_t *repeated)
{
    uint64_t key_hash = hash_string(doc, key);
    uint64_t value_hash = hash_value(doc, key + 1, repeated);
    return (struct member){
        .key_hash = key_hash,
        .hash = hash_pair(key_hash, value_hash, SEED_MEMBER),
        .key = key,
    };
}

static uint64_t
hash_few_members(const struct rf_json *doc, uint32_t object, uint64_t *repeated)
{
    struct member members[FEW_MEMBERS];
    uint64_t sum = 0;
    uint32_t kept = 0;
    uint32_t node = object + 1;
    for (uint32_t i = 0; i < doc->nodes[object].count; i++, node = doc->nodes[node + 1].next) {
        struct member fresh = hash_member(doc, node, repeated);
        uint32_t place = 0;
        while (place < kept && (members[place].key_hash != fresh.key_hash ||
                                !keys_equal(doc, members[place].key, fresh.key))) {
            place++;
        }
        if (place < kept) {
            sum -= members[place].hash;
            (*repeated)++;
        } else {
            kept++;
        }
        members[place] = fresh;
        sum += fresh.hash;
    }
    return hash_pair(sum, kept, SEED_OBJECT);
}

/* A member of a large object, with its decoded key. */
struct sorted_member {
    const char *bytes;
    size_t count;
    struct member member;
};

/* Equal keys together, the last of them last. Bytes are compared where hashes are equal, so that
 * keys made to collide cost no more than others. */
static int
compare_members(const void *left, const void *right)
{
    const struct sorted_member *a = left;
    const struct sorted_member *b = right;
    if (a->member.key_hash != b->member.key_hash) {
        return a->member.key_hash < b->member.key_hash ? -1 : 1;
    }
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    int order = a->count == 0 ? 0 : memcmp(a->bytes, b->bytes, a->count);
    if (order != 0) {
        return order;
    }
    return (a->member.key > b->member.key) - (a->member.key < b->member.key);
}

/* @decoded  takes the keys with escapes; has room for all, so that what points into it stays */
static void
collect_members(const struct rf_json *doc, uint32_t object, struct sorted_member *members,
                struct rf_buf *decoded, uint64_t *repeated)
{
    struct rf_buf scratch = {0};
    uint32_t node = object + 1;
    for (uint32_t i = 0; i < doc->nodes[object].count; i++, node = doc->nodes[node + 1].next) {
        members[i].member = hash_member(doc, node, repeated);
        rf_json_string(doc, node, &scratch, &members[i].bytes, &members[i].count);
        if (doc->nodes[node].flags & RF_JSON_ESCAPED) {
            rf_buf_add(decoded, members[i].bytes, members[i].count);
            members[i].bytes = decoded->bytes + decoded->used - members[i].count;
        }
    }
    rf_buf_done(&scratch);
}

static uint64_t
hash_many_members(const struct rf_json *doc, uint32_t object, uint64_t *repeated)
{
    const struct rf_json_node *around = &doc->nodes[object];
    size_t count = around->count;
    struct sorted_member *members = rf_alloc(count * sizeof(*members));
    struct rf_buf decoded = {0};
    rf_buf_reserve(&decoded, around->end - around->start);
    collect_members(doc, object, members, &decoded, repeated);
    qsort(members, count, sizeof(*members), compare_members);

    uint64_t sum = 0;
    uint64_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sorted_member *next = i + 1 < count ? &members[i + 1] : NULL;
        if (next != NULL && next->member.key_hash == members[i].member.key_hash &&
            next->count == members[i].count &&
            (next->count == 0 || memcmp(next->bytes, members[i].bytes, next->count) == 0)) {
            (*repeated)++;
            continue;
        }
        sum += members[i].member.hash;
        kept++;
    }
    rf_buf_done(&decoded);
    free(members);
    return hash_pair(sum, kept, SEED_OBJECT);
}

/* Recursion ends at RF_LIMIT_JSON_DEPTH, which the reader keeps. */
static uint64_t
hash_value(const struct rf_json *doc, uint32_t node, uint64_t *repeated)
{
    switch (doc->nodes[node].kind) {
    case RF_JSON_STRING:
        return hash_string(doc, node);
    case RF_JSON_ARRAY:
        return hash_array(doc, node, repeated);
    case RF_JSON_OBJECT:
        return doc->nodes[node].count <= FEW_MEMBERS ? hash_few_members(doc, node, repeated)
                                                     : hash_many_members(doc, node, repeated);
    default:
        break;
    }
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    return rf_hash(token, bytes, doc->nodes[node].kind == RF_JSON_NUMBER ? SEED_NUMBER : SEED_WORD);
}

uint64_t
rf_json_hash(struct rf_json *doc, uint32_t node, uint64_t *ret_repeated)
{
    uint64_t repeated = 0;
    uint64_t hash = hash_value(doc, node, &repeated);
    if (ret_repeated != NULL) {
        *ret_repeated = repeated;
    }
    return hash;
}
