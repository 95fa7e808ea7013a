//go:build !wasm

package anabranch

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// answer answers requests in place of servers, where there is one.
var answer func(Request) (*Response, error)

// Answer has a function answer the requests, until `undo`. It is there natively only, for anabranchtest.Answers.
func Answer(with func(Request) (*Response, error)) (undo func()) {
	before := answer
	answer = with
	return func() { answer = before }
}

// send makes a request itself, whether the function will be granted it or not.
func send(r Request) (*Response, error) {
	if answer != nil {
		return answer(r)
	}
	request, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	client := http.Client{
		Timeout:       r.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	received, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer received.Body.Close()
	body, err := io.ReadAll(received.Body)
	if err != nil {
		return nil, err
	}
	response := &Response{Status: received.StatusCode, Header: map[string]string{}, Body: body}
	for name, values := range received.Header {
		for _, value := range values {
			response.add(strings.ToLower(name), value)
		}
	}
	return response, nil
}
