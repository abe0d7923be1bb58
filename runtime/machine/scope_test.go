package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

func TestNames(t *testing.T) {
	one := sim.Node{Name: "one", Data: []sim.Pair{{Name: "city", Text: "Graz"}, {Name: "zip", Text: "{{ none }}"}}}
	runAll(t, []scenario{
		{
			name:    "the fields of the single dependency are visible bare, and under its name",
			program: sim.Program{Nodes: []sim.Node{one, {Name: "b", Expr: []sim.Pair{{Name: "v", Text: "one.city + city"}}}}},
			want:    []string{"one completed …", `b completed {"v":"GrazGraz"}`},
		},
		{
			name:    "a bare field that is null is filled from the run's input, one that is not is not",
			program: sim.Program{Nodes: []sim.Node{one, {Name: "b", Expr: []sim.Pair{{Name: "v", Text: "[one.zip, zip, city, street]"}}}}},
			input:   `{"zip": 8010, "city": "Wien", "street": "Ring"}`,
			want:    []string{"one completed …", `b completed {"v":[null,8010,"Graz","Ring"]}`},
		},
		{
			name:    "with two dependencies nothing is visible bare",
			program: sim.Program{Nodes: []sim.Node{one, {Name: "two", Data: []sim.Pair{{Name: "x", Text: "1"}}}, {Name: "b", Deps: []string{"two"}, Expr: []sim.Pair{{Name: "v", Text: "one.city + city"}}}}},
			status:  machine.RunFailed, fails: "HX1003 b: ",
		},
		{
			name:    "a mapping target hides everything else, even when it is null",
			program: sim.Program{Nodes: []sim.Node{one, {Name: "b", Mapping: []sim.Pair{{Name: "city", Text: "one.nothing | default(none)"}}, Expr: []sim.Pair{{Name: "v", Text: "city"}}}}},
			input:   `{"city": "Wien"}`,
			want:    []string{"one completed …", `b completed {"v":null}`},
		},
		{
			name:    "a target that is null is filled from the run's input",
			program: sim.Program{Nodes: []sim.Node{one, {Name: "b", Mapping: []sim.Pair{{Name: "city", Text: "one.nothing"}}, Expr: []sim.Pair{{Name: "v", Text: "city"}}}}},
			input:   `{"city": "Wien"}`,
			want:    []string{"one completed …", `b completed {"v":"Wien"}`},
		},
		{
			name:    "but not under strict_mapping",
			program: sim.Program{Nodes: []sim.Node{one, {Name: "b", Strict: true, Mapping: []sim.Pair{{Name: "city", Text: "one.nothing"}}, Expr: []sim.Pair{{Name: "v", Text: "city"}}}}},
			input:   `{"city": "Wien"}`,
			want:    []string{"one completed …", `b completed {"v":null}`},
		},
		{
			name:    "later expressions see earlier ones, output_fields selects",
			program: sim.Program{Nodes: []sim.Node{{Name: "b", Expr: []sim.Pair{{Name: "x", Text: "2"}, {Name: "y", Text: "x * 3"}, {Name: "z", Text: "{{ x }} and {{ y }}"}}, Fields: []string{"z", "y"}}}},
			want:    []string{`b completed {"z":"2 and 6","y":6}`},
		},
		{
			name: "NODE.output is the field if there is one, else the whole result",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: []sim.Pair{{Name: "output", Text: "1"}}}, {Name: "b", Expr: []sim.Pair{{Name: "x", Text: "2"}}},
				{Name: "c", Expr: []sim.Pair{{Name: "v", Text: "[a.output, b.output, b.output.x]"}}},
			}},
			want: []string{"a completed …", "b completed …", `c completed {"v":[1,{"x":2},2]}`},
		},
		{
			name:    "ctx and input, with and without a dollar sign",
			program: sim.Program{Name: "pipe", Nodes: []sim.Node{{Name: "a", Expr: []sim.Pair{{Name: "v", Text: "[$ctx.run_id, ctx.pipeline_name, $ctx.node_name, $input.n, input.n]"}}}}},
			input:   `{"n": 5}`,
			want:    []string{`a completed {"v":["run","pipe","a",5,5]}`},
		},
		{
			name: "merging",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "a", Expr: []sim.Pair{{Name: "s", Text: "1"}}}, {Name: "b", Expr: []sim.Pair{{Name: "s", Text: "2"}}, When: "false"}, {Name: "c", Expr: []sim.Pair{{Name: "s", Text: "3"}}},
				{Name: "list", Deps: []string{"a", "b", "c"}, Merge: "list", Extract: []string{"s"}},
				{Name: "dict", Deps: []string{"c", "a"}, Merge: "dict"},
				{Name: "first", Deps: []string{"b", "c"}, Merge: "first", Extract: []string{"s"}},
				{Name: "last", Deps: []string{"a", "b"}, Merge: "last"},
				{Name: "sum", Deps: []string{"a", "b", "c"}, Merge: "reduce", Extract: []string{"s"}, Reducer: "total"},
				{Name: "on", Deps: []string{"b", "c"}, Merge: "first", Expr: []sim.Pair{{Name: "v", Text: "s + 1"}}},
				{Name: "too", Deps: []string{"a", "c"}, Merge: "list", Extract: []string{"s"}, Expr: []sim.Pair{{Name: "v", Text: "sum(merged)"}}},
			}},
			want: []string{
				"a completed …", "b skipped when_false", "c completed …",
				`list completed {"result":[1,null,3]}`, `dict completed {"result":{"a":{"s":1},"c":{"s":3}}}`,
				`first completed {"result":3}`, `last completed {"result":{"s":1}}`, `sum completed {"result":[1,3]}`,
				`on completed {"v":4}`, `too completed {"v":4}`,
			},
		},
	})
}

// TestPlaces leads parts of expressions back to where they stand in a file.
func TestPlaces(t *testing.T) {
	// A block scalar indented by four, with an escape-like part that is not exact:
	//   line 10: "    a +"
	//   line 11: "    é / 0"   (a two-byte letter)
	//   line 12: "    X"       where X stands for three bytes of the text
	e := &ir.Expr{
		Text: "a +\né / 0\nxyz",
		At:   ir.Place{File: 2, Line: 10, Column: 5, Offset: 100, EndLine: 12, EndCol: 6, EndOff: 124},
		Map: []ir.Mark{
			{Text: 0, Line: 10, Column: 5, Offset: 104, Exact: true},
			{Text: 4, Line: 11, Column: 5, Offset: 112, Exact: true},
			{Text: 11, Line: 12, Column: 5, Offset: 123},
		},
	}
	for _, tt := range []struct {
		start, end int32
		want       [6]int // line, column, offset of start and end
	}{
		{0, 1, [6]int{10, 5, 104, 10, 6, 105}},
		{4, 10, [6]int{11, 5, 112, 11, 10, 118}},
		{9, 10, [6]int{11, 9, 117, 11, 10, 118}},
		{0, 10, [6]int{10, 5, 104, 11, 10, 118}},
		{11, 14, [6]int{12, 5, 123, 12, 6, 124}},
		{12, 13, [6]int{12, 5, 123, 12, 6, 124}},
		{4, 4, [6]int{11, 5, 112, 11, 5, 112}},
		{0, 99, [6]int{10, 5, 100, 12, 6, 124}},
	} {
		p := machine.PlaceOf(e, source.Span{Start: tt.start, End: tt.end})
		got := [6]int{p.Line, p.Column, p.Offset, p.EndLine, p.EndCol, p.EndOff}
		if got != tt.want || p.File != 2 {
			t.Errorf("%d to %d: %v, want %v", tt.start, tt.end, got, tt.want)
		}
	}
	// An exact run over a line break, as in a text that was never decoded.
	flat := &ir.Expr{Text: "ab\ncd", Map: []ir.Mark{{Line: 3, Column: 7, Offset: 50, Exact: true}}}
	if p := machine.PlaceOf(flat, source.Span{Start: 3, End: 5}); p.Line != 4 || p.Column != 1 || p.Offset != 53 || p.EndCol != 3 {
		t.Errorf("%+v", p)
	}
	if p := machine.PlaceOf(&ir.Expr{Text: "x", At: ir.Place{Line: 9}}, source.Span{End: 1}); p.Line != 9 {
		t.Errorf("without a map: %+v", p)
	}
}

func TestFailuresSayWhere(t *testing.T) {
	_, r := runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "a", Expr: []sim.Pair{{Name: "v", Text: "1 + $input.n * 'x' + len(2)"}}}}}, `{"n": 2}`, nil)
	f := r.Error
	if f == nil || f.Place.Column != 1 && f.Place.Column != 22 || f.Node != "a" || f.Attempt != 1 || f.Seq != 1 {
		t.Errorf("%+v", f)
	}
}

func TestPublicEvents(t *testing.T) {
	e, _ := runProgram(t, sim.Program{Name: "p", Nodes: []sim.Node{
		{Name: "a", Expr: x("1")},
		{Name: "l", Mode: ir.ModeForEach, Items: "[7]", Deps: []string{"a"}, Body: []sim.Node{{Name: "f", Func: "f", Attempts: 2, RetryDelay: 5}}},
		{Name: "s", Expr: x("2"), When: "false"},
	}}, "", script(sim.Fail("network", true, "down"), sim.OK(value.Int(3), machine.Usage{})))
	want := []string{
		"PipelineStarted ", "NodeStarted a", "NodeCompleted a", "NodeSkipped s", "NodeStarted l", "BodyStarted l[0]",
		"NodeStarted l[0]/f", "NodeRetrying l[0]/f", "NodeCompleted l[0]/f", "BodyCompleted l[0]", "NodeCompleted l", "PipelineCompleted ",
	}
	var last [2]uint64
	for i, ev := range e.Events {
		got := ev.Type.String() + " " + ev.Node
		if i >= len(want) || !contains(want, got) {
			t.Errorf("event %d is %s", i, got)
		}
		id := [2]uint64{ev.Seq, uint64(ev.Ord)}
		if id[0] < last[0] || id[0] == last[0] && id[1] != last[1]+1 || id[0] > last[0] && id[1] != 1 {
			t.Errorf("%s has the number %v after %v", got, id, last)
		}
		last = id
	}
	if len(e.Events) != len(want) {
		t.Errorf("%d events, want %d", len(e.Events), len(want))
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func TestOutputs(t *testing.T) {
	runAll(t, []scenario{
		{
			name:    "without an output map the output is {}",
			program: sim.Program{Nodes: []sim.Node{{Name: "a", Expr: x("1")}}},
			output:  "{}",
		},
		{
			name: "a path that a closed result does not have is an error",
			program: sim.Program{
				Nodes:  []sim.Node{{Name: "a", Func: "a", Result: expr.ObjectType([]expr.Field{{Name: "x", Type: expr.Any}}, false)}},
				Output: []sim.Output{{Name: "o", Node: "a", Path: []string{"y"}}},
			},
			input: `{"x": 1}`, status: machine.RunFailed, fails: `HX1019 a: output "o" reads a.y`,
		},
		{
			name: "paths into what is not there are null",
			program: sim.Program{Nodes: []sim.Node{fn("a"), {Name: "s", Expr: x("1"), When: "false"}}, Output: []sim.Output{
				{Name: "whole", Node: "a"}, {Name: "deep", Node: "a", Path: []string{"x", "y", "z"}}, {Name: "skipped", Node: "s", Path: []string{"v"}},
			}},
			input:  `{"x": {"y": 1}}`,
			output: `{"whole":{"x":{"y":1}},"deep":null,"skipped":null}`,
		},
	})
}

func TestAResultThatNoSnapshotCanHoldFailsTheNode(t *testing.T) {
	// Each node holds the one before it twice: 2^40 copies by size, few in memory.
	var nodes []sim.Node
	for i := range 40 {
		n := sim.Node{Name: fmt.Sprint("n", i), Expr: x("'some text that takes a little room'")}
		if i > 0 {
			n.Expr = x(fmt.Sprintf("[n%d, n%d]", i-1, i-1))
		}
		nodes = append(nodes, n)
	}
	e, r := runProgram(t, sim.Program{Nodes: nodes}, "", nil)
	if r.Status != machine.RunFailed || r.Error.Code != "HX1010" || !strings.Contains(r.Error.Message, "too large to be kept") {
		t.Fatalf("%s: %v", r.Status, r.Error)
	}
	if e.Finish == nil {
		t.Error("the run did not finish")
	}
}

// TestOutputsAreDropped: without KeepOutputs a value goes when its last reader
// has settled.
func TestOutputsAreDropped(t *testing.T) {
	p, err := sim.Build(sim.Program{Nodes: []sim.Node{{Name: "a", Expr: x("1")}, {Name: "b", Expr: x("a.v")}, {Name: "c", Expr: x("b.v")}}, Output: []sim.Output{{Name: "o", Node: "c"}}})
	if err != nil {
		t.Fatal(err)
	}
	prog, err := machine.Load(p)
	if err != nil {
		t.Fatal(err)
	}
	r := sim.NewEngine(prog, machine.Options{}, echo).Run(machine.Start{RunID: "r"})
	for i, dropped := range []bool{true, true, false} {
		if n := r.Nodes[i]; n.Dropped != dropped || dropped != n.Output.IsNull() {
			t.Errorf("%s: dropped %v, output %s", n.Name, n.Dropped, text(n.Output))
		}
	}
	if text(r.Output) != `{"o":{"v":1}}` {
		t.Errorf("output %s", text(r.Output))
	}
}
