/* SPDX-License-Identifier: MIT */
/* Snappy's own framing (.sz). Firehose does not write it, others do. */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "decode/form.h"
#include "decode/snappy.h"

enum { CHUNK_HEAD_BYTES = 4, CRC_BYTES = 4, CHUNK_BYTES_MOST = 65536 };

/* Types of chunks. */
enum {
    CHUNK_PACKED = 0x00,
    CHUNK_PLAIN = 0x01,
    CHUNK_SKIPPABLE_FIRST = 0x80,
    CHUNK_PADDING = 0xfe,
    CHUNK_STREAM = 0xff,
};

static const unsigned char MAGIC[] = {CHUNK_STREAM, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};

static bool
begins(const unsigned char *bytes, size_t count)
{
    return rf_form_begins_with(bytes, count, MAGIC, sizeof(MAGIC));
}

/** So that a CRC of what holds CRCs is no weaker. */
static uint32_t
mask(uint32_t crc)
{
    return ((crc >> 15) | (crc << 17)) + UINT32_C(0xa282ead8);
}

/** A chunk's data: its CRC, and what it is of. */
static rf_code
read_data(struct rf_snappy *snappy, unsigned type, size_t count, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(snappy->stored);
    uint64_t most =
        type == CHUNK_PACKED ? rf_snappy_packed_most(CHUNK_BYTES_MOST) : (uint64_t)CHUNK_BYTES_MOST;
    if (count < CRC_BYTES || count - CRC_BYTES > most) {
        return rf_snappy_fail(snappy, at, "chunk has a length that none has", reterr);
    }
    const unsigned char *bytes;
    RF_TRY(rf_snappy_take(snappy, CRC_BYTES, &bytes, reterr));
    uint32_t crc = (uint32_t)rf_get_le(bytes, CRC_BYTES);
    size_t data = count - CRC_BYTES;
    if (type == CHUNK_PACKED) {
        RF_TRY(rf_snappy_block(snappy, data, CHUNK_BYTES_MOST, reterr));
    } else {
        RF_TRY(rf_snappy_take(snappy, data, &bytes, reterr));
        rf_buf_add(&snappy->block, bytes, data);
        snappy->blocks++;
    }
    if (mask(rf_crc32c(snappy->block.bytes, snappy->block.used)) != crc) {
        snappy->blocks--;
        rf_buf_clear(&snappy->block);
        return rf_snappy_fail(snappy, at, "CRC mismatch", reterr);
    }
    return RF_OK;
}

/** Passed over without being held. What has the CRC of data is data, of whose type a bit is wrong:
 * it would be lost without a word. */
static rf_code
skip(struct rf_snappy *snappy, unsigned type, size_t count, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(snappy->stored);
    const unsigned char *bytes;
    if (type != CHUNK_PADDING && count > CRC_BYTES &&
        count - CRC_BYTES <= rf_snappy_packed_most(CHUNK_BYTES_MOST)) {
        RF_TRY(rf_snappy_take(snappy, count, &bytes, reterr));
        const unsigned char *data = bytes + CRC_BYTES;
        if (rf_snappy_unpack(snappy, data, count - CRC_BYTES, CHUNK_BYTES_MOST) == NULL) {
            data = (const unsigned char *)snappy->block.bytes;
            count = snappy->block.used + CRC_BYTES;
        }
        rf_buf_clear(&snappy->block);
        return mask(rf_crc32c(data, count - CRC_BYTES)) == rf_get_le(bytes, CRC_BYTES)
                   ? rf_snappy_fail(snappy, at, "data is marked as if it could be skipped", reterr)
                   : RF_OK;
    }
    while (count > 0) {
        size_t step = count < RF_STORED_CHUNK_BYTES ? count : RF_STORED_CHUNK_BYTES;
        RF_TRY(rf_snappy_take(snappy, step, &bytes, reterr));
        count -= step;
    }
    return RF_OK;
}

static rf_code
next_block(struct rf_snappy *snappy, struct rf_err *reterr)
{
    while (snappy->block.used == 0) {
        uint64_t at = rf_stored_offset(snappy->stored);
        const unsigned char *head;
        RF_TRY(rf_stored_need(snappy->stored, 1, reterr));
        if (rf_stored_ahead(snappy->stored) == 0) {
            return RF_OK;
        }
        RF_TRY(rf_snappy_take(snappy, CHUNK_HEAD_BYTES, &head, reterr));
        unsigned type = head[0];
        size_t count = rf_get_le(head + 1, 3);
        if (type == CHUNK_STREAM) { /* in front, and again where streams were joined */
            RF_TRY(rf_snappy_take(snappy, count < 6 ? count : 6, &head, reterr));
            if (count != 6 || memcmp(head, MAGIC + CHUNK_HEAD_BYTES, 6) != 0) {
                return rf_snappy_fail(snappy, at, "header is damaged", reterr);
            }
            snappy->begun = true;
        } else if (!snappy->begun) {
            return rf_snappy_fail(snappy, at, "header is damaged", reterr);
        } else if (type == CHUNK_PACKED || type == CHUNK_PLAIN) {
            RF_TRY(read_data(snappy, type, count, reterr));
        } else if (type >= CHUNK_SKIPPABLE_FIRST) {
            RF_TRY(skip(snappy, type, count, reterr));
        } else {
            return rf_snappy_fail(snappy, at, "chunk is of a type that may not be skipped", reterr);
        }
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
    return true;
}

const struct rf_form rf_form_snappy_frames = {
    .name = "Snappy (framing format)",
    .begins = begins,
    .make = rf_snappy_make,
    .free = rf_snappy_free,
    .begin = rf_snappy_begin,
    .read = read_bytes,
    .checked = checked,
};
