/* SPDX-License-Identifier: MIT */
/* Says another thing of the same fault. */
#include "order.h"

static int32_t
apply(void *state, const refold_event *event)
{
    int64_t quantity;
    if (event->kind == ORDER_ITEM_ADDED && !refold_event_int(event, "Qty", &quantity)) {
        return refold_reject(event, "Qty is wrong");
    }
    return order_apply(state, event);
}

ORDER(apply)
