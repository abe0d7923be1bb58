package lower

import "hexdag.dev/hexdag/lang/ir"

// timeouts gives a composite's default_node_timeout to the nodes of its body, and
// of the bodies in it, that have no time-out of their own or of a nearer
// composite.
func timeouts(b *ir.Body, nanos int64) {
	if b == nil {
		return
	}
	for i := range b.Nodes {
		n := &b.Nodes[i]
		if n.Composite == nil {
			if n.Timeout == 0 {
				n.Timeout = nanos
			}
			continue
		}
		timeouts(n.Composite.Body, nanos)
		for j := range n.Composite.Branches {
			timeouts(n.Composite.Branches[j].Body, nanos)
		}
		if n.Composite.Else != nil {
			timeouts(n.Composite.Else.Body, nanos)
		}
	}
}
