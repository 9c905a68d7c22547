/* SPDX-License-Identifier: MIT */
/* Hashes against accidents; where trust matters see base/sha256.h. */
#ifndef RF_BASE_HASH_H
#define RF_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** XXH3, 64 bits; the same on every machine. */
uint64_t rf_hash(const void *bytes, size_t count, uint64_t seed);

/** A random number, another in each run: the seed with which hostile input is hashed where no one
 * may prepare what meets. Never decides a result. */
uint64_t rf_random_seed(void);

/** rf_hash of bytes that come in pieces. Reusable; threads: one. */
struct rf_hasher;
struct rf_hasher *rf_hasher_new(void);
/** Accepts NULL. */
void rf_hasher_free(struct rf_hasher *hasher);
void rf_hasher_begin(struct rf_hasher *hasher);
void rf_hasher_add(struct rf_hasher *hasher, const void *bytes, size_t count);
/** rf_hash, with seed 0, of all that was added since rf_hasher_begin. */
uint64_t rf_hasher_end(const struct rf_hasher *hasher);

/** XXH64 (the older one: `case` keeps its digits in states), 64 bits. */
uint64_t rf_xxh64(const void *bytes, size_t count);

/**
 * A multiset of 64-bit items as two sums: equal multisets have equal sums in any order, and losing
 * one item while counting another twice does not balance.
 */
struct rf_multiset {
    uint64_t sum;
    uint64_t mixed;
    uint64_t count;
};

/** The finisher of SplitMix64: a bijection without structure that sums could keep. */
static inline uint64_t
rf_mix(uint64_t item)
{
    item += UINT64_C(0x9E3779B97F4A7C15);
    item = (item ^ item >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    item = (item ^ item >> 27) * UINT64_C(0x94D049BB133111EB);
    return item ^ item >> 31;
}

static inline void
rf_multiset_add(struct rf_multiset *set, uint64_t item)
{
    set->sum += item;
    set->mixed += rf_mix(item);
    set->count++;
}

void rf_multiset_join(struct rf_multiset *set, const struct rf_multiset *other);

#endif
