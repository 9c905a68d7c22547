/* SPDX-License-Identifier: MIT */
/*
 * The scalars of records, read and hashed in one pass.
 *
 * What most of them are is read here, inlined: plain strings, numbers without an exponent, words.
 * All else (escapes, characters beyond ASCII, whatever is malformed) is left to
 * rf_json_read_scalar, and its hash to rf_hash_scalar; both give of these what is given here.
 */
#ifndef RF_BASE_JSON_SCALAR_H
#define RF_BASE_JSON_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/json_hash_parts.h"
#include "base/json_scan.h"

/** Whether a scalar can begin with this byte. */
static inline bool
rf_scalar_begins(char byte)
{
    return byte == '"' || byte == '-' || (byte >= '0' && byte <= '9') || byte == 't' ||
           byte == 'f' || byte == 'n';
}

/** A string without escapes, of ASCII.
 * @hashed  its hash is wanted; else *ret_hash is 0
 * @return  behind its last byte; NULL: it is none */
static RF_ALWAYS_INLINE const unsigned char *
rf_scalar_string(const unsigned char *quote, const unsigned char *end, bool hashed,
                 uint64_t *ret_hash)
{
    const unsigned char *behind = rf_scan_plain(quote + 1, end);
    if (behind == end || *behind != '"') {
        return NULL;
    }
    *ret_hash = hashed ? rf_hash_text((const char *)quote + 1, (size_t)(behind - (quote + 1))) : 0;
    return behind + 1;
}

/** A whole number above 0, behind which the text goes on.
 * @start   not 0
 * @return  behind its last byte; NULL: it is none */
static RF_ALWAYS_INLINE const unsigned char *
rf_scalar_whole(const unsigned char *start, const unsigned char *end, uint64_t *ret_hash)
{
    const unsigned char *behind = rf_scan_digits(start + 1, end);
    if (behind == end || *behind == '.' || (*behind | 0x20) == 'e') {
        return NULL;
    }
    *ret_hash = rf_hash_number((const char *)start, (size_t)(behind - start));
    return behind;
}

/** A number without an exponent, behind which the text goes on.
 * @return  behind its last byte; NULL: it is none */
static inline const unsigned char *
rf_scalar_number(const unsigned char *start, const unsigned char *end, uint8_t *ret_flags,
                 uint64_t *ret_hash)
{
    const unsigned char *digits = start + (*start == '-');
    const unsigned char *behind = rf_scan_digits(digits, end);
    *ret_flags = 0;
    if (behind == end || behind == digits || (*digits == '0' && behind != digits + 1)) {
        return NULL;
    }
    if (*behind == '.') {
        const unsigned char *fraction = behind + 1;
        *ret_flags = RF_JSON_REAL;
        behind = rf_scan_digits(fraction, end);
        if (behind == end || behind == fraction) {
            return NULL;
        }
    }
    if ((*behind | 0x20) == 'e') {
        return NULL;
    }
    *ret_hash = rf_hash_number((const char *)start, (size_t)(behind - start));
    return behind;
}

/** true, false or null.
 * @return  behind its last byte; NULL: it is none */
static inline const unsigned char *
rf_scalar_word(const unsigned char *start, const unsigned char *end, uint8_t *ret_kind,
               uint64_t *ret_hash)
{
    static const char words[][8] = {
        [RF_JSON_NULL] = "null", [RF_JSON_FALSE] = "false", [RF_JSON_TRUE] = "true"};
    uint8_t kind = *start == 'n' ? RF_JSON_NULL : *start == 'f' ? RF_JSON_FALSE : RF_JSON_TRUE;
    size_t bytes = strlen(words[kind]);
    if ((size_t)(end - start) < bytes || memcmp(start, words[kind], bytes) != 0) {
        return NULL;
    }
    *ret_kind = kind;
    *ret_hash = rf_hash_word(kind);
    return start + bytes;
}

#endif
