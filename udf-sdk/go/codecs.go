package anabranch

import (
	"cmp"
	"reflect"
	"slices"
	"unsafe"
)

// ---- Values of a fixed number of bytes -------------------------------------------------------------------------------

type fixedCodec struct {
	format string
	width  int
}

func (fixedCodec) nullable() bool { return false }

func (c fixedCodec) describe(name string, nullable bool, nodes Field) Field {
	return append(nodes, FieldNode{name, c.format, nullable, 0})
}

func (c fixedCodec) open(nodes *[]ColumnNode) (*view, error) {
	return openFixed(nodes, c, c.width)
}

func openFixed(nodes *[]ColumnNode, c codec, width int) (*view, error) {
	v, buffers, err := node(nodes, c, 2)
	if err != nil || len(buffers[1]) < v.rows*width {
		return nil, errHost
	}
	v.buffer = buffers[1]
	return v, nil
}

func (c fixedCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	for row := range v.rows {
		copy(unsafe.Slice(at[byte](to, stride, row), c.width), v.buffer[row*c.width:])
	}
}

func (c fixedCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	if stride == uintptr(c.width) {
		return append(nodes, columnNode(rows, valid, unsafe.Slice((*byte)(from), rows*c.width)))
	}
	values := make([]uint64, (rows*c.width+7)/8)
	buffer := bytesOf(values)[:rows*c.width]
	for row := range rows {
		copy(buffer[row*c.width:], unsafe.Slice(at[byte](from, stride, row), c.width))
	}
	return append(nodes, columnNode(rows, valid, buffer))
}

// ---- Booleans --------------------------------------------------------------------------------------------------------

type boolCodec struct{}

func (boolCodec) nullable() bool { return false }

func (boolCodec) describe(name string, nullable bool, nodes Field) Field {
	return append(nodes, FieldNode{name, "b", nullable, 0})
}

func (c boolCodec) open(nodes *[]ColumnNode) (*view, error) {
	v, buffers, err := node(nodes, c, 2)
	if err != nil || len(buffers[1]) < bitmapSize(v.rows) {
		return nil, errHost
	}
	v.buffer = buffers[1]
	return v, nil
}

func (boolCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	for row := range v.rows {
		*at[bool](to, stride, row) = bitmap(v.buffer).get(row)
	}
}

func (boolCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	values := make(bitmap, bitmapSize(rows))
	for row := range rows {
		if *at[bool](from, stride, row) {
			values.set(row)
		}
	}
	return append(nodes, columnNode(rows, valid, values))
}

// ---- Texts and bytes -------------------------------------------------------------------------------------------------

// textCodec is of strings, and of slices of bytes, which start like one: with a pointer and a length.
type textCodec struct{ format string }

func (textCodec) nullable() bool { return false }

func (c textCodec) describe(name string, nullable bool, nodes Field) Field {
	return append(nodes, FieldNode{name, c.format, nullable, 0})
}

func (c textCodec) open(nodes *[]ColumnNode) (*view, error) {
	v, buffers, err := node(nodes, c, 3)
	if err != nil {
		return nil, err
	}
	reach, err := v.openOffsets(buffers[1])
	if err != nil || len(buffers[2]) < reach {
		return nil, errHost
	}
	v.data = buffers[2]
	return v, nil
}

func (c textCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	offsets := v.offsets()
	if c.format == "u" {
		// Nothing changes the buffer of an argument, and it stays as long as someone has a string of it.
		data := unsafe.String(unsafe.SliceData(v.data), len(v.data))
		start := offsets[0]
		for row, end := range offsets[1:] {
			*at[string](to, stride, row) = data[start:end]
			start = end
		}
		return
	}
	for row := range v.rows {
		*at[[]byte](to, stride, row) = v.data[offsets[row]:offsets[row+1]:offsets[row+1]]
	}
}

func (c textCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	size := 0
	for row := range rows {
		if valid.get(row) {
			size += len(*at[string](from, stride, row))
		}
	}
	offsets := make([]int32, rows+1)
	data := make([]byte, 0, size)
	for row := range rows {
		if valid.get(row) {
			data = append(data, *at[string](from, stride, row)...)
		}
		offsets[row+1] = int32(len(data))
	}
	return append(nodes, columnNode(rows, valid, bytesOf(offsets), data))
}

// ---- What holds values -----------------------------------------------------------------------------------------------

type nullCodec struct {
	t     reflect.Type // of Null.V
	value codec
	valid uintptr // offset of Null.Valid; that of Null.V is 0
}

func (nullCodec) nullable() bool { return true }

func (c nullCodec) describe(name string, _ bool, nodes Field) Field {
	return c.value.describe(name, true, nodes)
}

func (c nullCodec) open(nodes *[]ColumnNode) (*view, error) {
	v, err := c.value.open(nodes)
	if err == nil {
		v.codec = c
	}
	return v, err
}

func (c nullCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	inner := *v
	inner.codec = c.value
	c.value.read(&inner, to, stride)
	for row := range v.rows {
		start := unsafe.Add(to, stride*uintptr(row))
		*(*bool)(unsafe.Add(start, c.valid)) = v.validity.get(row)
		if !v.validity.get(row) {
			reflect.NewAt(c.t, start).Elem().SetZero()
		}
	}
}

func (c nullCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	own := newBitmap(rows)
	for row := range rows {
		if !valid.get(row) || !*(*bool)(unsafe.Add(from, stride*uintptr(row)+c.valid)) {
			own.clear(row)
		}
	}
	return c.value.write(nodes, from, stride, rows, own)
}

type listCodec struct {
	slice reflect.Type
	item  codec
}

func (listCodec) nullable() bool { return false }

func (c listCodec) describe(name string, nullable bool, nodes Field) Field {
	nodes = append(nodes, FieldNode{name, "+l", nullable, 1})
	return c.item.describe("item", c.item.nullable(), nodes)
}

// openList opens a node with offsets into so many columns of items.
func openList(nodes *[]ColumnNode, c codec, open func() ([]*view, error)) (*view, error) {
	v, buffers, err := node(nodes, c, 2)
	if err != nil {
		return nil, err
	}
	reach, err := v.openOffsets(buffers[1])
	if err != nil {
		return nil, err
	}
	if v.children, err = open(); err != nil {
		return nil, err
	}
	for _, child := range v.children {
		if child.rows < reach {
			return nil, errHost
		}
	}
	return v, nil
}

func (c listCodec) open(nodes *[]ColumnNode) (*view, error) {
	return openList(nodes, c, func() ([]*view, error) {
		items, err := c.item.open(nodes)
		return []*view{items}, err
	})
}

// items reads a column into a new slice.
func items(t reflect.Type, v *view) reflect.Value {
	slice := reflect.MakeSlice(reflect.SliceOf(t), v.rows, v.rows)
	v.codec.read(v, slice.UnsafePointer(), t.Size())
	return slice
}

func (c listCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	all := items(c.slice.Elem(), v.children[0])
	offsets := v.offsets()
	for row := range v.rows {
		first, end := int(offsets[row]), int(offsets[row+1])
		reflect.NewAt(c.slice, unsafe.Add(to, stride*uintptr(row))).Elem().Set(all.Slice3(first, end, end).Convert(c.slice))
	}
}

func (c listCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	offsets := make([]int32, rows+1)
	all := reflect.MakeSlice(reflect.SliceOf(c.slice.Elem()), 0, rows)
	for row := range rows {
		if valid.get(row) {
			all = reflect.AppendSlice(all, reflect.NewAt(c.slice, unsafe.Add(from, stride*uintptr(row))).Elem().Convert(all.Type()))
		}
		offsets[row+1] = int32(all.Len())
	}
	nodes = append(nodes, columnNode(rows, valid, bytesOf(offsets)))
	return c.item.write(nodes, all.UnsafePointer(), c.slice.Elem().Size(), all.Len(), nil)
}

type mapCodec struct {
	t          reflect.Type
	key, value codec
}

func (mapCodec) nullable() bool { return false }

func (c mapCodec) describe(name string, nullable bool, nodes Field) Field {
	nodes = append(nodes, FieldNode{name, "+m", nullable, 1}, FieldNode{"entries", "+s", false, 2})
	return c.value.describe("value", c.value.nullable(), c.key.describe("key", false, nodes))
}

func (c mapCodec) open(nodes *[]ColumnNode) (*view, error) {
	return openList(nodes, c, func() ([]*view, error) {
		entries, _, err := node(nodes, c, 1)
		if err != nil {
			return nil, err
		}
		keys, err := c.key.open(nodes)
		if err != nil {
			return nil, err
		}
		values, err := c.value.open(nodes)
		if err != nil || keys.rows < entries.rows || values.rows < entries.rows {
			return nil, errHost
		}
		return []*view{keys, values}, nil
	})
}

func (c mapCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	keys, values := items(c.t.Key(), v.children[0]), items(c.t.Elem(), v.children[1])
	offsets := v.offsets()
	for row := range v.rows {
		first, end := int(offsets[row]), int(offsets[row+1])
		made := reflect.MakeMapWithSize(c.t, end-first)
		for entry := first; entry < end; entry++ {
			made.SetMapIndex(keys.Index(entry), values.Index(entry))
		}
		reflect.NewAt(c.t, unsafe.Add(to, stride*uintptr(row))).Elem().Set(made)
	}
}

func (c mapCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	offsets := make([]int32, rows+1)
	keys := reflect.MakeSlice(reflect.SliceOf(c.t.Key()), 0, rows)
	values := reflect.MakeSlice(reflect.SliceOf(c.t.Elem()), 0, rows)
	for row := range rows {
		if valid.get(row) {
			for _, entry := range sortedEntries(reflect.NewAt(c.t, unsafe.Add(from, stride*uintptr(row))).Elem()) {
				keys = reflect.Append(keys, entry.key)
				values = reflect.Append(values, entry.value)
			}
		}
		offsets[row+1] = int32(keys.Len())
	}
	nodes = append(nodes, columnNode(rows, valid, bytesOf(offsets)), columnNode(keys.Len(), nil))
	nodes = c.key.write(nodes, keys.UnsafePointer(), c.t.Key().Size(), keys.Len(), nil)
	return c.value.write(nodes, values.UnsafePointer(), c.t.Elem().Size(), values.Len(), nil)
}

type entry struct{ key, value reflect.Value }

// sortedEntries are those of a map by their keys: Go iterates in another order each time, which no result may depend on.
// A key that is NaN may be there several times, and none of them can be looked up.
func sortedEntries(m reflect.Value) []entry {
	entries := make([]entry, 0, m.Len())
	for each := m.MapRange(); each.Next(); {
		entries = append(entries, entry{each.Key(), each.Value()})
	}
	slices.SortFunc(entries, func(left, right entry) int {
		if order := compare(left.key, right.key); order != 0 {
			return order
		}
		return compare(left.value, right.value)
	})
	return entries
}

// compare orders values of one type; those that have no order stay as they are.
func compare(left, right reflect.Value) int {
	switch {
	case left.CanInt():
		return cmp.Compare(left.Int(), right.Int())
	case left.CanFloat():
		return cmp.Compare(left.Float(), right.Float())
	case left.Kind() == reflect.String:
		return cmp.Compare(left.String(), right.String())
	case left.Kind() == reflect.Bool && left.Bool() != right.Bool():
		return map[bool]int{false: -1, true: 1}[left.Bool()]
	case left.Kind() == reflect.Struct:
		for i := range left.NumField() {
			if order := compare(left.Field(i), right.Field(i)); order != 0 {
				return order
			}
		}
	case left.CanUint():
		return cmp.Compare(left.Uint(), right.Uint())
	}
	return 0
}

type structCodec struct{ members []member }

func (structCodec) nullable() bool { return false }

func (c structCodec) describe(name string, nullable bool, nodes Field) Field {
	nodes = append(nodes, FieldNode{name, "+s", nullable, uint32(len(c.members))})
	for _, m := range c.members {
		nodes = m.codec.describe(m.name, m.codec.nullable(), nodes)
	}
	return nodes
}

func (c structCodec) open(nodes *[]ColumnNode) (*view, error) {
	v, _, err := node(nodes, c, 1)
	if err != nil {
		return nil, err
	}
	for _, m := range c.members {
		child, err := m.codec.open(nodes)
		if err != nil || child.rows != v.rows {
			return nil, errHost
		}
		v.children = append(v.children, child)
	}
	return v, nil
}

func (c structCodec) read(v *view, to unsafe.Pointer, stride uintptr) {
	if v.rows == 0 {
		return
	}
	for i, m := range c.members {
		m.codec.read(v.children[i], unsafe.Add(to, m.offset), stride)
	}
}

func (c structCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	nodes = append(nodes, columnNode(rows, valid))
	for _, m := range c.members {
		start := from
		if rows > 0 {
			start = unsafe.Add(from, m.offset)
		}
		// Where the struct is NULL, so are its fields.
		nodes = m.codec.write(nodes, start, stride, rows, valid)
	}
	return nodes
}
