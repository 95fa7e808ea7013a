//go:build wasm && !anabranch_wasi

package anabranch

// Without WASI, there is an adapter without memory, which may always be called: see wasi.go.

func takeOver() {}

func handOver() {}
