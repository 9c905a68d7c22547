// SPDX-License-Identifier: MIT

// talk folds the orders of a service, whose code is in orders/ and knows nothing of refold:
//
//	refold run -a aggregates/go/examples/talk fixtures/talk-orders/events
package main

import (
	"refold"
	"refold/eventsource"
	"refold/examples/talk/orders"
)

func main() {
	serializer := eventsource.NewJSONSerializer(orders.Events...)
	refold.Main(refold.Sourced("order", (*orders.Order).On, serializer.UnmarshalEvent,
		refold.Events(orders.Events),
		refold.Commands((*orders.Order).Apply, orders.Commands)))
}
