package value

import (
	"math"
	"math/big"
	"time"
	"unicode/utf8"
	"unsafe"
)

// Kind is the Python type that a Value stands for.
type Kind uint8

// Kinds. Missing is not a value of the language: it is what reading an absent
// name gives, and operations on it are errors.
const (
	KindNull Kind = iota
	KindMissing
	KindBool
	KindInt
	KindFloat
	KindDecimal
	KindString
	KindList
	KindObject
	KindTuple
	KindSet
	KindDatetime
	KindRange
	KindSecret // a handle; its text is not in this process's values
)

var kindNames = [...]string{
	KindNull:     "NoneType",
	KindMissing:  "missing",
	KindBool:     "bool",
	KindInt:      "int",
	KindFloat:    "float",
	KindDecimal:  "decimal.Decimal",
	KindString:   "str",
	KindList:     "list",
	KindObject:   "dict",
	KindTuple:    "tuple",
	KindSet:      "set",
	KindDatetime: "datetime.datetime",
	KindRange:    "range",
	KindSecret:   "secret",
}

// String is the Python name of the type, with its module.
func (k Kind) String() string { return kindNames[k] }

// Value is one value. The zero Value is Null. Values are immutable, safe for
// concurrent use, 24 bytes, and hold null, bool, 64-bit integers, floats and
// strings without an allocation. Compare them with Equal (Python's ==) or
// Identical; Go's == does not compile.
type Value struct {
	// p points at the string's bytes, or at the body of the kinds that need one:
	// *big.Int, *decimal, *sequence, *setBody, *Object, *moment, *span.
	p unsafe.Pointer
	// w is the bool, the small integer, the float's bits or the string's length.
	w uint64
	tag
}

// tag is a struct of its own since the compiler keeps structs in registers only
// if they have at most four fields; without it everything here takes twice as
// long.
type tag struct {
	_    [0]func() // not comparable
	kind Kind
	// ascii is set for strings that are known to be ASCII: their code points are
	// their bytes.
	ascii bool
}

// Null is None; Missing is what reading an absent name gives.
var (
	Null    = Value{}
	Missing = Value{tag: tag{kind: KindMissing}}
	True    = Value{tag: tag{kind: KindBool}, w: 1}
	False   = Value{tag: tag{kind: KindBool}}
)

// Bool is True or False.
func Bool(b bool) Value {
	if b {
		return True
	}
	return False
}

// Int is an integer.
func Int(i int64) Value { return Value{tag: tag{kind: KindInt}, w: uint64(i)} }

// BigInt is an integer of any size; one that fits into 64 bits becomes an Int.
// The value takes ownership of a larger one. Nil is 0.
func BigInt(i *big.Int) Value {
	if i == nil {
		return Int(0)
	}
	if i.IsInt64() {
		return Int(i.Int64())
	}
	return Value{tag: tag{kind: KindInt}, p: unsafe.Pointer(i)}
}

// Float is a float; NaN and infinities are values as in Python.
func Float(f float64) Value { return Value{tag: tag{kind: KindFloat}, w: math.Float64bits(f)} }

// String is a text. Bytes that are not UTF-8 become U+FFFD.
func String(s string) Value {
	if isASCII(s) {
		return asciiString(s)
	}
	if !utf8.ValidString(s) {
		s = toValidUTF8(s)
	}
	return utf8String(s)
}

// asciiString is String for a text that is known to be ASCII.
func asciiString(s string) Value {
	return Value{tag: tag{kind: KindString, ascii: true}, p: unsafe.Pointer(unsafe.StringData(s)), w: uint64(len(s))}
}

// utf8String is String for a text that is known to be valid UTF-8.
func utf8String(s string) Value {
	return Value{tag: tag{kind: KindString}, p: unsafe.Pointer(unsafe.StringData(s)), w: uint64(len(s))}
}

func isASCII(s string) bool {
	for len(s) >= 8 {
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&0x80 != 0 {
			return false
		}
		s = s[8:]
	}
	var or byte
	for i := range len(s) {
		or |= s[i]
	}
	return or < utf8.RuneSelf
}

// toValidUTF8 replaces each byte that is not part of a code point by U+FFFD.
func toValidUTF8(s string) string {
	out := make([]byte, 0, len(s)+8)
	for _, r := range s { // an invalid byte reads as U+FFFD
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// sequence is the body of a list or a tuple.
type sequence struct {
	items []Value
	size  int64
	depth int
}

func newSequence(items []Value) *sequence {
	s := &sequence{items: items}
	s.size, s.depth = measure(items)
	return s
}

// List is a list. It takes ownership of items.
func List(items []Value) Value {
	return Value{tag: tag{kind: KindList}, p: unsafe.Pointer(newSequence(items))}
}

// Tuple is a tuple. It takes ownership of items.
func Tuple(items []Value) Value {
	return Value{tag: tag{kind: KindTuple}, p: unsafe.Pointer(newSequence(items))}
}

// span is the body of a range.
type span struct{ start, stop, step int64 }

// Range is range(start, stop, step). A step of 0, which Python refuses, gives
// an empty range; RangeOf checks it.
func Range(start, stop, step int64) Value {
	if step == 0 {
		start, stop, step = 0, 0, 1
	}
	return Value{tag: tag{kind: KindRange}, p: unsafe.Pointer(&span{start, stop, step})}
}

// Secret is a handle to the secret of that name. The text behind it is never a
// value: the port that needs it resolves the name.
func Secret(name string) Value {
	v := String(name)
	v.kind = KindSecret
	return v
}

// Kind is the type of v.
func (v Value) Kind() Kind { return v.kind }

// TypeName is the name of v's type as Python's type(v).__name__ gives it:
// "NoneType", "bool", "int", "float", "Decimal", "str", "list", "dict",
// "tuple", "set", "datetime", "range"; and "missing", "secret".
func (v Value) TypeName() string {
	switch v.kind {
	case KindDecimal:
		return "Decimal"
	case KindDatetime:
		return "datetime"
	}
	return kindNames[v.kind]
}

// IsNull reports whether v is None.
func (v Value) IsNull() bool { return v.kind == KindNull }

// IsMissing reports whether v is Missing.
func (v Value) IsMissing() bool { return v.kind == KindMissing }

// AsBool is the bool, if v is one.
func (v Value) AsBool() (b, ok bool) { return v.w != 0, v.kind == KindBool }

// AsInt is the integer, if v is an int that fits into 64 bits; a bool is not.
func (v Value) AsInt() (int64, bool) {
	if v.kind != KindInt || v.p != nil {
		return 0, false
	}
	return int64(v.w), true
}

// AsBig is the integer, if v is an int; the caller may change the result.
func (v Value) AsBig() (*big.Int, bool) {
	if v.kind != KindInt {
		return nil, false
	}
	if v.p != nil {
		return new(big.Int).Set(v.bigBody()), true
	}
	return big.NewInt(int64(v.w)), true
}

// AsFloat is the float, if v is one; an int is not.
func (v Value) AsFloat() (float64, bool) {
	if v.kind != KindFloat {
		return 0, false
	}
	return v.float(), true
}

// AsString is the text, if v is a string.
func (v Value) AsString() (string, bool) {
	if v.kind != KindString {
		return "", false
	}
	return v.str(), true
}

// AsSecret is the name of the secret, if v is a handle to one.
func (v Value) AsSecret() (name string, ok bool) {
	if v.kind != KindSecret {
		return "", false
	}
	return v.str(), true
}

// AsRange is the three numbers of a range, if v is one.
func (v Value) AsRange() (start, stop, step int64, ok bool) {
	if v.kind != KindRange {
		return 0, 0, 0, false
	}
	r := v.span()
	return r.start, r.stop, r.step, true
}

// AsTime is the point in time, if v is a datetime. A naive datetime comes as
// that wall clock in UTC; IsAware tells the two apart.
func (v Value) AsTime() (time.Time, bool) {
	if v.kind != KindDatetime {
		return time.Time{}, false
	}
	return v.moment().t, true
}

// Items is the elements of a list, a tuple or a set, and nil for other kinds.
// The slice is shared: don't change it.
func (v Value) Items() []Value {
	switch v.kind {
	case KindList, KindTuple:
		return v.sequence().items
	case KindSet:
		return v.setBody().keys
	}
	return nil
}

// Object is the object, if v is one. It is shared: don't change it.
func (v Value) Object() (*Object, bool) {
	if v.kind != KindObject {
		return nil, false
	}
	return v.object(), true
}

// Len is Python's len(v): code points of a string, items of a container or
// range. It reports false for what has no length.
func (v Value) Len() (int, bool) {
	switch v.kind {
	case KindString:
		return v.strLen(), true
	case KindList, KindTuple:
		return len(v.sequence().items), true
	case KindSet:
		return len(v.setBody().keys), true
	case KindObject:
		return v.object().Len(), true
	case KindRange:
		return int(min(v.span().count(), math.MaxInt)), true
	}
	return 0, false
}

func (v Value) str() string         { return unsafe.String((*byte)(v.p), int(v.w)) }
func (v Value) float() float64      { return math.Float64frombits(v.w) }
func (v Value) bigBody() *big.Int   { return (*big.Int)(v.p) }
func (v Value) sequence() *sequence { return (*sequence)(v.p) }
func (v Value) setBody() *setBody   { return (*setBody)(v.p) }
func (v Value) object() *Object     { return (*Object)(v.p) }
func (v Value) span() *span         { return (*span)(v.p) }
func (v Value) moment() *moment     { return (*moment)(v.p) }
func (v Value) decimal() *decimal   { return (*decimal)(v.p) }
func (v Value) isSmallInt() bool    { return v.kind == KindInt && v.p == nil }
func (v Value) isIntegral() bool    { return v.kind == KindInt || v.kind == KindBool }
func (v Value) isNumber() bool      { return v.kind >= KindBool && v.kind <= KindDecimal }

// integer is v as an integer, for ints and bools: small when big is nil. The
// *big.Int is shared.
func (v Value) integer() (small int64, big *big.Int) {
	if v.kind == KindInt && v.p != nil {
		return 0, v.bigBody()
	}
	return int64(v.w), nil
}

// toBig is v as a *big.Int, for ints and bools; shared, don't change it.
func (v Value) toBig() *big.Int {
	if v.kind == KindInt && v.p != nil {
		return v.bigBody()
	}
	return big.NewInt(int64(v.w))
}

func (v Value) strLen() int {
	if v.ascii {
		return int(v.w)
	}
	return utf8.RuneCountInString(v.str())
}

// count is the number of items, capped at MaxInt64.
func (r *span) count() uint64 {
	switch {
	case r.step > 0 && r.start < r.stop:
		return min((uint64(r.stop)-uint64(r.start)-1)/uint64(r.step)+1, math.MaxInt64)
	case r.step < 0 && r.start > r.stop:
		return min((uint64(r.start)-uint64(r.stop)-1)/(-uint64(r.step))+1, math.MaxInt64)
	}
	return 0
}

// at is item i, 0 ≤ i < count.
func (r *span) at(i uint64) int64 { return int64(uint64(r.start) + i*uint64(r.step)) }
