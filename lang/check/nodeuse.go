package check

import (
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
)

// NodeUse is what a node uses, as it was found when its program was checked in
// one place: in another process of a System the same node may use another model.
type NodeUse struct {
	Info  *Info
	Use   Usage
	Model *Model
}

// NodeUses is what the nodes of a program use that use anything, in order, those
// of bodies included.
func NodeUses(p *Program) []NodeUse {
	var out []NodeUse
	p.Scope.Each(func(info *Info) {
		if info.Use == (Usage{}) && info.Model == nil {
			return
		}
		x := NodeUse{Info: info, Use: info.Use}
		if info.Model != nil {
			m := *info.Model
			x.Model = &m
		}
		out = append(out, x)
	})
	return out
}

// MaySkip reports whether a run can complete without the node.
func (n *Info) MaySkip() bool { return n.maySkip }

// SystemBudget compares what all processes of a System may use with the limits
// that it shares among them.
func SystemBudget(total Usage, eff config.Effective) []diag.Diagnostic {
	c := &checker{opt: Options{Effective: eff}}
	c.limits(total)
	return c.ds.Items()
}
