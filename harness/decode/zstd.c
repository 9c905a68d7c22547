/* SPDX-License-Identifier: MIT */
/* zstd objects: frame by frame, with every check that these have. Source: RFC 8878, 3.1. */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/libzstd.h"
#include "base/limits.h"
#include "decode/form.h"

/** A frame's magic and its descriptor, of which this bit says that a checksum ends it. */
enum { MAGIC_BYTES = 4, HEAD_BYTES = 5, CHECKSUM_BIT = 4, BLOCK_HEAD_BYTES = 3 };

static const unsigned char MAGIC[] = {0x28, 0xb5, 0x2f, 0xfd};
static const unsigned char SKIPPABLE[] = {0x50, 0x2a, 0x4d, 0x18}; /* up to 5f 2a 4d 18 */

struct zstd {
    ZSTD_DCtx *context;       /**< owned; made by the first object */
    struct rf_stored *stored; /**< borrowed */
    uint64_t frames;          /**< read to their end */
    bool has_data;            /**< one of them can not be skipped */
    bool inside;              /**< of a frame */
    bool pending;             /**< more may come out without a further byte */
    size_t wanted;            /**< bytes that the next step takes */
    bool unchecked;           /**< one has no checksum */
};

static bool
is_skippable(const unsigned char *bytes)
{
    return (bytes[0] & 0xf0) == SKIPPABLE[0] && memcmp(bytes + 1, SKIPPABLE + 1, 3) == 0;
}

static bool
begins(const unsigned char *bytes, size_t count)
{
    unsigned char skippable[sizeof(SKIPPABLE)] = {0};
    memcpy(skippable, bytes, count < sizeof(skippable) ? count : sizeof(skippable));
    skippable[0] &= 0xf0;
    return rf_form_begins_with(bytes, count, MAGIC, sizeof(MAGIC)) ||
           (count >= sizeof(SKIPPABLE) &&
            rf_form_begins_with(skippable, sizeof(SKIPPABLE), SKIPPABLE, sizeof(SKIPPABLE)));
}

static void *
make(void)
{
    return rf_calloc(1, sizeof(struct zstd));
}

static void
done(void *state)
{
    struct zstd *zstd = state;
    if (zstd->context != NULL) {
        (void)rf_libzstd()->ZSTD_freeDCtx(zstd->context);
    }
    free(zstd);
}

static rf_code
begin(void *state, struct rf_stored *stored, struct rf_err *reterr)
{
    struct zstd *zstd = state;
    RF_TRY(rf_libzstd_load(NULL, reterr));
    const struct rf_libzstd *library = rf_libzstd();
    if (zstd->context == NULL) {
        zstd->context = library->ZSTD_createDCtx();
        if (zstd->context == NULL) {
            rf_out_of_memory();
        }
        size_t set = library->ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax,
                                                     RF_LIMIT_ZSTD_WINDOW_LOG);
        RF_VERIFY(!library->ZSTD_isError(set));
    }
    zstd->stored = stored;
    zstd->frames = 0;
    zstd->has_data = false;
    zstd->inside = false;
    zstd->unchecked = false;
    return RF_OK;
}

/** At a frame's front, or at the end of the object. */
static rf_code
begin_frame(struct zstd *zstd, struct rf_err *reterr)
{
    struct rf_stored *stored = zstd->stored;
    RF_TRY(rf_stored_need(stored, HEAD_BYTES, reterr));
    const unsigned char *bytes = stored->bytes + stored->begin;
    size_t ahead = rf_stored_ahead(stored);
    uint64_t at = rf_stored_offset(stored);
    if (ahead == 0) {
        return zstd->has_data ? RF_OK
                              : rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                                           "zstd object ends without any data, byte %" PRIu64, at);
    }
    bool is_frame = ahead >= MAGIC_BYTES && memcmp(bytes, MAGIC, MAGIC_BYTES) == 0;
    bool is_skipped = ahead >= MAGIC_BYTES && is_skippable(bytes);
    bool is_cut = ahead < MAGIC_BYTES && memcmp(bytes, MAGIC, ahead) == 0;
    if (!is_frame && !is_skipped && !is_cut) {
        return zstd->frames == 0
                   ? rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                                "zstd header is damaged in frame 1, byte %" PRIu64, at)
                   : rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                                "something that is no frame stands behind zstd frame %" PRIu64
                                ", from byte %" PRIu64 " on",
                                zstd->frames, at);
    }
    zstd->unchecked =
        zstd->unchecked || (is_frame && ahead >= HEAD_BYTES && (bytes[4] & CHECKSUM_BIT) == 0);
    (void)rf_libzstd()->ZSTD_DCtx_reset(zstd->context, ZSTD_reset_session_only);
    zstd->has_data = zstd->has_data || !is_skipped;
    zstd->inside = true;
    zstd->pending = false;
    zstd->wanted = HEAD_BYTES;
    return RF_OK;
}

static rf_code
fail(const struct zstd *zstd, size_t result, struct rf_err *reterr)
{
    const struct rf_libzstd *library = rf_libzstd();
    uint64_t at = rf_stored_offset(zstd->stored);
    ZSTD_ErrorCode code = library->ZSTD_getErrorCode(result);
    if (code == ZSTD_error_memory_allocation) {
        rf_out_of_memory();
    }
    if (code == ZSTD_error_frameParameter_windowTooLarge) {
        return rf_fail_at(reterr, RF_ERR_LIMIT, NULL, at,
                          "zstd frame %" PRIu64 " needs a window above 2^%d bytes "
                          "(RF_LIMIT_ZSTD_WINDOW_LOG)",
                          zstd->frames + 1, RF_LIMIT_ZSTD_WINDOW_LOG);
    }
    if (code == ZSTD_error_dictionary_wrong) {
        return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, at,
                          "zstd frame %" PRIu64 " was packed with a dictionary, which refold does "
                          "not have: pack it without",
                          zstd->frames + 1);
    }
    /* Its own words for damage depend on the room that it has. */
    return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                      "zstd %s in frame %" PRIu64 ", byte %" PRIu64,
                      code == ZSTD_error_checksum_wrong ? "checksum mismatch" : "data is damaged",
                      zstd->frames + 1, at);
}

/** Some of the frame at hand, or none. zstd is given one block at a time, and whole, for what came
 * out in front of an error in the same call it does not tell. */
static rf_code
unpack_some(struct zstd *zstd, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct rf_stored *stored = zstd->stored;
    /* It asks for the header of the block behind it too. */
    size_t wanted =
        zstd->wanted > BLOCK_HEAD_BYTES ? zstd->wanted - BLOCK_HEAD_BYTES : zstd->wanted;
    wanted = wanted < RF_STORED_CHUNK_BYTES ? wanted : RF_STORED_CHUNK_BYTES;
    RF_TRY(rf_stored_need(stored, wanted, reterr));
    size_t ahead = rf_stored_ahead(stored);
    size_t count = ahead < wanted ? ahead : wanted;
    ZSTD_inBuffer in = {stored->bytes + stored->begin, zstd->pending ? 0 : count, 0};
    ZSTD_outBuffer out = {bytes, room, 0};
    size_t result = rf_libzstd()->ZSTD_decompressStream(zstd->context, &out, &in);
    if (rf_libzstd()->ZSTD_isError(result)) {
        return fail(zstd, result, reterr);
    }
    if (result == 0) {
        zstd->frames++;
        zstd->inside = false;
    } else if (!zstd->pending && out.pos == 0 && ahead == 0 && stored->ended) {
        uint64_t at = rf_stored_offset(stored);
        return rf_fail_at(reterr, RF_ERR_TRUNCATED, NULL, at,
                          "the object ends inside zstd frame %" PRIu64 ", at byte %" PRIu64,
                          zstd->frames + 1, at);
    }
    stored->begin += in.pos;
    zstd->pending = out.pos == room;
    zstd->wanted = result;
    *ret_got = out.pos;
    return RF_OK;
}

static rf_code
read_bytes(void *state, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct zstd *zstd = state;
    *ret_got = 0;
    while (*ret_got == 0) {
        if (!zstd->inside) {
            RF_TRY(begin_frame(zstd, reterr));
            if (!zstd->inside) {
                return RF_OK;
            }
        }
        RF_TRY(unpack_some(zstd, bytes, room, ret_got, reterr));
    }
    return RF_OK;
}

static bool
checked(const void *state)
{
    const struct zstd *zstd = state;
    return !zstd->unchecked;
}

const struct rf_form rf_form_zstd = {
    .name = "zstd",
    .begins = begins,
    .make = make,
    .free = done,
    .begin = begin,
    .read = read_bytes,
    .checked = checked,
};
