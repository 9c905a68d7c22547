/* SPDX-License-Identifier: MIT */
/* The memory that a state's texts, lists and maps live in. */
#include "worker/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "worker/bounds.h"
#include "worker/world.h"

/* A larger piece gets a chunk of its own size. */
#define CHUNK_BYTES ((size_t)256 << 10)
/* The least room of a text in bytes; lists and maps begin with half as many elements. */
#define ROOM_MIN 16

struct rf_memory_chunk {
    struct rf_memory_chunk *next;
    size_t bytes; /* behind this header */
};

/* The header's room, rounded up so that what follows is aligned. */
#define HEADER_BYTES                                                                               \
    ((sizeof(struct rf_memory_chunk) + RF_MEMORY_ALIGN - 1) & ~(RF_MEMORY_ALIGN - 1))

/* ---- chunks ---- */

static void
enter_chunk(struct rf_memory *memory, struct rf_memory_chunk *chunk)
{
    memory->current = chunk;
    memory->at = (char *)chunk + HEADER_BYTES;
    memory->end = memory->at + chunk->bytes;
    if (rf_world.bits != 0) {
        memset(memory->at, rf_world_heap_byte(), chunk->bytes);
        if (rf_world_has(RF_WORLD_LAYOUT)) {
            memory->at = memory->end; /* take_downwards */
        }
    }
}

/* In a world with other addresses the last piece has the lowest one. `at` is `end` there, so that
 * all comes this way. NULL: the chunk in use is full. */
static void *
take_downwards(struct rf_memory *memory, uint64_t bytes)
{
    const char *low = memory->current == NULL ? NULL : (char *)memory->current + HEADER_BYTES;
    if (low == NULL || (uint64_t)(memory->end - low) < bytes) {
        return NULL;
    }
    memory->end -= bytes;
    memory->at = memory->end;
    return memory->at;
}

static bool
is_too_much(const struct rf_memory *memory, uint64_t more)
{
    uint64_t most = rf_bounds_memory();
    return most < UINT64_MAX && (more > most || memory->kept_bytes > most - more);
}

/* Puts a chunk with so much room behind the current one, and enters it. */
static void
add_chunk(struct rf_memory *memory, uint64_t need)
{
    size_t bytes = need < CHUNK_BYTES ? CHUNK_BYTES : (size_t)need;
    /* A sum that wraps is more than there is: let the allocator say so. */
    size_t whole = bytes > SIZE_MAX - HEADER_BYTES ? SIZE_MAX : bytes + HEADER_BYTES;
    if (is_too_much(memory, whole)) {
        rf_bounds_exceed(whole);
    }
    struct rf_memory_chunk *chunk = rf_alloc(whole);
    chunk->bytes = bytes;
    if (memory->current == NULL) {
        chunk->next = NULL;
        memory->first = chunk;
    } else {
        chunk->next = memory->current->next;
        memory->current->next = chunk;
    }
    memory->kept_bytes += whole;
    enter_chunk(memory, chunk);
}

/* Out of line: the way when the chunk in use is full. */
static __attribute__((noinline)) void *
take_elsewhere(struct rf_memory *memory, uint64_t bytes)
{
    bool downwards = rf_world_has(RF_WORLD_LAYOUT);
    void *found = downwards ? take_downwards(memory, bytes) : NULL;
    if (found != NULL) {
        return found;
    }
    struct rf_memory_chunk *next = memory->current == NULL ? NULL : memory->current->next;
    if (next != NULL && next->bytes >= bytes) {
        enter_chunk(memory, next);
    } else {
        add_chunk(memory, bytes);
    }
    if (downwards) {
        return take_downwards(memory, bytes);
    }
    char *piece = memory->at;
    memory->at += bytes;
    return piece;
}

void *
rf_memory_take(struct rf_memory *memory, uint64_t bytes)
{
    uint64_t rounded = (bytes + RF_MEMORY_ALIGN - 1) & ~(uint64_t)(RF_MEMORY_ALIGN - 1);
    if (rounded == 0) {
        /* None is wanted, and one piece given, so that it is not NULL; or the sum wrapped: no one
         * has so much. */
        rounded = bytes == 0 ? RF_MEMORY_ALIGN : UINT64_MAX - RF_MEMORY_ALIGN + 1;
    }
    if (rounded > (uint64_t)(memory->end - memory->at)) {
        return take_elsewhere(memory, rounded);
    }
    char *piece = memory->at;
    memory->at += rounded;
    return piece;
}

void *
rf_memory_take_zeroed(struct rf_memory *memory, uint64_t bytes)
{
    void *piece = rf_memory_take(memory, bytes);
    if (bytes > 0) {
        memset(piece, 0, (size_t)bytes);
    }
    return piece;
}

void
rf_memory_clear(struct rf_memory *memory)
{
    if (memory->kept_bytes > RF_MEMORY_KEEP_BYTES) {
        rf_memory_done(memory);
    } else if (memory->first != NULL) {
        enter_chunk(memory, memory->first);
    }
}

void
rf_memory_done(struct rf_memory *memory)
{
    struct rf_memory_chunk *chunk = memory->first;
    while (chunk != NULL) {
        struct rf_memory_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    memset(memory, 0, sizeof(*memory));
}

/* ---- growing ---- */

/* Room for at least `need` elements: the old ones are copied, the fresh ones are not initialised.
 */
static void *
grow(struct rf_memory *memory, const void *old, uint64_t used, uint64_t *room, uint64_t need,
     uint64_t element_bytes)
{
    uint64_t wanted = *room < ROOM_MIN / 2 ? ROOM_MIN / 2 : *room * 2;
    if (wanted < need) {
        wanted = need;
    }
    uint64_t bytes;
    if (__builtin_mul_overflow(wanted, element_bytes, &bytes)) {
        bytes = UINT64_MAX;
    }
    void *fresh = rf_memory_take(memory, bytes);
    if (used > 0) {
        memcpy(fresh, old, (size_t)(used * element_bytes));
    }
    *room = wanted;
    return fresh;
}

void
rf_text_set(struct rf_memory *memory, refold_text *text, const char *bytes, uint64_t count)
{
    if (bytes == NULL) {
        memset(text, 0, sizeof(*text));
        return;
    }
    if (text->ptr == NULL || text->room < count) {
        uint64_t room = text->ptr == NULL ? 0 : text->room;
        text->ptr = grow(memory, NULL, 0, &room, count < ROOM_MIN ? ROOM_MIN : count, 1);
        text->room = room;
    }
    /* The host's own memory, const only for the aggregate. `bytes` may be a part of it. */
    if (count > 0) {
        memmove((char *)(uintptr_t)text->ptr, bytes, (size_t)count);
    }
    text->len = count;
}

void *
rf_list_push(struct rf_memory *memory, refold_list *list, uint64_t element_bytes)
{
    if (list->count >= list->room) {
        list->items =
            grow(memory, list->items, list->count, &list->room, list->count + 1, element_bytes);
    }
    char *element = (char *)list->items + list->count * element_bytes;
    list->count++;
    if (element_bytes > 0) {
        memset(element, 0, (size_t)element_bytes);
    }
    return element;
}

/* ---- maps ---- */

/*
 * Up to FEW_ENTRIES a map is looked through; beyond, it has an index: open addressing with linear
 * probing, at most half full, deletion by shifting back.
 */
#define FEW_ENTRIES 8

struct slot {
    uint32_t hash;  /* the upper half of the key's hash */
    uint32_t entry; /* its place and 1; 0: free */
};

struct map_index {
    uint64_t mask; /* slots less one; a power of two less one */
    struct slot slots[];
};

static const refold_text *
key_of(const refold_map *map, uint64_t entry_bytes, uint64_t entry)
{
    return (const refold_text *)(const void *)((const char *)map->entries + entry * entry_bytes);
}

static int
key_equals(const refold_text *text, const char *key, uint64_t key_bytes)
{
    return rf_bytes_same(text->ptr, text->len, key, key_bytes);
}

static uint64_t
hash_key(const char *key, uint64_t key_bytes)
{
    return rf_hash(key, (size_t)key_bytes, 0);
}

#define NO_ENTRY UINT64_MAX

/* The entry with this key or NO_ENTRY; with an index, also the slot where it is or would be. */
static uint64_t
find_entry(const refold_map *map, uint64_t entry_bytes, const char *key, uint64_t key_bytes,
           uint64_t hash, uint64_t *ret_slot)
{
    const struct map_index *index = map->index;
    if (index == NULL) {
        for (uint64_t i = 0; i < map->count; i++) {
            if (key_equals(key_of(map, entry_bytes, i), key, key_bytes)) {
                return i;
            }
        }
        return NO_ENTRY;
    }
    uint64_t at = hash & index->mask;
    for (; index->slots[at].entry != 0; at = (at + 1) & index->mask) {
        uint64_t entry = index->slots[at].entry - 1;
        if (index->slots[at].hash == (uint32_t)(hash >> 32) &&
            key_equals(key_of(map, entry_bytes, entry), key, key_bytes)) {
            break;
        }
    }
    *ret_slot = at;
    return index->slots[at].entry == 0 ? NO_ENTRY : index->slots[at].entry - 1;
}

static void
add_slot(struct map_index *index, uint64_t hash, uint64_t entry)
{
    uint64_t at = hash & index->mask;
    while (index->slots[at].entry != 0) {
        at = (at + 1) & index->mask;
    }
    index->slots[at] = (struct slot){(uint32_t)(hash >> 32), (uint32_t)(entry + 1)};
}

/* An index over all entries, with slots for twice the map's room. */
static void
build_index(struct rf_memory *memory, refold_map *map, uint64_t entry_bytes)
{
    uint64_t slots = 4 * FEW_ENTRIES;
    while (slots < map->room * 2) {
        slots *= 2;
    }
    struct map_index *index =
        rf_memory_take_zeroed(memory, sizeof(*index) + slots * sizeof(index->slots[0]));
    index->mask = slots - 1;
    for (uint64_t i = 0; i < map->count; i++) {
        const refold_text *key = key_of(map, entry_bytes, i);
        add_slot(index, hash_key(key->ptr, key->len), i);
    }
    map->index = index;
}

void *
rf_map_find(const refold_map *map, uint64_t entry_bytes, const char *key, uint64_t key_bytes)
{
    uint64_t slot;
    uint64_t hash = map->index == NULL ? 0 : hash_key(key, key_bytes);
    uint64_t entry = find_entry(map, entry_bytes, key, key_bytes, hash, &slot);
    return entry == NO_ENTRY ? NULL : (char *)map->entries + entry * entry_bytes;
}

void *
rf_map_put(struct rf_memory *memory, refold_map *map, uint64_t entry_bytes, const char *key,
           uint64_t key_bytes)
{
    void *found = rf_map_find(map, entry_bytes, key, key_bytes);
    if (found != NULL) {
        return found;
    }
    if (map->count >= UINT32_MAX - 1) {
        (void)rf_alloc(SIZE_MAX); /* more entries than a slot can number */
    }
    if (map->count >= map->room) {
        map->entries =
            grow(memory, map->entries, map->count, &map->room, map->count + 1, entry_bytes);
        map->index = NULL; /* too small now */
    }
    uint64_t entry = map->count++;
    char *fresh = (char *)map->entries + entry * entry_bytes;
    memset(fresh, 0, (size_t)entry_bytes);
    rf_text_set(memory, (refold_text *)(void *)fresh, key == NULL ? "" : key, key_bytes);
    if (map->index != NULL) {
        add_slot(map->index, hash_key(key, key_bytes), entry);
    } else if (map->count > FEW_ENTRIES) {
        build_index(memory, map, entry_bytes);
    }
    return fresh;
}

/* Frees a slot, and moves those behind it up so that each can still be reached from its home. */
static void
free_slot(const refold_map *map, uint64_t entry_bytes, uint64_t hole)
{
    struct map_index *index = map->index;
    uint64_t at = hole;
    for (;;) {
        at = (at + 1) & index->mask;
        if (index->slots[at].entry == 0) {
            break;
        }
        const refold_text *key = key_of(map, entry_bytes, index->slots[at].entry - 1);
        uint64_t home = hash_key(key->ptr, key->len) & index->mask;
        if (((at - home) & index->mask) >= ((at - hole) & index->mask)) {
            index->slots[hole] = index->slots[at];
            hole = at;
        }
    }
    index->slots[hole] = (struct slot){0, 0};
}

int32_t
rf_map_remove(refold_map *map, uint64_t entry_bytes, const char *key, uint64_t key_bytes)
{
    uint64_t slot = 0;
    uint64_t hash = map->index == NULL ? 0 : hash_key(key, key_bytes);
    uint64_t entry = find_entry(map, entry_bytes, key, key_bytes, hash, &slot);
    if (entry == NO_ENTRY) {
        return 0;
    }
    if (map->index != NULL) {
        free_slot(map, entry_bytes, slot);
    }
    uint64_t last = map->count - 1;
    if (entry != last) {
        const refold_text *moved = key_of(map, entry_bytes, last);
        struct map_index *index = map->index;
        if (index != NULL) {
            (void)find_entry(map, entry_bytes, moved->ptr, moved->len,
                             hash_key(moved->ptr, moved->len), &slot);
            index->slots[slot].entry = (uint32_t)(entry + 1);
        }
        memcpy((char *)map->entries + entry * entry_bytes, moved, (size_t)entry_bytes);
    }
    map->count = last;
    return 1;
}
