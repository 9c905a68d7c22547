/* SPDX-License-Identifier: MIT */
/* Forgets the quantity. */
#include "order.h"

static int32_t
apply(void *state, const refold_event *event)
{
    struct order *order = state;
    int64_t before = order->total_cents;
    int64_t quantity;
    int64_t price_cents;
    if (event->kind != ORDER_ITEM_ADDED) {
        return order_apply(state, event);
    }
    order->updated_at = event->at;
    if (!refold_event_int(event, "Qty", &quantity)) {
        return refold_reject(event, "Qty is not an integer");
    }
    if (!refold_event_int(event, "PriceCents", &price_cents)) {
        return refold_reject(event, "PriceCents is not an integer");
    }
    if (__builtin_add_overflow(before, price_cents, &order->total_cents)) {
        return refold_reject(event, "totalCents would overflow");
    }
    order->items++;
    return REFOLD_OK;
}

ORDER(apply)
