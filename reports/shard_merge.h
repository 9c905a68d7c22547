/* SPDX-License-Identifier: MIT */
/* The reports of all shards, put together into what the whole run would have found. */
#ifndef RF_REPORTS_SHARD_MERGE_H
#define RF_REPORTS_SHARD_MERGE_H

#include "reports/shard_read.h"

/** What is not that of the first shard; for rf_merged_done. */
struct rf_merged {
    struct rf_sums sums;
    struct rf_gather_counts gathered;
    struct rf_unclaimed unclaimed;
    struct rf_findings findings;
    struct rf_damages damages;
    struct rf_flags flags;       /**< `no_compare`, and what a shard's own flags say at least */
    struct rf_absent_ids absent; /**< borrowed from the files */
    struct rf_shard_audit audit;
    double seconds;      /**< of the shard that took longest */
    uint64_t peak_bytes; /**< of the largest */
    uint64_t examined;   /**< by all of them */
};

/**
 * Merge the reports, which are sorted by shard; each gives its findings away.
 * @return  RF_OK; RF_ERR_USAGE: a shard is missing or there twice, or two are not of one run: other
 *          builds, golden, config, options or history
 */
RF_MUST_USE rf_code rf_shards_merge(struct rf_shard_file *files, size_t count,
                                    struct rf_merged *ret, struct rf_err *reterr);
void rf_merged_done(struct rf_merged *merged);

#endif
