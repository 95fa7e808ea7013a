package anabranch

import (
	"errors"
)

// FunctionPackage is what a component holds. Its methods are what the host calls, without the boundary.
type FunctionPackage struct {
	Name      string
	Version   string
	functions []*Function
	places    []*place
}

// place is a function at one place of a plan.
type place struct {
	function *Function
	binding  Binding
	instance instance
	cursor   cursor // what is left of a table function's output
	own      any    // what PerPlace made
}

// exported is the package that a component exports.
var exported *FunctionPackage

// current is the place of the call that runs.
var current *place

// Package lists the functions of a package, and exports them where the program is built as a component. It is called once,
// when the program is initialised:
//
//	var greetings = anabranch.Package("greetings", "0.1.0", anabranch.Scalar1("greet", greet, "name"))
func Package(name, version string, definitions ...Definition) *FunctionPackage {
	p := &FunctionPackage{Name: name, Version: version}
	for _, definition := range definitions {
		p.functions = append(p.functions, definition.definition())
	}
	exported = p
	return p
}

// Signature is a function as the host is told of it.
type Signature struct {
	Name           string
	Kind           Kind
	ParameterNames []string
	Parameters     []Field
	Result         Field
	Deterministic  bool
	Retracts       bool
	Merges         bool
	Doc            string
}

// Describe is what the host is told.
func (p *FunctionPackage) Describe() []Signature {
	var signatures []Signature
	for _, f := range p.functions {
		s := Signature{
			Name: f.name, Kind: f.kind, Result: f.result, Deterministic: f.deterministic,
			Retracts: f.retracts, Merges: f.merges, Doc: f.doc,
		}
		for _, parameter := range f.parameters {
			s.ParameterNames = append(s.ParameterNames, parameter.name)
			// A NULL may always be sent: where the function does not take it, it is not called.
			s.Parameters = append(s.Parameters, parameter.codec.describe(parameter.name, true, nil))
		}
		signatures = append(signatures, s)
	}
	return signatures
}

// Bind binds a function to a place in a plan; its handle names it in calls. The fields are those of its result and, of an
// aggregate function, of its state.
func (p *FunctionPackage) Bind(binding Binding) (handle uint32, result Field, state []Field, err error) {
	if int(binding.Function) >= len(p.functions) {
		return 0, nil, nil, errors.New("there is no such function (a bug of the host)")
	}
	f := p.functions[binding.Function]
	fits := len(binding.Arguments) == len(f.parameters)
	for i := 0; fits && i < len(f.parameters); i++ {
		fits = sameType(binding.Arguments[i], f.parameters[i].codec.describe("", true, nil))
	}
	if !fits {
		return 0, nil, nil, errors.New("the arguments are not those of " + f.name + "'s signature")
	}
	bound := &place{function: f, binding: binding, instance: f.bind()}
	free := 0
	for free < len(p.places) && p.places[free] != nil {
		free++
	}
	if free == len(p.places) {
		p.places = append(p.places, nil)
	}
	p.places[free] = bound
	return uint32(free), f.result, f.state, nil
}

// Unbind forgets a place.
func (p *FunctionPackage) Unbind(handle uint32) {
	if place, err := p.place(handle); err == nil {
		place.drop()
		p.places[handle] = nil
	}
}

func (p *FunctionPackage) place(handle uint32) (*place, error) {
	if int(handle) >= len(p.places) || p.places[handle] == nil {
		return nil, errors.New("nothing is bound there (a bug of the host)")
	}
	return p.places[handle], nil
}

// arguments are the fields of the arguments of the function that is bound there, none where nothing is.
func (p *FunctionPackage) arguments(handle uint32) []Field {
	place, err := p.place(handle)
	if err != nil {
		return nil
	}
	return place.binding.Arguments
}

// plain tells whether nothing points to the arguments of a call when it has ended.
func (p *FunctionPackage) plain(handle uint32) bool {
	place, err := p.place(handle)
	return err == nil && place.function.plain
}

func (p *place) drop() {
	if p.cursor != nil {
		p.cursor.close()
		p.cursor = nil
	}
}

var errKind = errors.New("it is a function of another kind (a bug of the host)")

// enter starts a call at a place.
func (p *FunctionPackage) enter(handle uint32, rows int, columns []ColumnData) (*place, *call, error) {
	place, err := p.place(handle)
	if err != nil {
		return nil, nil, err
	}
	current = place
	call, err := newCall(place.function.parameters, rows, columns)
	return place, call, err
}

// panicked makes an error of what ended a whole call.
func panicked(err *error) {
	if cause := recover(); cause != nil {
		*err = errors.New(causeText(cause))
	}
}

// Call calls a scalar function.
func (p *FunctionPackage) Call(handle uint32, rows int, columns []ColumnData) (column ColumnData, rowErrors []RowError, err error) {
	defer panicked(&err)
	place, call, err := p.enter(handle, rows, columns)
	if err != nil {
		return nil, nil, err
	}
	scalar, ok := place.instance.(scalarInstance)
	if !ok {
		return nil, nil, errKind
	}
	column = scalar(call)
	return column, call.errors, nil
}

// Begin gives a table function the rows of a call. What was left of the one before is dropped.
func (p *FunctionPackage) Begin(handle uint32, rows int, columns []ColumnData) (err error) {
	defer panicked(&err)
	place, call, err := p.enter(handle, rows, columns)
	if err != nil {
		return err
	}
	table, ok := place.instance.(tableInstance)
	if !ok {
		return errKind
	}
	place.drop()
	place.cursor = table(call)
	return nil
}

// Chunk is a part of a table function's output.
type Chunk struct {
	Rows    []uint32 // of the input, for each row of the output
	Columns []ColumnData
	Errors  []RowError
	Done    bool
}

// Next is the next rows of a table function's output.
func (p *FunctionPackage) Next(handle uint32, maxRows int) (chunk Chunk, err error) {
	defer panicked(&err)
	place, err := p.place(handle)
	if err != nil {
		return chunk, err
	}
	if place.cursor == nil {
		return chunk, errors.New("there is no call whose output could be fetched (a bug of the host)")
	}
	current = place
	chunk.Rows, chunk.Columns, chunk.Errors, chunk.Done = place.cursor.next(maxRows)
	if chunk.Done {
		place.drop()
	}
	return chunk, nil
}

// Accumulators are those of many groups of an aggregate function.
type Accumulators struct {
	place  *place
	groups accumulators
}

// Open opens accumulators of an aggregate function.
func (p *FunctionPackage) Open(handle uint32) (*Accumulators, error) {
	place, err := p.place(handle)
	if err != nil {
		return nil, err
	}
	open, ok := place.instance.(aggregateInstance)
	if !ok {
		return nil, errKind
	}
	return &Accumulators{place, open()}, nil
}

// Accumulate adds each row to its group.
func (a *Accumulators) Accumulate(groups []uint32, columns []ColumnData) (rowErrors []RowError, err error) {
	defer panicked(&err)
	current = a.place
	call, err := newCall(a.place.function.parameters, len(groups), columns)
	if err != nil {
		return nil, err
	}
	a.groups.accumulate(groups, call)
	return call.errors, nil
}

// Retract takes each row out of its group.
func (a *Accumulators) Retract(groups []uint32, columns []ColumnData) (rowErrors []RowError, err error) {
	defer panicked(&err)
	current = a.place
	call, err := newCall(a.place.function.parameters, len(groups), columns)
	if err != nil {
		return nil, err
	}
	err = a.groups.retract(groups, call)
	return call.errors, err
}

// Merge adds a state to each of the groups.
func (a *Accumulators) Merge(groups []uint32, state []ColumnData) (rowErrors []RowError, err error) {
	defer panicked(&err)
	current = a.place
	return a.groups.merge(groups, state)
}

// Evaluate is the value of each of the groups.
func (a *Accumulators) Evaluate(groups []uint32) (column ColumnData, rowErrors []RowError, err error) {
	defer panicked(&err)
	current = a.place
	column, rowErrors = a.groups.evaluate(groups)
	return column, rowErrors, nil
}

// State is the state of each of the groups.
func (a *Accumulators) State(groups []uint32) (state []ColumnData, err error) {
	defer panicked(&err)
	return a.groups.state(groups), nil
}

// Restore sets each of the groups to a state.
func (a *Accumulators) Restore(groups []uint32, state []ColumnData) (err error) {
	defer panicked(&err)
	return a.groups.restore(groups, state)
}

// Remove empties groups.
func (a *Accumulators) Remove(groups []uint32) {
	a.groups.remove(groups)
}
