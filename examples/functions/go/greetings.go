// A function of each kind, to start from.
package main

import (
	"iter"
	"strings"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
)

func greet(name string) string {
	return "Hello, " + name + "!"
}

func splitWords(line string) iter.Seq[string] {
	return strings.FieldsSeq(line)
}

// mean is what a group needs to know for its mean.
type mean struct {
	sum   float64
	count int64
}

func (m *mean) accumulate(x float64) {
	m.sum += x
	m.count++
}

func (m *mean) retract(x float64) {
	m.sum -= x
	m.count--
}

func (m *mean) merge(other *mean) {
	m.sum += other.sum
	m.count += other.count
}

func (m *mean) evaluate() (value anabranch.Null[float64]) {
	if m.count > 0 {
		value = anabranch.Some(m.sum / float64(m.count))
	}
	return value
}

var functions = anabranch.Package("greetings", "0.1.0",
	anabranch.Scalar1("greet", greet, "name").
		Doc("Says hello to someone."),
	anabranch.Table1("split_words", splitWords, "line").Columns("word").
		Doc("The words of a text."),
	anabranch.Aggregate1("mean", (*mean).accumulate, (*mean).evaluate, "x").
		Retract((*mean).retract).
		Merge((*mean).merge).
		Doc("The arithmetic mean; NULL of no numbers."),
)

func main() {}
