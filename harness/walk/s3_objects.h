/* SPDX-License-Identifier: MIT */
/* What a listing of a bucket tells, as objects. */
#ifndef RF_WALK_S3_OBJECTS_H
#define RF_WALK_S3_OBJECTS_H

#include <stdbool.h>

#include "base/error.h"
#include "net/s3_bucket.h"
#include "walk/source.h"

struct rf_s3_listing_request {
    struct rf_s3_bucket *bucket;
    const char *prefix;       /**< "" or ends in '/' */
    struct rf_source *source; /**< whose objects they are; its name is in messages */
    /** Called with some objects that are read first, while the rest is listed; or NULL. */
    void (*early)(void *context, const struct rf_object *object);
    void *context;
};

/**
 * Add what lies below the prefix, and may be in the request's selection; behind what is in the list
 * already, in the order of keys, to be read in that order. What was left out, and what it took, is
 * counted in the source.
 * @return  RF_OK; the errors of rf_bucket_list; RF_ERR_USAGE: there is nothing at all
 */
RF_MUST_USE rf_code rf_s3_list_objects(const struct rf_s3_listing_request *request,
                                       struct rf_object_list *objects, struct rf_err *reterr);

#endif
