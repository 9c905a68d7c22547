/* SPDX-License-Identifier: MIT */
/* The end of a run of plain bytes in a JSON string, and of a run of digits: many bytes at a time
 * where that is possible. */
#ifndef RF_BASE_JSON_SCAN_H
#define RF_BASE_JSON_SCAN_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(RF_NO_SIMD)
#include <emmintrin.h>
#define RF_SCAN_STRIDE 16

/* One bit for each of 16 bytes that a string's scan must look at. */
static inline unsigned
rf_scan_special(const unsigned char *at)
{
    __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)at);
    /* With bit 1 turned over a quote (0x22) is 0x20, a blank is not, and control bytes stay below:
     * all that are to be found are less than 0x21. Only signs count, and saturation keeps them:
     * these become negative, and bytes from 0x80 on are negative anyway. */
    __m128i turned = _mm_xor_si128(chunk, _mm_set1_epi8('"' ^ 0x20));
    __m128i special = _mm_subs_epi8(turned, _mm_set1_epi8(0x21));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(special);
}

#define RF_SCAN_FIRST(found) __builtin_ctz(found)
#elif __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RF_SCAN_STRIDE 8

/* The high bit of each of eight bytes that a string's scan must look at. A borrow can mark bytes
 * above such a one by mistake, never below: the lowest is right. */
static inline uint64_t
rf_scan_special(const unsigned char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t chunk;
    memcpy(&chunk, at, sizeof(chunk));
    uint64_t quote = chunk ^ (ones * '"');
    uint64_t backslash = chunk ^ (ones * '\\');
    uint64_t special = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                       ((chunk - ones * 0x20) & ~chunk) | chunk;
    return special & (ones * 0x80);
}

#define RF_SCAN_FIRST(found) (__builtin_ctzll(found) >> 3)
#endif

/* The first byte that a string's scan must look at: a quote, a backslash, a control byte, or one
 * of a character beyond ASCII; or `end`. */
static inline const unsigned char *
rf_scan_plain(const unsigned char *at, const unsigned char *end)
{
#ifdef RF_SCAN_STRIDE
    if (end - at >= RF_SCAN_STRIDE) {
        const unsigned char *last = end - RF_SCAN_STRIDE;
        do {
            const __typeof__(rf_scan_special(at)) found = rf_scan_special(at);
            if (found != 0) {
                return at + RF_SCAN_FIRST(found);
            }
            at += RF_SCAN_STRIDE;
        } while (at <= last);
    }
#endif
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The high bit of each of eight bytes, turned over with '0', that was no decimal digit. A carry can
 * mark bytes above such a one by mistake, never below: the lowest is right. */
static inline uint64_t
rf_scan_no_digits(uint64_t turned)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    return ((turned + ones * (0x80 - 10)) | turned) & (ones * 0x80);
}
#endif

/* The first byte that is no decimal digit; or `end`. */
static inline const unsigned char *
rf_scan_digits(const unsigned char *at, const unsigned char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - at >= 8) {
        uint64_t chunk;
        memcpy(&chunk, at, sizeof(chunk));
        uint64_t found = rf_scan_no_digits(chunk ^ UINT64_C(0x3030303030303030));
        if (found != 0) {
            return at + (__builtin_ctzll(found) >> 3);
        }
        at += 8;
    }
#endif
    while (at < end && (unsigned)(*at - '0') <= 9) {
        at++;
    }
    return at;
}

#endif
