/* SPDX-License-Identifier: MIT */
/* Bytes of hostile origin, made safe for the reader at hand. */
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/* What char_next gives for a byte that is no UTF-8. */
#define NO_CHARACTER UINT32_MAX

static const char ELLIPSIS[] = "\xE2\x80\xA6";

/* ---- characters ---- */

struct range {
    uint32_t first;
    uint32_t last;
};

/* Sorted. Unicode's Cc, Cf, Zl and Zp, less the Arabic, Syriac and Kaithi signs of Cf that are
 * seen; letters that are drawn as nothing (fillers); blocks kept for format characters to come. The
 * variation selectors of emoji (U+FE00-FE0F) stay; those of the tag block do not, they carry text
 * that nobody sees. The last two of each plane are told apart by their bits. */
static const struct range HIDDEN[] = {
    {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
    {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
    {0xD800, 0xDFFF},   {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
};

static bool
is_hidden(uint32_t code)
{
    if (code < 0x7F) {
        return code < 0x20;
    }
    for (size_t i = 0; i < sizeof(HIDDEN) / sizeof(HIDDEN[0]); i++) {
        if (code <= HIDDEN[i].last) {
            return code >= HIDDEN[i].first || (code & 0xFFFE) == 0xFFFE;
        }
    }
    return (code & 0xFFFE) == 0xFFFE;
}

/* The character at the front (count >= 1) and its length; NO_CHARACTER and 1 where it is none. */
static uint32_t
char_next(const char *bytes, size_t count, size_t *ret_bytes)
{
    bool cut;
    size_t length = rf_utf8_next(bytes, count, &cut);
    unsigned char lead = (unsigned char)bytes[0];
    *ret_bytes = length == 0 ? 1 : length;
    if (length == 0) {
        return NO_CHARACTER;
    }
    if (length == 1) {
        return lead;
    }
    uint32_t code = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | ((unsigned char)bytes[i] & 0x3Fu);
    }
    return code;
}

static bool
is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* Whether the byte behind bytes[0..count) at `at` is the second '#' of what CI systems read as a
 * command ("##[", "##vso["). */
static bool
is_command_mark(const char *bytes, size_t count, size_t at)
{
    return bytes[at] == '#' && at > 0 && bytes[at - 1] == '#' && at + 1 < count &&
           (bytes[at + 1] == '[' || is_letter(bytes[at + 1]));
}

/* ---- terminals ---- */

/* Append the character at bytes[at], shown; *ret_width is how many characters that takes.
 * Returns the bytes that were used up. */
static size_t
show_char(struct rf_buf *out, const char *bytes, size_t count, size_t at, size_t *ret_width)
{
    size_t length;
    uint32_t code = char_next(bytes + at, count - at, &length);
    size_t before = out->used;
    *ret_width = 1;
    if (code == '\n' || code == '\r' || code == '\t') {
        rf_buf_string(out, code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t");
    } else if (code == '\\') {
        rf_buf_string(out, "\\\\");
    } else if (code == NO_CHARACTER || code == 0x7F || code < 0x20 ||
               is_command_mark(bytes, count, at)) {
        rf_buf_format(out, "\\x%02X", (unsigned)(unsigned char)bytes[at]);
    } else if (is_hidden(code)) {
        rf_buf_format(out, "\\u{%04X}", (unsigned)code);
    } else {
        rf_buf_add(out, bytes + at, length);
        return length;
    }
    *ret_width = out->used - before;
    return length;
}

void
rf_escape_terminal(struct rf_buf *out, const char *bytes, size_t count)
{
    size_t width;
    for (size_t at = 0; at < count;) {
        at += show_char(out, bytes, count, at, &width);
    }
}

/* Shows at most `limit` characters; whether that was all. */
static bool
show_cut(struct rf_buf *out, const char *bytes, size_t count, size_t limit, bool quoted)
{
    size_t shown = 0;
    for (size_t at = 0; at < count;) {
        size_t before = out->used;
        size_t width = 2;
        size_t length = 1;
        if (quoted && bytes[at] == '\'') {
            rf_buf_string(out, "\\'");
        } else {
            length = show_char(out, bytes, count, at, &width);
        }
        if (shown + width > limit) {
            out->used = before;
            return false;
        }
        shown += width;
        at += length;
    }
    return true;
}

void
rf_escape_shown(struct rf_buf *out, const char *bytes, size_t count, size_t limit)
{
    if (!show_cut(out, bytes, count, limit, false)) {
        rf_buf_string(out, ELLIPSIS);
    }
}

void
rf_escape_quoted(struct rf_buf *out, const char *bytes, size_t count, size_t limit)
{
    rf_buf_byte(out, '\'');
    bool whole = show_cut(out, bytes, count, limit, true);
    rf_buf_byte(out, '\'');
    if (!whole) {
        rf_buf_string(out, ELLIPSIS);
    }
}

/* ---- shells ---- */

/* '~' and '=' expand at the front of a word in some shells; quoting them anywhere is simpler. */
static bool
is_plain_in_shell(char byte)
{
    return is_letter(byte) || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("@%+:,./_-", byte) != NULL);
}

/* Whether single quotes are enough, and whether none are needed. */
static void
shell_needs(const char *bytes, size_t count, bool *ret_plain, bool *ret_printable)
{
    *ret_plain = count > 0;
    *ret_printable = true;
    for (size_t at = 0; at < count;) {
        size_t length;
        uint32_t code = char_next(bytes + at, count - at, &length);
        if (code == NO_CHARACTER || is_hidden(code) || is_command_mark(bytes, count, at)) {
            *ret_printable = false;
        }
        if (!is_plain_in_shell(bytes[at])) {
            *ret_plain = false;
        }
        at += length;
    }
}

static void
shell_single_quoted(struct rf_buf *out, const char *bytes, size_t count)
{
    rf_buf_byte(out, '\'');
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\'') {
            rf_buf_string(out, "'\\''");
        } else {
            rf_buf_byte(out, bytes[i]);
        }
    }
    rf_buf_byte(out, '\'');
}

/* Octal, because shells differ in how many digits they take behind \x. */
static void
shell_dollar_quoted(struct rf_buf *out, const char *bytes, size_t count)
{
    rf_buf_string(out, "$'");
    for (size_t at = 0; at < count;) {
        size_t length;
        uint32_t code = char_next(bytes + at, count - at, &length);
        if (code == NO_CHARACTER || is_hidden(code) || is_command_mark(bytes, count, at)) {
            for (size_t i = 0; i < length; i++) {
                rf_buf_format(out, "\\%03o", (unsigned)(unsigned char)bytes[at + i]);
            }
        } else if (code == '\'' || code == '\\') {
            rf_buf_byte(out, '\\');
            rf_buf_byte(out, bytes[at]);
        } else {
            rf_buf_add(out, bytes + at, length);
        }
        at += length;
    }
    rf_buf_byte(out, '\'');
}

void
rf_escape_shell(struct rf_buf *out, const char *bytes, size_t count)
{
    bool plain;
    bool printable;
    shell_needs(bytes, count, &plain, &printable);
    if (plain) {
        rf_buf_add(out, bytes, count);
    } else if (printable) {
        shell_single_quoted(out, bytes, count);
    } else {
        shell_dollar_quoted(out, bytes, count);
    }
}

/* ---- JSON ---- */

/* One UTF-16 unit, or two above U+FFFF. */
static void
json_code(struct rf_buf *out, uint32_t code)
{
    if (code > 0xFFFF) {
        code -= 0x10000;
        rf_buf_format(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + (code >> 10)),
                      (unsigned)(0xDC00 + (code & 0x3FF)));
    } else {
        rf_buf_format(out, "\\u%04x", (unsigned)code);
    }
}

/* Append the character at bytes[at] as it stands in a JSON string; *ret_width as in show_char. */
static size_t
json_char(struct rf_buf *out, const char *bytes, size_t count, size_t at, bool for_html,
          size_t *ret_width)
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    size_t length;
    size_t before = out->used;
    uint32_t code = char_next(bytes + at, count - at, &length);
    *ret_width = 1;
    if (code == NO_CHARACTER) {
        rf_buf_string(out, "\xEF\xBF\xBD");
        return length;
    }
    for (const char *pair = shorts; *pair != '\0'; pair += 2) {
        if (code == (unsigned char)*pair) {
            rf_buf_byte(out, '\\');
            rf_buf_byte(out, pair[1]);
            *ret_width = 2;
            return length;
        }
    }
    if (is_hidden(code) || (for_html && code == '<') || is_command_mark(bytes, count, at)) {
        json_code(out, code);
        *ret_width = out->used - before;
        return length;
    }
    rf_buf_add(out, bytes + at, length);
    return length;
}

void
rf_escape_json(struct rf_buf *out, const char *bytes, size_t count)
{
    size_t width;
    rf_buf_byte(out, '"');
    for (size_t at = 0; at < count;) {
        at += json_char(out, bytes, count, at, true, &width);
    }
    rf_buf_byte(out, '"');
}

/* The length of the escape sequence at the front, or 0 where it is none. */
static size_t
json_escape_bytes(const char *json, size_t count)
{
    if (count < 2 || json[0] != '\\' || json[1] == '\0') {
        return 0;
    }
    if (json[1] != 'u') {
        return strchr("\"\\/bfnrt", json[1]) != NULL ? 2 : 0;
    }
    if (count < 6) {
        return 0;
    }
    for (size_t i = 2; i < 6; i++) {
        if (json[i] == '\0' || strchr("0123456789abcdefABCDEF", json[i]) == NULL) {
            return 0;
        }
    }
    return 6;
}

/* Append the token or character of a JSON text at json[at]. A text of our own stations is valid;
 * one that is not comes out printable all the same. */
static size_t
json_text_char(struct rf_buf *out, const char *json, size_t count, size_t at, bool for_html,
               bool *in_string, size_t *ret_width)
{
    if (json[at] == '"') {
        *in_string = !*in_string;
    } else if (*in_string) {
        size_t escape = json_escape_bytes(json + at, count - at);
        if (escape == 0) {
            return json_char(out, json, count, at, for_html, ret_width);
        }
        rf_buf_add(out, json + at, escape);
        *ret_width = escape;
        return escape;
    }
    *ret_width = 1;
    rf_buf_byte(out, json[at] >= 0x20 && json[at] < 0x7F ? json[at] : ' ');
    return 1;
}

void
rf_escape_json_text(struct rf_buf *out, const char *json, size_t count)
{
    bool in_string = false;
    size_t width;
    for (size_t at = 0; at < count;) {
        at += json_text_char(out, json, count, at, true, &in_string, &width);
    }
}

void
rf_escape_json_shown(struct rf_buf *out, const char *json, size_t count, size_t from, size_t limit)
{
    bool in_string = false;
    size_t shown = 0;
    if (from > 0) {
        rf_buf_string(out, ELLIPSIS);
    }
    for (size_t at = 0; at < count;) {
        size_t before = out->used;
        size_t width;
        size_t length = json_text_char(out, json, count, at, false, &in_string, &width);
        if (at < from) {
            out->used = before;
        } else if (shown + width > limit) {
            out->used = before;
            rf_buf_string(out, ELLIPSIS);
            return;
        } else {
            shown += width;
        }
        at += length;
    }
}
