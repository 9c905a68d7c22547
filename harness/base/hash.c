/* SPDX-License-Identifier: MIT */
/* Hashes: XXH3 and XXH64 from xxHash, and sums over multisets. */
#include "base/hash.h"

#include <sys/random.h>
#include <time.h>

/* Most of what is hashed is a few dozen bytes: a call into the library costs as much as that. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/alloc.h"

uint64_t
rf_hash(const void *bytes, size_t count, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, count, seed);
}

uint64_t
rf_random_seed(void)
{
    uint64_t seed;
    if (getentropy(&seed, sizeof(seed)) != 0) {
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        seed = (uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 32) ^ (uint64_t)(uintptr_t)&seed;
    }
    return seed;
}

struct rf_hasher {
    XXH3_state_t *state;
};

struct rf_hasher *
rf_hasher_new(void)
{
    struct rf_hasher *hasher = rf_calloc(1, sizeof(*hasher));
    hasher->state = XXH3_createState();
    if (hasher->state == NULL) {
        rf_bug(__FILE__, __LINE__, "out of memory");
    }
    rf_hasher_begin(hasher);
    return hasher;
}

void
rf_hasher_free(struct rf_hasher *hasher)
{
    if (hasher != NULL) {
        (void)XXH3_freeState(hasher->state);
        free(hasher);
    }
}

void
rf_hasher_begin(struct rf_hasher *hasher)
{
    (void)XXH3_64bits_reset(hasher->state);
}

void
rf_hasher_add(struct rf_hasher *hasher, const void *bytes, size_t count)
{
    (void)XXH3_64bits_update(hasher->state, bytes, count);
}

uint64_t
rf_hasher_end(const struct rf_hasher *hasher)
{
    return XXH3_64bits_digest(hasher->state);
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
