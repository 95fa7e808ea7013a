// Package anabranchtest calls the functions of a package as a host does, but natively: over columns, with NULLs, in chunks,
// with states that are saved and brought back. What a function computes is tested best by calling it, as the Go function
// that it is; this is for what only a whole call shows.
//
//	tester := anabranchtest.New(t, greetings)
//	results := anabranchtest.Scalar[string](tester, "greet", anabranchtest.Column(anabranch.Some("Ada"), anabranch.Null[string]{}))
//	// results.Values is [{"Hello, Ada!" true} {"" false}]
package anabranchtest

import (
	"testing"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
)

// Answers has a function answer the requests that functions send, in place of servers, until the test ends. Tests that run in
// parallel share it.
func Answers(t *testing.T, answer func(anabranch.Request) (*anabranch.Response, error)) {
	t.Cleanup(anabranch.Answer(answer))
}

// Values is a column of arguments, with its type.
type Values struct {
	field anabranch.Field
	data  anabranch.ColumnData
}

// Column makes a column of values.
func Column[T any](values ...T) Values {
	field, data := anabranch.Encode(values)
	return Values{field, data}
}

func (v Values) rows() int { return int(v.data[0].Length) }

// Results is what a scalar or aggregate function gave for each row: a value, or NULL, and the errors of rows that failed.
type Results[R any] struct {
	Values []anabranch.Null[R]
	Errors map[uint32]string
}

// Tester calls a package. What goes wrong fails the test.
type Tester struct {
	t *testing.T
	p *anabranch.FunctionPackage
	// TimeZone is the session's.
	TimeZone string
	// Options are those of the function's DDL.
	Options [][2]string
	// Literals says that each argument of one row is a literal.
	Literals bool
}

// New makes a tester of a package.
func New(t *testing.T, p *anabranch.FunctionPackage) *Tester {
	return &Tester{t: t, p: p, TimeZone: "UTC"}
}

func (t *Tester) check(err error) {
	t.t.Helper()
	if err != nil {
		t.t.Fatal(err)
	}
}

// bind binds the function of this name and kind that takes these columns.
func (t *Tester) bind(name string, kind anabranch.Kind, columns []Values) (handle uint32, rows int, data []anabranch.ColumnData) {
	t.t.Helper()
	binding := anabranch.Binding{TimeZone: t.TimeZone, Options: t.Options}
	rows = 1
	for _, column := range columns {
		rows = column.rows()
		data = append(data, column.data)
		binding.Arguments = append(binding.Arguments, column.field)
		var constant anabranch.ColumnData
		if t.Literals && rows == 1 {
			constant = column.data
		}
		binding.Constants = append(binding.Constants, constant)
	}
	for i, signature := range t.p.Describe() {
		fits := signature.Name == name && signature.Kind == kind && len(signature.Parameters) == len(columns)
		for j := 0; fits && j < len(columns); j++ {
			fits = anabranch.SameType(signature.Parameters[j], columns[j].field)
		}
		if fits {
			binding.Function = uint32(i)
			handle, _, _, err := t.p.Bind(binding)
			t.check(err)
			return handle, rows, data
		}
	}
	t.t.Fatalf("there is no function %s that takes these types", name)
	return 0, 0, nil
}

func results[R any](t *Tester, column anabranch.ColumnData, rowErrors []anabranch.RowError) Results[R] {
	t.t.Helper()
	values, err := anabranch.Decode[anabranch.Null[R]](column)
	t.check(err)
	return Results[R]{values, errorsOf(rowErrors)}
}

func errorsOf(rowErrors []anabranch.RowError) map[uint32]string {
	errors := map[uint32]string{}
	for _, err := range rowErrors {
		errors[err.Row] = err.Message
	}
	return errors
}

// Scalar calls a scalar function whose values are R.
func Scalar[R any](t *Tester, name string, columns ...Values) Results[R] {
	t.t.Helper()
	handle, rows, data := t.bind(name, anabranch.KindScalar, columns)
	defer t.p.Unbind(handle)
	column, rowErrors, err := t.p.Call(handle, rows, data)
	t.check(err)
	return results[R](t, column, rowErrors)
}

// Output is what a table function gave: rows with the number of the input row that each belongs to.
type Output[R any] struct {
	Inputs []uint32
	Rows   []R
	Errors map[uint32]string
}

// Table calls a table function, and fetches its output in chunks of so many rows. R is a struct of its columns.
func Table[R any](t *Tester, name string, maxRows int, columns ...Values) Output[R] {
	t.t.Helper()
	handle, rows, data := t.bind(name, anabranch.KindTable, columns)
	defer t.p.Unbind(handle)
	t.check(t.p.Begin(handle, rows, data))
	output := Output[R]{Errors: map[uint32]string{}}
	for {
		chunk, err := t.p.Next(handle, maxRows)
		t.check(err)
		if len(chunk.Rows) > maxRows {
			t.t.Fatalf("a chunk has %d rows instead of %d", len(chunk.Rows), maxRows)
		}
		row := anabranch.ColumnData{{Length: uint32(len(chunk.Rows)), Buffers: [][]byte{nil}}}
		for _, column := range chunk.Columns {
			row = append(row, column...)
		}
		values, err := anabranch.Decode[R](row)
		t.check(err)
		output.Inputs = append(output.Inputs, chunk.Rows...)
		output.Rows = append(output.Rows, values...)
		for row, message := range errorsOf(chunk.Errors) {
			output.Errors[row] = message
		}
		if chunk.Done {
			return output
		}
	}
}

// Groups are the accumulators of many groups of an aggregate function.
type Groups struct {
	t            *Tester
	accumulators *anabranch.Accumulators
}

// Aggregate opens the accumulators of an aggregate function that takes arguments of the types of `like`.
func Aggregate(t *Tester, name string, like ...Values) Groups {
	t.t.Helper()
	handle, _, _ := t.bind(name, anabranch.KindAggregate, like)
	accumulators, err := t.p.Open(handle)
	t.check(err)
	return Groups{t, accumulators}
}

func dataOf(columns []Values) (data []anabranch.ColumnData) {
	for _, column := range columns {
		data = append(data, column.data)
	}
	return data
}

// Accumulate adds each row to its group.
func (g Groups) Accumulate(groups []uint32, columns ...Values) map[uint32]string {
	g.t.t.Helper()
	rowErrors, err := g.accumulators.Accumulate(groups, dataOf(columns))
	g.t.check(err)
	return errorsOf(rowErrors)
}

// Retract takes each row out of its group.
func (g Groups) Retract(groups []uint32, columns ...Values) map[uint32]string {
	g.t.t.Helper()
	rowErrors, err := g.accumulators.Retract(groups, dataOf(columns))
	g.t.check(err)
	return errorsOf(rowErrors)
}

// Merge saves the states of some groups, and merges them into others.
func (g Groups) Merge(from, into []uint32) map[uint32]string {
	g.t.t.Helper()
	state, err := g.accumulators.State(from)
	g.t.check(err)
	rowErrors, err := g.accumulators.Merge(into, state)
	g.t.check(err)
	return errorsOf(rowErrors)
}

// Restore saves the states of some groups, and sets others to them.
func (g Groups) Restore(from, into []uint32) {
	g.t.t.Helper()
	state, err := g.accumulators.State(from)
	g.t.check(err)
	g.t.check(g.accumulators.Restore(into, state))
}

// Remove empties groups.
func (g Groups) Remove(groups ...uint32) {
	g.accumulators.Remove(groups)
}

// Evaluate gives the values of groups.
func Evaluate[R any](g Groups, groups ...uint32) Results[R] {
	g.t.t.Helper()
	column, rowErrors, err := g.accumulators.Evaluate(groups)
	g.t.check(err)
	return results[R](g.t, column, rowErrors)
}
