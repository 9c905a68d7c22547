/* SPDX-License-Identifier: MIT */
/* JSON pointers (RFC 6901): made step by step, looked up, held against patterns. */
#include "base/json_pointer.h"

#include <string.h>

const char *
rf_pointer_step_end(const char *at, const char *end)
{
    const char *slash = memchr(at + 1, '/', (size_t)(end - at - 1));
    return slash == NULL ? end : slash;
}

void
rf_pointer_unescape(struct rf_buf *out, const char *at, const char *end)
{
    rf_buf_clear(out);
    for (; at < end; at++) {
        if (*at == '~' && at + 1 < end && (at[1] == '0' || at[1] == '1')) {
            rf_buf_byte(out, at[1] == '0' ? '~' : '/');
            at++;
        } else {
            rf_buf_byte(out, *at);
        }
    }
}

static uint32_t
find_element(const struct rf_json *doc, uint32_t array, const char *at, const char *end)
{
    uint32_t index = 0;
    if (at == end || (*at == '0' && end - at > 1) || end - at > 9) {
        return RF_JSON_NONE;
    }
    for (; at < end; at++) {
        if (*at < '0' || *at > '9') {
            return RF_JSON_NONE;
        }
        index = index * 10 + (uint32_t)(*at - '0');
    }
    if (index >= doc->nodes[array].count) {
        return RF_JSON_NONE;
    }
    uint32_t node = array + 1;
    for (; index > 0; index--) {
        node = doc->nodes[node].next;
    }
    return node;
}

uint32_t
rf_pointer_find(const struct rf_json *doc, const char *path, size_t path_bytes)
{
    const char *end = path + path_bytes;
    struct rf_buf key = {0};
    uint32_t node = doc->used == 0 ? RF_JSON_NONE : 0;
    while (path < end && node != RF_JSON_NONE) {
        const char *next = rf_pointer_step_end(path, end);
        if (doc->nodes[node].kind == RF_JSON_ARRAY) {
            node = find_element(doc, node, path + 1, next);
        } else if (doc->nodes[node].kind == RF_JSON_OBJECT) {
            rf_pointer_unescape(&key, path + 1, next);
            node = rf_json_member(doc, node, key.used == 0 ? "" : key.bytes, key.used, NULL);
        } else {
            node = RF_JSON_NONE;
        }
        path = next;
    }
    rf_buf_done(&key);
    return node;
}

void
rf_pointer_push(struct rf_buf *path, const char *bytes, size_t count)
{
    rf_buf_byte(path, '/');
    for (size_t i = 0; i < count; i++) {
        switch (bytes[i]) {
        case '~':
            rf_buf_string(path, "~0");
            break;
        case '/':
            rf_buf_string(path, "~1");
            break;
        case '\0':
            rf_buf_string(path, RF_NUL_SYMBOL);
            break;
        default:
            rf_buf_byte(path, bytes[i]);
        }
    }
}

void
rf_pointer_push_index(struct rf_buf *path, size_t index)
{
    rf_buf_format(path, "/%zu", index);
}

bool
rf_pointer_below(const char *path, size_t path_bytes, const char *pointer)
{
    const char *path_end = path + path_bytes;
    const char *end = pointer + strlen(pointer);
    while (pointer < end) {
        if (path == path_end) {
            return false;
        }
        const char *next = rf_pointer_step_end(pointer, end);
        const char *path_next = rf_pointer_step_end(path, path_end);
        bool any = next - pointer == 2 && pointer[1] == '*';
        size_t bytes = (size_t)(next - pointer);
        if (!any && ((size_t)(path_next - path) != bytes || memcmp(path, pointer, bytes) != 0)) {
            return false;
        }
        pointer = next;
        path = path_next;
    }
    return true;
}
