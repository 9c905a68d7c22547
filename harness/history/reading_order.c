/* SPDX-License-Identifier: MIT */
/* Archives from front to back, then what takes longest, so that no thread ends with that. */
#include "history/reading_order.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/order.h"

/** For qsort: objects as pointers. */
static int
compare_objects(const void *left, const void *right)
{
    const struct rf_object *a = *(const struct rf_object *const *)left;
    const struct rf_object *b = *(const struct rf_object *const *)right;
    if (a->in_sequence != b->in_sequence) {
        return a->in_sequence ? -1 : 1;
    }
    if (a->in_sequence && (a->source != b->source || a->place != b->place)) {
        return a->source != b->source ? RF_ORDER(a->source, b->source)
                                      : RF_ORDER(a->place, b->place);
    }
    return a->bytes != b->bytes ? RF_ORDER(b->bytes, a->bytes) : RF_ORDER(a->number, b->number);
}

uint32_t *
rf_reading_order(const struct rf_objects *objects)
{
    const struct rf_object **sorted = rf_calloc(objects->count, sizeof(const struct rf_object *));
    uint32_t *order = rf_calloc(objects->count, sizeof(*order));
    for (size_t i = 0; i < objects->count; i++) {
        RF_VERIFY(objects->items[i].number == i);
        sorted[i] = &objects->items[i];
    }
    qsort(sorted, objects->count, sizeof(const struct rf_object *), compare_objects);
    for (size_t i = 0; i < objects->count; i++) {
        order[i] = sorted[i]->number;
    }
    free(sorted);
    return order;
}
