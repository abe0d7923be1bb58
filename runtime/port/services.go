package port

import (
	"context"
	"fmt"
)

// AddService registers a service under the name or dotted path that `class`
// names.
func (r *Registry) AddService(class string, f ServiceFactory) {
	if r.services == nil {
		r.services = make(map[string]ServiceFactory)
	}
	r.services[class] = f
}

// AddNode registers the implementation of a foreign kind of node: a dotted path
// or `plugin:NAME`.
func (r *Registry) AddNode(kind string, n Invoker) {
	if r.nodes == nil {
		r.nodes = make(map[string]Invoker)
	}
	r.nodes[kind] = n
}

// Service makes the service that spec names by its class, else by its name.
func (r *Registry) Service(ctx context.Context, spec ServiceSpec) (Invoker, error) {
	for _, name := range []string{spec.Class, spec.Name} {
		if f, ok := r.services[name]; ok && name != "" {
			return f(ctx, spec)
		}
	}
	help := "a Go program that embeds the runtime registers services"
	if len(r.services) > 0 {
		help = "registered are " + nameList(r.services)
	}
	what := fmt.Sprintf("service %q", spec.Name)
	if spec.Class != "" {
		what += fmt.Sprintf(" needs the class %q, which", spec.Class)
	} else {
		what += " is not declared, and"
	}
	return nil, &Error{Class: ClassInvalidInput, Definite: true, Message: what + " this host does not have", Help: help}
}

// Node is the implementation of a foreign kind of node.
func (r *Registry) Node(kind string) (Invoker, error) {
	if n, ok := r.nodes[kind]; ok {
		return n, nil
	}
	help := "a Go program that embeds the runtime registers kinds; with hexc use a function_node"
	if len(r.nodes) > 0 {
		help = "registered are " + nameList(r.nodes)
	}
	return nil, &Error{Class: ClassInvalidInput, Definite: true,
		Message: fmt.Sprintf("nodes of the kind %q cannot be run here", kind), Help: help}
}
