//go:build !wasm

package anabranch

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// served is a server on this machine that says what it was asked.
func served(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		case "/broken":
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("short"))
		default:
			body, _ := io.ReadAll(r.Body)
			w.Header().Add("X-Twice", "one")
			w.Header().Add("x-twice", "two")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "%s %s %s %q", r.Method, r.RequestURI, r.Header.Get("X-Api-Key"), body)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestARequestGoesAsItIsAndAResponseComesAsItIs(t *testing.T) {
	server := served(t)
	response, err := Request{
		Method: "PUT", URL: server + "/a%20b?c=d", Header: map[string]string{"x-api-key": "key"}, Body: []byte{'e', 0},
		Timeout: time.Minute,
	}.Send()
	if err != nil {
		t.Fatal(err)
	}
	if response.Status != 418 || response.Header["x-twice"] != "one, two" {
		t.Fatal(response)
	}
	if body := string(response.Body); body != `PUT /a%20b?c=d key "e\x00"` {
		t.Fatal(body)
	}
	response, err = Get(server)
	if err != nil || string(response.Body) != `GET /  ""` {
		t.Fatal(response, err)
	}
}

func TestARedirectIsAResponse(t *testing.T) {
	response, err := Get(served(t) + "/moved")
	if err != nil || response.Status != 302 || response.Header["location"] != "/" {
		t.Fatal(response, err)
	}
}

func TestAnErrorSaysWhyThereIsNoResponse(t *testing.T) {
	server := served(t)
	for _, test := range []struct {
		request Request
		why     string
	}{
		{Request{URL: server + "/slow", Timeout: time.Millisecond}, "deadline exceeded"},
		{Request{URL: server + "/broken"}, "unexpected EOF"},
		{Request{URL: "/nowhere"}, "unsupported protocol"},
		{Request{URL: server, Method: "two words"}, "invalid method"},
	} {
		response, err := test.request.Send()
		if err == nil || !strings.Contains(err.Error(), test.why) {
			t.Fatal(response, err)
		}
	}
}

func TestAnswersStandInUntilTheyAreUndone(t *testing.T) {
	server := served(t)
	undo := Answer(func(request Request) (*Response, error) {
		return &Response{Status: 204, Header: map[string]string{"said": request.Method}}, nil
	})
	if response, err := Get(server); err != nil || response.Status != 204 || response.Header["said"] != "GET" {
		t.Fatal(response, err)
	}
	undo()
	if response, err := Get(server); err != nil || response.Status != 418 {
		t.Fatal(response, err)
	}
}

func TestATimeoutCrossesInMillisecondsRoundedUp(t *testing.T) {
	for timeout, want := range map[time.Duration]uint32{
		-1: 0, 0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000, math.MaxInt64: math.MaxUint32,
	} {
		if got := milliseconds(timeout); got != want {
			t.Fatalf("%v is %d instead of %d", timeout, got, want)
		}
	}
}
