package machine

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// A process of a System is a child run: a Machine of its own inside the System's,
// with its own scopes, slots, limits and capabilities. The engine sees one
// machine and one history: tokens and timers of the children are numbered apart,
// events are led to the child that they belong to, and what a child asks for
// goes out with its parent's commands. Starting a child and taking in its end
// happen inside one Apply, so that they need no record of their own.
//
// What the children share is decided in one order that does not depend on how
// the work is sliced: the first child with something to do goes first, one step
// at a time. Shared are the System's slots, and its budget: a child's ledger has
// the System's above it.

// kidShift splits tokens and ids of timers: above it stands the child's number
// from 1, 0 for the System itself.
const kidShift = 40

// processSpec is a process, ready to run.
type processSpec struct {
	ir       *ir.Process
	prog     *Prog
	inputs   []*code
	declared *expr.Type // input_schema of the process, nil for none
	returns  *expr.Type
}

func (l *loader) process(n *node, x *ir.Process) (*processSpec, error) {
	if l.prog.ir.Kind != ir.KindSystem {
		return nil, fmt.Errorf("a process outside of a System")
	}
	s := &processSpec{ir: x}
	var err error
	if s.prog, err = Load(l.prog.ir.Instance(n.ir)); err != nil {
		return nil, err
	}
	top := s.prog.bodies[0].nodes
	for _, list := range [][]int{x.Reads, x.Whole} {
		for _, i := range list {
			if i < 0 || i >= len(top) {
				return nil, fmt.Errorf("reads node %d of %d", i, len(top))
			}
			top[i].keep = true
		}
	}
	if s.inputs, _, err = l.bindings(x.Input); err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	if s.declared, err = decodeType(x.Declared); err != nil {
		return nil, fmt.Errorf("input_schema: %w", err)
	}
	if s.returns, err = decodeType(x.Returns); err != nil {
		return nil, fmt.Errorf("output_schema: %w", err)
	}
	for i := range n.targets {
		n.targets[i].fill = false // see processInput
	}
	return s, nil
}

// startProcess starts the child of a process whose dependencies have settled.
func (m *Machine) startProcess(f *frame) {
	s, n := f.scope, f.n.index
	input, fail := m.processInput(f)
	if fail != nil {
		m.failNode(s, n, fail)
		return
	}
	spec := f.n.process
	ref := m.newAct(s, n)
	m.kids = append(m.kids, m.newKid(n, spec))
	m.acts[ref-1].kid = int32(len(m.kids))
	m.scopes[s].nodes[n].st = Running
	m.startedNode(s, n)
	k := m.kids[len(m.kids)-1]
	path := m.path(s, n)
	st := &Start{RunID: ChildID(m.runID, path, 1, 0), Input: input, Seed: m.random(path, 0, 2), IRHash: m.irHash, Prices: childPrices(m.prices, f.n.ir.Name)}
	if m.broken(faultKidID) {
		st.RunID = ChildID(m.runID, "", 1, 0)
	}
	m.kidFirst = 0
	m.inKid(k, func() { k.start(st) })
}

// newKid is the child of the process at node n, not started.
func (m *Machine) newKid(n int32, spec *processSpec) *Machine {
	k := New(spec.prog, m.opts)
	k.parent, k.pnode, k.fault = m, n, m.fault
	base := uint64(len(m.kids)+1) << kidShift
	k.nextToken, k.nextTimer = base, base
	return k
}

// ChildID is the run id of a child: it follows from its parent's, so that a
// repeated start finds the same run.
func ChildID(parent, path string, call, epoch int) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%s\x00%d\x00%d", parent, path, call, epoch)))
	sum[6] = sum[6]&0x0f | 0x80 // UUID version 8, RFC 9562
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// ProcessPort is the name in Price.Port of a port that only one process has.
func ProcessPort(process, port string) string { return "@" + process + "/" + port }

// childPrices are the prices that hold in a process: its own ports' under their
// names there, and those that hold everywhere.
func childPrices(all []Price, process string) []Price {
	var out []Price
	for _, p := range all {
		if name, own := strings.CutPrefix(p.Port, ProcessPort(process, "")); own {
			p.Port = name
			out = append(out, p)
		} else if !strings.HasPrefix(p.Port, "@") {
			out = append(out, p)
		}
	}
	return out
}

// processInput is what a process gets: the System's input, its own fields over
// it, and what its pipes give over that. A null gives way to what lies under it,
// unless it is meant.
func (m *Machine) processInput(f *frame) (value.Value, *Failure) {
	o := value.NewObject(4)
	if in, ok := m.input.Object(); ok {
		o = in.Clone()
	}
	set := func(name string, v value.Value, c *code) {
		if v.IsNull() && !c.settled {
			if old, ok := o.Get(name); ok && !old.IsNull() {
				return
			}
		}
		o.Set(name, v)
	}
	spec := f.n.process
	for i, c := range spec.inputs {
		v, fail := c.eval(f)
		if fail != nil {
			return value.Null, fail
		}
		set(spec.ir.Input[i].Name, v, c)
	}
	for i := range f.n.targets {
		set(f.n.targets[i].name, f.target(i), f.n.targets[i].code)
	}
	if spec.declared == nil {
		return o.Value(), nil
	}
	v, wrong := spec.declared.Coerce(o.Value())
	if len(wrong) > 0 {
		return value.Null, &Failure{
			Code: diag.RunInputInvalid, Class: ClassInvalidInput, Definite: true, Place: f.n.ir.Origin,
			Message: fmt.Sprintf("the input of process %q does not fit its input_schema: %s", f.n.ir.Name, mismatches(wrong)),
		}
	}
	return v, nil
}

// inKid does something in a child as part of the current slice.
func (m *Machine) inKid(k *Machine, do func()) {
	k.out, k.now, k.seq, k.work, k.held = m.out, m.now, m.seq, m.work, m.held
	do()
	m.work, k.out = k.work, nil
}

// kidOf is the child that a token or timer belongs to; nil for the run itself.
func (m *Machine) kidOf(id uint64) *Machine {
	if i := id >> kidShift; i > 0 && i <= uint64(len(m.kids)) {
		return m.kids[i-1]
	}
	return nil
}

// wakeKids moves the children's clocks to the time of a new event.
func (m *Machine) wakeKids(ev *Event, down int64) {
	for _, k := range m.kids {
		if k.phase != phaseRunning {
			continue
		}
		k.now = m.now
		if ev.Kind == Lost && k.busySince != 0 {
			k.busySince += down
		}
	}
}

// stepKids does one step of the first child that has something to do; false if
// none has.
func (m *Machine) stepKids() bool {
	for ; m.kidFirst < len(m.kids); m.kidFirst++ {
		k := m.kids[m.kidFirst]
		if k.phase != phaseRunning || len(k.ready) == 0 && !k.dispatchableIn(m) {
			continue
		}
		m.inKid(k, func() { k.step() })
		if k.phase == phaseFinished {
			m.childSettled(k)
		}
		return true
	}
	return false
}

// dispatchableIn is dispatchable for a child that has no commands of its own.
func (k *Machine) dispatchableIn(m *Machine) bool {
	k.out, k.held = m.out, m.held
	ok := k.dispatchable()
	k.out = nil
	return ok
}

// step does one unit of a child's work.
func (m *Machine) step() {
	if m.dispatchable() && m.dispatch() {
		return
	}
	if len(m.ready) > 0 {
		m.activate(m.ready.pop())
	}
}

// freed makes everybody look again who waits for a limit.
func (m *Machine) freed() {
	m.ledger.dirty = true
	if p := m.parent; p != nil && !m.broken(faultDeafKids) {
		for _, k := range p.kids {
			k.ledger.dirty = true
		}
		p.kidFirst = 0
	}
}

// cancelKid ends a child.
func (m *Machine) cancelKid(k *Machine, why Why) {
	if k.phase != phaseRunning {
		return
	}
	m.kidFirst = 0
	m.inKid(k, func() { k.cancelRun(&Cancellation{By: "system", Reason: why.String()}) })
}

// childSettled takes in the end of a child.
func (m *Machine) childSettled(k *Machine) {
	n := k.pnode
	nd := m.node(0, n)
	a := m.act(m.scopes[0].nodes[n].act)
	m.mix(tagChild, uint64(n), k.digest)
	m.kidFirst = 0
	switch k.Status() {
	case RunCompleted:
		v, fail := m.processResult(nd, k)
		if fail != nil {
			m.failNode(0, n, fail)
			return
		}
		m.complete(0, n, v)
	case RunCancelled:
		m.abort(0, n, a.why)
	default:
		f := k.scopes[0].fail
		m.failNode(0, n, &Failure{
			Code: diag.RunProcessFailed, Class: f.Class, Definite: f.Definite, Place: f.Place, Help: f.Help, Cause: f,
			Message: fmt.Sprintf("process %q failed: %s", nd.ir.Name, f.Error()),
		})
	}
}

// processResult is what other processes can read of a completed child.
func (m *Machine) processResult(nd *node, k *Machine) (value.Value, *Failure) {
	spec := nd.process
	if spec.returns != nil {
		v, wrong := spec.returns.Coerce(k.output)
		if len(wrong) > 0 {
			return value.Null, &Failure{
				Code: diag.RunInvalidOutput, Class: ClassInvalidOutput, Definite: true, Place: nd.ir.Origin,
				Message: fmt.Sprintf("the output of process %q does not fit its output_schema: %s", nd.ir.Name, mismatches(wrong)),
			}
		}
		k.output = v
	}
	top := &k.scopes[0]
	result := func(i int) (string, value.Value) {
		name := top.body.nodes[i].ir.Name
		if top.nodes[i].st != Completed {
			return name, value.Null
		}
		return name, top.outs[i]
	}
	o := value.NewObject(3)
	nodes := value.NewObject(len(spec.ir.Reads))
	for _, i := range spec.ir.Reads {
		nodes.Set(result(i))
	}
	o.Set("nodes", nodes.Value())
	o.Set("outputs", k.output)
	if len(spec.ir.Whole) > 0 {
		whole := value.NewObject(len(spec.ir.Whole))
		for _, i := range spec.ir.Whole {
			name, v := result(i)
			if x, ok := v.Object(); ok {
				if field, ok := x.Get("output"); ok {
					v = field
				}
			}
			whole.Set(name, v)
		}
		o.Set("whole", whole.Value())
	}
	return o.Value(), nil
}

// inFlight is how many effects are in flight, those of children included.
func (m *Machine) inFlight() int32 { return int32(len(m.flights)) + m.kidFlights }

// slotFree reports whether the run, and the System that it is a process of, has
// room for one more effect.
func (m *Machine) slotFree() bool {
	slots := m.prog.slots
	if m.broken(faultExtraSlot) {
		slots++
	}
	if m.inFlight() >= slots {
		return false
	}
	return m.parent == nil || m.broken(faultKidSlots) || m.parent.slotFree()
}

// kidsReady reports whether a child has something to do.
func (m *Machine) kidsReady() bool {
	for i := m.kidFirst; i < len(m.kids); i++ {
		if k := m.kids[i]; k.phase == phaseRunning && (len(k.ready) > 0 || k.dispatchableIn(m)) {
			return true
		}
	}
	return false
}

// host is the machine that the engine sees.
func (m *Machine) host() *Machine {
	if m.parent != nil {
		return m.parent
	}
	return m
}

// kindOf chooses between the events of a pipeline and of a System.
func (m *Machine) kindOf(pipeline, system PublicType) PublicType {
	if m.prog.ir.Kind == ir.KindSystem {
		return system
	}
	return pipeline
}

// tightest is the run or its System: whichever has less left of a resource.
func (m *Machine) tightest(r resource) *Machine {
	p := m.parent
	if p == nil || r == resDuration || p.prog.limits.max[r] < 0 {
		return m
	}
	if m.prog.limits.max[r] < 0 {
		return p
	}
	left := func(m *Machine) int64 { return m.prog.limits.max[r] - m.ledger.accounts[0].used[r] }
	if left(p) < left(m) {
		return p
	}
	return m
}

// ticket is a place in the line for the System's budget.
func (m *Machine) ticket() uint64 {
	h := m.host()
	h.tickets++
	return h.tickets
}

// behind reports whether another process waits for the System's budget with an
// earlier ticket, so that a call that draws on it has to wait, too.
func (m *Machine) behind(w want, ticket uint64) bool {
	p := m.parent
	if p == nil || !p.limited(w) {
		return false
	}
	for _, k := range p.kids {
		if k == m || k.phase != phaseRunning {
			continue
		}
		for _, e := range k.waiting {
			if !k.waits(e) {
				continue
			}
			a := k.act(k.scopes[e.scope].nodes[e.node].act)
			if a.ticket < ticket {
				if v, _, _ := p.ledger.probe(0, a.want); v == mustWait {
					return true
				}
			}
			break // only the first of each stands in that line
		}
	}
	return false
}

// leftLine makes the other processes look again, since one has left the line.
func (m *Machine) leftLine() {
	if p := m.parent; p != nil {
		for _, k := range p.kids {
			k.ledger.dirty = true
		}
		p.kidFirst = 0
	}
}

// childResult puts what a child has produced into the result of its System.
func (m *Machine) childResult(r *Result, k *Machine) {
	child := k.Result()
	n := &r.Nodes[k.pnode]
	n.Child, n.Output, n.Usage = &child, child.Output, child.Usage
	r.Usage.add(&child.Usage)
	r.Usage.Known = r.Usage.Unknown == 0
}
