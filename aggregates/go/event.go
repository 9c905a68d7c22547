// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/json"
	"strconv"
	"time"
	"unsafe"
)

// Event is one event of an instance, in the order of their versions. It is good until the call that
// it was given to returns; what its methods return stays.
type Event struct {
	Aggregate string // the aggregate's name, as the event or the config has it
	ID        string // of the instance
	Type      string
	Version   int64
	At        time.Time // in UTC; zero where the event has no time
	Timed     bool      // it has a time

	data []byte // JSON, borrowed
	talk *talk
	call uint64 // of talk, for whom keeps the event too long
	mark int    // of its type, for what is kept by type
}

// When is the event's time, as a state keeps one that may be absent: nil where it has none.
func (e *Event) When() *time.Time {
	if !e.Timed {
		return nil
	}
	at := e.At
	return &at
}

// JSON is the event's data.
func (e *Event) JSON() json.RawMessage {
	return e.talk.keep.copy(e.borrow())
}

// Decode is json.Unmarshal of the event's data. It takes keys of any case, numbers such as 1e2 for
// integers where they fit, and leaves what is not there as it is: Int and the others do not.
func (e *Event) Decode(to any) error {
	return json.Unmarshal(e.borrow(), to)
}

// Has tells whether the data is an object with this member; of a repeated key the last one counts,
// here and below.
func (e *Event) Has(name string) bool {
	return e.member(name) != nil
}

// Member is the JSON of a member of the data, or nil.
func (e *Event) Member(name string) json.RawMessage {
	token := e.member(name)
	if token == nil {
		return nil
	}
	return e.talk.keep.copy(token)
}

// Int is a member that is an integer which fits; 3.0, 1e2 and "3" are none.
func (e *Event) Int(name string) (int64, bool) {
	token := e.member(name)
	negative := len(token) > 0 && token[0] == '-'
	if negative {
		token = token[1:]
	}
	magnitude, ok := readMagnitude(token)
	switch {
	case !ok || (!negative && magnitude > 1<<63-1) || magnitude > 1<<63:
		return 0, false
	case negative:
		return -int64(magnitude), true
	default:
		return int64(magnitude), true
	}
}

// Uint is a member that is an integer from 0 on which fits.
func (e *Event) Uint(name string) (uint64, bool) {
	token := e.member(name)
	if len(token) > 0 && token[0] == '-' {
		magnitude, ok := readMagnitude(token[1:])
		return 0, ok && magnitude == 0
	}
	return readMagnitude(token)
}

// Real is a member that is a number, as the nearest double.
func (e *Event) Real(name string) (float64, bool) {
	token := e.member(name)
	if len(token) == 0 || (token[0] != '-' && !isDigit(token[0])) {
		return 0, false
	}
	real, err := strconv.ParseFloat(borrowString(token), 64)
	return real, err == nil
}

// Bool is a member that is true or false.
func (e *Event) Bool(name string) (value, ok bool) {
	token := e.member(name)
	value = string(token) == "true"
	return value, value || string(token) == "false"
}

// Text is a member that is a string, decoded.
func (e *Event) Text(name string) (string, bool) {
	token := e.member(name)
	if len(token) < 2 || token[0] != '"' {
		return "", false
	}
	return decodeString(token)
}

// As is the event with another type and other data, for Upcast. Data is what json.Marshal takes; nil:
// as it was.
func (e Event) As(kind string, data any) (Event, error) {
	if data != nil {
		text, err := json.Marshal(data)
		if err != nil {
			return e, err
		}
		e.data = text
	}
	if kind != e.Type {
		e.Type, e.mark = kind, unmarked
	}
	return e, nil
}

func (e *Event) member(name string) []byte {
	return e.talk.members.find(e.borrow(), name)
}

// borrow guards against an event that was kept: its data is another event's by now.
func (e *Event) borrow() []byte {
	if e.talk == nil || e.call != e.talk.call {
		panic("refold: an event was read after the call that it was given to had returned")
	}
	return e.data
}

func borrowString(bytes []byte) string {
	return *(*string)(unsafe.Pointer(&bytes))
}

// Command is a command to an instance: its name is Type, and Version that of the instance's last
// event. At is when it was given: the events that it makes have this time.
type Command struct {
	Event
}

// Made is an event that a command makes. Data is what json.Marshal takes; nil is {}.
type Made struct {
	Type string
	Data any
}
