/* SPDX-License-Identifier: MIT */
/* A snapshot's JSON back into a state, by its table of fields. */
#include "worker/restore.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "worker/pointer.h"

struct reader {
    const struct rf_json *doc;
    struct rf_memory *memory;
    struct rf_buf scratch;
    struct rf_err *reterr;
};

static rf_code read_value(struct reader *reader, const struct rf_row *row, char *at, uint32_t node,
                          const struct rf_pointer *step);

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
make_absent(const struct rf_row *row, char *base)
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
        memset(base + field->offset, 0, rf_field_bytes(field));
    }
    return omitted;
}

static rf_code
refuse_unknown_member(struct reader *reader, const struct rf_row *around, uint32_t object,
                      const struct rf_pointer *outer)
{
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < reader->doc->nodes[object].count; i++) {
        struct rf_pointer step = {.outer = outer};
        size_t row = 0;
        rf_json_string(reader->doc, key, &reader->scratch, &step.name, &step.name_bytes);
        while (row < around->row_count &&
               rf_bytes_compare(step.name, step.name_bytes, around->rows[row].name,
                                around->rows[row].name_bytes) != 0) {
            row++;
        }
        if (row == around->row_count) {
            return rf_pointer_fail(reader->reterr, &step, "the aggregate has no such field");
        }
        key = reader->doc->nodes[key + 1].next;
    }
    return rf_pointer_fail(reader->reterr, outer, "a key occurs twice");
}

static rf_code
read_struct(struct reader *reader, const struct rf_row *around, char *base, uint32_t object,
            const struct rf_pointer *outer)
{
    uint32_t found = 0;
    if (reader->doc->nodes[object].kind != RF_JSON_OBJECT) {
        return rf_pointer_fail(reader->reterr, outer, "is not an object");
    }
    for (size_t i = 0; i < around->row_count; i++) {
        const struct rf_row *row = &around->rows[i];
        struct rf_pointer step = {outer, row->name, row->name_bytes, 0};
        uint32_t node = rf_json_member(reader->doc, object, row->name, row->name_bytes, NULL);
        if (node == RF_JSON_NONE) {
            if (!make_absent(row, base)) {
                return rf_pointer_fail(reader->reterr, &step, "is missing");
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
read_element(struct reader *reader, const struct rf_row *row, char *base, uint32_t node,
             const struct rf_pointer *step)
{
    const refold_field *field = row->field;
    if (is_null(reader, node) &&
        (field->present != REFOLD_NO_PRESENCE || rf_field_unset(field, base + field->offset))) {
        return RF_OK;
    }
    set_present(field, base, 1);
    return read_value(reader, row, base + field->offset, node, step);
}

static rf_code
read_list(struct reader *reader, const struct rf_row *around, char *at, uint32_t array,
          const struct rf_pointer *outer)
{
    refold_list list = {0};
    struct rf_pointer step = {.outer = outer};
    if (reader->doc->nodes[array].kind != RF_JSON_ARRAY) {
        return rf_pointer_fail(reader->reterr, outer, "is not an array");
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
read_map(struct reader *reader, const struct rf_row *around, char *at, uint32_t object,
         const struct rf_pointer *outer)
{
    refold_map map = {0};
    if (reader->doc->nodes[object].kind != RF_JSON_OBJECT) {
        return rf_pointer_fail(reader->reterr, outer, "is not an object");
    }
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < reader->doc->nodes[object].count; i++) {
        struct rf_pointer step = {.outer = outer};
        rf_json_string(reader->doc, key, &reader->scratch, &step.name, &step.name_bytes);
        char *entry =
            rf_map_put(reader->memory, &map, around->field->size, step.name, step.name_bytes);
        if (map.count != i + 1) {
            return rf_pointer_fail(reader->reterr, &step, "a key occurs twice");
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
            const struct rf_pointer *step)
{
    const char *bytes;
    size_t count;
    if (reader->doc->nodes[node].kind != RF_JSON_STRING) {
        return rf_pointer_fail(reader->reterr, step, "is not a string");
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
            return rf_pointer_fail(reader->reterr, step, "is not a time");
        }
        refold_time set = {time.seconds, time.nanos, 1};
        memcpy(at, &set, sizeof(set));
        return RF_OK;
    }
    for (int32_t i = 1; (uint32_t)i < field->count; i++) {
        if (rf_bytes_compare(bytes, count, field->names[i], strlen(field->names[i])) == 0) {
            memcpy(at, &i, sizeof(i));
            return RF_OK;
        }
    }
    return rf_pointer_fail(reader->reterr, step, "is not a name of the enum");
}

static rf_code
read_number(struct reader *reader, const refold_field *field, char *at, uint32_t node,
            const struct rf_pointer *step)
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
    return fits ? RF_OK : rf_pointer_fail(reader->reterr, step, "is not a number that fits");
}

static rf_code
read_value(struct reader *reader, const struct rf_row *row, char *at, uint32_t node,
           const struct rf_pointer *step)
{
    uint8_t kind = reader->doc->nodes[node].kind;
    switch (row->field->kind) {
    case REFOLD_F_BOOL:
        if (kind != RF_JSON_TRUE && kind != RF_JSON_FALSE) {
            return rf_pointer_fail(reader->reterr, step, "is neither true nor false");
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
