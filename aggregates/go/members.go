// SPDX-License-Identifier: MIT

package refold

import (
	"bytes"
	"encoding/json"
)

// members is the table of the members of one event's data: made where the first is asked for, and
// kept until the next event. The text is JSON, as refold has checked it.
type members struct {
	rows []member
	of   []byte // the data that they are of; nil: of none
}

type member struct {
	key   []byte // without its quotes
	value []byte // its token, or the text of an array or object
	odd   bool   // the key holds an escape
}

func (m *members) forget() {
	m.of = nil
}

// find returns the last member with this name, or nil.
func (m *members) find(data []byte, name string) []byte {
	if len(m.of) != len(data) || &m.of[0] != &data[0] {
		m.read(data)
	}
	for i := len(m.rows) - 1; i >= 0; i-- {
		row := &m.rows[i]
		if row.odd {
			if key, ok := decodeString(quoted(row.key)); ok && key == name {
				return row.value
			}
		} else if string(row.key) == name {
			return row.value
		}
	}
	return nil
}

func (m *members) read(data []byte) {
	m.rows, m.of = m.rows[:0], data
	at := skipBlanks(data, 0)
	if at == len(data) || data[at] != '{' {
		return
	}
	at = skipBlanks(data, at+1)
	for at < len(data) && data[at] == '"' {
		end, odd := skipString(data, at)
		row := member{key: data[at+1 : end-1], odd: odd}
		at = skipBlanks(data, end)
		if at == len(data) || data[at] != ':' {
			break
		}
		at = skipBlanks(data, at+1)
		end = skipValue(data, at)
		row.value = data[at:end:end]
		m.rows = append(m.rows, row)
		at = skipBlanks(data, end)
		if at < len(data) && data[at] == '}' {
			return
		}
		if at == len(data) || data[at] != ',' {
			break
		}
		at = skipBlanks(data, at+1)
	}
	if at == len(data) || data[at] != '}' || len(m.rows) > 0 {
		panic(protocolMistake("the data of an event is no JSON"))
	}
}

func skipBlanks(data []byte, at int) int {
	for at < len(data) && data[at] <= ' ' {
		at++
	}
	return at
}

// skipString returns the place behind the string that begins at the quote, and whether it holds an
// escape.
func skipString(data []byte, quote int) (end int, odd bool) {
	at := quote + 1
	for {
		next := bytes.IndexByte(data[at:], '"')
		if next < 0 {
			panic(protocolMistake("the data of an event is no JSON: a string without an end"))
		}
		escape := bytes.IndexByte(data[at:at+next], '\\')
		if escape < 0 {
			return at + next + 1, odd
		}
		odd = true
		at += escape + 2
		if at > len(data) {
			panic(protocolMistake("the data of an event is no JSON: a string without an end"))
		}
	}
}

func skipValue(data []byte, at int) int {
	depth := 0
	for at < len(data) {
		switch data[at] {
		case '"':
			at, _ = skipString(data, at)
		case '{', '[':
			depth++
			at++
			continue
		case '}', ']':
			depth--
			at++
		case ',', ':', ' ', '\t', '\n', '\r':
			at++
			continue
		default:
			at = skipToken(data, at)
		}
		if depth <= 0 {
			break
		}
	}
	return at
}

// skipToken passes over a number or a literal.
func skipToken(data []byte, at int) int {
	for at < len(data) {
		switch data[at] {
		case ',', ':', ']', '}', '"', '[', '{', ' ', '\t', '\n', '\r':
			return at
		}
		at++
	}
	return at
}

func isDigit(c byte) bool {
	return c >= '0' && c <= '9'
}

// readMagnitude reads digits; false where there are none, anything else, or too many.
func readMagnitude(digits []byte) (uint64, bool) {
	var value uint64
	for _, c := range digits {
		if !isDigit(c) || value > (1<<64-1)/10 {
			return 0, false
		}
		next := value*10 + uint64(c-'0')
		if next < value*10 {
			return 0, false
		}
		value = next
	}
	return value, len(digits) > 0
}

func quoted(key []byte) []byte {
	return append(append([]byte{'"'}, key...), '"')
}

func decodeString(token []byte) (string, bool) {
	if bytes.IndexByte(token, '\\') < 0 {
		return string(token[1 : len(token)-1]), true
	}
	var text string
	err := json.Unmarshal(token, &text)
	return text, err == nil
}

// arena is memory for bytes that may be kept by whoever is given them: it is never used again, and
// goes where nothing of it is held any more.
type arena struct {
	free []byte
}

const arenaBytes = 64 << 10

func (a *arena) take(count int) []byte {
	if count > len(a.free) {
		if count > arenaBytes/4 {
			return make([]byte, count)
		}
		a.free = make([]byte, arenaBytes)
	}
	taken := a.free[:count:count]
	a.free = a.free[count:]
	return taken
}

func (a *arena) copy(from []byte) []byte {
	to := a.take(len(from))
	copy(to, from)
	return to
}
