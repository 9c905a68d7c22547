/* SPDX-License-Identifier: MIT */
/* Whether something begins as an object does, byte by byte. */
#include "decode/opening.h"

#include "base/buf.h"
#include "decode/base64.h"

/** A name that is longer is taken for none. */
#define NAME_BYTES 256
/** A shorter stretch has no room for a name, and may be a word. */
#define CODED_BYTES ((size_t)16)

enum state {
    OUTSIDE,
    BRACE,        /**< behind it, and blanks */
    BRACE_ESCAPE, /**< … and a backslash */
    QUOTE,        /**< behind the quote that opens a name */
    NAME,
    CLOSED,        /**< behind the quote that may close it, and blanks */
    CLOSED_ESCAPE, /**< … and a backslash */
};

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/** A name goes on, unless it has become none. */
static enum state
go_on(struct rf_opening *opening, char byte)
{
    opening->name_bytes++;
    return (unsigned char)byte < ' ' || opening->name_bytes > NAME_BYTES ? OUTSIDE : NAME;
}

/** Behind a backslash: an escaped blank, a quote, or one more backslash, for what was escaped
 * several times. */
static enum state
after_escape(char byte, enum state blank, enum state escape, enum state quote, enum state other)
{
    switch (byte) {
    case 'n':
    case 'r':
    case 't':
        return blank;
    case '\\':
        return escape;
    case '"':
        return quote;
    default:
        return other;
    }
}

static enum state
next_state(struct rf_opening *opening, char byte)
{
    switch ((enum state)opening->state) {
    case BRACE:
        opening->name_bytes = 0;
        return is_blank(byte) ? BRACE : byte == '\\' ? BRACE_ESCAPE : byte == '"' ? QUOTE : OUTSIDE;
    case BRACE_ESCAPE:
        return after_escape(byte, BRACE, BRACE_ESCAPE, QUOTE, OUTSIDE);
    case QUOTE: /* a second one doubles it, or closes a name of no bytes */
        return byte == '"' ? CLOSED : go_on(opening, byte);
    case NAME:
        return byte == '"' ? CLOSED : go_on(opening, byte);
    case CLOSED:
        opening->found = opening->found || byte == ':';
        return byte == '"' || is_blank(byte) ? CLOSED
               : byte == '\\'                ? CLOSED_ESCAPE
                                             : go_on(opening, byte);
    case CLOSED_ESCAPE:
        return after_escape(byte, CLOSED, CLOSED_ESCAPE, CLOSED, NAME);
    default:
        return OUTSIDE;
    }
}

void
rf_opening_feed(struct rf_opening *opening, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && !opening->found; i++) {
        opening->state = bytes[i] == '{' ? BRACE : (unsigned char)next_state(opening, bytes[i]);
    }
}

static bool
is_of_base64(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '+' || byte == '/';
}

/** Of a stretch of the alphabet: what was lost in front of it shifts all behind. */
static bool
is_coded(const char *bytes, size_t count, struct rf_buf *decoded)
{
    for (size_t shift = 0; shift < 4 && shift < count; shift++) {
        struct rf_opening opening = {0};
        if (rf_base64_decode(bytes + shift, (count - shift) / 4 * 4, decoded)) {
            rf_opening_feed(&opening, decoded->bytes, decoded->used);
        }
        if (opening.found) {
            return true;
        }
    }
    return false;
}

bool
rf_opening_is_coded(const char *bytes, size_t count)
{
    struct rf_buf decoded = {0};
    bool is = false;
    for (size_t at = 0; at < count && !is; at++) {
        size_t from = at;
        while (at < count && is_of_base64(bytes[at])) {
            at++;
        }
        is = at - from >= CODED_BYTES && is_coded(bytes + from, at - from, &decoded);
    }
    rf_buf_done(&decoded);
    return is;
}
