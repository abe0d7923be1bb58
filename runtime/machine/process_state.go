package machine

import "fmt"

// writeKids writes the children: the number of tickets, then for each child its
// process and its own snapshot.
func (m *Machine) writeKids(w *writer) {
	w.array(1 + 2*len(m.kids))
	w.uint(m.tickets)
	for _, k := range m.kids {
		w.uint(uint64(k.pnode))
		b, err := k.Snapshot()
		if err != nil && w.err == nil {
			w.err = err
		}
		w.head(2, uint64(len(b)))
		w.b = append(w.b, b...)
	}
}

func (m *Machine) readKids(r *reader) {
	n := r.array()
	if r.err == nil && n%2 != 1 {
		r.fail("the list of processes has the wrong length")
	}
	m.tickets = r.uint()
	top := m.prog.bodies[0].nodes
	for range n / 2 {
		if r.err != nil {
			return
		}
		node := r.small(uint64(max(0, len(top)-1)))
		b := r.bytes(2)
		if r.err != nil {
			return
		}
		if len(top) == 0 || top[node].kind != kindProcess {
			r.fail("a child belongs to no process")
			return
		}
		k, err := Restore(top[node].process.prog, m.opts, b)
		if err != nil {
			r.fail(fmt.Sprintf("the state of process %q: %v", top[node].ir.Name, err))
			return
		}
		m.adopt(k, int32(node))
	}
}

// adopt takes a restored child in.
func (m *Machine) adopt(k *Machine, node int32) {
	k.parent, k.pnode = m, node
	k.ledger.up = &m.ledger
	m.kids = append(m.kids, k)
	m.kidFlights += int32(len(k.flights))
}
