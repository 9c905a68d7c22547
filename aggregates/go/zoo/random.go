// SPDX-License-Identifier: MIT

package main

import (
	"crypto/rand"
	"fmt"
)

func random() string {
	var bytes [4]byte
	_, err := rand.Read(bytes[:])
	return fmt.Sprintf("%x %v", bytes, err)
}
