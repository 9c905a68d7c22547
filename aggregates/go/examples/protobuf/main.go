// SPDX-License-Identifier: MIT

// protobuf folds orders whose events are stored as protobuf messages (order.proto), not as JSON:
//
//	refold run -a aggregates/go/examples/protobuf HISTORY
//
// What a payload is, id, version, type and time, refold asks this program (refold.Payloads); the
// same serializer then makes events of them to be folded. A service has one from protoc in the place
// of wire.go.
package main

import (
	"errors"
	"fmt"
	"time"

	"refold"
	"refold/order"
)

// orderEvent is an OrderEvent of order.proto.
type orderEvent struct {
	id      string
	version int64
	kind    string
	at      int64
	item    *itemAdded
	payment *payment
}

type itemAdded struct {
	sku        string
	qty        int64
	priceCents int64
}

type payment struct {
	amountCents int64
}

func (e *orderEvent) AggregateID() string { return e.id }
func (e *orderEvent) EventVersion() int   { return int(e.version) }
func (e *orderEvent) EventAt() time.Time  { return time.Unix(0, e.at).UTC() }
func (e *orderEvent) EventType() string   { return e.kind }

// record is as a store has them.
type record struct {
	Version int
	Data    []byte
}

func unmarshal(r record) (*orderEvent, error) {
	e := &orderEvent{}
	err := fields(r.Data, func(number int, value uint64, bytes []byte) error {
		switch number {
		case 1:
			e.id = string(bytes)
		case 2:
			e.version = int64(value)
		case 3:
			e.kind = string(bytes)
		case 4:
			e.at = int64(value)
		case 5:
			e.item = &itemAdded{}
			return e.item.read(bytes)
		case 6, 7:
			e.payment = &payment{}
			return e.payment.read(bytes)
		}
		return nil
	})
	if err == nil && (e.id == "" || e.kind == "") {
		err = errors.New("a message without id and type is no OrderEvent")
	}
	return e, err
}

func (i *itemAdded) read(message []byte) error {
	return fields(message, func(number int, value uint64, bytes []byte) error {
		switch number {
		case 1:
			i.sku = string(bytes)
		case 2:
			i.qty = int64(value)
		case 3:
			i.priceCents = int64(value)
		}
		return nil
	})
}

func (p *payment) read(message []byte) error {
	return fields(message, func(number int, value uint64, _ []byte) error {
		if number == 1 {
			p.amountCents = int64(value)
		}
		return nil
	})
}

var statuses = map[string]order.Status{
	"OrderCreated":   order.Created,
	"OrderItemAdded": 0,
	"OrderApproved":  order.Approved,
	"OrderPaid":      order.Paid,
	"OrderShipped":   order.Shipped,
	"OrderDelivered": order.Delivered,
	"OrderCancelled": order.Cancelled,
	"OrderRefunded":  order.Refunded,
}

func on(o *order.Order, e *orderEvent) error {
	at := e.EventAt()
	o.UpdatedAt = &at
	switch e.kind {
	case "OrderCreated":
		o.CreatedAt = &at
	case "OrderItemAdded":
		if e.item == nil {
			return errors.New("there is no item")
		}
		o.Items++
		o.TotalCents += e.item.qty * e.item.priceCents
	case "OrderPaid", "OrderRefunded":
		if e.payment == nil {
			return errors.New("there is no amount")
		}
		if e.kind == "OrderRefunded" {
			o.TotalCents -= e.payment.amountCents
		}
	}
	status, known := statuses[e.kind]
	if !known {
		return fmt.Errorf("no order handles %s", e.kind)
	}
	if status != 0 {
		o.Status = status
	}
	return nil
}

func main() {
	refold.Main(refold.Sourced("order", on, unmarshal,
		refold.Types("OrderCreated", "OrderItemAdded", "OrderApproved", "OrderPaid", "OrderShipped", "OrderDelivered",
			"OrderCancelled", "OrderRefunded"),
		refold.Payloads(unmarshal)))
}
