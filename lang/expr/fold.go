package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// Known gives the value of a build-time name with a path of field names, if it
// has one. It is asked for the longest constant path first: `spec.variables.x.y`
// is asked as (spec, [variables x y]), (spec, [variables x]), ….
type Known func(head string, path []string) (value.Value, bool)

// Fold is n with the parts that depend on known names only computed: they become
// Literals, and in a template, blocks become text. Names that the text binds
// itself, and names with a dollar sign, are never known. What cannot be computed
// stays as it is. Where the template is exactly one {{ expression }}, it stays
// one, so that it keeps its type; see Constant.
func Fold(n Node, known Known) Node {
	out, _ := FoldErrors(n, known)
	return out
}

// FoldErrors is Fold, and why parts that depend on known names only could not be
// computed: they will fail at run time too, if they are reached.
func FoldErrors(n Node, known Known) (Node, []*EvalError) {
	f := folder{put: map[*Literal]bool{}}
	at := map[Node]Ref{}
	for _, r := range Refs(n) {
		if !r.Namespace && !r.maybe && r.node != nil {
			at[r.node] = r
		}
	}
	if len(at) == 0 {
		return n, nil
	}
	n = Rewrite(n, func(m Node) Node {
		r, ok := at[m]
		if !ok {
			return m
		}
		return f.substitute(m, r, known)
	})
	if len(f.put) == 0 {
		return n, nil
	}
	if _, ok := n.(*Template); ok {
		f.strict = true
	}
	n = f.fold(n, false)
	return n, f.errs
}

// Build is n evaluated at build: FoldErrors, but parts that need no name at all
// are computed too.
func Build(n Node, known Known) (Node, []*EvalError) {
	out, errs := FoldErrors(n, known)
	if _, done := Constant(out); done || len(errs) > 0 {
		return out, errs
	}
	f := folder{put: map[*Literal]bool{}, all: true}
	if _, ok := out.(*Template); ok {
		f.strict = true
	}
	return f.fold(out, false), f.errs
}

// Constant is the value of a tree that needs no evaluation: a Literal, or a
// template without anything but text.
func Constant(n Node) (value.Value, bool) {
	switch n := n.(type) {
	case *Literal:
		return n.Value, true
	case *Template:
		if x, ok := n.Single(); ok {
			return Constant(x)
		}
		var b strings.Builder
		for _, p := range n.Parts {
			r, ok := p.(*Raw)
			if !ok {
				return value.Null, false
			}
			b.WriteString(r.Text)
		}
		return value.String(b.String()), true
	}
	return value.Null, false
}

type folder struct {
	put    map[*Literal]bool // the literals that stand for known names
	strict bool
	all    bool // compute also what depends on no name at all
	errs   []*EvalError
}

// substitute replaces the known part of a path by its value.
func (f *folder) substitute(n Node, r Ref, known Known) Node {
	names := make([]string, 0, len(r.Path))
	for _, s := range r.Path {
		if s.Index && allDigits(strings.TrimPrefix(s.Name, "-")) {
			break // an index of a list is no field
		}
		names = append(names, s.Name)
	}
	for k := len(names); k >= 0; k-- {
		v, ok := known(r.Head, names[:k:k])
		if !ok {
			continue
		}
		return f.rebuild(n, len(r.Path)-k, v)
	}
	return n
}

// rebuild is the path n with all but its last keep segments replaced by v.
func (f *folder) rebuild(n Node, keep int, v value.Value) Node {
	if keep == 0 {
		l := literal(n.Span(), v)
		f.put[l] = true
		return l
	}
	switch n := n.(type) {
	case *Attr:
		c := *n
		c.X = f.rebuild(n.X, keep-1, v)
		return &c
	case *Index:
		c := *n
		c.X = f.rebuild(n.X, keep-1, v)
		return &c
	}
	return n
}

// computable reports whether n depends on known names only, and on one at least.
func (f *folder) computable(n Node) bool {
	known, ok := f.all, true
	Walk(n, func(m Node) bool {
		switch m := m.(type) {
		case *Literal:
			known = known || f.put[m]
		case *Call:
			if sig := lookupFunction(m.Func); m.X == nil && (sig == nil || sig.impure) {
				ok = false
			}
		case *Bad, *Namespace:
			ok = false
		case *Assign:
			ok = ok && m.Field == "" // of a variable that may be set outside
		}
		return ok
	})
	return known && ok && len(Refs(n)) == 0
}

// fold computes the largest computable parts of n. guard says that n may be
// missing where it stands.
func (f *folder) fold(n Node, guard bool) Node {
	if n == nil {
		return nil
	}
	if _, done := n.(*Literal); done {
		return n
	}
	if t, ok := n.(*Template); ok {
		return f.template(t)
	}
	if f.computable(n) {
		return f.compute(n, guard)
	}
	return f.parts(n)
}

// compute is n as a Literal, or n itself where it cannot be computed.
func (f *folder) compute(n Node, guard bool) Node {
	c := &compiler{strict: f.strict, scope: &locals{}}
	fn := c.node(n, guard)
	if c.err != nil {
		return n
	}
	fr := newFrame(noEnv{}, nil, c.count)
	v, err := fn(fr)
	fr.release(nil)
	if err != nil {
		f.errs = append(f.errs, err)
		return n
	}
	switch v.Kind() {
	case value.KindMissing, value.KindRange, value.KindSecret:
		return n
	}
	l := literal(n.Span(), v)
	f.put[l] = true
	return l
}

// text is a statement as text, or itself where it cannot be computed.
func (f *folder) text(n Node) Node {
	p, err := CompileTemplate(&Template{at: at{n.Span()}, Parts: []Node{n}}, nil)
	if err != nil {
		return n
	}
	s, e := p.Render(noEnv{}, nil)
	if e != nil {
		f.errs = append(f.errs, e)
		return n
	}
	return &Raw{at{n.Span()}, s}
}

func (f *folder) template(t *Template) Node {
	out := &Template{at: t.at}
	if x, ok := t.Single(); ok {
		o := t.Parts[0].(*Output)
		out.Parts = []Node{&Output{o.at, f.fold(x, false)}}
		return out
	}
	var texts textRun
	for _, p := range t.Parts {
		var n Node
		switch p := p.(type) {
		case *If, *For:
			if f.computable(p) && !assigns(p) {
				n = f.text(p)
			} else {
				n = f.parts(p)
			}
		case *Output:
			n = f.output(p)
		default:
			n = f.parts(p)
		}
		if r, ok := n.(*Raw); ok {
			texts.add(r.span, r.Text)
			continue
		}
		out.Parts = texts.flush(out.Parts)
		out.Parts = append(out.Parts, n)
	}
	out.Parts = texts.flush(out.Parts)
	return out
}

// output makes text of a {{ }} among others.
func (f *folder) output(n *Output) Node {
	if f.computable(n.X) {
		return f.text(n)
	}
	return f.parts(n)
}

// assigns reports whether a block sets a variable that is seen behind it.
func assigns(n Node) bool {
	found := false
	if _, ok := n.(*For); ok {
		return false // what a loop sets ends with it
	}
	Walk(n, func(m Node) bool {
		switch m.(type) {
		case *Assign:
			found = true
		case *For:
			return false
		}
		return !found
	})
	return found
}

// parts folds the children of n.
func (f *folder) parts(n Node) Node {
	fold := func(m Node) Node { return f.fold(m, false) }
	all := func(list []Node) []Node {
		out := make([]Node, len(list))
		for i, m := range list {
			out[i] = fold(m)
		}
		return out
	}
	block := func(t *Template) *Template {
		if t == nil {
			return nil
		}
		// a body is text even if it is one {{ }}
		parts := t.Parts
		if len(parts) == 1 {
			if o, ok := parts[0].(*Output); ok {
				return &Template{t.at, []Node{f.output(o)}}
			}
		}
		out, ok := f.template(t).(*Template)
		if !ok {
			return t
		}
		return out
	}
	switch n := n.(type) {
	case *Attr:
		c := *n
		c.X = fold(n.X)
		return &c
	case *Index:
		return &Index{n.at, fold(n.X), fold(n.Key)}
	case *Slice:
		return &Slice{n.at, fold(n.X), fold(n.Lo), fold(n.Hi), fold(n.Step)}
	case *Call:
		c := *n
		c.X = fold(n.X)
		c.Args = make([]Node, len(n.Args))
		for i, a := range n.Args {
			c.Args[i] = f.fold(a, n.X == nil && guardsParam(n.Func, i))
		}
		c.Keywords = f.keywords(n.Keywords)
		return &c
	case *Unary:
		return &Unary{n.at, n.Op, fold(n.X)}
	case *Binary:
		return &Binary{n.at, n.Op, fold(n.X), fold(n.Y)}
	case *Compare:
		return &Compare{n.at, fold(n.First), n.Ops, all(n.Rest)}
	case *Cond:
		return &Cond{n.at, fold(n.Then), f.fold(n.Test, f.strict), fold(n.Else)}
	case *List:
		return &List{n.at, all(n.Items)}
	case *Tuple:
		return &Tuple{n.at, all(n.Items)}
	case *Dict:
		return &Dict{n.at, all(n.Keys), all(n.Values)}
	case *Comp:
		c := &Comp{at: n.at, Of: n.Of, Key: fold(n.Key), Value: fold(n.Value)}
		for _, cl := range n.Clauses {
			c.Clauses = append(c.Clauses, CompFor{cl.Targets, fold(cl.Iter), all(cl.Ifs)})
		}
		return c
	case *Filter:
		c := *n
		c.X, c.Args, c.Keywords = f.fold(n.X, guardsFilter(n.Name)), all(n.Args), f.keywords(n.Keywords)
		return &c
	case *Is:
		c := *n
		c.X, c.Args = f.fold(n.X, guardsTest(n.Name)), all(n.Args)
		return &c
	case *Output:
		return &Output{n.at, fold(n.X)}
	case *If:
		c := &If{at: n.at, Else: block(n.Else)}
		for i, t := range n.Tests {
			c.Tests = append(c.Tests, f.fold(t, true))
			c.Bodies = append(c.Bodies, block(n.Bodies[i]))
		}
		return c
	case *For:
		c := *n
		c.Iter, c.Body, c.Else = fold(n.Iter), block(n.Body), block(n.Else)
		if n.Filter != nil {
			c.Filter = f.fold(n.Filter, true)
		}
		return &c
	case *Assign:
		c := *n
		if t, ok := n.X.(*Template); ok {
			c.X = block(t)
		} else {
			c.X = fold(n.X)
		}
		return &c
	}
	return n
}

func (f *folder) keywords(in []Keyword) []Keyword {
	out := make([]Keyword, len(in))
	for i, k := range in {
		k.Value = f.fold(k.Value, false)
		out[i] = k
	}
	return out
}
