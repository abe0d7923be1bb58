package lower

import (
	"math"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
)

func (l *lowerer) body(s *check.Scope, prefix string) ir.Body {
	var b ir.Body
	for _, info := range s.Nodes {
		b.Nodes = append(b.Nodes, l.node(info, prefix))
	}
	return b
}

func (l *lowerer) node(info *check.Info, prefix string) ir.Node {
	n := info.Node
	out := ir.Node{
		ID: prefix + info.LocalName(), Name: info.Name(), Kind: n.Kind, Origin: l.place(n.Loc), Single: -1,
		When: l.expr(info, n.When), Mapping: l.bindings(info, n.Mapping), Mapped: n.Mapped, Strict: n.Strict,
		Attempts: 1, RetryDelay: 1e9, RetryMax: 60e9, Backoff: 2, Critical: n.Critical,
	}
	out.Edges = l.edges(info)
	if info.Single != nil {
		out.Single = info.Single.Index
	}
	for _, r := range info.Routes {
		out.Routes = append(out.Routes, ir.Route{Router: r.Router.Index, Target: r.Target})
	}
	for _, r := range n.Required {
		out.Required = append(out.Required, r.Name)
	}
	l.exec(&out, info)
	if info.Result != nil && !info.Result.IsAny() {
		out.Result = expr.EncodeType(info.Result)
	}
	switch {
	case n.Macro != nil && n.Macro.Body != nil:
		l.macro(&out, info, prefix)
	case info.Export != nil:
		l.export(&out, info)
	case n.LLM != nil:
		l.llm(&out, info)
	case n.Expression != nil:
		l.expression(&out, info)
	case n.Data != nil:
		out.Data = &ir.Data{Output: l.bindings(info, n.Data.Output)}
	case n.Composite != nil:
		l.composite(&out, info, prefix)
	case n.Kind == "function_node":
		out.Function = l.function(n.Function, n)
		if out.Function == nil {
			out.Function = &ir.Function{Code: -1}
		}
	case n.Agent != nil:
		l.agent(&out, info)
	case n.Call != nil:
		l.call(&out, info)
	case n.Wait != nil:
		l.wait(&out, info)
	case n.Transition != nil:
		l.transition(&out, info)
	default:
		l.unbuildable(n.KindText.Loc, "nodes of kind "+quote(n.KindText.Name))
	}
	return out
}

func quote(s string) string { return `"` + s + `"` }

func appendNew(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}

// exec lowers how a node is run: what its own fields and its policies say.
func (l *lowerer) exec(out *ir.Node, info *check.Info) {
	x := &info.Exec
	if l.system != nil {
		// The process and the System have policies that the pipeline does not know.
		here := check.ExecUnder(info, &l.config, l.opt.Policies)
		x = &here
	}
	out.Attempts = int(max(1, min(x.Attempts, math.MaxInt32)))
	out.RetryDelay, out.RetryMax, out.Backoff = x.Delay, x.MaxDelay, x.Factor
	out.RetryLinear, out.RetryExact = x.Linear, x.Exact
	out.RetryOn, out.Timeout = x.RetryOn, x.Timeout
	for _, p := range x.Policies {
		out.Policies = append(out.Policies, ir.NodePolicy{Slot: p.Slot, Type: p.Type, From: l.sources(p.From)})
	}
	for _, p := range x.Layers {
		out.Middleware = append(out.Middleware, l.policyLayer(p))
	}
}

func (l *lowerer) expression(out *ir.Node, info *check.Info) {
	e := info.Node.Expression
	x := &ir.Expression{Vars: l.bindings(info, e.Vars), Merge: e.Merge.Name}
	if e.Listed {
		x.Fields = []string{}
		for _, f := range e.Fields {
			x.Fields = append(x.Fields, f.Name)
		}
	}
	for _, p := range e.Extract {
		x.Extract = append(x.Extract, p.Name)
	}
	x.Reducer = l.function(e.Reducer, info.Node)
	out.Expression = x
}

var modes = map[string]ir.CompositeMode{
	"while": ir.ModeWhile, "for-each": ir.ModeForEach, "times": ir.ModeTimes, "if-else": ir.ModeIfElse, "switch": ir.ModeSwitch,
}

func (l *lowerer) composite(out *ir.Node, info *check.Info, prefix string) {
	co := info.Node.Composite
	c := &ir.Composite{
		Mode: modes[co.Mode.Name], Condition: l.expr(info, co.Condition), Items: l.expr(info, co.Items),
		ItemVar: co.ItemVar.Name, IndexVar: co.IndexVar.Name, Count: l.expr(info, co.Count),
		InitialState: l.bindings(info, co.Initial), StateUpdate: l.bindings(info, co.Update),
		MaxIter: 100, Concurrency: 1, Collect: "list", KeyField: co.KeyField.Name, OnError: "fail_fast",
		RouteDownstream: co.RouteDownstream,
	}
	out.Composite = c
	id := prefix + info.LocalName()
	c.Body, c.BodyFunc = l.branchBody(co.Body, info, id)
	for _, b := range co.Branches {
		x := ir.Branch{Condition: l.expr(info, b.Condition), Action: b.Action.Name, At: l.place(b.Loc)}
		x.Body, x.BodyFunc = l.branchBody(b.Body, info, id)
		c.Branches = append(c.Branches, x)
	}
	if co.Else != nil {
		x := ir.Branch{Action: co.Else.Action.Name, At: l.place(co.Else.Loc)}
		x.Body, x.BodyFunc = l.branchBody(co.Else.Body, info, id)
		c.Else = &x
	}
	if co.MaxIterations != nil {
		c.MaxIter = int(co.MaxIterations.Int)
	}
	if co.Concurrency != nil {
		c.Concurrency = max(1, int(co.Concurrency.Int))
	}
	if co.MaxConcurrentNodes != nil {
		c.MaxConcurrentNodes = int(co.MaxConcurrentNodes.Int)
	}
	if co.Collect.Name != "" {
		c.Collect = co.Collect.Name
	}
	if co.ErrorHandling.Name != "" {
		c.OnError = co.ErrorHandling.Name
	}
	c.Reducer = l.function(co.Reducer, info.Node)
	if co.Pipeline != nil {
		l.unbuildable(co.Pipeline.Loc, "body_pipeline")
	}
}

func (l *lowerer) branchBody(b *ast.Body, info *check.Info, id string) (*ir.Body, *ir.Function) {
	switch {
	case b == nil:
		return nil, nil
	case b.Func != nil:
		return nil, l.function(b.Func, info.Node)
	}
	body := l.body(info.Bodies[b], id+"/["+b.Label+"]/")
	if t := info.Node.Composite.Timeout; t != nil {
		timeouts(&body, t.Nanos)
	}
	return &body, nil
}

func (l *lowerer) llm(out *ir.Node, info *check.Info) {
	n := info.Node
	m := n.LLM
	x := &ir.LLM{Port: l.portUse(info, "llm"), Stream: m.Stream, Repairs: 2}
	out.LLM = x
	out.Ports = []ir.PortUse{x.Port}
	if n.Output != nil && n.Output.Type != nil {
		x.Schema = expr.EncodeType(n.Output.Type)
	}
	if m.Repairs != nil {
		x.Repairs = int(m.Repairs.Int)
	}
	x.Messages = l.messages(info, m.Messages)
	set := func(name string) *ir.Expr { return l.expr(info, m.Overrides[name]) }
	x.Model, x.Temperature, x.TopP = set("model"), set("temperature"), set("top_p")
	x.MaxTokens, x.Seed, x.Stop = set("max_tokens"), set("seed"), set("stop")
}
