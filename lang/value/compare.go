package value

import (
	"math"
	"math/big"
)

// Equal is Python's a == b. Numbers are compared by value across types, lists
// with lists, tuples with tuples, sets and objects without regard to order.
// NaN equals nothing, inside containers too. Missing equals only Missing. It
// costs at most the smaller of the two sizes.
func Equal(a, b Value) bool {
	if a.kind == b.kind {
		switch a.kind {
		case KindNull, KindMissing:
			return true
		case KindBool:
			return a.w == b.w
		case KindInt:
			if a.p == nil && b.p == nil {
				return a.w == b.w
			}
			return a.p != nil && b.p != nil && a.bigBody().Cmp(b.bigBody()) == 0
		case KindFloat:
			return a.float() == b.float()
		case KindString, KindSecret:
			return a.str() == b.str()
		case KindList, KindTuple:
			return a.p == b.p || equalItems(a.sequence().items, b.sequence().items)
		case KindObject:
			return a.p == b.p || equalObjects(a.object(), b.object())
		case KindSet:
			return a.p == b.p || isSubset(a.setBody(), b.setBody(), false)
		case KindDatetime:
			return a.moment().equal(b.moment())
		case KindRange:
			return a.span().equal(b.span())
		}
	}
	if !a.isNumber() || !b.isNumber() {
		return false
	}
	c, ordered := compareNumbers(a, b)
	return ordered && c == 0
}

// Equal reports Equal(v, w), for go-cmp.
func (v Value) Equal(w Value) bool { return Equal(v, w) }

func equalItems(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalObjects(a, b *Object) bool {
	if len(a.keys) != len(b.keys) {
		return false
	}
	for i, k := range a.keys {
		j := i
		// Most equal objects have the same order.
		if !Equal(b.keys[i], k) {
			if j = b.index.find(b.keys, k); j < 0 {
				return false
			}
		}
		if !Equal(a.vals[i], b.vals[j]) {
			return false
		}
	}
	return true
}

// isSubset reports a ⊂ b (proper) or, when not proper, a = b.
func isSubset(a, b *setBody, proper bool) bool {
	if len(a.keys) > len(b.keys) || (len(a.keys) == len(b.keys)) == proper {
		return false
	}
	return b.hasAll(a)
}

func (s *setBody) hasAll(t *setBody) bool {
	for _, k := range t.keys {
		if !s.has(k) {
			return false
		}
	}
	return true
}

func (r *span) equal(o *span) bool {
	n := r.count()
	if n != o.count() {
		return false
	}
	return n == 0 || r.start == o.start && (n == 1 || r.step == o.step)
}

// Identical is Python's `a is b`: the same object in memory for containers and
// big integers, the same type and value for everything else, since CPython
// shares small scalars. So `1 is True` is false and `x is None` is what it says.
func Identical(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case KindList, KindTuple, KindObject, KindSet, KindRange, KindDatetime, KindDecimal:
		return a.p == b.p
	case KindFloat:
		return a.w == b.w
	}
	return Equal(a, b)
}

// Truthy is Python's bool(v). Missing is false.
func Truthy(v Value) bool {
	switch v.kind {
	case KindNull, KindMissing:
		return false
	case KindBool, KindString:
		return v.w != 0
	case KindInt:
		return v.w != 0 || v.p != nil
	case KindFloat:
		return v.float() != 0
	case KindDecimal:
		return !v.decimal().isZero()
	case KindList, KindTuple:
		return len(v.sequence().items) != 0
	case KindObject:
		return v.object().Len() != 0
	case KindSet:
		return len(v.setBody().keys) != 0
	case KindRange:
		return v.span().count() != 0
	}
	return true // datetimes, secrets
}

// Less is Python's a < b. Types without an order between them are a TypeError.
func Less(a, b Value) (bool, error) {
	if c, ok := quickCompare(a, b); ok {
		return c < 0, nil
	}
	return order(a, b, "<")
}

// LessEqual is Python's a <= b. It is not the negation of b < a for NaN and
// for sets.
func LessEqual(a, b Value) (bool, error) {
	if c, ok := quickCompare(a, b); ok {
		return c <= 0, nil
	}
	return order(a, b, "<=")
}

// Greater is Python's a > b: Less(b, a) with its own words in the error.
func Greater(a, b Value) (bool, error) {
	if c, ok := quickCompare(a, b); ok {
		return c > 0, nil
	}
	return order(a, b, ">")
}

// GreaterEqual is Python's a >= b.
func GreaterEqual(a, b Value) (bool, error) {
	if c, ok := quickCompare(a, b); ok {
		return c >= 0, nil
	}
	return order(a, b, ">=")
}

// Compare is -1 when a < b, 1 when b < a, and 0 otherwise. For NaN, which is
// neither, it is 0, as for Python's sort.
func Compare(a, b Value) (int, error) {
	less, err := Less(a, b)
	if err != nil {
		return 0, err
	}
	if less {
		return -1, nil
	}
	if less, _ = Less(b, a); less {
		return 1, nil
	}
	return 0, nil
}

// holds reports whether a comparison with result c satisfies op.
func holds(c int, op string) bool {
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func order(a, b Value, op string) (bool, error) {
	switch {
	case a.isSmallInt() && b.isSmallInt():
		x, y := int64(a.w), int64(b.w)
		switch {
		case x < y:
			return holds(-1, op), nil
		case x > y:
			return holds(1, op), nil
		}
		return holds(0, op), nil
	case a.isNumber() && b.isNumber():
		c, ordered := compareNumbers(a, b)
		if !ordered && (a.kind == KindDecimal || b.kind == KindDecimal) {
			return false, errorf(InvalidOperation, "comparison involving NaN")
		}
		return ordered && holds(c, op), nil
	case a.kind != b.kind:
	case a.kind == KindString:
		switch x, y := a.str(), b.str(); {
		case x < y: // the order of UTF-8 bytes is that of code points
			return holds(-1, op), nil
		case x > y:
			return holds(1, op), nil
		}
		return holds(0, op), nil
	case a.kind == KindList, a.kind == KindTuple:
		return orderItems(a.sequence().items, b.sequence().items, op)
	case a.kind == KindSet:
		x, y := a.setBody(), b.setBody()
		switch op {
		case "<":
			return isSubset(x, y, true), nil
		case ">":
			return isSubset(y, x, true), nil
		case "<=":
			return len(x.keys) <= len(y.keys) && y.hasAll(x), nil
		}
		return len(x.keys) >= len(y.keys) && x.hasAll(y), nil
	case a.kind == KindDatetime:
		c, err := a.moment().compare(b.moment())
		return err == nil && holds(c, op), err
	}
	return false, typeErrorf("'%s' not supported between instances of '%s' and '%s'", op, a.kind, b.kind)
}

func orderItems(a, b []Value, op string) (bool, error) {
	for i := range min(len(a), len(b)) {
		if !Equal(a[i], b[i]) {
			return order(a[i], b[i], op)
		}
	}
	switch {
	case len(a) < len(b):
		return holds(-1, op), nil
	case len(a) > len(b):
		return holds(1, op), nil
	}
	return holds(0, op), nil
}

// compareNumbers compares two numbers exactly; not ordered when one is NaN.
func compareNumbers(a, b Value) (c int, ordered bool) {
	if a.kind == KindDecimal || b.kind == KindDecimal {
		return compareDecimals(a, b)
	}
	switch {
	case a.kind == KindFloat && b.kind == KindFloat:
		x, y := a.float(), b.float()
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, x == y
	case a.kind == KindFloat:
		c, ordered = compareIntFloat(b, a.float())
		return -c, ordered
	case b.kind == KindFloat:
		return compareIntFloat(a, b.float())
	}
	x, xb := a.integer()
	y, yb := b.integer()
	if xb == nil && yb == nil {
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	return a.toBig().Cmp(b.toBig()), true
}

func compareIntFloat(i Value, f float64) (int, bool) {
	if math.IsNaN(f) {
		return 0, false
	}
	if math.IsInf(f, 0) {
		return -sign(f), true
	}
	whole := math.Trunc(f)
	var c int
	if x, xb := i.integer(); xb == nil && math.Abs(whole) < 1<<63 {
		switch y := int64(whole); {
		case x < y:
			c = -1
		case x > y:
			c = 1
		}
	} else {
		y, _ := new(big.Float).SetFloat64(whole).Int(nil)
		c = i.toBig().Cmp(y)
	}
	if c == 0 {
		c = -sign(f - whole)
	}
	return c, true
}

func sign(f float64) int {
	switch {
	case f < 0:
		return -1
	case f > 0:
		return 1
	}
	return 0
}
