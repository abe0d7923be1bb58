package sim

import (
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/machine"
)

// exported checks a node that stands for one inside an invocation: it has an
// output only if the invocation has, and does not outlive a failed one.
func exported(r machine.Result, i int, in *ir.Node) *Violation {
	n, owner := r.Nodes[i], r.Nodes[in.Export.Owner]
	switch {
	case n.Status == machine.Completed && owner.Status != machine.Completed:
		return violate("18 skip", "%s completed although %s is %s", n.Name, owner.Name, owner.Status)
	case n.Status == machine.Failed:
		return violate("18 skip", "%s failed, which only what it stands for can", n.Name)
	case n.Status == machine.Skipped && n.Why == "upstream_failed":
		return violate("18 skip", "%s was skipped for the wrong reason %s", n.Name, n.Why)
	}
	return nil
}
