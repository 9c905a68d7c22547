/* SPDX-License-Identifier: MIT */
/* A scalar that is read in one pass is what the reader and the hash say of it; what is not read so
 * is left to them. */
#include "base/json_scalar.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Reads the scalar at the front of `text`, behind which nothing can be read, by what fits its
 * first byte.
 * @return  its bytes; 0: it is not read in one pass */
static size_t
read_usual(const char *text, size_t bytes, struct rf_json_node *ret, uint64_t *ret_hash)
{
    const unsigned char *start = (const unsigned char *)text;
    const unsigned char *end = start + bytes;
    const unsigned char *behind;
    ret->flags = 0;
    if (*text == '"') {
        ret->kind = RF_JSON_STRING;
        behind = rf_scalar_string(start, end, true, ret_hash);
    } else if (*text == '-' || (*text >= '0' && *text <= '9')) {
        ret->kind = RF_JSON_NUMBER;
        behind = rf_scalar_number(start, end, &ret->flags, ret_hash);
    } else {
        behind = rf_scalar_word(start, end, &ret->kind, ret_hash);
    }
    return behind == NULL ? 0 : (size_t)(behind - start);
}

/** Whether the scalar at the front is read in one pass; then all that is told of it is held against
 * the reader and the hash. */
static bool
read_both(const char *text, size_t bytes)
{
    char *own = malloc(bytes);
    memcpy(own, text, bytes);
    struct rf_json_node node = {0};
    struct rf_json_node full;
    uint64_t hash;
    size_t read = rf_scalar_begins(*own) ? read_usual(own, bytes, &node, &hash) : 0;
    bool good = rf_json_read_scalar(own, 0, bytes, &full);
    cr_assert(!good || rf_scalar_begins(*own), "%.*s", (int)bytes, text);
    if (read != 0) {
        const struct rf_json doc = {.text = own, .nodes = &full};
        cr_assert(good, "malformed: %.*s", (int)bytes, text);
        cr_assert(read == full.end && node.kind == full.kind && node.flags == full.flags, "%.*s",
                  (int)bytes, text);
        cr_assert_eq(hash, rf_hash_scalar(&doc, &full), "%.*s", (int)bytes, text);
    }
    free(own);
    return read != 0;
}

static bool
is_read(const char *text)
{
    return read_both(text, strlen(text));
}

Test(json_scalar, most_scalars_are_read)
{
    static const char *const texts[] = {
        "\"\"",
        "\"a\"",
        "\"a b{},:[]'\"",
        "\"\x7f\"",
        "\"!#\"",
        "0,",
        "-0,",
        "7}",
        "10]",
        "-12 ",
        "1.5,",
        "-0.25,",
        "0.0,",
        "123456789012345678901234567890,",
        "0.123456789012345678901234567890,",
        "true",
        "false",
        "null",
        "truer",
        "nullnull",
        "1:",
        "1x",
        "1\"",
        "00001,",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        cr_expect_eq(is_read(texts[i]), strcmp(texts[i], "00001,") != 0, "%s", texts[i]);
    }
}

Test(json_scalar, others_are_left_to_the_reader)
{
    static const char *const texts[] = {
        "\"",       "\"a",  "\"\\\"", "\"\\n\"", "\"\xc3\xa9\"", "\"\x80\"", "\"\n\"",
        "\"\x1f\"", "1",    "-",      "-,",      "01,",          "-01,",     "1.",
        "1.,",      "1.5",  "1.e5,",  "1e5,",    "1E5,",         "1.5e5,",   "0e0,",
        "tru",      "truE", "fals",   "falsy",   "nul",          "nulL",     "t",
        "x",        "{}",   "[]",     "+1,",     ".5,",          "1.-5,",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        cr_expect(!is_read(texts[i]), "%s", texts[i]);
    }
}

/* Bytes are looked at 16 or 8 at a time, where so many are at hand. */
Test(json_scalar, strings_of_all_lengths_with_any_byte_anywhere)
{
    for (size_t length = 0; length <= 70; length++) {
        char text[80];
        text[0] = '"';
        memset(text + 1, 'x', length);
        text[length + 1] = '"';
        for (size_t behind = 0; behind < 3; behind++) {
            text[length + 2] = ',';
            text[length + 3] = '"';
            cr_assert(read_both(text, length + 2 + behind));
        }
        for (size_t at = 1; at <= length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                bool plain = byte >= 0x20 && byte < 0x80 && byte != '\\'; /* a quote ends it */
                text[at] = (char)byte;
                cr_assert_eq(read_both(text, length + 2), plain, "%d at %zu of %zu", byte, at,
                             length);
            }
            text[at] = 'x';
        }
    }
}

Test(json_scalar, numbers_of_all_lengths_with_any_byte_anywhere)
{
    for (size_t length = 1; length <= 30; length++) {
        char text[64];
        memset(text, '7', sizeof(text));
        for (int byte = 0; byte < 256; byte++) {
            for (size_t at = 0; at <= length; at++) {
                text[at] = (char)byte;
                (void)read_both(text, length + 1);
                text[at] = '7';
            }
        }
        text[length] = ',';
        cr_assert(read_both(text, length + 1));
        cr_assert_not(read_both(text, length));
    }
}

/* Of short texts all that these bytes can make. */
Test(json_scalar, all_short_texts)
{
    static const char bytes[] = "\"\\-+.0123eEtrufalsn\xc3\xa9 ,}";
    enum { COUNT = sizeof(bytes) - 1 };
    unsigned read = 0;
    for (size_t i = 0; i < (size_t)COUNT * COUNT * COUNT * COUNT; i++) {
        const char text[] = {bytes[i % COUNT], bytes[i / COUNT % COUNT],
                             bytes[i / COUNT / COUNT % COUNT],
                             bytes[i / COUNT / COUNT / COUNT % COUNT]};
        read += read_both(text, sizeof(text));
    }
    cr_expect_gt(read, 10000, "%u", read);
}
