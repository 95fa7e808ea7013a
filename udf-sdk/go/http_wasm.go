//go:build wasm

package anabranch

import (
	"errors"
	"maps"
	"slices"
	"sync"
)

// sending is held while a request is sent: a function may send several from goroutines, which can take turns within one that
// waits for the garbage collector.
var sending sync.Mutex

//go:wasmimport anabranch:functions/http@0.2.0 send
func hostSend(method, methodSize, url, urlSize, headers, headerCount, body, bodySize, timed, milliseconds, result uint32)

// send has the host make a request. To place the response, the host calls cabi_realloc while its own function runs. Go
// allows such calls, but its stack may move in them: so everything that the host is told of lies on the heap.
func send(r Request) (*Response, error) {
	sending.Lock()
	defer sending.Unlock()
	keptBefore, heldBefore := len(kept), len(held)
	method, methodSize := writeString(r.Method)
	url, urlSize := writeString(r.URL)
	// In a fixed order, so that the same request is the same bytes.
	names := slices.Sorted(maps.Keys(r.Header))
	headers, headerCount := writeList(names, 4, func(name string, into []uint32) {
		into[0], into[1] = writeString(name)
		into[2], into[3] = writeString(r.Header[name])
	})
	body, bodySize := writeBytes(r.Body)
	timeout := milliseconds(r.Timeout)
	result, answered := record(6)
	handOver()
	hostSend(method, methodSize, url, urlSize, headers, headerCount, body, bodySize, bit(timeout > 0), timeout, result)
	takeOver()
	response, err := readResponse(answered)
	// One call may make many requests. What the response still uses is no longer the call's, and so never used again.
	clear(kept[keptBefore:])
	kept = kept[:keptBefore]
	clear(held[heldBefore:])
	held = held[:heldBefore]
	return response, err
}

func readResponse(answered []uint32) (*Response, error) {
	if answered[0]&1 == 1 {
		return nil, errors.New(stringAt(answered[1], answered[2]))
	}
	headers := words(answered[2], 4*answered[3])
	response := &Response{
		Status: int(uint16(answered[1])),
		Header: make(map[string]string, len(headers)/4),
		Body:   bytesAt(answered[4], answered[5]),
	}
	for ; len(headers) > 0; headers = headers[4:] {
		response.add(stringAt(headers[0], headers[1]), stringAt(headers[2], headers[3]))
	}
	return response, nil
}
