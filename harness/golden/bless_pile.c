/* SPDX-License-Identifier: MIT */
/* New lines, by aggregate. */
#include "golden/bless_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "golden/line.h"

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
        .id = rf_text_store_add(&piles->texts, instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
    };
    if (line != NULL) {
        rf_buf_clear(text);
        rf_line_write(line, text);
        fresh.text = rf_text_store_add(&piles->texts, text->bytes, text->used);
        fresh.text_bytes = text->used;
        fresh.digest = line->digest;
        fresh.rejected = line->refusal != NULL;
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

const struct rf_fresh_line *
rf_piles_find(const struct rf_piles *piles, const char *aggregate, const char *id, size_t id_bytes)
{
    const struct rf_fresh_line wanted = {.id = id, .id_bytes = id_bytes};
    for (size_t i = 0; i < piles->count; i++) {
        const struct rf_pile *pile = &piles->items[i];
        if (pile->count > 0 && strcmp(pile->aggregate, aggregate) == 0) {
            return bsearch(&wanted, pile->lines, pile->count, sizeof(*pile->lines), compare_lines);
        }
    }
    return NULL;
}

void
rf_piles_done(struct rf_piles *piles)
{
    for (size_t i = 0; i < piles->count; i++) {
        free(piles->items[i].aggregate);
        free(piles->items[i].lines);
    }
    rf_text_store_done(&piles->texts);
    free(piles->items);
    memset(piles, 0, sizeof(*piles));
}
