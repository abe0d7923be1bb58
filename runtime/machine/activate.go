package machine

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// scopeEnd is the node of an entry that says that a scope has settled.
const scopeEnd = -1

// activate carries out one entry of the ready queue.
func (m *Machine) activate(e entry) {
	if !m.live(e) {
		return
	}
	if e.node == scopeEnd {
		m.scopeDone(e.scope)
		return
	}
	ns := &m.scopes[e.scope].nodes[e.node]
	switch ns.st {
	case Ready:
		m.decide(e.scope, e.node)
	case Running:
		if a := m.act(ns.act); a != nil && a.comp != nil {
			if a.agent != nil || m.node(e.scope, e.node).kind == kindAgent {
				a.comp.queued = false
				m.pumpAgent(e.scope, e.node)
				return
			}
			m.pump(e.scope, e.node)
		}
	}
}

// decide says what becomes of a node whose dependencies have all settled.
func (m *Machine) decide(s, n int32) {
	nd := m.node(s, n)
	sc := &m.scopes[s]
	ns := &sc.nodes[n]
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	if nd.kind == kindExport && ns.flags&flagUpstream != 0 {
		m.abort(s, n, WhyUpstreamFailed) // as the node did that it stands for
		return
	}
	if len(nd.guards) > 0 {
		if ns.flags&flagGuard == 0 && !m.broken(faultHandler) {
			m.skip(s, n, WhyNoError)
			return
		}
	} else {
		if ns.flags&flagUpstream != 0 {
			m.skip(s, n, WhyUpstreamFailed)
			return
		}
		if len(nd.data) > 0 && int(ns.skipped) == len(nd.data) || m.broken(faultAnySkip) && ns.skipped > 0 {
			m.skip(s, n, WhyUpstreamSkipped)
			return
		}
	}
	if len(nd.ir.Routes) > 0 && !m.routed(sc, nd) {
		m.skip(s, n, WhyNotRouted)
		return
	}
	f := m.frameFor(s, nd, nil)
	if nd.when != nil {
		ok, fail := nd.when.truth(f)
		if fail != nil {
			m.failNode(s, n, fail)
			return
		}
		if !ok {
			m.skip(s, n, WhyWhenFalse)
			return
		}
	}
	if fail := f.mapping(); fail != nil {
		m.failNode(s, n, fail)
		return
	}
	if fail := m.requiredInputs(f); fail != nil {
		m.failNode(s, n, fail)
		return
	}
	ns.try = 1
	switch nd.kind {
	case kindExpression:
		m.runExpression(f)
	case kindData:
		m.runData(f)
	case kindComposite:
		m.startComposite(f)
	case kindExport:
		m.settleExport(s, n)
	case kindProcess:
		m.startProcess(f)
	case kindAgent:
		m.startAgent(f)
	case kindWait:
		m.startWait(f)
	case kindTransition:
		m.startTransition(f)
	default:
		m.newAct(s, n)
		m.enqueue(s, n)
	}
}

// routed reports whether one of the routers selected the node.
func (m *Machine) routed(sc *scope, nd *node) bool {
	for _, r := range nd.ir.Routes {
		if sc.nodes[r.Router].st != Completed {
			continue
		}
		o, ok := sc.outs[r.Router].Object()
		if !ok {
			continue
		}
		v, _ := o.Get("matched_action")
		if action, ok := v.AsString(); ok && action == r.Target {
			return true
		}
	}
	return false
}

func (m *Machine) requiredInputs(f *frame) *Failure {
	if len(f.n.ir.Required) == 0 {
		return nil
	}
	in := m.preparedInput(f)
	o, _ := in.Object()
	var absent []string
	for _, name := range f.n.ir.Required {
		v := value.Missing
		if o != nil {
			v, _ = o.Get(name)
		}
		if v.IsNull() || v.IsMissing() {
			absent = append(absent, name)
		}
	}
	if absent == nil {
		return nil
	}
	return &Failure{
		Code: diag.RunRequiredInput, Class: ClassInvalidInput, Definite: true, Place: f.n.ir.Origin,
		Message: "required inputs are null or absent: " + strings.Join(absent, ", "),
		Help:    "see what " + f.n.ir.Name + " receives: its input_mapping, its dependencies, the run's input",
	}
}

// runExpression computes an expression_node.
func (m *Machine) runExpression(f *frame) {
	s, nd := f.scope, f.n
	x := nd.ir.Expression
	m.startedNode(s, nd.index)
	if x.Merge == "reduce" {
		items := m.mergeItems(f)
		kept := items[:0]
		for _, v := range items {
			if !v.IsNull() {
				kept = append(kept, v)
			}
		}
		if len(kept) > 0 {
			a := m.acts[m.newAct(s, nd.index)-1]
			a.reduce = value.List(kept)
			m.enqueue(s, nd.index)
			return
		}
		m.finishExpression(f, value.Null)
		return
	}
	merged := value.Missing
	if x.Merge != "" {
		merged = m.merge(f)
	}
	m.finishExpression(f, merged)
}

// finishExpression computes the expressions on top of what was merged.
func (m *Machine) finishExpression(f *frame, merged value.Value) {
	s, nd := f.scope, f.n
	if len(nd.vars) == 0 && !merged.IsMissing() {
		o := value.NewObject(1)
		o.Set("result", merged)
		m.complete(s, nd.index, o.Value())
		return
	}
	f.merged = merged
	for _, c := range nd.vars {
		v, fail := c.eval(f)
		if fail != nil {
			m.failNode(s, nd.index, fail)
			return
		}
		f.vars = append(f.vars, v)
	}
	var o *value.Object
	if nd.fields == nil {
		o = value.NewObject(len(nd.vars))
		for i, v := range f.vars {
			o.Set(nd.names[i], v)
		}
	} else {
		o = value.NewObject(len(nd.fields))
		for _, i := range nd.fields {
			o.Set(nd.names[i], f.vars[i])
		}
	}
	m.complete(s, nd.index, o.Value())
}

// mergeItems are the results of the data dependencies in document order, each
// reduced to the field that extract_field names.
func (m *Machine) mergeItems(f *frame) []value.Value {
	x := f.n.ir.Expression
	sc := &m.scopes[f.scope]
	items := make([]value.Value, 0, len(f.n.data))
	for _, d := range f.n.data {
		v := value.Null
		if sc.nodes[d].st == Completed {
			v = dig(sc.outs[d], x.Extract)
		}
		items = append(items, v)
	}
	return items
}

func (m *Machine) merge(f *frame) value.Value {
	items := m.mergeItems(f)
	switch f.n.ir.Expression.Merge {
	case "dict":
		o := value.NewObject(len(items))
		for i, d := range f.n.data {
			o.Set(f.n.body.nodes[d].ir.Name, items[i])
		}
		return o.Value()
	case "first":
		for _, v := range items {
			if !v.IsNull() {
				return v
			}
		}
		return value.Null
	case "last":
		for i := len(items) - 1; i >= 0; i-- {
			if !items[i].IsNull() {
				return items[i]
			}
		}
		return value.Null
	}
	return value.List(items)
}

// dig follows a path of fields; what is not there is null.
func dig(v value.Value, path []string) value.Value {
	for _, name := range path {
		o, ok := v.Object()
		if !ok {
			return value.Null
		}
		if v, ok = o.Get(name); !ok {
			return value.Null
		}
	}
	return v
}

// runData computes a data_node.
func (m *Machine) runData(f *frame) {
	s, nd := f.scope, f.n
	m.startedNode(s, nd.index)
	o := value.NewObject(len(nd.vars))
	for i, c := range nd.vars {
		v, fail := c.eval(f)
		if fail != nil {
			m.failNode(s, nd.index, fail)
			return
		}
		o.Set(nd.names[i], v)
	}
	m.complete(s, nd.index, o.Value())
}
