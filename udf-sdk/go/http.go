package anabranch

import (
	"math"
	"time"
)

// Request is a request to a web server. The host makes those that the function is granted in its DDL, by 'grant.http'.
type Request struct {
	// Method is GET where it is empty.
	Method string
	// URL begins with a scheme and a host, as https://example.com/path does.
	URL string
	// Header has a value for each name; several are one with commas.
	Header map[string]string
	Body   []byte
	// Timeout is for all of the exchange, 0 for none. The time limit of the function's call ends it in any case.
	Timeout time.Duration
}

// Response is what a web server answered.
type Response struct {
	Status int
	// Header has names in lower case. Several values of one name are joined by ", ".
	Header map[string]string
	Body   []byte
}

// Get sends a GET request without headers.
func Get(url string) (*Response, error) {
	return Request{URL: url}.Send()
}

// Send sends a request and waits for the whole response. Whatever its status is, it is a response; redirects are not
// followed. An error says why there is none. A package that does not send requests does not import the host's HTTP.
func (r Request) Send() (*Response, error) {
	if r.Method == "" {
		r.Method = "GET"
	}
	return send(r)
}

// add adds a header to those that came before it.
func (r *Response) add(name, value string) {
	if before, ok := r.Header[name]; ok {
		value = before + ", " + value
	}
	r.Header[name] = value
}

// milliseconds is a timeout as it crosses, 0 for none. It is rounded up, so that a short one is not none.
func milliseconds(timeout time.Duration) uint32 {
	if timeout <= 0 {
		return 0
	}
	return uint32(min((timeout-1)/time.Millisecond+1, math.MaxUint32))
}
