// SPDX-License-Identifier: MIT

package refold

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// Sourced is an aggregate as altairsix/eventsource has them: a type with On, and a serializer with
// UnmarshalEvent. These two are all that is looked at, so any library of this shape will do:
//
//	refold.Sourced("order", (*Order).On, serializer.UnmarshalEvent,
//		refold.Events(OrderCreated{}, OrderShipped{}))
//
// The serializer is given records as its own MarshalEvent made them, {"t":type,"d":data}; where the
// history holds them in base64 (see Payloads), the bytes themselves. An error of either refuses the
// event.
func Sourced[S, E any, R ~struct {
	Version int
	Data    []byte
}](name string, on func(*S, E) error, unmarshal func(R) (E, error), options ...Option) *Aggregate {
	a := newAggregate[S](name)
	var envelopes envelopes
	a.apply = func(event *Event) error {
		data, err := envelopes.record(event, a.identify != nil)
		if err != nil {
			return err
		}
		made, err := unmarshal(R{Version: int(event.Version), Data: data})
		if err != nil {
			return err
		}
		return on(a.state.(*S), made)
	}
	return a.with(options)
}

// envelopes writes what stands around an event's data, which is the same for all of a type.
type envelopes struct {
	fronts [][]byte // {"t":type,"d": by mark
}

const unmarked = -1

func (v *envelopes) front(event *Event) []byte {
	mark := event.mark
	if mark != unmarked && mark < len(v.fronts) && v.fronts[mark] != nil {
		return v.fronts[mark]
	}
	kind, _ := json.Marshal(event.Type) // a string has always JSON
	front := append(append([]byte(`{"t":`), kind...), `,"d":`...)
	if mark != unmarked {
		for mark >= len(v.fronts) {
			v.fronts = append(v.fronts, nil)
		}
		v.fronts[mark] = front
	}
	return front
}

// record is the event as it was stored. It may be kept. Of a payload that was identified the data is
// the payload itself, in base64.
func (v *envelopes) record(event *Event, identified bool) ([]byte, error) {
	data := event.borrow()
	if identified && data[0] == '"' {
		text, _ := decodeString(data)
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("the data is a string that is no base64: %w", err)
		}
		return bytes, nil
	}
	front := v.front(event)
	record := event.talk.keep.take(len(front) + len(data) + 1)
	copy(record, front)
	copy(record[len(front):], data)
	record[len(record)-1] = '}'
	return record, nil
}

// An event of such a library tells of itself.
type sourcedEvent interface {
	AggregateID() string
	EventVersion() int
	EventAt() time.Time
}

// Payloads is for a history that holds what a serializer made of the events and is no JSON: the
// payload is decoded once to learn which event it is, and again to be folded.
//
// What the serializer cannot read is damage, unless another aggregate of the same program knows it.
// A payload that two of them can read, as formats without names and kinds may be, is nobody's, and
// damage too; so is what the serializer of another program fails at. There write an Identify that
// looks at what tells them apart, and returns nil for what is not its aggregate's.
func Payloads[E any, R ~struct {
	Version int
	Data    []byte
}](unmarshal func(R) (E, error)) Option {
	identify := func(payload []byte) (*Identity, error) {
		made, err := unmarshal(R{Data: payload})
		if err != nil {
			return nil, err
		}
		event, ok := any(made).(sourcedEvent)
		if !ok {
			return nil, fmt.Errorf("a %T has no AggregateID, EventVersion and EventAt", made)
		}
		version := int64(event.EventVersion())
		found := &Identity{ID: event.AggregateID(), Type: TypeName(made), Version: &version}
		if at := event.EventAt(); !at.IsZero() {
			found.At = at.UTC().Format(time.RFC3339Nano)
		}
		return found, nil
	}
	return func(a *Aggregate) { a.identify, a.guesses = identify, true }
}

// Commands hands commands to Apply, as altairsix/eventsource has it; the values (or slices of such)
// are one of each command, pointers where Apply wants pointers. A new one is filled from JSON: its
// ID, then its data.
//
// Apply most often stamps its events with the clock. Here they have the time of the command: the
// member At of what Apply makes is left out, and refold puts the right one in its place.
func Commands[S, C, E any](apply func(*S, context.Context, C) ([]E, error), commands ...any) Option {
	return func(a *Aggregate) {
		a.expect("Commands", reflect.TypeOf((*S)(nil)))
		kinds := map[string]reflect.Type{}
		for _, command := range flatten(commands) {
			name := TypeName(command)
			if _, ok := command.(C); !ok {
				a.faults = append(a.faults, fmt.Sprintf("a %T is no command for Apply", command))
			}
			a.commands = append(a.commands, name)
			kinds[name] = reflect.TypeOf(command)
		}
		a.handle = func(command Command) ([]Made, error) {
			asked, err := newCommand(kinds[command.Type], command)
			if err != nil {
				return nil, err
			}
			events, err := apply(a.state.(*S), context.Background(), asked.(C))
			if err != nil {
				return nil, err
			}
			made := make([]Made, len(events))
			for i, event := range events {
				if made[i], err = unstamped(event); err != nil {
					return nil, err
				}
			}
			return made, nil
		}
	}
}

// newCommand makes a command of this type: a pointer where the type is one.
func newCommand(kind reflect.Type, command Command) (any, error) {
	pointer := kind.Kind() == reflect.Pointer
	if pointer {
		kind = kind.Elem()
	}
	value := reflect.New(kind)
	id, _ := json.Marshal(map[string]string{"ID": command.ID})
	// A command whose ID is of another kind has no place for it, which is no fault.
	_ = json.Unmarshal(id, value.Interface())
	if err := command.Decode(value.Interface()); err != nil {
		return nil, err
	}
	if pointer {
		return value.Interface(), nil
	}
	return value.Elem().Interface(), nil
}

// unstamped is an event's JSON without its At.
func unstamped(event any) (Made, error) {
	text, err := json.Marshal(event)
	if err != nil {
		return Made{}, err
	}
	var table members
	table.read(text)
	out := []byte{'{'}
	for _, row := range table.rows {
		if !bytes.Equal(row.key, []byte("At")) {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(append(append(out, quoted(row.key)...), ':'), row.value...)
		}
	}
	return Made{Type: TypeName(event), Data: json.RawMessage(append(out, '}'))}, nil
}
