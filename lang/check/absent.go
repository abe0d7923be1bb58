package check

// absent reports whether n may have no result at the moment when the reader
// runs. That n may be skipped is not enough: a node whose only source was
// skipped is skipped too, and the dependents of a node that failed and was
// handled are skipped whatever else they depend on. So a result is missing only
// for a reader that some other source lets run, and for a handler. A nil reader
// stands for one that nothing is known about.
func (n *Info) absent(reader *Info) bool {
	if !n.maySkip {
		return false
	}
	at := reader
	for at != nil && at.Scope != n.Scope {
		at = at.Scope.Owner
	}
	if at == nil {
		return true
	}
	direct, others := false, false
	for _, e := range at.Edges {
		switch e.Class {
		case Data, Chained:
			if e.From == n {
				direct = true
			} else {
				others = true
			}
		case OnError:
			return true
		}
	}
	return !direct || others && n.skips()
}

// skips reports whether the node may be skipped, which its own failure is not.
func (n *Info) skips() bool {
	if n.Node.When != nil || len(n.Routes) > 0 || len(n.Guards) > 0 || n.OnTimeout != nil || n.Node.OnError == nil ||
		n.Export != nil || n.Node.Macro != nil {
		return n.maySkip
	}
	for _, e := range n.Edges {
		if e.From.maySkip {
			return true
		}
	}
	return false
}
