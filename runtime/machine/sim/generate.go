package sim

import (
	"fmt"
	"math/rand/v2"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Shape says what a random program may contain.
type Shape struct {
	Nodes int // most nodes per body
	Depth int // most nesting of composites
	// Limits, Timeouts: the program may have them. Without them, and with
	// on_failure: continue, what a run gives depends on the world alone.
	Limits   bool
	Timeouts bool
	Policies bool // on_failure other than continue
	Caps     bool // capabilities may be missing
}

// Generate makes a random program. Every result is an object with a field v, a
// small int, or null where something was skipped.
func Generate(r *rand.Rand, s Shape) Program {
	g := &generator{Rand: r, shape: s}
	p := Program{Name: "random", Kernel: map[string]value.Value{}, Limits: map[string]value.Value{}}
	p.Nodes, p.Machines = g.body(0, "n"), g.machines()
	p.Kernel[ir.MaxConcurrentNodes] = value.Int(int64(1 + g.IntN(4)))
	policy := "continue"
	if s.Policies {
		policy = []string{"stop", "continue", "abort"}[g.IntN(3)]
	}
	p.Kernel[ir.OnFailure] = value.String(policy)
	if s.Timeouts && g.IntN(4) == 0 {
		p.Kernel[ir.PipelineTimeout] = value.Int(int64(500 + g.IntN(5000)))
	}
	if s.Limits {
		g.limits(&p)
	}
	if s.Caps && g.IntN(5) == 0 {
		p.Caps = []string{"memory"}
	}
	for _, n := range p.Nodes {
		if g.IntN(2) == 0 {
			p.Output = append(p.Output, Output{Name: n.Name, Node: n.Name, Path: []string{"v"}})
		}
	}
	return p
}

type generator struct {
	*rand.Rand
	shape Shape
	count int
	loops int // around the node that is being made
}

func (g *generator) limits(p *Program) {
	if g.IntN(4) == 0 {
		p.Limits[ir.MaxToolCalls] = value.Int(int64(g.IntN(4)))
	}
	switch g.IntN(4) {
	case 0:
		p.Limits[ir.MaxLLMCalls] = value.Int(int64(g.IntN(6)))
	case 1:
		p.Limits[ir.MaxTotalTokens] = value.Int(int64(g.IntN(1000)))
	case 2:
		p.Limits[ir.MaxCostUSD] = value.Float(float64(g.IntN(50)) / 1e4)
	case 3:
		p.Limits[ir.MaxLLMCalls] = value.Int(int64(1 + g.IntN(6)))
		p.Limits[ir.MaxTotalTokens] = value.Int(int64(100 + g.IntN(1000)))
	}
	if g.IntN(2) == 0 {
		p.Limits[ir.OnLimit] = value.String("skip")
	}
}

// body makes the nodes of one body: earlier nodes may be read by later ones.
func (g *generator) body(depth int, prefix string) []Node {
	n := 1 + g.IntN(g.shape.Nodes)
	nodes := make([]Node, 0, n)
	for i := range n {
		nodes = append(nodes, g.node(depth, fmt.Sprintf("%s%d", prefix, i), nodes))
		if last := nodes[len(nodes)-1]; last.Mode == ir.ModeMacro {
			nodes = append(nodes, g.exports(last)...)
		}
	}
	// Handlers: a later node takes the failure of an earlier one.
	for i := 1; i < len(nodes); i++ {
		if g.IntN(5) != 0 {
			continue
		}
		from := g.IntN(i)
		if nodes[from].OnError == "" && nodes[from].Of == "" && nodes[i].Of == "" {
			nodes[from].OnError = nodes[i].Name
			if g.IntN(2) == 0 && len(nodes[i].Expr) > 0 {
				nodes[i].Expr = append(nodes[i].Expr, Pair{"why", "$error.type"}, Pair{"n", "len($errors)"}, Pair{"in", "$error.input"})
			}
		}
	}
	// Routing: a switch selects one of the nodes behind it.
	for i := range nodes {
		if nodes[i].Mode == ir.ModeSwitch && i+1 < len(nodes) && g.IntN(2) == 0 {
			nodes[i].Route = true
			for j := range nodes[i].Cases {
				if at := i + 1 + g.IntN(len(nodes)-i-1); nodes[at].Of == "" {
					nodes[i].Cases[j].Action = nodes[at].Name
				} else {
					nodes[i].Cases[j].Action = ""
				}
			}
			nodes[i].ElseAction, nodes[i].HasElse = "", false
		}
	}
	return nodes
}

func (g *generator) node(depth int, name string, before []Node) Node {
	n := Node{Name: name}
	read := g.reader(before, depth)
	for range g.IntN(2) {
		if len(before) > 0 {
			n.Deps = append(n.Deps, before[g.IntN(len(before))].Name)
		}
	}
	if len(before) > 0 && g.IntN(6) == 0 {
		n.WaitFor = []string{before[g.IntN(len(before))].Name}
	}
	if g.IntN(4) == 0 {
		n.When = fmt.Sprintf("%s %% 3 != 0", read())
	}
	if g.IntN(4) == 0 {
		n.Mapping = []Pair{{"m", read()}}
		if len(before) > 0 {
			n.Mapping = append(n.Mapping, Pair{"q", before[g.IntN(len(before))].Name + ".v | default(4)"})
		}
		n.Strict = g.IntN(3) == 0
		inner := read
		read = func() string {
			if g.IntN(2) == 0 {
				return "coalesce(m, 1)"
			}
			return inner()
		}
	}
	n.Critical = g.IntN(15) == 0
	if g.IntN(3) == 0 {
		n.Attempts = 1 + g.IntN(3)
		n.RetryDelay = int64(g.IntN(3)) * 100
		n.Backoff = 2
		if g.IntN(4) == 0 {
			n.RetryOn = []string{"timeout", "invalid_output", "function"}
		}
	}
	if g.shape.Timeouts && g.IntN(6) == 0 {
		n.Timeout = int64(200 + g.IntN(2000))
	}
	if g.IntN(6) == 0 {
		g.kinds(depth, &n, read)
		return n
	}
	kind := g.IntN(10)
	if depth >= g.shape.Depth && kind >= 7 {
		kind = g.IntN(7)
	}
	switch {
	case kind < 2:
		n.Expr = []Pair{{"v", g.arithmetic(read)}}
		if g.IntN(3) == 0 {
			n.Expr = append(n.Expr, Pair{"w", "v * 2 + " + read()})
		}
		if g.IntN(5) == 0 {
			n.Merge = []string{"dict", "list", "first", "last"}[g.IntN(4)]
		} else if g.IntN(8) == 0 {
			n.Merge, n.Reducer, n.Extract = "reduce", "reducer", []string{"v"}
			n.Expr = nil
		}
	case kind < 3:
		n.Data = []Pair{{"v", "{{ " + read() + " }}"}, {"t", "v={{ " + read() + " }}"}}
	case kind < 5:
		n.Func = "work"
		if g.IntN(5) == 0 {
			n.Scheme = "python"
		}
		if g.IntN(6) == 0 {
			n.Required = []string{"v"}
		}
	case kind < 7:
		n.Prompt = "ask {{ " + read() + " }}"
		if g.IntN(2) == 0 {
			n.Schema = expr.ObjectType([]expr.Field{{Name: "v", Type: expr.Int}}, true)
			n.Repairs = g.IntN(3)
		}
		if g.IntN(2) == 0 {
			n.MaxTok = int64(5 + g.IntN(60))
		}
	default:
		g.composite(depth, &n, read)
	}
	return n
}

// reader gives expressions that read what is visible.
func (g *generator) reader(before []Node, depth int) func() string {
	return func() string {
		if len(before) > 0 && g.IntN(3) > 0 {
			b := &before[g.IntN(len(before))]
			if b.Mode == ir.ModeMacro || b.Of != "" {
				return present(b.Name)
			}
			if b.Mode != 0 {
				return fmt.Sprintf("coalesce(%s.metadata.iterations, 9)", b.Name)
			}
			if b.Prompt != "" && b.Schema == nil {
				return fmt.Sprintf("coalesce(%s.output.v, 1)", b.Name)
			}
			return fmt.Sprintf("coalesce(%s.v, 2)", b.Name)
		}
		choices := []string{"$input.a", "$input.b", "a", "3"}
		if depth > 0 {
			choices = append(choices, "$input.a", "coalesce(v, 5)")
		}
		if g.loops > 0 {
			choices = append(choices, "$index")
		}
		return choices[g.IntN(len(choices))]
	}
}

func (g *generator) arithmetic(read func() string) string {
	switch g.IntN(6) {
	case 0:
		return fmt.Sprintf("7 // (%s %% 5)", read()) // may divide by zero
	case 1:
		return fmt.Sprintf("(%s + %s) %% 11", read(), read())
	case 2:
		return fmt.Sprintf("len(str(ctx.node_name)) + %s", read())
	}
	return fmt.Sprintf("%s * 3 %% 10 + 1", read())
}

func (g *generator) composite(depth int, n *Node, read func() string) {
	branch := func() []Node {
		g.count++ // names are unique in the whole program
		return g.body(depth+1, fmt.Sprintf("%s_%d", n.Name, g.count))
	}
	inner := func() []Node {
		g.loops++
		defer func() { g.loops-- }()
		return branch()
	}
	n.Errors = []string{"fail_fast", "continue", "collect"}[g.IntN(3)]
	n.Collect = []string{"list", "list", "first", "last", "dict", "reduce"}[g.IntN(6)]
	n.Parallel = 1 + g.IntN(4)
	if g.IntN(3) == 0 {
		n.MaxInBody = 1 + g.IntN(2)
	}
	if n.Collect == "reduce" {
		n.Reducer = "reducer"
	}
	switch g.IntN(6) {
	case 5:
		g.macro(depth, n, read)
	case 0:
		n.Mode, n.Items = ir.ModeForEach, fmt.Sprintf("range(%s %% 5)", read())
		n.Body = inner()
	case 1:
		n.Mode, n.Count = ir.ModeTimes, fmt.Sprintf("%s %% 4", read())
		n.Body = inner()
	case 2:
		n.Mode, n.Cond = ir.ModeWhile, "state.s < "+read()+" % 7"
		n.Initial = []Pair{{"s", read() + " % 3"}}
		n.Update = []Pair{{"s", "state.s + 1 + coalesce($body.v, 0) % 2"}}
		n.MaxIter = 1 + g.IntN(5)
		n.Body = inner()
	case 3:
		n.Mode, n.Cond = ir.ModeIfElse, read()+" % 2 == 0"
		if g.IntN(4) > 0 {
			n.Body = branch()
		}
		if g.IntN(2) == 0 {
			n.Else, n.HasElse = branch(), true
		}
	default:
		n.Mode = ir.ModeSwitch
		for range 1 + g.IntN(3) {
			c := Case{Cond: read() + " % 3 == 0", Action: "x"}
			if g.IntN(3) == 0 {
				c.Body = branch()
			}
			n.Cases = append(n.Cases, c)
		}
		if g.IntN(2) == 0 {
			n.HasElse, n.ElseAction = true, "other"
		}
	}
	if n.Mode == ir.ModeForEach && g.IntN(4) == 0 {
		n.Body, n.BodyFunc = nil, "work"
	}
}
