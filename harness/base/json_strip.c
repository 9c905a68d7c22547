/* SPDX-License-Identifier: MIT */
/* A JSON text without what lies at some pointers. */
#include "base/json_strip.h"

#include <stdio.h>

#include "base/json_pointer.h"

struct stripper {
    struct rf_json *doc;
    const char *const *pointers;
    size_t pointer_count;
    const struct rf_mask *mask; /* or NULL */
    struct rf_buf path;         /* of the value at hand */
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

/** One step of the mask, to the path's last one, which begins at `at`. */
static struct rf_mask_place
step(const struct stripper *stripper, const struct rf_mask_place *from, size_t at, bool is_key)
{
    const struct rf_buf *path = &stripper->path;
    return stripper->mask == NULL ? *from
                                  : rf_mask_step(stripper->mask, from, path->bytes + at + 1,
                                                 path->used - at - 1, is_key);
}

/** One that is masked becomes a step that no pointer has. */
static struct rf_mask_place
push_key(struct stripper *stripper, const struct rf_mask_place *from, const char *key, size_t bytes)
{
    size_t at = stripper->path.used;
    rf_pointer_push(&stripper->path, key, bytes);
    struct rf_mask_place place = step(stripper, from, at, true);
    if (place.masked_key) {
        stripper->path.used = at + 1;
        rf_buf_byte(&stripper->path, '\0');
    }
    return place;
}

static void strip_value(struct stripper *stripper, uint32_t node,
                        const struct rf_mask_place *place);

static void
strip_object(struct stripper *stripper, uint32_t object, const struct rf_mask_place *place)
{
    const struct rf_json_node *nodes = stripper->doc->nodes;
    size_t path = stripper->path.used;
    char mark = '{';
    for (uint32_t key = object + 1; key < nodes[object].next; key = nodes[key + 1].next) {
        const char *bytes;
        size_t count;
        rf_json_string(stripper->doc, key, &stripper->key, &bytes, &count);
        struct rf_mask_place inner = push_key(stripper, place, bytes, count);
        if (!is_left_out(stripper)) {
            rf_buf_byte(stripper->out, mark);
            copy_token(stripper, key);
            rf_buf_byte(stripper->out, ':');
            strip_value(stripper, key + 1, &inner);
            mark = ',';
        }
        stripper->path.used = path;
    }
    rf_buf_string(stripper->out, mark == '{' ? "{}" : "}");
}

static void
strip_array(struct stripper *stripper, uint32_t array, const struct rf_mask_place *place)
{
    const struct rf_json_node *nodes = stripper->doc->nodes;
    size_t path = stripper->path.used;
    size_t index = 0;
    char mark = '[';
    for (uint32_t item = array + 1; item < nodes[array].next; item = nodes[item].next) {
        rf_pointer_push_index(&stripper->path, index++);
        struct rf_mask_place inner = step(stripper, place, path, false);
        if (!is_left_out(stripper)) {
            rf_buf_byte(stripper->out, mark);
            strip_value(stripper, item, &inner);
            mark = ',';
        }
        stripper->path.used = path;
    }
    rf_buf_string(stripper->out, mark == '[' ? "[]" : "]");
}

/** The reader has bounded the depth (rf_limits.json_depth). */
static void
strip_value(struct stripper *stripper, uint32_t node, const struct rf_mask_place *place)
{
    unsigned kind = stripper->doc->nodes[node].kind;
    if (!place->masked && kind == RF_JSON_OBJECT) {
        strip_object(stripper, node, place);
    } else if (!place->masked && kind == RF_JSON_ARRAY) {
        strip_array(stripper, node, place);
    } else {
        copy_token(stripper, node);
    }
}

bool
rf_json_strip(struct rf_json *doc, const char *text, size_t bytes, const char *const *pointers,
              size_t pointer_count, const struct rf_mask *mask, struct rf_buf *out)
{
    struct stripper stripper = {
        .doc = doc, .pointers = pointers, .pointer_count = pointer_count, .mask = mask, .out = out};
    struct rf_mask_place root = {0};
    if (rf_json_read_whole(doc, text, bytes, NULL) != RF_OK) {
        return false;
    }
    if (mask != NULL) {
        root = rf_mask_root(mask);
    }
    if (is_left_out(&stripper)) {
        rf_buf_string(out, "null");
    } else {
        strip_value(&stripper, 0, &root);
    }
    rf_buf_done(&stripper.path);
    rf_buf_done(&stripper.key);
    return true;
}
