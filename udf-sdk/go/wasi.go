//go:build wasm && anabranch_wasi

package anabranch

import (
	"math"
	"runtime/debug"
	"unsafe"
)

// A package that is built for WASI has an adapter to the host's below Go's runtime. Two things are then for us to see to.

// ---- The adapter's memory --------------------------------------------------------------------------------------------

// adapterMemory is what the adapter works in: a stack and a state of 64 KiB each. It has to be static: the runtime takes
// all that memory grows by for its own, and what cabi_realloc gives out lasts for a call.
var (
	adapterMemory     [2<<16 + 15]byte
	adapterMemoryUsed uint32
)

// cabiReallocAdapter gives it out, at multiples of 16. It is called while the runtime is being initialised, on a stack that
// cannot grow.
//
//go:wasmexport cabi_realloc_adapter
//go:nosplit
func cabiReallocAdapter(_, _, _, size uint32) uint32 {
	size = (size + 15) &^ 15
	// Asked for more than there is, it panics.
	memory := adapterMemory[adapterMemoryUsed:][:size+15]
	adapterMemoryUsed += size
	return (uint32(uintptr(unsafe.Pointer(unsafe.SliceData(memory)))) + 15) &^ 15
}

// ---- Collecting garbage ----------------------------------------------------------------------------------------------

// The host allows no call of an import within cabi_realloc, nor after a result is returned. But the garbage collector reads
// clocks: when it starts, when an allocation has to help it, and when it gives memory back because the heap grows. So it is
// on while functions run, and off while the host has control.

// percent and limit are the collector's settings while functions run: the defaults, or what the package has made them.
var (
	percent int
	limit   int64
)

// mostMemory is all that there can be. As a limit it changes nothing but that goals of the collector are not infinite.
const mostMemory = 4 << 30

// The first call of the host may be one of cabi_realloc.
func init() {
	debug.SetMemoryLimit(min(mostMemory, debug.SetMemoryLimit(-1)))
	handOver()
}

// handOver is called before the host gets control.
func handOver() {
	// A collection that is under way ends here, which sets a goal for how much memory the heap may retain: by the ratio
	// between the next goal of the heap and the one before. The limit goes after that, and the ratio becomes huge.
	percent = debug.SetGCPercent(-1)
	limit = min(mostMemory, debug.SetMemoryLimit(math.MaxInt64))
}

// takeOver is called when the host has given control, in all exports that may run code of the package.
func takeOver() {
	debug.SetMemoryLimit(limit)
	debug.SetGCPercent(percent)
	collectIfDue()
}

// Only large allocations are sure to look whether a collection is due; those of cabi_realloc look in vain, and a function may
// make no others. So one is made for every so many words that the host has had.
const (
	largeAllocation = 64 << 10
	wordsBetween    = 32 << 10
)

var (
	wordsSince int
	looked     []byte
)

func collectIfDue() {
	for _, memory := range kept {
		wordsSince += len(memory)
	}
	if wordsSince >= wordsBetween {
		wordsSince = 0
		looked = make([]byte, largeAllocation)
	}
}
