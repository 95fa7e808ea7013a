package anabranch

import (
	"reflect"
	"slices"
	"unsafe"
)

// Definition is a function of a package: what Scalar1, Table1, Aggregate1 and their like return.
type Definition interface {
	definition() *Function
}

// Function is a function of a package, as SQL sees it.
type Function struct {
	name          string
	kind          Kind
	doc           string
	deterministic bool
	parameters    []parameter
	result        Field // of a table function a struct of its columns
	bind          func() instance
	state         []Field
	plain         bool // nothing that a parameter holds points into the memory of a call
	retracts      bool
	merges        bool
}

type parameter struct {
	name  string
	codec codec
}

// instance is a function at a place in a plan.
type instance any

// scalarInstance gives the column of a call.
type scalarInstance func(c *call) ColumnData

// tableInstance gives the output of a call.
type tableInstance func(c *call) cursor

// aggregateInstance gives the accumulators of a subtask.
type aggregateInstance func() accumulators

func (f *Function) definition() *Function { return f }

// Doc says what the function does, in Markdown, one sentence first.
func (f *Function) Doc(text string) *Function {
	f.doc = text
	return f
}

// Nondeterministic says that the same arguments may give another result.
func (f *Function) Nondeterministic() *Function {
	f.deterministic = false
	return f
}

// newFunction makes a function of parameters of these types. Parameters without a name are named by their place.
func newFunction(kind Kind, name string, names []string, types ...reflect.Type) *Function {
	f := &Function{name: name, kind: kind, deterministic: true, plain: true}
	if len(names) > len(types) {
		panic("anabranch: " + name + " has more names of parameters than parameters")
	}
	for i, t := range types {
		parameterName := string(rune('a' + i))
		if i < len(names) {
			parameterName = names[i]
		}
		codec := codecOf(t)
		f.plain = f.plain && plain(codec)
		f.parameters = append(f.parameters, parameter{parameterName, codec})
	}
	return f
}

// plain tells whether values are copied as they are: numbers and truth values, NULL or not.
func plain(c codec) bool {
	switch notNull(c).(type) {
	case fixedCodec, boolCodec, decimalCodec, timeCodec:
		return true
	}
	return false
}

// reuse is memory of so many bytes, all zero, that an earlier call is done with; nil where there is no boundary, as a host
// in the same program may look at results for as long as it likes.
var reuse func(size uintptr) unsafe.Pointer

// results is room for the results of a call.
func results[R any](rows int, plain bool) []R {
	size := unsafe.Sizeof(*new(R)) * uintptr(rows)
	if reuse == nil || !plain || size < worthReuse {
		return make([]R, rows)
	}
	return unsafe.Slice((*R)(reuse(size)), rows)
}

// worthReuse is the size in bytes from which memory is used again. What is smaller costs little.
const worthReuse = 4096

// strict tells whether an argument's NULL makes the result NULL.
func (f *Function) strict() bool {
	return slices.ContainsFunc(f.parameters, func(p parameter) bool { return !p.codec.nullable() })
}

// ---- Calls -----------------------------------------------------------------------------------------------------------

// call is the arguments of a call, and what has become of its rows.
type call struct {
	rows     int
	columns  []*view
	selected bitmap // the rows for which the function is called
	errors   []RowError
	row      int // the row that is computed
}

// newCall opens the arguments, and finds the rows for which the function is called. Rows with a NULL inside of an argument
// that has room for none fail.
func newCall(parameters []parameter, rows int, columns []ColumnData) (*call, error) {
	if len(columns) != len(parameters) {
		return nil, errHost
	}
	c := &call{rows: rows}
	for i, p := range parameters {
		nodes := []ColumnNode(columns[i])
		v, err := p.codec.open(&nodes)
		if err != nil || v.rows != rows {
			return nil, errHost
		}
		c.columns = append(c.columns, v)
		if !p.codec.nullable() {
			c.selected = c.selected.without(v.validity, rows)
		}
	}
	for i, p := range parameters {
		v := c.columns[i]
		if !v.mayLack() {
			continue
		}
		for row := range rows {
			if c.selected.get(row) && v.validity.get(row) && !v.complete(row) {
				c.fail(row, "argument `"+p.name+"` holds a NULL where the function takes none")
			}
		}
	}
	return c, nil
}

// fail makes a row fail: it is not computed, or what was computed is dropped. Errors stay in the order of the rows.
func (c *call) fail(row int, message string) {
	if c.selected == nil {
		c.selected = newBitmap(c.rows)
	}
	c.selected.clear(row)
	place := len(c.errors)
	for place > 0 && int(c.errors[place-1].Row) > row {
		place--
	}
	c.errors = slices.Insert(c.errors, place, RowError{uint32(row), message})
}

// read is an argument as a slice: of the buffer itself where values lie in it as Go has them.
func read[T any](c *call, argument int) []T {
	v := c.columns[argument]
	if fixed, ok := v.codec.(fixedCodec); ok && uintptr(fixed.width) == unsafe.Sizeof(*new(T)) && v.rows > 0 {
		return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(v.buffer))), v.rows)
	}
	values := make([]T, v.rows)
	v.codec.read(v, unsafe.Pointer(unsafe.SliceData(values)), unsafe.Sizeof(*new(T)))
	return values
}

// write is the column of values, NULL in the rows that are not selected. Rows whose value does not fit its type fail.
func write[T any](c *call, values []T) ColumnData {
	return c.write(codecFor[T](), unsafe.Pointer(unsafe.SliceData(values)), unsafe.Sizeof(*new(T)), len(values))
}

func (c *call) write(codec codec, from unsafe.Pointer, stride uintptr, rows int) ColumnData {
	data, wrong := tryWrite(codec, from, stride, rows, c.selected)
	if wrong == "" {
		return data
	}
	for row := range rows {
		if c.selected.get(row) {
			if _, wrong := tryWrite(codec, unsafe.Add(from, stride*uintptr(row)), stride, 1, nil); wrong != "" {
				c.fail(row, string(wrong))
			}
		}
	}
	return codec.write(nil, from, stride, rows, c.selected)
}

// tryWrite is a column, or what is wrong with one of its values.
func tryWrite(codec codec, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) (data ColumnData, wrong misfit) {
	defer func() {
		if cause := recover(); cause != nil {
			var ok bool
			if wrong, ok = cause.(misfit); !ok {
				panic(cause)
			}
		}
	}()
	return codec.write(nil, from, stride, rows, valid), ""
}

// each calls `compute` with the ranges of rows that are selected. A panic is the error of the row that `c.row` says.
func (c *call) each(compute func(first, end int)) {
	for first := 0; first < c.rows; {
		if c.selected == nil {
			first = c.compute(compute, first, c.rows)
			continue
		}
		for first < c.rows && !c.selected.get(first) {
			first++
		}
		end := first
		for end < c.rows && c.selected.get(end) {
			end++
		}
		if first < end {
			first = c.compute(compute, first, end)
		}
	}
}

// compute computes a range of rows, and says where to go on: after it, or after the row of a panic.
func (c *call) compute(compute func(first, end int), first, end int) (next int) {
	defer func() {
		if cause := recover(); cause != nil {
			c.fail(c.row, causeText(cause))
			next = c.row + 1
		}
	}()
	compute(first, end)
	return end
}

// causeText is what a panic says. It does without fmt, which would make each package a third larger.
func causeText(cause any) string {
	switch cause := cause.(type) {
	case error:
		return cause.Error()
	case string:
		return cause
	case misfit:
		return string(cause)
	case interface{ String() string }:
		return cause.String()
	}
	return "a panic of type " + reflect.TypeOf(cause).String()
}
