package ide

import (
	"regexp"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// argument is what a parameter stands for in one invocation.
type argument struct {
	text  string       // as it is written
	node  *syntax.Node // its value
	reads []string     // the caller's nodes that it reads
}

// arguments finds what each parameter stands for.
func (x *inlining) arguments() bool {
	spec := get(x.call, "spec").Deref()
	given := map[string]*syntax.Node{}
	take := func(n *syntax.Node) {
		if n = n.Deref(); n != nil && n.Kind == syntax.Mapping {
			for k, v := range n.Entries() {
				given[k.Value] = v
			}
		}
	}
	take(get(spec, "config"))
	take(get(spec, "inputs"))
	if len(given) == 0 {
		take(spec)
	}
	m := x.inv.Node.Macro
	for _, p := range m.Macro.Params {
		v, f := given[p.Name.Name], x.c.a.Source
		if v == nil && p.HasDefault && p.Name.Node != nil && p.Name.Node.Parent != nil {
			v, f = p.Name.Node.Parent.Get("default"), x.a.Source
		}
		if v = v.Deref(); v == nil {
			continue // null: text that reads it is not put anywhere
		}
		arg := argument{text: f.Slice(v.Span), node: v}
		if i := m.Arg(p.Name.Name); i >= 0 && m.Args[i].Expr != nil {
			for _, s := range x.inv.Slots[m.Args[i].Expr] {
				if s.Kind == check.SlotNode {
					arg.reads = append(arg.reads, s.Node.Name())
				}
			}
		}
		x.args[p.Name.Name] = arg
	}
	return true
}

// alone is a text that is one template of a name.
var alone = regexp.MustCompile(`^\{\{-?\s*\w+\s*-?\}\}$`)

// parameter is the edit that puts what a parameter stands for in the place of its
// name.
func (x *inlining) parameter(o Occurrence) (Edit, bool) {
	arg, ok := x.args[o.Symbol.Name]
	if !ok || arg.node.Kind != syntax.Scalar && arg.node.Style == syntax.Block || strings.Contains(arg.text, "\n") || hasAnchor(arg.node) {
		return Edit{}, false
	}
	var around *syntax.Node
	for _, it := range x.items {
		walkTree(it, func(n *syntax.Node) {
			if n.Kind == syntax.Scalar && n.Span.Encloses(o.Span) {
				around = n
			}
		})
	}
	if around == nil || !o.Text {
		return Edit{}, false
	}
	if value := strings.TrimSpace(around.Value); alone.MatchString(value) && (around.Style == syntax.SingleQuoted || around.Style == syntax.DoubleQuoted) {
		if x.isExpression(around) {
			return Edit{}, false
		}
		return Edit{Location{o.Path, around.Span}, arg.text}, true
	}
	if at, ok := mustache(x.a.Source, around, o.Span); ok && arg.plain(around.Style) && !x.isExpression(around) {
		return Edit{Location{o.Path, at}, arg.node.Value}, true
	}
	code, ok := arg.code(around.Style)
	if !ok || around.Style == syntax.Plain && o.Span.Start == around.Span.Start && !isNameByte(code[0]) && code[0] != '(' {
		return Edit{}, false
	}
	return Edit{o.Location, code}, true
}

// isExpression reports whether a text of the body is an expression as a whole,
// where a template is a value that is known at build.
func (x *inlining) isExpression(n *syntax.Node) bool {
	found := false
	if d := x.a.Doc(int(n.Span.Start)); d != nil && d.Generic != nil && d.Generic.Scope != nil {
		d.Generic.Scope.Each(func(in *check.Info) {
			in.EachExpr(func(e *ast.Expr) {
				found = found || e.Role != ast.RoleText && e.Loc.Span == n.Span
			})
		})
	}
	return found
}

// mustache is the whole `{{ name }}` around a name in a scalar.
func mustache(f *source.File, scalar *syntax.Node, name source.Span) (source.Span, bool) {
	before := strings.TrimRight(f.Slice(source.Span{Start: scalar.Span.Start, End: name.Start}), " ")
	after := f.Slice(source.Span{Start: name.End, End: scalar.Span.End})
	rest := strings.TrimLeft(after, " ")
	if !strings.HasSuffix(before, "{{") || !strings.HasPrefix(rest, "}}") {
		return source.Span{}, false
	}
	return source.Span{Start: scalar.Span.Start + int32(len(before)-2), End: name.End + int32(len(after)-len(rest)+2)}, true
}

// plain reports whether the argument is a constant that can stand in a text as it
// is.
func (g argument) plain(style syntax.Style) bool {
	v := g.node.Value
	return g.node.Kind == syntax.Scalar && v != "" && isNameByte(v[0]) && !strings.ContainsAny(v, "'\"\\\r\n{}%$") && fits(v, style) && strings.TrimSpace(v) == v &&
		(g.node.Style != syntax.Plain || v != "null" && v != "true" && v != "false") && (!g.isNumber() || plainNumber.MatchString(v) && !strings.Contains(v, "."))
}

// code is the argument as an operand of an expression in a scalar of a style.
func (g argument) code(style syntax.Style) (string, bool) {
	if g.node.Kind != syntax.Scalar {
		return "", false
	}
	value := g.node.Value
	if expr.IsTemplate(value) {
		inner, ok := strings.CutPrefix(strings.TrimSpace(value), "{{")
		inner, ok2 := strings.CutSuffix(inner, "}}")
		inner = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(inner, "-"), "-"))
		if !ok || !ok2 || strings.Contains(inner, "{{") || strings.Contains(inner, "|") {
			return "", false
		}
		if strings.ContainsFunc(inner, func(r rune) bool { return r != '.' && r != '$' && !isNameByte(byte(min(r, 0x7f))) }) {
			inner = "(" + inner + ")"
		}
		return inner, fits(inner, style)
	}
	if g.node.Style == syntax.Plain && (plainNumber.MatchString(value) || value == "true" || value == "false") {
		return value, true
	}
	if g.isNumber() {
		return "", false // in a spelling that expressions do not have
	}
	if strings.ContainsAny(value, "'\"\\\r\n{}%") || g.node.Style == syntax.Plain && (value == "null" || value == "~" || value == "") {
		return "", false
	}
	quote := "'"
	if style == syntax.SingleQuoted {
		quote = "\""
	}
	value = quote + value + quote
	return value, fits(value, style)
}

// plainNumber is a number that expressions spell as YAML does.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?$`)

// isNumber reports whether YAML may take the argument for a number.
func (g argument) isNumber() bool {
	return g.node.Style == syntax.Plain && g.node.Value != "" && strings.ContainsRune("+-.0123456789", rune(g.node.Value[0]))
}

// fits reports whether a text means itself in a scalar of a style.
func fits(text string, style syntax.Style) bool {
	switch style {
	case syntax.DoubleQuoted:
		return !strings.ContainsAny(text, "\"\\\n")
	case syntax.SingleQuoted:
		return !strings.ContainsAny(text, "'\n")
	case syntax.Plain:
		return !strings.ContainsAny(text, "{}[],\n") && !strings.Contains(text, ": ") && !strings.Contains(text, " #")
	}
	return !strings.Contains(text, "\n")
}
