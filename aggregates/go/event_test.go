// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"
)

// eventOf is an event by itself.
func eventOf(data string) Event {
	return Event{talk: &talk{}, data: []byte(data)}
}

func TestIntegersAreTokensThatFit(t *testing.T) {
	const none = math.MinInt64 + 4711
	for token, want := range map[string]int64{
		"0": 0, "-0": 0, "7": 7, "-7": -7,
		"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
		"9223372036854775808": none, "-9223372036854775809": none, "18446744073709551616": none,
		"99999999999999999999999999999999999999": none,
		"3.0":                                    none, "1e2": none, "1E2": none, "0.0": none, "-1.5": none, `"3"`: none, "null": none, "true": none,
		"[1]": none, `{"a":1}`: none, `""`: none, `"-"`: none,
	} {
		event := eventOf(`{"A":1.5,"Qty":` + token + `,"Z":[]}`)
		got, ok := event.Int("Qty")
		if ok != (want != none) || (ok && got != want) {
			t.Errorf("%s: %d, %v", token, got, ok)
		}
		natural, ok := event.Uint("Qty")
		if want != none && ok != (want >= 0) || (ok && want != none && natural != uint64(want)) {
			t.Errorf("%s: %d, %v", token, natural, ok)
		}
	}
	event := eventOf(`{"Qty":18446744073709551615}`)
	if got, ok := event.Uint("Qty"); !ok || got != math.MaxUint64 {
		t.Error(got, ok)
	}
}

func TestMembersAreFoundByTheirExactNames(t *testing.T) {
	for data, want := range map[string]string{
		`{"Qty":1}`:                              "1",
		`{"qty":1}`:                              "",
		`{"QTY":1,"Qt":2,"Qtyy":3}`:              "",
		`{"Qty":1,"Qty":2}`:                      "2",
		`{"Qty":1,"\u0051ty":2}`:                 "2",
		`{"\u0051ty":2,"Qty":1}`:                 "1",
		`{"Inner":{"Qty":1}}`:                    "",
		`{"Inner":{"Qty":1},"Qty":{"Qty": [ ]}}`: `{"Qty": [ ]}`,
		`[{"Qty":1}]`:                            "",
		`"Qty"`:                                  "",
		`"{\"Qty\":1}"`:                          "",
		`null`:                                   "",
		`7`:                                      "",
		`{}`:                                     "",
		` { "Qty" : "a\"},{\\" , "B" : 1 } `:     `"a\"},{\\"`,
		`{"":1,"Qty":"\\"}`:                      `"\\"`,
		`{"a":"}","b":"]","c":[[[{"d":"[{"}]]],"Qty":true}`: "true",
	} {
		event := eventOf(data)
		if got := event.Member("Qty"); string(got) != want {
			t.Errorf("%s: %s", data, got)
		}
		expect(t, event.Has("Qty"), want != "", data)
	}
}

func TestOtherValues(t *testing.T) {
	event := eventOf(`{"t":true,"f":false,"n":null,"s":"\u00e4\ud83d\ude00\n","r":-1.5e3,"h":1e999,"i":3}`)
	for name, want := range map[string][2]bool{"t": {true, true}, "f": {false, true}, "n": {false, false}, "s": {false, false}} {
		value, ok := event.Bool(name)
		expect(t, [2]bool{value, ok}, want, name)
	}
	text, ok := event.Text("s")
	expect(t, fmt.Sprint(text, ok), "ä😀\ntrue", "s")
	_, ok = event.Text("i")
	expect(t, ok, false, "an integer is no text")
	real, ok := event.Real("r")
	expect(t, fmt.Sprint(real, ok), "-1500 true", "r")
	_, ok = event.Real("h")
	expect(t, ok, false, "beyond all doubles")
	_, ok = event.Real("s")
	expect(t, ok, false, "a text is no real")
	var whole map[string]any
	check(t, eventDecode(`{"a":[1]}`, &whole))
	expect(t, fmt.Sprint(whole), "map[a:[1]]", "Decode")
}

func eventDecode(data string, to any) error {
	event := eventOf(data)
	return event.Decode(to)
}

// randomValue is JSON as no one would write it.
func randomValue(random *rand.Rand, depth int) string {
	blank := strings.Repeat(" ", random.Intn(2))
	switch kind := random.Intn(8); {
	case kind == 0 && depth > 0, kind == 1 && depth > 0:
		var members []string
		for n := random.Intn(4); n > 0; n-- {
			value := randomValue(random, depth-1)
			if kind == 0 {
				value = randomString(random) + blank + ":" + value
			}
			members = append(members, value)
		}
		brackets := []string{"{}", "[]"}[kind]
		return blank + brackets[:1] + blank + strings.Join(members, blank+",") + brackets[1:] + blank
	case kind < 4:
		return blank + randomString(random) + blank
	case kind < 6:
		return fmt.Sprint(random.Intn(2000) - 1000)
	default:
		return []string{"true", "false", "null", "1e3", "-0.5"}[random.Intn(5)] + blank
	}
}

func randomString(random *rand.Rand) string {
	var text strings.Builder
	for n := random.Intn(4); n > 0; n-- {
		text.WriteString([]string{"a", "b", `\"`, `\\`, "{", "}", "[", ",", ":", "ä", `\u0061`, `\n`}[random.Intn(12)])
	}
	return `"` + text.String() + `"`
}

func TestMembersAreThoseOfEncodingJSON(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 20000; i++ {
		data := "{" + randomString(random) + ":" + randomValue(random, 4) + "," + randomString(random) + ":" + randomValue(random, 4) + "}"
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(data), &want); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		event := eventOf(data)
		for _, name := range []string{"", "a", "b", "aa", "ab", `"`, `\`, "{", "ä", "\n", "c"} {
			if got := event.Member(name); string(got) != string(want[name]) {
				t.Fatalf("%s: %q is %s, and %s for encoding/json", data, name, got, want[name])
			}
		}
	}
}

func TestOtherTextIsNoJSON(t *testing.T) {
	random := rand.New(rand.NewSource(2))
	bytes := []byte(`{}[]":,\ax0 ` + "\x00\xff\n")
	for i := 0; i < 100000; i++ {
		data := make([]byte, 1+random.Intn(20))
		for at := range data {
			data[at] = bytes[random.Intn(len(bytes))]
		}
		data[0] = '{'
		func() {
			defer func() {
				if value := recover(); value != nil {
					_ = value.(protocolMistake)
				}
			}()
			event := eventOf(string(data))
			event.Int("a")
			event.Text("")
		}()
	}
}
