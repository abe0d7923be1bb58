package runtime

import (
	"context"
	"fmt"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/port"
)

// kinds makes what agents, calls, waits and transitions need beside models.
func (x *preparation) kinds(ctx context.Context, n *ir.Node) {
	switch {
	case n.Agent != nil:
		x.port(ctx, n, n.Agent.Port)
		for i := range n.Agent.Tools {
			x.function(ctx, n, n.Agent.Tools[i].Function)
		}
		if n.Agent.Router != nil {
			x.target(ctx, n, *n.Agent.Router, "tool_router")
		}
		if len(n.Agent.Entities) > 0 {
			x.handlers(ctx, n)
		}
	case n.Call != nil:
		switch n.Call.Target {
		case ir.CallService:
			x.service(ctx, n)
		case ir.CallExternal:
			key := engine.TargetKey(ir.CallExternal, nil, n.Call.Name)
			if x.targets[key] != nil {
				return
			}
			impl, err := x.runner.registry.Node(n.Call.Name)
			if err != nil {
				x.problem(&n.Origin, err)
				return
			}
			x.targets[key] = impl
		default:
			x.target(ctx, n, n.Call.Port, "api_call")
		}
	case n.Wait != nil:
		x.function(ctx, n, n.Wait.Setup)
	case n.Transition != nil:
		if n.Transition.Port != nil {
			x.target(ctx, n, *n.Transition.Port, "entity_state")
			return
		}
		x.handlers(ctx, n)
	}
}

// handlers makes the functions that are called on transitions.
func (x *preparation) handlers(ctx context.Context, n *ir.Node) {
	for i := range x.program.Machines {
		for j := range x.program.Machines[i].Handlers {
			x.function(ctx, n, &x.program.Machines[i].Handlers[j])
		}
	}
}

// target makes what serves a port that is no model's, once.
func (x *preparation) target(ctx context.Context, n *ir.Node, use ir.PortUse, kind string) {
	key := engine.TargetKey(ir.CallPort, &use, "")
	if x.targets[key] != nil {
		return
	}
	name := use.Name
	if use.Port >= 0 {
		name = x.program.Ports[use.Port].Name
	}
	if x.parent != nil && use.Port >= 0 && x.program.Ports[use.Port].Shared > 0 {
		shared := ir.PortUse{Port: x.program.Ports[use.Port].Shared - 1, Name: use.Name}
		x.parent.target(ctx, n, shared, kind)
		if a := x.parent.targets[engine.TargetKey(ir.CallPort, &shared, "")]; a != nil {
			x.targets[key] = a
		}
		return
	}
	adapter, given := x.runner.options.Adapters[name]
	switch {
	case given:
	case use.Port >= 0:
		if adapter = x.adapterOf(ctx, &x.program.Ports[use.Port]); adapter == nil {
			return
		}
	default:
		x.problem(&n.Origin, &port.Error{
			Message: fmt.Sprintf("node %q needs the port %q, and neither the program nor the host has it", n.Name, name),
			Help:    fmt.Sprintf("declare it under spec.ports: {%s: {adapter: …}}", name),
		})
		return
	}
	fits := false
	switch kind {
	case "tool_router":
		_, fits = adapter.(port.ToolRouter)
	case "api_call":
		_, fits = adapter.(port.HTTPClient)
	}
	if _, ok := adapter.(port.Invoker); !ok && !fits {
		x.problem(&n.Origin, fmt.Errorf("port %q is used as %s, and its adapter is none", name, kind))
		return
	}
	x.targets[key] = adapter
}

// service makes a service, once.
func (x *preparation) service(ctx context.Context, n *ir.Node) {
	key := engine.TargetKey(ir.CallService, nil, n.Call.Name)
	if x.targets[key] != nil {
		return
	}
	spec := port.ServiceSpec{Name: n.Call.Name, Ports: map[string]port.Adapter{}}
	at := &n.Origin
	for i := range x.program.Services {
		s := &x.program.Services[i]
		if s.Name != n.Call.Name {
			continue
		}
		at = &s.At
		config, err := x.secrets.Substitute(ctx, s.Config)
		if err != nil {
			x.problem(at, err)
			return
		}
		spec.Class, spec.Config = s.Class, config
		for _, setting := range s.Ports {
			if a := x.serviceAdapter(ctx, s, setting); a != nil {
				spec.Ports[setting] = a
			}
		}
	}
	impl, err := x.makeService(ctx, spec)
	if err != nil {
		x.problem(at, err)
		return
	}
	if c, ok := impl.(port.Closer); ok {
		x.closers = append(x.closers, c)
	}
	x.targets[key] = impl
}

func (x *preparation) makeService(ctx context.Context, spec port.ServiceSpec) (s port.Invoker, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = port.PanicError(fmt.Sprintf("making the service %q", spec.Name), fault)
		}
	}()
	return x.runner.registry.Service(ctx, spec)
}

// serviceAdapter is the adapter of the port that a setting of a service names.
func (x *preparation) serviceAdapter(ctx context.Context, s *ir.Service, setting string) port.Adapter {
	config, _ := s.Config.Object()
	v, _ := config.Get(setting)
	name, _ := v.AsString()
	if a, ok := x.runner.options.Adapters[name]; ok {
		return a
	}
	for i := range x.program.Ports {
		if x.program.Ports[i].Name != name {
			continue
		}
		key := engine.TargetKey(ir.CallPort, &ir.PortUse{Port: i}, "")
		if a := x.targets[key]; a != nil {
			return a
		}
		if x.ports[i] != nil {
			return x.ports[i]
		}
		if x.program.Ports[i].Type == "llm" {
			x.port(ctx, &ir.Node{Name: s.Name, Origin: s.At}, ir.PortUse{Port: i, Name: name})
			if x.ports[i] == nil {
				return nil
			}
			return x.ports[i]
		}
		a := x.adapterOf(ctx, &x.program.Ports[i])
		if a != nil {
			x.targets[key] = a
		}
		return a
	}
	return nil
}
