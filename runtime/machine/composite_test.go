package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

func meta(mode, stopped string, n, ok, failed, skipped int, errors string, ms float64) string {
	return fmt.Sprintf(`"metadata":{"mode":%q,"iterations":%d,"stopped_by":%q,"successful":%d,"failed":%d,"skipped":%d,"errors":%s,"duration_ms":%s}`,
		mode, n, stopped, ok, failed, skipped, errors, text(value.Float(ms)))
}

func TestLoops(t *testing.T) {
	double := []sim.Node{{Name: "d", Expr: x("item * 2")}}
	runAll(t, []scenario{
		{
			name: "for-each collects in the order of the items",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "l", Mode: ir.ModeForEach, Items: "$input.xs", Body: double, Parallel: 3},
			}},
			input: `{"xs": [3, 1, 2]}`,
			want:  []string{`l completed {"result":[{"v":6},{"v":2},{"v":4}],` + meta("for-each", "exhausted", 3, 3, 0, 0, "null", 0) + `}`},
		},
		{
			name: "a body sees its loop's variables, outer nodes, and the mapping",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "base", Expr: x("100")},
				{Name: "l", Mode: ir.ModeForEach, Items: "['a', 'b']", ItemVar: "name", IndexVar: "at", Mapping: []sim.Pair{{Name: "plus", Text: "base.v + 1"}},
					Body: []sim.Node{{Name: "s", Expr: x("[name, at, $item, $index, $total, $is_first, $is_last, base.v, plus, who]")}}, Collect: "last"},
			}},
			input: `{"who": "me"}`,
			want:  []string{"base completed …", `l completed {"result":{"v":["b",1,"b",1,2,false,true,100,101,"me"]},` + meta("for-each", "exhausted", 2, 2, 0, 0, "null", 0) + `}`},
		},
		{
			name: "nested loops",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "l", Mode: ir.ModeTimes, Count: "2", IndexVar: "i", Body: []sim.Node{
					{Name: "m", Mode: ir.ModeTimes, Count: "i + 1", IndexVar: "j", Body: []sim.Node{{Name: "p", Expr: x("[i, j, $index]")}}},
					{Name: "r", Expr: x("[q.v for q in m.result]")},
				}},
			}, Output: []sim.Output{{Name: "o", Node: "l", Path: []string{"result"}}}},
			output: `{"o":[{"v":[[0,0,0]]},{"v":[[1,0,0],[1,1,1]]}]}`,
		},
		{
			name: "while carries its state, and state_update sees the body's result",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "w", Mode: ir.ModeWhile, Cond: "state.sum < 5", Initial: []sim.Pair{{Name: "sum", Text: "0"}},
					Update: []sim.Pair{{Name: "sum", Text: "state.sum + $body.v"}, {Name: "twice", Text: "state.sum * 2"}},
					Body:   []sim.Node{{Name: "b", Expr: x("iteration + 1 + state.sum * 0")}}},
			}},
			want: []string{`w completed {"result":[{"v":1},{"v":2},{"v":3}],` + meta("while", "condition", 3, 3, 0, 0, "null", 0) + `,"final_state":{"sum":6,"twice":12,"iteration":3}}`},
		},
		{
			name: "a state that no snapshot could hold fails the node",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "w", Mode: ir.ModeWhile, Cond: "true", MaxIter: 10_000, Collect: "last", Initial: []sim.Pair{{Name: "s", Text: "'a text that takes some room'"}},
					Update: []sim.Pair{{Name: "s", Text: "[state.s, state.s]"}}, Body: []sim.Node{{Name: "b", Expr: x("1")}}},
			}},
			status: machine.RunFailed, fails: `HX1010 w: the state of "w" is too large to be kept`,
		},
		{
			name: "while stops at max_iterations",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "w", Mode: ir.ModeWhile, Cond: "true", MaxIter: 2, Collect: "first", Body: []sim.Node{{Name: "b", Expr: x("iteration")}}},
			}},
			want: []string{`w completed {"result":{"v":0},` + meta("while", "limit", 2, 2, 0, 0, "null", 0) + `,"final_state":{"iteration":2}}`},
		},
		{
			name: "collect dict by key_field, and by index without one",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "k", Mode: ir.ModeForEach, Items: "['x', 'y']", Collect: "dict", KeyField: "v", Body: []sim.Node{{Name: "b", Expr: x("item")}}},
				{Name: "i", Mode: ir.ModeForEach, Items: "['x', 'y']", Collect: "dict", Body: []sim.Node{{Name: "b", Expr: x("item")}}},
			}, Output: []sim.Output{{Name: "k", Node: "k", Path: []string{"result"}}, {Name: "i", Node: "i", Path: []string{"result"}}}},
			output: `{"k":{"x":{"v":"x"},"y":{"v":"y"}},"i":{"0":{"v":"x"},"1":{"v":"y"}}}`,
		},
		{
			name: "collect reduce calls the reducer once, without nulls",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "l", Mode: ir.ModeForEach, Items: "[1, 2, 3]", Collect: "reduce", Reducer: "total", Body: []sim.Node{{Name: "b", Expr: x("item"), When: "item != 2"}}},
			}, Output: []sim.Output{{Name: "o", Node: "l", Path: []string{"result"}}}},
			output: `{"o":[{"v":1},{"v":3}]}`,
		},
		{
			name: "the body's result is its last node that was not skipped",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "l", Mode: ir.ModeForEach, Items: "[1, 2]", Body: []sim.Node{{Name: "a", Expr: x("item")}, {Name: "b", Expr: x("'big'"), When: "a.v > 1"}}},
			}, Output: []sim.Output{{Name: "o", Node: "l", Path: []string{"result"}}}},
			output: `{"o":[{"v":1},{"v":"big"}]}`,
		},
		{
			name:    "no items",
			program: sim.Program{Nodes: []sim.Node{{Name: "l", Mode: ir.ModeForEach, Items: "[]", Body: double}, {Name: "f", Mode: ir.ModeForEach, Items: "[]", Body: double, Collect: "first"}}},
			want:    []string{`l completed {"result":[],` + meta("for-each", "exhausted", 0, 0, 0, 0, "null", 0) + `}`, `f completed {"result":null,…`[:len(`f completed {"result":null,`)] + meta("for-each", "exhausted", 0, 0, 0, 0, "null", 0) + `}`},
		},
		{
			name:    "items that cannot be iterated fail the node",
			program: sim.Program{Nodes: []sim.Node{{Name: "l", Mode: ir.ModeForEach, Items: "$input.xs", Body: double}}},
			input:   `{"xs": null}`, status: machine.RunFailed, fails: "HX1017 l: items gave null",
		},
		{
			name:    "too many items fail the node",
			program: sim.Program{Nodes: []sim.Node{{Name: "l", Mode: ir.ModeForEach, Items: "range(10 ** 12)", Body: double}}},
			status:  machine.RunFailed, fails: "HX1017 l: items gave more than a loop can go over",
		},
		{
			name:    "a negative count fails the node",
			program: sim.Program{Nodes: []sim.Node{{Name: "l", Mode: ir.ModeTimes, Count: "-1", Body: double}}},
			status:  machine.RunFailed, fails: "HX1017 l: count gave the int -1",
		},
		{
			name: "max_scopes bounds all loops together",
			program: sim.Program{Nodes: []sim.Node{{Name: "l", Mode: ir.ModeTimes, Count: "10", Body: []sim.Node{{Name: "b", Expr: x("1")}}}},
				Kernel: kernel(ir.MaxScopes, value.Int(10))},
			status: machine.RunFailed, fails: "HX1016",
		},
	})
}

func TestErrorHandlingInLoops(t *testing.T) {
	world := func(e *machine.StartEffect, n int) sim.Reply {
		o, _ := e.Function.Input.Object()
		item, _ := o.Get("item")
		i, _ := item.AsInt()
		r := sim.Reply{Delay: 100 - 10*i, Outcome: sim.OK(value.Int(i*10), machine.Usage{})}
		if i%2 == 1 {
			r.Outcome = sim.Fail(machine.ClassFunction, false, fmt.Sprintf("odd %d", i))
		}
		return r
	}
	loop := func(errors string) sim.Program {
		return sim.Program{Nodes: []sim.Node{
			{Name: "l", Mode: ir.ModeForEach, Items: "[0, 1, 2, 3, 4, 5]", Parallel: 4, Errors: errors, Body: []sim.Node{{Name: "f", Func: "f"}}},
		}}
	}
	runAll(t, []scenario{
		{
			name:    "fail_fast opens no more, and its error is that of the lowest index",
			program: loop("fail_fast"), world: world, status: machine.RunFailed, fails: `HX1009 l: iteration 1 of "l" failed: odd 1`,
		},
		{
			name:    "continue records errors and goes on",
			program: loop("continue"), world: world,
			want: []string{`l completed {"result":[0,null,20,null,40,null],` + meta("for-each", "exhausted", 6, 3, 3, 0,
				`[{"index":1,"error":"odd 1"},{"index":3,"error":"odd 3"},{"index":5,"error":"odd 5"}]`, 0.00013) + `}`},
		},
		{
			name:    "collect records errors and goes on",
			program: loop("collect"), world: world,
			want: []string{"l completed …"},
		},
	})
	e, _ := runProgram(t, loop("fail_fast"), "", world)
	for _, x := range e.Effects {
		if strings.HasPrefix(x.Path, "l[4]") || strings.HasPrefix(x.Path, "l[5]") {
			t.Errorf("%s started after a failure", x.Path)
		}
	}
}

func TestBranches(t *testing.T) {
	runAll(t, []scenario{
		{
			name: "if-else runs the branch that its condition selects",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "g", Mode: ir.ModeIfElse, Cond: "$input.ok", Body: []sim.Node{{Name: "y", Expr: x("'yes'")}}, Else: []sim.Node{{Name: "n", Expr: x("'no'")}}},
			}},
			input: `{"ok": false}`,
			want:  []string{`g completed {"result":{"v":"no"},"metadata":{"mode":"if-else","iterations":null,"stopped_by":"condition","successful":null,"failed":null,"skipped":null,"errors":null,"duration_ms":0.0},"condition_met":false,"branch_taken":"else"}`},
		},
		{
			name: "if-else without a body for the branch",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "g", Mode: ir.ModeIfElse, Cond: "true", Else: []sim.Node{{Name: "n", Expr: x("'no'")}}},
			}, Output: []sim.Output{{Name: "o", Node: "g", Path: []string{"result"}}}},
			output: `{"o":{"condition_met":true}}`,
		},
		{
			name: "a switch runs the body of the first branch that matches",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "g", Mode: ir.ModeSwitch, Cases: []sim.Case{
					{Cond: "false", Body: []sim.Node{{Name: "a", Expr: x("'a'")}}},
					{Cond: "true", Action: "bee", Body: []sim.Node{{Name: "b", Expr: x("'b'")}}},
					{Cond: "1 / 0", Body: []sim.Node{{Name: "c", Expr: x("'c'")}}}}},
			}, Output: []sim.Output{{Name: "o", Node: "g", Path: []string{"result"}}, {Name: "m", Node: "g", Path: []string{"matched_action"}}}},
			output: `{"o":{"v":"b"},"m":"bee"}`,
		},
		{
			name: "a switch without a match and without else gives null",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "g", Mode: ir.ModeSwitch, Cases: []sim.Case{{Cond: "false", Action: "a"}}},
			}, Output: []sim.Output{{Name: "o", Node: "g", Path: []string{"result"}}, {Name: "m", Node: "g", Path: []string{"matched_branch"}}}},
			output: `{"o":null,"m":null}`,
		},
		{
			name: "a failure in a branch fails the composite, with the place of its cause",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "g", Mode: ir.ModeIfElse, Cond: "true", Body: []sim.Node{{Name: "y", Expr: x("1 // 0")}}},
			}},
			status: machine.RunFailed, fails: `HX1009 g: the body of "g" failed: `,
		},
	})
}
