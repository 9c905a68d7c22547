/* SPDX-License-Identifier: MIT */
/* Base64, strictly. */
#include "decode/base64.h"

#include <stdint.h>
#include <string.h>

#include "decode/blank.h"

/** What a byte stands for, plus one; 0: not of the alphabet. */
static const uint8_t DIGIT_PLUS_ONE[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

int
rf_base64_digit(unsigned char byte)
{
    return DIGIT_PLUS_ONE[byte] - 1;
}

/** Four digits as 24 bits, or UINT32_MAX. */
static inline uint32_t
read_group(const unsigned char *text)
{
    uint32_t a = DIGIT_PLUS_ONE[text[0]];
    uint32_t b = DIGIT_PLUS_ONE[text[1]];
    uint32_t c = DIGIT_PLUS_ONE[text[2]];
    uint32_t d = DIGIT_PLUS_ONE[text[3]];
    if (a == 0 || b == 0 || c == 0 || d == 0) {
        return UINT32_MAX;
    }
    return (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
}

/** The last group, which may be padded; returns its bytes, 0 where it is wrong. */
static size_t
read_last_group(const unsigned char *text, unsigned char bytes[3])
{
    unsigned char filled[4] = {text[0], text[1], text[2], text[3]};
    size_t count = 3;
    if (filled[3] == '=') {
        filled[3] = 'A';
        count = 2;
        if (filled[2] == '=') {
            filled[2] = 'A';
            count = 1;
        }
    }
    uint32_t group = read_group(filled);
    uint32_t left_over = count == 3 ? 0 : count == 2 ? 0xff : 0xffff;
    if (group == UINT32_MAX || (group & left_over) != 0) {
        return 0;
    }
    bytes[0] = (unsigned char)(group >> 16);
    bytes[1] = (unsigned char)(group >> 8);
    bytes[2] = (unsigned char)group;
    return count;
}

/** Puts what one text stands for behind what is in `out`. */
static bool
add_decoded(const char *text, size_t count, struct rf_buf *out)
{
    if (count % 4 != 0) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    rf_buf_reserve(out, count / 4 * 3);
    const unsigned char *from = (const unsigned char *)text;
    const unsigned char *last = from + count - 4;
    unsigned char *to = (unsigned char *)out->bytes + out->used;
    for (; from < last; from += 4, to += 3) {
        uint32_t group = read_group(from);
        if (group == UINT32_MAX) {
            return false;
        }
        to[0] = (unsigned char)(group >> 16);
        to[1] = (unsigned char)(group >> 8);
        to[2] = (unsigned char)group;
    }
    unsigned char tail[3];
    size_t tail_bytes = read_last_group(last, tail);
    memcpy(to, tail, tail_bytes);
    out->used = (size_t)(to - (unsigned char *)out->bytes) + tail_bytes;
    return tail_bytes > 0;
}

bool
rf_base64_decode(const char *text, size_t count, struct rf_buf *out)
{
    rf_buf_clear(out);
    return add_decoded(text, count, out);
}

/** Whether a joint lies elsewhere than between two objects, or at an end of all. */
static bool
is_torn_at(const struct rf_buf *out, size_t joint)
{
    size_t front = joint;
    size_t behind = joint;
    while (front > 0 && rf_is_blank(out->bytes[front - 1])) {
        front--;
    }
    while (behind < out->used && rf_is_blank(out->bytes[behind])) {
        behind++;
    }
    return (front > 0 && out->bytes[front - 1] != '}') ||
           (behind < out->used && out->bytes[behind] != '{');
}

bool
rf_base64_decode_joined(const char *text, size_t count, struct rf_buf *out, bool *ret_torn)
{
    *ret_torn = false;
    rf_buf_clear(out);
    for (const char *at = text, *end = text + count; at < end;) {
        const char *behind = memchr(at, '=', (size_t)(end - at));
        behind = behind == NULL ? end : behind + 1;
        behind += behind < end && *behind == '=';
        size_t joint = out->used;
        if (!add_decoded(at, (size_t)(behind - at), out)) {
            return false;
        }
        *ret_torn = *ret_torn || is_torn_at(out, joint);
        at = behind;
    }
    return true;
}

void
rf_base64_encode(const char *bytes, size_t count, struct rf_buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i < 3 ? count - i : 3;
        uint32_t group = 0;
        for (size_t j = 0; j < 3; j++) {
            group = group << 8 | (j < left ? (unsigned char)bytes[i + j] : 0);
        }
        for (size_t j = 0; j < 4; j++) {
            rf_buf_byte(out, j <= left ? digits[group >> (18 - 6 * j) & 63] : '=');
        }
    }
}
