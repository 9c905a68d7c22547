/* SPDX-License-Identifier: MIT */
/* Which instances are one shard's: --shard K/N. */
#ifndef RF_HISTORY_SHARD_H
#define RF_HISTORY_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

/** GitHub's matrix has 256 jobs at most. */
#define RF_SHARDS_MOST 1024

/** Shard k of n, from 1; n 0: there are no shards, and all instances are in. */
struct rf_run_shard {
    uint32_t k, n;
};

/**
 * Whether an instance with this id belongs to the shard. The id alone decides: what names no
 * aggregate has none yet when it is read. Buckets are dealt by the lower bits of the same hash, so
 * the upper ones count here, else a shard would have all of its instances in few buckets.
 */
static inline bool
rf_run_shard_has(struct rf_run_shard shard, const char *id, size_t id_bytes)
{
    return shard.n == 0 || (rf_hash(id, id_bytes, 0) >> 32) % shard.n + 1 == shard.k;
}

#endif
