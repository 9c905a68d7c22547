/* SPDX-License-Identifier: MIT */
/* Bytes as lower-case hex digits. */
#ifndef RF_BASE_HEX_H
#define RF_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define RF_HEX_DIGITS "0123456789abcdef"

/** Writes two digits a byte, and NUL. */
static inline void
rf_hex_put(const unsigned char *bytes, size_t count, char *ret)
{
    for (size_t i = 0; i < count; i++) {
        ret[2 * i] = RF_HEX_DIGITS[bytes[i] >> 4];
        ret[2 * i + 1] = RF_HEX_DIGITS[bytes[i] & 15];
    }
    ret[2 * count] = '\0';
}

/** Whether a text is exactly so many digits. */
static inline bool
rf_hex_is(const char *text, size_t digits)
{
    return strspn(text, RF_HEX_DIGITS) == digits && text[digits] == '\0';
}

#endif
