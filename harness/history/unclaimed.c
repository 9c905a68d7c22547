/* SPDX-License-Identifier: MIT */
/* Events that no loaded aggregate claims, by the aggregate's name that they carry. */
#include "history/unclaimed.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

uint64_t
rf_unclaimed_fits(const struct rf_unclaimed_counts *counts, uint32_t number)
{
    bool seen = number < counts->room && counts->events[number] > 0;
    return seen ? counts->fits[number] : UINT64_MAX;
}

void
rf_unclaimed_add(struct rf_unclaimed_counts *counts, const struct rf_names *names, uint32_t number,
                 uint64_t events, uint64_t fits)
{
    if (number == UINT32_MAX) {
        return;
    }
    if (counts->room <= number) { /* the table is whole by now */
        size_t room = rf_names_count(names);
        RF_VERIFY(number < room);
        counts->events = rf_realloc(counts->events, room, sizeof(*counts->events));
        counts->fits = rf_realloc(counts->fits, room, sizeof(*counts->fits));
        memset(counts->events + counts->room, 0, (room - counts->room) * sizeof(*counts->events));
        memset(counts->fits + counts->room, 0, (room - counts->room) * sizeof(*counts->fits));
        counts->room = room;
    }
    counts->fits[number] = fits & rf_unclaimed_fits(counts, number);
    counts->events[number] += events;
}

void
rf_unclaimed_join(struct rf_unclaimed_counts *counts, const struct rf_names *names,
                  const struct rf_unclaimed_counts *more)
{
    for (size_t i = 0; i < more->room; i++) {
        if (more->events[i] > 0) {
            rf_unclaimed_add(counts, names, (uint32_t)i, more->events[i], more->fits[i]);
        }
    }
}

void
rf_unclaimed_counts_done(struct rf_unclaimed_counts *counts)
{
    free(counts->events);
    free(counts->fits);
    *counts = (struct rf_unclaimed_counts){0};
}

static int
compare_names(const void *left, const void *right)
{
    const struct rf_unclaimed_row *a = left;
    const struct rf_unclaimed_row *b = right;
    return strcmp(a->name, b->name);
}

static int
compare_rows(const void *left, const void *right)
{
    const struct rf_unclaimed_row *a = left;
    const struct rf_unclaimed_row *b = right;
    return a->events != b->events ? (a->events < b->events ? 1 : -1) : strcmp(a->name, b->name);
}

/** In the order of the list, and no more than are kept. */
static void
settle(struct rf_unclaimed *unclaimed)
{
    if (unclaimed->count > 1) {
        qsort(unclaimed->rows, unclaimed->count, sizeof(*unclaimed->rows), compare_rows);
    }
    while (unclaimed->count > RF_UNCLAIMED_MOST) {
        free(unclaimed->rows[--unclaimed->count].name);
    }
}

void
rf_unclaimed_list(const struct rf_unclaimed_counts *counts, const struct rf_names *names,
                  struct rf_unclaimed *ret)
{
    size_t room = 0;
    *ret = (struct rf_unclaimed){0};
    for (size_t i = 0; i < counts->room; i++) {
        if (counts->events[i] > 0) {
            RF_GROW(ret->rows, room, ret->count + 1);
            ret->rows[ret->count++] = (struct rf_unclaimed_row){
                .name = rf_strdup(rf_names_text(names, (uint32_t)i, NULL)),
                .events = counts->events[i],
                .fits = counts->fits[i],
            };
        }
    }
    settle(ret);
}

void
rf_unclaimed_merge(struct rf_unclaimed *unclaimed, struct rf_unclaimed *more)
{
    size_t all = unclaimed->count + more->count;
    size_t kept = 0;
    if (more->count == 0) {
        return;
    }
    unclaimed->rows = rf_realloc(unclaimed->rows, all, sizeof(*unclaimed->rows));
    memcpy(unclaimed->rows + unclaimed->count, more->rows, more->count * sizeof(*more->rows));
    qsort(unclaimed->rows, all, sizeof(*unclaimed->rows), compare_names);
    for (size_t i = 0; i < all; i++) {
        struct rf_unclaimed_row *row = &unclaimed->rows[i];
        if (kept > 0 && compare_names(&unclaimed->rows[kept - 1], row) == 0) {
            unclaimed->rows[kept - 1].events += row->events;
            unclaimed->rows[kept - 1].fits &= row->fits;
            free(row->name);
        } else {
            unclaimed->rows[kept++] = *row;
        }
    }
    unclaimed->count = kept;
    free(more->rows);
    *more = (struct rf_unclaimed){0};
    settle(unclaimed);
}

void
rf_unclaimed_done(struct rf_unclaimed *unclaimed)
{
    for (size_t i = 0; i < unclaimed->count; i++) {
        free(unclaimed->rows[i].name);
    }
    free(unclaimed->rows);
    *unclaimed = (struct rf_unclaimed){0};
}
