// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Aggregate is what Main is given: made by Func or Sourced.
type Aggregate struct {
	name         string
	stateVersion int64
	types        []string
	commands     []string
	restores     bool
	shape        *shape
	faults       []string // of the options, told by settle
	known        []bool   // by a type's mark, what knows says
	meant        []string // fields that Hidden names
	guesses      bool     // its identify fails at what is another's, too

	stateType reflect.Type // what the state points to
	state     any          // of the instance at hand, a pointer; nil: not yet needed
	fresh     func() any
	apply     func(*Event) error
	restore   func(snapshot []byte) error
	upcast    func(Event) (Event, error)
	check     func(Event) error
	handle    func(Command) ([]Made, error)
	identify  func(payload []byte) (*Identity, error)
}

// Option tells what else an aggregate is or can do.
type Option func(*Aggregate)

// Func is an aggregate whose events are folded into an S by a plain function. An error refuses the
// event, with its text: the instance ends there, with the state before it.
func Func[S any](name string, apply func(*S, Event) error, options ...Option) *Aggregate {
	a := newAggregate[S](name)
	a.apply = func(event *Event) error {
		return apply(a.state.(*S), *event)
	}
	return a.with(options)
}

func newAggregate[S any](name string) *Aggregate {
	a := &Aggregate{name: name, stateVersion: 1, stateType: reflect.TypeOf((*S)(nil)).Elem()}
	a.fresh = func() any { return new(S) }
	a.restore = func(snapshot []byte) error {
		a.state = new(S) // not New's: what omitempty left out is zero
		return json.Unmarshal(snapshot, a.state)
	}
	a.restores = restorable(a.stateType)
	a.shape = shapeOf(a.stateType)
	return a
}

func (a *Aggregate) with(options []Option) *Aggregate {
	for _, option := range options {
		option(a)
	}
	return a
}

// Types names the event types that the aggregate knows. "*" takes all that come, and events of any
// aggregate name that no other aggregate claims.
func Types(names ...string) Option {
	return func(a *Aggregate) { a.types = append(a.types, names...) }
}

// Events names the types by values of theirs, or slices of such, as a serializer's Bind does: the
// name of the Go type, or what its EventType says.
func Events(events ...any) Option {
	return func(a *Aggregate) {
		for _, event := range flatten(events) {
			a.types = append(a.types, TypeName(event))
		}
	}
}

// flatten puts the elements of slices in their place.
func flatten(values []any) []any {
	var flat []any
	for _, value := range values {
		if v := reflect.ValueOf(value); v.Kind() == reflect.Slice {
			for i := 0; i < v.Len(); i++ {
				flat = append(flat, v.Index(i).Interface())
			}
		} else {
			flat = append(flat, value)
		}
	}
	return flat
}

// TypeName is the name under which altairsix/eventsource stores an event: what its EventType says,
// or else the name of its Go type.
func TypeName(event any) string {
	if named, ok := event.(interface{ EventType() string }); ok {
		return named.EventType()
	}
	t := reflect.TypeOf(event)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return ""
	}
	return t.Name()
}

// StateVersion is to be raised when the meaning of the state changes. Without it, it is 1.
func StateVersion(version int64) Option {
	return func(a *Aggregate) { a.stateVersion = version }
}

// New makes an empty state, where new(S) is none.
func New[S any](empty func() *S) Option {
	return func(a *Aggregate) {
		a.expect("New", reflect.TypeOf((*S)(nil)))
		a.fresh = func() any { return empty() }
	}
}

// Restore fills an empty state from a snapshot: JSON as the state gave it, made canonical. Without
// it that is json.Unmarshal, for states that json.Marshal shows whole; others do not begin with a
// snapshot. No whole ones are those with unexported fields, with interfaces, and with maps or slices
// that have omitempty: an empty one would come back as nil.
func Restore[S any](restore func(state *S, snapshot []byte) error) Option {
	return func(a *Aggregate) {
		a.expect("Restore", reflect.TypeOf((*S)(nil)))
		a.restores = true
		a.restore = func(snapshot []byte) error { return restore(a.state.(*S), snapshot) }
	}
}

// NoRestore is for states whose JSON does not tell all that later events ask for.
func NoRestore() Option {
	return func(a *Aggregate) { a.restores = false }
}

// Upcast brings an event into today's shape before it is applied: `return event.As(…)`. Types of
// once are among the Types, too. An error refuses the event.
func Upcast(upcast func(Event) (Event, error)) Option {
	return func(a *Aggregate) { a.upcast = upcast }
}

// Check looks at an invariant behind each event that was applied, without changing the state; last
// is the event as it was applied. An error refuses the event.
func Check[S any](check func(state *S, last Event) error) Option {
	return func(a *Aggregate) {
		a.expect("Check", reflect.TypeOf((*S)(nil)))
		a.check = func(last Event) error { return check(a.state.(*S), last) }
	}
}

// Handle decides what a command does to a state, which it does not change: events, or an error that
// refuses the command. The names are those of the commands that there are.
func Handle[S any](handle func(state *S, command Command) ([]Made, error), names ...string) Option {
	return func(a *Aggregate) {
		a.expect("Handle", reflect.TypeOf((*S)(nil)))
		a.commands = names
		a.handle = func(command Command) ([]Made, error) { return handle(a.state.(*S), command) }
	}
}

// Identity is what Identify knows of a payload.
type Identity struct {
	ID      string
	Type    string
	Version *int64 // nil: none
	At      string // RFC 3339, or ""
	Data    any    // what json.Marshal takes; nil: the payload in base64, as a JSON string
}

// Identify reads payloads of a history that are no JSON: which event it is. Nil and no error: not
// this aggregate's. An error: it should be, and cannot be read. An event without Data of its own has
// the payload's base64: Decode it into a []byte.
func Identify(identify func(payload []byte) (*Identity, error)) Option {
	return func(a *Aggregate) { a.identify, a.guesses = identify, false }
}

// expect notes an option that is for another state.
func (a *Aggregate) expect(option string, pointer reflect.Type) {
	if pointer.Elem() != a.stateType {
		a.faults = append(a.faults, fmt.Sprintf("%s is for a *%v, and the state is a *%v", option,
			pointer.Elem(), a.stateType))
	}
}

func (a *Aggregate) settle() error {
	switch {
	case !goodName(a.name):
		return fmt.Errorf("the aggregate's name %q is not 1 to 100 of A-Z a-z 0-9 . _ - with no dot in front and no .pending behind", a.name)
	case len(a.types) == 0:
		return fmt.Errorf("aggregate %s: it knows no event type: give it refold.Types or refold.Events", a.name)
	case a.stateVersion < 0:
		return fmt.Errorf("aggregate %s: the state version %d is below 0", a.name, a.stateVersion)
	case len(a.faults) > 0:
		return fmt.Errorf("aggregate %s: %s", a.name, strings.Join(a.faults, "; "))
	}
	for _, names := range [][]string{a.types, a.commands} {
		seen := map[string]bool{}
		for _, name := range names {
			if name == "" || seen[name] {
				return fmt.Errorf("aggregate %s: the name %q is empty, or there twice", a.name, name)
			}
			seen[name] = true
		}
	}
	if err := a.settleHidden(); err != nil {
		return fmt.Errorf("aggregate %s: %w", a.name, err)
	}
	return nil
}

func goodName(name string) bool {
	const good = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	return len(name) >= 1 && len(name) <= 100 && name[0] != '.' && strings.Trim(name, good) == "" &&
		!strings.HasSuffix(name, ".pending") // files that are kept beside goldens end so
}

// knows tells whether the aggregate has this type, or all.
func (a *Aggregate) knows(kind string) bool {
	for _, name := range a.types {
		if name == kind || name == "*" {
			return true
		}
	}
	return false
}

// takes is knows for an event that is as it came.
func (a *Aggregate) takes(event *Event) bool {
	for len(a.known) <= event.mark {
		a.known = append(a.known, a.knows(event.talk.names[len(a.known)]))
	}
	return a.known[event.mark]
}

// ready makes the state of an instance where there is none yet. It is made as late as can be, so
// that what panics in it does so while refold waits for an answer.
func (a *Aggregate) ready() {
	if a.state == nil {
		a.state = a.fresh()
	}
}

// longestType is how many bytes an event type may have.
const longestType = 1024

// fold brings one event into the state.
func (a *Aggregate) fold(event *Event) error {
	if !a.takes(event) {
		return fmt.Errorf("%s does not know this type", a.name)
	}
	if a.upcast != nil {
		made, err := a.upcast(*event)
		if err != nil {
			return err
		}
		if made.Type != event.Type {
			if made.Type == "" || len(made.Type) > longestType || !utf8.ValidString(made.Type) {
				return fmt.Errorf("upcast made it of a type that is not 1 to %d bytes of UTF-8", longestType)
			}
			if !a.knows(made.Type) {
				return fmt.Errorf("upcast made it a %s, which the table of types does not have", made.Type)
			}
		}
		*event = made
	}
	if err := a.apply(event); err != nil {
		return err
	}
	if a.check != nil {
		return a.check(*event)
	}
	return nil
}

var errNoRestore = errors.New("this aggregate cannot begin with a snapshot")

func (a *Aggregate) begin(snapshot []byte) error {
	a.ready()
	if !a.restores {
		return errNoRestore
	}
	return a.restore(snapshot)
}
