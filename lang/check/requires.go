package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/config"
)

// requirements are the capabilities that the Adapter documents behind a node's
// ports say they need.
func (c *checker) requirements(n *ast.Node) []portUse {
	var out []portUse
	for _, name := range []string{n.Port()} {
		p := c.portOf(n, name)
		if name == "" || p == nil || p.Ref.Name == "" {
			continue
		}
		if def := c.opt.Adapters[p.Ref.Name]; def != nil && def.Adapter != nil {
			for _, need := range def.Adapter.Requires {
				out = append(out, portUse{name, config.CanonicalCap(need.Name)})
			}
		}
	}
	return out
}
