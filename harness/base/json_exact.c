/* SPDX-License-Identifier: MIT */
/* Numbers of JSON that canonical text would not tell apart from others. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/** Decimals with so many digits are each the shortest one of a double of their own, unless they are
 * smaller than DBL_MIN: there doubles hold fewer digits, and at last none. */
#define SURE_DIGITS 15
/** Longer ones are nobody's doubles: the longest has 767. */
#define MOST_DIGITS 800

/** The digits of a number without zeros at either end. Returns how many there are, of which `ret`
 * holds up to MOST_DIGITS. */
static size_t
take_digits(const char *text, size_t bytes, char ret[MOST_DIGITS])
{
    size_t count = 0;
    size_t zeros = 0; /* behind the last other digit */
    for (size_t i = 0; i < bytes && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] < '0' || text[i] > '9' || (count == 0 && text[i] == '0')) {
            continue;
        }
        if (count < MOST_DIGITS) {
            ret[count] = text[i];
        }
        count++;
        zeros = text[i] == '0' ? zeros + 1 : 0;
    }
    return count - zeros;
}

static bool
has_digits(const char *text, size_t bytes, const char *digits, size_t count)
{
    char own[MOST_DIGITS];
    return take_digits(text, bytes, own) == count && memcmp(own, digits, count) == 0;
}

/** Whether it is what the double is rounded to with as many digits. */
static bool
is_printed(double real, const char *digits, size_t count)
{
    char printed[MOST_DIGITS + 16];
    (void)snprintf(printed, sizeof(printed), "%.*e", (int)count - 1, real);
    return has_digits(printed, strlen(printed), digits, count);
}

/** Whether it can be told at a glance: no exponent, so that it is not tiny, and few digits. */
static bool
is_short(const char *token, size_t bytes)
{
    return bytes <= SURE_DIGITS && memchr(token, 'e', bytes) == NULL &&
           memchr(token, 'E', bytes) == NULL;
}

bool
rf_json_number_is_exact(const struct rf_json *doc, uint32_t node)
{
    size_t bytes;
    char digits[MOST_DIGITS];
    int64_t integer;
    uint64_t natural;
    double real;
    const char *token = rf_json_token(doc, node, &bytes);
    size_t count = is_short(token, bytes) ? 0 : take_digits(token, bytes, digits);
    if (count == 0 || rf_json_int64(doc, node, &integer) || rf_json_uint64(doc, node, &natural)) {
        return true;
    }
    if (count > MOST_DIGITS || !rf_json_real(doc, node, &real)) {
        return false;
    }
    if (count <= SURE_DIGITS && fabs(real) >= DBL_MIN) {
        return true;
    }
    struct rf_buf shortest = {0};
    rf_canon_real(&shortest, real);
    bool exact = has_digits(shortest.bytes, shortest.used, digits, count);
    rf_buf_done(&shortest);
    /* An integer with other digits than that is no double, but a larger integer. */
    return exact ||
           ((doc->nodes[node].flags & RF_JSON_REAL) != 0 && is_printed(real, digits, count));
}

uint32_t
rf_json_find_inexact(const struct rf_json *doc, uint32_t node)
{
    for (uint32_t i = node; i < doc->nodes[node].next; i++) {
        if (doc->nodes[i].kind == RF_JSON_NUMBER && !rf_json_number_is_exact(doc, i)) {
            return i;
        }
    }
    return RF_JSON_NONE;
}
