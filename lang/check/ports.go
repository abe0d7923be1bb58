package check

import (
	"maps"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/schema"
)

// ports checks what serves the ports, and that the nodes' ports are there.
func (c *checker) ports(p *Program) {
	pl := c.doc.Pipeline
	names := map[string]bool{}
	for _, port := range pl.Ports {
		names[port.Name.Name] = true
		c.adapter(port.Obj)
	}
	for _, scoped := range []string{"type_ports", "node_ports"} {
		if f := pl.Spec.Get(scoped); f != nil && !f.Null {
			for _, e := range f.Entries {
				for _, inner := range e.Entries {
					c.adapter(inner.Object)
				}
			}
		}
	}
	own := map[string]bool{}
	reported := map[string]bool{}
	p.Scope.Each(func(info *Info) {
		n := info.Node
		if f := n.Spec.Get("ports"); f != nil && !f.Null {
			for _, e := range f.Entries {
				own[n.Name.Name+"/"+e.Key.Value] = true
				c.adapter(e.Object)
			}
		}
		if n.Obj.Kind == nil || n.Obj.Kind.Info == nil || n.Obj.Kind.Info.Port == "" || c.doc.Fragment {
			return
		}
		need := n.Obj.Kind.Info.Port
		if names[need] || own[n.Name.Name+"/"+need] || c.scopedPort(n, need) || reported[n.Name.Name] {
			return
		}
		reported[n.Name.Name] = true
		c.add(diag.New(diag.PortUndeclared, n.KindText.Loc, "%s %q needs port %q, which spec.ports does not declare", n.Kind, n.Name.Name, need).
			WithHelp("declare it under spec.ports, or let the host supply it"))
	})
}

// scopedPort reports whether type_ports or node_ports gives a node the port.
func (c *checker) scopedPort(n *ast.Node, need string) bool {
	for _, scoped := range []string{"type_ports", "node_ports"} {
		f := c.doc.Pipeline.Spec.Get(scoped)
		if f == nil || f.Null {
			continue
		}
		for _, e := range f.Entries {
			owner := e.Key.Value
			if scoped == "type_ports" {
				if info, _, ok := schema.NodeKind(owner); ok && info != nil {
					owner = info.Name
				}
				if owner != n.Kind {
					continue
				}
			} else if owner != n.Name.Name {
				continue
			}
			for _, inner := range e.Entries {
				if inner.Key.Value == need {
					return true
				}
			}
		}
	}
	return false
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
	if name == "" || c.doc.Pipeline.Aliases[name] != "" {
		return
	}
	if _, _, ok := schema.Adapter(name); ok {
		return
	}
	if strings.Contains(name, ".") && !strings.HasPrefix(name, "hexdag.") || strings.HasPrefix(name, "plugin:") {
		return // code of the host's
	}
	loc := c.doc.File.Loc(f.Value)
	d := diag.New(diag.UnknownAdapter, loc, "unknown adapter %q", name)
	if best := suggest.Best(name, adapterNames()); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
	} else {
		d = d.WithHelp("name an adapter, or by a dotted path one that the host registers")
	}
	c.add(d)
}

func adapterNames() []string {
	var out []string
	for _, s := range schema.AdapterSpellings() {
		out = append(out, s.Name)
	}
	return out
}

// portCap is the capability that a node's port needs: by the type of what
// serves it, else by its name.
func (c *checker) portCap(n *ast.Node, port string) string {
	typ := ""
	for _, p := range c.doc.Pipeline.Ports {
		if p.Name.Name == port {
			typ = PortType(p.Obj, port, c.opt.Adapters)
		}
	}
	if f := n.Spec.Get("ports"); f != nil && !f.Null {
		for _, e := range f.Entries {
			if e.Key.Value == port {
				typ = PortType(e.Object, port, c.opt.Adapters)
			}
		}
	}
	if typ == "" {
		typ = typeByName(port)
	}
	return PortCap(typ, port)
}

func typeByName(port string) string {
	if t, ok := schema.PortTypeOf(port); ok {
		return t.Name
	}
	return ""
}

// PortType is the type of what serves a port: as declared, else the adapter's,
// else what the port's name says; "" if nothing tells.
func PortType(o *shape.Object, name string, adapters map[string]*ast.Doc) string {
	if o != nil {
		if t := o.Get("type"); t != nil && !t.Null {
			return t.Value.Value
		}
		adapter := o.Get("adapter")
		if ref := o.Get("ref"); ref != nil && !ref.Null {
			if def := adapters[ref.Value.Value]; def != nil {
				spec := def.Obj.Object("spec")
				if t := spec.Get("port"); t != nil && !t.Null {
					return t.Value.Value
				}
				adapter = spec.Get("adapter")
			}
		}
		if adapter != nil && adapter.Value != nil {
			if a, _, ok := schema.Adapter(adapter.Value.Value); ok && a != nil {
				return a.Port
			}
		}
	}
	return typeByName(name)
}

// PortCap is the capability that a call of a port needs, "" for none. A type
// that the language does not know needs a capability of its own.
func PortCap(portType, name string) string {
	if portType == "" {
		return "port:" + name
	}
	if t, ok := schema.PortTypeOf(portType); ok {
		return t.Cap
	}
	return "port:" + portType
}
