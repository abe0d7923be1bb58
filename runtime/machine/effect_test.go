package machine_test

import (
	"reflect"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

const second = 1_000_000_000

// script answers the n-th call of a node with the n-th outcome; the last one
// stays.
func script(outcomes ...machine.Outcome) sim.World {
	n := 0
	return func(*machine.StartEffect, int) sim.Reply {
		o := outcomes[min(n, len(outcomes)-1)]
		n++
		return sim.Reply{Delay: second, Outcome: o}
	}
}

func says(text string) machine.Outcome {
	return sim.OK(value.String(text), machine.Usage{InputTokens: 10, OutputTokens: 5})
}

func TestLanguageModelCalls(t *testing.T) {
	schema := expr.ObjectType([]expr.Field{{Name: "label", Type: expr.Str}, {Name: "score", Type: expr.Int}}, false)
	node := sim.Node{Name: "c", System: "You are {{ role }}.", Prompt: "Classify {{ text }}", Schema: schema, Repairs: 2}
	input := `{"role": "a clerk", "text": "hello"}`
	good := `{"label":"a","score":1}`
	t.Run("messages are rendered, the answer without a schema is text", func(t *testing.T) {
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "c", System: "S {{ role }}", Prompt: "P {{ text }}"}}}, input, script(says("fine")))
		if got := describe(r); got != `c completed "fine"` {
			t.Error(got)
		}
		m := e.Effects[0].LLM.Messages
		if len(m) != 2 || !reflect.DeepEqual(m[0], machine.Message{Role: "system", Content: "S a clerk"}) || !reflect.DeepEqual(m[1], machine.Message{Role: "user", Content: "P hello"}) {
			t.Errorf("messages %v", m)
		}
		if e.Effects[0].Path != "c#1" || e.Effects[0].Key != "run/c#1/0" {
			t.Errorf("path %s, key %s", e.Effects[0].Path, e.Effects[0].Key)
		}
	})
	for _, answer := range []string{
		good, "```json\n" + good + "\n```", "Sure: " + good + " Bye.", "{\"label\": \"a\", // why\n \"score\": 1,}",
	} {
		t.Run("reads "+answer, func(t *testing.T) {
			e, r := runProgram(t, sim.Program{Nodes: []sim.Node{node}}, input, script(says(answer)))
			if got := describe(r); got != "c completed "+good || len(e.Effects) != 1 {
				t.Errorf("%s after %d calls", got, len(e.Effects))
			}
		})
	}
	t.Run("an answer that does not fit is sent back with what is wrong", func(t *testing.T) {
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{node}}, input, script(says("no idea"), says(`{"label": "a"}`), says(good)))
		if got := describe(r); got != "c completed "+good {
			t.Error(got)
		}
		if len(e.Effects) != 3 || e.Effects[2].Path != "c#3" {
			t.Fatalf("%d calls", len(e.Effects))
		}
		m := e.Effects[2].LLM.Messages
		if len(m) != 6 || m[2].Content != "no idea" || !strings.Contains(m[3].Content, "not valid JSON") || !strings.Contains(m[5].Content, "score") {
			t.Errorf("messages %v", m)
		}
		if r.Usage.LLMCalls != 3 || r.Usage.InputTokens != 30 || r.Nodes[0].Usage.OutputTokens != 15 || r.Nodes[0].Attempts != 1 {
			t.Errorf("usage %+v, attempts %d", r.Usage, r.Nodes[0].Attempts)
		}
	})
	t.Run("after the last repair the attempt has failed, and the next one starts over", func(t *testing.T) {
		n := node
		n.Repairs, n.Attempts = 1, 2
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, input, script(says("a"), says("b"), says("c"), says("d")))
		if r.Status != machine.RunFailed || r.Error.Code != "HX1010" || r.Nodes[0].Attempts != 2 {
			t.Errorf("%s: %v", r.Status, r.Error)
		}
		if len(e.Effects) != 4 || e.Effects[3].Path != "c#4" || len(e.Effects[2].LLM.Messages) != 2 {
			t.Errorf("%d calls", len(e.Effects))
		}
	})
	t.Run("a native object is checked as it is", func(t *testing.T) {
		_, r := runProgram(t, sim.Program{Nodes: []sim.Node{node}}, input, script(sim.OK(parse(t, good), machine.Usage{})))
		if got := describe(r); got != "c completed "+good {
			t.Error(got)
		}
	})
	t.Run("overrides reach the call", func(t *testing.T) {
		e, _ := runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "c", Prompt: "x", Model: "'m-' + $input.role", MaxTok: 7}}}, input, nil)
		q := e.Effects[0].LLM
		if s, _ := q.Model.AsString(); s != "m-a clerk" || q.MaxTokens != 7 || !q.Temperature.IsMissing() {
			t.Errorf("%+v", q)
		}
	})
}

func TestRetries(t *testing.T) {
	fail := sim.Fail(machine.ClassNetwork, true, "down")
	t.Run("a retryable failure is tried again after a growing pause", func(t *testing.T) {
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "f", Func: "f", Attempts: 4, RetryDelay: second, Backoff: 2, RetryMax: 3 * second}}}, "",
			script(fail, fail, fail, sim.OK(value.Int(1), machine.Usage{})))
		if got := describe(r); got != "f completed 1" || r.Nodes[0].Attempts != 4 {
			t.Fatal(got)
		}
		var pauses []int64
		for _, ev := range e.Events {
			if ev.Type == machine.NodeRetrying {
				pauses = append(pauses, ev.Dur)
			}
		}
		for i, base := range []int64{second, 2 * second, 3 * second} {
			if pauses[i] < base || pauses[i] > base+base/4 {
				t.Errorf("pause %d is %d ns, want %d to a quarter more", i, pauses[i], base)
			}
		}
		for i, x := range e.Effects {
			if x.Path != "f#1" || x.Try != i+1 || x.Epoch != i {
				t.Errorf("attempt %d: path %s, try %d, epoch %d", i, x.Path, x.Try, x.Epoch)
			}
		}
	})
	t.Run("the epoch stays when nobody knows whether it happened", func(t *testing.T) {
		n := sim.Node{Name: "f", Func: "f", Attempts: 2, Timeout: second / 2}
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, "", script(sim.OK(value.Int(1), machine.Usage{})))
		if len(e.Effects) != 2 || e.Effects[1].Key != e.Effects[0].Key || r.Error.Code != "HX1007" || r.Error.Class != machine.ClassTimeout {
			t.Errorf("%d attempts, error %v", len(e.Effects), r.Error)
		}
	})
	t.Run("retry_on selects classes", func(t *testing.T) {
		n := sim.Node{Name: "f", Func: "f", Attempts: 3, RetryOn: []string{"timeout"}}
		e, _ := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, "", script(fail))
		if len(e.Effects) != 1 {
			t.Errorf("%d attempts", len(e.Effects))
		}
	})
	t.Run("the other side's Retry-After is kept", func(t *testing.T) {
		f := sim.Fail(machine.ClassRateLimit, true, "slow down")
		f.Failure.RetryAfter = 60 * second
		e, _ := runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "f", Func: "f", Attempts: 2, RetryDelay: second}}}, "", script(f, sim.OK(value.Null, machine.Usage{})))
		if e.Now-sim.Epoch < 60*second {
			t.Errorf("the second attempt came after %d ns", e.Now-sim.Epoch)
		}
	})
	t.Run("a composite is tried again as a whole, on other paths", func(t *testing.T) {
		n := sim.Node{Name: "l", Mode: ir.ModeForEach, Items: "[1]", Attempts: 2, Body: []sim.Node{{Name: "f", Func: "f"}}}
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, "", script(fail, sim.OK(value.Int(1), machine.Usage{})))
		if r.Status != machine.RunCompleted || len(e.Effects) != 2 || e.Effects[0].Path != "l[0]/f#1" || e.Effects[1].Path != "l@2[0]/f#1" {
			t.Errorf("%s, %d effects", describe(r), len(e.Effects))
		}
	})
	t.Run("a composite's time-out cancels what is inside", func(t *testing.T) {
		n := sim.Node{Name: "l", Mode: ir.ModeForEach, Items: "[1, 2]", Timeout: second / 2, Body: []sim.Node{{Name: "f", Func: "f"}}}
		e, r := runProgram(t, sim.Program{Nodes: []sim.Node{n}}, "", script(sim.OK(value.Int(1), machine.Usage{})))
		if r.Status != machine.RunFailed || r.Error.Code != "HX1007" || len(e.Effects) != 1 || e.Now != sim.Epoch+second/2 {
			t.Errorf("%s: %v, %d effects, %d ns", describe(r), r.Error, len(e.Effects), e.Now-sim.Epoch)
		}
	})
	t.Run("three losses are a crash", func(t *testing.T) {
		e := engineFor(t, sim.Program{Nodes: []sim.Node{{Name: "f", Func: "f", OnError: "h"}, {Name: "h", Expr: x("$error.type")}}}, func(*machine.StartEffect, int) sim.Reply {
			return sim.Reply{Delay: 1 << 60}
		})
		for i := range 3 {
			e.At(int64(i+1), machine.Event{Kind: machine.Lost, Token: uint64(i + 1)})
		}
		r := e.Run(machine.Start{RunID: "run"})
		if got := describe(r); got != "f failed crash\nh completed {\"v\":\"crash\"}" || len(e.Effects) != 3 {
			t.Errorf("%s, %d effects", got, len(e.Effects))
		}
		for i, x := range e.Effects {
			if x.Key != "run/f#1/0" || x.Lost != i || x.Try != 1 {
				t.Errorf("start %d: %+v", i, x)
			}
		}
	})
}

func TestFunctionsAreChecked(t *testing.T) {
	in := expr.ObjectType([]expr.Field{{Name: "n", Type: expr.Int}}, false)
	runAll(t, []scenario{
		{
			name:    "an input that does not fit is an error before the call",
			program: sim.Program{Nodes: []sim.Node{{Name: "f", Func: "f", In: in}}},
			input:   `{"n": "many"}`, status: machine.RunFailed, fails: "HX1018 f: the input of",
		},
		{
			name:    "a result that does not fit is an error",
			program: sim.Program{Nodes: []sim.Node{{Name: "f", Func: "f", Out: in}}},
			input:   `{"m": 1}`, status: machine.RunFailed, fails: "HX1010 f: the result of",
		},
		{
			name:    "a run input that does not fit is an error before anything starts",
			program: sim.Program{Nodes: []sim.Node{fn("f")}, Schema: in},
			input:   `{"n": "many"}`, status: machine.RunFailed, fails: "HX1002",
			want: []string{"f cancelled run_failed"},
		},
		{
			name: "absent inputs are listed at once",
			program: sim.Program{Nodes: []sim.Node{fn("f")}, Inputs: []ir.Input{
				{Name: "a", Required: true}, {Name: "b", Required: true, Supplied: true}, {Name: "c"}, {Name: "d", Required: true},
			}},
			status: machine.RunFailed, fails: "HX1001 the run's input lacks a, d",
		},
	})
}
