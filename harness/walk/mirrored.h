/* SPDX-License-Identifier: MIT */
/* Folders that were fetched into, held against their manifests. */
#ifndef RF_WALK_MIRRORED_H
#define RF_WALK_MIRRORED_H

#include "base/error.h"
#include "walk/source.h"
#include "walk/walk.h"

/**
 * Leave out what is fetch's own, and see whether all was fetched (walk/unfinished.h).
 * Where the user asked to verify, hold what is listed against the manifests: an object that is
 * gone, was added, or has another size gets a flaw; of the others the contents are looked at when
 * they are read.
 *
 * @list     as it was listed, without names yet; it may grow
 * @packed   whether packs are among the sources too: then those may be all there is to verify
 * @return   RF_OK; RF_ERR_USAGE: there is nothing to compare a source with; RF_ERR_CORRUPT: a
 *           manifest is not as it was written; RF_ERR_SOURCE: it cannot be read, or the fetch did
 *           not come to its end; what reading a manifest in a source gives
 */
RF_MUST_USE rf_code rf_mirrored_settle(const struct rf_walk_request *request,
                                       struct rf_objects *objects, struct rf_object_list *list,
                                       bool packed, struct rf_err *reterr);

#endif
