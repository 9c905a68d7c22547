// SPDX-License-Identifier: MIT

//go:build linux

// Package descriptor keeps standard output for the protocol: whatever else prints there, prints on
// standard error. It imports next to nothing, so that its init runs before those of most packages.
package descriptor

import (
	"os"
	"syscall"
	"time"
)

var (
	output = 1
	moved  bool
)

func init() {
	if Started() && len(os.Args) == 1 && len(syscall.Environ()) == 0 {
		_ = Claim()
	}
}

// Started tells whether both ends are pipes, as where refold has started this program.
func Started() bool {
	return isPipe(0) && isPipe(1)
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
// nothing.
//
// The time zone is UTC from here on: what the machine has set is no part of a history, and to look
// it up would open a file.
func Claim() error {
	if moved {
		return nil
	}
	time.Local = time.UTC
	copied, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, 1, syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return errno
	}
	if err := syscall.Dup3(2, 1, 0); err != nil {
		return err
	}
	output, moved = int(copied), true
	return nil
}

// Output is the descriptor that the protocol goes to.
func Output() int {
	return output
}
