// SPDX-License-Identifier: MIT

package refold

import (
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
)

// crashText is what CRASHED says: what happened and where on the first line, the stack behind it.
// It holds no addresses, so that the same crash is told by the same text.
func crashText(value any) string {
	frames, how := fallenFrames()
	what := "panic: " + panicText(value)
	if how == "runtime.Goexit" {
		what = "runtime.Goexit: the aggregate ended the goroutine that folds"
	}
	if at := firstOwn(frames); at != nil {
		what += fmt.Sprintf(", at %s:%d in %s", path.Base(at.File), at.Line, shortFunction(at.Function))
	}
	var text strings.Builder
	text.WriteString(strings.NewReplacer("\r", " ", "\n", " ").Replace(what))
	for _, frame := range frames {
		fmt.Fprintf(&text, "\n%s\n\t%s:%d", frame.Function, frame.File, frame.Line)
	}
	return text.String()
}

// panicText is the value's text; a value whose own method panics is told by its type.
func panicText(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", value)
		}
	}()
	const most = 4096
	switch v := value.(type) {
	case nil:
		return "nil"
	case runtime.Error:
		text = strings.TrimPrefix(v.Error(), "runtime error: ")
	case error:
		text = v.Error()
	case fmt.Stringer:
		text = v.String()
	default:
		text = fmt.Sprint(v)
	}
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "?")
}

// fallenFrames are those between what ended the call and this package, and the runtime's function
// that ended it. To be called by what was deferred.
func fallenFrames() (frames []runtime.Frame, how string) {
	counters := make([]uintptr, 512)
	walk := runtime.CallersFrames(counters[:runtime.Callers(1, counters)])
	for {
		frame, more := walk.Next()
		switch {
		case how == "":
			if frame.Function == "runtime.gopanic" || frame.Function == "runtime.Goexit" {
				how = frame.Function
			}
		case strings.HasPrefix(frame.Function, "refold.(*talk)"):
			return withoutOurs(frames), how
		case len(frames) > 0 || !strings.HasPrefix(frame.Function, "runtime."):
			frames = append(frames, frame)
		}
		if !more {
			return frames, how
		}
	}
}

// withoutOurs leaves out how this package came to call the user's code.
func withoutOurs(frames []runtime.Frame) []runtime.Frame {
	end := len(frames)
	for end > 1 && packageOf(frames[end-1].Function) == "refold" {
		end--
	}
	return frames[:end]
}

// firstOwn is the first frame of the user's code: neither Go's library nor this module's.
func firstOwn(frames []runtime.Frame) *runtime.Frame {
	own := ownModules()
	for i := range frames {
		if isOwn(packageOf(frames[i].Function), own) {
			return &frames[i]
		}
	}
	if len(frames) > 0 {
		return &frames[0]
	}
	return nil
}

// ownModules are the module that was built and those that it requires: all but Go's library.
func ownModules() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	modules := []string{info.Main.Path}
	for _, module := range info.Deps {
		modules = append(modules, module.Path)
	}
	return modules
}

func isOwn(name string, modules []string) bool {
	if name == "refold" || name == "refold/eventsource" || strings.HasPrefix(name, "refold/internal/") {
		return false
	}
	if name == "main" || strings.HasPrefix(name, "command-line-arguments") {
		return true
	}
	for _, module := range modules {
		if name == module || strings.HasPrefix(name, module+"/") {
			return true
		}
	}
	return false
}

// packageOf takes the package's path off a function's name: "a/b.(*T).On" is a/b's.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + name
}

// shortFunction leaves out the folders of a function's package.
func shortFunction(function string) string {
	return function[strings.LastIndexByte(function, '/')+1:]
}
