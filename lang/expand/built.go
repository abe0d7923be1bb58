package expand

import (
	"math"
	"strings"

	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Scalar is the constant that a scalar is, and whether that is a text.
func Scalar(n *syntax.Node) (v value.Value, text bool) {
	r := n.Resolve()
	switch r.Kind {
	case syntax.Null:
		return value.Null, false
	case syntax.Bool:
		return value.Bool(r.Bool), false
	case syntax.Int:
		if r.Big != nil {
			return value.BigInt(r.BigInt()), false
		}
		return value.Int(r.Int), false
	case syntax.Float:
		return value.Float(r.Float), false
	}
	return value.String(n.Value), true
}

// Node is a value as nodes in the place of at. ok is false for what has no form
// in a manifest, such as a secret. text says that the value was put together as
// text, so that a place of another type may read it.
func Node(at *syntax.Node, v value.Value, text bool) (n *syntax.Node, ok bool) {
	scalar := func(style syntax.Style, s string) (*syntax.Node, bool) {
		built := syntax.BuiltValue
		if text {
			built = syntax.BuiltText
		}
		return syntax.NewScalar(at, built, style, s), true
	}
	if s, ok := v.AsString(); ok {
		return scalar(syntax.DoubleQuoted, s)
	}
	switch v.Kind() {
	case value.KindNull:
		return scalar(syntax.Plain, "null")
	case value.KindBool:
		if value.Truthy(v) {
			return scalar(syntax.Plain, "true")
		}
		return scalar(syntax.Plain, "false")
	case value.KindInt:
		return scalar(syntax.Plain, value.Str(v))
	case value.KindFloat:
		return scalar(syntax.Plain, floatText(v))
	}
	if o, ok := v.Object(); ok {
		m := syntax.NewMapping(at)
		pairs := make([]syntax.Pair, 0, o.Len())
		for i := range o.Len() {
			k, x := o.At(i)
			key, ok := Node(m, k, false)
			if !ok {
				return nil, false
			}
			val, ok := Node(m, x, false)
			if !ok {
				return nil, false
			}
			key.Parent, val.Parent = m, m
			pairs = append(pairs, syntax.Pair{Key: key, Value: val, Span: at.Span})
		}
		return m.WithPairs(pairs), true
	}
	switch v.Kind() {
	case value.KindList, value.KindTuple, value.KindSet:
		items := v.Items()
		s := syntax.NewSequence(at)
		nodes := make([]*syntax.Node, len(items))
		for i, x := range items {
			item, ok := Node(s, x, false)
			if !ok {
				return nil, false
			}
			item.Parent = s
			nodes[i] = item
		}
		return s.WithItems(nodes), true
	}
	return nil, false
}

// floatText is a float as YAML writes it.
func floatText(v value.Value) string {
	f, _ := v.AsFloat()
	switch {
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	case math.IsNaN(f):
		return ".nan"
	}
	s := value.Str(v)
	if !strings.ContainsAny(s, ".eE") {
		s += ".0"
	}
	return s
}
