package expr

import "hexdag.dev/hexdag/lang/source"

// NewName is a Name at a place: for rewriting.
func NewName(ident string, s source.Span) *Name { return &Name{at{s}, ident} }

// Rewrite replaces nodes bottom-up: f is called for every node, with its
// children already replaced, and gives what stands in its place. Nodes without
// a replaced child are shared with n, which is left as it was. f must not
// replace a template, a statement of one, or a name that binds.
func Rewrite(n Node, f func(Node) Node) Node {
	r := rewriter{f}
	return r.node(n)
}

type rewriter struct{ f func(Node) Node }

func (r *rewriter) node(n Node) Node {
	switch x := n.(type) {
	case nil:
		return nil
	case *Attr:
		c := *x
		if c.X = r.node(x.X); c.X != x.X {
			n = &c
		}
	case *Index:
		c := *x
		c.X, c.Key = r.node(x.X), r.node(x.Key)
		if c.X != x.X || c.Key != x.Key {
			n = &c
		}
	case *Slice:
		c := *x
		c.X, c.Lo, c.Hi, c.Step = r.node(x.X), r.node(x.Lo), r.node(x.Hi), r.node(x.Step)
		if c.X != x.X || c.Lo != x.Lo || c.Hi != x.Hi || c.Step != x.Step {
			n = &c
		}
	case *Call:
		c := *x
		var a, k bool
		c.X = r.node(x.X)
		c.Args, a = r.list(x.Args)
		c.Keywords, k = r.keywords(x.Keywords)
		if a || k || c.X != x.X {
			n = &c
		}
	case *Unary:
		c := *x
		if c.X = r.node(x.X); c.X != x.X {
			n = &c
		}
	case *Binary:
		c := *x
		c.X, c.Y = r.node(x.X), r.node(x.Y)
		if c.X != x.X || c.Y != x.Y {
			n = &c
		}
	case *Compare:
		c := *x
		var rest bool
		c.First = r.node(x.First)
		c.Rest, rest = r.list(x.Rest)
		if rest || c.First != x.First {
			n = &c
		}
	case *Cond:
		c := *x
		c.Then, c.Test, c.Else = r.node(x.Then), r.node(x.Test), r.node(x.Else)
		if c.Then != x.Then || c.Test != x.Test || c.Else != x.Else {
			n = &c
		}
	case *List:
		c := *x
		var changed bool
		if c.Items, changed = r.list(x.Items); changed {
			n = &c
		}
	case *Tuple:
		c := *x
		var changed bool
		if c.Items, changed = r.list(x.Items); changed {
			n = &c
		}
	case *Dict:
		c := *x
		var k, v bool
		c.Keys, k = r.list(x.Keys)
		c.Values, v = r.list(x.Values)
		if k || v {
			n = &c
		}
	case *Comp:
		n = r.comp(x)
	case *Filter:
		c := *x
		var a, k bool
		c.X = r.node(x.X)
		c.Args, a = r.list(x.Args)
		c.Keywords, k = r.keywords(x.Keywords)
		if a || k || c.X != x.X {
			n = &c
		}
	case *Is:
		c := *x
		var a bool
		c.X = r.node(x.X)
		c.Args, a = r.list(x.Args)
		if a || c.X != x.X {
			n = &c
		}
	case *Bad:
		c := *x
		if c.X = r.node(x.X); c.X != x.X {
			n = &c
		}
	default:
		n = r.statement(n)
	}
	return r.f(n)
}

// statement rewrites the parts of a template.
func (r *rewriter) statement(n Node) Node {
	switch x := n.(type) {
	case *Template:
		return r.template(x)
	case *Output:
		c := *x
		if c.X = r.node(x.X); c.X != x.X {
			return &c
		}
	case *If:
		c := *x
		var tests, bodies bool
		c.Tests, tests = r.list(x.Tests)
		c.Bodies = make([]*Template, len(x.Bodies))
		for i, b := range x.Bodies {
			c.Bodies[i] = r.template(b)
			bodies = bodies || c.Bodies[i] != b
		}
		c.Else = r.template(x.Else)
		if tests || bodies || c.Else != x.Else {
			return &c
		}
	case *For:
		c := *x
		c.Iter, c.Filter, c.Body, c.Else = r.node(x.Iter), r.node(x.Filter), r.template(x.Body), r.template(x.Else)
		if c.Iter != x.Iter || c.Filter != x.Filter || c.Body != x.Body || c.Else != x.Else {
			return &c
		}
	case *Assign:
		c := *x
		if c.X = r.node(x.X); c.X != x.X {
			return &c
		}
	}
	return n
}

func (r *rewriter) template(t *Template) *Template {
	if t == nil {
		return nil
	}
	c := *t
	var changed bool
	if c.Parts, changed = r.list(t.Parts); !changed {
		return t
	}
	return &c
}

func (r *rewriter) comp(x *Comp) Node {
	c := *x
	c.Key, c.Value = r.node(x.Key), r.node(x.Value)
	changed := c.Key != x.Key || c.Value != x.Value
	c.Clauses = make([]CompFor, len(x.Clauses))
	for i, cl := range x.Clauses {
		var ifs bool
		c.Clauses[i] = cl
		c.Clauses[i].Iter = r.node(cl.Iter)
		c.Clauses[i].Ifs, ifs = r.list(cl.Ifs)
		changed = changed || ifs || c.Clauses[i].Iter != cl.Iter
	}
	if changed {
		return &c
	}
	return x
}

func (r *rewriter) list(in []Node) ([]Node, bool) {
	changed := false
	out := in
	for i, n := range in {
		m := r.node(n)
		if m == n {
			continue
		}
		if !changed {
			changed = true
			out = append([]Node(nil), in...)
		}
		out[i] = m
	}
	return out, changed
}

func (r *rewriter) keywords(in []Keyword) ([]Keyword, bool) {
	changed := false
	out := in
	for i, k := range in {
		v := r.node(k.Value)
		if v == k.Value {
			continue
		}
		if !changed {
			changed = true
			out = append([]Keyword(nil), in...)
		}
		out[i].Value = v
	}
	return out, changed
}
