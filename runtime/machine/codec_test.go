package machine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/machine/sim"
)

func TestRecordsKeepEverything(t *testing.T) {
	failure := &machine.Failure{
		Code: "HX1008", Class: "network", Message: "m", Help: "h", Retryable: true, Definite: true, RetryAfter: 5,
		Node: "a[1]/b", Name: "b", Kind: "llm_node", Attempt: 2, Seq: 9, Input: value.Int(1),
		Place: ir.Place{File: 1, Line: 2, Column: 3, Offset: 4, EndLine: 5, EndCol: 6, EndOff: 7, Via: []ir.Place{{File: -1, Line: 8}}},
		Cause: &machine.Failure{Class: "timeout", Input: value.Null},
	}
	usage := machine.Usage{Known: true, Unsent: true, LLMCalls: 1, ToolCalls: 2, InputTokens: 3, OutputTokens: 4, CostMicro: 5, Unknown: 6}
	events := []machine.Event{
		{Kind: machine.RunStarted, At: -5, Start: &machine.Start{RunID: "r", Input: value.String("x"), Seed: 1 << 63, IRHash: "h", Prices: []machine.Price{{Port: "p", Model: "m", Input: 1, Output: 2}}}},
		{Kind: machine.Settled, At: 1, Token: 1 << 40, Outcome: &machine.Outcome{Value: value.Float(1.5), Usage: usage}},
		{Kind: machine.Settled, Token: 1, Outcome: &machine.Outcome{Failure: failure}},
		{Kind: machine.Lost, Token: 3},
		{Kind: machine.TimerFired, Timer: 4},
		{Kind: machine.Cancelled, Cancel: &machine.Cancellation{By: "b", Reason: "r"}},
		{Kind: machine.Hold}, {Kind: machine.Release},
	}
	for i, ev := range events {
		rec := machine.Record{Seq: uint64(i), Slices: 7, Digest: 1 << 60, Event: ev}
		b, err := rec.Append([]byte("before"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := machine.DecodeRecord(b[len("before"):])
		if err != nil {
			t.Fatalf("%s: %v", ev.Kind, err)
		}
		if fmt.Sprintf("%+v", flat(got)) != fmt.Sprintf("%+v", flat(rec)) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", ev.Kind, flat(got), flat(rec))
		}
	}
	if n := reflect.TypeFor[machine.Failure]().NumField(); n != 15 {
		t.Errorf("Failure has %d fields: add the new one to the codec and to this test", n)
	}
	if n := reflect.TypeFor[machine.Usage]().NumField(); n != 8 {
		t.Errorf("Usage has %d fields: add the new one to the codec and to this test", n)
	}
}

// flat shows what pointers lead to.
func flat(r machine.Record) string {
	s := fmt.Sprintf("%d %d %d %+v", r.Seq, r.Slices, r.Digest, r.Event.Kind)
	if st := r.Event.Start; st != nil {
		s += fmt.Sprintf(" %s %s %d %s %v", st.RunID, text(st.Input), st.Seed, st.IRHash, st.Prices)
	}
	if o := r.Event.Outcome; o != nil {
		s += fmt.Sprintf(" %s %+v", text(o.Value), o.Usage)
		for f := o.Failure; f != nil; f = f.Cause {
			c := *f
			c.Cause, c.Input = nil, value.Null
			s += fmt.Sprintf(" %+v %s", c, text(f.Input))
		}
	}
	if c := r.Event.Cancel; c != nil {
		s += fmt.Sprintf(" %+v", *c)
	}
	return fmt.Sprint(s, r.Event.At, r.Event.Token, r.Event.Timer)
}

// snapshots are states of random runs, at random moments.
func snapshots(t testing.TB, seeds int) (progs []*machine.Prog, states [][]byte) {
	for seed := range uint64(seeds) {
		p, err := sim.Build(sim.Generate(rand.New(rand.NewPCG(seed, 3)), sim.Shape{Nodes: 5, Depth: 2, Limits: true, Timeouts: true}))
		if err != nil {
			t.Fatal(err)
		}
		prog, err := machine.Load(p)
		if err != nil {
			t.Fatal(err)
		}
		e := sim.NewEngine(prog, machine.Options{KeepOutputs: true}, sim.Random(seed, sim.Rates{Fail: 10, Flaky: 20, Garbage: 30}))
		steps := int(seed % 9)
		e.Begin(machine.Start{RunID: "r", Seed: seed})
		for range steps {
			e.Step()
		}
		b, err := e.M.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		progs, states = append(progs, prog), append(states, b)
	}
	return progs, states
}

// TestDamagedSnapshots flips bits and cuts ends: the result is an error, or a
// state with which a run can go on without a panic.
func TestDamagedSnapshots(t *testing.T) {
	progs, states := snapshots(t, 100)
	r := rand.New(rand.NewPCG(1, 2))
	survived := 0
	for i, state := range states {
		for range 300 {
			b := bytes.Clone(state)
			for range 1 + r.IntN(3) {
				at := r.IntN(len(b))
				if r.IntN(2) == 0 {
					b[at] ^= 1 << r.IntN(8)
				} else {
					b[at] = byte(r.IntN(256))
				}
			}
			if r.IntN(4) == 0 {
				b = b[:r.IntN(len(b))]
			}
			m, err := machine.Restore(progs[i], machine.Options{KeepOutputs: true}, b)
			if err != nil {
				continue
			}
			survived++
			goOn(m)
		}
	}
	t.Logf("%d damaged snapshots were still consistent", survived)
}

// goOn lets a run go on for a while, whatever its state.
func goOn(m *machine.Machine) {
	var x machine.Cmds
	slices := func(more bool) {
		for i := 0; more && i < 50; i++ {
			x.Reset()
			more = m.Continue(machine.Work{Steps: 100}, &x)
		}
	}
	slices(m.Continue(machine.Work{Steps: 100}, &x))
	for range 10 {
		for _, f := range m.Flights() {
			slices(m.Apply(machine.Event{Kind: machine.Settled, Token: f.Token, Outcome: &machine.Outcome{Value: value.Int(1)}}, machine.Work{Steps: 100}, &x))
		}
		for _, tm := range m.Timers() {
			slices(m.Apply(machine.Event{Kind: machine.TimerFired, Timer: tm.ID, At: tm.At}, machine.Work{Steps: 100}, &x))
		}
	}
	m.Result()
	m.Stats()
	if _, err := m.Snapshot(); err != nil {
		panic(err)
	}
	slices(m.Apply(machine.Event{Kind: machine.Cancelled}, machine.Work{Steps: 100}, &x))
	for _, f := range m.Flights() {
		slices(m.Apply(machine.Event{Kind: machine.Lost, Token: f.Token}, machine.Work{Steps: 100}, &x))
	}
}

func TestSnapshotsOfAnotherProgram(t *testing.T) {
	progs, states := snapshots(t, 8)
	for i := range progs {
		for j := range states {
			if _, err := machine.Restore(progs[i], machine.Options{}, states[j]); err == nil && i != j && len(states[i]) != len(states[j]) {
				t.Logf("programs %d and %d have the same shape", i, j)
			} else if i == j && err != nil {
				t.Errorf("%d: %v", i, err)
			} else if i != j && err != nil && !strings.Contains(err.Error(), "another program") && !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%d from %d: %v", i, j, err)
			}
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	rec := machine.Record{Seq: 1, Event: machine.Event{Kind: machine.Settled, Token: 1, Outcome: &machine.Outcome{Value: value.String("x"), Failure: &machine.Failure{Class: "c"}}}}
	b, err := rec.Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := machine.DecodeRecord(b)
		if err != nil {
			return
		}
		again, err := rec.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := machine.DecodeRecord(again); err != nil || flat(back) != flat(rec) {
			t.Fatalf("%v: %s, then %s", err, flat(rec), flat(back))
		}
	})
}

func FuzzRestore(f *testing.F) {
	progs, states := snapshots(f, 20)
	for i := range states {
		f.Add(i, states[i])
	}
	f.Fuzz(func(t *testing.T, i int, b []byte) {
		if i < 0 || i >= len(progs) {
			return
		}
		if m, err := machine.Restore(progs[i], machine.Options{KeepOutputs: true}, b); err == nil {
			goOn(m)
		}
	})
}
