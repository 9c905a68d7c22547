/* SPDX-License-Identifier: MIT */
/* Whether something begins as an object does, byte by byte. */
#include "decode/opening.h"

#include <string.h>

#include "decode/base64.h"
#include "decode/blank.h"

/** A name that is longer is taken for none. */
#define NAME_BYTES 256
/** So many bytes tell text from what is none: that many bytes by chance are text once in 2,000. */
#define TEXT_BYTES 8

enum state {
    OUTSIDE,
    BRACE,        /**< behind it, and blanks */
    BRACE_ESCAPE, /**< … and a backslash */
    QUOTE,        /**< behind the quote that opens a name */
    NAME,
    NAME_ESCAPE,
    CLOSED,        /**< behind the quote that may close it, and blanks */
    CLOSED_ESCAPE, /**< … and a backslash */
    FOUND,
};

/** A name goes on, unless it has become none. */
static enum state
go_on(struct rf_opening_reading *reading, unsigned char byte)
{
    reading->name_bytes++;
    return byte < ' ' || reading->name_bytes > NAME_BYTES ? OUTSIDE : NAME;
}

static enum state
next_plain(struct rf_opening_reading *reading, unsigned char byte)
{
    switch ((enum state)reading->state) {
    case BRACE:
        reading->name_bytes = 0;
        return rf_is_blank((char)byte) ? BRACE : byte == '"' ? QUOTE : OUTSIDE;
    case QUOTE: /* a second one doubles it, or closes a name of no bytes */
    case NAME:
        return byte == '"' ? CLOSED : go_on(reading, byte);
    case CLOSED:
        if (byte == ':') {
            return FOUND;
        }
        return byte == '"' || rf_is_blank((char)byte) ? CLOSED : go_on(reading, byte);
    default:
        return OUTSIDE;
    }
}

/** The state without the backslash that was in front. */
static enum state
unescaped(enum state state)
{
    return state == BRACE_ESCAPE ? BRACE : state == NAME_ESCAPE ? NAME : CLOSED;
}

/** Behind a backslash: what an escape stands for is read as if it stood there. One more backslash
 * escapes again what was escaped before. */
static enum state
next_escaped(struct rf_opening_reading *reading, unsigned char byte)
{
    enum state state = (enum state)reading->state;
    if (byte == '\\') {
        return state;
    }
    if (byte == 'u' || byte == 'x') {
        reading->hex_left = byte == 'u' ? 4 : 2;
        reading->hex = 0;
        return state;
    }
    reading->state = (unsigned char)unescaped(state);
    bool blank = byte == 'n' || byte == 'r' || byte == 't';
    return next_plain(reading, blank && state != NAME_ESCAPE ? ' ' : byte);
}

static enum state
next_digit(struct rf_opening_reading *reading, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = byte == '\0' ? NULL : strchr(digits, byte | (byte >= 'A' ? 0x20 : 0));
    enum state state = (enum state)reading->state;
    if (digit == NULL) {
        reading->hex_left = 0;
        return OUTSIDE;
    }
    reading->hex = reading->hex << 4 | (unsigned)(digit - digits);
    if (--reading->hex_left > 0) {
        return state;
    }
    reading->state = (unsigned char)unescaped(state);
    return next_plain(reading, reading->hex < 0x80 ? (unsigned char)reading->hex : 0x80);
}

static bool
read_byte(struct rf_opening_reading *reading, unsigned char byte)
{
    enum state state = (enum state)reading->state;
    bool in_escape = state == BRACE_ESCAPE || state == NAME_ESCAPE || state == CLOSED_ESCAPE;
    if (byte == '{') {
        reading->hex_left = 0;
        state = BRACE;
    } else if (reading->hex_left > 0) {
        state = next_digit(reading, byte);
    } else if (in_escape) {
        state = next_escaped(reading, byte);
    } else if (byte == '\\' && state != OUTSIDE) {
        state = state == BRACE ? BRACE_ESCAPE : state == CLOSED ? CLOSED_ESCAPE : NAME_ESCAPE;
    } else {
        state = next_plain(reading, byte);
    }
    reading->state = (unsigned char)state;
    return state == FOUND;
}

/* ---- base64 ---------------------------------------------------------------------------------- */

/** The six bits of a character, of the alphabet for addresses too; or -1. */
static int
value_of(unsigned char byte)
{
    return byte == '-' ? 62 : byte == '_' ? 63 : rf_base64_digit(byte);
}

/** Whether what base64 begins with is packed: gzip, zstd, zip, an aggregate of the KPL. */
static bool
is_packed(uint32_t front)
{
    return front == 0x1f8b08 || front == 0x28b52f || front == 0x504b03 || front == 0xf3899a;
}

static bool
read_coded(struct rf_opening *opening, unsigned char byte)
{
    int value = value_of(byte);
    if (byte == '\n' || byte == '\r') { /* it may go on in the next line */
        return false;
    }
    if (value < 0 && opening->run == 0) {
        return false;
    }
    if (value < 0) {
        memset(opening->coded, 0, sizeof(opening->coded));
        opening->run = 0;
        return false;
    }
    opening->bits = (opening->bits << 6 | (uint32_t)value) & 0xffffff;
    opening->run++;
    if (opening->run < 4) {
        return false;
    }
    struct rf_opening_reading *reading = &opening->coded[opening->run % 4];
    bool found = opening->run == 4 && is_packed(opening->bits);
    for (int shift = 16; shift >= 0 && !found; shift -= 8) {
        found = read_byte(reading, (unsigned char)(opening->bits >> shift));
    }
    return found;
}

void
rf_opening_feed(struct rf_opening *opening, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && !opening->found; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        opening->found = read_byte(&opening->plain, byte);
        opening->found = read_coded(opening, byte) || opening->found;
    }
}

bool
rf_opening_is_text(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && i < TEXT_BYTES; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if ((byte < ' ' && !rf_is_blank((char)byte)) || byte >= 0x7f) {
            return false;
        }
    }
    return true;
}
