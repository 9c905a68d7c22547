/* SPDX-License-Identifier: MIT */
/* The distinct values at one path while they are few; of many, the smallest as examples. */
#include "types/value_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/json.h"

/** What an allocation takes besides what was asked for, about. */
#define ALLOCATION_COST 16

/** How many values a set may hold. */
static size_t
most_values(const struct rf_value_set *values)
{
    return values->more ? RF_LIMIT_EXAMPLES : RF_LIMIT_VALUES;
}

/** What the array of a set takes. */
static size_t
items_cost(const struct rf_value_set *values)
{
    return most_values(values) * sizeof(struct rf_value) + ALLOCATION_COST;
}

static int
compare_kept(const struct rf_value *a, const struct rf_value *b)
{
    if (a->is_string != b->is_string) {
        return a->is_string ? 1 : -1;
    }
    int order = rf_bytes_compare(a->text, a->bytes, b->text, b->bytes);
    return order != 0 ? order : (int)a->is_cut - (int)b->is_cut;
}

/** Keep only the first `count`. */
static void
cut_to(struct rf_value_set *values, size_t count, size_t *room)
{
    while (values->count > count) {
        struct rf_value *last = &values->items[--values->count];
        *room += last->bytes + ALLOCATION_COST;
        free(last->text);
    }
}

static void
drop_all(struct rf_value_set *values, size_t *room)
{
    cut_to(values, 0, room);
    if (values->items != NULL) {
        *room += items_cost(values);
    }
    free(values->items);
    values->items = NULL;
}

void
rf_value_set_done(struct rf_value_set *values, size_t *room)
{
    drop_all(values, room);
    *values = (struct rf_value_set){0};
}

/** From now on only examples. */
static void
become_many(struct rf_value_set *values, size_t *room)
{
    cut_to(values, RF_LIMIT_EXAMPLES, room);
    size_t before = items_cost(values);
    values->more = true;
    if (values->items != NULL) {
        values->items = rf_realloc(values->items, most_values(values), sizeof(*values->items));
        *room += before - items_cost(values);
    }
}

/** A count that began late would be wrong: from now on there is none. */
static void
give_up(struct rf_value_set *values, size_t *room)
{
    drop_all(values, room);
    values->more = true;
    values->none = true;
}

static struct rf_value *
find_value(const struct rf_value_set *values, const struct rf_value *like)
{
    for (size_t i = 0; i < values->count; i++) {
        struct rf_value *value = &values->items[i];
        if (value->hash == like->hash && compare_kept(value, like) == 0) {
            return value;
        }
    }
    return NULL;
}

/** A value that is not there yet, in its place. */
static void
insert(struct rf_value_set *values, const struct rf_value *fresh, size_t *room)
{
    size_t cost = fresh->bytes + ALLOCATION_COST;
    cost += values->items == NULL ? items_cost(values) : 0;
    if (*room < cost) {
        give_up(values, room);
        return;
    }
    *room -= cost;
    if (values->items == NULL) {
        values->items = rf_calloc(most_values(values), sizeof(*values->items));
    }
    size_t place = values->count++;
    while (place > 0 && compare_kept(fresh, &values->items[place - 1]) < 0) {
        values->items[place] = values->items[place - 1];
        place--;
    }
    values->items[place] = *fresh;
    values->items[place].text = rf_strndup(fresh->text, fresh->bytes);
}

/** Whether it lies behind all examples there are: most values do. */
static bool
is_beyond(const struct rf_value_set *values, const struct rf_value *fresh)
{
    return values->more &&
           (values->none || (values->count == RF_LIMIT_EXAMPLES &&
                             compare_kept(fresh, &values->items[RF_LIMIT_EXAMPLES - 1]) > 0));
}

/** @fresh  its text is borrowed */
static void
add_value(struct rf_value_set *values, const struct rf_value *fresh, size_t *room)
{
    struct rf_value *there = find_value(values, fresh);
    if (there != NULL) {
        there->count += fresh->count;
        return;
    }
    if (!values->more && (fresh->is_cut || values->count == RF_LIMIT_VALUES)) {
        become_many(values, room);
    }
    if (is_beyond(values, fresh)) {
        return;
    }
    if (values->more) {
        cut_to(values, RF_LIMIT_EXAMPLES - 1, room);
    }
    insert(values, fresh, room);
}

void
rf_value_set_add(struct rf_value_set *values, bool is_string, const char *text, size_t bytes,
                 size_t *room)
{
    struct rf_value fresh = {
        .count = 1,
        .text = (char *)(uintptr_t)text,
        .is_string = is_string,
        .is_cut = bytes > RF_LIMIT_VALUE_BYTES,
    };
    if (fresh.is_cut) {
        bytes = rf_utf8_valid(text, RF_LIMIT_VALUE_BYTES);
    }
    fresh.bytes = (uint8_t)bytes;
    if (is_beyond(values, &fresh)) {
        return;
    }
    fresh.hash = rf_hash(text, bytes, 0);
    add_value(values, &fresh, room);
}

void
rf_value_set_join(struct rf_value_set *values, const struct rf_value_set *other, size_t *room)
{
    if (other->none && !values->none) {
        give_up(values, room);
    }
    if (other->more && !values->more) {
        become_many(values, room);
    }
    for (size_t i = 0; i < other->count && !values->none; i++) {
        add_value(values, &other->items[i], room);
    }
}

static int
compare_listed(const void *left, const void *right)
{
    const struct rf_value *a = left;
    const struct rf_value *b = right;
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    return compare_kept(a, b);
}

void
rf_value_set_sort(struct rf_value_set *values)
{
    if (values->count > 1) {
        qsort(values->items, values->count, sizeof(*values->items), compare_listed);
    }
}
