/* SPDX-License-Identifier: MIT */
/*
 * An order: created, filled with items, approved, paid, shipped, delivered; or cancelled, refunded.
 *
 * Facts are facts: an event is refused when its own data is wrong, never for the state that it
 * finds. Commands are not: whether one may happen is decided here, by the state. Money is in cents.
 */
#include <refold/aggregate.h>

enum {
    ORDER_CREATED = 1,
    ORDER_ITEM_ADDED,
    ORDER_APPROVED,
    ORDER_PAID,
    ORDER_SHIPPED,
    ORDER_DELIVERED,
    ORDER_CANCELLED,
    ORDER_REFUNDED,
};

static const refold_type types[] = {
    REFOLD_TYPE("OrderCreated", ORDER_CREATED),     REFOLD_TYPE("OrderItemAdded", ORDER_ITEM_ADDED),
    REFOLD_TYPE("OrderApproved", ORDER_APPROVED),   REFOLD_TYPE("OrderPaid", ORDER_PAID),
    REFOLD_TYPE("OrderShipped", ORDER_SHIPPED),     REFOLD_TYPE("OrderDelivered", ORDER_DELIVERED),
    REFOLD_TYPE("OrderCancelled", ORDER_CANCELLED), REFOLD_TYPE("OrderRefunded", ORDER_REFUNDED),
};

enum {
    STATUS_CREATED = 1,
    STATUS_APPROVED,
    STATUS_PAID,
    STATUS_SHIPPED,
    STATUS_DELIVERED,
    STATUS_CANCELLED,
    STATUS_REFUNDED,
};

static const char *const status_names[] = {
    "", "created", "approved", "paid", "shipped", "delivered", "cancelled", "refunded",
};

/* Begins as zeros: no status, no times, and 0 items for 0 cents. */
struct order {
    int32_t status;
    int64_t items;
    int64_t total_cents;
    refold_time created_at;
    refold_time updated_at; /* of the latest event */
};

static const refold_field fields[] = {
    REFOLD_ENUM(struct order, status, "status", status_names),
    REFOLD_INT(struct order, items, "items"),
    REFOLD_INT(struct order, total_cents, "totalCents"),
    REFOLD_TIME(struct order, created_at, "createdAt"),
    REFOLD_TIME(struct order, updated_at, "updatedAt"),
};

static int32_t
add_item(struct order *order, const refold_event *event)
{
    int64_t quantity;
    int64_t price_cents;
    int64_t cents;
    if (!refold_event_int(event, "Qty", &quantity)) {
        return refold_reject(event, "Qty is not an integer");
    }
    if (!refold_event_int(event, "PriceCents", &price_cents)) {
        return refold_reject(event, "PriceCents is not an integer");
    }
    if (__builtin_mul_overflow(quantity, price_cents, &cents) ||
        __builtin_add_overflow(order->total_cents, cents, &order->total_cents)) {
        return refold_reject(event, "totalCents would overflow");
    }
    order->items++;
    return REFOLD_OK;
}

static int32_t
pay(struct order *order, const refold_event *event)
{
    int64_t amount_cents;
    if (!refold_event_int(event, "AmountCents", &amount_cents)) {
        return refold_reject(event, "AmountCents is not an integer");
    }
    order->status = STATUS_PAID;
    return REFOLD_OK;
}

static int32_t
refund(struct order *order, const refold_event *event)
{
    int64_t amount_cents;
    if (!refold_event_int(event, "AmountCents", &amount_cents)) {
        return refold_reject(event, "AmountCents is not an integer");
    }
    if (__builtin_sub_overflow(order->total_cents, amount_cents, &order->total_cents)) {
        return refold_reject(event, "totalCents would overflow");
    }
    order->status = STATUS_REFUNDED;
    return REFOLD_OK;
}

static int32_t
order_apply(void *state, const refold_event *event)
{
    struct order *order = state;
    order->updated_at = event->at;
    switch (event->kind) {
    case ORDER_CREATED:
        order->status = STATUS_CREATED;
        order->created_at = event->at;
        return REFOLD_OK;
    case ORDER_ITEM_ADDED:
        return add_item(order, event);
    case ORDER_APPROVED:
        order->status = STATUS_APPROVED;
        return REFOLD_OK;
    case ORDER_PAID:
        return pay(order, event);
    case ORDER_SHIPPED:
        order->status = STATUS_SHIPPED;
        return REFOLD_OK;
    case ORDER_DELIVERED:
        order->status = STATUS_DELIVERED;
        return REFOLD_OK;
    case ORDER_CANCELLED:
        order->status = STATUS_CANCELLED;
        return REFOLD_OK;
    case ORDER_REFUNDED:
        return refund(order, event);
    default:
        return refold_reject(event, "is in the table of types, and apply does not know it");
    }
}

/* ---- commands ---- */

enum { CREATE_ORDER = 1, APPROVE_ORDER, SHIP_ORDER };

static const refold_type commands[] = {
    REFOLD_COMMAND("CreateOrder", CREATE_ORDER),
    REFOLD_COMMAND("ApproveOrder", APPROVE_ORDER),
    REFOLD_COMMAND("ShipOrder", SHIP_ORDER),
};

static int32_t
order_handle(const void *state, const refold_event *command, const refold_host *host)
{
    const struct order *order = state;
    (void)host;
    switch (command->kind) {
    case CREATE_ORDER:
        if (order->status != 0) {
            return refold_reject(command, "order exists already");
        }
        return refold_emit(command, "OrderCreated", NULL);
    case APPROVE_ORDER:
        if (order->status != STATUS_CREATED) {
            return refold_reject(command, "order is not created");
        }
        return refold_emit(command, "OrderApproved", NULL);
    case SHIP_ORDER:
        if (order->status != STATUS_APPROVED) {
            return refold_reject(command, "order is not approved");
        }
        return refold_emit(command, "OrderShipped", NULL);
    default:
        return refold_reject(command, "is in the table of commands, and handle does not know it");
    }
}

REFOLD_AGGREGATE_COMMANDS("order", 1, struct order, types, fields, order_apply, commands,
                          order_handle)
