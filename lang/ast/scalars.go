package ast

import (
	"strconv"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

func spanOf(start, end int) source.Span { return source.Span{Start: int32(start), End: int32(end)} }

// duration reads a time: a number is seconds, a text has units.
func (b *builder) duration(f *shape.Field) *Duration {
	if f == nil || !f.OK {
		return nil
	}
	text, ok := b.plain(&f.View)
	if !ok {
		return nil
	}
	nanos, ok := ParseDuration(text)
	if !ok {
		if f.Dynamic {
			b.badEnv(&f.View, text, "a duration such as 30s")
		}
		return nil // else reported by the schema
	}
	return &Duration{Nanos: nanos, Loc: b.at(f.Value)}
}

// ParseDuration reads `30`, `1.5` (seconds), `30s`, `5m`, `1d12h`, `500ms`.
func ParseDuration(s string) (nanos int64, ok bool) {
	s = strings.TrimSpace(s)
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		d := x * float64(time.Second)
		if d < 0 || d > 1<<62 || d != d {
			return 0, false
		}
		return int64(d), true
	}
	d, ok := schema.ParseDuration(s)
	return int64(d), ok
}

// number reads an int or float.
func (b *builder) number(f *shape.Field) *Number {
	if f == nil || !f.OK {
		return nil
	}
	text, ok := b.plain(&f.View)
	if !ok {
		return nil
	}
	n := &Number{Loc: b.at(f.Value)}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		n.Int, n.Float = i, float64(i)
		return n
	}
	if !f.Dynamic {
		v, _ := scalarValue(f.Value)
		if i, ok := v.AsInt(); ok {
			n.Int, n.Float = i, float64(i)
			return n
		}
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		n.Int, n.Float = int64(x), x
		return n
	}
	if f.Dynamic {
		b.badEnv(&f.View, text, "a number")
	}
	return nil
}

// scalarValue is the constant that a scalar is, and whether that is a text.
func scalarValue(n *syntax.Node) (v value.Value, text bool) { return expand.Scalar(n) }

// Bool reads a boolean as the language accepts it: YAML's, and the words that
// YAML 1.1 had for it (which the schema check warns about).
func Bool(n *syntax.Node) (b, ok bool) {
	if r := n.Resolve(); r.Kind == syntax.Bool {
		return r.Bool, true
	}
	return boolText(n.Value)
}

func boolText(s string) (b, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "on", "true":
		return true, true
	case "no", "off", "false":
		return false, true
	}
	return false, false
}
