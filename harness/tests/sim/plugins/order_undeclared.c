/* SPDX-License-Identifier: MIT */
/* No longer knows a type. */
#include "order.h"

static const refold_type fewer[] = {
    REFOLD_TYPE("OrderCreated", ORDER_CREATED),     REFOLD_TYPE("OrderItemAdded", ORDER_ITEM_ADDED),
    REFOLD_TYPE("OrderApproved", ORDER_APPROVED),   REFOLD_TYPE("OrderPaid", ORDER_PAID),
    REFOLD_TYPE("OrderDelivered", ORDER_DELIVERED), REFOLD_TYPE("OrderCancelled", ORDER_CANCELLED),
    REFOLD_TYPE("OrderRefunded", ORDER_REFUNDED),
};

static const refold_type *const all = types; /* unused here */

static int32_t
apply(void *state, const refold_event *event)
{
    (void)all;
    return order_apply(state, event);
}

ORDER_WITH(fewer, fields, apply)
