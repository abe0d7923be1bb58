package expr

import (
	"fmt"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// Compile makes the program of an expression or mapping. It fails on a tree
// that did not parse without errors, or calls what does not exist.
func Compile(n Node, r Resolver) (*Program, error) {
	if t, ok := n.(*Template); ok {
		p, err := CompileTemplate(t, r)
		if err != nil {
			return nil, err
		}
		return p.program(), nil
	}
	c := &compiler{r: r, scope: &locals{}}
	fn := c.expr(n)
	if c.err != nil {
		return nil, c.err
	}
	return &Program{eval: fn, locals: c.count}, nil
}

// program is the template as an expression: EvalValue.
func (p *TemplateProgram) program() *Program {
	if p.single != nil {
		return &Program{eval: p.single, locals: p.locals}
	}
	return &Program{locals: p.locals, eval: func(fr *frame) (value.Value, *EvalError) {
		start := len(fr.out)
		if err := p.exec(fr); err != nil {
			return value.Null, err
		}
		return fr.textFrom(start), nil
	}}
}

// CompileError is why a tree has no program.
type CompileError struct {
	Span source.Span // in the text
	Msg  string
}

// Error is the message with the place in the text.
func (e *CompileError) Error() string { return fmt.Sprintf("%s (byte %d)", e.Msg, e.Span.Start) }

// compiler turns a tree into closures. Errors are the tree's: a parsed tree
// without diagnostics has none.
type compiler struct {
	r      Resolver
	strict bool // in a template: fields that do not exist are errors
	scope  *locals
	count  int // of local variables
	// kept are the variables that outlive an iteration, for each {% for %}
	// around the place.
	kept [][]int
	err  error
}

func (c *compiler) fail(n Node, format string, args ...any) evalFn {
	if c.err == nil {
		c.err = &CompileError{n.Span(), fmt.Sprintf(format, args...)}
	}
	return func(*frame) (value.Value, *EvalError) { return value.Null, nil }
}

// local is a new variable.
func (c *compiler) local() int {
	c.count++
	return c.count - 1
}

// expr compiles n where its value has to exist.
func (c *compiler) expr(n Node) evalFn { return c.node(n, false) }

// node compiles n. miss says that the value may be Missing: the place has a
// use for that.
func (c *compiler) node(n Node, miss bool) evalFn {
	if c.err != nil {
		return nil
	}
	switch n := n.(type) {
	case *Literal:
		v := n.Value
		return func(*frame) (value.Value, *EvalError) { return v, nil }
	case *Name:
		return c.name(n, n.Ident, false, miss)
	case *Namespace:
		return c.name(n, n.Ident, true, miss)
	case *Attr:
		return c.attr(n, miss)
	case *Index:
		return c.index(n, miss)
	case *Slice:
		return c.slice(n, miss)
	case *Call:
		if n.X != nil {
			return c.method(n, miss)
		}
		return c.call(n, miss)
	case *Unary:
		return c.unary(n)
	case *Binary:
		return c.binary(n)
	case *Compare:
		return c.compare(n)
	case *Cond:
		return c.cond(n, miss)
	case *List:
		return c.sequence(n, n.Items, value.List)
	case *Tuple:
		return c.sequence(n, n.Items, value.Tuple)
	case *Dict:
		return c.dict(n)
	case *Comp:
		return c.comp(n)
	case *Filter:
		return c.filter(n, miss)
	case *Is:
		return c.is(n)
	case *Template:
		return c.block(n)
	case *Bad:
		return c.fail(n, "the expression has a part that could not be parsed")
	case nil:
		c.err = fmt.Errorf("the expression is incomplete")
		return nil
	}
	return c.fail(n, "a %T cannot stand in an expression", n)
}

func (c *compiler) unary(n *Unary) evalFn {
	if n.Op == OpNot {
		test := c.test(n.X)
		return func(fr *frame) (value.Value, *EvalError) {
			b, err := test(fr)
			return value.Bool(!b), err
		}
	}
	x := c.expr(n.X)
	op := value.Neg
	switch n.Op {
	case OpNeg:
	case OpPos:
		op = value.Pos
	default:
		return c.fail(n, "`%s` is no sign", n.Op)
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		out, e := op(v)
		if e != nil {
			return value.Null, failed(n, e)
		}
		return out, nil
	}
}

// test compiles a place where only the truth of n counts. In a template a path
// there may be missing, which is false.
func (c *compiler) test(n Node) testFn {
	if c.strict {
		return c.condition(n)
	}
	switch n := n.(type) {
	case *Compare:
		return c.compareTest(n)
	case *Unary:
		if n.Op == OpNot {
			x := c.test(n.X)
			return func(fr *frame) (bool, *EvalError) {
				b, err := x(fr)
				return err == nil && !b, err
			}
		}
	case *Binary:
		if n.Op == OpAnd || n.Op == OpOr {
			return c.either(n, c.test)
		}
	}
	x := c.expr(n)
	return func(fr *frame) (bool, *EvalError) {
		v, err := x(fr)
		return err == nil && value.Truthy(v), err
	}
}

// condition is test in a template, see guard.go.
func (c *compiler) condition(n Node) testFn {
	switch n := n.(type) {
	case *Unary:
		if n.Op == OpNot {
			x := c.condition(n.X)
			return func(fr *frame) (bool, *EvalError) {
				b, err := x(fr)
				return err == nil && !b, err
			}
		}
	case *Binary:
		if n.Op == OpAnd || n.Op == OpOr {
			return c.either(n, c.condition)
		}
	case *Compare:
		return c.compareTest(n)
	}
	x := c.node(n, true)
	return func(fr *frame) (bool, *EvalError) {
		v, err := x(fr)
		return err == nil && !v.IsMissing() && value.Truthy(v), err
	}
}

// either is `x and y` or `x or y` where only their truth counts.
func (c *compiler) either(n *Binary, compile func(Node) testFn) testFn {
	x, y := compile(n.X), compile(n.Y)
	isOr := n.Op == OpOr
	return func(fr *frame) (bool, *EvalError) {
		b, err := x(fr)
		if err != nil || b == isOr {
			return b, err
		}
		return y(fr)
	}
}

func (c *compiler) cond(n *Cond, miss bool) evalFn {
	test, then := c.test(n.Test), c.node(n.Then, miss)
	els := func(*frame) (value.Value, *EvalError) {
		if miss {
			return value.Missing, nil
		}
		return value.Null, nil
	}
	if n.Else != nil {
		els = c.node(n.Else, miss)
	} else if !c.strict {
		return c.fail(n, "`if` needs an `else` part")
	}
	return func(fr *frame) (value.Value, *EvalError) {
		b, err := test(fr)
		if err != nil {
			return value.Null, err
		}
		if b {
			return then(fr)
		}
		return els(fr)
	}
}

func (c *compiler) sequence(n Node, items []Node, make func([]value.Value) value.Value) evalFn {
	if list, ok := constants(items); ok {
		v := make(list)
		return func(*frame) (value.Value, *EvalError) { return v, nil }
	}
	fns := c.all(items)
	return func(fr *frame) (value.Value, *EvalError) {
		base := len(fr.stack)
		for _, fn := range fns {
			v, err := fn(fr)
			if err != nil {
				fr.pop(base)
				return v, err
			}
			fr.stack = append(fr.stack, v)
		}
		return fr.collect(base, n, make)
	}
}

// constants are the values of literals; ok is false if a node is something else.
func constants(nodes []Node) (list []value.Value, ok bool) {
	for _, n := range nodes {
		l, ok := n.(*Literal)
		if !ok {
			return nil, false
		}
		list = append(list, l.Value)
	}
	return list, true
}

// collect makes a sequence of what stands on the stack above base.
func (fr *frame) collect(base int, n Node, make func([]value.Value) value.Value) (value.Value, *EvalError) {
	list := append([]value.Value(nil), fr.stack[base:]...)
	fr.pop(base)
	v := make(list)
	if v.Depth() > maxValueDepth {
		return value.Null, evalErrorf(ErrLimit, n, "", "the value is nested more than %d levels deep", maxValueDepth)
	}
	return v, fr.product(v, n)
}

func (c *compiler) all(nodes []Node) []evalFn {
	fns := make([]evalFn, len(nodes))
	for i, n := range nodes {
		fns[i] = c.expr(n)
	}
	return fns
}

func (c *compiler) dict(n *Dict) evalFn {
	keys, vals := c.all(n.Keys), c.all(n.Values)
	return func(fr *frame) (value.Value, *EvalError) {
		o := value.NewObject(len(keys))
		for i := range keys {
			k, err := keys[i](fr)
			if err != nil {
				return k, err
			}
			v, err := vals[i](fr)
			if err != nil {
				return v, err
			}
			if err := fr.whole(k, n); err != nil {
				return v, err
			}
			if err := o.SetKey(k, v); err != nil {
				return value.Null, failed(n.Keys[i], err)
			}
		}
		return fr.object(o, n)
	}
}

func (fr *frame) object(o *value.Object, n Node) (value.Value, *EvalError) {
	v := o.Value()
	if v.Depth() > maxValueDepth {
		return value.Null, evalErrorf(ErrLimit, n, "", "the value is nested more than %d levels deep", maxValueDepth)
	}
	return v, fr.product(v, n)
}
