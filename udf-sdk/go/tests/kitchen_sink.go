// Every kind of function over every type: what the tests and measurements call.
package main

import (
	"errors"
	"iter"
	"strconv"
	"time"
	"unicode/utf8"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
)

// amount is a DECIMAL(20, 4).
type amount struct{ anabranch.Int128 }

func (amount) DecimalType() (precision, scale int) { return 20, 4 }

// place is a row.
type place struct {
	x    float64
	y    anabranch.Null[float64]
	name anabranch.Null[string]
}

type (
	ints    = []anabranch.Null[int64]
	nested  = []anabranch.Null[[]string]
	counts  = map[string]anabranch.Null[int32]
	seconds = anabranch.Timestamp[anabranch.Seconds]
	millis  = anabranch.Timestamp[anabranch.Millis]
	micros  = anabranch.Timestamp[anabranch.Micros]
	nanos   = anabranch.Timestamp[anabranch.Nanos]
	moment  = anabranch.TimestampLTZ[anabranch.Millis]
)

// same is the value itself.
func same[T any](name string) *anabranch.Function {
	return anabranch.Scalar1(name, func(value anabranch.Null[T]) anabranch.Null[T] { return value }, "value").
		Doc("The value itself.")
}

func add(a, b []int64, result *anabranch.Result[int64]) {
	// Of one length, so that the loop looks at no bounds.
	sums := result.Values[:len(a)]
	b = b[:len(a)]
	for row, value := range a {
		sums[row] = value + b[row]
	}
}

func addRows(a, b int64) int64 { return a + b }

func length(text string) int32 { return int32(utf8.RuneCountInString(text)) }

func failOn(text string) (value anabranch.Null[string], err error) {
	switch text {
	case "error":
		return value, errors.New("this text is an error")
	case "panic":
		panic("this text is a panic")
	case "null":
		return value, nil
	}
	return anabranch.Some(text), nil
}

func reciprocal(x []float64, result *anabranch.Result[float64]) {
	for row, x := range x {
		switch {
		case x == 0:
			result.Null(row)
		case x < 0:
			result.Fail(row, errors.New("it is negative"))
		}
		result.Values[row] = 1 / x
	}
}

func total(texts []string) (total int64) {
	for _, text := range texts {
		total += int64(len(text))
	}
	return total
}

func whereBound(text string) string {
	greeting, ok := anabranch.Option("greeting")
	if !ok {
		greeting = "-"
	}
	seen := anabranch.PerPlace(func() *int { return new(int) })
	*seen++
	if *seen > 1 {
		text += " again"
	}
	if anabranch.Constant[string](0).Valid {
		greeting += " literal"
	}
	return anabranch.TimeZone() + " " + greeting + " " + text
}

func say(text string) string {
	anabranch.Log(anabranch.LevelInfo, text)
	return text
}

// fetch gives status, content type and body of a response.
func fetch(method, url, body string) (string, error) {
	request := anabranch.Request{
		Method:  method,
		URL:     url,
		Header:  map[string]string{"X-Kitchen": "sink", "Accept": "text/plain"},
		Body:    []byte(body),
		Timeout: 20 * time.Second,
	}
	response, err := request.Send()
	if err != nil {
		return "", err
	}
	return strconv.Itoa(response.Status) + " " + response.Header["content-type"] + " " + string(response.Body), nil
}

// numbered is a row of `repeat`.
type numbered struct {
	text   string
	number anabranch.Null[int64]
	scaled amount
}

func repeat(text string, times int64, scale amount) (iter.Seq[numbered], error) {
	if times < 0 {
		return nil, errors.New("negative times")
	}
	return func(yield func(numbered) bool) {
		scaled := scale
		for number := int64(1); number <= times; number++ {
			row := numbered{text, anabranch.Null[int64]{V: number, Valid: number < times}, scaled}
			if number == 4 {
				panic("four is too many")
			}
			if !yield(row) {
				return
			}
			scaled = amount{scaled.Add(scale.Int128)}
		}
	}, nil
}

func numbers(from, to int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for number := from; number < to && yield(number); number++ {
		}
	}
}

type sum struct{ sum, count int64 }

func (s *sum) accumulate(x int64) { s.sum, s.count = s.sum+x, s.count+1 }
func (s *sum) retract(x int64)    { s.sum, s.count = s.sum-x, s.count-1 }
func (s *sum) merge(other *sum)   { s.sum, s.count = s.sum+other.sum, s.count+other.count }
func (s *sum) evaluate() anabranch.Null[int64] {
	return anabranch.Null[int64]{V: s.sum, Valid: s.count > 0}
}

// collect keeps texts and how often each was seen.
type collect struct {
	texts string
	seen  map[string]int32
}

func (c *collect) accumulate(text string, separator anabranch.Null[string]) {
	if text == "error" {
		panic(errors.New("this text is an error"))
	}
	if c.seen == nil {
		c.seen = map[string]int32{}
	}
	c.seen[text]++
	c.texts += text + separator.V
}
func (c *collect) merge(other *collect) { c.texts += other.texts }
func (c *collect) evaluate() string     { return c.texts }

var kitchenSink = anabranch.Package("kitchen_sink", "0.1.0",
	same[bool]("same_bool"),
	same[int8]("same_tinyint"),
	same[int16]("same_smallint"),
	same[int32]("same_int"),
	same[int64]("same_bigint"),
	same[float32]("same_float"),
	same[float64]("same_double"),
	same[amount]("same_decimal"),
	same[string]("same_string"),
	same[[]byte]("same_bytes"),
	same[anabranch.Date]("same_date"),
	same[anabranch.TimeOfDay]("same_time"),
	same[seconds]("same_timestamp_seconds"),
	same[millis]("same_timestamp_millis"),
	same[micros]("same_timestamp_micros"),
	same[nanos]("same_timestamp_nanos"),
	same[moment]("same_timestamp_ltz"),
	same[anabranch.IntervalYearMonth]("same_year_month"),
	same[anabranch.IntervalDaySecond]("same_day_second"),
	same[ints]("same_array"),
	same[nested]("same_nested"),
	same[counts]("same_map"),
	same[place]("same_row"),
	anabranch.ScalarColumns2("add", add, "a", "b").Doc("The sum of two numbers, over whole columns."),
	anabranch.Scalar2("add_rows", addRows, "a", "b").Doc("The sum of two numbers, row by row."),
	anabranch.Scalar2("add", func(a, b float64) float64 { return a + b }, "a", "b").Doc("An overload of `add`."),
	anabranch.Scalar2("add", func(a, b amount) amount { return amount{a.Add(b.Int128)} }, "a", "b"),
	anabranch.Scalar1("len", length, "text").Doc("Length of a text in characters."),
	anabranch.TryScalar1("fail_on", failOn, "text"),
	anabranch.ScalarColumns1("reciprocal", reciprocal, "x"),
	anabranch.Scalar1("total", total, "texts"),
	anabranch.Scalar1("where_bound", whereBound, "text").Nondeterministic(),
	anabranch.Scalar1("say", say, "text"),
	anabranch.TryScalar3("fetch", fetch, "method", "url", "body").Nondeterministic(),
	anabranch.TryTable3("repeat", repeat, "text", "times", "scale"),
	anabranch.Table2("range", numbers, "from", "to").Columns("number"),
	anabranch.Aggregate1("sum", (*sum).accumulate, (*sum).evaluate, "x").Retract((*sum).retract).Merge((*sum).merge),
	anabranch.Aggregate2("collect_texts", (*collect).accumulate, (*collect).evaluate, "text", "separator").Merge((*collect).merge),
)

func main() {}
