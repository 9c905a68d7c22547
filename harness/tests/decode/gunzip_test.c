/* SPDX-License-Identifier: MIT */
/* Inflating for archives: every member, and every check. */
#include "decode/gunzip.h"

#include <string.h>
#include <zlib.h>

#include <criterion/criterion.h>

#include "base/buf.h"

struct input {
    const char *bytes;
    size_t left;
};

static rf_code
give(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct input *input = context;
    (void)reterr;
    *ret_got = input->left < room ? input->left : room;
    memcpy(bytes, input->bytes, *ret_got);
    input->bytes += *ret_got;
    input->left -= *ret_got;
    return RF_OK;
}

static void
add_member(struct rf_buf *packed, const char *text)
{
    z_stream z = {0};
    char bytes[256];
    cr_assert_eq(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)strlen(text);
    z.next_out = (Bytef *)bytes;
    z.avail_out = sizeof(bytes);
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    rf_buf_add(packed, bytes, z.total_out);
    (void)deflateEnd(&z);
}

static rf_code
inflate_all(const struct rf_buf *packed, struct rf_buf *found)
{
    struct input input = {packed->bytes, packed->used};
    struct rf_gunzip_stream *stream;
    cr_assert_eq(rf_gunzip.open(false, give, &input, &stream, NULL), RF_OK);
    struct rf_err err;
    char bytes[5];
    size_t got = 1;
    rf_code code = RF_OK;
    rf_buf_clear(found);
    while (code == RF_OK && got > 0) {
        code = rf_gunzip.read(stream, bytes, sizeof(bytes), &got, &err);
        rf_buf_add(found, bytes, got);
    }
    rf_gunzip.close(stream);
    return code;
}

Test(gunzip, gives_all_members_and_no_flipped_bit)
{
    struct rf_buf packed = {0};
    struct rf_buf found = {0};
    add_member(&packed, "one member ");
    add_member(&packed, "and another");
    cr_expect_eq(inflate_all(&packed, &found), RF_OK);
    cr_expect_str_eq(rf_buf_text(&found), "one member and another");
    packed.bytes[packed.used - 6] ^= 1; /* of the second CRC */
    cr_expect_eq(inflate_all(&packed, &found), RF_ERR_CORRUPT);
    packed.bytes[packed.used - 6] ^= 1;
    packed.used -= 1;
    cr_expect_eq(inflate_all(&packed, &found), RF_ERR_TRUNCATED);
    rf_buf_done(&packed);
    rf_buf_done(&found);
}
