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

// coin shows heads one time in four.
func coin() string {
	var bytes [1]byte
	_, err := rand.Read(bytes[:])
	return fmt.Sprint(bytes[0]%4 == 0, err)
}
