/* SPDX-License-Identifier: MIT */
/* What gzip.c and gzip_isal.c share: one inflater's state, and how it fails. Only for these two. */
#ifndef RF_DECODE_GZIP_ENGINE_H
#define RF_DECODE_GZIP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "base/error.h"
#include "decode/gzip.h"
#include "decode/stored.h"

struct rf_isal;

struct rf_gzip {
    z_stream stream;
    struct rf_stored *stored; /**< borrowed */
    uint64_t members;         /**< that ended well */
    uint64_t bytes;           /**< of the object, handed out by earlier calls */
    bool inside;              /**< of a member */
    struct rf_isal *isal;     /**< owned; NULL: by zlib alone */
};

/** The object ends inside a member. */
rf_code rf_gzip_fail_cut(const struct rf_gzip *gzip, struct rf_err *reterr);
/** What zlib found, at the next unused byte. */
rf_code rf_gzip_fail_data(const struct rf_gzip *gzip, struct rf_err *reterr);
/** @what  "CRC" or "length"
 * @at     offset of the check in the object */
rf_code rf_gzip_fail_check(const struct rf_gzip *gzip, const char *what, uint64_t at,
                           struct rf_err *reterr);

/** "inflate by ISA-L …"; NULL: refold was built without it; then rf_isal_new gives NULL. */
const char *rf_isal_text(void);
/** For tests: every so many calls of ISA-L count as failed, though it did not fail; 0: none. So far
 * no object is known that ISA-L refuses and zlib takes: this is how the way there is tried. */
void rf_isal_doubt(uint32_t every);
struct rf_isal *rf_isal_new(void);
void rf_isal_free(struct rf_isal *isal);
/** At a member's first byte; gzip->stream is reset and expects gzip. */
void rf_isal_begin_member(struct rf_isal *isal);
/** The member's next bytes, some or none; gzip->inside is false once it ended and was sound. */
RF_MUST_USE rf_code rf_isal_inflate(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got,
                                    struct rf_err *reterr);

#endif
