// Package irtest builds small programs for the tests of the runtime, without the
// compiler.
//
// Names in expressions and templates become data edges to the nodes of that name;
// others are looked up in the single dependency and the run's input, as in a
// manifest.
package irtest

import (
	"fmt"
	"slices"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Builder collects nodes in document order. It panics on mistakes, which are
// those of the test.
type Builder struct {
	p     *ir.Program
	names map[*ir.Body]map[string]int
}

// New starts a program called name with a mock at the port "llm".
func New(name string) *Builder {
	return &Builder{p: &ir.Program{
		Version: ir.Version, Kind: "Pipeline", Name: name, Files: []string{name + ".yaml"},
		Effective: ir.Effective{Caps: ir.Caps{Unrestricted: true}},
	}, names: map[*ir.Body]map[string]int{}}
}

// Program is the finished program.
func (b *Builder) Program() *ir.Program {
	if err := ir.Verify(b.p); err != nil {
		panic(err)
	}
	return b.p
}

// Kernel and Limit set effective values.
func (b *Builder) Kernel(name string, v value.Value) *Builder {
	b.p.Effective.Kernel = append(b.p.Effective.Kernel, ir.Setting{Name: name, Value: v})
	return b
}

// Limit sets a limit.
func (b *Builder) Limit(name string, v value.Value) *Builder {
	b.p.Effective.Limits = append(b.p.Effective.Limits, ir.Setting{Name: name, Value: v})
	return b
}

// Caps restricts the capabilities.
func (b *Builder) Caps(allow ...string) *Builder {
	b.p.Effective.Caps = ir.Caps{Allow: allow}
	return b
}

// Port declares a port of a language model.
func (b *Builder) Port(name, adapter string, config value.Value) *Builder {
	b.p.Ports = append(b.p.Ports, ir.Port{Name: name, Type: "llm", Adapter: adapter, Config: config, Cap: "llm"})
	return b
}

// Object is an object of alternating keys and values.
func Object(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		v, ok := pairs[i+1].(value.Value)
		if !ok {
			var err error
			if v, err = value.FromGo(pairs[i+1]); err != nil {
				panic(err)
			}
		}
		o.Set(pairs[i].(string), v)
	}
	return o.Value()
}

// Input declares an input that must be given.
func (b *Builder) Input(name string) *Builder {
	b.p.Inputs = append(b.p.Inputs, ir.Input{Name: name, Required: true})
	return b
}

// Output declares the result: name, then the node whose whole output it is.
func (b *Builder) Output(name, node string) *Builder {
	i := b.index(&b.p.Body, node)
	b.p.Output = append(b.p.Output, ir.OutputField{Name: name, Node: i})
	return b
}

func (b *Builder) index(body *ir.Body, name string) int {
	i, ok := b.names[body][name]
	if !ok {
		panic("no node " + name)
	}
	return i
}

// Option changes a node.
type Option func(b *Builder, body *ir.Body, n *ir.Node)

// After adds a data edge without a reference.
func After(nodes ...string) Option {
	return func(b *Builder, body *ir.Body, n *ir.Node) {
		for _, name := range nodes {
			addEdge(n, b.index(body, name), ir.EdgeData)
		}
	}
}

// When gives a condition.
func When(text string) Option {
	return func(b *Builder, body *ir.Body, n *ir.Node) {
		e := b.expr(body, n, ir.ModeExpr, text)
		n.When = &e
	}
}

// Attempts gives the number of attempts and the pause between them.
func Attempts(n int, delay int64) Option {
	return func(_ *Builder, _ *ir.Body, x *ir.Node) { x.Attempts, x.RetryDelay, x.Backoff = n, delay, 1 }
}

// Timeout bounds an attempt, in nanoseconds.
func Timeout(d int64) Option {
	return func(_ *Builder, _ *ir.Body, n *ir.Node) { n.Timeout = d }
}

// Handles makes the node the error handler of others.
func Handles(nodes ...string) Option {
	return func(b *Builder, body *ir.Body, n *ir.Node) {
		for _, name := range nodes {
			addEdge(n, b.index(body, name), ir.EdgeOnError)
		}
	}
}

// Schema gives an LLM node an output_schema of {field: type}.
func Schema(repairs int, pairs ...any) Option {
	return func(_ *Builder, _ *ir.Body, n *ir.Node) {
		t, err := expr.TypeFromSchema(Object(pairs...), nil)
		if err != nil {
			panic(err)
		}
		n.LLM.Schema, n.LLM.Repairs = expr.EncodeType(t), repairs
	}
}

// Stream lets an LLM node stream.
func Stream() Option {
	return func(_ *Builder, _ *ir.Body, n *ir.Node) { n.LLM.Stream = true }
}

// Unpack makes the fields of a function's input keyword arguments.
func Unpack() Option {
	return func(_ *Builder, _ *ir.Body, n *ir.Node) { n.Function.Unpack = true }
}

func addEdge(n *ir.Node, to int, class ir.EdgeClass) {
	for i := range n.Edges {
		if n.Edges[i].Node == to {
			return
		}
	}
	n.Edges = append(n.Edges, ir.Edge{Node: to, Class: class, Why: []string{"explicit"}})
}

func (b *Builder) add(body *ir.Body, n ir.Node, options []Option) {
	n.ID = n.Name
	if body != &b.p.Body {
		n.ID = fmt.Sprintf("body%d/%s", len(body.Nodes), n.Name)
	}
	n.Single = -1
	if n.Attempts == 0 {
		n.Attempts = 1
	}
	line := len(body.Nodes) + 1
	n.Origin = ir.Place{Line: line, Column: 1, Offset: line, EndLine: line, EndCol: 2, EndOff: line + 1}
	for _, o := range options {
		o(b, body, &n)
	}
	single, count := -1, 0
	for _, e := range n.Edges {
		if e.Class == ir.EdgeData {
			single, count = e.Node, count+1
		}
	}
	if count == 1 {
		n.Single = single
	}
	if b.names[body] == nil {
		b.names[body] = map[string]int{}
	}
	b.names[body][n.Name] = len(body.Nodes)
	body.Nodes = append(body.Nodes, n)
}

// Expression adds an expression_node of alternating names and expressions.
func (b *Builder) Expression(name string, pairs []string, options ...Option) *Builder {
	b.expression(&b.p.Body, name, pairs, options)
	return b
}

func (b *Builder) expression(body *ir.Body, name string, pairs []string, options []Option) {
	n := ir.Node{Name: name, Kind: "expression_node", Expression: &ir.Expression{}}
	for i := 0; i < len(pairs); i += 2 {
		n.Expression.Vars = append(n.Expression.Vars, ir.Binding{Name: pairs[i], Expr: b.expr(body, &n, ir.ModeExpr, pairs[i+1])})
	}
	b.add(body, n, options)
}

// LLM adds an llm_node at the port "llm".
func (b *Builder) LLM(name, prompt string, options ...Option) *Builder {
	b.llm(&b.p.Body, name, prompt, options)
	return b
}

func (b *Builder) llm(body *ir.Body, name, prompt string, options []Option) {
	use := ir.PortUse{Port: slices.IndexFunc(b.p.Ports, func(p ir.Port) bool { return p.Name == "llm" }), Name: "llm", Cap: "llm"}
	n := ir.Node{Name: name, Kind: "llm_node", Ports: []ir.PortUse{use}}
	n.LLM = &ir.LLM{Port: use, Messages: []ir.Message{{Role: "user", Text: b.expr(body, &n, ir.ModeTemplate, prompt)}}}
	b.add(body, n, options)
}

// Go adds a function_node that calls a registered function.
func (b *Builder) Go(name, function string, options ...Option) *Builder {
	n := ir.Node{Name: name, Kind: "function_node", Function: &ir.Function{Scheme: "go", Name: function, Code: -1}}
	b.add(&b.p.Body, n, options)
	return b
}

// Scheme adds a function_node of any scheme without source text.
func (b *Builder) Scheme(name, scheme, function string, options ...Option) *Builder {
	n := ir.Node{Name: name, Kind: "function_node", Function: &ir.Function{Scheme: scheme, Name: function, Code: -1}}
	b.add(&b.p.Body, n, options)
	return b
}

// Star adds a function_node that calls the function f of a Starlark text.
func (b *Builder) Star(name, text string, options ...Option) *Builder {
	b.p.Code = append(b.p.Code, ir.Code{Lang: "starlark", File: name + ".star", Text: text})
	n := ir.Node{Name: name, Kind: "function_node", Function: &ir.Function{Scheme: "star", Name: "f", Code: len(b.p.Code) - 1}}
	b.add(&b.p.Body, n, options)
	return b
}

// ForEach adds a composite over items whose body is one llm_node "ask" with the
// prompt; in it `item` is the item.
func (b *Builder) ForEach(name, items string, concurrency int, prompt string, options ...Option) *Builder {
	n := ir.Node{Name: name, Kind: "composite_node"}
	x := b.expr(&b.p.Body, &n, ir.ModeExpr, items)
	n.Composite = &ir.Composite{Mode: ir.ModeForEach, Items: &x, ItemVar: "item", IndexVar: "index",
		Concurrency: concurrency, Collect: "list", OnError: "fail_fast", Body: &ir.Body{}}
	b.llm(n.Composite.Body, "ask", prompt, nil)
	n.Composite.Body.Nodes[0].ID = name + "/[body]/ask"
	b.add(&b.p.Body, n, options)
	return b
}

// expr parses an expression or template and resolves its names.
func (b *Builder) expr(body *ir.Body, n *ir.Node, mode ir.ExprMode, text string) ir.Expr {
	var tree expr.Node
	if mode == ir.ModeTemplate {
		t, ds := expr.ParseTemplate(expr.Text{Src: text})
		if len(ds) > 0 {
			panic(fmt.Sprint(text, ds))
		}
		tree = t
	} else {
		t, ds := expr.Parse(expr.Text{Src: text})
		if len(ds) > 0 {
			panic(fmt.Sprint(text, ds))
		}
		tree = t
	}
	e := ir.Expr{Mode: mode, Text: text, Tree: expr.Encode(tree)}
	for _, r := range expr.Refs(tree) {
		if slices.ContainsFunc(e.Slots, func(s ir.Slot) bool { return s.Head == r.Head && s.Namespace == r.Namespace }) {
			continue
		}
		s := ir.Slot{Head: r.Head, Namespace: r.Namespace, Kind: ir.SlotBare}
		i, isNode := b.names[body][r.Head]
		switch {
		case r.Namespace && r.Head == "input":
			s.Kind = ir.SlotInput
		case r.Namespace && r.Head == "error":
			s.Kind = ir.SlotError
		case isNode:
			s.Kind, s.Index = ir.SlotNode, i
			addEdge(n, i, ir.EdgeData)
		case body != &b.p.Body && (r.Head == "item" || r.Head == "index"):
			s.Kind, s.Up, s.Loop = ir.SlotLoop, 1, r.Head
		case n.Kind == "expression_node":
			if k := slices.IndexFunc(n.Expression.Vars, func(v ir.Binding) bool { return v.Name == r.Head }); k >= 0 {
				s.Kind, s.Index = ir.SlotVar, k
			}
		}
		e.Slots = append(e.Slots, s)
	}
	return e
}
