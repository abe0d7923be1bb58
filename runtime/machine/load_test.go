package machine_test

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

func TestCapabilities(t *testing.T) {
	for _, tt := range []struct {
		caps ir.Caps
		want string
		ok   bool
	}{
		{ir.Caps{Unrestricted: true}, "llm", true},
		{ir.Caps{Unrestricted: true, Deny: []string{"llm"}}, "llm", false},
		{ir.Caps{}, "llm", false},
		{ir.Caps{}, "", true},
		{ir.Caps{Allow: []string{"llm"}}, "llm", true},
		{ir.Caps{Allow: []string{"*"}}, "llm", true},
		{ir.Caps{Allow: []string{"*"}, Deny: []string{"tool:shell"}}, "tool:shell", false},
		{ir.Caps{Allow: []string{"tool:*"}}, "tool:search", true},
		{ir.Caps{Allow: []string{"tool"}}, "tool:search", true},
		{ir.Caps{Allow: []string{"tool:sea"}}, "tool:search", false},
		{ir.Caps{Allow: []string{"datastore"}}, "datastore.read", true},
		{ir.Caps{Allow: []string{"datastore.read"}}, "datastore.write", false},
		{ir.Caps{Allow: []string{"datastore.read"}}, "datastore", false},
		{ir.Caps{Allow: []string{"data"}}, "datastore", false},
		{ir.Caps{Allow: []string{"llm"}}, "python", true}, // no layer speaks about code
		{ir.Caps{Allow: []string{"exec", "llm"}}, "python", false},
		{ir.Caps{Allow: []string{"llm"}, Deny: []string{"python"}}, "python", false},
		{ir.Caps{Allow: []string{"*"}}, "http", true},
	} {
		p := &ir.Program{Version: ir.Version, Kind: "Pipeline", Effective: ir.Effective{Caps: tt.caps}}
		prog, err := machine.Load(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := prog.CapAllowed(tt.want); got != tt.ok {
			t.Errorf("%+v allows %q: %v", tt.caps, tt.want, got)
		}
	}
}

// TestIllFormedPrograms: what a verifier would refuse is an error here too, and
// never a panic.
func TestIllFormedPrograms(t *testing.T) {
	valid := func() *ir.Program {
		p, err := sim.Build(sim.Program{Nodes: []sim.Node{
			{Name: "a", Expr: x("1")}, {Name: "b", Expr: x("a.v"), Mapping: []sim.Pair{{Name: "m", Text: "a.v"}}},
			{Name: "c", Prompt: "hello {{ a.v }}"}, {Name: "d", Func: "f"},
			{Name: "l", Mode: ir.ModeForEach, Items: "[1]", Body: []sim.Node{{Name: "x", Expr: x("item")}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, tt := range []struct {
		name  string
		spoil func(*ir.Program)
		want  string
	}{
		{"an edge to nowhere", func(p *ir.Program) { p.Body.Nodes[1].Edges[0].Node = 99 }, `node "b": depends on node 99 of 5`},
		{"an edge to itself", func(p *ir.Program) { p.Body.Nodes[1].Edges[0].Node = 1 }, "depends on node 1"},
		{"a route from nowhere", func(p *ir.Program) { p.Body.Nodes[1].Routes = []ir.Route{{Router: -1}} }, "depends on node -1"},
		{"no specification", func(p *ir.Program) { p.Body.Nodes[0].Expression = nil }, "has no specification"},
		{"no attempts", func(p *ir.Program) { p.Body.Nodes[0].Attempts = 0 }, "has 0 attempts"},
		{"a damaged tree", func(p *ir.Program) { p.Body.Nodes[1].Expression.Vars[0].Expr.Tree = []byte{1, 2, 3} }, `node "b": v: expression "a.v"`},
		{"a damaged when", func(p *ir.Program) { p.Body.Nodes[1].When = &ir.Expr{Mode: ir.ModeExpr} }, "when: "},
		{"a damaged source", func(p *ir.Program) { p.Body.Nodes[1].Mapping[0].Expr.Mode = 77 }, "input_mapping.m: expression of the unknown mode"},
		{"a template that is none", func(p *ir.Program) { p.Body.Nodes[1].Expression.Vars[0].Expr.Mode = ir.ModeTemplate }, "holds a *expr.Attr"},
		{"an object without values", func(p *ir.Program) {
			p.Body.Nodes[1].Mapping[0].Expr = ir.Expr{Mode: ir.ModeObject, Keys: []string{"k"}}
		}, "object with 1 keys"},
		{"an unknown loop variable", func(p *ir.Program) {
			p.Body.Nodes[4].Composite.Body.Nodes[0].Expression.Vars[0].Expr.Slots[0].Loop = "?"
		}, "unknown loop variable"},
		{"a damaged type", func(p *ir.Program) { p.Body.Nodes[0].Result = []byte{0xff} }, "result type"},
		{"a damaged schema", func(p *ir.Program) { p.Body.Nodes[2].LLM.Schema = []byte{0xff} }, "output_schema"},
		{"a damaged input schema", func(p *ir.Program) { p.InputSchema = []byte{0xff} }, "input schema"},
		{"an unknown port", func(p *ir.Program) { p.Body.Nodes[2].LLM.Port.Port = 9 }, "port 9 of 1"},
		{"unknown code", func(p *ir.Program) { p.Body.Nodes[3].Function.Code = 9 }, "code 9 of 0"},
		{"an unknown field", func(p *ir.Program) { p.Body.Nodes[0].Expression.Fields = []string{"zz"} }, `output field "zz"`},
		{"reduce without a reducer", func(p *ir.Program) { p.Body.Nodes[0].Expression.Merge = "reduce" }, "has no reducer"},
		{"collect reduce without a reducer", func(p *ir.Program) { p.Body.Nodes[4].Composite.Collect = "reduce" }, "has no reducer"},
		{"a loop without items", func(p *ir.Program) { p.Body.Nodes[4].Composite.Items = nil }, "mode for-each has no items"},
		{"a loop without a body", func(p *ir.Program) { p.Body.Nodes[4].Composite.Body = nil }, "mode for-each has no body"},
		{"an unknown mode", func(p *ir.Program) { p.Body.Nodes[4].Composite.Mode = 99 }, "unknown mode 99"},
		{"an output of nothing", func(p *ir.Program) { p.Output = []ir.OutputField{{Name: "o", Node: 9}} }, `output "o" reads node 9`},
		{"no slots", func(p *ir.Program) { set(p, ir.MaxConcurrentNodes, value.Int(0)) }, "kernel.max_concurrent_nodes is 0"},
		{"an unknown policy", func(p *ir.Program) { set(p, ir.OnFailure, value.String("?")) }, "kernel.on_failure"},
		{"a negative limit", func(p *ir.Program) { bound(p, ir.MaxLLMCalls, value.Int(-1)) }, "limits.max_llm_calls is -1"},
		{"a limit that is text", func(p *ir.Program) { bound(p, ir.MaxCostUSD, value.String("x")) }, "limits.max_cost_usd"},
		{"a threshold out of range", func(p *ir.Program) { bound(p, ir.WarningThreshold, value.Float(1.5)) }, "limits.warning_threshold"},
		{"an unknown reaction", func(p *ir.Program) { bound(p, ir.OnLimit, value.Int(1)) }, "limits.on_limit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := valid()
			tt.spoil(p)
			if _, err := machine.Load(p); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func set(p *ir.Program, name string, v value.Value) {
	p.Effective.Kernel = append(p.Effective.Kernel, ir.Setting{Name: name, Value: v})
}

func bound(p *ir.Program, name string, v value.Value) {
	p.Effective.Limits = append(p.Effective.Limits, ir.Setting{Name: name, Value: v})
}

// TestStructures evaluates lists, objects and constants in a mapping.
func TestStructures(t *testing.T) {
	p, err := sim.Build(sim.Program{Nodes: []sim.Node{{Name: "a", Expr: x("m"), Mapping: []sim.Pair{{Name: "m", Text: "$input.n + 1"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	inner := p.Body.Nodes[0].Mapping[0].Expr
	p.Body.Nodes[0].Mapping[0].Expr = ir.Expr{Mode: ir.ModeObject, Keys: []string{"list", "const"}, Items: []ir.Expr{
		{Mode: ir.ModeList, Items: []ir.Expr{inner, inner}}, {Mode: ir.ModeConst, Const: value.String("c")},
	}}
	prog, err := machine.Load(p)
	if err != nil {
		t.Fatal(err)
	}
	run := func(input string) machine.Result {
		return sim.NewEngine(prog, machine.Options{KeepOutputs: true}, echo).Run(machine.Start{RunID: "r", Input: parse(t, input)})
	}
	if got := describe(run(`{"n": 1}`)); got != `a completed {"v":{"list":[2,2],"const":"c"}}` {
		t.Error(got)
	}
	r := run(`{"n": "x"}`)
	if r.Error == nil || r.Error.Code != "HX1003" || !strings.Contains(r.Error.Message, "$input.n + 1") {
		t.Errorf("%v", r.Error)
	}
}

func TestAnExpressionSeesTheFailureOfAMapping(t *testing.T) {
	n := sim.Node{Name: "a", When: "m > 1", Mapping: []sim.Pair{{Name: "m", Text: "1 // $input.z"}}, Expr: x("m")}
	_, r := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, `{"z": 0}`, nil)
	if r.Error == nil || !strings.Contains(r.Error.Message, "1 // $input.z") {
		t.Errorf("the error is %v, want that of the mapping", r.Error)
	}
}

func TestTheClockOfANodeStandsStill(t *testing.T) {
	n := sim.Node{Name: "c", Prompt: "{{ now() }}", Attempts: 2, RetryDelay: second}
	e, _ := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, "", script(sim.Fail("network", true, "x"), says("y")))
	a, b := e.Effects[0].LLM.Messages[0].Content, e.Effects[1].LLM.Messages[0].Content
	if a != b || !strings.HasPrefix(a, "2026-01-01") {
		t.Errorf("the first attempt says %s, the second %s", a, b)
	}
}
