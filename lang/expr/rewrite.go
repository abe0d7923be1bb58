package expr

import (
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// NewName is a name at a place, for trees that are made, not parsed.
func NewName(ident string, s source.Span) *Name { return &Name{at{s}, ident} }

// NewLiteral is a constant at a place, for trees that are made, not parsed.
func NewLiteral(v value.Value, s source.Span) *Literal { return &Literal{at{s}, v} }

// NewBad is a part that has no meaning, at a place, for trees that are made.
func NewBad(s source.Span) *Bad { return &Bad{at: at{s}} }

// NewOutput is {{ n }} at the place of n, for trees that are made, not parsed.
func NewOutput(n Node) *Output { return &Output{at{n.Span()}, n} }

// Rewrite is n with every node replaced by what f makes of it, children first.
// f gets the names that are read, not those that are bound. Parts that f leaves
// as they are, are shared with n.
func Rewrite(n Node, f func(Node) Node) Node {
	r := rewriter{f: f}
	return r.node(n)
}

type rewriter struct{ f func(Node) Node }

func (r *rewriter) list(in []Node) []Node {
	out := in
	for i, n := range in {
		m := r.node(n)
		if m == n {
			continue
		}
		if len(out) > 0 && &out[0] == &in[0] {
			out = append([]Node(nil), in...)
		}
		out[i] = m
	}
	return out
}

func (r *rewriter) keywords(in []Keyword) []Keyword {
	out := in
	for i, k := range in {
		m := r.node(k.Value)
		if m == k.Value {
			continue
		}
		if len(out) > 0 && &out[0] == &in[0] {
			out = append([]Keyword(nil), in...)
		}
		out[i].Value = m
	}
	return out
}

func sameList(a, b []Node) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func sameKeywords(a, b []Keyword) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func (r *rewriter) template(t *Template) *Template {
	if t == nil {
		return nil
	}
	if out, ok := r.node(t).(*Template); ok {
		return out
	}
	return t
}

func (r *rewriter) node(n Node) Node {
	if n == nil {
		return nil
	}
	return r.f(r.children(n))
}

func (r *rewriter) children(n Node) Node {
	switch n := n.(type) {
	case *Attr:
		if x := r.node(n.X); x != n.X {
			c := *n
			c.X = x
			return &c
		}
	case *Index:
		if x, k := r.node(n.X), r.node(n.Key); x != n.X || k != n.Key {
			return &Index{n.at, x, k}
		}
	case *Slice:
		x, lo, hi, step := r.node(n.X), r.node(n.Lo), r.node(n.Hi), r.node(n.Step)
		if x != n.X || lo != n.Lo || hi != n.Hi || step != n.Step {
			return &Slice{n.at, x, lo, hi, step}
		}
	case *Call:
		c := *n
		c.X, c.Args = r.node(n.X), r.list(n.Args)
		// the name of a key function is no name that is read
		kws := n.Keywords
		for i, k := range n.Keywords {
			if functionKey(n, k) != nil {
				continue
			}
			if m := r.node(k.Value); m != k.Value {
				if sameKeywords(kws, n.Keywords) {
					kws = append([]Keyword(nil), n.Keywords...)
				}
				kws[i].Value = m
			}
		}
		c.Keywords = kws
		if c.X != n.X || !sameList(c.Args, n.Args) || !sameKeywords(kws, n.Keywords) {
			return &c
		}
	case *Unary:
		if x := r.node(n.X); x != n.X {
			return &Unary{n.at, n.Op, x}
		}
	case *Binary:
		if x, y := r.node(n.X), r.node(n.Y); x != n.X || y != n.Y {
			return &Binary{n.at, n.Op, x, y}
		}
	case *Compare:
		if x, rest := r.node(n.First), r.list(n.Rest); x != n.First || !sameList(rest, n.Rest) {
			return &Compare{n.at, x, n.Ops, rest}
		}
	case *Cond:
		then, test, els := r.node(n.Then), r.node(n.Test), r.node(n.Else)
		if then != n.Then || test != n.Test || els != n.Else {
			return &Cond{n.at, then, test, els}
		}
	case *List:
		if items := r.list(n.Items); !sameList(items, n.Items) {
			return &List{n.at, items}
		}
	case *Tuple:
		if items := r.list(n.Items); !sameList(items, n.Items) {
			return &Tuple{n.at, items}
		}
	case *Dict:
		if k, v := r.list(n.Keys), r.list(n.Values); !sameList(k, n.Keys) || !sameList(v, n.Values) {
			return &Dict{n.at, k, v}
		}
	case *Comp:
		return r.comp(n)
	case *Filter:
		c := *n
		c.X, c.Args, c.Keywords = r.node(n.X), r.list(n.Args), r.keywords(n.Keywords)
		if c.X != n.X || !sameList(c.Args, n.Args) || !sameKeywords(c.Keywords, n.Keywords) {
			return &c
		}
	case *Is:
		c := *n
		c.X, c.Args = r.node(n.X), r.list(n.Args)
		if c.X != n.X || !sameList(c.Args, n.Args) {
			return &c
		}
	case *Bad:
		if x := r.node(n.X); x != n.X {
			return &Bad{n.at, x}
		}
	default:
		return r.statement(n)
	}
	return n
}

func (r *rewriter) comp(n *Comp) Node {
	c := *n
	c.Key, c.Value = r.node(n.Key), r.node(n.Value)
	changed := c.Key != n.Key || c.Value != n.Value
	c.Clauses = make([]CompFor, len(n.Clauses))
	for i, f := range n.Clauses {
		g := CompFor{f.Targets, r.node(f.Iter), r.list(f.Ifs)}
		changed = changed || g.Iter != f.Iter || !sameList(g.Ifs, f.Ifs)
		c.Clauses[i] = g
	}
	if !changed {
		return n
	}
	return &c
}

func (r *rewriter) statement(n Node) Node {
	switch n := n.(type) {
	case *Template:
		if parts := r.list(n.Parts); !sameList(parts, n.Parts) {
			return &Template{n.at, parts}
		}
	case *Output:
		if x := r.node(n.X); x != n.X {
			return &Output{n.at, x}
		}
	case *Assign:
		if x := r.node(n.X); x != n.X {
			c := *n
			c.X = x
			return &c
		}
	case *If:
		c := *n
		c.Tests, c.Else = r.list(n.Tests), r.template(n.Else)
		changed := !sameList(c.Tests, n.Tests) || c.Else != n.Else
		c.Bodies = make([]*Template, len(n.Bodies))
		for i, b := range n.Bodies {
			c.Bodies[i] = r.template(b)
			changed = changed || c.Bodies[i] != b
		}
		if changed {
			return &c
		}
	case *For:
		c := *n
		c.Iter, c.Filter, c.Body, c.Else = r.node(n.Iter), r.node(n.Filter), r.template(n.Body), r.template(n.Else)
		if c.Iter != n.Iter || c.Filter != n.Filter || c.Body != n.Body || c.Else != n.Else {
			return &c
		}
	}
	return n
}

// NewListOf is the expression that makes a list of what iterating over n gives.
func NewListOf(n Node) Node {
	s := at{n.Span()}
	item := Name{s, "item"}
	return &Comp{at: s, Of: ListComp, Key: &item, Clauses: []CompFor{{Targets: []Name{item}, Iter: n}}}
}

// TemplateOf is the template that is nothing but {{ n }}.
func TemplateOf(n Node) *Template {
	s := at{n.Span()}
	return &Template{at: s, Parts: []Node{&Output{s, n}}}
}

// NewAttr is X.Name at a place, for trees that are made, not parsed.
func NewAttr(x Node, name string, s source.Span) *Attr { return &Attr{at{s}, x, name, s} }
