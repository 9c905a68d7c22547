/* SPDX-License-Identifier: MIT */
/* A state's table of fields at work: the state as canonical JSON, and back. */
#include "worker/fields.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/time.h"
#include "worker/protocol.h"

/* A row that was checked. The rows of a struct are sorted by their names' bytes. */
struct row {
    const refold_field *field;
    const char *name; /* borrowed from the field; NULL for elements */
    size_t name_bytes;
    char *label; /* the name as JSON, with the colon */
    size_t label_bytes;
    struct row *rows;
    size_t row_count;
};

struct rf_fields {
    refold_field whole; /* the state as one struct */
    struct row root;
    const refold_text **keys; /* of the maps that are being written: a stack */
    size_t keys_used;
    size_t keys_room;
};

/* Where a walk is, from the inside out: what a message shows as a JSON pointer. */
struct step {
    const struct step *outer;
    const char *name; /* NULL: the index counts */
    size_t name_bytes;
    uint64_t index;
};

static void
add_pointer(struct rf_buf *out, const struct step *step)
{
    if (step == NULL) {
        return;
    }
    add_pointer(out, step->outer);
    rf_buf_byte(out, '/');
    if (step->name == NULL) {
        rf_canon_uint64(out, step->index);
        return;
    }
    for (size_t i = 0; i < step->name_bytes; i++) {
        char byte = step->name[i];
        if (byte == '~' || byte == '/') {
            rf_buf_string(out, byte == '~' ? "~0" : "~1");
        } else {
            rf_buf_byte(out, byte);
        }
    }
}

/* Fills reterr with "<pointer>: <text>". */
static rf_code
fail_at_step(struct rf_err *reterr, const struct step *step, const char *text)
{
    struct rf_buf pointer = {0};
    add_pointer(&pointer, step);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, NULL, "%s: %s",
                           step == NULL ? "the state" : rf_buf_text(&pointer), text);
    rf_buf_done(&pointer);
    return code;
}

/* ---- checking a table ------------------------------------------------------------------------ */

/* The C type of a kind's member. Structs have the size that their row gives. */
static const struct {
    uint32_t bytes;
    uint32_t align;
} kinds[] = {
    [REFOLD_F_BOOL] = {sizeof(uint8_t), _Alignof(uint8_t)},
    [REFOLD_F_INT32] = {sizeof(int32_t), _Alignof(int32_t)},
    [REFOLD_F_INT64] = {sizeof(int64_t), _Alignof(int64_t)},
    [REFOLD_F_UINT64] = {sizeof(uint64_t), _Alignof(uint64_t)},
    [REFOLD_F_REAL] = {sizeof(double), _Alignof(double)},
    [REFOLD_F_TEXT] = {sizeof(refold_text), _Alignof(refold_text)},
    [REFOLD_F_TIME] = {sizeof(refold_time), _Alignof(refold_time)},
    [REFOLD_F_ENUM] = {sizeof(int32_t), _Alignof(int32_t)},
    [REFOLD_F_STRUCT] = {0, 1},
    [REFOLD_F_LIST] = {sizeof(refold_list), _Alignof(refold_list)},
    [REFOLD_F_MAP] = {sizeof(refold_map), _Alignof(refold_map)},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

struct check {
    size_t rows;
    uint32_t depth;
    struct rf_err *reterr;
};

static bool
has_rows(uint32_t kind)
{
    return kind == REFOLD_F_STRUCT || kind == REFOLD_F_LIST || kind == REFOLD_F_MAP;
}

/* What is wrong with a row by itself, or NULL. */
static const char *
find_fault(const refold_field *field, uint64_t struct_bytes)
{
    if (field->kind == 0 || field->kind >= KIND_COUNT) {
        return "its kind is unknown to this refold";
    }
    if ((field->flags & ~REFOLD_OMIT_EMPTY) != 0) {
        return "it has a flag that is unknown to this refold";
    }
    uint64_t bytes = field->kind == REFOLD_F_STRUCT ? field->size : kinds[field->kind].bytes;
    if (field->offset > struct_bytes || bytes > struct_bytes - field->offset) {
        return "it reaches beyond its struct";
    }
    if (field->offset % kinds[field->kind].align != 0) {
        return "its offset is not aligned for its kind";
    }
    if (field->present != REFOLD_NO_PRESENCE && field->present >= struct_bytes) {
        return "its presence byte lies beyond its struct";
    }
    if (has_rows(field->kind) && (field->fields == NULL || field->count == 0)) {
        return "a struct, list or map needs rows of its own";
    }
    if (has_rows(field->kind) && field->size == 0) {
        return "a struct, list or map needs a size";
    }
    if ((field->kind == REFOLD_F_LIST || field->kind == REFOLD_F_MAP) && field->count != 1) {
        return "a list or map has one row";
    }
    if (field->kind == REFOLD_F_MAP && field->size < sizeof(refold_text)) {
        return "a map's entry begins with its key, a refold_text";
    }
    return NULL;
}

static const char *
find_fault_in_names(const refold_field *field)
{
    if (field->kind != REFOLD_F_ENUM) {
        return NULL;
    }
    if (field->names == NULL || field->count < 2 || field->count > RF_FIELDS_ROWS) {
        return "an enum needs names, and one unused for 0 before them";
    }
    for (uint32_t i = 1; i < field->count; i++) {
        const char *name = field->names[i];
        if (name == NULL || rf_utf8_valid(name, strlen(name)) != strlen(name)) {
            return "a name of the enum is missing, or no UTF-8";
        }
    }
    return NULL;
}

static int
compare_bytes(const char *a, uint64_t a_bytes, const char *b, uint64_t b_bytes)
{
    uint64_t shorter = a_bytes < b_bytes ? a_bytes : b_bytes;
    int order = shorter == 0 ? 0 : memcmp(a, b, (size_t)shorter);
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static int
compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    return compare_bytes(a->name, a->name_bytes, b->name, b->name_bytes);
}

static rf_code check_rows(struct check *check, struct row *around, const struct step *outer);

static rf_code
check_row(struct check *check, const refold_field *field, uint64_t struct_bytes, bool element,
          const struct step *outer, struct row *ret)
{
    struct step step = {outer, element ? "*" : field->name, 0, 0};
    ret->field = field;
    if (++check->rows > RF_FIELDS_ROWS) {
        return fail_at_step(check->reterr, outer, "the table has too many rows, or runs in a ring");
    }
    if (!element) {
        if (field->name == NULL) {
            return fail_at_step(check->reterr, outer, "a row has no name");
        }
        ret->name = field->name;
        ret->name_bytes = step.name_bytes = strlen(field->name);
        if (rf_utf8_valid(ret->name, ret->name_bytes) != ret->name_bytes) {
            return fail_at_step(check->reterr, outer, "a row's name is no UTF-8");
        }
        struct rf_buf label = {0};
        rf_canon_string(&label, ret->name, ret->name_bytes);
        rf_buf_byte(&label, ':');
        ret->label = label.bytes;
        ret->label_bytes = label.used;
    } else {
        step.name_bytes = 1;
    }
    const char *fault = find_fault(field, struct_bytes);
    fault = fault != NULL ? fault : find_fault_in_names(field);
    if (fault != NULL) {
        return fail_at_step(check->reterr, &step, fault);
    }
    return has_rows(field->kind) ? check_rows(check, ret, &step) : RF_OK;
}

static rf_code
check_rows(struct check *check, struct row *around, const struct step *outer)
{
    const refold_field *field = around->field;
    bool element = field->kind != REFOLD_F_STRUCT;
    if (check->depth == RF_FIELDS_DEPTH) {
        return fail_at_step(check->reterr, outer,
                            "the table is nested too deep, or runs in a ring");
    }
    if (field->count > RF_FIELDS_ROWS) {
        return fail_at_step(check->reterr, outer, "the table has too many rows");
    }
    check->depth++;
    around->rows = rf_calloc(field->count, sizeof(*around->rows));
    around->row_count = field->count;
    for (uint32_t i = 0; i < field->count; i++) {
        RF_TRY(check_row(check, &field->fields[i], field->size, element, outer, &around->rows[i]));
    }
    check->depth--;
    if (element) {
        return RF_OK;
    }
    qsort(around->rows, around->row_count, sizeof(*around->rows), compare_rows);
    for (size_t i = 1; i < around->row_count; i++) {
        if (compare_rows(&around->rows[i - 1], &around->rows[i]) == 0) {
            struct step step = {outer, around->rows[i].name, around->rows[i].name_bytes, 0};
            return fail_at_step(check->reterr, &step, "two rows have this name");
        }
    }
    return RF_OK;
}

static void
free_rows(struct row *row)
{
    for (size_t i = 0; i < row->row_count; i++) {
        free_rows(&row->rows[i]);
    }
    free(row->rows);
    free(row->label);
}

rf_code
rf_fields_new(const refold_field *rows, uint64_t count, uint64_t state_bytes,
              struct rf_fields **ret, struct rf_err *reterr)
{
    if (rows == NULL || count == 0 || count > RF_FIELDS_ROWS || state_bytes > UINT32_MAX) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "the table of fields is missing, or too long, or the state too large");
    }
    struct rf_fields *fields = rf_calloc(1, sizeof(*fields));
    fields->whole = (refold_field){
        .kind = REFOLD_F_STRUCT,
        .present = REFOLD_NO_PRESENCE,
        .size = (uint32_t)state_bytes,
        .count = (uint32_t)count,
        .fields = rows,
    };
    fields->root.field = &fields->whole;
    struct check check = {.reterr = reterr};
    rf_code code = check_rows(&check, &fields->root, NULL);
    if (code != RF_OK) {
        rf_fields_free(fields);
        return code;
    }
    *ret = fields;
    return RF_OK;
}

void
rf_fields_free(struct rf_fields *fields)
{
    if (fields != NULL) {
        free_rows(&fields->root);
        free(fields->keys);
        free(fields);
    }
}

/* ---- the state as JSON ----------------------------------------------------------------------- */

struct writer {
    struct rf_fields *fields;
    struct rf_buf *out;
    struct rf_buf *why;
    size_t limit; /* of out->used */
    uint32_t status;
};

/* Members are read by memcpy: the compiler knows their true types in the plugin only. */
#define MEMBER(type, at)                                                                           \
    __extension__({                                                                                \
        type member_;                                                                              \
        memcpy(&member_, (at), sizeof(member_));                                                   \
        member_;                                                                                   \
    })

static __attribute__((noinline)) bool
fail_nonfinite(struct writer *writer, const struct step *step)
{
    writer->status = RF_STATUS_NONFINITE;
    rf_buf_clear(writer->why);
    add_pointer(writer->why, step);
    return false;
}

static __attribute__((noinline)) bool
fail_broken(struct writer *writer, const struct step *step, const char *text)
{
    writer->status = RF_STATUS_BROKEN;
    rf_buf_clear(writer->why);
    add_pointer(writer->why, step);
    rf_buf_string(writer->why, step == NULL ? "the state: " : ": ");
    rf_buf_string(writer->why, text);
    return false;
}

static bool
check_room(struct writer *writer, const struct step *step, uint64_t more)
{
    return (writer->out->used <= writer->limit && more <= writer->limit - writer->out->used) ||
           fail_broken(writer, step, "the state's JSON is longer than 64 MiB");
}

static bool
write_text(struct writer *writer, const refold_text *text, const struct step *step)
{
    if (!check_room(writer, step, text->len)) {
        return false;
    }
    size_t bytes = (size_t)text->len;
    if (bytes > 0 && rf_utf8_valid(text->ptr, bytes) != bytes) {
        return fail_broken(writer, step, "the text is not UTF-8");
    }
    rf_canon_string(writer->out, text->ptr, bytes);
    return true;
}

static bool
write_time(struct writer *writer, refold_time at, const struct step *step)
{
    struct rf_time time = {at.seconds, at.nanos};
    if (!rf_time_valid(time)) {
        return fail_broken(writer, step, "the time is none of the years 1 to 9999");
    }
    char text[RF_TIME_TEXT_BYTES + 2];
    size_t bytes = rf_time_print(time, text + 1);
    text[0] = '"';
    text[bytes + 1] = '"';
    rf_buf_add(writer->out, text, bytes + 2);
    return true;
}

static bool
write_enum(struct writer *writer, const refold_field *field, int32_t value, const struct step *step)
{
    if (value < 0 || (uint32_t)value >= field->count) {
        return fail_broken(writer, step, "the enum's value has no name");
    }
    const char *name = field->names[value];
    rf_canon_string(writer->out, name, strlen(name));
    return true;
}

static bool write_value(struct writer *writer, const struct row *row, const char *at,
                        const struct step *step);

/* Whether a field's value stands for "never set". Lists and maps are empty at most. */
static bool
is_unset(const refold_field *field, const char *at)
{
    switch (field->kind) {
    case REFOLD_F_TEXT:
        return MEMBER(refold_text, at).ptr == NULL;
    case REFOLD_F_TIME:
        return MEMBER(refold_time, at).set == 0;
    case REFOLD_F_ENUM:
        return MEMBER(int32_t, at) == 0;
    default:
        return false;
    }
}

/* Structs aside: whether one is empty shows when it is written. */
static bool
is_empty(const refold_field *field, const char *at)
{
    switch (field->kind) {
    case REFOLD_F_BOOL:
        return *at == 0;
    case REFOLD_F_INT32:
        return MEMBER(int32_t, at) == 0;
    case REFOLD_F_INT64:
    case REFOLD_F_UINT64:
        return MEMBER(uint64_t, at) == 0;
    case REFOLD_F_REAL:
        return MEMBER(double, at) == 0;
    case REFOLD_F_TEXT:
        return MEMBER(refold_text, at).len == 0;
    case REFOLD_F_LIST:
        return MEMBER(refold_list, at).count == 0;
    case REFOLD_F_MAP:
        return MEMBER(refold_map, at).count == 0;
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
    return is_unset(field, at) || ((field->flags & REFOLD_OMIT_EMPTY) && is_empty(field, at));
}

static bool
write_struct(struct writer *writer, const struct row *around, const char *base,
             const struct step *outer)
{
    struct rf_buf *out = writer->out;
    struct step step = {.outer = outer};
    char mark = '{';
    for (size_t i = 0; i < around->row_count; i++) {
        const struct row *row = &around->rows[i];
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
write_element(struct writer *writer, const struct row *row, const char *base,
              const struct step *step)
{
    const refold_field *field = row->field;
    if ((field->present != REFOLD_NO_PRESENCE && base[field->present] == 0) ||
        is_unset(field, base + field->offset)) {
        rf_buf_add(writer->out, "null", 4);
        return true;
    }
    return write_value(writer, row, base + field->offset, step);
}

static bool
write_list(struct writer *writer, const struct row *around, refold_list list,
           const struct step *outer)
{
    const char *element = list.items;
    struct step step = {.outer = outer};
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
    return compare_bytes(a->ptr, a->len, b->ptr, b->len);
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
write_entry(struct writer *writer, const struct row *row, const refold_text *key, bool first,
            struct step *step)
{
    step->name = key->len == 0 ? "" : key->ptr;
    step->name_bytes = (size_t)key->len;
    if (!first) {
        rf_buf_byte(writer->out, ',');
    }
    if (!write_text(writer, key, step->outer)) {
        return false;
    }
    rf_buf_byte(writer->out, ':');
    return write_element(writer, row, (const char *)key, step);
}

static bool
write_map(struct writer *writer, const struct row *around, refold_map map, const struct step *outer)
{
    struct rf_fields *fields = writer->fields;
    struct step step = {.outer = outer};
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
write_value(struct writer *writer, const struct row *row, const char *at, const struct step *step)
{
    struct rf_buf *out = writer->out;
    double real;
    refold_text text;
    switch (row->field->kind) {
    case REFOLD_F_BOOL:
        rf_buf_string(out, *at != 0 ? "true" : "false");
        return true;
    case REFOLD_F_INT32:
        rf_canon_int64(out, MEMBER(int32_t, at));
        return true;
    case REFOLD_F_INT64:
        rf_canon_int64(out, MEMBER(int64_t, at));
        return true;
    case REFOLD_F_UINT64:
        rf_canon_uint64(out, MEMBER(uint64_t, at));
        return true;
    case REFOLD_F_REAL:
        real = MEMBER(double, at);
        if (!isfinite(real)) {
            return fail_nonfinite(writer, step);
        }
        rf_canon_real(out, real);
        return true;
    case REFOLD_F_TEXT:
        text = MEMBER(refold_text, at);
        return write_text(writer, &text, step);
    case REFOLD_F_TIME:
        return write_time(writer, MEMBER(refold_time, at), step);
    case REFOLD_F_ENUM:
        return write_enum(writer, row->field, MEMBER(int32_t, at), step);
    case REFOLD_F_STRUCT:
        return write_struct(writer, row, at, step);
    case REFOLD_F_LIST:
        return write_list(writer, row, MEMBER(refold_list, at), step);
    default:
        return write_map(writer, row, MEMBER(refold_map, at), step);
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

/* ---- JSON to a state ------------------------------------------------------------------------- */

struct reader {
    const struct rf_json *doc;
    struct rf_memory *memory;
    struct rf_buf scratch;
    struct rf_err *reterr;
};

static rf_code read_value(struct reader *reader, const struct row *row, char *at, uint32_t node,
                          const struct step *step);

static void
set_present(const refold_field *field, char *base, uint8_t present)
{
    if (field->present != REFOLD_NO_PRESENCE) {
        base[field->present] = (char)present;
    }
}

static bool
is_null(const struct reader *reader, uint32_t node)
{
    return reader->doc->nodes[node].kind == RF_JSON_NULL;
}

/* Makes a field absent; false where it never is. */
static bool
make_absent(const struct row *row, char *base)
{
    const refold_field *field = row->field;
    bool omitted = (field->flags & REFOLD_OMIT_EMPTY) != 0;
    if (field->present != REFOLD_NO_PRESENCE) {
        set_present(field, base, 0);
        return true;
    }
    switch (field->kind) {
    case REFOLD_F_TEXT:
    case REFOLD_F_TIME:
    case REFOLD_F_ENUM:
        omitted = true;
        break;
    case REFOLD_F_STRUCT:
        for (size_t i = 0; omitted && i < row->row_count; i++) {
            omitted = make_absent(&row->rows[i], base + field->offset);
        }
        return omitted;
    default:
        break;
    }
    if (omitted) {
        memset(base + field->offset, 0, kinds[field->kind].bytes);
    }
    return omitted;
}

static rf_code
refuse_unknown_member(struct reader *reader, const struct row *around, uint32_t object,
                      const struct step *outer)
{
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < reader->doc->nodes[object].count; i++) {
        struct step step = {.outer = outer};
        size_t row = 0;
        rf_json_string(reader->doc, key, &reader->scratch, &step.name, &step.name_bytes);
        while (row < around->row_count &&
               compare_bytes(step.name, step.name_bytes, around->rows[row].name,
                             around->rows[row].name_bytes) != 0) {
            row++;
        }
        if (row == around->row_count) {
            return fail_at_step(reader->reterr, &step, "the aggregate has no such field");
        }
        key = reader->doc->nodes[key + 1].next;
    }
    return fail_at_step(reader->reterr, outer, "a key occurs twice");
}

static rf_code
read_struct(struct reader *reader, const struct row *around, char *base, uint32_t object,
            const struct step *outer)
{
    uint32_t found = 0;
    if (reader->doc->nodes[object].kind != RF_JSON_OBJECT) {
        return fail_at_step(reader->reterr, outer, "is not an object");
    }
    for (size_t i = 0; i < around->row_count; i++) {
        const struct row *row = &around->rows[i];
        struct step step = {outer, row->name, row->name_bytes, 0};
        uint32_t node = rf_json_member(reader->doc, object, row->name, row->name_bytes, NULL);
        if (node == RF_JSON_NONE) {
            if (!make_absent(row, base)) {
                return fail_at_step(reader->reterr, &step, "is missing");
            }
            continue;
        }
        found++;
        set_present(row->field, base, 1);
        RF_TRY(read_value(reader, row, base + row->field->offset, node, &step));
    }
    if (found != reader->doc->nodes[object].count) {
        return refuse_unknown_member(reader, around, object, outer);
    }
    return RF_OK;
}

/* `base` is zeroed: what is null stays so. */
static rf_code
read_element(struct reader *reader, const struct row *row, char *base, uint32_t node,
             const struct step *step)
{
    const refold_field *field = row->field;
    if (is_null(reader, node) &&
        (field->present != REFOLD_NO_PRESENCE || is_unset(field, base + field->offset))) {
        return RF_OK;
    }
    set_present(field, base, 1);
    return read_value(reader, row, base + field->offset, node, step);
}

static rf_code
read_list(struct reader *reader, const struct row *around, char *at, uint32_t array,
          const struct step *outer)
{
    refold_list list = {0};
    struct step step = {.outer = outer};
    if (reader->doc->nodes[array].kind != RF_JSON_ARRAY) {
        return fail_at_step(reader->reterr, outer, "is not an array");
    }
    uint32_t node = array + 1;
    for (; step.index < reader->doc->nodes[array].count; step.index++) {
        char *element = rf_list_push(reader->memory, &list, around->field->size);
        RF_TRY(read_element(reader, &around->rows[0], element, node, &step));
        node = reader->doc->nodes[node].next;
    }
    memcpy(at, &list, sizeof(list));
    return RF_OK;
}

static rf_code
read_map(struct reader *reader, const struct row *around, char *at, uint32_t object,
         const struct step *outer)
{
    refold_map map = {0};
    if (reader->doc->nodes[object].kind != RF_JSON_OBJECT) {
        return fail_at_step(reader->reterr, outer, "is not an object");
    }
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < reader->doc->nodes[object].count; i++) {
        struct step step = {.outer = outer};
        rf_json_string(reader->doc, key, &reader->scratch, &step.name, &step.name_bytes);
        char *entry =
            rf_map_put(reader->memory, &map, around->field->size, step.name, step.name_bytes);
        if (map.count != i + 1) {
            return fail_at_step(reader->reterr, &step, "a key occurs twice");
        }
        /* The scratch may be used again below: the step borrows the entry's own key. */
        step.name = ((const refold_text *)(const void *)entry)->ptr;
        RF_TRY(read_element(reader, &around->rows[0], entry, key + 1, &step));
        key = reader->doc->nodes[key + 1].next;
    }
    memcpy(at, &map, sizeof(map));
    return RF_OK;
}

static rf_code
read_string(struct reader *reader, const refold_field *field, char *at, uint32_t node,
            const struct step *step)
{
    const char *bytes;
    size_t count;
    if (reader->doc->nodes[node].kind != RF_JSON_STRING) {
        return fail_at_step(reader->reterr, step, "is not a string");
    }
    rf_json_string(reader->doc, node, &reader->scratch, &bytes, &count);
    if (field->kind == REFOLD_F_TEXT) {
        refold_text text = {0};
        rf_text_set(reader->memory, &text, bytes == NULL ? "" : bytes, count);
        memcpy(at, &text, sizeof(text));
        return RF_OK;
    }
    if (field->kind == REFOLD_F_TIME) {
        struct rf_time time;
        if (!rf_time_parse(bytes, count, &time)) {
            return fail_at_step(reader->reterr, step, "is not a time");
        }
        refold_time set = {time.seconds, time.nanos, 1};
        memcpy(at, &set, sizeof(set));
        return RF_OK;
    }
    for (int32_t i = 1; (uint32_t)i < field->count; i++) {
        if (compare_bytes(bytes, count, field->names[i], strlen(field->names[i])) == 0) {
            memcpy(at, &i, sizeof(i));
            return RF_OK;
        }
    }
    return fail_at_step(reader->reterr, step, "is not a name of the enum");
}

static rf_code
read_number(struct reader *reader, const refold_field *field, char *at, uint32_t node,
            const struct step *step)
{
    int64_t integer;
    uint64_t natural;
    double real;
    bool fits;
    switch (field->kind) {
    case REFOLD_F_REAL:
        fits = rf_json_real(reader->doc, node, &real);
        if (fits) {
            memcpy(at, &real, sizeof(real));
        }
        break;
    case REFOLD_F_UINT64:
        fits = rf_json_uint64(reader->doc, node, &natural);
        if (fits) {
            memcpy(at, &natural, sizeof(natural));
        }
        break;
    default:
        fits = rf_json_int64(reader->doc, node, &integer);
        if (fits && field->kind == REFOLD_F_INT32) {
            int32_t narrow = (int32_t)integer;
            fits = narrow == integer;
            memcpy(at, &narrow, sizeof(narrow));
        } else if (fits) {
            memcpy(at, &integer, sizeof(integer));
        }
        break;
    }
    return fits ? RF_OK : fail_at_step(reader->reterr, step, "is not a number that fits");
}

static rf_code
read_value(struct reader *reader, const struct row *row, char *at, uint32_t node,
           const struct step *step)
{
    uint8_t kind = reader->doc->nodes[node].kind;
    switch (row->field->kind) {
    case REFOLD_F_BOOL:
        if (kind != RF_JSON_TRUE && kind != RF_JSON_FALSE) {
            return fail_at_step(reader->reterr, step, "is neither true nor false");
        }
        *at = kind == RF_JSON_TRUE;
        return RF_OK;
    case REFOLD_F_TEXT:
    case REFOLD_F_TIME:
    case REFOLD_F_ENUM:
        return read_string(reader, row->field, at, node, step);
    case REFOLD_F_STRUCT:
        return read_struct(reader, row, at, node, step);
    case REFOLD_F_LIST:
        return read_list(reader, row, at, node, step);
    case REFOLD_F_MAP:
        return read_map(reader, row, at, node, step);
    default:
        return read_number(reader, row->field, at, node, step);
    }
}

rf_code
rf_fields_restore(const struct rf_fields *fields, void *state, const struct rf_json *doc,
                  uint32_t node, struct rf_memory *memory, struct rf_err *reterr)
{
    struct reader reader = {.doc = doc, .memory = memory, .reterr = reterr};
    rf_code code = read_struct(&reader, &fields->root, state, node, NULL);
    rf_buf_done(&reader.scratch);
    return code;
}

/* ---- the shape ------------------------------------------------------------------------------- */

static void
describe_rows(const refold_field *rows, uint64_t count, bool elements, struct rf_buf *out)
{
    rf_buf_byte(out, '[');
    for (uint64_t i = 0; i < count; i++) {
        rf_buf_string(out, i > 0 ? ",{" : "{");
        if (!elements) {
            rf_buf_string(out, "\"name\":");
            rf_canon_string(out, rows[i].name, strlen(rows[i].name));
            rf_buf_byte(out, ',');
        }
        rf_buf_format(out, "\"kind\":%u", rows[i].kind);
        if (has_rows(rows[i].kind)) {
            rf_buf_string(out, ",\"fields\":");
            describe_rows(rows[i].fields, rows[i].count, rows[i].kind != REFOLD_F_STRUCT, out);
        }
        rf_buf_byte(out, '}');
    }
    rf_buf_byte(out, ']');
}

void
rf_fields_describe(const refold_field *rows, uint64_t count, struct rf_buf *out)
{
    rf_buf_format(out, "{\"kind\":%u,\"fields\":", (unsigned)REFOLD_F_STRUCT);
    describe_rows(rows, count, false, out);
    rf_buf_byte(out, '}');
}
