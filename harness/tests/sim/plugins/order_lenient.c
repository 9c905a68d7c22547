/* SPDX-License-Identifier: MIT */
/* Folds what it should refuse: an item without a number or a price. */
#include "order.h"

static int32_t
apply(void *state, const refold_event *event)
{
    struct order *order = state;
    struct order before = *order;
    int32_t result = order_apply(state, event);
    if (event->kind == ORDER_ITEM_ADDED && result != REFOLD_OK) {
        *order = before;
        order->updated_at = event->at;
        return REFOLD_OK;
    }
    return result;
}

ORDER(apply)
