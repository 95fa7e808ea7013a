//go:build !wasm

package anabranch

import (
	"fmt"
	"os"
)

// Log writes to the log of whoever runs the function; natively, to stderr. A package that does not call it does not import
// the log.
func Log(level Level, message string) {
	names := [...]string{"error", "warn", "info", "debug", "trace"}
	fmt.Fprintf(os.Stderr, "%s: %s\n", names[level], message)
}
