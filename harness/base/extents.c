/* SPDX-License-Identifier: MIT */
/* Much memory in small runs, which is given back all at once. */
#include "base/extents.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

/** The first one is small: few histories need more, and its pages are touched as they are needed.
 */
#define FIRST_BYTES ((size_t)1 << 20)
#define OTHER_BYTES ((size_t)32 << 20)
#define ALIGNMENT   ((size_t)8)
/** What extents are multiples of. */
#define GRAIN ((size_t)1 << 20)

static _Noreturn void
out_of_memory(size_t bytes)
{
    (void)fprintf(stderr, "refold: out of memory: %zu bytes for events cannot be had: %s\n", bytes,
                  strerror(errno));
    _exit(70);
}

static unsigned char *
map_extent(size_t bytes)
{
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        out_of_memory(bytes);
    }
    return mapped;
}

static void
add_extent(struct rf_extents *extents, size_t least)
{
    size_t bytes = extents->count == 0 ? FIRST_BYTES : OTHER_BYTES;
    if (bytes < least) {
        bytes = (least + GRAIN - 1) / GRAIN * GRAIN;
    }
    RF_GROW(extents->items, extents->room, extents->count + 1);
    RF_GROW(extents->sizes, extents->sizes_room, extents->count + 1);
    extents->items[extents->count] = map_extent(bytes);
    extents->sizes[extents->count] = bytes;
    extents->count++;
}

/** Asks for the pages of the next run, a grain at a time: one call of the system costs less than a
 * fault for each page. Of the first extent, which a small history hardly fills, none; and where the
 * system does not know the call, pages come as they are touched. */
static void
populate(const struct rf_extents *extents, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
    size_t from = (extents->used + GRAIN - 1) / GRAIN * GRAIN;
    size_t behind = (extents->used + bytes + GRAIN - 1) / GRAIN * GRAIN;
    if (extents->at > 0 && from < behind) {
        (void)madvise(extents->items[extents->at] + from, behind - from, MADV_POPULATE_WRITE);
    }
#else
    (void)extents;
    (void)bytes;
#endif
}

unsigned char *
rf_extents_take(struct rf_extents *extents, size_t bytes)
{
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    while (extents->at < extents->count && extents->sizes[extents->at] - extents->used < bytes) {
        extents->at++;
        extents->used = 0;
    }
    if (extents->at == extents->count) {
        add_extent(extents, bytes);
    }
    populate(extents, bytes);
    unsigned char *run = extents->items[extents->at] + extents->used;
    extents->used += bytes;
    return run;
}

void
rf_extents_reset(struct rf_extents *extents)
{
    extents->at = 0;
    extents->used = 0;
}

void
rf_extents_done(struct rf_extents *extents)
{
    for (size_t i = 0; i < extents->count; i++) {
        (void)munmap(extents->items[i], extents->sizes[i]);
    }
    free(extents->items);
    free(extents->sizes);
    memset(extents, 0, sizeof(*extents));
}
