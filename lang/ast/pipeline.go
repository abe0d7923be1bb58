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
	p := &Pipeline{Spec: spec}
	b.customTypes(p, spec)
	b.doc.Pipeline = p
	if f := spec.Get("nodes"); f != nil && !f.Null {
		for _, v := range f.Items {
			if n := b.node(v.Object); n != nil {
				p.Nodes = append(p.Nodes, n)
			}
		}
	}
	p.Services = b.services(spec.Get("services"))
	p.Machines = b.stateMachines(spec.Get("state_machines"))
	p.Tools = b.tools(spec.Get("tools"))
	p.Ports = b.ports(spec.Get("ports"))
	for _, scope := range []string{"type", "node"} {
		f := spec.Get(scope + "_ports")
		if f == nil || f.Null {
			continue
		}
		for _, e := range f.Entries {
			for _, port := range b.portEntries(e.Entries) {
				p.Scoped = append(p.Scoped, ScopedPort{scope, e.Key.Value, port})
			}
		}
	}
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
	p.Kernel = b.settings(spec.Object("kernel"))
	p.Limits = b.settings(spec.Object("limits"))
	p.Caps = b.caps(spec.Get("caps"))
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
		port := &Port{Name: b.keyIdent(e.Key), Obj: e.Object}
		if e.Object != nil {
			b.portSpec(port)
		}
		out = append(out, port)
	}
	return out
}

func (b *builder) portSpec(p *Port) {
	p.Adapter = b.ident(p.Obj.Get("adapter"))
	p.Ref = b.ident(p.Obj.Get("ref"))
	p.Config = b.config(p.Obj.Get("config"))
}

// config is an adapter's settings; an empty object if there are none.
func (b *builder) config(f *shape.Field) value.Value {
	if f == nil || f.Null || f.Value == nil || f.Value.Kind != syntax.Mapping {
		return value.NewObject(0).Value()
	}
	return b.data(f.Value)
}

// caps types a capability declaration: a list, or a mapping.
func (b *builder) caps(f *shape.Field) *Caps {
	if f == nil || f.Null || f.Value == nil || !f.OK {
		return nil
	}
	c := &Caps{Loc: b.at(f.Value)}
	if f.Object == nil {
		c.Listed = true
		c.List = b.idents(f)
		return c
	}
	o := f.Object
	if set := o.Get("default_set"); set != nil && !set.Null {
		c.Listed, c.List = true, b.idents(set)
	}
	if set := o.Get("allow"); set != nil && !set.Null {
		c.Listed, c.List = true, append(c.List, b.idents(set)...)
	}
	c.Deny = b.idents(o.Get("deny"))
	c.Grant = b.idents(o.Get("grant"))
	c.Profile = b.ident(o.Get("profile"))
	return c
}
