/* SPDX-License-Identifier: MIT */
/* Runs of bytes: how they compare, and integers as bytes, the same on every machine. */
#ifndef RF_BASE_BYTES_H
#define RF_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/order.h"

static inline void
rf_put_le64(unsigned char *bytes, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
}

static inline uint64_t
rf_get_le64(const unsigned char *bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

/** A number of so many bytes, at most 8. */
static inline uint64_t
rf_get_le(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

/** memcpy for what is most often a few bytes: a call of the library would cost more than it copies.
 * Two halves that may overlap. */
static inline void
rf_copy_few(void *to, const void *from, size_t bytes)
{
    unsigned char *at = to;
    const unsigned char *text = from;
    if (bytes - 8 <= 8) {
        memcpy(at, text, 8);
        memcpy(at + bytes - 8, text + bytes - 8, 8);
    } else if (bytes - 16 <= 16) {
        memcpy(at, text, 16);
        memcpy(at + bytes - 16, text + bytes - 16, 16);
    } else if (bytes - 4 <= 4) {
        memcpy(at, text, 4);
        memcpy(at + bytes - 4, text + bytes - 4, 4);
    } else if (bytes - 32 <= 32) {
        memcpy(at, text, 32);
        memcpy(at + bytes - 32, text + bytes - 32, 32);
    } else if (bytes < 4) {
        for (size_t i = 0; i < bytes; i++) {
            at[i] = text[i];
        }
    } else {
        memcpy(at, text, bytes);
    }
}

/** memcmp() == 0 for what is most often a few bytes, as rf_copy_few copies them. */
static inline bool
rf_same_few(const void *a, const void *b, size_t bytes)
{
    const unsigned char *left = a;
    const unsigned char *right = b;
    if (bytes - 8 <= 8) {
        return memcmp(left, right, 8) == 0 && memcmp(left + bytes - 8, right + bytes - 8, 8) == 0;
    }
    if (bytes - 16 <= 16) {
        return memcmp(left, right, 16) == 0 &&
               memcmp(left + bytes - 16, right + bytes - 16, 16) == 0;
    }
    if (bytes - 4 <= 4) {
        return memcmp(left, right, 4) == 0 && memcmp(left + bytes - 4, right + bytes - 4, 4) == 0;
    }
    return bytes == 0 || memcmp(left, right, bytes) == 0;
}

/** The order of ids, names and keys everywhere: by bytes as unsigned numbers, and what is the other
 * one's front comes first. A run of no bytes may be NULL. */
static inline int
rf_bytes_compare(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    size_t shorter = a_bytes < b_bytes ? a_bytes : b_bytes;
    int order = shorter == 0 ? 0 : memcmp(a, b, shorter);
    return order != 0 ? order : RF_ORDER(a_bytes, b_bytes);
}

/** As rf_bytes_compare() == 0. */
static inline bool
rf_bytes_same(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    return a_bytes == b_bytes && (a_bytes == 0 || memcmp(a, b, a_bytes) == 0);
}

/** For qsort: strings as pointers, by bytes. */
static inline int
rf_strings_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

#endif
