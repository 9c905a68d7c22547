/* SPDX-License-Identifier: MIT */
/* A catalogue as it is shown: types with their names, most frequent first, and who handles them. */
#include "types/listing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/order.h"
#include "history/claim.h"

const char *
rf_handling_name(enum rf_handling handling)
{
    static const char *const names[] = {
        [RF_HANDLING_DECLARED] = "declared",   [RF_HANDLING_ANY] = "any",
        [RF_HANDLING_SKIPPED] = "skipped",     [RF_HANDLING_UNDECLARED] = "undeclared",
        [RF_HANDLING_UNCLAIMED] = "unclaimed",
    };
    RF_VERIFY((size_t)handling < sizeof(names) / sizeof(names[0]));
    return names[handling];
}

/* ---- who handles it -------------------------------------------------------------------------- */

/** Whether the build's table names the type, "*" aside. */
static bool
names_type(const struct rf_build *build, const char *type, size_t type_bytes)
{
    for (size_t i = 0; i < build->type_count; i++) {
        if (rf_bytes_same(build->types[i], strlen(build->types[i]), type, type_bytes)) {
            return true;
        }
    }
    return false;
}

static void
find_handler(struct rf_type_row *row, const struct rf_gather_rules *rules,
             struct rf_build *const *builds)
{
    size_t at = row->entry->claim;
    row->handling = RF_HANDLING_UNCLAIMED;
    if (at == RF_CLAIM_NONE) {
        return;
    }
    const struct rf_claim *claim = &rules->claims[at];
    row->handler = claim->name;
    if (claim->skips(claim->context, row->type, row->type_bytes)) {
        row->handling = RF_HANDLING_SKIPPED;
    } else if (names_type(builds[at], row->type, row->type_bytes)) {
        row->handling = RF_HANDLING_DECLARED;
    } else {
        row->handling = claim->takes_all ? RF_HANDLING_ANY : RF_HANDLING_UNDECLARED;
    }
}

static bool
is_seen(const struct rf_listing *listing, size_t claim, const char *type)
{
    for (size_t i = 0; i < listing->count; i++) {
        const struct rf_type_row *row = &listing->rows[i];
        if (row->entry->claim == claim &&
            rf_bytes_same(row->type, row->type_bytes, type, strlen(type))) {
            return true;
        }
    }
    return false;
}

static void
list_unseen(struct rf_listing *listing, const struct rf_gather_rules *rules,
            struct rf_build *const *builds)
{
    size_t room = 0;
    for (size_t i = 0; i < rules->claim_count; i++) {
        for (size_t k = 0; k < builds[i]->type_count; k++) {
            if (!is_seen(listing, i, builds[i]->types[k])) {
                RF_GROW(listing->unseen, room, listing->unseen_count + 1);
                listing->unseen[listing->unseen_count++] =
                    (struct rf_unseen){builds[i]->name, builds[i]->types[k]};
            }
        }
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int
compare_rows(const void *left, const void *right)
{
    const struct rf_type_row *a = left;
    const struct rf_type_row *b = right;
    if (a->entry->events != b->entry->events) {
        return a->entry->events > b->entry->events ? -1 : 1;
    }
    int order =
        rf_bytes_compare(a->aggregate, a->aggregate_bytes, b->aggregate, b->aggregate_bytes);
    return order != 0 ? order : rf_bytes_compare(a->type, a->type_bytes, b->type, b->type_bytes);
}

static int
compare_neighbours(const void *left, const void *right)
{
    const struct rf_neighbour *a = left;
    const struct rf_neighbour *b = right;
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    return RF_ORDER(a->row, b->row);
}

static void
add_neighbour(struct rf_neighbours *list, size_t row, uint64_t count)
{
    RF_GROW(list->items, list->room, list->count + 1);
    list->items[list->count++] = (struct rf_neighbour){row, count};
}

static void
sort_neighbours(struct rf_neighbours *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare_neighbours);
    }
}

/** @places  for each of the catalogue's types, its row */
static void
list_transitions(struct rf_listing *listing, const struct rf_catalog *catalog, const size_t *places)
{
    size_t count;
    const struct rf_transition *transitions = rf_catalog_transitions(catalog, &count);
    for (size_t i = 0; i < count; i++) {
        const struct rf_transition *one = &transitions[i];
        if (one->count > 0) {
            size_t from = places[one->from];
            size_t to = places[one->to];
            add_neighbour(&listing->rows[from].after, to, one->count);
            add_neighbour(&listing->rows[to].before, from, one->count);
        }
    }
    for (size_t i = 0; i < listing->count; i++) {
        sort_neighbours(&listing->rows[i].before);
        sort_neighbours(&listing->rows[i].after);
    }
}

void
rf_listing_make(struct rf_catalog *catalog, const struct rf_names *names,
                const struct rf_gather_rules *rules, struct rf_build *const *builds,
                struct rf_listing *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->count = rf_catalog_count(catalog);
    ret->rows = rf_calloc(ret->count, sizeof(*ret->rows));
    ret->others = rf_catalog_others(catalog);
    ret->other_transitions = rf_catalog_other_transitions(catalog);
    for (size_t i = 0; i < ret->count; i++) {
        struct rf_event_type *entry = rf_catalog_at(catalog, i);
        struct rf_type_row *row = &ret->rows[i];
        rf_shape_sort(&entry->shape);
        row->entry = entry;
        row->type = rf_names_text(names, entry->type, &row->type_bytes);
        if (entry->aggregate != RF_NAME_NONE) {
            row->aggregate = rf_names_text(names, entry->aggregate, &row->aggregate_bytes);
        }
        find_handler(row, rules, builds);
    }
    qsort(ret->rows, ret->count, sizeof(*ret->rows), compare_rows);
    size_t *places = rf_calloc(ret->count, sizeof(*places));
    for (size_t i = 0; i < ret->count; i++) {
        places[ret->rows[i].entry->index] = i;
    }
    list_transitions(ret, catalog, places);
    free(places);
    list_unseen(ret, rules, builds);
}

void
rf_listing_done(struct rf_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        free(listing->rows[i].before.items);
        free(listing->rows[i].after.items);
    }
    free(listing->rows);
    free(listing->unseen);
    memset(listing, 0, sizeof(*listing));
}
