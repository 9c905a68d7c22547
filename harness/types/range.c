/* SPDX-License-Identifier: MIT */
/* The least and the greatest of many numbers, exactly. */
#include "types/range.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/json.h"

enum { LEAST, GREATEST };

void
rf_range_done(struct rf_range *range)
{
    free(range->ends);
    memset(range, 0, sizeof(*range));
}

static void
read_number(struct rf_number *number, const char *token, size_t bytes)
{
    struct rf_decimal decimal;
    RF_VERIFY(bytes <= RF_RANGE_TOKEN_BYTES && rf_decimal_read(token, bytes, &decimal));
    if (!rf_decimal_real(&decimal, &number->real)) {
        number->real = decimal.negative ? -INFINITY : INFINITY;
    }
    number->bytes = bytes;
    memcpy(number->token, token, bytes);
}

static void
read_integer(struct rf_number *number, int64_t value)
{
    struct rf_buf text = {0};
    rf_canon_int64(&text, value);
    number->real = (double)value;
    number->bytes = text.used;
    memcpy(number->token, text.bytes, text.used);
    rf_buf_done(&text);
}

/** Magnitudes of two numbers of one sign that is not 0. */
static int
compare_digits(const struct rf_decimal *a, const struct rf_decimal *b)
{
    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -1 : 1;
    }
    return rf_bytes_compare(a->digits, a->count, b->digits, b->count);
}

/** Rounding keeps the order: only numbers with the same nearest double need a closer look. */
static int
compare_numbers(const struct rf_number *a, const struct rf_number *b)
{
    if (a->real < b->real || a->real > b->real) {
        return a->real < b->real ? -1 : 1;
    }
    struct rf_decimal left;
    struct rf_decimal right;
    RF_VERIFY(rf_decimal_read(a->token, a->bytes, &left));
    RF_VERIFY(rf_decimal_read(b->token, b->bytes, &right));
    int order = 0;
    if (left.count == 0 || right.count == 0) { /* too small for any double but 0 */
        int left_sign = left.count == 0 ? 0 : left.negative ? -1 : 1;
        int right_sign = right.count == 0 ? 0 : right.negative ? -1 : 1;
        order = left_sign - right_sign;
    } else if (left.negative != right.negative) {
        order = left.negative ? -1 : 1;
    } else {
        order = left.negative ? compare_digits(&right, &left) : compare_digits(&left, &right);
    }
    return order != 0 ? order : rf_bytes_compare(a->token, a->bytes, b->token, b->bytes);
}

static void
add_number(struct rf_range *range, const struct rf_number *number)
{
    if (range->ends == NULL) {
        range->ends = rf_calloc(2, sizeof(*range->ends));
        range->ends[LEAST] = range->ends[GREATEST] = *number;
        return;
    }
    if (compare_numbers(number, &range->ends[LEAST]) < 0) {
        range->ends[LEAST] = *number;
    }
    if (compare_numbers(number, &range->ends[GREATEST]) > 0) {
        range->ends[GREATEST] = *number;
    }
}

void
rf_range_add(struct rf_range *range, const char *token, size_t bytes)
{
    struct rf_number number;
    read_number(&number, token, bytes);
    add_number(range, &number);
}

void
rf_range_join(struct rf_range *range, const struct rf_range *other)
{
    if (other->has_integers) {
        rf_range_add_integer(range, other->least_integer);
        rf_range_add_integer(range, other->greatest_integer);
    }
    if (other->ends != NULL) {
        add_number(range, &other->ends[LEAST]);
        add_number(range, &other->ends[GREATEST]);
    }
}

bool
rf_range_print(const struct rf_range *range, struct rf_buf *least, struct rf_buf *greatest)
{
    struct rf_number ends[2];
    bool other = range->ends != NULL;
    if (range->has_integers) {
        read_integer(&ends[LEAST], range->least_integer);
        read_integer(&ends[GREATEST], range->greatest_integer);
    }
    if (other && (!range->has_integers || compare_numbers(&range->ends[LEAST], &ends[LEAST]) < 0)) {
        ends[LEAST] = range->ends[LEAST];
    }
    if (other &&
        (!range->has_integers || compare_numbers(&range->ends[GREATEST], &ends[GREATEST]) > 0)) {
        ends[GREATEST] = range->ends[GREATEST];
    }
    if (!other && !range->has_integers) {
        return false;
    }
    rf_buf_add(least, ends[LEAST].token, ends[LEAST].bytes);
    rf_buf_add(greatest, ends[GREATEST].token, ends[GREATEST].bytes);
    return true;
}
