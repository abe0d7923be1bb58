package expr

import (
	"hexdag.dev/hexdag/lang/value"
)

// CompileTemplate makes the program of a template. It fails on a tree that did
// not parse without errors, or calls what does not exist.
func CompileTemplate(t *Template, r Resolver) (*TemplateProgram, error) {
	c := &compiler{r: r, strict: true, scope: &locals{}}
	p := &TemplateProgram{}
	if x, ok := t.Single(); ok {
		p.single = c.expr(x)
	}
	p.exec = c.template(t)
	p.locals = c.count
	if c.err != nil {
		return nil, c.err
	}
	return p, nil
}

// template compiles the parts of a template, which see each other's {% set %}.
func (c *compiler) template(t *Template) execFn {
	parts := make([]execFn, 0, len(t.Parts))
	for _, n := range t.Parts {
		if c.err != nil {
			return nil
		}
		parts = append(parts, c.part(n))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return func(fr *frame) *EvalError {
		for _, p := range parts {
			if err := p(fr); err != nil {
				return err
			}
		}
		return nil
	}
}

// write appends to the text of the template.
func (fr *frame) write(s string, at Node) *EvalError {
	if len(fr.out)+len(s) > fr.maxText {
		return evalErrorf(ErrLimit, at, "", "the text is longer than %d MiB", fr.maxText>>20)
	}
	fr.out = append(fr.out, s...)
	return nil
}

func (c *compiler) part(n Node) execFn {
	switch n := n.(type) {
	case *Raw:
		text := n.Text
		return func(fr *frame) *EvalError { return fr.write(text, n) }
	case *Output:
		return c.output(n)
	case *If:
		return c.ifStatement(n)
	case *For:
		return c.forStatement(n)
	case *Assign:
		return c.assign(n)
	case *Template:
		return c.template(n)
	}
	c.fail(n, "a template has a part that could not be parsed")
	return nil
}

func (c *compiler) output(n *Output) execFn {
	x := c.expr(n.X)
	if cond, ok := n.X.(*Cond); ok && cond.Else == nil {
		x = c.node(n.X, true) // `{{ 'a' if b }}` prints nothing if not b
	}
	return func(fr *frame) *EvalError {
		v, err := x(fr)
		if err != nil {
			return err
		}
		if v.IsMissing() {
			return nil
		}
		if v.Kind() == value.KindSecret {
			fr.secrets = append(fr.secrets, embedded{len(fr.out), v, n.X})
			return fr.made(v.Size(), n)
		}
		s, err := fr.text(v, n.X)
		if err != nil {
			return err
		}
		fr.steps++
		return fr.write(s, n)
	}
}

// block compiles {% set x %}…{% endset %}: the text of its body.
func (c *compiler) block(t *Template) evalFn {
	outer := c.scope
	c.scope = outer.inner()
	body := c.template(t)
	c.scope = outer
	return func(fr *frame) (value.Value, *EvalError) {
		start := len(fr.out)
		if err := body(fr); err != nil {
			return value.Null, err
		}
		v := fr.textFrom(start)
		return v, fr.product(v, t)
	}
}

func (c *compiler) assign(n *Assign) execFn {
	x := c.expr(n.X)
	if n.Field != "" {
		return c.assignField(n, x)
	}
	v, ok := c.scope.vars[n.Target.Ident]
	if !ok {
		v.slot = c.local()
	}
	c.scope.bind(n.Target.Ident, v.slot)
	i := v.slot
	return func(fr *frame) *EvalError {
		v, err := x(fr)
		if err != nil {
			return err
		}
		fr.locals[i] = v
		return fr.spend(1, n)
	}
}

// assignField gives the variable a copy of its value with another field.
func (c *compiler) assignField(n *Assign, x evalFn) execFn {
	slots, _ := c.scope.find(n.Target.Ident)
	if len(slots) == 0 {
		c.fail(n, "`%s` is not set before; write {%% set %s = dict() %%}", n.Target.Ident, n.Target.Ident)
		return nil
	}
	return func(fr *frame) *EvalError {
		v, err := x(fr)
		if err != nil {
			return err
		}
		for _, i := range slots {
			old := fr.locals[i]
			if old.IsMissing() {
				continue
			}
			o, ok := old.Object()
			if !ok {
				return evalErrorf(ErrType, &n.Target, "", "`%s` is of type %s and has no fields to set", n.Target.Ident, old.TypeName())
			}
			if err := fr.made(56*int64(o.Len()+1), n); err != nil {
				return err
			}
			o = o.Clone()
			o.Set(n.Field, v)
			fr.locals[i], err = fr.object(o, n)
			return err
		}
		return c.missing(fr, &n.Target, n.Target.Ident, false)
	}
}

func (c *compiler) ifStatement(n *If) execFn {
	outer := c.scope
	count := len(n.Tests)
	if n.Else != nil {
		count++
	}
	set := map[string]int{}     // in how many branches a name is set always
	slots := map[string][]int{} // its variables
	order := []string{}         // of the names, for equal programs every time
	branch := func(t *Template) execFn {
		c.scope = outer.inner()
		fn := c.template(t)
		for name, v := range c.scope.vars {
			if len(slots[name]) == 0 {
				order = append(order, name)
			}
			slots[name] = append(slots[name], v.slot)
			if !v.maybe {
				set[name]++
			}
		}
		c.scope = outer
		return fn
	}
	tests := make([]testFn, len(n.Tests))
	bodies := make([]execFn, len(n.Tests))
	for i := range n.Tests {
		tests[i] = c.condition(n.Tests[i])
		bodies[i] = branch(n.Bodies[i])
	}
	var els execFn
	if n.Else != nil {
		els = branch(n.Else)
	}
	// what the branches set goes on after them under one variable
	type move struct {
		from []int
		to   int
	}
	var moves []move
	for _, name := range order {
		v, known := outer.vars[name]
		if !known {
			v = localVar{slot: c.local(), maybe: true}
		}
		if n.Else != nil && set[name] == count {
			v.maybe = false
		}
		outer.put(name, v)
		moves = append(moves, move{slots[name], v.slot})
	}
	leave := func(fr *frame) *EvalError {
		for _, m := range moves {
			for _, from := range m.from {
				if v := fr.locals[from]; !v.IsMissing() {
					fr.locals[m.to] = v
					fr.locals[from] = value.Missing
				}
			}
		}
		return nil
	}
	return func(fr *frame) *EvalError {
		body := els
		for i, t := range tests {
			ok, err := t(fr)
			if err != nil {
				return err
			}
			if ok {
				body = bodies[i]
				break
			}
		}
		if body == nil {
			return fr.spend(1, n)
		}
		if err := body(fr); err != nil {
			return err
		}
		return leave(fr)
	}
}
