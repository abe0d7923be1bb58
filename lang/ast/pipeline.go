package ast

import (
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
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
	if f := spec.Get("ports"); f != nil && !f.Null {
		for _, e := range f.Entries {
			port := &Port{Name: b.keyIdent(e.Key), Obj: e.Object}
			if e.Object != nil {
				port.Adapter = b.ident(e.Object.Get("adapter"))
				port.Ref = b.ident(e.Object.Get("ref"))
				if c := e.Object.Get("config"); c != nil && !c.Null {
					port.Config = c.Value
				}
			}
			p.Ports = append(p.Ports, port)
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
	p.Kernel = spec.Object("kernel")
	p.Limits = spec.Object("limits")
	p.Caps = b.caps(spec.Get("caps"))
	if f := spec.Get("variables"); f != nil && !f.Null {
		p.Variables = f.Value
	}
	return p
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

// CapsOf types the capability declaration of a Config.
func CapsOf(f *File, o *shape.Object) *Caps {
	b := &builder{file: f, tree: f.Tree}
	return b.caps(o.Get("caps"))
}
