/* SPDX-License-Identifier: MIT */
/* For tests: base64 is written here, for refold only reads it. */
#ifndef RF_TESTS_DECODE_BASE64_TEXT_H
#define RF_TESTS_DECODE_BASE64_TEXT_H

#include <string.h>

#include "base/buf.h"

static inline void
base64_add(struct rf_buf *out, const char *text, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < count; at += 3) {
        size_t left = count - at;
        unsigned bits = (unsigned)(unsigned char)text[at] << 16;
        bits |= left > 1 ? (unsigned)(unsigned char)text[at + 1] << 8 : 0;
        bits |= left > 2 ? (unsigned)(unsigned char)text[at + 2] : 0;
        rf_buf_byte(out, digits[bits >> 18]);
        rf_buf_byte(out, digits[bits >> 12 & 63]);
        rf_buf_byte(out, left > 1 ? digits[bits >> 6 & 63] : '=');
        rf_buf_byte(out, left > 2 ? digits[bits & 63] : '=');
    }
}

/** The text, with what stands between `open` and `close` (or the end) in base64. */
static inline void
base64_expand(struct rf_buf *out, const char *text, size_t count, char open, char close)
{
    const char *end = text + count;
    while (text < end) {
        if (*text == open) {
            text++;
            const char *closed = memchr(text, close, (size_t)(end - text));
            base64_add(out, text, (size_t)((closed == NULL ? end : closed) - text));
            text = closed == NULL ? end : closed + 1;
        } else {
            rf_buf_byte(out, *text++);
        }
    }
}

#endif
