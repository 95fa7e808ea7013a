package main

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
	"github.com/anabranch/anabranch/udf-sdk/go/anabranchtest"
)

// checkSame sends values there and back, every third of them NULL.
func checkSame[T any](t *testing.T, name string, some ...T) {
	t.Helper()
	tester := anabranchtest.New(t, kitchenSink)
	for rows := 0; rows < 70; rows += 23 {
		values := make([]anabranch.Null[T], rows)
		for row := range values {
			if row%3 != 1 {
				values[row] = anabranch.Some(some[row%len(some)])
			}
		}
		got := anabranchtest.Scalar[T](tester, name, anabranchtest.Column(values...))
		if len(got.Errors) > 0 || len(got.Values) != rows {
			t.Fatalf("%s: %v", name, got)
		}
		for row, value := range got.Values {
			if value.Valid != values[row].Valid || (value.Valid && !reflect.DeepEqual(value.V, values[row].V)) {
				t.Fatalf("%s: row %d is %v instead of %v", name, row, value, values[row])
			}
		}
	}
}

func TestEveryTypeComesBack(t *testing.T) {
	some, none := anabranch.Some[int64], anabranch.Null[int64]{}
	checkSame(t, "same_bool", true, false)
	checkSame[int8](t, "same_tinyint", 1, math.MinInt8)
	checkSame[int16](t, "same_smallint", 1, math.MinInt16)
	checkSame[int32](t, "same_int", 1, math.MinInt32)
	checkSame[int64](t, "same_bigint", 1, math.MinInt64)
	checkSame[float32](t, "same_float", 1.5)
	checkSame(t, "same_double", 0.1, -1e300)
	checkSame(t, "same_decimal", amount{anabranch.NewInt128(-12345)}, amount{anabranch.Int128{High: 1}})
	checkSame(t, "same_string", "", "Grüße", "a longer text")
	checkSame(t, "same_bytes", []byte{0, 255}, []byte{})
	checkSame[anabranch.Date](t, "same_date", -1, 20000)
	checkSame[anabranch.TimeOfDay](t, "same_time", 86_399_999)
	checkSame[seconds](t, "same_timestamp_seconds", -1)
	checkSame[millis](t, "same_timestamp_millis", -1)
	checkSame[micros](t, "same_timestamp_micros", -1)
	checkSame[nanos](t, "same_timestamp_nanos", -1)
	checkSame[moment](t, "same_timestamp_ltz", -1)
	checkSame[anabranch.IntervalYearMonth](t, "same_year_month", 13)
	checkSame[anabranch.IntervalDaySecond](t, "same_day_second", -1)
	checkSame(t, "same_array", ints{some(1), none, some(-3)}, ints{})
	checkSame(t, "same_nested", nested{anabranch.Some([]string{"to", "be"}), {}}, nested{})
	checkSame(t, "same_map", counts{"b": anabranch.Some[int32](1), "a": {}}, counts{})
	checkSame(t, "same_row", place{1, anabranch.Some(2.0), anabranch.Some("here")}, place{x: -1})
}

func check(t *testing.T, got any, want string) {
	t.Helper()
	if text := fmt.Sprint(got); text != want {
		t.Fatalf("%s instead of %s", text, want)
	}
}

func TestNullsAndErrorsBelongToTheirRows(t *testing.T) {
	tester := anabranchtest.New(t, kitchenSink)
	null, some := anabranch.Null[int64]{}, anabranch.Some[int64]
	left, right := anabranchtest.Column(some(1), null, some(math.MaxInt64)), anabranchtest.Column[int64](10, 20, 1)
	for _, name := range []string{"add", "add_rows"} {
		check(t, anabranchtest.Scalar[int64](tester, name, left, right).Values, "[{11 true} {0 false} {-9223372036854775808 true}]")
	}
	check(t, anabranchtest.Scalar[float64](tester, "add", anabranchtest.Column(1.5), anabranchtest.Column(2.0)).Values, "[{3.5 true}]")

	texts := anabranchtest.Column(anabranch.Some("a"), anabranch.Some("error"), anabranch.Some("null"),
		anabranch.Null[string]{}, anabranch.Some("panic"), anabranch.Some("b"))
	failing := anabranchtest.Scalar[string](tester, "fail_on", texts)
	check(t, failing.Values, "[{a true} { false} { false} { false} { false} {b true}]")
	check(t, failing.Errors, "map[1:this text is an error 4:this text is a panic]")

	x := anabranchtest.Column(anabranch.Some(2.0), anabranch.Some(0.0), anabranch.Some(-1.0), anabranch.Null[float64]{})
	reciprocals := anabranchtest.Scalar[float64](tester, "reciprocal", x)
	check(t, reciprocals.Values[0], "{0.5 true}")
	check(t, []bool{reciprocals.Values[1].Valid, reciprocals.Values[2].Valid, reciprocals.Values[3].Valid}, "[false false false]")
	check(t, reciprocals.Errors, "map[2:it is negative]")

	most := amount{anabranch.Int128{Low: 7766279631452241919, High: 5}} // 10²⁰ - 1
	check(t, most, "99999999999999999999")
	one := amount{anabranch.NewInt128(1)}
	sums := anabranchtest.Scalar[amount](tester, "add", anabranchtest.Column(most, one), anabranchtest.Column(one, one))
	check(t, sums.Values[1].V, "2")
	check(t, sums.Errors, "map[0:the value does not fit DECIMAL(20,4)]")
}

func TestANullWithinAnArgumentFailsItsRow(t *testing.T) {
	type loose = []anabranch.Null[string]
	some := anabranch.Some[string]
	lists := anabranchtest.Column(anabranch.Some(loose{some("to")}), anabranch.Some(loose{some("be"), {}}), anabranch.Null[loose]{})
	totals := anabranchtest.Scalar[int64](anabranchtest.New(t, kitchenSink), "total", lists)
	check(t, totals.Values, "[{2 true} {0 false} {0 false}]")
	check(t, totals.Errors, "map[1:argument `texts` holds a NULL where the function takes none]")
}

func TestAPlaceKnowsItsSession(t *testing.T) {
	tester := anabranchtest.New(t, kitchenSink)
	check(t, anabranchtest.Scalar[string](tester, "where_bound", anabranchtest.Column("x")).Values, "[{UTC - x true}]")
	tester.TimeZone, tester.Options, tester.Literals = "Asia/Tokyo", [][2]string{{"greeting", "hi"}}, true
	check(t, anabranchtest.Scalar[string](tester, "where_bound", anabranchtest.Column("x")).Values, "[{Asia/Tokyo hi literal x true}]")
	check(t, anabranchtest.Scalar[string](tester, "where_bound", anabranchtest.Column("x", "y")).Values,
		"[{Asia/Tokyo hi x true} {Asia/Tokyo hi y again true}]")
}

func TestRequestsAreAnsweredInPlaceOfServers(t *testing.T) {
	anabranchtest.Answers(t, func(request anabranch.Request) (*anabranch.Response, error) {
		if request.Method == "POST" {
			return nil, errors.New("the request is refused")
		}
		said := fmt.Sprint(request.URL, " ", request.Header, " ", string(request.Body), " ", request.Timeout)
		header := map[string]string{"content-type": "text/plain"}
		return &anabranch.Response{Status: 404, Header: header, Body: []byte(said)}, nil
	})
	null := anabranch.Null[string]{}
	methods := anabranchtest.Column(anabranch.Some("PUT"), anabranch.Some("POST"), null, anabranch.Some(""))
	urls := anabranchtest.Column("https://a/b?c", "https://a/", "https://a/", "https://a/d")
	bodies := anabranchtest.Column("some", "", "", "")
	fetched := anabranchtest.Scalar[string](anabranchtest.New(t, kitchenSink), "fetch", methods, urls, bodies)
	check(t, fetched.Values, "[{404 text/plain https://a/b?c map[Accept:text/plain X-Kitchen:sink] some 20s true} { false} { false} "+
		"{404 text/plain https://a/d map[Accept:text/plain X-Kitchen:sink]  20s true}]")
	check(t, fetched.Errors, "map[1:the request is refused]")
}

func TestTablesComeInChunks(t *testing.T) {
	most := amount{anabranch.Int128{Low: 7766279631452241919, High: 5}}
	one := amount{anabranch.NewInt128(1)}
	texts := anabranchtest.Column(anabranch.Some("a"), anabranch.Null[string]{}, anabranch.Some("b"), anabranch.Some("c"),
		anabranch.Some("d"), anabranch.Some("e"))
	times, scales := anabranchtest.Column[int64](3, 3, -1, 0, 1, 9), anabranchtest.Column(one, one, one, one, most, one)
	for limit := 1; limit < 9; limit++ {
		output := anabranchtest.Table[numbered](anabranchtest.New(t, kitchenSink), "repeat", limit, texts, times, scales)
		var rows []string
		for i, row := range output.Rows {
			rows = append(rows, fmt.Sprint(output.Inputs[i], row.text, row.number.V, row.number.Valid, row.scaled))
		}
		check(t, strings.Join(rows, ", "), "0a1 true 1, 0a2 true 2, 0a0 false 3, "+
			"4d0 false 99999999999999999999, 5e1 true 1, 5e2 true 2, 5e3 true 3")
		check(t, output.Errors, "map[2:negative times 5:four is too many]")
	}
	type number struct{ number int64 }
	check(t, anabranchtest.Table[number](anabranchtest.New(t, kitchenSink), "range", 2, anabranchtest.Column[int64](5),
		anabranchtest.Column[int64](8)).Rows, "[{5} {6} {7}]")
}

func TestGroupsAccumulateRetractMergeAndComeBack(t *testing.T) {
	tester := anabranchtest.New(t, kitchenSink)
	some := anabranch.Some[int64]
	values := anabranchtest.Column(some(1), anabranch.Null[int64]{}, some(2), some(5))
	sums := anabranchtest.Aggregate(tester, "sum", values)
	sums.Accumulate([]uint32{0, 1, 0, 700}, values)
	sums.Retract([]uint32{0}, anabranchtest.Column[int64](1))
	check(t, anabranchtest.Evaluate[int64](sums, 0, 1, 700).Values, "[{2 true} {0 false} {5 true}]")
	sums.Merge([]uint32{0, 1}, []uint32{700, 700})
	sums.Restore([]uint32{700, 1}, []uint32{3, 0})
	sums.Remove(700, 9999)
	check(t, anabranchtest.Evaluate[int64](sums, 0, 3, 700).Values, "[{0 false} {7 true} {0 false}]")

	texts := anabranchtest.Column("a", "error", "longer", "d")
	commas := anabranchtest.Column(anabranch.Some(","), anabranch.Some(","), anabranch.Null[string]{}, anabranch.Some(";"))
	collected := anabranchtest.Aggregate(tester, "collect_texts", texts, commas)
	check(t, collected.Accumulate([]uint32{0, 0, 0, 1}, texts, commas), "map[1:this text is an error]")
	collected.Merge([]uint32{1}, []uint32{0})
	collected.Restore([]uint32{0}, []uint32{2})
	check(t, anabranchtest.Evaluate[string](collected, 0, 1, 2, 3).Values, "[{a,longerd; true} {d; true} {a,longerd; true} { true}]")
}

// faulty has functions that give what no column can hold.
var faulty = anabranch.Package("faulty", "0.1.0",
	anabranch.Scalar1("time", func(millis int32) anabranch.TimeOfDay { return anabranch.TimeOfDay(millis) }),
	anabranch.Scalar1("times", func(millis int32) []anabranch.Null[anabranch.TimeOfDay] {
		return []anabranch.Null[anabranch.TimeOfDay]{{V: -1}, anabranch.Some(anabranch.TimeOfDay(millis))}
	}),
	anabranch.Scalar1("nanos", func(year int32) nanos {
		return anabranch.TimestampOf[anabranch.Nanos](time.Date(int(year), 1, 2, 3, 4, 5, 6, time.UTC))
	}),
	anabranch.Scalar1("date", func(year int32) anabranch.Date {
		return anabranch.DateOf(time.Date(int(year), 1, 1, 0, 0, 0, 0, time.UTC))
	}),
	anabranch.Scalar1("counts", func(x float64) map[float64]int32 {
		counts := map[float64]int32{1: 1, x: 2}
		counts[x]++
		return counts
	}),
	anabranch.Table2("times", func(millis, count int32) iter.Seq[anabranch.TimeOfDay] {
		return func(yield func(anabranch.TimeOfDay) bool) {
			for range count {
				if !yield(anabranch.TimeOfDay(millis)) {
					return
				}
				millis *= 10
			}
			panic("too many")
		}
	}).Columns("time"),
	anabranch.Aggregate1("last", func(last *struct{ time anabranch.TimeOfDay }, millis int32) {
		last.time = anabranch.TimeOfDay(millis)
	}, func(last *struct{ time anabranch.TimeOfDay }) anabranch.TimeOfDay { return last.time }),
)

func TestWhatNoColumnCanHoldFailsItsRow(t *testing.T) {
	tester := anabranchtest.New(t, faulty)
	some := anabranch.Some[int32]
	millis := anabranchtest.Column(some(0), some(-1), anabranch.Null[int32]{}, some(86_399_999), some(86_400_000))
	times := anabranchtest.Scalar[anabranch.TimeOfDay](tester, "time", millis)
	check(t, times.Values, "[{0 true} {0 false} {0 false} {86399999 true} {0 false}]")
	const noTime = "milliseconds are no time of day"
	check(t, times.Errors, "map[1:-1 "+noTime+" 4:86400000 "+noTime+"]")
	within := anabranchtest.Scalar[[]anabranch.Null[anabranch.TimeOfDay]](tester, "times", millis)
	check(t, within.Values[3].V, "[{0 false} {86399999 true}]")
	check(t, within.Errors, "map[1:-1 "+noTime+" 4:86400000 "+noTime+"]")

	years := anabranchtest.Column[int32](1677, 1678, 1969, 2262, 2263, 9999)
	nanos := anabranchtest.Scalar[nanos](tester, "nanos", years)
	for row, year := range map[int]int{1: 1678, 2: 1969, 3: 2262} {
		if !nanos.Values[row].V.Time().Equal(time.Date(year, 1, 2, 3, 4, 5, 6, time.UTC)) {
			t.Fatal(nanos.Values[row].V.Time())
		}
	}
	const beyond = " is beyond TIMESTAMP(9)"
	check(t, nanos.Errors, "map[0:the year 1677"+beyond+" 4:the year 2263"+beyond+" 5:the year 9999"+beyond+"]")
	dates := anabranchtest.Scalar[anabranch.Date](tester, "date", anabranchtest.Column[int32](-5_000_000, 9999, 6_000_000))
	check(t, dates.Errors, "map[2:the year 6000000 is beyond DATE]")

	counts := anabranchtest.Scalar[map[float64]int32](tester, "counts", anabranchtest.Column(2, math.NaN()))
	check(t, counts.Values[0].V, "map[1:1 2:3]")
	total := int32(0)
	for _, count := range counts.Values[1].V {
		total += count
	}
	check(t, []int32{int32(len(counts.Values[1].V)), total}, "[3 4]")

	for limit := 1; limit < 9; limit++ {
		starts, lengths := anabranchtest.Column[int32](1, 8_640_000, 2, 3), anabranchtest.Column[int32](0, 5, 1, 0)
		type row struct{ time anabranch.TimeOfDay }
		output := anabranchtest.Table[row](tester, "times", limit, starts, lengths)
		check(t, output.Errors, "map[0:too many 1:86400000 "+noTime+" 2:too many 3:too many]")
		check(t, output.Inputs, "[1 2]")
		check(t, output.Rows, "[{8640000} {2}]")
	}

	last := anabranchtest.Aggregate(tester, "last", millis)
	last.Accumulate([]uint32{0, 1}, anabranchtest.Column[int32](-1, 5))
	check(t, anabranchtest.Evaluate[anabranch.TimeOfDay](last, 0, 1).Errors, "map[0:-1 "+noTime+"]")
}

func TestSignatures(t *testing.T) {
	for _, signature := range kitchenSink.Describe() {
		if signature.Name == "repeat" {
			var columns []string
			for _, node := range signature.Result[1:] {
				columns = append(columns, fmt.Sprint(node.Name, " ", node.Format, " ", node.Nullable))
			}
			check(t, strings.Join(columns, ", "), "text u false, number l true, scaled d:20,4 false")
			check(t, signature.ParameterNames, "[text times scale]")
		}
	}
	names := []string{}
	for _, signature := range kitchenSink.Describe() {
		names = append(names, signature.Name)
	}
	if !slices.Contains(names, "collect_texts") {
		t.Fatal(names)
	}
}

func TestTimes(t *testing.T) {
	moment := time.Date(1969, 12, 31, 23, 59, 59, 250_000_000, time.UTC)
	if millis := anabranch.TimestampOf[anabranch.Millis](moment); millis != -750 || !millis.Time().Equal(moment) {
		t.Fatal(millis)
	}
	tokyo := time.FixedZone("Tokyo", 9*3600)
	if seconds := anabranch.TimestampOf[anabranch.Seconds](time.Unix(0, 0).In(tokyo)); seconds != 9*3600 {
		t.Fatal(seconds)
	}
	if seconds := anabranch.TimestampLTZOf[anabranch.Seconds](time.Unix(0, 0).In(tokyo)); seconds != 0 {
		t.Fatal(seconds)
	}
	if date := anabranch.DateOf(time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)); date != -1 || date.Time().Day() != 31 {
		t.Fatal(date)
	}
}
