/* SPDX-License-Identifier: MIT */
/* Base64, strictly; and back. */
#ifndef RF_DECODE_BASE64_H
#define RF_DECODE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/** The shortest line that is taken for base64 (contract.md, "Records and envelopes"). */
#define RF_BASE64_LINE_BYTES 8

/**
 * Decode the standard alphabet with padding. Refused: a length that is no multiple of 4, any other
 * byte (blanks and line ends too), padding anywhere but at the end, and bits that the padding
 * leaves over and that are not 0. `count` 0 gives no bytes.
 *
 * @out     cleared first; its content is undefined where false is returned
 * Source: RFC 4648, 4 and 3.5
 */
bool rf_base64_decode(const char *text, size_t count, struct rf_buf *out);

/** The same of texts that were joined by nothing: behind padding the next one begins. Where none is
 * in their midst they are one text.
 * @ret_torn  padding stands where, blanks aside, no object of JSON ends or none begins behind it:
 * if it is JSON, a byte was damaged */
bool rf_base64_decode_joined(const char *text, size_t count, struct rf_buf *out, bool *ret_torn);

/** The six bits that a character of the standard alphabet stands for; -1: it is none. */
int rf_base64_digit(unsigned char byte);

/** Append the base64 of these bytes, with padding. */
void rf_base64_encode(const char *bytes, size_t count, struct rf_buf *out);

#endif
