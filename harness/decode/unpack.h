/* SPDX-License-Identifier: MIT */
/* What an object is packed with, told by its first bytes; and the bytes without that. */
#ifndef RF_DECODE_UNPACK_H
#define RF_DECODE_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/decode.h"

/** Buffers for unpacking, reused from object to object. */
struct rf_unpack;
struct rf_unpack *rf_unpack_new(void);
void rf_unpack_free(struct rf_unpack *unpack);

/** Begin an object. `input` is borrowed until the next begin. */
void rf_unpack_begin(struct rf_unpack *unpack, const struct rf_decode_input *input);

/**
 * The next unpacked bytes. gzip is what begins with its magic bytes, or with all but one of them
 * (no text does); plain is what begins with none that is known.
 *
 * @room     above 0
 * @ret_got  0 only at the end of the object
 * @return   RF_OK; as rf_gzip_read; RF_ERR_MALFORMED: packed with something that is not read yet;
 *           RF_ERR_LIMIT: rf_limits.object_bytes or .ratio. After an error: only begin.
 */
RF_MUST_USE rf_code rf_unpack_read(struct rf_unpack *unpack, void *bytes, size_t room,
                                   size_t *ret_got, struct rf_err *reterr);

uint64_t rf_unpack_stored_bytes(const struct rf_unpack *unpack); /**< read so far */
uint64_t rf_unpack_bytes(const struct rf_unpack *unpack);        /**< handed out so far */
uint64_t rf_unpack_members(const struct rf_unpack *unpack);      /**< of gzip, found sound so far */

#endif
