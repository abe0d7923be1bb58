package value

import (
	"math"
	"strings"
)

// The operations below answer what evaluation asks most, small numbers and
// texts, before the general ones look at all the types there are.

// IsScalar reports whether v is null, missing, a bool, an integer of 64 bits or
// a float: something of a constant size.
func (v Value) IsScalar() bool { return v.kind <= KindFloat && v.p == nil }

// quickFloats is a and b as floats if they are floats, or a float and a small
// integer; not if both are integers.
func quickFloats(a, b Value) (x, y float64, ok bool) {
	switch {
	case a.kind == KindFloat && b.kind == KindFloat:
		return a.float(), b.float(), true
	case a.kind == KindFloat && b.isSmallInt():
		return a.float(), float64(int64(b.w)), true
	case b.kind == KindFloat && a.isSmallInt():
		return float64(int64(a.w)), b.float(), true
	}
	return 0, 0, false
}

// exactInts bounds the integers that are floats without rounding.
const exactInts = 1 << 53

// quickCompare orders small integers, floats but NaN, and texts.
func quickCompare(a, b Value) (c int, ok bool) {
	switch {
	case a.isSmallInt() && b.isSmallInt():
		return order3(int64(a.w), int64(b.w)), true
	case a.kind == KindString && b.kind == KindString:
		return strings.Compare(a.str(), b.str()), true // the order of UTF-8 bytes is that of code points
	}
	x, y, ok := quickFloats(a, b)
	if !ok || math.IsNaN(x) || math.IsNaN(y) || a.kind != b.kind && (math.Abs(x) >= exactInts || math.Abs(y) >= exactInts) {
		return 0, false // an integer that was rounded may lie on the other side
	}
	return order3(x, y), true
}

func order3[T int64 | float64](x, y T) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
