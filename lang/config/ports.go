package config

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/schema"
)

// Ports are the ports that the layers declare. The order of nearness is: the
// node's own, `node_ports`, `type_ports`, then the `ports` of process, Pipeline,
// System and Config.
type Ports struct {
	plain  []declared // nearest first, in the order of the source within a layer
	scoped []declared
	// common are the ports of plain by name, as Named gives them.
	common map[string]*Port
}

type declared struct {
	layer        Level
	scope, owner string
	port         *ast.Port
}

// Port is one port that holds.
type Port struct {
	// Key is unique in a program: the port's name, with the node kind or the
	// node before it where only they see the port.
	Key  string
	Name string
	// Spec is what serves the port, with the settings of one adapter from several
	// layers laid over one another.
	Spec *ast.Port
	From []Source
}

// Far reports whether the System or a Config serves the port, and nothing nearer
// has a part in it: then all processes of a System share it.
func (p *Port) Far() bool {
	return len(p.From) > 0 && (p.From[0].Layer == System.String() || p.From[0].Layer == Config.String())
}

// Loc is where the port's nearest entry is.
func (p *Port) Loc() source.Location { return p.Spec.Name.Loc }

// portsOf collects the declarations, the System's process before the Pipeline: a
// System decides what its processes talk to.
func portsOf(layers []Layer) Ports {
	var p Ports
	for _, level := range []Level{Process, Pipeline, System, Config} {
		for _, l := range layers {
			if l.Level != level {
				continue
			}
			for _, port := range l.Configuration.Ports {
				p.plain = append(p.plain, declared{l.Level, "", "", port})
			}
			for _, s := range l.Scoped {
				p.scoped = append(p.scoped, declared{l.Level, s.Scope, s.Owner, s.Port})
			}
		}
	}
	p.common = make(map[string]*Port, len(p.plain))
	for _, d := range p.plain {
		name := d.port.Name.Name
		if _, ok := p.common[name]; !ok {
			p.common[name] = p.combine(name, p.named(name))
		}
	}
	return p
}

// Own are the ports that Pipeline and process declare for all nodes, in order.
func (p *Ports) Own() []*Port {
	var out []*Port
	seen := map[string]bool{}
	for _, d := range p.plain {
		name := d.port.Name.Name
		if d.layer > Process || seen[name] {
			continue
		}
		seen[name] = true
		if x := p.common[name]; x != nil {
			out = append(out, x)
		}
	}
	return out
}

// Names are the names of all ports that some layer declares, nearest first.
func (p *Ports) Names() []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]declared{p.scoped, p.plain} {
		for _, d := range list {
			if name := d.port.Name.Name; !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// Named is the port that nodes without ports of their own see under a name; nil
// if none is declared, or the nearest layer takes it away.
func (p *Ports) Named(name string) *Port { return p.common[name] }

func (p *Ports) named(name string) []declared {
	var out []declared
	for _, d := range p.plain {
		if d.port.Name.Name == name {
			out = append(out, d)
		}
	}
	return out
}

// Of is the port that a node sees under a name; nil as for Named. id is the
// node's path.
func (p *Ports) Of(n *ast.Node, id, name string) *Port {
	var chain []declared
	for _, port := range n.Ports {
		if port.Name.Name == name {
			chain = append(chain, declared{0, "node", id, port})
		}
	}
	for _, scope := range []string{"node", "type"} {
		for _, d := range p.scoped {
			owner := n.Kind
			if scope == "node" {
				owner = n.Name.Name
			}
			if d.scope == scope && d.owner == owner && d.port.Name.Name == name {
				if scope == "node" {
					d.owner = id
				}
				chain = append(chain, d)
			}
		}
	}
	if len(chain) == 0 {
		return p.common[name]
	}
	return p.combine(name, append(chain, p.named(name)...))
}

// combine makes one port of its declarations, nearest first.
func (p *Ports) combine(name string, chain []declared) *Port {
	if len(chain) == 0 || chain[0].port.Null {
		return nil
	}
	near := chain[0]
	out := &Port{Key: name, Name: name}
	switch near.scope {
	case "type":
		out.Key = near.owner + "/" + name
	case "node":
		out.Key = "node/" + near.owner + "/" + name
	}
	spec := *near.port
	out.Spec = &spec
	out.From = []Source{{Layer: near.layerName(), Loc: near.port.Name.Loc, Note: near.note("set")}}
	open := true // farther declarations may still give something
	for _, far := range chain[1:] {
		src := Source{Layer: far.layerName(), Loc: far.port.Name.Loc, Note: far.note("ignored: the " + out.From[0].Layer + " is nearer")}
		open = open && !far.port.Null && sameServer(&spec, far.port)
		if open {
			src.Note = far.note("its settings are under those of the " + out.From[0].Layer)
			under(&spec, far.port)
		}
		out.From = append(out.From, src)
	}
	return out
}

func (d declared) layerName() string {
	if d.layer == 0 {
		return "node"
	}
	return d.layer.String()
}

// note says in which block the declaration stands, where there are several.
func (d declared) note(text string) string {
	if d.layer == 0 || d.scope == "" {
		return text
	}
	return text + " (" + d.scope + "_ports)"
}

// sameServer reports whether a nearer spec means the same adapter as a farther
// one, or does not say which it means.
func sameServer(near, far *ast.Port) bool {
	switch {
	case near.Pool != nil || far.Pool != nil:
		return near.Pool == nil && near.Adapter.Name == "" && near.Ref.Name == ""
	case near.Ref.Name != "" || far.Ref.Name != "":
		return near.Ref.Name == far.Ref.Name || near.Ref.Name == "" && near.Adapter.Name == ""
	case near.Adapter.Name == "":
		return true
	}
	return canonical(near.Adapter.Name) == canonical(far.Adapter.Name)
}

func canonical(adapter string) string {
	if a, ok := schema.Adapter(adapter); ok {
		return a.Name
	}
	return adapter
}

// under fills what spec does not say from a farther one.
func under(spec *ast.Port, far *ast.Port) {
	spec.Config = Overlay(far.Config, spec.Config)
	if spec.Adapter.Name == "" {
		spec.Adapter = far.Adapter
	}
	if spec.Ref.Name == "" {
		spec.Ref = far.Ref
	}
	if spec.Pool == nil {
		spec.Pool = far.Pool
	}
	if spec.Strategy.Name == "" {
		spec.Strategy = far.Strategy
	}
	if spec.Type.Name == "" {
		spec.Type = far.Type
	}
	if spec.Middleware == nil {
		spec.Middleware = far.Middleware
	}
	if spec.AssumeMaxTokens == nil {
		spec.AssumeMaxTokens = far.AssumeMaxTokens
	}
}
