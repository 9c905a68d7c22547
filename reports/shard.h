/* SPDX-License-Identifier: MIT */
/* What the report of a shard says beyond that of a whole run: all that 'refold merge' needs. */
#ifndef RF_REPORTS_SHARD_H
#define RF_REPORTS_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "history/damage.h"
#include "history/shard.h"
#include "reports/policy.h"

#define RF_ABSENT_SHOWN 3

/** Ids that were asked for and are not in the history. */
struct rf_absent_ids {
    uint64_t count;
    const char *ids[RF_ABSENT_SHOWN]; /**< the smallest, in order; borrowed */
    size_t bytes[RF_ABSENT_SHOWN];
    bool until; /**< --until may have left them out */
};

/** All is borrowed. */
struct rf_report_shard {
    struct rf_run_shard place;  /**< n 0: the report is no shard's, and nothing below is set */
    uint64_t decoded;           /**< events of all shards, as they were read */
    struct rf_multiset objects; /**< what was read: the same in all shards */
    const char *config;         /**< SHA-256 of the config, or "" */
    uint64_t ids;               /**< digest of --id and --ids; 0: all were asked for */
    const char *options;        /**< that decide what is replayed and compared, as typed */
    const uint64_t *damages;    /**< totals of objects and goldens: the same in all shards */
    const uint64_t *known;      /**< of these: what was accepted */
    size_t warnings;            /**< so many, the first ones, are said in all shards */
    enum rf_policy unblessed, unclaimed;
    struct rf_absent_ids absent;
    const char *again; /**< the same once more, of all shards */
};

#endif
