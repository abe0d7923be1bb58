package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// filter compiles x | name(args).
func (c *compiler) filter(n *Filter, miss bool) evalFn {
	sig := lookupFilter(n.Name)
	if sig == nil || sig.refused != "" {
		return c.fail(n, "there is no filter `%s`", n.Name)
	}
	what := "the filter `" + n.Name + "`"
	params, rest, extra, fault := sig.bind(n.span, append([]Node{n.X}, n.Args...), n.Keywords, what)
	if fault != nil {
		return c.fail(n, "%s", fault.msg)
	}
	name := n.Name
	if sig.alias != "" {
		name = sig.alias
	}
	switch name {
	case "default":
		return c.defaultFilter(params, miss)
	case "required":
		return c.required(n, params)
	case "format":
		return c.formatFilter(n, params, rest, extra)
	case "map", "select", "reject", "selectattr", "rejectattr":
		return c.higherOrder(n, params)
	}
	fns := make([]evalFn, len(params))
	for i, p := range params {
		fns[i] = absentArg
		if p != nil {
			fns[i] = c.expr(p)
		}
	}
	product := true
	switch name {
	case "first", "last", "min", "max", "safe":
		product = false
	}
	call := invoke(n, sig.fn, fns, product)
	if product {
		return call
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := call(fr)
		if err == nil && v.IsMissing() && !miss {
			return value.Null, evalErrorf(ErrMissingField, n, "write {{ "+Print(n)+" | default('…') }} if there may be no items", "%s does not exist, because there are no items", quoted(n))
		}
		return v, err
	}
}

func (c *compiler) defaultFilter(params []Node, miss bool) evalFn {
	x := c.node(params[0], true)
	fallback := func(*frame) (value.Value, *EvalError) { return value.String(""), nil }
	if params[1] != nil {
		fallback = c.node(params[1], miss)
	}
	boolean := testFn(func(*frame) (bool, *EvalError) { return false, nil })
	if params[2] != nil {
		boolean = c.test(params[2])
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		if !v.IsMissing() && !v.IsNull() {
			if value.Truthy(v) {
				return v, nil
			}
			if b, err := boolean(fr); err != nil || !b {
				return v, err
			}
		}
		return fallback(fr)
	}
}

func (c *compiler) required(n *Filter, params []Node) evalFn {
	x := c.node(params[0], true)
	var message evalFn
	if params[1] != nil {
		message = c.expr(params[1])
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil || !v.IsMissing() && !v.IsNull() {
			return v, err
		}
		why := "is null"
		if v.IsMissing() {
			why = "does not exist"
		}
		e := evalErrorf(ErrRequired, n, "", "%s is required, but it %s", quoted(n.X), why)
		if head, _ := path(n.X); head != nil && v.IsMissing() {
			switch h := head.(type) {
			case *Name:
				e.Missing = h.Ident
			case *Namespace:
				e.Missing = h.Ident
			}
		}
		if message != nil {
			m, err := message(fr)
			if err != nil {
				return v, err
			}
			s, err := fr.text(m, n)
			if err != nil {
				return v, err
			}
			if s != "" {
				e.Msg, e.Help = s, e.Msg
			}
		}
		return value.Null, e
	}
}

func (c *compiler) formatFilter(n *Filter, params, rest []Node, extra []Keyword) evalFn {
	x, args := c.expr(params[0]), c.all(rest)
	kws := make([]evalFn, len(extra))
	for i, k := range extra {
		kws[i] = c.expr(k.Value)
	}
	if len(rest) > 0 && len(extra) > 0 {
		return c.fail(n, "the filter `format` takes positional or named arguments, not both")
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		s, err := fr.text(v, n.X)
		if err != nil {
			return v, err
		}
		base := len(fr.stack)
		for _, f := range append(args, kws...) {
			a, err := f(fr)
			if err == nil {
				err = fr.noSecret(a, n)
			}
			if err != nil {
				fr.pop(base)
				return a, err
			}
			fr.stack = append(fr.stack, a)
		}
		list := append([]value.Value(nil), fr.stack[base:]...)
		fr.pop(base)
		var out value.Value
		var e error
		if len(extra) > 0 {
			o := value.NewObject(len(extra))
			for i, k := range extra {
				o.Set(k.Name, list[i])
			}
			out, e = percentFormat(s, o.Value(), o)
		} else {
			out, e = percentFormat(s, value.Tuple(list), nil)
		}
		if e != nil {
			return value.Null, failed(n, e)
		}
		return out, fr.product(out, n)
	}
}

// treeFault is a fault of a tree that only its shape shows.
type treeFault struct {
	code      diag.Code
	span      source.Span
	msg, help string
}

// higherOrder looks at a filter that takes the name of another filter or of a
// test: which one, and its further arguments. sig is nil if it takes none.
func higherOrder(n *Filter) (sig *signature, args []Node, fault *treeFault) {
	own := lookupFilter(n.Name)
	if own == nil {
		return nil, nil, nil
	}
	at := 0
	switch n.Name {
	case "map", "select", "reject":
	case "selectattr", "rejectattr":
		at = 1
	default:
		return nil, nil, nil
	}
	var name Node
	if at < len(n.Args) {
		name, args = n.Args[at], n.Args[at+1:]
	}
	for _, k := range n.Keywords {
		if k.Name == "filter" || k.Name == "test" {
			name = k.Value
		}
	}
	if name == nil {
		if n.Name == "map" {
			for _, k := range n.Keywords {
				if k.Name == "attribute" {
					return nil, nil, nil
				}
			}
			return nil, nil, &treeFault{diag.ExprBadArguments, n.span, "the filter `map` needs an attribute or the name of a filter", "write map(attribute='name') or map('upper')"}
		}
		return nil, nil, nil
	}
	kind := "test"
	if n.Name == "map" {
		kind = "filter"
	}
	lit, ok := name.(*Literal)
	text := ""
	if ok {
		text, ok = lit.Value.AsString()
	}
	if !ok {
		if _, bad := name.(*Bad); bad {
			return nil, nil, nil
		}
		return nil, nil, &treeFault{diag.ExprBadArguments, name.Span(), "the name of a " + kind + " has to be a text in quotes", "write " + n.Name + "('…')"}
	}
	if kind == "filter" {
		sig = lookupFilter(text)
	} else {
		sig = lookupTest(text)
	}
	code := diag.TemplateUnknownTest
	table := &tests
	if kind == "filter" {
		code, table = diag.TemplateUnknownFilter, &filters
	}
	if sig == nil || sig.fn == nil {
		f := &treeFault{code, name.Span(), "there is no " + kind + " `" + text + "`", ""}
		if sig != nil {
			f.msg = "the filter `" + text + "` cannot be applied by `map`"
		} else {
			f.help = help(text, table)
		}
		return nil, nil, f
	}
	bound := append([]Node{n.X}, args...)
	var kws []Keyword
	if n.Name == "map" {
		for _, k := range n.Keywords {
			if k.Name != "filter" {
				kws = append(kws, k)
			}
		}
	}
	params, _, _, bad := sig.bind(n.span, bound, kws, "the "+kind+" `"+text+"`")
	if bad != nil {
		return nil, nil, &treeFault{diag.ExprBadArguments, bad.span, bad.msg, bad.help}
	}
	return sig, params[1:], nil
}

// higherOrder compiles map, select, reject, selectattr and rejectattr.
func (c *compiler) higherOrder(n *Filter, params []Node) evalFn {
	sig, args, fault := higherOrder(n)
	if fault != nil {
		return c.fail(n, "%s", fault.msg)
	}
	x := c.expr(n.X)
	var attribute, fallback evalFn
	for i, q := range lookupFilter(n.Name).params {
		if params[i] == nil || sig != nil && n.Name == "map" {
			continue
		}
		switch q.Name {
		case "attribute":
			attribute = c.expr(params[i])
		case "default":
			fallback = c.expr(params[i])
		}
	}
	fns := make([]evalFn, len(args))
	for i, a := range args {
		fns[i] = absentArg
		if a != nil {
			fns[i] = c.expr(a)
		}
	}
	isMap := n.Name == "map"
	reject := strings.HasPrefix(n.Name, "reject")
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := x(fr)
		if err != nil {
			return v, err
		}
		items, e := fr.items(v, n.X)
		if e != nil {
			return value.Null, failed(n, e)
		}
		get := getter{missing: value.Missing}
		if attribute != nil {
			a, err := attribute(fr)
			if err != nil {
				return v, err
			}
			if e := get.parse(a); e != nil {
				return value.Null, failed(n, e)
			}
		}
		if fallback != nil {
			if get.missing, err = fallback(fr); err != nil {
				return v, err
			}
		}
		// stack: the arguments of the inner call, the item's place first
		base := len(fr.stack)
		fr.stack = append(fr.stack, value.Missing)
		for _, f := range fns {
			a, err := f(fr)
			if err != nil {
				fr.pop(base)
				return v, err
			}
			fr.stack = append(fr.stack, a)
		}
		call := append([]value.Value(nil), fr.stack[base:]...)
		fr.pop(base)
		out := make([]value.Value, 0, min(len(items), 1<<16))
		for i, it := range items {
			if err := fr.spend(1, n); err != nil {
				return value.Null, err
			}
			x := it
			if get.path != nil {
				x = get.of(it)
			}
			switch {
			case isMap && sig == nil:
				if x.IsMissing() {
					return value.Null, evalErrorf(ErrMissingField, n, "give map() a default=…", "item %d has no field `%s`", i, get.text())
				}
			case sig != nil:
				if x.IsMissing() && !guardsTest(sig.name) {
					return value.Null, evalErrorf(ErrMissingField, n, "select the items with `selectattr('"+get.text()+"', 'defined')` first", "item %d has no field `%s`", i, get.text())
				}
				call[0] = x
				r, e := sig.fn(fr, n, call)
				if e != nil {
					return value.Null, failed(n, e)
				}
				x = r
			}
			switch {
			case isMap:
				out = append(out, x)
			case !x.IsMissing() && value.Truthy(x) != reject:
				out = append(out, it)
			case x.IsMissing() && reject:
				out = append(out, it)
			}
		}
		list := value.List(out)
		return list, fr.product(list, n)
	}
}

// is compiles a test: x is [not] name(args).
func (c *compiler) is(n *Is) evalFn {
	sig := lookupTest(n.Name)
	if sig == nil {
		return c.fail(n, "there is no test `%s`", n.Name)
	}
	params, _, _, fault := sig.bind(n.span, append([]Node{n.X}, n.Args...), nil, "the test `"+n.Name+"`")
	if fault != nil {
		return c.fail(n, "%s", fault.msg)
	}
	fns := make([]evalFn, len(params))
	for i, p := range params {
		fns[i] = absentArg
		if p != nil {
			fns[i] = c.node(p, i == 0 && guardsTest(sig.name))
		}
	}
	call := invoke(n, sig.fn, fns, false)
	if !n.Not {
		return call
	}
	return func(fr *frame) (value.Value, *EvalError) {
		v, err := call(fr)
		return value.Bool(!value.Truthy(v)), err
	}
}

// getter reads an attribute as filters name it: `address.city`, `0`.
type getter struct {
	path    []value.Value
	missing value.Value // what a path that is not there gives
}

func (g *getter) parse(a value.Value) error {
	if _, ok := a.AsInt(); ok {
		g.path = []value.Value{a}
		return nil
	}
	s, ok := a.AsString()
	if !ok {
		return typeErrorf("an attribute is named by a text or an int, not %s", a.TypeName())
	}
	for _, part := range strings.Split(s, ".") {
		if allDigits(part) {
			g.path = append(g.path, value.Int(decimalDigits(part)))
		} else {
			g.path = append(g.path, value.String(part))
		}
	}
	return nil
}

func (g *getter) of(v value.Value) value.Value {
	for _, k := range g.path {
		var ok bool
		if s, isText := k.AsString(); isText {
			v, ok = attr(v, s)
		} else {
			v, ok, _ = subscript(v, k)
		}
		if !ok {
			return g.missing
		}
	}
	return v
}

func (g *getter) text() string {
	parts := make([]string, len(g.path))
	for i, p := range g.path {
		parts[i] = value.Str(p)
	}
	return strings.Join(parts, ".")
}
