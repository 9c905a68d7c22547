// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// A newcomer's order: nothing of it is in its JSON.
type bare struct {
	items int
	total int64
}

type base struct{ Owner, note string }

// Two embedded structs with one key: neither is in the JSON.
type (
	firstKey  struct{ Twice int }
	secondKey struct {
		Again int `json:"Twice"`
	}
	thirdKey struct{ Twice int }
)

type halfHidden struct {
	base
	Sum   int64
	Line  []bare `json:"lines"`
	Near  struct{ x, Y int }
	ByKey map[string]onPointer
	At    *onPointer
	total int64
	Next  *halfHidden
	firstKey
	thirdKey
	// Nothing of these is told.
	When    time.Time
	Big     big.Int
	Gone    int `json:"-"`
	cache   int `json:"-"`
	lock    sync.Mutex
	once    *sync.Once
	nothing struct{}
	_       int
}

// In a map it has no address, and so no MarshalJSON.
type onPointer struct{ deep int }

func (p *onPointer) MarshalJSON() ([]byte, error) { return json.Marshal(p.deep) }

func foldNothing[S any](*S, Event) error { return nil }

func TestAStateThatShowsNothingIsRefused(t *testing.T) {
	type within struct{ Inner bare }
	type dashed struct {
		A int `json:"-"`
	}
	type twice struct {
		firstKey
		thirdKey
	}
	for name, a := range map[string]*Aggregate{
		"refold.bare":   Func("a", foldNothing[bare], Types("*")),
		"refold.within": Func("a", foldNothing[within], Types("*")),
		"refold.dashed": Func("a", foldNothing[dashed], Types("*")),
		"refold.twice":  Func("a", foldNothing[twice], Types("*")),
	} {
		err := a.settle()
		if err == nil || !strings.Contains(err.Error(), "aggregate a: the JSON of its state, "+name+", shows no field") ||
			!strings.Contains(err.Error(), "json tags, or write its MarshalJSON") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, a := range []*Aggregate{
		Func("a", foldNothing[struct{}], Types("*")), Func("a", foldNothing[onPointer], Types("*")), Func("a", foldNothing[inner], Types("*")),
		Func("a", foldNothing[map[string]bare], Types("*")), Func("a", foldNothing[time.Time], Types("*")),
	} {
		check(t, a.settle())
	}
}

func TestFieldsThatAreHiddenAreTold(t *testing.T) {
	want := []string{"refold.bare.items", "refold.bare.total", "refold.base.note", "refold.firstKey.Twice", "refold.halfHidden.Near.x",
		"refold.halfHidden.total", "refold.onPointer.deep", "refold.thirdKey.Twice"}
	expect(t, hiddenFields(reflect.TypeOf(halfHidden{})), want, "hidden")
	type tagged struct {
		firstKey
		secondKey
	}
	expect(t, hiddenFields(reflect.TypeOf(tagged{})), []string{"refold.firstKey.Twice"}, "hidden by a tag")
	expect(t, hiddenFields(reflect.TypeOf(counter{})), []string{}, "hidden of what shows all")
	a := Func("a", foldNothing[halfHidden], Types("*"))
	check(t, a.settle())
	expect(t, a.hiddenNotice(), "refold: aggregate a: not in the state's JSON, and so not compared: "+strings.Join(want, ", ")+
		"; export these fields, or write a MarshalJSON; where it is meant, tag them json:\"-\", or name them in refold.Hidden\n", "told")
}

// What is told is what encoding/json does: of two values that differ in one field alone.
func TestWhatIsToldIsNotInTheJSON(t *testing.T) {
	text := func(v *halfHidden) string {
		got, err := json.Marshal(v)
		check(t, err)
		return string(got)
	}
	zero := text(&halfHidden{})
	for name, v := range map[string]*halfHidden{
		"base.note": {base: base{note: "x"}}, "total": {total: 1}, "Near.x": {Near: struct{ x, Y int }{x: 1}}, "Twice": {firstKey: firstKey{1}}, "the third's": {thirdKey: thirdKey{1}},
	} {
		expect(t, text(v), zero, name)
	}
	for name, v := range map[string]*halfHidden{"Sum": {Sum: 1}, "base.Owner": {base: base{Owner: "x"}}, "At": {At: &onPointer{1}}} {
		expect(t, text(v) != zero, true, name)
	}
	expect(t, text(&halfHidden{ByKey: map[string]onPointer{"a": {1}}}), text(&halfHidden{ByKey: map[string]onPointer{"a": {2}}}), "ByKey")
}

// The MarshalJSON of what is embedded is that of the whole.
type (
	stamped struct {
		time.Time
		Sum int
	}
	ownMethod struct {
		time.Time
		Sum int
	}
	ownPointer struct {
		time.Time
		Sum int
	}
)

func (ownMethod) MarshalJSON() ([]byte, error)   { return []byte("1"), nil }
func (*ownPointer) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func TestWhatStandsBesideAnEmbeddedTimeIsTold(t *testing.T) {
	text, err := json.Marshal([]stamped{{Sum: 1}, {}})
	check(t, err)
	expect(t, string(text), `["0001-01-01T00:00:00Z","0001-01-01T00:00:00Z"]`, "JSON")
	expect(t, restorable(reflect.TypeOf(stamped{})), false, "restores")
	for value, want := range map[any][]string{
		stamped{}: {"refold.stamped.Sum"}, ownMethod{}: {}, ownPointer{}: {}, time.Time{}: {}, opaque{}: {}, tone(1): {},
		struct{ At stamped }{}: {"refold.stamped.Sum"},
	} {
		expect(t, hiddenFields(reflect.TypeOf(value)), want, reflect.TypeOf(value).String())
	}
}

func TestHiddenSilencesWhatItNames(t *testing.T) {
	a := Func("a", foldNothing[base], Types("*"), Hidden("refold.base.note"))
	check(t, a.settle())
	expect(t, a.hiddenNotice(), "", "told")
	err := Func("a", foldNothing[base], Types("*"), Hidden("note")).settle()
	if err == nil || err.Error() != `aggregate a: refold.Hidden names "note", and the state hides no such field` {
		t.Error(err)
	}
}
