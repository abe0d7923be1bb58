package ir

import (
	"hexdag.dev/hexdag/lang/expr"
)

func (v *verifier) bindings(where string, list []Binding) {
	for i := range list {
		v.expr(where, &list[i].Expr)
		v.place(where, &list[i].At)
	}
}

func (v *verifier) optional(where string, e *Expr) {
	if e != nil {
		v.expr(where, e)
	}
}

func (v *verifier) expr(where string, e *Expr) {
	if v.err != nil {
		return
	}
	v.place(where, &e.At)
	v.value(where, e.Const)
	switch e.Mode {
	case ModeExpr, ModeTemplate, ModeMapping:
		if e.Items != nil || e.Keys != nil {
			v.failf(where, "has an expression with items")
		}
		v.tree(where, e)
	case ModeConst:
	case ModeList, ModeObject:
		if e.Mode == ModeObject && len(e.Keys) != len(e.Items) {
			v.failf(where, "has an object with %d keys and %d values", len(e.Keys), len(e.Items))
		}
		for i := range e.Items {
			v.expr(where, &e.Items[i])
		}
	default:
		v.failf(where, "has an expression of the unknown mode %d", e.Mode)
	}
	for i := range e.Slots {
		v.slot(where, &e.Slots[i])
	}
	for i := range e.Map {
		m := &e.Map[i]
		if m.Text < 0 || m.Text > len(e.Text) || m.Line < 0 || m.Column < 0 || m.Offset < 0 || i > 0 && m.Text < e.Map[i-1].Text {
			v.failf(where, "has an expression whose places are out of order")
			return
		}
	}
}

func (v *verifier) slot(where string, s *Slot) {
	if s.Kind < SlotNode || s.Kind > SlotField {
		v.failf(where, "reads %.80q in the unknown way %d", s.Head, s.Kind)
		return
	}
	if s.Kind == SlotField {
		if !v.guard {
			v.failf(where, "reads the field %.80q of a transition outside of a guard", s.Head)
		}
		return
	}
	if s.Up < 0 || s.Up >= len(v.scope) {
		v.failf(where, "reads %.80q %d scopes outward and has only %d", s.Head, s.Up, len(v.scope)-1)
		return
	}
	count := -1
	at := v.nodes[len(v.nodes)-1-s.Up] // the node itself or a composite around it
	switch s.Kind {
	case SlotNode:
		count = len(v.scope[len(v.scope)-1-s.Up].Nodes)
	case SlotTarget:
		count = len(at.Mapping) + len(at.Args)
	case SlotVar:
		count = 0
		if at.Expression != nil && s.Up == 0 {
			count = len(at.Expression.Vars)
		}
	case SlotLoop:
		if at.Composite == nil {
			v.failf(where, "reads the loop variable %.80q of a node that is no composite", s.Head)
		}
	}
	if s.Kind == SlotAgent && (at.Agent == nil || s.Up != 0) {
		v.failf(where, "reads %.80q of a node that is no agent", s.Head)
	}
	if count >= 0 && (s.Index < 0 || s.Index >= count) {
		v.failf(where, "reads %.80q as number %d of %d", s.Head, s.Index, count)
	}
}

// tree checks the parsed form of an expression: that it can be read, and that
// each name in it has a slot.
func (v *verifier) tree(where string, e *Expr) {
	tree, err := expr.Decode(e.Tree)
	if err != nil {
		v.failf(where, "has an expression whose parsed form cannot be read (%s)", err)
		return
	}
	if _, isTemplate := tree.(*expr.Template); isTemplate != (e.Mode == ModeTemplate) {
		v.failf(where, "has an expression whose parsed form is of another mode")
	}
	type head struct {
		name      string
		namespace bool
	}
	slots := make(map[head]struct{}, len(e.Slots))
	for i := range e.Slots {
		slots[head{e.Slots[i].Head, e.Slots[i].Namespace}] = struct{}{}
	}
	for _, r := range expr.Refs(tree) {
		if _, ok := slots[head{r.Head, r.Namespace}]; !ok {
			v.failf(where, "has an expression that reads %.80q, of which nothing is said", r.Head)
			return
		}
	}
}

// encodedType checks an encoded type; nil stands for any.
func (v *verifier) encodedType(where string, b []byte) {
	if b == nil {
		return
	}
	if _, err := expr.DecodeType(b); err != nil {
		v.failf(where, "has a type that cannot be read (%s)", err)
	}
}
