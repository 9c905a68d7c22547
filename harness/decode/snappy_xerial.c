/* SPDX-License-Identifier: MIT */
/* snappy-java's stream, which Firehose calls Snappy. Nothing in it is a checksum. */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "decode/form.h"
#include "decode/snappy.h"

enum { HEAD_BYTES = 16, LENGTH_BYTES = 4, VERSION_READ = 1 };

static const unsigned char MAGIC[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};

static bool
begins(const unsigned char *bytes, size_t count)
{
    return rf_form_begins_with(bytes, count, MAGIC, sizeof(MAGIC));
}

/** Of the object, or of a stream that was put behind another. */
static rf_code
read_head(struct rf_snappy *snappy, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(snappy->stored);
    const unsigned char *head;
    RF_TRY(rf_snappy_take(snappy, HEAD_BYTES, &head, reterr));
    if (memcmp(head, MAGIC, sizeof(MAGIC)) != 0) {
        return rf_snappy_fail(snappy, at, "header is damaged", reterr);
    }
    uint32_t version = rf_snappy_be32(head + 8);
    uint32_t oldest_reader = rf_snappy_be32(head + 12);
    if (version < oldest_reader || oldest_reader != VERSION_READ) {
        return rf_snappy_fail(snappy, at, "header is damaged, or of a version that is not known",
                              reterr);
    }
    return RF_OK;
}

static rf_code
next_block(struct rf_snappy *snappy, struct rf_err *reterr)
{
    struct rf_stored *stored = snappy->stored;
    if (!snappy->begun) {
        RF_TRY(read_head(snappy, reterr));
        snappy->begun = true;
    }
    while (snappy->block.used == 0) {
        const unsigned char *length;
        RF_TRY(rf_stored_need(stored, LENGTH_BYTES, reterr));
        if (rf_stored_ahead(stored) == 0) {
            return RF_OK;
        }
        if (rf_stored_ahead(stored) >= LENGTH_BYTES &&
            memcmp(stored->bytes + stored->begin, MAGIC, LENGTH_BYTES) == 0) {
            RF_TRY(read_head(snappy, reterr));
            continue;
        }
        uint64_t at = rf_stored_offset(stored);
        RF_TRY(rf_snappy_take(snappy, LENGTH_BYTES, &length, reterr));
        uint32_t count = rf_snappy_be32(length);
        if (count == 0 || count > rf_snappy_packed_most(RF_LIMIT_SNAPPY_BLOCK_BYTES)) {
            return rf_snappy_fail(snappy, at, "block has a length that none has", reterr);
        }
        RF_TRY(rf_snappy_block(snappy, count, RF_LIMIT_SNAPPY_BLOCK_BYTES, reterr));
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

const struct rf_form rf_form_snappy_xerial = {
    .name = "Snappy (xerial)",
    .begins = begins,
    .make = rf_snappy_make,
    .free = rf_snappy_free,
    .begin = rf_snappy_begin,
    .read = read_bytes,
    .checked = checked,
};
