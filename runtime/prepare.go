package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/price"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/engine"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// StartError says why a run could not be started: everything that is missing or
// wrong at once. Nothing of the run has happened.
type StartError struct {
	Problems []Problem
}

// Problem is one reason.
type Problem struct {
	Message string
	Help    string // may be empty
	// File and Line are where in the source it stands, "" and 0 if that is not
	// known.
	File string
	Line int
}

// Error lists the reasons in one line.
func (e *StartError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Message
		if p.Help != "" {
			texts[i] += " (" + p.Help + ")"
		}
	}
	return "the run cannot be started: " + strings.Join(texts, "; ")
}

// equipment is what a run needs from its host.
type equipment struct {
	ports     []port.LLM
	hostPorts map[string]port.LLM
	functions map[*ir.Function]port.Function
	targets   map[string]port.Adapter // by engine.TargetKey
	secrets   *port.Secrets
	prices    []machine.Price
	closers   []port.Closer
	processes []engine.Process
}

// close closes the adapters, the last one first.
func (e *equipment) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var errs []error
	for i := len(e.closers) - 1; i >= 0; i-- {
		if err := e.closers[i].Close(ctx); err != nil {
			errs = append(errs, errors.New(e.secrets.RedactText(err.Error())))
		}
	}
	return errors.Join(errs...)
}

// preparation collects equipment and what is missing of it.
type preparation struct {
	*equipment
	runner  *Runner
	program *ir.Program
	mocked  bool // models that nobody declares are the mock
	// parent is the preparation of the System that the program is a process of,
	// and process its name.
	parent   *preparation
	process  string
	problems []Problem
	routers  map[string]port.ToolRouter // of MCP servers, by name
	layers   layers
}

// prepare makes everything that the program calls, so that what is missing is
// said before anything happens.
func (r *Runner) prepare(ctx context.Context, p *ir.Program, mocked bool) (*equipment, error) {
	x := &preparation{runner: r, program: p, mocked: mocked, equipment: &equipment{
		ports: make([]port.LLM, len(p.Ports)), hostPorts: map[string]port.LLM{},
		functions: map[*ir.Function]port.Function{}, targets: map[string]port.Adapter{}, secrets: port.NewSecrets(r.secrets),
	}}
	x.prices = append(x.prices, r.options.Prices...) // of equals the first holds
	if p.Kind == ir.KindSystem {
		x.system(ctx)
	} else {
		x.nodeLayers(&p.Body)
		x.body(ctx, &p.Body)
	}
	if len(x.problems) > 0 {
		return nil, errors.Join(&StartError{Problems: x.problems}, x.close(ctx))
	}
	x.prices = append(x.prices, listPrices(p, r.options.Prices)...)
	return x.equipment, nil
}

// listPrices are the prices of the program, and below them those of the built-in
// table that neither the program nor the operator replaces.
func listPrices(p *ir.Program, operator []machine.Price) []machine.Price {
	var over price.Table
	for _, e := range operator {
		if e.Port == "" && e.Model != "" {
			over = append(over, price.Entry{Model: e.Model})
		}
	}
	own := len(over)
	for _, e := range p.Prices {
		over = append(over, price.Entry{Model: e.Model, Price: price.Price{Input: e.Input, Output: e.Output, CachedInput: e.CachedInput}})
	}
	var out []machine.Price
	for _, e := range price.Over(over, price.BuiltIn())[own:] {
		out = append(out, machine.Price{Model: e.Model, Input: e.Input, Output: e.Output})
	}
	return out
}

func (x *preparation) problem(at *ir.Place, err error) {
	p := Problem{Message: x.secrets.RedactText(port.OneLine(err.Error()))}
	var e *port.Error
	if errors.As(err, &e) {
		p.Help = x.secrets.RedactText(e.Help)
	}
	if at.File >= 0 && at.File < len(x.program.Files) && at.Line > 0 {
		p.File, p.Line = x.program.Files[at.File], at.Line
	}
	x.add(p)
}

// add notes a problem, once.
func (x *preparation) add(p Problem) {
	for _, q := range x.problems {
		if q == p {
			return
		}
	}
	x.problems = append(x.problems, p)
}

func (x *preparation) body(ctx context.Context, b *ir.Body) {
	if b == nil {
		return
	}
	for i := range b.Nodes {
		n := &b.Nodes[i]
		x.nodeSecrets(ctx, n)
		switch {
		case n.LLM != nil:
			x.port(ctx, n, n.LLM.Port)
		case n.Function != nil:
			x.function(ctx, n, n.Function)
		case n.Agent != nil, n.Call != nil, n.Wait != nil, n.Transition != nil:
			x.kinds(ctx, n)
		case n.Expression != nil:
			x.function(ctx, n, n.Expression.Reducer)
		case n.Composite != nil:
			c := n.Composite
			x.body(ctx, c.Body)
			x.function(ctx, n, c.BodyFunc)
			x.function(ctx, n, c.Reducer)
			branches := c.Branches
			if c.Else != nil {
				branches = append(branches[:len(branches):len(branches)], *c.Else)
			}
			for j := range branches {
				x.body(ctx, branches[j].Body)
				x.function(ctx, n, branches[j].BodyFunc)
			}
		}
	}
}

// port makes the model behind a use of a port, once.
func (x *preparation) port(ctx context.Context, n *ir.Node, use ir.PortUse) {
	name := use.Name
	if use.Port >= 0 {
		if x.ports[use.Port] != nil {
			return
		}
		name = x.program.Ports[use.Port].Name
		if shared := x.program.Ports[use.Port].Shared; shared > 0 && x.parent != nil {
			x.outside(n, name)
			x.ports[use.Port] = x.parent.shared(ctx, n, shared-1, x)
			return
		}
	} else if x.hostPorts[name] != nil {
		return
	}
	llm, given := x.runner.options.Ports[name]
	if !given {
		switch {
		case use.Port >= 0:
			llm = x.adapter(ctx, &x.program.Ports[use.Port])
		case x.mocked:
			llm = x.adapter(ctx, &ir.Port{Name: name, Type: "llm", Adapter: "mock"})
		default:
			x.problem(&n.Origin, &port.Error{
				Message: fmt.Sprintf("node %q needs the port %q, and neither the program nor the host has it", n.Name, name),
				Help:    fmt.Sprintf("declare it under spec.ports: {%s: {adapter: …}}", name),
			})
		}
		if llm == nil {
			return
		}
	}
	if use.Port >= 0 {
		x.ports[use.Port] = x.guarded(llm, x.declared(use.Port, given), name)
	} else {
		if x.parent != nil {
			x.outside(n, name)
		}
		x.hostPorts[name] = x.guarded(llm, nil, name)
	}
	if p, ok := llm.(port.Free); ok && p.Free() {
		x.prices = append(x.prices, machine.Price{Port: x.priceName(name)})
	}
}

// declared is what the program says about a port; of one that the host binds itself
// only the layers hold.
func (x *preparation) declared(i int, given bool) *ir.Port {
	p := &x.program.Ports[i]
	if given && len(p.Pool) > 0 {
		q := *p
		q.Pool = nil
		return &q
	}
	return p
}

// adapter makes the model of a port.
func (x *preparation) adapter(ctx context.Context, p *ir.Port) port.LLM {
	if len(p.Pool) > 0 {
		return x.pool(ctx, p)
	}
	adapter := x.single(ctx, p)
	if adapter == nil {
		return nil
	}
	llm, ok := adapter.(port.LLM)
	if !ok {
		x.problem(&p.Origin, fmt.Errorf("port %q is used as a language model, and its adapter %q is none", p.Name, p.Adapter))
		return nil
	}
	return llm
}

// adapterOf makes the adapter of a port that is no model's; nil if it cannot be
// made, which was reported.
func (x *preparation) adapterOf(ctx context.Context, p *ir.Port) port.Adapter {
	if len(p.Pool) > 0 || len(p.Middleware) > 0 {
		x.problem(&p.Origin, fmt.Errorf("port %q is a pool or has middleware, which this version has for language models only", p.Name))
		return nil
	}
	return x.single(ctx, p)
}

// single makes one adapter.
func (x *preparation) single(ctx context.Context, p *ir.Port) port.Adapter {
	failed := false
	for _, name := range port.Names(p.Config) {
		if _, err := x.secrets.Resolve(ctx, name); err != nil {
			failed = true
			x.problem(&p.Origin, fmt.Errorf("port %q: %w", p.Name, err))
		}
	}
	if failed {
		return nil
	}
	config, err := x.secrets.Substitute(ctx, p.Config)
	if err != nil {
		x.problem(&p.Origin, err)
		return nil
	}
	adapter, err := x.make(ctx, p, config)
	if err != nil {
		x.problem(&p.Origin, err)
		return nil
	}
	if c, ok := adapter.(port.Closer); ok {
		x.closers = append(x.closers, c)
	}
	return adapter
}

func (x *preparation) make(ctx context.Context, p *ir.Port, config value.Value) (a port.Adapter, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = port.PanicError(fmt.Sprintf("making the adapter %q of port %q", p.Adapter, p.Name), fault)
		}
	}()
	return x.runner.registry.Adapter(ctx, p.Adapter, port.Spec{Port: p.Name, Type: p.Type, Config: config})
}

func (x *preparation) function(ctx context.Context, n *ir.Node, f *ir.Function) {
	if f == nil || x.functions[f] != nil {
		return
	}
	if !machine.Allowed(&x.program.Effective.Caps, machine.FunctionCap(f)) {
		return // it is never called, so nothing of it is started or loaded
	}
	if f.Scheme == "mcp" {
		x.tool(ctx, n, f)
		return
	}
	spec := port.FunctionSpec{Name: f.Name, Unpack: f.Unpack}
	if f.Code >= 0 {
		c := &x.program.Code[f.Code]
		spec.Code, spec.File = c.Text, c.File
	}
	fn, err := x.runner.registry.Function(ctx, f.Scheme, spec)
	if err != nil {
		at := &f.At
		if at.Line == 0 {
			at = &n.Origin
		}
		x.problem(at, err)
		return
	}
	if c, ok := fn.(port.Closer); ok {
		x.closers = append(x.closers, c)
	}
	x.functions[f] = fn
}
