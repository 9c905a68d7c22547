/* SPDX-License-Identifier: MIT */
/*
 * Whether something in bytes begins as an object of JSON does: a brace, a name in quotes, a colon.
 *
 * For text in which no event was found. It may have been one that was cut, damaged, wrapped in
 * something else, or written into a string, once or several times: so blanks may be escaped, and
 * quotes escaped or doubled. An object that is whole may stand behind any text; nothing else of it
 * is looked at, so that no damage behind its first name hides it. The same is looked for in base64,
 * at whichever byte that begins; and the magic of what objects are packed as, in front of it.
 */
#ifndef RF_DECODE_OPENING_H
#define RF_DECODE_OPENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How far one reading of the bytes has come. */
struct rf_opening_reading {
    unsigned char state;
    unsigned char hex_left; /**< digits of an escape such as \u0022 that are to come */
    unsigned hex;
    unsigned name_bytes;
};

/** All zero at first. */
struct rf_opening {
    bool found;
    struct rf_opening_reading plain;
    /** Of base64: four readings, each of which began a character later. */
    struct rf_opening_reading coded[4];
    uint64_t run;  /**< characters of base64 so far, line ends aside */
    uint32_t bits; /**< the last four of them, six bits each */
};

/** The next bytes of a text. */
void rf_opening_feed(struct rf_opening *opening, const char *bytes, size_t count);

/** Whether these few bytes behind a brace are text. */
bool rf_opening_is_text(const char *bytes, size_t count);

#endif
