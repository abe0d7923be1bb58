package expr

import (
	"unicode"

	"hexdag.dev/hexdag/lang/value"
)

// Implementations of the tests; filters.go documents them.

func boolResult(b bool) (value.Value, error) { return value.Bool(b), nil }

func testBoolean(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].Kind() == value.KindBool)
}

func testDefined(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(!a[0].IsMissing())
}

func testUndefined(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].IsMissing())
}

func testFalse(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	b, ok := a[0].AsBool()
	return boolResult(ok && !b)
}

func testTrue(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	b, ok := a[0].AsBool()
	return boolResult(ok && b)
}

func testFloat(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].Kind() == value.KindFloat)
}

func testInteger(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].Kind() == value.KindInt)
}

func testNumber(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	switch a[0].Kind() {
	case value.KindInt, value.KindFloat, value.KindDecimal, value.KindBool:
		return value.True, nil
	}
	return value.False, nil
}

func testString(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].Kind() == value.KindString)
}

func testMapping(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].Kind() == value.KindObject)
}

func testNone(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(a[0].IsNull())
}

func testIterable(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	var c cursor
	return boolResult(c.begin(a[0]) == nil)
}

func testSequence(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	switch a[0].Kind() {
	case value.KindString, value.KindList, value.KindTuple, value.KindRange, value.KindObject:
		return value.True, nil
	}
	return value.False, nil
}

// remainder is a % n as a test.
func remainder(a value.Value, n value.Value, want int64) (value.Value, error) {
	r, err := value.Mod(a, n)
	if err != nil {
		return value.Null, err
	}
	return boolResult(value.Equal(r, value.Int(want)))
}

func testEven(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return remainder(a[0], value.Int(2), 0)
}

func testOdd(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return remainder(a[0], value.Int(2), 1)
}

func testDivisibleBy(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return remainder(a[0], a[1], 0)
}

// compared is a test that compares; at is the test or filter it stands in.
func compared(fr *frame, at Node, op Op, a []value.Value) (value.Value, error) {
	ok, err := fr.compare(&Compare{at: at0(at)}, op, a[0], a[1])
	if err != nil {
		return value.Null, err
	}
	return value.Bool(ok), nil
}

func at0(n Node) at { return at{n.Span()} }

func testEq(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpEq, a)
}

func testNe(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpNe, a)
}

func testLt(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpLt, a)
}

func testLe(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpLe, a)
}

func testGt(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpGt, a)
}

func testGe(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpGe, a)
}

func testIn(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return compared(fr, at, OpIn, a)
}

func testSameAs(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return boolResult(value.Identical(a[0], a[1]))
}

// cased reports whether s has a letter of a case, and all such are of this one.
func cased(fr *frame, at Node, v value.Value, is, isNot func(rune) bool) (value.Value, error) {
	s, err := textArg(fr, at, v)
	if err != nil {
		return value.Null, err
	}
	found := false
	for _, r := range s {
		if isNot(r) || unicode.IsTitle(r) {
			return value.False, nil
		}
		found = found || is(r)
	}
	return value.Bool(found), nil
}

func testLower(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return cased(fr, at, a[0], unicode.IsLower, unicode.IsUpper)
}

func testUpper(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return cased(fr, at, a[0], unicode.IsUpper, unicode.IsLower)
}
