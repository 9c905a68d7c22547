// SPDX-License-Identifier: MIT

package refold

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// leftover looks for goroutines that an instance left running: whatever they do later, they do it
// while other instances are folded. It does not see timers (time.AfterFunc), which are no goroutines
// until they go off.
type leftover struct {
	known  map[string]bool // the numbers of those that there were before the first instance
	told   bool
	waited time.Duration // for those that were about to end
	room   []byte        // for the stacks
}

const (
	waitBehindOne = 10 * time.Millisecond
	waitInAll     = time.Second
	stacksBytes   = 64 << 10
	mostStacks    = 16 << 20
)

func (l *leftover) start() {
	l.known = map[string]bool{}
	for _, stack := range l.goroutines() {
		l.known[numberOf(stack)] = true
	}
}

// left are the stacks of those that were not there at the start. Where only the one that folds was, as
// most often, their count says in a few nanoseconds that there are none. Of others one may have ended
// where another began, so that their stacks must be looked at; that is tens of microseconds.
func (l *leftover) left() (stacks []string) {
	if len(l.known) <= 1 && runtime.NumGoroutine() <= 1 {
		return nil
	}
	for _, stack := range l.goroutines() {
		if !l.known[numberOf(stack)] {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}

// look is called behind each instance.
func (l *leftover) look(aggregate, id string) {
	if l.told {
		return
	}
	stacks := l.left()
	if len(stacks) == 0 {
		return
	}
	// One that is about to end is none that was left.
	start := time.Now()
	for len(stacks) > 0 && time.Since(start) < waitBehindOne && l.waited < waitInAll {
		runtime.Gosched()
		time.Sleep(100 * time.Microsecond)
		stacks = l.left()
	}
	l.waited += time.Since(start)
	if len(stacks) == 0 {
		return
	}
	l.told = true
	count := "1 goroutine was"
	if len(stacks) > 1 {
		count = fmt.Sprintf("%d goroutines were", len(stacks))
	}
	fmt.Fprintf(os.Stderr, "refold: %s left running by %s/%q, and may change what is folded later:\n%s", count, aggregate, id,
		describeStacks(stacks))
}

// goroutines are the stacks of all, as Go prints them.
func (l *leftover) goroutines() []string {
	for size := stacksBytes; ; size *= 2 {
		if len(l.room) < size {
			l.room = make([]byte, size)
		}
		if used := runtime.Stack(l.room, true); used < len(l.room) || size >= mostStacks {
			return strings.Split(string(l.room[:used]), "\n\n")
		}
	}
}

// numberOf is a goroutine's own, which no other has: its stack begins with "goroutine 7 [running]:".
func numberOf(stack string) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
	return number
}

// describeStacks has a line for each: where it stands and who started it.
func describeStacks(stacks []string) string {
	const most = 10
	own := ownModules()
	var text strings.Builder
	for i, stack := range stacks {
		if i == most {
			break
		}
		text.WriteString("  " + describeStack(stack, own) + "\n")
	}
	return text.String()
}

func describeStack(stack string, own []string) string {
	lines := strings.Split(strings.TrimRight(stack, "\n"), "\n")
	told := strings.TrimSuffix(lines[0], ":")
	stands := ""
	for i := 1; i+1 < len(lines); i += 2 {
		place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
		if name := strings.TrimPrefix(lines[i], "created by "); name != lines[i] {
			return fmt.Sprintf("%s%s, started by %s at %s", told, stands, shortFunction(name), baseName(place))
		}
		function := lines[i]
		if at := strings.LastIndexByte(function, '('); at > 0 {
			function = function[:at]
		}
		if stands == "" && isOwn(packageOf(function), own) {
			stands = fmt.Sprintf(", in %s at %s", shortFunction(function), baseName(place))
		}
	}
	return told + stands
}

func baseName(place string) string {
	return place[strings.LastIndexByte(place, '/')+1:]
}
