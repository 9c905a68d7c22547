/* SPDX-License-Identifier: MIT */
/* A state's table of fields: checked, and put into the order of canonical JSON. */
#include "worker/fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/json.h"
#include "worker/pointer.h"

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

uint32_t
rf_field_bytes(const refold_field *field)
{
    return kinds[field->kind].bytes;
}

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

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Of the names from 1 on, that of 0 is unused. */
static bool
repeats_a_name(const refold_field *field)
{
    size_t count = field->count - 1;
    bool repeats = false;
    const char **names = rf_alloc(count * sizeof(*names));
    memcpy(names, field->names + 1, count * sizeof(*names));
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count && !repeats; i++) {
        repeats = strcmp(names[i - 1], names[i]) == 0;
    }
    free(names);
    return repeats;
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
    /* Two values of one name would be one in a state, and only one of them is read back. */
    return repeats_a_name(field) ? "a name of the enum occurs twice" : NULL;
}

static int
compare_rows(const void *left, const void *right)
{
    const struct rf_row *a = left;
    const struct rf_row *b = right;
    return rf_bytes_compare(a->name, a->name_bytes, b->name, b->name_bytes);
}

static rf_code check_rows(struct check *check, struct rf_row *around,
                          const struct rf_pointer *outer);

static rf_code
check_row(struct check *check, const refold_field *field, uint64_t struct_bytes, bool element,
          const struct rf_pointer *outer, struct rf_row *ret)
{
    struct rf_pointer step = {outer, element ? "*" : field->name, 0, 0};
    ret->field = field;
    if (++check->rows > RF_FIELDS_ROWS) {
        return rf_pointer_fail(check->reterr, outer,
                               "the table has too many rows, or runs in a ring");
    }
    if (!element) {
        if (field->name == NULL) {
            return rf_pointer_fail(check->reterr, outer, "a row has no name");
        }
        ret->name = field->name;
        ret->name_bytes = step.name_bytes = strlen(field->name);
        if (rf_utf8_valid(ret->name, ret->name_bytes) != ret->name_bytes) {
            return rf_pointer_fail(check->reterr, outer, "a row's name is no UTF-8");
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
        return rf_pointer_fail(check->reterr, &step, fault);
    }
    return has_rows(field->kind) ? check_rows(check, ret, &step) : RF_OK;
}

static rf_code
check_rows(struct check *check, struct rf_row *around, const struct rf_pointer *outer)
{
    const refold_field *field = around->field;
    bool element = field->kind != REFOLD_F_STRUCT;
    if (check->depth == RF_FIELDS_DEPTH) {
        return rf_pointer_fail(check->reterr, outer,
                               "the table is nested too deep, or runs in a ring");
    }
    if (field->count > RF_FIELDS_ROWS) {
        return rf_pointer_fail(check->reterr, outer, "the table has too many rows");
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
            struct rf_pointer step = {outer, around->rows[i].name, around->rows[i].name_bytes, 0};
            return rf_pointer_fail(check->reterr, &step, "two rows have this name");
        }
    }
    return RF_OK;
}

static void
free_rows(struct rf_row *row)
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
