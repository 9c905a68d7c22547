// SPDX-License-Identifier: MIT

// Package refold lets refold run aggregates that are written in Go.
//
// A program's main hands its aggregates to Main, and is done:
//
//	func main() {
//		refold.Main(refold.Func("order", apply, refold.Types("OrderCreated", "OrderShipped")))
//	}
//
// An aggregate is a function that folds one event into a state (Func), or a type with On and a
// serializer with UnmarshalEvent, as altairsix/eventsource has them (Sourced). Options tell what
// else it can do. The state is what encoding/json makes of the value.
//
// What folds must be pure: the same events give the same state, on any machine, whatever was folded
// before. README.md says what that asks of Go code.
package refold

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"

	"refold/internal/descriptor"
)

// Protocol is the version of the worker protocol that this package speaks.
const Protocol = 1

const speaker = "refold-go 1"

// exitMistake is the status where refold's side, or how the program was started, is wrong.
const exitMistake = 2

// States are small and short-lived: with Go's usual 100 per cent the collector would run every 4 MiB
// of events, with 400 every 16. Where states are large it runs as often as it must to stay within
// three quarters of the memory that refold grants (--aggregate-memory). That is what RLIMIT_DATA
// allows less what a runtime maps beside its heap (harness/worker/bounds.c).
// refold starts a program for each core: of more processors, a second one is for the collector.
const (
	gcPercent    = 400
	processors   = 2
	resourceData = 2 // RLIMIT_DATA
	besideHeap   = 512 << 20
	usualMemory  = 1 << 30  // where no limit is set
	stackBytes   = 64 << 20 // a recursion without an end is told before it has taken all memory
)

func init() {
	if runtime.GOMAXPROCS(0) > processors {
		runtime.GOMAXPROCS(processors)
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit())
	debug.SetMaxStack(stackBytes)
}

func memoryLimit() int64 {
	var limit syscall.Rlimit
	memory := uint64(usualMemory)
	if syscall.Getrlimit(resourceData, &limit) == nil && limit.Cur > besideHeap && limit.Cur < usualMemory<<10 {
		memory = uint64(limit.Cur) - besideHeap
	}
	return int64(memory / 4 * 3)
}

// Main folds events for refold until there are no more, and ends the program.
func Main(aggregates ...*Aggregate) {
	if !descriptor.Started() {
		explain(aggregates)
		os.Exit(exitMistake)
	}
	if err := descriptor.Claim(); err != nil {
		mistake("standard output could not be kept: %v", err)
	}
	for _, a := range aggregates {
		if err := a.settle(); err != nil {
			mistake("%v", err)
		}
		fmt.Fprint(os.Stderr, a.hiddenNotice())
	}
	talk := newTalk(0, descriptor.Output(), aggregates)
	os.Exit(talk.run())
}

// mistake says on standard error what is wrong, and ends the program.
func mistake(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(exitMistake)
}

// explain is for people who start the program by hand.
func explain(aggregates []*Aggregate) {
	name := filepath.Base(os.Args[0])
	fmt.Fprintf(os.Stderr, "%s folds events for refold:", name)
	for i, a := range aggregates {
		if i > 0 {
			fmt.Fprint(os.Stderr, ",")
		}
		fmt.Fprintf(os.Stderr, " the aggregate %q", a.name)
	}
	if len(aggregates) == 0 {
		fmt.Fprint(os.Stderr, " no aggregate at all")
	}
	fmt.Fprintf(os.Stderr, "\nrefold starts it and speaks with it; by itself it does nothing:\n\n"+
		"    refold run -a %s HISTORY\n", os.Args[0])
}
