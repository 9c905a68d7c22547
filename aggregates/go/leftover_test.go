// SPDX-License-Identifier: MIT

package refold

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// within waits for what other goroutines are about to do.
func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for start := time.Now(); !done(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal(what)
		}
	}
}

// One that ends does not hide one that stays, though there are as many as before.
func TestAGoroutineIsFoundThoughAnotherHasEnded(t *testing.T) {
	end, stay := make(chan int), make(chan int)
	defer close(stay)
	go func() { <-end }()
	var l leftover
	l.start()
	count := runtime.NumGoroutine()
	expect(t, len(l.left()), 0, "left before any")
	go func() { <-stay }()
	close(end)
	within(t, "the first does not end", func() bool { return runtime.NumGoroutine() <= count })
	left := l.left()
	if len(left) != 1 || !strings.Contains(left[0], "TestAGoroutineIsFoundThoughAnotherHasEnded") {
		t.Fatalf("left: %q", left)
	}
	l.look("a", "x")
	expect(t, l.told, true, "told")
}

func BenchmarkLookingForGoroutines(b *testing.B) {
	var l leftover
	l.start()
	for i := 0; i < b.N; i++ {
		l.look("a", "x")
	}
}
