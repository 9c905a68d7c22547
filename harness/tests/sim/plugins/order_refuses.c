/* SPDX-License-Identifier: MIT */
/* Refuses what it folded before. */
#include "order.h"

static int32_t
apply(void *state, const refold_event *event)
{
    if (event->kind == ORDER_REFUNDED) {
        return refold_reject(event, "refunds are closed");
    }
    return order_apply(state, event);
}

ORDER(apply)
