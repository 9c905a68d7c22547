/* SPDX-License-Identifier: MIT */
/* What the content hash of JSON values is made of (json.h, rf_json_hash). Only for the files that
 * compute it: json_hash.c and json_hash_plan.c. */
#ifndef RF_BASE_JSON_HASH_PARTS_H
#define RF_BASE_JSON_HASH_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/* Inlined here and nowhere else: most of what is hashed here is a few bytes long, for which the
 * call of a shared library and its choice by length and seed cost more than the hash. Access 0 is
 * memcpy: the optimiser sees what is hashed, and the default could break its rules of aliasing. */
#define XXH_INLINE_ALL
#define XXH_FORCE_MEMORY_ACCESS 0
#include <xxhash.h>

enum {
    RF_SEED_NUMBER = 1,
    RF_SEED_STRING,
    RF_SEED_WORD,
    RF_SEED_ARRAY,
    RF_SEED_MEMBER,
    RF_SEED_OBJECT,
};

#define RF_ALWAYS_INLINE inline __attribute__((always_inline))

static RF_ALWAYS_INLINE uint64_t
rf_hash_little_endian(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return value;
#else
    return __builtin_bswap64(value);
#endif
}

static RF_ALWAYS_INLINE uint64_t
rf_hash_pair(uint64_t first, uint64_t second, uint64_t seed)
{
    const uint64_t pair[] = {rf_hash_little_endian(first), rf_hash_little_endian(second)};
    return XXH3_64bits_withSeed(pair, sizeof(pair), seed);
}

static RF_ALWAYS_INLINE uint64_t
rf_hash_element(uint64_t element, uint64_t before)
{
    const uint64_t bytes = rf_hash_little_endian(element);
    return XXH3_64bits_withSeed(&bytes, sizeof(bytes), before);
}

/** Of a string, number or word. */
uint64_t rf_hash_scalar(const struct rf_json *doc, const struct rf_json_node *scalar);

#endif
