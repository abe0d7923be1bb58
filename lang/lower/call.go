package lower

import (
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// call lowers a node that is one call out of the run.
func (l *lowerer) call(out *ir.Node, info *check.Info) {
	n := info.Node
	x := &ir.Call{Args: l.bindings(info, n.Call.Args), At: l.place(n.KindText.Loc)}
	out.Call = x
	if n.Output != nil && n.Output.Type != nil {
		x.Output = expr.EncodeType(n.Output.Type)
	}
	switch {
	case n.Foreign:
		x.Target, x.Name, x.Method, x.Input = ir.CallExternal, n.Kind, "run", true
		l.add(diag.New(diag.ExternalNode, n.KindText.Loc, "%q is no built-in kind: only a host that has registered it can run this node", n.KindText.Name).
			WithHelp("a Go program that embeds the runtime registers kinds; with hexc use a function_node with a python: function"))
	case n.Kind == "service_call_node":
		x.Target, x.Name, x.Method, x.Input = ir.CallService, n.Call.Service.Name, n.Call.Method.Name, true
	default:
		x.Target, x.Method = ir.CallPort, "request"
		x.Port = l.portUse(info, n.Call.Port.Name)
		if x.Port.Port < 0 {
			x.Port.Cap = check.PortCap("api_call", n.Call.Port.Name)
		}
		out.Ports = []ir.PortUse{x.Port}
	}
}

func (l *lowerer) wait(out *ir.Node, info *check.Info) {
	n := info.Node
	x := &ir.Wait{Setup: l.function(n.Wait.Setup, n), OnTimeout: -1}
	out.Wait = x
	if n.Wait.Key != nil {
		x.Key = l.exprValue(info, n.Wait.Key)
	}
	if n.Wait.Timeout != nil {
		x.Timeout = n.Wait.Timeout.Nanos
	}
	if info.OnTimeout != nil {
		x.OnTimeout = info.OnTimeout.Index
	}
	if n.Output != nil && n.Output.Type != nil {
		x.Output = expr.EncodeType(n.Output.Type)
	}
}

func (l *lowerer) transition(out *ir.Node, info *check.Info) {
	t := info.Node.Transition
	x := &ir.Transition{
		Entity: t.Entity.Name, EntityID: l.expr(info, t.EntityID), Reason: l.expr(info, t.Reason),
		Payload: l.bindings(info, t.Payload), Payloaded: t.Payloaded,
	}
	out.Transition = x
	if t.ToState != nil {
		x.ToState = l.exprValue(info, t.ToState)
	}
	if use := l.portUse(info, "entity_state"); use.Port >= 0 || !l.hasMachine(t.Entity.Name) {
		x.Port = &use
		out.Ports = []ir.PortUse{use}
	}
}

func (l *lowerer) hasMachine(entity string) bool {
	for i := range l.prog.Machines {
		if l.prog.Machines[i].Entity == entity {
			return true
		}
	}
	return false
}

// services lowers what service_call nodes call and the states of entities.
func (l *lowerer) services(p *check.Program) {
	for _, s := range l.config.Services {
		out := ir.Service{Name: s.Name.Name, Class: s.Class.Name, Config: s.Config, At: l.place(s.Loc)}
		if o, ok := s.Config.Object(); ok {
			for i := range o.Len() {
				k, v := o.At(i)
				name, isText := v.AsString()
				if _, isPort := l.portOf[name]; isText && isPort {
					out.Ports = append(out.Ports, value.Str(k))
				}
			}
		}
		l.prog.Services = append(l.prog.Services, out)
	}
	l.machines(p.Doc.Pipeline.Machines, p.Guards)
}
