/* SPDX-License-Identifier: MIT */
/* A state as canonical JSON, by its table of fields. */
#include "worker/snapshot.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/limits.h"
#include "worker/pointer.h"
#include "worker/protocol.h"

/* Loosely written, what is no value of its kind begins like nothing else does; a key, by an escape
 * that canonical JSON has not, with a byte behind it that no ignore rule can name. It is JSON all
 * the same: what ignore rules name can be left out beside it. */
#define ODD     "[3e999,"
#define ODD_KEY "\"\\/\\u0000"

struct writer {
    struct rf_fields *fields;
    struct rf_buf *out;
    struct rf_buf *why;
    size_t limit; /* of out->used */
    uint32_t status;
};

static __attribute__((noinline)) bool
fail_nonfinite(struct writer *writer, const struct rf_pointer *step)
{
    writer->status = RF_STATUS_NONFINITE;
    rf_buf_clear(writer->why);
    rf_pointer_print(writer->why, step);
    return false;
}

static __attribute__((noinline)) bool
fail_broken(struct writer *writer, const struct rf_pointer *step, const char *text)
{
    writer->status = RF_STATUS_BROKEN;
    rf_buf_clear(writer->why);
    rf_pointer_print(writer->why, step);
    rf_buf_string(writer->why, step == NULL ? "the state: " : ": ");
    rf_buf_string(writer->why, text);
    return false;
}

static bool
check_room(struct writer *writer, const struct rf_pointer *step, uint64_t more)
{
    return (writer->out->used <= writer->limit && more <= writer->limit - writer->out->used) ||
           fail_broken(writer, step, "the state's JSON is longer than 64 MiB");
}

/* The hex of a text that is not UTF-8, between these. */
static void
write_hex(struct rf_buf *out, const refold_text *text, const char *before, const char *behind)
{
    rf_buf_string(out, before);
    for (uint64_t i = 0; i < text->len; i++) {
        unsigned char byte = (unsigned char)text->ptr[i];
        rf_buf_byte(out, RF_HEX_DIGITS[byte >> 4]);
        rf_buf_byte(out, RF_HEX_DIGITS[byte & 15]);
    }
    rf_buf_string(out, behind);
}

static bool
write_text(struct writer *writer, const refold_text *text, bool key, const struct rf_pointer *step)
{
    if (!check_room(writer, step, text->len)) {
        return false;
    }
    size_t bytes = (size_t)text->len;
    if (bytes == 0 || rf_utf8_valid(text->ptr, bytes) == bytes) {
        rf_canon_string(writer->out, text->ptr, bytes);
        return true;
    }
    if (writer->fields->loose != RF_LOOSE_ALL) {
        return fail_broken(writer, step, "the text is not UTF-8");
    }
    write_hex(writer->out, text, key ? ODD_KEY : ODD "\"", key ? "\"" : "\"]");
    return true;
}

static bool
write_time(struct writer *writer, refold_time at, const struct rf_pointer *step)
{
    struct rf_time_printer *printer = &writer->fields->printer;
    size_t bytes = rf_time_print_string(printer, (struct rf_time){at.seconds, at.nanos});
    if (bytes == 0 && writer->fields->loose == RF_LOOSE_ALL) {
        rf_buf_format(writer->out, ODD "%lld,%d]", (long long)at.seconds, (int)at.nanos);
        return true;
    }
    if (bytes == 0) {
        return fail_broken(writer, step, "the time is none of the years 1 to 9999");
    }
    rf_buf_add(writer->out, printer->text, bytes);
    return true;
}

static bool
write_enum(struct writer *writer, const refold_field *field, int32_t value,
           const struct rf_pointer *step)
{
    bool named = value >= 0 && (uint32_t)value < field->count;
    if (!named && writer->fields->loose == RF_LOOSE_ALL) {
        rf_buf_format(writer->out, ODD "%d]", (int)value);
        return true;
    }
    if (!named) {
        return fail_broken(writer, step, "the enum's value has no name");
    }
    const char *name = field->names[value];
    rf_canon_string(writer->out, name, strlen(name));
    return true;
}

static bool
write_real(struct writer *writer, double real, const struct rf_pointer *step)
{
    if (isfinite(real)) {
        rf_canon_real(writer->out, real);
        return true;
    }
    if (writer->fields->loose == RF_LOOSE_NONE) {
        return fail_nonfinite(writer, step);
    }
    rf_canon_nonfinite(writer->out, real); /* JSON still: parts of it can be left out */
    return true;
}

static bool write_value(struct writer *writer, const struct rf_row *row, const char *at,
                        const struct rf_pointer *step);

/* Structs aside: whether one is empty shows when it is written. */
static bool
is_empty(const refold_field *field, const char *at)
{
    switch (field->kind) {
    case REFOLD_F_BOOL:
        return *at == 0;
    case REFOLD_F_INT32:
        return RF_MEMBER(int32_t, at) == 0;
    case REFOLD_F_INT64:
    case REFOLD_F_UINT64:
        return RF_MEMBER(uint64_t, at) == 0;
    case REFOLD_F_REAL:
        return RF_MEMBER(double, at) == 0;
    case REFOLD_F_TEXT:
        return RF_MEMBER(refold_text, at).len == 0;
    case REFOLD_F_LIST:
        return RF_MEMBER(refold_list, at).count == 0;
    case REFOLD_F_MAP:
        return RF_MEMBER(refold_map, at).count == 0;
    default:
        return false;
    }
}

static bool
is_absent(const refold_field *field, const char *base)
{
    if (field->present != REFOLD_NO_PRESENCE && base[field->present] == 0) {
        return true;
    }
    const char *at = base + field->offset;
    return rf_field_unset(field, at) || ((field->flags & REFOLD_OMIT_EMPTY) && is_empty(field, at));
}

static bool
write_struct(struct writer *writer, const struct rf_row *around, const char *base,
             const struct rf_pointer *outer)
{
    struct rf_buf *out = writer->out;
    struct rf_pointer step = {.outer = outer};
    char mark = '{';
    for (size_t i = 0; i < around->row_count; i++) {
        const struct rf_row *row = &around->rows[i];
        if (is_absent(row->field, base)) {
            continue;
        }
        size_t before = out->used;
        step.name = row->name;
        step.name_bytes = row->name_bytes;
        rf_buf_byte(out, mark);
        rf_buf_add(out, row->label, row->label_bytes);
        if (!write_value(writer, row, base + row->field->offset, &step)) {
            return false;
        }
        if (row->field->kind == REFOLD_F_STRUCT && (row->field->flags & REFOLD_OMIT_EMPTY) &&
            out->used - before == row->label_bytes + 3) {
            out->used = before; /* it is {} */
        } else {
            mark = ',';
        }
    }
    if (mark == '{') {
        rf_buf_byte(out, '{');
    }
    rf_buf_byte(out, '}');
    return true;
}

/* An element of a list or the value of a map: never left out. */
static bool
write_element(struct writer *writer, const struct rf_row *row, const char *base,
              const struct rf_pointer *step)
{
    const refold_field *field = row->field;
    if ((field->present != REFOLD_NO_PRESENCE && base[field->present] == 0) ||
        rf_field_unset(field, base + field->offset)) {
        rf_buf_add(writer->out, "null", 4);
        return true;
    }
    return write_value(writer, row, base + field->offset, step);
}

static bool
write_list(struct writer *writer, const struct rf_row *around, refold_list list,
           const struct rf_pointer *outer)
{
    const char *element = list.items;
    struct rf_pointer step = {.outer = outer};
    rf_buf_byte(writer->out, '[');
    for (uint64_t i = 0; i < list.count; i++, element += around->field->size) {
        step.index = i;
        if (i > 0) {
            rf_buf_byte(writer->out, ',');
        }
        if (!check_room(writer, &step, 0) ||
            !write_element(writer, &around->rows[0], element, &step)) {
            return false;
        }
    }
    rf_buf_byte(writer->out, ']');
    return true;
}

static int
compare_keys(const void *left, const void *right)
{
    const refold_text *a = *(const refold_text *const *)left;
    const refold_text *b = *(const refold_text *const *)right;
    return rf_bytes_compare(a->ptr, a->len, b->ptr, b->len);
}

/* Few keys, or nearly sorted ones, without the library's call for each comparison (and, in some
 * libraries, its memory). */
static void
sort_keys(const refold_text **keys, size_t count)
{
    if (count > 32) {
        qsort(keys, count, sizeof(*keys), compare_keys);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const refold_text *key = keys[i];
        size_t at = i;
        for (; at > 0 && compare_keys(&keys[at - 1], &key) > 0; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
}

/* Pushes the map's keys in order; each is the front of its entry. */
static void
push_keys(struct rf_fields *fields, refold_map map, uint64_t entry_bytes)
{
    size_t first = fields->keys_used;
    size_t count = (size_t)map.count;
    RF_GROW(fields->keys, fields->keys_room, first + count);
    const char *entry = map.entries;
    for (size_t i = 0; i < count; i++, entry += entry_bytes) {
        fields->keys[first + i] = (const refold_text *)(const void *)entry;
    }
    fields->keys_used = first + count;
    sort_keys(fields->keys + first, count);
}

static bool
write_entry(struct writer *writer, const struct rf_row *row, const refold_text *key, bool first,
            struct rf_pointer *step)
{
    step->name = key->len == 0 ? "" : key->ptr;
    step->name_bytes = (size_t)key->len;
    if (!first) {
        rf_buf_byte(writer->out, ',');
    }
    if (!write_text(writer, key, true, step->outer)) {
        return false;
    }
    rf_buf_byte(writer->out, ':');
    return write_element(writer, row, (const char *)key, step);
}

static bool
write_map(struct writer *writer, const struct rf_row *around, refold_map map,
          const struct rf_pointer *outer)
{
    struct rf_fields *fields = writer->fields;
    struct rf_pointer step = {.outer = outer};
    size_t first = fields->keys_used;
    /* An entry is five bytes of JSON at least: more than fit, and none needs to be sorted. */
    if (map.count > RF_LIMIT_STATE_BYTES / 5) {
        return check_room(writer, outer, UINT64_MAX);
    }
    push_keys(fields, map, around->field->size);
    rf_buf_byte(writer->out, '{');
    for (size_t i = first; i < first + map.count; i++) {
        if (i > first && compare_keys(&fields->keys[i - 1], &fields->keys[i]) == 0) {
            return fail_broken(writer, outer, "a key is in the map twice");
        }
        if (!write_entry(writer, &around->rows[0], fields->keys[i], i == first, &step)) {
            return false;
        }
    }
    rf_buf_byte(writer->out, '}');
    fields->keys_used = first;
    return true;
}

static bool
write_value(struct writer *writer, const struct rf_row *row, const char *at,
            const struct rf_pointer *step)
{
    struct rf_buf *out = writer->out;
    double real;
    refold_text text;
    switch (row->field->kind) {
    case REFOLD_F_BOOL:
        rf_buf_string(out, *at != 0 ? "true" : "false");
        return true;
    case REFOLD_F_INT32:
        rf_canon_int64(out, RF_MEMBER(int32_t, at));
        return true;
    case REFOLD_F_INT64:
        rf_canon_int64(out, RF_MEMBER(int64_t, at));
        return true;
    case REFOLD_F_UINT64:
        rf_canon_uint64(out, RF_MEMBER(uint64_t, at));
        return true;
    case REFOLD_F_REAL:
        real = RF_MEMBER(double, at);
        return write_real(writer, real, step);
    case REFOLD_F_TEXT:
        text = RF_MEMBER(refold_text, at);
        return write_text(writer, &text, false, step);
    case REFOLD_F_TIME:
        return write_time(writer, RF_MEMBER(refold_time, at), step);
    case REFOLD_F_ENUM:
        return write_enum(writer, row->field, RF_MEMBER(int32_t, at), step);
    case REFOLD_F_STRUCT:
        return write_struct(writer, row, at, step);
    case REFOLD_F_LIST:
        return write_list(writer, row, RF_MEMBER(refold_list, at), step);
    default:
        return write_map(writer, row, RF_MEMBER(refold_map, at), step);
    }
}

uint32_t
rf_fields_snapshot(struct rf_fields *fields, const void *state, struct rf_buf *out,
                   struct rf_buf *ret_why)
{
    struct writer writer = {
        .fields = fields,
        .out = out,
        .why = ret_why,
        .limit = out->used + RF_LIMIT_STATE_BYTES,
        .status = RF_STATUS_OK,
    };
    size_t before = out->used;
    fields->keys_used = 0;
    if (write_struct(&writer, &fields->root, state, NULL)) {
        (void)check_room(&writer, NULL, 0);
    }
    if (writer.status != RF_STATUS_OK) {
        out->used = before;
    }
    return writer.status;
}
