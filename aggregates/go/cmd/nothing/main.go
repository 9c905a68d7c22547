// SPDX-License-Identifier: MIT

// nothing takes every event and does nothing with it: what the protocol alone costs.
package main

import "refold"

type nothing struct{}

func main() {
	refold.Main(refold.Func("nothing", func(*nothing, refold.Event) error { return nil }, refold.Types("*")))
}
