// SPDX-License-Identifier: MIT

// order folds the events of orders for refold.
package main

import (
	"refold"
	"refold/order"
)

func main() {
	refold.Main(order.Aggregate())
}
