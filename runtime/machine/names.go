package machine

import "hexdag.dev/hexdag/lang/value"

// Names implements expr.Namer: the fields that bare finds, for suggestions.
func (f *frame) Names() []string {
	var names []string
	add := func(v value.Value) {
		if o, ok := v.Object(); ok {
			names = append(names, o.Keys()...)
		}
	}
	add(f.merged)
	at, n := f.scope, f.n
	for {
		sc := &f.m.scopes[at]
		if i := n.ir.Single; i >= 0 && sc.nodes[i].st == Completed {
			add(sc.outs[i])
		}
		if sc.parent < 0 {
			break
		}
		at, n = sc.parent, sc.body.owner
	}
	add(f.m.input)
	return names
}
