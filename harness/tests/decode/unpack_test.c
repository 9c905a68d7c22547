/* SPDX-License-Identifier: MIT */
/* Tests of decode/unpack.c. */
#include "decode/unpack.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "tests/decode/support.h"

/** Reads to the end or the first error, and throws the bytes away. */
static rf_code
unpack_through(const struct rf_decode_input *input, uint64_t *ret_bytes, struct rf_err *reterr)
{
    struct rf_unpack *unpack = rf_unpack_new();
    size_t room = (size_t)1 << 20;
    char *bytes = rf_alloc(room);
    rf_unpack_begin(unpack, input);
    size_t got;
    rf_code code;
    do {
        code = rf_unpack_read(unpack, bytes, room, &got, reterr);
    } while (code == RF_OK && got > 0);
    *ret_bytes = rf_unpack_bytes(unpack);
    free(bytes);
    rf_unpack_free(unpack);
    return code;
}

static rf_code
unpack_bytes(const char *bytes, size_t count, struct rf_err *reterr)
{
    struct bytes_input memory = {bytes, count, 3};
    struct rf_decode_input input = {&memory, bytes_read};
    uint64_t ignored;
    return unpack_through(&input, &ignored, reterr);
}

Test(unpack, names_packings_that_it_does_not_read)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *name;
    } rows[] = {
        {"PK\3\4rest", 8, "a zip archive"},
        {"PK\5\6rest", 8, "an empty zip archive"},
        {"\x28\xb5\x2f\xfd", 4, "zstd"},
        {"\x82SNAPPY\0\0\0\0\1", 12, "Snappy (xerial)"},
        {"\xff\6\0\0sNaPpY", 10, "Snappy (framing format)"},
        {"PAR1\n", 5, "a Parquet file"},
        {"ORC\n", 4, "an ORC file"},
        {"\xf3\x89\x9a\xc2\n", 5, "a KPL aggregate"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_err err;
        char expected[128];
        (void)snprintf(expected, sizeof(expected),
                       "object is %s, which this refold does not read yet", rows[i].name);
        cr_expect_eq(unpack_bytes(rows[i].bytes, rows[i].count, &err), RF_ERR_MALFORMED);
        cr_expect_str_eq(err.text, expected);
    }
}

Test(unpack, takes_everything_else_as_plain)
{
    static const char *const rows[] = {"", "P", "PK", "OR", "{}", "\x1e", "\xff", "eyJ0IjoiT3Jk"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_err err;
        cr_expect_eq(unpack_bytes(rows[i], strlen(rows[i]), &err), RF_OK, "row %zu", i);
    }
}

Test(unpack, refuses_gzip_inside_gzip)
{
    struct rf_buf inner = {0};
    struct rf_buf packed = {0};
    gzip_member(&inner, "{}", 2, 6);
    gzip_member(&packed, inner.bytes, 1, 6); /* its magic bytes come in two members */
    gzip_member(&packed, inner.bytes + 1, inner.used - 1, 6);
    struct rf_err err;
    cr_expect_eq(unpack_bytes(packed.bytes, packed.used, &err), RF_ERR_MALFORMED);
    cr_expect_str_eq(
        err.text, "object is gzip inside gzip: more than 1 layer, which this refold does not read "
                  "yet");
    rf_buf_done(&inner);
    rf_buf_done(&packed);
}

/** Claims to have read, and writes nothing: the bytes do not matter. */
static rf_code
read_nothing(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    (void)reterr;
    uint64_t *left = context;
    *ret_got = *left < room ? (size_t)*left : room;
    if (*ret_got > 0) {
        memset(bytes, ' ', *ret_got < 16 ? *ret_got : 16);
    }
    *left -= *ret_got;
    return RF_OK;
}

Test(unpack, refuses_an_object_above_the_limit)
{
    uint64_t left = RF_LIMIT_OBJECT_BYTES;
    struct rf_decode_input input = {&left, read_nothing};
    uint64_t bytes;
    struct rf_err err;
    cr_expect_eq(unpack_through(&input, &bytes, &err), RF_OK);
    cr_expect_eq(bytes, RF_LIMIT_OBJECT_BYTES);

    left = RF_LIMIT_OBJECT_BYTES + 1;
    cr_expect_eq(unpack_through(&input, &bytes, &err), RF_ERR_LIMIT);
    cr_expect(strstr(err.text, "--limit object=") != NULL, "%s", err.text);
}

Test(unpack, refuses_a_bomb_before_it_grows)
{
    struct rf_buf packed = {0};
    size_t count = (size_t)64 << 20;
    char *zeros = rf_calloc(1, count);
    gzip_member(&packed, zeros, count, 9);
    struct bytes_input memory = {packed.bytes, packed.used, packed.used};
    struct rf_decode_input input = {&memory, bytes_read};
    uint64_t bytes;
    struct rf_err err;
    cr_expect_eq(unpack_through(&input, &bytes, &err), RF_ERR_LIMIT);
    cr_expect(strstr(err.text, "--limit ratio=") != NULL, "%s", err.text);
    cr_expect(bytes <= RF_LIMIT_RATIO_FROM_BYTES);

    /* Below the size from which it counts, any ratio is good. */
    rf_buf_clear(&packed);
    gzip_member(&packed, zeros, RF_LIMIT_RATIO_FROM_BYTES - 1, 9);
    memory = (struct bytes_input){packed.bytes, packed.used, packed.used};
    cr_expect_eq(unpack_through(&input, &bytes, &err), RF_OK);
    cr_expect_eq(bytes, RF_LIMIT_RATIO_FROM_BYTES - 1);
    free(zeros);
    rf_buf_done(&packed);
}

static rf_code
read_failing(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct bytes_input *input = context;
    if (input->count == 0) {
        return rf_fail(reterr, RF_ERR_SOURCE, "x", "connection reset");
    }
    return bytes_read(context, bytes, room, ret_got, reterr);
}

Test(unpack, hands_on_what_the_input_returns)
{
    static const char *const rows[] = {"", "{}", "\x1f\x8b\x08", "\x1f"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes_input memory = {rows[i], strlen(rows[i]), 2};
        struct rf_decode_input input = {&memory, read_failing};
        uint64_t bytes;
        struct rf_err err;
        cr_expect_eq(unpack_through(&input, &bytes, &err), RF_ERR_SOURCE);
        cr_expect_str_eq(err.text, "connection reset");
    }
}
