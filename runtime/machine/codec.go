package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Records and snapshots are deterministic CBOR (RFC 8949 section 4.2): a record
// is an array of fixed length, optional parts are null, and values stand as
// byte strings in the encoding of the value package. The writer below makes only
// what the reader accepts: unsigned and negative integers in the shortest form,
// byte and text strings, arrays, false, true and null.

// writer appends CBOR.
type writer struct {
	b   []byte
	err error
}

func (w *writer) head(major byte, n uint64) {
	major <<= 5
	switch {
	case n < 24:
		w.b = append(w.b, major|byte(n))
	case n <= math.MaxUint8:
		w.b = append(w.b, major|24, byte(n))
	case n <= math.MaxUint16:
		w.b = binary.BigEndian.AppendUint16(append(w.b, major|25), uint16(n))
	case n <= math.MaxUint32:
		w.b = binary.BigEndian.AppendUint32(append(w.b, major|26), uint32(n))
	default:
		w.b = binary.BigEndian.AppendUint64(append(w.b, major|27), n)
	}
}

func (w *writer) array(n int)   { w.head(4, uint64(n)) }
func (w *writer) uint(n uint64) { w.head(0, n) }
func (w *writer) null()         { w.b = append(w.b, 0xf6) }

func (w *writer) int(n int64) {
	if n < 0 {
		w.head(1, uint64(-(n + 1)))
		return
	}
	w.head(0, uint64(n))
}

func (w *writer) bool(b bool) {
	if b {
		w.b = append(w.b, 0xf5)
		return
	}
	w.b = append(w.b, 0xf4)
}

func (w *writer) text(s string) {
	w.head(3, uint64(len(s)))
	w.b = append(w.b, s...)
}

// value writes a value; Missing is null.
func (w *writer) value(v value.Value) {
	if v.IsMissing() {
		w.null()
		return
	}
	enc, err := value.AppendCBOR(nil, v)
	if err != nil {
		if w.err == nil {
			w.err = err
		}
		w.null()
		return
	}
	w.head(2, uint64(len(enc)))
	w.b = append(w.b, enc...)
}

func (w *writer) values(list []value.Value) {
	w.array(len(list))
	for _, v := range list {
		w.value(v)
	}
}

// errDamaged is what every fault of a record or snapshot wraps.
var errDamaged = errors.New("stored state is damaged")

// reader reads what writer wrote. After the first fault all reads give zero.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s at byte %d", errDamaged, what, r.at)
	}
}

func (r *reader) head(want byte) uint64 {
	if r.err != nil {
		return 0
	}
	if r.at >= len(r.b) {
		r.fail("it ends early")
		return 0
	}
	c := r.b[r.at]
	if c>>5 != want {
		r.fail("unexpected type")
		return 0
	}
	info := c & 31
	if info < 24 {
		r.at++
		return uint64(info)
	}
	if info > 27 {
		r.fail("unexpected length")
		return 0
	}
	size := 1 << (info - 24)
	if r.at+1+size > len(r.b) {
		r.fail("it ends early")
		return 0
	}
	var n uint64
	for _, x := range r.b[r.at+1 : r.at+1+size] {
		n = n<<8 | uint64(x)
	}
	shortest := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}
	if n < shortest[info-24] {
		r.fail("a number is not in its shortest form")
		return 0
	}
	r.at += 1 + size
	return n
}

func (r *reader) uint() uint64 { return r.head(0) }

func (r *reader) int() int64 {
	if r.err == nil && r.at < len(r.b) && r.b[r.at]>>5 == 1 {
		n := r.head(1)
		if n > math.MaxInt64 {
			r.fail("a number is too small")
			return 0
		}
		return -int64(n) - 1
	}
	n := r.head(0)
	if n > math.MaxInt64 {
		r.fail("a number is too large")
		return 0
	}
	return int64(n)
}

// small is an integer between 0 and max.
func (r *reader) small(max uint64) uint64 {
	n := r.head(0)
	if n > max {
		r.fail("a number is out of range")
		return 0
	}
	return n
}

func (r *reader) uint8() uint8   { return uint8(r.small(math.MaxUint8)) }
func (r *reader) uint16() uint16 { return uint16(r.small(math.MaxUint16)) }
func (r *reader) uint32() uint32 { return uint32(r.small(math.MaxUint32)) }

// int32 is an integer that is -1 or not negative.
func (r *reader) int32() int32 {
	n := r.int()
	if n < -1 || n > math.MaxInt32 {
		r.fail("a number is out of range")
		return 0
	}
	return int32(n)
}

// array is the length of an array, each of whose items takes at least a byte.
func (r *reader) array() int {
	n := r.head(4)
	if n > uint64(len(r.b)-r.at) {
		r.fail("an array is longer than the data")
		return 0
	}
	return int(n)
}

// fields reads the head of an array of exactly n items.
func (r *reader) fields(n int) bool {
	if r.array() != n {
		r.fail("an array has the wrong length")
	}
	return r.err == nil
}

func (r *reader) bool() bool {
	if r.err != nil {
		return false
	}
	if r.at < len(r.b) && (r.b[r.at] == 0xf4 || r.b[r.at] == 0xf5) {
		r.at++
		return r.b[r.at-1] == 0xf5
	}
	r.fail("unexpected type")
	return false
}

// null takes a null if one is next.
func (r *reader) null() bool {
	if r.err == nil && r.at < len(r.b) && r.b[r.at] == 0xf6 {
		r.at++
		return true
	}
	return false
}

func (r *reader) bytes(major byte) []byte {
	n := r.head(major)
	if n > uint64(len(r.b)-r.at) {
		r.fail("a string is longer than the data")
		return nil
	}
	r.at += int(n)
	return r.b[r.at-int(n) : r.at]
}

func (r *reader) text() string { return string(r.bytes(3)) }

func (r *reader) value() value.Value {
	if r.null() {
		return value.Missing
	}
	enc := r.bytes(2)
	if r.err != nil {
		return value.Missing
	}
	v, err := value.DecodeCBOR(enc)
	if err != nil {
		r.fail("a value cannot be read (" + err.Error() + ")")
		return value.Missing
	}
	return v
}

func (r *reader) values() []value.Value {
	n := r.array()
	if n == 0 {
		return nil
	}
	list := make([]value.Value, 0, min(n, 1<<16))
	for range n {
		list = append(list, r.value())
		if r.err != nil {
			return nil
		}
	}
	return list
}

// end fails unless everything was read.
func (r *reader) end() error {
	if r.err == nil && r.at != len(r.b) {
		r.fail("there is more than expected")
	}
	return r.err
}

func (w *writer) failure(f *Failure) { w.failureAt(f, 0) }

// maxCauses bounds how long a chain of causes is stored.
const maxCauses = 32

func (w *writer) failureAt(f *Failure, depth int) {
	if f == nil || depth > maxCauses {
		w.null()
		return
	}
	w.array(15)
	w.text(string(f.Code))
	w.text(f.Class)
	w.text(f.Message)
	w.text(f.Help)
	w.bool(f.Retryable)
	w.bool(f.Definite)
	w.int(f.RetryAfter)
	w.text(f.Node)
	w.text(f.Name)
	w.text(f.Kind)
	w.int(int64(f.Attempt))
	w.place(&f.Place, 0)
	w.uint(f.Seq)
	w.value(f.Input)
	w.failureAt(f.Cause, depth+1)
}

func (r *reader) failure() *Failure { return r.failureAt(0) }

func (r *reader) failureAt(depth int) *Failure {
	if r.null() {
		return nil
	}
	if depth > maxCauses {
		r.fail("a chain of causes is too long")
		return nil
	}
	if !r.fields(15) {
		return nil
	}
	return &Failure{
		Code: diag.Code(r.text()), Class: r.text(), Message: r.text(), Help: r.text(),
		Retryable: r.bool(), Definite: r.bool(), RetryAfter: r.int(),
		Node: r.text(), Name: r.text(), Kind: r.text(), Attempt: int(r.int()),
		Place: r.place(0), Seq: r.uint(), Input: r.value(), Cause: r.failureAt(depth + 1),
	}
}

// maxVia bounds the chain of include sites of a place.
const maxVia = 64

func (w *writer) place(p *ir.Place, depth int) {
	w.array(8)
	for _, n := range [...]int{p.File, p.Line, p.Column, p.Offset, p.EndLine, p.EndCol, p.EndOff} {
		w.int(int64(n))
	}
	if depth >= maxVia {
		w.array(0)
		return
	}
	w.array(len(p.Via))
	for i := range p.Via {
		w.place(&p.Via[i], depth+1)
	}
}

func (r *reader) place(depth int) ir.Place {
	if depth > maxVia {
		r.fail("a place is nested too deeply")
		return ir.Place{}
	}
	if !r.fields(8) {
		return ir.Place{}
	}
	p := ir.Place{
		File: int(r.int()), Line: int(r.int()), Column: int(r.int()), Offset: int(r.int()),
		EndLine: int(r.int()), EndCol: int(r.int()), EndOff: int(r.int()),
	}
	for range r.array() {
		if r.err != nil {
			break
		}
		p.Via = append(p.Via, r.place(depth+1))
	}
	return p
}

func (w *writer) usage(u *Usage) {
	w.array(8)
	w.bool(u.Known)
	w.bool(u.Unsent)
	for _, n := range [...]int64{u.LLMCalls, u.ToolCalls, u.InputTokens, u.OutputTokens, u.CostMicro, u.Unknown} {
		w.int(n)
	}
}

func (r *reader) usage() Usage {
	if !r.fields(8) {
		return Usage{}
	}
	return Usage{
		Known: r.bool(), Unsent: r.bool(), LLMCalls: r.int(), ToolCalls: r.int(),
		InputTokens: r.int(), OutputTokens: r.int(), CostMicro: r.int(), Unknown: r.int(),
	}
}

func (w *writer) signal(s *Signal) {
	w.array(4)
	w.text(s.ID)
	w.text(s.Key)
	w.value(s.Payload)
	w.text(s.Principal)
}

func (r *reader) signal() *Signal {
	if !r.fields(4) {
		return nil
	}
	return &Signal{ID: r.text(), Key: r.text(), Payload: r.value(), Principal: r.text()}
}
