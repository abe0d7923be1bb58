package faultseed

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

func (pl *planter) key() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if o.Def.Open == schema.Open || text(f.Key) == nil || f.Def.Name == "kind" || o.Parent == nil && f.Def.Name == "apiVersion" {
			return
		}
		name := misspell(f.Key.Value, int(f.Key.Span.Start), func(s string) bool {
			_, _, known := o.Def.Find(s)
			return !known && !strings.HasPrefix(s, "x-")
		})
		if name != "" {
			pl.add(near(f.Def.Name), rename(f.Key, name))
		}
	})
}

// accepts reports whether a type has values of one of the kinds.
func accepts(t *schema.Type, kinds ...schema.TypeKind) bool {
	if t == nil || t.Kind == schema.Any {
		return true
	}
	if t.Kind == schema.OneOf {
		return slices.ContainsFunc(t.Alts, func(a *schema.Type) bool { return accepts(a, kinds...) })
	}
	return slices.Contains(kinds, t.Kind)
}

func (pl *planter) wrongType() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		t := f.Def.Type
		if f.Def.Select != nil || f.Def.Name == "kind" || f.Def.Name == "spec" && f.Object == nil || expandable(f.Value) {
			return
		}
		switch {
		case !accepts(t, schema.List):
			pl.value(f, "[wrong, type]")
		case !accepts(t, schema.Object, schema.Map):
			pl.value(f, "{wrong: type}")
		case !accepts(t, schema.String, schema.Duration):
			pl.value(f, "wrong")
		}
		if !accepts(t, schema.String, schema.Duration) && accepts(t, schema.Int, schema.Number, schema.Bool, schema.List) {
			pl.value(f, "wrong")
		}
	})
}

// value puts a text in the place of a field's value, on the line of its key.
func (pl *planter) value(f *shape.Field, text string) {
	if f.Value.Style != syntax.Block {
		pl.replace(f.Value, "", text)
		return
	}
	if m, i := pair(f); m != nil && m.Pairs[i].Value == f.Value && pl.text[f.Key.Span.End] == ':' {
		pl.add("", change{source.Span{Start: f.Key.Span.End + 1, End: f.Value.Span.End}, " " + text})
	}
}

// expandable reports whether a value is one that only the build knows, or has a
// form of its own.
func expandable(n *syntax.Node) bool {
	return n.Tag != "" || n.Kind == syntax.Alias || n.Style == syntax.Empty || n.Style == syntax.Literal || n.Style == syntax.Folded || n.Anchor != ""
}

func (pl *planter) missing() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if !f.Def.Required || f.Key.Parent != o.Node || f.Spelling == schema.Misplaced {
			return
		}
		m, i := pair(f)
		if m == nil || o.Parent == nil && f.Def.Name == "kind" {
			return
		}
		s := pl.add("", pl.without(m, i))
		pl.about(s, pl.owner(o))
	})
}

// owner is the span of the mapping of an object, with the key that it stands
// behind; for the `metadata` and `spec` of a node or manifest, that of the whole.
func (pl *planter) owner(o *shape.Object) source.Span {
	span := o.Node.Span
	if up := o.Node.Parent; up != nil && up.Kind == syntax.Mapping {
		span.Start = min(span.Start, up.Span.Start)
		for i := range up.Pairs {
			if up.Pairs[i].Value == o.Node {
				span.Start = up.Pairs[i].Span.Start
			}
		}
	}
	if o.Parent != nil && o.Parent.Kind != nil {
		span.Start = min(span.Start, o.Parent.Node.Span.Start)
	}
	return span
}

func (pl *planter) choice() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		n := scalarOf(f)
		if n == nil || f.Type == nil || f.Type.Kind != schema.String || f.Type.Enum == nil || f.Def.Name == "kind" {
			return
		}
		if f.Def.Type.Kind == schema.OneOf && !slices.ContainsFunc(f.Def.Type.Alts, func(a *schema.Type) bool { return a == f.Type }) {
			return
		}
		for _, a := range f.Def.Type.Alts {
			if a != f.Type && accepts(a, schema.String, schema.Duration) {
				return // another text is right too
			}
		}
		name := misspell(n.Value, int(n.Span.Start), func(s string) bool { return !slices.Contains(f.Type.Enum, s) })
		pl.add(near(n.Value), rename(n, name))
	})
}

func (pl *planter) outOfRange() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		n := scalarOf(f)
		if n == nil || f.Type == nil || f.Type.Kind != schema.Int && f.Type.Kind != schema.Number || f.Def.Type.Kind == schema.OneOf {
			return
		}
		if f.Type.HasMin && f.Type.Min > math.MinInt32 {
			pl.replace(n, "", strconv.Itoa(int(math.Floor(f.Type.Min))-1))
		}
		if f.Type.HasMax && f.Type.Max < 1e15 {
			pl.replace(n, "", strconv.Itoa(int(math.Ceil(f.Type.Max))+1))
		}
	})
}

func (pl *planter) duration() {
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if n := scalarOf(f); n != nil && f.Type != nil && f.Type.Kind == schema.Duration {
			pl.replace(n, "", "5 parsecs")
			pl.replace(n, "", "10minutes30")
		}
	})
}

// nesting moves a field of a node's `spec` beside it.
func (pl *planter) nesting() {
	node := schema.ByName("Node")
	pl.fields(func(o *shape.Object, f *shape.Field) {
		if o.Parent == nil || o.Parent.Kind == nil || o.Def.Node == "" || f.Key.Parent != o.Node || f.Spelling != schema.Canonical {
			return
		}
		if node != nil {
			if field, _, ok := node.Find(f.Def.Name); ok && field != nil {
				return // it is a field of nodes too, or belongs there
			}
		}
		m, i := pair(f)
		if m == nil || len(m.Pairs) < 2 || !pl.alone(m, i) || pl.isFlow(o.Parent.Node) {
			return
		}
		entry := pl.text[m.Pairs[i].Span.Start:m.Pairs[i].Span.End]
		up := o.Parent.Node
		s := pl.add("", pl.with(up, entry), pl.without(m, i))
		if s != nil {
			s.Last = s.First
		}
	})
}

func (pl *planter) manifestKind() {
	for _, o := range pl.docs {
		f := o.Get("kind")
		if n := scalarOf(f); n != nil {
			name := misspell(n.Value, int(n.Span.Start), func(s string) bool { return schema.Kind(s) == nil })
			pl.add(near(n.Value), rename(n, name))
		}
	}
}

func (pl *planter) nodeKind() {
	pl.objects(func(o *shape.Object) {
		if o.Kind == nil || o.Kind.Class != shape.BuiltIn {
			return
		}
		n := scalarOf(o.Get("kind"))
		if n == nil || strings.Contains(n.Value, ".") {
			return
		}
		name := misspell(n.Value, int(n.Span.Start), func(s string) bool {
			_, _, known := schema.NodeKind(s)
			return !known && !schema.IsForeign(s)
		})
		if name != "" {
			pl.add(near(n.Value), rename(n, name))
		}
	})
}
