/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. */
#ifndef RF_BASE_BUF_H
#define RF_BASE_BUF_H

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"

/**
 * Invariants: bytes[0..used) is the content; used <= room; `bytes` is NULL while room is 0.
 * The content is not NUL-terminated unless rf_buf_text was called after the last change.
 * Whoever fills a buffer from input checks a limit of base/limits.h first.
 * All zero is a valid empty buffer.
 */
struct rf_buf {
    char *bytes;
    size_t used;
    size_t room;
};

/** Frees the content; the buffer is empty and usable again. */
void rf_buf_done(struct rf_buf *buf);
/** Room for `more` further bytes behind the content. */
void rf_buf_reserve(struct rf_buf *buf, size_t more);
void rf_buf_format(struct rf_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The content as a C string, borrowed until the next change. */
const char *rf_buf_text(struct rf_buf *buf);
/** What a NUL byte is shown as, where a text that may hold one must be a C string: U+2400. */
#define RF_NUL_SYMBOL "\xe2\x90\x80"
/** As rf_buf_add, each NUL as RF_NUL_SYMBOL: for what is read as a C string, to be cut nowhere. */
void rf_buf_add_shown(struct rf_buf *buf, const char *bytes, size_t count);
/** A name within a sentence: as rf_buf_add_shown; in single quotes where it is empty or has blanks,
 * so that one sees where it begins and ends. */
void rf_buf_add_name(struct rf_buf *buf, const char *bytes, size_t count);

static inline void
rf_buf_clear(struct rf_buf *buf)
{
    buf->used = 0;
}

static inline void
rf_buf_add(struct rf_buf *buf, const void *bytes, size_t count)
{
    if (buf->room - buf->used < count) {
        rf_buf_reserve(buf, count);
    }
    if (count > 0) {
        memcpy(buf->bytes + buf->used, bytes, count);
        buf->used += count;
    }
}

static inline void
rf_buf_byte(struct rf_buf *buf, char byte)
{
    if (buf->room == buf->used) {
        rf_buf_reserve(buf, 1);
    }
    buf->bytes[buf->used++] = byte;
}

static inline void
rf_buf_string(struct rf_buf *buf, const char *text)
{
    rf_buf_add(buf, text, strlen(text));
}

#endif
