/* SPDX-License-Identifier: MIT */
/* --keys: which objects there are, told by something else than their source. */
#ifndef RF_WALK_KEYS_H
#define RF_WALK_KEYS_H

#include <stdbool.h>

#include "base/error.h"
#include "walk/source.h"

/**
 * Add the objects that the request's `keys` tell: a file with one a line ("-": standard input), an
 * S3 Inventory (a file or s3://… that ends in .json), or a listing (s3://bucket/prefix).
 *
 * @bucket  of the source, where it is one of S3: an inventory must be its; NULL: any
 * @prefix  of an inventory only keys that begin so are meant, and what is behind it is the key
 * @return  RF_OK; RF_ERR_USAGE: a list that cannot be read, is empty, or holds what is no key; an
 *          inventory of a form that is not read; RF_ERR_SOURCE: what a server does not give, or not
 *          whole; an inventory whose checksums do not hold; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_keys_list(struct rf_source *source, const char *bucket, const char *prefix,
                                 struct rf_object_list *objects, struct rf_err *reterr);

/** A key is listed twice: as `twice` of struct rf_source_kind. */
rf_code rf_keys_twice(const struct rf_source *source, struct rf_object *second,
                      struct rf_err *reterr);

#endif
