package anabranch

import (
	"iter"
	"math"
	"reflect"
)

// cursor is the output of a call, fetched in chunks.
type cursor interface {
	next(maxRows int) (rows []uint32, columns []ColumnData, errors []RowError, done bool)
	close()
}

// rowCursor gives the rows of a call's output. What makes them is a coroutine, which is left when a chunk is full: to leave
// it for each row would cost more than most rows do.
type rowCursor[R any] struct {
	call   *call
	expand func(row int) (iter.Seq[R], error)
	early  []RowError
	pull   func() (struct{}, bool)
	stop   func()
	// The chunk: how many rows it may have, and what it has.
	limit  int
	rows   []uint32
	output []R
	errors []RowError
	wrong  uint32 // the last input row that gave a row which is wrong
}

// table makes a table function; `prepare` reads the arguments of a call, and returns the output of a row.
func table[R any](name string, names []string, prepare func(c *call) func(row int) (iter.Seq[R], error), types ...reflect.Type) *TableFunction {
	f := newFunction(KindTable, name, names, types...)
	row := reflect.TypeFor[R]()
	t := &TableFunction{Function: f}
	// A struct is a row of its fields, anything else a row of one column.
	if codec, isRow := codecOf(row).(structCodec); isRow {
		f.result = codec.describe("", false, nil)
	} else {
		f.result = structCodec{[]member{{"value", 0, codecOf(row)}}}.describe("", false, nil)
	}
	f.bind = func() instance {
		return tableInstance(func(c *call) cursor {
			return &rowCursor[R]{call: c, expand: prepare(c), early: c.errors, wrong: math.MaxUint32}
		})
	}
	return t
}

// TableFunction is a table function.
type TableFunction struct{ *Function }

// Columns names the columns; without it they are named as the fields of a row are, and a single value is `value`.
func (t *TableFunction) Columns(names ...string) *Function {
	if uint32(len(names)) != t.result[0].Children {
		panic("anabranch: " + t.name + " has another number of columns than of names")
	}
	node := 1
	for _, name := range names {
		t.result[node].Name = name
		// The columns' own nodes are skipped with all below them.
		for left := uint32(1); left > 0; node++ {
			left += t.result[node].Children - 1
		}
	}
	return t.Function
}

func (r *rowCursor[R]) next(maxRows int) (rows []uint32, columns []ColumnData, errors []RowError, done bool) {
	if r.pull == nil {
		r.pull, r.stop = iter.Pull(r.run)
	}
	// Not in the memory of the last chunk, which the host may be looking at.
	size := len(r.output)
	r.limit = max(maxRows, 1)
	r.rows, r.output, r.errors = make([]uint32, 0, size), make([]R, 0, size), nil
	_, full := r.pull()
	rows, errors = r.rows, r.errors
	written := &call{rows: len(r.output)}
	data := write(written, r.output)
	if len(written.errors) > 0 {
		errors = r.takeOut(written.errors)
		rows, data = r.rows, write(&call{rows: len(r.output)}, r.output)
	}
	return rows, columnsOf(data, codecFor[R]()), errors, !full
}

// takeOut takes rows that are wrong out of the chunk, with what their input rows gave behind them: in smaller chunks, the
// function would not have been asked for that. It gives the errors of the chunk, of an input row the first.
func (r *rowCursor[R]) takeOut(wrong []RowError) (errors []RowError) {
	from := map[uint32]int{} // where an input row's output ends
	for _, err := range wrong {
		row := r.rows[err.Row]
		if _, known := from[row]; !known {
			r.wrong, from[row] = row, int(err.Row)
			errors = append(errors, RowError{row, err.Message})
		}
	}
	kept := 0
	for i, row := range r.rows {
		if end, failed := from[row]; !failed || i < end {
			r.rows[kept], r.output[kept] = row, r.output[i]
			kept++
		}
	}
	r.rows, r.output = r.rows[:kept], r.output[:kept]
	for _, err := range r.errors {
		if _, failed := from[err.Row]; !failed {
			errors = append(errors, err)
		}
	}
	return errors
}

// columnsOf takes the column of rows apart.
func columnsOf(data ColumnData, c codec) []ColumnData {
	row, isRow := c.(structCodec)
	if !isRow {
		return []ColumnData{data}
	}
	var columns []ColumnData
	at := 1
	for _, m := range row.members {
		count := len(m.codec.describe("", false, nil))
		columns = append(columns, data[at:at+count])
		at += count
	}
	return columns
}

// run makes the rows of all chunks, and yields where one is full.
func (r *rowCursor[R]) run(yield func(struct{}) bool) {
	for row := range r.call.rows {
		if r.call.selected.get(row) {
			if !r.expandRow(row, yield) {
				return
			}
		} else if len(r.early) > 0 && int(r.early[0].Row) == row {
			r.errors = append(r.errors, r.early[0])
			r.early = r.early[1:]
		}
	}
}

// expandRow adds the output of a row. It is false where no more is wanted.
func (r *rowCursor[R]) expandRow(row int, yield func(struct{}) bool) (more bool) {
	more = true
	fail := func(message string) {
		if r.wrong != uint32(row) {
			r.errors = append(r.errors, RowError{uint32(row), message})
		}
	}
	defer func() {
		// What a function does when it is told to stop concerns nobody any more.
		if cause := recover(); cause != nil && more {
			fail(causeText(cause))
		}
	}()
	rows, err := r.expand(row)
	if err != nil {
		fail(err.Error())
		return more
	}
	if rows == nil {
		return more
	}
	rows(func(value R) bool {
		if !more || r.wrong == uint32(row) {
			return false
		}
		r.rows = append(r.rows, uint32(row))
		r.output = append(r.output, value)
		if len(r.output) >= r.limit {
			more = yield(struct{}{})
		}
		return more && r.wrong != uint32(row)
	})
	return more
}

func (r *rowCursor[R]) close() {
	if r.stop != nil {
		r.stop()
	}
}

// Table1 is a table function of one parameter, zero or more rows per row. It is asked for as many rows as the engine can
// take, and goes on from there; nil is no rows:
//
//	anabranch.Table1("split_words", func(line string) iter.Seq[string] { return strings.FieldsSeq(line) }, "line").Columns("word")
func Table1[A, R any](name string, f func(A) iter.Seq[R], parameters ...string) *TableFunction {
	return table(name, parameters, func(c *call) func(int) (iter.Seq[R], error) {
		a := read[A](c, 0)
		return func(row int) (iter.Seq[R], error) { return f(a[row]), nil }
	}, reflect.TypeFor[A]())
}

// Table2 is a table function of two parameters.
func Table2[A, B, R any](name string, f func(A, B) iter.Seq[R], parameters ...string) *TableFunction {
	return table(name, parameters, func(c *call) func(int) (iter.Seq[R], error) {
		a, b := read[A](c, 0), read[B](c, 1)
		return func(row int) (iter.Seq[R], error) { return f(a[row], b[row]), nil }
	}, reflect.TypeFor[A](), reflect.TypeFor[B]())
}

// Table3 is a table function of three parameters.
func Table3[A, B, C, R any](name string, f func(A, B, C) iter.Seq[R], parameters ...string) *TableFunction {
	return table(name, parameters, func(call *call) func(int) (iter.Seq[R], error) {
		a, b, c := read[A](call, 0), read[B](call, 1), read[C](call, 2)
		return func(row int) (iter.Seq[R], error) { return f(a[row], b[row], c[row]), nil }
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C]())
}

// TryTable1 is as Table1, of a function whose error is that of its row.
func TryTable1[A, R any](name string, f func(A) (iter.Seq[R], error), parameters ...string) *TableFunction {
	return table(name, parameters, func(c *call) func(int) (iter.Seq[R], error) {
		a := read[A](c, 0)
		return func(row int) (iter.Seq[R], error) { return f(a[row]) }
	}, reflect.TypeFor[A]())
}

// TryTable2 is as Table2, of a function whose error is that of its row.
func TryTable2[A, B, R any](name string, f func(A, B) (iter.Seq[R], error), parameters ...string) *TableFunction {
	return table(name, parameters, func(c *call) func(int) (iter.Seq[R], error) {
		a, b := read[A](c, 0), read[B](c, 1)
		return func(row int) (iter.Seq[R], error) { return f(a[row], b[row]) }
	}, reflect.TypeFor[A](), reflect.TypeFor[B]())
}

// TryTable3 is as Table3, of a function whose error is that of its row.
func TryTable3[A, B, C, R any](name string, f func(A, B, C) (iter.Seq[R], error), parameters ...string) *TableFunction {
	return table(name, parameters, func(call *call) func(int) (iter.Seq[R], error) {
		a, b, c := read[A](call, 0), read[B](call, 1), read[C](call, 2)
		return func(row int) (iter.Seq[R], error) { return f(a[row], b[row], c[row]) }
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C]())
}
