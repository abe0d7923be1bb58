package value

import (
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// Add is Python's a + b: numbers, and strings, lists and tuples with their kind.
func Add(a, b Value) (Value, error) {
	if a.isSmallInt() && b.isSmallInt() {
		x, y := int64(a.w), int64(b.w)
		if s := x + y; (s > x) == (y > 0) {
			return Int(s), nil
		}
		return BigInt(new(big.Int).Add(big.NewInt(x), big.NewInt(y))), nil
	}
	if x, y, ok := quickFloats(a, b); ok {
		return Float(x + y), nil
	}
	if a.isNumber() && b.isNumber() {
		return arithmetic('+', a, b)
	}
	switch a.kind {
	case KindString:
		if b.kind != KindString {
			return Null, typeErrorf("can only concatenate str (not \"%s\") to str", b.kind)
		}
		return concat(a, b)
	case KindList, KindTuple:
		if b.kind != a.kind {
			return Null, typeErrorf("can only concatenate %s (not \"%s\") to %s", a.kind, b.kind, a.kind)
		}
		return concatItems(a, b)
	}
	return Null, unsupported("+", a, b)
}

func concat(a, b Value) (Value, error) {
	if a.w+b.w > MaxStringBytes {
		return Null, errStringTooLong(a.w + b.w)
	}
	s := a.str() + b.str()
	if a.ascii && b.ascii {
		return asciiString(s), nil
	}
	return utf8String(s), nil
}

func concatItems(a, b Value) (Value, error) {
	x, y := a.sequence().items, b.sequence().items
	if len(x)+len(y) > MaxItems {
		return Null, errTooManyItems(uint64(len(x) + len(y)))
	}
	items := make([]Value, 0, len(x)+len(y))
	items = append(append(items, x...), y...)
	return Value{tag: tag{kind: a.kind}, p: List(items).p}, nil
}

func errStringTooLong(n uint64) error {
	return limitErrorf("the string would have %d bytes; the limit is %d", n, MaxStringBytes)
}

func errTooManyItems(n uint64) error {
	return limitErrorf("there would be %d items; the limit is %d", n, MaxItems)
}

func unsupported(op string, a, b Value) error {
	return typeErrorf("unsupported operand type(s) for %s: '%s' and '%s'", op, a.kind, b.kind)
}

// Sub is Python's a - b: numbers, and the difference of sets.
func Sub(a, b Value) (Value, error) {
	if a.isSmallInt() && b.isSmallInt() {
		x, y := int64(a.w), int64(b.w)
		if d := x - y; (d < x) == (y > 0) {
			return Int(d), nil
		}
		return BigInt(new(big.Int).Sub(big.NewInt(x), big.NewInt(y))), nil
	}
	if x, y, ok := quickFloats(a, b); ok {
		return Float(x - y), nil
	}
	if a.isNumber() && b.isNumber() {
		return arithmetic('-', a, b)
	}
	if a.kind == KindSet && b.kind == KindSet {
		out := newSet(0)
		for _, k := range a.setBody().keys {
			if !b.setBody().has(k) {
				out.add(k)
			}
		}
		return out.value(), nil
	}
	if a.kind == KindDatetime && b.kind == KindDatetime {
		return Null, typeErrorf("unsupported operand type(s) for -: 'datetime.datetime' and 'datetime.datetime'; subtract their timestamp()")
	}
	return Null, unsupported("-", a, b)
}

// Mul is Python's a * b: numbers, and the repetition of a string, list or tuple.
func Mul(a, b Value) (Value, error) {
	if a.isSmallInt() && b.isSmallInt() {
		x, y := int64(a.w), int64(b.w)
		hi, lo := bits.Mul64(magnitude(x), magnitude(y))
		if hi == 0 && lo < 1<<63 {
			return Int(x * y), nil
		}
		return BigInt(new(big.Int).Mul(big.NewInt(x), big.NewInt(y))), nil
	}
	if x, y, ok := quickFloats(a, b); ok {
		return Float(x * y), nil
	}
	if a.isNumber() && b.isNumber() {
		return arithmetic('*', a, b)
	}
	if isRepeatable(b) && !isRepeatable(a) {
		a, b = b, a
	}
	if !isRepeatable(a) {
		return Null, unsupported("*", a, b)
	}
	if !b.isIntegral() {
		return Null, typeErrorf("can't multiply sequence by non-int of type '%s'", b.kind)
	}
	return repeat(a, b)
}

func magnitude(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

func isRepeatable(v Value) bool {
	return v.kind == KindString || v.kind == KindList || v.kind == KindTuple
}

func repeat(a, times Value) (Value, error) {
	n, wide := times.integer()
	if wide != nil {
		return Null, errorf(OverflowError, "cannot fit 'int' into an index-sized integer")
	}
	n = max(n, 0)
	if a.kind == KindString {
		if a.w == 0 || n == 1 {
			return a, nil
		}
		if uint64(n) > MaxStringBytes/a.w {
			return Null, limitErrorf("the string of %d bytes would be repeated %s times; the limit is %d bytes", a.w, Repr(times), MaxStringBytes)
		}
		out := utf8String(strings.Repeat(a.str(), int(n)))
		out.ascii = a.ascii
		return out, nil
	}
	items := a.sequence().items
	if len(items) == 0 {
		return a, nil
	}
	if n > int64(MaxItems/len(items)) {
		return Null, limitErrorf("the %d items would be repeated %s times; the limit is %d items", len(items), Repr(times), MaxItems)
	}
	out := make([]Value, 0, len(items)*int(n))
	for range n {
		out = append(out, items...)
	}
	return Value{tag: tag{kind: a.kind}, p: List(out).p}, nil
}

// Div is Python's a / b. Of ints it is the float nearest to the true quotient,
// however large they are.
func Div(a, b Value) (Value, error) {
	if x, y, ok := quickFloats(a, b); ok && y != 0 {
		return Float(x / y), nil
	}
	if a.isNumber() && b.isNumber() {
		return arithmetic('/', a, b)
	}
	return Null, unsupported("/", a, b)
}

// FloorDiv is Python's a // b: rounded down for ints and floats, towards zero
// for Decimals.
func FloorDiv(a, b Value) (Value, error) {
	if a.isNumber() && b.isNumber() {
		return arithmetic('f', a, b)
	}
	return Null, unsupported("//", a, b)
}

// Mod is Python's a % b: with the sign of b for ints and floats, of a for
// Decimals. Formatting a string with % is not in the language: a TypeError.
func Mod(a, b Value) (Value, error) {
	if a.isNumber() && b.isNumber() {
		return arithmetic('%', a, b)
	}
	if a.kind == KindString {
		return Null, typeErrorf("unsupported operand type(s) for %%: 'str' and '%s'; format text with format() or a template", b.kind)
	}
	return Null, unsupported("%", a, b)
}

// Pow is Python's a ** b. Where Python's result is complex, a negative number
// to a power that is not whole, it is a ValueError.
func Pow(a, b Value) (Value, error) {
	if a.isNumber() && b.isNumber() {
		return arithmetic('p', a, b)
	}
	return Null, unsupported("** or pow()", a, b)
}

var opNames = map[byte]string{'f': "//", 'p': "** or pow()"}

// arithmetic chooses the operation by the types: Decimal with Decimal or int,
// float with float or int, int with int. Decimal with float is a TypeError.
func arithmetic(op byte, a, b Value) (Value, error) {
	switch {
	case a.kind == KindDecimal || b.kind == KindDecimal:
		if a.kind == KindFloat || b.kind == KindFloat {
			name := string(op)
			if n := opNames[op]; n != "" {
				name = n
			}
			return Null, unsupported(name, a, b)
		}
		return decimalArithmetic(op, a, b)
	case a.kind == KindFloat || b.kind == KindFloat:
		x, err := toFloat(a)
		if err != nil {
			return Null, err
		}
		y, err := toFloat(b)
		if err != nil {
			return Null, err
		}
		return floatArithmetic(op, x, y)
	}
	switch op {
	case '+':
		return sizedInt(new(big.Int).Add(a.toBig(), b.toBig()))
	case '-':
		return sizedInt(new(big.Int).Sub(a.toBig(), b.toBig()))
	case '*':
		return mulInts(a, b)
	case '/':
		return divInts(a, b)
	case 'f':
		q, _, err := divModInts(a, b, "integer division or modulo by zero")
		return q, err
	case '%':
		_, m, err := divModInts(a, b, "integer modulo by zero")
		return m, err
	}
	return powInts(a, b)
}

func decimalArithmetic(op byte, a, b Value) (Value, error) {
	for _, v := range [2]Value{a, b} {
		if v.kind != KindDecimal && v.p != nil && v.bigBody().BitLen() > MaxDecimalDigits*3 {
			return Null, limitErrorf("an int of %d bits in Decimal arithmetic; the limit is %d digits", v.bigBody().BitLen(), MaxDecimalDigits)
		}
	}
	x, y := decimalOf(a), decimalOf(b)
	var d *decimal
	var err error
	switch op {
	case '+':
		d, err = addDecimals(x, y)
	case '-':
		if y.isNaN() { // keeps its sign
			d, err = addDecimals(x, y)
		} else {
			d, err = addDecimals(x, y.negated())
		}
	case '*':
		d, err = mulDecimals(x, y)
	case '/':
		d, err = divDecimals(x, y)
	case 'f':
		d, _, err = divModDecimals(x, y, "//")
	case '%':
		_, d, err = divModDecimals(x, y, "%")
	default:
		d, err = powDecimals(x, y)
	}
	if err != nil {
		return Null, err
	}
	return decimalValue(d), nil
}

// Neg is Python's -v.
func Neg(v Value) (Value, error) {
	switch v.kind {
	case KindBool:
		return Int(-int64(v.w)), nil
	case KindInt:
		if v.p == nil && int64(v.w) != math.MinInt64 {
			return Int(-int64(v.w)), nil
		}
		return BigInt(new(big.Int).Neg(v.toBig())), nil
	case KindFloat:
		return Float(-v.float()), nil
	case KindDecimal:
		return contextUnary(v.decimal(), !v.decimal().neg)
	}
	return Null, typeErrorf("bad operand type for unary -: '%s'", v.kind)
}

// Pos is Python's +v. A Decimal is rounded to the context's 28 digits.
func Pos(v Value) (Value, error) {
	switch v.kind {
	case KindBool, KindInt:
		return intOf(v), nil
	case KindFloat:
		return v, nil
	case KindDecimal:
		return contextUnary(v.decimal(), v.decimal().neg)
	}
	return Null, typeErrorf("bad operand type for unary +: '%s'", v.kind)
}

// Abs is Python's abs(v).
func Abs(v Value) (Value, error) {
	switch v.kind {
	case KindBool, KindInt:
		if n, wide := v.integer(); wide == nil && n >= 0 {
			return Int(n), nil
		}
		return BigInt(new(big.Int).Abs(v.toBig())), nil
	case KindFloat:
		return Float(math.Abs(v.float())), nil
	case KindDecimal:
		return contextUnary(v.decimal(), false)
	}
	return Null, typeErrorf("bad operand type for abs(): '%s'", v.kind)
}

// contextUnary is ±|d| rounded to the context. NaN keeps its sign.
func contextUnary(d *decimal, neg bool) (Value, error) {
	if !d.isNaN() {
		d = &decimal{form: d.form, neg: neg, exp: d.exp, coef: d.coef}
	}
	d, err := d.round()
	if err != nil {
		return Null, err
	}
	return decimalValue(d), nil
}

// intOf is int(v) for an int or a bool.
func intOf(v Value) Value {
	if v.kind == KindBool {
		return Int(int64(v.w))
	}
	return v
}
