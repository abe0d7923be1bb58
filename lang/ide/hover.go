package ide

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/explain"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// Note is what is shown about a place.
type Note struct {
	Span source.Span
	Text string // Markdown
}

// Hover explains what stands at a place; nil if there is nothing to say. lookup
// finds environment variables; values of secrets are never shown.
func Hover(s *compile.Snapshot, path string, offset int, lookup func(string) (string, bool)) (*Note, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	if n := c.hoverEnvironment(lookup); n != nil {
		return n, nil
	}
	if x := c.expression(); x != nil {
		return x.hover(), nil
	}
	if len(c.site.steps) == 0 {
		return nil, nil
	}
	if c.site.key {
		return c.hoverKey(), nil
	}
	return c.hoverValue(), nil
}

// hoverKey explains a field.
func (c *cursor) hoverKey() *Note {
	if c.site.pair == nil {
		return nil
	}
	key := c.site.pair.Key
	if !key.Span.Contains(c.offset) {
		return nil
	}
	name := scalarText(key)
	for _, d := range c.site.last().defs() {
		f, k, ok := d.Find(name)
		if !ok {
			continue
		}
		if f == nil {
			return &Note{key.Span, "**" + name + "** was removed: " + k.Note}
		}
		text := fmt.Sprintf("**%s**: %s", f.Name, f.Type)
		if f.Required {
			text += " (required)"
		}
		text += "\n\n" + fieldDoc(f)
		if name != f.Name {
			text += fmt.Sprintf("\n\n%s is another name for %s.", quoted(name), quoted(f.Name))
		}
		if v := c.effective(f.Name); v != "" {
			text += "\n\n" + v
		}
		return &Note{key.Span, text}
	}
	if t := c.bindingType(key); t != nil {
		return &Note{key.Span, "**" + name + "**: " + quoted(t.String())}
	}
	return nil
}

// bindingType is the type of the variable, target or output field that a key
// names.
func (c *cursor) bindingType(key *syntax.Node) *expr.Type {
	info, _ := c.info()
	if info == nil || len(c.site.steps) == 0 {
		return nil
	}
	p := c.program()
	st := c.site.last()
	if st.field == nil || !st.direct {
		return nil
	}
	switch st.field.Name {
	case "expressions":
		v, ok := p.Find(check.Place{Info: info, Role: ast.RoleVariable, Var: 1 << 20}, key.Value, false)
		if ok && v.Kind == check.SlotVar {
			return v.Type
		}
	case "input_mapping":
		v, ok := p.Find(check.Place{Info: info, Role: ast.RoleText}, key.Value, false)
		if ok && v.Kind == check.SlotTarget {
			return v.Type
		}
	case "output", "output_schema":
		if f, ok := info.Result.Field(key.Value); ok {
			return f.Type
		}
	}
	return nil
}

// effective is the value that holds for a setting or limit, with where it comes
// from; "" for other fields.
func (c *cursor) effective(name string) string {
	if c.doc == nil || c.doc.Program == nil {
		return ""
	}
	st := c.site.last()
	if st.field == nil {
		return ""
	}
	var s config.Setting
	var ok bool
	switch st.field.Name {
	case "limits":
		s, ok = config.Get(c.doc.Effective.Limits, name)
	case "kernel":
		s, ok = config.Get(c.doc.Effective.Kernel, name)
	}
	if !ok {
		return ""
	}
	v, err := explain.EffectiveValue(c.doc.Effective, st.field.Name+"."+s.Name)
	if err != nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Effective value: %s", quoted(v.Text))
	for _, f := range v.From {
		fmt.Fprintf(&b, "\n- %s", f.Layer)
		if f.At != nil {
			fmt.Fprintf(&b, " (%s)", f.At)
		}
		if f.Value != "" {
			fmt.Fprintf(&b, ": %s", quoted(f.Value))
		}
		if f.Note != "" {
			fmt.Fprintf(&b, ", %s", f.Note)
		}
	}
	return b.String()
}

// hoverValue explains a value: what a name refers to.
func (c *cursor) hoverValue() *Note {
	st := c.site.last()
	n := st.node
	if n.Kind != syntax.Scalar || n.Style == syntax.Empty || !n.Span.Contains(c.offset) {
		return nil
	}
	if o, ok := occurrenceAt(c.snap, c.a, c.offset); ok {
		if text := c.describeSymbol(o.Symbol); text != "" {
			return &Note{o.Span, text}
		}
	}
	if st.field == nil {
		return nil
	}
	switch st.field.Ref {
	case "nodekind":
		if info, s, ok := schema.NodeKind(n.Value); ok {
			if info == nil {
				return &Note{n.Span, quoted(n.Value) + " is not a kind any more. " + s.Note}
			}
			text := "**" + info.Name + "**\n\n" + info.Spec().Doc
			if info.Port != "" {
				text += "\n\nCalls the port " + quoted(info.Port) + "."
			}
			return &Note{n.Span, text}
		}
	case "adapterkind":
		if a, ok := schema.Adapter(n.Value); ok {
			return &Note{n.Span, "**" + a.Name + "**: built-in adapter for ports of type " + quoted(a.Port)}
		}
	}
	if st.name == "kind" && len(c.site.steps) == 2 {
		if d := schema.Kind(n.Value); d != nil {
			return &Note{n.Span, "**" + d.Kind + "**\n\n" + d.Doc}
		}
	}
	for _, t := range st.types {
		if t.Name == "Cap" {
			base, _, _ := strings.Cut(n.Value, ":")
			for _, cap := range schema.Caps() {
				if cap.Name == base {
					return &Note{n.Span, "**" + cap.Name + "**\n\n" + cap.Doc}
				}
			}
		}
	}
	return nil
}

// describeSymbol explains a symbol.
func (c *cursor) describeSymbol(s *Symbol) string {
	switch {
	case s.Info != nil && s.Kind == SymbolNode:
		return c.describeNode(s.Info)
	case s.Type != nil:
		return "**" + s.Name + "**: " + quoted(s.Type.String()) + "\n\n" + s.Kind.String()
	case s.Detail != "":
		return "**" + s.Name + "** (" + s.Kind.String() + ")\n\n" + s.Detail
	}
	return "**" + s.Name + "** (" + s.Kind.String() + ")"
}

// describeNode explains a node: what it is, when it runs, what it gives, what it
// may cost.
func (c *cursor) describeNode(info *check.Info) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%s)", info.Name(), info.Node.Kind)
	p := c.program()
	if p == nil {
		return b.String()
	}
	if info.Result != nil && !info.Result.IsAny() {
		fmt.Fprintf(&b, "\n\n```\n%s\n```", info.Result)
	}
	m, err := explain.ExplainNode(p, c.doc.Effective, info.ID())
	if err != nil {
		return b.String()
	}
	fmt.Fprintf(&b, "\n\nRuns %s.", m.Runs)
	if m.When != "" {
		fmt.Fprintf(&b, "\n\nOnly when %s.", quoted(m.When))
	}
	if m.Attempts > 1 {
		fmt.Fprintf(&b, "\n\nUp to %d attempts.", m.Attempts)
	}
	if m.Calls != "" && m.Calls != "0" {
		fmt.Fprintf(&b, "\n\nLLM calls: %s%s.", m.Calls, spending(info.Use.Cost))
	}
	if port := info.Node.Port(); port != "" {
		cap := check.PortCap(schema.PortTypeOf(port), port)
		if cap != "" {
			verdict := "allowed"
			if !c.doc.Effective.Caps.Allows(cap) {
				verdict = "**not allowed here**"
			}
			fmt.Fprintf(&b, "\n\nCalls the port %s, which needs the capability %s: %s.", quoted(port), quoted(cap), verdict)
		}
	}
	return b.String()
}

// hoverEnvironment explains an environment reference.
func (c *cursor) hoverEnvironment(lookup func(string) (string, bool)) *Note {
	if c.site.key || len(c.site.steps) == 0 {
		return nil
	}
	n := c.site.last().node
	if n.Kind != syntax.Scalar || !strings.Contains(n.Value, "${") {
		return nil
	}
	m := c.a.Tree.TextMap(n)
	at, ok := m.Text(c.offset)
	if !ok {
		return nil
	}
	parts, _ := ast.SplitEnv(n.Value)
	for _, p := range parts {
		if p.Name == "" || at < p.Start || at > p.End {
			continue
		}
		span := m.Span(source.Span{Start: int32(p.Start), End: int32(p.End)})
		text := "**" + p.Name + "**: environment variable"
		if p.HasDefault && !p.Secret {
			text += ", default " + quoted(p.Default)
		}
		switch v, set := lookupIn(lookup, p); {
		case p.Secret:
			text = "**" + p.Name + "**: secret. The program holds a reference; the secret store gives the value when a run starts."
		case set:
			text += "\n\nNow: " + quoted(v)
		case p.HasDefault:
			text += "\n\nNot set: the default holds."
		default:
			text += "\n\nNot set."
		}
		return &Note{span, text}
	}
	return nil
}

func lookupIn(lookup func(string) (string, bool), p ast.EnvRef) (string, bool) {
	if p.Secret || lookup == nil {
		return "", false
	}
	return lookup(p.Name)
}

// hover explains the innermost part of an expression at the cursor.
func (x *expression) hover() *Note {
	path := x.path()
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *expr.Name:
			return x.note(n.Span(), x.describeName(n.Ident, false, n))
		case *expr.Namespace:
			return x.note(n.Span(), x.describeName(n.Ident, true, n))
		case *expr.Attr:
			if n.NameSpan.Contains(x.offset) && n.Name != "" {
				text := "**" + n.Name + "**: " + quoted(x.typeOf(n).String())
				if f, ok := x.typeOf(n.X).Field(n.Name); ok && f.Doc != "" {
					text += "\n\n" + f.Doc
				}
				return x.note(n.NameSpan, text)
			}
		case *expr.Call:
			if n.FuncSpan.Contains(x.offset) {
				list := expr.Functions()
				if n.X != nil {
					list = expr.Methods("")
				}
				return x.note(n.FuncSpan, docOf(list, n.Func))
			}
		case *expr.Filter:
			if n.NameSpan.Contains(x.offset) {
				return x.note(n.NameSpan, docOf(expr.Filters(), n.Name))
			}
		case *expr.Is:
			if n.NameSpan.Contains(x.offset) {
				return x.note(n.NameSpan, docOf(expr.Tests(), n.Name))
			}
		}
		if _, ok := path[i].(*expr.Literal); ok {
			return nil
		}
	}
	return nil
}

func (x *expression) note(s source.Span, text string) *Note {
	if text == "" {
		return nil
	}
	return &Note{x.span(s), text}
}

func docOf(list []expr.FuncDoc, name string) string {
	for _, f := range list {
		if f.Name == name {
			return funcDoc(f)
		}
	}
	return ""
}

func (x *expression) describeName(name string, namespace bool, n expr.Node) string {
	if !namespace {
		for _, b := range x.binders(x.offset) {
			if b.name == name {
				return "**" + name + "**: " + quoted(b.typ.String())
			}
		}
	}
	p := x.c.program()
	if p == nil {
		return ""
	}
	v, ok := p.Find(x.place, name, namespace)
	if !ok {
		return "**" + name + "**: field of the run's input, if it has one"
	}
	if v.Kind == check.SlotNode {
		return x.c.describeNode(v.Node)
	}
	title := name
	if namespace {
		title = "$" + name
	}
	return "**" + title + "**: " + quoted(v.Type.String()) + "\n\n" + describeVisible(v)
}
