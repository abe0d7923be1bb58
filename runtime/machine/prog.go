package machine

import (
	"fmt"
	"math"
	"math/big"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Prog is a program made ready for runs: every expression compiled, every edge
// turned around. It is immutable and shared by any number of runs.
type Prog struct {
	ir      *ir.Program
	bodies  []*body // 0 is the top level; a body stands before those inside it
	input   *expr.Type
	output  *expr.Type // of the declared result, nil for any
	outputs []*outputField

	slots       int32 // effects at a time
	nodeTimeout int64 // nanoseconds, 0 for none
	runTimeout  int64
	maxScopes   int64
	onFailure   policy
	limits      limits
	caps        capSet
	machines    map[string]*machineSpec // of entities, by type
}

// policy is kernel.on_failure.
type policy uint8

const (
	policyStop policy = iota
	policyContinue
	policyAbort
)

// body is a compiled scope.
type body struct {
	id    int32
	owner *node // the composite whose body it is; nil at the top
	// tag names the body in paths where one owner has several: "then", "else",
	// "case[0]"; "" for a loop's.
	tag   string
	nodes []node
	roots []int32 // nodes without a dependency
	// tail is what the outputs of a macro are computed for: a node behind all
	// others; nil where there are no outputs.
	tail *node
}

type kind uint8

const (
	kindExpression kind = iota + 1
	kindData
	kindLLM
	kindFunction
	kindComposite
	kindExport
	kindProcess
	kindAgent
	kindTool // a call of an agent, alone in a body of its own
	kindCall
	kindWait
	kindTransition
)

// node is a compiled node.
type node struct {
	ir    *ir.Node
	body  *body
	index int32
	kind  kind
	// local is the node's part of its path: its name, in the body of a macro
	// without the name of the invocation.
	local string

	out  []outEdge // who waits for this node
	pend int32     // how many edges lead in

	data     []int32 // sources of data: by data and chained edges, in order
	base     []int32 // what the prepared input is made of: data, or the only edge there is
	reads    []int32 // every source but those it handles
	guards   []int32 // nodes whose failure this one handles
	handlers []int32 // nodes that handle this one's failure
	readers  int32   // dependents that may read the output
	keep     bool    // the output is read at the end of its scope

	when *code
	// targets are those of the mapping, then visible of them, then hidden ones:
	// the arguments of a macro's invocation.
	targets []target
	visible int
	result  *expr.Type // nil for any

	llm      *llmSpec
	function *functionSpec
	vars     []*code // of expressions, or of data
	names    []string
	fields   []int // of vars that make up the result; nil for all
	loop     *loopSpec
	process  *processSpec

	agent      *agentSpec
	tool       *toolSpec
	call       *callSpec
	wait       *waitSpec
	transition *transitionSpec
}

// model is the model that the node calls, nil for none.
func (n *node) model() *modelSpec {
	switch {
	case n.llm != nil:
		return &n.llm.modelSpec
	case n.agent != nil:
		return &n.agent.modelSpec
	}
	return nil
}

// bodyCap is how many effects may be at work at a time in each of the node's
// bodies, 0 for no bound of their own.
func (n *node) bodyCap() int32 {
	if n == nil || n.loop == nil {
		return 0
	}
	return n.loop.bodyCap
}

type outEdge struct {
	to    int32
	class ir.EdgeClass
}

// target is one entry of an input_mapping.
type target struct {
	name string
	code *code
	// fill tells that a null is replaced by the run-input field of that name.
	fill bool
}

type functionSpec struct {
	ir            *ir.Function
	input, output *expr.Type
	fields        []string // names of the declared input, nil when unknown
}

type llmSpec struct {
	modelSpec
	ir       *ir.LLM
	messages []messageSpec
	schema   *expr.Type
	json     value.Value // the schema as JSON Schema
}

// messageSpec is one message of a prompt: text in parts, or a list of messages.
type messageSpec struct {
	role  string
	list  bool
	parts []*code
}

// modelSpec is the model that a node calls.
type modelSpec struct {
	port ir.PortUse
	// model and maxTokens come from the port's configuration.
	model     string
	maxTokens int64
	// override codes; nil where unset
	modelX, temperature, topP, maxTokensX, seed, stop *code
}

type loopSpec struct {
	ir        *ir.Composite
	condition *code
	items     *code
	count     *code
	initial   []*code
	update    []*code
	body      *body   // of a loop, or the then of an if
	cases     []*body // of a switch, nil where a branch has none
	tests     []*code
	other     *body // the else
	reducer   *functionSpec
	parallel  int64
	bodyCap   int32 // effects at a time inside each body, 0 for no bound of its own
	// exports are the nodes beside the invocation of a macro that stand for
	// nodes in its body.
	exports []int32
}

// Load prepares a program, which ir.Verify has accepted. The error names what is
// wrong with an ill-formed one. p must not change afterwards.
func Load(p *ir.Program) (*Prog, error) {
	l := &loader{prog: &Prog{ir: p}}
	if err := l.settings(); err != nil {
		return nil, err
	}
	err := l.machines()
	if err != nil {
		return nil, err
	}
	if l.prog.input, err = decodeType(p.InputSchema); err != nil {
		return nil, fmt.Errorf("input schema: %w", err)
	}
	if l.prog.output, err = decodeType(p.OutputSchema); err != nil {
		return nil, fmt.Errorf("output schema: %w", err)
	}
	if _, err := l.body(&p.Body, nil, ""); err != nil {
		return nil, err
	}
	for i := range p.Output {
		f := &p.Output[i]
		if f.Node < 0 || f.Node >= len(p.Body.Nodes) {
			return nil, fmt.Errorf("output %q reads node %d of %d", f.Name, f.Node, len(p.Body.Nodes))
		}
		l.prog.bodies[0].nodes[f.Node].keep = true
		l.prog.outputs = append(l.prog.outputs, f)
	}
	return l.prog, nil
}

type outputField = ir.OutputField

// Program is the program that p was loaded from.
func (p *Prog) Program() *ir.Program { return p.ir }

// MaxConcurrentNodes is how many effects run at a time.
func (p *Prog) MaxConcurrentNodes() int { return int(p.slots) }

// CapAllowed reports whether the program's capabilities allow what needs want;
// "" needs nothing.
func (p *Prog) CapAllowed(want string) bool { return p.caps.allows(want) }

func (l *loader) settings() error {
	p, eff := l.prog, &l.prog.ir.Effective
	p.slots, p.maxScopes = 10, 1_000_000
	for i := range eff.Kernel {
		s := &eff.Kernel[i]
		if s.Value.IsNull() {
			continue
		}
		n, isInt := s.Value.AsInt()
		switch s.Name {
		case ir.MaxConcurrentNodes, ir.MaxScopes, ir.DefaultNodeTimeout, ir.PipelineTimeout:
			if !isInt || n <= 0 {
				return fmt.Errorf("kernel.%s is %s, not a positive number", s.Name, value.Repr(s.Value))
			}
		}
		switch s.Name {
		case ir.MaxConcurrentNodes:
			p.slots = int32(min(n, math.MaxInt32))
		case ir.MaxScopes:
			p.maxScopes = n
		case ir.DefaultNodeTimeout:
			p.nodeTimeout = n
		case ir.PipelineTimeout:
			p.runTimeout = n
		case ir.OnFailure:
			switch text, _ := s.Value.AsString(); text {
			case "stop":
				p.onFailure = policyStop
			case "continue":
				p.onFailure = policyContinue
			case "abort":
				p.onFailure = policyAbort
			default:
				return fmt.Errorf("kernel.on_failure is %s, not stop, continue or abort", value.Repr(s.Value))
			}
		}
	}
	p.limits = noLimits()
	for i := range eff.Limits {
		s := &eff.Limits[i]
		if s.Value.IsNull() {
			continue
		}
		if err := p.limits.set(s.Name, s.Value); err != nil {
			return err
		}
	}
	p.caps = newCapSet(&eff.Caps)
	return nil
}

// microDollars is an amount in dollars, rounded down.
func microDollars(v value.Value) (int64, bool) {
	r, ok := new(big.Rat).SetString(value.Str(v))
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(1_000_000, 1))
	q := new(big.Int).Quo(r.Num(), r.Denom())
	if !q.IsInt64() {
		return math.MaxInt64, q.Sign() > 0
	}
	return q.Int64(), true
}

func decodeType(b []byte) (*expr.Type, error) {
	if b == nil {
		return nil, nil
	}
	return expr.DecodeType(b)
}
