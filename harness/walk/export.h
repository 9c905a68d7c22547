/* SPDX-License-Identifier: MIT */
/*
 * A DynamoDB table's export to S3, among the objects of a source.
 *
 *     [prefix/]AWSDynamoDB/<id>/manifest-summary.json     what was exported, and in which form
 *     [prefix/]AWSDynamoDB/<id>/manifest-files.json       a line for each data file
 *     [prefix/]AWSDynamoDB/<id>/data/<name>.json.gz       of a full export
 *     [prefix/]AWSDynamoDB/data/<name>.json.gz            of incremental ones
 *
 * The source may begin at any of these folders, or above them. Manifests hold no history: they say
 * what it consists of, so that what is not there is seen.
 */
#ifndef RF_WALK_EXPORT_H
#define RF_WALK_EXPORT_H

#include "base/error.h"
#include "walk/source.h"
#include "walk/walk.h"

/** An MD5 in base64, with NUL. */
#define RF_PROMISE_MD5_BYTES 25

/** What an export's manifest says of a data file. */
struct rf_promise {
    uint64_t items;                 /**< lines of it */
    char md5[RF_PROMISE_MD5_BYTES]; /**< of its stored bytes; empty: not said */
};

/**
 * Find the exports, read their manifests, and note with each data file what they promise of it. A
 * data file that is not there becomes an object with a flaw, and so does a manifest that is broken.
 *
 * @objects  the sources
 * @list     named and sorted; what is added to it stands at its end
 * @return   RF_OK; RF_ERR_USAGE: an export in Amazon Ion; RF_ERR_SOURCE, RF_ERR_INTERRUPTED: a
 *           manifest cannot be read
 */
RF_MUST_USE rf_code rf_export_settle(const struct rf_objects *objects, struct rf_object_list *list,
                                     struct rf_err *reterr);

#endif
