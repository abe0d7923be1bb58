package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// MaxRawNodes is how much text nodes_raw may give for one invocation, in bytes.
const MaxRawNodes = 4 << 20

// rawNodes renders nodes_raw for an invocation and types the nodes that the text
// lists. The text is a file of its own, each piece of which knows the place in the
// template that it comes from.
func (b *builder) rawNodes(n *Node, c *expand.Composed, m *Macro, scope *expand.Scope, limit int) {
	r := &rawRenderer{b: b, scope: scope, call: n.Macro}
	r.text = expr.Text{Src: m.raw.Value, File: b.tree.FileOf(m.raw), Map: b.tree.TextMap(m.raw)}
	t, ds := expr.ParseTemplate(r.text)
	b.ds.Append(ds)
	if t == nil || diag.HasErrors(ds) || b.generic && len(expr.Refs(t)) > 0 || !r.parts(t.Parts) {
		return
	}
	derived := source.NewDerived(r.text.File, r.out.String(), source.TextMap{Segments: r.segments, TextEnd: int32(r.out.Len()), FileEnd: r.end})
	tree := syntax.Parse(derived, syntax.Budget{})
	b.ds.Append(tree.Diags)
	composed := c.Computed(tree)
	b.tree = composed.Tree
	build := b.build
	b.raw = true
	for _, d := range tree.Docs {
		root := d.Root.Deref()
		if root == nil || root.Kind == syntax.Scalar && root.Resolve().Kind == syntax.Null {
			continue
		}
		if root.Kind != syntax.Sequence {
			if !root.Broken {
				b.ds.Add(diag.New(diag.BadRawNodes, b.at(root), "nodes_raw must give a list of nodes").WithHelp("begin each node with `- `"))
			}
			continue
		}
		b.build = composed.Document(root, scope, false, &b.ds)
		n.Macro.Body.Nodes = b.bodyNodes(n.Macro.Body.Nodes, composed, root.Items, scope, n.Name.Name, limit)
		b.env = append(b.env, b.build.Env.Uses()...)
	}
	b.build = build
}

// rawRenderer makes text of a template, with the place of each piece.
type rawRenderer struct {
	b        *builder
	text     expr.Text
	scope    *expand.Scope
	call     *Invocation
	out      strings.Builder
	segments []source.Segment
	end      int32 // in the file, of the last piece
	failed   bool
}

func (r *rawRenderer) fail(s source.Span, help, format string, args ...any) bool {
	if !r.failed {
		r.failed = true
		r.b.ds.Add(diag.New(diag.BadRawNodes, r.text.Loc(s), format, args...).WithHelp("%s", help))
	}
	return false
}

// written puts out a piece of the template as it stands.
func (r *rawRenderer) written(s source.Span) {
	m := &r.text.Map
	at := int(s.Start)
	for at < int(s.End) {
		next := int(s.End)
		exact := len(m.Segments) == 0
		for i := range m.Segments { // of lines, few in a template
			g := m.Segments[i]
			if int(g.Text) <= at {
				exact = g.Exact
			} else {
				next = min(next, int(g.Text))
				break
			}
		}
		from := r.text.Map.Span(source.Span{Start: int32(at), End: int32(next)})
		r.segments = append(r.segments, source.Segment{Text: int32(r.out.Len()), File: from.Start, Exact: exact})
		r.out.WriteString(r.text.Src[at:next])
		r.end = from.End
		at = next
	}
}

// computed puts out a text that stands for a piece of the template.
func (r *rawRenderer) computed(s source.Span, text string) {
	if text == "" {
		return
	}
	from := r.text.Map.Span(s)
	r.segments = append(r.segments, source.Segment{Text: int32(r.out.Len()), File: from.Start})
	r.out.WriteString(text)
	r.segments = append(r.segments, source.Segment{Text: int32(r.out.Len()), File: from.End, Exact: true})
	r.end = from.End
}

func (r *rawRenderer) parts(list []expr.Node) bool {
	for _, p := range list {
		if r.out.Len() > MaxRawNodes {
			if !r.failed {
				r.failed = true
				r.b.ds.Add(diag.New(diag.MacroTooLarge, r.text.Loc(p.Span()), "nodes_raw gives more than %d MiB of text here", MaxRawNodes>>20).
					WithHelp("go over the items at run time, with a composite_node of mode for-each"))
			}
			return false
		}
		if !r.part(p) {
			return false
		}
	}
	return true
}

func (r *rawRenderer) part(p expr.Node) bool {
	switch p := p.(type) {
	case *expr.Raw:
		s := p.Span()
		if src := r.text.Src[s.Start:s.End]; src == p.Text {
			r.written(s)
		} else if i := strings.Index(src, p.Text); i >= 0 { // white space was trimmed
			r.written(source.Span{Start: s.Start + int32(i), End: s.Start + int32(i+len(p.Text))})
		} else {
			r.computed(s, p.Text)
		}
		return true
	case *expr.Output:
		return r.output(p)
	case *expr.If:
		for i, test := range p.Tests {
			v, ok := r.eval(test, true)
			if !ok {
				return false
			}
			if value.Truthy(v) {
				return r.parts(p.Bodies[i].Parts)
			}
		}
		if p.Else != nil {
			return r.parts(p.Else.Parts)
		}
		return true
	case *expr.For:
		return r.loop(p)
	case *expr.Assign:
		if _, block := p.X.(*expr.Template); block || p.Field != "" {
			return r.fail(p.Span(), "write `{% set name = value %}`", "this form of set cannot be used in nodes_raw")
		}
		v, ok := r.eval(p.X, false)
		if !ok {
			return false
		}
		r.scope.Bind(expand.Binding{Name: p.Target.Ident, Value: v})
		return true
	}
	return r.fail(p.Span(), "use texts, `{{ }}`, `{% if %}` and `{% for %}`", "this cannot be used in nodes_raw")
}

// output puts out a value; what reads names of the run stays, for the nodes.
func (r *rawRenderer) output(p *expr.Output) bool {
	for _, ref := range expr.Refs(p.X) {
		if b := r.scope.Lookup(ref.Head); ref.Namespace || b == nil || b.Open {
			r.written(p.Span())
			return true
		}
	}
	v, ok := r.eval(p.X, false)
	if !ok {
		return false
	}
	if v.IsMissing() || v.IsNull() {
		for _, ref := range expr.Refs(p.X) {
			if b := r.scope.Lookup(ref.Head); b != nil && b.Value.IsMissing() && !ref.Guarded {
				if !r.failed {
					r.failed = true
					r.b.ds.Add(diag.New(diag.AbsentArgument, r.text.Loc(ref.HeadSpan), "parameter %q has no value here", ref.Head).
						WithHelp("give it a default, make it required, or write `{{ %s | default(…) }}`", ref.Head))
				}
				return false
			}
		}
	}
	text := value.Str(v)
	if v.Kind() == value.KindBool || v.IsNull() {
		text = strings.ToLower(text)
		if v.IsNull() {
			text = "null"
		}
	}
	if strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "${") {
		return r.fail(p.Span(), "use the parameter in `nodes`, where values are not read again", "the value holds template marks, which nodes_raw would read as a template")
	}
	r.computed(p.Span(), text)
	return true
}

// eval computes what depends on build-time names only.
func (r *rawRenderer) eval(x expr.Node, guarded bool) (value.Value, bool) {
	for _, ref := range expr.Refs(x) {
		b := r.scope.Lookup(ref.Head)
		switch {
		case ref.Namespace || b != nil && b.Open:
			return value.Null, r.fail(ref.HeadSpan, "nodes are made when the manifest is built; give an argument that is known then", "%q is not known when the manifest is built", ref.Head)
		case b == nil && !ref.Guarded && !guarded:
			return value.Null, r.fail(ref.HeadSpan, "declare it as a parameter", "%q is no parameter of the macro", ref.Head)
		}
	}
	out, errs := expr.Build(expr.TemplateOf(x), func(head string, path []string) (value.Value, bool) {
		b := r.scope.Lookup(head)
		if b == nil {
			return value.Missing, len(path) == 0
		}
		v := b.Value
		for _, name := range path {
			o, ok := v.Object()
			if !ok {
				return value.Null, false
			}
			if v, ok = o.Get(name); !ok {
				return value.Null, false
			}
		}
		return v, true
	})
	v, ok := expr.Constant(out)
	if !ok {
		msg := "this cannot be computed when the manifest is built"
		if len(errs) > 0 {
			msg = errs[0].Msg
		}
		return value.Null, r.fail(x.Span(), "it may read parameters", "%s", msg)
	}
	return v, true
}

// loop is {% for %}, with the names of its variables and `loop` bound.
func (r *rawRenderer) loop(p *expr.For) bool {
	list := expr.NewListOf(p.Iter)
	v, ok := r.eval(list, false)
	if !ok {
		return false
	}
	outer := r.scope
	defer func() { r.scope = outer }()
	items := v.Items()
	if len(items) == 0 && p.Else != nil {
		return r.parts(p.Else.Parts)
	}
	for i, item := range items {
		r.scope = expand.NewScope(outer)
		if !r.bindTargets(p, item) {
			return false
		}
		loop := value.NewObject(6)
		for _, f := range []struct {
			name string
			v    value.Value
		}{
			{"index", value.Int(int64(i + 1))}, {"index0", value.Int(int64(i))}, {"first", value.Bool(i == 0)},
			{"last", value.Bool(i == len(items)-1)}, {"length", value.Int(int64(len(items)))},
		} {
			loop.Set(f.name, f.v)
		}
		r.scope.Bind(expand.Binding{Name: "loop", Value: loop.Value()})
		if p.Filter != nil {
			keep, ok := r.eval(p.Filter, true)
			if !ok {
				return false
			}
			if !value.Truthy(keep) {
				continue
			}
		}
		if !r.parts(p.Body.Parts) {
			return false
		}
	}
	return true
}

func (r *rawRenderer) bindTargets(p *expr.For, item value.Value) bool {
	if len(p.Targets) == 1 {
		r.scope.Bind(expand.Binding{Name: p.Targets[0].Ident, Value: item})
		return true
	}
	parts, err := value.Iterate(item)
	if err != nil || len(parts) != len(p.Targets) {
		return r.fail(p.Iter.Span(), "give a list of lists, or name one variable", "an item does not have %d parts", len(p.Targets))
	}
	for i := range p.Targets {
		r.scope.Bind(expand.Binding{Name: p.Targets[i].Ident, Value: parts[i]})
	}
	return true
}
