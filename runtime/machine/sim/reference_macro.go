package sim

import (
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// macro runs one attempt of an invocation: its body once. skipped says that all
// its exits were.
func (r *reference) macro(env *refEnv, loop *refLoop, path string) (out value.Value, skipped bool, fail *refFail) {
	x := env.n.Composite
	s := r.scope(x.Body, env.s, loop, path+"/")
	s.owner = env.i
	env.s.nodes[env.i].inside = s
	if fail := r.runBody(s); fail != nil {
		return value.Null, false, bodyFail(fail)
	}
	skipped = len(x.Exits) > 0
	o := value.NewObject(0)
	for _, i := range x.Exits {
		skipped = skipped && s.nodes[i].status == "skipped"
		o.Set(s.local(i), s.nodes[i].out)
		out = s.nodes[i].out
	}
	switch {
	case skipped:
		return value.Null, true, nil
	case x.Outputs != nil:
		o = value.NewObject(0)
		inner := &refEnv{r: r, s: s, i: -1, n: &ir.Node{Name: env.n.Name, Single: -1}, merged: value.Missing, body: value.Missing}
		for i := range x.Outputs {
			v, fail := inner.eval(&x.Outputs[i].Expr)
			if fail != nil {
				return value.Null, false, bodyFail(fail)
			}
			o.Set(x.Outputs[i].Name, v)
		}
	case len(x.Exits) == 1:
		return out, false, nil
	}
	return o.Value(), false, nil
}

// local is the name of a node in its path.
func (s *refScope) local(i int) string {
	name := s.body.Nodes[i].Name
	if s.outer == nil {
		return name
	}
	owner := &s.outer.body.Nodes[s.owner]
	if owner.Composite.Mode != ir.ModeMacro {
		return name
	}
	if local, ok := strings.CutPrefix(name, owner.Name+"_"); ok && local != "" {
		return local
	}
	return name
}

// runExport settles a node that stands for one inside of an invocation that has
// completed.
func (r *reference) runExport(s *refScope, i int) {
	x := s.body.Nodes[i].Export
	st, in := &s.nodes[i], &s.nodes[x.Owner].inside.nodes[x.Node]
	switch in.status {
	case "completed":
		st.status, st.out, st.tries = "completed", in.out, 1
	case "skipped":
		st.status, st.why = "skipped", in.why
		if in.why == "upstream_failed" {
			st.why = "upstream_skipped"
		}
	default:
		st.status, st.why = "cancelled", "upstream_failed"
	}
}
