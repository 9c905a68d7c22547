/* SPDX-License-Identifier: MIT */
/* One golden out of its files: lines, their order, the meta file. */
#ifndef RF_GOLDEN_LOAD_H
#define RF_GOLDEN_LOAD_H

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "golden/golden.h"
#include "golden/line.h"
#include "golden/line_index.h"
#include "golden/listing.h"
#include "history/damage.h"

/** What a golden's lines point into, and how they are found. */
struct rf_golden_memory {
    struct rf_buf text; /**< the file, uncompressed */
    struct rf_line_texts texts;
    struct rf_line_index index;
};

/**
 * Read one golden. What cannot be believed becomes damage (golden.h).
 * @journal of `folder`: it tells where files that wait lie
 * @found   listed in `folder`
 * @golden  all zero before; for rf_golden_unload whatever is returned
 * @return  RF_OK; RF_ERR_SOURCE: a file that cannot be read
 */
RF_MUST_USE rf_code rf_golden_load(const char *folder, const struct rf_journal *journal,
                                   const struct rf_golden_file *found, struct rf_golden *golden,
                                   struct rf_damages *damages, struct rf_err *reterr);
void rf_golden_unload(struct rf_golden *golden);

/**
 * Read a golden out of text at hand: one shard of a digest golden.
 * @path    of the file that the text is from: for messages
 * @text    taken over
 * @golden  all zero before; for rf_golden_unload
 */
void rf_golden_load_text(const char *aggregate, const char *path, struct rf_buf *text,
                         struct rf_golden *golden, struct rf_damages *damages);

/** Whether what comes out of so many stored bytes is as much as comes out of bombs. */
static inline bool
rf_golden_is_bomb(uint64_t bytes, uint64_t stored, uint64_t ratio)
{
    return bytes > RF_LIMIT_RATIO_FROM_BYTES && bytes / ratio > stored;
}

/** Append what a gzip file's bytes hold. RF_ERR_CORRUPT, RF_ERR_TRUNCATED, RF_ERR_LIMIT, … */
RF_MUST_USE rf_code rf_golden_unpack(const struct rf_buf *packed, struct rf_buf *out,
                                     struct rf_err *reterr);

/** The same, to an empty `out`, until that holds `wanted` bytes or some more: what comes behind is
 * not looked at. */
RF_MUST_USE rf_code rf_golden_unpack_front(const struct rf_buf *packed, size_t wanted,
                                           struct rf_buf *out, struct rf_err *reterr);

#endif
