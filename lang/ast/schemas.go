package ast

import (
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
	if f.Dynamic || f.Value.Kind != syntax.Mapping {
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
		b.ds.Add(diag.New(diag.BadSchemaType, loc, "%s", err.Error()))
		return nil
	}
	s.Type = t
	return s
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
