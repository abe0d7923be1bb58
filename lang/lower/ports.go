package lower

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/price"
	"hexdag.dev/hexdag/schema"
)

// ports lowers the ports that the pipeline and its process declare for all
// nodes. Those of farther layers, and those that only some kind of node or one
// node sees, are lowered when a node uses them, the latter under a name of their
// own.
func (l *lowerer) ports() {
	for _, p := range l.config.Ports.Own() {
		l.port(p)
	}
}

// prices lowers what the configuration says that models cost, and which version
// of the built-in table the build saw where it matters.
func (l *lowerer) prices() {
	table := check.Prices(l.config.Prices)
	for i, e := range table {
		l.prog.Prices = append(l.prog.Prices, ir.Price{
			Model: e.Model, Input: e.Input, Output: e.Output, CachedInput: e.CachedInput, From: l.sources(l.config.Prices[i].From),
		})
	}
	if _, limited := config.Get(l.config.Limits, ir.MaxCostUSD); limited {
		l.prog.PriceTable = price.Version()
	}
}

// port lowers a port once and gives its index; -1 if that is not possible, which
// was reported.
func (l *lowerer) port(p *config.Port) int {
	if i, ok := l.portOf[p.Key]; ok {
		return i
	}
	l.portOf[p.Key] = -1
	if l.system != nil && p.Far() {
		return l.share(p)
	}
	spec := p.Spec
	if spec.Obj == nil {
		return -1
	}
	out := ir.Port{
		Name: p.Key, Origin: l.place(p.Loc()), Config: spec.Config, From: l.sources(p.From),
		Middleware: l.stack(spec.Middleware, p.Key), AssumeMaxTokens: count(spec.AssumeMaxTokens, 0),
	}
	if len(spec.Pool) > 0 {
		out.Strategy = "round_robin"
		if spec.Strategy.Name != "" {
			out.Strategy = spec.Strategy.Name
		}
		for _, m := range spec.Pool {
			member, _, ok := l.server(m, p.Key)
			if !ok {
				return -1
			}
			out.Pool = append(out.Pool, member)
		}
	} else {
		server, def, ok := l.server(spec, p.Key)
		if !ok {
			return -1
		}
		out.Adapter, out.Config = server.Adapter, server.Config
		// What a document puts around its adapter is inside of the port's own.
		out.Middleware = append(server.Middleware, out.Middleware...)
		if def != nil {
			if out.AssumeMaxTokens == 0 {
				out.AssumeMaxTokens = count(def.AssumeMaxTokens, 0)
			}
			for _, c := range def.Requires {
				out.Requires = append(out.Requires, config.CanonicalCap(c.Name))
			}
		}
		if out.Adapter == "" {
			// A type or settings without an adapter: the host supplies it.
			return -1
		}
	}
	out.Type = check.PortType(spec, l.opt.Adapters)
	out.Cap = check.PortCap(out.Type, p.Name)
	l.portOf[p.Key] = len(l.prog.Ports)
	l.prog.Ports = append(l.prog.Ports, out)
	return l.portOf[p.Key]
}

// server is the adapter that a spec or a member of a pool means, by itself or by
// an Adapter document, which is given, too.
func (l *lowerer) server(spec *ast.Port, where string) (ir.PoolMember, *ast.Port, bool) {
	m := ir.PoolMember{Adapter: spec.Adapter.Name, Config: spec.Config}
	var def *ast.Port
	if spec.Ref.Name != "" {
		doc := l.opt.Adapters[spec.Ref.Name]
		if doc == nil || doc.Adapter == nil {
			l.unresolved(spec.Ref, "Adapter")
			return m, nil, false
		}
		def = doc.Adapter
		m.Adapter = def.Adapter.Name
		m.Config = config.Overlay(def.Config, spec.Config)
		m.Middleware = l.stack(def.Middleware, where)
	}
	if a, ok := schema.Adapter(m.Adapter); ok {
		m.Adapter = a.Name
	}
	return m, def, true
}

// unresolved reports a reference that nothing visible satisfies; checking left
// it to a System that might.
func (l *lowerer) unresolved(id ast.Ident, kind string) {
	l.add(diag.New(diag.UnknownReferenceTarget, id.Loc, "there is no %s %q", kind, id.Name).
		WithHelp("declare `kind: %s` with this name in the same stream", kind))
}

// portUse finds the port that a node calls: its own, that of its kind, or what
// the layers declare.
func (l *lowerer) portUse(info *check.Info, name string) ir.PortUse {
	use := ir.PortUse{Port: -1, Name: name, Cap: check.PortCap(schema.PortTypeOf(name), name)}
	p := l.config.Ports.Of(info.Node, info.ID(), name)
	if p == nil {
		return use
	}
	use.Cap = check.PortCap(check.PortType(p.Spec, l.opt.Adapters), name)
	if i := l.port(p); i >= 0 {
		use.Port = i
	}
	return use
}
