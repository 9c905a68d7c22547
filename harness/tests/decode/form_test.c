/* SPDX-License-Identifier: MIT */
/* Every form of objects, as other programs made it (fixtures/forms): the bytes of its plain twin,
 * however they come; and what is left of that where bytes are damaged, cut off or put behind. */
#include "decode/form.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/crc32c.h"
#include "base/limits.h"
#include "decode/unpack.h"
#include "tests/decode/support.h"

static const struct row {
    const char *name;
    bool checked;           /**< a checksum vouches for all bytes */
    bool delimited;         /**< it tells where it ends */
    unsigned harmless_most; /**< single bits that say nothing about the bytes, in percent */
} ROWS[] = {
    {"zip-one.zip", true, true, 20},
    {"zip-piped.zip", true, true, 20},
    {"zip-stored.zip", true, true, 3},
    {"zip-seven.zip", true, true, 20},
    {"zip-python.zip", true, true, 20},
    {"zip-java.zip", true, true, 20},
    {"xerial.snappy", false, false, 100},
    {"xerial-small-blocks.snappy", false, false, 100},
    {"xerial-joined.snappy", false, false, 100},
    {"hadoop.snappy", false, false, 100},
    {"hadoop-java.snappy", false, false, 100},
    {"hadoop-blocks.snappy", false, false, 100},
    {"framing.sz", true, false, 0},
    {"framing-small.sz", true, false, 0},
    {"framing-extras.sz", true, false, 3},
    {"zstd.zst", true, false, 3},
    {"zstd-unchecked.zst", false, false, 100},
    {"zstd-frames.zst", true, false, 15},
    {"gzip.gz", true, false, 10},
    {"gzip-members.gz", true, false, 20},
    {"gzip-without-a-name", true, false, 10},
    {"gzip-wrong-name.snappy", true, false, 10},
};
enum { ROW_COUNT = sizeof(ROWS) / sizeof(ROWS[0]) };

static void
read_fixture(const char *name, struct rf_buf *out)
{
    char path[512];
    const char *root = getenv("REFOLD_ROOT");
    (void)snprintf(path, sizeof(path), "%s/fixtures/forms/%s", root == NULL ? "." : root, name);
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s", path);
    rf_buf_clear(out);
    rf_buf_reserve(out, 65536);
    out->used = fread(out->bytes, 1, 65536, file);
    cr_assert(feof(file) && out->used > 0, "%s", path);
    (void)fclose(file);
}

/** What came of an object. */
struct way {
    struct rf_unpack *unpack;
    struct rf_buf out;
    rf_code code;
    struct rf_err err;
};

static rf_code
unpack_all(struct way *way, const char *bytes, size_t count, size_t step, size_t room)
{
    struct bytes_input memory = {bytes, count, step};
    struct rf_decode_input input = {&memory, bytes_read};
    size_t got = 0;
    rf_buf_clear(&way->out);
    rf_unpack_begin(way->unpack, &input);
    do {
        rf_buf_reserve(&way->out, room);
        way->code =
            rf_unpack_read(way->unpack, way->out.bytes + way->out.used, room, &got, &way->err);
        way->out.used += way->code == RF_OK ? got : 0;
    } while (way->code == RF_OK && got > 0);
    return way->code;
}

static bool
same(const struct way *way, const struct rf_buf *plain)
{
    return way->code == RF_OK && way->out.used == plain->used &&
           memcmp(way->out.bytes, plain->bytes, plain->used) == 0;
}

static bool
begins_like(const struct way *way, const struct rf_buf *plain)
{
    return way->out.used <= plain->used && memcmp(way->out.bytes, plain->bytes, way->out.used) == 0;
}

Test(form, gives_the_bytes_of_its_plain_twin_however_they_come)
{
    struct way way = {.unpack = rf_unpack_new()};
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    read_fixture("plain.json", &plain);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        static const size_t steps[] = {65536, 1, 7, 1000};
        static const size_t rooms[] = {65536, 1, 13, 1000};
        read_fixture(ROWS[i].name, &packed);
        for (size_t j = 0; j < 16; j++) {
            (void)unpack_all(&way, packed.bytes, packed.used, steps[j % 4], rooms[j / 4]);
            cr_expect_eq(way.code, RF_OK, "%s: %s", ROWS[i].name, way.err.text);
            cr_expect(same(&way, &plain), "%s, steps %zu", ROWS[i].name, j);
            cr_expect_eq(rf_unpack_checked(way.unpack), ROWS[i].checked, "%s", ROWS[i].name);
            cr_expect_eq(rf_unpack_stored_bytes(way.unpack), packed.used, "%s", ROWS[i].name);
        }
    }
    rf_buf_done(&plain);
    rf_buf_done(&packed);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

/** Hadoop's framing has no checksum: a frame that was zeroed must not pass for frames of nothing.
 */
Test(form, a_frame_of_no_bytes_is_the_last_one)
{
    static const struct {
        size_t zeros;
        rf_code code;
    } rows[] = {{4, RF_OK}, {5, RF_ERR_CORRUPT}, {8, RF_ERR_CORRUPT}, {100, RF_ERR_CORRUPT}};
    static const char zeros[100];
    struct way way = {.unpack = rf_unpack_new()};
    struct rf_buf packed = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step <= 65536; step *= 16) {
            read_fixture("hadoop.snappy", &packed);
            rf_buf_add(&packed, zeros, rows[i].zeros);
            (void)unpack_all(&way, packed.bytes, packed.used, step, 65536);
            cr_expect_eq(way.code, rows[i].code, "%zu zeros, steps of %zu", rows[i].zeros, step);
        }
    }
    cr_expect(strstr(way.err.text, "frame of no bytes is not the last") != NULL, "%s",
              way.err.text);
    rf_buf_done(&packed);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

/** Padding, skippable frames, a head alone: no writer packs nothing so, but damage may look so. */
Test(form, a_packed_object_holds_data)
{
    static const struct {
        const char *bytes;
        size_t count;
    } rows[] = {
        {"\x50\x2a\x4d\x18\3\0\0\0abc", 11},
        {"\xff\6\0\0sNaPpY", 10},
        {"\xff\6\0\0sNaPpY\xfe\3\0\0abc\x80\1\0\0a", 22},
        {"\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16},
    };
    struct way way = {.unpack = rf_unpack_new()};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)unpack_all(&way, rows[i].bytes, rows[i].count, 65536, 65536);
        cr_expect_eq(way.code, RF_ERR_CORRUPT, "%zu", i);
        cr_expect(strstr(way.err.text, "object ends without any data") != NULL, "%s", way.err.text);
    }
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

/** Of four bytes at least. Cut at a block's end nothing tells, in forms that do not say where they
 * end; the bytes in front
 * are right all the same. */
Test(form, misses_no_cut)
{
    struct way way = {.unpack = rf_unpack_new()};
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    read_fixture("plain.json", &plain);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        unsigned whole = 0;
        read_fixture(ROWS[i].name, &packed);
        for (size_t cut = 4; cut < packed.used; cut++) {
            if (unpack_all(&way, packed.bytes, cut, 65536, 65536) == RF_OK &&
                (way.out.used > 0 || rf_unpack_packed(way.unpack))) {
                whole++;
                cr_expect(begins_like(&way, &plain), "%s at %zu", ROWS[i].name, cut);
            } else if (way.code != RF_OK) {
                bool fits = way.code == RF_ERR_TRUNCATED || way.code == RF_ERR_CORRUPT;
                cr_expect(fits, "%s at %zu: %d", ROWS[i].name, cut, (int)way.code);
            }
        }
        cr_expect(whole <= (ROWS[i].delimited ? 0u : 12u), "%s: %u cuts", ROWS[i].name, whole);
    }
    rf_buf_done(&plain);
    rf_buf_done(&packed);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

Test(form, misses_no_bit_that_a_checksum_vouches_for)
{
    struct way way = {.unpack = rf_unpack_new()};
    struct rf_buf plain = {0};
    struct rf_buf packed = {0};
    read_fixture("plain.json", &plain);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        size_t harmless = 0;
        read_fixture(ROWS[i].name, &packed);
        for (size_t bit = 0; bit < packed.used * 8; bit++) {
            packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
            (void)unpack_all(&way, packed.bytes, packed.used, 65536, 65536);
            packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
            harmless += way.code == RF_OK;
            cr_expect(way.code != RF_OK || same(&way, &plain) || !ROWS[i].checked, "%s, bit %zu",
                      ROWS[i].name, bit);
            cr_expect(rf_unpack_packed(way.unpack) || way.code != RF_OK, "%s, bit %zu: plain",
                      ROWS[i].name, bit);
        }
        cr_expect(harmless * 100 <= packed.used * 8 * ROWS[i].harmless_most, "%s: %zu of %zu",
                  ROWS[i].name, harmless, packed.used * 8);
    }
    rf_buf_done(&plain);
    rf_buf_done(&packed);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

Test(form, takes_nothing_behind_its_end)
{
    static const char *const tails[] = {"\n", "x", "\1", "{\"t\":\"OrderCreated\"}\n"};
    struct way way = {.unpack = rf_unpack_new()};
    struct rf_buf packed = {0};
    for (size_t i = 0; i < ROW_COUNT; i++) {
        for (size_t j = 0; j < sizeof(tails) / sizeof(tails[0]); j++) {
            read_fixture(ROWS[i].name, &packed);
            rf_buf_string(&packed, tails[j]);
            cr_expect_neq(unpack_all(&way, packed.bytes, packed.used, 65536, 65536), RF_OK, "%s",
                          ROWS[i].name);
        }
        read_fixture(ROWS[i].name, &packed);
        rf_buf_byte(&packed, '\0'); /* a zeroed tail is what a lost block looks like */
        cr_expect_neq(unpack_all(&way, packed.bytes, packed.used, 65536, 65536), RF_OK, "%s",
                      ROWS[i].name);
    }
    rf_buf_done(&packed);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

/** The output of snzip. */
Test(form, reads_what_snzip_wrote)
{
    static const struct {
        const char *bytes;
        size_t count;
    } rows[] = {
        {"\x82SNAPPY\0\0\0\0\1\0\0\0\1\0\0\0\x0e\x0c\x2cHello world!", 34},
        {"\0\0\0\x0c\0\0\0\x0e\x0c\x2cHello world!", 22},
        {"\xff\6\0\0sNaPpY\1\x10\0\0\x09\xe2\x25\x71Hello world!", 30},
    };
    struct way way = {.unpack = rf_unpack_new()};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(unpack_all(&way, rows[i].bytes, rows[i].count, 5, 5), RF_OK, "%zu: %s", i,
                     way.err.text);
        cr_expect(way.out.used == 12 && memcmp(way.out.bytes, "Hello world!", 12) == 0, "%zu", i);
    }
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

Test(form, says_what_it_does_not_read_and_what_is_wrong)
{
    static const struct {
        const char *bytes;
        size_t count;
        rf_code code;
        const char *says;
    } rows[] = {
        {"PK\3\4\x14\0\1\0\x08\0aabbccccddddeeee\1\0\0\0n", 31, RF_ERR_MALFORMED, "is encrypted"},
        {"PK\3\4\x14\0\0\0\x0c\0aabbccccddddeeee\1\0\0\0n", 31, RF_ERR_MALFORMED, "by a method"},
        {"PK\3\4\x14\0\x08\0\0\0aabbccccddddeeee\1\0\0\0n", 31, RF_ERR_MALFORMED, "deflate it"},
        {"PK\3\4\x14\0\0\0\x08\0aabbccccddddeeee\1\0\0\0/", 31, RF_ERR_MALFORMED, "with a folder"},
        {"PK\5\6\0\0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\0\0", 22, RF_ERR_CORRUPT, "record of its end"},
        {"\x82SNAPPY\0\0\0\0\2\0\0\0\2", 16, RF_ERR_CORRUPT, "version that is not known"},
        {"\x82SNAPPY\0\0\0\0\1\0\0\0\1\x7f\xff\xff\xff", 20, RF_ERR_CORRUPT, "none has"},
        {"\xff\6\0\0sNaPpY\2\0\0\0", 14, RF_ERR_CORRUPT, "may not be skipped"},
        {"\x28\xb5\x2f\xfd\0\xff", 6, RF_ERR_LIMIT, "RF_LIMIT_ZSTD_WINDOW_LOG"},
        {"\x28\xb5\x2f\xfd\x21\7\0\0\0", 9, RF_ERR_MALFORMED, "dictionary"},
    };
    struct way way = {.unpack = rf_unpack_new()};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(unpack_all(&way, rows[i].bytes, rows[i].count, 99, 99), rows[i].code,
                     "%zu: %s", i, way.err.text);
        cr_expect(strstr(way.err.text, rows[i].says) != NULL, "%zu: %s", i, way.err.text);
    }
    /* An empty archive holds nothing, and says so. */
    cr_expect_eq(unpack_all(&way, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, 99, 99), RF_OK);
    cr_expect_eq(way.out.used, 0);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

/** Of data whose type became one that may be skipped nothing but its CRC would tell. */
Test(form, does_not_skip_data_of_snappy)
{
    struct way way = {.unpack = rf_unpack_new()};
    struct rf_buf packed = {0};
    read_fixture("framing.sz", &packed);
    for (unsigned type = 0x80; type < 0xfe; type++) {
        packed.bytes[10] = (char)type;
        cr_expect_eq(unpack_all(&way, packed.bytes, packed.used, 99, 99), RF_ERR_CORRUPT);
    }
    rf_buf_done(&packed);
    rf_buf_done(&way.out);
    rf_unpack_free(way.unpack);
}

/** Source: RFC 3720, B.4 */
Test(form, has_the_crc_of_castagnoli)
{
    unsigned char bytes[32] = {0};
    cr_expect_eq(rf_crc32c(bytes, sizeof(bytes)), 0x8a9136aa);
    memset(bytes, 0xff, sizeof(bytes));
    cr_expect_eq(rf_crc32c(bytes, sizeof(bytes)), 0x62a8ab43);
    for (unsigned char i = 0; i < sizeof(bytes); i++) {
        bytes[i] = i;
    }
    cr_expect_eq(rf_crc32c(bytes, sizeof(bytes)), 0x46dd794e);
}
