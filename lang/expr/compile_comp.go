package expr

import (
	"hexdag.dev/hexdag/lang/value"
)

// targets gives the names of a loop new variables in scope and compiles their
// assignment.
func (c *compiler) targets(names []Name, scope *locals) func(fr *frame, v value.Value, at Node) *EvalError {
	vars := make([]int, len(names))
	for i, t := range names {
		vars[i] = c.local()
		scope.bind(t.Ident, vars[i])
	}
	if len(vars) == 1 {
		i := vars[0]
		return func(fr *frame, v value.Value, _ Node) *EvalError {
			fr.locals[i] = v
			return nil
		}
	}
	return func(fr *frame, v value.Value, at Node) *EvalError {
		if n, ok := v.Len(); ok && v.Kind() == value.KindRange && n > len(vars) {
			return failed(at, tooMany(len(vars)))
		}
		items, err := value.Iterate(v)
		switch {
		case err != nil:
			return failed(at, typeErrorf("cannot unpack non-iterable %s object", v.TypeName()))
		case len(items) > len(vars):
			return failed(at, tooMany(len(vars)))
		case len(items) < len(vars):
			return failed(at, valueErrorf("not enough values to unpack (expected %d, got %d)", len(vars), len(items)))
		}
		for k, i := range vars {
			fr.locals[i] = items[k]
		}
		return nil
	}
}

func tooMany(want int) error {
	return valueErrorf("too many values to unpack (expected %d)", want)
}

// comp compiles a comprehension: nested loops that push elements on the stack.
func (c *compiler) comp(n *Comp) evalFn {
	if n.Of == ListComp && len(n.Clauses) == 1 && len(n.Clauses[0].Targets) == 1 {
		return c.plainComp(n)
	}
	outer := c.scope
	type clause struct {
		iter   evalFn
		assign func(*frame, value.Value, Node) *EvalError
		ifs    []testFn
		at     Node
	}
	clauses := make([]clause, len(n.Clauses))
	for i, f := range n.Clauses {
		clauses[i].iter = c.expr(f.Iter)
		clauses[i].at = f.Iter
		if i == 0 {
			c.scope = outer.inner()
		}
		clauses[i].assign = c.targets(f.Targets, c.scope)
		for _, t := range f.Ifs {
			clauses[i].ifs = append(clauses[i].ifs, c.test(t))
		}
	}
	key := c.expr(n.Key)
	var val evalFn
	if n.Value != nil {
		val = c.expr(n.Value)
	}
	c.scope = outer

	loop := execFn(func(fr *frame) *EvalError {
		k, err := key(fr)
		if err != nil {
			return err
		}
		fr.stack = append(fr.stack, k)
		if n.Of != ListComp { // keys are hashed
			if err := fr.whole(k, n); err != nil {
				return err
			}
		}
		if val == nil {
			return nil
		}
		v, err := val(fr)
		fr.stack = append(fr.stack, v)
		return err
	})
	for i := len(clauses) - 1; i >= 0; i-- {
		cl, body := clauses[i], loop
		loop = func(fr *frame) *EvalError {
			v, err := cl.iter(fr)
			if err != nil {
				return err
			}
			var cur cursor
			if e := cur.begin(v); e != nil {
				return failed(cl.at, e)
			}
		items:
			for {
				it, ok := cur.next()
				if !ok {
					return nil
				}
				if err := fr.spend(1, n); err != nil {
					return err
				}
				if err := cl.assign(fr, it, cl.at); err != nil {
					return err
				}
				for _, t := range cl.ifs {
					if ok, err := t(fr); err != nil {
						return err
					} else if !ok {
						continue items
					}
				}
				before := len(fr.stack)
				if err := body(fr); err != nil {
					return err
				}
				if len(fr.stack) > before {
					if err := fr.made(24*int64(len(fr.stack)-before), n); err != nil {
						return err
					}
				}
			}
		}
	}
	if len(clauses) == 0 {
		return c.fail(n, "a comprehension has no loop")
	}
	return func(fr *frame) (value.Value, *EvalError) {
		base := len(fr.stack)
		if err := loop(fr); err != nil {
			fr.pop(base)
			return value.Null, err
		}
		switch n.Of {
		case ListComp:
			return fr.collect(base, n, value.List)
		case SetComp:
			s, err := value.Set(fr.stack[base:])
			fr.pop(base)
			if err != nil {
				return value.Null, failed(n, err)
			}
			return s, fr.product(s, n)
		}
		pairs := fr.stack[base:]
		o := value.NewObject(len(pairs) / 2)
		for i := 0; i+1 < len(pairs); i += 2 {
			if err := o.SetKey(pairs[i], pairs[i+1]); err != nil {
				fr.pop(base)
				return value.Null, failed(n.Key, err)
			}
		}
		fr.pop(base)
		return fr.object(o, n)
	}
}

// plainComp is comp for [key for name in iter if …], which most are.
func (c *compiler) plainComp(n *Comp) evalFn {
	outer, clause := c.scope, n.Clauses[0]
	iter := c.expr(clause.Iter)
	c.scope = outer.inner()
	slot := c.local()
	c.scope.bind(clause.Targets[0].Ident, slot)
	var ifs []testFn
	for _, t := range clause.Ifs {
		ifs = append(ifs, c.test(t))
	}
	key := c.expr(n.Key)
	c.scope = outer
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := iter(fr)
		if err != nil {
			return v, err
		}
		var cur cursor
		if e := cur.begin(v); e != nil {
			return value.Null, failed(clause.Iter, e)
		}
		base := len(fr.stack)
	items:
		for {
			it, ok := cur.next()
			if !ok {
				break
			}
			if fr.steps++; fr.steps > fr.maxSteps {
				fr.pop(base)
				return value.Null, fr.tooManySteps(n)
			}
			fr.locals[slot] = it
			for _, t := range ifs {
				if ok, err := t(fr); err != nil {
					fr.pop(base)
					return value.Null, err
				} else if !ok {
					continue items
				}
			}
			k, err := key(fr)
			if err == nil {
				if fr.bytes += valueBytes; fr.bytes > fr.maxBytes {
					err = fr.made(0, n)
				}
			}
			if err != nil {
				fr.pop(base)
				return value.Null, err
			}
			fr.stack = append(fr.stack, k)
		}
		return fr.collect(base, n, value.List)
	}
}

// valueBytes is what one value takes in a list.
const valueBytes = 24

// locals are the variables that a text binds itself, at one place of it; the
// compiler's side of names.
type locals struct {
	outer *locals
	vars  map[string]localVar
	loop  *loopState // of a {% for %} body
}

type localVar struct {
	slot  int
	maybe bool // set in some branch only
}

func (l *locals) inner() *locals { return &locals{outer: l} }

func (l *locals) put(name string, v localVar) {
	if l.vars == nil {
		l.vars = map[string]localVar{}
	}
	l.vars[name] = v
}

func (l *locals) bind(name string, slot int) { l.put(name, localVar{slot: slot}) }

// find is the variables that a name can stand for, innermost first. sure says
// that the last one is set always, so that the program's scope is not asked.
func (l *locals) find(name string) (slots []int, sure bool) {
	for s := l; s != nil; s = s.outer {
		if v, ok := s.vars[name]; ok {
			slots = append(slots, v.slot)
			if !v.maybe {
				return slots, true
			}
		}
	}
	return slots, false
}
