/* SPDX-License-Identifier: MIT */
/* Reading the buckets of a small history, one after the other. */
#ifndef RF_TESTS_HISTORY_BUCKETS_H
#define RF_TESTS_HISTORY_BUCKETS_H

#include <criterion/criterion.h>

#include "history/gather.h"
#include "history/history_internal.h"

/** Brings in the bucket, all of it. */
static inline void
open_bucket(struct rf_history *history, size_t bucket)
{
    struct rf_err err;
    if (history->reader_count == 0) {
        cr_assert_eq(rf_history_open_windows(history, 1, &err), RF_OK, "%s", err.text);
    }
    cr_assert_eq(rf_history_open_bucket(history, bucket, 0, &err), RF_OK, "%s", err.text);
    cr_assert_eq(rf_history_portion_events(history, bucket),
                 rf_history_bucket_events(history, bucket));
}

static inline void
close_bucket(struct rf_history *history, size_t bucket)
{
    bool more;
    struct rf_err err;
    cr_assert_eq(rf_history_next_portion(history, bucket, &more, &err), RF_OK, "%s", err.text);
    cr_assert_not(more);
}

static inline void
each_event(struct rf_history *history, size_t bucket,
           void (*each)(void *context, const struct rf_packed_event *event, uint64_t ref),
           void *context)
{
    open_bucket(history, bucket);
    rf_history_each(history, bucket, each, context);
    close_bucket(history, bucket);
}

/** What is gathered stays until the next bucket is opened. */
static inline rf_code
gather_bucket(struct rf_history *history, struct rf_gatherer *gatherer, size_t bucket,
              struct rf_gathering *ret, struct rf_err *reterr)
{
    open_bucket(history, bucket);
    rf_code code = rf_gather(gatherer, bucket, ret, reterr);
    close_bucket(history, bucket);
    return code;
}

#endif
