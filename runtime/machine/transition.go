package machine

import (
	"fmt"
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// The states of entities are part of the run's state, unless a port keeps them:
// a transition is checked and made here, and only the functions that are called
// on it are effects. A transition is made when all of them have succeeded; if the
// entity changed its state meanwhile, it fails.

// transitionSpec is a compiled transition.
type transitionSpec struct {
	ir      *ir.Transition // nil for the transitions of an agent
	agent   *agentSpec
	to      *code
	id      *code
	reason  *code
	payload []*code
	names   []string
}

// machineSpec is the states of an entity type.
type machineSpec struct {
	ir       *ir.StateMachine
	guards   []*expr.Program // by way, nil for none
	slots    [][]string
	states   map[string]bool
	handlers []*functionSpec
}

func (l *loader) machines() error {
	l.prog.machines = map[string]*machineSpec{}
	for i := range l.prog.ir.Machines {
		x := &l.prog.ir.Machines[i]
		s := &machineSpec{ir: x, states: map[string]bool{x.Initial: true}}
		for j := range x.Ways {
			w := &x.Ways[j]
			s.states[w.From], s.states[w.To] = true, true
			var program *expr.Program
			var names []string
			if w.Guard != nil {
				c, err := l.code(w.Guard)
				if err != nil {
					return fmt.Errorf("state machine %s: %w", x.Entity, err)
				}
				program = c.expr
				if c.src.Mode == ir.ModeConst {
					program = nil
				}
				for _, slot := range c.slots {
					names = append(names, slot.head)
				}
			}
			s.guards, s.slots = append(s.guards, program), append(s.slots, names)
		}
		for j := range x.Handlers {
			f, err := l.function(&x.Handlers[j])
			if err != nil {
				return fmt.Errorf("state machine %s: %w", x.Entity, err)
			}
			s.handlers = append(s.handlers, f)
		}
		l.prog.machines[x.Entity] = s
	}
	return nil
}

func (l *loader) transition(x *ir.Transition) (*transitionSpec, error) {
	s := &transitionSpec{ir: x}
	var err error
	if s.to, err = l.code(&x.ToState); err != nil {
		return nil, fmt.Errorf("to_state: %w", err)
	}
	if s.id, err = l.optional(x.EntityID); err != nil {
		return nil, fmt.Errorf("entity_id: %w", err)
	}
	if s.reason, err = l.optional(x.Reason); err != nil {
		return nil, fmt.Errorf("reason: %w", err)
	}
	if s.payload, s.names, err = l.bindings(x.Payload); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if x.Port == nil && l.prog.machines[x.Entity] == nil {
		return nil, fmt.Errorf("entity type %q has no state machine", x.Entity)
	}
	return s, nil
}

// transitionMap describes the ways between states to an agent.
func (l *loader) transitionMap(entities []string) string {
	var parts []string
	for _, e := range entities {
		m := l.prog.machines[e]
		if m == nil {
			continue
		}
		to := map[string][]string{}
		for i := range m.ir.Ways {
			to[m.ir.Ways[i].From] = append(to[m.ir.Ways[i].From], m.ir.Ways[i].To)
		}
		var ways []string
		for from, list := range to {
			sort.Strings(list)
			ways = append(ways, from+" -> ["+strings.Join(list, ", ")+"]")
		}
		sort.Strings(ways)
		parts = append(parts, e+": "+strings.Join(ways, " | "))
	}
	return strings.Join(parts, "; ")
}

// entities are the states of the run's entities.
type entities struct {
	list map[entityKey]*entity
}

type entityKey struct{ kind, id string }

type entity struct {
	state   string
	history []passage
}

// passage is one transition that was made.
type passage struct {
	from, to, reason string
	at               int64
}

func (e *entities) get(k entityKey) *entity { return e.list[k] }

func (e *entities) put(k entityKey, state string) *entity {
	if e.list == nil {
		e.list = map[entityKey]*entity{}
	}
	x := &entity{state: state}
	e.list[k] = x
	return x
}

func (e *entities) keys() []entityKey {
	keys := make([]entityKey, 0, len(e.list))
	for k := range e.list {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].kind != keys[j].kind {
			return keys[i].kind < keys[j].kind
		}
		return keys[i].id < keys[j].id
	})
	return keys
}

// transitionState is a transition between its check and its end.
type transitionState struct {
	key     entityKey
	from    string
	to      string
	reason  value.Value
	payload value.Value
	next    int32 // the handler to call next
}

// startTransition checks a transition, and makes it unless functions have to be
// called first.
func (m *Machine) startTransition(f *frame) {
	s, nd := f.scope, f.n
	n := nd.index
	ref := m.scopes[s].nodes[n].act
	if ref == 0 {
		ref = m.newAct(s, n)
	}
	a := m.acts[ref-1]
	f.act, f.now = a, a.began
	m.startedNode(s, n)
	t, fail := m.transitionOf(f)
	if fail != nil {
		m.attemptFailed(s, n, fail)
		return
	}
	if !m.prog.caps.allows("entity.transition") {
		m.capDenied(s, n, "entity.transition")
		return
	}
	a.transition = t
	if nd.transition.ir != nil && nd.transition.ir.Port != nil {
		m.enqueue(s, n)
		return
	}
	if fail := m.checkTransition(nd, t); fail != nil {
		a.transition = nil
		m.attemptFailed(s, n, fail)
		return
	}
	if len(m.prog.machines[t.key.kind].handlers) == 0 {
		m.makeTransition(s, n, a)
		return
	}
	m.enqueue(s, n)
}

// transitionOf evaluates what a transition is about.
func (m *Machine) transitionOf(f *frame) (*transitionState, *Failure) {
	spec := f.n.transition
	t := &transitionState{reason: value.Null, payload: value.Null}
	bad := func(place ir.Place, format string, args ...any) *Failure {
		return &Failure{Code: diag.RunTransition, Class: ClassInvalidInput, Definite: true, Place: place, Message: fmt.Sprintf(format, args...)}
	}
	if spec.agent != nil {
		o, _ := m.scopes[f.scope].item.Object()
		get := func(name string) value.Value {
			v, _ := o.Get(name)
			if v.IsMissing() {
				return value.Null
			}
			return v
		}
		t.key = entityKey{value.Str(get("entity_type")), value.Str(get("entity_id"))}
		t.to, t.reason, t.payload = value.Str(get("to_state")), get("reason"), get("payload")
		allowed := false
		for _, e := range spec.agent.ir.Entities {
			allowed = allowed || e == t.key.kind
		}
		if !allowed || m.prog.machines[t.key.kind] == nil {
			return nil, bad(f.n.ir.Origin, "there is no entity type %q; there are %s", t.key.kind, strings.Join(spec.agent.ir.Entities, ", "))
		}
		return t, nil
	}
	t.key.kind = spec.ir.Entity
	to, fail := spec.to.text(f)
	if fail != nil {
		return nil, fail
	}
	t.to = to
	id := value.Null
	if spec.id != nil {
		if id, fail = spec.id.eval(f); fail != nil {
			return nil, fail
		}
	} else if o, ok := m.preparedInput(f).Object(); ok {
		if v, ok := o.Get("entity_id"); ok {
			id = v
		}
	}
	if id.IsNull() || id.IsMissing() {
		return nil, bad(f.n.ir.Origin, "it is not known which %s: entity_id is null", t.key.kind)
	}
	t.key.id = value.Str(id)
	if spec.reason != nil {
		if t.reason, fail = spec.reason.eval(f); fail != nil {
			return nil, fail
		}
		if !t.reason.IsNull() {
			t.reason = value.String(value.Str(t.reason))
		}
	}
	if spec.ir.Payloaded {
		o := value.NewObject(len(spec.payload))
		for i, c := range spec.payload {
			v, fail := c.eval(f)
			if fail != nil {
				return nil, fail
			}
			o.Set(spec.names[i], v)
		}
		t.payload = o.Value()
	}
	return t, nil
}

// stateOf is the state of an entity; one that the run has not heard of is in the
// initial state of its type.
func (m *Machine) stateOf(k entityKey) string {
	if e := m.entities.get(k); e != nil {
		return e.state
	}
	return m.prog.machines[k.kind].ir.Initial
}

// checkTransition says whether an entity can go where it shall.
func (m *Machine) checkTransition(nd *node, t *transitionState) *Failure {
	sm := m.prog.machines[t.key.kind]
	t.from = m.stateOf(t.key)
	var to []string
	refused := ""
	for i := range sm.ir.Ways {
		w := &sm.ir.Ways[i]
		if w.From != t.from {
			continue
		}
		if w.To != t.to {
			to = append(to, w.To)
			continue
		}
		ok, fault := m.guard(sm, i, t)
		if ok {
			return nil
		}
		refused = fault
		if refused == "" {
			refused = "its guard `" + w.Guard.Text + "` does not hold"
		}
	}
	if refused != "" {
		return &Failure{
			Code: diag.RunTransitionGuard, Class: ClassTransition, Definite: true, Place: nd.ir.Origin,
			Message: fmt.Sprintf("%s %q cannot go from %s to %s: %s", t.key.kind, t.key.id, t.from, t.to, refused),
		}
	}
	help := "no transition leads out of " + t.from
	if len(to) > 0 {
		help = "from " + t.from + " it can go to " + strings.Join(to, ", ")
	}
	return &Failure{
		Code: diag.RunTransition, Class: ClassTransition, Definite: true, Place: nd.ir.Origin,
		Message: fmt.Sprintf("%s %q cannot go from %s to %s", t.key.kind, t.key.id, t.from, t.to), Help: help,
	}
}

// guard evaluates the guard of a way. An error blocks it, as a false one does.
func (m *Machine) guard(sm *machineSpec, i int, t *transitionState) (ok bool, fault string) {
	w := &sm.ir.Ways[i]
	if w.Guard == nil {
		return true, ""
	}
	if sm.guards[i] == nil {
		return value.Truthy(w.Guard.Const), ""
	}
	env := &guardEnv{m: m, t: t, names: sm.slots[i]}
	v, err := sm.guards[i].Eval(env, m.meters.take())
	m.work -= m.meters.give()
	if err != nil {
		return false, "its guard cannot be evaluated: " + err.Msg
	}
	return value.Truthy(v), ""
}

// makeTransition brings the entity into its new state, and settles the node.
func (m *Machine) makeTransition(s, n int32, a *act) {
	t := a.transition
	e := m.entities.get(t.key)
	if e == nil {
		e = m.entities.put(t.key, t.from)
	}
	reason, _ := t.reason.AsString()
	e.state = t.to
	e.history = append(e.history, passage{t.from, t.to, reason, m.now})
	m.digest = hashString(hashString(hashString(m.digest, t.key.kind), t.key.id), t.to)
	m.emitNode(s, n, Public{Type: StateTransition, Text: t.key.kind, Value: t.value()})
	o := value.NewObject(4)
	o.Set("entity_type", value.String(t.key.kind))
	o.Set("entity_id", value.String(t.key.id))
	o.Set("from_state", value.String(t.from))
	o.Set("to_state", value.String(t.to))
	m.complete(s, n, o.Value())
}

// value is what a handler or a port gets about a transition.
func (t *transitionState) value() value.Value {
	o := value.NewObject(6)
	o.Set("entity_type", value.String(t.key.kind))
	o.Set("entity_id", value.String(t.key.id))
	if t.from != "" {
		o.Set("from_state", value.String(t.from))
	}
	o.Set("to_state", value.String(t.to))
	o.Set("reason", t.reason)
	o.Set("payload", t.payload)
	return o.Value()
}

// handlerRequest is the next call of a transition: of its port, or of a function
// that is called on it.
func (m *Machine) handlerRequest(f *frame, a *act) effect {
	t := a.transition
	if spec := f.n.transition; spec.ir != nil && spec.ir.Port != nil {
		return effect{invoke: &InvokeRequest{Target: ir.CallPort, Port: *spec.ir.Port, Method: "transition", Args: t.value()}, need: spec.ir.Port.Cap}
	}
	return m.functionCall(m.prog.machines[t.key.kind].handlers[t.next], t.value())
}

// handlerDone takes in that a function has returned: the next one is called, or
// the transition made.
func (m *Machine) handlerDone(f *flight, a *act, v value.Value) {
	s, n := f.scope, f.node
	nd := m.node(s, n)
	if nd.transition.ir != nil && nd.transition.ir.Port != nil {
		m.complete(s, n, v)
		return
	}
	if f.cancelled {
		m.landedCancelled(f)
		return
	}
	a.fresh = true
	t := a.transition
	t.next++
	if int(t.next) < len(m.prog.machines[t.key.kind].handlers) {
		m.enqueue(s, n)
		return
	}
	if now := m.stateOf(t.key); now != t.from {
		a.transition = nil
		m.attemptFailed(s, n, &Failure{
			Code: diag.RunTransition, Class: ClassTransition, Definite: true, Retryable: true, Place: nd.ir.Origin,
			Message: fmt.Sprintf("%s %q went from %s to %s meanwhile", t.key.kind, t.key.id, t.from, now),
		})
		return
	}
	m.makeTransition(s, n, a)
}

// resumeTransition begins another attempt.
func (m *Machine) resumeTransition(a *act) {
	s, n := a.scope, a.node
	if ok, why := m.mayStart(s, n); !ok {
		m.abort(s, n, why)
		return
	}
	if a.transition != nil {
		m.enqueue(s, n) // the call that failed is made again
		return
	}
	a.fresh = a.calls > 0
	f := m.frameFor(s, m.node(s, n), a)
	if fail := f.mapping(); fail != nil {
		m.failNode(s, n, fail)
		return
	}
	m.startTransition(f)
}

// entityTool answers the tools with which an agent looks at entities.
func (m *Machine) entityTool(spec *agentSpec, tool string, args value.Value) string {
	o, _ := args.Object()
	get := func(name string) string {
		v, _ := o.Get(name)
		if v.IsMissing() || v.IsNull() {
			return ""
		}
		return value.Str(v)
	}
	k := entityKey{get("entity_type"), get("entity_id")}
	sm := m.prog.machines[k.kind]
	allowed := false
	for _, e := range spec.ir.Entities {
		allowed = allowed || e == k.kind
	}
	if !allowed || sm == nil {
		return fmt.Sprintf("Error - there is no entity type %q; there are %s", k.kind, strings.Join(spec.ir.Entities, ", "))
	}
	out := value.NewObject(3)
	out.Set("entity_type", value.String(k.kind))
	out.Set("entity_id", value.String(k.id))
	switch tool {
	case toolRegister:
		state := get("initial_state")
		if state == "" {
			state = sm.ir.Initial
		}
		if !sm.states[state] {
			return fmt.Sprintf("Error - %s has no state %q", k.kind, state)
		}
		if m.entities.get(k) == nil {
			m.entities.put(k, state)
			m.digest = hashString(hashString(m.digest, k.kind), k.id)
		}
		out.Set("state", value.String(m.stateOf(k)))
	case toolHistory:
		var list []value.Value
		if e := m.entities.get(k); e != nil {
			for _, p := range e.history {
				x := value.NewObject(4)
				x.Set("from_state", value.String(p.from))
				x.Set("to_state", value.String(p.to))
				x.Set("reason", value.String(p.reason))
				list = append(list, x.Value())
			}
		}
		out.Set("history", value.List(list))
	default:
		out.Set("state", value.String(m.stateOf(k)))
	}
	return answerText(out.Value())
}
