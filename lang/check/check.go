// Package check decides what the names of a program mean and whether what it
// says can be true.
//
// Input: a Pipeline of package ast. Output: a Program: its scopes, and for each
// node its edges with the reason of each, the meaning of every free name of its
// expressions, the type of its result; and diagnostics.
//
// Invariants: an error is reported only where every run would be wrong or where
// decisions of the language forbid the text; the result is complete for
// everything that was not reported, so that lowering never has to look again;
// the same tree gives the same result in any order of calls; nodes and edges are
// in document order.
//
// The three hardest cases: a body's node that reads an outer node makes the
// composite depend on it, over any number of levels; a bare name whose source is
// known only at run time (the single dependency's field, or the run's input);
// edges that exist only because other edges do not (chaining), which must not
// turn an innocent reference into another order without a word.
package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/price"
	"hexdag.dev/hexdag/lang/source"
)

// Program is a checked pipeline.
type Program struct {
	Doc   *ast.Doc
	Scope *Scope
	// Inputs are the fields of the run input that are read, by first use.
	Inputs []*Input
	// Output is the declared result.
	Output []Output
	// Code is the Starlark source of each function that has some.
	Code map[*ast.Function]Code
	// LLMCalls is how many LLM calls a run makes, Use all that it uses.
	LLMCalls Interval
	Use      Usage
	// Guards are the slots of the guards of state machines.
	Guards map[*ast.Expr][]Slot
}

// Options is what checking needs from outside of the document.
type Options struct {
	// ReadFile reads a file by its name relative to the workspace root, with
	// forward slashes; it refuses what is outside.
	ReadFile func(name string) ([]byte, error)
	// Adapters are the Adapter documents that the pipeline can refer to.
	Adapters map[string]*ast.Doc
	// Policies and Middleware are such documents, too.
	Policies   map[string]*ast.Doc
	Middleware map[string]*ast.Doc
	// Effective is the configuration that holds for the pipeline.
	Effective config.Effective
}

// Scope is the top level or a composite's body.
type Scope struct {
	Owner *Info // the composite; nil at the top level
	Body  *ast.Body
	Nodes []*Info
	// Exits, of the body of a macro: what nothing in it but handlers depends on,
	// in order.
	Exits []*Info
	names map[string]*Info
}

// Info is what is known about one node.
type Info struct {
	Node  *ast.Node
	Scope *Scope
	Index int

	// Edges in document order of their sources, each source and class once.
	Edges []*Edge
	// Single is the one data dependency whose fields are visible bare.
	Single *Info
	// Guards are the nodes that this one handles the failure of.
	Guards []*Info
	Routes []Route
	// Slots: what each expression's free heads mean, in the order of Heads.
	Slots map[*ast.Expr][]Slot
	trees map[*ast.Expr]expr.Node // rewritten trees, see Tree
	// Bodies are the scopes of a composite's bodies.
	Bodies map[*ast.Body]*Scope
	// Result is the type of the output; never nil after checking.
	Result *expr.Type
	// itemType is the type of one item of a for-each.
	itemType *expr.Type
	// stateType is the type of the state of a while loop, bodyType that of what its
	// body gives to state_update.
	stateType, bodyType *expr.Type
	maySkip             bool
	// Export: the node stands for this one inside an invocation of a macro, which
	// is the source of its only edge. Its Node is made up.
	Export *Info
	// Tail, of an invocation whose macro has outputs: a made-up node of the body
	// whose expressions they are.
	Tail *Info
	// argTypes are the types of Node.Macro.Args.
	argTypes []*expr.Type
	// OnTimeout is the node that handles only the end of a wait's time.
	OnTimeout *Info
	// Tools are the functions that an agent can call, Router that it can call
	// tools of the tool_router port: RouterTools, or all if that is nil.
	Tools       []*ast.Tool
	Router      bool
	RouterTools []string
	// The types of mapping targets and of an expression node's variables.
	targetTypes, varTypes []*expr.Type
	// Exec is how the node is run: its own fields, then its policies.
	Exec Exec
	// LLMCalls is how many LLM calls the node makes, Use all that it uses.
	LLMCalls Interval
	Use      Usage
	// Model is what is known about the language model that the node calls; nil
	// for a node that calls none.
	Model *Model
}

// Name is the node's name.
func (n *Info) Name() string { return n.Node.Name.Name }

// ID is the node's stable path: its name, behind those of the composites and
// bodies that it is in (`loop/[body]/classify`).
func (n *Info) ID() string {
	if n.Scope.Owner == nil {
		return n.Name()
	}
	if n.Scope.Owner.Node.Macro != nil {
		return n.Scope.Owner.ID() + "/" + n.LocalName()
	}
	return n.Scope.Owner.ID() + "/[" + n.Scope.Body.Label + "]/" + n.Name()
}

// BodyScopes are the scopes of a composite's bodies, in document order.
func (n *Info) BodyScopes() []*Scope {
	var out []*Scope
	for _, b := range n.bodies() {
		out = append(out, n.Bodies[b])
	}
	return out
}

// Class says what an edge means.
type Class uint8

// Edge classes.
const (
	Data Class = iota + 1
	Chained
	Wait
	OnError
	RouteEdge
)

// Reason is why an edge is there.
type Reason struct {
	Why string // explicit, reference, wait_for, chained, on_error, route
	Loc source.Location
}

// Edge is a dependency on From.
type Edge struct {
	From    *Info
	Class   Class
	Reasons []Reason
}

// Route: the switch Router selects this node by Target.
type Route struct {
	Router *Info
	Target string
}

// Kind is where a name's value comes from; see ir.SlotKind.
type Kind uint8

// Slot kinds.
const (
	SlotNode Kind = iota + 1
	SlotTarget
	SlotVar
	SlotLoop
	SlotBare
	SlotInput
	SlotCtx
	SlotError
	SlotErrors
	SlotBody
	SlotAgent
	SlotField
)

// Slot is the meaning of one free head of an expression.
type Slot struct {
	Head      string
	Namespace bool
	Kind      Kind
	Up        int
	Node      *Info  // SlotNode
	Index     int    // SlotTarget, SlotVar
	Loop      string // SlotLoop: the loop variable's canonical name
	Whole     bool   // Head is "NODE.output": the field, or the whole result if there is none
}

// Input is a field of the run's input that the program reads.
type Input struct {
	Name     string
	Declared bool
	Required bool
	Supplied bool
	Uses     []source.Location
}

// Output is one entry of the declared result.
type Output struct {
	Entry *ast.OutputEntry
	Node  *Info
	Path  []string
}

// Check checks one pipeline document.
func Check(doc *ast.Doc, opt Options) (*Program, []diag.Diagnostic) {
	p := &Program{Doc: doc, Code: map[*ast.Function]Code{}}
	c := &checker{doc: doc, opt: opt, program: p, inputs: map[string]*Input{}}
	if doc.Pipeline == nil {
		p.Scope = &Scope{names: map[string]*Info{}}
		return p, nil
	}
	p.Scope = c.declare(doc.Pipeline.Nodes, nil, nil)
	c.explicitEdges(p.Scope)
	c.readScope(p.Scope)
	c.chain(p.Scope)
	c.routes(p.Scope)
	c.settle(p.Scope)
	c.cycles(p.Scope)
	c.output(p)
	c.infer(p.Scope)
	c.outputTypes(p)
	c.pipelineResult(p)
	c.bareNames()
	c.shadowed(p.Scope)
	c.unreachable(p.Scope)
	c.nodes(p)
	c.functions(p.Scope)
	c.ports(p)
	c.policies(p.Scope)
	c.withoutEffect(p.Scope)
	c.budget(p)
	p.Inputs = c.order
	return p, c.ds.Items()
}

type checker struct {
	doc     *ast.Doc
	opt     Options
	program *Program
	ds      diag.List
	inputs  map[string]*Input
	order   []*Input
	bare    []bareUse
	// loose is what expressions see of the run's input: its declared type, open.
	loose *expr.Type
	// fields are the names of the declared input, see declared.
	fields []string
	// refs and slots are room that readExpr uses again and again.
	refs  []expr.Ref
	slots []Slot
	// priceTable is made when it is first needed.
	priceTable price.Table
}

func (c *checker) add(d diag.Diagnostic) { c.ds.Add(d) }

// Each calls f for every node of s and of the bodies in it, outer first.
func (s *Scope) Each(f func(*Info)) {
	for _, n := range s.Nodes {
		f(n)
		for _, b := range n.bodies() {
			n.Bodies[b].Each(f)
		}
	}
}

// bodies are the node's bodies with nodes, in document order.
func (n *Info) bodies() []*ast.Body {
	if n.Node.Macro != nil {
		return n.macroBody()
	}
	co := n.Node.Composite
	if co == nil {
		return nil
	}
	var out []*ast.Body
	add := func(b *ast.Body) {
		if b != nil && n.Bodies[b] != nil {
			out = append(out, b)
		}
	}
	add(co.Body)
	for _, b := range co.Branches {
		add(b.Body)
	}
	if co.Else != nil {
		add(co.Else.Body)
	}
	return out
}
