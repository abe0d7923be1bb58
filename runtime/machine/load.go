package machine

import (
	"fmt"
	"math"
	"slices"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// loader compiles bodies and keeps the chain of nodes around the current one.
type loader struct {
	prog *Prog
}

func (l *loader) body(src *ir.Body, owner *node, tag string) (*body, error) {
	b := &body{id: int32(len(l.prog.bodies)), owner: owner, tag: tag, nodes: make([]node, len(src.Nodes))}
	l.prog.bodies = append(l.prog.bodies, b)
	for i := range src.Nodes {
		n := &b.nodes[i]
		n.ir, n.body, n.index = &src.Nodes[i], b, int32(i)
		n.local = localName(owner, n.ir.Name)
		if err := l.edges(b, n); err != nil {
			return nil, fmt.Errorf("node %q: %w", n.ir.ID, err)
		}
	}
	l.turnAround(b)
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.pend == 0 {
			b.roots = append(b.roots, n.index)
		}
		if err := l.node(n); err != nil {
			return nil, fmt.Errorf("node %q: %w", n.ir.ID, err)
		}
	}
	return b, nil
}

// edges notes what a node depends on. Several edges from one source are one
// dependency: that of a handler if any of them is, else a data edge before one
// that only orders.
func (l *loader) edges(b *body, n *node) error {
	seen := make(map[int32]ir.EdgeClass, len(n.ir.Edges))
	var order []int32
	add := func(to int, class ir.EdgeClass) error {
		if to < 0 || to >= len(b.nodes) || to == int(n.index) {
			return fmt.Errorf("depends on node %d of %d", to, len(b.nodes))
		}
		src := int32(to)
		old, dup := seen[src]
		if !dup {
			order = append(order, src)
		}
		if !dup || rank(class) > rank(old) {
			seen[src] = class
		}
		return nil
	}
	for i := range n.ir.Edges {
		if err := add(n.ir.Edges[i].Node, n.ir.Edges[i].Class); err != nil {
			return err
		}
	}
	for _, r := range n.ir.Routes {
		if r.Router >= 0 && r.Router < len(b.nodes) {
			if _, dup := seen[int32(r.Router)]; dup {
				continue
			}
		}
		if err := add(r.Router, ir.EdgeRoute); err != nil {
			return err
		}
	}
	slices.Sort(order)
	n.pend = int32(len(order))
	for _, src := range order {
		switch seen[src] {
		case ir.EdgeData, ir.EdgeChained:
			n.data = append(n.data, src)
		case ir.EdgeOnError:
			n.guards = append(n.guards, src)
			continue
		}
		n.reads = append(n.reads, src)
	}
	n.base = n.data
	if len(order) == 1 && len(n.guards) == 0 {
		n.base = order
	}
	// The other direction is filled in by turnAround; until then out holds the
	// edges that lead in.
	for _, src := range order {
		n.out = append(n.out, outEdge{src, seen[src]})
	}
	return nil
}

func rank(c ir.EdgeClass) int {
	switch c {
	case ir.EdgeOnError:
		return 3
	case ir.EdgeData, ir.EdgeChained:
		return 2
	case ir.EdgeRoute:
		return 1
	}
	return 0
}

// turnAround makes out hold the edges that lead out, all in one array.
func (l *loader) turnAround(b *body) {
	count := make([]int32, len(b.nodes)+1)
	total := 0
	for i := range b.nodes {
		for _, e := range b.nodes[i].out {
			count[e.to]++
			total++
		}
	}
	all := make([]outEdge, total)
	in := make([][]outEdge, len(b.nodes))
	at := 0
	for i := range b.nodes {
		in[i] = b.nodes[i].out
		b.nodes[i].out = all[at : at : at+int(count[i])]
		at += int(count[i])
	}
	for i := range b.nodes {
		for _, e := range in[i] {
			src := &b.nodes[e.to]
			src.out = append(src.out, outEdge{int32(i), e.class})
			switch e.class {
			case ir.EdgeOnError:
				src.handlers = append(src.handlers, int32(i))
			default:
				src.readers++
			}
		}
	}
}

func (l *loader) node(n *node) error {
	src := n.ir
	var err error
	if n.when, err = l.optional(src.When); err != nil {
		return fmt.Errorf("when: %w", err)
	}
	if src.Mapped {
		n.targets, n.visible = make([]target, len(src.Mapping)), len(src.Mapping)
		for i := range src.Mapping {
			c, err := l.code(&src.Mapping[i].Expr)
			if err != nil {
				return fmt.Errorf("input_mapping.%s: %w", src.Mapping[i].Name, err)
			}
			n.targets[i] = target{name: src.Mapping[i].Name, code: c, fill: !src.Strict && !c.settled}
		}
	}
	for i := range src.Args {
		c, err := l.code(&src.Args[i].Expr)
		if err != nil {
			return fmt.Errorf("argument %s: %w", src.Args[i].Name, err)
		}
		n.targets = append(n.targets, target{name: src.Args[i].Name, code: c})
	}
	if n.result, err = decodeType(src.Result); err != nil {
		return fmt.Errorf("result type: %w", err)
	}
	if src.Attempts < 1 {
		return fmt.Errorf("has %d attempts", src.Attempts)
	}
	switch {
	case src.LLM != nil:
		n.kind = kindLLM
		n.llm, err = l.llm(src.LLM)
	case src.Expression != nil:
		n.kind = kindExpression
		err = l.expression(n, src.Expression)
	case src.Data != nil:
		n.kind = kindData
		n.vars, n.names, err = l.bindings(src.Data.Output)
	case src.Composite != nil:
		n.kind = kindComposite
		n.loop, err = l.composite(n, src.Composite)
	case src.Export != nil:
		n.kind = kindExport
		err = n.export(src.Export)
	case src.Function != nil:
		n.kind = kindFunction
		n.function, err = l.function(src.Function)
	case src.Process != nil:
		n.kind = kindProcess
		n.process, err = l.process(n, src.Process)
	case src.Agent != nil:
		n.kind = kindAgent
		n.agent, err = l.agent(n, src.Agent)
	case src.Call != nil:
		n.kind = kindCall
		n.call, err = l.call(src.Call)
	case src.Wait != nil:
		n.kind = kindWait
		n.wait, err = l.wait(src.Wait)
	case src.Transition != nil:
		n.kind = kindTransition
		n.transition, err = l.transition(src.Transition)
	default:
		err = fmt.Errorf("kind %q has no specification", src.Kind)
	}
	return err
}

func (l *loader) optional(e *ir.Expr) (*code, error) {
	if e == nil {
		return nil, nil
	}
	return l.code(e)
}

func (l *loader) bindings(list []ir.Binding) ([]*code, []string, error) {
	codes, names := make([]*code, len(list)), make([]string, len(list))
	for i := range list {
		c, err := l.code(&list[i].Expr)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", list[i].Name, err)
		}
		codes[i], names[i] = c, list[i].Name
	}
	return codes, names, nil
}

func (l *loader) expression(n *node, x *ir.Expression) error {
	var err error
	if n.vars, n.names, err = l.bindings(x.Vars); err != nil {
		return err
	}
	if x.Fields != nil {
		n.fields = []int{}
		for _, f := range x.Fields {
			// The last variable of a name is the one that holds.
			at := -1
			for i := range n.names {
				if n.names[i] == f {
					at = i
				}
			}
			if at < 0 {
				return fmt.Errorf("output field %q is no expression", f)
			}
			n.fields = append(n.fields, at)
		}
	}
	if x.Merge == "reduce" {
		if x.Reducer == nil {
			return fmt.Errorf("merge strategy reduce has no reducer")
		}
		n.function, err = l.function(x.Reducer)
	}
	return err
}

func (l *loader) function(f *ir.Function) (*functionSpec, error) {
	if f == nil {
		return nil, nil
	}
	s := &functionSpec{ir: f}
	var err error
	if s.input, err = decodeType(f.Input); err != nil {
		return nil, fmt.Errorf("input_schema: %w", err)
	}
	if s.output, err = decodeType(f.Output); err != nil {
		return nil, fmt.Errorf("output_schema: %w", err)
	}
	s.fields = fieldNames(s.input)
	if f.Code >= len(l.prog.ir.Code) {
		return nil, fmt.Errorf("code %d of %d", f.Code, len(l.prog.ir.Code))
	}
	return s, nil
}

func (l *loader) llm(x *ir.LLM) (*llmSpec, error) {
	s := &llmSpec{ir: x, json: value.Null}
	var err error
	if s.messages, err = l.messages(x.Messages); err != nil {
		return nil, err
	}
	if s.schema, err = decodeType(x.Schema); err != nil {
		return nil, fmt.Errorf("output_schema: %w", err)
	}
	if s.schema != nil {
		s.json = expr.ToJSONSchema(s.schema)
	}
	s.modelSpec, err = l.model(x.Port, x.Model, x.Temperature, x.TopP, x.MaxTokens, x.Seed, x.Stop)
	return s, err
}

func (l *loader) messages(list []ir.Message) ([]messageSpec, error) {
	out := make([]messageSpec, len(list))
	for i := range list {
		m := &list[i]
		out[i] = messageSpec{role: m.Role, list: m.List}
		for j := range len(m.More) + 1 {
			text := &m.Text
			if j > 0 {
				text = &m.More[j-1]
			}
			c, err := l.code(text)
			if err != nil {
				return nil, fmt.Errorf("message %d: %w", i, err)
			}
			out[i].parts = append(out[i].parts, c)
		}
	}
	return out, nil
}

// model is what a call needs to know about the model at a port, with the node's
// own settings.
func (l *loader) model(use ir.PortUse, model, temperature, topP, maxTokens, seed, stop *ir.Expr) (modelSpec, error) {
	s := modelSpec{port: use}
	var err error
	for _, o := range []struct {
		src *ir.Expr
		dst **code
	}{
		{model, &s.modelX}, {temperature, &s.temperature}, {topP, &s.topP},
		{maxTokens, &s.maxTokensX}, {seed, &s.seed}, {stop, &s.stop},
	} {
		if *o.dst, err = l.optional(o.src); err != nil {
			return s, err
		}
	}
	if use.Port < 0 {
		return s, nil
	}
	if use.Port >= len(l.prog.ir.Ports) {
		return s, fmt.Errorf("port %d of %d", use.Port, len(l.prog.ir.Ports))
	}
	if config, ok := l.prog.ir.Ports[use.Port].Config.Object(); ok {
		if v, ok := config.Get("model"); ok {
			s.model, _ = v.AsString()
		}
		for _, name := range []string{"assume_max_tokens", "max_tokens"} {
			if v, ok := config.Get(name); ok {
				if n, ok := v.AsInt(); ok && n > 0 {
					s.maxTokens = n
				}
			}
		}
	}
	return s, nil
}

func (l *loader) composite(n *node, x *ir.Composite) (*loopSpec, error) {
	s := &loopSpec{ir: x, parallel: int64(max(1, x.Concurrency)), bodyCap: int32(min(x.MaxConcurrentNodes, math.MaxInt32))}
	var err error
	for _, o := range []struct {
		src *ir.Expr
		dst **code
	}{{x.Condition, &s.condition}, {x.Items, &s.items}, {x.Count, &s.count}} {
		if *o.dst, err = l.optional(o.src); err != nil {
			return nil, err
		}
	}
	if s.initial, _, err = l.bindings(x.InitialState); err != nil {
		return nil, fmt.Errorf("initial_state: %w", err)
	}
	if s.update, _, err = l.bindings(x.StateUpdate); err != nil {
		return nil, fmt.Errorf("state_update: %w", err)
	}
	if s.reducer, err = l.function(x.Reducer); err != nil {
		return nil, fmt.Errorf("reducer: %w", err)
	}
	tag := ""
	if x.Mode == ir.ModeIfElse {
		tag = "then"
	}
	if s.body, err = l.inner(n, tag, x.Body, x.BodyFunc); err != nil {
		return nil, err
	}
	missing := func(what string) error { return fmt.Errorf("mode %s has no %s", x.Mode, what) }
	switch x.Mode {
	case ir.ModeWhile:
		if s.condition == nil {
			return nil, missing("condition")
		}
	case ir.ModeForEach:
		if s.items == nil {
			return nil, missing("items")
		}
	case ir.ModeTimes:
		if s.count == nil {
			return nil, missing("count")
		}
	case ir.ModeIfElse:
		if s.condition == nil {
			return nil, missing("condition")
		}
	case ir.ModeSwitch:
	case ir.ModeMacro:
		if s.body == nil {
			return nil, missing("body")
		}
		return s, l.outputs(s.body, n, x)
	default:
		return nil, fmt.Errorf("unknown mode %d", x.Mode)
	}
	switch x.Mode {
	case ir.ModeWhile, ir.ModeForEach, ir.ModeTimes:
		if s.body == nil {
			return nil, missing("body")
		}
	}
	if x.Collect == "reduce" && s.reducer == nil {
		return nil, fmt.Errorf("collect: reduce has no reducer")
	}
	for i := range x.Branches {
		br := &x.Branches[i]
		if br.Condition == nil {
			return nil, fmt.Errorf("branch %d has no condition", i)
		}
		c, err := l.code(br.Condition)
		if err != nil {
			return nil, fmt.Errorf("branch %d: %w", i, err)
		}
		b, err := l.inner(n, fmt.Sprintf("case[%d]", i), br.Body, br.BodyFunc)
		if err != nil {
			return nil, err
		}
		s.tests, s.cases = append(s.tests, c), append(s.cases, b)
	}
	if x.Else != nil {
		if s.other, err = l.inner(n, "else", x.Else.Body, x.Else.BodyFunc); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// inner compiles a body. One that is a function becomes a body with a single
// function_node, so that there is one kind of body.
func (l *loader) inner(owner *node, tag string, b *ir.Body, f *ir.Function) (*body, error) {
	if b == nil && f == nil {
		return nil, nil
	}
	if b == nil {
		id := owner.ir.ID + "/body"
		if tag != "" {
			id = owner.ir.ID + "/[" + tag + "]/body"
		}
		b = &ir.Body{Nodes: []ir.Node{{
			ID: id, Name: "body", Kind: "function_node", Origin: f.At, Single: -1, Attempts: 1, Function: f,
		}}}
	}
	return l.body(b, owner, tag)
}
