/* SPDX-License-Identifier: MIT */
/* Escapers: whatever goes in, what comes out is printable, and says what went in. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

struct bytes {
    const char *bytes;
    size_t count;
};
#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct bytes HOSTILE[] = {
    BYTES(""),
    BYTES("plain"),
    BYTES("it's \"quoted\""),
    BYTES("]]>"),
    BYTES("</script><script>alert(1)</script>"),
    BYTES("<!--"),
    BYTES("\n::error file=x::you are done"),
    BYTES("  ::stop-commands::x"),
    BYTES("##[error]x"),
    BYTES("###[add-mask]x"),
    BYTES("##vso[task.complete result=Succeeded;]"),
    BYTES("\x1b[2J\x1b[31mred\x1b]0;title\x07"),
    BYTES("\xC2\x9B"
          "2J"),
    BYTES("\x9B"
          "2J"),
    BYTES("a\0b"),
    BYTES("tab\tcr\rlf\n"),
    BYTES("\x7F\x08\x0C\x0B"),
    BYTES("\xE2\x80\xAE"
          "drowssap\xE2\x80\xAC"),
    BYTES("\xE2\x81\xA6isolate\xE2\x81\xA9"),
    BYTES("zero\xE2\x80\x8Bwidth\xEF\xBB\xBF"),
    BYTES("\xE2\x80\xA8line\xE2\x80\xA9paragraph"),
    BYTES("\xF3\xA0\x81\x81tag"),
    BYTES("\xF0\x9F\x98\x80 caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC"),
    BYTES("\xC0\xAF overlong"),
    BYTES("\xED\xA0\x80 surrogate"),
    BYTES("\xF4\x90\x80\x80 too high"),
    BYTES("cut \xE2\x80"),
    BYTES("cut \xF0\x9F\x98"),
    BYTES("\xFF\xFE"),
    BYTES("back\\slash \\x1B \\u{202E}"),
    BYTES("$(reboot) `reboot` ; & | > < * ? ! ~ # {a,b}"),
    BYTES("=cmd"),
    BYTES("~root"),
    BYTES("-rf"),
    BYTES("'"),
    BYTES("''\\''"),
    BYTES("```\n# heading"),
};
#define HOSTILE_COUNT (sizeof(HOSTILE) / sizeof(HOSTILE[0]))

/* Unicode 15's general categories Cc, Cf (less the signs that are seen), Zl, Zp and the
 * noncharacters of the first plane, as Python's unicodedata lists them. */
static const uint32_t INVISIBLE[][2] = {
    {0x0, 0x1F},        {0x7F, 0x9F},         {0xAD, 0xAD},       {0x61C, 0x61C},
    {0x180E, 0x180E},   {0x200B, 0x200F},     {0x2028, 0x202E},   {0x2060, 0x2064},
    {0x2066, 0x206F},   {0xFDD0, 0xFDEF},     {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
    {0xFFFE, 0xFFFF},   {0x13430, 0x13438},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0x1FFFE, 0x1FFFF}, {0xE0001, 0xE0001},   {0xE0020, 0xE007F}, {0xEFFFE, 0xEFFFF},
    {0xFFFFE, 0xFFFFF}, {0x10FFFE, 0x10FFFF},
};

static bool
is_invisible(uint32_t code)
{
    for (size_t i = 0; i < sizeof(INVISIBLE) / sizeof(INVISIBLE[0]); i++) {
        if (code >= INVISIBLE[i][0] && code <= INVISIBLE[i][1]) {
            return true;
        }
    }
    return false;
}

static size_t
encode(uint32_t code, char text[5])
{
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    memset(text, 0, 5);
    for (size_t i = count; i-- > 1;) {
        text[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    text[0] = (char)(leads[count] | code);
    return count;
}

/* Fails unless the text is printable: ASCII from blank to tilde, and what INVISIBLE does not name,
 * as valid UTF-8 (told by jansson), and nothing that a CI system reads as a command. */
static void
assert_printable(const struct rf_buf *out, const char *what)
{
    json_t *valid = json_stringn(out->bytes == NULL ? "" : out->bytes, out->used);
    cr_assert(valid != NULL, "%s: not UTF-8", what);
    json_decref(valid);
    for (uint32_t code = 0; code < 0x20; code++) {
        cr_assert(out->used == 0 || memchr(out->bytes, (int)code, out->used) == NULL,
                  "%s: control byte %u", what, code);
    }
    for (size_t i = 0; i < sizeof(INVISIBLE) / sizeof(INVISIBLE[0]); i++) {
        for (uint32_t code = INVISIBLE[i][0]; code <= INVISIBLE[i][1]; code++) {
            char text[5];
            size_t count = encode(code, text);
            cr_assert(out->used == 0 || memmem(out->bytes, out->used, text, count) == NULL,
                      "%s: U+%04X", what, code);
        }
    }
    cr_assert(out->used == 0 || memmem(out->bytes, out->used, "##[", 3) == NULL, "%s: ##[", what);
    cr_assert(out->used == 0 || memmem(out->bytes, out->used, "##vso", 5) == NULL, "%s: ##vso",
              what);
}

Test(escape, leaves_nothing_hidden_in_hostile_text)
{
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        struct rf_buf out = {0};
        rf_escape_terminal(&out, HOSTILE[i].bytes, HOSTILE[i].count);
        assert_printable(&out, "terminal");
        rf_buf_clear(&out);
        rf_escape_quoted(&out, HOSTILE[i].bytes, HOSTILE[i].count, 20);
        assert_printable(&out, "quoted");
        rf_buf_clear(&out);
        rf_escape_shell(&out, HOSTILE[i].bytes, HOSTILE[i].count);
        assert_printable(&out, "shell");
        rf_buf_clear(&out);
        rf_escape_json(&out, HOSTILE[i].bytes, HOSTILE[i].count);
        assert_printable(&out, "json");
        rf_buf_done(&out);
    }
}

/* Every character by itself: the invisible ones become ASCII, no other is lost. */
Test(escape, hides_every_invisible_character)
{
    struct rf_buf out = {0};
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF) {
            continue;
        }
        char text[5];
        size_t count = encode(code, text);
        rf_buf_clear(&out);
        rf_escape_terminal(&out, text, count);
        rf_escape_quoted(&out, text, count, 100);
        rf_escape_shell(&out, text, count);
        rf_escape_json(&out, text, count);
        bool ascii = true;
        for (size_t i = 0; i < out.used; i++) {
            unsigned char byte = (unsigned char)out.bytes[i];
            ascii = ascii && byte >= 0x20 && byte < 0x7F;
        }
        if (is_invisible(code)) {
            cr_assert(ascii, "U+%04X", code);
        }
    }
    rf_buf_done(&out);
}

Test(escape, leaves_letters_of_all_scripts_alone)
{
    static const char text[] = "caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC \xD8\xA7\xD8\xA8 "
                               "\xF0\x9F\x98\x80 # ## ### a<b>c: \"x\" 100%";
    struct rf_buf out = {0};
    rf_escape_terminal(&out, text, sizeof(text) - 1);
    cr_assert_str_eq(rf_buf_text(&out), text);
    rf_buf_done(&out);
}

Test(escape, shows_what_was_there)
{
    static const struct {
        struct bytes in;
        const char *out;
    } rows[] = {
        {BYTES("a\0b"), "a\\x00b"},
        {BYTES("\n\r\t\\"), "\\n\\r\\t\\\\"},
        {BYTES("\x1b[0m"), "\\x1B[0m"},
        {BYTES("\xC2\x9B"), "\\u{009B}"},
        {BYTES("\x9B"), "\\x9B"},
        {BYTES("\xE2\x80\xAE"), "\\u{202E}"},
        {BYTES("\xF3\xA0\x81\x81"), "\\u{E0041}"},
        {BYTES("\xED\xA0\x80"), "\\xED\\xA0\\x80"},
        {BYTES("##[error]"), "#\\x23[error]"},
        {BYTES("##vso[x]"), "#\\x23vso[x]"},
        {BYTES("##"), "##"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf out = {0};
        rf_escape_terminal(&out, rows[i].in.bytes, rows[i].in.count);
        cr_expect_str_eq(rf_buf_text(&out), rows[i].out);
        rf_buf_done(&out);
    }
}

/* Reads a terminal text back; what two inputs could share would come back wrong for one of them. */
static void
unescape(const struct rf_buf *in, struct rf_buf *out)
{
    for (size_t i = 0; i < in->used; i++) {
        unsigned code;
        int length = 0;
        char text[5];
        if (in->bytes[i] != '\\') {
            rf_buf_byte(out, in->bytes[i]);
        } else if (in->bytes[++i] == 'x') {
            cr_assert_eq(sscanf(in->bytes + i, "x%2X%n", &code, &length), 1);
            rf_buf_byte(out, (char)code);
            i += (size_t)length - 1;
        } else if (in->bytes[i] == 'u') {
            cr_assert_eq(sscanf(in->bytes + i, "u{%X}%n", &code, &length), 1);
            rf_buf_add(out, text, encode(code, text));
            i += (size_t)length - 1;
        } else {
            char c = in->bytes[i];
            rf_buf_byte(out, c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
        }
    }
}

Test(escape, terminal_text_can_be_read_back)
{
    static const char alphabet[] = "ab\\xu{}'#[\n\t\x1b\xC2\x9B\xE2\x80\xAE\xFF\xF0\x9F\x98\x80";
    struct rf_buf out = {0};
    struct rf_buf back = {0};
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char text[12];
        size_t count = 0;
        while (count < sizeof(text)) {
            random = random * 1664525 + 1013904223;
            text[count++] = alphabet[(random >> 16) % (sizeof(alphabet) - 1)];
        }
        rf_buf_clear(&out);
        rf_buf_clear(&back);
        rf_escape_terminal(&out, text, count);
        (void)rf_buf_text(&out);
        unescape(&out, &back);
        cr_assert_eq(back.used, count);
        cr_assert_arr_eq(back.bytes, text, count);
    }
    rf_buf_done(&out);
    rf_buf_done(&back);
}

static void
expect_quoted(const char *in, size_t limit, const char *expected)
{
    struct rf_buf out = {0};
    rf_escape_quoted(&out, in, strlen(in), limit);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
}

Test(escape, quotes_and_cuts_whole_characters)
{
    expect_quoted("abc", 3, "'abc'");
    expect_quoted("abcd", 3, "'abc'\xE2\x80\xA6");
    expect_quoted("it's", 9, "'it\\'s'");
    expect_quoted("\xC3\xA9\xC3\xA9\xC3\xA9", 2, "'\xC3\xA9\xC3\xA9'\xE2\x80\xA6");
    expect_quoted("ab\x1b", 5, "'ab'\xE2\x80\xA6");
    expect_quoted("ab\x1b", 6, "'ab\\x1B'");
    expect_quoted("", 0, "''");
    struct rf_buf out = {0};
    rf_escape_shown(&out, "it's\tlong", 9, 6);
    cr_expect_str_eq(rf_buf_text(&out), "it's\\t\xE2\x80\xA6");
    rf_buf_done(&out);
}

Test(escape, shell_words_are_plain_only_where_that_is_safe)
{
    static const struct {
        struct bytes in;
        const char *out;
    } rows[] = {
        {BYTES("2017/06/22/10/orders-1.gz"), "2017/06/22/10/orders-1.gz"},
        {BYTES(""), "''"},
        {BYTES("a b"), "'a b'"},
        {BYTES("it's"), "'it'\\''s'"},
        {BYTES("~root"), "'~root'"},
        {BYTES("=cmd"), "'=cmd'"},
        {BYTES("caf\xC3\xA9"), "'caf\xC3\xA9'"},
        {BYTES("a\nb"), "$'a\\012b'"},
        {BYTES("\xE2\x80\xAE'\\"), "$'\\342\\200\\256\\'\\\\'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf out = {0};
        rf_escape_shell(&out, rows[i].in.bytes, rows[i].in.count);
        cr_expect_str_eq(rf_buf_text(&out), rows[i].out);
        rf_buf_done(&out);
    }
}

/* The shell is the oracle: it must hand exactly these bytes to a program. */
Test(escape, a_shell_reads_back_the_word)
{
    if (system("command -v bash >/dev/null 2>&1") != 0) {
        cr_skip_test("no bash");
    }
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        if (memchr(HOSTILE[i].bytes, '\0', HOSTILE[i].count) != NULL) {
            continue;
        }
        char path[] = P_tmpdir "/escape_test.XXXXXX";
        int file = mkstemp(path);
        cr_assert(file >= 0);
        struct rf_buf script = {0};
        rf_buf_string(&script, "printf %s ");
        rf_escape_shell(&script, HOSTILE[i].bytes, HOSTILE[i].count);
        cr_assert_eq(write(file, script.bytes, script.used), (ssize_t)script.used);
        (void)close(file);
        char command[64];
        (void)snprintf(command, sizeof(command), "bash %s", path);
        FILE *shell = popen(command, "r");
        cr_assert(shell != NULL);
        char got[256];
        size_t count = fread(got, 1, sizeof(got), shell);
        cr_expect_eq(pclose(shell), 0);
        (void)unlink(path);
        cr_expect_eq(count, HOSTILE[i].count, "row %zu", i);
        cr_expect(memcmp(got, HOSTILE[i].bytes, count) == 0, "row %zu", i);
        rf_buf_done(&script);
    }
}

Test(escape, json_reads_back_as_the_same_string)
{
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        struct rf_buf out = {0};
        rf_escape_json(&out, HOSTILE[i].bytes, HOSTILE[i].count);
        json_error_t error;
        json_t *back = json_loadb(out.bytes, out.used, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
        cr_assert(back != NULL, "row %zu: %s", i, error.text);
        json_t *valid = json_stringn(HOSTILE[i].bytes, HOSTILE[i].count);
        if (valid != NULL) {
            cr_expect(json_equal(back, valid), "row %zu", i);
        } else {
            cr_expect(strstr(json_string_value(back), "\xEF\xBF\xBD") != NULL, "row %zu", i);
        }
        cr_expect(memchr(out.bytes, '<', out.used) == NULL, "row %zu", i);
        json_decref(valid);
        json_decref(back);
        rf_buf_done(&out);
    }
}

Test(escape, json_text_keeps_values_and_number_tokens)
{
    static const char in[] =
        "{\"</script>\":[1.5e300,18446744073709551615,-0,true,null,\"\\\"\\\\\"],"
        "\"\xC2\x9B\":\"\xE2\x80\xAE \\u0007 \\n ##[error] \xF3\xA0\x81\x81 \xC3\xA9\"}";
    static const char expected[] =
        "{\"\\u003c/script>\":[1.5e300,18446744073709551615,-0,true,null,\"\\\"\\\\\"],"
        "\"\\u009b\":\"\\u202e \\u0007 \\n #\\u0023[error] \\udb40\\udc41 \xC3\xA9\"}";
    struct rf_buf out = {0};
    rf_escape_json_text(&out, in, sizeof(in) - 1);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    assert_printable(&out, "json text");
    rf_buf_done(&out);
}

Test(escape, json_text_keeps_its_strings_closed)
{
    static const char *const rows[] = {"\"\"", "\"\\\\\"", "\"\\\"\"", "[\"a\\\\\",\"b\"]",
                                       "{\"\\\\\":\"<\"}"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf out = {0};
        rf_escape_json_text(&out, rows[i], strlen(rows[i]));
        json_t *back = json_loadb(out.bytes, out.used, JSON_DECODE_ANY, NULL);
        json_t *want = json_loads(rows[i], JSON_DECODE_ANY, NULL);
        cr_expect(json_equal(back, want), "row %zu", i);
        json_decref(back);
        json_decref(want);
        rf_buf_done(&out);
    }
}

static void
expect_shown(const char *in, size_t from, size_t limit, const char *expected)
{
    struct rf_buf out = {0};
    rf_escape_json_shown(&out, in, strlen(in), from, limit);
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
}

Test(escape, shown_json_is_cut_at_whole_characters)
{
    expect_shown("\"<b>\"", 0, 9, "\"<b>\"");
    expect_shown("\"abcdef\"", 0, 4, "\"abc\xE2\x80\xA6");
    expect_shown("\"a\\nb\"", 0, 3, "\"a\xE2\x80\xA6");
    expect_shown("\"abcdef\"", 3, 9,
                 "\xE2\x80\xA6"
                 "cdef\"");
    expect_shown("\"\xC3\xA9z\"", 2, 9, "\xE2\x80\xA6z\"");
    expect_shown("\"\\u0007z\"", 3, 9, "\xE2\x80\xA6z\"");
    expect_shown("123", 0, 3, "123");
}
