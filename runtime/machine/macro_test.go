package machine_test

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

// invocation is a program with one invocation, inst, and a node behind it.
func invocation(inst sim.Node, more ...sim.Node) sim.Program {
	inst.Name, inst.Mode = "inst", ir.ModeMacro
	return sim.Program{Nodes: append([]sim.Node{inst}, more...)}
}

func TestMacros(t *testing.T) {
	chain := []sim.Node{{Name: "inst_a", Expr: x("x + 1")}, {Name: "inst_b", Expr: x("inst_a.v * 10")}}
	failing := []sim.Node{{Name: "inst_a", Expr: x("1 // 0")}, {Name: "inst_b", Expr: x("inst_a.v"), Deps: []string{"inst_a"}}}
	runAll(t, []scenario{
		{
			name:    "an invocation gives what its only exit gives",
			program: invocation(sim.Node{Body: chain}, sim.Node{Name: "after", Expr: x("inst.v + 1")}),
			input:   `{"x": 1}`,
			want:    []string{`inst completed {"v":20}`, `after completed {"v":21}`},
		},
		{
			name:    "with several exits it gives one field for each, without the prefix",
			program: invocation(sim.Node{Body: []sim.Node{{Name: "inst_a", Expr: x("1")}, {Name: "inst_b", Expr: x("2")}}}),
			want:    []string{`inst completed {"a":{"v":1},"b":{"v":2}}`},
		},
		{
			name:    "outputs are expressions in the scope of the body",
			program: invocation(sim.Node{Body: chain, Outputs: []sim.Pair{{Name: "first", Text: "inst_a.v"}, {Name: "sum", Text: "inst_a.v + inst_b.v"}}}),
			input:   `{"x": 1}`,
			want:    []string{`inst completed {"first":2,"sum":22}`},
		},
		{
			name: "an argument is computed in the scope of the caller",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "base", Expr: x("5")},
				{Name: "inst", Mode: ir.ModeMacro, Args: []sim.Pair{{Name: "arg", Text: "{{ base.v + 1 }}"}}, Body: []sim.Node{{Name: "inst_a", Expr: x("arg * 2")}}},
			}},
			want: []string{"base completed …", `inst completed {"v":12}`},
		},
		{
			name: "nodes inside receive the prepared input of the invocation, and no argument",
			program: invocation(sim.Node{Args: []sim.Pair{{Name: "arg", Text: "{{ x }}"}}, Mapping: []sim.Pair{{Name: "y", Text: "$input.x + 1"}}, Strict: true,
				Body: []sim.Node{{Name: "inst_f", Func: "work"}}}),
			input: `{"x": 1}`,
			want:  []string{`inst completed {"y":2}`},
		},
		{
			name: "nodes outside read nodes inside once the invocation has completed",
			program: invocation(sim.Node{Body: chain}, sim.Node{Name: "inst_a", Of: "inst", Inner: "inst_a"},
				sim.Node{Name: "after", Expr: x("[inst_a.v, inst.v]")}),
			input: `{"x": 1}`,
			want:  []string{`inst completed {"v":20}`, `inst_a completed {"v":2}`, `after completed {"v":[2,20]}`},
		},
		{
			name: "its condition is the gate of all its nodes",
			program: invocation(sim.Node{Body: chain, When: "x > 5"}, sim.Node{Name: "inst_a", Of: "inst", Inner: "inst_a"},
				sim.Node{Name: "after", Expr: x("1"), Deps: []string{"inst_a"}}),
			input: `{"x": 1}`,
			want:  []string{"inst skipped when_false", "inst_a skipped upstream_skipped", "after skipped upstream_skipped"},
		},
		{
			name: "it is skipped if all its exits are",
			program: invocation(sim.Node{Body: []sim.Node{{Name: "inst_a", Expr: x("1")}, {Name: "inst_b", Expr: x("2"), Deps: []string{"inst_a"}, When: "false"}}},
				sim.Node{Name: "inst_a", Of: "inst", Inner: "inst_a"}, sim.Node{Name: "after", Expr: x("1"), Deps: []string{"inst"}}),
			want: []string{"inst skipped body_skipped", "inst_a skipped upstream_skipped", "after skipped upstream_skipped"},
		},
		{
			name:    "skipped with critical is failed",
			program: invocation(sim.Node{Body: []sim.Node{{Name: "inst_a", Expr: x("1"), When: "false"}}, Critical: true}),
			want:    []string{"inst failed critical_skip"},
			status:  machine.RunFailed, fails: "critical node",
		},
		{
			name: "a failure inside is the invocation's, for its handler",
			program: invocation(sim.Node{Body: failing, OnError: "rescue"}, sim.Node{Name: "inst_a", Of: "inst", Inner: "inst_a"},
				sim.Node{Name: "rescue", Expr: x("$error.node")}, sim.Node{Name: "after", Expr: x("1"), Deps: []string{"inst_a"}}),
			want: []string{"inst failed expression", "inst_a cancelled upstream_failed", `rescue completed {"v":"inst"}`, "after skipped upstream_failed"},
		},
		{
			name: "a failure that is handled inside stays there",
			program: invocation(sim.Node{Body: []sim.Node{{Name: "inst_a", Expr: x("1 // 0"), OnError: "inst_h"}, {Name: "inst_h", Expr: x("7")}, {Name: "inst_b", Expr: x("inst_h.v")}}},
				sim.Node{Name: "inst_a", Of: "inst", Inner: "inst_a"}),
			want: []string{`inst completed {"a":null,"b":{"v":7}}`, "inst_a cancelled upstream_failed"},
		},
		{
			name: "nested invocations export what they export",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "o", Mode: ir.ModeMacro, Body: []sim.Node{
					{Name: "o_i", Mode: ir.ModeMacro, Body: []sim.Node{{Name: "o_i_leaf", Expr: x("3")}, {Name: "o_i_end", Expr: x("o_i_leaf.v")}}},
					{Name: "o_i_leaf", Of: "o_i", Inner: "o_i_leaf"},
				}},
				{Name: "o_i_leaf", Of: "o", Inner: "o_i_leaf"},
			}},
			want: []string{`o completed {"v":3}`, `o_i_leaf completed {"v":3}`},
		},
	})
}

// TestMacroIsTriedAgainAsAWhole: the second attempt runs every node again, under
// paths of its own.
func TestMacroIsTriedAgainAsAWhole(t *testing.T) {
	var calls []string
	world := func(c *machine.StartEffect, _ int) sim.Reply {
		calls = append(calls, c.Path)
		if strings.HasPrefix(c.Path, "inst/b") {
			return sim.Reply{Outcome: machine.Outcome{Failure: &machine.Failure{Class: "network", Message: "down", Retryable: true}}}
		}
		return sim.Reply{Outcome: machine.Outcome{Value: value.Int(1)}}
	}
	_, r := runProgram(t, invocation(sim.Node{Attempts: 2, Body: []sim.Node{{Name: "inst_a", Func: "f"}, {Name: "inst_b", Func: "f", Deps: []string{"inst_a"}}}}), "", world)
	if got := strings.Join(calls, " "); got != "inst/a#1 inst/b#1 inst@2/a#1 inst@2/b#1" {
		t.Errorf("called %s", got)
	}
	if r.Status != machine.RunCompleted || r.Nodes[0].Attempts != 2 {
		t.Errorf("the run is %s after %d attempts", r.Status, r.Nodes[0].Attempts)
	}
}
