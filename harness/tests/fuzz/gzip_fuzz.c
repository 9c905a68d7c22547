/* SPDX-License-Identifier: MIT */
/*
 * One gzip object, inflated whole and in pieces, by ISA-L and by zlib alone: the same bytes, the
 * same verdict, in the same words, at the same offset. It is accepted if, and only if, zlib takes
 * all its members when it has the whole object in memory.
 *
 * The first byte chooses: the rest is the object, or deflated data of members, to which their
 * headers, CRCs and lengths are put, so that mutations get behind these. The second one chooses the
 * pieces.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "decode/gzip.h"
#include "decode/stored.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seeds.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"\x1f\x8b\x08", "\x1f\x8b\x08\x1f", "\xff\xff", "\x03", NULL};

enum {
    HEADER_BYTES = 10,
    MEMBERS_MOST = 4,
    OUT_MOST = 1 << 20, /**< bombs are limits' business */
};

const char *
fuzz_against(void)
{
    return "zlib alone, in pieces and whole";
}

/* ---- inflating, refold's way ----------------------------------------------------------------- */

/** An object that comes in pieces. */
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
    memcpy(bytes, pieces->bytes, count);
    pieces->bytes += count;
    pieces->count -= count;
    *ret_got = count;
    return RF_OK;
}

struct way {
    struct rf_gzip *gzip;
    struct rf_stored stored;
    /* what came of the last object */
    struct rf_buf out;
    rf_code code;
    struct rf_err err;
};
static struct way fast, slow;

static void
inflate_by(struct way *way, struct pieces pieces, size_t room)
{
    struct rf_decode_input input = {&pieces, read_piece};
    size_t got = 0;
    way->err = (struct rf_err){0};
    rf_buf_clear(&way->out);
    rf_stored_begin(&way->stored, &input);
    rf_gzip_begin(way->gzip, &way->stored);
    do {
        rf_buf_reserve(&way->out, room);
        way->code = rf_gzip_read(way->gzip, way->out.bytes + way->out.used, room, &got, &way->err);
        way->out.used += way->code == RF_OK ? got : 0;
    } while (way->code == RF_OK && got > 0 && way->out.used < OUT_MOST);
}

static bool
is_cut(const struct way *way)
{
    return way->code == RF_OK && way->out.used >= OUT_MOST;
}

/* ---- the judge ------------------------------------------------------------------------------- */

/** All members by zlib, from memory; false where it refuses, or too much comes out. */
static bool
inflate_whole(const struct rf_buf *object, struct rf_buf *out, uint64_t *ret_members)
{
    rf_buf_clear(out);
    *ret_members = 0;
    for (size_t at = 0; at < object->used; ++*ret_members) {
        z_stream stream = {0};
        (void)inflateInit2(&stream, 31);
        stream.next_in = (Bytef *)object->bytes + at;
        stream.avail_in = (uInt)(object->used - at);
        rf_buf_reserve(out, OUT_MOST);
        stream.next_out = (Bytef *)out->bytes + out->used;
        stream.avail_out = OUT_MOST;
        int code = inflate(&stream, Z_FINISH);
        out->used += OUT_MOST - stream.avail_out;
        at = object->used - stream.avail_in;
        (void)inflateEnd(&stream);
        if (code != Z_STREAM_END) {
            return false;
        }
    }
    return true;
}

/** Puts deflated data into members that are right. */
static void
seal(const char *bytes, size_t count, struct rf_buf *object)
{
    static Bytef out[OUT_MOST];
    for (int members = 0; members < MEMBERS_MOST && count > 0; members++) {
        z_stream stream = {0};
        (void)inflateInit2(&stream, -15);
        stream.next_in = (Bytef *)(uintptr_t)bytes;
        stream.avail_in = (uInt)count;
        stream.next_out = out;
        stream.avail_out = sizeof(out);
        int code = inflate(&stream, Z_FINISH);
        size_t used = code == Z_STREAM_END ? count - stream.avail_in : count;
        const uint32_t tail[] = {(uint32_t)crc32(0, out, (uInt)stream.total_out),
                                 (uint32_t)stream.total_out};
        (void)inflateEnd(&stream);
        rf_buf_add(object, "\x1f\x8b\x08\0\0\0\0\0\0\xff", HEADER_BYTES);
        rf_buf_add(object, bytes, used);
        if (code == Z_STREAM_END) {
            rf_buf_add(object, tail, sizeof(tail));
        }
        bytes += used;
        count -= used;
    }
}

/* ---- the target ------------------------------------------------------------------------------ */

/** @window  31: a gzip member; -15: deflated data */
static void
add_seed(struct seeds *seeds, char sealed, int window, int level, int strategy, const char *text,
         unsigned members)
{
    struct rf_buf seed = {0};
    rf_buf_byte(&seed, sealed);
    rf_buf_byte(&seed, (char)('0' + level));
    for (unsigned i = 0; i < members; i++) {
        z_stream stream = {0};
        (void)deflateInit2(&stream, level, Z_DEFLATED, window, 8, strategy);
        gz_header head = {.name = (Bytef *)"name", .comment = (Bytef *)"x", .hcrc = 1};
        if (window == 31 && i == 1) {
            (void)deflateSetHeader(&stream, &head);
        }
        rf_buf_reserve(&seed, 65536);
        stream.next_in = (Bytef *)(uintptr_t)text;
        stream.avail_in = (uInt)strlen(text);
        stream.next_out = (Bytef *)seed.bytes + seed.used;
        stream.avail_out = 65536;
        (void)deflate(&stream, Z_FINISH);
        seed.used += stream.total_out;
        (void)deflateEnd(&stream);
    }
    seeds_add(seeds, seed.bytes, seed.used);
    rf_buf_done(&seed);
}

void
fuzz_begin(struct seeds *seeds)
{
    static char runs[5000];
    memset(runs, 'a', sizeof(runs) - 1);
    memcpy(runs + 100, "{\"t\":\"OrderPaid\"}", 17);
    memcpy(runs + 4000, "{\"t\":\"OrderPaid\"}", 17);
    static const char *const texts[] = {
        "", "{\"t\":\"OrderPaid\",\"d\":{\"ID\":17,\"Version\":2,\"At\":1498127532}}\n", runs,
        "{\"id\":\"e1\",\"type\":\"T\",\"at\":\"1970-01-01T00:00:00.5Z\",\"data\":{\"x\":-0,"
        "\"y\":[1,[2,[3]]]}}{\"id\":\"e1\",\"type\":\"T\",\"at\":\"1970-01-01T00:00:01Z\"}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (unsigned members = 1; members <= 3; members++) {
            static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY};
            add_seed(seeds, 0, 31, 9, strategies[members - 1], texts[i], members);
            add_seed(seeds, 1, -15, 9, strategies[members - 1], texts[i], members);
            add_seed(seeds, 1, -15, 0, strategies[members - 1], texts[i], members);
        }
    }
    struct way *const ways[] = {&fast, &slow};
    for (int i = 0; i < 2; i++) {
        (void)rf_gzip_engine_set(i == 0 ? "isal" : "zlib"); /* refused: zlib against zlib */
        ways[i]->gzip = rf_gzip_new();
        rf_stored_init(&ways[i]->stored);
    }
}

static void
compare_ways(const struct rf_buf *object)
{
    const char *bytes = object->bytes;
    size_t most = fast.out.used < slow.out.used ? fast.out.used : slow.out.used;
    fuzz_expect(bytes, object->used, most == 0 || memcmp(fast.out.bytes, slow.out.bytes, most) == 0,
                "other bytes by ISA-L than by zlib");
    if (is_cut(&fast) || is_cut(&slow)) {
        return;
    }
    if (fast.code != slow.code || strcmp(fast.err.text, slow.err.text) != 0 ||
        fast.err.offset_bytes != slow.err.offset_bytes || fast.out.used != slow.out.used ||
        rf_gzip_members(fast.gzip) != rf_gzip_members(slow.gzip)) {
        fuzz_fail(bytes, object->used, "by ISA-L %d '%s' at %llu, by zlib %d '%s' at %llu",
                  (int)fast.code, fast.err.text, (unsigned long long)fast.err.offset_bytes,
                  (int)slow.code, slow.err.text, (unsigned long long)slow.err.offset_bytes);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static struct rf_buf object, judged;
    uint64_t members;
    if (bytes < 2) {
        return 0;
    }
    const char *rest = (const char *)input + 2;
    rf_buf_clear(&object);
    if (input[0] % 2 == 0) {
        rf_buf_add(&object, rest, bytes - 2);
    } else {
        seal(rest, bytes - 2, &object);
    }
    rf_buf_reserve(&object, 1);
    const struct pieces whole = {object.bytes, object.used, SIZE_MAX >> 1, 0};
    const struct pieces cut = {object.bytes, object.used, 1u + input[1] % 64, input[1]};
    inflate_by(&slow, whole, 65536);
    inflate_by(&fast, whole, 65536);
    compare_ways(&object);
    inflate_by(&fast, cut, 65536);
    compare_ways(&object);
    inflate_by(&slow, cut, 1u + input[1] * 7u);
    compare_ways(&object);
    if (!is_cut(&slow)) {
        bool sound = inflate_whole(&object, &judged, &members);
        fuzz_expect(object.bytes, object.used, sound == (slow.code == RF_OK),
                    sound ? "refused, and zlib takes it" : "taken, and zlib refuses it");
        fuzz_expect(
            object.bytes, object.used,
            !sound ||
                (judged.used == slow.out.used && members == rf_gzip_members(slow.gzip) &&
                 (judged.used == 0 || memcmp(judged.bytes, slow.out.bytes, judged.used) == 0)),
            "other bytes than zlib's");
    }
    fuzz_count(slow.code == RF_OK ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    return 0;
}
