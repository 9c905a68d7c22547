// SPDX-License-Identifier: MIT

// aggregates/go/cmd/nothing, with a clock: now and then it prints its number, how many events came
// since the first one, and how many nanoseconds that took: more and more seldom, for a report keeps
// but the first 4 KiB of what is printed.
package main

import (
	"fmt"
	"os"
	"time"

	"refold"
)

var (
	start  time.Time
	events int64
	states int64
	next   int64 = 1000
)

type nothing struct{}

func (nothing) MarshalJSON() ([]byte, error) {
	if states++; states == next {
		next += next / 5
		fmt.Fprintln(os.Stderr, os.Getpid(), events, time.Since(start).Nanoseconds())
	}
	return []byte("{}"), nil
}

func main() {
	refold.Main(refold.Func("nothing", func(*nothing, refold.Event) error {
		if events++; events == 1 {
			start = time.Now()
		}
		return nil
	}, refold.Types("*")))
}
