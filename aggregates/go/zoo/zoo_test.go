// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"refold/internal/asker"
)

var program string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "zoo")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(folder, "zoo")
	build := exec.Command("go", "build", "-trimpath", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", output, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(status)
}

func start(t *testing.T) *asker.Program {
	t.Helper()
	p, err := asker.Start(program)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Hello(); err != nil {
		t.Fatal(err)
	}
	return p
}

func records(p *asker.Program) [][]byte {
	return [][]byte{p.Record("Added", 1, time.Unix(1, 0), `{"By":2}`), p.Record("Added", 2, time.Time{}, `{"By":3}`)}
}

func begin(p *asker.Program, id string) (events, state, end uint64) {
	sent := records(p)
	p.Begin(0, "beast", id, nil)
	return p.Events(sent...), p.Send(asker.State, nil), p.Send(asker.End, nil)
}

func TestCrashesAreTold(t *testing.T) {
	const at = `, at acts\.go:\d+ in main\.`
	for deed, want := range map[string]string{
		"panic":       `panic: the beast is out` + at,
		"panic-error": `panic: an error of two lines` + at,
		"panic-nil":   `panic: nil` + at,
		"index":       `panic: index out of range \[3\] with length 2` + at,
		"nil":         `panic: invalid memory address or nil pointer dereference` + at,
		"map":         `panic: assignment to entry in nil map` + at,
		"divide":      `panic: integer divide by zero` + at,
		"assert":      `panic: interface conversion: interface \{\} is string, not int` + at,
		"repanic":     `panic: the second` + at,
		"goexit":      `runtime\.Goexit: the aggregate ended the goroutine that folds` + at,
		"grow":        `panic: makeslice: len out of range` + at,
	} {
		for _, place := range []string{"apply", "state"} {
			if deed == "grow" || (deed == "divide" && place == "state") || (deed == "index" && place == "state") ||
				(deed == "panic-nil" && place == "state") { // encoding/json takes that for none
				continue
			}
			p := start(t)
			if _, err := p.Fold(0, "fine", records(p)...); err != nil {
				t.Fatal(err)
			}
			events, state, _ := begin(p, deed+"@"+place+"-1")
			number := events
			if place == "state" {
				number = state
				if _, err := p.Expect(events, asker.Applied); err != nil {
					t.Fatal(err)
				}
			}
			crashed, err := p.Expect(number, asker.Crashed)
			if err != nil {
				t.Fatalf("%s: %v", deed, err)
			}
			first, stack, _ := strings.Cut(crashed.Text, "\n")
			if !regexp.MustCompile("^" + want).MatchString(first) {
				t.Errorf("%s: %s", deed, first)
			}
			if !strings.Contains(stack, "refold/zoo/main.go:") || strings.Contains(stack, "0x") || strings.Contains(stack, "talk.go") {
				t.Errorf("%s: its stack is %s", deed, stack)
			}
			status, left := p.Finish()
			if status != 2 || len(left) != 0 || p.Stderr.String() != "" {
				t.Errorf("%s: it ended with %d, %v, %s", deed, status, left, p.Stderr.String())
			}
		}
	}
}

// What was answered before goes out once, also where a frame comes in pieces.
func TestACrashInAFrameThatComesInPieces(t *testing.T) {
	for cut := 1; cut < 80; cut += 3 {
		var sent strings.Builder
		writer := asker.New(&sent, nil)
		writer.Send(asker.Hello, []byte(`{"protocol":1}`))
		record := writer.Record("Added", 1, time.Time{}, `{"By":1}`)
		writer.Begin(0, "beast", "fine", nil)
		writer.Events(record)
		writer.Send(asker.End, nil)
		writer.Begin(0, "beast", "panic@apply-1", nil)
		before := sent.Len()
		writer.Events(record, record)
		p, err := asker.Start(program)
		if err != nil {
			t.Fatal(err)
		}
		p.Write([]byte(sent.String()[:before+cut]))
		time.Sleep(2 * time.Millisecond)
		p.Write([]byte(sent.String()[before+cut:]))
		for _, kind := range []uint16{asker.HelloBack, asker.Applied, asker.Ended, asker.Crashed} {
			if answer, err := p.Answer(); err != nil || answer.Kind != kind {
				t.Fatalf("cut at %d: %+v, %v, and %d was to come", cut, answer, err, kind)
			}
		}
		if status, left := p.Finish(); status != 2 || len(left) > 0 {
			t.Errorf("it ended with %d, %v", status, left)
		}
	}
}

func TestEndsThatGoTells(t *testing.T) {
	for deed, want := range map[string]struct {
		status int
		text   string
	}{
		"gopanic":  {2, "panic: in a goroutine\n"},
		"deadlock": {2, "fatal error: all goroutines are asleep - deadlock!\n"},
		"channel":  {2, "fatal error: all goroutines are asleep - deadlock!\n"},
		"stack":    {2, "runtime: goroutine stack exceeds 67108864-byte limit\n"},
		"fault":    {2, "unexpected fault address 0xdead0000\n"},
		"exit0":    {0, ""},
		"exit1":    {1, ""},
	} {
		p := start(t)
		begin(p, deed+"@apply-1")
		_, err := p.Answer()
		status, _ := p.Finish()
		if err == nil || status != want.status || !strings.HasPrefix(p.Stderr.String(), want.text) {
			t.Errorf("%s: %v, it ended with %d, %.200s", deed, err, status, p.Stderr.String())
		}
	}
}

func TestPrintingHarmsNothing(t *testing.T) {
	for _, deed := range []string{"print", "print-on", "write-on"} {
		p := start(t)
		if _, err := p.Fold(0, deed+"@apply-1", records(p)...); err != nil {
			t.Fatalf("%s: %v", deed, err)
		}
		for i := 0; i < 2000; i++ {
			state, err := p.Fold(0, fmt.Sprint(i), records(p)...)
			if err != nil || state != `{"events":2,"sum":5,"third":1.6666666666666665}` {
				t.Fatalf("%s: %s, %v", deed, state, err)
			}
		}
		status, left := p.Finish()
		if status != 0 || len(left) != 0 || !strings.Contains(p.Stderr.String(), "to ") {
			t.Errorf("%s: it ended with %d, %v, %.100s", deed, status, left, p.Stderr.String())
		}
	}
}

func TestGoroutinesThatWereLeftAreToldOnce(t *testing.T) {
	const told = `refold: 1 goroutine was left running by a/"leave@apply-1", and may change what is folded later:
  goroutine \d+ \[chan receive\], in main\.glob\.\.func\d+\.1 at acts\.go:\d+, started by main\.glob\.\.func\d+ at acts\.go:\d+
`
	for deed, want := range map[string]string{"leave": told, "finish": "", "race": ""} {
		p := start(t)
		for i := 1; i < 4; i++ {
			if _, err := p.Fold(0, fmt.Sprintf("%s@apply-%d", deed, i), records(p)...); err != nil {
				t.Fatal(err)
			}
		}
		status, _ := p.Finish()
		if status != 0 || !regexp.MustCompile("^"+want+"$").MatchString(p.Stderr.String()) {
			t.Errorf("%s: it ended with %d, %s", deed, status, p.Stderr.String())
		}
	}
}

// word is 32 bits as frames have them.
func word(values ...uint32) (bytes []byte) {
	for _, value := range values {
		bytes = binary.LittleEndian.AppendUint32(bytes, value)
	}
	return bytes
}

func TestMistakesOfRefoldAreTold(t *testing.T) {
	hello := asker.Frame(1, asker.Hello, []byte(`{"protocol":1}`))
	kind := asker.Frame(2, asker.Type, append(word(0), "Added"...))
	begin := asker.Frame(3, asker.Begin, word(0, 0, 0, 0))
	record := append(append(word(30, 0, 0, 0), make([]byte, 16)...), "{}"...)
	join := func(frames ...[]byte) (sent []byte) {
		for _, frame := range frames {
			sent = append(sent, frame...)
		}
		return sent
	}
	within := join(hello, kind, begin)
	events := func(payload ...[]byte) []byte { return join(within, asker.Frame(4, asker.Events, join(payload...))) }
	letters := append([]byte{}, hello...)
	letters[7] = 'f'
	long := asker.Frame(2, asker.Events, nil)
	copy(long, word(128<<20+1))
	for _, test := range []struct {
		sent []byte
		want string
	}{
		{[]byte("hello, program"), "frame 1: the input ends within its header"},
		{[]byte("hello, programs!"), "frame 1: its header has no letters RF"},
		{letters, "frame 1: its header has no letters RF"},
		{hello[:20], "frame 1: the input ends within its payload"},
		{asker.Frame(2, asker.Hello, []byte(`{"protocol":1}`)), "frame 1: it has the number 2"},
		{asker.Frame(1, asker.Hello, []byte(`{"protocol":2}`)), "frame 1: refold speaks the worker protocol 2, and this program was built for 1"},
		{asker.Frame(1, asker.Hello, []byte(`{"protocol":"1"}`)), "frame 1: HELLO names no protocol"},
		{asker.Frame(1, asker.Hello, []byte(`{}`)), "frame 1: HELLO names no protocol"},
		{asker.Frame(1, asker.Type, word(0)), "frame 1: HELLO comes first, and once"},
		{join(hello, asker.Frame(2, asker.Hello, []byte(`{"protocol":1}`))), "frame 2: HELLO comes first, and once"},
		{join(hello, long), "frame 2: its payload of 134217729 bytes is longer than 134217728"},
		{join(hello, asker.Frame(2, 77, nil)), "frame 2: there is no kind 77"},
		{join(hello, asker.Frame(2, asker.Type, word(1))), "frame 2: type 1 comes where 0 is next"},
		{join(hello, asker.Frame(2, asker.Type, nil)), "frame 2: its payload ends where 4 more bytes were to come"},
		{join(hello, asker.Frame(2, asker.State, nil)), "frame 2: kind 5 outside of an instance"},
		{join(hello, asker.Frame(2, asker.Begin, word(1, 0, 0, 0))), "frame 2: there is no aggregate 1"},
		{join(hello, asker.Frame(2, asker.Begin, word(0, 2, 0, 0))), "frame 2: BEGIN has the flags 2"},
		{join(hello, asker.Frame(2, asker.Begin, word(0, 0, 1, 0))), "frame 2: its payload ends where 1 more bytes were to come"},
		{join(hello, asker.Frame(2, asker.Begin, word(0, 0, 0, 0, 0))), "frame 2: 4 bytes are behind what its payload holds"},
		{join(hello, asker.Frame(2, asker.Identify, word(0, 0))), "frame 2: there is no aggregate 0 that identifies"},
		{join(within, asker.Frame(4, asker.Begin, word(0, 0, 0, 0))), "frame 4: kind 3 within an instance"},
		{join(within, asker.Frame(4, asker.State, word(0))), "frame 4: 4 bytes are behind what its payload holds"},
		{join(within, asker.Frame(4, asker.End, word(0))), "frame 4: 4 bytes are behind what its payload holds"},
		{events(word(2), record), "frame 4: a record of less than 32 bytes"},
		{events(word(1), record, []byte("x")), "frame 4: 1 bytes are behind what its payload holds"},
		{events(word(1), word(30, 1), record[8:]), "frame 4: a record of type 1, which has no name"},
		{events(word(1), word(28), record[4:]), "frame 4: a record of 28 bytes where 30 are left"},
		{events(word(1), word(31), record[4:]), "frame 4: a record of 31 bytes where 30 are left"},
		{events(word(1), word(30, 0, 2, 0), record[16:]), "frame 4: a record with the flags 2 and 0 nanoseconds"},
		{events(word(1), word(30, 0, 1, 1000000000), record[16:]), "frame 4: a record with the flags 1 and 1000000000 nanoseconds"},
		{events(word(1), record[:32], []byte("{,")), "frame 4: the data of an event is no JSON"},
		{events(word(1), word(32), record[4:32], []byte(`{"B"`)), "frame 4: the data of an event is no JSON"},
		{events(word(1), word(31), record[4:32], []byte(`{"B`)), "frame 4: the data of an event is no JSON: a string without an end"},
	} {
		command := exec.Command(program)
		command.Env = []string{}
		command.Stdin = strings.NewReader(string(test.sent))
		var errors strings.Builder
		command.Stderr = &errors
		output, _ := command.StdoutPipe()
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fscan(output)
		_ = command.Wait()
		if status := command.ProcessState.ExitCode(); status != 2 || errors.String() != test.want+"\n" {
			t.Errorf("%s: it ended with %d, %s", test.want, status, errors.String())
		}
	}
}

func TestStandardErrorMayBeAnything(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "errors"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	command.Env, command.Stderr = []string{}, file
	input, _ := command.StdinPipe()
	output, _ := command.StdoutPipe()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := asker.New(input, output).Hello(); err != nil {
		t.Error(err)
	}
	_ = input.Close()
	_ = command.Wait()
}

func TestByHandItSaysWhatItIs(t *testing.T) {
	for _, arguments := range [][]string{nil, {"--help"}} {
		command := exec.Command(program, arguments...)
		output, err := command.CombinedOutput() // its input is /dev/null
		if command.ProcessState.ExitCode() != 2 || !strings.HasPrefix(string(output), `zoo folds events for refold: the aggregate "beast"`) ||
			!strings.Contains(string(output), "refold run -a "+program+" HISTORY") {
			t.Errorf("%v: %v, %s", arguments, err, output)
		}
	}
}
