/* SPDX-License-Identifier: MIT */
/* Shown text (base/escape.h) in TAP. Of reports/tap*.c only. */
#ifndef RF_REPORTS_TAP_LINES_H
#define RF_REPORTS_TAP_LINES_H

#include "base/buf.h"

/* A description: '#' would begin a directive. */
static inline void
rf_tap_description(struct rf_buf *out, const struct rf_buf *shown)
{
    for (size_t i = 0; i < shown->used; i++) {
        if (shown->bytes[i] == '#' || shown->bytes[i] == '\\') {
            rf_buf_byte(out, '\\');
        }
        rf_buf_byte(out, shown->bytes[i]);
    }
}

/* A string of a point's YAML block: in double quotes, on one line. */
static inline void
rf_tap_string(struct rf_buf *out, const char *key, const struct rf_buf *shown)
{
    rf_buf_format(out, "  %s: \"", key);
    for (size_t i = 0; i < shown->used; i++) {
        if (shown->bytes[i] == '"' || shown->bytes[i] == '\\') {
            rf_buf_byte(out, '\\');
        }
        rf_buf_byte(out, shown->bytes[i]);
    }
    rf_buf_string(out, "\"\n");
}

#endif
