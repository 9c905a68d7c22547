/* SPDX-License-Identifier: MIT */
/* Writes a field under another name. */
#include "order.h"

static const refold_field renamed[] = {
    REFOLD_ENUM(struct order, status, "status", status_names),
    REFOLD_INT(struct order, items, "count"),
    REFOLD_INT(struct order, total_cents, "totalCents"),
    REFOLD_TIME(struct order, created_at, "createdAt"),
    REFOLD_TIME(struct order, updated_at, "updatedAt"),
};

static const refold_field *const all = fields; /* unused here */

static int32_t
apply(void *state, const refold_event *event)
{
    (void)all;
    return order_apply(state, event);
}

ORDER_WITH(types, renamed, apply)
