package anabranch

import (
	"math/bits"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Null is a value that may be NULL.
type Null[T any] struct {
	V     T
	Valid bool
}

// Some is a value that is not NULL.
func Some[T any](value T) Null[T] {
	return Null[T]{V: value, Valid: true}
}

func (n Null[T]) sqlCodec() codec {
	return nullCodec{reflect.TypeFor[T](), codecFor[T](), unsafe.Offsetof(n.Valid)}
}

// Date is a DATE: days since 1970-01-01.
type Date int32

// TimeOfDay is a TIME: milliseconds since midnight.
type TimeOfDay int32

// IntervalYearMonth is an INTERVAL YEAR TO MONTH: months.
type IntervalYearMonth int32

// IntervalDaySecond is an INTERVAL DAY TO SECOND: milliseconds.
type IntervalDaySecond int64

// Timestamp is a TIMESTAMP(p), a date and a time of day without a zone: so many units since 1970-01-01 00:00:00.
type Timestamp[U Unit] int64

// TimestampLTZ is a TIMESTAMP_LTZ(p), a moment: so many units since 1970-01-01 00:00:00 UTC.
type TimestampLTZ[U Unit] int64

// Unit is the unit of timestamps: Seconds, Millis, Micros or Nanos, for a precision of 0, 3, 6 or 9.
type Unit interface {
	unit() (letter string, perSecond int64)
}

// Seconds is the unit of TIMESTAMP(0).
type Seconds struct{}

// Millis is the unit of TIMESTAMP(3).
type Millis struct{}

// Micros is the unit of TIMESTAMP(6).
type Micros struct{}

// Nanos is the unit of TIMESTAMP(9).
type Nanos struct{}

func (Seconds) unit() (string, int64) { return "s", 1 }
func (Millis) unit() (string, int64)  { return "m", 1e3 }
func (Micros) unit() (string, int64)  { return "u", 1e6 }
func (Nanos) unit() (string, int64)   { return "n", 1e9 }

func (Date) sqlCodec() codec              { return fixedCodec{"tdD", 4} }
func (TimeOfDay) sqlCodec() codec         { return timeCodec{fixedCodec{"ttm", 4}} }
func (IntervalYearMonth) sqlCodec() codec { return fixedCodec{"tiM", 4} }
func (IntervalDaySecond) sqlCodec() codec { return fixedCodec{"tDm", 8} }

func (Timestamp[U]) sqlCodec() codec {
	letter, _ := (*new(U)).unit()
	return fixedCodec{"ts" + letter + ":", 8}
}

func (TimestampLTZ[U]) sqlCodec() codec {
	letter, _ := (*new(U)).unit()
	return fixedCodec{"ts" + letter + ":UTC", 8}
}

// Time is the midnight at which the day starts, in UTC.
func (d Date) Time() time.Time {
	return time.Unix(int64(d)*86_400, 0).UTC()
}

// DateOf is the day of a time in its zone. It panics where that is beyond DATE.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	date := Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86_400)
	if date.Time().Year() != year {
		panic("the year " + strconv.Itoa(year) + " is beyond DATE")
	}
	return date
}

// Duration is the time since midnight.
func (t TimeOfDay) Duration() time.Duration {
	return time.Duration(t) * time.Millisecond
}

// Duration is the interval.
func (i IntervalDaySecond) Duration() time.Duration {
	return time.Duration(i) * time.Millisecond
}

// Time is the date and time, as if they were in UTC.
func (t Timestamp[U]) Time() time.Time {
	return timeOf[U](int64(t))
}

// Time is the moment, in UTC.
func (t TimestampLTZ[U]) Time() time.Time {
	return timeOf[U](int64(t))
}

// TimestampOf is the date and time of day that a clock in the zone of t shows. It panics where the units cannot count them:
// nanoseconds reach from 1677 to 2262.
func TimestampOf[U Unit](t time.Time) Timestamp[U] {
	_, offset := t.Zone()
	return Timestamp[U](unitsOf[U](t.Add(time.Duration(offset) * time.Second)))
}

// TimestampLTZOf is the moment. It panics where the units cannot count it.
func TimestampLTZOf[U Unit](t time.Time) TimestampLTZ[U] {
	return TimestampLTZ[U](unitsOf[U](t))
}

func timeOf[U Unit](units int64) time.Time {
	_, perSecond := (*new(U)).unit()
	seconds, rest := units/perSecond, units%perSecond
	return time.Unix(seconds, rest*(1e9/perSecond)).UTC()
}

func unitsOf[U Unit](t time.Time) int64 {
	_, perSecond := (*new(U)).unit()
	units := t.Unix()*perSecond + int64(t.Nanosecond())/(1e9/perSecond)
	if timeOf[U](units).Unix() != t.Unix() {
		precision := len(strconv.FormatInt(perSecond, 10)) - 1
		panic("the year " + strconv.Itoa(t.Year()) + " is beyond TIMESTAMP(" + strconv.Itoa(precision) + ")")
	}
	return units
}

// Int128 is an integer of 128 bits: a decimal without its point, 1250 for 12.50. See [DecimalType].
type Int128 struct {
	Low  uint64
	High int64
}

// NewInt128 is the number itself.
func NewInt128(number int64) Int128 {
	return Int128{uint64(number), number >> 63}
}

// Add is the sum, which wraps around beyond 128 bits.
func (a Int128) Add(b Int128) Int128 {
	low, carry := bits.Add64(a.Low, b.Low, 0)
	high, _ := bits.Add64(uint64(a.High), uint64(b.High), carry)
	return Int128{low, int64(high)}
}

// Neg is the number with the other sign.
func (a Int128) Neg() Int128 {
	return Int128{^a.Low, ^a.High}.Add(Int128{Low: 1})
}

// Sub is the difference, which wraps around beyond 128 bits.
func (a Int128) Sub(b Int128) Int128 {
	return a.Add(b.Neg())
}

// Cmp is -1, 0 or 1, as a is less than, equal to or greater than b.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a == b:
		return 0
	case a.High < b.High || (a.High == b.High && a.Low < b.Low):
		return -1
	}
	return 1
}

// Int64 is the number, if it fits.
func (a Int128) Int64() (number int64, ok bool) {
	number = int64(a.Low)
	return number, NewInt128(number) == a
}

// Float64 is the nearest floating-point number.
func (a Int128) Float64() float64 {
	return float64(a.High)*(1<<64) + float64(a.Low)
}

// mul10 is the number times ten.
func (a Int128) mul10() Int128 {
	over, low := bits.Mul64(a.Low, 10)
	return Int128{low, a.High*10 + int64(over)}
}

func powerOfTen(exponent int) Int128 {
	power := NewInt128(1)
	for range exponent {
		power = power.mul10()
	}
	return power
}

// String is the number in digits.
func (a Int128) String() string {
	magnitude := a
	if a.High < 0 {
		magnitude = a.Neg()
	}
	var digits []byte
	for high, low := uint64(magnitude.High), magnitude.Low; high != 0 || low != 0 || digits == nil; {
		var rest uint64
		high, rest = bits.Div64(0, high, 10)
		low, rest = bits.Div64(rest, low, 10)
		digits = append(digits, byte('0'+rest))
	}
	var text strings.Builder
	if a.High < 0 {
		text.WriteByte('-')
	}
	for i := len(digits) - 1; i >= 0; i-- {
		text.WriteByte(digits[i])
	}
	return text.String()
}

// misfit is what a codec panics with that is given a value which its SQL type has not.
type misfit string

type decimalCodec struct {
	fixedCodec
	limit Int128
}

func (c decimalCodec) open(nodes *[]ColumnNode) (*view, error) {
	return openFixed(nodes, c, c.width)
}

func (c decimalCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	for row := range rows {
		if !c.fits(at[Int128](from, stride, row)) && valid.get(row) {
			panic(misfit("the value does not fit DECIMAL(" + c.format[2:] + ")"))
		}
	}
	return c.fixedCodec.write(nodes, from, stride, rows, valid)
}

// fits tells whether a value has no more digits than its type.
func (c decimalCodec) fits(value *Int128) bool {
	return value.Cmp(c.limit) < 0 && value.Cmp(c.limit.Neg()) > 0
}

type timeCodec struct{ fixedCodec }

const millisPerDay = 86_400_000

func (c timeCodec) write(nodes ColumnData, from unsafe.Pointer, stride uintptr, rows int, valid bitmap) ColumnData {
	for row := range rows {
		if millis := *at[TimeOfDay](from, stride, row); uint32(millis) >= millisPerDay && valid.get(row) {
			panic(misfit(strconv.Itoa(int(millis)) + " milliseconds are no time of day"))
		}
	}
	return c.fixedCodec.write(nodes, from, stride, rows, valid)
}
