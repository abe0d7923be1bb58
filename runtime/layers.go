package runtime

import (
	"context"
	"fmt"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/middleware"
	"hexdag.dev/hexdag/runtime/port"
)

// layers are the middleware of a program: one layer for each entry that something
// refers to, and those around the calls of single nodes.
type layers struct {
	made   map[int]middleware.Layer
	byNode map[string][]middleware.Layer // by the node's identity
}

// layer is the layer of an entry, made once; nil for one that adds nothing or that
// cannot be made, which is reported.
func (x *preparation) layer(i int) middleware.Layer {
	if l, ok := x.layers.made[i]; ok {
		return l
	}
	if x.layers.made == nil {
		x.layers.made = map[int]middleware.Layer{}
	}
	m := &x.program.Middleware[i]
	l, err := middleware.New(m)
	if err != nil {
		x.problem(&m.Origin, err)
	}
	x.layers.made[i] = l
	return l
}

// stack are the layers of a list of entries, the innermost first.
func (x *preparation) stack(entries []int) []middleware.Layer {
	var out []middleware.Layer
	for _, i := range entries {
		if l := x.layer(i); l != nil {
			out = append(out, l)
		}
	}
	return out
}

// nodeLayers collects the layers of nodes, before the first port is made.
func (x *preparation) nodeLayers(b *ir.Body) {
	if b == nil {
		return
	}
	for i := range b.Nodes {
		n := &b.Nodes[i]
		if s := x.stack(n.Middleware); len(s) > 0 {
			if x.layers.byNode == nil {
				x.layers.byNode = map[string][]middleware.Layer{}
			}
			x.layers.byNode[n.ID] = s
			if n.LLM == nil && n.Agent == nil {
				x.problem(&n.Origin, fmt.Errorf("a policy of node %q wraps its calls in middleware, which this version has for language models only", n.Name))
			}
		}
		if c := n.Composite; c != nil {
			x.nodeLayers(c.Body)
			for j := range c.Branches {
				x.nodeLayers(c.Branches[j].Body)
			}
			if c.Else != nil {
				x.nodeLayers(c.Else.Body)
			}
		}
	}
}

// outside reports nodes whose own layers cannot be put around a port that several
// processes of a System share.
func (x *preparation) outside(n *ir.Node, name string) {
	if len(x.layers.byNode[n.ID]) > 0 {
		x.problem(&n.Origin, fmt.Errorf("a policy of node %q wraps its calls of port %q in middleware, and processes of a System share that port; declare the port in the process, or attach the policy to the port", n.Name, name))
	}
}

// guarded puts everything around a model that stands at a port: from the inside the
// meter, the requests that its own configuration asks for, the port's layers, the
// host's, the nodes', the gate. p is nil for a port of the host.
func (x *preparation) guarded(llm port.LLM, p *ir.Port, name string) port.LLM {
	var around []port.LLMMiddleware
	pooled := false
	if p != nil {
		pooled = len(p.Pool) > 0
		if !pooled {
			around = retries(llm, p.Name)
		}
		for _, l := range x.stack(p.Middleware) {
			around = append(around, middleware.LLM(l))
		}
	}
	around = append(around, x.runner.options.Middleware[name]...)
	if len(x.layers.byNode) > 0 {
		around = append(around, middleware.ByNode(x.layers.byNode))
	}
	if pooled {
		return port.GuardMetered(llm, around...)
	}
	return port.Guard(llm, around...)
}

func retries(adapter port.LLM, name string) []port.LLMMiddleware {
	if r, ok := adapter.(port.Retrying); ok && r.Retries() > 0 {
		return []port.LLMMiddleware{middleware.LLM(middleware.Retries(name, r.Retries()))}
	}
	return nil
}

// pool makes the models of a pool, each with its own meter and layers.
func (x *preparation) pool(ctx context.Context, p *ir.Port) port.LLM {
	var adapters, members []port.LLM
	for i := range p.Pool {
		m := &p.Pool[i]
		one := ir.Port{Name: p.Name, Type: p.Type, Adapter: m.Adapter, Config: m.Config, Origin: p.Origin}
		llm := x.adapter(ctx, &one)
		if llm == nil {
			continue // reported
		}
		member := port.Metered(llm)
		for _, around := range retries(llm, fmt.Sprintf("%s.adapters[%d]", p.Name, i)) {
			member = around(member)
		}
		for _, l := range x.stack(m.Middleware) {
			member = middleware.LLM(l)(member)
		}
		adapters, members = append(adapters, llm), append(members, member)
	}
	if len(members) < len(p.Pool) {
		return nil
	}
	return middleware.Pool(adapters, members, p.Strategy == "failover")
}
