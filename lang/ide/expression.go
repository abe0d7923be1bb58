package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// expression is the expression or template that a cursor stands in.
type expression struct {
	c        *cursor
	text     expr.Text
	offset   int // in the text
	template bool
	tag      bool // in {% %}
	tree     expr.Node
	place    check.Place
	types    map[expr.Node]*expr.Type // see typeOf
}

// expression is the expression at the cursor; nil if it stands in none: between
// the parts of a template, or in a text that is no expression.
func (c *cursor) expression() *expression {
	if len(c.site.steps) == 0 || c.site.key {
		return nil
	}
	st := c.site.last()
	n := st.node
	if n.Kind != syntax.Scalar || n.Tag == "!py" || n.Tag == "!star" {
		return nil
	}
	kind := c.textKind(st)
	template := expr.IsTemplate(n.Value)
	if !template && kind != schema.Expression && kind != schema.Condition && kind != schema.Mapping {
		return nil
	}
	if n.Style == syntax.Empty {
		return &expression{c: c, text: expr.Text{File: c.a.Source, Map: source.Identity(c.offset, 0)}, tree: nil, place: c.place(nil)}
	}
	x := &expression{c: c, template: template}
	x.text = expr.Text{Src: n.Value, File: c.a.Source, Map: c.a.Tree.TextMap(n)}
	at, ok := x.text.Map.Text(c.offset)
	if !ok {
		switch {
		case c.offset >= int(n.Span.End):
			at = len(n.Value)
			if strings.TrimSpace(c.a.Source.Text()[n.Span.End:c.offset]) != "" {
				return nil // a comment behind the text
			}
		default:
			return nil
		}
	}
	x.offset = at
	if template {
		r := regionAt(n.Value, at)
		if r == nil || r.comment {
			return nil
		}
		x.tag = r.tag
	}
	var typed *ast.Expr
	if info, _ := c.info(); info != nil {
		info.EachExpr(func(e *ast.Expr) {
			if c.here(e.Loc) && e.Loc.Span == n.Span {
				typed = e
			}
		})
	}
	x.place = c.place(typed)
	switch {
	case typed != nil && typed.Tree != nil:
		x.tree = typed.Tree
	case template:
		t, _ := expr.ParseTemplate(x.text)
		x.tree = t
	case kind == schema.Mapping:
		x.tree, _ = expr.ParseMapping(x.text)
	default:
		x.tree, _ = expr.Parse(x.text)
	}
	return x
}

// textKind is what the text of a value is: by the schema, and for what it does
// not describe, text.
func (c *cursor) textKind(st *step) schema.Text {
	if st.field == nil {
		return schema.PlainText
	}
	return st.text
}

// region is one {{ }}, {% %} or {# #} of a template.
type region struct {
	start, end   int // with the brackets; end is the text's if it is not closed
	tag, comment bool
	closed       bool
}

// regions finds the parts of a template that are not literal text. Brackets in
// quoted strings do not end one.
func regions(s string) []region {
	var out []region
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '{' {
			continue
		}
		r := region{start: i, end: len(s)}
		closing := "}}"
		switch s[i+1] {
		case '{':
		case '%':
			r.tag, closing = true, "%}"
		case '#':
			r.comment, closing = true, "#}"
		default:
			continue
		}
		depth := 0
		var quote byte
		for j := i + 2; j < len(s); j++ {
			ch := s[j]
			switch {
			case r.comment:
			case quote != 0:
				if ch == '\\' {
					j++
				} else if ch == quote {
					quote = 0
				}
				continue
			case ch == '"' || ch == '\'':
				quote = ch
				continue
			case ch == '{':
				depth++
				continue
			case ch == '}' && depth > 0:
				depth--
				continue
			}
			if strings.HasPrefix(s[j:], closing) {
				r.end, r.closed = j+2, true
				break
			}
		}
		out = append(out, r)
		i = r.end - 1
	}
	return out
}

// regionAt is the region whose inside holds an offset.
func regionAt(s string, offset int) *region {
	for _, r := range regions(s) {
		inner := r.end
		if r.closed {
			inner -= 2
		}
		if r.start+2 <= offset && offset <= inner {
			return &r
		}
	}
	return nil
}

// typeOf is the type of a part of the tree; any if it is not known.
func (x *expression) typeOf(n expr.Node) *expr.Type {
	if x.types == nil {
		x.types = map[expr.Node]*expr.Type{}
		if p := x.c.program(); p != nil && x.tree != nil {
			x.types = expr.InferAll(x.tree, x.text, p.Types(x.place))
		}
	}
	if t := x.types[n]; t != nil {
		return t
	}
	return expr.Any
}

// path are the nodes of the tree around the cursor, outermost first.
func (x *expression) path() []expr.Node {
	if x.tree == nil {
		return nil
	}
	return expr.At(x.tree, x.offset)
}

// binder is a name that the text itself binds.
type binder struct {
	name string
	span source.Span // in the text
	typ  *expr.Type
}

// binders are the names that are bound around an offset of the text: targets of
// comprehensions and loops, and what the template set before.
func (x *expression) binders(offset int) []binder {
	if x.tree == nil {
		return nil
	}
	var out []binder
	loop := func(targets []expr.Name, iter expr.Node) {
		elem := expr.Any
		if t := x.typeOf(iter); t.Elem != nil && (t.Kind == expr.TypeList || t.Kind == expr.TypeSet) {
			elem = t.Elem
		}
		for _, t := range targets {
			b := binder{name: t.Ident, span: t.Span(), typ: elem}
			if len(targets) > 1 {
				b.typ = expr.Any
			}
			out = append(out, b)
		}
	}
	expr.Walk(x.tree, func(n expr.Node) bool {
		inside := n.Span().Contains(offset)
		switch n := n.(type) {
		case *expr.Comp:
			if inside {
				for _, c := range n.Clauses {
					loop(c.Targets, c.Iter)
				}
			}
		case *expr.For:
			if inside && n.Body != nil && offset >= int(n.Iter.Span().End) {
				loop(n.Targets, n.Iter)
				out = append(out, binder{name: "loop", span: n.Span(), typ: loopType})
			}
		case *expr.Assign:
			if int(n.Span().End) <= offset && n.Field == "" {
				out = append(out, binder{name: n.Target.Ident, span: n.Target.Span(), typ: x.typeOf(n.X)})
			}
		}
		return true
	})
	return out
}

// loopType is what templates know as `loop` inside of {% for %}.
var loopType = expr.Closed(
	expr.Field{Name: "index", Type: expr.Int}, expr.Field{Name: "index0", Type: expr.Int},
	expr.Field{Name: "revindex", Type: expr.Int}, expr.Field{Name: "revindex0", Type: expr.Int},
	expr.Field{Name: "first", Type: expr.Bool}, expr.Field{Name: "last", Type: expr.Bool},
	expr.Field{Name: "length", Type: expr.Int}, expr.Field{Name: "depth", Type: expr.Int}, expr.Field{Name: "depth0", Type: expr.Int},
	expr.Field{Name: "previtem", Type: expr.Any, Optional: true}, expr.Field{Name: "nextitem", Type: expr.Any, Optional: true},
)

// span is a span of the text in the file.
func (x *expression) span(s source.Span) source.Span { return x.text.Map.Span(s) }
