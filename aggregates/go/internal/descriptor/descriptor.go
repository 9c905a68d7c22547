// SPDX-License-Identifier: MIT

//go:build unix

// Package descriptor keeps standard output for the protocol: whatever else prints there, prints on
// standard error. It imports next to nothing, so that its init runs before those of most packages.
package descriptor

import (
	"os"
	"strings"
	"syscall"
	"time"
)

var (
	started = len(os.Args) == 1 && isPipe(0) && isPipe(1)
	output  = 1
	moved   bool
)

func init() {
	if started {
		_ = Claim()
	}
}

// Started tells whether the program was started as refold starts one: without arguments, between
// two pipes.
func Started() bool {
	return started
}

func isPipe(fd int) bool {
	var stat syscall.Stat_t
	if syscall.Fstat(fd, &stat) != nil {
		return false
	}
	kind := stat.Mode & syscall.S_IFMT
	return kind == syscall.S_IFIFO || kind == syscall.S_IFSOCK
}

// Claim takes a copy of descriptor 1 and puts standard error in its place. Once it did, it does
// nothing. The time zone is refold's from then on.
func Claim() error {
	if moved {
		return nil
	}
	zone, _ := syscall.Getenv("TZ")
	time.Local = zoneOf(zone)
	copied, err := syscall.Dup(1)
	if err != nil {
		return err
	}
	syscall.CloseOnExec(copied)
	if err := replace(2, 1); err != nil {
		return err
	}
	output, moved = copied, true
	return nil
}

// Output is the descriptor that the protocol goes to.
func Output() int {
	return output
}

// zoneOf is UTC: what the machine has set is no part of a history, and to look it up would open a
// file. Only where refold folds once more, to see what a state depends on, it names another zone as
// POSIX does, <+1337>-13:37, which Go by itself does not read.
func zoneOf(text string) *time.Location {
	name, offset, ok := strings.Cut(strings.TrimPrefix(text, "<"), ">-")
	at, err := time.Parse("15:04", offset)
	if !ok || err != nil {
		return time.UTC
	}
	return time.FixedZone(name, at.Hour()*3600+at.Minute()*60)
}
