/* SPDX-License-Identifier: MIT */
/* What the three framings of Snappy share. */
#include "decode/snappy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "decode/libsnappy.h"

/** A copy of 64 bytes takes three: no block unpacks to more than so many times its bytes. What a
 * damaged length claims takes no more memory than that. */
#define RATIO_MOST 22

void *
rf_snappy_make(void)
{
    return rf_calloc(1, sizeof(struct rf_snappy));
}

void
rf_snappy_free(void *state)
{
    struct rf_snappy *snappy = state;
    rf_buf_done(&snappy->packed);
    rf_buf_done(&snappy->block);
    free(snappy);
}

rf_code
rf_snappy_begin(void *state, struct rf_stored *stored, struct rf_err *reterr)
{
    struct rf_snappy *snappy = state;
    snappy->stored = stored;
    rf_buf_clear(&snappy->block);
    snappy->handed = 0;
    snappy->blocks = 0;
    snappy->frame_left = 0;
    snappy->begun = false;
    return rf_libsnappy_load(reterr);
}

rf_code
rf_snappy_read(struct rf_snappy *snappy,
               rf_code (*next)(struct rf_snappy *snappy, struct rf_err *reterr), void *bytes,
               size_t room, size_t *ret_got, struct rf_err *reterr)
{
    *ret_got = 0;
    if (snappy->handed == snappy->block.used) {
        snappy->handed = 0;
        rf_buf_clear(&snappy->block);
        RF_TRY(next(snappy, reterr));
        if (snappy->block.used == 0 && snappy->blocks == 0) {
            return rf_snappy_fail(snappy, rf_stored_offset(snappy->stored),
                                  "object ends without any data", reterr);
        }
    }
    size_t left = snappy->block.used - snappy->handed;
    size_t count = left < room ? left : room;
    if (count > 0) {
        memcpy(bytes, snappy->block.bytes + snappy->handed, count);
    }
    snappy->handed += count;
    *ret_got = count;
    return RF_OK;
}

rf_code
rf_snappy_fail(const struct rf_snappy *snappy, uint64_t at, const char *text, struct rf_err *reterr)
{
    return rf_fail_at(reterr, RF_ERR_CORRUPT, NULL, at,
                      "Snappy %s, block %" PRIu64 ", byte %" PRIu64, text, snappy->blocks + 1, at);
}

rf_code
rf_snappy_take(struct rf_snappy *snappy, size_t count, const unsigned char **ret,
               struct rf_err *reterr)
{
    size_t got;
    RF_TRY(rf_stored_take(snappy->stored, count, &snappy->packed, ret, &got, reterr));
    if (got < count) {
        uint64_t at = rf_stored_offset(snappy->stored);
        return rf_fail_at(reterr, RF_ERR_TRUNCATED, NULL, at,
                          "the object ends inside Snappy block %" PRIu64 ", at byte %" PRIu64,
                          snappy->blocks + 1, at);
    }
    return RF_OK;
}

const char *
rf_snappy_unpack(struct rf_snappy *snappy, const unsigned char *packed, size_t count, uint64_t most)
{
    const struct rf_libsnappy *library = rf_libsnappy();
    const char *bytes = (const char *)packed;
    size_t length;
    if (library->snappy_uncompressed_length(bytes, count, &length) != SNAPPY_OK ||
        length / RATIO_MOST > count) {
        return "data is damaged (its length)";
    }
    if (length > most) {
        return "data is longer than it may be";
    }
    rf_buf_clear(&snappy->block);
    rf_buf_reserve(&snappy->block, length + 1);
    size_t got = length;
    if (library->snappy_uncompress(bytes, count, snappy->block.bytes, &got) != SNAPPY_OK ||
        got != length) {
        return "data is damaged";
    }
    snappy->block.used = length;
    return NULL;
}

rf_code
rf_snappy_block(struct rf_snappy *snappy, size_t count, uint64_t most, struct rf_err *reterr)
{
    uint64_t at = rf_stored_offset(snappy->stored);
    const unsigned char *packed;
    RF_TRY(rf_snappy_take(snappy, count, &packed, reterr));
    const char *wrong = rf_snappy_unpack(snappy, packed, count, most);
    if (wrong != NULL) {
        return rf_snappy_fail(snappy, at, wrong, reterr);
    }
    snappy->blocks++;
    return RF_OK;
}
