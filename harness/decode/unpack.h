/* SPDX-License-Identifier: MIT */
/* What an object is packed with, told by its first bytes; and the bytes without that. */
#ifndef RF_DECODE_UNPACK_H
#define RF_DECODE_UNPACK_H

#include <stdbool.h>
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
/** The same of bytes in a record: what would be an object of a kind that is not read is text there,
 * as a message that begins with "ORC" is. */
void rf_unpack_begin_inner(struct rf_unpack *unpack, const struct rf_decode_input *input);

/**
 * The next unpacked bytes. What an object is packed with its first bytes tell (form.h), and so they
 * do for what is found in it, up to RF_LIMIT_LAYERS: CloudWatch's gzip lies within Firehose's.
 *
 * @room     above 0
 * @ret_got  0 only at the end of the object
 * @return   RF_OK; as rf_form.read; RF_ERR_MALFORMED: packed with something that is not read;
 *           RF_ERR_LIMIT: rf_limits.object_bytes or .ratio, of any layer. What breaks within
 *           another layer is told with that one's name. After an error: only begin.
 */
RF_MUST_USE rf_code rf_unpack_read(struct rf_unpack *unpack, void *bytes, size_t room,
                                   size_t *ret_got, struct rf_err *reterr);

uint64_t rf_unpack_stored_bytes(const struct rf_unpack *unpack); /**< read so far */
uint64_t rf_unpack_bytes(const struct rf_unpack *unpack);        /**< handed out so far */
uint64_t rf_unpack_members(const struct rf_unpack *unpack);      /**< of gzip, found sound so far */
bool rf_unpack_packed(const struct rf_unpack *unpack);
/** At the end: whether it is packed with something that has a checksum of all its bytes. */
bool rf_unpack_checked(const struct rf_unpack *unpack);

#endif
