/* SPDX-License-Identifier: MIT */
/*
 * Whether something in bytes begins as an object of JSON does: a brace, a name in quotes, a colon.
 *
 * For text in which no event was found. It may have been one that was cut, damaged, wrapped in
 * something else, or written into a string, once or several times: so blanks may be escaped, and
 * quotes escaped or doubled. An object that is whole may stand behind any text; nothing else of it
 * is looked at, so that no damage behind its first name hides it.
 */
#ifndef RF_DECODE_OPENING_H
#define RF_DECODE_OPENING_H

#include <stdbool.h>
#include <stddef.h>

/** All zero at first. */
struct rf_opening {
    bool found;
    unsigned char state;
    unsigned name_bytes;
};

/** The next bytes of a text. */
void rf_opening_feed(struct rf_opening *opening, const char *bytes, size_t count);

/** Whether a text has one in a stretch of base64, at whichever byte that begins. */
bool rf_opening_is_coded(const char *bytes, size_t count);

#endif
