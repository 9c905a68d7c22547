/* SPDX-License-Identifier: MIT */
/* Has a state that is no JSON, for as long as an order is cancelled. */
#include "order.h"

struct rated {
    struct order order;
    double rate;
    uint8_t has_rate;
};

static const refold_field rated_fields[] = {
    REFOLD_ENUM(struct rated, order.status, "status", status_names),
    REFOLD_INT(struct rated, order.items, "items"),
    REFOLD_INT(struct rated, order.total_cents, "totalCents"),
    REFOLD_TIME(struct rated, order.created_at, "createdAt"),
    REFOLD_TIME(struct rated, order.updated_at, "updatedAt"),
    REFOLD_OPTIONAL(struct rated, rate, "rate", REFOLD_F_REAL, has_rate),
};

static const refold_field *const all = fields; /* unused here */

static int32_t
apply(void *state, const refold_event *event)
{
    struct rated *rated = state;
    int32_t result = order_apply(&rated->order, event);
    (void)all;
    if (result == REFOLD_OK) {
        rated->has_rate = rated->order.status == STATUS_CANCELLED;
        rated->rate = __builtin_nan("");
    }
    return result;
}

REFOLD_AGGREGATE_("order", 1, struct rated, types, rated_fields, apply, commands,
                  sizeof(commands) / sizeof((commands)[0]), order_handle)
