package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
)

// schema types an input_schema or output_schema.
func (b *builder) schema(f *shape.Field) *Schema {
	if f == nil || f.Null || f.Value == nil || !f.OK {
		return nil
	}
	s := &Schema{Loc: b.at(f.Value), Node: f.Value}
	if f.Dynamic || f.Value.Kind != syntax.Mapping && !b.typeName(f.Value) {
		s.Type = expr.Any
		return s
	}
	t, err := expr.TypeFromSchema(Value(f.Value), b.types())
	if err != nil {
		loc := s.Loc
		if e, ok := err.(*expr.SchemaError); ok {
			if n := at(f.Value, e.Path); n != nil {
				loc = b.at(n)
			}
		}
		d := diag.New(diag.BadSchemaType, loc, "%s", err.Error())
		if entry := asEntry(f.Value); entry != "" {
			d = d.WithHelp("is a colon missing? Write `%s`", entry).WithFix("write it as an entry", false, diag.Edit{Loc: loc, NewText: entry})
		}
		b.ds.Add(d)
		return nil
	}
	s.Type = t
	return s
}

// typeName reports whether a schema is a text that must name a type: any but the
// dotted path of a class, which only the host knows.
func (b *builder) typeName(n *syntax.Node) bool {
	return n.Kind == syntax.Scalar && n.Built == syntax.Written && !isDotted(n.Value)
}

// asEntry reads the text of a schema as the field that it was meant as:
// `count int`, `count:int`. It is "" where that is not clear.
func asEntry(n *syntax.Node) string {
	if n.Kind != syntax.Scalar || n.Style != syntax.Plain {
		return ""
	}
	name, kind, ok := strings.Cut(n.Value, ":")
	if !ok {
		name, kind, ok = strings.Cut(n.Value, " ")
	}
	kind = strings.TrimSpace(kind)
	if !ok || !expr.IsIdentifier(name) || strings.ContainsAny(kind, " :") || kind == "" {
		return ""
	}
	return name + ": " + kind
}

func (b *builder) types() map[string]*expr.Type {
	if b.doc != nil && b.doc.Pipeline != nil {
		return b.doc.Pipeline.Types
	}
	return nil
}

// at is the node at a path below n, or the last one on the way.
func at(n *syntax.Node, path []string) *syntax.Node {
	for _, p := range path {
		n = n.Deref()
		if n == nil || n.Kind != syntax.Mapping {
			return n
		}
		next := n.Get(p)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// customTypes types `spec.custom_types`; their bases are the scalar types.
func (b *builder) customTypes(p *Pipeline, spec *shape.Object) {
	f := spec.Get("custom_types")
	if f == nil || f.Null {
		return
	}
	p.Types = map[string]*expr.Type{}
	for _, e := range f.Entries {
		t, err := expr.CustomType(e.Key.Value, Value(e.Value))
		if err != nil {
			b.ds.Add(diag.New(diag.BadSchemaType, b.at(e.Value), "custom type %q: %s", e.Key.Value, err.Error()))
			continue
		}
		p.Types[e.Key.Value] = t
	}
}
