// The same functions in every language: see the README beside these folders.
package main

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
)

func add(a, b int64) int64 { return a + b }

func addColumns(a, b []int64, result *anabranch.Result[int64]) {
	// Of one length, so that the loop looks at no bounds.
	sums := result.Values[:len(a)]
	b = b[:len(a)]
	for row, value := range a {
		sums[row] = value + b[row]
	}
}

func mix(a, b int64) int64 { return 31*a + b }

func spread(x, y float64) float64 { return x*y - x }

func root(x float64) (float64, error) {
	if x < 0 {
		return 0, errors.New("it is negative")
	}
	return math.Sqrt(x), nil
}

func length(text string) int32 { return int32(utf8.RuneCountInString(text)) }

func reverse(text string) string {
	characters := []rune(text)
	slices.Reverse(characters)
	return string(characters)
}

func both(p, q anabranch.Null[bool]) (and anabranch.Null[bool]) {
	switch {
	case p.Valid && !p.V, q.Valid && !q.V:
		and = anabranch.Some(false)
	case p.Valid && q.Valid:
		and = anabranch.Some(true)
	}
	return and
}

// amount is a DECIMAL(38, 4).
type amount struct{ anabranch.Int128 }

func (amount) DecimalType() (precision, scale int) { return 38, 4 }

func addAmounts(a, b amount) amount { return amount{a.Add(b.Int128)} }

type millis = anabranch.Timestamp[anabranch.Millis]

func later(at millis, by int64) millis { return at + millis(by) }

func backwards(items []anabranch.Null[int64]) []anabranch.Null[int64] {
	// The argument is the host's; the result is our own.
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}

// place is a place on a line, with a name.
type place struct {
	x    float64
	name anabranch.Null[string]
}

func mirrored(p place) place { return place{-p.x, p.name} }

func ask(method, url, key, body string) (string, error) {
	response, err := anabranch.Request{
		Method: method, URL: url, Header: map[string]string{"X-Key": key}, Body: []byte(body), Timeout: time.Second,
	}.Send()
	if err != nil {
		return "", err
	}
	kind, ok := response.Header["content-type"]
	if !ok {
		kind = "?"
	}
	return strconv.Itoa(response.Status) + " " + kind + " " + string(response.Body), nil
}

// placed is a row of `split`.
type placed struct {
	word  string
	place int32
}

func split(line string) iter.Seq[placed] {
	return func(yield func(placed) bool) {
		place := int32(0)
		for word := range strings.SplitSeq(line, " ") {
			if word == "" {
				continue
			}
			place++
			if !yield(placed{word, place}) {
				return
			}
		}
	}
}

// total is a sum, and of how many numbers it is one.
type total struct{ sum, count int64 }

func (t *total) accumulate(x int64) { t.sum, t.count = t.sum+x, t.count+1 }

func (t *total) retract(x int64) { t.sum, t.count = t.sum-x, t.count-1 }

func (t *total) merge(other *total) { t.sum, t.count = t.sum+other.sum, t.count+other.count }

func (t *total) evaluate() (value anabranch.Null[int64]) {
	if t.count != 0 {
		value = anabranch.Some(t.sum)
	}
	return value
}

var same = anabranch.Package("same", "0.1.0",
	anabranch.Scalar2("add", add, "a", "b").Doc("The sum of two numbers."),
	anabranch.ScalarColumns2("add_columns", addColumns, "a", "b").Doc("The sum of two numbers, over whole columns."),
	anabranch.Scalar2("mix", mix, "a", "b").Doc("`31 * a + b`, modulo 2⁶⁴."),
	anabranch.Scalar2("spread", spread, "x", "y").Doc("`x * y - x`."),
	anabranch.TryScalar1("root", root, "x").Doc("The square root; an error of negative numbers."),
	anabranch.Scalar1("len", length, "text").Doc("Length of a text in characters."),
	anabranch.Scalar1("reverse", reverse, "text").Doc("The characters of a text, the last one first."),
	anabranch.Scalar2("both", both, "p", "q").Doc("SQL's AND."),
	anabranch.Scalar2("add_amounts", addAmounts, "a", "b").Doc("The sum of two amounts of 38 digits."),
	anabranch.Scalar2("later", later, "at", "millis").Doc("So many milliseconds later."),
	anabranch.Scalar1("backwards", backwards, "items").Doc("The items of an array, the last one first."),
	anabranch.Scalar1("mirrored", mirrored, "place").Doc("The place on the other side."),
	anabranch.TryScalar4("ask", ask, "method", "url", "key", "body").Nondeterministic().
		Doc("What a web server answers to a request of a method with a key in its header and a body: status, type and body."),
	anabranch.Table1("split", split, "line").Doc("The words of a text, which spaces divide, and where each stands."),
	anabranch.Aggregate1("total", (*total).accumulate, (*total).evaluate, "x").
		Retract((*total).retract).
		Merge((*total).merge).
		Doc("The sum of numbers, modulo 2⁶⁴; NULL of none."),
)

func main() {}
