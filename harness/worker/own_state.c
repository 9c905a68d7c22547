/* SPDX-License-Identifier: MIT */
/* What an aggregate emitted as its state: checked and made canonical. */
#include "worker/own_state.h"

#include "base/json.h"
#include "base/json_pointer.h"
#include "base/limits.h"
#include "worker/protocol.h"
#include "worker/values.h"

/* Whether there is a number that is no finite double below `node`; `path` then leads to it. */
static bool
find_nonfinite(const struct rf_json *doc, uint32_t node, struct rf_buf *path)
{
    double real;
    uint8_t kind = doc->nodes[node].kind;
    if (kind == RF_JSON_NUMBER) {
        return !rf_json_real(doc, node, &real);
    }
    if (kind != RF_JSON_ARRAY && kind != RF_JSON_OBJECT) {
        return false;
    }
    struct rf_buf scratch = {0};
    bool found = false;
    size_t before = path->used;
    uint32_t at = node + 1;
    for (uint32_t i = 0; i < doc->nodes[node].count && !found; i++) {
        path->used = before;
        if (kind == RF_JSON_OBJECT) {
            const char *key;
            size_t key_bytes;
            rf_json_string(doc, at++, &scratch, &key, &key_bytes);
            rf_pointer_push(path, key, key_bytes);
        } else {
            rf_pointer_push_index(path, i);
        }
        found = find_nonfinite(doc, at, path);
        at = doc->nodes[at].next;
    }
    path->used = found ? path->used : before;
    rf_buf_done(&scratch);
    return found;
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
    if (code == RF_OK) {
        code = rf_json_canonical(doc, 0, loose, out, &err);
        if (code != RF_OK && find_nonfinite(doc, 0, ret_why)) {
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
    return RF_STATUS_OK;
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
