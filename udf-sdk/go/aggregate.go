package anabranch

import (
	"errors"
	"reflect"
)

// accumulators are those of many groups.
type accumulators interface {
	accumulate(groups []uint32, c *call)
	retract(groups []uint32, c *call) error
	merge(groups []uint32, state []ColumnData) ([]RowError, error)
	evaluate(groups []uint32) (ColumnData, []RowError)
	state(groups []uint32) []ColumnData
	restore(groups []uint32, state []ColumnData) error
	remove(groups []uint32)
}

// AggregateFunction is an aggregate function whose groups are kept as a struct S: its zero value is the empty group, and
// its fields are the columns of a state.
type AggregateFunction[S any] struct {
	*Function
	accumulateRows updateRows[S]
	retractRows    updateRows[S]
	mergeGroups    func(group, other *S)
	evaluateGroups func(c *call, groups func(row int) *S) ColumnData
}

// updateRows reads the arguments of a call, and returns what updates the groups of a range of rows.
type updateRows[S any] func(c *call, groups []S, ids []uint32) func(first, end int)

// Merge says how another group is added to one.
func (a *AggregateFunction[S]) Merge(merge func(group, other *S)) *AggregateFunction[S] {
	a.merges, a.mergeGroups = true, merge
	return a
}

func aggregate[S, R any](name string, names []string, evaluate func(*S) R, accumulate updateRows[S], types ...reflect.Type) *AggregateFunction[S] {
	f := newFunction(KindAggregate, name, names, types...)
	codec := codecFor[R]()
	f.result = codec.describe("", codec.nullable(), nil)
	state, isStruct := codecFor[S]().(structCodec)
	if !isStruct {
		panic("anabranch: the state of " + name + " is no struct")
	}
	for _, m := range state.members {
		f.state = append(f.state, m.codec.describe(m.name, m.codec.nullable(), nil))
	}
	a := &AggregateFunction[S]{Function: f, accumulateRows: accumulate}
	a.evaluateGroups = func(c *call, group func(row int) *S) ColumnData {
		results := make([]R, c.rows)
		c.each(func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				results[row] = evaluate(group(row))
			}
		})
		return write(c, results)
	}
	f.bind = func() instance {
		return aggregateInstance(func() accumulators { return &slots[S]{function: a} })
	}
	return a
}

// slots are the groups of a subtask, by id.
type slots[S any] struct {
	function *AggregateFunction[S]
	groups   []S
}

// reach makes room for groups that were not seen yet, which are empty.
func (s *slots[S]) reach(groups []uint32) {
	reached := len(s.groups)
	for _, group := range groups {
		reached = max(reached, int(group)+1)
	}
	if more := reached - len(s.groups); more > 0 {
		s.groups = append(s.groups, make([]S, more)...)
	}
}

func (s *slots[S]) accumulate(groups []uint32, c *call) {
	s.reach(groups)
	c.each(s.function.accumulateRows(c, s.groups, groups))
}

func (s *slots[S]) retract(groups []uint32, c *call) error {
	if s.function.retractRows == nil {
		return errors.New("this function does not retract")
	}
	s.reach(groups)
	c.each(s.function.retractRows(c, s.groups, groups))
	return nil
}

// saved reads states.
func (s *slots[S]) saved(groups []uint32, state []ColumnData) ([]S, error) {
	codec := codecFor[S]().(structCodec)
	if len(state) != len(codec.members) {
		return nil, errors.New("that is no state of this function")
	}
	nodes := []ColumnNode{{Length: uint32(len(groups)), Buffers: [][]byte{nil}}}
	for _, column := range state {
		nodes = append(nodes, column...)
	}
	v, err := codec.open(&nodes)
	if err != nil {
		return nil, err
	}
	if v.mayLack() {
		return nil, errors.New("that is no state of this function: it holds a NULL")
	}
	return read[S](&call{rows: len(groups), columns: []*view{v}}, 0), nil
}

func (s *slots[S]) merge(groups []uint32, state []ColumnData) ([]RowError, error) {
	if s.function.mergeGroups == nil {
		return nil, errors.New("this function does not merge")
	}
	others, err := s.saved(groups, state)
	if err != nil {
		return nil, err
	}
	s.reach(groups)
	c := &call{rows: len(groups)}
	c.each(func(first, end int) {
		for row := first; row < end; row++ {
			c.row = row
			s.function.mergeGroups(&s.groups[groups[row]], &others[row])
		}
	})
	return c.errors, nil
}

func (s *slots[S]) evaluate(groups []uint32) (ColumnData, []RowError) {
	s.reach(groups)
	c := &call{rows: len(groups)}
	column := s.function.evaluateGroups(c, func(row int) *S { return &s.groups[groups[row]] })
	return column, c.errors
}

func (s *slots[S]) state(groups []uint32) []ColumnData {
	s.reach(groups)
	states := make([]S, len(groups))
	for row, group := range groups {
		states[row] = s.groups[group]
	}
	c := &call{rows: len(groups)}
	columns := columnsOf(write(c, states), codecFor[S]())
	if len(c.errors) > 0 {
		// Without its state, a group would come back empty.
		panic("a state cannot be kept: " + c.errors[0].Message)
	}
	return columns
}

func (s *slots[S]) restore(groups []uint32, state []ColumnData) error {
	states, err := s.saved(groups, state)
	if err != nil {
		return err
	}
	s.reach(groups)
	for row, group := range groups {
		s.groups[group] = states[row]
	}
	return nil
}

func (s *slots[S]) remove(groups []uint32) {
	for _, group := range groups {
		if int(group) < len(s.groups) {
			s.groups[group] = *new(S)
		}
	}
}

// AggregateFunction1 is an aggregate function of one parameter.
type AggregateFunction1[S, A any] struct{ *AggregateFunction[S] }

// Aggregate1 is an aggregate function of one parameter. A group is a struct S: `accumulate` adds a row to it, `evaluate`
// gives its value and leaves it as it is. A panic makes its row fail, and must leave the group as it was.
//
//	anabranch.Aggregate1("mean", (*Mean).Accumulate, (*Mean).Evaluate, "x").Retract((*Mean).Retract).Merge((*Mean).Merge)
func Aggregate1[S, A, R any](name string, accumulate func(*S, A), evaluate func(*S) R, parameters ...string) AggregateFunction1[S, A] {
	return AggregateFunction1[S, A]{aggregate(name, parameters, evaluate, rows1(accumulate), reflect.TypeFor[A]())}
}

// Retract says how a row is taken out of its group again.
func (a AggregateFunction1[S, A]) Retract(retract func(*S, A)) AggregateFunction1[S, A] {
	a.retracts, a.retractRows = true, rows1(retract)
	return a
}

func rows1[S, A any](update func(*S, A)) updateRows[S] {
	return func(c *call, groups []S, ids []uint32) func(int, int) {
		as := read[A](c, 0)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				update(&groups[ids[row]], as[row])
			}
		}
	}
}

// AggregateFunction2 is an aggregate function of two parameters.
type AggregateFunction2[S, A, B any] struct{ *AggregateFunction[S] }

// Aggregate2 is an aggregate function of two parameters.
func Aggregate2[S, A, B, R any](name string, accumulate func(*S, A, B), evaluate func(*S) R, parameters ...string) AggregateFunction2[S, A, B] {
	made := aggregate(name, parameters, evaluate, rows2(accumulate), reflect.TypeFor[A](), reflect.TypeFor[B]())
	return AggregateFunction2[S, A, B]{made}
}

// Retract says how a row is taken out of its group again.
func (a AggregateFunction2[S, A, B]) Retract(retract func(*S, A, B)) AggregateFunction2[S, A, B] {
	a.retracts, a.retractRows = true, rows2(retract)
	return a
}

func rows2[S, A, B any](update func(*S, A, B)) updateRows[S] {
	return func(c *call, groups []S, ids []uint32) func(int, int) {
		as, bs := read[A](c, 0), read[B](c, 1)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				update(&groups[ids[row]], as[row], bs[row])
			}
		}
	}
}
