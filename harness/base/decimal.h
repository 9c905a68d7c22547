/* SPDX-License-Identifier: MIT */
/* Decimal numbers: taken apart from a token, compared, and rounded to the nearest double. */
#ifndef RF_BASE_DECIMAL_H
#define RF_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Significant digits that decide how any decimal rounds to a double (767, and one to tell what is
 * behind them). */
#define RF_DECIMAL_DIGITS 800

/** A number token taken apart: 0.d1d2d3… × 10^exponent with d1 not 0; no digits are zero. Digits
 * behind RF_DECIMAL_DIGITS are one final '1' if any of them is not 0. */
struct rf_decimal {
    int64_t exponent;
    uint32_t count;
    bool negative;
    char digits[RF_DECIMAL_DIGITS + 1]; /**< ASCII, without trailing zeros, no NUL */
};

/** Takes a JSON number apart; false where `token` is not one from its first byte to its last. */
bool rf_decimal_read(const char *token, size_t bytes, struct rf_decimal *ret);
/** Whether two JSON numbers are one value, digit by digit: 1.0 is 1 and 1e2 is 100, but no two are
 * that are merely rounded to one double. Those too long to be held are one where they are written
 * alike. */
bool rf_decimal_equal(const char *left, size_t left_bytes, const char *right, size_t right_bytes);
/** The nearest double (ties to even); false where it is not finite. Independent of the locale. */
bool rf_decimal_real(const struct rf_decimal *decimal, double *ret);

#endif
