/* SPDX-License-Identifier: MIT */
/* Where two states differ: distinct pointers, or their patterns, however many there are. */
#include "golden/paths.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/limits.h"

#define PATH_HASH_SEED 29
#define SLOTS_LEAST    16

/** The slot with this hash, or the free one where it belongs. */
static uint64_t *
find_slot(const struct rf_paths *paths, uint64_t hash)
{
    size_t mask = paths->slot_count - 1;
    size_t at = (size_t)hash & mask;
    while (paths->slots[at] != 0 && paths->slots[at] != hash) {
        at = (at + 1) & mask;
    }
    return &paths->slots[at];
}

/** At most half full. */
static void
grow_slots(struct rf_paths *paths)
{
    if (paths->distinct * 2 < paths->slot_count) {
        return;
    }
    struct rf_paths grown = {.slot_count =
                                 paths->slot_count == 0 ? SLOTS_LEAST : paths->slot_count * 2};
    grown.slots = rf_calloc(grown.slot_count, sizeof(*grown.slots));
    for (size_t i = 0; i < paths->slot_count; i++) {
        if (paths->slots[i] != 0) {
            *find_slot(&grown, paths->slots[i]) = paths->slots[i];
        }
    }
    free(paths->slots);
    paths->slots = grown.slots;
    paths->slot_count = grown.slot_count;
}

void
rf_paths_add(struct rf_paths *paths, const char *text, size_t bytes)
{
    grow_slots(paths);
    uint64_t hash = rf_hash(text, bytes, PATH_HASH_SEED) | 1;
    uint64_t *slot = find_slot(paths, hash);
    if (*slot != 0) {
        return;
    }
    *slot = hash;
    paths->distinct++;
    paths->sum += hash;
    if (paths->count < RF_LIMIT_PATHS_KEPT && paths->bytes + bytes <= RF_LIMIT_PATHS_BYTES) {
        RF_GROW(paths->texts, paths->room, paths->count + 1);
        paths->texts[paths->count++] = rf_strndup(text, bytes);
        paths->bytes += bytes;
    }
}

bool
rf_paths_whole(const struct rf_paths *paths)
{
    return paths->count == paths->distinct;
}

void
rf_paths_end(struct rf_paths *paths)
{
    if (paths->count > 0) {
        qsort(paths->texts, paths->count, sizeof(*paths->texts), rf_strings_compare);
    }
    if (rf_paths_whole(paths) && paths->count <= RF_LIMIT_CLUSTER_PATHS) {
        return;
    }
    while (paths->count > RF_LIMIT_CLUSTER_PATHS) {
        free(paths->texts[--paths->count]);
    }
    RF_GROW(paths->texts, paths->room, paths->count + 1);
    size_t kept = paths->count;
    paths->texts[paths->count++] =
        rf_format("(and %zu more: %016" PRIx64 ")", paths->distinct - kept, paths->sum);
}

size_t
rf_paths_told(char *const *texts, size_t count)
{
    static const char front[] = "(and ";
    bool cut = count > 0 && strncmp(texts[count - 1], front, sizeof(front) - 1) == 0;
    size_t rest = cut ? strtoul(texts[count - 1] + sizeof(front) - 1, NULL, 10) : 0;
    return cut ? count - 1 + rest : count;
}

void
rf_paths_done(struct rf_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->texts[i]);
    }
    free(paths->texts);
    free(paths->slots);
    memset(paths, 0, sizeof(*paths));
}
