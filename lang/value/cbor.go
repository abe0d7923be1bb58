package value

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math"
	"math/big"
)

// The binary form of values is CBOR (RFC 8949) with the deterministic encoding of
// its section 4.2, except that objects keep the order of their keys: definite
// lengths, the shortest head, the shortest float that keeps the value. One value
// has one encoding, and DecodeCBOR accepts no other.
//
//	null, false, true     simple 22, 20, 21
//	Missing               undefined, simple 23
//	int                   major 0 and 1; beyond 64 bits tags 2 and 3
//	float                 major 7; NaN is f97e00
//	str                   major 3
//	list                  major 4
//	dict                  major 5, keys of any hashable kind, in order
//	set                   tag 258 with a list, in order of insertion
//	Decimal               tag 4 [exponent, coefficient]; what that cannot say (-0,
//	                      infinity, NaN) tagDecimalText with its text
//	tuple                 tagTuple with a list
//	datetime              tagDatetime [microseconds since 1970 of the wall clock,
//	                      offset in seconds, or null when naive]
//	range                 tagRange [start, stop, step]
//	secret                tagSecret with its name
const (
	tagBigPositive = 2
	tagBigNegative = 3
	tagDecimal     = 4
	tagSet         = 258

	// "hd" and a number, in the range for private use.
	tagTuple       = 0x68640001
	tagDatetime    = 0x68640002
	tagRange       = 0x68640003
	tagSecret      = 0x68640004
	tagDecimalText = 0x68640005
)

const (
	majorUint   = 0 << 5
	majorNegInt = 1 << 5
	majorBytes  = 2 << 5
	majorText   = 3 << 5
	majorArray  = 4 << 5
	majorMap    = 5 << 5
	majorTag    = 6 << 5
	majorSimple = 7 << 5

	simpleFalse     = majorSimple | 20
	simpleTrue      = majorSimple | 21
	simpleNull      = majorSimple | 22
	simpleUndefined = majorSimple | 23
	floatHalf       = majorSimple | 25
	floatSingle     = majorSimple | 26
	floatDouble     = majorSimple | 27
)

// AppendCBOR appends the binary form of v, which is specified above. Values
// beyond MaxDepth or MaxEncoded are a LimitError.
func AppendCBOR(dst []byte, v Value) ([]byte, error) {
	if err := checkEncodable(v); err != nil {
		return nil, err
	}
	w := &cborWriter{dst: dst}
	w.value(v)
	return w.dst, nil
}

// Digest is the SHA-256 of v's binary form: the same on every machine for values
// with the same types, content and order. Equal values of different types (1 and
// 1.0) differ. It takes time in the order of v.Size().
func Digest(v Value) [32]byte {
	w := &cborWriter{sink: sha256.New()}
	w.value(v)
	w.sink.Write(w.dst)
	return [32]byte(w.sink.Sum(nil))
}

type cborWriter struct {
	dst  []byte
	sink hash.Hash // takes dst from time to time, for Digest
}

func (w *cborWriter) head(major byte, n uint64) { w.dst = appendHead(w.dst, major, n) }

func appendHead(dst []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n <= math.MaxUint8:
		return append(dst, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), n)
}

func (w *cborWriter) text(s string) {
	w.head(majorText, uint64(len(s)))
	w.dst = append(w.dst, s...)
}

func (w *cborWriter) int(i int64) {
	if i < 0 {
		w.head(majorNegInt, uint64(^i))
	} else {
		w.head(majorUint, uint64(i))
	}
}

func (w *cborWriter) bigInt(i *big.Int) {
	if i.Sign() >= 0 {
		if i.IsUint64() {
			w.head(majorUint, i.Uint64())
			return
		}
		w.head(majorTag, tagBigPositive)
	} else {
		i = new(big.Int).Not(i) // -1-n
		if i.IsUint64() {
			w.head(majorNegInt, i.Uint64())
			return
		}
		w.head(majorTag, tagBigNegative)
	}
	b := i.Bytes()
	w.head(majorBytes, uint64(len(b)))
	w.dst = append(w.dst, b...)
}

func (w *cborWriter) value(v Value) {
	if w.sink != nil && len(w.dst) > 32<<10 {
		w.sink.Write(w.dst)
		w.dst = w.dst[:0]
	}
	switch v.kind {
	case KindNull:
		w.dst = append(w.dst, simpleNull)
	case KindMissing:
		w.dst = append(w.dst, simpleUndefined)
	case KindBool:
		w.dst = append(w.dst, simpleFalse|byte(v.w))
	case KindInt:
		if v.p == nil {
			w.int(int64(v.w))
		} else {
			w.bigInt(v.bigBody())
		}
	case KindFloat:
		w.dst = appendCBORFloat(w.dst, v.float())
	case KindString:
		w.text(v.str())
	case KindSecret:
		w.head(majorTag, tagSecret)
		w.text(v.str())
	case KindDecimal:
		w.decimal(v.decimal())
	case KindList:
		w.items(v.Items())
	case KindTuple:
		w.head(majorTag, tagTuple)
		w.items(v.Items())
	case KindSet:
		w.head(majorTag, tagSet)
		w.items(v.Items())
	case KindObject:
		o := v.object()
		w.head(majorMap, uint64(len(o.keys)))
		for i, k := range o.keys {
			w.value(k)
			w.value(o.vals[i])
		}
	case KindDatetime:
		w.moment(v.moment())
	case KindRange:
		r := v.span()
		w.head(majorTag, tagRange)
		w.head(majorArray, 3)
		w.int(r.start)
		w.int(r.stop)
		w.int(r.step)
	}
}

func (w *cborWriter) items(items []Value) {
	w.head(majorArray, uint64(len(items)))
	for _, it := range items {
		w.value(it)
	}
}

func (w *cborWriter) decimal(d *decimal) {
	if d.form != finite || d.neg && d.coef.Sign() == 0 {
		// -0 with its exponent, NaN with its payload.
		w.head(majorTag, tagDecimalText)
		w.text(d.String())
		return
	}
	w.head(majorTag, tagDecimal)
	w.head(majorArray, 2)
	w.int(d.exp)
	if d.neg {
		w.bigInt(new(big.Int).Neg(d.coef))
	} else {
		w.bigInt(d.coef)
	}
}

func (w *cborWriter) moment(m *moment) {
	w.head(majorTag, tagDatetime)
	w.head(majorArray, 2)
	if !m.aware {
		w.int(m.t.UnixMicro())
		w.dst = append(w.dst, simpleNull)
		return
	}
	_, offset := m.t.Zone()
	w.int(m.t.UnixMicro() + int64(offset)*1e6)
	w.int(int64(offset))
}

// appendCBORFloat appends the shortest encoding that keeps f.
func appendCBORFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) {
		return append(dst, floatHalf, 0x7e, 0x00)
	}
	single := float32(f)
	if float64(single) != f {
		return binary.BigEndian.AppendUint64(append(dst, floatDouble), math.Float64bits(f))
	}
	if h, ok := toHalf(single); ok {
		return binary.BigEndian.AppendUint16(append(dst, floatHalf), h)
	}
	return binary.BigEndian.AppendUint32(append(dst, floatSingle), math.Float32bits(single))
}

// toHalf is f as a half-precision float, if it is one exactly.
func toHalf(f float32) (uint16, bool) {
	b := math.Float32bits(f)
	sgn := uint16(b >> 16 & 0x8000)
	exp := int(b>>23&0xff) - 127
	frac := b & 0x7fffff
	switch {
	case b&0x7fffffff == 0:
		return sgn, true
	case exp == 128: // infinity; NaN doesn't come here
		return sgn | 0x7c00, true
	case exp > 15 || exp < -24:
		return 0, false
	case exp >= -14:
		return sgn | uint16(exp+15)<<10 | uint16(frac>>13), frac&0x1fff == 0
	}
	// Subnormal: the value is frac' × 2^-24.
	shift := uint(-exp - 1) // 14…23
	m := frac | 0x800000
	return sgn | uint16(m>>shift), m&(1<<shift-1) == 0
}

// fromHalf is the value of a half-precision float.
func fromHalf(h uint16) float64 {
	exp := int(h >> 10 & 0x1f)
	frac := float64(h & 0x3ff)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 31:
		f = math.Inf(1)
		if frac != 0 {
			return math.NaN()
		}
	default:
		f = math.Ldexp(frac+1024, exp-25)
	}
	if h&0x8000 != 0 {
		f = -f
	}
	return f
}
