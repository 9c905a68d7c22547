/* SPDX-License-Identifier: MIT */
/*
 * One packed object, unpacked whole and in pieces: the same bytes, the same verdict, in the same
 * words. What the libraries pack, in blocks of any size, comes back as it was; what zstd alone
 * refuses or takes is refused or taken, with the same bytes; of what is taken as a zip the lengths
 * and CRCs at its end hold.
 *
 * The first byte chooses the form; the second one the pieces, and whether the rest is the object or
 * what is packed into one, of which a byte is changed.
 */
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/libzstd.h"
#include "decode/libsnappy.h"
#include "decode/unpack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"PK\3\4",     "PK\5\6", "PK\1\2", "\x28\xb5\x2f\xfd",
                                  "\x82SNAPPY", "\xff\6", "sNaPpY", NULL};

enum { FORM_GZIP, FORM_ZIP, FORM_ZSTD, FORM_XERIAL, FORM_HADOOP, FORM_FRAMES, FORMS };
enum { OUT_MOST = 1 << 20 /**< bombs are limits' business */ };

const char *
fuzz_against(void)
{
    return "what was packed, zstd, and in pieces";
}

/* ---- unpacking, refold's way ---- */

struct pieces {
    const char *bytes;
    size_t count;
    size_t longest; /**< of a piece */
    uint32_t random;
};

static rf_code
read_piece(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct pieces *pieces = context;
    (void)reterr;
    pieces->random = pieces->random * 1103515245u + 12345u;
    size_t count = 1 + (pieces->random >> 8) % pieces->longest;
    count = count < room ? count : room;
    count = count < pieces->count ? count : pieces->count;
    if (count > 0) {
        memcpy(bytes, pieces->bytes, count);
        pieces->bytes += count;
        pieces->count -= count;
    }
    *ret_got = count;
    return RF_OK;
}

struct way {
    struct rf_unpack *unpack;
    struct rf_buf out;
    rf_code code;
    struct rf_err err;
};
static struct way whole, cut;

static void
unpack_by(struct way *way, struct pieces pieces, size_t room)
{
    struct rf_decode_input input = {&pieces, read_piece};
    size_t got = 0;
    way->err = (struct rf_err){0};
    rf_buf_clear(&way->out);
    rf_unpack_begin(way->unpack, &input);
    do {
        rf_buf_reserve(&way->out, room);
        way->code =
            rf_unpack_read(way->unpack, way->out.bytes + way->out.used, room, &got, &way->err);
        way->out.used += way->code == RF_OK ? got : 0;
    } while (way->code == RF_OK && got > 0 && way->out.used < OUT_MOST);
}

static bool
is_cut(const struct way *way)
{
    return way->code == RF_OK && way->out.used >= OUT_MOST;
}

/* ---- packing, by the libraries ---- */

static void
put_number(struct rf_buf *out, uint64_t value, int bytes, bool big)
{
    for (int i = 0; i < bytes; i++) {
        rf_buf_byte(out, (char)(value >> (8 * (big ? bytes - 1 - i : i))));
    }
}

static size_t
put_snappy(struct rf_buf *out, const char *bytes, size_t count)
{
    size_t room = snappy_max_compressed_length(count);
    rf_buf_reserve(out, room);
    (void)snappy_compress(bytes, count, out->bytes + out->used, &room);
    out->used += room;
    return room;
}

static void
put_block(struct rf_buf *out, int form, const char *bytes, size_t count)
{
    static struct rf_buf block;
    rf_buf_clear(&block);
    (void)put_snappy(&block, bytes, count);
    if (form == FORM_FRAMES) {
        uint32_t crc = rf_crc32c(bytes, count);
        rf_buf_byte(out, 0);
        put_number(out, block.used + 4, 3, false);
        put_number(out, ((crc >> 15) | (crc << 17)) + UINT32_C(0xa282ead8), 4, false);
    } else {
        if (form == FORM_HADOOP) {
            put_number(out, count, 4, true);
        }
        put_number(out, block.used, 4, true);
    }
    rf_buf_add(out, block.bytes, block.used);
}

static void
put_deflated(struct rf_buf *out, const char *bytes, size_t count, int window)
{
    z_stream stream = {0};
    (void)deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    rf_buf_reserve(out, deflateBound(&stream, count) + 64);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = (Bytef *)out->bytes + out->used;
    stream.avail_out = (uInt)(out->room - out->used);
    (void)deflate(&stream, Z_FINISH);
    out->used += stream.total_out;
    (void)deflateEnd(&stream);
}

static void
put_zip(struct rf_buf *out, const char *bytes, size_t count, bool descriptor)
{
    struct rf_buf packed = {0};
    put_deflated(&packed, bytes, count, -15);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)bytes, (uInt)count);
    uint64_t said[3] = {crc, packed.used, count};
    unsigned flags = descriptor ? 8 : 0;
    rf_buf_add(out, "PK\3\4\x14\0", 6);
    put_number(out, flags | UINT64_C(8) << 16, 8, false);
    for (int i = 0; i < 3; i++) {
        put_number(out, descriptor ? 0 : said[i], 4, false);
    }
    rf_buf_add(out, "\1\0\0\0n", 5);
    rf_buf_add(out, packed.bytes, packed.used);
    if (descriptor) {
        rf_buf_add(out, "PK\7\10", 4);
        for (int i = 0; i < 3; i++) {
            put_number(out, said[i], 4, false);
        }
    }
    size_t directory = out->used;
    rf_buf_add(out, "PK\1\2\x14\0\x14\0", 8);
    put_number(out, flags | UINT64_C(8) << 16, 8, false);
    for (int i = 0; i < 3; i++) {
        put_number(out, said[i], 4, false);
    }
    rf_buf_add(out, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0n", 19);
    put_number(out, UINT64_C(0x06054b50), 8, false);
    put_number(out, 0x00010001, 4, false);
    put_number(out, out->used - 12 - directory, 4, false);
    put_number(out, directory, 4, false);
    put_number(out, 0, 2, false);
    rf_buf_done(&packed);
}

static void
put_zstd(struct rf_buf *out, const char *bytes, size_t count)
{
    size_t room = rf_libzstd()->ZSTD_compressBound(count);
    rf_buf_reserve(out, room);
    out->used += rf_libzstd()->ZSTD_compress(out->bytes + out->used, room, bytes, count, 3);
}

/** @step  bytes of a block, frame or member */
static void
pack(struct rf_buf *out, int form, const char *bytes, size_t count, size_t step)
{
    rf_buf_clear(out);
    if (form == FORM_ZIP) {
        put_zip(out, bytes, count, step % 2 != 0);
        return;
    }
    if (form == FORM_XERIAL) {
        rf_buf_add(out, "\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16);
    } else if (form == FORM_FRAMES) {
        rf_buf_add(out, "\xff\6\0\0sNaPpY", 10);
    }
    for (size_t at = 0; at < count; at += step) {
        size_t piece = count - at < step ? count - at : step;
        if (form == FORM_GZIP) {
            put_deflated(out, bytes + at, piece, 31);
        } else if (form == FORM_ZSTD) {
            put_zstd(out, bytes + at, piece);
        } else {
            put_block(out, form, bytes + at, piece);
        }
    }
}

/* ---- judging ---- */

static void
compare_ways(const struct rf_buf *object)
{
    const char *bytes = object->bytes;
    size_t most = whole.out.used < cut.out.used ? whole.out.used : cut.out.used;
    fuzz_expect(bytes, object->used, most == 0 || memcmp(whole.out.bytes, cut.out.bytes, most) == 0,
                "other bytes in pieces");
    if (is_cut(&whole) || is_cut(&cut)) {
        return;
    }
    if (whole.code != cut.code || strcmp(whole.err.text, cut.err.text) != 0 ||
        whole.out.used != cut.out.used) {
        fuzz_fail(bytes, object->used, "whole %d '%s' %zu, in pieces %d '%s' %zu", (int)whole.code,
                  whole.err.text, whole.out.used, (int)cut.code, cut.err.text, cut.out.used);
    }
}

/** What refold takes as one layer of zstd, zstd takes, and gives the same. */
static void
judge_zstd(const struct rf_buf *object)
{
    static char out[OUT_MOST];
    bool is_zstd = object->used >= 4 && memcmp(object->bytes, "\x28\xb5\x2f\xfd", 4) == 0;
    if (!is_zstd || is_cut(&whole)) {
        return;
    }
    size_t got = rf_libzstd()->ZSTD_decompress(out, sizeof(out), object->bytes, object->used);
    bool takes = !rf_libzstd()->ZSTD_isError(got);
    if (whole.code == RF_OK) {
        /* More than one layer: what zstd gives is not the end of it. */
        fuzz_expect(object->bytes, object->used, takes, "taken, and zstd refuses it");
        bool one = got == whole.out.used && (got == 0 || memcmp(out, whole.out.bytes, got) == 0);
        fuzz_expect(object->bytes, object->used, one || got > 0, "other bytes than zstd's");
    } else if (takes) {
        fuzz_expect(object->bytes, object->used,
                    strncmp(whole.err.text, "inside zstd", 11) == 0 ||
                        strncmp(whole.err.text, "object is", 9) == 0 ||
                        strstr(whole.err.text, "RF_LIMIT") != NULL,
                    whole.err.text);
    }
}

/** What its end says of a zip that was taken. */
static void
judge_zip(const struct rf_buf *object)
{
    if (object->used < 22 || memcmp(object->bytes, "PK\3\4", 4) != 0 || whole.code != RF_OK ||
        is_cut(&whole)) {
        return;
    }
    for (size_t i = object->used - 22 + 1; i-- > 0;) {
        const unsigned char *end = (const unsigned char *)object->bytes + i;
        size_t comment = end[20] | (size_t)end[21] << 8;
        if (memcmp(end, "PK\5\6", 4) != 0 || i + 22 + comment != object->used) {
            continue;
        }
        uint32_t directory = (uint32_t)rf_get_le64(end + 14) >> 16 | (uint32_t)end[18] << 16 |
                             (uint32_t)end[19] << 24;
        fuzz_expect(object->bytes, object->used, directory + 46 <= i, "no directory");
        const unsigned char *entry = (const unsigned char *)object->bytes + directory;
        uint32_t said[3];
        memcpy(said, entry + 16, sizeof(said));
        bool wide = said[2] == UINT32_MAX;
        uint32_t crc = (uint32_t)crc32(0, (const Bytef *)whole.out.bytes, (uInt)whole.out.used);
        bool layered = whole.out.used != said[2]; /* another form within it */
        fuzz_expect(object->bytes, object->used, wide || layered || crc == said[0],
                    "taken with another CRC than its directory has");
        return;
    }
    fuzz_fail(object->bytes, object->used, "taken without a record of its end");
}

/* ---- the target ---- */

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const texts[] = {
        "{\"t\":\"OrderPaid\",\"d\":{\"ID\":17,\"Version\":2,\"At\":1498127532}}\n",
        "{\"id\":\"e1\",\"type\":\"T\",\"at\":\"1970-01-01T00:00:00.5Z\",\"data\":{\"x\":-0,"
        "\"y\":[1,[2,[3]]]}}{\"id\":\"e1\",\"type\":\"T\",\"at\":\"1970-01-01T00:00:01Z\"}"};
    RF_VERIFY(rf_libzstd_load(NULL, NULL) == RF_OK && rf_libsnappy_load(NULL) == RF_OK);
    whole.unpack = rf_unpack_new();
    cut.unpack = rf_unpack_new();
    struct rf_buf seed = {0};
    struct rf_buf object = {0};
    for (int form = 0; form < FORMS; form++) {
        for (size_t i = 0; i < 2; i++) {
            pack(&object, form, texts[i], strlen(texts[i]), 41 + i);
            rf_buf_clear(&seed);
            rf_buf_byte(&seed, (char)form);
            rf_buf_byte(&seed, 0);
            rf_buf_add(&seed, object.bytes, object.used);
            seeds_add(seeds, seed.bytes, seed.used);
            rf_buf_clear(&seed);
            rf_buf_byte(&seed, (char)form);
            rf_buf_byte(&seed, (char)(129 + 2 * i));
            rf_buf_string(&seed, texts[i]);
            seeds_add(seeds, seed.bytes, seed.used);
        }
    }
    rf_buf_done(&seed);
    rf_buf_done(&object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static struct rf_buf object;
    if (bytes < 3) {
        return 0;
    }
    const char *rest = (const char *)input + 2;
    bool packs = input[1] >= 128;
    rf_buf_clear(&object);
    if (packs) {
        /* What begins like a form is one layer more; text is none. */
        struct rf_buf text = {0};
        rf_buf_string(&text, "{\"t\":\"");
        rf_buf_add(&text, rest, bytes - 2);
        pack(&object, input[0] % FORMS, text.bytes, text.used, 1u + input[1] % 64u * 7u);
        unpack_by(&whole, (struct pieces){object.bytes, object.used, SIZE_MAX >> 1, 0}, 65536);
        fuzz_expect(object.bytes, object.used,
                    whole.code == RF_OK && whole.out.used == text.used &&
                        memcmp(whole.out.bytes, text.bytes, text.used) == 0,
                    "not what was packed");
        object.bytes[input[0] * 7u % object.used] ^= (char)(1 << input[1] % 8);
        rf_buf_done(&text);
    } else {
        rf_buf_add(&object, rest, bytes - 2);
    }
    unpack_by(&whole, (struct pieces){object.bytes, object.used, SIZE_MAX >> 1, 0}, 65536);
    unpack_by(&cut, (struct pieces){object.bytes, object.used, 1u + input[1] % 64u, input[1]},
              1u + input[1] * 7u);
    compare_ways(&object);
    judge_zstd(&object);
    judge_zip(&object);
    fuzz_count(whole.code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    return 0;
}
