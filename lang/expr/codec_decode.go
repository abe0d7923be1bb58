package expr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// ErrCodec is what errors of Decode and DecodeType wrap.
var ErrCodec = errors.New("damaged expression")

// Decode reads what Encode wrote. Bytes that Encode cannot have written, such
// as truncated or altered ones, are an error that wraps ErrCodec; they cost no
// more memory than a multiple of their length.
func Decode(b []byte) (Node, error) {
	body, err := checked(b)
	if err != nil {
		return nil, err
	}
	d := decoder{data: body}
	n := d.node(0, 0)
	if d.err == nil && d.pos != len(d.data) {
		d.fail("has bytes behind its end")
	}
	if d.err != nil {
		return nil, d.err
	}
	return n, nil
}

// checked is the bytes between version and checksum.
func checked(b []byte) ([]byte, error) {
	if len(b) < 6 {
		return nil, fmt.Errorf("%w: it ends too early", ErrCodec)
	}
	if b[0] != codecVersion {
		return nil, fmt.Errorf("%w: version %d is not known", ErrCodec, b[0])
	}
	n := len(b) - 4
	if crc32.Checksum(b[:n], crcTable()) != binary.LittleEndian.Uint32(b[n:]) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrCodec)
	}
	return b[1:n], nil
}

type decoder struct {
	data []byte
	pos  int
	err  error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: it %s (byte %d)", ErrCodec, what, d.pos)
	}
}

func (d *decoder) byte() byte {
	if d.pos >= len(d.data) {
		d.fail("ends too early")
		return 0
	}
	d.pos++
	return d.data[d.pos-1]
}

func (d *decoder) uint() uint64 {
	n, k := binary.Uvarint(d.data[d.pos:])
	if k <= 0 || k > 1 && d.data[d.pos+k-1] == 0 {
		d.fail("has a malformed number")
		return 0
	}
	d.pos += k
	return n
}

func (d *decoder) int() int64 {
	u := d.uint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

// count is a number of things of at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.uint()
	if n > uint64((len(d.data)-d.pos)/size) {
		d.fail("announces more than it holds")
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.count(1)
	if d.err != nil {
		return ""
	}
	s := string(d.data[d.pos : d.pos+n])
	if !utf8.ValidString(s) {
		d.fail("has a text that is not UTF-8")
	}
	d.pos += n
	return s
}

func (d *decoder) ident() string {
	s := d.text()
	if s == "" {
		d.fail("has an empty name")
	}
	return s
}

func (d *decoder) span(base int32) source.Span {
	start := d.int() + int64(base)
	n := d.uint()
	if start < 0 || start > math.MaxInt32 || n > math.MaxInt32 || start+int64(n) > math.MaxInt32 {
		d.fail("has a span out of range")
		return source.Span{}
	}
	return source.Span{Start: int32(start), End: int32(start + int64(n))}
}

func (d *decoder) flag() bool {
	switch d.byte() {
	case 0:
		return false
	case 1:
		return true
	}
	d.fail("has something else where 0 or 1 belongs")
	return false
}

func (d *decoder) option(base int32, depth int) Node {
	if !d.flag() || d.err != nil {
		return nil
	}
	return d.node(base, depth)
}

func (d *decoder) template(base int32, depth int) *Template {
	t, ok := d.node(base, depth).(*Template)
	if !ok {
		d.fail("has no template where one belongs")
	}
	return t
}

func (d *decoder) optionalTemplate(base int32, depth int) *Template {
	if !d.flag() || d.err != nil {
		return nil
	}
	return d.template(base, depth)
}

func (d *decoder) nodes(base int32, depth int) []Node {
	n := d.count(4)
	if n == 0 {
		return nil
	}
	out := make([]Node, 0, min(n, 64))
	for range n {
		out = append(out, d.node(base, depth))
		if d.err != nil {
			return nil
		}
	}
	return out
}

func (d *decoder) names(base int32) []Name {
	n := d.count(3)
	var out []Name
	for range n {
		id := d.ident()
		out = append(out, Name{at{d.span(base)}, id})
		if d.err != nil {
			return nil
		}
	}
	return out
}

func (d *decoder) keywords(base int32, depth int) []Keyword {
	n := d.count(6)
	var out []Keyword
	for range n {
		k := Keyword{Name: d.ident()}
		k.NameSpan = d.span(base)
		k.Value = d.node(base, depth)
		out = append(out, k)
		if d.err != nil {
			return nil
		}
	}
	return out
}

func (d *decoder) op(lo, hi Op) Op {
	op := Op(d.byte())
	if op < lo || op > hi {
		d.fail("has an operator that does not belong there")
	}
	return op
}

func (d *decoder) binaryOp() Op {
	op := d.op(OpAdd, OpConcat)
	if op > OpPow && op != OpAnd && op != OpOr && op != OpConcat {
		d.fail("has an operator that does not belong there")
	}
	return op
}

// depth of decoded trees: twice MaxDepth, because a template in an expression's
// place and options add a level that the parser does not count.
func (d *decoder) node(base int32, depth int) Node {
	if depth > 2*MaxDepth {
		d.fail("is nested too deep")
	}
	tag := d.byte()
	s := d.span(base)
	if d.err != nil {
		return &Bad{}
	}
	a := at{s}
	base = s.Start
	depth++
	switch tag {
	case tagName:
		return &Name{a, d.ident()}
	case tagNamespace:
		return &Namespace{a, d.ident()}
	case tagLiteral:
		n := d.count(1)
		if d.err != nil {
			return &Bad{}
		}
		v, err := value.DecodeCBOR(d.data[d.pos : d.pos+n])
		if err != nil {
			d.fail("has a literal that cannot be read: " + err.Error())
			return &Bad{}
		}
		d.pos += n
		return &Literal{a, v}
	case tagAttr:
		n := &Attr{at: a, X: d.node(base, depth), Name: d.text()}
		n.NameSpan = d.span(base)
		return n
	case tagIndex:
		return &Index{a, d.node(base, depth), d.node(base, depth)}
	case tagSlice:
		return &Slice{a, d.node(base, depth), d.option(base, depth), d.option(base, depth), d.option(base, depth)}
	case tagCall, tagMethod:
		n := &Call{at: a}
		if tag == tagMethod {
			n.X = d.node(base, depth)
		}
		n.Func = d.text()
		n.FuncSpan = d.span(base)
		n.Args = d.nodes(base, depth)
		n.Keywords = d.keywords(base, depth)
		return n
	case tagUnary:
		return &Unary{a, d.op(OpNeg, OpNot), d.node(base, depth)}
	case tagBinary:
		return &Binary{a, d.binaryOp(), d.node(base, depth), d.node(base, depth)}
	case tagCompare:
		n := &Compare{at: a, First: d.node(base, depth)}
		count := d.count(5)
		if count == 0 {
			d.fail("has a comparison without an operator")
		}
		for range count {
			n.Ops = append(n.Ops, d.op(OpEq, OpIsNot))
			n.Rest = append(n.Rest, d.node(base, depth))
			if d.err != nil {
				break
			}
		}
		return n
	case tagCond:
		return &Cond{a, d.node(base, depth), d.node(base, depth), d.option(base, depth)}
	case tagList:
		return &List{a, d.nodes(base, depth)}
	case tagTuple:
		return &Tuple{a, d.nodes(base, depth)}
	case tagDict:
		n := &Dict{at: a}
		for range d.count(8) {
			n.Keys = append(n.Keys, d.node(base, depth))
			n.Values = append(n.Values, d.node(base, depth))
			if d.err != nil {
				break
			}
		}
		return n
	case tagComp:
		return d.comp(a, base, depth)
	case tagFilter:
		n := &Filter{at: a, X: d.node(base, depth), Name: d.ident()}
		n.NameSpan = d.span(base)
		n.Args = d.nodes(base, depth)
		n.Keywords = d.keywords(base, depth)
		return n
	case tagIs:
		n := &Is{at: a, X: d.node(base, depth), Not: d.flag(), Name: d.ident()}
		n.NameSpan = d.span(base)
		n.Args = d.nodes(base, depth)
		return n
	case tagBad:
		return &Bad{a, d.option(base, depth)}
	}
	return d.statement(tag, a, base, depth)
}

func (d *decoder) comp(a at, base int32, depth int) Node {
	n := &Comp{at: a, Of: CompKind(d.byte()), Key: d.node(base, depth), Value: d.option(base, depth)}
	if n.Of < ListComp || n.Of > DictComp || (n.Of == DictComp) != (n.Value != nil) {
		d.fail("has a comprehension of no kind")
	}
	count := d.count(5)
	if count == 0 {
		d.fail("has a comprehension without a loop")
	}
	for range count {
		f := CompFor{Targets: d.names(base), Iter: d.node(base, depth), Ifs: d.nodes(base, depth)}
		if len(f.Targets) == 0 {
			d.fail("has a loop without a variable")
		}
		n.Clauses = append(n.Clauses, f)
		if d.err != nil {
			break
		}
	}
	return n
}

func (d *decoder) statement(tag byte, a at, base int32, depth int) Node {
	switch tag {
	case tagTemplate:
		return &Template{a, d.nodes(base, depth)}
	case tagRaw:
		return &Raw{a, d.text()}
	case tagOutput:
		return &Output{a, d.node(base, depth)}
	case tagIf:
		n := &If{at: a}
		count := d.count(8)
		if count == 0 {
			d.fail("has an if without a condition")
		}
		for range count {
			n.Tests = append(n.Tests, d.node(base, depth))
			n.Bodies = append(n.Bodies, d.template(base, depth))
			if d.err != nil {
				break
			}
		}
		n.Else = d.optionalTemplate(base, depth)
		return n
	case tagFor:
		n := &For{at: a, Targets: d.names(base), Iter: d.node(base, depth)}
		n.Filter = d.option(base, depth)
		n.Body = d.template(base, depth)
		n.Else = d.optionalTemplate(base, depth)
		if len(n.Targets) == 0 {
			d.fail("has a loop without a variable")
		}
		return n
	case tagAssign:
		n := &Assign{at: a}
		id := d.ident()
		n.Target = Name{at{d.span(base)}, id}
		n.Field = d.text()
		n.FieldSpan = d.span(base)
		n.X = d.node(base, depth)
		return n
	}
	d.fail("has a node of unknown kind")
	return &Bad{}
}
