/* SPDX-License-Identifier: MIT */
/*
 * Inflating one gzip member by ISA-L, with zlib as its judge.
 *
 * ISA-L takes blocks that zlib refuses (incomplete sets of codes), and behind damage it leaves
 * bytes that nothing encodes. So that an object is taken, or refused with the same words and behind
 * the same bytes, as by zlib alone:
 *
 *     zlib reads the member's header, and each block's;
 *     ISA-L inflates the codes of the block that zlib agreed to, and stops at its end, because its
 *         header is handed to it with the bit set that marks a last block;
 *     where ISA-L fails, or the input ends, what that call gave is dropped, and zlib, which stands
 *         behind the block's header, goes on from where that call began;
 *     the member's CRC and length are compared here.
 *
 * ISA-L is never given room in the caller's buffer: it inflates into the window within its state,
 * and this file hands out from there. That way it never gives up the bits behind a block's end.
 */
#include "decode/gzip_engine.h"

#ifdef RF_HAVE_ISAL
#include <isa-l.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

/** The farthest that a distance reaches back. */
#define WINDOW_BYTES ((size_t)ISAL_DEF_HIST_SIZE)
/** ISA-L inflates only while its window holds less; it may run over by less than ISAL_LOOK_AHEAD.
 */
#define WINDOW_FULL_BYTES (2 * WINDOW_BYTES)

/* Bits of z_stream.data_type, as zlib.h tells them at inflate(). */
#define ZLIB_LAST_BLOCK          64
#define ZLIB_AT_BLOCK            128 /**< behind a block, or the member's header */
#define ZLIB_BEHIND_BLOCK_HEADER 256

/** More than the longest symbol takes, with its distance: 48 bits. */
#define SYMBOL_BYTES 16

#define CHECK_BYTES   4
#define TRAILER_BYTES 8

enum phase {
    PHASE_HEADER, /**< of the member */
    PHASE_BLOCK,  /**< at a block's header */
    PHASE_ISAL,   /**< within a block's codes */
    PHASE_ZLIB,   /**< within a block that zlib inflates */
    PHASE_TRAILER,
};

/**
 * Invariants: the window is state.tmp_out_buffer[0..used) and holds the last WINDOW_BYTES of the
 * member, or all of it; [handed..used) was not yet handed out, and is empty whenever a phase goes
 * on. `bit` is above 0 only where the byte at stored->begin is there.
 */
struct rf_isal {
    struct inflate_state state;
    enum phase phase;
    size_t used;
    size_t handed;
    unsigned bit;        /**< bits of the byte at stored->begin that are used */
    bool last;           /**< the block */
    bool fresh;          /**< PHASE_ISAL: ISA-L has not yet read the block's header */
    size_t header_bytes; /**< while fresh: what zlib took of stored->bytes for the header */
    uint32_t crc;
    uint32_t length; /**< modulo 2^32, as in the trailer */
};

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

const char *
rf_isal_text(void)
{
    return "inflate by ISA-L " TEXT_OF(ISAL_MAJOR_VERSION) "." TEXT_OF(ISAL_MINOR_VERSION);
}

struct rf_isal *
rf_isal_new(void)
{
    struct rf_isal *isal = rf_calloc(1, sizeof(*isal));
    isal_inflate_init(&isal->state);
    return isal;
}

void
rf_isal_free(struct rf_isal *isal)
{
    free(isal);
}

void
rf_isal_begin_member(struct rf_isal *isal)
{
    isal->phase = PHASE_HEADER;
    isal->used = 0;
    isal->handed = 0;
    isal->bit = 0;
    isal->crc = 0;
    isal->length = 0;
}

/* ---- the window ---- */

/** Keeps what a distance can reach. */
static void
slide_window(struct rf_isal *isal)
{
    unsigned char *window = isal->state.tmp_out_buffer;
    if (isal->used > WINDOW_BYTES) {
        memmove(window, window + isal->used - WINDOW_BYTES, WINDOW_BYTES);
        isal->used = WINDOW_BYTES;
    }
    isal->handed = isal->used;
}

static void
count_bytes(struct rf_isal *isal, const void *bytes, size_t count)
{
    isal->crc = crc32_gzip_refl(isal->crc, bytes, count);
    isal->length += (uint32_t)count;
}

static size_t
hand_out(struct rf_isal *isal, void *bytes, size_t room)
{
    size_t left = isal->used - isal->handed;
    size_t count = left < room ? left : room;
    memcpy(bytes, isal->state.tmp_out_buffer + isal->handed, count);
    count_bytes(isal, bytes, count);
    isal->handed += count;
    return count;
}

/** For bytes that zlib gave. */
static void
add_to_window(struct rf_isal *isal, const unsigned char *bytes, size_t count)
{
    if (count > WINDOW_BYTES) {
        bytes += count - WINDOW_BYTES;
        count = WINDOW_BYTES;
    }
    if (isal->used + count > WINDOW_FULL_BYTES) {
        slide_window(isal);
    }
    memcpy(isal->state.tmp_out_buffer + isal->used, bytes, count);
    isal->used += count;
    isal->handed = isal->used;
}

/* ---- zlib ---- */

/** Has zlib go on from the byte at stored->begin, but for the bits that are used. */
static void
aim_zlib(struct rf_gzip *gzip)
{
    struct rf_stored *stored = gzip->stored;
    struct rf_isal *isal = gzip->isal;
    unsigned char *next = stored->bytes + stored->begin;
    size_t skip = 0;
    if (isal->bit > 0) {
        int code = inflatePrime(&gzip->stream, 8 - (int)isal->bit, *next >> isal->bit);
        RF_VERIFY(code == Z_OK);
        skip = 1;
    }
    gzip->stream.next_in = next + skip;
    gzip->stream.avail_in = (unsigned)(rf_stored_ahead(stored) - skip);
}

static size_t
taken_by_zlib(const struct rf_gzip *gzip)
{
    return (size_t)(gzip->stream.next_in - (gzip->stored->bytes + gzip->stored->begin));
}

/** Lets zlib read on where it writes nothing. */
static int
run_headers(struct rf_gzip *gzip, int flush)
{
    unsigned char nothing;
    gzip->stream.next_out = &nothing;
    gzip->stream.avail_out = 0;
    return inflate(&gzip->stream, flush);
}

/** More input than there is; or the object ends here. */
static rf_code
need_more(struct rf_gzip *gzip, bool *ret_more, struct rf_err *reterr)
{
    size_t ahead = rf_stored_ahead(gzip->stored);
    RF_TRY(rf_stored_need(gzip->stored, ahead + 1, reterr));
    *ret_more = rf_stored_ahead(gzip->stored) > ahead;
    return RF_OK;
}

static rf_code
need_more_or_fail(struct rf_gzip *gzip, struct rf_err *reterr)
{
    bool more;
    RF_TRY(need_more(gzip, &more, reterr));
    return more ? RF_OK : rf_gzip_fail_cut(gzip, reterr);
}

static rf_code
read_member_header(struct rf_gzip *gzip, struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    aim_zlib(gzip);
    int code = run_headers(gzip, Z_BLOCK);
    stored->begin += taken_by_zlib(gzip);
    if (code == Z_DATA_ERROR) {
        return rf_gzip_fail_data(gzip, reterr);
    }
    if ((gzip->stream.data_type & ZLIB_AT_BLOCK) == 0) {
        return need_more_or_fail(gzip, reterr);
    }
    gzip->isal->phase = PHASE_BLOCK;
    return RF_OK;
}

/** 0 stored, 1 fixed codes, 2 dynamic codes. */
static unsigned
block_type(const struct rf_gzip *gzip)
{
    const unsigned char *next = gzip->stored->bytes + gzip->stored->begin;
    unsigned bits = next[0];
    if (rf_stored_ahead(gzip->stored) > 1) {
        bits |= (unsigned)next[1] << 8;
    }
    return bits >> (gzip->isal->bit + 1) & 3;
}

/** A header that the chunk holds in part is read again once there is more of it. */
static rf_code
read_block_header(struct rf_gzip *gzip, struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    struct rf_isal *isal = gzip->isal;
    int code = inflateReset2(&gzip->stream, -MAX_WBITS);
    RF_VERIFY(code == Z_OK);
    aim_zlib(gzip);
    code = run_headers(gzip, Z_TREES);
    if (code == Z_DATA_ERROR) {
        stored->begin += taken_by_zlib(gzip);
        return rf_gzip_fail_data(gzip, reterr);
    }
    if ((gzip->stream.data_type & ZLIB_BEHIND_BLOCK_HEADER) == 0) {
        return need_more_or_fail(gzip, reterr);
    }
    isal->last = (gzip->stream.data_type & ZLIB_LAST_BLOCK) != 0;
    if (block_type(gzip) == 0) {
        stored->begin += taken_by_zlib(gzip);
        isal->bit = 0;
        isal->phase = PHASE_ZLIB;
        return RF_OK;
    }
    isal->header_bytes = taken_by_zlib(gzip);
    isal->fresh = true;
    isal->phase = PHASE_ISAL;
    isal_inflate_reset(&isal->state);
    return RF_OK;
}

static void
end_block(struct rf_isal *isal)
{
    isal->phase = isal->last ? PHASE_TRAILER : PHASE_BLOCK;
}

static rf_code
inflate_by_zlib(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got,
                struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    struct rf_isal *isal = gzip->isal;
    z_stream *stream = &gzip->stream;
    unsigned free_bytes = room > UINT32_MAX ? UINT32_MAX : (unsigned)room;
    aim_zlib(gzip);
    stream->next_out = bytes;
    stream->avail_out = free_bytes;
    int code = inflate(stream, Z_BLOCK);
    stored->begin += taken_by_zlib(gzip);
    *ret_got = free_bytes - stream->avail_out;
    count_bytes(isal, bytes, *ret_got);
    add_to_window(isal, bytes, *ret_got);
    if ((stream->data_type & ZLIB_AT_BLOCK) != 0) {
        unsigned unused = (unsigned)stream->data_type & 7;
        if (unused > 0) {
            /* The block ends in the byte that zlib took last; no more was asked for since. */
            RF_VERIFY(stored->begin > 0);
            stored->begin--;
            isal->bit = 8 - unused;
        }
        end_block(isal);
        return RF_OK;
    }
    if (*ret_got > 0) {
        return RF_OK; /* an error stays in the stream and is met again at the next call */
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
        return rf_gzip_fail_data(gzip, reterr);
    }
    return need_more_or_fail(gzip, reterr);
}

/* ---- ISA-L ---- */

/** What ISA-L did not settle, zlib does, from where ISA-L's last good call ended. */
static void
give_to_zlib(struct rf_gzip *gzip)
{
    struct rf_isal *isal = gzip->isal;
    z_stream *stream = &gzip->stream;
    int code;
    if (isal->fresh) {
        gzip->stored->begin += isal->header_bytes;
    } else {
        code = inflatePrime(stream, -1, 0); /* the bits behind the header */
        RF_VERIFY(code == Z_OK);
        aim_zlib(gzip);
        gzip->stored->begin += taken_by_zlib(gzip);
    }
    isal->bit = 0;
    slide_window(isal);
    if (isal->used > 0) {
        code = inflateSetDictionary(stream, isal->state.tmp_out_buffer, (unsigned)isal->used);
        RF_VERIFY(code == Z_OK);
    }
    isal->phase = PHASE_ZLIB;
}

static uint32_t doubt_every;
static uint32_t doubt_calls;

void
rf_isal_doubt(uint32_t every)
{
    doubt_every = every;
    doubt_calls = 0;
}

/** Lets ISA-L inflate into the window. @return  whether it held together */
static bool
run_isal(struct rf_gzip *gzip)
{
    struct rf_stored *stored = gzip->stored;
    struct rf_isal *isal = gzip->isal;
    struct inflate_state *state = &isal->state;
    unsigned char *next = stored->bytes + stored->begin;
    /* The first byte goes by way of the bit buffer; in front of a header, as that of a last block.
     */
    state->read_in = (uint64_t)(*next >> isal->bit | (isal->fresh ? 1 : 0));
    state->read_in_length = 8 - (int)isal->bit;
    state->next_in = next + 1;
    state->avail_in = (uint32_t)rf_stored_ahead(stored) - 1;
    unsigned char nothing;
    state->next_out = &nothing;
    state->avail_out = 0;
    state->tmp_out_valid = (int32_t)isal->used;
    /* Never equal to tmp_out_valid, where it would turn to next_out. */
    state->tmp_out_processed = -1;
    int code = isal_inflate(state);
    if (doubt_every > 0 && ++doubt_calls % doubt_every == 0) {
        return false;
    }
    return code == ISAL_DECOMP_OK &&
           (state->block_state == ISAL_BLOCK_CODED || state->block_state == ISAL_BLOCK_INPUT_DONE);
}

/** Stands on the first bit that ISA-L did not use. */
static void
take_back_input(struct rf_gzip *gzip)
{
    struct rf_stored *stored = gzip->stored;
    const struct inflate_state *state = &gzip->isal->state;
    RF_VERIFY(state->read_in_length >= 0 && state->read_in_length <= 64);
    size_t unused = (size_t)state->read_in_length;
    size_t begin = (size_t)(state->next_in - stored->bytes) - (unused + 7) / 8;
    RF_VERIFY(begin >= stored->begin && begin <= stored->end);
    stored->begin = begin;
    gzip->isal->bit = (unsigned)(8 - unused % 8) % 8;
}

/** Whether the next call could pass a place where unpack.c compares the ratio. ISA-L would stand
 * behind it in the input; zlib stands right there. */
static bool
is_near_ratio_check(const struct rf_gzip *gzip)
{
    return RF_LIMIT_RATIO_FROM_BYTES - gzip->bytes % RF_LIMIT_RATIO_FROM_BYTES <=
           sizeof(gzip->isal->state.tmp_out_buffer);
}

static rf_code
inflate_by_isal(struct rf_gzip *gzip, struct rf_err *reterr)
{
    struct rf_isal *isal = gzip->isal;
    if (is_near_ratio_check(gzip)) {
        give_to_zlib(gzip);
        return RF_OK;
    }
    if (isal->used >= WINDOW_FULL_BYTES) {
        slide_window(isal);
    }
    if (rf_stored_ahead(gzip->stored) > 0) {
        if (!run_isal(gzip)) {
            give_to_zlib(gzip);
            return RF_OK;
        }
        isal->fresh = false;
        isal->used = (size_t)isal->state.tmp_out_valid;
        take_back_input(gzip);
        if (isal->state.block_state == ISAL_BLOCK_INPUT_DONE) {
            end_block(isal);
            return RF_OK;
        }
        if (isal->used > isal->handed) {
            return RF_OK;
        }
    }
    bool more = false;
    if (rf_stored_ahead(gzip->stored) < SYMBOL_BYTES) {
        RF_TRY(need_more(gzip, &more, reterr));
    }
    if (!more) {
        give_to_zlib(gzip); /* the object ends here, or ISA-L does not move */
    }
    return RF_OK;
}

/* ---- the member ---- */

static uint32_t
get_le32(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static rf_code
read_trailer(struct rf_gzip *gzip, struct rf_err *reterr)
{
    struct rf_stored *stored = gzip->stored;
    struct rf_isal *isal = gzip->isal;
    if (isal->bit > 0) {
        stored->begin++;
        isal->bit = 0;
    }
    RF_TRY(rf_stored_need(stored, TRAILER_BYTES, reterr));
    const unsigned char *trailer = stored->bytes + stored->begin;
    uint64_t at = rf_stored_offset(stored);
    size_t ahead = rf_stored_ahead(stored);
    if (ahead >= CHECK_BYTES && get_le32(trailer) != isal->crc) {
        return rf_gzip_fail_check(gzip, "CRC", at, reterr);
    }
    if (ahead < TRAILER_BYTES) {
        return rf_gzip_fail_cut(gzip, reterr);
    }
    if (get_le32(trailer + CHECK_BYTES) != isal->length) {
        return rf_gzip_fail_check(gzip, "length", at + CHECK_BYTES, reterr);
    }
    stored->begin += TRAILER_BYTES;
    gzip->members++;
    gzip->inside = false;
    return RF_OK;
}

rf_code
rf_isal_inflate(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got,
                struct rf_err *reterr)
{
    struct rf_isal *isal = gzip->isal;
    if (isal->handed < isal->used) {
        *ret_got = hand_out(isal, bytes, room);
        return RF_OK;
    }
    switch (isal->phase) {
    case PHASE_HEADER:
        return read_member_header(gzip, reterr);
    case PHASE_BLOCK:
        return read_block_header(gzip, reterr);
    case PHASE_ISAL:
        return inflate_by_isal(gzip, reterr);
    case PHASE_ZLIB:
        return inflate_by_zlib(gzip, bytes, room, ret_got, reterr);
    case PHASE_TRAILER:
        break;
    }
    return read_trailer(gzip, reterr);
}
#else /* without ISA-L */

const char *
rf_isal_text(void)
{
    return NULL;
}

void
rf_isal_doubt(uint32_t every)
{
    (void)every;
}

struct rf_isal *
rf_isal_new(void)
{
    return NULL;
}

void
rf_isal_free(struct rf_isal *isal)
{
    RF_VERIFY(isal == NULL);
}

void
rf_isal_begin_member(struct rf_isal *isal)
{
    RF_VERIFY(isal == NULL);
}

rf_code
rf_isal_inflate(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got,
                struct rf_err *reterr)
{
    (void)bytes;
    (void)room;
    (void)ret_got;
    return rf_gzip_fail_data(gzip, reterr);
}
#endif
