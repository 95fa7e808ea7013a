package anabranch

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

// A codec knows how a Go type stands for an SQL type. It is made once per type, by reflection; values are then read and
// written through pointers to memory that holds one of them every `stride` bytes: the items of a slice, or one field of
// the structs in it.
type codec interface {
	// describe appends the nodes of a field.
	describe(name string, nullable bool, nodes Field) Field
	// open finds the buffers of the next column.
	open(nodes *[]ColumnNode) (*view, error)
	// read reads all rows. The value of a row that is NULL is arbitrary.
	read(v *view, to unsafe.Pointer, stride uintptr)
	// write appends the nodes of a column; rows that are not valid are NULL.
	write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData
	// nullable tells whether the type has NULL among its values.
	nullable() bool
}

// view is a column to read.
type view struct {
	codec    codec
	rows     int
	validity bitmap // nil where nothing is NULL
	buffer   []byte // values, bits or offsets
	data     []byte // of texts
	children []*view
}

var errHost = errors.New("a column is not as its type says (a bug of the host)")

// node takes the next node, which must have so many buffers.
func node(nodes *[]ColumnNode, c codec, buffers int) (*view, [][]byte, error) {
	if len(*nodes) == 0 || len((*nodes)[0].Buffers) != buffers {
		return nil, nil, errHost
	}
	next := (*nodes)[0]
	*nodes = (*nodes)[1:]
	v := &view{codec: c, rows: int(next.Length)}
	if next.NullCount > 0 {
		if len(next.Buffers[0]) < bitmapSize(v.rows) {
			return nil, nil, errHost
		}
		v.validity = next.Buffers[0]
	}
	return v, next.Buffers, nil
}

// columnNode is the node of a column that is written.
func columnNode(rows int, valid bitmap, buffers ...[]byte) ColumnNode {
	nulls := valid.zeros(rows)
	if nulls == 0 {
		valid = nil
	}
	return ColumnNode{Length: uint32(rows), NullCount: uint32(nulls), Buffers: append([][]byte{valid}, buffers...)}
}

func at[T any](base unsafe.Pointer, stride uintptr, row int) *T {
	return (*T)(unsafe.Add(base, stride*uintptr(row)))
}

// bytesOf is the memory of a slice.
func bytesOf[T any](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(*new(T))))
}

// offsets are one more than rows.
func (v *view) offsets() []int32 {
	if v.rows == 0 {
		return []int32{0}
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(v.buffer))), v.rows+1)
}

// openOffsets checks that offsets are there, and returns how far they reach.
func (v *view) openOffsets(buffer []byte) (int, error) {
	v.buffer = buffer
	if v.rows > 0 && len(buffer) < 4*(v.rows+1) {
		return 0, errHost
	}
	reach := int(v.offsets()[v.rows])
	if reach < 0 {
		return 0, errHost
	}
	return reach, nil
}

// mayLack tells whether a row may hold, within it, a NULL where its type has none.
func (v *view) mayLack() bool {
	return slices.ContainsFunc(v.children, func(child *view) bool {
		return child.validity != nil && !child.codec.nullable() || child.mayLack()
	})
}

// complete tells whether a row holds no such NULL.
func (v *view) complete(row int) bool {
	first, end := row, row+1
	switch notNull(v.codec).(type) {
	case listCodec, mapCodec:
		offsets := v.offsets()
		first, end = int(offsets[row]), int(offsets[row+1])
	}
	for _, child := range v.children {
		for item := first; item < end; item++ {
			if child.validity.get(item) {
				if !child.complete(item) {
					return false
				}
			} else if !child.codec.nullable() {
				return false
			}
		}
	}
	return true
}

// notNull is the codec without NULL among its values.
func notNull(c codec) codec {
	if null, ok := c.(nullCodec); ok {
		return null.value
	}
	return c
}

// ---- Codecs of Go types ----------------------------------------------------------------------------------------------

// sqlType is what types of this package say of themselves.
type sqlType interface{ sqlCodec() codec }

// DecimalType is what a type made of Int128 says to be a DECIMAL(precision, scale):
//
//	type Price struct{ anabranch.Int128 }
//
//	func (Price) DecimalType() (precision, scale int) { return 10, 2 }
type DecimalType interface {
	DecimalType() (precision, scale int)
}

var codecs sync.Map // from reflect.Type

// codecOf is the codec of a type. It panics where the type stands for no SQL type, when a package is put together.
func codecOf(t reflect.Type) codec {
	if known, ok := codecs.Load(t); ok {
		return known.(codec)
	}
	made := makeCodec(t)
	codecs.Store(t, made)
	return made
}

func codecFor[T any]() codec {
	return codecOf(reflect.TypeFor[T]())
}

func makeCodec(t reflect.Type) codec {
	switch value := reflect.Zero(t).Interface().(type) {
	case sqlType:
		return value.sqlCodec()
	case DecimalType:
		precision, scale := value.DecimalType()
		if t.Size() != 16 || precision < 1 || precision > 38 || scale < 0 || scale > precision {
			panic("anabranch: " + t.String() + " is no decimal: a struct of an Int128, with 1 to 38 digits")
		}
		return decimalCodec{fixedCodec{"d:" + strconv.Itoa(precision) + "," + strconv.Itoa(scale), 16}, powerOfTen(precision)}
	}
	switch t.Kind() {
	case reflect.Bool:
		return boolCodec{}
	case reflect.Int8:
		return fixedCodec{"c", 1}
	case reflect.Int16:
		return fixedCodec{"s", 2}
	case reflect.Int32:
		return fixedCodec{"i", 4}
	case reflect.Int64:
		return fixedCodec{"l", 8}
	case reflect.Float32:
		return fixedCodec{"f", 4}
	case reflect.Float64:
		return fixedCodec{"g", 8}
	case reflect.String:
		return textCodec{"u"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return textCodec{"z"}
		}
		return listCodec{t, codecOf(t.Elem())}
	case reflect.Map:
		return mapCodec{t, codecOf(t.Key()), codecOf(t.Elem())}
	case reflect.Struct:
		return structCodecOf(t)
	}
	panic("anabranch: " + t.String() + " stands for no SQL type; see the package's documentation")
}

// member is a field of a struct.
type member struct {
	name   string
	offset uintptr
	codec  codec
}

func structCodecOf(t reflect.Type) structCodec {
	var members []member
	for i := range t.NumField() {
		field := t.Field(i)
		name := field.Tag.Get("sql")
		if name == "" {
			name = snakeCase(field.Name)
		}
		members = append(members, member{name, field.Offset, codecOf(field.Type)})
	}
	return structCodec{members}
}

// snakeCase is `user_id` of `UserID`.
func snakeCase(name string) string {
	var text strings.Builder
	isUpper := func(i int) bool { return i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	for i := range len(name) {
		endsWord := i > 0 && isUpper(i) && (!isUpper(i-1) || (i+1 < len(name) && !isUpper(i+1)))
		if endsWord {
			text.WriteByte('_')
		}
		text.WriteString(strings.ToLower(name[i : i+1]))
	}
	return text.String()
}
