// SPDX-License-Identifier: MIT

package refold

import (
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// writer appends to bytes, for encoders that want an io.Writer.
type writer struct {
	bytes []byte
}

func (w *writer) Write(more []byte) (int, error) {
	w.bytes = append(w.bytes, more...)
	return len(more), nil
}

// notFinite tells whether a state has no JSON because of a NaN or infinity, and its JSON pointer:
// empty where a MarshalJSON met it.
func notFinite(state any, err error) (pointer string, ok bool) {
	var unsupported *json.UnsupportedValueError
	if !errors.As(err, &unsupported) {
		return "", false
	}
	kind := unsupported.Value.Kind()
	if kind != reflect.Float32 && kind != reflect.Float64 {
		return "", false
	}
	pointer, _ = findNotFinite(reflect.ValueOf(state), "", 0)
	return pointer, true
}

// A state that holds itself has no end; encoding/json finds what is not finite before that.
const deepest = 10000

// findNotFinite looks for the first value that is not finite, as encoding/json goes.
func findNotFinite(v reflect.Value, pointer string, depth int) (string, bool) {
	if depth > deepest || (v.IsValid() && v.Kind() != reflect.Pointer && has(v.Type(), marshalerType)) {
		return "", false
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return pointer, math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return findNotFinite(v.Elem(), pointer, depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := 0; i < v.Len(); i++ {
			if found, ok := findNotFinite(v.Index(i), pointer+"/"+strconv.Itoa(i), depth+1); ok {
				return found, true
			}
		}
	case reflect.Map:
		return findInMap(v, pointer, depth)
	case reflect.Struct:
		return findInStruct(v, pointer, depth)
	}
	return "", false
}

func findInMap(v reflect.Value, pointer string, depth int) (string, bool) {
	keys := v.MapKeys()
	names := make([]string, len(keys))
	values := map[string]reflect.Value{}
	for i, key := range keys {
		names[i] = keyName(key)
		values[names[i]] = v.MapIndex(key)
	}
	sort.Strings(names)
	for _, name := range names {
		if found, ok := findNotFinite(values[name], pointer+"/"+pointerStep(name), depth+1); ok {
			return found, true
		}
	}
	return "", false
}

// keyName is a map's key as encoding/json writes it.
func keyName(key reflect.Value) string {
	if key.Kind() == reflect.String {
		return key.String()
	}
	if text, ok := key.Interface().(encoding.TextMarshaler); ok {
		name, _ := text.MarshalText()
		return string(name)
	}
	switch key.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(key.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(key.Uint(), 10)
	default:
		return "?"
	}
}

func findInStruct(v reflect.Value, pointer string, depth int) (string, bool) {
	for i := 0; i < v.NumField(); i++ {
		field := v.Type().Field(i)
		tag := field.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		if tag == "-" || (!field.IsExported() && !field.Anonymous) {
			continue
		}
		step := pointer + "/" + pointerStep(field.Name)
		if name != "" {
			step = pointer + "/" + pointerStep(name)
		} else if field.Anonymous {
			step = pointer
		}
		if found, ok := findNotFinite(v.Field(i), step, depth+1); ok {
			return found, true
		}
	}
	return "", false
}

func pointerStep(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
