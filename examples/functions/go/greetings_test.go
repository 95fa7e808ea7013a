package main

import (
	"slices"
	"testing"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
	"github.com/anabranch/anabranch/udf-sdk/go/anabranchtest"
)

// The functions are what they look like.
func TestGreets(t *testing.T) {
	if greeting := greet("Ada"); greeting != "Hello, Ada!" {
		t.Error(greeting)
	}
	if words := slices.Collect(splitWords(" to be  or")); !slices.Equal(words, []string{"to", "be", "or"}) {
		t.Error(words)
	}
}

// And a host calls them over columns, with NULLs, for many groups.
func TestTheMeanOfGroups(t *testing.T) {
	numbers := anabranchtest.Column(anabranch.Some(1.0), anabranch.Null[float64]{}, anabranch.Some(2.0))
	means := anabranchtest.Aggregate(anabranchtest.New(t, functions), "mean", numbers)
	means.Accumulate([]uint32{0, 1, 0}, numbers)
	values := anabranchtest.Evaluate[float64](means, 0, 1).Values
	if values[0] != anabranch.Some(1.5) || values[1].Valid {
		t.Error(values)
	}
}
