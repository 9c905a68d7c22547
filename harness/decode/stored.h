/* SPDX-License-Identifier: MIT */
/* The stored bytes of one object, in chunks. */
#ifndef RF_DECODE_STORED_H
#define RF_DECODE_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "decode/decode.h"

/** Bytes asked of the input at once. */
#define RF_STORED_CHUNK_BYTES ((size_t)256 * 1024)

/**
 * Invariants: begin <= end <= RF_STORED_CHUNK_BYTES; bytes[begin..end) is what was read and not
 * yet used; the object's offset of bytes[begin] is base + begin. Once `ended`, the input is not
 * asked again.
 */
struct rf_stored {
    const struct rf_decode_input *input; /**< borrowed for the object */
    unsigned char *bytes;                /**< owned */
    size_t begin;
    size_t end;
    uint64_t base;
    bool ended;
};

void rf_stored_init(struct rf_stored *stored);
void rf_stored_done(struct rf_stored *stored);
/** Begin another object; the chunk is kept. */
void rf_stored_begin(struct rf_stored *stored, const struct rf_decode_input *input);

/** Have at least `want` (at most a chunk) unused bytes, or all that are left.
 * @return  what the input returned */
RF_MUST_USE rf_code rf_stored_need(struct rf_stored *stored, size_t want, struct rf_err *reterr);

/** Read straight into `bytes`, past the chunk; only while the chunk is used up. */
RF_MUST_USE rf_code rf_stored_pass(struct rf_stored *stored, void *bytes, size_t room,
                                   size_t *ret_got, struct rf_err *reterr);

/**
 * The next `count` bytes in one piece, used up then; fewer only at the input's end. They lie in the
 * chunk, or, where they are more than that holds, in `spare`, which grows no faster than they come:
 * what a damaged length claims takes no memory.
 *
 * @ret  borrowed until the next call on `stored`
 */
RF_MUST_USE rf_code rf_stored_take(struct rf_stored *stored, size_t count, struct rf_buf *spare,
                                   const unsigned char **ret, size_t *ret_got,
                                   struct rf_err *reterr);

static inline size_t
rf_stored_ahead(const struct rf_stored *stored)
{
    return stored->end - stored->begin;
}

/** Offset in the object of the next unused byte. */
static inline uint64_t
rf_stored_offset(const struct rf_stored *stored)
{
    return stored->base + stored->begin;
}

#endif
