package lower

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// ports lowers the pipeline's ports. A port that only some kind of node or one
// node uses is there under a name of its own.
func (l *lowerer) ports(p *check.Program) {
	l.portOf = map[string]int{}
	for _, port := range p.Doc.Pipeline.Ports {
		l.port(port.Name.Name, port)
	}
	for _, s := range p.Doc.Pipeline.Scoped {
		l.port(portKey(s.Scope, s.Owner, s.Port.Name.Name), s.Port)
	}
	p.Scope.Each(func(info *check.Info) {
		for _, port := range info.Node.Ports {
			l.port(portKey("node", info.Name(), port.Name.Name), port)
		}
	})
}

func portKey(scope, owner, port string) string {
	if scope == "type" {
		if info, _, ok := schema.NodeKind(owner); ok && info != nil {
			owner = info.Name
		}
		return owner + "/" + port
	}
	return "node/" + owner + "/" + port
}

func (l *lowerer) port(key string, p *ast.Port) {
	if p.Obj == nil {
		return
	}
	out := ir.Port{Name: key, Origin: l.place(p.Name.Loc), Adapter: p.Adapter.Name, Config: p.Config}
	if p.Ref.Name != "" {
		def := l.opt.Adapters[p.Ref.Name]
		if def == nil || def.Adapter == nil {
			l.add(diag.New(diag.UnknownReferenceTarget, p.Ref.Loc, "there is no Adapter %q", p.Ref.Name).
				WithHelp("declare `kind: Adapter` with this name in the same stream"))
			return
		}
		out.Adapter = def.Adapter.Adapter.Name
		out.Config = overlay(def.Adapter.Config, p.Config)
	}
	for _, field := range []string{"adapters", "middleware"} {
		if f := p.Obj.Get(field); f != nil && !f.Null {
			l.unbuildable(source.Location{File: p.Name.Loc.File, Span: f.Key.Span}, map[string]string{"adapters": "pools of adapters", "middleware": "middleware"}[field])
			return
		}
	}
	if a, ok := schema.Adapter(out.Adapter); ok {
		out.Adapter = a.Name
	}
	out.Type = check.PortType(p, l.opt.Adapters)
	out.Cap = check.PortCap(out.Type, p.Name.Name)
	l.portOf[key] = len(l.prog.Ports)
	l.prog.Ports = append(l.prog.Ports, out)
}

// overlay lays settings over others, key by key.
func overlay(base, over value.Value) value.Value {
	o := value.NewObject(4)
	for _, layer := range []value.Value{base, over} {
		obj, ok := layer.Object()
		if !ok {
			continue
		}
		for i := range obj.Len() {
			k, v := obj.At(i)
			if name, ok := k.AsString(); ok {
				o.Set(name, v)
			}
		}
	}
	return o.Value()
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
