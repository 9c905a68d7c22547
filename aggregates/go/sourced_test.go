// SPDX-License-Identifier: MIT

package refold

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"refold/eventsource"
	"refold/internal/asker"
)

type account struct {
	ID      string
	Version int
	Owner   string
	kept    [][]byte
}

type opened struct {
	eventsource.Model
	Owner string
}

type closed struct{ eventsource.Model }

func (closed) EventType() string { return "account.closed" }

func (a *account) On(event eventsource.Event) error {
	switch e := event.(type) {
	case *opened:
		a.Owner = e.Owner
	case *closed:
		a.Owner = ""
	default:
		return fmt.Errorf("no account handles %T", e)
	}
	a.ID, a.Version = event.AggregateID(), event.EventVersion()
	return nil
}

type closeAccount struct{ eventsource.CommandModel }

func (a *account) Apply(_ context.Context, command eventsource.Command) ([]eventsource.Event, error) {
	if _, ok := command.(*closeAccount); !ok {
		return nil, fmt.Errorf("a %T", command)
	}
	if a.Owner == "" {
		return nil, errors.New("it is closed")
	}
	return []eventsource.Event{&closed{eventsource.Model{ID: command.AggregateID(), Version: a.Version + 1, At: time.Now()}}}, nil
}

func accounts() *Aggregate {
	bound := []eventsource.Event{opened{}, closed{}}
	return Sourced("account", (*account).On, eventsource.NewJSONSerializer(bound...).UnmarshalEvent, Events(bound),
		Commands((*account).Apply, &closeAccount{}))
}

func TestAnAggregateOfTheTalksShape(t *testing.T) {
	expect(t, accounts().types, []string{"opened", "account.closed"}, "types")
	expect(t, accounts().commands, []string{"closeAccount"}, "commands")
	expect(t, accounts().restores, false, "a field that JSON does not see")
	a := converse(t, accounts())
	first := a.Record("opened", 1, noon, `{"ID":"x","Version":1,"At":"2020-02-29T12:00:00Z","Owner":"ann"}`)
	last := a.Record("account.closed", 2, noon, `{"ID":"x","Version":2,"At":"2020-02-29T13:00:00Z"}`)
	state, err := a.Fold(0, "x", first)
	check(t, err)
	expect(t, state, `{"ID":"x","Version":1,"Owner":"ann"}`, "state")
	state, err = a.Fold(0, "x", first, last)
	check(t, err)
	expect(t, state, `{"ID":"x","Version":2,"Owner":""}`, "state")
	for data, want := range map[string]string{
		`{"Owner":7}`: "refused: [InvalidEncoding] the data does not fit opened: json: cannot unmarshal number into Go struct field " +
			"opened.Owner of type string",
		`"text"`: "refused: [InvalidEncoding] the data does not fit opened: json: cannot unmarshal string into Go value of type refold.opened",
	} {
		_, err = a.Fold(0, "x", a.Record("opened", 1, noon, data))
		expect(t, fmt.Sprint(err), want, data)
	}
	_, err = a.Fold(0, "x", a.Record("other", 1, noon, `{}`))
	expect(t, fmt.Sprint(err), "refused: account does not know this type", "another type")

	a.Begin(0, "account", "the id", nil)
	_, err = a.Expect(a.Events(first), asker.Applied)
	check(t, err)
	handled, err := a.Expect(a.Send(asker.Command, a.Record("closeAccount", 1, noon, `{}`)), asker.Handled)
	check(t, err)
	expect(t, handled.Events, []string{"account.closed", `{"ID":"the id","Version":2}`}, "events, without their At")
	handled, err = a.Expect(a.Send(asker.Command, a.Record("closeAccount", 1, noon, `{"ID":"own"}`)), asker.Handled)
	check(t, err)
	expect(t, handled.Events[1], `{"ID":"own","Version":2}`, "a command's own id")
	_, err = a.Expect(a.Send(asker.End, nil), asker.Ended)
	check(t, err)
}

// lines is a serializer whose records are no JSON: "id version type owner".
func lines(record eventsource.Record) (eventsource.Event, error) {
	var model eventsource.Model
	var kind, owner string
	if _, err := fmt.Sscan(string(record.Data), &model.ID, &model.Version, &kind, &owner); err != nil {
		return nil, err
	}
	if model.Version > 0 {
		model.At = noon
	}
	if kind == "opened" {
		return &opened{model, owner}, nil
	}
	return &closed{model}, nil
}

func TestPayloadsThatAreNoJSON(t *testing.T) {
	a := converse(t, Sourced("account", (*account).On, lines, Types("opened", "account.closed"), Payloads(lines)))
	answer, err := a.Expect(a.Identify(0, []byte("x 1 opened ann"), []byte("y 7 closed -"), []byte("z"), []byte("y 0 closed -")), asker.Identified)
	check(t, err)
	expect(t, answer.Texts, []string{`{"id":"x","type":"opened","version":1,"at":"2020-02-29T12:00:00.000000005Z"}`,
		`{"id":"y","type":"account.closed","version":7,"at":"2020-02-29T12:00:00.000000005Z"}`,
		`{"error":"EOF"}`, `{"id":"y","type":"account.closed","version":0}`}, "IDENTIFIED")
	state, err := a.Fold(0, "x", a.Record("opened", 1, noon, `"`+base64.StdEncoding.EncodeToString([]byte("x 1 opened ann"))+`"`))
	check(t, err)
	expect(t, state, `{"ID":"x","Version":1,"Owner":"ann"}`, "state")
	_, err = a.Fold(0, "x", a.Record("opened", 1, noon, `"no base64"`))
	expect(t, strings.HasPrefix(fmt.Sprint(err), "refused: the data is a string that is no base64"), true, "no base64")
}

// Two serializers in one program, each of which fails at what is the other's.
func TestPayloadsOfSeveralAggregates(t *testing.T) {
	only := func(letter string) func(eventsource.Record) (eventsource.Event, error) {
		return func(record eventsource.Record) (eventsource.Event, error) {
			if !strings.HasPrefix(string(record.Data), letter) {
				return nil, fmt.Errorf("it does not begin with %s", letter)
			}
			return lines(record)
		}
	}
	of := func(name string, option Option) *Aggregate {
		return Sourced(name, (*account).On, lines, Types("opened", "account.closed"), option)
	}
	strict := Identify(func(payload []byte) (*Identity, error) {
		switch payload[0] {
		case 'z':
			return &Identity{ID: "z", Type: "opened"}, nil
		case 'q':
			return &Identity{ID: "q", Type: "not one of its types"}, nil
		case 's':
			return nil, errors.New("it breaks off")
		}
		return nil, nil
	})
	a := converse(t, of("x", Payloads(only("x"))), of("y", Payloads(only("y"))), of("z", strict), Func("json", count, Types("Added")))
	const event, none = `{"id":"%s","type":"opened","version":1,"at":"2020-02-29T12:00:00.000000005Z"}`, ""
	const nobody = `{"error":"it does not begin with x; y: it does not begin with y"}`
	for payload, want := range map[string][3]string{
		"x1 1 opened ann": {fmt.Sprintf(event, "x1"), none, none},
		"y1 1 opened ann": {none, fmt.Sprintf(event, "y1"), none},
		"z1":              {none, none, `{"id":"z","type":"opened"}`},
		"s":               {none, none, `{"error":"it breaks off"}`},
		"nobody's":        {nobody, none, none},
		"x damaged":       {`{"error":"expected integer; y: it does not begin with y"}`, none, none},
		"y damaged":       {`{"error":"it does not begin with x; y: expected integer"}`, none, none},
		"q":               {nobody, none, `{"id":"q","type":"not one of its types"}`}, // two claims are damage, too
	} {
		for index := range want {
			answer, err := a.Expect(a.Identify(uint32(index), []byte(payload)), asker.Identified)
			check(t, err)
			expect(t, answer.Texts, []string{want[index]}, fmt.Sprint(payload, " for ", index))
		}
	}
}

func TestASerializerMayKeepItsRecord(t *testing.T) {
	a := converse(t, Sourced("account", func(a *account, data []byte) error {
		a.kept = append(a.kept, data)
		return nil
	}, func(record eventsource.Record) ([]byte, error) { return record.Data, nil }, Types("opened"),
		Check(func(a *account, last Event) error {
			for i, data := range a.kept {
				if want := fmt.Sprintf(`{"t":"opened","d":{"N":%d}}`, i); string(data) != want {
					return fmt.Errorf("%s became %s", want, data)
				}
			}
			return nil
		})))
	a.Begin(0, "account", "x", nil)
	for i := 0; i < 1000; i++ {
		applied, err := a.Expect(a.Events(a.Record("opened", 1, noon, fmt.Sprintf(`{"N":%d}`, i))), asker.Applied)
		check(t, err)
		if applied.Status != 0 {
			t.Fatal(applied.Text)
		}
	}
	_, err := a.Expect(a.Send(asker.End, nil), asker.Ended)
	check(t, err)
}
