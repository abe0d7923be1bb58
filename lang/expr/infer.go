package expr

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
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
	quiet  int // findings are not wanted
	strict bool
}

// typeEnv is the types of the names that the text binds.
type typeEnv struct {
	outer *typeEnv
	types map[string]*Type
	maybe map[string]bool // bound in some branch only
}

func (e *typeEnv) bind(name string, t *Type) {
	if e.types == nil {
		e.types = map[string]*Type{}
	}
	e.types[name] = t
	delete(e.maybe, name)
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
			then = f.node(n.Then)
			if n.Else != nil {
				els = f.node(n.Else)
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
		} else {
			f.node(n.X)
		}
		for _, a := range n.Args {
			f.node(a)
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
	switch n := n.(type) {
	case *Attr:
		return f.attr(n, true)
	case *Index:
		return f.index(n, true)
	}
	return f.node(n)
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

// member is the type of the field name of one alternative of a type; ok is
// false where it cannot have the field.
func member(t *Type, name string) (typ *Type, ok bool) {
	switch t.Kind {
	case TypeAny:
		return Any, true
	case TypeObject:
		g, ok := t.Field(name)
		if !ok {
			return Null, false
		}
		if g.Optional {
			return Union(g.Type, Null), true
		}
		return orAny(g.Type), true
	case TypeDatetime:
		switch name {
		case "year", "month", "day", "hour", "minute", "second", "microsecond":
			return Int, true
		}
	case TypeTuple:
		if name == "grouper" || name == "list" {
			return Any, true
		}
	}
	return Null, false
}

func (f *inferrer) attr(n *Attr, guard bool) *Type {
	var x *Type
	if guard {
		x = f.guarded(n.X)
	} else {
		x = f.node(n.X)
	}
	if n.Name == "" {
		return Any
	}
	if n.Name == "output" && f.free(n.X) {
		if _, ok := x.Field("output"); !ok {
			return x // NODE.output is the node's whole result
		}
	}
	return f.field(n.X, x, n.Name, n.NameSpan, guard)
}

// field is the type of x.name, where x has the type t.
func (f *inferrer) field(x Node, t *Type, name string, s source.Span, guard bool) *Type {
	var out []*Type
	found, lacking := false, false
	for _, m := range t.members() {
		if m.Kind == TypeNull {
			out = append(out, Null)
			continue
		}
		ft, ok := member(m, name)
		found = found || ok
		lacking = lacking || !ok
		out = append(out, ft)
	}
	if lacking && !found && t.kind() != TypeNever {
		f.unknownField(x, t, name, s, guard)
	}
	return Union(out...)
}

func (f *inferrer) unknownField(x Node, t *Type, name string, s source.Span, guard bool) {
	if f.quiet > 0 || len(f.diags) >= maxDiags {
		return
	}
	d := diag.New(diag.ExprUnknownField, f.text.Loc(s), "%s has no field `%s`", quoted(x), name)
	names := t.FieldNames()
	solid := t.withoutNull()
	if q := f.text.Src[s.Start:s.End]; len(q) > 2 && q[1:len(q)-1] == name {
		s = source.Span{Start: s.Start + 1, End: s.End - 1} // x['name']: between the quotes
	}
	method := suggest.Best(name, methodsOf(solid))
	switch near := suggest.Near(name, names); {
	case len(near) > 0:
		d.Help = suggest.Help(name, names)
		d = nearest(d, f.text, s, near)
	case lookupMethod(name) != nil:
		d = d.WithHelp("it is a method: write %s.%s()", Print(x), name)
	case method != "":
		d = d.WithHelp("did you mean the method %s()?", method)
	case solid.Kind == TypeList && hasField(solid.Elem, name):
		d = d.WithHelp("it is a list: take an item with [0], or all with [x.%s for x in %s]", name, Print(x))
	case len(names) > 0:
		d = d.WithHelp("it has %s", fieldList(names))
	default:
		d = d.WithHelp("it is of type %s", t)
	}
	if guard {
		d = d.As(diag.Warning)
	}
	for _, o := range f.diags {
		if o.Loc == d.Loc && o.Code == d.Code {
			return
		}
	}
	if len(f.diags) < maxDiags {
		f.diags = append(f.diags, d)
	}
}

// methodsOf are the methods that every alternative of a type has.
func methodsOf(t *Type) []string {
	var out []string
	for i, k := range t.kinds() {
		vk, ok := valueKind(k)
		if !ok {
			return nil
		}
		names := slices.DeleteFunc(value.MethodNames(vk), func(m string) bool { return lookupMethod(m) == nil })
		if i == 0 {
			out = names
		} else {
			out = slices.DeleteFunc(out, func(m string) bool { return !slices.Contains(names, m) })
		}
	}
	return out
}

func hasField(t *Type, name string) bool {
	if t.IsAny() {
		return false
	}
	_, ok := t.Field(name)
	return ok
}

func fieldList(names []string) string {
	if len(names) > shownFields {
		return strings.Join(names[:shownFields], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func (f *inferrer) index(n *Index, guard bool) *Type {
	var x *Type
	if guard {
		x = f.guarded(n.X)
	} else {
		x = f.node(n.X)
	}
	f.node(n.Key)
	if l, ok := n.Key.(*Literal); ok {
		if name, ok := l.Value.AsString(); ok {
			return f.field(n.X, x, name, n.Key.Span(), guard)
		}
	}
	var out []*Type
	works := false
	for _, m := range x.members() {
		switch m.Kind {
		case TypeBool, TypeInt, TypeFloat, TypeDecimal, TypeDatetime:
		case TypeEnum:
			works = works || hasKind(m.Enum, value.KindString) || hasKind(m.Enum, value.KindNull)
		default:
			works = true
		}
		switch m.Kind {
		case TypeAny:
			return Any
		case TypeList:
			out = append(out, orAny(m.Elem), Null)
		case TypeTuple:
			out = append(out, tupleItem(m, n.Key), Null)
		case TypeStr:
			out = append(out, Str, Null)
		case TypeEnum:
			out = append(out, Str, Null)
		case TypeRange:
			out = append(out, Int, Null)
		case TypeObject:
			if m.Open {
				out = append(out, orAny(m.Elem))
			}
			for _, g := range m.Fields {
				out = append(out, g.Type)
			}
			out = append(out, Null)
		case TypeSet:
			if x.kind() == TypeSet {
				f.report(false, diag.ExprBadOperands, n.Span(), "a set has no order; make a list of it with list(x) or sorted(x)", "%s is a set, which has no items at places", quoted(n.X))
			}
			out = append(out, Null)
		default:
			out = append(out, Null)
		}
	}
	if !works {
		d := diag.New(diag.ExprUnknownField, f.text.Loc(n.Key.Span()), "%s has no items, it is of type %s", quoted(n.X), typeName(x))
		if guard {
			d = d.As(diag.Warning)
		}
		f.put(d)
	}
	return Union(out...)
}

// tupleItem is the type of a tuple's item.
func tupleItem(t *Type, key Node) *Type {
	if t.Items == nil {
		return orAny(t.Elem)
	}
	if l, ok := key.(*Literal); ok {
		if i, ok := l.Value.AsInt(); ok && i >= 0 && i < int64(len(t.Items)) {
			return orAny(t.Items[i])
		}
	}
	return Union(t.Items...)
}

func (f *inferrer) slice(n *Slice) *Type {
	x := f.node(n.X)
	for _, k := range []Node{n.Lo, n.Hi, n.Step} {
		if k != nil {
			f.node(k)
		}
	}
	var out []*Type
	works := false
	for _, m := range x.members() {
		switch m.Kind {
		case TypeAny:
			return Any
		case TypeNull:
			out, works = append(out, Null), true
		case TypeList:
			out, works = append(out, ListOf(orAny(m.Elem))), true
		case TypeTuple:
			out, works = append(out, &Type{Kind: TypeTuple, Elem: elementOf(m)}), true
		case TypeRange:
			out, works = append(out, Range), true
		case TypeStr:
			out, works = append(out, Str), true
		case TypeEnum:
			if hasKind(m.Enum, value.KindString) || hasKind(m.Enum, value.KindNull) {
				out, works = append(out, Str), true
			}
		}
	}
	if !works && x.Kind != TypeNever {
		f.report(false, diag.ExprBadOperands, n.Span(), "slices are taken of lists and texts", "%s is of type %s, which cannot be sliced", quoted(n.X), x)
		return Any
	}
	return Union(out...)
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
	outer := f.env
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
		}
	}
	key := f.node(n.Key)
	var val *Type
	if n.Value != nil {
		val = f.node(n.Value)
	}
	f.doubt--
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
