// SPDX-License-Identifier: MIT

// Package asker plays refold's side of the worker protocol, for tests. It is written from
// harness/docs/worker-protocol.md and shares no code with what it asks.
package asker

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Kinds of frames that are sent, and of answers.
const (
	Hello    = 1
	Type     = 2
	Begin    = 3
	Events   = 4
	State    = 5
	End      = 6
	Command  = 7
	Identify = 8

	HelloBack  = 129
	Restored   = 131
	Applied    = 132
	StateBack  = 133
	Ended      = 134
	Handled    = 135
	Identified = 136
	Crashed    = 255
)

// Answer is a frame of the program's. What its kind does not have is zero.
type Answer struct {
	Number  uint64
	Kind    uint16
	Status  uint32
	Receipt uint32
	Applied uint64
	Text    string   // JSON, a reason, or what CRASHED says
	Events  []string // HANDLED: type and data by turns
	Texts   []string // IDENTIFIED
}

// Asker writes frames somewhere and reads answers from elsewhere.
type Asker struct {
	to      io.Writer
	from    io.Reader
	number  uint64
	types   map[string]uint32
	receipt uint32
}

// New asks whoever reads what is written to `to`.
func New(to io.Writer, from io.Reader) *Asker {
	return &Asker{to: to, from: from, types: map[string]uint32{}}
}

// Frame is a frame's bytes.
func Frame(number uint64, kind uint16, payload []byte) []byte {
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	frame = binary.LittleEndian.AppendUint16(frame, kind)
	frame = append(frame, 'R', 'F')
	frame = binary.LittleEndian.AppendUint64(frame, number)
	return append(frame, payload...)
}

// Send returns the frame's number. A program that reads no more shows when it is to answer.
func (a *Asker) Send(kind uint16, payload []byte) uint64 {
	a.number++
	_, _ = a.to.Write(Frame(a.number, kind, payload))
	return a.number
}

// Number gives a type or command its number, and tells it where it is new.
func (a *Asker) Number(name string) uint32 {
	number, known := a.types[name]
	if !known {
		number = uint32(len(a.types))
		a.types[name] = number
		a.Send(Type, append(binary.LittleEndian.AppendUint32(nil, number), name...))
	}
	return number
}

// Begin begins an instance; snapshot nil: an empty one.
func (a *Asker) Begin(aggregate uint32, name, id string, snapshot []byte) uint64 {
	a.receipt = 0
	payload := binary.LittleEndian.AppendUint32(nil, aggregate)
	flags := uint32(0)
	if snapshot != nil {
		flags = 1
	}
	payload = binary.LittleEndian.AppendUint32(payload, flags)
	payload = binary.LittleEndian.AppendUint32(payload, uint32(len(name)))
	payload = binary.LittleEndian.AppendUint32(payload, uint32(len(id)))
	payload = append(append(append(payload, name...), id...), snapshot...)
	return a.Send(Begin, payload)
}

// Record is an event or a command; at zero: it has no time.
func (a *Asker) Record(kind string, version int64, at time.Time, data string) []byte {
	var flags, nanos uint32
	var seconds int64
	if !at.IsZero() {
		flags, nanos, seconds = 1, uint32(at.Nanosecond()), at.Unix()
	}
	record := binary.LittleEndian.AppendUint32(nil, uint32(28+len(data)))
	record = binary.LittleEndian.AppendUint32(record, a.Number(kind))
	record = binary.LittleEndian.AppendUint32(record, flags)
	record = binary.LittleEndian.AppendUint32(record, nanos)
	record = binary.LittleEndian.AppendUint64(record, uint64(version))
	record = binary.LittleEndian.AppendUint64(record, uint64(seconds))
	return append(record, data...)
}

// Events sends the records as one frame.
func (a *Asker) Events(records ...[]byte) uint64 {
	payload := binary.LittleEndian.AppendUint32(nil, uint32(len(records)))
	for _, record := range records {
		payload = append(payload, record...)
	}
	a.receipt = crc32.Update(a.receipt, crc32.MakeTable(crc32.Castagnoli), payload[4:])
	return a.Send(Events, payload)
}

// Identify asks about payloads.
func (a *Asker) Identify(aggregate uint32, payloads ...[]byte) uint64 {
	frame := binary.LittleEndian.AppendUint32(nil, aggregate)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(payloads)))
	for _, payload := range payloads {
		frame = append(binary.LittleEndian.AppendUint32(frame, uint32(len(payload))), payload...)
	}
	return a.Send(Identify, frame)
}

// Receipt is that of all the records that were sent since Begin.
func (a *Asker) Receipt() uint32 {
	return a.receipt
}

// Answer is the program's next frame; io.EOF where there are no more.
func (a *Asker) Answer() (Answer, error) {
	var header [16]byte
	if _, err := io.ReadFull(a.from, header[:]); err != nil {
		return Answer{}, err
	}
	if string(header[6:8]) != "RF" {
		return Answer{}, fmt.Errorf("no frame: %q", header)
	}
	payload := make([]byte, binary.LittleEndian.Uint32(header[:]))
	if _, err := io.ReadFull(a.from, payload); err != nil {
		return Answer{}, fmt.Errorf("the payload: %w", err)
	}
	answer := Answer{Number: binary.LittleEndian.Uint64(header[8:]), Kind: binary.LittleEndian.Uint16(header[4:])}
	return answer, answer.read(payload)
}

func (a *Answer) read(payload []byte) error {
	u32 := func() (value uint32) {
		value = binary.LittleEndian.Uint32(payload)
		payload = payload[4:]
		return value
	}
	text := func(count uint32) string {
		taken := payload[:count]
		payload = payload[count:]
		return string(taken)
	}
	switch a.Kind {
	case HelloBack, Crashed:
	case Restored:
		a.Status = u32()
	case Applied, StateBack, Ended:
		a.Status, a.Receipt = u32(), u32()
		a.Applied = binary.LittleEndian.Uint64(payload)
		payload = payload[8:]
	case Handled:
		a.Status = u32()
		for count := u32(); count > 0; count-- {
			kind, data := u32(), u32()
			a.Events = append(a.Events, text(kind), text(data))
		}
	case Identified:
		for count := u32(); count > 0; count-- {
			a.Texts = append(a.Texts, text(u32()))
		}
	default:
		return fmt.Errorf("an answer of kind %d", a.Kind)
	}
	a.Text = string(payload)
	return nil
}

// Expect is the next answer, which is this one, or an error.
func (a *Asker) Expect(number uint64, kind uint16) (Answer, error) {
	answer, err := a.Answer()
	if err != nil {
		return answer, fmt.Errorf("frame %d was to be answered: %w", number, err)
	}
	if answer.Number != number || answer.Kind != kind {
		return answer, fmt.Errorf("kind %d for frame %d was to come, and kind %d for %d came: %s", kind, number,
			answer.Kind, answer.Number, answer.Text)
	}
	return answer, nil
}

// Description is what the program's HELLO says.
type Description struct {
	Protocol   int
	Speaker    string
	Aggregates []struct {
		Name         string
		StateVersion int `json:"state_version"`
		Types        []string
		Commands     []string
		Restores     bool
		Identifies   bool
		Upcasts      bool
		Checks       bool
		Shape        json.RawMessage
	}
}

// Hello greets, and returns what the program says of itself.
func (a *Asker) Hello() (Description, error) {
	var told Description
	answer, err := a.Expect(a.Send(Hello, []byte(`{"protocol":1,"refold":"0","more":[]}`)), HelloBack)
	if err == nil {
		err = json.Unmarshal([]byte(answer.Text), &told)
	}
	return told, err
}

// ErrRefused is of Fold, where the aggregate refused an event: its text follows.
var ErrRefused = errors.New("refused")

// Fold folds a whole instance, and returns its state.
func (a *Asker) Fold(aggregate uint32, id string, records ...[]byte) (string, error) {
	a.Begin(aggregate, "a", id, nil)
	events, state, end := a.Events(records...), a.Send(State, nil), a.Send(End, nil)
	applied, err := a.Expect(events, Applied)
	if err != nil {
		return "", err
	}
	if applied.Status != 0 {
		if _, err := a.Expect(end, Ended); err != nil {
			return "", err
		}
		return "", fmt.Errorf("%w: %s", ErrRefused, applied.Text)
	}
	told, err := a.Expect(state, StateBack)
	if err != nil {
		return "", err
	}
	if _, err := a.Expect(end, Ended); err != nil {
		return "", err
	}
	if told.Status != 0 || told.Receipt != a.receipt || told.Applied != uint64(len(records)) {
		return "", fmt.Errorf("status %d, %d of %d events, receipt %08x of %08x: %s", told.Status, told.Applied,
			len(records), told.Receipt, a.receipt, told.Text)
	}
	return told.Text, nil
}

// Program is a program that was started as refold starts one.
type Program struct {
	*Asker
	Stderr  strings.Builder
	command *exec.Cmd
	input   io.WriteCloser
}

// Start starts it.
func Start(path string, arguments ...string) (*Program, error) {
	p := &Program{command: exec.Command(path, arguments...)}
	p.command.Env = []string{}
	p.command.Stderr = &p.Stderr
	input, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.input = input
	p.Asker = New(input, output)
	return p, p.command.Start()
}

// Write sends bytes as they are.
func (p *Program) Write(bytes []byte) {
	_, _ = p.input.Write(bytes)
}

// Close ends the program's input.
func (p *Program) Close() {
	_ = p.input.Close()
}

// Finish reads what still comes, and returns the program's exit status.
func (p *Program) Finish() (status int, left []Answer) {
	p.Close()
	for {
		answer, err := p.Answer()
		if err != nil {
			break
		}
		left = append(left, answer)
	}
	_ = p.command.Wait()
	return p.command.ProcessState.ExitCode(), left
}
