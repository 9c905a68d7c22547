/* SPDX-License-Identifier: MIT */
/* Hashes: XXH3 against accidents, SHA-256 where trust matters. */
#ifndef RF_BASE_HASH_H
#define RF_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** XXH3, 64 bits; the same on every machine. */
uint64_t rf_hash(const void *bytes, size_t count, uint64_t seed);

/** XXH64 (the older one: `case` keeps its digits in states), 64 bits. */
uint64_t rf_xxh64(const void *bytes, size_t count);

#define RF_SHA256_HEX_BYTES 65

/** A SHA-256 in the making. */
struct rf_sha256;
struct rf_sha256 *rf_sha256_new(void);
void rf_sha256_add(struct rf_sha256 *sha, const void *bytes, size_t count);
/** Writes 64 hex digits and NUL, and frees `sha`. */
void rf_sha256_finish(struct rf_sha256 *sha, char hex[RF_SHA256_HEX_BYTES]);
/** @return RF_OK, or RF_ERR_SOURCE (hex is then untouched) */
RF_MUST_USE rf_code rf_sha256_file(const char *path, char hex[RF_SHA256_HEX_BYTES],
                                   struct rf_err *reterr);

/**
 * A multiset of 64-bit items as two sums: equal multisets have equal sums in any order, and losing
 * one item while counting another twice does not balance.
 */
struct rf_multiset {
    uint64_t sum;
    uint64_t mixed;
    uint64_t count;
};

void rf_multiset_add(struct rf_multiset *set, uint64_t item);
void rf_multiset_join(struct rf_multiset *set, const struct rf_multiset *other);

#endif
