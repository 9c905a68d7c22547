// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"fmt"
)

// fields hands over the fields of a protobuf message: of numbers the value, of strings and messages
// the bytes. Who does not know a field passes over it.
func fields(message []byte, field func(number int, value uint64, bytes []byte) error) error {
	for at := 0; at < len(message); {
		key, size := binary.Uvarint(message[at:])
		if size <= 0 {
			return fmt.Errorf("no varint at byte %d", at)
		}
		at += size
		var value uint64
		var bytes []byte
		left := message[at:]
		switch key & 7 {
		case 0: // varint
			value, size = binary.Uvarint(left)
		case 1: // 64 bits
			size = 8
		case 2: // length, bytes
			count, prefix := binary.Uvarint(left)
			if prefix <= 0 || count > uint64(len(left)-prefix) {
				return fmt.Errorf("no length that fits at byte %d", at)
			}
			size = prefix + int(count)
			bytes = left[prefix:size]
		case 5: // 32 bits
			size = 4
		default:
			return fmt.Errorf("no wire type %d at byte %d", key&7, at)
		}
		if size <= 0 || size > len(left) {
			return fmt.Errorf("a field that is cut short at byte %d", at)
		}
		if err := field(int(key>>3), value, bytes); err != nil {
			return fmt.Errorf("field %d: %w", key>>3, err)
		}
		at += size
	}
	return nil
}
