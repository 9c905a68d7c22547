// SPDX-License-Identifier: MIT
//! An order: created, filled with items, approved, paid, shipped, delivered; or cancelled,
//! refunded. What aggregates/order.c says, in Rust.
//!
//! Facts are facts: an event is refused when its own data is wrong, never for the state that it
//! finds. Commands are not: whether one may happen is decided here, by the state. Money is in cents.

use refold::{Aggregate, Command, Definition, Event, NewEvent, Refusal, Shape, Time};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Created,
    Approved,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    Refunded,
}

/// Begins with no status, no times, and 0 items for 0 cents.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    items: i64,
    total_cents: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Time>,
    /// Of the latest event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<Time>,
}

impl Aggregate for Order {
    const NAME: &'static str = "order";
    const TYPES: &'static [&'static str] = &[
        "OrderCreated",
        "OrderItemAdded",
        "OrderApproved",
        "OrderPaid",
        "OrderShipped",
        "OrderDelivered",
        "OrderCancelled",
        "OrderRefunded",
    ];

    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        self.updated_at = event.at();
        self.status = Some(match event.type_name() {
            "OrderCreated" => {
                self.created_at = event.at();
                Status::Created
            }
            "OrderItemAdded" => return self.add_item(event),
            "OrderApproved" => Status::Approved,
            "OrderPaid" => {
                event.int("AmountCents").ok_or("AmountCents is not an integer")?;
                Status::Paid
            }
            "OrderShipped" => Status::Shipped,
            "OrderDelivered" => Status::Delivered,
            "OrderCancelled" => Status::Cancelled,
            "OrderRefunded" => {
                let amount_cents = event.int("AmountCents").ok_or("AmountCents is not an integer")?;
                self.total_cents = self.total_cents.checked_sub(amount_cents).ok_or("totalCents would overflow")?;
                Status::Refunded
            }
            _ => return Err("is in the table of types, and apply does not know it".into()),
        });
        Ok(())
    }

    fn define(definition: Definition<Self>) -> Definition<Self> {
        definition.restores().handles(&["CreateOrder", "ApproveOrder", "ShipOrder"], Order::handle).shape(
            Shape::object([
                ("status", Shape::ENUM),
                ("items", Shape::INT),
                ("totalCents", Shape::INT),
                ("createdAt", Shape::TIME),
                ("updatedAt", Shape::TIME),
            ]),
        )
    }
}

impl Order {
    fn add_item(&mut self, event: &Event) -> Result<(), Refusal> {
        let quantity = event.int("Qty").ok_or("Qty is not an integer")?;
        let price_cents = event.int("PriceCents").ok_or("PriceCents is not an integer")?;
        let cents = quantity.checked_mul(price_cents).ok_or("totalCents would overflow")?;
        self.total_cents = self.total_cents.checked_add(cents).ok_or("totalCents would overflow")?;
        self.items += 1;
        Ok(())
    }

    fn handle(&self, command: &Command) -> Result<Vec<NewEvent>, Refusal> {
        let (wanted, otherwise, made) = match command.name() {
            "CreateOrder" => (None, "order exists already", "OrderCreated"),
            "ApproveOrder" => (Some(Status::Created), "order is not created", "OrderApproved"),
            "ShipOrder" => (Some(Status::Approved), "order is not approved", "OrderShipped"),
            _ => return Err("is in the table of commands, and handle does not know it".into()),
        };
        if self.status != wanted {
            return Err(otherwise.into());
        }
        Ok(vec![NewEvent::new(made)])
    }
}

fn main() {
    refold::run(vec![refold::aggregate::<Order>()]);
}
