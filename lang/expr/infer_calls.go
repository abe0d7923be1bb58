package expr

import (
	"time"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// noEnv is the Env of constants.
type noEnv struct{}

func (noEnv) Load(int) value.Value { return value.Missing }
func (noEnv) Now() time.Time       { return time.Time{} }

// argument infers an argument and reports if its type cannot be the parameter's.
func (f *inferrer) argument(n Node, want *Type, param, what string, guard bool) *Type {
	if n == nil {
		return nil
	}
	var t *Type
	if guard {
		t = f.guarded(n)
	} else {
		t = f.node(n)
	}
	if t.Kind != TypeNever && !argumentFits(want, t) {
		help := ""
		if t.kind() == TypeNull {
			help = "it is null; give it a fallback with default(x, …)"
		}
		f.report(false, diag.ExprBadArgumentType, n.Span(), help, "%s takes %s for `%s`, but %s is %s", what, want, param, quoted(n), shownType(t))
	}
	return t
}

// argumentFits reports whether some value of t can be passed where want is.
func argumentFits(want, t *Type) bool {
	if want.IsAny() || t.IsAny() {
		return true
	}
	for _, k := range t.kinds() {
		for _, l := range want.kinds() {
			if k == l || k == TypeAny || l == TypeFloat && integral(k) || l == TypeInt && k == TypeBool || k == TypeFloat && l == TypeInt {
				return true
			}
		}
	}
	return false
}

// arguments infers those of a call that the signature binds.
func (f *inferrer) arguments(sig *signature, n Node, args []Node, kws []Keyword, what string, guard func(i int) bool) ([]*Type, []*Type, bool) {
	params, rest, extra, fault := sig.bind(n.Span(), args, kws, what)
	if fault != nil { // reported by the parser
		f.quiet++
		for _, a := range args {
			f.node(a)
		}
		for _, k := range kws {
			f.node(k.Value)
		}
		f.quiet--
		return nil, nil, false
	}
	types := make([]*Type, len(params))
	doubt := f.doubt
	defer func() { f.doubt = doubt }()
	for i, p := range params {
		if p == nil {
			continue
		}
		if i == 1 && textOnly(n, types[0]) {
			f.doubt++ // of anything but a text the result is false
		}
		if sig.params[i].Type == "function" {
			types[i] = Any
			continue
		}
		types[i] = f.argument(p, sig.types[i], sig.params[i].Name, what, guard(i))
	}
	restTypes := make([]*Type, len(rest))
	for i, p := range rest {
		restTypes[i] = f.argument(p, sig.restTyp, sig.rest.Name, what, guard(0))
	}
	for _, k := range extra {
		f.node(k.Value)
	}
	return types, restTypes, true
}

// textOnly reports whether n is one of the functions that look at their further
// arguments only if the first one, of the type t, is a text, which is not sure.
func textOnly(n Node, t *Type) bool {
	c, ok := n.(*Call)
	if !ok || c.X != nil {
		return false
	}
	switch c.Func {
	case "startswith", "endswith", "contains", "split":
		for _, k := range t.kinds() {
			if k != TypeStr {
				return true
			}
		}
	}
	return false
}

func never(int) bool { return false }

func (f *inferrer) call(n *Call) *Type {
	sig := lookupFunction(n.Func)
	if sig == nil {
		for _, a := range n.Args {
			f.node(a)
		}
		for _, k := range n.Keywords {
			f.node(k.Value)
		}
		return Any
	}
	if n.Func == "default" {
		params, _, _, fault := sig.bind(n.span, n.Args, n.Keywords, "default()")
		if fault != nil {
			return Any
		}
		x := f.guarded(params[0])
		y := Any
		f.doubtful(func() { y = f.node(params[1]) })
		return Union(x.withoutNull(), y)
	}
	if n.Func == "coalesce" {
		return f.coalesce(n)
	}
	a, rest, ok := f.arguments(sig, n, n.Args, n.Keywords, n.Func+"()", func(i int) bool { return guardsParam(n.Func, i) })
	if !ok {
		return Any
	}
	return f.result(n, sig, a, rest)
}

// coalesce looks at each argument only if those before it are null.
func (f *inferrer) coalesce(n *Call) *Type {
	out := Null
	for i, a := range n.Args {
		t := Any
		if i == 0 {
			t = f.guarded(a)
		} else {
			f.doubtful(func() { t = f.guarded(a) })
		}
		out = Union(out.withoutNull(), t)
	}
	return out
}

// result is the type of a call of a function.
func (f *inferrer) result(n *Call, sig *signature, a, rest []*Type) *Type {
	arg := func(i int) Node {
		if i < len(n.Args) {
			return n.Args[i]
		}
		return n
	}
	switch n.Func {
	case "int", "float", "Decimal":
		f.constant(n, n.Args...)
	case "abs":
		return Union(numbers(a[0])...)
	case "round":
		if a[1] == nil || a[1].Kind == TypeNull {
			return Int
		}
		return Union(numbers(a[0])...)
	case "pow":
		f.constant(n, n.Args...)
	case "list", "sorted", "reversed":
		if a[0] == nil {
			return ListOf(Never)
		}
		return ListOf(f.items(arg(0), a[0]))
	case "set":
		if a[0] == nil {
			return SetOf(Never)
		}
		return SetOf(f.items(arg(0), a[0]))
	case "tuple":
		if a[0] == nil {
			return TupleOf()
		}
		return &Type{Kind: TypeTuple, Elem: f.items(arg(0), a[0])}
	case "all", "any":
		f.items(arg(0), a[0])
	case "sum":
		return f.sum(arg(0), a)
	case "min", "max":
		return f.extreme(n, a, rest)
	case "zip":
		items := make([]*Type, len(rest))
		for i, t := range rest {
			items[i] = f.items(arg(i), t)
		}
		return ListOf(TupleOf(items...))
	case "dict":
		return f.dictResult(n, a)
	case "split":
		if a[0].Kind == TypeStr || a[0].Kind == TypeEnum && len(a[0].kinds()) == 1 && a[0].kinds()[0] == TypeStr {
			return ListOf(Str)
		}
	case "join":
		f.items(arg(1), a[1])
	case "contains":
		f.contains(n, a)
	}
	return signatureType(sig.result)
}

// numbers are the numeric alternatives of a type, as an operation on one number
// gives them back.
func numbers(t *Type) []*Type {
	var out []*Type
	for _, k := range t.kinds() {
		switch {
		case k == TypeAny:
			return []*Type{Any}
		case integral(k):
			out = append(out, Int)
		case k == TypeFloat:
			out = append(out, Float)
		case k == TypeDecimal:
			out = append(out, Decimal)
		}
	}
	if len(out) == 0 {
		return []*Type{Any}
	}
	return out
}

func (f *inferrer) sum(n Node, a []*Type) *Type {
	elem := f.items(n, a[0])
	start := Int
	if a[1] != nil {
		start = a[1]
	}
	if elem.Kind == TypeNever {
		return start
	}
	var out []*Type
	for _, k := range start.kinds() {
		for _, l := range elem.kinds() {
			if r := resultOf(OpAdd, k, l); r != nil {
				out = append(out, r)
			}
		}
	}
	if len(out) == 0 {
		// an empty list has a sum, so this is in doubt
		f.doubtful(func() {
			f.report(false, diag.ExprBadArgumentType, n.Span(), "join texts with join(', ', x); add up numbers", "sum() adds numbers, but the items of %s are of type %s", quoted(n), elem)
		})
		return Any
	}
	return Union(append(out, start)...)
}

func (f *inferrer) extreme(n *Call, a, rest []*Type) *Type {
	if len(rest) == 0 {
		return Any
	}
	out := Union(rest...)
	if len(rest) == 1 {
		out = f.items(n.Args[0], rest[0])
	}
	if a[1] != nil {
		out = Union(out, a[1])
	}
	return out
}

func (f *inferrer) dictResult(n *Call, a []*Type) *Type {
	if a[0] != nil {
		return AnyDict
	}
	t := &Type{Kind: TypeObject}
	for _, k := range n.Keywords {
		f.quiet++
		typ := f.node(k.Value)
		f.quiet--
		t.Fields = append(t.Fields, Field{Name: k.Name, Type: typ, Default: value.Missing})
	}
	return t
}

// contains warns where the function can only be false.
func (f *inferrer) contains(n *Call, a []*Type) {
	for _, k := range a[0].kinds() {
		if k == TypeStr || k == TypeAny {
			return
		}
	}
	if len(n.Args) < 2 {
		return
	}
	f.report(true, diag.ExprNeverHolds, n.Span(), "write `"+Print(n.Args[1])+" in "+Print(n.Args[0])+"`", "contains() never holds: it looks into texts, but %s is %s", quoted(n.Args[0]), shownType(a[0]))
}

// valueKind is the kind of the values of a type's kind.
func valueKind(k TypeKind) (value.Kind, bool) {
	switch k {
	case TypeBool:
		return value.KindBool, true
	case TypeInt:
		return value.KindInt, true
	case TypeFloat:
		return value.KindFloat, true
	case TypeDecimal:
		return value.KindDecimal, true
	case TypeStr:
		return value.KindString, true
	case TypeDatetime:
		return value.KindDatetime, true
	case TypeList:
		return value.KindList, true
	case TypeTuple:
		return value.KindTuple, true
	case TypeSet:
		return value.KindSet, true
	case TypeRange:
		return value.KindRange, true
	case TypeObject:
		return value.KindObject, true
	case TypeSecret:
		return value.KindSecret, true
	}
	return 0, false
}

func (f *inferrer) method(n *Call) *Type {
	x := f.node(n.X)
	sig := lookupMethod(n.Func)
	if sig == nil {
		for _, a := range n.Args {
			f.node(a)
		}
		return Any
	}
	has, lacks, null := false, false, false
	for _, k := range x.kinds() {
		switch vk, known := valueKind(k); {
		case k == TypeNull:
			null = true
		case !known:
			has, null = true, null || k == TypeAny
		default:
			_, ok := value.LookupMethod(vk, n.Func)
			has, lacks = has || ok, lacks || !ok
		}
	}
	if null {
		f.doubt++ // a method of null is null, whatever the arguments
	}
	if lacks && !has {
		help := ""
		if lookupFunction(n.Func) != nil {
			help = "write " + n.Func + "(…) for other values"
		}
		f.report(false, diag.ExprUnknownMethod, n.FuncSpan, help, "%s is %s, which has no method `%s`", quoted(n.X), shownType(x), n.Func)
	}
	a, _, ok := f.arguments(sig, n, n.Args, n.Keywords, "."+n.Func+"()", never)
	if null {
		f.doubt--
	}
	if !ok {
		return Any
	}
	t := f.methodResult(n, sig, x.withoutNull(), a)
	if null {
		t = Union(t, Null)
	}
	return t
}

func (f *inferrer) methodResult(n *Call, sig *signature, x *Type, a []*Type) *Type {
	switch n.Func {
	case "copy":
		return x
	case "get":
		fallback := Null
		if a[1] != nil {
			fallback = a[1]
		}
		if name, ok := constantText(n.Args[0]); ok {
			t := fallback
			for _, m := range x.members() {
				ft, ok := member(m, name)
				if !ok {
					continue
				}
				if g, ok := m.Field(name); ok && g.Optional {
					t = Union(t, g.Type)
				} else {
					t = Union(t, ft)
				}
			}
			return t
		}
		return Any
	case "values":
		if x.Kind == TypeObject && !x.Open {
			out := Never
			for _, g := range x.Fields {
				out = Union(out, g.Type)
			}
			return ListOf(out)
		}
	case "keys":
		if x.Kind == TypeObject && !x.Open {
			return ListOf(Str)
		}
	case "items":
		if x.Kind == TypeObject && !x.Open {
			out := Never
			for _, g := range x.Fields {
				out = Union(out, g.Type)
			}
			return ListOf(TupleOf(Str, out))
		}
		return ListOf(TupleOf(Any, Any))
	case "index", "count", "find":
		return Int
	}
	return signatureType(sig.result)
}
