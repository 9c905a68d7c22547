/* SPDX-License-Identifier: MIT */
/* What an object's stored bytes are, in one digest. */
#ifndef RF_WALK_DIGEST_H
#define RF_WALK_DIGEST_H

#include "base/error.h"
#include "base/sha256.h"
#include "walk/walk.h"

/** Add what one rf_reader_read gave: bytes, or the damage with which reading ended. A member of an
 * archive that broke is not what it was, be its bytes the same. */
void rf_digest_read(struct rf_sha256 *sha, rf_code code, const void *bytes, size_t got,
                    const struct rf_err *err);

/** Read an object, and give the digest of all that came. RF_ERR_SOURCE, RF_ERR_INTERRUPTED;
 * damage is none, it is in the digest. */
RF_MUST_USE rf_code rf_object_digest(const struct rf_objects *objects,
                                     const struct rf_object *object, char hex[RF_SHA256_HEX_BYTES],
                                     struct rf_err *reterr);

#endif
