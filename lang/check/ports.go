package check

import (
	"maps"
	"slices"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/schema"
)

// ports checks what serves the ports, and that the nodes' ports are there.
func (c *checker) ports(p *Program) {
	c.configured(&c.doc.Pipeline.Configuration)
	reported := map[string]bool{}
	p.Scope.Each(func(info *Info) {
		n := info.Node
		for _, port := range n.Ports {
			c.port(port)
		}
		c.macroPorts(info)
		need := n.Port()
		if need == "" || c.doc.Open() || c.portOf(n, need) != nil || reported[n.Name.Name] {
			return
		}
		reported[n.Name.Name] = true
		c.add(diag.New(diag.PortUndeclared, n.KindText.Loc, "%s %q needs port %q, which spec.ports does not declare", n.Kind, n.Name.Name, need).
			WithHelp("declare it under spec.ports, or let the host supply it"))
	})
}

// portOf is what serves a node's port: its own, that of its kind, or what the
// layers declare; nil if none is declared.
func (c *checker) portOf(n *ast.Node, name string) *ast.Port {
	if p := c.opt.Effective.Ports.Of(n, n.Name.Name, name); p != nil {
		return p.Spec
	}
	return nil
}

// adapter checks the names of one port spec.
func (c *checker) adapter(o *shape.Object) {
	if o == nil {
		return
	}
	if f := o.Get("ref"); f != nil && !f.Null && f.OK && !f.Dynamic && c.opt.Adapters[f.Value.Value] == nil {
		loc := c.doc.File.Loc(f.Value)
		known := slices.Sorted(maps.Keys(c.opt.Adapters))
		d := diag.New(diag.UnknownReferenceTarget, loc, "there is no Adapter %q", f.Value.Value)
		if best := suggest.Best(f.Value.Value, known); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best}).
				WithRelated(c.opt.Adapters[best].Name.Loc, "%q is declared here", best)
		} else {
			d = d.WithHelp("declare `kind: Adapter` with this name in the same stream, or import it")
			d = d.As(diag.Info) // an importing System may supply it
		}
		c.add(d)
	}
	if f := o.Get("adapter"); f != nil && !f.Null && f.OK && !f.Dynamic {
		c.adapterName(f)
	}
	if f := o.Get("adapters"); f != nil {
		for _, v := range f.Items {
			c.adapter(v.Object)
		}
	}
}

func (c *checker) adapterName(f *shape.Field) {
	name := f.Value.Value
	if name == "" || c.doc.Pipeline != nil && c.doc.Pipeline.Aliases[name] != "" {
		return
	}
	if schema.IsAdapterName(name) || schema.IsForeign(name) {
		return
	}
	loc := c.doc.File.Loc(f.Value)
	d := diag.New(diag.UnknownAdapter, loc, "unknown adapter %q", name)
	if best := suggest.Best(name, adapterSpellings()); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
	} else {
		d = d.WithHelp("name an adapter, or by a dotted path one that the host registers")
	}
	c.add(d)
}

func adapterSpellings() []string {
	names := schema.AdapterNames()
	for _, s := range schema.AdapterSpellings() {
		names = append(names, s.Name)
	}
	return names
}

// portCap is the capability that a node's port needs: by the type of what
// serves it, else by its name.
func (c *checker) portCap(n *ast.Node, name string) string {
	if p := c.portOf(n, name); p != nil {
		return PortCap(PortType(p, c.opt.Adapters), name)
	}
	return PortCap(schema.PortTypeOf(name), name)
}

// PortType is the type of what serves a port: as declared, else the adapter's,
// else what the port's name says; "" if nothing tells.
func PortType(p *ast.Port, adapters map[string]*ast.Doc) string {
	if p.Type.Name != "" {
		return p.Type.Name
	}
	name := p.Adapter.Name
	if def := adapters[p.Ref.Name]; p.Ref.Name != "" && def != nil && def.Adapter != nil {
		if def.Adapter.Type.Name != "" {
			return def.Adapter.Type.Name
		}
		name = def.Adapter.Adapter.Name
	}
	if a, ok := schema.Adapter(name); ok {
		return a.Port
	}
	if len(p.Pool) > 0 {
		member := *p.Pool[0]
		member.Name = p.Name
		return PortType(&member, adapters)
	}
	return schema.PortTypeOf(p.Name.Name)
}

// PortCap is the capability that a call of a port needs, "" for none. A type
// that the language does not know needs a capability of its own.
func PortCap(portType, name string) string {
	if portType == "" {
		return "port:" + name
	}
	if cap, ok := schema.PortCap(portType); ok {
		return cap
	}
	return "port:" + portType
}
