package runtime

import (
	"context"
	"fmt"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/machine"
)

// nodeSecrets resolves the secrets that a node itself names, as those of ports
// are, so that one that is not set is said before anything happens.
func (x *preparation) nodeSecrets(ctx context.Context, n *ir.Node) {
	if !machine.Allowed(&x.program.Effective.Caps, "secret") {
		return // no call with one is made
	}
	n.Secrets(func(name string, at ir.Place) {
		if _, err := x.secrets.Resolve(ctx, name); err != nil {
			x.problem(&at, fmt.Errorf("node %q: %w", n.Name, err))
		}
	})
}
