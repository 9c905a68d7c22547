/* SPDX-License-Identifier: MIT */
/* What the three framings of Snappy share: blocks, of which the last one is held unpacked. */
#ifndef RF_DECODE_SNAPPY_H
#define RF_DECODE_SNAPPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "decode/stored.h"

/**
 * Where one of the framings is. bytes[handed..used) of `block` is not handed out yet; what is
 * unpacked is good as far as Snappy can tell, which has no checksum of its own.
 */
struct rf_snappy {
    struct rf_stored *stored; /**< borrowed */
    struct rf_buf packed;     /**< a block that is larger than a chunk of `stored` */
    struct rf_buf block;
    size_t handed;
    uint64_t blocks;     /**< that were unpacked */
    uint64_t frame_left; /**< Hadoop's: bytes of the frame that are still to come */
    bool begun;          /**< its head was read */
};

void *rf_snappy_make(void);
void rf_snappy_free(void *state);
/** RF_ERR_USAGE: Snappy is not installed. */
RF_MUST_USE rf_code rf_snappy_begin(void *state, struct rf_stored *stored, struct rf_err *reterr);
/** As rf_form.read, where `next` has the next block unpacked, or none at the end. */
RF_MUST_USE rf_code rf_snappy_read(struct rf_snappy *snappy,
                                   rf_code (*next)(struct rf_snappy *snappy, struct rf_err *reterr),
                                   void *bytes, size_t room, size_t *ret_got,
                                   struct rf_err *reterr);

/** Exactly `count` bytes that must be there: RF_ERR_TRUNCATED. *ret is borrowed until the next. */
RF_MUST_USE rf_code rf_snappy_take(struct rf_snappy *snappy, size_t count,
                                   const unsigned char **ret, struct rf_err *reterr);
/** Unpacks a raw block into `block`; NULL, or what is wrong with it. */
const char *rf_snappy_unpack(struct rf_snappy *snappy, const unsigned char *packed, size_t count,
                             uint64_t most);
/** The same of the `count` bytes that come next. */
RF_MUST_USE rf_code rf_snappy_block(struct rf_snappy *snappy, size_t count, uint64_t most,
                                    struct rf_err *reterr);
/** RF_ERR_CORRUPT at the next byte: "Snappy TEXT in block 3, byte 4711" */
rf_code rf_snappy_fail(const struct rf_snappy *snappy, uint64_t at, const char *text,
                       struct rf_err *reterr);

static inline uint32_t
rf_snappy_be32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/** The most bytes that `count` unpacked ones take (snappy_max_compressed_length). */
static inline uint64_t
rf_snappy_packed_most(uint64_t count)
{
    return 32 + count + count / 6;
}

#endif
