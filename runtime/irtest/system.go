package irtest

import "hexdag.dev/hexdag/lang/ir"

// System starts a System called name. Its ports, limits and settings are set as
// those of a pipeline.
func System(name string) *Builder {
	b := New(name)
	b.p.Kind = ir.KindSystem
	return b
}

// Process adds a process that runs p with what pairs of names and expressions
// give it. Expressions read other processes as `NAME.nodes.NODE` and
// `NAME.outputs.OUTPUT`. Ports of p that the System declares, too, are shared.
func (b *Builder) Process(name string, p *ir.Program, pairs []string, options ...Option) *Builder {
	q := *p
	x := &ir.Process{Pipeline: len(b.p.Pipelines), Effective: q.Effective}
	for i := range q.Ports {
		port := q.Ports[i]
		for j := range b.p.Ports {
			if b.p.Ports[j].Name == port.Name {
				port = b.p.Ports[j]
				port.Shared = j + 1
			}
		}
		x.Ports = append(x.Ports, port)
	}
	for i := range q.Body.Nodes {
		x.Reads = append(x.Reads, i)
	}
	q.Version, q.Files, q.Effective, q.Ports = 0, nil, ir.Effective{}, nil
	b.p.Pipelines = append(b.p.Pipelines, q)
	n := ir.Node{Name: name, Kind: ir.ProcessKind, Process: x, Mapped: true}
	for i := 0; i < len(pairs); i += 2 {
		n.Mapping = append(n.Mapping, ir.Binding{Name: pairs[i], Expr: b.expr(&b.p.Body, &n, ir.ModeExpr, pairs[i+1])})
	}
	b.add(&b.p.Body, n, options)
	return b
}
