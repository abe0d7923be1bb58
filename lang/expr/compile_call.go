package expr

import (
	"hexdag.dev/hexdag/lang/value"
)

// impl implements a function, filter or test. a has one value per parameter of
// the signature, Missing where none is given, and then those of the variadic
// one; it must not be kept. at is the call. Errors without a place get the
// call's.
type impl func(fr *frame, at Node, a []value.Value) (value.Value, error)

func absentArg(*frame) (value.Value, *EvalError) { return value.Missing, nil }

// call compiles the call of a function.
func (c *compiler) call(n *Call, miss bool) evalFn {
	sig := lookupFunction(n.Func)
	if sig == nil {
		return c.fail(n, "there is no function `%s`", n.Func)
	}
	params, rest, extra, fault := sig.bind(n.span, n.Args, n.Keywords, n.Func+"()")
	if fault != nil {
		return c.fail(n, "%s", fault.msg)
	}
	switch n.Func {
	case "dict":
		return c.dictCall(n, params[0], extra)
	case "sorted":
		return c.sorted(n, params)
	case "min", "max":
		return c.extreme(n, params, rest)
	case "default":
		return c.defaultCall(params[0], params[1], miss)
	case "coalesce":
		return c.coalesce(rest)
	}
	fns := make([]evalFn, 0, len(params)+len(rest))
	for i, p := range params {
		if p == nil {
			fns = append(fns, absentArg)
			continue
		}
		fns = append(fns, c.node(p, guardsParam(n.Func, i)))
	}
	for _, p := range rest {
		fns = append(fns, c.node(p, guardsParam(n.Func, 0)))
	}
	return invoke(n, sig.fn, fns, true)
}

// invoke calls an implementation with the values of fns. product says that it
// makes its result, rather than hand on a part of its arguments.
func invoke(n Node, fn impl, fns []evalFn, product bool) evalFn {
	return func(fr *frame) (value.Value, *EvalError) {
		base := len(fr.stack)
		for _, f := range fns {
			v, err := f(fr)
			if err != nil {
				fr.pop(base)
				return v, err
			}
			fr.stack = append(fr.stack, v)
		}
		args := fr.stack[base:len(fr.stack):len(fr.stack)]
		out, err := fn(fr, n, args)
		if err != nil {
			e := failedCall(n, args, err)
			fr.pop(base)
			return value.Null, e
		}
		fr.pop(base)
		fr.steps++
		if product {
			if err := fr.product(out, n); err != nil {
				return value.Null, err
			}
		} else if err := fr.spend(0, n); err != nil {
			return value.Null, err
		}
		return out, nil
	}
}

// failedCall is failed for a call; the help names an argument that is null.
func failedCall(n Node, args []value.Value, err error) *EvalError {
	e := failed(n, err)
	nodes := []Node(nil)
	switch n := n.(type) {
	case *Call:
		nodes = n.Args
	case *Filter:
		nodes = append([]Node{n.X}, n.Args...)
	}
	if e.Kind != ErrType {
		return e
	}
	for i, a := range args {
		if a.IsNull() && i < len(nodes) {
			out := *e
			out.Help = nullHelp(Print(nodes[i]))
			return &out
		}
	}
	return e
}

// defaultCall is default(x, fallback): the fallback is computed only if needed.
func (c *compiler) defaultCall(x, fallback Node, miss bool) evalFn {
	fx, ff := c.node(x, true), c.node(fallback, miss)
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := fx(fr)
		if err != nil || !v.IsMissing() && !v.IsNull() {
			return v, err
		}
		return ff(fr)
	}
}

// coalesce computes its arguments only up to the first that is not null.
func (c *compiler) coalesce(args []Node) evalFn {
	fns := make([]evalFn, len(args))
	for i, a := range args {
		fns[i] = c.node(a, true)
	}
	return func(fr *frame) (value.Value, *EvalError) {
		for _, f := range fns {
			if v, err := f(fr); err != nil || !v.IsMissing() && !v.IsNull() {
				return v, err
			}
		}
		return value.Null, nil
	}
}

func (c *compiler) dictCall(n *Call, x Node, extra []Keyword) evalFn {
	fx := evalFn(absentArg)
	if x != nil {
		fx = c.expr(x)
	}
	fns := make([]evalFn, len(extra))
	for i, k := range extra {
		fns[i] = c.expr(k.Value)
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := fx(fr)
		if err != nil {
			return v, err
		}
		o, e := dictOf(fr, n, v, len(extra))
		if e != nil {
			return value.Null, failed(n, e)
		}
		for i, k := range extra {
			if v, err = fns[i](fr); err != nil {
				return v, err
			}
			o.Set(k.Name, v)
		}
		return fr.object(o, n)
	}
}

// dictOf is a new object from a mapping or from pairs.
func dictOf(fr *frame, at Node, v value.Value, extra int) (*value.Object, error) {
	if v.IsMissing() {
		return value.NewObject(extra), nil
	}
	if o, ok := v.Object(); ok {
		if err := fr.spend(int64(o.Len()), at); err != nil {
			return nil, err
		}
		return o.Clone(), nil
	}
	list, err := fr.items(v, at)
	if err != nil {
		return nil, err
	}
	o := value.NewObject(len(list) + extra)
	for i, it := range list {
		pair, err := value.Iterate(it)
		if err != nil {
			return nil, typeErrorf("cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(pair) != 2 {
			return nil, valueErrorf("dictionary update sequence element #%d has length %d; 2 is required", i, len(pair))
		}
		if err := fr.whole(pair[0], at); err != nil {
			return nil, err
		}
		if err := o.SetKey(pair[0], pair[1]); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// keyFn compiles a `key=` argument: the name of a function, or None.
func (c *compiler) keyFn(n *Call, k Node) (fn impl, bad evalFn) {
	switch k := k.(type) {
	case nil:
		return nil, nil
	case *Literal:
		if k.Value.IsNull() {
			return nil, nil
		}
	case *Name:
		sig := lookupFunction(k.Ident)
		if sig == nil || sig.fn == nil {
			break
		}
		// the function gets one argument
		if _, _, _, fault := sig.bind(k.span, []Node{k}, nil, k.Ident+"()"); fault != nil {
			return nil, c.fail(n, "%s", fault.msg)
		}
		count := len(sig.params)
		return func(fr *frame, at Node, a []value.Value) (value.Value, error) {
			base := len(fr.stack)
			for i := range count {
				if i == 0 {
					fr.stack = append(fr.stack, a[0])
				} else {
					fr.stack = append(fr.stack, value.Missing)
				}
			}
			if sig.rest != nil {
				fr.stack = append(fr.stack, a[0])
			}
			out, err := sig.fn(fr, at, fr.stack[base:len(fr.stack):len(fr.stack)])
			fr.pop(base)
			return out, err
		}, nil
	}
	return nil, c.fail(n, "`key` takes the name of a function, such as len or lower")
}

// keysOf applies a key function to each item.
func keysOf(fr *frame, at Node, items []value.Value, fn impl) ([]value.Value, error) {
	if fn == nil {
		return items, nil
	}
	keys := make([]value.Value, len(items))
	for i := range items {
		if err := fr.spend(1, at); err != nil {
			return nil, err
		}
		k, err := fn(fr, at, items[i:i+1])
		if err != nil {
			return nil, err
		}
		keys[i] = k
	}
	return keys, nil
}

func (c *compiler) sorted(n *Call, params []Node) evalFn {
	x := c.expr(params[0])
	fn, bad := c.keyFn(n, params[1])
	if bad != nil {
		return bad
	}
	reverse := evalFn(absentArg)
	if params[2] != nil {
		reverse = c.expr(params[2])
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		r, err := reverse(fr)
		if err != nil {
			return v, err
		}
		rev, e := intArg("`reverse`", r, 0)
		if e == nil && rev != int64(int32(rev)) {
			e = &value.Error{Kind: value.OverflowError, Msg: "Python int too large to convert to C int", Offset: -1}
		}
		if e != nil {
			return value.Null, failed(n, e)
		}
		out, e := sortItems(fr, n, v, rev != 0, fn)
		if e != nil {
			return value.Null, failed(n, e)
		}
		return out, fr.product(out, n)
	}
}

// sortItems is a sorted list of v's items.
func sortItems(fr *frame, at Node, v value.Value, reverse bool, fn impl) (value.Value, error) {
	shared, err := fr.items(v, at)
	if err != nil {
		return value.Null, err
	}
	items := append([]value.Value(nil), shared...)
	keys, err := keysOf(fr, at, items, fn)
	if err != nil {
		return value.Null, err
	}
	if err := fr.sortCost(keys, at); err != nil {
		return value.Null, err
	}
	if fn == nil {
		err = value.Sort(items, reverse)
	} else {
		err = value.SortBy(items, keys, reverse)
	}
	return value.List(items), err
}

// sortCost pays for sorting keys.
func (fr *frame) sortCost(keys []value.Value, at Node) error {
	var size int64
	for _, k := range keys {
		size += 1 + k.Size()>>6
	}
	log := int64(1)
	for n := len(keys); n > 1; n >>= 1 {
		log++
	}
	if err := fr.spend(size*log/4, at); err != nil {
		return err
	}
	return nil
}

// extreme compiles min and max.
func (c *compiler) extreme(n *Call, params []Node, rest []Node) evalFn {
	if len(rest) == 0 {
		return c.fail(n, "%s() needs an argument", n.Func)
	}
	fns := c.all(rest)
	fn, bad := c.keyFn(n, params[0])
	if bad != nil {
		return bad
	}
	var fallback evalFn
	if params[1] != nil {
		if len(rest) > 1 {
			return c.fail(n, "%s() takes `default` only with one argument", n.Func)
		}
		fallback = c.expr(params[1])
	}
	largest := n.Func == "max"
	return func(fr *frame) (value.Value, *EvalError) {
		base := len(fr.stack)
		for _, f := range fns {
			v, err := f(fr)
			if err != nil {
				fr.pop(base)
				return v, err
			}
			fr.stack = append(fr.stack, v)
		}
		items := append([]value.Value(nil), fr.stack[base:]...)
		fr.pop(base)
		if len(items) == 1 {
			list, err := fr.items(items[0], n)
			if err != nil {
				return value.Null, failed(n, err)
			}
			items = list
		}
		if len(items) == 0 {
			if fallback != nil {
				return fallback(fr)
			}
			return value.Null, failed(n, valueErrorf("%s() of an empty sequence", n.Func))
		}
		keys, err := keysOf(fr, n, items, fn)
		if err != nil {
			return value.Null, failed(n, err)
		}
		best, err := extremeOf(fr, n, keys, largest)
		if err != nil {
			return value.Null, failed(n, err)
		}
		return items[best], nil
	}
}

// extremeOf is the index of the first smallest or largest key.
func extremeOf(fr *frame, at Node, keys []value.Value, largest bool) (int, error) {
	best := 0
	for i := 1; i < len(keys); i++ {
		if err := fr.spend(1+min(keys[i].Size(), keys[best].Size())>>6, at); err != nil {
			return 0, err
		}
		a, b := keys[i], keys[best]
		better, err := value.Less(a, b)
		if largest {
			better, err = value.Greater(a, b)
		}
		if err != nil {
			return 0, err
		}
		if better {
			best = i
		}
	}
	return best, nil
}

// method compiles x.name(args).
func (c *compiler) method(n *Call, miss bool) evalFn {
	if loopMethod(n) {
		if l := c.loop(); l != nil {
			return l.call(c, n)
		}
	}
	sig := lookupMethod(n.Func)
	if sig == nil {
		return c.fail(n, "there is no method `%s`", n.Func)
	}
	if _, _, _, fault := sig.bind(n.span, n.Args, n.Keywords, "."+n.Func+"()"); fault != nil {
		return c.fail(n, "%s", fault.msg)
	}
	x, args := c.node(n.X, miss), c.all(n.Args)
	kws := make([]evalFn, len(n.Keywords))
	for i, k := range n.Keywords {
		kws[i] = c.expr(k.Value)
	}
	ofText, hasText := value.LookupMethod(value.KindString, n.Func)
	call := func(fr *frame, base int) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		for _, f := range args {
			a, err := f(fr)
			if err != nil {
				return a, err
			}
			fr.stack = append(fr.stack, a)
		}
		var kw []value.Keyword
		for i, f := range kws {
			a, err := f(fr)
			if err != nil {
				return a, err
			}
			kw = append(kw, value.Keyword{Name: n.Keywords[i].Name, Value: a})
		}
		if v.IsNull() || v.IsMissing() {
			return v, nil // a method of null gives null
		}
		m, ok := ofText, hasText
		if v.Kind() != value.KindString {
			m, ok = value.LookupMethod(v.Kind(), n.Func)
		}
		if !ok {
			return value.Null, evalErrorf(ErrType, n, "", "%s is of type %s, which has no method `%s`", quoted(n.X), v.TypeName(), n.Func)
		}
		if err := fr.methodCost(n, v, fr.stack[base:], kw); err != nil {
			return value.Null, err
		}
		out, e := m(v, fr.stack[base:len(fr.stack):len(fr.stack)], kw)
		if e != nil {
			return value.Null, failed(n, e)
		}
		if n.Func == "get" || n.Func == "copy" {
			return out, nil
		}
		return out, fr.product(out, n)
	}
	return func(fr *frame) (value.Value, *EvalError) {
		base := len(fr.stack)
		out, err := call(fr, base)
		fr.pop(base)
		return out, err
	}
}

// methodCost pays for a method, and refuses secrets where they would become part
// of a text.
func (fr *frame) methodCost(n *Call, v value.Value, args []value.Value, kw []value.Keyword) *EvalError {
	if err := fr.spend(1, n); err != nil {
		return err
	}
	switch {
	case v.Kind() == value.KindString:
		for _, a := range args {
			if err := fr.noSecret(a, n); err != nil {
				return err
			}
		}
		for _, k := range kw {
			if err := fr.noSecret(k.Value, n); err != nil {
				return err
			}
		}
		return fr.whole(v, n)
	case n.Func == "count" || n.Func == "index":
		if err := fr.whole(v, n); err != nil {
			return err
		}
	}
	if len(args) > 0 {
		return fr.whole(args[0], n) // a key is hashed, a value compared
	}
	return nil
}
