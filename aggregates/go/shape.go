// SPDX-License-Identifier: MIT

package refold

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Kinds of a shape, as the protocol numbers them.
const (
	kindBool   = 1
	kindInt32  = 2
	kindInt64  = 3
	kindUint64 = 4
	kindReal   = 5
	kindString = 6
	kindTime   = 7
	kindEnum   = 8
	kindStruct = 9
	kindList   = 10
	kindMap    = 11
)

// shape tells reports the members of a struct from the keys of a map.
type shape struct {
	Name   string   `json:"name,omitempty"`
	Kind   int      `json:"kind"`
	Fields []*shape `json:"fields,omitempty"`

	depth int // of embedded structs around the member
}

var (
	timeType      = reflect.TypeOf(time.Time{})
	marshalerType = reflect.TypeOf((*json.Marshaler)(nil)).Elem()
	unmarshaler   = reflect.TypeOf((*json.Unmarshaler)(nil)).Elem()
	textType      = reflect.TypeOf((*encoding.TextMarshaler)(nil)).Elem()
	untextType    = reflect.TypeOf((*encoding.TextUnmarshaler)(nil)).Elem()
)

// shapeOf is nil where a type does not tell what its JSON looks like: an interface, a MarshalJSON of
// its own, or one that holds itself.
func shapeOf(t reflect.Type) *shape {
	return shapeWithin(t, map[reflect.Type]bool{})
}

func shapeWithin(t reflect.Type, around map[reflect.Type]bool) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		return &shape{Kind: kindTime}
	case has(t, marshalerType) || around[t]:
		return nil
	case has(t, textType):
		return textShape(t)
	}
	switch t.Kind() {
	case reflect.Bool:
		return &shape{Kind: kindBool}
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint8, reflect.Uint16:
		return &shape{Kind: kindInt32}
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return &shape{Kind: kindInt64}
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return &shape{Kind: kindUint64}
	case reflect.Float32, reflect.Float64:
		return &shape{Kind: kindReal}
	case reflect.String:
		return &shape{Kind: kindString}
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		around[t] = true
		defer delete(around, t)
		return containerShape(t, around)
	default:
		return nil
	}
}

// textShape is of a type with MarshalText: a number that has one is one of some names.
func textShape(t reflect.Type) *shape {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &shape{Kind: kindEnum}
	default:
		return &shape{Kind: kindString}
	}
}

func containerShape(t reflect.Type, around map[reflect.Type]bool) *shape {
	if t.Kind() == reflect.Struct {
		fields := dominant(structShapes(t, around))
		if len(fields) == 0 {
			return nil
		}
		return &shape{Kind: kindStruct, Fields: fields}
	}
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return &shape{Kind: kindString} // base64
	}
	element := shapeWithin(t.Elem(), around)
	if element == nil {
		return nil
	}
	kind := kindList
	if t.Kind() == reflect.Map {
		kind = kindMap
	}
	return &shape{Kind: kind, Fields: []*shape{element}}
}

// dominant leaves of the members of one name the one that encoding/json shows: the outermost, or
// none where there are two of these.
func dominant(members []*shape) (shown []*shape) {
	for i, member := range members {
		hidden := false
		for at, other := range members {
			hidden = hidden || (at != i && other.Name == member.Name && other.depth <= member.depth)
		}
		if !hidden {
			shown = append(shown, member)
		}
	}
	return shown
}

func structShapes(t reflect.Type, around map[reflect.Type]bool) []*shape {
	var shapes []*shape
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" && options == "" && field.Tag.Get("json") == "-" {
			continue
		}
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if field.Anonymous && name == "" && inner.Kind() == reflect.Struct && inner != timeType && !has(inner, marshalerType) {
			if !around[inner] {
				around[inner] = true
				for _, member := range structShapes(inner, around) {
					member.depth++
					shapes = append(shapes, member)
				}
				delete(around, inner)
			}
			continue
		}
		if !field.IsExported() {
			continue
		}
		if found := shapeWithin(field.Type, around); found != nil {
			if found.Name = name; name == "" {
				found.Name = field.Name
			}
			if hasOption(options, "string") && found.Kind <= kindReal {
				found.Kind = kindString
			}
			shapes = append(shapes, found)
		}
	}
	return shapes
}

func hasOption(options, wanted string) bool {
	for _, option := range strings.Split(options, ",") {
		if option == wanted {
			return true
		}
	}
	return false
}

// has tells whether a value of the type that is stored somewhere has the methods.
func has(t, methods reflect.Type) bool {
	return t.Implements(methods) || reflect.PointerTo(t).Implements(methods)
}

// restorable tells whether json.Unmarshal makes of a state's JSON the state again: nothing of it is
// hidden from JSON, nothing is of a type that only the JSON does not tell, and no map or slice that is
// empty becomes nil because omitempty left it out.
func restorable(t reflect.Type) bool {
	return len(hiddenFields(t)) == 0 && restorableWithin(t, map[reflect.Type]bool{})
}

func restorableWithin(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch {
	case seen[t] || t == timeType:
		return true
	case has(t, marshalerType):
		return has(t, unmarshaler)
	case has(t, textType):
		return has(t, untextType)
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return restorableWithin(t.Elem(), seen)
	case reflect.Map:
		return restorableWithin(t.Key(), seen) && restorableWithin(t.Elem(), seen)
	case reflect.Struct:
		// Of two members of one name JSON shows one, or none.
		names := map[string]bool{}
		for _, member := range structShapes(t, map[reflect.Type]bool{t: true}) {
			if names[member.Name] {
				return false
			}
			names[member.Name] = true
		}
		for i := 0; i < t.NumField(); i++ {
			field := t.Field(i)
			hidden := !field.IsExported() && !(field.Anonymous && field.Type.Kind() == reflect.Struct)
			if hidden || field.Tag.Get("json") == "-" || emptyIsLost(field) || !restorableWithin(field.Type, seen) {
				return false
			}
		}
		return true
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return false
	default:
		return true
	}
}

// emptyIsLost tells of a map or slice whose JSON is the same where it is nil and where it is empty.
func emptyIsLost(field reflect.StructField) bool {
	kind := field.Type.Kind()
	_, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	return (kind == reflect.Map || kind == reflect.Slice) && hasOption(options, "omitempty")
}
