/* SPDX-License-Identifier: MIT */
/* Damage that was accepted: exactly these findings, and no others. */
#include "history/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/order.h"

const char *
rf_known_state_name(enum rf_known_state state)
{
    static const char *const names[RF_KNOWN_STATE_COUNT_] = {
        [RF_KNOWN_FITS] = "fits", [RF_KNOWN_FEWER] = "fewer",     [RF_KNOWN_MORE] = "more",
        [RF_KNOWN_GONE] = "gone", [RF_KNOWN_EXPIRED] = "expired", [RF_KNOWN_UNSEEN] = "unseen",
    };
    RF_VERIFY((unsigned)state < RF_KNOWN_STATE_COUNT_);
    return names[state];
}

void
rf_known_entry_done(struct rf_known_entry *entry)
{
    free(entry->identity);
    free(entry->object);
    free(entry->aggregate);
    free(entry->id);
    free(entry->reason);
    free(entry->until);
    memset(entry, 0, sizeof(*entry));
}

void
rf_known_free(struct rf_known_damage *known)
{
    if (known == NULL) {
        return;
    }
    for (size_t i = 0; i < known->count; i++) {
        rf_known_entry_done(&known->items[i]);
    }
    free(known->items);
    free(known->by_identity);
    free(known->by_object);
    free(known->path);
    free(known->place);
    free(known->text);
    free(known);
}

/* ---- order ----------------------------------------------------------------------------------- */

/** What is not there comes first. */
static int
compare_bytes(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return rf_bytes_compare(a, a_bytes, b, b_bytes);
}

static int
compare_texts(const char *a, const char *b)
{
    return compare_bytes(a, a == NULL ? 0 : strlen(a), b, b == NULL ? 0 : strlen(b));
}

int
rf_known_compare(const void *left, const void *right)
{
    const struct rf_known_entry *a = left;
    const struct rf_known_entry *b = right;
    int order = RF_ORDER(a->kind, b->kind);
    order = order != 0 ? order : compare_texts(a->object, b->object);
    order = order != 0 ? order : (int)a->has_offset - (int)b->has_offset;
    order = order != 0 ? order : RF_ORDER(a->offset, b->offset);
    order = order != 0 ? order : compare_texts(a->aggregate, b->aggregate);
    order = order != 0 ? order : compare_bytes(a->id, a->id_bytes, b->id, b->id_bytes);
    order = order != 0 ? order : RF_ORDER(a->version, b->version);
    return order != 0 ? order : strcmp(a->identity, b->identity);
}

static int
compare_identities(const void *left, const void *right)
{
    const struct rf_known_entry *a = *(struct rf_known_entry *const *)left;
    const struct rf_known_entry *b = *(struct rf_known_entry *const *)right;
    return strcmp(a->identity, b->identity);
}

static int
compare_objects(const void *left, const void *right)
{
    const struct rf_known_entry *a = *(struct rf_known_entry *const *)left;
    const struct rf_known_entry *b = *(struct rf_known_entry *const *)right;
    return strcmp(a->object, b->object);
}

const struct rf_known_entry *
rf_known_seal(struct rf_known_damage *known)
{
    known->by_identity = rf_calloc(known->count + 1, sizeof(struct rf_known_entry *));
    known->by_object = rf_calloc(known->count + 1, sizeof(struct rf_known_entry *));
    if (known->count > 1) {
        qsort(known->items, known->count, sizeof(*known->items), rf_known_compare);
    }
    for (size_t i = 0; i < known->count; i++) {
        known->by_identity[i] = &known->items[i];
        if (known->items[i].object != NULL) {
            known->by_object[known->object_count++] = &known->items[i];
        }
    }
    qsort(known->by_identity, known->count, sizeof(*known->by_identity), compare_identities);
    qsort(known->by_object, known->object_count, sizeof(*known->by_object), compare_objects);
    for (size_t i = 1; i < known->count; i++) {
        if (compare_identities(&known->by_identity[i - 1], &known->by_identity[i]) == 0) {
            const struct rf_known_entry *a = known->by_identity[i - 1];
            const struct rf_known_entry *b = known->by_identity[i];
            return a->offset_in_file > b->offset_in_file ? a : b;
        }
    }
    return NULL;
}

/* ---- looking up ------------------------------------------------------------------------------ */

struct rf_known_entry *
rf_known_find(const struct rf_known_damage *known, const char *identity)
{
    if (known == NULL || identity == NULL || known->count == 0) {
        return NULL;
    }
    struct rf_known_entry key = {.identity = (char *)(uintptr_t)identity};
    const struct rf_known_entry *wanted = &key;
    struct rf_known_entry **found = bsearch(&wanted, known->by_identity, known->count,
                                            sizeof(*known->by_identity), compare_identities);
    return found == NULL ? NULL : *found;
}

bool
rf_known_wants(const struct rf_known_damage *known, const char *key)
{
    if (known == NULL || known->accepts) {
        return known != NULL;
    }
    struct rf_known_entry entry = {.object = (char *)(uintptr_t)key};
    const struct rf_known_entry *wanted = &entry;
    return known->object_count > 0 && bsearch(&wanted, known->by_object, known->object_count,
                                              sizeof(*known->by_object), compare_objects) != NULL;
}

/* ---- judging --------------------------------------------------------------------------------- */

void
rf_known_judge(struct rf_known_damage *known, struct rf_damage *damage)
{
    struct rf_known_entry *entry = rf_known_find(known, damage->identity);
    if (entry == NULL) {
        return;
    }
    (void)atomic_fetch_add_explicit(&entry->met, 1, memory_order_relaxed);
    if (!entry->expired) {
        damage->known = true;
        damage->reason = rf_strdup(entry->reason);
    }
}

void
rf_known_settle(struct rf_known_damage *known, struct rf_damages *damages)
{
    bool any = false;
    for (size_t i = 0; known != NULL && i < known->count; i++) {
        const struct rf_known_entry *entry = &known->items[i];
        if (!entry->expired && entry->met > entry->count) {
            damages->known[entry->kind] -= entry->met;
            any = true;
        }
    }
    for (size_t i = 0; any && i < damages->count; i++) {
        struct rf_damage *damage = &damages->items[i];
        const struct rf_known_entry *entry = rf_known_find(known, damage->identity);
        if (damage->known && entry != NULL && entry->met > entry->count) {
            damage->known = false;
            free(damage->reason);
            damage->reason = NULL;
        }
    }
}

enum rf_known_state
rf_known_judge_entry(const struct rf_known_entry *entry, bool seen)
{
    if (entry->expired) {
        return RF_KNOWN_EXPIRED;
    }
    if (entry->met == 0) {
        return seen ? RF_KNOWN_GONE : RF_KNOWN_UNSEEN;
    }
    return entry->met == entry->count  ? RF_KNOWN_FITS
           : entry->met < entry->count ? RF_KNOWN_FEWER
                                       : RF_KNOWN_MORE;
}
