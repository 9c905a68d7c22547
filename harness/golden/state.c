/* SPDX-License-Identifier: MIT */
/* A state as a document, and the paths in it. */
#include "golden/state.h"

#include "base/hash.h"

void
rf_state_done(struct rf_state *state)
{
    rf_json_done(&state->doc);
    rf_buf_done(&state->text);
}

/** Reads a text that was checked before. */
static void
read_again(struct rf_state *state)
{
    rf_code code = rf_json_read_whole(&state->doc, state->text.bytes, state->text.used, NULL);
    RF_VERIFY(code == RF_OK);
}

void
rf_state_read(struct rf_state *state, const char *bytes, size_t count)
{
    rf_buf_clear(&state->text);
    if (rf_json_read_whole(&state->doc, bytes, count, NULL) != RF_OK ||
        rf_json_canonical(&state->doc, 0, false, &state->text, NULL) != RF_OK) {
        rf_buf_clear(&state->text);
        rf_buf_format(&state->text, "\"(no JSON: %016llx)\"",
                      (unsigned long long)rf_hash(bytes, count, 0));
        read_again(state);
        return;
    }
    if (state->text.used != count || memcmp(state->text.bytes, bytes, count) != 0) {
        read_again(state);
        return;
    }
    state->doc.text = state->text.bytes; /* the same bytes, and ours */
}

/* ---- paths ----------------------------------------------------------------------------------- */

const char *
rf_path_step(const char *at, const char *end)
{
    const char *slash = memchr(at + 1, '/', (size_t)(end - at - 1));
    return slash == NULL ? end : slash;
}

void
rf_path_unescape(struct rf_buf *out, const char *at, const char *end)
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
        const char *next = rf_path_step(path, end);
        if (doc->nodes[node].kind == RF_JSON_ARRAY) {
            node = find_element(doc, node, path + 1, next);
        } else if (doc->nodes[node].kind == RF_JSON_OBJECT) {
            rf_path_unescape(&key, path + 1, next);
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
rf_path_key(struct rf_buf *path, const char *key, size_t bytes)
{
    rf_buf_byte(path, '/');
    for (size_t i = 0; i < bytes; i++) {
        switch (key[i]) {
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
            rf_buf_byte(path, key[i]);
        }
    }
}

void
rf_path_index(struct rf_buf *path, size_t index)
{
    rf_buf_format(path, "/%zu", index);
}
