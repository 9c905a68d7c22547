// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/json"
	"time"
)

// Alone folds instances in the process at hand, without a talk: what scripts/bench-program holds
// refold against. It is no part of the module; the script lays it in the package's folder.
type Alone struct {
	talk  talk
	marks map[string]int
}

// NewAlone is for one aggregate.
func NewAlone(a *Aggregate) (*Alone, error) {
	return &Alone{talk: talk{aggregate: a}, marks: map[string]int{}}, a.settle()
}

// Begin begins an instance.
func (x *Alone) Begin(id string) {
	x.talk.id = id
	x.talk.aggregate.state = nil
	x.talk.aggregate.ready()
}

// Apply folds its next event, as talk does.
func (x *Alone) Apply(kind string, version int64, at time.Time, data []byte) error {
	t := &x.talk
	mark, known := x.marks[kind]
	if !known {
		mark = len(t.names)
		x.marks[kind] = mark
		t.names = append(t.names, kind)
	}
	t.call++
	t.members.forget()
	e := &t.event
	e.Aggregate, e.ID, e.Type = t.aggregate.name, t.id, kind
	e.Version, e.At, e.Timed = version, at, true
	e.data, e.talk, e.call, e.mark = data, t, t.call, mark
	return t.aggregate.fold(e)
}

// State is the JSON of it.
func (x *Alone) State() ([]byte, error) {
	return json.Marshal(x.talk.aggregate.state)
}
