// SPDX-License-Identifier: MIT

// Package eventsource has the names of github.com/altairsix/eventsource that aggregates are written
// with, so that code which imports that library is tried under refold by another import path and
// nothing else. Whoever builds with the library itself does not need this package: refold.Sourced
// takes the library's own types as they are.
//
// There is no store and no repository here: refold holds the history.
package eventsource

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"time"
)

// Event is something that has happened to an aggregate.
type Event interface {
	AggregateID() string
	EventVersion() int
	EventAt() time.Time
}

// EventTyper is for events that are stored under another name than that of their Go type.
type EventTyper interface {
	EventType() string
}

// Model is an Event to embed.
type Model struct {
	ID      string
	Version int
	At      time.Time
}

// AggregateID is the id of the aggregate that the event belongs to.
func (m Model) AggregateID() string { return m.ID }

// EventVersion counts an aggregate's events.
func (m Model) EventVersion() int { return m.Version }

// EventAt is when it happened.
func (m Model) EventAt() time.Time { return m.At }

// EventType is the name under which an event is stored, and its Go type without a pointer.
func EventType(event Event) (string, reflect.Type) {
	t := reflect.TypeOf(event)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if named, ok := event.(EventTyper); ok {
		return named.EventType(), t
	}
	return t.Name(), t
}

// Aggregate is what events are folded into.
type Aggregate interface {
	On(event Event) error
}

// Command asks an aggregate for a change.
type Command interface {
	AggregateID() string
}

// CommandModel is a Command to embed.
type CommandModel struct {
	ID string
}

// AggregateID is the id of the aggregate that is asked.
func (m CommandModel) AggregateID() string { return m.ID }

// CommandHandler decides: events, or an error that refuses the command.
type CommandHandler interface {
	Apply(ctx context.Context, command Command) ([]Event, error)
}

// Record is an event as it is stored.
type Record struct {
	Version int
	Data    []byte
}

// History is the records of one aggregate.
type History []Record

var _ sort.Interface = History(nil)

func (h History) Len() int           { return len(h) }
func (h History) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h History) Less(i, j int) bool { return h[i].Version < h[j].Version }

// Serializer makes records of events, and events of records.
type Serializer interface {
	MarshalEvent(event Event) (Record, error)
	UnmarshalEvent(record Record) (Event, error)
}

// JSONSerializer stores an event as {"t":type,"d":event}.
type JSONSerializer struct {
	types map[string]reflect.Type
}

var _ Serializer = (*JSONSerializer)(nil)

// NewJSONSerializer knows the types of these events.
func NewJSONSerializer(events ...Event) *JSONSerializer {
	j := &JSONSerializer{types: map[string]reflect.Type{}}
	j.Bind(events...)
	return j
}

// Bind adds the types of more events.
func (j *JSONSerializer) Bind(events ...Event) {
	for _, event := range events {
		name, t := EventType(event)
		j.types[name] = t
	}
}

type envelope struct {
	Type string          `json:"t"`
	Data json.RawMessage `json:"d"`
}

// MarshalEvent makes a record of an event.
func (j *JSONSerializer) MarshalEvent(event Event) (Record, error) {
	data, err := json.Marshal(event)
	if err != nil {
		return Record{}, NewError(err, ErrInvalidEncoding, "the event has no JSON")
	}
	name, _ := EventType(event)
	data, err = json.Marshal(envelope{Type: name, Data: data})
	if err != nil {
		return Record{}, NewError(err, ErrInvalidEncoding, "the event's envelope has no JSON")
	}
	return Record{Version: event.EventVersion(), Data: data}, nil
}

// UnmarshalEvent makes an event of a record: a pointer to its type.
func (j *JSONSerializer) UnmarshalEvent(record Record) (Event, error) {
	var stored envelope
	if err := json.Unmarshal(record.Data, &stored); err != nil {
		return nil, NewError(err, ErrInvalidEncoding, "the record's envelope is not as JSON should be")
	}
	t, known := j.types[stored.Type]
	if !known {
		return nil, NewError(nil, ErrUnboundEventType, "no event of the type %v was bound", stored.Type)
	}
	event := reflect.New(t).Interface()
	if err := json.Unmarshal(stored.Data, event); err != nil {
		return nil, NewError(err, ErrInvalidEncoding, "the data does not fit %v", stored.Type)
	}
	return event.(Event), nil
}

// MarshalAll makes a history of events.
func (j *JSONSerializer) MarshalAll(events ...Event) (History, error) {
	history := make(History, 0, len(events))
	for _, event := range events {
		record, err := j.MarshalEvent(event)
		if err != nil {
			return nil, err
		}
		history = append(history, record)
	}
	return history, nil
}

// Codes of errors.
const (
	ErrInvalidEncoding   = "InvalidEncoding"
	ErrUnboundEventType  = "UnboundEventType"
	ErrAggregateNotFound = "AggregateNotFound"
	ErrUnhandledEvent    = "UnhandledEvent"
)

// Error is an error with a code.
type Error interface {
	error
	Cause() error
	Code() string
	Message() string
}

type coded struct {
	cause   error
	code    string
	message string
}

func (c *coded) Cause() error    { return c.cause }
func (c *coded) Code() string    { return c.code }
func (c *coded) Message() string { return c.message }
func (c *coded) Unwrap() error   { return c.cause }

func (c *coded) Error() string {
	if c.cause == nil {
		return fmt.Sprintf("[%s] %s", c.code, c.message)
	}
	return fmt.Sprintf("[%s] %s: %v", c.code, c.message, c.cause)
}

// NewError makes an Error.
func NewError(cause error, code, format string, arguments ...interface{}) error {
	return &coded{cause: cause, code: code, message: fmt.Sprintf(format, arguments...)}
}

// ErrHasCode tells whether the error, or one that caused it, has the code.
func ErrHasCode(err error, code string) bool {
	for err != nil {
		found, ok := err.(Error)
		if !ok {
			return false
		}
		if found.Code() == code {
			return true
		}
		err = found.Cause()
	}
	return false
}

// IsNotFound tells whether an aggregate was not found.
func IsNotFound(err error) bool {
	return ErrHasCode(err, ErrAggregateNotFound)
}
