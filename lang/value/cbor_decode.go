package value

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"time"
	"unicode/utf8"
)

// DecodeCBOR reads what AppendCBOR wrote, and nothing else: a truncated or
// changed input is an *Error with the offset, or another value's encoding. The
// memory it takes is bounded by a small multiple of the input. It keeps no
// reference to data.
func DecodeCBOR(data []byte) (Value, error) {
	v, rest, err := DecodeCBORPrefix(data)
	if err == nil && len(rest) > 0 {
		n := len(data) - len(rest)
		return Null, &Error{Kind: ValueError, Msg: fmt.Sprintf("invalid binary value: %d more bytes after its end at byte %d", len(rest), n), Offset: n}
	}
	return v, err
}

// DecodeCBORPrefix is DecodeCBOR for a value that is followed by something else.
func DecodeCBORPrefix(data []byte) (v Value, rest []byte, err error) {
	r := &cborReader{data: data}
	v, err = r.value(0)
	if err != nil {
		return Null, nil, err
	}
	return v, data[r.pos:], nil
}

type cborReader struct {
	data []byte
	pos  int
	keys keyTable
}

func (r *cborReader) fail(at int, format string, args ...any) error {
	return &Error{Kind: ValueError, Msg: fmt.Sprintf("invalid binary value: "+format, args...) + fmt.Sprintf(" at byte %d", at), Offset: at}
}

// take is the next n bytes.
func (r *cborReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.data)-r.pos) {
		return nil, r.fail(r.pos, "it ends too early")
	}
	b := r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b, nil
}

// head reads a head in its shortest form. For floats n is the bits.
func (r *cborReader) head() (major, info byte, n uint64, err error) {
	at := r.pos
	b, err := r.take(1)
	if err != nil {
		return 0, 0, 0, err
	}
	major, info = b[0]&0xe0, b[0]&0x1f
	if info < 24 {
		return major, info, uint64(info), nil
	}
	if info > 27 {
		return 0, 0, 0, r.fail(at, "head 0x%02x", b[0])
	}
	if b, err = r.take(1 << (info - 24)); err != nil {
		return 0, 0, 0, err
	}
	var least uint64
	switch info {
	case 24:
		n, least = uint64(b[0]), 24
	case 25:
		n, least = uint64(binary.BigEndian.Uint16(b)), math.MaxUint8+1
	case 26:
		n, least = uint64(binary.BigEndian.Uint32(b)), math.MaxUint16+1
	case 27:
		n, least = binary.BigEndian.Uint64(b), math.MaxUint32+1
	}
	if n < least && major != majorSimple {
		return 0, 0, 0, r.fail(at, "a number is not in its shortest form")
	}
	return major, info, n, nil
}

func (r *cborReader) value(depth int) (Value, error) {
	at := r.pos
	major, info, n, err := r.head()
	if err != nil {
		return Null, err
	}
	switch major {
	case majorUint:
		if n <= math.MaxInt64 {
			return Int(int64(n)), nil
		}
		return BigInt(new(big.Int).SetUint64(n)), nil
	case majorNegInt:
		if n <= math.MaxInt64 {
			return Int(^int64(n)), nil
		}
		i := new(big.Int).SetUint64(n)
		return BigInt(i.Not(i)), nil
	case majorText:
		s, err := r.text(at, n)
		return utf8OrASCII(s), err
	case majorArray:
		items, err := r.items(at, n, depth+1)
		return List(items), err
	case majorMap:
		return r.object(at, n, depth+1)
	case majorTag:
		return r.tagged(at, n, depth)
	case majorSimple:
		return r.simple(at, info, n)
	}
	return Null, r.fail(at, "byte strings are no values")
}

func (r *cborReader) simple(at int, info byte, n uint64) (Value, error) {
	var f float64
	switch info {
	case 20, 21:
		return Bool(info == 21), nil
	case 22:
		return Null, nil
	case 23:
		return Missing, nil
	case 25:
		f = fromHalf(uint16(n))
	case 26:
		f = float64(math.Float32frombits(uint32(n)))
	case 27:
		f = math.Float64frombits(n)
	default:
		return Null, r.fail(at, "simple value %d", n)
	}
	if !bytes.Equal(appendCBORFloat(nil, f), r.data[at:r.pos]) {
		return Null, r.fail(at, "a float is not in its shortest form")
	}
	return Float(f), nil
}

func (r *cborReader) text(at int, n uint64) (string, error) {
	b, err := r.bytes(at, n)
	return string(b), err
}

// bytes is the n bytes of a text.
func (r *cborReader) bytes(at int, n uint64) ([]byte, error) {
	b, err := r.take(n)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(b) {
		return nil, r.fail(at, "a string is not UTF-8")
	}
	return b, nil
}

func (r *cborReader) items(at int, n uint64, depth int) ([]Value, error) {
	if err := r.container(at, n, depth); err != nil {
		return nil, err
	}
	items := make([]Value, 0, min(n, 1024)) // grows as elements really come
	for range n {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return items, nil
}

// container refuses lengths that the rest of the input cannot hold.
func (r *cborReader) container(at int, n uint64, depth int) error {
	switch {
	case depth > MaxDepth:
		return r.fail(at, "nested deeper than %d", MaxDepth)
	case n > MaxItems:
		return r.fail(at, "%d items; the limit is %d", n, MaxItems)
	case n > uint64(len(r.data)-r.pos):
		return r.fail(at, "it ends too early")
	}
	return nil
}

func (r *cborReader) object(at int, n uint64, depth int) (Value, error) {
	if err := r.container(at, n, depth); err != nil {
		return Null, err
	}
	o := NewObject(int(min(n, 1024)))
	for range n {
		keyAt := r.pos
		k, err := r.key(depth)
		if err != nil {
			return Null, err
		}
		v, err := r.value(depth)
		if err != nil {
			return Null, err
		}
		size := o.Len()
		if err := o.SetKey(k, v); err != nil {
			return Null, r.fail(keyAt, "a key of type %s", k.kind)
		}
		if o.Len() == size {
			return Null, r.fail(keyAt, "a key appears twice")
		}
	}
	return o.Value(), nil
}

// key is value for a key: the same text is one string all over the input.
func (r *cborReader) key(depth int) (Value, error) {
	at := r.pos
	if at >= len(r.data) || r.data[at]&0xe0 != majorText {
		return r.value(depth)
	}
	_, _, n, err := r.head()
	if err != nil {
		return Null, err
	}
	b, err := r.bytes(at, n)
	if err != nil {
		return Null, err
	}
	return utf8OrASCII(r.keys.intern(b)), nil
}

func (r *cborReader) tagged(at int, tag uint64, depth int) (Value, error) {
	switch tag {
	case tagBigPositive, tagBigNegative:
		i, err := r.bigInt(at, tag == tagBigNegative)
		if err != nil {
			return Null, err
		}
		return BigInt(i), nil
	case tagTuple, tagSet:
		major, _, n, err := r.head()
		if err != nil {
			return Null, err
		}
		if major != majorArray {
			return Null, r.fail(at, "a tuple or set without a list")
		}
		items, err := r.items(at, n, depth+1)
		if err != nil {
			return Null, err
		}
		if tag == tagTuple {
			return Tuple(items), nil
		}
		v, err := Set(items)
		if err != nil || len(v.Items()) != len(items) {
			return Null, r.fail(at, "a set with an element that is unhashable or appears twice")
		}
		return v, nil
	case tagSecret, tagDecimalText:
		major, _, n, err := r.head()
		if err != nil {
			return Null, err
		}
		if major != majorText {
			return Null, r.fail(at, "tag %d without a text", tag)
		}
		s, err := r.text(at, n)
		if err != nil {
			return Null, err
		}
		if tag == tagSecret {
			return Secret(s), nil
		}
		d, err := parseDecimal(s)
		if err != nil || d.String() != s || d.form == finite && (!d.neg || !d.isZero()) {
			return Null, r.fail(at, "a Decimal as the text %s", quoteForError(s))
		}
		return decimalValue(d), nil
	case tagDecimal:
		return r.decimal(at, depth)
	case tagRange:
		parts, err := r.fixed(at, 3, depth)
		if err != nil {
			return Null, err
		}
		start, ok1 := parts[0].AsInt()
		stop, ok2 := parts[1].AsInt()
		step, ok3 := parts[2].AsInt()
		if !ok1 || !ok2 || !ok3 || step == 0 {
			return Null, r.fail(at, "a range that is not three numbers")
		}
		return Range(start, stop, step), nil
	case tagDatetime:
		return r.moment(at, depth)
	}
	return Null, r.fail(at, "tag %d", tag)
}

func (r *cborReader) bigInt(at int, negative bool) (*big.Int, error) {
	major, _, n, err := r.head()
	if err != nil {
		return nil, err
	}
	if major != majorBytes || n > MaxIntBits/8+1 {
		return nil, r.fail(at, "an integer without bytes or with too many")
	}
	b, err := r.take(n)
	if err != nil {
		return nil, err
	}
	i := new(big.Int).SetBytes(b)
	if len(b) == 0 || b[0] == 0 || i.IsUint64() || i.BitLen() > MaxIntBits {
		return nil, r.fail(at, "an integer is not in its shortest form, or too large")
	}
	if negative {
		i.Not(i)
	}
	return i, nil
}

// fixed reads a list of n values.
func (r *cborReader) fixed(at int, n uint64, depth int) ([]Value, error) {
	major, _, have, err := r.head()
	if err != nil {
		return nil, err
	}
	if major != majorArray || have != n {
		return nil, r.fail(at, "expected a list of %d", n)
	}
	return r.items(at, n, depth+1)
}

func (r *cborReader) decimal(at int, depth int) (Value, error) {
	parts, err := r.fixed(at, 2, depth)
	if err != nil {
		return Null, err
	}
	exp, ok := parts[0].AsInt()
	if !ok || parts[1].kind != KindInt {
		return Null, r.fail(at, "a Decimal that is not two numbers")
	}
	coef := parts[1].toBig()
	d := &decimal{neg: coef.Sign() < 0, exp: exp, coef: new(big.Int).Abs(coef)}
	if d.coef.BitLen() > 14290 || digitCount(d.coef) > MaxDecimalDigits || exp < literalEtiny || exp > literalEmax || d.adjusted() > literalEmax && !d.isZero() {
		return Null, r.fail(at, "a Decimal out of range")
	}
	return decimalValue(d), nil
}

func (r *cborReader) moment(at int, depth int) (Value, error) {
	parts, err := r.fixed(at, 2, depth)
	if err != nil {
		return Null, err
	}
	micros, ok := parts[0].AsInt()
	// 0001-01-01 to 9999-12-31
	if !ok || micros < -62135596800_000000 || micros >= 253402300800_000000 {
		return Null, r.fail(at, "a datetime out of range")
	}
	if parts[1].IsNull() {
		return momentValue(&moment{t: time.UnixMicro(micros).UTC()}), nil
	}
	offset, ok := parts[1].AsInt()
	if !ok || offset <= -86400 || offset >= 86400 {
		return Null, r.fail(at, "a datetime with an offset out of range")
	}
	return AwareDatetime(time.UnixMicro(micros - offset*1e6).In(time.FixedZone("", int(offset)))), nil
}
