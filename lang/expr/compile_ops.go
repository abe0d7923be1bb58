package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

func (c *compiler) binary(n *Binary) evalFn {
	switch n.Op {
	case OpAnd, OpOr:
		return c.logic(n)
	case OpConcat:
		return c.concat(n)
	}
	x, y := c.operand(n.X), c.operand(n.Y)
	if c.err != nil {
		return nil
	}
	// Each operator has a closure of its own: a call that the compiler of Go can
	// see through takes half as long as one of a variable.
	switch n.Op {
	case OpAdd:
		return func(fr *frame) (value.Value, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return a, err
			}
			out, e := value.Add(a, b)
			if e != nil {
				return value.Null, failedOn(n, a, b, e)
			}
			return fr.computed(n, out)
		}
	case OpSub:
		return func(fr *frame) (value.Value, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return a, err
			}
			out, e := value.Sub(a, b)
			if e != nil {
				return value.Null, failedOn(n, a, b, e)
			}
			return fr.computed(n, out)
		}
	case OpMul:
		return func(fr *frame) (value.Value, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return a, err
			}
			out, e := value.Mul(a, b)
			if e != nil {
				return value.Null, failedOn(n, a, b, e)
			}
			return fr.computed(n, out)
		}
	case OpDiv:
		return func(fr *frame) (value.Value, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return a, err
			}
			out, e := value.Div(a, b)
			if e != nil {
				return value.Null, failedOn(n, a, b, e)
			}
			return fr.computed(n, out)
		}
	case OpMod:
		return func(fr *frame) (value.Value, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return a, err
			}
			out, e := modulo(fr, n, a, b)
			if e != nil {
				return value.Null, failedOn(n, a, b, e)
			}
			return fr.computed(n, out)
		}
	case OpFloorDiv, OpPow:
		op := value.FloorDiv
		if n.Op == OpPow {
			op = value.Pow
		}
		return func(fr *frame) (value.Value, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return a, err
			}
			out, e := op(a, b)
			if e != nil {
				return value.Null, failedOn(n, a, b, e)
			}
			return fr.computed(n, out)
		}
	}
	return c.fail(n, "`%s` is no operator of two values", n.Op)
}

// both computes two operands, the left one first.
func (fr *frame) both(x, y *operand) (a, b value.Value, err *EvalError) {
	if a, err = x.get(fr); err != nil {
		return a, b, err
	}
	b, err = y.get(fr)
	return a, b, err
}

// computed is the result of an operation, paid for.
func (fr *frame) computed(n Node, out value.Value) (value.Value, *EvalError) {
	fr.steps++
	if out.IsScalar() {
		return out, nil
	}
	if err := fr.product(out, n); err != nil {
		return value.Null, err
	}
	return out, nil
}

// modulo is a % b, also of a text, which it formats as C's printf does.
func modulo(fr *frame, n Node, a, b value.Value) (value.Value, error) {
	if s, ok := a.AsString(); ok {
		if err := fr.noSecret(b, n); err != nil {
			return value.Null, err
		}
		return percentFormat(s, b, nil)
	}
	return value.Mod(a, b)
}

func (c *compiler) logic(n *Binary) evalFn {
	isOr := n.Op == OpOr
	if cmp, ok := n.X.(*Compare); ok {
		test, y := c.compareTest(cmp), c.expr(n.Y)
		return func(fr *frame) (value.Value, *EvalError) {
			b, err := test(fr)
			if err != nil || b == isOr {
				return value.Bool(b), err
			}
			return y(fr)
		}
	}
	x, y := c.expr(n.X), c.expr(n.Y)
	return func(fr *frame) (value.Value, *EvalError) {
		a, err := x(fr)
		if err != nil || value.Truthy(a) == isOr {
			return a, err
		}
		return y(fr)
	}
}

// concat joins the texts of a chain of ~.
func (c *compiler) concat(n *Binary) evalFn {
	var parts []Node
	var flatten func(Node)
	flatten = func(m Node) {
		if b, ok := m.(*Binary); ok && b.Op == OpConcat {
			flatten(b.X)
			flatten(b.Y)
			return
		}
		parts = append(parts, m)
	}
	flatten(n)
	fns := c.all(parts)
	return func(fr *frame) (value.Value, *EvalError) {
		var b strings.Builder
		for i, fn := range fns {
			v, err := fn(fr)
			if err != nil {
				return v, err
			}
			s, err := fr.text(v, parts[i])
			if err != nil {
				return value.Null, err
			}
			if b.Len()+len(s) > value.MaxStringBytes {
				return value.Null, evalErrorf(ErrLimit, n, "", "the text is longer than %d MiB", value.MaxStringBytes>>20)
			}
			b.WriteString(s)
		}
		out := value.String(b.String())
		return out, fr.product(out, n)
	}
}

// text is the text of a value in a template: Python's str.
func (fr *frame) text(v value.Value, at Node) (string, *EvalError) {
	switch v.Kind() {
	case value.KindString:
		s, _ := v.AsString()
		return s, nil
	case value.KindMissing:
		return "", evalErrorf(ErrMissing, at, "", "%s does not exist", quoted(at))
	}
	if err := fr.noSecret(v, at); err != nil {
		return "", err
	}
	s, err := value.ToStr(v)
	if err != nil {
		return "", failed(at, err)
	}
	text, _ := s.AsString()
	return text, fr.made(int64(len(text)), at)
}

// HoldsSecret reports whether a handle to a secret is somewhere in v.
func HoldsSecret(v value.Value) bool {
	switch v.Kind() {
	case value.KindSecret:
		return true
	case value.KindList, value.KindTuple, value.KindSet:
		for _, it := range v.Items() {
			if HoldsSecret(it) {
				return true
			}
		}
	case value.KindObject:
		o, _ := v.Object()
		for i := range o.Len() {
			if k, x := o.At(i); HoldsSecret(x) || HoldsSecret(k) {
				return true
			}
		}
	}
	return false
}

func (c *compiler) compare(n *Compare) evalFn {
	test := c.compareTest(n)
	return func(fr *frame) (value.Value, *EvalError) {
		b, err := test(fr)
		return value.Bool(b), err
	}
}

// compareTest compiles a chain of comparisons. Values whose types have no order
// compare as false, and so does the whole chain.
func (c *compiler) compareTest(n *Compare) testFn {
	if len(n.Ops) == 0 || len(n.Ops) != len(n.Rest) {
		c.fail(n, "a comparison is incomplete")
		return nil
	}
	if len(n.Rest) == 1 {
		op, x, y := n.Ops[0], c.operand(n.First), c.operand(n.Rest[0])
		return func(fr *frame) (bool, *EvalError) {
			a, b, err := fr.both(&x, &y)
			if err != nil {
				return false, err
			}
			return fr.compare(n, op, a, b)
		}
	}
	first, rest := c.expr(n.First), c.all(n.Rest)
	return func(fr *frame) (bool, *EvalError) {
		a, err := first(fr)
		if err != nil {
			return false, err
		}
		for i, fn := range rest {
			b, err := fn(fr)
			if err != nil {
				return false, err
			}
			if ok, err := fr.compare(n, n.Ops[i], a, b); err != nil || !ok {
				return false, err
			}
			a = b
		}
		return true, nil
	}
}

// comparing pays for a comparison.
func (fr *frame) comparing(n *Compare, op Op, a, b value.Value) *EvalError {
	switch {
	case op == OpIs || op == OpIsNot:
		return nil
	case op == OpIn || op == OpNotIn:
		if err := fr.whole(a, n); err != nil {
			return err
		}
		if k := b.Kind(); k == value.KindObject || k == value.KindSet || k == value.KindRange {
			return nil // one look, whatever the size
		}
		return fr.whole(b, n)
	case a.Size() < b.Size():
		return fr.whole(a, n)
	}
	return fr.whole(b, n)
}

func (fr *frame) compare(n *Compare, op Op, a, b value.Value) (bool, *EvalError) {
	fr.steps++
	if !a.IsScalar() || !b.IsScalar() {
		if err := fr.comparing(n, op, a, b); err != nil {
			return false, err
		}
	}
	if a.Kind() == value.KindSecret || b.Kind() == value.KindSecret {
		if a.IsNull() || b.IsNull() { // whether there is one is no secret
			return op == OpNe || op == OpIsNot, nil
		}
		return false, evalErrorf(ErrSecret, n, "compare something else", "a secret cannot be compared")
	}
	var out bool
	var err error
	switch op {
	case OpEq:
		return value.Equal(a, b), nil
	case OpNe:
		return !value.Equal(a, b), nil
	case OpIs:
		return value.Identical(a, b), nil
	case OpIsNot:
		return !value.Identical(a, b), nil
	case OpLt:
		if a.IsNull() || b.IsNull() {
			return false, nil
		}
		out, err = value.Less(a, b)
	case OpLe:
		if a.IsNull() || b.IsNull() {
			return false, nil
		}
		out, err = value.LessEqual(a, b)
	case OpGt:
		if a.IsNull() || b.IsNull() {
			return false, nil
		}
		out, err = value.Greater(a, b)
	case OpGe:
		if a.IsNull() || b.IsNull() {
			return false, nil
		}
		out, err = value.GreaterEqual(a, b)
	case OpIn, OpNotIn:
		if b.IsNull() {
			return false, nil
		}
		if out, err = value.Contains(b, a); op == OpNotIn {
			out = !out
		}
	default:
		return false, evalErrorf(ErrType, n, "", "`%s` is no comparison", op)
	}
	if err != nil {
		if value.Is(err, value.TypeError) {
			return false, nil
		}
		return false, failed(n, err)
	}
	return out, nil
}
