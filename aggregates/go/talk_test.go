// SPDX-License-Identifier: MIT

package refold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"refold/internal/asker"
)

// converse plays refold to aggregates within this process; a panic would end the test.
func converse(t *testing.T, aggregates ...*Aggregate) *asker.Asker {
	t.Helper()
	for _, a := range aggregates {
		if err := a.settle(); err != nil {
			t.Fatal(err)
		}
	}
	ourRead, theirWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	theirRead, ourWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	talk := newTalk(int(theirRead.Fd()), int(theirWrite.Fd()), aggregates)
	talk.left.told = true // the goroutines of tests are none of an aggregate's
	ended := make(chan int)
	go func() { ended <- talk.run() }()
	t.Cleanup(func() {
		_ = ourWrite.Close()
		if status := <-ended; status != 0 {
			t.Errorf("it ended with %d", status)
		}
		_, _ = theirRead.Close(), theirWrite.Close()
		_ = ourRead.Close()
	})
	asked := asker.New(ourWrite, ourRead)
	if _, err := asked.Hello(); err != nil {
		t.Fatal(err)
	}
	return asked
}

type counter struct {
	Sum   int64          `json:"sum"`
	Names []string       `json:"names,omitempty"`
	Last  *time.Time     `json:"last,omitempty"`
	Real  float64        `json:"real"`
	By    map[string]int `json:"by,omitempty"`
}

func count(c *counter, event Event) error {
	by, ok := event.Int("By")
	if !ok {
		return errors.New("By is not an integer")
	}
	c.Sum += by
	c.Last = event.When()
	if name, ok := event.Text("Name"); ok {
		c.Names = append(c.Names, name)
	}
	return nil
}

var noon = time.Date(2020, 2, 29, 12, 0, 0, 5, time.UTC)

func expect[T any](t *testing.T, got, want T, what string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, and %v was to come", what, got, want)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnInstanceIsFolded(t *testing.T) {
	a := converse(t, Func("counter", count, Types("Added")))
	state, err := a.Fold(0, "x", a.Record("Added", 1, noon, `{"By":3,"Name":"\u00e4\"x"}`), a.Record("Added", 2, time.Time{}, `{"By":-1}`),
		a.Record("Added", 3, noon, ` { "By" : 10 } `))
	check(t, err)
	expect(t, state, `{"sum":12,"names":["ä\"x"],"last":"2020-02-29T12:00:00.000000005Z","real":0}`, "state")
	state, err = a.Fold(0, "y")
	check(t, err)
	expect(t, state, `{"sum":0,"real":0}`, "the next instance begins empty")
}

func TestARefusalEndsTheInstance(t *testing.T) {
	a := converse(t, Func("counter", count, Types("Added")))
	good := a.Record("Added", 1, noon, `{"By":1}`)
	begin := a.Begin(0, "counter", "x", nil)
	first := a.Events(good)
	second := a.Events(good, a.Record("Added", 3, noon, `{"By":"1"}`), good)
	a.Events(good)
	a.Send(asker.State, nil)
	a.Send(asker.Command, good)
	end := a.Send(asker.End, nil)
	applied, err := a.Expect(first, asker.Applied)
	check(t, err)
	one := applied.Receipt
	refused, err := a.Expect(second, asker.Applied)
	check(t, err)
	expect(t, []any{refused.Status, refused.Applied, refused.Text}, []any{uint32(1), uint64(2), "By is not an integer"}, "APPLIED")
	ended, err := a.Expect(end, asker.Ended)
	check(t, err)
	expect(t, []any{ended.Applied, ended.Receipt}, []any{uint64(2), refused.Receipt}, "ENDED")
	if one == refused.Receipt || begin == 0 {
		t.Error("the receipt does not grow")
	}
	a.Begin(0, "counter", "x", nil)
	a.Events(good, good)
	again := a.Receipt()
	expect(t, refused.Receipt, again, "the receipt is of what was applied")
	_, err = a.Answer()
	check(t, err)
	_, err = a.Expect(a.Send(asker.End, nil), asker.Ended)
	check(t, err)
}

func TestManyFramesAtOnceAreAnsweredInOrder(t *testing.T) {
	a := converse(t, Func("counter", count, Types("Added")))
	record := a.Record("Added", 1, noon, `{"By":1,"Fill":"`+strings.Repeat("x", 100000)+`"}`)
	const instances = 50
	go func() {
		for i := 0; i < instances; i++ {
			a.Begin(0, "counter", fmt.Sprint(i), nil)
			a.Events(record, record, record)
			a.Send(asker.State, nil)
			a.Send(asker.End, nil)
		}
	}()
	for i := 0; i < instances; i++ {
		for _, kind := range []uint16{asker.Applied, asker.StateBack, asker.Ended} {
			answer, err := a.Answer()
			check(t, err)
			if answer.Kind != kind || answer.Applied != 3 {
				t.Fatalf("%+v", answer)
			}
		}
	}
}

// whole is a counter whose JSON tells all of it.
type whole struct {
	Sum   int64      `json:"sum"`
	Names []string   `json:"names"`
	Last  *time.Time `json:"last,omitempty"`
	Mood  string     `json:"mood,omitempty"`
}

func TestASnapshotIsRestored(t *testing.T) {
	apply := func(w *whole, event Event) error {
		w.Sum++
		return nil
	}
	a := converse(t, Func("whole", apply, Types("Added"), New(func() *whole { return &whole{Mood: "as New has it"} })), Func("none", count, Types("Added"), NoRestore()),
		Func("own", count, Types("Added"), Restore(func(c *counter, snapshot []byte) error {
			c.Sum = int64(len(snapshot))
			return nil
		})))
	snapshot := []byte(`{"last":"2020-02-29T12:00:00.000000005Z","names":["a"],"sum":41}`)
	for aggregate, want := range []string{`{"sum":42,"names":["a"],"last":"2020-02-29T12:00:00.000000005Z"}`, "",
		fmt.Sprintf(`{"sum":%d,"last":"2020-02-29T12:00:00.000000005Z","real":0}`, len(snapshot)+1)} {
		restored, err := a.Expect(a.Begin(uint32(aggregate), "counter", "x", snapshot), asker.Restored)
		check(t, err)
		events := a.Events(a.Record("Added", 1, noon, `{"By":1}`))
		state, end := a.Send(asker.State, nil), a.Send(asker.End, nil)
		if want == "" {
			expect(t, []any{restored.Status, restored.Text}, []any{uint32(3), errNoRestore.Error()}, "RESTORED")
		} else {
			_, err = a.Expect(events, asker.Applied)
			check(t, err)
			told, err := a.Expect(state, asker.StateBack)
			check(t, err)
			expect(t, told.Text, want, "state")
		}
		_, err = a.Expect(end, asker.Ended)
		check(t, err)
	}
	bad, err := a.Expect(a.Begin(0, "counter", "x", []byte(`{"sum":"no"}`)), asker.Restored)
	check(t, err)
	expect(t, bad.Status, 3, "a snapshot of another state")
	_, err = a.Expect(a.Send(asker.End, nil), asker.Ended)
	check(t, err)
}

// Tags that were emptied are not nil, and later events may ask; the JSON of both is the same.
func TestAStateThatTakesEmptyForNilIsNotRestored(t *testing.T) {
	type tagged struct {
		Tags  map[string]bool `json:"tags,omitempty"`
		Never bool            `json:"never"`
	}
	apply := func(state *tagged, event Event) error {
		switch event.Type {
		case "Tag":
			state.Tags = map[string]bool{"a": true}
		case "Untag":
			delete(state.Tags, "a")
		case "Ask":
			state.Never = state.Tags == nil
		}
		return nil
	}
	types := Types("Tag", "Untag", "Ask")
	restore := Restore(func(state *tagged, snapshot []byte) error {
		state.Tags = map[string]bool{}
		return json.Unmarshal(snapshot, state)
	})
	aggregates := []*Aggregate{Func("tagged", apply, types), Func("own", apply, types, restore)}
	expect(t, []bool{aggregates[0].restores, aggregates[1].restores}, []bool{false, true}, "restores")
	a := converse(t, aggregates...)
	event := func(kind string) []byte { return a.Record(kind, 1, noon, `{}`) }
	snapshot, err := a.Fold(0, "x", event("Tag"), event("Untag"))
	check(t, err)
	expect(t, snapshot, `{"never":false}`, "snapshot")
	for index, status := range []uint32{3, 0} {
		restored, err := a.Expect(a.Begin(uint32(index), "tagged", "x", []byte(snapshot)), asker.Restored)
		check(t, err)
		expect(t, restored.Status, status, "RESTORED")
		if status == 0 {
			_, err = a.Expect(a.Events(event("Ask")), asker.Applied)
			check(t, err)
			state, err := a.Expect(a.Send(asker.State, nil), asker.StateBack)
			check(t, err)
			expect(t, state.Text, `{"never":false}`, "as folded from the first event")
		}
		_, err = a.Expect(a.Send(asker.End, nil), asker.Ended)
		check(t, err)
	}
}

func TestAStateWithoutJSON(t *testing.T) {
	make := func(fill func(*counter)) *Aggregate {
		return Func("counter", func(c *counter, _ Event) error { fill(c); return nil }, Types("Added"))
	}
	type other struct{ Channel chan int }
	a := converse(t, make(func(c *counter) { c.Real = math.NaN() }), make(func(c *counter) { c.By = map[string]int{"a": 1} }),
		Func("other", func(o *other, _ Event) error { o.Channel = nil; return nil }, Types("Added")))
	for aggregate, want := range []struct {
		status uint32
		text   string
	}{{2, "/real"}, {0, `{"sum":0,"real":0,"by":{"a":1}}`}, {3, "the state: json: unsupported type: chan int"}} {
		a.Begin(uint32(aggregate), "counter", "x", nil)
		events := a.Events(a.Record("Added", 1, noon, `{}`))
		state, end := a.Send(asker.State, nil), a.Send(asker.End, nil)
		_, err := a.Expect(events, asker.Applied)
		check(t, err)
		told, err := a.Expect(state, asker.StateBack)
		check(t, err)
		expect(t, []any{told.Status, told.Text}, []any{want.status, want.text}, "STATE")
		_, err = a.Expect(end, asker.Ended)
		check(t, err)
	}
}

func TestUpcastAndCheck(t *testing.T) {
	a := converse(t, Func("counter", count, Types("Added", "Raised", "Odd"),
		Upcast(func(event Event) (Event, error) {
			switch event.Type {
			case "Raised":
				by, ok := event.Int("Amount")
				if !ok {
					return event, errors.New("no Amount")
				}
				made, err := event.As("Added", map[string]int64{"By": by})
				if again, _ := event.Int("Amount"); again != by {
					t.Error("the event has changed")
				}
				return made, err
			case "Odd":
				return event.As("Unknown", nil)
			}
			return event, nil
		}),
		Check(func(c *counter, last Event) error {
			if c.Sum > 100 {
				return fmt.Errorf("%d is too much, behind %s", c.Sum, last.Type)
			}
			return nil
		})))
	state, err := a.Fold(0, "x", a.Record("Added", 1, time.Time{}, `{"By":3}`), a.Record("Raised", 2, time.Time{}, `{"Amount":4}`))
	check(t, err)
	expect(t, state, `{"sum":7,"real":0}`, "state")
	for data, want := range map[string]string{`{"Amount":101}`: "refused: 101 is too much, behind Added", `{}`: "refused: no Amount"} {
		_, err = a.Fold(0, "x", a.Record("Raised", 1, time.Time{}, data))
		expect(t, fmt.Sprint(err), want, "Raised")
	}
	_, err = a.Fold(0, "x", a.Record("Other", 1, time.Time{}, "{}"))
	expect(t, fmt.Sprint(err), "refused: counter does not know this type", "Other")
	_, err = a.Fold(0, "x", a.Record("Odd", 1, time.Time{}, "{}"))
	expect(t, fmt.Sprint(err), "refused: upcast made it a Unknown, which the table of types does not have", "Odd")
}

func TestUpcastMakesTypes(t *testing.T) {
	a := converse(t, Func("counter", func(c *counter, event Event) error { return nil }, Types("*"),
		Upcast(func(event Event) (Event, error) {
			made, _ := event.Text("Made")
			if made == "broken" {
				made = "\xff"
			}
			return event.As(made, nil)
		})))
	const odd = "refused: upcast made it of a type that is not 1 to 1024 bytes of UTF-8"
	for made, want := range map[string]string{"New": "<nil>", "": odd, "broken": odd, strings.Repeat("x", 1025): odd} {
		_, err := a.Fold(0, "x", a.Record("Old", 1, time.Time{}, `{"Made":"`+made+`"}`))
		expect(t, fmt.Sprint(err), want, made)
	}
}

func TestCommands(t *testing.T) {
	a := converse(t, Func("counter", count, Types("Added"),
		Handle(func(c *counter, command Command) ([]Made, error) {
			switch command.Type {
			case "Add":
				return []Made{{"Added", command.JSON()}, {Type: "Noted"}, {"At", map[string]any{"v": command.Version, "at": command.At}}}, nil
			case "Change":
				c.Sum++
				return nil, nil
			}
			return nil, errors.New("never")
		}, "Add", "Change", "Never")))
	a.Begin(0, "counter", "x", nil)
	ask := func(kind, data string) asker.Answer {
		answer, err := a.Expect(a.Send(asker.Command, a.Record(kind, 7, noon, data)), asker.Handled)
		check(t, err)
		return answer
	}
	expect(t, ask("Add", `{"By": 1}`).Events, []string{"Added", `{"By":1}`, "Noted", "{}", "At",
		`{"at":"2020-02-29T12:00:00.000000005Z","v":7}`}, "events")
	never := ask("Never", "{}")
	expect(t, []any{never.Status, never.Text}, []any{uint32(1), "never"}, "Never")
	change := ask("Change", "{}")
	expect(t, []any{change.Status, change.Text}, []any{uint32(3), "Change changed the state, which only events may"}, "Change")
	_, err := a.Expect(a.Send(asker.End, nil), asker.Ended)
	check(t, err)
	a.Begin(0, "counter", "x", nil)
	expect(t, ask("Unknown", "{}").Text, "counter has no command Unknown", "Unknown")
	_, err = a.Expect(a.Send(asker.End, nil), asker.Ended)
	check(t, err)
}

func TestIdentify(t *testing.T) {
	version := int64(0)
	a := converse(t, Func("counter", count, Types("*"), Identify(func(payload []byte) (*Identity, error) {
		switch string(payload) {
		case "":
			return nil, nil
		case "bad":
			return nil, errors.New("cannot be \"read\"")
		case "all":
			return &Identity{ID: "i", Type: "t", Version: &version, At: "2020-02-29T12:00:00Z", Data: json.RawMessage(`[1]`)}, nil
		}
		return &Identity{ID: "<ä>", Type: "t"}, nil
	})))
	answer, err := a.Expect(a.Identify(0, []byte("x"), nil, []byte("bad"), []byte("all")), asker.Identified)
	check(t, err)
	for i, want := range []string{`{"id":"<ä>","type":"t"}`, "", `{"error":"cannot be \"read\""}`,
		`{"id":"i","type":"t","version":0,"at":"2020-02-29T12:00:00Z","data":[1]}`} {
		var got, wanted any
		_ = json.Unmarshal([]byte(answer.Texts[i]), &got)
		_ = json.Unmarshal([]byte(want), &wanted)
		expect(t, got, wanted, "IDENTIFIED")
	}
}

func TestAnEventIsNotReadLater(t *testing.T) {
	var kept Event
	a := converse(t, Func("counter", func(c *counter, event Event) error {
		defer func() { c.Names = append(c.Names, fmt.Sprint(recover())) }()
		if event.Version > 1 {
			kept.Int("By")
		}
		kept = event
		return nil
	}, Types("Added")))
	record := a.Record("Added", 1, noon, `{"By":1}`)
	state, err := a.Fold(0, "x", record, a.Record("Added", 2, noon, `{"By":2}`))
	check(t, err)
	if !strings.Contains(state, "an event was read after the call that it was given to had returned") {
		t.Error(state)
	}
}

func TestWhatAnEventGivesStays(t *testing.T) {
	var kept [][]byte
	var texts []string
	a := converse(t, Func("counter", func(c *counter, event Event) error {
		text, _ := event.Text("Name")
		kept, texts = append(kept, event.JSON(), event.Member("Name")), append(texts, text)
		return nil
	}, Types("Added")))
	const events = 2000
	for i := 0; i < events; i++ {
		_, err := a.Fold(0, "x", a.Record("Added", 1, noon, fmt.Sprintf(`{"Name":"%0200d"}`, i)))
		check(t, err)
	}
	for i := 0; i < events; i++ {
		want := fmt.Sprintf(`"%0200d"`, i)
		if string(kept[2*i]) != `{"Name":`+want+`}` || string(kept[2*i+1]) != want || `"`+texts[i]+`"` != want {
			t.Fatalf("event %d: %s, %s, %s", i, kept[2*i], kept[2*i+1], texts[i])
		}
	}
}

func TestAProgramThatIsNotRightIsTold(t *testing.T) {
	apply := func(*counter, Event) error { return nil }
	type other struct{}
	for want, a := range map[string]*Aggregate{
		"no event type":   Func("a", apply),
		"the aggregate's": Func(".a", apply, Types("*")),
		"is below 0":      Func("a", apply, Types("*"), StateVersion(-1)),
		"there twice":     Func("a", apply, Types("A", "B", "A")),
		"closeAccount is no c": Func("a", apply, Types("*"), Commands(func(c *counter, _ context.Context, _ *counter) ([]int, error) {
			return nil, nil
		}, closeAccount{})),
		"Check is for a *ref": Func("a", apply, Types("*"), Check(func(*other, Event) error { return nil })),
	} {
		if err := a.settle(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestTextsAreClean(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"ä\n":                            "ä\n",
		"a\xff\xfeb":                     "a??b",
		"\ufffd\xc3":                     "\ufffd?",
		strings.Repeat("ä", 600):         strings.Repeat("ä", 512),
		"x" + strings.Repeat("ä", 600):   "x" + strings.Repeat("ä", 511),
		strings.Repeat("\xff", 2000):     strings.Repeat("?", 1024),
		strings.Repeat("x", 1024) + "\n": strings.Repeat("x", 1024),
	} {
		expect(t, cleanText(text), want, "clean text")
	}
}

func TestNothingIsAllocatedForAnEvent(t *testing.T) {
	a := Func("counter", func(c *counter, event Event) error {
		by, ok := event.Int("By")
		c.Sum += by
		if !ok || !event.Has("Name") || !event.Timed {
			return errors.New("it is not right")
		}
		return nil
	}, Types("Added"))
	talk := newTalk(-1, -1, []*Aggregate{a})
	talk.names, talk.aggregate = []string{"Added"}, a
	var sent strings.Builder
	record := asker.New(&sent, nil).Record("Added", 1, noon, `{"Name":"x","By":1}`)
	frame := append([]byte{100, 0, 0, 0}, strings.Repeat(string(record), 100)...)
	allocated := testing.AllocsPerRun(100, func() {
		talk.events(frame)
		talk.out.bytes, talk.answer = talk.out.bytes[:0], 0
	})
	expect(t, allocated, 0, "allocations for 100 events")
}
