// SPDX-License-Identifier: MIT

// The orders of a history, read, put in order and folded by one process, with the aggregate and the
// JSON decoder that a service has: what `refold run` with the same aggregate is held against.
//
//	order-alone order|talk OUT FILE...
//
// order is aggregates/go/order, talk the service of aggregates/go/examples/talk with its serializer.
// Files ending in .gz are inflated. OUT has a line of id, version and state for each order.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"sort"
	"strings"
	"time"

	"refold"
	"refold/eventsource"
	"refold/examples/talk/orders"
	"refold/order"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "order-alone:", err)
		os.Exit(1)
	}
}

// decode calls take with each record of a file.
func decode[Record any](path string, take func(Record)) {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	var bytes io.Reader = bufio.NewReaderSize(file, 1<<18)
	if strings.HasSuffix(path, ".gz") {
		bytes, err = gzip.NewReader(bytes)
		check(err)
	}
	decoder := json.NewDecoder(bytes)
	for {
		var record Record
		err := decoder.Decode(&record)
		if err == io.EOF {
			return
		}
		check(err)
		take(record)
	}
}

type event struct {
	version int64
	kind    string
	at      time.Time
	data    json.RawMessage
}

type record struct {
	T string          `json:"t"`
	D json.RawMessage `json:"d"`
}

// readEvents has an order's events by its id.
func readEvents(paths []string) map[string][]event {
	read := map[string][]event{}
	kinds := map[string]string{}
	for _, path := range paths {
		decode(path, func(r record) {
			var head struct {
				ID      string
				Version int64
				At      time.Time
			}
			check(json.Unmarshal(r.D, &head))
			kind, known := kinds[r.T]
			if !known {
				kind = r.T
				kinds[kind] = kind
			}
			read[head.ID] = append(read[head.ID], event{head.Version, kind, head.At.UTC(), r.D})
		})
	}
	return read
}

func foldOrders(paths []string, tell func(id string, version int64, state any)) {
	read := readEvents(paths)
	alone, err := refold.NewAlone(order.Aggregate())
	check(err)
	for id, events := range read {
		sort.SliceStable(events, func(a, b int) bool { return events[a].version < events[b].version })
		alone.Begin(id)
		version := int64(0)
		for _, e := range events {
			if e.version == version {
				continue // a copy
			}
			version = e.version
			check(alone.Apply(e.kind, e.version, e.at, e.data))
		}
		state, err := alone.State()
		check(err)
		tell(id, version, json.RawMessage(state))
	}
}

func foldTalk(paths []string, tell func(id string, version int64, state any)) {
	serializer := eventsource.NewJSONSerializer(orders.Events...)
	read := map[string][]eventsource.Event{}
	for _, path := range paths {
		decode(path, func(raw json.RawMessage) {
			e, err := serializer.UnmarshalEvent(eventsource.Record{Data: raw})
			check(err)
			read[e.AggregateID()] = append(read[e.AggregateID()], e)
		})
	}
	for id, events := range read {
		sort.SliceStable(events, func(a, b int) bool { return events[a].EventVersion() < events[b].EventVersion() })
		var o orders.Order
		for _, e := range events {
			if e.EventVersion() == o.Version {
				continue // a copy
			}
			check(o.On(e))
		}
		tell(id, int64(o.Version), &o)
	}
}

func main() {
	debug.SetMemoryLimit(math.MaxInt64) // the module's is for what refold starts
	file, err := os.Create(os.Args[2])
	check(err)
	out := bufio.NewWriterSize(file, 1<<18)
	encoder := json.NewEncoder(out)
	tell := func(id string, version int64, state any) {
		check(encoder.Encode(map[string]any{"id": id, "version": version, "state": state}))
	}
	if os.Args[1] == "talk" {
		foldTalk(os.Args[3:], tell)
	} else {
		foldOrders(os.Args[3:], tell)
	}
	check(out.Flush())
	check(file.Close())
}
