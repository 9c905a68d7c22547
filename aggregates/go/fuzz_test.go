// SPDX-License-Identifier: MIT

package refold

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"os"
	"strconv"
	"testing"
	"time"

	"refold/internal/asker"
)

// mutate changes a few bytes, most often so that the frames' headers still fit.
func mutate(random *rand.Rand, sent []byte) []byte {
	mutant := append([]byte{}, sent...)
	for n := random.Intn(4); n >= 0; n-- {
		at := random.Intn(len(mutant))
		switch random.Intn(6) {
		case 0:
			mutant[at] = byte(random.Intn(256))
		case 1:
			mutant[at] ^= 1 << random.Intn(8)
		case 2:
			mutant[at] += byte(random.Intn(5) - 2)
		case 3:
			mutant = mutant[:at+1]
		case 4:
			if at+4 <= len(mutant) {
				binary.LittleEndian.PutUint32(mutant[at:], uint32(random.Intn(100)))
			}
		case 5:
			mutant = append(mutant[:at:at], mutant[at+random.Intn(len(mutant)-at):]...)
			mutant = append(mutant, 0)
		}
	}
	return mutant
}

// play lets a talk read this, and returns how many frames it took.
func play(t *testing.T, null int, sent []byte, aggregates []*Aggregate) (frames int) {
	talk := newTalk(null, null, aggregates)
	talk.left.told = true
	talk.in, talk.end = append(talk.in[:0], sent...), len(sent)
	defer func() {
		if value := recover(); value != nil {
			if _, ok := value.(protocolMistake); !ok {
				t.Fatalf("%q: %v\n%s", sent, value, crashText(value))
			}
		}
	}()
	for talk.one() {
		frames++
	}
	return frames
}

// REFOLD_FRAMES=1000000 go test -run Hostile -v: so many frames.
func TestHostileFramesAreTakenOrRefused(t *testing.T) {
	wanted := 10000
	if text := os.Getenv("REFOLD_FRAMES"); text != "" {
		wanted, _ = strconv.Atoi(text)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	check(t, err)
	defer null.Close()
	all := []*Aggregate{accounts(), Func("counter", count, Types("Added", "Raised"),
		Upcast(func(event Event) (Event, error) { return event.As("Added", nil) }),
		Check(func(*counter, Event) error { return nil }),
		Identify(func(payload []byte) (*Identity, error) { return &Identity{ID: string(payload), Data: payload}, nil }),
		Handle(func(*counter, Command) ([]Made, error) { return []Made{{Type: "Added"}}, nil }, "Add"))}
	var sent bytes.Buffer
	a := asker.New(&sent, nil)
	a.Send(asker.Hello, []byte(`{"protocol":1}`))
	for aggregate := uint32(0); aggregate < 2; aggregate++ {
		a.Begin(aggregate, "counter", "x", nil)
		a.Events(a.Record("Added", 1, noon, `{"By":1,"Name":"\u00e4"}`), a.Record("opened", 2, time.Time{}, `{"ID":"x","Owner":"a"}`))
		a.Send(asker.State, nil)
		a.Send(asker.Command, a.Record("Add", 2, noon, `{}`))
		a.Send(asker.End, nil)
		a.Begin(aggregate, "counter", "x", []byte(`{"sum":1}`))
		a.Send(asker.State, nil)
		a.Send(asker.End, nil)
	}
	a.Identify(1, []byte("a"), nil)
	random := rand.New(rand.NewSource(int64(wanted)))
	frames := play(t, int(null.Fd()), sent.Bytes(), all)
	for frames < wanted {
		frames += play(t, int(null.Fd()), mutate(random, sent.Bytes()), all)
	}
	t.Logf("%d frames", frames)
}
