package expr

// A name that does not exist may be read where the text asks for exactly that.
// This file decides where; Refs, Infer and Compile all ask it.

// guardsFilter reports whether a filter takes a value that does not exist.
func guardsFilter(name string) bool {
	return name == "default" || name == "d" || name == "required"
}

// guardsTest reports whether a test takes a value that does not exist.
func guardsTest(name string) bool { return name == "defined" || name == "undefined" }

// facts are the heads of paths that are known to exist when the condition n of
// a template came out as want. In `x is defined and x.y`, x exists on the right.
func facts(n Node, want bool, add func(head string, namespace bool)) {
	switch n := n.(type) {
	case *Name:
		if want {
			add(n.Ident, false)
		}
	case *Namespace:
		if want {
			add(n.Ident, true)
		}
	case *Attr:
		facts(n.X, want, add)
	case *Index:
		facts(n.X, want, add)
	case *Unary:
		if n.Op == OpNot {
			facts(n.X, !want, add)
		}
	case *Binary:
		if n.Op == OpAnd && want || n.Op == OpOr && !want {
			facts(n.X, want, add)
			facts(n.Y, want, add)
		}
	case *Is:
		if n.Name == "defined" && want != n.Not || n.Name == "undefined" && want == n.Not {
			facts(n.X, true, add)
		}
	case *Call:
		// isnone(x) came out false, isempty(x) too: x exists
		if n.X == nil && (n.Func == "isnone" || n.Func == "isempty") && !want && len(n.Args) == 1 {
			facts(n.Args[0], true, add)
		}
	case *Compare:
		if len(n.Ops) == 1 && (n.Ops[0] == OpIsNot && want || n.Ops[0] == OpIs && !want) {
			if l, ok := n.Rest[0].(*Literal); ok && l.Value.IsNull() {
				facts(n.First, true, add)
			}
		}
	}
}
