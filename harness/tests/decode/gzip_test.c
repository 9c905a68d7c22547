/* SPDX-License-Identifier: MIT */
/* Tests of decode/gzip.c, through decode/unpack.c as every object goes. */
#include "decode/gzip.h"

#include <criterion/criterion.h>

#include "decode/unpack.h"
#include "tests/decode/support.h"

/** What unpacking gave: all bytes up to the end or the error. */
struct unpacked {
    rf_code code;
    struct rf_err err;
    struct rf_buf bytes;
    uint64_t members;
};

static struct unpacked
unpack_all(struct rf_unpack *unpack, const void *bytes, size_t count, size_t step, size_t room)
{
    struct unpacked unpacked = {0};
    struct bytes_input memory = {bytes, count, step};
    struct rf_decode_input input = {&memory, bytes_read};
    rf_unpack_begin(unpack, &input);
    size_t got;
    do {
        rf_buf_reserve(&unpacked.bytes, room);
        unpacked.code = rf_unpack_read(unpack, unpacked.bytes.bytes + unpacked.bytes.used, room,
                                       &got, &unpacked.err);
        unpacked.bytes.used += got;
    } while (unpacked.code == RF_OK && got > 0);
    unpacked.members = rf_unpack_members(unpack);
    return unpacked;
}

/** The oracle: zlib over whole members in memory, told apart by it alone; false where it, or the
 * rule that nothing may stand behind a member, refuses. */
static bool
inflate_whole(const unsigned char *bytes, size_t count, struct rf_buf *out)
{
    rf_buf_clear(out);
    size_t at = 0;
    while (at < count) {
        z_stream stream = {0};
        RF_VERIFY(inflateInit2(&stream, 31) == Z_OK);
        stream.next_in = (unsigned char *)(uintptr_t)(bytes + at);
        stream.avail_in = (unsigned)(count - at);
        rf_buf_reserve(out, (size_t)1 << 20);
        stream.next_out = (unsigned char *)out->bytes + out->used;
        stream.avail_out = 1 << 20;
        int code = inflate(&stream, Z_FINISH);
        out->used += (1 << 20) - stream.avail_out;
        at = count - stream.avail_in;
        (void)inflateEnd(&stream);
        if (code != Z_STREAM_END) {
            return false;
        }
    }
    return count > 0;
}

static struct rf_unpack *unpack;

static void
set_up(void)
{
    unpack = rf_unpack_new();
}

static void
tear_down(void)
{
    rf_unpack_free(unpack);
}

TestSuite(gzip, .init = set_up, .fini = tear_down);

Test(gzip, inflates_any_number_of_members)
{
    static const unsigned counts[] = {1, 2, 3, 1000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct rf_buf plain = {0};
        struct rf_buf packed = {0};
        for (unsigned member = 0; member < counts[i]; member++) {
            size_t from = plain.used;
            rf_buf_format(&plain, "member %u, %u", member, member * 2654435761u);
            gzip_member(&packed, plain.bytes + from, plain.used - from, 6);
        }
        for (size_t step = 1; step <= packed.used; step += packed.used / 3 + 1) {
            struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, step, 4096);
            cr_assert_eq(unpacked.code, RF_OK, "%s", unpacked.err.text);
            cr_assert_eq(unpacked.members, counts[i]);
            cr_assert_eq(unpacked.bytes.used, plain.used);
            cr_assert_eq(memcmp(unpacked.bytes.bytes, plain.bytes, plain.used), 0);
            rf_buf_done(&unpacked.bytes);
        }
        rf_buf_done(&plain);
        rf_buf_done(&packed);
    }
}

Test(gzip, reads_an_object_without_bytes_and_members_without_content)
{
    struct unpacked unpacked = unpack_all(unpack, "", 0, 1, 16);
    cr_expect(unpacked.code == RF_OK && unpacked.bytes.used == 0 && unpacked.members == 0);
    rf_buf_done(&unpacked.bytes);

    struct rf_buf packed = {0};
    gzip_member(&packed, "", 0, 6);
    gzip_member(&packed, "x", 1, 6);
    gzip_member(&packed, "", 0, 6);
    unpacked = unpack_all(unpack, packed.bytes, packed.used, 1, 16);
    cr_expect(unpacked.code == RF_OK && unpacked.bytes.used == 1 && unpacked.members == 3);
    rf_buf_done(&unpacked.bytes);
    rf_buf_done(&packed);
}

Test(gzip, takes_headers_with_every_optional_field)
{
    /* FEXTRA, FNAME, FCOMMENT and FHCRC. */
    struct rf_buf packed = {0};
    rf_buf_add(&packed, "\x1f\x8b\x08\x1e\0\0\0\0\0\xff\x04\0abcdname\0comment\0", 29);
    uint32_t header = (uint32_t)crc32(0, (unsigned char *)packed.bytes, (unsigned)packed.used);
    rf_buf_byte(&packed, (char)(header & 0xff));
    rf_buf_byte(&packed, (char)(header >> 8 & 0xff));
    struct rf_buf member = {0};
    gzip_member(&member, "hello", 5, 6);
    rf_buf_add(&packed, member.bytes + 10, member.used - 10);
    for (size_t step = 1; step < 4; step++) {
        struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, step, 16);
        cr_expect_eq(unpacked.code, RF_OK, "%s", unpacked.err.text);
        cr_expect(unpacked.bytes.used == 5 && memcmp(unpacked.bytes.bytes, "hello", 5) == 0);
        rf_buf_done(&unpacked.bytes);
    }
    packed.bytes[14] ^= 1; /* in the extra field: only the header's CRC can tell */
    struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, 64, 16);
    cr_expect_eq(unpacked.code, RF_ERR_CORRUPT);
    rf_buf_done(&unpacked.bytes);
    rf_buf_done(&member);
    rf_buf_done(&packed);
}

Test(gzip, names_member_and_byte_of_a_wrong_crc_or_length)
{
    struct rf_buf packed = {0};
    gzip_member(&packed, "first", 5, 6);
    gzip_member(&packed, "second", 6, 6);
    size_t crc_at = packed.used - 8;
    char expected[128];

    packed.bytes[crc_at + 3] ^= 0x40;
    for (size_t step = 1; step <= packed.used; step += packed.used - 1) {
        struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, step, 64);
        cr_expect_eq(unpacked.code, RF_ERR_CORRUPT);
        (void)snprintf(expected, sizeof(expected), "gzip CRC mismatch in member 2, byte %zu",
                       crc_at);
        cr_expect_str_eq(unpacked.err.text, expected);
        cr_expect_eq(unpacked.err.offset_bytes, crc_at);
        cr_expect_eq(unpacked.bytes.used, 11);
        cr_expect_eq(unpacked.members, 1);
        rf_buf_done(&unpacked.bytes);
    }
    packed.bytes[crc_at + 3] ^= 0x40;

    packed.bytes[crc_at + 4] ^= 0x40;
    struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, 64, 64);
    cr_expect_eq(unpacked.code, RF_ERR_CORRUPT);
    (void)snprintf(expected, sizeof(expected), "gzip length mismatch in member 2, byte %zu",
                   crc_at + 4);
    cr_expect_str_eq(unpacked.err.text, expected);
    rf_buf_done(&unpacked.bytes);
    rf_buf_done(&packed);
}

Test(gzip, refuses_bytes_behind_the_last_member)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *text;
    } rows[] = {
        {"seventeen bytes..", 17,
         "17 bytes after the last gzip member (member 1), from byte 25 on"},
        {"\0", 1, "1 byte after the last gzip member (member 1), from byte 25 on"},
        {"\0\0\0\0", 4, "4 bytes after the last gzip member (member 1), from byte 25 on"},
        {"\n", 1, "1 byte after the last gzip member (member 1), from byte 25 on"},
        {"\x1f\x9b\x08", 3, "3 bytes after the last gzip member (member 1), from byte 25 on"},
        {"\x1f\x8b\x00", 3, "3 bytes after the last gzip member (member 1), from byte 25 on"},
        {"\x1e\x8b\x08", 3, "3 bytes after the last gzip member (member 1), from byte 25 on"},
        {"{}", 2, "2 bytes after the last gzip member (member 1), from byte 25 on"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step < 64; step += 31) {
            struct rf_buf packed = {0};
            gzip_member(&packed, "hello", 5, 6);
            cr_assert_eq(packed.used, 25);
            rf_buf_add(&packed, rows[i].bytes, rows[i].count);
            struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, step, 64);
            cr_expect_eq(unpacked.code, RF_ERR_CORRUPT);
            cr_expect_str_eq(unpacked.err.text, rows[i].text);
            cr_expect_eq(unpacked.err.offset_bytes, 25);
            rf_buf_done(&unpacked.bytes);
            rf_buf_done(&packed);
        }
    }
}

Test(gzip, calls_every_cut_truncated_and_names_the_byte)
{
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    make_records(&plain, 40, "\n");
    size_t half = plain.used / 2;
    gzip_member(&packed, plain.bytes, half, 9);
    size_t first_end = packed.used;
    gzip_member(&packed, plain.bytes + half, plain.used - half, 1);
    for (size_t cut = 0; cut <= packed.used; cut++) {
        for (size_t step = 1; step <= packed.used; step += packed.used - 1) {
            struct unpacked unpacked = unpack_all(unpack, packed.bytes, cut, step, 512);
            bool whole = cut == 0 || cut == first_end || cut == packed.used;
            cr_assert_eq(unpacked.code, whole ? RF_OK : RF_ERR_TRUNCATED, "cut at %zu: %s", cut,
                         unpacked.err.text);
            cr_assert(whole || unpacked.err.offset_bytes == cut, "cut at %zu", cut);
            cr_assert(memcmp(unpacked.bytes.bytes, plain.bytes, unpacked.bytes.used) == 0);
            rf_buf_done(&unpacked.bytes);
        }
    }
    rf_buf_done(&plain);
    rf_buf_done(&packed);
}

/** Every single-bit flip of `packed` must be refused, unless the oracle gives the same bytes. */
static unsigned
flip_all(struct rf_buf *packed, const struct rf_buf *plain, size_t step)
{
    struct rf_buf oracle = {0};
    unsigned harmless = 0;
    for (size_t bit = 0; bit < packed->used * 8; bit++) {
        packed->bytes[bit / 8] ^= (char)(1 << bit % 8);
        struct unpacked unpacked = unpack_all(unpack, packed->bytes, packed->used, step, 8192);
        bool same = inflate_whole((unsigned char *)packed->bytes, packed->used, &oracle) &&
                    oracle.used == plain->used &&
                    memcmp(oracle.bytes, plain->bytes, plain->used) == 0;
        cr_assert_eq(unpacked.code == RF_OK, same, "bit %zu: %s", bit, unpacked.err.text);
        if (same) {
            harmless++;
            cr_assert_eq(unpacked.bytes.used, plain->used);
            cr_assert_eq(memcmp(unpacked.bytes.bytes, plain->bytes, plain->used), 0);
        }
        rf_buf_done(&unpacked.bytes);
        packed->bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    rf_buf_done(&oracle);
    return harmless;
}

Test(gzip, refuses_every_single_bit_flip, .timeout = 120)
{
    unsigned flips = 0;
    for (int level = 0; level <= 9; level += 3) {
        struct rf_buf plain = {0};
        struct rf_buf packed = {0};
        make_records(&plain, 6, "\n");
        size_t half = plain.used / 2 - 3;
        gzip_member(&packed, plain.bytes, half, level);
        gzip_member(&packed, plain.bytes + half, plain.used - half, level);
        unsigned harmless = flip_all(&packed, &plain, packed.used);
        /* Time, extra flags, system and the text flag of two headers; a little of what deflate
         * leaves over behind its last block. */
        cr_expect(harmless >= 2 * (32 + 8 + 8 + 1) && harmless < 2 * 49 + 64, "%u", harmless);
        flips += (unsigned)packed.used * 8;
        rf_buf_done(&plain);
        rf_buf_done(&packed);
    }
    cr_expect(flips > 10000, "%u", flips);
}

Test(gzip, refuses_damaged_magic_bytes_rather_than_call_them_plain)
{
    for (size_t bit = 0; bit < 24; bit++) {
        struct rf_buf packed = {0};
        /* Stored, not deflated: the records stand in the object as they are. */
        gzip_member(&packed, "{\"t\":\"A\",\"d\":{\"ID\":\"a\",\"At\":1}}\n", 33, 0);
        packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
        struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, 64, 64);
        cr_expect_eq(unpacked.code, RF_ERR_CORRUPT, "bit %zu", bit);
        cr_expect_str_eq(unpacked.err.text, "gzip header is damaged in member 1, byte 0");
        cr_expect_eq(unpacked.bytes.used, 0);
        rf_buf_done(&unpacked.bytes);
        rf_buf_done(&packed);
    }
}
