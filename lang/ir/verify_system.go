package ir

import (
	"fmt"
	"slices"
)

// system checks what only a System has.
func (v *verifier) system() {
	p := v.p
	if p.Kind != KindSystem {
		if p.Pipelines != nil || p.Pipes != nil || p.Init != nil || p.Lifecycle != nil {
			v.failf("", "has processes and is no System")
		}
		return
	}
	// Each pipeline is checked once, with as many ports as all its processes have.
	ports := make([]int, len(p.Pipelines))
	for i := range ports {
		ports[i] = -1
	}
	for i := range p.Body.Nodes {
		n := &p.Body.Nodes[i]
		where := fmt.Sprintf("process %.200q", n.Name)
		x := n.Process
		if x == nil {
			v.failf(where, "has no pipeline")
			return
		}
		if x.Pipeline < 0 || x.Pipeline >= len(p.Pipelines) {
			v.failf(where, "runs pipeline %d of %d", x.Pipeline, len(p.Pipelines))
			return
		}
		if at := &ports[x.Pipeline]; *at < 0 || len(x.Ports) < *at {
			*at = len(x.Ports)
		}
	}
	for i := range p.Pipelines {
		where := fmt.Sprintf("pipeline %d", i)
		q := p.Pipelines[i]
		switch {
		case ports[i] < 0:
			v.failf(where, "is run by no process")
		case q.Kind != KindPipeline:
			v.failf(where, "has the kind %.40q", q.Kind)
		case q.Files != nil || q.Ports != nil || q.Effective.Kernel != nil || q.Effective.Limits != nil || q.Version != 0:
			v.failf(where, "has files, ports or a configuration of its own")
		}
		if v.err != nil {
			return
		}
		q.Version, q.Files = p.Version, p.Files
		q.Ports = make([]Port, ports[i])
		for j := range q.Ports {
			q.Ports[j] = Port{Name: "port", Adapter: "adapter"}
		}
		inner := verifier{p: &q}
		if inner.program(); inner.err != nil {
			v.failf(where, "%s", inner.err.(*VerifyError).short())
			return
		}
	}
	for i := range p.Pipes {
		x := &p.Pipes[i]
		where := fmt.Sprintf("pipe %d", i)
		if x.From < 0 || x.From >= len(p.Body.Nodes) || x.To < 0 || x.To >= len(p.Body.Nodes) || !hasEdge(&p.Body.Nodes[x.To], x.From) {
			v.failf(where, "leads from process %d to %d", x.From, x.To)
			return
		}
		v.place(where, &x.At)
	}
	v.init(p.Init)
	v.lifecycle(p.Lifecycle)
}

// short is the fault without the frame around it.
func (e *VerifyError) short() string {
	if e.Where == "" {
		return e.Msg
	}
	return e.Where + " " + e.Msg
}

// process checks the specification of a process. Its pipeline is checked by
// system.
func (v *verifier) process(where string, x *Process) {
	if v.p.Kind != KindSystem {
		v.failf(where, "is a process outside of a System")
		return
	}
	v.configuration(&x.Effective)
	for i := range x.Ports {
		if s := x.Ports[i].Shared; s < 0 || s > len(v.p.Ports) {
			v.failf(where, "shares port %d of %d", s, len(v.p.Ports))
			return
		}
	}
	v.bindings(where, x.Input)
	v.encodedType(where, x.Declared)
	v.encodedType(where, x.Returns)
	v.place(where, &x.At)
	if x.Pipeline < 0 || x.Pipeline >= len(v.p.Pipelines) {
		return // reported by system
	}
	q := v.p.Pipelines[x.Pipeline]
	q.Files = v.p.Files
	inner := verifier{p: &q}
	if inner.ports(x.Ports); inner.err != nil {
		v.failf(where, "%s", inner.err.(*VerifyError).short())
	}
	nodes := len(q.Body.Nodes)
	for _, list := range [][]int{x.Reads, x.Whole} {
		if !slices.IsSorted(list) {
			v.failf(where, "has results out of order")
		}
		for _, n := range list {
			if n < 0 || n >= nodes {
				v.failf(where, "gives the result of node %d of %d", n, nodes)
			}
		}
	}
}
