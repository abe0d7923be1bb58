package expr

import (
	"strconv"

	"hexdag.dev/hexdag/lang/source"
)

// Ref is one use of a free name: one that the text does not bind itself.
type Ref struct {
	Head      string
	Namespace bool // the head has a dollar sign, which Head leaves out
	HeadSpan  source.Span
	Span      source.Span // of the head with its path
	// Path is the constant segments behind the head: `a.b['c'][0]` has b, c and
	// 0. It ends where a segment is computed, sliced or called.
	Path []Segment
	// Guarded says that the name need not exist here: it stands under `default`,
	// `required`, `coalesce`, `is defined` or their kin, is itself the condition
	// of a template, or stands where such a condition found it to exist.
	Guarded bool

	maybe bool // set by the template in some branch
	node  Node // the name or path itself
}

// Segment is one step of a path.
type Segment struct {
	Name  string // the field, or the decimal index
	Span  source.Span
	Index bool // written as a subscript
}

// Refs returns the free names that n reads, in the order of the text. Literals,
// names of functions and keywords, loop variables and names that the template
// sets are not among them; a name that is set in some branch only is.
func Refs(n Node) []Ref { return AppendRefs(nil, n) }

// AppendRefs appends what Refs returns to refs, for callers that look at many
// texts and keep none of the result.
func AppendRefs(refs []Ref, n Node) []Ref {
	w := refWalker{refs: refs, scope: &names{}}
	w.walk(n, false)
	return w.refs
}

type refWalker struct {
	refs  []Ref
	scope *names
	// present counts, for each head, the conditions around here that found it.
	present map[string]int
	inTmpl  bool
	// unset is called for {% set x.y = … %} of a variable that is not set.
	unset func(*Assign)
}

func key(head string, namespace bool) string {
	if namespace {
		return "$" + head
	}
	return head
}

// assuming runs f where the condition test came out as want.
func (w *refWalker) assuming(test Node, want bool, f func()) {
	var heads []string
	facts(test, want, func(head string, ns bool) { heads = append(heads, key(head, ns)) })
	if len(heads) > 0 && w.present == nil {
		w.present = map[string]int{}
	}
	for _, h := range heads {
		w.present[h]++
	}
	f()
	for _, h := range heads {
		w.present[h]--
	}
}

// path reads a chain of constant segments down to its head.
func path(n Node) (head Node, segments []Segment) {
	switch n := n.(type) {
	case *Attr:
		head, segments = path(n.X)
		if head != nil {
			segments = append(segments, Segment{n.Name, n.NameSpan, false})
		}
	case *Index:
		name, ok := constantKey(n.Key)
		if !ok {
			return nil, nil
		}
		head, segments = path(n.X)
		if head != nil {
			segments = append(segments, Segment{name, n.Key.Span(), true})
		}
	case *Name, *Namespace:
		head = n
	}
	return head, segments
}

// constantKey is the text of a subscript that is a string or integer literal.
func constantKey(n Node) (string, bool) {
	switch n := n.(type) {
	case *Literal:
		if s, ok := n.Value.AsString(); ok {
			return s, true
		}
		if i, ok := n.Value.AsInt(); ok {
			return strconv.FormatInt(i, 10), true
		}
	case *Unary:
		if l, ok := n.X.(*Literal); ok && n.Op == OpNeg {
			if i, ok := l.Value.AsInt(); ok {
				return strconv.FormatInt(-i, 10), true
			}
		}
	}
	return "", false
}

func (w *refWalker) ref(head, whole Node, segments []Segment, guarded bool) {
	r := Ref{Span: whole.Span(), HeadSpan: head.Span(), Path: segments, node: whole}
	switch h := head.(type) {
	case *Name:
		b := w.scope.lookup(h.Ident)
		if b == always {
			return
		}
		r.Head, r.maybe = h.Ident, b == maybe
	case *Namespace:
		r.Head, r.Namespace = h.Ident, true
	}
	r.Guarded = guarded || w.present[key(r.Head, r.Namespace)] > 0
	w.refs = append(w.refs, r)
}

// condition walks the condition of a template, where a path may be missing.
func (w *refWalker) condition(n Node) {
	switch n := n.(type) {
	case *Unary:
		if n.Op == OpNot {
			w.condition(n.X)
			return
		}
	case *Binary:
		if n.Op == OpAnd || n.Op == OpOr {
			w.condition(n.X)
			w.assuming(n.X, n.Op == OpAnd, func() { w.condition(n.Y) })
			return
		}
	}
	w.walk(n, true)
}

// walk visits n; guarded says that it stands where its value may be missing.
func (w *refWalker) walk(n Node, guarded bool) {
	switch n := n.(type) {
	case nil, *Literal, *Raw:
	case *Name, *Namespace:
		w.ref(n, n, nil, guarded)
	case *Attr:
		if head, segments := path(n); head != nil {
			w.ref(head, n, segments, guarded)
			return
		}
		w.walk(n.X, guarded)
	case *Index:
		if head, segments := path(n); head != nil {
			w.ref(head, n, segments, guarded)
			return
		}
		w.walk(n.X, guarded)
		w.walk(n.Key, false)
	case *Slice:
		w.walk(n.X, guarded)
		for _, k := range []Node{n.Lo, n.Hi, n.Step} {
			if k != nil {
				w.walk(k, false)
			}
		}
	case *Call:
		w.call(n, guarded)
	case *Unary:
		w.walk(n.X, false)
	case *Binary:
		w.walk(n.X, false)
		if n.Op == OpAnd || n.Op == OpOr {
			w.assuming(n.X, n.Op == OpAnd, func() { w.walk(n.Y, false) })
			return
		}
		w.walk(n.Y, false)
	case *Compare:
		w.walk(n.First, false)
		w.all(n.Rest)
	case *Cond:
		w.cond(n)
	case *List:
		w.all(n.Items)
	case *Tuple:
		w.all(n.Items)
	case *Dict:
		for i := range n.Keys {
			w.walk(n.Keys[i], false)
			w.walk(n.Values[i], false)
		}
	case *Comp:
		w.comp(n)
	case *Filter:
		w.walk(n.X, guardsFilter(n.Name))
		w.all(n.Args)
		w.keywords(n.Keywords)
	case *Is:
		w.walk(n.X, guardsTest(n.Name))
		w.all(n.Args)
	case *Bad:
		if n.X != nil {
			w.walk(n.X, guarded)
		}
	default:
		w.statement(n)
	}
}

func (w *refWalker) all(nodes []Node) {
	for _, n := range nodes {
		w.walk(n, false)
	}
}

func (w *refWalker) keywords(kws []Keyword) {
	for _, k := range kws {
		w.walk(k.Value, false)
	}
}

func (w *refWalker) call(n *Call, guarded bool) {
	if n.X != nil {
		if l, ok := n.X.(*Name); ok && l.Ident == "loop" && w.scope.lookup("loop") == always {
			w.all(n.Args)
			return
		}
		w.walk(n.X, guarded)
	}
	for i, a := range n.Args {
		w.walk(a, n.X == nil && guardsParam(n.Func, i))
	}
	for _, k := range n.Keywords {
		if functionKey(n, k) != nil {
			continue
		}
		w.walk(k.Value, n.X == nil && n.Func == "default" && k.Name == "value")
	}
}

// functionKey is the function that a `key=` argument names, or nil.
func functionKey(c *Call, k Keyword) *signature {
	if c.X != nil || k.Name != "key" {
		return nil
	}
	switch c.Func {
	case "sorted", "min", "max":
		if n, ok := k.Value.(*Name); ok {
			return lookupFunction(n.Ident)
		}
	}
	return nil
}

func (w *refWalker) cond(n *Cond) {
	if !w.inTmpl {
		// order of the text: then, test, else
		w.assuming(n.Test, true, func() { w.walk(n.Then, false) })
		w.walk(n.Test, false)
	} else {
		w.assuming(n.Test, true, func() { w.walk(n.Then, false) })
		w.condition(n.Test)
	}
	if n.Else != nil {
		w.assuming(n.Test, false, func() { w.walk(n.Else, false) })
	}
}

func (w *refWalker) comp(n *Comp) {
	outer := w.scope
	start := len(w.refs)
	for i, f := range n.Clauses {
		w.walk(f.Iter, false)
		if i == 0 {
			w.scope = outer.inner()
		}
		for _, t := range f.Targets {
			w.scope.bind(t.Ident, always)
		}
		for _, c := range f.Ifs {
			w.walk(c, false)
		}
	}
	// the element stands first in the text
	clauses := append([]Ref(nil), w.refs[start:]...)
	w.refs = w.refs[:start]
	w.walk(n.Key, false)
	if n.Value != nil {
		w.walk(n.Value, false)
	}
	w.refs = append(w.refs, clauses...)
	w.scope = outer
}

func (w *refWalker) statement(n Node) {
	switch n := n.(type) {
	case *Template:
		was := w.inTmpl
		w.inTmpl = true
		for _, p := range n.Parts {
			w.walk(p, false)
		}
		w.inTmpl = was
	case *Output:
		w.walk(n.X, false)
	case *Assign:
		if n.Field != "" && w.scope.lookup(n.Target.Ident) == free && w.unset != nil {
			w.unset(n)
		}
		if n.Field != "" && w.scope.lookup(n.Target.Ident) != always {
			w.ref(&n.Target, &n.Target, nil, false)
		}
		outer := w.scope
		if _, block := n.X.(*Template); block {
			w.scope = outer.inner()
		}
		w.walk(n.X, false)
		w.scope = outer
		if n.Field == "" {
			w.scope.bind(n.Target.Ident, always)
		}
	case *If:
		w.ifStatement(n)
	case *For:
		w.walk(n.Iter, false)
		outer := w.scope
		w.scope = outer.inner()
		for _, t := range n.Targets {
			w.scope.bind(t.Ident, always)
		}
		if n.Filter != nil {
			w.condition(n.Filter)
		}
		w.scope.bind("loop", always)
		body := func() { w.walk(n.Body, false) }
		if n.Filter != nil {
			w.assuming(n.Filter, true, body)
		} else {
			body()
		}
		w.scope = outer
		if n.Else != nil {
			w.scope = outer.inner()
			w.walk(n.Else, false)
			w.scope = outer
		}
	}
}

func (w *refWalker) ifStatement(n *If) {
	outer := w.scope
	var failed []string // what the tests so far found to exist by failing
	bodies := make([]func(*names), 0, len(n.Tests)+1)
	for i := range n.Tests {
		bodies = append(bodies, func(inner *names) {
			w.condition(n.Tests[i])
			w.scope = inner
			w.assuming(n.Tests[i], true, func() { w.walk(n.Bodies[i], false) })
			w.scope = outer
			facts(n.Tests[i], false, func(head string, ns bool) {
				if w.present == nil {
					w.present = map[string]int{}
				}
				failed = append(failed, key(head, ns))
				w.present[key(head, ns)]++
			})
		})
	}
	if n.Else != nil {
		bodies = append(bodies, func(inner *names) {
			w.scope = inner
			w.walk(n.Else, false)
			w.scope = outer
		})
	}
	outer.branches(n.Else != nil, bodies...)
	for _, h := range failed {
		w.present[h]--
	}
}
