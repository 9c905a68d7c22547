/* SPDX-License-Identifier: MIT */
/* New lines, by aggregate. */
#include "golden/bless_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "golden/line.h"

#define BLOCK_BYTES ((size_t)1 << 20)

/** Memory for lines, that stays where it is. */
struct rf_line_block {
    struct rf_line_block *before;
    size_t used;
    size_t room;
    char bytes[];
};

static const char *
store(struct rf_piles *piles, const char *bytes, size_t count)
{
    if (piles->block == NULL || piles->block->room - piles->block->used < count) {
        size_t room = count > BLOCK_BYTES ? count : BLOCK_BYTES;
        struct rf_line_block *block = rf_alloc(sizeof(*block) + room);
        *block = (struct rf_line_block){.before = piles->block, .room = room};
        piles->block = block;
    }
    char *place = piles->block->bytes + piles->block->used;
    if (count > 0) {
        memcpy(place, bytes, count);
    }
    piles->block->used += count;
    return place;
}

/** Few aggregates, many instances, which come sorted by aggregate: the last one is mostly right. */
static struct rf_pile *
find_pile(struct rf_piles *piles, const char *aggregate)
{
    for (size_t i = piles->count; i-- > 0;) {
        if (strcmp(piles->items[i].aggregate, aggregate) == 0) {
            return &piles->items[i];
        }
    }
    RF_GROW(piles->items, piles->room, piles->count + 1);
    struct rf_pile *pile = &piles->items[piles->count++];
    *pile = (struct rf_pile){.aggregate = rf_strdup(aggregate)};
    return pile;
}

void
rf_piles_add(struct rf_piles *piles, const struct rf_instance *instance,
             const struct rf_golden_line *line, struct rf_buf *text)
{
    struct rf_pile *pile = find_pile(piles, instance->aggregate_name);
    struct rf_fresh_line fresh = {
        .id = store(piles, instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
    };
    if (line != NULL) {
        rf_buf_clear(text);
        rf_line_write(line, text);
        fresh.text = store(piles, text->bytes, text->used);
        fresh.text_bytes = text->used;
        fresh.digest = line->digest;
        fresh.rejected = line->rejected;
    }
    RF_GROW(pile->lines, pile->room, pile->count + 1);
    pile->lines[pile->count++] = fresh;
}

void
rf_piles_join(struct rf_piles *piles, const char *aggregate, const struct rf_pile *other)
{
    struct rf_pile *pile = find_pile(piles, aggregate);
    if (other == NULL || other->count == 0) {
        return;
    }
    RF_GROW(pile->lines, pile->room, pile->count + other->count);
    memcpy(pile->lines + pile->count, other->lines, other->count * sizeof(*other->lines));
    pile->count += other->count;
}

static int
compare_piles(const void *left, const void *right)
{
    const struct rf_pile *a = left;
    const struct rf_pile *b = right;
    return strcmp(a->aggregate, b->aggregate);
}

static int
compare_lines(const void *left, const void *right)
{
    const struct rf_fresh_line *a = left;
    const struct rf_fresh_line *b = right;
    return rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

void
rf_piles_sort(struct rf_piles *piles)
{
    if (piles->count > 0) {
        qsort(piles->items, piles->count, sizeof(*piles->items), compare_piles);
    }
    for (size_t i = 0; i < piles->count; i++) {
        struct rf_pile *pile = &piles->items[i];
        if (pile->count > 0) {
            qsort(pile->lines, pile->count, sizeof(*pile->lines), compare_lines);
        }
    }
}

void
rf_piles_done(struct rf_piles *piles)
{
    for (size_t i = 0; i < piles->count; i++) {
        free(piles->items[i].aggregate);
        free(piles->items[i].lines);
    }
    while (piles->block != NULL) {
        struct rf_line_block *before = piles->block->before;
        free(piles->block);
        piles->block = before;
    }
    free(piles->items);
    memset(piles, 0, sizeof(*piles));
}
