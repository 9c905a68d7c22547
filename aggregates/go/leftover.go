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
// while other instances are folded.
type leftover struct {
	known  int // so many there were before the first instance
	told   bool
	waited time.Duration // for those that were about to end
}

const (
	waitBehindOne = 10 * time.Millisecond
	waitInAll     = time.Second
)

func (l *leftover) start() {
	l.known = runtime.NumGoroutine()
}

// look is called behind each instance; it costs a few nanoseconds where there is nothing to tell.
func (l *leftover) look(aggregate, id string) {
	if l.told || runtime.NumGoroutine() <= l.known {
		return
	}
	// One that is about to end is none that was left.
	start := time.Now()
	for runtime.NumGoroutine() > l.known && time.Since(start) < waitBehindOne && l.waited < waitInAll {
		runtime.Gosched()
		time.Sleep(100 * time.Microsecond)
	}
	l.waited += time.Since(start)
	count := runtime.NumGoroutine() - l.known
	if count <= 0 {
		return
	}
	l.told = true
	goroutines := "1 goroutine was"
	if count > 1 {
		goroutines = fmt.Sprintf("%d goroutines were", count)
	}
	fmt.Fprintf(os.Stderr, "refold: %s left running by %s/%q, and may change what is folded later:\n%s", goroutines, aggregate, id,
		describeGoroutines())
}

// describeGoroutines has a line for each goroutine but the one that folds: where it stands and who
// started it.
func describeGoroutines() string {
	const most = 10
	stacks := make([]byte, 64<<10)
	stacks = stacks[:runtime.Stack(stacks, true)]
	own := ownModules()
	var text strings.Builder
	lines := 0
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(stack, "refold.(*leftover).look") || lines == most {
			continue
		}
		lines++
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
