// SPDX-License-Identifier: MIT

// The orders of a history, folded with Go's standard library: a peer of `make bench`.
//
//	fold-go OUT FILE.gz...
//
// Each file is read by one goroutine, as many at once as there are processors; then the orders are folded. Does what
// aggregates/order.c does, and writes refold's golden lines.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
)

type record struct {
	T string `json:"t"`
	D struct {
		ID          string
		Version     int64
		At          string
		Qty         *int64
		PriceCents  *int64
		AmountCents *int64
	} `json:"d"`
}

type event struct {
	version, qty, price, amount int64
	kind, at                    string
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fold-go:", err)
		os.Exit(1)
	}
}

func number(value *int64, name string) int64 {
	if value == nil {
		check(fmt.Errorf("%s is missing", name))
	}
	return *value
}

func read(path string, orders map[string][]event) {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	inflated, err := gzip.NewReader(bufio.NewReaderSize(file, 1<<18))
	check(err)
	decoder := json.NewDecoder(bufio.NewReaderSize(inflated, 1<<18))
	for {
		var r record
		err := decoder.Decode(&r)
		if err == io.EOF {
			return
		}
		check(err)
		e := event{version: r.D.Version, kind: r.T, at: r.D.At}
		switch r.T {
		case "OrderItemAdded":
			e.qty, e.price = number(r.D.Qty, "Qty"), number(r.D.PriceCents, "PriceCents")
		case "OrderPaid", "OrderRefunded":
			e.amount = number(r.D.AmountCents, "AmountCents")
		}
		orders[r.D.ID] = append(orders[r.D.ID], e)
	}
}

func readAll(paths []string) map[string][]event {
	work := make(chan string, len(paths))
	for _, path := range paths {
		work <- path
	}
	close(work)
	parts := make([]map[string][]event, runtime.NumCPU())
	var crew sync.WaitGroup
	for i := range parts {
		parts[i] = map[string][]event{}
		crew.Add(1)
		go func(part map[string][]event) {
			defer crew.Done()
			for path := range work {
				read(path, part)
			}
		}(parts[i])
	}
	crew.Wait()
	for _, part := range parts[1:] {
		for id, events := range part {
			parts[0][id] = append(parts[0][id], events...)
		}
	}
	return parts[0]
}

func fold(id string, events []event, out io.Writer) {
	sort.SliceStable(events, func(a, b int) bool { return events[a].version < events[b].version })
	var created, status, updated string
	var items, total, version int64
	for _, e := range events {
		if e.version == version {
			continue // a copy
		}
		version, updated = e.version, e.at
		switch e.kind {
		case "OrderItemAdded":
			items++
			total += e.qty * e.price
			continue
		case "OrderCreated":
			created = e.at
		case "OrderRefunded":
			total -= e.amount
		}
		status = strings.ToLower(strings.TrimPrefix(e.kind, "Order"))
	}
	fmt.Fprintf(out, `{"id":"%s","state":{"createdAt":"%s","items":%d,"status":"%s","totalCents":%d,"updatedAt":"%s"},"version":%d}`+"\n",
		id, created, items, status, total, updated, version)
}

func main() {
	orders := readAll(os.Args[2:])
	ids := make([]string, 0, len(orders))
	for id := range orders {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	file, err := os.Create(os.Args[1])
	check(err)
	out := bufio.NewWriterSize(file, 1<<18)
	for _, id := range ids {
		fold(id, orders[id], out)
	}
	check(out.Flush())
	check(file.Close())
}
