package ir

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
)

// Differences says in what b does something else than a: one line for each, in
// the order of the program, empty if their semantic hashes are equal. Names and
// kinds are told, values are not.
func Differences(a, b *Program) []string {
	d := differ{}
	d.program(a, b)
	return d.list
}

type differ struct{ list []string }

func (d *differ) addf(format string, args ...any) {
	d.list = append(d.list, fmt.Sprintf(format, args...))
}

func semantic(x any) []byte {
	e := encoder{semantic: true}
	return e.append(nil, reflect.ValueOf(x).Elem())
}

func (d *differ) program(a, b *Program) {
	if a.Kind != b.Kind || a.Name != b.Name {
		d.addf("it is %s %q instead of %s %q", b.Kind, b.Name, a.Kind, a.Name)
	}
	d.settings("kernel", a.Effective.Kernel, b.Effective.Kernel)
	d.settings("limits", a.Effective.Limits, b.Effective.Limits)
	for _, part := range []struct {
		name string
		a, b any
	}{
		{"capabilities", &a.Effective.Caps, &b.Effective.Caps},
		{"ports", &a.Ports, &b.Ports},
		{"code", &a.Code, &b.Code},
		{"the environment that the build read", &a.Env, &b.Env},
		{"the schema of the input", &a.InputSchema, &b.InputSchema},
		{"the schema of the output", &a.OutputSchema, &b.OutputSchema},
		{"the inputs", &a.Inputs, &b.Inputs},
	} {
		if !bytes.Equal(semantic(part.a), semantic(part.b)) {
			d.addf("%s differ", part.name)
		}
	}
	if !bytes.Equal(outputs(a), outputs(b)) {
		d.addf("the output differs")
	}
	d.body(&a.Body, &b.Body)
	if len(d.list) == 0 && SemanticHash(a) != SemanticHash(b) {
		d.addf("the order of the nodes or a part without a name differs")
	}
}

// outputs is the encoding of the output with nodes by name.
func outputs(p *Program) []byte {
	var out []byte
	for i := range p.Output {
		f := &p.Output[i]
		out = appendText(appendText(out, f.Name), p.Body.Nodes[f.Node].ID)
		for _, key := range f.Path {
			out = appendText(out, key)
		}
		out = append(out, 0)
	}
	return out
}

func (d *differ) settings(where string, a, b []Setting) {
	old := make(map[string]*Setting, len(a))
	for i := range a {
		old[a[i].Name] = &a[i]
	}
	for i := range b {
		x := old[b[i].Name]
		delete(old, b[i].Name)
		if x == nil || !bytes.Equal(semantic(x), semantic(&b[i])) {
			d.addf("%s.%s differs", where, b[i].Name)
		}
	}
	for i := range a {
		if old[a[i].Name] != nil {
			d.addf("%s.%s is gone", where, a[i].Name)
		}
	}
}

func (d *differ) body(a, b *Body) {
	old := make(map[string]*Node, len(a.Nodes))
	for i := range a.Nodes {
		old[a.Nodes[i].ID] = &a.Nodes[i]
	}
	for i := range b.Nodes {
		n := &b.Nodes[i]
		was := old[n.ID]
		delete(old, n.ID)
		switch {
		case was == nil:
			d.addf("node %q is new", n.ID)
		case was.Kind != n.Kind:
			d.addf("node %q is a %s instead of a %s", n.ID, n.Kind, was.Kind)
		default:
			if !bytes.Equal(named(a, was), named(b, n)) {
				d.addf("node %q differs", n.ID)
			}
			d.inner(was.Composite, n.Composite)
		}
	}
	for i := range a.Nodes {
		if old[a.Nodes[i].ID] != nil {
			d.addf("node %q is gone", a.Nodes[i].ID)
		}
	}
}

// inner compares the bodies of a composite.
func (d *differ) inner(a, b *Composite) {
	if a == nil || b == nil {
		return
	}
	old, now := bodies(a), bodies(b)
	for i := range now {
		if i < len(old) && old[i] != nil && now[i] != nil {
			d.body(old[i], now[i])
		}
	}
}

// bodies are the bodies of c in a fixed order, nil where a branch has none.
func bodies(c *Composite) []*Body {
	list := []*Body{c.Body}
	if c.Else != nil {
		list = append(list, c.Else.Body)
	} else {
		list = append(list, nil)
	}
	for i := range c.Branches {
		list = append(list, c.Branches[i].Body)
	}
	return list
}

// named is the semantic encoding of a node with its neighbours by name, so that
// a node that was put before it does not change it. What stands in its bodies is
// left out, but for whether there are any.
func named(b *Body, n *Node) []byte {
	x := *n
	var names []byte
	for _, e := range n.Edges {
		names = append(appendText(names, b.Nodes[e.Node].ID), byte(e.Class))
	}
	for _, r := range n.Routes {
		names = appendText(appendText(names, b.Nodes[r.Router].ID), r.Target)
	}
	if n.Single >= 0 {
		names = appendText(names, b.Nodes[n.Single].ID)
	}
	x.Edges, x.Routes, x.Single = nil, nil, 0
	if n.Composite != nil {
		c := *n.Composite
		for _, body := range bodies(&c) {
			if body != nil {
				names = append(names, 1)
			} else {
				names = append(names, 0)
			}
		}
		c.Body = nil
		c.Branches = slices.Clone(c.Branches)
		for i := range c.Branches {
			c.Branches[i].Body = nil
		}
		if c.Else != nil {
			other := *c.Else
			other.Body = nil
			c.Else = &other
		}
		x.Composite = &c
	}
	e := encoder{semantic: true, byName: true}
	return append(e.append(nil, reflect.ValueOf(&x).Elem()), names...)
}
