/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

void
rf_buf_done(struct rf_buf *buf)
{
    free(buf->bytes);
    memset(buf, 0, sizeof(*buf));
}

void
rf_buf_reserve(struct rf_buf *buf, size_t more)
{
    RF_GROW(buf->bytes, buf->room, buf->used + more);
}

void
rf_buf_format(struct rf_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length <= 0) {
        return;
    }
    rf_buf_reserve(buf, (size_t)length + 1);
    va_start(args, format);
    (void)vsnprintf(buf->bytes + buf->used, (size_t)length + 1, format, args);
    va_end(args);
    buf->used += (size_t)length;
}

const char *
rf_buf_text(struct rf_buf *buf)
{
    rf_buf_reserve(buf, 1);
    buf->bytes[buf->used] = '\0';
    return buf->bytes;
}

void
rf_buf_add_shown(struct rf_buf *buf, const char *bytes, size_t count)
{
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\0') {
            rf_buf_add(buf, bytes + from, i - from);
            rf_buf_string(buf, RF_NUL_SYMBOL);
            from = i + 1;
        }
    }
    if (from < count) {
        rf_buf_add(buf, bytes + from, count - from);
    }
}

void
rf_buf_add_name(struct rf_buf *buf, const char *bytes, size_t count)
{
    bool is_word = count > 0;
    for (size_t i = 0; i < count && is_word; i++) {
        is_word = (unsigned char)bytes[i] > ' ' || bytes[i] == '\0';
    }
    rf_buf_string(buf, is_word ? "" : "'");
    rf_buf_add_shown(buf, bytes, count);
    rf_buf_string(buf, is_word ? "" : "'");
}
