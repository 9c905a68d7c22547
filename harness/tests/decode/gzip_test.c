/* SPDX-License-Identifier: MIT */
/* Tests of decode/gzip.c and gzip_isal.c, through decode/unpack.c as every object goes. */
#include "decode/gzip.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "decode/gzip_engine.h"
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
set_up_zlib(void)
{
    cr_assert(rf_gzip_engine_set("zlib"));
    unpack = rf_unpack_new();
}

/** Leaves `unpack` NULL where refold is built without ISA-L. */
static void
set_up_isal(void)
{
    unpack = rf_gzip_engine_set("isal") ? rf_unpack_new() : NULL;
}

static void
set_up_doubt(void)
{
    rf_isal_doubt(3);
    set_up_isal();
}

static void
tear_down(void)
{
    rf_unpack_free(unpack);
}

TestSuite(gzip, .init = set_up_zlib, .fini = tear_down, .timeout = 120);
TestSuite(gzip_isal, .init = set_up_isal, .fini = tear_down, .timeout = 120);
/* ISA-L "fails" at every third call, so that zlib has to go on in the middle of a block. */
TestSuite(gzip_isal_failing, .init = set_up_doubt, .fini = tear_down, .timeout = 120);

/** One promise, kept by every engine. */
#define TEST_ENGINES(name)                                                                         \
    static void name(void);                                                                        \
    Test(gzip, name)                                                                               \
    {                                                                                              \
        name();                                                                                    \
    }                                                                                              \
    Test(gzip_isal, name)                                                                          \
    {                                                                                              \
        if (unpack != NULL) {                                                                      \
            name();                                                                                \
        }                                                                                          \
    }                                                                                              \
    Test(gzip_isal_failing, name)                                                                  \
    {                                                                                              \
        if (unpack != NULL) {                                                                      \
            name();                                                                                \
        }                                                                                          \
    }                                                                                              \
    static void name(void)

TEST_ENGINES(inflates_any_number_of_members)
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

TEST_ENGINES(reads_an_object_without_bytes_and_members_without_content)
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

TEST_ENGINES(takes_headers_with_every_optional_field)
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

TEST_ENGINES(names_member_and_byte_of_a_wrong_crc_or_length)
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

TEST_ENGINES(refuses_bytes_behind_the_last_member)
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

TEST_ENGINES(calls_every_cut_truncated_and_names_the_byte)
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

TEST_ENGINES(refuses_every_single_bit_flip)
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

TEST_ENGINES(refuses_damaged_magic_bytes_rather_than_call_them_plain)
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

/** As gzip_member, of every kind that zlib writes. @flush  called now and then, or Z_NO_FLUSH */
static void
odd_member(struct rf_buf *out, const struct rf_buf *plain, int level, int strategy, int flush)
{
    z_stream stream = {0};
    int memory = 1 + level % 9; /* little memory makes small blocks */
    RF_VERIFY(deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, memory, strategy) == Z_OK);
    rf_buf_reserve(out, plain->used * 2 + 4096);
    stream.next_in = (unsigned char *)plain->bytes;
    stream.next_out = (unsigned char *)out->bytes + out->used;
    stream.avail_out = (unsigned)(out->room - out->used);
    for (size_t left = plain->used; left > 0 && flush != Z_NO_FLUSH; left /= 2) {
        stream.avail_in = (unsigned)(left - left / 2);
        RF_VERIFY(deflate(&stream, flush) == Z_OK);
    }
    stream.avail_in = (unsigned)(plain->used - stream.total_in);
    RF_VERIFY(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out->used = out->room - stream.avail_out;
    (void)deflateEnd(&stream);
}

static uint64_t random_state;

static uint64_t
random_below(uint64_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (random_state >> 33) % limit;
}

/** Text, noise, letters by chance, or a short period; each makes other blocks. */
static void
odd_plain(struct rf_buf *out, uint64_t kind, size_t bytes)
{
    if (kind == 0) {
        make_records(out, (unsigned)bytes / 150 + 1, "\n");
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        uint64_t byte = kind == 1 ? random_below(256) : kind == 2 ? 'a' + random_below(3) : i % 7;
        rf_buf_byte(out, (char)byte);
    }
}

static void
odd_object(struct rf_buf *out, size_t bytes)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH};
    rf_buf_clear(out);
    for (uint64_t members = 1 + random_below(2); members > 0; members--) {
        struct rf_buf plain = {0};
        odd_plain(&plain, random_below(4), random_below(bytes));
        if (plain.used > 0) {
            plain.bytes[0] = '{'; /* not as another form begins */
        }
        odd_member(out, &plain, (int)random_below(10), strategies[random_below(4)],
                   flushes[random_below(4)]);
        rf_buf_done(&plain);
    }
}

TEST_ENGINES(inflates_blocks_of_every_kind_over_many_windows)
{
    static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH};
    struct rf_buf plain = {0};
    odd_plain(&plain, 0, 300000);
    odd_plain(&plain, 1, 100000);
    odd_plain(&plain, 3, 200000);
    odd_plain(&plain, 0, 400000);
    for (int level = 0; level <= 9; level++) {
        struct rf_buf packed = {0};
        odd_member(&packed, &plain, level, level == 5 ? Z_FIXED : Z_DEFAULT_STRATEGY,
                   flushes[level % 4]);
        size_t step = level % 2 == 0 ? packed.used : 1009;
        struct unpacked unpacked = unpack_all(unpack, packed.bytes, packed.used, step, 40000);
        cr_expect_eq(unpacked.code, RF_OK, "level %d: %s", level, unpacked.err.text);
        cr_expect_eq(unpacked.bytes.used, plain.used);
        cr_expect_eq(memcmp(unpacked.bytes.bytes, plain.bytes, plain.used), 0);
        rf_buf_done(&unpacked.bytes);
        rf_buf_done(&packed);
    }
    rf_buf_done(&plain);
}

/** zlib alone and ISA-L with its judge: same end, words, offset, members, and bytes up to there. */
static void
compare_engines(struct rf_unpack *control, const struct rf_buf *packed, const char **ret_text)
{
    static char text[sizeof(((struct rf_err *)0)->text)];
    size_t step = random_below(3) > 0 ? packed->used + 1 : 1 + random_below(40);
    size_t room = random_below(3) > 0 ? 65536 : 1 + random_below(500);
    struct unpacked by_isal = unpack_all(unpack, packed->bytes, packed->used, step, room);
    struct unpacked by_zlib = unpack_all(control, packed->bytes, packed->used, step, room);
    cr_assert_eq(by_isal.code, by_zlib.code, "%s / %s", by_isal.err.text, by_zlib.err.text);
    cr_assert_str_eq(by_isal.err.text, by_zlib.err.text);
    cr_assert_eq(by_isal.err.offset_bytes, by_zlib.err.offset_bytes, "%s", by_zlib.err.text);
    cr_assert_eq(by_isal.members, by_zlib.members);
    cr_assert_eq(by_isal.bytes.used, by_zlib.bytes.used, "%s", by_zlib.err.text);
    cr_assert(by_zlib.bytes.used == 0 ||
              memcmp(by_isal.bytes.bytes, by_zlib.bytes.bytes, by_zlib.bytes.used) == 0);
    (void)snprintf(text, sizeof(text), "%s", by_zlib.err.text);
    *ret_text = text;
    rf_buf_done(&by_isal.bytes);
    rf_buf_done(&by_zlib.bytes);
}

Test(gzip_isal, compares_the_ratio_where_zlib_does)
{
    if (unpack == NULL) {
        return;
    }
    cr_assert(rf_gzip_engine_set("zlib"));
    struct rf_unpack *control = rf_unpack_new();
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    /* More than 500:1 up to 16 MiB, but not any more a window behind that. */
    rf_buf_reserve(&plain, (size_t)RF_LIMIT_RATIO_FROM_BYTES);
    plain.used = (size_t)RF_LIMIT_RATIO_FROM_BYTES - 4096;
    memset(plain.bytes, ' ', plain.used);
    for (int i = 0; i < 60000; i++) {
        rf_buf_byte(&plain, (char)('a' + random_below(26)));
    }
    odd_member(&packed, &plain, 9, Z_DEFAULT_STRATEGY, Z_NO_FLUSH);
    for (int i = 0; i < 4; i++) {
        const char *text;
        compare_engines(control, &packed, &text);
        cr_expect_eq(strncmp(text, "gzip holds more than 500 times", 30), 0, "%s", text);
    }
    rf_buf_done(&plain);
    rf_buf_done(&packed);
    rf_unpack_free(control);
}

/** Flips one bit, overwrites a few bytes, or cuts. */
static void
damage(struct rf_buf *packed)
{
    uint64_t kind = random_below(10);
    if (kind < 6) {
        uint64_t bit = random_below(packed->used * 8);
        packed->bytes[bit / 8] ^= (char)(1 << bit % 8);
        return;
    }
    for (uint64_t i = 1 + random_below(5); i > 0 && kind < 9; i--) {
        packed->bytes[random_below(packed->used)] = (char)random_below(256);
    }
    if (kind >= 8) {
        packed->used = random_below(packed->used + 1);
    }
}

static void
damage_and_compare(unsigned objects, unsigned damages, size_t bytes)
{
    cr_assert(rf_gzip_engine_set("zlib"));
    struct rf_unpack *control = rf_unpack_new();
    struct rf_buf packed = {0};
    struct rf_buf broken = {0};
    unsigned incomplete = 0; /* sets of codes that ISA-L by itself would take */
    random_state = 20170622;
    for (unsigned object = 0; object < objects; object++) {
        const char *text;
        odd_object(&packed, bytes);
        compare_engines(control, &packed, &text);
        cr_assert_str_eq(text, "");
        for (unsigned i = 0; i < damages; i++) {
            rf_buf_clear(&broken);
            rf_buf_add(&broken, packed.bytes, packed.used);
            damage(&broken);
            compare_engines(control, &broken, &text);
            incomplete += strstr(text, "invalid distances set") != NULL;
        }
    }
    cr_expect(bytes > 10000 || incomplete > 9, "%u", incomplete);
    rf_buf_done(&packed);
    rf_buf_done(&broken);
    rf_unpack_free(control);
}

Test(gzip_isal, ends_as_zlib_does_on_damaged_objects)
{
    if (unpack != NULL) {
        damage_and_compare(120, 300, 1200);
        damage_and_compare(20, 30, 200000);
    }
}

Test(gzip_isal_failing, ends_as_zlib_does_on_damaged_objects)
{
    if (unpack != NULL) {
        damage_and_compare(60, 150, 1200);
        damage_and_compare(20, 20, 200000);
    }
}

Test(gzip, knows_its_engines)
{
    cr_expect_not(rf_gzip_engine_set("gzip"));
    cr_expect_str_eq(rf_gzip_engine_text(), "inflate by zlib");
    if (rf_gzip_engine_set("isal")) {
        cr_expect_eq(strncmp(rf_gzip_engine_text(), "inflate by ISA-L 2.", 19), 0);
    }
    cr_expect(rf_gzip_engine_set(NULL));
}
