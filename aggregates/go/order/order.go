// SPDX-License-Identifier: MIT

// Package order is an order: created, filled with items, approved, paid, shipped, delivered; or
// cancelled, refunded. It is aggregates/order.c in Go, and gives the same goldens.
//
// Facts are facts: an event is refused when its own data is wrong, never for the state that it
// finds. Commands are not: whether one may happen is decided here, by the state. Money is in cents.
package order

import (
	"errors"
	"time"

	"refold"
)

// Status is what has happened to an order last. 0: nothing yet.
type Status int

const (
	Created Status = iota + 1
	Approved
	Paid
	Shipped
	Delivered
	Cancelled
	Refunded
)

var statusNames = [...]string{"", "created", "approved", "paid", "shipped", "delivered", "cancelled", "refunded"}

// MarshalText is the status's name, in the state's JSON.
func (s Status) MarshalText() ([]byte, error) {
	return []byte(statusNames[s]), nil
}

// UnmarshalText takes a status from its name.
func (s *Status) UnmarshalText(text []byte) error {
	for i, name := range statusNames {
		if i > 0 && name == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return errors.New("no status of an order")
}

// Order begins with no status, no times, and 0 items for 0 cents.
type Order struct {
	Status     Status     `json:"status,omitempty"`
	Items      int64      `json:"items"`
	TotalCents int64      `json:"totalCents"`
	CreatedAt  *time.Time `json:"createdAt,omitempty"`
	UpdatedAt  *time.Time `json:"updatedAt,omitempty"` // of the latest event
}

// What happens to an order without data of its own.
var statusOf = map[string]Status{
	"OrderCreated":   Created,
	"OrderApproved":  Approved,
	"OrderShipped":   Shipped,
	"OrderDelivered": Delivered,
	"OrderCancelled": Cancelled,
}

var (
	errQty      = errors.New("Qty is not an integer")
	errPrice    = errors.New("PriceCents is not an integer")
	errAmount   = errors.New("AmountCents is not an integer")
	errOverflow = errors.New("totalCents would overflow")
	errUnknown  = errors.New("is in the table of types, and apply does not know it")
)

func apply(order *Order, event refold.Event) error {
	order.UpdatedAt = event.When()
	switch event.Type {
	case "OrderCreated":
		order.CreatedAt = event.When()
		order.Status = Created
		return nil
	case "OrderItemAdded":
		return addItem(order, &event)
	case "OrderPaid":
		return pay(order, &event)
	case "OrderRefunded":
		return refund(order, &event)
	}
	status, known := statusOf[event.Type]
	if !known {
		return errUnknown
	}
	order.Status = status
	return nil
}

func addItem(order *Order, event *refold.Event) error {
	quantity, ok := event.Int("Qty")
	if !ok {
		return errQty
	}
	price, ok := event.Int("PriceCents")
	if !ok {
		return errPrice
	}
	cents, ok := multiply(quantity, price)
	if !ok || !add(&order.TotalCents, cents) {
		return errOverflow
	}
	order.Items++
	return nil
}

func pay(order *Order, event *refold.Event) error {
	if _, ok := event.Int("AmountCents"); !ok {
		return errAmount
	}
	order.Status = Paid
	return nil
}

func refund(order *Order, event *refold.Event) error {
	amount, ok := event.Int("AmountCents")
	if !ok {
		return errAmount
	}
	if !subtract(&order.TotalCents, amount) {
		return errOverflow
	}
	order.Status = Refunded
	return nil
}

// multiply is false where the product does not fit.
func multiply(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	product := a * b
	// The least number times -1 is itself again, and divides back.
	if (a == -1 && b == -b) || (b == -1 && a == -a) || product/b != a {
		return 0, false
	}
	return product, true
}

func add(to *int64, value int64) bool {
	sum := *to + value
	if (sum < *to) != (value < 0) {
		return false
	}
	*to = sum
	return true
}

func subtract(from *int64, value int64) bool {
	difference := *from - value
	if (difference > *from) != (value < 0) {
		return false
	}
	*from = difference
	return true
}

// ---- commands ----

func handle(order *Order, command refold.Command) ([]refold.Made, error) {
	switch command.Type {
	case "CreateOrder":
		if order.Status != 0 {
			return nil, errors.New("order exists already")
		}
		return []refold.Made{{Type: "OrderCreated"}}, nil
	case "ApproveOrder":
		if order.Status != Created {
			return nil, errors.New("order is not created")
		}
		return []refold.Made{{Type: "OrderApproved"}}, nil
	case "ShipOrder":
		if order.Status != Approved {
			return nil, errors.New("order is not approved")
		}
		return []refold.Made{{Type: "OrderShipped"}}, nil
	default:
		return nil, errors.New("is in the table of commands, and handle does not know it")
	}
}

// Aggregate is the order for refold.Main.
func Aggregate() *refold.Aggregate {
	return refold.Func("order", apply,
		refold.Types("OrderCreated", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped", "OrderDelivered",
			"OrderCancelled", "OrderRefunded"),
		refold.Handle(handle, "CreateOrder", "ApproveOrder", "ShipOrder"))
}
