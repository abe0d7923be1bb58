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

func prompts(n int) []sim.Node {
	var nodes []sim.Node
	for i := range n {
		nodes = append(nodes, sim.Node{Name: fmt.Sprintf("c%d", i), Prompt: "hello"})
	}
	return nodes
}

func limit(name string, v value.Value, more ...any) map[string]value.Value {
	m := map[string]value.Value{name: v}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1].(value.Value)
	}
	return m
}

func TestLimits(t *testing.T) {
	skip := value.String("skip")
	goOn := kernel(ir.OnFailure, value.String("continue"))
	runAll(t, []scenario{
		{
			name:    "a limit of n calls allows exactly n",
			program: sim.Program{Nodes: prompts(3), Limits: limit(ir.MaxLLMCalls, value.Int(2)), Kernel: goOn},
			status:  machine.RunFailed, fails: `HX1011 c2: node "c2" needs more than is left of max_llm_calls (2 used of 2)`,
			want: []string{`c0 completed "ok"`, `c1 completed "ok"`, "c2 failed limit"},
		},
		{
			name:    "a limit that is just enough denies nothing",
			program: sim.Program{Nodes: prompts(3), Limits: limit(ir.MaxLLMCalls, value.Int(3))},
			want:    []string{`c0 completed "ok"`, `c1 completed "ok"`, `c2 completed "ok"`},
		},
		{
			name:    "a limit of 0 means none",
			program: sim.Program{Nodes: prompts(1), Limits: limit(ir.MaxLLMCalls, value.Int(0), ir.OnLimit, skip)},
			want:    []string{"c0 skipped limit:max_llm_calls"},
		},
		{
			name: "on_limit skip skips, and a critical node fails",
			program: sim.Program{Nodes: []sim.Node{{Name: "a", Prompt: "x", Critical: true, OnError: "h"}, {Name: "h", Expr: x("$error.type")}},
				Limits: limit(ir.MaxLLMCalls, value.Int(0), ir.OnLimit, skip)},
			want: []string{"a failed limit", `h completed {"v":"limit"}`},
		},
		{
			name: "a loop whose item a limit skips opens no more",
			program: sim.Program{Nodes: []sim.Node{
				{Name: "l", Mode: ir.ModeForEach, Items: "[1, 2, 3, 4]", Body: []sim.Node{{Name: "c", Prompt: "{{ item }}"}}},
			}, Limits: limit(ir.MaxLLMCalls, value.Int(2), ir.OnLimit, skip)},
			want: []string{`l completed {"result":["ok","ok",null,null],` + meta("for-each", "limit", 3, 2, 0, 2, "null", 0.00002) + `}`},
		},
		{
			name:    "without a price max_cost_usd refuses the call",
			program: sim.Program{Nodes: prompts(1), Limits: limit(ir.MaxCostUSD, value.Int(1))},
			status:  machine.RunFailed, fails: "HX1013",
		},
		{
			name:    "a missing capability refuses the call",
			program: sim.Program{Nodes: prompts(1), Caps: []string{"memory", "tool:*"}},
			status:  machine.RunFailed, fails: `HX1012 c0: node "c0" needs the capability "llm"`,
		},
		{
			name:    "a list of ports says nothing about code",
			program: sim.Program{Nodes: []sim.Node{{Name: "f", Func: "m.f", Scheme: "python"}}, Caps: []string{"llm"}},
			want:    []string{"f completed {}"},
		},
		{
			name:    "a list that names some code denies the other",
			program: sim.Program{Nodes: []sim.Node{{Name: "f", Func: "m.f", Scheme: "python"}}, Caps: []string{"exec", "llm"}},
			status:  machine.RunFailed, fails: "HX1012",
		},
		{
			name:    "max_duration ends what is in flight",
			program: sim.Program{Nodes: []sim.Node{fn("f"), fn("g", "f")}, Limits: limit(ir.MaxDuration, value.Int(15))},
			status:  machine.RunFailed, fails: "HX1011 max_duration (15ns) is used up",
			want: []string{"f completed {}", "g cancelled run_failed"},
		},
		{
			name:    "max_duration with skip",
			program: sim.Program{Nodes: []sim.Node{fn("f"), fn("g", "f"), fn("h", "f")}, Limits: limit(ir.MaxDuration, value.Int(15), ir.OnLimit, skip), Kernel: kernel(ir.MaxConcurrentNodes, value.Int(1))},
			want:    []string{"f completed {}", "g skipped limit:max_duration", "h skipped limit:max_duration"},
		},
		{
			name:    "pipeline_timeout ends the run",
			program: sim.Program{Nodes: []sim.Node{fn("f"), fn("g", "f")}, Kernel: kernel(ir.PipelineTimeout, value.Int(15))},
			status:  machine.RunFailed, fails: "HX1015",
			want: []string{"f completed {}", "g cancelled run_timeout"},
		},
	})
}

func TestTokensAreReserved(t *testing.T) {
	// A prompt of 5 bytes counts as 21 tokens at most; answers are bounded to 9.
	nodes := prompts(4)
	for i := range nodes {
		nodes[i].MaxTok = 9
	}
	e, r := runProgram(t, sim.Program{Nodes: nodes, Limits: limit(ir.MaxTotalTokens, value.Int(70))}, "", func(*machine.StartEffect, int) sim.Reply {
		return sim.Reply{Delay: 10, Outcome: sim.OK(value.String("ok"), machine.Usage{InputTokens: 2, OutputTokens: 3})}
	})
	if r.Status != machine.RunCompleted {
		t.Errorf("%s: %v", describe(r), r.Error)
	}
	if got := e.Effects[0].Grant; got != (machine.Amount{Tokens: 30, LLMCalls: 1}) {
		t.Errorf("the first call holds %+v", got)
	}
	// Two fit at once; the third waits for the first to settle.
	if e.Now != sim.Epoch+20 {
		t.Errorf("the run took %d ns, want 20: two calls at a time", e.Now-sim.Epoch)
	}
	if r.Usage.InputTokens+r.Usage.OutputTokens != 20 {
		t.Errorf("usage %+v", r.Usage)
	}
}

func TestAnAnswerIsShortenedToWhatIsLeft(t *testing.T) {
	e, r := runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "c", Prompt: "hello"}}, Limits: limit(ir.MaxTotalTokens, value.Int(100))}, "", nil)
	if r.Status != machine.RunCompleted || e.Effects[0].LLM.MaxTokens != 79 {
		t.Errorf("max_tokens is %d, want 100 less 21 of the prompt", e.Effects[0].LLM.MaxTokens)
	}
	_, r = runProgram(t, sim.Program{Nodes: []sim.Node{{Name: "c", Prompt: "hello"}}, Limits: limit(ir.MaxTotalTokens, value.Int(21))}, "", nil)
	if r.Error == nil || r.Error.Class != machine.ClassLimit {
		t.Errorf("a call without room for an answer was made: %v", r.Error)
	}
}

func TestCostIsReserved(t *testing.T) {
	e := engineFor(t, sim.Program{Nodes: prompts(3), Limits: limit(ir.MaxCostUSD, value.Float(0.001)), Kernel: kernel(ir.OnFailure, value.String("continue"))}, func(*machine.StartEffect, int) sim.Reply {
		return sim.Reply{Delay: 10, Outcome: sim.OK(value.String("ok"), machine.Usage{InputTokens: 2, OutputTokens: 40, CostMicro: 402})}
	})
	r := e.Run(machine.Start{RunID: "r", Prices: []machine.Price{{Port: "llm", Input: 1_000_000, Output: 10_000_000}}})
	// $0.001 is 1,000 micro-dollars; the prompt costs 21, so an answer of 97
	// tokens fits.
	if got := e.Effects[0]; got.LLM.MaxTokens != 97 || got.Grant.CostMicro != 991 {
		t.Errorf("the first call: %d tokens, %d micro-dollars", got.LLM.MaxTokens, got.Grant.CostMicro)
	}
	if r.Usage.CostMicro != 1206 && r.Usage.CostMicro != 804 {
		t.Errorf("usage %+v", r.Usage)
	}
	for _, x := range e.Effects {
		if x.Grant.CostMicro > 1000 {
			t.Errorf("%s holds %d", x.Path, x.Grant.CostMicro)
		}
	}
}

func TestAWarningComesOnce(t *testing.T) {
	e, _ := runProgram(t, sim.Program{Nodes: prompts(5), Limits: limit(ir.MaxLLMCalls, value.Int(5), ir.WarningThreshold, value.Float(0.6))}, "", nil)
	var got []string
	for _, ev := range e.Events {
		if ev.Type == machine.ResourceWarning {
			got = append(got, fmt.Sprint(ev.Text, ev.Current, ev.Limit))
		}
	}
	if strings.Join(got, ",") != "max_llm_calls3 5" {
		t.Errorf("warnings %v", got)
	}
}

func TestLimitsAreReportedOnce(t *testing.T) {
	e, _ := runProgram(t, sim.Program{Nodes: prompts(5), Limits: limit(ir.MaxLLMCalls, value.Int(1), ir.OnLimit, value.String("skip"))}, "", nil)
	n := 0
	for _, ev := range e.Events {
		if ev.Type == machine.ResourceLimitExceeded {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d events ResourceLimitExceeded", n)
	}
}

func TestALostCallForfeitsItsGrant(t *testing.T) {
	e := engineFor(t, sim.Program{Nodes: []sim.Node{{Name: "c", Prompt: "hello", MaxTok: 9}}, Limits: limit(ir.MaxTotalTokens, value.Int(100))}, echo)
	e.At(5, machine.Event{Kind: machine.Lost, Token: 1})
	r := e.Run(machine.Start{RunID: "r"})
	if r.Status != machine.RunCompleted || len(e.Effects) != 2 {
		t.Fatal(describe(r))
	}
	// The first call's outcome comes late: its usage counts in the totals.
	if r.Usage.LLMCalls != 2 || r.Usage.InputTokens != 10 || r.Usage.Unknown != 0 {
		t.Errorf("usage %+v", r.Usage)
	}
}

func TestDownTimeIsNoDuration(t *testing.T) {
	m := engineFor(t, sim.Program{Nodes: []sim.Node{fn("f")}, Limits: limit(ir.MaxDuration, value.Int(15))}, nil).M
	var x machine.Cmds
	m.Apply(machine.Event{Kind: machine.RunStarted, At: 100, Start: &machine.Start{RunID: "r"}}, machine.Work{}, &x)
	timer := x.Timers[0]
	// The process dies, and the next one is there 1,000 ns later.
	m.Apply(machine.Event{Kind: machine.Lost, At: 1100, Token: 1}, machine.Work{}, &x)
	m.Apply(machine.Event{Kind: machine.TimerFired, At: 1101, Timer: timer.ID}, machine.Work{}, &x)
	if m.Status() != machine.RunRunning || len(m.Timers()) != 1 || m.Timers()[0].At != 1115 {
		t.Fatalf("the run is %s, its timers are %v", m.Status(), m.Timers())
	}
	m.Apply(machine.Event{Kind: machine.TimerFired, At: 1115, Timer: m.Timers()[0].ID}, machine.Work{}, &x)
	m.Apply(machine.Event{Kind: machine.Settled, At: 1116, Token: 2, Outcome: &machine.Outcome{Failure: &machine.Failure{Class: machine.ClassCancelled}}}, machine.Work{}, &x)
	if r := m.Result(); r.Status != machine.RunFailed || r.Error.Class != machine.ClassLimit {
		t.Errorf("%s: %v", describe(r), r.Error)
	}
}

func TestSlots(t *testing.T) {
	var nodes []sim.Node
	for i := range 7 {
		nodes = append(nodes, fn(fmt.Sprint("f", i)))
	}
	e, _ := runProgram(t, sim.Program{Nodes: nodes, Kernel: kernel(ir.MaxConcurrentNodes, value.Int(3))}, "", nil)
	if e.Now != sim.Epoch+30 {
		t.Errorf("7 effects of 10 ns on 3 slots took %d ns", e.Now-sim.Epoch)
	}
	loop := []sim.Node{{Name: "l", Mode: ir.ModeForEach, Items: "[1, 2]", Parallel: 2, MaxInBody: 1, Body: []sim.Node{fn("a"), fn("b"), fn("c")}}}
	e, _ = runProgram(t, sim.Program{Nodes: loop}, "", nil)
	if e.Now != sim.Epoch+30 {
		t.Errorf("2 bodies with 3 effects each, one at a time in each, took %d ns", e.Now-sim.Epoch)
	}
}

func TestCancelHoldAndRelease(t *testing.T) {
	nodes := []sim.Node{fn("a"), fn("b", "a"), {Name: "l", Mode: ir.ModeForEach, Items: "[1, 2]", Body: []sim.Node{fn("c")}}}
	e := engineFor(t, sim.Program{Nodes: nodes}, echo)
	e.At(5, machine.Event{Kind: machine.Cancelled, Cancel: &machine.Cancellation{By: "me", Reason: "enough"}})
	r := e.Run(machine.Start{RunID: "r"})
	if r.Status != machine.RunCancelled || r.CancelledBy != "me" || r.Reason != "enough" || r.Error != nil {
		t.Errorf("%s by %s: %s, %v", r.Status, r.CancelledBy, r.Reason, r.Error)
	}
	if got := describe(r); got != "a cancelled cancelled\nb cancelled cancelled\nl cancelled cancelled" {
		t.Error(got)
	}
	e = engineFor(t, sim.Program{Nodes: nodes}, echo)
	e.At(5, machine.Event{Kind: machine.Hold})
	e.At(1000, machine.Event{Kind: machine.Release})
	r = e.Run(machine.Start{RunID: "r"})
	if r.Status != machine.RunCompleted || e.Now != sim.Epoch+1010 {
		t.Errorf("%s after %d ns", describe(r), e.Now-sim.Epoch)
	}
}

// TestLimitsAreExact is invariant 12: of d calls under a limit of n exactly
// min(n, d) are made, and one is denied only if d > n.
func TestLimitsAreExact(t *testing.T) {
	for d := range 6 {
		for n := range 8 {
			for slots := int64(1); slots < 4; slots++ {
				e, r := runProgram(t, sim.Program{
					Nodes:  prompts(d + 1),
					Limits: limit(ir.MaxLLMCalls, value.Int(int64(n)), ir.OnLimit, value.String("skip")),
					Kernel: kernel(ir.MaxConcurrentNodes, value.Int(slots)),
				}, "", nil)
				denied := 0
				for _, nd := range r.Nodes {
					if nd.Status == machine.Skipped {
						denied++
					}
				}
				if len(e.Effects) != min(n, d+1) || denied != max(0, d+1-n) {
					t.Errorf("%d calls wanted, %d allowed: %d made, %d denied", d+1, n, len(e.Effects), denied)
				}
			}
		}
	}
}
