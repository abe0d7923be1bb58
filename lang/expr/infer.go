package expr

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// TypeScope gives the types of free names.
type TypeScope interface {
	// Lookup is the type of a head; namespace says that it is written with a
	// dollar sign. Where it reports false, nothing is known of the name: whether
	// it exists is not Infer's question.
	Lookup(head string, namespace bool) (*Type, bool)
}

// Infer is the type of n's value, never nil, and what is provably wrong with n:
// what fails, or reads what cannot be there, under every value that the types of
// the scope allow. Faults of parts that may never be reached (a branch, the
// right side of `and`, the body of a loop) are warnings. A template that is
// exactly one {{ expression }} has that expression's type, any other is a text.
// scope may be nil.
func Infer(n Node, t Text, scope TypeScope) (*Type, []diag.Diagnostic) {
	f := &inferrer{text: t, scope: scope, env: &typeEnv{}}
	typ := f.node(n)
	return orAny(typ), f.diags
}

type inferrer struct {
	text  Text
	scope TypeScope
	env   *typeEnv
	diags []diag.Diagnostic
	// doubt counts the conditions around here: what is wrong may never happen.
	doubt  int
	quiet  int  // findings are not wanted
	secret bool // what was written of the text so far has a secret in it for sure
	strict bool
	types  map[Node]*Type // of every node, if wanted
	// narrows counts the conditions around here that say something, see
	// infer_narrow.go; mutable are names of which none does.
	narrows int
	mutable map[string]bool
}

// InferAll is the type of every expression in n, also in half-typed text: what
// hover and completion show. Templates and their tags are not in the map.
func InferAll(n Node, t Text, scope TypeScope) map[Node]*Type {
	f := &inferrer{text: t, scope: scope, env: &typeEnv{}, quiet: 1, types: map[Node]*Type{}}
	f.node(n)
	return f.types
}

// typeEnv is the types of the names that the text binds.
type typeEnv struct {
	outer *typeEnv
	types map[string]*Type
	maybe map[string]bool // bound in some branch only
	// narrow is what conditions say of paths whose heads are bound further out.
	narrow map[pathKey]*Type
}

func (e *typeEnv) bind(name string, t *Type) {
	if e.types == nil {
		e.types = map[string]*Type{}
	}
	e.types[name] = t
	delete(e.maybe, name)
	e.forget(name)
}

// lookup is the type of a bound name.
func (e *typeEnv) lookup(name string) (*Type, bool) {
	for s := e; s != nil; s = s.outer {
		if t, ok := s.types[name]; ok {
			if s.maybe[name] {
				return Any, true
			}
			return t, true
		}
	}
	return nil, false
}

func (f *inferrer) inner(do func()) {
	outer := f.env
	f.env = &typeEnv{outer: outer}
	do()
	f.env = outer
}

// doubtful runs do where what it finds may never be reached.
func (f *inferrer) doubtful(do func()) {
	f.doubt++
	do()
	f.doubt--
}

// report adds a finding; an error in doubt is a warning, unless certain.
func (f *inferrer) report(certain bool, code diag.Code, s source.Span, help, format string, args ...any) {
	if f.quiet > 0 || len(f.diags) >= maxDiags {
		return
	}
	d := diag.New(code, f.text.Loc(s), format, args...)
	d.Help = help
	if f.doubt > 0 && !certain && d.Severity == diag.Error {
		d.Severity = diag.Warning
	}
	for _, o := range f.diags {
		if o.Loc == d.Loc && o.Code == d.Code {
			return
		}
	}
	f.diags = append(f.diags, d)
}

func (f *inferrer) node(n Node) *Type {
	t := f.narrow(n, f.infer(n))
	if f.types != nil && n != nil {
		f.types[n] = t
	}
	return t
}

func (f *inferrer) infer(n Node) *Type {
	switch n := n.(type) {
	case nil:
		return Any
	case *Literal:
		return literalType(n.Value)
	case *Name:
		return f.name(n.Ident, false)
	case *Namespace:
		return f.name(n.Ident, true)
	case *Attr:
		return f.attr(n, false)
	case *Index:
		return f.index(n, false)
	case *Slice:
		return f.slice(n)
	case *Call:
		if n.X != nil {
			return f.method(n)
		}
		return f.call(n)
	case *Unary:
		return f.unary(n)
	case *Binary:
		return f.binary(n)
	case *Compare:
		return f.compare(n)
	case *Cond:
		f.node(n.Test)
		then, els := Any, Null
		f.doubtful(func() {
			f.narrowed(n.Test, true, func() { then = f.node(n.Then) })
			if n.Else != nil {
				f.narrowed(n.Test, false, func() { els = f.node(n.Else) })
			}
		})
		return Union(then, els)
	case *List:
		return ListOf(f.elements(n.Items))
	case *Tuple:
		items := make([]*Type, len(n.Items))
		for i, it := range n.Items {
			items[i] = f.node(it)
		}
		return TupleOf(items...)
	case *Dict:
		return f.dict(n)
	case *Comp:
		return f.comp(n)
	case *Filter:
		return f.filter(n)
	case *Is:
		if guardsTest(n.Name) {
			f.guarded(n.X)
			for _, a := range n.Args {
				f.node(a)
			}
		} else {
			f.test(n)
		}
		return Bool
	case *Bad:
		// what could not be parsed has its diagnostic; more would be noise
		f.quiet++
		f.node(n.X)
		f.quiet--
		return Any
	}
	return f.statement(n)
}

// literalType is the type of a constant: that value alone, for scalars.
func literalType(v value.Value) *Type {
	switch v.Kind() {
	case value.KindBool, value.KindInt, value.KindString, value.KindFloat:
		return EnumOf(v)
	}
	return TypeOf(v)
}

// guarded is the type of n where it may be missing: a field that cannot be there
// is then worth a warning only.
func (f *inferrer) guarded(n Node) *Type {
	var t *Type
	switch n := n.(type) {
	case *Attr:
		t = f.attr(n, true)
	case *Index:
		t = f.index(n, true)
	default:
		return f.node(n)
	}
	t = f.narrow(n, t)
	if f.types != nil {
		f.types[n] = t
	}
	return t
}

func (f *inferrer) name(head string, namespace bool) *Type {
	if !namespace {
		if t, ok := f.env.lookup(head); ok {
			return t
		}
	}
	if f.scope != nil {
		if t, ok := f.scope.Lookup(head, namespace); ok {
			return orAny(t)
		}
	}
	return Any
}

// free reports whether n is a name that the text does not bind.
func (f *inferrer) free(n Node) bool {
	x, ok := n.(*Name)
	if !ok {
		return false
	}
	_, bound := f.env.lookup(x.Ident)
	return !bound
}

// elementOf is the type of what a loop over one alternative of a type sees; nil
// if a loop cannot go over it.
func elementOf(t *Type) *Type {
	switch t.Kind {
	case TypeAny:
		return Any
	case TypeList, TypeSet:
		return orAny(t.Elem)
	case TypeTuple:
		if t.Items == nil {
			return orAny(t.Elem)
		}
		return Union(t.Items...)
	case TypeStr:
		return Str
	case TypeRange:
		return Int
	case TypeObject:
		if t.Open {
			return Any
		}
		return Str
	case TypeEnum:
		if hasKind(t.Enum, value.KindString) {
			return Str
		}
	case TypeNever:
		return Never
	}
	return nil
}

// items is the type of what a loop over n sees, and reports if it cannot.
func (f *inferrer) items(n Node, t *Type) *Type {
	var out []*Type
	works := false
	for _, m := range t.members() {
		if e := elementOf(m); e != nil {
			out, works = append(out, e), true
		}
	}
	if !works {
		help := "a loop needs a list, a mapping, a text or a range"
		switch t.kind() {
		case TypeNull:
			help = "it is null; give it a fallback with default(x, [])"
		case TypeInt:
			help = "write range(" + Print(n) + ") to count"
		}
		f.report(false, diag.ExprNotIterable, n.Span(), help, "%s is of type %s, which has no items", quoted(n), typeName(t))
		return Any
	}
	return Union(out...)
}

// elements is the type of the items of a list that is written out.
func (f *inferrer) elements(items []Node) *Type {
	types := make([]*Type, len(items))
	for i, it := range items {
		types[i] = f.node(it)
	}
	if len(types) > maxLiteral {
		return Any
	}
	return Union(types...)
}

func (f *inferrer) dict(n *Dict) *Type {
	t := &Type{Kind: TypeObject}
	known := len(n.Keys) <= maxLiteral
	for i, k := range n.Keys {
		kt := f.node(k)
		v := f.node(n.Values[i])
		if kt.Kind == TypeList || kt.Kind == TypeObject || kt.Kind == TypeSet {
			f.report(false, diag.ExprBadOperands, k.Span(), "use a text or a number as the key", "%s is of type %s, which cannot be a key", quoted(k), typeName(kt))
		}
		name, ok := constantText(k)
		if !ok {
			known = false
			continue
		}
		replaced := false
		for j := range t.Fields {
			if t.Fields[j].Name == name {
				t.Fields[j].Type, replaced = v, true
			}
		}
		if !replaced {
			t.Fields = append(t.Fields, Field{Name: name, Type: v, Default: value.Missing})
		}
	}
	if !known {
		return AnyDict
	}
	return t
}

func constantText(n Node) (string, bool) {
	l, ok := n.(*Literal)
	if !ok {
		return "", false
	}
	return l.Value.AsString()
}

func (f *inferrer) comp(n *Comp) *Type {
	outer, narrows := f.env, 0
	f.doubt++
	for i, c := range n.Clauses {
		if i == 0 {
			f.doubt-- // the first iterable is always computed
		}
		elem := f.items(c.Iter, f.node(c.Iter))
		if i == 0 {
			f.doubt++
			f.env = &typeEnv{outer: outer}
		}
		f.bindTargets(c.Targets, elem)
		for _, t := range c.Ifs {
			f.node(t)
			if list := f.factsOf(t, true); len(list) > 0 {
				f.env = &typeEnv{outer: f.env}
				f.env.assume(list)
				f.narrows++
				narrows++
			}
		}
	}
	key := f.node(n.Key)
	var val *Type
	if n.Value != nil {
		val = f.node(n.Value)
	}
	f.doubt--
	f.narrows -= narrows
	f.env = outer
	switch n.Of {
	case ListComp:
		return ListOf(key)
	case SetComp:
		return SetOf(key)
	}
	return DictOf(val)
}

// bindTargets gives the names of a loop the types of the parts of an item.
func (f *inferrer) bindTargets(names []Name, elem *Type) {
	if len(names) == 1 {
		f.env.bind(names[0].Ident, elem)
		return
	}
	for i, t := range names {
		typ := Any
		if elem.kind() == TypeTuple && elem.Items != nil && len(elem.Items) == len(names) {
			typ = orAny(elem.Items[i])
		}
		f.env.bind(t.Ident, typ)
	}
}
