package expr

import (
	"slices"

	"hexdag.dev/hexdag/lang/value"
)

// loopState is the variables of a {% for %} behind the name `loop`.
type loopState struct {
	index, length int // numbers from 0, and how many
	prev, next    int // items; Missing at the ends
}

// loop is the innermost {% for %} around the place, unless `loop` is a variable
// there.
func (c *compiler) loop() *loopState {
	for s := c.scope; s != nil; s = s.outer {
		if _, shadowed := s.vars["loop"]; shadowed {
			return nil
		}
		if s.loop != nil {
			return s.loop
		}
	}
	return nil
}

var loopFields = []string{"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem", "depth", "depth0"}

// get is loop.name.
func (l *loopState) get(fr *frame, name string) (value.Value, bool) {
	i, _ := fr.locals[l.index].AsInt()
	n, _ := fr.locals[l.length].AsInt()
	switch name {
	case "index":
		return value.Int(i + 1), true
	case "index0":
		return value.Int(i), true
	case "revindex":
		return value.Int(n - i), true
	case "revindex0":
		return value.Int(n - i - 1), true
	case "first":
		return value.Bool(i == 0), true
	case "last":
		return value.Bool(i == n-1), true
	case "length":
		return value.Int(n), true
	case "previtem":
		v := fr.locals[l.prev]
		return v, !v.IsMissing()
	case "nextitem":
		v := fr.locals[l.next]
		return v, !v.IsMissing()
	case "depth":
		return value.Int(1), true
	case "depth0":
		return value.Int(0), true
	}
	return value.Missing, false
}

func (l *loopState) field(c *compiler, n *Attr, miss bool) evalFn {
	name := n.Name
	return func(fr *frame) (value.Value, *EvalError) {
		v, ok := l.get(fr, name)
		switch {
		case ok:
			return v, nil
		case miss:
			return value.Missing, nil
		case name == "previtem" || name == "nextitem":
			return value.Null, evalErrorf(ErrMissingField, n, "test loop.first or loop.last, or write {{ loop."+name+" | default('…') }}", "`loop.%s` does not exist at this end of the loop", name)
		}
		return value.Null, evalErrorf(ErrMissingField, n, "", "`loop` has no field `%s`", name)
	}
}

// whole is `loop` as a value: an object of its fields.
func (l *loopState) whole(n Node) evalFn {
	return func(fr *frame) (value.Value, *EvalError) {
		o := value.NewObject(len(loopFields))
		for _, name := range loopFields {
			if v, ok := l.get(fr, name); ok {
				o.Set(name, v)
			}
		}
		return fr.object(o, n)
	}
}

// call compiles loop.cycle(a, b) and loop.changed(x).
func (l *loopState) call(c *compiler, n *Call) evalFn {
	if len(n.Keywords) > 0 || len(n.Args) == 0 {
		return c.fail(n, "loop.%s() takes values", n.Func)
	}
	args := c.all(n.Args)
	if n.Func == "cycle" {
		return func(fr *frame) (value.Value, *EvalError) {
			i, _ := fr.locals[l.index].AsInt()
			return args[i%int64(len(args))](fr)
		}
	}
	last := c.local() // what the call saw last
	c.kept[len(c.kept)-1] = append(c.kept[len(c.kept)-1], last)
	return func(fr *frame) (value.Value, *EvalError) {
		base := len(fr.stack)
		for _, a := range args {
			v, err := a(fr)
			if err != nil {
				fr.pop(base)
				return v, err
			}
			fr.stack = append(fr.stack, v)
		}
		now, err := fr.collect(base, n, value.Tuple)
		if err != nil {
			return now, err
		}
		i, _ := fr.locals[l.index].AsInt()
		changed := i == 0 || !value.Equal(fr.locals[last], now)
		fr.locals[last] = now
		return value.Bool(changed), nil
	}
}

func (c *compiler) forStatement(n *For) execFn {
	iter := c.expr(n.Iter)
	outer := c.scope

	// the condition sees the loop's variables, but no `loop`
	c.scope = outer.inner()
	assign := c.targets(n.Targets, c.scope)
	var keep testFn
	if n.Filter != nil {
		keep = c.condition(n.Filter)
	}
	l := &loopState{index: c.local(), length: c.local(), prev: c.local(), next: c.local()}
	inner := c.scope
	inner.loop = l
	c.scope = inner.inner()
	first := c.count
	c.kept = append(c.kept, nil)
	body := c.template(n.Body)
	kept := c.kept[len(c.kept)-1]
	c.kept = c.kept[:len(c.kept)-1]
	var fresh []int // what the body sets ends with the iteration
	for k := first; k < c.count; k++ {
		if !slices.Contains(kept, k) {
			fresh = append(fresh, k)
		}
	}
	c.scope = outer

	var els execFn
	if n.Else != nil {
		c.scope = outer.inner()
		els = c.template(n.Else)
		c.scope = outer
	}
	return func(fr *frame) *EvalError {
		v, err := iter(fr)
		if err != nil {
			return err
		}
		items, e := fr.items(v, n.Iter)
		if e != nil {
			return failed(n.Iter, e)
		}
		if keep != nil {
			var chosen []value.Value
			for _, it := range items {
				if err := assign(fr, it, n.Iter); err != nil {
					return err
				}
				ok, err := keep(fr)
				if err != nil {
					return err
				}
				if ok {
					chosen = append(chosen, it)
				}
			}
			items = chosen
			if err := fr.made(24*int64(len(items)), n); err != nil {
				return err
			}
		}
		if len(items) == 0 {
			if els != nil {
				return els(fr)
			}
			return nil
		}
		fr.locals[l.length] = value.Int(int64(len(items)))
		fr.locals[l.prev] = value.Missing
		for i, it := range items {
			if err := fr.spend(1+int64(len(fresh))>>3, n); err != nil {
				return err
			}
			if err := assign(fr, it, n.Iter); err != nil {
				return err
			}
			fr.locals[l.index] = value.Int(int64(i))
			if i > 0 {
				fr.locals[l.prev] = items[i-1]
			}
			fr.locals[l.next] = value.Missing
			if i+1 < len(items) {
				fr.locals[l.next] = items[i+1]
			}
			for _, k := range fresh {
				fr.locals[k] = value.Missing
			}
			if err := body(fr); err != nil {
				return err
			}
		}
		return nil
	}
}
