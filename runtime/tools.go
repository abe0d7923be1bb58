package runtime

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// tool makes the function behind a tool of an MCP server: the server is the port
// that the program has for it, whose adapter is made once and shared by its tools.
func (x *preparation) tool(ctx context.Context, n *ir.Node, f *ir.Function) {
	at := &f.At
	if at.Line == 0 {
		at = &n.Origin
	}
	server, name, _ := strings.Cut(f.Name, "/")
	router := x.routers[server]
	if router == nil {
		i := slices.IndexFunc(x.program.Ports, func(p ir.Port) bool { return p.Name == ir.MCPPort(server) })
		if i < 0 {
			i = slices.IndexFunc(x.program.Ports, func(p ir.Port) bool { return p.Name == server })
		}
		if i < 0 {
			x.problem(at, fmt.Errorf("node %q calls a tool of the MCP server %q, and the program has no such server", n.Name, server))
			return
		}
		p := &x.program.Ports[i]
		if !x.permitted(p) {
			return
		}
		adapter := x.adapterOf(ctx, p)
		if adapter == nil {
			return // reported
		}
		var ok bool
		if router, ok = adapter.(port.ToolRouter); !ok {
			x.problem(&p.Origin, fmt.Errorf("port %q is used for tools, and its adapter %q has none", p.Name, p.Adapter))
			return
		}
		if x.routers == nil {
			x.routers = map[string]port.ToolRouter{}
		}
		x.routers[server] = router
	}
	x.functions[f] = port.ToolFunction(router, name)
}

// permitted reports whether the program has the capabilities that an adapter needs
// for itself: the server of a tool must be started or reached. What is missing is a
// reason not to start the run.
func (x *preparation) permitted(p *ir.Port) bool {
	ok := true
	for _, need := range p.Requires {
		if machine.Allowed(&x.program.Effective.Caps, need) {
			continue
		}
		ok = false
		x.problem(&p.Origin, &port.Error{
			Message: fmt.Sprintf("what stands behind port %q needs the capability %q, which the program does not have", p.Name, need),
			Help:    fmt.Sprintf("grant it: spec.caps: {allow: [%s]}, or for this run --allow %s", need, need),
		})
	}
	return ok
}
