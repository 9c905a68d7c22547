// SPDX-License-Identifier: MIT

// zoo misbehaves in all ways that tests know by name; it is no example.
//
// It is the aggregate "beast" of harness/tests/worker/plugins/beast.c: events of the type "Added" with
// a number By, and the state {"events","sum","third"}. What an instance does tells its id up to the
// first "@", when the word behind it up to "-": "apply" (at its second event) or "state" (when that is
// written). Some deeds put what they see into the state, as "seen".
package main

import (
	"encoding/json"
	"strings"

	"refold"
)

type beast struct {
	Events int64   `json:"events"`
	Sum    int64   `json:"sum"`
	Third  float64 `json:"third"` // of the sum, rounded event by event
	Seen   string  `json:"seen,omitempty"`
	Bulk   []byte  `json:"-"`

	deed, place string
	held        [][]byte
}

func (b *beast) read(id string) {
	front, behind, _ := strings.Cut(id, "@")
	b.deed, b.place = front, behind
	b.place, _, _ = strings.Cut(behind, "-")
}

func (b *beast) perform(place string) {
	if b.place != place {
		return
	}
	if look := looks[b.deed]; look != nil {
		b.Seen = look()
	}
	if act := acts[b.deed]; act != nil {
		act(b)
	}
}

func apply(b *beast, event refold.Event) error {
	by, _ := event.Int("By")
	b.read(event.ID)
	if b.Events == 1 {
		b.perform("apply")
	}
	b.Events++
	b.Sum += by
	b.Third += float64(by) / 3
	return nil
}

// MarshalJSON is the state's.
func (b *beast) MarshalJSON() ([]byte, error) {
	b.perform("state")
	type plain beast
	return json.Marshal((*plain)(b))
}

func main() {
	refold.Main(refold.Func("beast", apply, refold.Types("Added"), refold.NoRestore()))
}
