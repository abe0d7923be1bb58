package sim

import (
	"fmt"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Pair is a name and the text of an expression.
type Pair struct{ Name, Text string }

// Node describes a node to build. Of the fields that stand for a kind one is
// set: Expr or Merge (expression_node), Data, Prompt (llm_node), Func
// (function_node), Mode (composite_node).
type Node struct {
	Name    string
	Deps    []string // data edges beside those that expressions make
	WaitFor []string
	OnError string // the node that handles this one's failure

	When     string
	Mapping  []Pair // sources, `| required` and `| default(x)` allowed
	Strict   bool
	Required []string
	Critical bool

	Attempts             int // 0: 1
	RetryDelay, RetryMax int64
	Backoff              float64
	RetryOn              []string
	Timeout              int64

	Expr    []Pair
	Fields  []string
	Merge   string
	Extract []string
	Reducer string // name of a function
	Data    []Pair // templates
	Prompt  string // template
	System  string // template
	Schema  *expr.Type
	Repairs int
	Model   string // expression
	MaxTok  int64
	Port    string // of an llm_node; "" is llm
	Func    string // name of a function
	Scheme  string // of Func; "" is go
	Unpack  bool
	In, Out *expr.Type
	Result  *expr.Type // what is known of the node's result

	Mode         ir.CompositeMode
	Items        string
	Count        string
	Cond         string
	ItemVar      string
	IndexVar     string
	Body         []Node
	BodyFunc     string
	Else         []Node
	HasElse      bool
	ElseAction   string
	Cases        []Case
	Route        bool // route_downstream
	Initial      []Pair
	Update       []Pair
	MaxIter      int
	Parallel     int
	Collect      string
	KeyField     string
	Errors       string // error_handling
	MaxInBody    int
	OutputIsText bool

	Agent    string // template: the main prompt of an agent_node
	Phases   []Pair // templates: its other prompts
	Steps    int
	Tools    []string // names of functions
	Router   bool     // the host's tool_router port may be called
	Entities []string
	Method   string // of the service "svc", of a service_call_node
	// WaitFrom is a template: the key of a wait_node; Func is its setup function.
	WaitFrom  string
	WaitTime  int64
	OnTimeout string // the node that handles the end of the time only
	Entity    string // of a transition
	ToState   string // template
	EntityID  string // expression
	Payload   []Pair // expressions

	// Of the invocation of a macro (ModeMacro): Args are templates that the
	// nodes of Body read as "$arg" without the dollar, Outputs expressions over
	// them.
	Args    []Pair
	Outputs []Pair
	// Of and Inner make the node an export: it stands for the node Inner in the
	// body of the invocation Of.
	Of, Inner string
}

// Case is a branch of a switch.
type Case struct {
	Cond   string
	Action string
	Body   []Node
}

// Program describes a pipeline to build.
type Program struct {
	Name   string
	Nodes  []Node
	Output []Output
	Kernel map[string]value.Value
	Limits map[string]value.Value
	// Caps, if not nil, is the list of what is allowed.
	Caps   []string
	Deny   []string
	Inputs []ir.Input
	Schema *expr.Type
	// Ports are the configurations of LLM ports; "llm" is there always.
	Ports map[string]value.Value
	// Machines are the states of entities.
	Machines []Machine
}

// Output is one entry of the pipeline's output.
type Output struct {
	Name, Node string
	Path       []string
}

// Build makes the program that a compiler would make of the description. It is
// an error if an expression cannot be parsed or a name of a node is unknown.
func Build(p Program) (*ir.Program, error) {
	b := &builder{ports: map[string]int{}}
	b.out = &ir.Program{Version: ir.Version, Kind: "Pipeline", Name: p.Name, Files: []string{"sim.yaml"}, Inputs: p.Inputs}
	for _, name := range sortedNames(p.Kernel) {
		b.out.Effective.Kernel = append(b.out.Effective.Kernel, ir.Setting{Name: name, Value: p.Kernel[name]})
	}
	for _, name := range sortedNames(p.Limits) {
		b.out.Effective.Limits = append(b.out.Effective.Limits, ir.Setting{Name: name, Value: p.Limits[name]})
	}
	b.out.Effective.Caps = ir.Caps{Unrestricted: p.Caps == nil, Allow: p.Caps, Deny: p.Deny}
	if p.Schema != nil {
		b.out.InputSchema = expr.EncodeType(p.Schema)
	}
	ports := p.Ports
	if ports == nil {
		ports = map[string]value.Value{}
	}
	if _, ok := ports["llm"]; !ok {
		ports["llm"] = value.NewObject(0).Value()
	}
	for _, name := range sortedNames(ports) {
		b.ports[name] = len(b.out.Ports)
		b.out.Ports = append(b.out.Ports, ir.Port{Name: name, Type: "llm", Adapter: "mock", Config: ports[name], Cap: "llm"})
	}
	b.machines(p.Machines)
	body, err := b.body(p.Nodes, "")
	if err != nil {
		return nil, err
	}
	b.out.Body = *body
	for _, o := range p.Output {
		i := indexOf(p.Nodes, o.Node)
		if i < 0 {
			return nil, fmt.Errorf("output %s: no node %q", o.Name, o.Node)
		}
		b.out.Output = append(b.out.Output, ir.OutputField{Name: o.Name, Node: i, Path: o.Path})
	}
	if b.err != nil {
		return nil, b.err
	}
	return b.out, ir.Verify(b.out)
}

type builder struct {
	out   *ir.Program
	ports map[string]int
	// levels are the bodies around, innermost last, and the node in each that is
	// being built.
	levels []level
	err    error
}

type level struct {
	nodes []Node
	body  *ir.Body
	at    int
	// loop tells which loop variables the composite that owns the next level
	// has; set while its body is built.
}

func indexOf(nodes []Node, name string) int {
	for i := range nodes {
		if nodes[i].Name == name {
			return i
		}
	}
	return -1
}

func (b *builder) body(nodes []Node, id string) (*ir.Body, error) {
	out := &ir.Body{Nodes: make([]ir.Node, len(nodes))}
	b.levels = append(b.levels, level{nodes: nodes, body: out})
	defer func() { b.levels = b.levels[:len(b.levels)-1] }()
	for i := range nodes {
		b.levels[len(b.levels)-1].at = i
		n := &out.Nodes[i]
		n.ID, n.Name, n.Single = id+nodes[i].Name, nodes[i].Name, -1
		n.Origin = ir.Place{Line: 1 + i, Column: 1, EndLine: 1 + i, EndCol: 2, EndOff: 1}
		if err := b.node(n, &nodes[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", n.ID, err)
		}
	}
	// Handlers and routes lead from the source to its target.
	for i := range nodes {
		if h := nodes[i].OnTimeout; h != "" {
			to := indexOf(nodes, h)
			if to < 0 {
				return nil, fmt.Errorf("%s: no handler %q", nodes[i].Name, h)
			}
			addEdge(&out.Nodes[to], i, ir.EdgeOnError, "on_error")
		}
		if h := nodes[i].OnError; h != "" {
			to := indexOf(nodes, h)
			if to < 0 {
				return nil, fmt.Errorf("%s: no handler %q", nodes[i].Name, h)
			}
			addEdge(&out.Nodes[to], i, ir.EdgeOnError, "on_error")
		}
		if !nodes[i].Route {
			continue
		}
		actions := []string{nodes[i].ElseAction}
		for _, c := range nodes[i].Cases {
			actions = append(actions, c.Action)
		}
		done := map[string]bool{"": true}
		for _, a := range actions {
			if done[a] {
				continue
			}
			done[a] = true
			to := indexOf(nodes, a)
			if to < 0 {
				return nil, fmt.Errorf("%s: no target %q", nodes[i].Name, a)
			}
			addEdge(&out.Nodes[to], i, ir.EdgeRoute, "route")
			out.Nodes[to].Routes = append(out.Nodes[to].Routes, ir.Route{Router: i, Target: a})
		}
	}
	for i := range out.Nodes {
		out.Nodes[i].Single = single(&out.Nodes[i])
	}
	return out, nil
}

// single is the dependency whose fields are visible bare.
func single(n *ir.Node) int {
	data, all := map[int]bool{}, map[int]bool{}
	for _, e := range n.Edges {
		all[e.Node] = true
		if e.Class == ir.EdgeData || e.Class == ir.EdgeChained {
			data[e.Node] = true
		}
	}
	one := data
	if len(data) == 0 {
		one = all
	}
	if len(one) != 1 {
		return -1
	}
	for i := range one {
		return i
	}
	return -1
}

func addEdge(n *ir.Node, to int, class ir.EdgeClass, why string) {
	for i := range n.Edges {
		if n.Edges[i].Node == to && n.Edges[i].Class == class {
			return
		}
	}
	n.Edges = append(n.Edges, ir.Edge{Node: to, Class: class, Why: []string{why}})
}

func (b *builder) node(n *ir.Node, d *Node) error {
	nodes := b.levels[len(b.levels)-1].nodes
	for _, list := range []struct {
		names []string
		class ir.EdgeClass
		why   string
	}{{d.Deps, ir.EdgeData, "explicit"}, {d.WaitFor, ir.EdgeWait, "wait_for"}} {
		for _, name := range list.names {
			to := indexOf(nodes, name)
			if to < 0 {
				return fmt.Errorf("no node %q", name)
			}
			addEdge(n, to, list.class, list.why)
		}
	}
	n.Attempts = max(1, d.Attempts)
	n.RetryDelay, n.RetryMax, n.Backoff, n.RetryOn = d.RetryDelay, d.RetryMax, d.Backoff, d.RetryOn
	n.Timeout, n.Critical, n.Strict, n.Required = d.Timeout, d.Critical, d.Strict, d.Required
	n.Mapped = d.Mapping != nil
	if d.Result != nil {
		n.Result = expr.EncodeType(d.Result)
	}
	for _, p := range d.Mapping {
		n.Mapping = append(n.Mapping, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeMapping, n, nil, false)})
	}
	if d.When != "" {
		n.When = b.exprp(d.When, ir.ModeExpr, n)
	}
	for _, p := range d.Args {
		n.Args = append(n.Args, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeTemplate, n, nil, false)})
	}
	if ok, err := b.kinds(n, d); ok || err != nil {
		return err
	}
	switch {
	case d.Of != "":
		return b.export(n, d)
	case d.Mode == ir.ModeMacro:
		n.Kind = "macro_invocation"
		return b.macro(n, d)
	case d.Mode != 0:
		n.Kind = "composite_node"
		return b.composite(n, d)
	case d.Prompt != "":
		n.Kind = "llm_node"
		port := d.Port
		if port == "" {
			port = "llm"
		}
		i, ok := b.ports[port]
		if !ok {
			return fmt.Errorf("no port %q", port)
		}
		n.LLM = &ir.LLM{Port: ir.PortUse{Port: i, Name: port, Cap: "llm"}, Repairs: d.Repairs}
		if d.System != "" {
			n.LLM.Messages = append(n.LLM.Messages, ir.Message{Role: "system", Text: b.expr(d.System, ir.ModeTemplate, n, nil, true)})
		}
		n.LLM.Messages = append(n.LLM.Messages, ir.Message{Role: "user", Text: b.expr(d.Prompt, ir.ModeTemplate, n, nil, true)})
		if d.Schema != nil {
			n.LLM.Schema = expr.EncodeType(d.Schema)
		}
		if d.Model != "" {
			n.LLM.Model = b.exprp(d.Model, ir.ModeExpr, n)
		}
		if d.MaxTok != 0 {
			n.LLM.MaxTokens = &ir.Expr{Mode: ir.ModeConst, Const: value.Int(d.MaxTok)}
		}
	case d.Func != "":
		n.Kind = "function_node"
		n.Function = function(d.Func, d.Scheme)
		n.Function.Unpack = d.Unpack
		if d.In != nil {
			n.Function.Input = expr.EncodeType(d.In)
		}
		if d.Out != nil {
			n.Function.Output = expr.EncodeType(d.Out)
		}
	case d.Data != nil:
		n.Kind, n.Data = "data_node", &ir.Data{}
		for _, p := range d.Data {
			n.Data.Output = append(n.Data.Output, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeTemplate, n, nil, true)})
		}
	default:
		n.Kind, n.Expression = "expression_node", &ir.Expression{Merge: d.Merge, Extract: d.Extract, Fields: d.Fields}
		if d.Reducer != "" {
			n.Expression.Reducer = function(d.Reducer, "")
		}
		var vars []string
		for _, p := range d.Expr {
			mode := ir.ModeExpr
			if expr.IsTemplate(p.Text) {
				mode = ir.ModeTemplate
			}
			n.Expression.Vars = append(n.Expression.Vars, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, mode, n, vars, true)})
			vars = append(vars, p.Name)
		}
	}
	return nil
}

func function(name, scheme string) *ir.Function {
	if scheme == "" {
		scheme = "go"
	}
	return &ir.Function{Scheme: scheme, Name: name, Code: -1}
}

func (b *builder) composite(n *ir.Node, d *Node) error {
	c := &ir.Composite{
		Mode: d.Mode, ItemVar: d.ItemVar, IndexVar: d.IndexVar, MaxIter: d.MaxIter, Concurrency: d.Parallel,
		Collect: d.Collect, KeyField: d.KeyField, OnError: d.Errors, MaxConcurrentNodes: d.MaxInBody, RouteDownstream: d.Route,
	}
	n.Composite = c
	if d.Reducer != "" {
		c.Reducer = function(d.Reducer, "")
	}
	for _, x := range []struct {
		text string
		dst  **ir.Expr
	}{{d.Cond, &c.Condition}, {d.Items, &c.Items}, {d.Count, &c.Count}} {
		if x.text != "" {
			*x.dst = b.exprp(x.text, ir.ModeExpr, n)
		}
	}
	for _, p := range d.Initial {
		c.InitialState = append(c.InitialState, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeExpr, n, nil, true)})
	}
	for _, p := range d.Update {
		c.StateUpdate = append(c.StateUpdate, ir.Binding{Name: p.Name, Expr: b.expr(p.Text, ir.ModeExpr, n, nil, true)})
	}
	var err error
	if d.BodyFunc != "" {
		c.BodyFunc = function(d.BodyFunc, "")
	} else if d.Body != nil {
		if c.Body, err = b.body(d.Body, n.ID+"/[body]/"); err != nil {
			return err
		}
	}
	for i, cs := range d.Cases {
		br := ir.Branch{Action: cs.Action, Condition: b.exprp(cs.Cond, ir.ModeExpr, n)}
		if cs.Body != nil {
			if br.Body, err = b.body(cs.Body, fmt.Sprintf("%s/[case%d]/", n.ID, i)); err != nil {
				return err
			}
		}
		c.Branches = append(c.Branches, br)
	}
	if d.HasElse || d.Else != nil || d.ElseAction != "" {
		c.Else = &ir.Branch{Action: d.ElseAction}
		if d.Else != nil {
			if c.Else.Body, err = b.body(d.Else, n.ID+"/[else]/"); err != nil {
				return err
			}
		}
	}
	return nil
}
