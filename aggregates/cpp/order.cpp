// SPDX-License-Identifier: MIT
/*
 * An order: created, filled with items, approved, paid, shipped, delivered; or cancelled, refunded.
 * What aggregates/order.c says, in C++.
 *
 * Facts are facts: an event is refused when its own data is wrong, never for the state that it
 * finds. Commands are not: whether one may happen is decided here, by the state. Money is in cents.
 */
#include <refold/aggregate.hpp>

namespace
{

using refold::refusal;

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

const refold_type types[] = {
    REFOLD_TYPE("OrderCreated", ORDER_CREATED),     REFOLD_TYPE("OrderItemAdded", ORDER_ITEM_ADDED),
    REFOLD_TYPE("OrderApproved", ORDER_APPROVED),   REFOLD_TYPE("OrderPaid", ORDER_PAID),
    REFOLD_TYPE("OrderShipped", ORDER_SHIPPED),     REFOLD_TYPE("OrderDelivered", ORDER_DELIVERED),
    REFOLD_TYPE("OrderCancelled", ORDER_CANCELLED), REFOLD_TYPE("OrderRefunded", ORDER_REFUNDED),
};

enum { CREATE_ORDER = 1, APPROVE_ORDER, SHIP_ORDER };

const refold_type commands[] = {
    REFOLD_COMMAND("CreateOrder", CREATE_ORDER),
    REFOLD_COMMAND("ApproveOrder", APPROVE_ORDER),
    REFOLD_COMMAND("ShipOrder", SHIP_ORDER),
};

enum class status { none, created, approved, paid, shipped, delivered, cancelled, refunded };

const char *const status_names[] = {
    "", "created", "approved", "paid", "shipped", "delivered", "cancelled", "refunded",
};

class order
{
  public:
    template <class Visitor> void fields(Visitor &visit)
    {
        visit("status", status_, status_names);
        visit("items", items_);
        visit("totalCents", total_cents_);
        visit("createdAt", created_at_);
        visit("updatedAt", updated_at_);
    }

    void apply(const refold::event &event)
    {
        updated_at_ = event.at();
        switch (event.kind()) {
        case ORDER_CREATED:
            created_at_ = event.at();
            status_ = status::created;
            break;
        case ORDER_ITEM_ADDED:
            add_item(event);
            break;
        case ORDER_APPROVED:
            status_ = status::approved;
            break;
        case ORDER_PAID:
            (void)event.get<std::int64_t>("AmountCents");
            status_ = status::paid;
            break;
        case ORDER_SHIPPED:
            status_ = status::shipped;
            break;
        case ORDER_DELIVERED:
            status_ = status::delivered;
            break;
        case ORDER_CANCELLED:
            status_ = status::cancelled;
            break;
        case ORDER_REFUNDED:
            refund(event);
            break;
        default:
            throw refusal("is in the table of types, and apply does not know it");
        }
    }

    void handle(const refold::command &command) const
    {
        switch (command.kind()) {
        case CREATE_ORDER:
            return decide(command, status::none, "order exists already", "OrderCreated");
        case APPROVE_ORDER:
            return decide(command, status::created, "order is not created", "OrderApproved");
        case SHIP_ORDER:
            return decide(command, status::approved, "order is not approved", "OrderShipped");
        default:
            throw refusal("is in the table of commands, and handle does not know it");
        }
    }

  private:
    void add_item(const refold::event &event)
    {
        auto quantity = event.get<std::int64_t>("Qty");
        auto price_cents = event.get<std::int64_t>("PriceCents");
        std::int64_t cents;
        if (__builtin_mul_overflow(quantity, price_cents, &cents) ||
            __builtin_add_overflow(total_cents_, cents, &total_cents_)) {
            throw refusal("totalCents would overflow");
        }
        items_++;
    }

    void refund(const refold::event &event)
    {
        auto amount_cents = event.get<std::int64_t>("AmountCents");
        if (__builtin_sub_overflow(total_cents_, amount_cents, &total_cents_)) {
            throw refusal("totalCents would overflow");
        }
        status_ = status::refunded;
    }

    void decide(const refold::command &command, status wanted, const char *otherwise,
                const char *made) const
    {
        if (status_ != wanted) {
            throw refusal(otherwise);
        }
        command.emit(made);
    }

    status status_ = status::none;
    std::int64_t items_ = 0;
    std::int64_t total_cents_ = 0;
    refold::time created_at_;
    refold::time updated_at_; // of the latest event
};

} // namespace

REFOLD_CLASS_COMMANDS("order", 1, order, types, commands)
