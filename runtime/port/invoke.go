package port

import (
	"context"

	"hexdag.dev/hexdag/lang/value"
)

// Invoker is what is called by the name of a method: a service, the
// implementation of a foreign kind of node (its one method is "run"), a port
// entity_state ("transition").
type Invoker interface {
	Adapter
	// Invoke makes one call. args is an object and never changed; what a node
	// prepares as its input is in it under "input". Invoke must return soon after
	// ctx ended, must not retry by itself, and is called concurrently. A method
	// that it does not have is an error of ClassInvalidInput.
	Invoke(ctx context.Context, call Call, method string, args value.Value) (value.Value, error)
}

// ServiceSpec is what a service is made from.
type ServiceSpec struct {
	Name   string
	Class  string
	Config value.Value // an object; secrets are already resolved
	// Ports are the adapters that settings name, by the setting.
	Ports map[string]Adapter
}

// ServiceFactory makes a service. It must not connect to anything.
type ServiceFactory func(ctx context.Context, spec ServiceSpec) (Invoker, error)

// InvokerOf makes an Invoker of one function for all methods.
func InvokerOf(class Class, call func(ctx context.Context, method string, args value.Value) (value.Value, error)) Invoker {
	return goInvoker{class, call}
}

type goInvoker struct {
	class Class
	call  func(ctx context.Context, method string, args value.Value) (value.Value, error)
}

func (g goInvoker) Class() Class { return g.class }

func (g goInvoker) Invoke(ctx context.Context, _ Call, method string, args value.Value) (value.Value, error) {
	return g.call(ctx, method, args)
}

// ToolCalling is a language model with tool calling of its own: requests with
// Tools may be answered by ToolCalls. Others are asked in the prompt.
type ToolCalling interface {
	ToolCalling() bool
}

// IsToolCalling reports whether llm, or the adapter that Guard put inside of it,
// has tool calling of its own.
func IsToolCalling(llm LLM) bool {
	if g, ok := llm.(gate); ok {
		return g.tools
	}
	t, ok := llm.(ToolCalling)
	return ok && t.ToolCalling()
}

// Described is a function that knows what it does and what arguments it takes,
// for the model that chooses it as a tool.
type Described interface {
	// Describe gives a description, "" for none, and the parameters as a JSON
	// Schema, Null if they are not known.
	Describe() (description string, parameters value.Value)
}
