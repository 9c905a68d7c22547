/* SPDX-License-Identifier: MIT */
/* Hashes: XXH3 and XXH64 from xxHash, and sums over multisets. */
#include "base/hash.h"

/* Most of what is hashed is a few dozen bytes: a call into the library costs as much as that. */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
rf_hash(const void *bytes, size_t count, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, count, seed);
}

uint64_t
rf_xxh64(const void *bytes, size_t count)
{
    return XXH64(bytes, count, 0);
}

void
rf_multiset_join(struct rf_multiset *set, const struct rf_multiset *other)
{
    set->sum += other->sum;
    set->mixed += other->mixed;
    set->count += other->count;
}
