package ir

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/x448/float16"
)

// CBOR major types, RFC 8949 section 3.1.
const (
	majorUint   = 0
	majorNegInt = 1
	majorBytes  = 2
	majorText   = 3
	majorArray  = 4
	majorMap    = 5
	majorTag    = 6
	majorOther  = 7

	simpleFalse = 0xf4
	simpleTrue  = 0xf5
	tagEmbedded = 24 // a byte string that holds CBOR
)

func appendHead(dst []byte, major byte, n uint64) []byte {
	major <<= 5
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

func appendInt(dst []byte, i int64) []byte {
	if i < 0 {
		return appendHead(dst, majorNegInt, uint64(-1-i))
	}
	return appendHead(dst, majorUint, uint64(i))
}

func appendText(dst []byte, s string) []byte {
	return append(appendHead(dst, majorText, uint64(len(s))), s...)
}

func appendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, majorBytes, uint64(len(b))), b...)
}

// appendFloat writes the shortest of half, single and double precision that
// keeps the value, as section 4.2.1 demands; every NaN becomes one.
func appendFloat(dst []byte, f float64) []byte {
	if f != f {
		return append(dst, majorOther<<5|25, 0x7e, 0x00)
	}
	single := float32(f)
	if float64(single) != f {
		return binary.BigEndian.AppendUint64(append(dst, majorOther<<5|27), math.Float64bits(f))
	}
	if half := float16.Fromfloat32(single); half.Float32() == single {
		return binary.BigEndian.AppendUint16(append(dst, majorOther<<5|25), half.Bits())
	}
	return binary.BigEndian.AppendUint32(append(dst, majorOther<<5|26), math.Float32bits(single))
}

// reader takes deterministic CBOR apart. The first fault sticks in err, and
// every read after it gives zero, so that callers check once.
type reader struct {
	data []byte
	pos  int
	// left bounds the memory that decoding may still claim, in bytes.
	left int64
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = &DecodeError{Offset: r.pos + headerSize, Msg: what}
	}
}

// claim accounts for n bytes of memory.
func (r *reader) claim(n int64) bool {
	if r.left -= n; r.left < 0 {
		r.fail("describes far more than it holds")
	}
	return r.err == nil
}

// head reads an initial byte and its argument and insists on the shortest form.
func (r *reader) head() (major byte, n uint64) {
	if r.err != nil {
		return 0, 0
	}
	if r.pos >= len(r.data) {
		r.fail("ends too early")
		return 0, 0
	}
	b := r.data[r.pos]
	major, info := b>>5, b&31
	if info < 24 {
		r.pos++
		return major, uint64(info)
	}
	if info > 27 {
		r.fail("has an item of a form that is never written")
		return 0, 0
	}
	size := 1 << (info - 24)
	if len(r.data)-r.pos-1 < size {
		r.fail("ends too early")
		return 0, 0
	}
	for _, c := range r.data[r.pos+1 : r.pos+1+size] {
		n = n<<8 | uint64(c)
	}
	if major != majorOther {
		least := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}[info-24]
		if n < least {
			r.fail("has a number that is not in its shortest form")
			return 0, 0
		}
	}
	r.pos += 1 + size
	return major, n
}

// expect reads the head of an item of one major type.
func (r *reader) expect(major byte, what string) uint64 {
	start := r.pos
	got, n := r.head()
	if r.err == nil && got != major {
		r.pos = start
		r.fail("has something else where " + what + " belongs")
		return 0
	}
	return n
}

// length reads the head of an array, map or string whose n parts take at least
// one byte each.
func (r *reader) length(major byte, what string) int {
	n := r.expect(major, what)
	if r.err == nil && n > uint64(len(r.data)-r.pos) {
		r.fail("ends too early")
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte {
	n := r.length(majorBytes, "a byte string")
	if r.err != nil {
		return nil
	}
	b := r.data[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

func (r *reader) text() string {
	n := r.length(majorText, "text")
	if r.err != nil {
		return ""
	}
	b := r.data[r.pos : r.pos+n]
	if !utf8.Valid(b) {
		r.fail("has text that is not UTF-8")
		return ""
	}
	r.pos += n
	if !r.claim(int64(n)) {
		return ""
	}
	return string(b)
}

func (r *reader) int() int64 {
	start := r.pos
	major, n := r.head()
	switch {
	case r.err != nil:
		return 0
	case n > math.MaxInt64 || major > majorNegInt:
		r.pos = start
		r.fail("has something else where an integer belongs")
		return 0
	case major == majorNegInt:
		return -1 - int64(n)
	}
	return int64(n)
}

func (r *reader) bool() bool {
	if r.err == nil && r.pos < len(r.data) {
		switch r.data[r.pos] {
		case simpleFalse, simpleTrue:
			r.pos++
			return r.data[r.pos-1] == simpleTrue
		}
	}
	r.fail("has something else where true or false belongs")
	return false
}

func (r *reader) float() float64 {
	start := r.pos
	if r.err != nil || r.pos >= len(r.data) {
		r.fail("ends too early")
		return 0
	}
	info := r.data[r.pos] & 31
	n := r.expect(majorOther, "a number")
	var f float64
	switch {
	case r.err != nil:
		return 0
	case info == 25:
		f = float64(float16.Frombits(uint16(n)).Float32())
	case info == 26:
		f = float64(math.Float32frombits(uint32(n)))
	case info == 27:
		f = math.Float64frombits(n)
	default:
		r.pos = start
		r.fail("has something else where a number belongs")
		return 0
	}
	if string(appendFloat(nil, f)) != string(r.data[start:r.pos]) {
		r.fail("has a number that is not in its shortest form")
		return 0
	}
	return f
}
