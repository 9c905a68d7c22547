/* SPDX-License-Identifier: MIT */
/* An object on its way: a file in the folder of partials, and a note of which version it is. */
#ifndef RF_MIRROR_PARTIAL_H
#define RF_MIRROR_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "mirror/ledger.h"
#include "mirror/place.h"
#include "walk/walk.h"

/** What is left of an object that a fetch before was cut off in. All zero: nothing. */
struct rf_leftover {
    uint64_t bytes; /**< that are here; 0: none */
    uint64_t total; /**< of the object */
    char *etag;     /**< of the version; owned */
};
void rf_leftover_done(struct rf_leftover *leftover);

/** What is left of this key; nothing where that cannot be gone on with: without a note, or from
 * before the machine's last start, when not all of it may have reached the disk. */
void rf_leftover_find(const struct rf_ledger *ledger, const char *key, struct rf_leftover *ret);

/** One that is being written. Errors are RF_ERR_OUTPUT. */
struct rf_partial;

/**
 * @leftover  it goes on behind that, or it is NULL
 * @note      the version's ETag: what is written can be gone on with; NULL: it is not worth it
 * @total     of the object, or RF_BYTES_UNKNOWN; without it nothing can be gone on with
 */
RF_MUST_USE rf_code rf_partial_begin(const struct rf_ledger *ledger, const char *key,
                                     const struct rf_leftover *leftover, const char *note,
                                     uint64_t total, struct rf_partial **ret,
                                     struct rf_err *reterr);
RF_MUST_USE rf_code rf_partial_write(struct rf_partial *partial, const void *bytes, size_t count,
                                     struct rf_err *reterr);
/** It is whole: the entry is filled with its bytes, time and digest. */
RF_MUST_USE rf_code rf_partial_end(struct rf_partial *partial, struct rf_fetched_entry *ret,
                                   struct rf_err *reterr);
/** Put it into place. */
RF_MUST_USE rf_code rf_partial_put(struct rf_partial *partial, struct rf_place *place,
                                   struct rf_place_cursor *cursor, struct rf_err *reterr);
/** @keeps  it stays for the next fetch, where it has a note. Accepts NULL. */
void rf_partial_close(struct rf_partial *partial, bool keeps);

/** Remove all that is left there but the journal: nothing of it is gone on with. */
void rf_partials_clear(const struct rf_place *place);

#endif
