package anabranch

import (
	"reflect"
	"unsafe"
)

// Encode makes a column of values, with its type: for tests, which call functions as the host does.
func Encode[T any](values []T) (Field, ColumnData) {
	codec := codecFor[T]()
	data := codec.write(nil, unsafe.Pointer(unsafe.SliceData(values)), unsafe.Sizeof(*new(T)), len(values), nil)
	return codec.describe("", codec.nullable(), nil), data
}

// Decode gives the values of a column of that type.
func Decode[T any](column ColumnData) ([]T, error) {
	codec := codecOf(reflect.TypeFor[T]())
	nodes := []ColumnNode(column)
	v, err := codec.open(&nodes)
	if err != nil || len(nodes) > 0 {
		return nil, errHost
	}
	return read[T](&call{rows: v.rows, columns: []*view{v}}, 0), nil
}

// SameType tells whether two fields have the same type, whatever the names and which rows may be NULL.
func SameType(left, right Field) bool {
	return sameType(left, right)
}
