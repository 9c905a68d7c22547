/* SPDX-License-Identifier: MIT */
/* Inflating gzip objects, member by member, with every check that the format has. */
#ifndef RF_DECODE_GZIP_H
#define RF_DECODE_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/stored.h"

/**
 * What inflates, for inflaters that are made later: "isal" (ISA-L, judged by zlib) or "zlib" (zlib
 * alone, the control). NULL, as at the start: what REFOLD_INFLATE names; else ISA-L, if refold was
 * built with it. Both take and refuse the same objects, with the same words, behind the same bytes.
 *
 * @name    borrowed for good
 * @return  false, and nothing is changed: not built in
 * Threads: none beside it.
 */
bool rf_gzip_engine_set(const char *name);
/** "inflate by …", for the eye. */
const char *rf_gzip_engine_text(void);

/** One inflater, reused from object to object. */
struct rf_gzip;
/** Whether bytes begin with gzip's magic, or are the front of it. */
bool rf_gzip_begins(const unsigned char *bytes, size_t count);

struct rf_gzip *rf_gzip_new(void);
void rf_gzip_free(struct rf_gzip *gzip);

/** Begin an object. `stored` is borrowed until the next begin and stands at its first byte. */
void rf_gzip_begin(struct rf_gzip *gzip, struct rf_stored *stored);

/**
 * The next inflated bytes, of one member or the next.
 *
 * The bytes are handed out before their member's CRC and length are checked: they hold only if
 * the end is reached. Bytes in front of a break are all handed out before its error is returned.
 *
 * @room     above 0
 * @ret_got  0 only at the end of the object
 * @return   RF_OK; RF_ERR_CORRUPT: header, data, CRC or length are wrong, or something that is no
 *           member stands behind one (zeros too: a zeroed tail is what a lost member looks like);
 *           RF_ERR_TRUNCATED: the object ends inside a member; what the input returned
 * Threads: one at a time.  Source: RFC 1952, 2.2 and 2.3
 */
RF_MUST_USE rf_code rf_gzip_read(struct rf_gzip *gzip, void *bytes, size_t room, size_t *ret_got,
                                 struct rf_err *reterr);

/** Members that were read to their end and found sound. */
uint64_t rf_gzip_members(const struct rf_gzip *gzip);

#endif
