// SPDX-License-Identifier: MIT

// Package orders is an aggregate as the talk's third demonstration has one: a service's own code,
// with nothing of refold in it. Only the import below is another than in production,
// github.com/altairsix/eventsource there.
package orders

import (
	"context"
	"fmt"
	"time"

	"refold/eventsource"
)

// Order is what the events of an order add up to.
type Order struct {
	ID         string
	Version    int
	State      string
	Items      int
	TotalCents int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// The events.
type (
	OrderCreated struct {
		eventsource.Model
	}
	OrderItemAdded struct {
		eventsource.Model
		SKU        string
		Qty        int
		PriceCents int
	}
	OrderApproved struct {
		eventsource.Model
	}
	OrderPaid struct {
		eventsource.Model
		AmountCents int
	}
	OrderShipped struct {
		eventsource.Model
	}
	OrderDelivered struct {
		eventsource.Model
	}
	OrderCancelled struct {
		eventsource.Model
		Reason string
	}
	OrderRefunded struct {
		eventsource.Model
		AmountCents int
	}
)

// Events are one of each, for the serializer.
var Events = []eventsource.Event{
	OrderCreated{}, OrderItemAdded{}, OrderApproved{}, OrderPaid{}, OrderShipped{}, OrderDelivered{}, OrderCancelled{},
	OrderRefunded{},
}

// On folds one event.
func (o *Order) On(event eventsource.Event) error {
	switch e := event.(type) {
	case *OrderCreated:
		o.State = "created"
		o.CreatedAt = e.At.UTC()
	case *OrderItemAdded:
		o.Items++
		o.TotalCents += e.Qty * e.PriceCents
	case *OrderApproved:
		o.State = "approved"
	case *OrderPaid:
		o.State = "paid"
	case *OrderShipped:
		o.State = "shipped"
	case *OrderDelivered:
		o.State = "delivered"
	case *OrderCancelled:
		o.State = "cancelled"
	case *OrderRefunded:
		o.State = "refunded"
		o.TotalCents -= e.AmountCents
	default:
		return fmt.Errorf("no order handles %T", event)
	}
	o.ID = event.AggregateID()
	o.Version = event.EventVersion()
	o.UpdatedAt = event.EventAt().UTC()
	return nil
}

// The commands.
type (
	CreateOrder struct {
		eventsource.CommandModel
	}
	ApproveOrder struct {
		eventsource.CommandModel
	}
	ShipOrder struct {
		eventsource.CommandModel
	}
)

// Commands are one of each.
var Commands = []eventsource.Command{&CreateOrder{}, &ApproveOrder{}, &ShipOrder{}}

// Apply decides what a command does.
func (o *Order) Apply(ctx context.Context, command eventsource.Command) ([]eventsource.Event, error) {
	next := eventsource.Model{ID: command.AggregateID(), Version: o.Version + 1, At: time.Now()}
	switch command.(type) {
	case *CreateOrder:
		if o.State != "" {
			return nil, fmt.Errorf("order exists already")
		}
		return []eventsource.Event{&OrderCreated{Model: next}}, nil
	case *ApproveOrder:
		if o.State != "created" {
			return nil, fmt.Errorf("order is not created")
		}
		return []eventsource.Event{&OrderApproved{Model: next}}, nil
	case *ShipOrder:
		if o.State != "approved" {
			return nil, fmt.Errorf("order is not approved")
		}
		return []eventsource.Event{&OrderShipped{Model: next}}, nil
	default:
		return nil, fmt.Errorf("no order handles %T", command)
	}
}
