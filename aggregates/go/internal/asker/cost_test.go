// SPDX-License-Identifier: MIT

package asker

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// conversation is what refold sends for so many instances of ten events each.
func conversation(instances int) []byte {
	var sent bytes.Buffer
	a := New(&sent, nil)
	a.Send(Hello, []byte(`{"protocol":1}`))
	at := time.Date(2017, 3, 1, 12, 0, 0, 123456000, time.UTC)
	item := `{"ID":"order-0012345","Version":3,"At":"2017-03-01T12:00:00.123456Z","Sku":"flask","Qty":4,"PriceCents":51234,` +
		`"Warehouse":"EU-4","Trace":{"Span":"0123456789abcdef","Request":"0123456789abcdef0123","Host":"ip-10-0-0-1"}}`
	for i := 0; i < instances; i++ {
		id := fmt.Sprintf("order-%07d", i)
		records := [][]byte{a.Record("OrderCreated", 1, at, item)}
		for version := int64(2); version < 10; version++ {
			records = append(records, a.Record("OrderItemAdded", version, at, item))
		}
		records = append(records, a.Record("OrderApproved", 10, at, item))
		a.Begin(0, "order", id, nil)
		a.Events(records...)
		a.Send(State, nil)
		a.Send(End, nil)
	}
	return sent.Bytes()
}

// TestCost prints what a program takes for each event: REFOLD_COST=PROGRAM go test -run Cost -v.
func TestCost(t *testing.T) {
	program := os.Getenv("REFOLD_COST")
	if program == "" {
		t.Skip("REFOLD_COST names no program")
	}
	const instances, rounds = 20000, 5
	sent := conversation(instances)
	for round := 0; round < rounds; round++ {
		command := exec.Command(program)
		command.Env, command.Stderr = []string{}, os.Stderr
		input, _ := command.StdinPipe()
		output, _ := command.StdoutPipe()
		start := time.Now()
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = input.Write(sent)
			_ = input.Close()
		}()
		received, _ := io.Copy(io.Discard, output)
		if err := command.Wait(); err != nil {
			t.Fatal(err)
		}
		events := time.Duration(instances * 10)
		state := command.ProcessState
		t.Logf("%v wall, %v user, %v system for each event; %d bytes came", time.Since(start)/events, state.UserTime()/events,
			state.SystemTime()/events, received)
	}
}
