// SPDX-License-Identifier: MIT

//go:build unix && !linux

package descriptor

import "syscall"

func replace(from, to int) error {
	return syscall.Dup2(from, to)
}
