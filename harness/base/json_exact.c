/* SPDX-License-Identifier: MIT */
/* Numbers of JSON that canonical text would not tell apart from others. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/** Decimals with so many digits are each the shortest one of a double of their own. */
#define SURE_DIGITS 15
/** A double's shortest decimal, or printf's, has at most so many. */
#define MOST_DIGITS 17

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

bool
rf_json_number_is_exact(const struct rf_json *doc, uint32_t node)
{
    size_t bytes;
    char digits[MOST_DIGITS];
    int64_t integer;
    uint64_t natural;
    double real;
    const char *token = rf_json_token(doc, node, &bytes);
    size_t count = bytes <= SURE_DIGITS ? 0 : take_digits(token, bytes, digits);
    if (count <= SURE_DIGITS || rf_json_int64(doc, node, &integer) ||
        rf_json_uint64(doc, node, &natural)) {
        return true;
    }
    if (count > MOST_DIGITS || !rf_json_real(doc, node, &real)) {
        return false;
    }
    struct rf_buf shortest = {0};
    char printed[40];
    rf_canon_real(&shortest, real);
    (void)snprintf(printed, sizeof(printed), "%.*e", MOST_DIGITS - 1, real);
    bool exact = has_digits(shortest.bytes, shortest.used, digits, count) ||
                 has_digits(printed, strlen(printed), digits, count);
    rf_buf_done(&shortest);
    return exact;
}
