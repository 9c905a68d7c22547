/* SPDX-License-Identifier: MIT */
/* Forgets that a paid order is paid. */
#include "order.h"

static int32_t
apply(void *state, const refold_event *event)
{
    struct order *order = state;
    int32_t before = order->status;
    int32_t result = order_apply(state, event);
    if (event->kind == ORDER_PAID) {
        order->status = before;
    }
    return result;
}

ORDER(apply)
