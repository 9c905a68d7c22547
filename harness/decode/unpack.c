/* SPDX-License-Identifier: MIT */
/* What an object is packed with, told by its first bytes; and the bytes without that. */
#include "decode/unpack.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/stopwatch.h"
#include "decode/gzip.h"
#include "decode/stored.h"

/** Bytes that tell every packing apart. */
#define SNIFF_BYTES 10

enum packing {
    PACKING_UNKNOWN, /**< nothing was read yet */
    PACKING_PLAIN,
    PACKING_GZIP,
};

struct rf_unpack {
    struct rf_stored stored;
    struct rf_gzip *gzip;
    enum packing packing;
    uint64_t bytes;        /**< handed out */
    unsigned char head[3]; /**< the first of them */
};

/* Packings that are known and not read yet: without this they would be one long malformed line. */
static const struct {
    const char *name;
    unsigned char magic[SNIFF_BYTES];
    size_t magic_bytes;
} FOREIGN[] = {
    {"a zip archive", {0x50, 0x4b, 0x03, 0x04}, 4},
    {"an empty zip archive", {0x50, 0x4b, 0x05, 0x06}, 4},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4},
    {"Snappy (xerial)", {0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00}, 8},
    {"Snappy (framing format)", {0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59}, 10},
    {"a Parquet file", {0x50, 0x41, 0x52, 0x31}, 4},
    {"an ORC file", {0x4f, 0x52, 0x43}, 3},
    {"a KPL aggregate", {0xf3, 0x89, 0x9a, 0xc2}, 4},
};

/** A packed history (walk/pack_format.h) is a source, not an object of one. */
static const unsigned char PACK[] = {0x89, 0x52, 0x46, 0x50, 0x41, 0x43, 0x4b, 0x0a};

struct rf_unpack *
rf_unpack_new(void)
{
    struct rf_unpack *unpack = rf_calloc(1, sizeof(*unpack));
    rf_stored_init(&unpack->stored);
    unpack->gzip = rf_gzip_new();
    return unpack;
}

void
rf_unpack_free(struct rf_unpack *unpack)
{
    if (unpack == NULL) {
        return;
    }
    rf_gzip_free(unpack->gzip);
    rf_stored_done(&unpack->stored);
    free(unpack);
}

void
rf_unpack_begin(struct rf_unpack *unpack, const struct rf_decode_input *input)
{
    rf_stored_begin(&unpack->stored, input);
    rf_gzip_begin(unpack->gzip, &unpack->stored);
    unpack->packing = PACKING_UNKNOWN;
    unpack->bytes = 0;
}

uint64_t
rf_unpack_stored_bytes(const struct rf_unpack *unpack)
{
    return unpack->stored.base + unpack->stored.end;
}

uint64_t
rf_unpack_bytes(const struct rf_unpack *unpack)
{
    return unpack->bytes;
}

uint64_t
rf_unpack_members(const struct rf_unpack *unpack)
{
    return rf_gzip_members(unpack->gzip);
}

/** Whether it is gzip, be its magic damaged in one byte: 1f, 8b behind what is no lead byte, and 08
 * begin neither JSON nor base64, so damaged gzip is not taken for plain text. */
static bool
looks_like_gzip(const unsigned char *bytes, size_t count)
{
    static const unsigned char magic[] = {0x1f, 0x8b, 0x08};
    if (count == 1) {
        return bytes[0] == magic[0];
    }
    if (count == 2) {
        return bytes[0] == magic[0] && bytes[1] == magic[1];
    }
    int alike = 0;
    for (size_t i = 0; i < sizeof(magic) && i < count; i++) {
        alike += bytes[i] == magic[i];
    }
    return alike >= 2;
}

static rf_code
sniff(struct rf_unpack *unpack, struct rf_err *reterr)
{
    struct rf_stored *stored = &unpack->stored;
    RF_TRY(rf_stored_need(stored, SNIFF_BYTES, reterr));
    const unsigned char *bytes = stored->bytes + stored->begin;
    size_t count = rf_stored_ahead(stored);
    if (looks_like_gzip(bytes, count)) {
        unpack->packing = PACKING_GZIP;
        return RF_OK;
    }
    for (size_t i = 0; i < sizeof(FOREIGN) / sizeof(FOREIGN[0]); i++) {
        if (count >= FOREIGN[i].magic_bytes &&
            memcmp(bytes, FOREIGN[i].magic, FOREIGN[i].magic_bytes) == 0) {
            return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, 0,
                              "object is %s, which this refold does not read yet", FOREIGN[i].name);
        }
    }
    if (count >= sizeof(PACK) && memcmp(bytes, PACK, sizeof(PACK)) == 0) {
        return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, 0,
                          "object is a packed history, which is no object: name it as a source of "
                          "its own");
    }
    unpack->packing = PACKING_PLAIN;
    return RF_OK;
}

static rf_code
read_plain(struct rf_unpack *unpack, void *bytes, size_t room, size_t *ret_got,
           struct rf_err *reterr)
{
    struct rf_stored *stored = &unpack->stored;
    size_t ahead = rf_stored_ahead(stored);
    if (ahead == 0) {
        return rf_stored_pass(stored, bytes, room, ret_got, reterr);
    }
    size_t count = ahead < room ? ahead : room;
    memcpy(bytes, stored->bytes + stored->begin, count);
    stored->begin += count;
    *ret_got = count;
    return RF_OK;
}

/** The ratio is looked at only at multiples of RF_LIMIT_RATIO_FROM_BYTES, and behind the bytes up
 * to there, so that the answer does not depend on how many bytes come at once. */
static rf_code
read_gzip(struct rf_unpack *unpack, void *bytes, size_t room, size_t *ret_got,
          struct rf_err *reterr)
{
    uint64_t behind_check = unpack->bytes % RF_LIMIT_RATIO_FROM_BYTES;
    uint64_t stored = rf_stored_offset(&unpack->stored);
    if (behind_check == 0 && unpack->bytes / rf_limits.ratio > stored) {
        return rf_fail_at(
            reterr, RF_ERR_LIMIT, NULL, stored,
            "gzip holds more than %" PRIu64
            " times its stored bytes " RF_LIMIT_NUMBER_HINT("ratio") ", byte %" PRIu64,
            rf_limits.ratio, stored);
    }
    uint64_t to_check = RF_LIMIT_RATIO_FROM_BYTES - behind_check;
    size_t count = room < to_check ? room : (size_t)to_check;
    enum rf_station before = rf_station_enter(RF_STATION_INFLATE);
    rf_code code = rf_gzip_read(unpack->gzip, bytes, count, ret_got, reterr);
    (void)rf_station_enter(before);
    return code;
}

/** Refuses gzip within gzip, as soon as three bytes are known. */
static rf_code
check_head(struct rf_unpack *unpack, const unsigned char *bytes, size_t count,
           struct rf_err *reterr)
{
    for (size_t i = 0; i < count && unpack->bytes + i < sizeof(unpack->head); i++) {
        unpack->head[unpack->bytes + i] = bytes[i];
    }
    if (unpack->packing == PACKING_GZIP && unpack->bytes < sizeof(unpack->head) &&
        unpack->bytes + count >= sizeof(unpack->head) &&
        memcmp(unpack->head, "\x1f\x8b\x08", sizeof(unpack->head)) == 0) {
        return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, 0,
                          "object is gzip inside gzip: more than %d layer, which this refold does "
                          "not read yet",
                          RF_LIMIT_LAYERS);
    }
    return RF_OK;
}

rf_code
rf_unpack_read(struct rf_unpack *unpack, void *bytes, size_t room, size_t *ret_got,
               struct rf_err *reterr)
{
    *ret_got = 0;
    if (unpack->packing == PACKING_UNKNOWN) {
        RF_TRY(sniff(unpack, reterr));
    }
    size_t got = 0;
    if (unpack->packing == PACKING_GZIP) {
        RF_TRY(read_gzip(unpack, bytes, room, &got, reterr));
    } else {
        RF_TRY(read_plain(unpack, bytes, room, &got, reterr));
    }
    if (unpack->bytes < sizeof(unpack->head)) {
        RF_TRY(check_head(unpack, bytes, got, reterr));
    }
    if (got > rf_limits.object_bytes - unpack->bytes) {
        return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, unpack->bytes,
                          "object holds more than %" PRIu64 " bytes " RF_LIMIT_SIZE_HINT("object"),
                          rf_limits.object_bytes);
    }
    unpack->bytes += got;
    *ret_got = got;
    return RF_OK;
}
