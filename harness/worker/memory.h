/* SPDX-License-Identifier: MIT */
/* The memory that a state's texts, lists and maps live in: given out in order, taken back at once.
 */
#ifndef RF_WORKER_MEMORY_H
#define RF_WORKER_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <refold/aggregate.h>

struct rf_memory_chunk;

/**
 * A bump allocator. Nothing is freed alone; rf_memory_clear takes everything back and keeps the
 * pages for the next instance, up to RF_MEMORY_KEEP_BYTES. All zero is a valid empty one.
 * What it gives is aligned for any type and never NULL: out of memory, or more than a worker may
 * take (bounds.h), ends the process. Threads: one per memory.
 */
struct rf_memory {
    char *at;  /**< the next free byte of the chunk in use */
    char *end; /**< one past its last */
    struct rf_memory_chunk *first;
    struct rf_memory_chunk *current;
    size_t kept_bytes; /**< of all chunks */
};

#define RF_MEMORY_KEEP_BYTES ((size_t)64 << 20)
/** Alignment of everything that is given out. */
#define RF_MEMORY_ALIGN ((size_t)16)

/** Bytes that are not initialised. */
void *rf_memory_take(struct rf_memory *memory, uint64_t bytes);
void *rf_memory_take_zeroed(struct rf_memory *memory, uint64_t bytes);
/** Everything that was given out is stale. */
void rf_memory_clear(struct rf_memory *memory);
void rf_memory_done(struct rf_memory *memory);

/** See aggregate.h for what these promise; `bytes` may lie in the text itself, NULL empties it. */
void rf_text_set(struct rf_memory *memory, refold_text *text, const char *bytes, uint64_t count);
void *rf_list_push(struct rf_memory *memory, refold_list *list, uint64_t element_bytes);
void *rf_map_find(const refold_map *map, uint64_t entry_bytes, const char *key, uint64_t key_bytes);
void *rf_map_put(struct rf_memory *memory, refold_map *map, uint64_t entry_bytes, const char *key,
                 uint64_t key_bytes);
/** The last entry moves to the place of the one that goes. */
int32_t rf_map_remove(refold_map *map, uint64_t entry_bytes, const char *key, uint64_t key_bytes);

#endif
