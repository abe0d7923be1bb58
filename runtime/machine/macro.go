package machine

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// An invocation of a macro is a composite whose body runs once. It begins when
// everything that it reads has settled, so its condition and what it waits for
// are the gate of all its nodes; its attempts, time-out and error route are those
// of the whole body. It is skipped if all exits of the body were, and fails with
// the body.
//
// What stands outside may read nodes inside: for each of them there is an export
// beside the invocation. When the body ends, the outputs that are read outlive it
// there; an export settles when the invocation has.

// localName is the part of a path that a node's name makes.
func localName(owner *node, name string) string {
	if owner == nil || owner.ir.Composite == nil || owner.ir.Composite.Mode != ir.ModeMacro {
		return name
	}
	if local, ok := strings.CutPrefix(name, owner.ir.Name+"_"); ok && local != "" {
		return local
	}
	return name
}

// export notes at the invocation that the node stands for one inside. The
// invocation stands before it.
func (n *node) export(x *ir.Export) error {
	if x.Owner < 0 || x.Owner >= int(n.index) {
		return fmt.Errorf("stands for a node of node %d, which is not before it", x.Owner)
	}
	owner := &n.body.nodes[x.Owner]
	if owner.kind != kindComposite || owner.loop.ir.Mode != ir.ModeMacro || x.Node < 0 || x.Node >= len(owner.loop.body.nodes) {
		return fmt.Errorf("stands for node %d of %q, which is not there", x.Node, owner.ir.Name)
	}
	owner.loop.exports = append(owner.loop.exports, n.index)
	return nil
}

// outputs compiles what an invocation gives.
func (l *loader) outputs(b *body, owner *node, x *ir.Composite) error {
	for _, exit := range x.Exits {
		if exit < 0 || exit >= len(b.nodes) {
			return fmt.Errorf("exit %d of %d", exit, len(b.nodes))
		}
	}
	if x.Outputs == nil {
		return nil
	}
	b.tail = &node{
		ir:   &ir.Node{Name: owner.ir.Name, Kind: owner.ir.Kind, ID: owner.ir.ID, Origin: owner.ir.Origin, Single: -1, Attempts: 1},
		body: b, index: -1, local: owner.local,
	}
	var err error
	b.tail.vars, b.tail.names, err = l.bindings(x.Outputs)
	return err
}

// macroResult is what a body gives that has ended well: ok is false if all its
// exits were skipped. It hands what exports stand for to the scope outside.
func (m *Machine) macroResult(at int32, nd *node) (result value.Value, ok bool, fail *Failure) {
	sc := &m.scopes[at]
	outer := &m.scopes[sc.parent]
	for _, e := range nd.loop.exports {
		inner := outer.body.nodes[e].ir.Export.Node
		x := &outer.nodes[e]
		x.flags &^= flagInside // of an earlier attempt
		x.why, outer.outs[e] = WhyNone, value.Null
		if x.st.Final() {
			continue // the scope outside has stopped
		}
		if sc.nodes[inner].st == Completed && !m.broken(faultLostExport) {
			x.flags |= flagInside
			outer.outs[e] = sc.outs[inner]
			continue
		}
		if x.why = WhyUpstreamFailed; sc.nodes[inner].st == Skipped {
			x.why = sc.nodes[inner].why
			if x.why == WhyUpstreamFailed {
				x.why = WhyUpstreamSkipped // of a failure that was handled inside
			}
		}
	}
	x := nd.loop.ir
	ok = len(x.Exits) == 0
	for _, exit := range x.Exits {
		ok = ok || sc.nodes[exit].st != Skipped || m.broken(faultSkippedExit)
	}
	if !ok {
		return value.Null, false, nil
	}
	exit := func(i int) value.Value {
		if sc.nodes[i].st != Completed {
			return value.Null
		}
		return sc.outs[i]
	}
	switch {
	case x.Outputs != nil:
		saved := m.frame
		m.frame = frame{}
		f := m.frameFor(at, sc.body.tail, nil)
		o := value.NewObject(len(x.Outputs))
		for i, c := range sc.body.tail.vars {
			v, fail := c.eval(f)
			if fail != nil {
				m.frame = saved
				return value.Null, true, fail
			}
			o.Set(sc.body.tail.names[i], v)
		}
		m.frame = saved
		return o.Value(), true, nil
	case len(x.Exits) == 1:
		return exit(x.Exits[0]), true, nil
	}
	o := value.NewObject(len(x.Exits))
	for _, i := range x.Exits {
		o.Set(sc.body.nodes[i].local, exit(i))
	}
	return o.Value(), true, nil
}

// completeMacro settles an invocation whose body has ended well.
func (m *Machine) completeMacro(s, n int32, c *compState) {
	if c.ok == 0 {
		m.skip(s, n, WhyBodySkipped)
		return
	}
	m.complete(s, n, c.result)
}

// settleExport settles a node that stands for one inside of an invocation that
// has completed.
func (m *Machine) settleExport(s, n int32) {
	sc := &m.scopes[s]
	x := &sc.nodes[n]
	if x.flags&flagInside != 0 {
		m.complete(s, n, sc.outs[n])
		return
	}
	switch x.why {
	case WhyUpstreamFailed:
		m.abort(s, n, x.why)
	case WhyNone:
		m.skip(s, n, WhyUpstreamSkipped)
	default:
		m.skip(s, n, x.why)
	}
}
