package lower

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// ports lowers the pipeline's ports. A port that only some kind of node or one
// node uses is there under a name of its own.
func (l *lowerer) ports(p *check.Program) {
	l.portOf = map[string]int{}
	for _, port := range p.Doc.Pipeline.Ports {
		l.port(p.Doc, port.Name.Name, port.Name, port.Obj)
	}
	spec := p.Doc.Pipeline.Spec
	for _, scoped := range []string{"type_ports", "node_ports"} {
		f := spec.Get(scoped)
		if f == nil || f.Null {
			continue
		}
		for _, e := range f.Entries {
			for _, inner := range e.Entries {
				name := portKey(scoped, e.Key.Value, inner.Key.Value)
				l.port(p.Doc, name, ast.Ident{Name: inner.Key.Value, Loc: l.locOf(p.Doc, inner.Key.Span)}, inner.Object)
			}
		}
	}
	p.Scope.Each(func(info *check.Info) {
		f := info.Node.Spec.Get("ports")
		if f == nil || f.Null {
			return
		}
		for _, e := range f.Entries {
			l.port(p.Doc, portKey("node", info.Name(), e.Key.Value), ast.Ident{Name: e.Key.Value, Loc: l.loc(info.Node, e.Key.Span)}, e.Object)
		}
	})
}

func portKey(scope, owner, port string) string {
	switch scope {
	case "type_ports":
		if info, _, ok := schema.NodeKind(owner); ok && info != nil {
			owner = info.Name
		}
		return owner + "/" + port
	default:
		return "node/" + owner + "/" + port
	}
}

func (l *lowerer) locOf(d *ast.Doc, s source.Span) source.Location {
	return source.Location{File: d.File.Source, Span: s}
}

func (l *lowerer) port(doc *ast.Doc, key string, name ast.Ident, o *shape.Object) {
	if o == nil {
		return
	}
	out := ir.Port{Name: key, Origin: l.place(name.Loc), Config: value.NewObject(0).Value()}
	adapter := o.Get("adapter")
	var layers []*syntax.Node
	file := doc.File
	if ref := o.Get("ref"); ref != nil && !ref.Null {
		def := l.opt.Adapters[ref.Value.Value]
		if def == nil {
			return // reported by package check
		}
		spec := def.Obj.Object("spec")
		adapter = spec.Get("adapter")
		if c := spec.Get("config"); c != nil && !c.Null {
			layers = append(layers, c.Value)
		}
		file = def.File
	}
	if c := o.Get("config"); c != nil && !c.Null {
		layers = append(layers, c.Value)
	}
	if f := o.Get("adapters"); f != nil && !f.Null {
		l.unbuildable(l.locOf(doc, f.Key.Span), "pools of adapters")
	}
	if f := o.Get("middleware"); f != nil && !f.Null {
		l.unbuildable(l.locOf(doc, f.Key.Span), "middleware")
	}
	if adapter == nil || adapter.Value == nil {
		return
	}
	out.Adapter = adapter.Value.Value
	if a, _, ok := schema.Adapter(out.Adapter); ok && a != nil {
		out.Adapter = a.Name
	}
	out.Type = check.PortType(o, name.Name, l.opt.Adapters)
	out.Cap = check.PortCap(out.Type, name.Name)
	config := value.NewObject(4)
	for i, layer := range layers {
		f := file
		if i == len(layers)-1 {
			f = doc.File
		}
		for k, v := range layer.Entries() {
			config.Set(k.Value, l.data(f, v))
		}
	}
	out.Config = config.Value()
	l.portOf[key] = len(l.prog.Ports)
	l.prog.Ports = append(l.prog.Ports, out)
}

// portUse finds the port that a node calls: its own, that of its kind, or the
// pipeline's.
func (l *lowerer) portUse(n *ast.Node, name string) ir.PortUse {
	use := ir.PortUse{Port: -1, Name: name, Cap: check.PortCap(name, name)}
	for _, key := range []string{portKey("node", n.Name.Name, name), n.Kind + "/" + name, name} {
		if i, ok := l.portOf[key]; ok {
			use.Port, use.Cap = i, l.prog.Ports[i].Cap
			return use
		}
	}
	return use
}

// data is a constant of a port's configuration, with environment variables
// filled in and secrets as handles.
func (l *lowerer) data(f *ast.File, n *syntax.Node) value.Value {
	n = n.Deref()
	if n == nil {
		return value.Null
	}
	switch n.Kind {
	case syntax.Scalar:
		if strings.Contains(n.Value, "${") {
			return l.env(f, n)
		}
		return ast.Value(n)
	case syntax.Sequence:
		items := make([]value.Value, len(n.Items))
		for i, x := range n.Items {
			items[i] = l.data(f, x)
		}
		return value.List(items)
	case syntax.Mapping:
		o := value.NewObject(len(n.Pairs))
		for k, v := range n.Entries() {
			o.Set(k.Value, l.data(f, v))
		}
		return o.Value()
	}
	return value.Null
}

// env fills environment variables in. A name of a secret becomes a handle that
// the runtime resolves; it must be the whole text.
func (l *lowerer) env(f *ast.File, n *syntax.Node) value.Value {
	loc := source.Location{File: f.Source, Span: n.Span}
	refs, ds := ast.EnvRefs(f, n)
	l.ds.Append(ds)
	var b strings.Builder
	for _, r := range refs {
		switch {
		case r.Name == "":
			b.WriteString(r.Text)
		case r.Secret:
			l.prog.Env = appendEnv(l.prog.Env, ir.EnvUse{Name: r.Name, Secret: true})
			if len(refs) > 1 {
				l.add(diag.New(diag.EnvBad, loc, "secret ${%s} must be the whole value", r.Name).
					WithHelp("a secret is a reference that the runtime resolves; text around it cannot be added at build time"))
				return value.Null
			}
			return value.Secret(r.Name)
		default:
			v, ok := l.opt.Lookup(r.Name)
			if !ok && !r.HasDefault {
				l.add(diag.New(diag.EnvUnset, loc, "environment variable %s is not set and has no default", r.Name).
					WithHelp("set it, or write ${%s:default}", r.Name).As(diag.Error))
				return value.Null
			}
			if !ok {
				v = r.Default
			}
			l.prog.Env = appendEnv(l.prog.Env, ir.EnvUse{Name: r.Name, Default: !ok, Digest: digest(v)})
			b.WriteString(v)
		}
	}
	return value.String(b.String())
}

func appendEnv(list []ir.EnvUse, u ir.EnvUse) []ir.EnvUse {
	for _, x := range list {
		if x.Name == u.Name {
			return list
		}
	}
	return append(list, u)
}
