package lower

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/ir"
)

// machines lowers the states of entities. guards are the slots of their guards.
func (l *lowerer) machines(list []*ast.StateMachine, guards map[*ast.Expr][]check.Slot) {
	info := &check.Info{Slots: guards}
	for _, m := range list {
		out := ir.StateMachine{Entity: m.Entity.Name, Initial: m.Initial.Name, At: l.place(m.Loc)}
		for _, w := range m.Ways {
			out.Ways = append(out.Ways, ir.Way{From: w.From.Name, To: w.To.Name, Guard: l.expr(info, w.Guard), At: l.place(w.To.Loc)})
		}
		for _, f := range m.Handlers {
			out.Handlers = append(out.Handlers, *l.function(f, &ast.Node{}))
		}
		l.prog.Machines = append(l.prog.Machines, out)
	}
}

// lifecycle lowers what the transitions of a System's entities start.
func (l *lowerer) lifecycle(s *check.System) {
	x := s.Doc.System.Lifecycle
	if x == nil {
		return
	}
	l.machines(x.Machines, s.Guards)
	process := map[string]int{}
	for _, info := range s.Scope.Nodes {
		process[info.Name()] = info.Index
	}
	out := &ir.Lifecycle{Transaction: ir.TransactionUnified, Collect: x.Collect}
	if x.Keep != nil {
		out.Keep = x.Keep.Nanos
	}
	for _, st := range x.States {
		state := ir.State{Name: st.Name.Name, Process: -1, Terminal: st.Terminal, At: l.place(st.Name.Loc)}
		if i, ok := process[st.OnEnter.Name]; ok {
			state.Process = i
		}
		for _, r := range st.Requires {
			state.Requires = append(state.Requires, r.Name)
		}
		out.States = append(out.States, state)
	}
	for _, on := range x.On {
		if i, ok := process[on.Process.Name]; ok {
			out.On = append(out.On, ir.OnTransition{From: on.From.Name, To: on.To.Name, Process: i, At: l.place(on.Key.Loc)})
		}
	}
	l.prog.Lifecycle = out
}
