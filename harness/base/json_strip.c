/* SPDX-License-Identifier: MIT */
/* A JSON text without what lies at some pointers. */
#include "base/json_strip.h"

#include <stdio.h>

#include "base/json_pointer.h"

struct stripper {
    struct rf_json *doc;
    const char *const *pointers;
    size_t pointer_count;
    struct rf_buf path; /* of the value at hand */
    struct rf_buf key;
    struct rf_buf *out;
};

static bool
is_left_out(const struct stripper *stripper)
{
    for (size_t i = 0; i < stripper->pointer_count; i++) {
        if (rf_pointer_below(stripper->path.bytes, stripper->path.used, stripper->pointers[i])) {
            return true;
        }
    }
    return false;
}

static void
copy_token(struct stripper *stripper, uint32_t node)
{
    size_t count;
    const char *token = rf_json_token(stripper->doc, node, &count);
    rf_buf_add(stripper->out, token, count);
}

static void strip_value(struct stripper *stripper, uint32_t node);

static void
strip_object(struct stripper *stripper, uint32_t object)
{
    const struct rf_json_node *nodes = stripper->doc->nodes;
    size_t path = stripper->path.used;
    char mark = '{';
    for (uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
        const char *bytes;
        size_t count;
        rf_json_string(stripper->doc, key, &stripper->key, &bytes, &count);
        rf_pointer_push(&stripper->path, bytes, count);
        if (!is_left_out(stripper)) {
            rf_buf_byte(stripper->out, mark);
            copy_token(stripper, key);
            rf_buf_byte(stripper->out, ':');
            strip_value(stripper, key + 1);
            mark = ',';
        }
        stripper->path.used = path;
    }
    rf_buf_string(stripper->out, mark == '{' ? "{}" : "}");
}

static void
strip_array(struct stripper *stripper, uint32_t array)
{
    const struct rf_json_node *nodes = stripper->doc->nodes;
    size_t path = stripper->path.used;
    size_t index = 0;
    char mark = '[';
    for (uint32_t item = array + 1; item < nodes[array].next; item = nodes[item].next) {
        rf_pointer_push_index(&stripper->path, index++);
        if (!is_left_out(stripper)) {
            rf_buf_byte(stripper->out, mark);
            strip_value(stripper, item);
            mark = ',';
        }
        stripper->path.used = path;
    }
    rf_buf_string(stripper->out, mark == '[' ? "[]" : "]");
}

/** The reader has bounded the depth (rf_limits.json_depth). */
static void
strip_value(struct stripper *stripper, uint32_t node)
{
    switch (stripper->doc->nodes[node].kind) {
    case RF_JSON_OBJECT:
        strip_object(stripper, node);
        break;
    case RF_JSON_ARRAY:
        strip_array(stripper, node);
        break;
    default:
        copy_token(stripper, node);
        break;
    }
}

bool
rf_json_strip(struct rf_json *doc, const char *text, size_t bytes, const char *const *pointers,
              size_t pointer_count, struct rf_buf *out)
{
    struct stripper stripper = {
        .doc = doc, .pointers = pointers, .pointer_count = pointer_count, .out = out};
    if (rf_json_read_whole(doc, text, bytes, NULL) != RF_OK) {
        return false;
    }
    if (is_left_out(&stripper)) {
        rf_buf_string(out, "null");
    } else {
        strip_value(&stripper, 0);
    }
    rf_buf_done(&stripper.path);
    rf_buf_done(&stripper.key);
    return true;
}
