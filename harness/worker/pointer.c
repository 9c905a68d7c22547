/* SPDX-License-Identifier: MIT */
/* Where in a state something is, as a JSON pointer. */
#include "worker/pointer.h"

#include "base/json.h"

void
rf_pointer_print(struct rf_buf *out, const struct rf_pointer *pointer)
{
    if (pointer == NULL) {
        return;
    }
    rf_pointer_print(out, pointer->outer);
    rf_buf_byte(out, '/');
    if (pointer->name == NULL) {
        rf_canon_uint64(out, pointer->index);
        return;
    }
    for (size_t i = 0; i < pointer->name_bytes; i++) {
        char byte = pointer->name[i];
        if (byte == '~' || byte == '/') {
            rf_buf_string(out, byte == '~' ? "~0" : "~1");
        } else {
            rf_buf_byte(out, byte);
        }
    }
}

rf_code
rf_pointer_fail(struct rf_err *reterr, const struct rf_pointer *pointer, const char *text)
{
    struct rf_buf printed = {0};
    rf_pointer_print(&printed, pointer);
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, NULL, "%s: %s",
                           pointer == NULL ? "the state" : rf_buf_text(&printed), text);
    rf_buf_done(&printed);
    return code;
}
