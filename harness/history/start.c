/* SPDX-License-Identifier: MIT */
/* Where instances go on: what snapshots hold of them, by bucket. */
#include "history/start.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "history/history.h"

struct placed {
    struct rf_start start;
    size_t bucket;
};

struct rf_starts {
    struct placed *placed; /**< until they are sorted */
    size_t room;
    struct rf_start *items;
    size_t count;
    size_t first[RF_BUCKET_COUNT + 1]; /**< of each bucket, in `items` */
    unsigned char *met;                /**< by item */
};

struct rf_starts *
rf_starts_new(void)
{
    return rf_calloc(1, sizeof(struct rf_starts));
}

void
rf_starts_free(struct rf_starts *starts)
{
    if (starts != NULL) {
        free(starts->placed);
        free(starts->items);
        free(starts->met);
        free(starts);
    }
}

void
rf_starts_add(struct rf_starts *starts, const struct rf_start *start)
{
    RF_VERIFY(starts->items == NULL);
    RF_GROW(starts->placed, starts->room, starts->count + 1);
    starts->placed[starts->count++] =
        (struct placed){*start, rf_history_bucket(start->id, start->id_bytes)};
}

static int
compare_starts(const struct rf_start *a, uint32_t aggregate, const char *id, size_t id_bytes)
{
    if (a->aggregate != aggregate) {
        return a->aggregate < aggregate ? -1 : 1;
    }
    return rf_bytes_compare(a->id, a->id_bytes, id, id_bytes);
}

static int
compare_placed(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    if (a->bucket != b->bucket) {
        return a->bucket < b->bucket ? -1 : 1;
    }
    return compare_starts(&a->start, b->start.aggregate, b->start.id, b->start.id_bytes);
}

void
rf_starts_sort(struct rf_starts *starts)
{
    if (starts->count > 1) {
        qsort(starts->placed, starts->count, sizeof(*starts->placed), compare_placed);
    }
    starts->items = rf_calloc(starts->count + 1, sizeof(*starts->items));
    starts->met = rf_calloc(starts->count + 1, 1);
    for (size_t i = 0; i < starts->count; i++) {
        starts->items[i] = starts->placed[i].start;
        starts->first[starts->placed[i].bucket + 1]++;
    }
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        starts->first[i + 1] += starts->first[i];
    }
    free(starts->placed);
    starts->placed = NULL;
}

const struct rf_start *
rf_starts_bucket(const struct rf_starts *starts, size_t bucket, size_t *ret_count)
{
    *ret_count = starts->first[bucket + 1] - starts->first[bucket];
    return &starts->items[starts->first[bucket]];
}

void
rf_starts_begin(struct rf_starts *starts, size_t bucket)
{
    size_t count;
    (void)rf_starts_bucket(starts, bucket, &count);
    memset(starts->met + starts->first[bucket], 0, count);
}

const struct rf_start *
rf_starts_find(const struct rf_starts *starts, size_t bucket, uint32_t aggregate, const char *id,
               size_t id_bytes)
{
    size_t count;
    const struct rf_start *items = rf_starts_bucket(starts, bucket, &count);
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_starts(&items[middle], aggregate, id, id_bytes);
        if (order == 0) {
            return &items[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct rf_start *
rf_starts_meet(struct rf_starts *starts, size_t bucket, uint32_t aggregate, const char *id,
               size_t id_bytes)
{
    const struct rf_start *start = rf_starts_find(starts, bucket, aggregate, id, id_bytes);
    if (start != NULL) {
        unsigned char *met = &starts->met[start - starts->items];
        RF_VERIFY(*met == 0); /* an instance is gathered once */
        *met = 1;
    }
    return start;
}

bool
rf_starts_met(const struct rf_starts *starts, const struct rf_start *start)
{
    return starts->met[start - starts->items] != 0;
}
