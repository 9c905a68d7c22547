/* SPDX-License-Identifier: MIT */
/* Listing a bucket's prefix with as few requests, and as many at a time, as it takes. */
#ifndef RF_WALK_BUCKET_H
#define RF_WALK_BUCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/s3_list.h"
#include "walk/hours.h"

/** Folders that are stepped into to find hours. Beyond that the time stands behind something that
 * has very many values (a customer, a random string), and the rest is listed as it comes: a
 * request then brings 1,000 keys, not one folder. */
#define RF_BUCKET_STEPS 20000
/** Threads that ask. Listing is all waiting. */
#define RF_BUCKET_THREADS 8

struct rf_bucket_counts {
    uint64_t requests;
    uint64_t steps;    /**< of these: for what lies right in a folder */
    uint64_t markers;  /**< folder markers, left out */
    uint64_t before;   /**< folders that were not listed: all in front of `since` … */
    uint64_t behind;   /**< … or all behind `until` */
    uint64_t unpruned; /**< folders listed whole, for there is too much in them to step into */
};

struct rf_bucket {
    rf_s3_ask_function *ask; /**< called from any thread, several at once */
    void *ask_context;
    const char *where;  /**< what messages call it; borrowed */
    const char *prefix; /**< "" or ends in '/'; borrowed */
    bool unordered;     /**< a directory bucket */
    const struct rf_hours *hours;
    size_t threads;          /**< 0: RF_BUCKET_THREADS */
    size_t steps;            /**< 0: RF_BUCKET_STEPS */
    const atomic_bool *stop; /**< or NULL */
    /**
     * Takes a page's entries, one thread at a time, in no order: may take over their strings, and
     * then sets them to NULL.
     * @first  no page that comes later has keys in front of these, as far as can be told
     */
    rf_code (*take)(void *context, struct rf_s3_page *page, bool first, struct rf_err *reterr);
    void *take_context;
    /** Told of each folder that is not listed, one thread at a time; or NULL. */
    void (*pass)(void *take_context, const char *folder);
};

/**
 * List all that may be selected. Where a part turns out to be large while threads have nothing to
 * do, what is left of it is parted among them by folders.
 *
 * @ret     set also where it fails
 * @return  RF_OK; the errors of rf_s3_list_next and of `take`; RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_bucket_list(const struct rf_bucket *bucket, struct rf_bucket_counts *ret,
                                   struct rf_err *reterr);

#endif
