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

Test(unpack, refuses_what_holds_no_records_with_a_sentence)
{
    char posix_tar[512] = "x.json";
    char gnu_tar[512] = "x.json";
    memcpy(posix_tar + 257, "ustar\00000", 8);
    memcpy(gnu_tar + 257, "ustar  ", 8);
    const struct {
        const char *bytes;
        size_t count;
        const char *begins;
    } rows[] = {
        {"PAR1\n", 5, "object is a Parquet file: columns"},
        {"ORC\n", 4, "object is an ORC file: columns"},
        {"\xe0\1\0\xea\n", 5, "object is Amazon Ion in its binary form"},
        {"\x89RFPACK\n", 8, "object is a packed history, which is no object"},
        {posix_tar, sizeof(posix_tar), "object is a tar archive"},
        {gnu_tar, sizeof(gnu_tar), "object is a tar archive"},
        {"\xfd"
         "7zXZ\0",
         6, "object is packed with xz"},
        {"BZh91AY&SY", 10, "object is packed with bzip2"},
        {"\x04\x22\x4d\x18", 4, "object is packed with LZ4"},
        {"7z\xbc\xaf\x27\x1c", 6, "object is a 7z archive"},
        {"\xff\xfe{\0", 4, "object is UTF-16"},
        {"\xfe\xff\0{", 4, "object is UTF-16"},
        {"{\0\"\0", 4, "object is UTF-16"},
        {"\0{\0\"", 4, "object is UTF-16"},
        {"[\0{\0", 4, "object is UTF-16"},
        {"\0[\0{", 4, "object is UTF-16"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_err err;
        cr_expect_eq(unpack_bytes(rows[i].bytes, rows[i].count, &err), RF_ERR_MALFORMED);
        cr_expect_eq(strncmp(err.text, rows[i].begins, strlen(rows[i].begins)), 0, "%s", err.text);
    }
}

Test(unpack, takes_everything_else_as_plain)
{
    static const char *const rows[] = {"",     "P", "PK",           "OR",  "{}",
                                       "\x1e", "(", "eyJ0IjoiT3Jk", "BZh9"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_err err;
        cr_expect_eq(unpack_bytes(rows[i], strlen(rows[i]), &err), RF_OK, "row %zu", i);
    }
}

/** No text begins so; it must not pass for one that holds no events. */
Test(unpack, takes_a_damaged_or_cut_magic_for_what_it_was)
{
    static const struct {
        const char *magic;
        size_t bytes;
        size_t least; /**< bytes of a front that is told */
    } rows[] = {{"\x1f\x8b\x08", 3, 1},     {"PK\3\4", 4, 3},       {"PK\5\6", 4, 3},
                {"\x28\xb5\x2f\xfd", 4, 2}, {"\x82SNAPPY\0", 8, 1}, {"\xff\6\0\0sNaPpY", 10, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_err err;
        for (size_t cut = rows[i].least; cut < rows[i].bytes; cut++) {
            cr_expect_neq(unpack_bytes(rows[i].magic, cut, &err), RF_OK, "row %zu, %zu", i, cut);
        }
        for (size_t bit = 0; bit < rows[i].bytes * 8; bit++) {
            char text[64] = {0};
            memcpy(text, rows[i].magic, rows[i].bytes);
            text[bit / 8] ^= (char)(1 << bit % 8);
            cr_expect_neq(unpack_bytes(text, sizeof(text), &err), RF_OK, "row %zu, bit %zu", i,
                          bit);
        }
    }
}

Test(unpack, reads_gzip_inside_gzip_and_no_further)
{
    struct rf_buf inner = {0};
    struct rf_buf packed = {0};
    struct rf_buf thrice = {0};
    struct rf_err err;
    gzip_member(&inner, "{}", 2, 6);
    gzip_member(&packed, inner.bytes, 1, 6); /* its magic bytes come in two members */
    gzip_member(&packed, inner.bytes + 1, inner.used - 1, 6);
    cr_expect_eq(unpack_bytes(packed.bytes, packed.used, &err), RF_OK);
    gzip_member(&thrice, packed.bytes, packed.used, 6);
    cr_expect_eq(unpack_bytes(thrice.bytes, thrice.used, &err), RF_ERR_LIMIT);
    cr_expect_str_eq(err.text, "object is packed more than 2 times over, at last with gzip: more "
                               "than the producer's form within Firehose's (RF_LIMIT_LAYERS)");

    inner.bytes[inner.used - 1] ^= 1;
    rf_buf_clear(&packed);
    gzip_member(&packed, inner.bytes, inner.used, 6);
    cr_expect_eq(unpack_bytes(packed.bytes, packed.used, &err), RF_ERR_CORRUPT);
    cr_expect_str_eq(err.text, "inside gzip: gzip length mismatch in member 1, byte 18");
    rf_buf_done(&inner);
    rf_buf_done(&packed);
    rf_buf_done(&thrice);
}

/** Each layer by itself is below the ratio; together they are not. */
Test(unpack, holds_the_ratio_of_layers_together)
{
    size_t count = (size_t)64 << 20;
    char *blanks = rf_alloc(count);
    memset(blanks, ' ', count);
    struct rf_buf inner = {0};
    struct rf_buf packed = {0};
    for (int i = 0; i < 64; i++) {
        gzip_member(&inner, blanks, count / 64, 9);
    }
    gzip_member(&packed, inner.bytes, inner.used, 9);
    struct rf_err err;
    cr_expect_eq(unpack_bytes(packed.bytes, packed.used, &err), RF_ERR_LIMIT);
    cr_expect(strstr(err.text, "--limit ratio=") != NULL, "%s", err.text);
    rf_buf_done(&inner);
    rf_buf_done(&packed);
    free(blanks);
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
