/* SPDX-License-Identifier: MIT */
/* What an aggregate emitted as its state: checked and made canonical. */
#include "worker/own_state.h"

#include "base/json.h"
#include "base/json_pointer.h"
#include "base/limits.h"
#include "worker/protocol.h"
#include "worker/values.h"

static bool
is_nonfinite(const struct rf_json *doc, uint32_t node)
{
    double real;
    return !rf_json_real(doc, node, &real);
}

static bool
is_inexact(const struct rf_json *doc, uint32_t node)
{
    return !rf_json_number_is_exact(doc, node) && !is_nonfinite(doc, node);
}

/* The first number below `node` that is `odd`, or RF_JSON_NONE; `path` then leads to it. */
static uint32_t
find_number(const struct rf_json *doc, uint32_t node, bool (*odd)(const struct rf_json *, uint32_t),
            struct rf_buf *path)
{
    uint8_t kind = doc->nodes[node].kind;
    if (kind == RF_JSON_NUMBER) {
        return odd(doc, node) ? node : RF_JSON_NONE;
    }
    if (kind != RF_JSON_ARRAY && kind != RF_JSON_OBJECT) {
        return RF_JSON_NONE;
    }
    struct rf_buf scratch = {0};
    uint32_t found = RF_JSON_NONE;
    size_t before = path->used;
    uint32_t at = node + 1;
    for (uint32_t i = 0; i < doc->nodes[node].count && found == RF_JSON_NONE; i++) {
        path->used = before;
        if (kind == RF_JSON_OBJECT) {
            const char *key;
            size_t key_bytes;
            rf_json_string(doc, at++, &scratch, &key, &key_bytes);
            rf_pointer_push(path, key, key_bytes);
        } else {
            rf_pointer_push_index(path, i);
        }
        found = find_number(doc, at, odd, path);
        at = doc->nodes[at].next;
    }
    path->used = found == RF_JSON_NONE ? before : path->used;
    rf_buf_done(&scratch);
    return found;
}

bool
rf_own_state_is_exact(const struct rf_json *doc, struct rf_buf *ret_why)
{
    if (doc->overridden > 0) {
        rf_buf_string(ret_why, "the state's JSON has a key twice in one object");
        return false;
    }
    struct rf_buf path = {0};
    size_t bytes;
    uint32_t odd = rf_json_find_inexact(doc, 0) == RF_JSON_NONE
                       ? RF_JSON_NONE
                       : find_number(doc, 0, is_inexact, &path);
    if (odd == RF_JSON_NONE) {
        rf_buf_done(&path);
        return true;
    }
    const char *token = rf_json_token(doc, odd, &bytes);
    rf_buf_format(ret_why,
                  "the state's number %.*s%s at %s has more digits than 64 bits or a double hold: "
                  "write it as a string",
                  bytes > 40 ? 40 : (int)bytes, token, bytes > 40 ? "..." : "",
                  path.used == 0 ? "its root" : rf_buf_text(&path));
    rf_buf_done(&path);
    return false;
}

static uint32_t
judge(struct rf_json *doc, bool loose, struct rf_buf *out, struct rf_buf *ret_why)
{
    struct rf_err err;
    bool cut;
    const struct rf_buf *json = rf_values_emitted(&cut);
    if (cut) {
        rf_buf_string(ret_why, "snapshot emitted more than 64 MiB");
        return RF_STATUS_BROKEN;
    }
    size_t before = out->used;
    rf_code code = rf_json_read_whole(doc, json->bytes, json->used, &err);
    if (code == RF_OK && loose) {
        rf_json_likeness(doc, out);
    } else if (code == RF_OK) {
        code = rf_json_canonical(doc, 0, false, out, &err);
        if (code != RF_OK && find_number(doc, 0, is_nonfinite, ret_why) != RF_JSON_NONE) {
            return RF_STATUS_NONFINITE;
        }
    }
    if (code != RF_OK) {
        rf_buf_format(ret_why, "snapshot emitted no good JSON: byte %llu: %s",
                      (unsigned long long)err.offset_bytes, err.text);
        return RF_STATUS_BROKEN;
    }
    if (out->used - before > RF_LIMIT_STATE_BYTES) {
        rf_buf_string(ret_why, "the state's JSON is longer than 64 MiB");
        return RF_STATUS_BROKEN;
    }
    return rf_own_state_is_exact(doc, ret_why) ? RF_STATUS_OK : RF_STATUS_BROKEN;
}

uint32_t
rf_own_state_take(bool loose, struct rf_buf *out, struct rf_buf *ret_why)
{
    static struct rf_json doc; /* kept for its room: one thread, see values.h */
    size_t before = out->used;
    rf_buf_clear(ret_why);
    uint32_t status = judge(&doc, loose, out, ret_why);
    if (status != RF_STATUS_OK) {
        out->used = before;
    }
    return status;
}
