/* SPDX-License-Identifier: MIT */
/* Damage: a list that keeps the smallest entries and counts all. */
#include "history/damage.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/order.h"

/** The list is cut when it is so long: a cut costs a sort, so that it must not come often. */
#define CUT_AT (2 * rf_limits.listed)

const char *
rf_damage_name(enum rf_damage_kind kind)
{
    static const char *const names[RF_DAMAGE_COUNT_] = {
        [RF_DAMAGE_UNREADABLE] = "unreadable", [RF_DAMAGE_TRUNCATED] = "truncated",
        [RF_DAMAGE_MALFORMED] = "malformed",   [RF_DAMAGE_GAP] = "gap",
        [RF_DAMAGE_CONFLICT] = "conflict",     [RF_DAMAGE_CUT_SHORT] = "cut-short",
        [RF_DAMAGE_ERRORS] = "errors",         [RF_DAMAGE_GOLDEN] = "golden",
    };
    RF_VERIFY((unsigned)kind < RF_DAMAGE_COUNT_);
    return names[kind];
}

static void
free_strings(struct rf_damage *damage)
{
    free(damage->object);
    free(damage->place);
    free(damage->aggregate);
    free(damage->id);
    free(damage->message);
    free(damage->identity);
    free(damage->reason);
}

/** What does not apply comes first. */
static int
compare_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

/** No id is not the empty one. */
static int
compare_ids(const struct rf_damage *a, const struct rf_damage *b)
{
    if (a->id == NULL || b->id == NULL) {
        return (a->id != NULL) - (b->id != NULL);
    }
    return rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

static int
compare_damages(const void *left, const void *right)
{
    const struct rf_damage *a = left;
    const struct rf_damage *b = right;
    int order = (int)a->known - (int)b->known;
    if (order == 0) {
        order = RF_ORDER(a->kind, b->kind);
    }
    if (order == 0) {
        order = compare_text(a->object, b->object);
    }
    if (order == 0) {
        order = (int)a->has_offset - (int)b->has_offset;
    }
    if (order == 0 && a->has_offset) {
        order = RF_ORDER(a->offset, b->offset);
    }
    if (order == 0) {
        order = compare_text(a->aggregate, b->aggregate);
    }
    if (order == 0) {
        order = compare_ids(a, b);
    }
    if (order == 0) {
        order = (int)a->has_version - (int)b->has_version;
    }
    if (order == 0 && a->has_version) {
        order = RF_ORDER(a->version, b->version);
    }
    if (order == 0) {
        order = compare_text(a->message, b->message);
    }
    return order != 0 ? order : RF_ORDER(a->part, b->part);
}

void
rf_damages_sort(struct rf_damages *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare_damages);
    }
    while (list->count > rf_limits.listed) {
        free_strings(&list->items[--list->count]);
    }
}

static void
append(struct rf_damages *list, struct rf_damage damage)
{
    RF_GROW(list->items, list->room, list->count + 1);
    list->items[list->count++] = damage;
    if (list->count >= CUT_AT) {
        rf_damages_sort(list);
    }
}

void
rf_damages_add(struct rf_damages *list, struct rf_damage damage)
{
    RF_VERIFY((unsigned)damage.kind < RF_DAMAGE_COUNT_);
    list->totals[damage.kind]++;
    list->known[damage.kind] += damage.known ? 1 : 0;
    append(list, damage);
}

void
rf_damages_join(struct rf_damages *list, struct rf_damages *other)
{
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        list->totals[i] += other->totals[i];
        list->known[i] += other->known[i];
    }
    for (size_t i = 0; i < other->count; i++) {
        append(list, other->items[i]);
    }
    free(other->items);
    memset(other, 0, sizeof(*other));
}

void
rf_damages_done(struct rf_damages *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free_strings(&list->items[i]);
    }
    free(list->items);
    memset(list, 0, sizeof(*list));
}

void
rf_damages_drop(struct rf_damages *list, enum rf_damage_kind kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind == kind) {
            free_strings(&list->items[i]);
        } else {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
    list->totals[kind] = 0;
    list->known[kind] = 0;
}

uint64_t
rf_damages_new(const struct rf_damages *list, enum rf_damage_kind kind)
{
    return list->totals[kind] - list->known[kind];
}
