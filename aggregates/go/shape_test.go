// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"
)

type tone int

func (t tone) MarshalText() ([]byte, error) { return []byte{'a' + byte(t)}, nil }

type opaque struct{ A int }

func (opaque) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

type inner struct {
	X int32 `json:"x"`
}

type chain struct {
	Next *chain `json:"next"`
	Mark string `json:"mark"`
}

type all struct {
	inner
	B    bool               `json:"b"`
	I    int                `json:"i,omitempty"`
	U    uint64             `json:",omitempty"`
	S    int                `json:"s,string"`
	R    float32            `json:"r"`
	T    time.Time          `json:"t"`
	P    *time.Time         `json:"p"`
	Tone tone               `json:"tone"`
	L    []inner            `json:"l"`
	M    map[string]float64 `json:"m"`
	D    []byte             `json:"d"`
	O    opaque             `json:"o"`
	Any  any                `json:"any"`
	Gone int                `json:"-"`
	Dash int                `json:"-,"`
	C    chain              `json:"c"`
	none int
}

func TestShapes(t *testing.T) {
	got, err := json.Marshal(shapeOf(reflect.TypeOf(all{none: 1})))
	check(t, err)
	expect(t, string(got), `{"kind":9,"fields":[{"name":"x","kind":2},{"name":"b","kind":1},{"name":"i","kind":3},{"name":"U","kind":4},`+
		`{"name":"s","kind":6},{"name":"r","kind":5},{"name":"t","kind":7},{"name":"p","kind":7},{"name":"tone","kind":8},`+
		`{"name":"l","kind":10,"fields":[{"kind":9,"fields":[{"name":"x","kind":2}]}]},{"name":"m","kind":11,"fields":[{"kind":5}]},`+
		`{"name":"d","kind":6},{"name":"-","kind":3},{"name":"c","kind":9,"fields":[{"name":"mark","kind":6}]}]}`, "shape")
	type outer struct {
		inner
		X string `json:"x"`
	}
	got, err = json.Marshal(shapeOf(reflect.TypeOf(outer{})))
	check(t, err)
	expect(t, string(got), `{"kind":9,"fields":[{"name":"x","kind":6}]}`, "a member that hides another")
	expect(t, shapeOf(reflect.TypeOf(struct{}{})), nil, "what has no members")
	expect(t, shapeOf(reflect.TypeOf(opaque{})), nil, "what has a MarshalJSON of its own")
}

func TestOnlyWhatJSONTellsWholeIsRestored(t *testing.T) {
	type hidden struct {
		A int
		b int
	}
	type dashed struct {
		A int `json:"-"`
	}
	type loose struct{ A any }
	type twice struct {
		inner
		X int32 `json:"x"`
	}
	type tags struct {
		Tags map[string]bool `json:"tags,omitempty"`
	}
	type list struct {
		List *struct {
			L []int `json:",omitempty"`
		}
	}
	type whole struct {
		Tags map[string]bool `json:"tags"`
		Last *int            `json:"last,omitempty"`
	}
	expect(t, restorable(reflect.TypeOf(tags{})), false, "a map with omitempty")
	expect(t, restorable(reflect.TypeOf(whole{})), true, "a map without omitempty")
	for value, want := range map[any]bool{
		list{}: false, counter{}.Sum: true, hidden{b: 1}: false, dashed{}: false, loose{}: false, twice{}: false, opaque{}: false, tone(1): false,
		chain{}: true, inner{}: true, time.Time{}: true,
	} {
		expect(t, restorable(reflect.TypeOf(value)), want, reflect.TypeOf(value).String())
	}
	expect(t, restorable(reflect.TypeOf(counter{})), false, "counter")
}

func TestWhatIsNotFiniteIsFound(t *testing.T) {
	type deep struct {
		inner
		Fine float64
		List []map[string]*float64 `json:"list"`
	}
	nan, one := math.NaN(), 1.0
	for _, test := range []struct {
		state any
		want  string
	}{
		{&nan, ""},
		{&counter{Real: math.Inf(-1)}, "/real"},
		{&deep{List: []map[string]*float64{nil, {"a": &one, "b/~": &nan, "c": &nan}}}, "/list/1/b~1~0"},
		{&deep{Fine: math.Inf(1)}, "/Fine"},
		{map[int]any{10: nan, 9: 1, 2: "x", 100: &nan}, "/10"},
	} {
		_, err := json.Marshal(test.state)
		pointer, ok := notFinite(test.state, err)
		expect(t, pointer, test.want, "pointer")
		expect(t, ok, true, test.want)
	}
	type ring struct{ Next *ring }
	loop := &ring{}
	loop.Next = loop
	_, err := json.Marshal(loop)
	_, ok := notFinite(loop, err)
	expect(t, ok, false, "a ring")
}
