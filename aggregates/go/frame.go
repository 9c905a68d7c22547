// SPDX-License-Identifier: MIT

package refold

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
)

// Kinds of frames; harness/docs/worker-protocol.md has them all.
const (
	kindHello    = 1
	kindType     = 2
	kindBegin    = 3
	kindEvents   = 4
	kindState    = 5
	kindEnd      = 6
	kindCommand  = 7
	kindIdentify = 8

	kindHelloBack  = 129
	kindRestored   = 131
	kindApplied    = 132
	kindStateBack  = 133
	kindEnded      = 134
	kindHandled    = 135
	kindIdentified = 136
	kindCrashed    = 255
)

const (
	headerBytes  = 16
	headerMagic  = 0x4652
	payloadLimit = 128 << 20

	// As much as a pipe of refold's holds, and little enough to stay in a processor's cache.
	bufferBytes = 128 << 10
	// What a large frame took is given back behind it.
	bufferMost = 4 << 20
)

// protocolMistake is what refold's side did wrong; it ends the program. It goes up as a panic.
type protocolMistake string

func wrong(format string, arguments ...any) {
	panic(protocolMistake(fmt.Sprintf(format, arguments...)))
}

// pipe is both directions: frames are read where they lie, answers are gathered. What was written
// goes out before it waits for more to read.
type pipe struct {
	source, sink int
	in           []byte
	at, end      int // what was read and not taken
	out          writer
	answer       int // where in out the answer at hand begins, or the next one will
}

func newPipe(source, sink int) pipe {
	return pipe{source: source, sink: sink, in: make([]byte, bufferBytes)}
}

// have sees to it that so many bytes lie at p.at; false where the input ends before.
func (p *pipe) have(count int) bool {
	if p.end-p.at >= count {
		return true
	}
	if count > len(p.in) || (len(p.in) > bufferMost && count <= bufferBytes) {
		room := bufferBytes
		if room < count {
			room = count
		}
		grown := make([]byte, room)
		p.end = copy(grown, p.in[p.at:p.end])
		p.in = grown
	} else {
		p.end = copy(p.in, p.in[p.at:p.end])
	}
	p.at = 0
	for p.end < count {
		p.flush()
		got := p.read(p.in[p.end:])
		if got == 0 {
			return false
		}
		p.end += got
	}
	return true
}

func (p *pipe) read(into []byte) int {
	for {
		got, err := syscall.Read(p.source, into)
		switch err {
		case nil:
			return got
		case syscall.EINTR:
		case syscall.EAGAIN:
			wait(p.source)
		default:
			mistake("standard input could not be read: %v", err)
		}
	}
}

// wait makes a descriptor wait by itself, which someone else has told not to.
func wait(fd int) {
	if err := syscall.SetNonblock(fd, false); err != nil {
		mistake("descriptor %d does not wait: %v", fd, err)
	}
}

func (p *pipe) flush() {
	left := p.out.bytes
	for len(left) > 0 {
		count, err := syscall.Write(p.sink, left)
		switch err {
		case nil:
			left = left[count:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			wait(p.sink)
		case syscall.EPIPE:
			os.Exit(exitMistake) // refold is gone: there is no one to tell
		default:
			mistake("an answer could not be written: %v", err)
		}
	}
	if cap(p.out.bytes) > bufferMost {
		p.out.bytes = nil
	}
	p.out.bytes = p.out.bytes[:0]
	p.answer = 0
}

// begin starts an answer; what is put until done is its payload.
func (p *pipe) begin(kind uint16, number uint64) {
	var header [headerBytes]byte
	binary.LittleEndian.PutUint16(header[4:], kind)
	binary.LittleEndian.PutUint16(header[6:], headerMagic)
	binary.LittleEndian.PutUint64(header[8:], number)
	p.out.bytes = append(p.out.bytes, header[:]...)
}

func (p *pipe) put32(value uint32) {
	p.out.bytes = binary.LittleEndian.AppendUint32(p.out.bytes, value)
}

func (p *pipe) put64(value uint64) {
	p.out.bytes = binary.LittleEndian.AppendUint64(p.out.bytes, value)
}

func (p *pipe) putText(text string) {
	p.out.bytes = append(p.out.bytes, text...)
}

// putBytes puts a count of bytes, and these.
func (p *pipe) putBytes(bytes []byte) {
	p.put32(uint32(len(bytes)))
	p.out.bytes = append(p.out.bytes, bytes...)
}

func (p *pipe) done() {
	payload := len(p.out.bytes) - p.answer - headerBytes
	binary.LittleEndian.PutUint32(p.out.bytes[p.answer:], uint32(payload))
	p.answer = len(p.out.bytes)
	if len(p.out.bytes) >= bufferBytes {
		p.flush()
	}
}

// payload is read from its front; what is not there is refold's mistake.
type payload []byte

func (p *payload) take(count uint32) []byte {
	if uint64(count) > uint64(len(*p)) {
		wrong("its payload ends where %d more bytes were to come", count)
	}
	taken := (*p)[:count:count]
	*p = (*p)[count:]
	return taken
}

func (p *payload) u32() uint32 {
	return binary.LittleEndian.Uint32(p.take(4))
}

func (p *payload) end() {
	if len(*p) > 0 {
		wrong("%d bytes are behind what its payload holds", len(*p))
	}
}
