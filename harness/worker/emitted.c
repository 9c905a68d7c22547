/* SPDX-License-Identifier: MIT */
/* What `handle` emitted, taken apart. */
#include "worker/emitted.h"

#include "base/json.h"
#include "base/limits.h"
#include "worker/values.h"

/* What is wrong with an emitted event's members, or NULL. */
static const char *
check_members(const struct rf_json *doc)
{
    if (doc->nodes[0].kind != RF_JSON_OBJECT) {
        return "is no JSON object";
    }
    bool type_again;
    bool data_again;
    uint32_t type = rf_json_member(doc, 0, "type", 4, &type_again);
    uint32_t data = rf_json_member(doc, 0, "data", 4, &data_again);
    uint32_t known = data == RF_JSON_NONE ? 1 : 2;
    if (type == RF_JSON_NONE || doc->nodes[type].kind != RF_JSON_STRING) {
        return "has no \"type\" that is a string";
    }
    if (type_again || data_again || doc->nodes[0].count != known) {
        return "has other members than one \"type\" and one \"data\"";
    }
    uint32_t bytes = doc->nodes[type].end - doc->nodes[type].start - 2;
    return bytes == 0 || bytes > RF_LIMIT_NAME_BYTES ? "has a \"type\" that is not 1 to 1024 bytes"
                                                     : NULL;
}

/* As it stands, for apply is to see what production would; but on one line. No string holds a
 * line's end: where one is, it is a blank. */
static void
add_line(const struct rf_json *doc, uint32_t node, struct rf_buf *out)
{
    size_t bytes;
    const char *token = rf_json_token(doc, node, &bytes);
    for (size_t i = 0; i < bytes; i++) {
        rf_buf_byte(out, token[i] == '\n' ? ' ' : token[i]);
    }
}

static void
take_parts(const struct rf_json *doc, struct rf_buf *ret_type, struct rf_buf *ret_data)
{
    struct rf_buf scratch = {0};
    const char *type;
    size_t type_bytes;
    rf_json_string(doc, rf_json_member(doc, 0, "type", 4, NULL), &scratch, &type, &type_bytes);
    rf_buf_add(ret_type, type, type_bytes);
    rf_buf_done(&scratch);
    uint32_t data = rf_json_member(doc, 0, "data", 4, NULL);
    if (data == RF_JSON_NONE) {
        rf_buf_string(ret_data, "{}");
    } else {
        add_line(doc, data, ret_data);
    }
}

bool
rf_emitted_read(size_t index, struct rf_buf *ret_type, struct rf_buf *ret_data,
                struct rf_buf *ret_why)
{
    struct rf_json doc = {0};
    struct rf_err err;
    size_t bytes;
    const char *text = rf_values_event(index, &bytes);
    unsigned long long place = index + 1;
    const char *wrong = NULL;
    bool good = rf_json_read_whole(&doc, text, bytes, &err) == RF_OK;
    if (!good) {
        rf_buf_format(ret_why, "event %llu that handle emitted is no JSON: byte %llu: %s", place,
                      (unsigned long long)err.offset_bytes, err.text);
    } else if ((wrong = check_members(&doc)) != NULL) {
        rf_buf_format(ret_why, "event %llu that handle emitted %s", place, wrong);
    } else {
        take_parts(&doc, ret_type, ret_data);
    }
    rf_json_done(&doc);
    return good && wrong == NULL;
}

void
rf_emitted_cut(struct rf_buf *ret_why)
{
    rf_buf_format(ret_why, "handle emitted more than %d events, or more than 16 MiB of them",
                  RF_LIMIT_COMMAND_EVENTS);
}
