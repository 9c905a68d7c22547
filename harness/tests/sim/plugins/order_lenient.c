/* SPDX-License-Identifier: MIT */
/* Folds what it should refuse: an item without a number or a price. */
#include "order.h"

/* Hears of no refusal: one that is called and not returned is a fault. */
static void
ignore(const refold_event *event, const char *text, uint64_t count)
{
    (void)event;
    (void)text;
    (void)count;
}

static int32_t
apply(void *state, const refold_event *event)
{
    struct order *order = state;
    struct order before = *order;
    refold_host deaf = *event->host;
    refold_event quiet = *event;
    deaf.reject = ignore;
    quiet.host = &deaf;
    int32_t result = order_apply(state, event->kind == ORDER_ITEM_ADDED ? &quiet : event);
    if (event->kind == ORDER_ITEM_ADDED && result != REFOLD_OK) {
        *order = before;
        order->updated_at = event->at;
        return REFOLD_OK;
    }
    return result;
}

ORDER(apply)
