package machine

import "fmt"

// consistent checks that every reference in a restored state leads somewhere, so
// that a damaged snapshot is an error and never a panic later.
func (m *Machine) consistent() error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", errDamaged, what) }
	if m.phase == phaseNew {
		return nil
	}
	if len(m.scopes) == 0 || m.scopes[0].body != m.prog.bodies[0] || m.scopes[0].parent != -1 {
		return bad("it has no top scope")
	}
	if len(m.times) != len(m.prog.bodies[0].nodes) || len(m.ledger.accounts) == 0 {
		return bad("it lacks a part")
	}
	for i := range m.ledger.accounts {
		if int(m.ledger.accounts[i].parent) >= i {
			return bad("an account has no parent")
		}
	}
	node := func(s, n int32) bool {
		return s >= 0 && int(s) < len(m.scopes) && m.scopes[s].body != nil && n >= 0 && int(n) < len(m.scopes[s].nodes)
	}
	act := func(ref int32) bool { return ref > 0 && int(ref) <= len(m.acts) && m.acts[ref-1] != nil }
	for i := range m.scopes {
		sc := &m.scopes[i]
		if sc.body == nil {
			continue
		}
		if i > 0 {
			owner := sc.body.owner
			if owner == nil || !node(sc.parent, sc.pnode) || m.node(sc.parent, sc.pnode) != owner || !act(sc.act) {
				return bad("a scope has no owner")
			}
			c := m.acts[sc.act-1].comp
			if c == nil || int(sc.slot) < 0 || int(sc.slot) >= len(c.live) || c.live[sc.slot] != int32(i) ||
				m.acts[sc.act-1].scope != sc.parent || m.acts[sc.act-1].node != sc.pnode || len(sc.prefix) == 0 {
				return bad("a scope has no composite")
			}
		}
		left := int32(0)
		for j := range sc.nodes {
			switch st := sc.nodes[j].st; {
			case (st == Queued || st == Running || st == Backoff || st == Waiting) != (sc.nodes[j].act != 0):
				return bad("a node has no state, or one too many")
			case !st.Final():
				left++
			}
			if ref := sc.nodes[j].act; ref != 0 && (!act(ref) || m.acts[ref-1].scope != int32(i) || m.acts[ref-1].node != int32(j)) {
				return bad("a node has no state")
			}
		}
		if left != sc.left {
			return bad("a scope counts its nodes wrongly")
		}
		for n, f := range sc.fails {
			if n < 0 || int(n) >= len(sc.nodes) || f == nil {
				return bad("a failure has no node")
			}
		}
	}
	if m.cyclic() {
		return bad("scopes contain each other")
	}
	for i, a := range m.acts {
		if a == nil {
			continue
		}
		if !node(a.scope, a.node) || m.scopes[a.scope].nodes[a.node].act != int32(i+1) {
			return bad("a state has no node")
		}
		if what := m.consistentKind(a); what != "" {
			return bad(what)
		}
		if err := m.consistentComposite(a); err != nil {
			return err
		}
		if (m.node(a.scope, a.node).kind == kindProcess) != (a.kid != 0) || a.kid != 0 && (int(a.kid) > len(m.kids) || m.kids[a.kid-1].pnode != a.node || a.scope != 0) {
			return bad("a process has no run, or one too many")
		}
	}
	last := uint64(0)
	for i := range m.flights {
		f := &m.flights[i]
		if f.token <= last || !node(f.scope, f.node) || !act(f.act) || m.acts[f.act-1].token != f.token {
			return bad("an effect has no node")
		}
		last = f.token
	}
	for _, t := range m.timers {
		if (t.kind == timerBackoff || t.kind == timerNode || t.kind == timerWait) && !act(t.act) {
			return bad("a timer has no node")
		}
	}
	queues := [][]entry{m.ready, m.queued, m.waiting}
	for i := range m.scopes {
		queues = append(queues, m.scopes[i].parked)
	}
	for _, q := range queues {
		for _, e := range q {
			if e.scope < 0 || int(e.scope) >= len(m.scopes) || m.live(e) && int(e.node) >= len(m.scopes[e.scope].nodes) {
				return bad("a queue holds an unknown node")
			}
		}
	}
	for _, z := range m.zombies {
		if !node(0, z.top) {
			return bad("an old effect has no node")
		}
	}
	for top := range m.usages {
		if !node(0, top) {
			return bad("a usage has no node")
		}
	}
	return m.consistentFree()
}

// cyclic reports whether some chain of parents does not end at the top.
func (m *Machine) cyclic() bool {
	for i := range m.scopes {
		steps := 0
		for at := int32(i); m.scopes[at].body != nil && m.scopes[at].parent >= 0; at = m.scopes[at].parent {
			// A scope's body lies inside its parent's, so chains are short.
			if steps++; steps > len(m.prog.bodies) {
				return true
			}
		}
	}
	return false
}

func (m *Machine) consistentComposite(a *act) error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", errDamaged, what) }
	nd := m.node(a.scope, a.node)
	c := a.comp
	if c == nil {
		if nd.kind == kindComposite || nd.kind == kindAgent {
			return bad("a composite has no state")
		}
		return nil
	}
	if nd.kind == kindAgent {
		return m.consistentAgent(a)
	}
	if nd.kind != kindComposite || len(c.targets) != len(nd.targets) {
		return bad("a node has the state of another kind")
	}
	if loopKind(nd.loop.ir) == overState != (c.state != nil) && c.state != nil {
		return bad("a loop has the state of another mode")
	}
	if c.total >= 0 && (c.next > c.total || c.next < 0) || c.items != nil && int64(len(c.items)) != c.total {
		return bad("a loop has the wrong number of items")
	}
	if c.results != nil && c.total >= 0 && int64(len(c.results)) != c.total {
		return bad("a loop has the wrong number of results")
	}
	if int(c.chosen) >= len(nd.loop.ir.Branches) {
		return bad("a switch chose an unknown branch")
	}
	if collects := c.results != nil || nd.loop.ir.Collect == "first" || nd.loop.ir.Collect == "last"; !collects && c.total >= 0 && len(c.live) > 0 && loopKind(nd.loop.ir) != overNothing {
		return bad("a loop has no results")
	}
	for _, s := range c.live {
		if s > 0 && int(s) < len(m.scopes) && (m.scopes[s].index < 0 || m.scopes[s].index >= c.next) {
			return bad("a body has the wrong index")
		}
		if s <= 0 || int(s) >= len(m.scopes) || m.scopes[s].body == nil || m.scopes[s].body.owner != nd {
			return bad("a loop has no body")
		}
	}
	return nil
}

// consistentAgent checks the tool calls of an agent.
func (m *Machine) consistentAgent(a *act) error {
	nd := m.node(a.scope, a.node)
	if len(a.comp.targets) != len(nd.targets) || len(a.comp.live) > 0 && (a.agent == nil || len(a.agent.turns) == 0) {
		return fmt.Errorf("%w: an agent has tool calls without an answer", errDamaged)
	}
	for _, s := range a.comp.live {
		if s <= 0 || int(s) >= len(m.scopes) || m.scopes[s].body == nil || m.scopes[s].body.owner != nd {
			return fmt.Errorf("%w: an agent has no tool call", errDamaged)
		}
		if c := m.scopes[s].call; c < 0 || int(c) >= len(a.agent.turns[len(a.agent.turns)-1].calls) {
			return fmt.Errorf("%w: a tool call has no answer", errDamaged)
		}
	}
	return nil
}

func (m *Machine) consistentFree() error {
	for _, s := range m.freeScope {
		if s <= 0 || int(s) >= len(m.scopes) || m.scopes[s].body != nil {
			return fmt.Errorf("%w: a scope is used twice", errDamaged)
		}
	}
	for _, a := range m.freeAct {
		if a <= 0 || int(a) > len(m.acts) || m.acts[a-1] != nil {
			return fmt.Errorf("%w: a state is used twice", errDamaged)
		}
	}
	return nil
}
