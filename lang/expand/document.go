package expand

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Document evaluates the build-time names of one document of a composed tree. It
// is not safe for concurrent use.
type Document struct {
	// Env fills in the environment.
	Env *Environment

	c     *Composed
	ds    *diag.List
	root  *syntax.Node
	scope *Scope
	// own says that the document has names of its own: metadata, spec, variables.
	own  bool
	vars *syntax.Node // spec.variables; nil for none

	values map[*syntax.Node]*result
	memo   map[*syntax.Node]*syntax.Node // of nodes that an alias may mean
	failed map[*syntax.Node]bool
	// text: the value that a template read last is BuiltText.
	text bool
}

// result is the value of a node that a name means.
type result struct {
	busy, ok, text bool
	value          value.Value
}

// Document prepares the document whose root is given, a node of c.Tree. scope are
// names besides its own, such as a macro's parameters; it may be nil. A body that
// is a part of a document, such as that of a macro, has no names but those of
// scope: own is false for it. Findings go to ds.
func (c *Composed) Document(root *syntax.Node, scope *Scope, own bool, ds *diag.List) *Document {
	d := &Document{
		c: c, ds: ds, root: root, scope: scope, own: own, values: map[*syntax.Node]*result{},
		memo: map[*syntax.Node]*syntax.Node{}, failed: map[*syntax.Node]bool{},
		Env: &Environment{lookup: c.lookup, ds: ds, tree: c.Tree, uses: c.env.uses[:len(c.env.uses):len(c.env.uses)]},
	}
	if own {
		d.vars = root.Get("spec").Get("variables").Deref()
	}
	return d
}

func (d *Document) at(n *syntax.Node) source.Location {
	return source.Location{File: d.c.Tree.FileOf(n), Span: n.Span}
}

// loc is a place in the text of a scalar.
func (d *Document) loc(n *syntax.Node, s source.Span) source.Location {
	return source.Location{File: d.c.Tree.FileOf(n), Span: d.c.Tree.TextMap(n).Span(s)}
}

// Evaluate is the document's root with every scalar whose template needs
// build-time names only replaced by its value. Others stay as they are.
func (d *Document) Evaluate() *syntax.Node {
	return d.EvaluateNode(d.root, true)
}

// EvaluateNode is Evaluate for a part of the document. outer says that it stands
// outside of the `spec` of nodes.
func (d *Document) EvaluateNode(n *syntax.Node, outer bool) *syntax.Node {
	if n == nil || !d.any() {
		return n
	}
	return d.walk(n, outer)
}

// any reports whether there may be a template to evaluate.
func (d *Document) any() bool {
	if has(d.c.Tree.File.Text()) {
		return true
	}
	for f := range d.c.parts {
		if has(f.Text()) {
			return true
		}
	}
	return false
}

func has(text string) bool { return strings.Contains(text, "{{") || strings.Contains(text, "{%") }

func (d *Document) walk(n *syntax.Node, outer bool) *syntax.Node {
	if !outer && d.scope == nil && d.vars == nil && len(d.c.parts) == 0 {
		return n // nothing is known there
	}
	if n.Anchor == "" {
		return d.enter(n, outer)
	}
	out := d.enter(n, outer)
	if out != n {
		d.memo[n] = out
	}
	return out
}

func (d *Document) enter(n *syntax.Node, outer bool) *syntax.Node {
	out := n
	switch n.Kind {
	case syntax.Scalar:
		return d.scalar(n, outer)
	case syntax.Alias:
		if to := d.memo[n.Target]; to != nil && n.Target != nil {
			return n.WithTarget(to)
		}
	case syntax.Sequence:
		var items []*syntax.Node
		for i, item := range n.Items {
			if x := d.walk(item, outer); x != item {
				if items == nil {
					items = append([]*syntax.Node(nil), n.Items...)
				}
				items[i] = x
			}
		}
		if items != nil {
			out = n.WithItems(items)
		}
	case syntax.Mapping:
		out = d.mapping(n, outer)
	}
	if out != n {
		d.c.Tree.Adopt(out, n)
	}
	return out
}

func (d *Document) mapping(n *syntax.Node, outer bool) *syntax.Node {
	inside := false // n is a node of a pipeline: its spec runs later
	if outer && n != d.root {
		if kind := n.Get("kind").Deref(); kind != nil && kind.Kind == syntax.Scalar {
			inside = true
		}
	}
	var pairs []syntax.Pair
	for i := range n.Pairs {
		pair := &n.Pairs[i]
		key := pair.Key
		if key.Kind == syntax.Scalar && has(key.Value) {
			if k := d.scalar(key, outer); k != key && k.Kind == syntax.Scalar {
				key = k
			}
		}
		v := d.walk(pair.Value, outer && !(inside && pair.Key.Value == "spec"))
		if v == pair.Value && key == pair.Key {
			continue
		}
		if pairs == nil {
			pairs = append([]syntax.Pair(nil), n.Pairs...)
		}
		pairs[i].Key, pairs[i].Value = key, v
	}
	if pairs == nil {
		return n
	}
	return n.WithPairs(pairs)
}

// scalar is the value of a template that needs build-time names only, else n.
func (d *Document) scalar(n *syntax.Node, outer bool) *syntax.Node {
	if n.Built != syntax.Written || n.Broken || n.Tag == "!py" || n.Tag == "!star" || !expr.IsTemplate(n.Value) {
		return n
	}
	v, text, ok := d.template(n, outer)
	if !ok {
		return n
	}
	out, ok := Node(n, v, text)
	if !ok {
		return n
	}
	d.c.Tree.Adopt(out, n)
	return out
}

// template evaluates the template of a scalar; ok is false if it needs names of
// the run, or if it failed, which was reported.
func (d *Document) template(n *syntax.Node, outer bool) (v value.Value, text, ok bool) {
	if d.failed[n] {
		return value.Null, false, false
	}
	s := d.sight(n, outer)
	if s.empty() && !strings.Contains(n.Value, "spec") {
		return value.Null, false, false // reading it would show the same
	}
	t, ds := expr.ParseTemplate(expr.Text{Src: n.Value})
	if diag.HasErrors(ds) {
		return value.Null, false, false
	}
	refs := expr.Refs(t)
	if len(refs) == 0 && !outer {
		return value.Null, false, false // a constant text of the run
	}
	good := true
	for _, r := range refs {
		switch s.knows(r) {
		case no:
			return value.Null, false, false
		case missing:
			good = false
		}
	}
	if !good {
		for _, r := range refs {
			if s.knows(r) == missing {
				d.unknown(n, s, r)
			}
		}
		d.failed[n] = true
		return value.Null, false, false
	}
	if d.absent(n, t, refs, s) {
		d.failed[n] = true
		return value.Null, false, false
	}
	var tree expr.Node = t
	if strings.Contains(n.Value, "${") {
		tree = d.Env.ExpandTree(n, tree, false)
	}
	d.text = false
	folded, errs := expr.Build(tree, s.value)
	v, ok = expr.Constant(folded)
	if ok && v.IsMissing() {
		v = value.Null // a parameter without a value, as a whole
	}
	if !ok {
		for _, e := range errs {
			x := diag.New(diag.BuildFault, d.loc(n, e.Span), "this cannot be computed: %s", e.Msg)
			if e.Help != "" {
				x = x.WithHelp("%s", e.Help)
			} else {
				x = x.WithHelp("it is evaluated when the manifest is built")
			}
			d.ds.Add(x)
		}
		if len(errs) > 0 || d.failedNames(refs, s) {
			d.failed[n] = true
		}
		return value.Null, false, false
	}
	x, single := t.Single()
	switch {
	case !single:
		text = true
	case len(refs) == 1 && refs[0].Span == x.Span():
		text = d.text // a variable as it is
	}
	return v, text, true
}

// failedNames reports whether a name that is known has a value that failed.
func (d *Document) failedNames(refs []expr.Ref, s sight) bool {
	for _, r := range refs {
		if s.broken(r) {
			return true
		}
	}
	return false
}

// Failed reports whether the template of a scalar could not be evaluated at
// build for a reason that was reported.
func (d *Document) Failed(n *syntax.Node) bool { return d.failed[n] }

// Fold is the tree of an expression or template of n with the parts that need
// build-time names only computed. n is the scalar that it stands in.
func (d *Document) Fold(n *syntax.Node, tree expr.Node, outer bool) expr.Node {
	s := d.sight(n, outer)
	if s.empty() && !strings.Contains(n.Value, "spec") {
		return tree
	}
	some := false
	for _, r := range expr.Refs(tree) {
		switch s.knows(r) {
		case yes:
			some = true
		case missing:
			if !d.failed[n] {
				d.unknown(n, s, r)
			}
		}
	}
	if !some {
		return tree
	}
	if t, ok := tree.(*expr.Template); ok && d.absent(n, t, expr.Refs(t), s) {
		d.failed[n] = true
	}
	return expr.Fold(tree, s.value)
}

// Value is the constant that a node stands for, with build-time templates and
// the environment evaluated; ok is false if it is only known at run time or
// failed. text says that it is a text that its place may read as another type.
func (d *Document) Value(n *syntax.Node) (v value.Value, text, ok bool) {
	n = n.Deref()
	if n == nil {
		return value.Null, false, true
	}
	switch n.Kind {
	case syntax.Scalar:
		return d.scalarValue(n)
	case syntax.Sequence:
		items := make([]value.Value, len(n.Items))
		for i, x := range n.Items {
			if items[i], _, ok = d.Value(x); !ok {
				return value.Null, false, false
			}
		}
		return value.List(items), false, true
	case syntax.Mapping:
		o := value.NewObject(len(n.Pairs))
		for k, x := range n.Entries() {
			v, _, ok := d.Value(x)
			if !ok {
				return value.Null, false, false
			}
			o.Set(k.Value, v)
		}
		return o.Value(), false, true
	}
	return value.Null, false, true
}

func (d *Document) scalarValue(n *syntax.Node) (v value.Value, text, ok bool) {
	switch {
	case n.Built != syntax.Written:
		v, _ = Scalar(n)
		return v, n.Built == syntax.BuiltText, true
	case expr.IsTemplate(n.Value) && n.Resolve().Kind == syntax.String:
		r := d.values[n]
		if r == nil {
			r = &result{busy: true}
			d.values[n] = r
			r.value, r.text, r.ok = d.template(n, true)
			if !r.ok && !d.failed[n] {
				d.runtime(n)
			}
			r.busy = false
		} else if r.busy {
			d.ds.Add(diag.New(diag.BuildCycle, d.at(n), "this value is made of itself").
				WithHelp("a variable cannot be computed from one that needs it"))
			d.failed[n] = true
			return value.Null, false, false
		}
		return r.value, r.text, r.ok
	case strings.Contains(n.Value, "${"):
		r := d.values[n]
		if r == nil {
			r = &result{text: true}
			d.values[n] = r
			out, secret, ok := d.Env.Expand(n, n.Value)
			if secret != "" {
				d.ds.Add(diag.New(diag.EnvBad, d.at(n), "a secret cannot be a build-time value").
					WithHelp("name the secret where the configuration of a port needs it"))
				ok = false
			}
			r.value, r.ok = value.String(out), ok
		}
		return r.value, true, r.ok
	}
	v, _ = Scalar(n)
	return v, false, true
}

// runtime reports a build-time value that reads names of the run.
func (d *Document) runtime(n *syntax.Node) {
	d.failed[n] = true
	d.Unresolved(n, true)
}
