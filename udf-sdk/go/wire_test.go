package anabranch

import (
	"math"
	"math/rand"
	"reflect"
	"slices"
	"testing"
)

type (
	wirePrice struct{ Int128 }
	wirePlace struct {
		X    float64
		Y    Null[float64]
		Name Null[string]
		Ages []int32
	}
)

func (wirePrice) DecimalType() (precision, scale int) { return 20, 4 }

// sample is values of some type as a column, and how they are read again.
type sample struct {
	field Field
	data  ColumnData
	codec codec
	check func(t *testing.T, data ColumnData)
}

func sampleOf[T any](rows int, some ...T) sample {
	values := make([]Null[T], rows)
	for row := range values {
		if row%3 != 1 {
			values[row] = Some(some[row%len(some)])
		}
	}
	field, data := Encode(values)
	return sample{field, data, codecFor[Null[T]](), func(t *testing.T, data ColumnData) {
		t.Helper()
		read, err := Decode[Null[T]](data)
		if err != nil {
			t.Fatalf("%s: %v", field[0].Format, err)
		}
		for row := range values {
			if read[row].Valid != values[row].Valid || read[row].Valid && !reflect.DeepEqual(read[row].V, values[row].V) {
				t.Fatalf("%s: row %d of %d is %v instead of %v", field[0].Format, row, rows, read[row], values[row])
			}
		}
	}}
}

// samples are columns of every type.
func samples(rows int) []sample {
	some, none := Some[int64], Null[int64]{}
	return []sample{
		sampleOf(rows, true, false, true, true),
		sampleOf[int8](rows, 1, math.MinInt8),
		sampleOf[int16](rows, 1, math.MinInt16),
		sampleOf[int32](rows, 1, math.MinInt32),
		sampleOf[int64](rows, 1, math.MinInt64),
		sampleOf[float32](rows, 1.5, -0.25),
		sampleOf(rows, 0.1, -1e300),
		sampleOf(rows, wirePrice{NewInt128(-12345)}, wirePrice{Int128{High: 1}}),
		sampleOf(rows, "", "Grüße", "a longer text"),
		sampleOf(rows, []byte{0, 255}, []byte{}),
		sampleOf[Date](rows, -1, 20000),
		sampleOf[TimeOfDay](rows, 0, 86_399_999),
		sampleOf[Timestamp[Seconds]](rows, -1, 1),
		sampleOf[Timestamp[Millis]](rows, -1, 1),
		sampleOf[Timestamp[Micros]](rows, -1, 1),
		sampleOf[Timestamp[Nanos]](rows, -1, 1),
		sampleOf[TimestampLTZ[Millis]](rows, -1, 1),
		sampleOf[IntervalYearMonth](rows, -1, 13),
		sampleOf[IntervalDaySecond](rows, -1, 1000),
		sampleOf(rows, []Null[int64]{some(1), none, some(-3)}, []Null[int64]{}),
		sampleOf(rows, []Null[[]string]{Some([]string{"to", "be"}), {}}, []Null[[]string]{}),
		sampleOf(rows, map[string]Null[int32]{"b": Some[int32](1), "a": {}}, map[string]Null[int32]{}),
		sampleOf(rows, wirePlace{1, Some(2.0), Some("here"), []int32{7}}, wirePlace{X: -1, Ages: []int32{}}),
	}
}

// passed is columns as a host passes them.
func passed(columns ...ColumnData) (layout []uint32, data []byte) {
	for _, node := range slices.Concat(columns...) {
		layout = append(layout, node.Length, node.NullCount)
		for _, buffer := range node.Buffers {
			layout = append(layout, uint32(len(buffer)))
			if len(buffer) > 0 {
				data = append(data, make([]byte, -len(data)&15)...)
				data = append(data, buffer...)
			}
		}
	}
	// Where the host's bytes would lie: see allocate.
	memory := make([]uint64, (len(data)+7)/8)
	copied := bytesOf(memory)[:len(data):len(data)]
	copy(copied, data)
	return layout, copied
}

func TestColumnsOfEveryTypeCrossAndComeBack(t *testing.T) {
	for _, rows := range []int{0, 1, 7, 8, 9, 100} {
		var fields []Field
		var columns []ColumnData
		all := samples(rows)
		for _, s := range all {
			fields, columns = append(fields, s.field), append(columns, s.data)
			// Alone, so that each lies at the end of the data once.
			layout, data := passed(s.data)
			unpacked, err := unpack([]Field{s.field}, layout, data)
			if err != nil {
				t.Fatalf("%s: %v", s.field[0].Format, err)
			}
			s.check(t, unpacked[0])
		}
		layout, data := passed(columns...)
		unpacked, err := unpack(fields, layout, data)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range all {
			s.check(t, unpacked[i])
		}
	}
}

func TestNoColumnsHaveNoLayout(t *testing.T) {
	if columns, err := unpack(nil, nil, nil); err != nil || len(columns) != 0 {
		t.Fatal(columns, err)
	}
	if _, err := unpack(nil, []uint32{0}, nil); err == nil {
		t.Fatal("a number too many is taken")
	}
}

func TestALayoutThatDoesNotFitIsRefused(t *testing.T) {
	for _, s := range samples(9) {
		fields := []Field{s.field}
		layout, data := passed(s.data)
		for length := range layout {
			if _, err := unpack(fields, layout[:length], data); err == nil {
				t.Fatalf("%s: %d numbers of %d are taken", s.field[0].Format, length, len(layout))
			}
		}
		for size := range data {
			if _, err := unpack(fields, layout, data[:size:size]); err == nil {
				t.Fatalf("%s: %d bytes of %d are taken", s.field[0].Format, size, len(data))
			}
		}
		if _, err := unpack(fields, append(slices.Clip(layout), 0), data); err == nil {
			t.Fatalf("%s: a number too many is taken", s.field[0].Format)
		}
	}
}

// Whatever a layout says, it is refused or leads to buffers that are there.
func TestNoLayoutLeadsBeyondTheMemory(t *testing.T) {
	odd := []uint32{0, 1, 2, 8, 9, 15, 16, 17, math.MaxInt32, math.MaxInt32 + 1, math.MaxUint32 - 15, math.MaxUint32}
	random := rand.New(rand.NewSource(1))
	refused := 0
	for range 500 {
		for _, s := range samples(random.Intn(20)) {
			layout, data := passed(s.data)
			for range 1 + random.Intn(2) {
				number := &layout[random.Intn(len(layout))]
				if random.Intn(2) == 0 {
					*number = odd[random.Intn(len(odd))]
				} else {
					*number += uint32(random.Intn(3)) - 1
				}
			}
			columns, err := unpack([]Field{s.field}, layout, data)
			if err == nil {
				nodes := []ColumnNode(columns[0])
				_, err = s.codec.open(&nodes)
			}
			if err != nil {
				refused++
			}
		}
	}
	if refused < 5000 {
		t.Fatalf("only %d were refused", refused)
	}
}
