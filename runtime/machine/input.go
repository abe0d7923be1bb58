package machine

import (
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// The prepared input is what a function receives. It is made of the results of
// the node's dependencies, of its mapping and of the run's input; the scope that
// its expressions see is another thing (see frame).

// preparedInput is the input of the frame's node.
func (m *Machine) preparedInput(f *frame) value.Value {
	in := preparation{ambient: m.ambient(f.scope)}
	nd, sc := f.n, &m.scopes[f.scope]
	for _, d := range nd.base {
		v := value.Null
		if sc.nodes[d].st == Completed {
			v = sc.outs[d]
		}
		in.deps = append(in.deps, named{nd.body.nodes[d].ir.Name, v})
	}
	if nd.ir.Mapped && (nd.visible > 0 || nd.ir.Strict) {
		in.mapped, in.strict = true, nd.ir.Strict
		for i := range nd.targets[:nd.visible] {
			in.targets = append(in.targets, named{nd.targets[i].name, f.target(i)})
			in.settled = append(in.settled, nd.targets[i].code.settled)
		}
	}
	if nd.function != nil && nd.function.ir.Unpack {
		in.accepted = nd.function.fields
	} else if nd.function != nil {
		in.model = nd.function.fields
	}
	return in.value()
}

type named struct {
	name string
	v    value.Value
}

// preparation is everything that a prepared input is made of.
type preparation struct {
	ambient value.Value // the run's input, or what a body sees of it
	deps    []named
	targets []named
	settled []bool // targets whose null is meant
	mapped  bool
	strict  bool
	// accepted are the parameters of a function that takes keyword arguments;
	// model the fields of a declared input. Nil when not known.
	accepted, model []string
}

// value prepares the input.
func (p *preparation) value() value.Value {
	var base value.Value
	switch {
	case p.mapped:
		return p.mapping()
	case len(p.deps) == 0:
		base = p.ambient
	case len(p.deps) == 1:
		base = p.deps[0].v
	default:
		base = p.results().Value()
	}
	switch {
	case p.accepted != nil && len(p.deps) > 0:
		base = p.byName(base)
	case p.model != nil && len(p.deps) == 1:
		base = only(base, p.model)
	}
	return p.fill(base, nil)
}

// results is {dependency: result …}.
func (p *preparation) results() *value.Object {
	o := value.NewObject(len(p.deps) + len(p.targets) + 1)
	for _, d := range p.deps {
		o.Set(d.name, d.v)
	}
	return o
}

func (p *preparation) mapping() value.Value {
	if p.strict {
		o := value.NewObject(len(p.targets))
		for _, t := range p.targets {
			o.Set(t.name, t.v)
		}
		return o.Value()
	}
	o := p.results()
	if !p.ambient.IsNull() {
		o.Set("input", p.ambient)
	}
	var meant map[string]bool
	for i, t := range p.targets {
		o.Set(t.name, t.v)
		if p.settled[i] && t.v.IsNull() {
			if meant == nil {
				meant = map[string]bool{}
			}
			meant[t.name] = true
		}
	}
	return p.fill(o.Value(), meant)
}

// fill adds the fields of the ambient input that the input lacks or has as null,
// except nulls that are meant.
func (p *preparation) fill(v value.Value, meant map[string]bool) value.Value {
	have, ok := v.Object()
	if !ok {
		return v
	}
	more, ok := p.ambient.Object()
	if !ok || have == more {
		return v
	}
	var o *value.Object
	for i := range more.Len() {
		k, x := more.At(i)
		if x.IsNull() {
			continue
		}
		if old, ok := have.GetKey(k); ok && !old.IsNull() {
			continue
		}
		if name, ok := k.AsString(); ok && meant[name] {
			continue
		}
		if o == nil {
			o = have.Clone()
		}
		if err := o.SetKey(k, x); err != nil {
			continue // a key of an object is hashable
		}
	}
	if o == nil {
		return v
	}
	return o.Value()
}

// byName finds the parameters of a function: at the top of the base, else as a
// field that exactly one dependency has.
func (p *preparation) byName(base value.Value) value.Value {
	top, isObject := base.Object()
	o := value.NewObject(len(p.accepted))
	for _, name := range p.accepted {
		if isObject {
			if v, ok := top.Get(name); ok {
				o.Set(name, v)
				continue
			}
		}
		found, count := value.Missing, 0
		for _, d := range p.deps {
			if x, ok := d.v.Object(); ok {
				if v, ok := x.Get(name); ok {
					found = v
					count++
				}
			}
		}
		if count == 1 {
			o.Set(name, found)
		}
	}
	if o.Len() == 0 {
		return base
	}
	return o.Value()
}

// only keeps the named fields of an object, if it has any of them.
func only(v value.Value, names []string) value.Value {
	o, ok := v.Object()
	if !ok {
		return v
	}
	kept := value.NewObject(len(names))
	for _, name := range names {
		if x, ok := o.Get(name); ok {
			kept.Set(name, x)
		}
	}
	if kept.Len() == 0 {
		return v
	}
	return kept.Value()
}

// ambient is what counts as the run's input in a scope: at the top the run's
// input, in a body the composite's own input and the variables of the loop.
func (m *Machine) ambient(s int32) value.Value {
	sc := &m.scopes[s]
	if sc.parent < 0 {
		return m.input
	}
	a := m.act(sc.act)
	outer := m.ambientOf(a)
	vars := m.loopFields(sc, a)
	if len(vars) == 0 {
		return outer // of a branch
	}
	o, ok := outer.Object()
	if ok {
		o = o.Clone()
	} else {
		o = value.NewObject(len(vars))
	}
	for _, v := range vars {
		o.Set(v.name, v.v)
	}
	return o.Value()
}

// ambientOf is the prepared input of a composite, computed once.
func (m *Machine) ambientOf(a *act) value.Value {
	c := a.comp
	if !c.prepared {
		nd := m.node(a.scope, a.node)
		saved := m.frame
		m.frame = frame{}
		c.input = m.preparedInput(m.frameFor(a.scope, nd, a))
		m.frame = saved
		c.prepared = true
	}
	return c.input
}

// loopFields are the variables that a loop adds to the input of its body.
func (m *Machine) loopFields(sc *scope, a *act) []named {
	x := m.node(a.scope, a.node).loop.ir
	switch loopKind(x) {
	case overItems:
		return []named{{varName(x.ItemVar, "item"), sc.item}, {varName(x.IndexVar, "index"), value.Int(sc.index)}}
	case overCount:
		return []named{{varName(x.IndexVar, "index"), value.Int(sc.index)}}
	case overState:
		return []named{{"state", a.comp.state.Value()}, {"iteration", value.Int(sc.index)}}
	}
	return nil
}

func varName(name, standard string) string {
	if name == "" {
		return standard
	}
	return name
}

// inputField is a field of the ambient input of a scope, null if it has none.
func (m *Machine) inputField(s int32, name string) value.Value {
	sc := &m.scopes[s]
	source := m.input
	if sc.parent >= 0 {
		a := m.act(sc.act)
		for _, v := range m.loopFields(sc, a) {
			if v.name == name {
				return v.v
			}
		}
		source = m.ambientOf(a)
	}
	if o, ok := source.Object(); ok {
		if v, ok := o.Get(name); ok {
			return v
		}
	}
	return value.Null
}

// inputOfFailed is the prepared input of a node that failed, for its handlers;
// null if its mapping is what failed.
func (m *Machine) inputOfFailed(s, n int32) value.Value {
	nd := m.node(s, n)
	f := m.frameFor(s, nd, m.act(m.scopes[s].nodes[n].act))
	if fail := f.mapping(); fail != nil {
		return value.Null
	}
	return m.preparedInput(f)
}

// fieldNames are the fields of a declared object type, nil if it is none.
func fieldNames(t *expr.Type) []string {
	if t == nil || t.Kind != expr.TypeObject || len(t.Fields) == 0 {
		return nil
	}
	names := make([]string, len(t.Fields))
	for i := range t.Fields {
		names[i] = t.Fields[i].Name
	}
	return names
}
