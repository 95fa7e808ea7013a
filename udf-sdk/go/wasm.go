//go:build wasm

package anabranch

import (
	"slices"
	"unsafe"
)

// The boundary: the exports of wit/functions.wit in the canonical ABI, written by hand. A list or a string is a pointer and
// a number of 32 bits each, while Go's pointers are wider: so the arguments are read from memory word by word, and results
// are written so. Go's memory does not move, and what only the host knows of is kept alive here until it is done with it.

// kept is the memory of the call that runs: of its arguments, and of what describes its results. held is the memory of
// its results.
var (
	kept [][]uint64
	held [][]byte
)

// Buffers lie at multiples of 16 in the bytes of a batch, and those at a multiple of 8 in memory: Go's allocator promises
// no more. Nothing that is read in place may need more, neither values of fixed size, of which this is the largest, nor
// what the canonical ABI allocates.
const _ = 8 - unsafe.Alignof(Int128{})

// Calls in a row work in the same memory where nothing points to it any more: fresh memory is not in the processor's
// caches, which costs several times what is done with numbers.
var (
	spareArguments []uint64
	spareResults   []uint64
	// plainCall tells whether nothing points to the arguments of the call that runs when it has ended.
	plainCall bool
)

// mostSpared is the largest memory, in words of 64 bits, that is kept for later calls.
const mostSpared = 1 << 20

func init() {
	reuse = func(size uintptr) unsafe.Pointer {
		words := int(size+7) / 8
		if fits(spareResults, words) {
			clear(spareResults[:words])
		} else {
			spareResults = make([]uint64, words)
		}
		memory := unsafe.Pointer(unsafe.SliceData(spareResults))
		if words > mostSpared {
			// It lives as long as the results do.
			spareResults = nil
		}
		return memory
	}
}

// fits tells whether memory is large enough for so many words, and not much too large.
func fits(memory []uint64, words int) bool {
	return words <= len(memory) && len(memory) <= 4*words
}

// allocate takes memory of the call, at a multiple of 8.
func allocate(size uint32) uint32 {
	if size == 0 {
		return 8
	}
	var memory []uint64
	if words := int(size+7) / 8; size >= worthReuse && fits(spareArguments, words) {
		memory, spareArguments = spareArguments, nil
	} else {
		memory = make([]uint64, words)
	}
	kept = append(kept, memory)
	return address(unsafe.Pointer(unsafe.SliceData(memory)))
}

func address(pointer unsafe.Pointer) uint32 {
	return uint32(uintptr(pointer))
}

// endCall lets go of the memory of the call.
func endCall() {
	if plainCall {
		for _, memory := range kept {
			if worthReuse/8 <= len(memory) && len(memory) <= mostSpared {
				spareArguments = memory
			}
		}
		plainCall = false
	}
	clear(kept)
	kept = kept[:0]
	clear(held)
	held = held[:0]
}

//go:wasmexport cabi_realloc
func cabiRealloc(old, oldSize, _, size uint32) uint32 {
	memory := allocate(size)
	copy(unsafe.Slice((*byte)(pointer(memory)), size), unsafe.Slice((*byte)(pointer(old)), oldSize))
	return memory
}

// pointer is an address as Go has it. What lies there is in `kept`, or static.
func pointer(address uint32) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&[1]uint64{uint64(address)}))
}

// ---- Reading arguments -----------------------------------------------------------------------------------------------

func words(address, count uint32) []uint32 {
	if count == 0 {
		return nil
	}
	return unsafe.Slice((*uint32)(pointer(address)), count)
}

func bytesAt(address, size uint32) []byte {
	if size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(pointer(address)), size)
}

func stringAt(address, size uint32) string {
	return string(bytesAt(address, size))
}

func readColumns(fields []Field, layout, count, data, size uint32) ([]ColumnData, error) {
	return unpack(fields, words(layout, count), bytesAt(data, size))
}

func readField(address, count uint32) Field {
	field := make(Field, count)
	for i, record := 0, words(address, 6*count); i < len(field); i, record = i+1, record[6:] {
		field[i] = FieldNode{
			Name: stringAt(record[0], record[1]), Format: stringAt(record[2], record[3]),
			Nullable: record[4]&1 == 1, Children: record[5],
		}
	}
	return field
}

// ---- Writing results -------------------------------------------------------------------------------------------------

// record is memory of so many words.
func record(count uint32) (uint32, []uint32) {
	address := allocate(4 * count)
	return address, words(address, count)
}

// writeBytes hands bytes over as they are.
func writeBytes(bytes []byte) (address, size uint32) {
	if len(bytes) == 0 {
		return 8, 0
	}
	held = append(held, bytes)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))), uint32(len(bytes))
}

func writeString(text string) (address, size uint32) {
	return writeBytes(unsafe.Slice(unsafe.StringData(text), len(text)))
}

// writeList writes a list whose items have so many words.
func writeList[T any](items []T, words uint32, write func(item T, into []uint32)) (address, count uint32) {
	address, memory := record(uint32(len(items)) * words)
	for i, item := range items {
		write(item, memory[uint32(i)*words:])
	}
	return address, uint32(len(items))
}

func bit(value bool) uint32 {
	if value {
		return 1
	}
	return 0
}

func writeField(field Field) (address, count uint32) {
	return writeList(field, 6, func(node FieldNode, into []uint32) {
		into[0], into[1] = writeString(node.Name)
		into[2], into[3] = writeString(node.Format)
		into[4], into[5] = bit(node.Nullable), node.Children
	})
}

// writeColumns writes the nodes of columns, one after the other, and their buffers, into four words.
func writeColumns(columns []ColumnData, into []uint32) {
	var nodes []ColumnNode
	if len(columns) == 1 {
		nodes = columns[0]
	} else {
		nodes = slices.Concat(columns...)
	}
	into[0], into[1] = writeList(nodes, 2, func(node ColumnNode, into []uint32) {
		into[0], into[1] = node.Length, node.NullCount
	})
	count := 0
	for i := range nodes {
		count += len(nodes[i].Buffers)
	}
	address, memory := record(2 * uint32(count))
	into[2], into[3] = address, uint32(count)
	for i := range nodes {
		for _, buffer := range nodes[i].Buffers {
			memory[0], memory[1] = writeBytes(buffer)
			memory = memory[2:]
		}
	}
}

func writeErrors(errors []RowError) (address, count uint32) {
	return writeList(errors, 3, func(err RowError, into []uint32) {
		into[0] = err.Row
		into[1], into[2] = writeString(err.Message)
	})
}

// returned is where results are returned: whether it is an error, and what it holds.
var returned [10]uint32

func finished(err error) uint32 {
	returned[0] = 0
	if err != nil {
		returned[0] = 1
		returned[1], returned[2] = writeString(err.Error())
	}
	handOver()
	return address(unsafe.Pointer(&returned))
}

func finishedScalar(column ColumnData, errors []RowError, err error) uint32 {
	writeColumns([]ColumnData{column}, returned[1:])
	returned[5], returned[6] = writeErrors(errors)
	return finished(err)
}

// ---- Exports ---------------------------------------------------------------------------------------------------------

//go:wasmexport anabranch:functions/functions@0.2.0#describe
func describe() uint32 {
	returned[0], returned[1] = writeString(exported.Name)
	returned[2], returned[3] = writeString(exported.Version)
	returned[4], returned[5] = writeList(exported.Describe(), 10, func(s Signature, into []uint32) {
		into[0], into[1] = writeString(s.Name)
		into[2] = uint32(s.Kind)
		parameter := 0
		into[3], into[4] = writeList(s.Parameters, 4, func(field Field, into []uint32) {
			into[0], into[1] = writeString(s.ParameterNames[parameter])
			into[2], into[3] = writeField(field)
			parameter++
		})
		into[5], into[6] = writeField(s.Result)
		into[7] = bit(s.Deterministic) | bit(s.Retracts)<<8 | bit(s.Merges)<<16
		into[8], into[9] = writeString(s.Doc)
	})
	return address(unsafe.Pointer(&returned))
}

//go:wasmexport anabranch:functions/functions@0.2.0#bind
func bind(function, arguments, argumentCount, constants, constantCount, zone, zoneSize, options, optionCount uint32) uint32 {
	takeOver()
	binding := Binding{Function: function, TimeZone: stringAt(zone, zoneSize)}
	for list := words(arguments, 2*argumentCount); len(list) > 0; list = list[2:] {
		binding.Arguments = append(binding.Arguments, readField(list[0], list[1]))
	}
	for option := words(constants, 5*constantCount); len(option) > 0; option = option[5:] {
		var column ColumnData
		if field := len(binding.Constants); option[0]&1 == 1 && field < len(binding.Arguments) {
			columns, err := readColumns(binding.Arguments[field:field+1], option[1], option[2], option[3], option[4])
			if err != nil {
				return finished(err)
			}
			column = columns[0]
		}
		binding.Constants = append(binding.Constants, column)
	}
	for pair := words(options, 4*optionCount); len(pair) > 0; pair = pair[4:] {
		binding.Options = append(binding.Options, [2]string{stringAt(pair[0], pair[1]), stringAt(pair[2], pair[3])})
	}
	handle, result, state, err := exported.Bind(binding)
	returned[1] = handle
	returned[2], returned[3] = writeField(result)
	returned[4], returned[5] = writeList(state, 2, func(field Field, into []uint32) {
		into[0], into[1] = writeField(field)
	})
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#unbind
func unbind(handle uint32) {
	takeOver()
	exported.Unbind(handle)
	handOver()
}

//go:wasmexport anabranch:functions/functions@0.2.0#call
func callScalar(handle, rows, layout, count, data, size uint32) uint32 {
	takeOver()
	columns, err := readColumns(exported.arguments(handle), layout, count, data, size)
	if err != nil {
		return finished(err)
	}
	plainCall = exported.plain(handle)
	column, errors, err := exported.Call(handle, int(rows), columns)
	return finishedScalar(column, errors, err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#begin
func begin(handle, rows, layout, count, data, size uint32) uint32 {
	takeOver()
	columns, err := readColumns(exported.arguments(handle), layout, count, data, size)
	if err == nil {
		err = exported.Begin(handle, int(rows), columns)
	}
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#next
func next(handle, maxRows uint32) uint32 {
	takeOver()
	chunk, err := exported.Next(handle, int(maxRows))
	returned[1], returned[2] = writeBytes(bytesOf(chunk.Rows))
	returned[2] /= 4
	writeColumns(chunk.Columns, returned[3:])
	returned[7], returned[8] = writeErrors(chunk.Errors)
	returned[9] = bit(chunk.Done)
	return finished(err)
}

// ---- The resource: the host has a handle to it, and methods get its number. ------------------------------------------

// open holds the accumulators that are open, by the number that the host gives to methods; 0 is none.
var open = []*Accumulators{nil}

//go:wasmimport [export]anabranch:functions/functions@0.2.0 [resource-new]accumulators
func newHandle(number uint32) uint32

//go:wasmexport anabranch:functions/functions@0.2.0#[static]accumulators.open
func openAccumulators(handle uint32) uint32 {
	takeOver()
	accumulators, err := exported.Open(handle)
	if err == nil {
		number := 1
		for number < len(open) && open[number] != nil {
			number++
		}
		if number == len(open) {
			open = append(open, nil)
		}
		open[number] = accumulators
		returned[1] = newHandle(uint32(number))
	}
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[dtor]accumulators
func dropAccumulators(number uint32) {
	open[number] = nil
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.accumulate
func accumulate(self, groups, rows, layout, count, data, size uint32) uint32 {
	takeOver()
	columns, err := readColumns(open[self].place.binding.Arguments, layout, count, data, size)
	if err != nil {
		return finished(err)
	}
	plainCall = open[self].place.function.plain
	errors, err := open[self].Accumulate(words(groups, rows), columns)
	returned[1], returned[2] = writeErrors(errors)
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.retract
func retract(self, groups, rows, layout, count, data, size uint32) uint32 {
	takeOver()
	columns, err := readColumns(open[self].place.binding.Arguments, layout, count, data, size)
	if err != nil {
		return finished(err)
	}
	plainCall = open[self].place.function.plain
	errors, err := open[self].Retract(words(groups, rows), columns)
	returned[1], returned[2] = writeErrors(errors)
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.merge
func merge(self, groups, rows, layout, count, data, size uint32) uint32 {
	takeOver()
	columns, err := readColumns(open[self].place.function.state, layout, count, data, size)
	if err != nil {
		return finished(err)
	}
	errors, err := open[self].Merge(words(groups, rows), columns)
	returned[1], returned[2] = writeErrors(errors)
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.evaluate
func evaluate(self, groups, rows uint32) uint32 {
	takeOver()
	column, errors, err := open[self].Evaluate(words(groups, rows))
	return finishedScalar(column, errors, err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.state
func state(self, groups, rows uint32) uint32 {
	takeOver()
	columns, err := open[self].State(words(groups, rows))
	writeColumns(columns, returned[1:])
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.restore
func restore(self, groups, rows, layout, count, data, size uint32) uint32 {
	takeOver()
	columns, err := readColumns(open[self].place.function.state, layout, count, data, size)
	if err == nil {
		err = open[self].Restore(words(groups, rows), columns)
	}
	return finished(err)
}

//go:wasmexport anabranch:functions/functions@0.2.0#[method]accumulators.remove
func remove(self, groups, rows uint32) {
	open[self].Remove(words(groups, rows))
	endCall()
}

// ---- The log ---------------------------------------------------------------------------------------------------------

//go:wasmimport anabranch:functions/log@0.2.0 log
func hostLog(level, message, size uint32)

// Log writes to the log of whoever runs the function; natively, to stderr. A package that does not call it does not import
// the log.
func Log(level Level, message string) {
	text, size := writeString(message)
	hostLog(uint32(level), text, size)
}
