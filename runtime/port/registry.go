package port

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// Spec is what an adapter is made from.
type Spec struct {
	Port   string      // the port's name
	Type   string      // the port's type: "llm", …
	Config value.Value // an object; secrets are already resolved
}

// Factory makes an adapter. It checks the whole configuration: an unknown key or
// a wrong type is an error that names the key and what belongs there. It must
// not connect to anything; ctx bounds it.
type Factory func(ctx context.Context, spec Spec) (Adapter, error)

// FunctionHost runs the functions of one scheme, such as "star".
type FunctionHost interface {
	// Load prepares a function before the run starts, so that a mistake in it is
	// reported at once. name and code are as in the manifest; code is empty for
	// schemes without source text; unpack makes the fields of the input keyword
	// arguments.
	Load(ctx context.Context, f FunctionSpec) (Function, error)
}

// FunctionSpec names a function of a scheme.
type FunctionSpec struct {
	Name string
	// Code is the source text that Name stands in, File where it came from.
	Code, File string
	Unpack     bool
}

// Registry holds what a host offers: adapters by their canonical names, Go
// functions by name, and hosts of function schemes. The zero Registry is empty
// and ready for use. It must not be changed while runs use it; reading is safe
// for concurrent use.
type Registry struct {
	adapters  map[string]Factory
	functions map[string]Function
	hosts     map[string]FunctionHost
	services  map[string]ServiceFactory
	nodes     map[string]Invoker
}

// AddAdapter registers an adapter under its canonical name, such as "mock". A
// later registration replaces an earlier one.
func (r *Registry) AddAdapter(name string, f Factory) {
	if r.adapters == nil {
		r.adapters = make(map[string]Factory)
	}
	r.adapters[name] = f
}

// AddFunction registers a Go function under the name that `go:NAME` calls.
func (r *Registry) AddFunction(name string, f Function) {
	if r.functions == nil {
		r.functions = make(map[string]Function)
	}
	r.functions[name] = f
}

// AddHost registers what runs the functions of a scheme.
func (r *Registry) AddHost(scheme string, h FunctionHost) {
	if r.hosts == nil {
		r.hosts = make(map[string]FunctionHost)
	}
	r.hosts[scheme] = h
}

// Clone is a copy that may be changed.
func (r *Registry) Clone() *Registry {
	c := &Registry{}
	for name, f := range r.adapters {
		c.AddAdapter(name, f)
	}
	for name, f := range r.functions {
		c.AddFunction(name, f)
	}
	for scheme, h := range r.hosts {
		c.AddHost(scheme, h)
	}
	for class, f := range r.services {
		c.AddService(class, f)
	}
	for kind, n := range r.nodes {
		c.AddNode(kind, n)
	}
	return c
}

// Adapter makes the adapter called name.
func (r *Registry) Adapter(ctx context.Context, name string, spec Spec) (Adapter, error) {
	f, ok := r.adapters[name]
	if !ok {
		return nil, &Error{
			Class: ClassInvalidInput, Definite: true,
			Message: fmt.Sprintf("port %q needs the adapter %q, which this host does not have", spec.Port, name),
			Help:    "this host has " + nameList(r.adapters) + "; register the adapter, bind the port to one of them, or run with --mock",
		}
	}
	return f(ctx, spec)
}

// Function prepares the function that scheme and f name.
func (r *Registry) Function(ctx context.Context, scheme string, f FunctionSpec) (Function, error) {
	if scheme == "go" {
		if fn, ok := r.functions[f.Name]; ok {
			return fn, nil
		}
		help := "this host registered none; a Go program that embeds the runtime registers functions"
		if len(r.functions) > 0 {
			help = "registered are " + nameList(r.functions)
		}
		return nil, &Error{Class: ClassInvalidInput, Definite: true,
			Message: fmt.Sprintf("no Go function is registered under the name %q", f.Name), Help: help}
	}
	h, ok := r.hosts[scheme]
	if !ok {
		schemes := []string{"go:"}
		for s := range r.hosts {
			schemes = append(schemes, s+":")
		}
		slices.Sort(schemes)
		return nil, &Error{Class: ClassInvalidInput, Definite: true,
			Message: fmt.Sprintf("functions of the kind %q (%s) cannot be run here", scheme, f.Name),
			Help:    "this host runs " + strings.Join(schemes, ", ")}
	}
	return h.Load(ctx, f)
}

func nameList[T any](m map[string]T) string {
	if len(m) == 0 {
		return "none"
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	if len(names) > 8 {
		names = append(names[:8], fmt.Sprintf("and %d more", len(names)-8))
	}
	return strings.Join(names, ", ")
}

// FunctionOf makes a Function from a Go function.
func FunctionOf(class Class, call func(ctx context.Context, input value.Value) (value.Value, error)) Function {
	return goFunction{class, call}
}

type goFunction struct {
	class Class
	call  func(ctx context.Context, input value.Value) (value.Value, error)
}

func (f goFunction) Class() Class { return f.class }

func (f goFunction) Call(ctx context.Context, _ Call, input value.Value) (value.Value, error) {
	return f.call(ctx, input)
}

// Names are the names of the adapters and of the function schemes, sorted.
func (r *Registry) Names() (adapters, schemes []string) {
	adapters, schemes = []string{}, []string{}
	for name := range r.adapters {
		adapters = append(adapters, name)
	}
	for scheme := range r.hosts {
		schemes = append(schemes, scheme)
	}
	slices.Sort(adapters)
	slices.Sort(schemes)
	return adapters, schemes
}
