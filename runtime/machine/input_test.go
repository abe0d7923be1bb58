package machine_test

import (
	"bufio"
	"bytes"
	"os"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

// inputDifferences are the recorded cases, by line number from 1, in which we
// prepare another input, and why.
var inputDifferences = map[int]string{
	43: "the run's input is {} when none is given, so a mapping shows it",
	51: "the run's input is {} when none is given, so a mapping shows it",
	93: "the run's input is {} when none is given",

	82:  "a skip is a state of a node and never a value",
	97:  "a skip is a state of a node and never a value",
	98:  "a skip is a state of a node and never a value",
	100: "a skip is a state of a node and never a value",
}

// TestPreparedInputs compares what a function receives with what the Python
// implementation gave it.
func TestPreparedInputs(t *testing.T) {
	data, err := os.ReadFile("../../../shared/corpus/tests/golden/node_input_preparation.jsonl")
	if err != nil {
		t.Skip("the conformance corpus is not here: ", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<22)
	n, agree, differ := 0, 0, 0
	for lines.Scan() {
		n++
		rec, ok := parse(t, lines.Text()).Object()
		if !ok {
			t.Fatalf("line %d is no object", n)
		}
		got, fail := prepare(t, rec)
		want, hasResult := rec.Get("result")
		_, wantsError := rec.Get("error")
		same := wantsError && fail != nil || hasResult && fail == nil && value.Equal(got, want)
		why, listed := inputDifferences[n]
		switch {
		case same && listed:
			t.Errorf("line %d agrees, but is listed as a difference (%s)", n, why)
		case same:
			agree++
		case listed:
			differ++
		default:
			t.Errorf("line %d: %s\ngot  %s (%v)\nwant %s", n, text(rec.Value()), text(got), fail, text(want))
		}
	}
	if agree+differ != 157 {
		t.Errorf("%d records, want 157", agree+differ)
	}
	t.Logf("%d agree, %d differ by decision", agree, differ)
}

// prepare runs a function node with the record's dependencies and mapping, and
// gives what it received.
func prepare(t *testing.T, rec *value.Object) (value.Value, *machine.Failure) {
	get := func(name string) value.Value {
		v, ok := rec.Get(name)
		if !ok {
			return value.Null
		}
		return v
	}
	results, _ := get("node_results").Object()
	params, _ := get("params").Object()
	node := sim.Node{Name: "under test", Func: "f"}
	var nodes []sim.Node
	for _, d := range get("deps").Items() {
		name, _ := d.AsString()
		node.Deps = append(node.Deps, name)
		nodes = append(nodes, sim.Node{Name: name, Func: "dep"})
	}
	if m, ok := params.Get("input_mapping"); ok {
		o, _ := m.Object()
		node.Mapping = []sim.Pair{}
		for i := range o.Len() {
			k, v := o.At(i)
			key, _ := k.AsString()
			source, _ := v.AsString()
			node.Mapping = append(node.Mapping, sim.Pair{Name: key, Text: source})
		}
	}
	strict, _ := params.Get("strict_mapping")
	node.Strict, _ = strict.AsBool()
	open := func(names value.Value) *expr.Type {
		var fields []expr.Field
		for _, f := range names.Items() {
			name, _ := f.AsString()
			fields = append(fields, expr.Field{Name: name, Type: expr.Any, Optional: true})
		}
		return expr.ObjectType(fields, true)
	}
	if a := get("accepted"); !a.IsNull() {
		node.Unpack, node.In = true, open(a)
	} else if f := get("in_model_fields"); !f.IsNull() {
		node.In = open(f)
	}
	nodes = append(nodes, node)
	e := engineFor(t, sim.Program{Nodes: nodes}, func(e *machine.StartEffect, _ int) sim.Reply {
		v, _ := results.Get(e.Node.Name)
		return sim.Reply{Outcome: sim.OK(v, machine.Usage{})}
	})
	r := e.Run(machine.Start{RunID: "run", Input: get("input")})
	if r.Error != nil && r.Error.Code == diag.RunFunctionInput {
		// The recordings are of a step before the declared input is enforced.
		return machine.PreparedInput(e.M, node.Name), nil
	}
	return machine.PreparedInput(e.M, node.Name), r.Error
}
