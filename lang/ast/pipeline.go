package ast

import (
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

func (b *builder) pipeline(spec *shape.Object) *Pipeline {
	if spec == nil || spec.Node == nil {
		return nil
	}
	p := &Pipeline{Spec: spec, Aliases: b.aliases}
	b.customTypes(p, spec)
	b.doc.Pipeline = p
	if f := spec.Get("nodes"); f != nil && !f.Null {
		for _, v := range f.Items {
			if n := b.node(v.Object); n != nil {
				p.Nodes = append(p.Nodes, n)
			}
		}
	}
	p.Machines = b.stateMachines(spec.Get("state_machines"))
	p.Configuration = b.configuration(spec)
	if f := spec.Get("output"); f != nil && !f.Null && f.Value != nil && f.Value.Kind == syntax.Mapping {
		for k, v := range f.Value.Entries() {
			v = v.Deref()
			if v == nil || v.Kind != syntax.Scalar {
				continue
			}
			id := Ident{Name: v.Value, Loc: b.at(v), Node: v}
			p.Output = append(p.Output, &OutputEntry{Name: b.keyIdent(k), Path: b.path(id), Node: v})
		}
	}
	p.Input = b.schema(spec.Get("input_schema"))
	p.Result = b.schema(spec.Get("output_schema"))
	if f := spec.Get("variables"); f != nil && !f.Null {
		p.Variables = f.Value
	}
	return p
}

// ports are the entries of a map of ports, in order.
func (b *builder) ports(f *shape.Field) []*Port {
	if f == nil || f.Null {
		return nil
	}
	return b.portEntries(f.Entries)
}

func (b *builder) portEntries(entries []shape.Entry) []*Port {
	var out []*Port
	for _, e := range entries {
		port := &Port{Name: b.keyIdent(e.Key), Obj: e.Object, Null: e.Object == nil && e.Value != nil && e.Value.Kind == syntax.Scalar && e.Value.Resolve().Kind == syntax.Null}
		if e.Object != nil {
			b.portSpec(port)
		}
		out = append(out, port)
	}
	return out
}

func (b *builder) portSpec(p *Port) {
	p.Adapter = b.adapter(p.Obj)
	p.Ref = b.ident(p.Obj.Get("ref"))
	p.Config = b.config(p.Obj.Get("config"))
	p.Type = b.ident(p.Obj.Get("type"))
	p.Middleware = b.stack(p.Obj.Get("middleware"))
	p.AssumeMaxTokens = b.number(p.Obj.Get("assume_max_tokens"))
	p.Strategy = b.ident(p.Obj.Get("strategy"))
	if f := p.Obj.Get("adapters"); f != nil && !f.Null {
		for _, v := range f.Items {
			if v.Object == nil {
				continue
			}
			m := &Port{Name: p.Name, Obj: v.Object}
			m.Adapter, m.Ref, m.Config = b.adapter(v.Object), b.ident(v.Object.Get("ref")), b.config(v.Object.Get("config"))
			p.Pool = append(p.Pool, m)
		}
	}
}

// adapter is the adapter that a port spec names; one that `spec.aliases` has is what
// it stands for.
func (b *builder) adapter(o *shape.Object) Ident {
	id := b.ident(o.Get("adapter"))
	if target := b.aliases[id.Name]; target != "" {
		id.Name = target
	}
	return id
}

// aliasesOf are the entries of `aliases`; nil if there are none.
func (b *builder) aliasesOf(spec *shape.Object) map[string]string {
	if spec == nil {
		return nil
	}
	f := spec.Get("aliases")
	if f == nil || f.Null || f.Value == nil || f.Value.Kind != syntax.Mapping {
		return nil
	}
	out := map[string]string{}
	for k, v := range f.Value.Entries() {
		if v = v.Deref(); v != nil && v.Kind == syntax.Scalar {
			out[k.Value] = v.Value
		}
	}
	return out
}

// config is an adapter's settings; an empty object if there are none.
func (b *builder) config(f *shape.Field) value.Value {
	if f == nil || f.Null || f.Value == nil || f.Value.Kind != syntax.Mapping {
		return value.NewObject(0).Value()
	}
	return b.data(f.Value)
}
