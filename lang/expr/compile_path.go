package expr

import (
	"sync/atomic"

	"hexdag.dev/hexdag/lang/value"
)

// fieldPath is a chain of fields, x.a.b, read in one go: most of what manifests
// evaluate is such a chain.
type fieldPath struct {
	c     *compiler
	steps []step
	plain bool // what is not there is null, wherever in the chain
	miss  bool
}

type step struct {
	n *Attr
	// guess is where the field stood in the last object: the objects that one
	// place of a text reads mostly have the same fields in the same order.
	guess *atomic.Int32
}

// pathOf compiles n and the attributes under it; ok is false if one of them is
// something else than a field.
func (c *compiler) pathOf(n *Attr, miss bool) (fn evalFn, ok bool) {
	p := &fieldPath{c: c, plain: !c.strict && !miss, miss: miss}
	root := Node(n)
	for {
		a, isAttr := root.(*Attr)
		if !isAttr {
			break
		}
		if x, isName := a.X.(*Name); a.Name == "" || isName && x.Ident == "loop" && c.loop() != nil {
			return nil, false
		}
		p.steps = append(p.steps, step{a, new(atomic.Int32)})
		root = a.X
	}
	for i, j := 0, len(p.steps)-1; i < j; i, j = i+1, j-1 {
		p.steps[i], p.steps[j] = p.steps[j], p.steps[i]
	}
	if i, isLocal := c.localOf(root); isLocal {
		return func(fr *frame) (value.Value, *EvalError) { return p.walk(fr.locals[i]) }, true
	}
	x := c.node(root, miss)
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		return p.walk(v)
	}, true
}

// localOf is the variable of the text that n always is.
func (c *compiler) localOf(n Node) (slot int, ok bool) {
	x, ok := n.(*Name)
	if !ok || x.Ident == "loop" {
		return 0, false
	}
	vars, sure := c.scope.find(x.Ident)
	if len(vars) != 1 || !sure {
		return 0, false
	}
	return vars[0], true
}

// walk reads the fields from v on.
func (p *fieldPath) walk(v value.Value) (value.Value, *EvalError) {
	for i := range p.steps {
		s := &p.steps[i]
		var next value.Value
		found := false
		if o, ok := v.Object(); ok {
			guess := int(s.guess.Load())
			var at int
			next, at = o.Find(s.n.Name, guess)
			if found = at >= 0; found && at != guess {
				s.guess.Store(int32(at))
			}
		} else {
			next, found = attr(v, s.n.Name)
		}
		switch {
		case found:
			v = next
		case p.plain:
			v = value.Null
		default:
			var err *EvalError
			if v, err = p.c.absent(s.n, v, s.n.Name, p.miss); err != nil {
				return v, err
			}
		}
	}
	return v, nil
}

// operand is one side of an operation: a constant, or what computes it.
type operand struct {
	fn evalFn // nil for a constant
	v  value.Value
}

func (c *compiler) operand(n Node) operand {
	if l, ok := n.(*Literal); ok {
		return operand{v: l.Value}
	}
	return operand{fn: c.expr(n)}
}

func (o *operand) get(fr *frame) (value.Value, *EvalError) {
	if o.fn == nil {
		return o.v, nil
	}
	return o.fn(fr)
}
