// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"time"
	"unicode/utf8"
)

// Statuses of answers.
const (
	statusOK        = 0
	statusRefused   = 1
	statusNotFinite = 2
	statusNone      = 3
)

const (
	recordBytes = 32 // of a record, less its data
	stateLimit  = 64 << 20
	textLimit   = 1024 // of a refusal: refold keeps no more
)

// talk is the conversation with refold: one goroutine reads a frame, does what it says, and writes
// the answer. A second one would hide from Go's runtime that all others wait for each other.
type talk struct {
	pipe
	aggregates []*Aggregate
	names      []string // of types and commands, by their numbers
	number     uint64   // of the frame at hand
	greeted    bool

	// The instance at hand.
	aggregate *Aggregate // nil: none
	name, id  string
	over      bool // refused: what comes until END is passed over
	receipt   uint32
	applied   uint64

	event   Event // the one at hand
	call    uint64
	members members
	keep    arena
	encoder *json.Encoder
	left    leftover
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newTalk(source, sink int, aggregates []*Aggregate) *talk {
	t := &talk{pipe: newPipe(source, sink), aggregates: aggregates}
	t.encoder = json.NewEncoder(&t.out)
	t.encoder.SetEscapeHTML(false)
	t.left.start()
	return t
}

// run returns the program's exit status.
func (t *talk) run() int {
	finished := false
	defer func() {
		if !finished {
			os.Exit(t.fallen(recover()))
		}
	}()
	for t.one() {
	}
	t.flush()
	finished = true
	return 0
}

// fallen tells what ended the conversation, and returns the exit status.
func (t *talk) fallen(value any) int {
	t.out.bytes = t.out.bytes[:t.answer] // less an answer that was begun
	if why, ok := value.(protocolMistake); ok {
		t.flush()
		fmt.Fprintf(os.Stderr, "frame %d: %s\n", t.number, string(why))
		return exitMistake
	}
	t.begin(kindCrashed, t.number)
	t.putText(crashText(value))
	t.done()
	t.flush()
	return exitMistake
}

// one reads a frame and answers it; false where there are no more.
func (t *talk) one() bool {
	if !t.have(headerBytes) {
		if t.end > t.at {
			t.number++
			wrong("the input ends within its header")
		}
		return false
	}
	header := t.in[t.at : t.at+headerBytes]
	count := binary.LittleEndian.Uint32(header)
	kind := binary.LittleEndian.Uint16(header[4:])
	t.number++
	switch {
	case binary.LittleEndian.Uint16(header[6:]) != headerMagic:
		wrong("its header has no letters RF")
	case binary.LittleEndian.Uint64(header[8:]) != t.number:
		wrong("it has the number %d", binary.LittleEndian.Uint64(header[8:]))
	case count > payloadLimit:
		wrong("its payload of %d bytes is longer than %d", count, payloadLimit)
	case !t.have(headerBytes + int(count)):
		wrong("the input ends within its payload")
	}
	frame := payload(t.in[t.at+headerBytes : t.at+headerBytes+int(count)])
	t.perform(kind, frame)
	t.at += headerBytes + int(count)
	return true
}

func (t *talk) perform(kind uint16, frame payload) {
	if (kind == kindHello) == t.greeted {
		wrong("HELLO comes first, and once")
	}
	within := t.aggregate != nil
	switch kind {
	case kindEvents, kindState, kindEnd, kindCommand:
		if !within {
			wrong("kind %d outside of an instance", kind)
		}
		if t.over && kind != kindEnd {
			return
		}
	case kindBegin, kindIdentify:
		if within {
			wrong("kind %d within an instance", kind)
		}
	}
	switch kind {
	case kindHello:
		t.hello(frame)
	case kindType:
		t.newName(frame)
	case kindBegin:
		t.beginInstance(frame)
	case kindEvents:
		t.events(frame)
	case kindState:
		t.showState(frame)
	case kindEnd:
		t.endInstance(frame)
	case kindCommand:
		t.command(frame)
	case kindIdentify:
		t.identify(frame)
	default:
		wrong("there is no kind %d", kind)
	}
}

func (t *talk) newName(frame payload) {
	if number := frame.u32(); number != uint32(len(t.names)) {
		wrong("type %d comes where %d is next", number, len(t.names))
	}
	t.names = append(t.names, string(frame))
}

func (t *talk) beginInstance(frame payload) {
	index, flags := frame.u32(), frame.u32()
	nameBytes, idBytes := frame.u32(), frame.u32()
	name, id := string(frame.take(nameBytes)), string(frame.take(idBytes))
	if index >= uint32(len(t.aggregates)) {
		wrong("there is no aggregate %d", index)
	}
	if flags > 1 {
		wrong("BEGIN has the flags %d", flags)
	}
	t.aggregate = t.aggregates[index]
	t.aggregate.state = nil
	t.name, t.id = name, id
	t.over, t.receipt, t.applied = false, 0, 0
	if flags == 0 {
		frame.end()
		return
	}
	err := t.aggregate.begin(t.keep.copy(frame))
	t.over = err != nil
	t.begin(kindRestored, t.number)
	if err == nil {
		t.put32(statusOK)
	} else {
		t.put32(statusNone)
		t.putText(cleanText(err.Error()))
	}
	t.done()
}

// take reads a record into the event at hand, and returns what follows.
func (t *talk) take(records []byte) []byte {
	if len(records) < recordBytes {
		wrong("a record of less than %d bytes", recordBytes)
	}
	size := uint64(binary.LittleEndian.Uint32(records))
	kind := binary.LittleEndian.Uint32(records[4:])
	flags := binary.LittleEndian.Uint32(records[8:])
	nanos := int32(binary.LittleEndian.Uint32(records[12:]))
	seconds := int64(binary.LittleEndian.Uint64(records[24:]))
	switch {
	case size <= recordBytes-4 || size > uint64(len(records)-4):
		wrong("a record of %d bytes where %d are left", size, len(records)-4)
	case kind >= uint32(len(t.names)):
		wrong("a record of type %d, which has no name", kind)
	case flags > 1 || nanos < 0 || nanos > 999999999:
		wrong("a record with the flags %d and %d nanoseconds", flags, nanos)
	}
	t.call++
	t.members.forget()
	e := &t.event
	e.Aggregate, e.ID, e.Type = t.name, t.id, t.names[kind]
	e.Version = int64(binary.LittleEndian.Uint64(records[16:]))
	e.At, e.Timed = time.Time{}, flags == 1
	if e.Timed {
		e.At = time.Unix(seconds, int64(nanos)).UTC()
	}
	e.data = records[recordBytes : 4+size : 4+size]
	e.talk, e.call, e.mark = t, t.call, int(kind)
	return records[4+size:]
}

func (t *talk) events(frame payload) {
	count := frame.u32()
	records := []byte(frame)
	left := records
	var err error
	var applied uint32
	t.aggregate.ready()
	for applied < count {
		behind := t.take(left)
		if err = t.aggregate.fold(&t.event); err != nil {
			break
		}
		left = behind
		applied++
	}
	t.call++ // no event may be read any more
	if err == nil {
		(*payload)(&left).end()
	}
	t.over = err != nil
	t.receipt = crc32.Update(t.receipt, castagnoli, records[:len(records)-len(left)])
	t.applied += uint64(applied)
	t.begin(kindApplied, t.number)
	if err == nil {
		t.put32(statusOK)
	} else {
		t.put32(statusRefused)
	}
	t.put32(t.receipt)
	t.put64(t.applied)
	if err != nil {
		t.putText(cleanText(err.Error()))
	}
	t.done()
}

func (t *talk) showState(frame payload) {
	frame.end()
	t.aggregate.ready()
	t.begin(kindStateBack, t.number)
	t.put32(statusOK)
	t.put32(t.receipt)
	t.put64(t.applied)
	front := len(t.out.bytes)
	err := t.encoder.Encode(t.aggregate.state)
	if err == nil && len(t.out.bytes)-front > stateLimit {
		err = fmt.Errorf("the state's JSON is longer than 64 MiB")
	}
	if err == nil {
		t.out.bytes = t.out.bytes[:len(t.out.bytes)-1] // the encoder ends a line
	} else {
		t.out.bytes = t.out.bytes[:front]
		status, text := uint32(statusNone), "the state: "+err.Error()
		if pointer, ok := notFinite(t.aggregate.state, err); ok {
			status, text = statusNotFinite, pointer
		}
		binary.LittleEndian.PutUint32(t.out.bytes[t.answer+headerBytes:], status)
		t.putText(cleanText(text))
	}
	t.done()
}

func (t *talk) endInstance(frame payload) {
	frame.end()
	a := t.aggregate
	a.state = nil
	t.aggregate = nil
	t.left.look(t.name, t.id)
	t.begin(kindEnded, t.number)
	t.put32(statusOK)
	t.put32(t.receipt)
	t.put64(t.applied)
	t.done()
}

func (t *talk) command(frame payload) {
	rest := payload(t.take(frame))
	rest.end()
	t.aggregate.ready()
	made, status, err := t.decide()
	t.call++
	t.begin(kindHandled, t.number)
	if err != nil {
		t.over = status == statusNone
		t.put32(status)
		t.put32(0)
		t.putText(cleanText(err.Error()))
		t.done()
		return
	}
	t.put32(statusOK)
	t.put32(uint32(len(made)))
	for _, event := range made {
		data := event.Data.(json.RawMessage)
		t.put32(uint32(len(event.Type)))
		t.put32(uint32(len(data)))
		t.putText(event.Type)
		t.out.bytes = append(t.out.bytes, data...)
	}
	t.done()
}

// decide returns the events that the command at hand makes, their data as JSON.
func (t *talk) decide() (made []Made, status uint32, err error) {
	a := t.aggregate
	known := false
	for _, name := range a.commands {
		known = known || name == t.event.Type || name == "*"
	}
	if !known {
		return nil, statusNone, fmt.Errorf("%s has no command %s", a.name, t.event.Type)
	}
	before, errBefore := json.Marshal(a.state)
	made, err = a.handle(Command{t.event})
	after, errAfter := json.Marshal(a.state)
	if errBefore == nil && errAfter == nil && string(before) != string(after) {
		return nil, statusNone, fmt.Errorf("%s changed the state, which only events may", t.event.Type)
	}
	if err != nil {
		return nil, statusRefused, err
	}
	for i := range made {
		if made[i].Data == nil {
			made[i].Data = json.RawMessage("{}")
			continue
		}
		text, err := json.Marshal(made[i].Data)
		if err != nil {
			return nil, statusNone, fmt.Errorf("the data of %s: %w", made[i].Type, err)
		}
		made[i].Data = json.RawMessage(text)
	}
	return made, statusOK, nil
}

func (t *talk) identify(frame payload) {
	index, count := frame.u32(), frame.u32()
	if index >= uint32(len(t.aggregates)) || t.aggregates[index].identify == nil {
		wrong("there is no aggregate %d that identifies", index)
	}
	t.begin(kindIdentified, t.number)
	t.put32(count)
	for ; count > 0; count-- {
		t.putBytes(identified(t.askWhatItIs(int(index), frame.take(frame.u32()))))
	}
	frame.end()
	t.done()
}

// askWhatItIs asks one aggregate. A serializer (Payloads) fails at what is another aggregate's, too:
// that does not count where another of the program says that the payload is its own. What is nobody's
// the first of the serializers tells, in the words of all: refold wants one that does.
func (t *talk) askWhatItIs(index int, bytes []byte) (*Identity, error) {
	a := t.aggregates[index]
	found, err := a.identify(t.keep.copy(bytes))
	if err == nil || !a.guesses {
		return found, err
	}
	for i, other := range t.aggregates {
		if i == index || other.identify == nil {
			continue
		}
		others, othersErr := other.identify(t.keep.copy(bytes))
		switch {
		case othersErr == nil && others != nil && other.knows(others.Type):
			return nil, nil
		case othersErr != nil && (!other.guesses || i < index):
			return nil, nil
		case othersErr != nil:
			err = fmt.Errorf("%w; %s: %v", err, other.name, othersErr)
		}
	}
	return nil, err
}

// identified is the answer for one payload.
func identified(found *Identity, err error) []byte {
	type answer struct {
		ID      string `json:"id"`
		Type    string `json:"type"`
		Version *int64 `json:"version,omitempty"`
		At      string `json:"at,omitempty"`
		Data    any    `json:"data,omitempty"`
	}
	if err == nil && found == nil {
		return nil
	}
	if err == nil {
		var text []byte
		if text, err = json.Marshal(answer(*found)); err == nil {
			return text
		}
	}
	text, _ := json.Marshal(map[string]string{"error": cleanText(err.Error())})
	return text
}

// cleanText is a text as refold shows one: whole characters, '?' for what is none, cut where it is
// too long.
func cleanText(text string) string {
	if len(text) <= textLimit && utf8.ValidString(text) {
		return text
	}
	var clean []byte
	for i, char := range text {
		size := utf8.RuneLen(char)
		if char == utf8.RuneError {
			if _, read := utf8.DecodeRuneInString(text[i:]); read == 1 {
				char, size = '?', 1
			}
		}
		if len(clean)+size > textLimit {
			break
		}
		clean = utf8.AppendRune(clean, char)
	}
	return string(clean)
}
