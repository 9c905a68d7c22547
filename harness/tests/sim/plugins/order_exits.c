/* SPDX-License-Identifier: MIT */
/* Leaves without a word at one quantity. */
#include <stdlib.h>

#include "order.h"

static int32_t
apply(void *state, const refold_event *event)
{
    int64_t quantity;
    int32_t result = order_apply(state, event);
    if (result == REFOLD_OK && event->kind == ORDER_ITEM_ADDED &&
        refold_event_int(event, "Qty", &quantity) && quantity == 13) {
        exit(0);
    }
    return result;
}

ORDER(apply)
