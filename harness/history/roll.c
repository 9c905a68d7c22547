/* SPDX-License-Identifier: MIT */
/* The order in which instances are gone through where nothing else gives one. */
#include "history/roll.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/order.h"
#include "history/window.h"

static int
compare_places(const void *left, const void *right)
{
    const struct rf_roll_place *a = left;
    const struct rf_roll_place *b = right;
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return RF_ORDER(a->instance, b->instance);
}

const struct rf_roll_place *
rf_roll_call(struct rf_roll *roll, const struct rf_gathering *gathering)
{
    RF_GROW(roll->places, roll->room, gathering->count);
    for (size_t i = 0; i < gathering->count; i++) {
        const struct rf_instance *instance = &gathering->instances[i];
        RF_VERIFY(instance->step_count > 0);
        roll->places[i] = (struct rf_roll_place){rf_class_of(instance->steps[0].event), instance};
    }
    if (gathering->count > 1) {
        qsort(roll->places, gathering->count, sizeof(*roll->places), compare_places);
    }
    return roll->places;
}

void
rf_roll_done(struct rf_roll *roll)
{
    free(roll->places);
    memset(roll, 0, sizeof(*roll));
}
