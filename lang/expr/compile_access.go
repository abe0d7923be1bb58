package expr

import (
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// missing is the error of reading a name that does not exist.
func (c *compiler) missing(fr *frame, n Node, head string, namespace bool) *EvalError {
	shown := key(head, namespace)
	e := evalErrorf(ErrMissing, n, "", "`%s` does not exist here", shown)
	e.Missing = head
	e.Help = "write default(" + shown + ", …) if it may be missing"
	if c.strict {
		e.Help = "write {{ " + shown + " | default('…') }} if it may be missing"
	}
	if named, ok := fr.env.(Namer); ok && !namespace {
		if best := suggest.Best(head, named.Names()); best != "" {
			e.Help = "did you mean `" + best + "`? If it may be missing, " + e.Help
		}
	}
	return e
}

func (c *compiler) name(n Node, head string, namespace, miss bool) evalFn {
	outer := func() evalFn {
		slot := -1
		if c.r != nil {
			slot = c.r.Slot(head, namespace)
		}
		if slot < 0 {
			return func(fr *frame) (value.Value, *EvalError) {
				if miss {
					return value.Missing, nil
				}
				return value.Null, c.missing(fr, n, head, namespace)
			}
		}
		return func(fr *frame) (value.Value, *EvalError) {
			v := fr.env.Load(slot)
			if v.IsMissing() && !miss {
				return value.Null, c.missing(fr, n, head, namespace)
			}
			return v, nil
		}
	}
	if namespace {
		return outer()
	}
	if head == "loop" {
		if l := c.loop(); l != nil {
			return l.whole(n)
		}
	}
	vars, sure := c.scope.find(head)
	if len(vars) == 1 && sure {
		i := vars[0]
		return func(fr *frame) (value.Value, *EvalError) { return fr.locals[i], nil }
	}
	if len(vars) == 0 {
		return outer()
	}
	// set in some branch only: the innermost variable that is set, else the
	// scope's own
	var rest evalFn
	if !sure {
		rest = outer()
	}
	return func(fr *frame) (value.Value, *EvalError) {
		for _, i := range vars {
			if v := fr.locals[i]; !v.IsMissing() {
				return v, nil
			}
		}
		if rest != nil {
			return rest(fr)
		}
		return value.Missing, nil
	}
}

// absent is what reading a field that is not there gives.
func (c *compiler) absent(n Node, x value.Value, name string, miss bool) (value.Value, *EvalError) {
	if !c.strict {
		if miss && x.IsMissing() {
			return value.Missing, nil
		}
		return value.Null, nil
	}
	if miss {
		return value.Missing, nil
	}
	what := "`" + name + "`"
	if a, ok := n.(*Attr); ok {
		switch {
		case x.IsNull():
			return value.Null, evalErrorf(ErrMissingField, n, "write {{ "+Print(n)+" | default('…') }} if it may be missing", "%s is null and has no field %s", quoted(a.X), what)
		case x.Kind() == value.KindObject:
			help := "write {{ " + Print(n) + " | default('…') }} if it may be missing"
			o, _ := x.Object()
			if best := suggest.Best(name, o.Keys()); best != "" {
				help = "did you mean `" + best + "`? If it may be missing, " + help
			}
			return value.Null, evalErrorf(ErrMissingField, n, help, "%s has no field %s", quoted(a.X), what)
		}
		return value.Null, evalErrorf(ErrMissingField, n, "", "%s has no field %s, it is of type %s", quoted(a.X), what, x.TypeName())
	}
	return value.Null, evalErrorf(ErrMissingField, n, "write {{ "+Print(n)+" | default('…') }} if it may be missing", "%s does not exist", quoted(n))
}

func (c *compiler) attr(n *Attr, miss bool) evalFn {
	if n.Name == "" {
		return c.fail(n, "a field name is missing")
	}
	if x, ok := n.X.(*Name); ok && x.Ident == "loop" {
		if l := c.loop(); l != nil {
			return l.field(c, n, miss)
		}
	}
	if fn, ok := c.pathOf(n, miss); ok {
		return fn
	}
	x := c.node(n.X, miss)
	name := n.Name
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		if out, ok := attr(v, name); ok {
			return out, nil
		}
		return c.absent(n, v, name, miss)
	}
}

func (c *compiler) index(n *Index, miss bool) evalFn {
	x, k := c.node(n.X, miss), c.expr(n.Key)
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		key, err := k(fr)
		if err != nil {
			return v, err
		}
		if err := fr.whole(key, n); err != nil {
			return v, err
		}
		out, ok, e := subscript(v, key)
		switch {
		case ok:
			return out, nil
		case e != nil:
			return value.Null, failed(n, e)
		}
		return c.absent(n, v, "", miss)
	}
}

func (c *compiler) slice(n *Slice, miss bool) evalFn {
	x := c.node(n.X, miss)
	var parts [3]evalFn
	for i, k := range []Node{n.Lo, n.Hi, n.Step} {
		if k != nil {
			parts[i] = c.expr(k)
		}
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil || v.IsMissing() {
			return v, err
		}
		var at [3]value.Value // null: absent
		for i, p := range parts {
			if p != nil {
				if at[i], err = p(fr); err != nil {
					return v, err
				}
			}
		}
		out, e := slice(v, at[0], at[1], at[2])
		if e != nil {
			return value.Null, failed(n, e)
		}
		if err := fr.product(out, n); err != nil {
			return value.Null, err
		}
		return out, nil
	}
}
