package expand

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/syntax"
)

// A name that is bound to Missing is a parameter that was not given and has no
// default. As a whole value it is null; a text cannot be made of it unless it
// says what then.

// absent reports uses of parameters without a value.
func (d *Document) absent(n *syntax.Node, t *expr.Template, refs []expr.Ref, s sight) bool {
	found := false
	whole, single := t.Single()
	for _, r := range refs {
		b := s.bound(r.Head)
		if b == nil || b.Open || b.node != nil || !b.Value.IsMissing() || r.Guarded {
			continue
		}
		if single && r.Span == whole.Span() && len(r.Path) == 0 {
			continue
		}
		found = true
		x := diag.New(diag.AbsentArgument, d.loc(n, r.HeadSpan), "parameter %q has no value here", r.Head).
			WithHelp("give it a default, make it required, or write `{{ %s | default(…) }}`", r.Head)
		if !b.Loc.IsZero() {
			x = x.WithRelated(b.Loc, "it is declared here")
		}
		d.ds.Add(x)
	}
	return found
}
