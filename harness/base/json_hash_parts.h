/* SPDX-License-Identifier: MIT */
/* What the content hash of JSON values is made of (json.h, rf_json_hash). Only for the files that
 * compute it: json_hash.c, json_hash_plan.c, and json_scalar.h for those that read scalars. */
#ifndef RF_BASE_JSON_HASH_PARTS_H
#define RF_BASE_JSON_HASH_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
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

/* Lengths from which on a call costs little beside the hash. */
enum { RF_HASH_SHORT_BYTES = 16, RF_HASH_MIDDLE_BYTES = 128 };

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

/**
 * rf_hash_pair with RF_SEED_MEMBER, cut in two: what a key adds is worked out once, and a member is
 * hashed with half the work. This is XXH3 of 16 bytes (the specification is frozen), with the two
 * words of its secret that such a text meets, and the seed, as one constant for each half.
 */
struct rf_hash_key {
    uint64_t turned;  /**< the key's hash with its half of the secret */
    uint64_t swapped; /**< its bytes the other way round, and the length */
};

#define RF_MEMBER_KEY_FLIP   (UINT64_C(0x6782737bea4239b9) + RF_SEED_MEMBER)
#define RF_MEMBER_VALUE_FLIP (UINT64_C(0xaf56bc3b0996523a) - RF_SEED_MEMBER)

static inline struct rf_hash_key
rf_hash_key_make(uint64_t key_hash)
{
    uint64_t turned = key_hash ^ RF_MEMBER_KEY_FLIP;
    return (struct rf_hash_key){turned, __builtin_bswap64(turned) + 2 * sizeof(uint64_t)};
}

static RF_ALWAYS_INLINE uint64_t
rf_hash_member(const struct rf_hash_key *key, uint64_t value_hash)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t value = value_hash ^ RF_MEMBER_VALUE_FLIP;
    wide product = (wide)key->turned * value;
    uint64_t hash = key->swapped + value + ((uint64_t)product ^ (uint64_t)(product >> 64));
    hash = (hash ^ hash >> 37) * UINT64_C(0x165667919e3779f9);
    return hash ^ hash >> 32;
}

static RF_ALWAYS_INLINE uint64_t
rf_hash_element(uint64_t element, uint64_t before)
{
    const uint64_t bytes = rf_hash_little_endian(element);
    return XXH3_64bits_withSeed(&bytes, sizeof(bytes), before);
}

/** Of what a string holds, without its quotes. */
static RF_ALWAYS_INLINE uint64_t
rf_hash_text(const char *bytes, size_t count)
{
    if (count <= RF_HASH_SHORT_BYTES) {
        return XXH3_64bits_withSeed(bytes, count, RF_SEED_STRING);
    }
    return count <= RF_HASH_MIDDLE_BYTES ? XXH3_64bits_withSeed(bytes, count, RF_SEED_STRING)
                                         : rf_hash(bytes, count, RF_SEED_STRING);
}

/** Of a number's token. */
static RF_ALWAYS_INLINE uint64_t
rf_hash_number(const char *token, size_t count)
{
    return count <= RF_HASH_SHORT_BYTES ? XXH3_64bits_withSeed(token, count, RF_SEED_NUMBER)
                                        : rf_hash(token, count, RF_SEED_NUMBER);
}

/** Of true, false or null. */
uint64_t rf_hash_word(uint8_t kind);

/** Of a string, number or word. */
uint64_t rf_hash_scalar(const struct rf_json *doc, const struct rf_json_node *scalar);

#endif
