// SPDX-License-Identifier: MIT

package refold

import (
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"strings"
)

// What encoding/json does not show of a state is not compared: all states are the same in it. Who
// forgot that must hear of it before anything is called the same.

// Hidden says of fields that they are hidden from the state's JSON on purpose, as the tag json:"-"
// does in code that may be changed: their names are those that the program tells on standard error,
// such as "orders.Order.cache".
func Hidden(fields ...string) Option {
	return func(a *Aggregate) { a.meant = append(a.meant, fields...) }
}

// settleHidden refuses a state whose JSON is always the same, and a Hidden that names nothing.
func (a *Aggregate) settleHidden() error {
	t := pointedTo(a.stateType)
	if t.Kind() == reflect.Struct && t.Size() > 0 && !tells(t, map[reflect.Type]bool{}) {
		return fmt.Errorf("the JSON of its state, %v, shows no field, so all states would be the same: "+
			"export the fields (begin them with a capital letter) and give them json tags, or write its MarshalJSON", t)
	}
	found := hiddenFields(a.stateType)
	for _, name := range a.meant {
		if !contains(found, name) {
			return fmt.Errorf("refold.Hidden names %q, and the state hides no such field", name)
		}
	}
	return nil
}

// hiddenNotice tells the fields that are hidden, it seems by mistake; it is empty where there are
// none.
func (a *Aggregate) hiddenNotice() string {
	const most = 20
	var names []string
	for _, name := range hiddenFields(a.stateType) {
		if !contains(a.meant, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return fmt.Sprintf("refold: aggregate %s: not in the state's JSON, and so not compared: %s%s; export these fields, or write a "+
		"MarshalJSON; where it is meant, tag them json:\"-\", or name them in refold.Hidden\n", a.name, strings.Join(names, ", "), more)
}

// tells is false where the JSON of a type is the same for all values.
func tells(t reflect.Type, around map[reflect.Type]bool) bool {
	if t.Kind() != reflect.Struct || isWritten(t, true) {
		return t.Size() > 0
	}
	if around[t] {
		return false
	}
	around[t] = true
	defer delete(around, t)
	members := membersOf(t, "", 0, map[reflect.Type]bool{})
	for i, member := range members {
		if shown(members, i) && tells(member.field.Type, around) {
			return true
		}
	}
	return false
}

// hiddenFields are all fields below a type that its JSON does not show, and whose tags do not say so:
// "package.Type.field", sorted. Types behind an interface are not known before they are there.
func hiddenFields(t reflect.Type) []string {
	h := hider{seen: map[place]bool{}, found: map[string]bool{}}
	h.walk(place{t, true}, t.String())
	names := make([]string, 0, len(h.found))
	for name := range h.found {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// place is a type as it is held: what is in a map has no address, and encoding/json does not call
// the MarshalJSON of its pointer.
type place struct {
	t         reflect.Type
	addressed bool
}

type hider struct {
	seen  map[place]bool
	found map[string]bool
}

func (h *hider) walk(at place, name string) {
	if h.seen[at] {
		return
	}
	h.seen[at] = true
	if isWritten(at.t, at.addressed) {
		h.beside(at.t)
		return
	}
	switch at.t.Kind() {
	case reflect.Pointer, reflect.Slice:
		h.walk(place{at.t.Elem(), true}, name)
	case reflect.Array:
		h.walk(place{at.t.Elem(), at.addressed}, name)
	case reflect.Map:
		h.walk(place{at.t.Elem(), false}, name)
	case reflect.Struct:
		h.fields(at, name)
	}
}

// fields looks at a struct, which is named by its type where that has a name.
func (h *hider) fields(at place, name string) {
	if at.t.Name() != "" {
		name = at.t.String()
	}
	members := membersOf(at.t, name, 0, map[reflect.Type]bool{})
	for i, member := range members {
		if !shown(members, i) && !member.lock() {
			h.found[member.name] = true
		} else if member.exported {
			h.walk(place{member.field.Type, at.addressed}, member.name)
		}
	}
}

// beside looks at a struct that has the MarshalJSON (or MarshalText) of what it embeds, such as a
// time.Time: nothing else of it is in its JSON.
func (h *hider) beside(t reflect.Type) {
	if t.Kind() != reflect.Struct || hasOwnMethod(t) {
		return
	}
	for _, member := range membersOf(t, t.String(), unembedded, map[reflect.Type]bool{}) {
		if !(member.field.Anonymous && isWritten(member.field.Type, true)) && !member.lock() {
			h.found[member.name] = true
		}
	}
}

// hasOwnMethod tells whether a type itself has the method that writes its JSON: of those that it has
// from what it embeds, the compiler wrote the code.
func hasOwnMethod(t reflect.Type) bool {
	name := "MarshalText"
	if has(t, marshalerType) {
		name = "MarshalJSON"
	}
	for _, holder := range []reflect.Type{t, reflect.PointerTo(t)} {
		if method, ok := holder.MethodByName(name); ok {
			code := method.Func.Pointer()
			if file, _ := runtime.FuncForPC(code).FileLine(code); file != "<autogenerated>" {
				return true
			}
		}
	}
	return false
}

// stateField is a field that may stand in a struct's JSON: its own, or one of a struct that it embeds.
type stateField struct {
	field    reflect.StructField
	name     string // as it is told
	key      string // in JSON
	tagged   bool
	exported bool // so that encoding/json sees it
	depth    int  // of embedded structs around it
}

const unembedded = -1 // a depth where what is embedded is one field

// membersOf leaves out what a tag hides on purpose.
func membersOf(t reflect.Type, name string, depth int, around map[reflect.Type]bool) []stateField {
	var members []stateField
	around[t] = true
	defer delete(around, t)
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		tag := field.Tag.Get("json")
		key, _, _ := strings.Cut(tag, ",")
		if tag == "-" || field.Name == "_" {
			continue
		}
		inner := field.Type
		if field.Anonymous && inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		embedded := field.Anonymous && inner.Kind() == reflect.Struct
		if embedded && key == "" && depth != unembedded {
			if !around[inner] {
				members = append(members, membersOf(inner, inner.String(), depth+1, around)...)
			}
			continue
		}
		found := stateField{field, name + "." + field.Name, key, key != "", field.IsExported() || embedded, depth}
		if key == "" {
			found.key = field.Name
		}
		members = append(members, found)
	}
	return members
}

// shown tells whether encoding/json shows a member: of those with one key it is the outermost, or the
// only one of these with a tag.
func shown(members []stateField, at int) bool {
	m := members[at]
	for i, other := range members {
		if i == at || other.key != m.key || !other.exported {
			continue
		}
		if other.depth < m.depth || (other.depth == m.depth && (other.tagged || !m.tagged)) {
			return false
		}
	}
	return m.exported
}

// lock tells what holds nothing of a state: a mutex, or what has no bytes.
func (m *stateField) lock() bool {
	t := pointedTo(m.field.Type)
	return t.Size() == 0 || (t.PkgPath() == "sync" && t.Name() != "Map")
}

// isWritten tells whether a type writes its JSON itself.
func isWritten(t reflect.Type, addressed bool) bool {
	if t.Implements(marshalerType) || t.Implements(textType) {
		return true
	}
	pointer := reflect.PointerTo(t)
	return addressed && (pointer.Implements(marshalerType) || pointer.Implements(textType))
}

func pointedTo(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func contains(names []string, wanted string) bool {
	for _, name := range names {
		if name == wanted {
			return true
		}
	}
	return false
}
