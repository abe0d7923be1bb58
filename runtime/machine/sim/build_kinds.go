package sim

import (
	"fmt"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// kinds builds agents, calls, waits and transitions; ok is false for the others.
func (b *builder) kinds(n *ir.Node, d *Node) (ok bool, err error) {
	switch {
	case d.Agent != "":
		n.Kind = "agent_node"
		i, found := b.ports["llm"]
		if !found {
			return true, fmt.Errorf("no port llm")
		}
		n.Agent = &ir.Agent{
			Port: ir.PortUse{Port: i, Name: "llm", Cap: "llm"}, MaxSteps: max(1, d.Steps), Style: "mixed",
			Phases: []ir.Phase{{Name: "main", Messages: []ir.Message{{Role: "user", Text: b.expr(d.Agent, ir.ModeTemplate, n, nil, true)}}}},
		}
		for _, p := range d.Phases {
			n.Agent.Phases = append(n.Agent.Phases, ir.Phase{Name: p.Name, Messages: []ir.Message{{Role: "user", Text: b.expr(p.Text, ir.ModeTemplate, n, nil, true)}}})
		}
		for _, t := range d.Tools {
			n.Agent.Tools = append(n.Agent.Tools, ir.Tool{Name: t, Cap: "tool:" + t, Function: function(t, "")})
		}
		if d.Router {
			n.Agent.Router = &ir.PortUse{Port: -1, Name: "tool_router"}
		}
		n.Agent.Entities = d.Entities
		if d.Schema != nil {
			n.Agent.Schema = expr.EncodeType(d.Schema)
		}
		if d.MaxTok != 0 {
			n.Agent.MaxTokens = &ir.Expr{Mode: ir.ModeConst, Const: value.Int(d.MaxTok)}
		}
	case d.Method != "":
		n.Kind = "service_call_node"
		n.Call = &ir.Call{Target: ir.CallService, Name: "svc", Method: d.Method, Input: true}
		if d.Out != nil {
			n.Call.Output = expr.EncodeType(d.Out)
		}
	case d.WaitFrom != "":
		n.Kind = "wait_node"
		n.Wait = &ir.Wait{Key: b.expr(d.WaitFrom, ir.ModeTemplate, n, nil, true), Timeout: d.WaitTime, OnTimeout: -1}
		if d.Func != "" {
			n.Wait.Setup = function(d.Func, d.Scheme)
		}
		if d.OnTimeout != "" {
			n.Wait.OnTimeout = indexOf(b.levels[len(b.levels)-1].nodes, d.OnTimeout)
		}
		if d.Out != nil {
			n.Wait.Output = expr.EncodeType(d.Out)
		}
	case d.Entity != "":
		n.Kind = "transition"
		n.Transition = &ir.Transition{Entity: d.Entity, ToState: b.expr(d.ToState, ir.ModeTemplate, n, nil, true), EntityID: b.exprp(d.EntityID, ir.ModeExpr, n), Payloaded: d.Payload != nil}
		for _, p := range d.Payload {
			n.Transition.Payload = append(n.Transition.Payload, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeExpr, n, nil, true)})
		}
	default:
		return false, nil
	}
	return true, nil
}

// machines builds the states of entities: name, then ways FROM, TO, GUARD.
func (b *builder) machines(list []Machine) {
	for _, m := range list {
		out := ir.StateMachine{Entity: m.Entity, Initial: m.Initial}
		for _, w := range m.Ways {
			way := ir.Way{From: w.From, To: w.To}
			if w.Guard != "" {
				way.Guard = b.guard(w.Guard)
			}
			out.Ways = append(out.Ways, way)
		}
		for _, h := range m.Handlers {
			out.Handlers = append(out.Handlers, *function(h, ""))
		}
		b.out.Machines = append(b.out.Machines, out)
	}
}

func (b *builder) guard(text string) *ir.Expr {
	tree, _ := expr.Parse(expr.Text{Src: text})
	e := &ir.Expr{Mode: ir.ModeExpr, Text: text, Tree: expr.Encode(tree)}
	seen := map[string]bool{}
	for _, r := range expr.Refs(tree) {
		if !seen[r.Head] {
			seen[r.Head] = true
			e.Slots = append(e.Slots, ir.Slot{Head: r.Head, Kind: ir.SlotField})
		}
	}
	return e
}

// Machine describes the states of an entity type.
type Machine struct {
	Entity, Initial string
	Ways            []Way
	Handlers        []string // names of functions
}

// Way describes a transition.
type Way struct{ From, To, Guard string }
