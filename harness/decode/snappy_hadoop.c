/* SPDX-License-Identifier: MIT */
/* Hadoop's framing, which Firehose calls HADOOP_SNAPPY. It has neither a magic nor a
 * checksum. */
#include <inttypes.h>

#include "base/limits.h"
#include "decode/form.h"
#include "decode/snappy.h"

enum { LENGTH_BYTES = 4 };

/** The varint that a raw block begins with; false where it is none, or is cut. */
static bool
read_length(const unsigned char *bytes, size_t count, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < count && i < 5; i++) {
        *ret |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] < 0x80) {
            return true;
        }
    }
    return false;
}

/**
 * Three numbers that stand in front must fit each other: the frame's length, the first block's
 * packed length, and its own word for what it unpacks to. One of them may be damaged: the other
 * lengths begin with a NUL, which no text holds.
 */
static bool
begins(const unsigned char *bytes, size_t count)
{
    if (count < 2 * LENGTH_BYTES + 1) {
        return count >= LENGTH_BYTES && bytes[0] == 0 && rf_snappy_be32(bytes) > 0;
    }
    uint64_t frame = rf_snappy_be32(bytes);
    uint64_t packed = rf_snappy_be32(bytes + LENGTH_BYTES);
    uint64_t block;
    bool has_block = read_length(bytes + 2 * LENGTH_BYTES, count - 2 * LENGTH_BYTES, &block);
    bool frame_fits = frame > 0 && frame <= RF_LIMIT_SNAPPY_BLOCK_BYTES;
    bool packed_fits = packed > 1 && packed <= rf_snappy_packed_most(RF_LIMIT_SNAPPY_BLOCK_BYTES);
    bool block_fits = has_block && block > 0 && block <= RF_LIMIT_SNAPPY_BLOCK_BYTES;
    bool whole = frame_fits && packed_fits && packed <= rf_snappy_packed_most(frame);
    bool frame_damaged = packed_fits && block_fits && bytes[LENGTH_BYTES] == 0 &&
                         packed <= rf_snappy_packed_most(block);
    bool packed_damaged = frame_fits && block_fits && bytes[0] == 0 && block <= frame;
    return whole || frame_damaged || packed_damaged;
}

/** A frame of no bytes ends what Hadoop closed; anywhere else it is bytes that were lost. */
static rf_code
check_last(struct rf_snappy *snappy, uint64_t at, struct rf_err *reterr)
{
    RF_TRY(rf_stored_need(snappy->stored, 1, reterr));
    return rf_stored_ahead(snappy->stored) == 0
               ? RF_OK
               : rf_snappy_fail(snappy, at, "frame of no bytes is not the last", reterr);
}

static rf_code
next_block(struct rf_snappy *snappy, struct rf_err *reterr)
{
    struct rf_stored *stored = snappy->stored;
    const unsigned char *length;
    while (snappy->block.used == 0) {
        uint64_t at = rf_stored_offset(stored);
        if (snappy->frame_left == 0) {
            RF_TRY(rf_stored_need(stored, LENGTH_BYTES, reterr));
            if (rf_stored_ahead(stored) == 0) {
                return RF_OK;
            }
            RF_TRY(rf_snappy_take(snappy, LENGTH_BYTES, &length, reterr));
            snappy->frame_left = rf_snappy_be32(length);
            if (snappy->frame_left > RF_LIMIT_SNAPPY_BLOCK_BYTES) {
                return rf_snappy_fail(snappy, at, "frame has a length that none has", reterr);
            }
            if (snappy->frame_left == 0) {
                return check_last(snappy, at, reterr);
            }
        }
        RF_TRY(rf_snappy_take(snappy, LENGTH_BYTES, &length, reterr));
        uint32_t count = rf_snappy_be32(length);
        if (count == 0 || count > rf_snappy_packed_most(snappy->frame_left)) {
            return rf_snappy_fail(snappy, at, "block has a length that none has in its frame",
                                  reterr);
        }
        RF_TRY(rf_snappy_block(snappy, count, snappy->frame_left, reterr));
        snappy->frame_left -= snappy->block.used;
    }
    return RF_OK;
}

static rf_code
read_bytes(void *state, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    return rf_snappy_read(state, next_block, bytes, room, ret_got, reterr);
}

static bool
checked(const void *state)
{
    (void)state;
    return false;
}

const struct rf_form rf_form_snappy_hadoop = {
    .name = "Snappy (Hadoop)",
    .begins = begins,
    .make = rf_snappy_make,
    .free = rf_snappy_free,
    .begin = rf_snappy_begin,
    .read = read_bytes,
    .checked = checked,
};
