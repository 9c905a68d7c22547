/* SPDX-License-Identifier: MIT */
/* Canonical JSON (contract.md, "Golden"): equal values give equal bytes. */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/order.h"

/* ---- strings ---- */

/* Appends the escape of a byte that needs one. */
static void
add_escape(struct rf_buf *out, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    /* The letters of the short forms, by control byte; 0 where there is none. */
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    char letter = byte < 0x20 ? short_forms[byte] : (char)byte;
    if (letter != 0) {
        const char escape[] = {'\\', letter};
        rf_buf_add(out, escape, sizeof(escape));
    } else {
        const char escape[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
        rf_buf_add(out, escape, sizeof(escape));
    }
}

void
rf_canon_string(struct rf_buf *out, const char *bytes, size_t count)
{
    size_t run = 0; /* where the bytes begin that are not yet written */
    rf_buf_byte(out, '"');
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            rf_buf_add(out, bytes + run, i - run);
            add_escape(out, byte);
            run = i + 1;
        }
    }
    if (count > run) {
        rf_buf_add(out, bytes + run, count - run);
    }
    rf_buf_byte(out, '"');
}

/* ---- numbers ---- */

void
rf_canon_uint64(struct rf_buf *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    rf_buf_add(out, digits + at, sizeof(digits) - at);
}

void
rf_canon_int64(struct rf_buf *out, int64_t value)
{
    if (value < 0) {
        rf_buf_byte(out, '-');
    }
    rf_canon_uint64(out, value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value);
}

/* Rounds a positive value to so many digits. The locale's decimal point is passed over. */
static void
round_to_digits(double value, int count, struct rf_decimal *ret)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%.*e", count - 1, value);
    const char *at = text;
    ret->negative = false;
    ret->count = 0;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') {
            ret->digits[ret->count++] = *at;
        }
    }
    ret->exponent = strtol(at + 1, NULL, 10) + 1;
}

/* The next larger number of as many digits; false where all are 9. */
static bool
step_up(struct rf_decimal *decimal)
{
    uint32_t i = decimal->count;
    while (i > 0 && decimal->digits[i - 1] == '9') {
        decimal->digits[--i] = '0';
    }
    if (i > 0) {
        decimal->digits[i - 1]++;
    }
    return i > 0;
}

static bool
reads_back(const struct rf_decimal *decimal, double value)
{
    double back;
    return rf_decimal_real(decimal, &back) && back == value;
}

/* The fewest digits that read back as `value` (positive), and of those the nearest to it. */
static void
find_shortest(double value, struct rf_decimal *ret)
{
    /* Any 15 digits survive a normal double, so fewer than 15 show as zeros at their end. */
    int count = value < DBL_MIN ? 1 : DBL_DIG;
    int exponent;
    /* Below a power of two doubles lie closer than above it: the nearest digits may then read back
     * as its lower neighbour, while the next larger ones read back as it. */
    bool power_of_two = frexp(value, &exponent) == 0.5;
    for (;; count++) {
        round_to_digits(value, count, ret);
        if (count == DBL_DECIMAL_DIG || reads_back(ret, value) ||
            (power_of_two && step_up(ret) && reads_back(ret, value))) {
            break;
        }
    }
    while (ret->count > 1 && ret->digits[ret->count - 1] == '0') {
        ret->count--;
    }
}

static void
add_zeros(struct rf_buf *out, int64_t count)
{
    for (; count > 0; count--) {
        rf_buf_byte(out, '0');
    }
}

/* ECMAScript's Number::toString, steps 6 to 12: its n is the exponent here, its k the count. Its
 * exponent from 1e21 on is contained in ours from 2^63 on. */
static void
add_decimal(struct rf_buf *out, const struct rf_decimal *decimal, bool with_exponent)
{
    int64_t point = decimal->exponent;
    uint32_t count = decimal->count;
    if (with_exponent || point < -5) {
        rf_buf_byte(out, decimal->digits[0]);
        if (count > 1) {
            rf_buf_byte(out, '.');
            rf_buf_add(out, decimal->digits + 1, count - 1);
        }
        rf_buf_format(out, "e%+d", (int)(point - 1));
    } else if (point >= (int64_t)count) {
        rf_buf_add(out, decimal->digits, count);
        add_zeros(out, point - (int64_t)count);
    } else if (point > 0) {
        rf_buf_add(out, decimal->digits, (size_t)point);
        rf_buf_byte(out, '.');
        rf_buf_add(out, decimal->digits + point, count - (size_t)point);
    } else {
        rf_buf_string(out, "0.");
        add_zeros(out, -point);
        rf_buf_add(out, decimal->digits, count);
    }
}

void
rf_canon_real(struct rf_buf *out, double value)
{
    RF_VERIFY(isfinite(value));
    /* Whole numbers that a double holds exactly: their digits are also the shortest. */
    if (fabs(value) < 0x1p53 && value == (double)(int64_t)value) {
        rf_canon_int64(out, (int64_t)value);
        return;
    }
    if (value < 0) {
        rf_buf_byte(out, '-');
        value = -value;
    }
    struct rf_decimal decimal;
    find_shortest(value, &decimal);
    add_decimal(out, &decimal, value >= 0x1p63);
}

/* ---- values ---- */

/* How aggregate.hpp writes a NaN: a number too large for a double, as no infinity is written. */
#define NAN_TOKEN "2e999"

/* A member of an object that is being sorted. */
struct member {
    const char *bytes; /* its decoded key */
    size_t count;
    uint32_t key; /* its node; the value's is the next */
};

/* One writing. `members` is a stack: each open object holds the part that it pushed. */
struct writer {
    const struct rf_json *doc;
    struct rf_buf *out;
    struct rf_err *reterr;
    struct member *members;
    size_t used;
    size_t room;
    struct rf_buf scratch;
    struct rf_buf decoded; /* keys with escapes of the object that is being sorted */
    uint64_t overridden;
    bool literal_numbers;
    bool loose; /* numbers that are not finite have a form too */
};

static rf_code write_value(struct writer *writer, uint32_t node);

void
rf_canon_nonfinite(struct rf_buf *out, double value)
{
    rf_buf_string(out, isnan(value) ? NAN_TOKEN : value > 0 ? "1e999" : "-1e999");
}

static void
write_nonfinite(struct rf_buf *out, const char *token, size_t bytes)
{
    bool is_nan = bytes == strlen(NAN_TOKEN) && memcmp(token, NAN_TOKEN, bytes) == 0;
    rf_canon_nonfinite(out, is_nan ? (double)NAN : token[0] == '-' ? -INFINITY : INFINITY);
}

static rf_code
write_number(struct writer *writer, uint32_t node)
{
    size_t bytes;
    const char *token = rf_json_token(writer->doc, node, &bytes);
    int64_t integer;
    uint64_t natural;
    double real;
    if (writer->literal_numbers) {
        rf_buf_add(writer->out, token, bytes);
    } else if (rf_json_int64(writer->doc, node, &integer)) {
        rf_canon_int64(writer->out, integer);
    } else if (rf_json_uint64(writer->doc, node, &natural)) {
        rf_canon_uint64(writer->out, natural);
    } else if (rf_json_real(writer->doc, node, &real)) {
        rf_canon_real(writer->out, real);
    } else if (writer->loose) {
        write_nonfinite(writer->out, token, bytes);
    } else {
        return rf_fail_at(writer->reterr, RF_ERR_LIMIT, NULL, writer->doc->nodes[node].start,
                          "the number %.*s%s is not finite as a double",
                          bytes > 40 ? 40 : (int)bytes, token, bytes > 40 ? "..." : "");
    }
    return RF_OK;
}

static void
write_string(struct writer *writer, uint32_t node)
{
    size_t count;
    const char *bytes;
    if (writer->doc->nodes[node].flags & RF_JSON_ESCAPED) {
        rf_json_string(writer->doc, node, &writer->scratch, &bytes, &count);
        rf_canon_string(writer->out, bytes, count);
    } else {
        /* Holds nothing that must be escaped, or the reader had refused it. */
        bytes = rf_json_token(writer->doc, node, &count);
        rf_buf_add(writer->out, bytes, count);
    }
}

static rf_code
write_array(struct writer *writer, uint32_t array)
{
    uint32_t node = array + 1;
    rf_buf_byte(writer->out, '[');
    for (uint32_t i = 0; i < writer->doc->nodes[array].count; i++) {
        if (i > 0) {
            rf_buf_byte(writer->out, ',');
        }
        RF_TRY(write_value(writer, node));
        node = writer->doc->nodes[node].next;
    }
    rf_buf_byte(writer->out, ']');
    return RF_OK;
}

static int
compare_keys(const struct member *a, const struct member *b)
{
    size_t shorter = a->count < b->count ? a->count : b->count;
    int order = shorter == 0 ? 0 : memcmp(a->bytes, b->bytes, shorter);
    return order != 0 ? order : RF_ORDER(a->count, b->count);
}

static int
compare_members(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int order = compare_keys(a, b);
    return order != 0 ? order : RF_ORDER(a->key, b->key);
}

/* Pushes the members of an object. Returns whether their keys already rise. */
static bool
push_members(struct writer *writer, uint32_t object)
{
    const struct rf_json_node *nodes = writer->doc->nodes;
    size_t first = writer->used;
    bool rising = true;
    rf_buf_clear(&writer->decoded);
    RF_GROW(writer->members, writer->room, first + nodes[object].count);
    uint32_t node = object + 1;
    for (uint32_t i = 0; i < nodes[object].count; i++, node = nodes[node + 1].next) {
        struct member *member = &writer->members[writer->used++];
        member->key = node;
        rf_json_string(writer->doc, node, &writer->scratch, &member->bytes, &member->count);
        if (nodes[node].flags & RF_JSON_ESCAPED) {
            /* Room for all keys of the object at once: what points into it must stay. */
            rf_buf_reserve(&writer->decoded,
                           nodes[object].end - nodes[object].start - writer->decoded.used);
            rf_buf_add(&writer->decoded, member->bytes, member->count);
            member->bytes = writer->decoded.bytes + writer->decoded.used - member->count;
        }
        rising = rising && (i == 0 || compare_keys(member - 1, member) < 0);
    }
    return rising;
}

/* Sorts the members from `first` on, and drops those that a later one with the same key overrides.
 */
static void
sort_members(struct writer *writer, size_t first)
{
    struct member *members = writer->members + first;
    size_t count = writer->used - first;
    size_t kept = 0;
    qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || compare_keys(&members[i], &members[i + 1]) != 0) {
            members[kept++] = members[i];
        }
    }
    writer->overridden += count - kept;
    writer->used = first + kept;
}

static rf_code
write_object(struct writer *writer, uint32_t object)
{
    size_t first = writer->used;
    if (!push_members(writer, object)) {
        sort_members(writer, first);
    }
    size_t end = writer->used;
    rf_buf_byte(writer->out, '{');
    for (size_t i = first; i < end; i++) {
        uint32_t key = writer->members[i].key; /* the keys' bytes are no longer valid here */
        if (i > first) {
            rf_buf_byte(writer->out, ',');
        }
        write_string(writer, key);
        rf_buf_byte(writer->out, ':');
        RF_TRY(write_value(writer, key + 1));
    }
    rf_buf_byte(writer->out, '}');
    writer->used = first;
    return RF_OK;
}

/* Recursion ends at rf_limits.json_depth, which the reader keeps. */
static rf_code
write_value(struct writer *writer, uint32_t node)
{
    switch (writer->doc->nodes[node].kind) {
    case RF_JSON_NULL:
        rf_buf_string(writer->out, "null");
        return RF_OK;
    case RF_JSON_FALSE:
        rf_buf_string(writer->out, "false");
        return RF_OK;
    case RF_JSON_TRUE:
        rf_buf_string(writer->out, "true");
        return RF_OK;
    case RF_JSON_NUMBER:
        return write_number(writer, node);
    case RF_JSON_STRING:
        write_string(writer, node);
        return RF_OK;
    case RF_JSON_ARRAY:
        return write_array(writer, node);
    default:
        return write_object(writer, node);
    }
}

static rf_code
write_whole(struct writer *writer, uint32_t node, struct rf_json *doc)
{
    rf_code code = write_value(writer, node);
    doc->overridden = writer->overridden;
    free(writer->members);
    rf_buf_done(&writer->scratch);
    rf_buf_done(&writer->decoded);
    return code;
}

rf_code
rf_json_canonical(struct rf_json *doc, uint32_t node, bool literal_numbers, struct rf_buf *out,
                  struct rf_err *reterr)
{
    struct writer writer = {
        .doc = doc,
        .out = out,
        .reterr = reterr,
        .literal_numbers = literal_numbers,
    };
    return write_whole(&writer, node, doc);
}

void
rf_json_likeness(struct rf_json *doc, struct rf_buf *out)
{
    struct writer writer = {.doc = doc, .out = out, .loose = true};
    RF_VERIFY(write_whole(&writer, 0, doc) == RF_OK); /* numbers alone have no canonical form */
}
