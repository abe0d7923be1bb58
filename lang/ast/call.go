package ast

import (
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Call is the spec of a node that is one call out of the run: api_call_node,
// service_call_node, a node of a foreign kind.
type Call struct {
	// Port is the port of an api_call_node, Service the service of a
	// service_call_node, Method its method.
	Port    Ident
	Service Ident
	Method  Ident
	Args    []*Binding
}

// Service is an entry of spec.services.
type Service struct {
	Name   Ident
	Class  Ident
	Config value.Value
	Loc    source.Location
}

// apiCall types an api_call_node. Everything in it may hold templates.
func (b *builder) apiCall(n *Node) {
	c := &Call{Port: b.ident(n.Spec.Get("port"))}
	n.Call = c
	if c.Port.Name == "" {
		c.Port.Name = "api_call"
	}
	for _, name := range []string{"method", "url", "headers", "params", "json_body"} {
		f := n.Spec.Get(name)
		if e := b.template(n, f, name); e != nil {
			c.Args = append(c.Args, &Binding{Name: Ident{Name: name, Loc: b.at(f.Key), Node: f.Key}, Expr: e})
		}
	}
}

func (b *builder) serviceCall(n *Node) {
	n.Call = &Call{Service: b.ident(n.Spec.Get("service")), Method: b.ident(n.Spec.Get("method"))}
}

// foreign types a node whose kind only the host knows: its own fields are
// arguments.
func (b *builder) foreign(n *Node) {
	n.Call = &Call{}
	if n.Spec == nil || n.Spec.Node == nil {
		return
	}
	for i := range n.Spec.Unknown {
		e := &n.Spec.Unknown[i]
		if x := n.addText(b.source(e.Value, RoleText, e.Key.Value, schema.Template)); x != nil {
			n.Call.Args = append(n.Call.Args, &Binding{Name: b.keyIdent(e.Key), Expr: x})
		}
	}
}

func (b *builder) services(f *shape.Field) []*Service {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	var out []*Service
	for i := range f.Entries {
		e := &f.Entries[i]
		if e.Object == nil {
			continue
		}
		s := &Service{Name: b.keyIdent(e.Key), Class: b.ident(e.Object.Get("class")), Loc: b.at(e.Key)}
		s.Config = b.config(e.Object.Get("config"))
		out = append(out, s)
	}
	return out
}

// Wait is a wait_node's spec.
type Wait struct {
	Key       *Expr
	Timeout   *Duration
	OnTimeout *Ident
	Setup     *Function
}

func (b *builder) wait(n *Node) {
	s := n.Spec
	w := &Wait{Key: b.template(n, s.Get("event_key"), "event_key"), Timeout: b.duration(s.Get("timeout"))}
	n.Wait = w
	w.Setup = b.function(s.Get("setup_fn"))
	if id := b.ident(s.Get("on_timeout")); id.Name != "" {
		w.OnTimeout = &id
	}
}

// Transition is a transition node's spec.
type Transition struct {
	Entity    Ident
	ToState   *Expr
	ToName    Ident // of a constant ToState
	EntityID  *Expr
	Reason    *Expr
	Payload   []*Binding
	Payloaded bool
}

func (b *builder) transition(n *Node) {
	s := n.Spec
	t := &Transition{Entity: b.ident(s.Get("entity"))}
	n.Transition = t
	if f := s.Get("to_state"); f != nil {
		t.ToState = b.template(n, f, "to_state")
		if t.ToState != nil && t.ToState.Mode == Const {
			t.ToName = b.ident(f)
		}
	}
	t.EntityID = b.reference(n, s.Get("entity_id"), "entity_id")
	t.Reason = b.reference(n, s.Get("reason"), "reason")
	if f := s.Get("payload"); f != nil && !f.Null && f.OK && f.Value.Kind == syntax.Mapping {
		t.Payloaded = true
		for k, v := range f.Value.Entries() {
			if x := n.addText(b.referenceOf(v, "payload."+k.Value)); x != nil {
				t.Payload = append(t.Payload, &Binding{Name: b.keyIdent(k), Expr: x})
			}
		}
	}
}

// reference types a field that is a constant unless it is a template or reads
// like a path: `$input.field`, `node.field`.
func (b *builder) reference(n *Node, f *shape.Field, name string) *Expr {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	return n.addText(b.referenceOf(f.Value, name))
}

func (b *builder) referenceOf(v *syntax.Node, name string) *Expr {
	v = v.Deref()
	if v == nil {
		return nil
	}
	kind := schema.Template
	switch v.Kind {
	case syntax.Scalar:
		if isReference(v.Value) {
			kind = schema.Mapping
		}
		return b.source(v, RoleText, name, kind)
	case syntax.Sequence:
		e := &Expr{Mode: List, Role: RoleText, Field: name, Loc: b.at(v), Node: v}
		for i, item := range v.Items {
			if x := b.referenceOf(item, name+"["+strconv.Itoa(i)+"]"); x != nil {
				e.Items = append(e.Items, x)
			}
		}
		e.fold()
		return e
	case syntax.Mapping:
		e := &Expr{Mode: Object, Role: RoleText, Field: name, Loc: b.at(v), Node: v}
		for k, item := range v.Entries() {
			if x := b.referenceOf(item, name+"."+k.Value); x != nil {
				e.Keys = append(e.Keys, b.keyIdent(k))
				e.Items = append(e.Items, x)
			}
		}
		e.fold()
		return e
	}
	return nil
}

// isReference reports whether a text is a path that begins with a node or a
// namespace, and nothing else: `ticket.id`, `$input.ticket_id`. A text with
// blanks or with an address in it is none. A namespace that does not exist is
// reported as such, not taken for text.
func isReference(s string) bool {
	if rest, ok := strings.CutPrefix(s, "$"); ok {
		return isDotted(rest)
	}
	return isDotted(s)
}
