package value

import (
	"math"
	"math/big"
	"strings"
	"unicode/utf8"
)

// Index is Python's x[key].
func Index(x, key Value) (Value, error) {
	switch x.kind {
	case KindObject:
		v, ok := x.object().GetKey(key)
		if ok {
			return v, nil
		}
		if err := checkHashable(key); err != nil {
			return Null, err
		}
		return Null, errorf(KeyError, "%s", reprForError(key))
	case KindList, KindTuple:
		items := x.sequence().items
		if !key.isIntegral() {
			return Null, typeErrorf("%s indices must be integers or slices, not %s", x.kind, key.kind)
		}
		i, err := position(key, uint64(len(items)), x.kind.String()+" index out of range")
		if err != nil {
			return Null, err
		}
		return items[i], nil
	case KindString:
		if !key.isIntegral() {
			return Null, typeErrorf("string indices must be integers, not '%s'", key.kind)
		}
		i, err := position(key, uint64(x.strLen()), "string index out of range")
		if err != nil {
			return Null, err
		}
		s := x.str()
		if x.ascii {
			return asciiString(s[i : i+1]), nil
		}
		s = s[runeOffset(s, int(i)):]
		_, n := utf8.DecodeRuneInString(s)
		return String(s[:n]), nil
	case KindRange:
		if !key.isIntegral() {
			return Null, typeErrorf("range indices must be integers or slices, not %s", key.kind)
		}
		i, err := position(key, x.span().count(), "range object index out of range")
		if err != nil {
			return Null, err
		}
		return Int(x.span().at(i)), nil
	}
	return Null, typeErrorf("'%s' object is not subscriptable", x.kind)
}

// position is an index into n items; negative ones count from the end.
func position(key Value, n uint64, outside string) (uint64, error) {
	i, wide := key.integer()
	if wide != nil {
		return 0, errorf(IndexError, "cannot fit 'int' into an index-sized integer")
	}
	if i < 0 {
		i += int64(n)
	}
	if i < 0 || uint64(i) >= n {
		return 0, errorf(IndexError, "%s", outside)
	}
	return uint64(i), nil
}

// runeOffset is the byte offset of code point i, 0 ≤ i ≤ count.
func runeOffset(s string, i int) int {
	for off := range s {
		if i == 0 {
			return off
		}
		i--
	}
	return len(s)
}

// Slice is Python's x[lo:hi:step]; parts that are None or Missing are absent.
func Slice(x, lo, hi, step Value) (Value, error) {
	var n int64
	switch x.kind {
	case KindString:
		n = int64(x.strLen())
	case KindList, KindTuple:
		n = int64(len(x.sequence().items))
	case KindRange:
		n = int64(x.span().count())
	case KindObject:
		return Null, typeErrorf("unhashable type: 'slice'")
	default:
		return Null, typeErrorf("'%s' object is not subscriptable", x.kind)
	}
	from, to, by, err := sliceBounds(n, lo, hi, step)
	if err != nil {
		return Null, err
	}
	var count int64
	switch {
	case by > 0 && from < to:
		count = (to-from-1)/by + 1
	case by < 0 && from > to:
		count = (from-to-1)/(-by) + 1
	}
	switch x.kind {
	case KindString:
		return sliceString(x, from, count, by), nil
	case KindRange:
		if step.kind == KindInt && step.p != nil {
			return Null, limitErrorf("the slice is a range beyond 64 bits")
		}
		return sliceRange(x.span(), from, to, by)
	}
	items := x.sequence().items
	if count == n && by == 1 {
		return x, nil
	}
	out := make([]Value, count)
	for i := range out {
		out[i] = items[from+int64(i)*by]
	}
	return Value{tag: tag{kind: x.kind}, p: List(out).p}, nil
}

// sliceBounds is the first item of a slice of n items, the one before which it
// ends, and the step, as slice.indices computes them.
func sliceBounds(n int64, lo, hi, step Value) (from, to, by int64, err error) {
	if by, err = slicePart(step, 1); err != nil {
		return 0, 0, 0, err
	}
	if by == 0 {
		return 0, 0, 0, valueErrorf("slice step cannot be zero")
	}
	from, to = 0, n
	if by < 0 {
		from, to = n-1, -1
	}
	if from, err = sliceBound(lo, n, by, from); err != nil {
		return 0, 0, 0, err
	}
	to, err = sliceBound(hi, n, by, to)
	return from, to, by, err
}

func sliceBound(v Value, n, by, absent int64) (int64, error) {
	if v.IsNull() || v.IsMissing() {
		return absent, nil
	}
	i, err := slicePart(v, 0)
	if i < 0 {
		i += n
	}
	// A step backwards may start before the end and ends before the first item.
	low, high := int64(0), n
	if by < 0 {
		low, high = -1, n-1
	}
	return min(max(i, low), high), err
}

func slicePart(v Value, absent int64) (int64, error) {
	switch v.kind {
	case KindNull, KindMissing:
		return absent, nil
	case KindInt, KindBool:
		i, wide := v.integer()
		if wide != nil {
			return int64(wide.Sign()) * math.MaxInt64, nil
		}
		return i, nil
	}
	return 0, typeErrorf("slice indices must be integers or None or have an __index__ method")
}

// sliceRange is again a range. Its numbers have to fit into 64 bits.
func sliceRange(r *span, from, to, by int64) (Value, error) {
	at := func(i int64) *big.Int {
		p := new(big.Int).Mul(big.NewInt(i), big.NewInt(r.step))
		return p.Add(p, big.NewInt(r.start))
	}
	start, stop := at(from), at(to)
	step := new(big.Int).Mul(big.NewInt(by), big.NewInt(r.step))
	if !start.IsInt64() || !stop.IsInt64() || !step.IsInt64() {
		return Null, limitErrorf("the slice is a range beyond 64 bits")
	}
	return Range(start.Int64(), stop.Int64(), step.Int64()), nil
}

func sliceString(x Value, from, count, by int64) Value {
	s := x.str()
	switch {
	case count == 0:
		return asciiString("")
	case by == 1 && x.ascii:
		return asciiString(s[from : from+count])
	case by == 1:
		s = s[runeOffset(s, int(from)):]
		return String(s[:runeOffset(s, int(count))])
	case x.ascii:
		out := make([]byte, count)
		for i := range out {
			out[i] = s[from+int64(i)*by]
		}
		return asciiString(string(out))
	}
	runes := []rune(s)
	out := make([]rune, count)
	for i := range out {
		out[i] = runes[from+int64(i)*by]
	}
	return String(string(out))
}

// Contains is Python's `x in container`.
func Contains(container, x Value) (bool, error) {
	switch container.kind {
	case KindString:
		if x.kind != KindString {
			return false, typeErrorf("'in <string>' requires string as left operand, not %s", x.kind)
		}
		return strings.Contains(container.str(), x.str()), nil
	case KindList, KindTuple:
		for _, it := range container.sequence().items {
			if Equal(it, x) {
				return true, nil
			}
		}
		return false, nil
	case KindObject:
		if err := checkHashable(x); err != nil {
			return false, err
		}
		_, ok := container.object().GetKey(x)
		return ok, nil
	case KindSet:
		if err := checkHashable(x); err != nil {
			return false, err
		}
		return container.setBody().has(x), nil
	case KindRange:
		return container.span().contains(x), nil
	}
	return false, typeErrorf("argument of type '%s' is not iterable", container.kind)
}

func (r *span) contains(x Value) bool {
	if r.count() == 0 || !x.isNumber() {
		return false
	}
	if !x.isIntegral() {
		i, err := ToInt(x, Missing)
		if err != nil || !Equal(i, x) {
			return false
		}
		x = i
	}
	i, wide := x.integer()
	if wide != nil {
		return false
	}
	if r.step > 0 {
		return i >= r.start && i < r.stop && (uint64(i)-uint64(r.start))%magnitude(r.step) == 0
	}
	return i <= r.start && i > r.stop && (uint64(r.start)-uint64(i))%magnitude(r.step) == 0
}
