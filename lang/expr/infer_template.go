package expr

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

func (f *inferrer) statement(n Node) *Type {
	switch n := n.(type) {
	case *Template:
		was := f.strict
		f.strict = true
		defer func() { f.strict = was }()
		if !was {
			f.mutable = mutableNames(n)
		}
		if x, ok := n.Single(); ok {
			return f.node(x)
		}
		f.parts(n)
		if f.secret {
			return Secret
		}
		return Str
	case *Output:
		t := f.node(n.X)
		f.secret = f.secret || f.doubt == 0 && t.kind() == TypeSecret
	case *Assign:
		f.assign(n)
	case *If:
		f.ifStatement(n)
	case *For:
		f.forStatement(n)
	}
	return Str
}

func (f *inferrer) parts(t *Template) {
	for _, p := range t.Parts {
		f.statement(p)
	}
}

func (f *inferrer) assign(n *Assign) {
	var t *Type
	if body, ok := n.X.(*Template); ok {
		was := f.secret
		f.secret = false
		f.inner(func() { f.parts(body) })
		if t = Str; f.secret {
			t = Secret
		}
		f.secret = was
	} else {
		t = f.node(n.X)
	}
	if n.Field != "" {
		// the variable may be one of an outer block, and change in any iteration
		for e := f.env; e != nil; e = e.outer {
			if _, ok := e.types[n.Target.Ident]; ok {
				e.bind(n.Target.Ident, AnyDict)
			}
		}
		return
	}
	f.env.bind(n.Target.Ident, t)
}

func (f *inferrer) ifStatement(n *If) {
	outer := f.env
	count := len(n.Tests)
	if n.Else != nil {
		count++
	}
	types := map[string][]*Type{}
	sure := map[string]int{}
	branch := func(t *Template, list []typeFact) {
		f.env = &typeEnv{outer: outer}
		if len(list) > 0 {
			f.env.assume(list)
			f.narrows++
			defer func() { f.narrows-- }()
		}
		f.doubtful(func() { f.parts(t) })
		for name, typ := range f.env.types {
			types[name] = append(types[name], typ)
			if !f.env.maybe[name] {
				sure[name]++
			}
		}
		f.env = outer
	}
	// before is what the tests so far, which failed, say
	var before []typeFact
	under := func(do func()) {
		if len(before) == 0 {
			do()
			return
		}
		f.env = &typeEnv{outer: outer}
		f.env.assume(before)
		f.narrows++
		do()
		f.narrows--
		f.env = outer
	}
	for i, t := range n.Tests {
		var holds, fails []typeFact
		under(func() {
			if i == 0 {
				f.condition(t)
			} else {
				f.doubtful(func() { f.condition(t) })
			}
			holds, fails = f.factsOf(t, true), f.factsOf(t, false)
		})
		branch(n.Bodies[i], append(slices.Clone(before), holds...))
		before = append(before, fails...)
	}
	if n.Else != nil {
		branch(n.Else, before)
	}
	for name, list := range types {
		old, known := outer.types[name]
		wasMaybe := outer.maybe[name]
		switch always := n.Else != nil && sure[name] == count; {
		case always:
			outer.bind(name, Union(list...))
		case known && !wasMaybe:
			outer.bind(name, Union(append(list, old)...))
		default:
			outer.bind(name, Any)
			if outer.maybe == nil {
				outer.maybe = map[string]bool{}
			}
			outer.maybe[name] = true
		}
	}
}

var loopType = func() *Type {
	fields := []Field{}
	for _, name := range loopFields {
		f := Field{Name: name, Type: Int, Default: value.Missing}
		switch name {
		case "first", "last":
			f.Type = Bool
		case "previtem", "nextitem":
			f.Type, f.Optional = Any, true
		}
		fields = append(fields, f)
	}
	return ObjectType(fields, false)
}()

func (f *inferrer) forStatement(n *For) {
	elem := f.items(n.Iter, f.node(n.Iter))
	f.inner(func() {
		f.bindTargets(n.Targets, elem)
		f.doubtful(func() {
			var list []typeFact
			if n.Filter != nil {
				f.condition(n.Filter)
				list = f.factsOf(n.Filter, true)
			}
			f.env.bind("loop", loopType)
			f.inner(func() {
				if len(list) > 0 {
					f.env.assume(list)
					f.narrows++
					defer func() { f.narrows-- }()
				}
				f.parts(n.Body)
			})
		})
	})
	if n.Else != nil {
		f.inner(func() { f.doubtful(func() { f.parts(n.Else) }) })
	}
}

func (f *inferrer) filter(n *Filter) *Type {
	sig := lookupFilter(n.Name)
	if sig == nil || sig.refused != "" {
		f.node(n.X)
		return Any
	}
	name := n.Name
	if sig.alias != "" {
		name = sig.alias
	}
	args := append([]Node{n.X}, n.Args...)
	if name == "default" {
		params, _, _, fault := sig.bind(n.span, args, n.Keywords, "the filter `default`")
		if fault != nil {
			return Any
		}
		x, y := f.guarded(n.X), Str
		if params[1] != nil {
			f.doubtful(func() { y = f.node(params[1]) })
		}
		return Union(x.withoutNull(), y)
	}
	a, _, ok := f.arguments(sig, n, args, n.Keywords, "the filter `"+n.Name+"`", func(i int) bool { return i == 0 && guardsFilter(n.Name) })
	if !ok {
		return Any
	}
	f.choice(sig, n, name, args)
	switch name {
	case "required":
		return a[0].withoutNull()
	case "safe":
		return a[0]
	case "first", "last", "min", "max":
		return f.items(n.X, a[0])
	case "list", "sort", "unique", "select", "reject", "selectattr", "rejectattr":
		return ListOf(f.items(n.X, a[0]))
	case "reverse":
		for _, k := range a[0].kinds() {
			if k == TypeStr || k == TypeAny {
				return Any
			}
		}
		return ListOf(f.items(n.X, a[0]))
	case "map":
		return f.mapFilter(n, f.items(n.X, a[0]))
	case "join":
		f.items(n.X, a[0])
	case "batch", "slice":
		return ListOf(ListOf(Union(f.items(n.X, a[0]), fill(a[2]))))
	case "groupby":
		return ListOf(TupleOf(Any, ListOf(f.items(n.X, a[0]))))
	case "sum":
		f.items(n.X, a[0])
		return Any
	case "int", "float":
		if a[1] != nil { // the fallback may be anything
			return Union(signatureType(sig.result), a[1])
		}
	case "abs", "round":
		return Union(numbers(a[0])...)
	case "dictsort", "items":
		return ListOf(TupleOf(Any, Any))
	}
	return signatureType(sig.result)
}

func fill(t *Type) *Type {
	if t == nil || t.Kind == TypeNull {
		return Never
	}
	return t
}

// mapFilter is the type of map: an attribute of the items, or each through a
// filter.
func (f *inferrer) mapFilter(n *Filter, elem *Type) *Type {
	if sig, _, fault := higherOrder(n); sig != nil && fault == nil {
		return ListOf(signatureType(sig.result))
	}
	var fallback *Type
	var attribute Node
	for _, k := range n.Keywords {
		switch k.Name {
		case "attribute":
			attribute = k.Value
		case "default":
			fallback = f.node(k.Value)
		}
	}
	name, ok := constantText(attribute)
	if !ok || !IsIdentifier(name) {
		return AnyList
	}
	t := elem
	f.doubtful(func() {
		found := t.kind() == TypeNever
		out := Never
		for _, m := range t.members() {
			ft, ok := member(m, name)
			found = found || ok || m.Kind == TypeNull
			out = Union(out, ft)
		}
		if !found && fallback == nil {
			help := "the items are of type " + elem.String()
			if names := elem.FieldNames(); len(names) > 0 {
				help = "the items have " + fieldList(names)
			}
			f.report(false, diag.ExprUnknownField, attribute.Span(), help, "the items of %s have no field `%s`", quoted(n.X), name)
		}
		t = out
	})
	return ListOf(Union(t, fill(fallback)))
}

// choices are the values of parameters that take a few texts only.
var choices = map[string]struct {
	param  int
	values []string
}{
	"dictsort": {2, []string{"key", "value"}},
	"round":    {2, []string{"common", "ceil", "floor"}},
}

// choice reports a constant that is none of the values of its parameter.
func (f *inferrer) choice(sig *signature, n *Filter, name string, args []Node) {
	c, ok := choices[name]
	if !ok {
		return
	}
	params, _, _, fault := sig.bind(n.span, args, n.Keywords, "")
	if fault != nil || params[c.param] == nil {
		return
	}
	s, ok := constantText(params[c.param])
	if !ok || slices.Contains(c.values, s) {
		return
	}
	f.report(false, diag.ExprBadArguments, params[c.param].Span(), suggest.Help(s, c.values),
		"`%s` of the filter `%s` is one of '%s', not '%s'", sig.params[c.param].Name, n.Name, strings.Join(c.values, "', '"), s)
}

// test infers what a test other than those for missing names looks at.
func (f *inferrer) test(n *Is) {
	sig := lookupTest(n.Name)
	if sig != nil && sig.alias != "" {
		sig = lookupTest(sig.alias)
	}
	args := append([]Node{n.X}, n.Args...)
	if sig == nil || sig.refused != "" {
		for _, a := range args {
			f.node(a)
		}
		return
	}
	f.arguments(sig, n, args, nil, "the test `"+n.Name+"`", never)
}
