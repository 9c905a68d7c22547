/* SPDX-License-Identifier: MIT */
/* Event types and aggregate names as numbers. */
#include "base/names.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"

/** The first segment's length; each further one is twice as long. */
#define SEGMENT_FIRST_BITS 6
#define SEGMENT_FIRST      (UINT32_C(1) << SEGMENT_FIRST_BITS)
#define SEGMENT_COUNT      (32 - SEGMENT_FIRST_BITS)
#define NAME_HASH_SEED     7
#define SLOTS_LEAST        64
/** Names that may be found without a hash: as many as a byte tells. */
#define RECENT_COUNT 256

struct name {
    char *text;
    size_t bytes;
    uint64_t hash;
    uint64_t placed; /**< the hash with the table's own seed */
};

/**
 * Names lie in segments that never move, so that they are read without the lock: who has a number
 * got it from someone who held the lock after the name was written.
 */
struct rf_names {
    uint64_t seed;
    pthread_mutex_t lock;
    struct name *segments[SEGMENT_COUNT];
    uint32_t *slots; /**< number + 1, or 0; open addressing, at most half full */
    size_t slot_count;
    _Atomic uint32_t count;
};

struct cached {
    uint64_t placed;
    const char *text; /**< NULL: the slot is free */
    size_t bytes;
    uint32_t number;
};

/** Most events are of few types, which come again and again: of those names that are alike in
 * length and in three of their bytes the last one is compared before anything is hashed. */
struct rf_names_cache {
    struct cached recent[RECENT_COUNT];
    struct rf_names *names;
    struct cached *slots;
    size_t slot_count;
    size_t used;
};

struct rf_names *
rf_names_new(void)
{
    struct rf_names *names = rf_calloc(1, sizeof(*names));
    RF_VERIFY(pthread_mutex_init(&names->lock, NULL) == 0);
    names->seed = rf_random_seed();
    names->slot_count = SLOTS_LEAST;
    names->slots = rf_calloc(names->slot_count, sizeof(*names->slots));
    return names;
}

/** Where a number's name lies: segment s holds SEGMENT_FIRST << s names. */
static struct name *
name_at(const struct rf_names *names, uint32_t number)
{
    uint32_t place = number + SEGMENT_FIRST;
    unsigned segment = 31U - (unsigned)__builtin_clz(place) - SEGMENT_FIRST_BITS;
    return &names->segments[segment][place - (SEGMENT_FIRST << segment)];
}

void
rf_names_free(struct rf_names *names)
{
    if (names == NULL) {
        return;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        free(name_at(names, i)->text);
    }
    for (size_t i = 0; i < SEGMENT_COUNT; i++) {
        free(names->segments[i]);
    }
    (void)pthread_mutex_destroy(&names->lock);
    free(names->slots);
    free(names);
}

static bool
same_name(const struct name *name, uint64_t placed, const char *text, size_t bytes)
{
    return name->placed == placed && name->bytes == bytes && memcmp(name->text, text, bytes) == 0;
}

/** The slot that holds this name, or the free one where it belongs. The lock is held. */
static size_t
find_slot(const struct rf_names *names, uint64_t placed, const char *text, size_t bytes)
{
    size_t mask = names->slot_count - 1;
    size_t slot = (size_t)placed & mask;
    while (names->slots[slot] != 0 &&
           !same_name(name_at(names, names->slots[slot] - 1), placed, text, bytes)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void
grow_slots(struct rf_names *names, uint32_t count)
{
    free(names->slots);
    names->slot_count *= 2;
    names->slots = rf_calloc(names->slot_count, sizeof(*names->slots));
    for (uint32_t i = 0; i < count; i++) {
        const struct name *name = name_at(names, i);
        names->slots[find_slot(names, name->placed, name->text, name->bytes)] = i + 1;
    }
}

/** Enters a name that is not there yet. The lock is held. */
static uint32_t
enter_name(struct rf_names *names, uint64_t placed, const char *text, size_t bytes)
{
    uint32_t number = names->count;
    if (number >= RF_LIMIT_NAMES) {
        return UINT32_MAX;
    }
    if (((size_t)number + 1) * 2 > names->slot_count) {
        grow_slots(names, number);
    }
    uint32_t place = number + SEGMENT_FIRST;
    if ((place & (place - 1)) == 0) {
        unsigned segment = 31U - (unsigned)__builtin_clz(place) - SEGMENT_FIRST_BITS;
        names->segments[segment] = rf_calloc(place, sizeof(struct name));
    }
    *name_at(names, number) = (struct name){
        .text = rf_strndup(text, bytes),
        .bytes = bytes,
        .hash = rf_hash(text, bytes, NAME_HASH_SEED),
        .placed = placed,
    };
    names->slots[find_slot(names, placed, text, bytes)] = number + 1;
    names->count = number + 1;
    return number;
}

static uint32_t
look_up(struct rf_names *names, uint64_t placed, const char *name, size_t bytes, bool enter)
{
    RF_VERIFY(pthread_mutex_lock(&names->lock) == 0);
    uint32_t number = names->slots[find_slot(names, placed, name, bytes)];
    number = number != 0 ? number - 1 : UINT32_MAX;
    if (number == UINT32_MAX && enter) {
        number = enter_name(names, placed, name, bytes);
    }
    (void)pthread_mutex_unlock(&names->lock);
    return number;
}

uint32_t
rf_names_number(struct rf_names *names, const char *name, size_t bytes)
{
    return look_up(names, rf_hash(name, bytes, names->seed), name, bytes, true);
}

uint32_t
rf_names_find(struct rf_names *names, const char *name, size_t bytes)
{
    return look_up(names, rf_hash(name, bytes, names->seed), name, bytes, false);
}

const char *
rf_names_text(const struct rf_names *names, uint32_t number, size_t *ret_bytes)
{
    const struct name *name = name_at(names, number);
    if (ret_bytes != NULL) {
        *ret_bytes = name->bytes;
    }
    return name->text;
}

uint64_t
rf_names_hash(const struct rf_names *names, uint32_t number)
{
    return name_at(names, number)->hash;
}

size_t
rf_names_count(const struct rf_names *names)
{
    return names->count;
}

uint64_t
rf_names_seed(const struct rf_names *names)
{
    return names->seed;
}

struct rf_names_cache *
rf_names_cache_new(struct rf_names *names)
{
    struct rf_names_cache *cache = rf_calloc(1, sizeof(*cache));
    cache->names = names;
    cache->slot_count = SLOTS_LEAST;
    cache->slots = rf_calloc(cache->slot_count, sizeof(*cache->slots));
    return cache;
}

void
rf_names_cache_free(struct rf_names_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    free(cache->slots);
    free(cache);
}

static struct cached *
find_cached(const struct rf_names_cache *cache, uint64_t placed, const char *text, size_t bytes)
{
    size_t mask = cache->slot_count - 1;
    size_t slot = (size_t)placed & mask;
    for (;;) {
        struct cached *cached = &cache->slots[slot];
        if (cached->text == NULL || (cached->placed == placed && cached->bytes == bytes &&
                                     memcmp(cached->text, text, bytes) == 0)) {
            return cached;
        }
        slot = (slot + 1) & mask;
    }
}

static void
grow_cache(struct rf_names_cache *cache)
{
    struct cached *old = cache->slots;
    size_t old_count = cache->slot_count;
    cache->slot_count *= 2;
    cache->slots = rf_calloc(cache->slot_count, sizeof(*cache->slots));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].text != NULL) {
            *find_cached(cache, old[i].placed, old[i].text, old[i].bytes) = old[i];
        }
    }
    free(old);
}

/** Its number by its hash; *ret remembers it. */
static __attribute__((noinline)) uint32_t
find_number(struct rf_names_cache *cache, const char *name, size_t bytes, struct cached *ret)
{
    uint64_t placed = rf_hash(name, bytes, cache->names->seed);
    struct cached *cached = find_cached(cache, placed, name, bytes);
    if (cached->text == NULL) {
        uint32_t number = look_up(cache->names, placed, name, bytes, true);
        if (number == UINT32_MAX) {
            return UINT32_MAX;
        }
        if ((cache->used + 1) * 2 > cache->slot_count) {
            grow_cache(cache);
            cached = find_cached(cache, placed, name, bytes);
        }
        *cached = (struct cached){
            .placed = placed,
            .text = rf_names_text(cache->names, number, NULL),
            .bytes = bytes,
            .number = number,
        };
        cache->used++;
    }
    *ret = *cached;
    return cached->number;
}

/** Where a name is remembered. */
static inline struct cached *
recent_place(struct rf_names_cache *cache, const char *name, size_t bytes)
{
    uint32_t shape = (uint32_t)bytes;
    if (bytes > 0) {
        shape += ((uint32_t)(unsigned char)name[0] << 8) +
                 ((uint32_t)(unsigned char)name[bytes - 1] << 16) +
                 ((uint32_t)(unsigned char)name[bytes / 2] << 24);
    }
    return &cache->recent[shape * UINT32_C(0x9E3779B1) >> 24];
}

uint32_t
rf_names_cache_number(struct rf_names_cache *cache, const char *name, size_t bytes)
{
    struct cached *recent = recent_place(cache, name, bytes);
    if (recent->text != NULL && recent->bytes == bytes && rf_same_few(recent->text, name, bytes)) {
        return recent->number;
    }
    return find_number(cache, name, bytes, recent);
}
