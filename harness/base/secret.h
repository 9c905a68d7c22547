/* SPDX-License-Identifier: MIT */
/* What must not stay in memory: keys, tokens, and texts that hold some. */
#ifndef RF_BASE_SECRET_H
#define RF_BASE_SECRET_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/** Overwrites the text and frees it. Accepts NULL. */
static inline void
rf_secret_free(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

/** Overwrites all that the buffer has room for, and frees it. What it held before it grew is not
 * reached: reserve enough first (rf_buf_reserve). */
static inline void
rf_secret_done(struct rf_buf *buf)
{
    if (buf->bytes != NULL) {
        explicit_bzero(buf->bytes, buf->room);
    }
    rf_buf_done(buf);
}

#endif
