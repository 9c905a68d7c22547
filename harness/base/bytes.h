/* SPDX-License-Identifier: MIT */
/* Integers as little-endian bytes, for hashes that are the same on every machine. */
#ifndef RF_BASE_BYTES_H
#define RF_BASE_BYTES_H

#include <stdint.h>

static inline void
rf_put_le64(unsigned char *bytes, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
}

#endif
