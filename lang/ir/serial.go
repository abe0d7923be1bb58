package ir

// The serialised form of a Program (.hexir)
//
//	offset  size  content
//	0       8     magic: 48 45 58 49 52 0D 0A 1A ("HEXIR", CR, LF, SUB: a transfer
//	              that changes line ends or stops at SUB damages it visibly)
//	8       4     version of the form, big endian; a reader refuses another one
//	12      32    SHA-256 of bytes 8 to 11 followed by everything after byte 43
//	44      …     one CBOR item, a map: the Program
//
// The item is deterministic CBOR as RFC 8949 section 4.2.1 defines it: shortest
// numbers and lengths, definite lengths only, map keys in the order of their
// encoded bytes and none twice. On top of that:
//
//   - A struct is a map from the snake case of its fields' names to their
//     values. A field that has its zero value (0, "", false, a nil slice or
//     pointer, null) is not written, and a reader refuses one that is: so each
//     Program has exactly one encoding. An empty slice that is not nil is an
//     empty array: nil and empty mean different things in some fields.
//   - A slice is an array, a []byte a byte string, a string a text, an
//     enumeration its number, an integer an integer, a float a float.
//   - A value.Value is a byte string under tag 24 (embedded CBOR) that holds what
//     value.AppendCBOR writes.
//   - Parsed expressions and types are byte strings: what expr.Encode and
//     expr.EncodeType write.
//
// Unknown keys are an error: a field that this version does not know could
// change what the program means. Any change of the types in program.go, specs.go
// and effective.go therefore raises Version.

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

const (
	magic      = "HEXIR\r\n\x1a"
	headerSize = len(magic) + 4 + sha256.Size

	// MaxEncoded is the size in bytes up to which Decode looks at a program.
	MaxEncoded = 512 << 20

	// maxDepth bounds the nesting of items: bodies in composites in bodies and
	// structures in mappings.
	maxDepth = 8000

	// memoryFactor bounds what decoding may allocate, in bytes for each byte of
	// the input. The most wasteful honest program, nodes with next to no text,
	// needs about a fifth of it.
	memoryFactor = 64
)

// Encode is the serialised form of p. The same Program gives the same bytes on
// every machine. It panics if p holds a value that has no encoding, which Verify
// reports as an error; text that is not UTF-8 is made so.
func Encode(p *Program) []byte {
	e := encoder{}
	out := make([]byte, headerSize, 4096)
	copy(out, magic)
	binary.BigEndian.PutUint32(out[len(magic):], Version)
	out = e.appendStruct(out, reflect.ValueOf(p).Elem())
	sum := checksum(out)
	copy(out[headerSize-sha256.Size:], sum[:])
	return out
}

func checksum(encoded []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(encoded[len(magic) : headerSize-sha256.Size])
	h.Write(encoded[headerSize:])
	return [sha256.Size]byte(h.Sum(nil))
}

// FullHash is "sha256:" and the hexadecimal hash in the header of p's serialised
// form: it covers everything, places and texts included.
func FullHash(p *Program) string {
	return HashOf(Encode(p))
}

// HashOf is FullHash of a program that is already serialised. It does not look
// at anything but the header.
func HashOf(encoded []byte) string {
	if len(encoded) < headerSize {
		return ""
	}
	return "sha256:" + hex.EncodeToString(encoded[headerSize-sha256.Size:headerSize])
}

type encoder struct {
	semantic bool // leave out what says where something came from, see hash.go
	byName   bool // and numbers of nodes in expressions, which their names stand for
}

func (e *encoder) appendStruct(dst []byte, v reflect.Value) []byte {
	if e.semantic && v.Type() == exprType {
		return e.appendSemanticExpr(dst, v)
	}
	p := planOf(v.Type())
	n := uint64(0)
	for i := range p.fields {
		if f := &p.fields[i]; !(e.semantic && f.provenance) && !v.Field(f.index).IsZero() {
			n++
		}
	}
	dst = appendHead(dst, majorMap, n)
	for i := range p.fields {
		f := &p.fields[i]
		if e.semantic && f.provenance {
			continue
		}
		if fv := v.Field(f.index); !fv.IsZero() {
			dst = appendText(dst, f.key)
			dst = e.append(dst, fv)
		}
	}
	return dst
}

func (e *encoder) append(dst []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(dst, simpleTrue)
		}
		return append(dst, simpleFalse)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendInt(dst, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return appendHead(dst, majorUint, v.Uint())
	case reflect.Float64:
		return appendFloat(dst, v.Float())
	case reflect.String:
		return appendText(dst, strings.ToValidUTF8(v.String(), "\ufffd"))
	case reflect.Pointer:
		return e.append(dst, v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return appendBytes(dst, v.Bytes())
		}
		dst = appendHead(dst, majorArray, uint64(v.Len()))
		for i := range v.Len() {
			dst = e.append(dst, v.Index(i))
		}
		return dst
	case reflect.Struct:
		if v.Type() == valueType {
			return appendValue(dst, v.Interface().(value.Value))
		}
		return e.appendStruct(dst, v)
	}
	panic("ir: a field has type " + v.Type().String() + ", which has no serialised form")
}

func appendValue(dst []byte, v value.Value) []byte {
	b, err := value.AppendCBOR(nil, v)
	if err != nil {
		panic("ir: " + err.Error())
	}
	return appendBytes(appendHead(dst, majorTag, tagEmbedded), b)
}

// DecodeError says what is wrong with a serialised program.
type DecodeError struct {
	// Offset is the byte at which it was found, or -1 if that says nothing.
	Offset int
	Msg    string
}

// Error is one line with the fault and the way out.
func (e *DecodeError) Error() string {
	if e.Offset < 0 {
		return e.Msg
	}
	return fmt.Sprintf("the program is damaged: it %s at byte %d; build it again from its manifest", e.Msg, e.Offset)
}

// Decode reads what Encode wrote and verifies it. Whatever data holds, Decode
// returns a Program that passed Verify or an error of one line that tells the
// way out; its time and memory are linear in len(data). The Program shares
// memory with data, which must not be changed later.
func Decode(data []byte) (*Program, error) {
	switch {
	case len(data) < headerSize:
		if strings.HasPrefix(magic, string(data[:min(len(data), len(magic))])) && len(data) > 0 || strings.HasPrefix(string(data), magic) {
			return nil, &DecodeError{-1, "the program is cut off; build it again from its manifest"}
		}
		return nil, notAProgram()
	case string(data[:len(magic)]) != magic:
		return nil, notAProgram()
	case len(data) > MaxEncoded:
		return nil, &DecodeError{-1, fmt.Sprintf("the program has %d bytes, more than the %d that can be loaded; split it into several pipelines", len(data), MaxEncoded)}
	}
	if v := binary.BigEndian.Uint32(data[len(magic):]); v != Version {
		return nil, &DecodeError{-1, fmt.Sprintf("the program has format %d, and this version reads format %d; build it again from its manifest", v, Version)}
	}
	if sum := checksum(data); string(sum[:]) != string(data[headerSize-sha256.Size:headerSize]) {
		return nil, &DecodeError{-1, "the program is damaged: its content does not have the hash in its header; build it again from its manifest"}
	}
	r := &reader{data: data[headerSize:], left: int64(len(data))*memoryFactor + 64<<10}
	p := new(Program)
	d := decoder{r: r}
	d.readStruct(reflect.ValueOf(p).Elem(), 0)
	if r.err == nil && r.pos != len(r.data) {
		r.fail("goes on after its end")
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := Verify(p); err != nil {
		return nil, err
	}
	return p, nil
}

func notAProgram() error {
	return &DecodeError{-1, "this is not a compiled program; `hexc build` makes one from a manifest"}
}

type decoder struct{ r *reader }

// readStruct fills v, which is zero.
func (d decoder) readStruct(v reflect.Value, depth int) {
	r := d.r
	if depth > maxDepth {
		r.fail("is nested too deeply")
		return
	}
	p := planOf(v.Type())
	n := r.length(majorMap, "a map")
	last := -1
	for range n {
		if r.err != nil {
			return
		}
		start := r.pos
		key := r.text()
		i, known := p.byKey[key]
		switch {
		case r.err != nil:
			return
		case !known:
			r.pos = start
			r.fail(fmt.Sprintf("has an unknown field %.40q", key))
			return
		case i <= last:
			r.pos = start
			r.fail(fmt.Sprintf("has the field %q twice or out of order", key))
			return
		}
		last = i
		fv := v.Field(p.fields[i].index)
		start = r.pos
		d.read(fv, depth+1)
		if r.err == nil && fv.IsZero() {
			r.pos = start
			r.fail(fmt.Sprintf("has an empty field %q, which is never written", key))
		}
	}
}

func (d decoder) read(v reflect.Value, depth int) {
	r := d.r
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i := r.int()
		if v.OverflowInt(i) {
			r.fail("has a number that is too large")
			return
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u := r.expect(majorUint, "a number")
		if v.OverflowUint(u) {
			r.fail("has a number that is too large")
			return
		}
		v.SetUint(u)
	case reflect.Float64:
		v.SetFloat(r.float())
	case reflect.String:
		v.SetString(r.text())
	case reflect.Pointer:
		if !r.claim(int64(v.Type().Elem().Size())) {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		d.read(v.Elem(), depth)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if b := r.bytes(); r.err == nil {
				v.SetBytes(b)
			}
			return
		}
		d.readSlice(v, depth)
	case reflect.Struct:
		if v.Type() == valueType {
			d.readValue(v)
			return
		}
		d.readStruct(v, depth)
	default:
		panic("ir: a field has type " + v.Type().String() + ", which has no serialised form")
	}
}

func (d decoder) readSlice(v reflect.Value, depth int) {
	r := d.r
	n := r.length(majorArray, "a list")
	if r.err != nil || !r.claim(int64(n)*int64(v.Type().Elem().Size())) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		if r.err != nil {
			return
		}
		d.read(v.Index(i), depth+1)
	}
}

func (d decoder) readValue(v reflect.Value) {
	r := d.r
	if tag := r.expect(majorTag, "a value"); r.err == nil && tag != tagEmbedded {
		r.fail("has something else where a value belongs")
	}
	start := r.pos
	b := r.bytes()
	if r.err != nil {
		return
	}
	val, err := value.DecodeCBOR(b)
	if err != nil {
		r.pos = start
		var fault *value.Error
		if errors.As(err, &fault) {
			r.fail("has a value that cannot be read (" + fault.Msg + ")")
		} else {
			r.fail("has a value that cannot be read")
		}
		return
	}
	if size := val.Size(); size < math.MaxInt64 && !r.claim(size) {
		return
	}
	v.Set(reflect.ValueOf(val))
}
