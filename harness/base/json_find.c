/* SPDX-License-Identifier: MIT */
/* Look-ups in a JSON value that was read: members, strings, numbers. */
#include "base/json.h"

#include <string.h>

#include "base/decimal.h"

/* ---- strings ---- */

/* Four hex digits, which the reader has checked: letters have bit 6, and count on from 1. */
static unsigned
code_unit(const char *digits)
{
    unsigned unit = 0;
    for (int i = 0; i < 4; i++) {
        unsigned byte = (unsigned char)digits[i];
        unit = unit << 4 | ((byte & 15) + (byte >> 6) * 9);
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

/* ---- numbers ---- */

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
