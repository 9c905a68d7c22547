/* SPDX-License-Identifier: MIT */
/*
 * Where reading goes on behind a damaged record.
 *
 * Its own end cannot be trusted: a quote that was lost turns the inside of all strings behind it
 * out, and its brackets seem to close somewhere in the midst of records that are whole. These are
 * told by themselves: one begins behind an LF, or with {" where the damaged record has no place for
 * a value, it can be read to its end, and behind that another one, the end of a line or that of the
 * object comes. A part of the damaged record is not taken for one so. In a string no LF can stand,
 * and no {" that begins an object, for quotes are escaped there: its quote ends the string, and
 * what follows has strings where an object's keys and colons would be. Out of strings an object
 * stands behind a colon, a comma or a bracket, and one of these, or a brace, behind it.
 *
 * The nearest such record is taken. How often bytes are looked at is bounded: what reading in vain
 * cost is counted (RF_LIMIT_RECOVERY_BYTES).
 */
#include <string.h>

#include "base/limits.h"
#include "decode/base64.h"
#include "decode/blank.h"
#include "decode/framer.h"
#include "decode/kpl.h"

/** The byte that a line of base64 of an object begins with: { is 0x7b. */
#define BASE64_BRACE 'e'

static inline char
byte_at(const struct rf_frame *frame, size_t at)
{
    return frame->bytes[frame->begin + at];
}

/** Whether there is a byte at this place: fills the buffer up to it. */
static inline bool
has_byte(struct rf_frame *frame, size_t at)
{
    return at < rf_frame_ahead(frame) ||
           (rf_frame_fill(frame, at + 1) && at < rf_frame_ahead(frame));
}

/* ---- whether a record begins here -------------------------------------------------------------
 */

/** Whether behind a whole value comes what may stand between records. */
static bool
is_followed(struct rf_frame *frame, size_t at)
{
    for (size_t most = at + frame->most; has_byte(frame, at); at++) {
        char byte = byte_at(frame, at);
        if (byte != ' ' && byte != '\t') {
            return byte == '\n' || byte == '\r' || byte == '{' || byte == '[' ||
                   byte == RF_FRAME_MARK[0] || byte == RF_KPL_MAGIC[0];
        }
        if (at == most) {
            break; /* more of them are not held */
        }
    }
    return true;
}

/** Whether the value that begins here can be read to its end, and no record's goes on there. */
static bool
is_whole(struct rf_frame *frame, size_t at, struct rf_json *doc)
{
    for (;;) {
        size_t have = rf_frame_ahead(frame) - at;
        size_t count = have < frame->most ? have : frame->most;
        size_t end = 0;
        struct rf_err err;
        rf_code code = rf_json_read(doc, frame->bytes + frame->begin + at, count, &end, &err);
        *frame->looked_again += code == RF_OK ? end : err.offset_bytes;
        if (code == RF_OK) {
            return is_followed(frame, at + end);
        }
        if (code != RF_ERR_TRUNCATED || count < have || !rf_frame_fill_more(frame, at)) {
            return false;
        }
    }
}

/** Whether the damaged record may have a value here. Up to where it is broken its strings are told
 * for sure. */
static bool
may_be_value(const struct rf_passed *passed)
{
    if (passed->bytes == passed->broken || (passed->bytes < passed->broken && passed->in_string)) {
        return false;
    }
    return passed->solid == ':' || passed->solid == ',' || passed->solid == '[';
}

/** Whether an object or array that begins here may be a record. */
static bool
may_begin(struct rf_frame *frame, size_t at, const struct rf_passed *passed)
{
    return passed->last == '\n' || (!may_be_value(passed) && (rf_frame_is_at(frame, at, "{\"", 2) ||
                                                              rf_frame_is_at(frame, at, "[{", 2)));
}

/** Whether the rest of the line is base64, as of an object. */
static bool
is_base64(struct rf_frame *frame, size_t at)
{
    size_t count = 0;
    for (; count <= frame->most && has_byte(frame, at + count); count++) {
        char byte = byte_at(frame, at + count);
        bool fits = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                    (byte >= '0' && byte <= '9') || byte == '+' || byte == '/' || byte == '=';
        if (!fits) {
            break;
        }
    }
    *frame->looked_again += count;
    bool ends = !has_byte(frame, at + count) || rf_is_blank(byte_at(frame, at + count));
    return ends && count >= RF_BASE64_LINE_BYTES && count % 4 == 0;
}

/** Whether a record begins at this byte, which is at hand. An aggregate is known by its magic,
 * which is no UTF-8; where it is damaged that is found when it is read. */
static bool
is_record(struct rf_frame *frame, size_t at, const struct rf_passed *passed, struct rf_json *doc)
{
    char byte = byte_at(frame, at);
    if (*frame->looked_again > RF_LIMIT_RECOVERY_BYTES) {
        return false; /* whoever asks gives up */
    }
    if (byte == '{' || byte == '[') {
        return may_begin(frame, at, passed) && is_whole(frame, at, doc);
    }
    if (byte == RF_KPL_MAGIC[0]) {
        return rf_frame_is_at(frame, at, RF_KPL_MAGIC, RF_KPL_MAGIC_BYTES);
    }
    return byte == BASE64_BRACE && passed->last == '\n' && is_base64(frame, at);
}

/* ---- passing over -----------------------------------------------------------------------------
 */

static inline void
pass(struct rf_passed *passed, char byte)
{
    passed->bytes++;
    passed->last = byte;
    if (!rf_is_blank(byte)) {
        passed->solid = byte;
        passed->beyond = passed->line;
    } else if (byte == '\n') {
        passed->line = true;
    }
}

/** Whether the damaged record's brackets are all closed with this byte. */
static inline bool
closes(struct rf_passed *passed, char byte)
{
    if (passed->escaped) {
        passed->escaped = false;
    } else if (byte == '"') {
        passed->in_string = !passed->in_string;
    } else if (passed->in_string) {
        passed->escaped = byte == '\\';
    } else if (byte == '{' || byte == '[') {
        passed->depth++;
    } else if (byte == '}' || byte == ']') {
        passed->depth--;
        return passed->depth == 0;
    }
    return false;
}

bool
rf_behind_record(struct rf_frame *frame, struct rf_json *doc, uint64_t broken,
                 struct rf_passed *ret)
{
    *ret = (struct rf_passed){.broken = broken};
    while (has_byte(frame, 0)) {
        if (ret->bytes > 0 && is_record(frame, 0, ret, doc)) {
            return true;
        }
        char byte = frame->bytes[frame->begin++];
        pass(ret, byte);
        rf_opening_feed(&frame->opening, &byte, 1);
        if (closes(ret, byte) && ret->bytes <= frame->most) {
            ret->end = true;
            return true;
        }
    }
    return false;
}

bool
rf_behind_line(struct rf_frame *frame, struct rf_json *doc)
{
    struct rf_passed passed = {0};
    while (has_byte(frame, 0)) {
        if (passed.bytes > 0 && is_record(frame, 0, &passed, doc)) {
            return true;
        }
        char byte = frame->bytes[frame->begin++];
        pass(&passed, byte);
        rf_opening_feed(&frame->opening, &byte, 1);
        if (byte == '\n') {
            return true;
        }
    }
    return false;
}

/* ---- measuring a line -------------------------------------------------------------------------
 */

/** Bytes in front of the first that may end a line, or begin a record in it: no text of base64 has
 * one. By windows, so that what stands behind a short line is not searched through for each. */
static size_t
count_plain(const char *bytes, size_t count)
{
    enum { WINDOW = 512 };
    static const unsigned char stops[] = {'\n', '{', '[', (unsigned char)RF_KPL_MAGIC[0]};
    size_t at = 0;
    while (at < count) {
        size_t window = count - at < WINDOW ? count - at : WINDOW;
        size_t plain = window;
        for (size_t i = 0; i < sizeof(stops); i++) {
            const char *stop = memchr(bytes + at, stops[i], plain);
            plain = stop == NULL ? plain : (size_t)(stop - (bytes + at));
        }
        at += plain;
        if (plain < window) {
            break;
        }
    }
    return at;
}

/** Whether a record begins in a line, behind its first byte. */
static bool
is_record_within(struct rf_frame *frame, size_t at, struct rf_json *doc)
{
    size_t solid = at - 1;
    while (solid > 0 && rf_is_blank(byte_at(frame, solid))) {
        solid--;
    }
    const struct rf_passed passed = {
        .bytes = at, .last = byte_at(frame, at - 1), .solid = byte_at(frame, solid)};
    return is_record(frame, at, &passed, doc);
}

bool
rf_behind_measure(struct rf_frame *frame, struct rf_json *doc, size_t *ret_bytes, size_t *ret_end)
{
    size_t at = 0;
    for (;;) {
        const char *front = frame->bytes + frame->begin;
        at += count_plain(front + at, rf_frame_ahead(frame) - at);
        *ret_bytes = *ret_end = at;
        if (at > frame->most) {
            return false;
        }
        if (at == rf_frame_ahead(frame)) {
            if (!rf_frame_fill_more(frame, 0)) {
                return true;
            }
        } else if (byte_at(frame, at) == '\n') {
            *ret_end = at + 1;
            return true;
        } else if (at > 0 && is_record_within(frame, at, doc)) {
            return true;
        } else {
            at++;
        }
    }
}
