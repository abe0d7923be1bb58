package machine_test

import (
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

var x = func(text string) []sim.Pair { return []sim.Pair{{Name: "v", Text: text}} }

func kernel(name string, v value.Value) map[string]value.Value {
	return map[string]value.Value{name: v}
}

func TestSkipsAndRoutes(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "a node whose when is false is skipped, and so is who depends on it alone",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: x("1"), When: "$input.go"},
				{Name: "b", Expr: x("a.v")},
				{Name: "c", Expr: x("b.v")},
			}},
			input: `{"go": false}`,
			want:  []string{"a skipped when_false", "b skipped upstream_skipped", "c skipped upstream_skipped"},
		},
		{
			name: "a skipped dependency among others reads as null",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: x("1"), When: "false"},
				{Name: "b", Expr: x("2")},
				{Name: "c", Expr: []sim.Pair{{Name: "sum", Text: "coalesce(a.v, 10) + b.v"}, {Name: "a", Text: "a"}}},
			}, Output: []sim.Output{{Name: "sum", Node: "c", Path: []string{"sum"}}, {Name: "a", Node: "a", Path: []string{"v"}}}},
			want:   []string{"a skipped when_false", `b completed {"v":2}`, `c completed {"sum":12,"a":null}`},
			output: `{"sum":12,"a":null}`,
		},
		{
			name: "wait_for a skipped node is satisfied",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: x("1"), When: "false"},
				{Name: "b", Expr: x("2"), WaitFor: []string{"a"}},
			}},
			want: []string{"a skipped when_false", `b completed {"v":2}`},
		},
		{
			name: "a critical node fails instead of being skipped",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: x("1"), When: "false", Critical: true},
				{Name: "b", Expr: x("2"), Deps: []string{"a"}},
			}},
			status: machine.RunFailed, fails: "HX1006",
			want: []string{"a failed critical_skip", "b cancelled run_failed"},
		},
		{
			name: "an error in when fails the node",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: x("1"), When: "1 / 0"},
			}},
			status: machine.RunFailed, fails: "HX1003 a: `1 / 0`",
			want: []string{"a failed expression"},
		},
		{
			name: "a switch routes to the target of its branch",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "r", Mode: 5, Route: true, Cases: []sim.Case{{Cond: "$input.n > 10", Action: "big"}, {Cond: "$input.n > 5", Action: "mid"}}, ElseAction: "small"},
				{Name: "big", Expr: x("'B'")},
				{Name: "mid", Expr: x("'M'")},
				{Name: "small", Expr: x("'S'")},
				{Name: "end", Expr: x("coalesce(big.v, mid.v, small.v)")},
			}},
			input: `{"n": 7}`,
			want: []string{
				`r completed {"result":"mid","metadata":{"mode":"switch","iterations":null,"stopped_by":"branch_matched","successful":null,"failed":null,"skipped":null,"errors":null,"duration_ms":0.0},"matched_branch":1,"matched_action":"mid","evaluations":[false,true],"has_else":true}`,
				"big skipped not_routed", `mid completed {"v":"M"}`, "small skipped not_routed", `end completed {"v":"M"}`,
			},
		},
		{
			name: "a target of two routers runs if one selects it",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "r1", Mode: 5, Route: true, Cases: []sim.Case{{Cond: "false", Action: "t"}}},
				{Name: "r2", Mode: 5, Route: true, Cases: []sim.Case{{Cond: "true", Action: "t"}}},
				{Name: "t", Expr: x("1")},
			}},
			want: []string{"r1 completed …", "r2 completed …", `t completed {"v":1}`},
		},
		{
			name: "required inputs that are null fail the node",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Data: []sim.Pair{{Name: "id", Text: "{{ none }}"}, {Name: "n", Text: "{{ 1 }}"}}},
				{Name: "b", Func: "f", Deps: []string{"a"}, Required: []string{"id", "n", "zip"}},
			}},
			status: machine.RunFailed, fails: "HX1005 b: required inputs are null or absent: id, zip",
			want: []string{`a completed {"id":null,"n":1}`, "b failed invalid_input"},
		},
		{
			name: "a mapping marked required fails on null",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Data: []sim.Pair{{Name: "id", Text: "{{ none }}"}}},
				{Name: "b", Expr: x("id"), Mapping: []sim.Pair{{Name: "id", Text: "a.id | required"}}},
			}},
			status: machine.RunFailed, fails: "HX1004",
		},
	})
}

func TestHandlers(t *testing.T) {
	work := sim.Node{Name: "work", Func: "work", OnError: "fix"}
	fix := sim.Node{Name: "fix", Expr: []sim.Pair{{Name: "was", Text: "$error.message"}, {Name: "in", Text: "$error.input.n"}, {Name: "by", Text: "$error.node"}}}
	runAll(t, []scenario{
		{
			name:    "a handler runs when the node it guards fails, and the run completes",
			program: sim.Program{Nodes: []sim.Node{work, fix, {Name: "next", Expr: x("1"), Deps: []string{"work"}}}},
			input:   `{"n": 3}`,
			world:   failing("work"),
			want:    []string{"work failed function", `fix completed {"was":"work is broken","in":3,"by":"work"}`, "next skipped upstream_failed"},
		},
		{
			name:    "a handler is skipped when nothing failed",
			program: sim.Program{Nodes: []sim.Node{work, fix, {Name: "next", Expr: x("work.n"), Deps: []string{"work"}}}},
			input:   `{"n": 3}`,
			want:    []string{`work completed {"n":3}`, "fix skipped no_error", `next completed {"v":3}`},
		},
		{
			name: "one handler for two nodes waits for both and sees the first in document order",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Func: "a", OnError: "fix"}, {Name: "b", Func: "b", OnError: "fix"},
				{Name: "fix", Expr: []sim.Pair{{Name: "first", Text: "$error.node"}, {Name: "all", Text: "[e.node for e in $errors]"}}},
			}},
			world: func(e *machine.StartEffect, n int) sim.Reply {
				r := failing("a", "b")(e, n)
				if e.Node.Name == "a" {
					r.Delay = 100
				}
				return r
			},
			want: []string{"a failed function", "b failed function", `fix completed {"first":"a","all":["a","b"]}`},
		},
		{
			name:    "a handler that fails fails the run, with the cause",
			program: sim.Program{Nodes: []sim.Node{work, {Name: "fix", Expr: x("1 / 0")}}},
			world:   failing("work"),
			status:  machine.RunFailed, fails: "HX1003 fix",
			want: []string{"work failed function", "fix failed expression"},
		},
		{
			name:    "a handler that skips leaves the failure unhandled",
			program: sim.Program{Nodes: []sim.Node{work, {Name: "fix", Expr: x("1"), When: "false"}}},
			world:   failing("work"),
			status:  machine.RunFailed, fails: "HX1008 work: work is broken",
			want: []string{"work failed function", "fix skipped when_false"},
		},
		{
			name:    "wait_for a handled failure is satisfied",
			program: sim.Program{Nodes: []sim.Node{work, fix, {Name: "after", Expr: x("1"), WaitFor: []string{"work"}}}},
			world:   failing("work"),
			want:    []string{"work failed function", "fix completed …", `after completed {"v":1}`},
		},
	})
}

func TestOnFailure(t *testing.T) {
	nodes := []sim.Node{
		fn("bad"), fn("slow"), fn("tail", "slow"),
		{Name: "guarded", Func: "guarded", OnError: "fix"}, {Name: "fix", Expr: x("1")},
	}
	world := func(e *machine.StartEffect, n int) sim.Reply {
		r := failing("bad", "guarded")(e, n)
		switch e.Node.Name {
		case "slow":
			r.Delay = 50
		case "guarded":
			r.Delay = 60
		}
		return r
	}
	runAll(t, []scenario{
		{
			name:    "stop lets flights finish, starts handlers only, cancels the rest",
			program: sim.Program{Nodes: nodes}, world: world, status: machine.RunFailed, fails: "bad is broken",
			want: []string{"bad failed function", "slow completed {}", "tail cancelled run_failed", "guarded failed function", `fix completed {"v":1}`},
		},
		{
			name:    "continue runs what does not depend on the failure",
			program: sim.Program{Nodes: nodes, Kernel: kernel("on_failure", value.String("continue"))},
			world:   world, status: machine.RunFailed, fails: "bad is broken",
			want: []string{"bad failed function", "slow completed {}", "tail completed {}", "guarded failed function", `fix completed {"v":1}`},
		},
		{
			name:    "abort cancels what is in flight",
			program: sim.Program{Nodes: nodes, Kernel: kernel("on_failure", value.String("abort"))},
			world:   world, status: machine.RunFailed, fails: "bad is broken",
			want: []string{"bad failed function", "slow cancelled run_failed", "tail cancelled run_failed", "guarded cancelled run_failed", "fix cancelled run_failed"},
		},
	})
}
