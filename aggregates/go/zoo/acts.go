// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// acts are what a beast does.
var acts = map[string]func(*beast){
	// Go's panics.
	"panic":       func(*beast) { panic("the beast is out") },
	"panic-error": func(*beast) { panic(errors.New("an error\nof two lines")) },
	"panic-nil":   func(*beast) { panic(nil) },
	"index":       func(b *beast) { _ = []int{1, 2}[b.Events+2] },
	"nil":         func(*beast) { (*beast)(nil).Sum++ },
	"map":         func(*beast) { map[string]int(nil)["a"] = 1 },
	"divide":      func(b *beast) { b.Sum /= b.Events - 1 },
	"assert":      func(*beast) { _ = any("text").(int) },
	"repanic":     func(*beast) { defer func() { panic("the second") }(); panic("the first") },
	"goexit":      func(*beast) { runtime.Goexit() },
	"gopanic":     func(*beast) { go func() { panic("in a goroutine") }(); select {} },
	// Ends that no one can tell of.
	"exit0": func(*beast) { os.Exit(0) },
	"exit1": func(*beast) { os.Exit(1) },
	"stack": func(*beast) { descend(0) },
	"fault": func(*beast) { *(*byte)(nowhere()) = 1 },
	"abort": func(*beast) { kill(syscall.SIGABRT) },
	"kill":  func(*beast) { kill(syscall.SIGKILL) },
	"stop":  func(*beast) { kill(syscall.SIGSTOP) },
	// No end.
	"loop":     func(*beast) { loop() },
	"sleep":    func(*beast) { time.Sleep(time.Hour) },
	"deadlock": func(*beast) { var m sync.Mutex; m.Lock(); m.Lock() },
	"channel":  func(*beast) { <-make(chan int) },
	// Memory.
	"hog":   func(*beast) { hog() },
	"large": func(b *beast) { large(b) }, // no misdeed where a GiB is granted
	"grow":  func(b *beast) { b.Bulk = make([]byte, 1<<40) },
	// What belongs to the protocol.
	"print":      func(*beast) { fmt.Println("to standard output"); os.Stdout.WriteString("twice\n") },
	"print-on":   func(*beast) { go printOn(func() { fmt.Println("to standard output, all the time") }) },
	"write-on":   func(*beast) { go printOn(func() { syscall.Write(1, []byte("to descriptor 1, all the time\n")) }) },
	"stdin":      func(*beast) { io.CopyN(io.Discard, os.Stdin, 4096) },
	"close":      func(*beast) { closeAll() },
	"deafen":     func(*beast) { os.Stdin.Close() },
	"write-3":    func(*beast) { writeBeyond() },
	"nan":        func(b *beast) { b.Third = math.NaN() },
	"leave":      func(*beast) { go func() { <-make(chan int) }() },
	"leave-busy": func(*beast) { go loop() },
	"finish":     func(*beast) { go func() { time.Sleep(time.Millisecond) }() },
}

func descend(depth int) int {
	var room [1000]int
	room[depth%1000] = descend(depth+1) + 1
	return room[depth%999]
}

func nowhere() unsafe.Pointer {
	place := uintptr(0xdead0000)
	return *(*unsafe.Pointer)(unsafe.Pointer(&place))
}

func kill(signal syscall.Signal) {
	_ = syscall.Kill(syscall.Getpid(), signal)
	time.Sleep(time.Second)
}

//go:noinline
func loop() {
	for n := 0; n >= 0; n &= 1 {
		n++
	}
}

func hog() {
	for held := [][]byte{}; ; {
		piece := make([]byte, 1<<20)
		for i := range piece {
			piece[i] = byte(i)
		}
		held = append(held, piece)
	}
}

// large holds 200 MiB, and throws ten times as much away.
func large(b *beast) {
	for i := 0; i < 2200; i++ {
		piece := make([]byte, 1<<20)
		for at := 0; at < len(piece); at += 4096 {
			piece[at] = 1
		}
		if i%11 == 0 {
			b.held = append(b.held, piece)
		}
	}
}

func printOn(print func()) {
	for {
		print()
		time.Sleep(10 * time.Microsecond)
	}
}

func closeAll() {
	for fd := 0; fd < 64; fd++ {
		_ = syscall.Close(fd)
	}
}

func writeBeyond() {
	for fd := 3; fd < 64; fd++ {
		_, _ = syscall.Write(fd, []byte("to a descriptor that is not the beast's\n"))
	}
}

// ---- what it looks at ----

var (
	shared  int64 // by all instances
	calls   int
	letters = map[string]bool{"a": true, "b": true, "c": true, "d": true, "e": true, "f": true, "g": true, "h": true, "i": true}
)

// looks are what a beast must not see; what they return goes into the state.
var looks = map[string]func() string{
	"clock":     func() string { return time.Now().Format(time.RFC3339Nano) },
	"elapsed":   func() string { start := time.Now(); return time.Since(start).String() },
	"zone":      func() string { return time.Now().Location().String() },
	"map-order": mapOrder,
	"race":      race,
	"tear":      func() string { var alone int64; return count(&alone) },
	"global":    func() string { calls++; return fmt.Sprint(calls) },
	"pid":       func() string { return fmt.Sprint(os.Getpid()) },
	"pointer":   func() string { return fmt.Sprintf("%p", new(int)) },
	"env":       func() string { return fmt.Sprint(os.Getenv("HOME"), len(os.Environ())) },
	"arguments": func() string { return fmt.Sprint(os.Args) },
	"host":      func() string { name, err := os.Hostname(); return fmt.Sprint(name, err) },
	"file":      func() string { data, err := os.ReadFile("/etc/hostname"); return fmt.Sprint(len(data), err) },
	"write":     func() string { return fmt.Sprint(os.WriteFile("/tmp/refold-zoo", []byte("x"), 0o600)) },
	"dial":      func() string { _, err := net.Dial("tcp", "127.0.0.1:9"); return fmt.Sprint(err) },
	"exec":      func() string { return fmt.Sprint(exec.Command("/bin/true").Run()) },
	"random":    random,
	"coin":      coin,
}

func mapOrder() string {
	order := ""
	for letter := range letters {
		order += letter
	}
	return order
}

// race counts in what all instances share.
func race() string { return count(&shared) }

// count does so by two goroutines at once, without a lock.
func count(what *int64) string {
	var done sync.WaitGroup
	for i := 0; i < 2; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for n := 0; n < 100000; n++ {
				*what++
			}
		}()
	}
	done.Wait()
	return fmt.Sprint(*what)
}
