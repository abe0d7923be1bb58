package expr

import (
	"slices"
	"strconv"

	"hexdag.dev/hexdag/lang/value"
)

// A condition says something about the values of the paths in it: behind
// `x.y is not None` x.y is not null. This file finds what, and Infer applies it
// where the condition is known to have come out one way: in the branches of an
// `if`, the right side of `and` and `or`, behind the `if` of a comprehension.
// What is said is dropped where the path's head gets another value.

// typeFact says that a path is of a narrower type.
type typeFact struct {
	path pathKey
	t    *Type
}

// pathKey names a path of constant segments, whichever way it is written; rest
// is empty for the head alone.
type pathKey struct {
	head string // with its dollar sign
	rest string
}

// pathKeyOf is the key of n; ok is false if n is no such path.
func pathKeyOf(n Node) (k pathKey, ok bool) {
	switch n := n.(type) {
	case *Name:
		return pathKey{head: n.Ident}, true
	case *Namespace:
		return pathKey{head: key(n.Ident, true)}, true
	case *Attr:
		k, ok = pathKeyOf(n.X)
		k.rest += "." + strconv.Quote(n.Name)
		return k, ok && n.Name != ""
	case *Index:
		l, isLiteral := n.Key.(*Literal)
		if !isLiteral {
			return k, false
		}
		if k, ok = pathKeyOf(n.X); !ok {
			return k, false
		}
		if s, isText := l.Value.AsString(); isText {
			k.rest += "." + strconv.Quote(s)
			return k, true
		}
		i, isInt := l.Value.AsInt()
		k.rest += "[" + strconv.FormatInt(i, 10)
		return k, isInt
	}
	return k, false
}

// narrowed runs do where the condition test came out as want.
func (f *inferrer) narrowed(test Node, want bool, do func()) {
	f.assuming(f.factsOf(test, want), do)
}

// assuming runs do where the facts hold.
func (f *inferrer) assuming(list []typeFact, do func()) {
	if len(list) == 0 {
		do()
		return
	}
	outer := f.env
	f.env = &typeEnv{outer: outer}
	f.env.assume(list)
	f.narrows++
	do()
	f.narrows--
	f.env = outer
}

// assume adds facts to what holds in e; of two on one path the later one holds,
// which was found where the earlier one did.
func (e *typeEnv) assume(list []typeFact) {
	if e.narrow == nil {
		e.narrow = map[pathKey]*Type{}
	}
	for _, fact := range list {
		e.narrow[fact.path] = fact.t
	}
}

// forget drops what is known of the paths of a head.
func (e *typeEnv) forget(head string) {
	for k := range e.narrow {
		if k.head == head {
			delete(e.narrow, k)
		}
	}
}

// narrow is the type of the path n, whose declared type is t.
func (f *inferrer) narrow(n Node, t *Type) *Type {
	if f.narrows == 0 {
		return t
	}
	k, ok := pathKeyOf(n)
	if !ok {
		return t
	}
	for e := f.env; e != nil; e = e.outer {
		if known, ok := e.narrow[k]; ok {
			return known
		}
		if _, bound := e.types[k.head]; bound {
			break
		}
	}
	return t
}

// factsOf is what holds if the condition n came out as want. The types of the
// paths are those at this place.
func (f *inferrer) factsOf(n Node, want bool) []typeFact {
	switch n := n.(type) {
	case *Unary:
		if n.Op == OpNot {
			return f.factsOf(n.X, !want)
		}
	case *Binary:
		if n.Op == OpAnd && want || n.Op == OpOr && !want {
			chain := chainOf(n)
			out := f.factsOf(chain[0].X, want)
			for _, b := range chain {
				f.assuming(out, func() { out = append(out, f.factsOf(b.Y, want)...) })
			}
			return out
		}
	case *Compare:
		return f.compareFacts(n, want)
	case *Is:
		return f.testFacts(n, want)
	case *Call:
		if n.X == nil && len(n.Args) == 1 && len(n.Keywords) == 0 {
			switch n.Func {
			case "bool":
				return f.factsOf(n.Args[0], want)
			case "isnone":
				return f.fact(n.Args[0], func(t *Type) *Type { return onlyNull(t, want) })
			case "isempty":
				if !want {
					return f.fact(n.Args[0], (*Type).withoutNull)
				}
			}
		}
	case *Name, *Namespace, *Attr, *Index:
		return f.fact(n, func(t *Type) *Type { return t.withTruth(want) })
	}
	return nil
}

// chainOf is a chain of one operator, (a and b) and c, from the inside out. To
// look at each operand once, and not at all before it again, keeps time linear.
func chainOf(n *Binary) []*Binary {
	chain := []*Binary{n}
	for {
		x, ok := n.X.(*Binary)
		if !ok || x.Op != n.Op {
			break
		}
		chain = append(chain, x)
		n = x
	}
	slices.Reverse(chain)
	return chain
}

// logic is the type of a chain of `and` or `or`; visit infers an operand.
func (f *inferrer) logic(n *Binary, visit func(Node) *Type) *Type {
	chain := chainOf(n)
	t := visit(chain[0].X)
	list := f.factsOf(chain[0].X, n.Op == OpAnd)
	for i, b := range chain {
		y := Any
		f.doubtful(func() {
			f.assuming(list, func() {
				y = visit(b.Y)
				if i+1 < len(chain) {
					list = append(list, f.factsOf(b.Y, n.Op == OpAnd)...)
				}
			})
		})
		if n.Op == OpOr {
			t = t.withoutNull()
		}
		t = Union(t, y)
		if f.types != nil {
			f.types[b] = t
		}
	}
	return t
}

// fact narrows the type of n, if n is a path that keeps its value.
func (f *inferrer) fact(n Node, narrow func(*Type) *Type) []typeFact {
	k, ok := pathKeyOf(n)
	if !ok || f.mutable[k.head] {
		return nil
	}
	f.quiet++
	t := f.guarded(n)
	f.quiet--
	if narrower := narrow(t); narrower != t {
		return []typeFact{{k, narrower}}
	}
	return nil
}

// onlyNull is null, if t may be, or t without it.
func onlyNull(t *Type, null bool) *Type {
	switch {
	case !null:
		return t.withoutNull()
	case t.IsAny() || t.nullable():
		return Null
	}
	return Never
}

// withTruth is the part of t whose truth is want, as far as constants tell.
func (t *Type) withTruth(want bool) *Type {
	return t.filtered(func(m *Type) bool { return !(want && m.Kind == TypeNull) },
		func(v value.Value) bool { return value.Truthy(v) == want })
}

// filtered is the alternatives of t that keep accepts, and of enums the values
// that keepValue does; t itself if that is all of them.
func (t *Type) filtered(keep func(*Type) bool, keepValue func(value.Value) bool) *Type {
	var out []*Type
	same := true
	for _, m := range t.members() {
		if m.Kind != TypeEnum {
			if !keep(m) {
				same = false
				continue
			}
			out = append(out, m)
			continue
		}
		var kept []value.Value
		for _, v := range m.Enum {
			if keepValue(v) {
				kept = append(kept, v)
			}
		}
		if len(kept) == len(m.Enum) {
			out = append(out, m)
			continue
		}
		same = false
		if len(kept) > 0 {
			out = append(out, EnumOf(kept...))
		}
	}
	if same {
		return t
	}
	return Union(out...)
}

// compareFacts is what a comparison says.
func (f *inferrer) compareFacts(n *Compare, want bool) []typeFact {
	if len(n.Ops) != len(n.Rest) || len(n.Ops) > 1 && !want {
		return nil // of a chain that failed nobody knows which part
	}
	var out []typeFact
	x := n.First
	for i, op := range n.Ops {
		y := n.Rest[i]
		switch op {
		case OpIs, OpEq:
			out = append(out, f.equalFacts(op, x, y, want)...)
		case OpIsNot, OpNe:
			out = append(out, f.equalFacts(op, x, y, !want)...)
		case OpLt, OpLe, OpGt, OpGe:
			if want { // with null no order holds
				out = append(append(out, f.fact(x, (*Type).withoutNull)...), f.fact(y, (*Type).withoutNull)...)
			}
		case OpIn:
			out = append(out, f.memberFacts(x, y, want)...)
		case OpNotIn:
			if len(n.Ops) == 1 {
				out = append(out, f.memberFacts(x, y, !want)...)
			}
		}
		x = y
	}
	return out
}

// equalFacts is what x == y says, or x is y.
func (f *inferrer) equalFacts(op Op, x, y Node, equal bool) []typeFact {
	l, ok := y.(*Literal)
	if !ok {
		if l, ok = x.(*Literal); !ok {
			return nil
		}
		x = y
	}
	if l.Value.IsNull() {
		return f.fact(x, func(t *Type) *Type { return onlyNull(t, equal) })
	}
	if op == OpIs || op == OpIsNot {
		return nil // identity of values is not worth a type
	}
	return f.fact(x, func(t *Type) *Type {
		return t.filtered(func(m *Type) bool { return !equal || m.Kind != TypeNull },
			func(v value.Value) bool { return value.Equal(v, l.Value) == equal })
	})
}

// memberFacts is what x in y says, for a y of constants; and that y is not null.
func (f *inferrer) memberFacts(x, y Node, in bool) []typeFact {
	var items []Node
	switch y := y.(type) {
	case *List:
		items = y.Items
	case *Tuple:
		items = y.Items
	default:
		if in {
			return f.fact(y, (*Type).withoutNull)
		}
		return nil
	}
	list, ok := constants(items)
	if !ok {
		return nil
	}
	null := slices.ContainsFunc(list, value.Value.IsNull)
	return f.fact(x, func(t *Type) *Type {
		return t.filtered(func(m *Type) bool { return m.Kind != TypeNull || null == in },
			func(v value.Value) bool {
				return slices.ContainsFunc(list, func(w value.Value) bool { return value.Equal(v, w) }) == in
			})
	})
}

// testFacts is what a template's test says.
func (f *inferrer) testFacts(n *Is, want bool) []typeFact {
	want = want != n.Not
	kinds := map[string][]TypeKind{
		"string": {TypeStr}, "boolean": {TypeBool}, "integer": {TypeInt}, "float": {TypeFloat},
		"mapping": {TypeObject}, "number": {TypeInt, TypeFloat, TypeDecimal, TypeBool},
	}[n.Name]
	switch n.Name {
	case "none":
		return f.fact(n.X, func(t *Type) *Type { return onlyNull(t, want) })
	case "defined", "undefined":
		if want == (n.Name == "defined") {
			return f.presentFact(n.X)
		}
		return nil
	}
	if kinds == nil {
		return nil
	}
	fits := func(k TypeKind) bool { return slices.Contains(kinds, k) == want }
	return f.fact(n.X, func(t *Type) *Type {
		return t.filtered(func(m *Type) bool {
			// what is declared float may be an int
			return m.Kind == TypeAny || fits(m.Kind) || m.Kind == TypeFloat && fits(TypeInt)
		}, func(v value.Value) bool { return fits(kindOfValue(v)) })
	})
}

// presentFact is what a field that is there says: an optional one has its own
// type then.
func (f *inferrer) presentFact(n Node) []typeFact {
	a, ok := n.(*Attr)
	if !ok {
		return nil
	}
	f.quiet++
	x := f.guarded(a.X)
	f.quiet--
	x = x.withoutNull()
	if x.Kind != TypeObject {
		return nil
	}
	if g, ok := x.Field(a.Name); ok && g.Optional && !orAny(g.Type).nullable() {
		return f.fact(n, func(*Type) *Type { return orAny(g.Type) })
	}
	return nil
}

// mutableNames are the variables of a template whose fields are set: what a
// condition found of them may not hold any more.
func mutableNames(t *Template) map[string]bool {
	var out map[string]bool
	Walk(t, func(n Node) bool {
		if a, ok := n.(*Assign); ok && a.Field != "" {
			if out == nil {
				out = map[string]bool{}
			}
			out[a.Target.Ident] = true
		}
		return true
	})
	return out
}
