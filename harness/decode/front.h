/* SPDX-License-Identifier: MIT */
/* How a text begins: what is no event may be a record all the same. */
#ifndef RF_DECODE_FRONT_H
#define RF_DECODE_FRONT_H

#include <stdbool.h>
#include <stddef.h>

/** Where what a text says begins: behind a mark of UTF-8, blanks and the brackets of arrays. */
size_t rf_front_of_text(const char *text, size_t bytes);
/** Whether a text begins as records do: with an object, be it in arrays or in a string. */
bool rf_front_is_record(const char *text, size_t bytes);

#endif
