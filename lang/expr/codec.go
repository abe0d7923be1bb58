package expr

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// The serialised form of a tree:
//
//	tree   := version:byte node crc32c(of all before):4 bytes, little endian
//	node   := tag:byte start:svarint length:uvarint body
//	text   := length:uvarint bytes (UTF-8)
//	span   := start:svarint length:uvarint
//	names  := count:uvarint { text span }
//	nodes  := count:uvarint { node }
//	option := 0 | 1 node
//
// start is relative to the start of the enclosing node (of the whole tree: 0),
// so that equal sub-expressions have equal bytes wherever they stand. The body
// follows the fields of the node's type in their order; a literal is its length
// and its CBOR. Everything has one encoding only, and the decoder refuses
// others, so equal trees have equal bytes and the other way round.

const codecVersion = 1

const (
	tagName byte = iota + 1
	tagNamespace
	tagLiteral
	tagAttr
	tagIndex
	tagSlice
	tagCall
	tagMethod
	tagUnary
	tagBinary
	tagCompare
	tagCond
	tagList
	tagTuple
	tagDict
	tagComp
	tagFilter
	tagIs
	tagBad
	tagTemplate
	tagRaw
	tagOutput
	tagIf
	tagFor
	tagAssign
)

// crcTable is made on first use: making it costs more than everything else that
// this package does when a program starts.
var crcTable = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// Encode is the serialised form of n: deterministic, and read back by Decode.
// It panics if a literal has no encoding, which no literal of a parsed or folded
// tree is.
func Encode(n Node) []byte {
	e := encoder{buf: []byte{codecVersion}}
	e.node(n)
	return seal(e.buf)
}

// seal appends the checksum.
func seal(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crcTable()))
}

// Shape is the serialised form of n without its spans: trees that mean the same
// have the same shape, wherever they stand and however they are laid out. It
// cannot be decoded.
func Shape(n Node) []byte {
	e := encoder{buf: []byte{codecVersion}, plain: true}
	e.node(n)
	return e.buf
}

type encoder struct {
	buf   []byte
	base  int32
	plain bool // without spans
}

func (e *encoder) uint(n int)  { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }
func (e *encoder) byte(b byte) { e.buf = append(e.buf, b) }

func (e *encoder) text(s string) {
	e.uint(len(s))
	e.buf = append(e.buf, s...)
}

func (e *encoder) span(s source.Span) {
	if e.plain {
		return
	}
	e.buf = binary.AppendVarint(e.buf, int64(s.Start)-int64(e.base))
	e.uint(s.Len())
}

func (e *encoder) option(n Node) {
	if n == nil {
		e.byte(0)
		return
	}
	e.byte(1)
	e.node(n)
}

func (e *encoder) template(t *Template) {
	if t == nil {
		e.byte(0)
		return
	}
	e.byte(1)
	e.node(t)
}

func (e *encoder) nodes(list []Node) {
	e.uint(len(list))
	for _, n := range list {
		e.node(n)
	}
}

func (e *encoder) names(list []Name) {
	e.uint(len(list))
	for _, n := range list {
		e.text(n.Ident)
		e.span(n.span)
	}
}

func (e *encoder) keywords(list []Keyword) {
	e.uint(len(list))
	for _, k := range list {
		e.text(k.Name)
		e.span(k.NameSpan)
		e.node(k.Value)
	}
}

func (e *encoder) node(n Node) {
	tag := tagOf(n)
	e.byte(tag)
	s := n.Span()
	e.span(s)
	outer := e.base
	e.base = s.Start
	switch n := n.(type) {
	case *Name:
		e.text(n.Ident)
	case *Namespace:
		e.text(n.Ident)
	case *Literal:
		data, err := value.AppendCBOR(nil, n.Value)
		if err != nil {
			panic("expr: a literal cannot be encoded: " + err.Error())
		}
		e.uint(len(data))
		e.buf = append(e.buf, data...)
	case *Attr:
		e.node(n.X)
		e.text(n.Name)
		e.span(n.NameSpan)
	case *Index:
		e.node(n.X)
		e.node(n.Key)
	case *Slice:
		e.node(n.X)
		e.option(n.Lo)
		e.option(n.Hi)
		e.option(n.Step)
	case *Call:
		if n.X != nil {
			e.node(n.X)
		}
		e.text(n.Func)
		e.span(n.FuncSpan)
		e.nodes(n.Args)
		e.keywords(n.Keywords)
	case *Unary:
		e.byte(byte(n.Op))
		e.node(n.X)
	case *Binary:
		e.byte(byte(n.Op))
		e.node(n.X)
		e.node(n.Y)
	case *Compare:
		e.node(n.First)
		e.uint(len(n.Ops))
		for i, op := range n.Ops {
			e.byte(byte(op))
			e.node(n.Rest[i])
		}
	case *Cond:
		e.node(n.Then)
		e.node(n.Test)
		e.option(n.Else)
	case *List:
		e.nodes(n.Items)
	case *Tuple:
		e.nodes(n.Items)
	case *Dict:
		e.uint(len(n.Keys))
		for i := range n.Keys {
			e.node(n.Keys[i])
			e.node(n.Values[i])
		}
	case *Comp:
		e.byte(byte(n.Of))
		e.node(n.Key)
		e.option(n.Value)
		e.uint(len(n.Clauses))
		for _, f := range n.Clauses {
			e.names(f.Targets)
			e.node(f.Iter)
			e.nodes(f.Ifs)
		}
	case *Filter:
		e.node(n.X)
		e.text(n.Name)
		e.span(n.NameSpan)
		e.nodes(n.Args)
		e.keywords(n.Keywords)
	case *Is:
		e.node(n.X)
		e.byte(boolByte(n.Not))
		e.text(n.Name)
		e.span(n.NameSpan)
		e.nodes(n.Args)
	case *Bad:
		e.option(n.X)
	case *Template:
		e.nodes(n.Parts)
	case *Raw:
		e.text(n.Text)
	case *Output:
		e.node(n.X)
	case *If:
		e.uint(len(n.Tests))
		for i := range n.Tests {
			e.node(n.Tests[i])
			e.node(n.Bodies[i])
		}
		e.template(n.Else)
	case *For:
		e.names(n.Targets)
		e.node(n.Iter)
		e.option(n.Filter)
		e.node(n.Body)
		e.template(n.Else)
	case *Assign:
		e.text(n.Target.Ident)
		e.span(n.Target.span)
		e.text(n.Field)
		e.span(n.FieldSpan)
		e.node(n.X)
	}
	e.base = outer
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func tagOf(n Node) byte {
	switch n := n.(type) {
	case *Name:
		return tagName
	case *Namespace:
		return tagNamespace
	case *Literal:
		return tagLiteral
	case *Attr:
		return tagAttr
	case *Index:
		return tagIndex
	case *Slice:
		return tagSlice
	case *Call:
		if n.X != nil {
			return tagMethod
		}
		return tagCall
	case *Unary:
		return tagUnary
	case *Binary:
		return tagBinary
	case *Compare:
		return tagCompare
	case *Cond:
		return tagCond
	case *List:
		return tagList
	case *Tuple:
		return tagTuple
	case *Dict:
		return tagDict
	case *Comp:
		return tagComp
	case *Filter:
		return tagFilter
	case *Is:
		return tagIs
	case *Bad:
		return tagBad
	case *Template:
		return tagTemplate
	case *Raw:
		return tagRaw
	case *Output:
		return tagOutput
	case *If:
		return tagIf
	case *For:
		return tagFor
	case *Assign:
		return tagAssign
	}
	panic(fmt.Sprintf("expr: %T has no encoding", n))
}
