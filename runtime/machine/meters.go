package machine

import "hexdag.dev/hexdag/lang/expr"

// meters are the Meters of the evaluations under way: one evaluation may need
// another, as one that reads a target of the mapping does, and each has its own
// bounds. They are used again and keep their memory. A Machine belongs to one
// goroutine, so they need no lock.
type meters struct {
	all   []*expr.Meter
	depth int
}

// take is the Meter of one more evaluation, until give.
func (m *meters) take() *expr.Meter {
	if m.depth == len(m.all) {
		m.all = append(m.all, &expr.Meter{MaxSteps: maxSteps})
	}
	x := m.all[m.depth]
	m.depth++
	x.Reset()
	return x
}

// give ends the last evaluation that began, and is the steps that it took.
func (m *meters) give() int64 {
	m.depth--
	return m.all[m.depth].Steps
}
