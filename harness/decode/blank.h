/* SPDX-License-Identifier: MIT */
/* What may stand between records, and between JSON's tokens (RFC 8259, 2). */
#ifndef RF_DECODE_BLANK_H
#define RF_DECODE_BLANK_H

#include <stdbool.h>

static inline bool
rf_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

#endif
