package anabranch

import "unsafe"

// TimeZone is the session's time zone: an IANA name, or an offset.
func TimeZone() string {
	if current == nil {
		return "UTC"
	}
	return current.binding.TimeZone
}

// Option is an option of the function's DDL that the host does not know itself.
func Option(key string) (value string, ok bool) {
	if current != nil {
		for _, option := range current.binding.Options {
			if option[0] == key {
				return option[1], true
			}
		}
	}
	return "", false
}

// Constant is the value of an argument, from 0, that is a literal; not valid where it is none of this type, or NULL.
func Constant[T any](argument int) Null[T] {
	if current == nil || argument >= len(current.binding.Constants) || current.binding.Constants[argument] == nil {
		return Null[T]{}
	}
	codec := codecFor[Null[T]]()
	if !sameType(current.binding.Arguments[argument], codec.describe("", true, nil)) {
		return Null[T]{}
	}
	nodes := []ColumnNode(current.binding.Constants[argument])
	v, err := codec.open(&nodes)
	if err != nil || v.rows != 1 {
		return Null[T]{}
	}
	var value Null[T]
	codec.read(v, unsafe.Pointer(&value), unsafe.Sizeof(value))
	return value
}

// PerPlace is what `make` makes, once for each place in a plan at which the function stands: for what is costly to make,
// such as a pattern of a literal.
func PerPlace[T any](make func() T) T {
	if current == nil {
		return make()
	}
	if made, ok := current.own.(T); ok {
		return made
	}
	made := make()
	current.own = made
	return made
}

// Level is how much a message of the log matters.
type Level int32

// From what failed to every step.
const (
	LevelError Level = iota
	LevelWarn
	LevelInfo
	LevelDebug
	LevelTrace
)
