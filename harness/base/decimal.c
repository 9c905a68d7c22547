/* SPDX-License-Identifier: MIT */
/* Decimal numbers: taken apart from a token, compared, and rounded to the nearest double. */
#include "base/decimal.h"

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* Takes in a run of digits. Zeros before the first other digit are not kept: each moves the
 * exponent instead. */
static const char *
add_digits(struct rf_decimal *decimal, const char *at, const char *end)
{
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (decimal->count == 0 && *at == '0') {
            decimal->exponent--;
        } else if (decimal->count < RF_DECIMAL_DIGITS) {
            decimal->digits[decimal->count++] = *at;
        } else if (*at != '0') {
            decimal->digits[RF_DECIMAL_DIGITS] = '1';
            decimal->count = RF_DECIMAL_DIGITS + 1;
        }
    }
    return at;
}

/* A size that no digits make up for: it stands for all larger ones. */
#define HUGE_EXPONENT INT64_C(1000000000000000)

/* The exponent behind `e`. */
static const char *
read_exponent(const char *at, const char *end, int64_t *ret)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    const char *digits = at;
    int64_t value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (*at - '0');
        if (value > HUGE_EXPONENT) {
            value = HUGE_EXPONENT;
        }
    }
    *ret = negative ? -value : value;
    return at == digits ? NULL : at;
}

bool
rf_decimal_read(const char *token, size_t bytes, struct rf_decimal *ret)
{
    const char *at = token;
    const char *end = token + bytes;
    ret->count = 0;
    ret->exponent = 0;
    ret->negative = at < end && *at == '-';
    at += ret->negative;

    const char *digits = at;
    at = add_digits(ret, digits, end);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return false;
    }
    ret->exponent += at - digits;
    if (at < end && *at == '.') {
        digits = at + 1;
        at = add_digits(ret, digits, end);
        if (at == digits) {
            return false;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        int64_t exponent;
        at = read_exponent(at + 1, end, &exponent);
        if (at == NULL) {
            return false;
        }
        ret->exponent += exponent;
    }
    while (ret->count > 0 && ret->digits[ret->count - 1] == '0') {
        ret->count--;
    }
    return at == end;
}

/* Reads a number; false where digits are lost, or may be its exponent. Zero has none to lose. */
static bool
read_whole(const char *token, size_t bytes, struct rf_decimal *ret)
{
    return rf_decimal_read(token, bytes, ret) && ret->count <= RF_DECIMAL_DIGITS &&
           (ret->count == 0 ||
            (ret->exponent > -HUGE_EXPONENT / 2 && ret->exponent < HUGE_EXPONENT / 2));
}

bool
rf_decimal_equal(const char *left, size_t left_bytes, const char *right, size_t right_bytes)
{
    struct rf_decimal a;
    struct rf_decimal b;
    if (rf_bytes_same(left, left_bytes, right, right_bytes)) {
        return true;
    }
    if (!read_whole(left, left_bytes, &a) || !read_whole(right, right_bytes, &b)) {
        return false;
    }
    if (a.count == 0 || b.count == 0) {
        return a.count == b.count; /* zero, whatever its sign and exponent */
    }
    return a.negative == b.negative && a.exponent == b.exponent &&
           rf_bytes_same(a.digits, a.count, b.digits, b.count);
}

/* Few digits and a small power of ten: both are exact doubles, and so one operation rounds once
 * (W. D. Clinger, 1990). False where it is not so. */
static bool
real_from_few_digits(const struct rf_decimal *decimal, double *ret)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t power = decimal->exponent - (int64_t)decimal->count;
    if (FLT_EVAL_METHOD != 0 || decimal->count > 15 || power < -22 || power > 22) {
        return false;
    }
    int64_t digits = 0;
    for (uint32_t i = 0; i < decimal->count; i++) {
        digits = digits * 10 + (decimal->digits[i] - '0');
    }
    *ret = power < 0 ? (double)digits / powers[-power] : (double)digits * powers[power];
    return true;
}

bool
rf_decimal_real(const struct rf_decimal *decimal, double *ret)
{
    double value = 0;
    if (decimal->count > 0 && decimal->exponent > 400) {
        return false;
    }
    if (decimal->count > 0 && decimal->exponent > -400 && !real_from_few_digits(decimal, &value)) {
        /* An integer and a power of ten: strtod never meets a point, which is the locale's. */
        char text[RF_DECIMAL_DIGITS + 16];
        memcpy(text, decimal->digits, decimal->count);
        (void)snprintf(text + decimal->count, sizeof(text) - decimal->count, "e%d",
                       (int)(decimal->exponent - (int64_t)decimal->count));
        int saved = errno;
        value = strtod(text, NULL);
        errno = saved;
    }
    if (value > DBL_MAX) {
        return false;
    }
    *ret = decimal->negative ? -value : value;
    return true;
}
