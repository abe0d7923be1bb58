package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// node types one node; nil if it is not even a mapping.
func (b *builder) node(o *shape.Object) *Node {
	if o == nil || o.Node == nil {
		return nil
	}
	n := &Node{Loc: b.at(o.Node), Obj: o, Tree: b.tree, Spec: o.Object("spec")}
	n.KindText = b.ident(o.Get("kind"))
	if o.Kind != nil {
		n.Foreign = o.Kind.Class == shape.Foreign
		if o.Kind.Class != shape.UnknownKind {
			n.Kind = o.Kind.Name
		}
		if o.Kind.Class == shape.Macro || o.Kind.Class == shape.Unlinked {
			n.Kind = "macro_invocation"
		}
	}
	if meta := o.Object("metadata"); meta != nil {
		n.Name = b.ident(meta.Get("name"))
	}
	if b.inst != "" {
		b.prefix(n, b.inst)
		b.inst = ""
	}
	b.common(n)
	if len(b.open) > 0 {
		b.nodes++
	}
	switch n.Kind {
	case "macro_invocation":
		b.invocation(n)
	case "llm_node":
		b.llm(n)
	case "expression_node":
		b.expressionNode(n)
	case "data_node":
		b.dataNode(n)
	case "composite_node":
		b.composite(n)
	case "function_node":
		b.functionNode(n)
	case "agent_node":
		b.agent(n)
	case "api_call_node":
		b.apiCall(n)
	case "service_call_node":
		b.serviceCall(n)
	case "wait_node":
		b.wait(n)
	case "transition":
		b.transition(n)
	default:
		b.otherTexts(n)
	}
	return n
}

// common types the fields that every kind has.
func (b *builder) common(n *Node) {
	deps := n.Obj.Get("dependencies")
	if deps == nil || deps.Null {
		if d := n.Spec.Get("dependencies"); d != nil {
			deps = d
		}
	}
	if deps != nil && !deps.Null && deps.OK {
		n.Explicit, n.DepsAt = true, deps.Value
		n.Deps = b.idents(deps)
	}
	n.WaitFor = b.idents(n.Obj.Get("wait_for"))
	s := n.Spec
	if f := s.Get("when"); f != nil && !f.Null && f.OK {
		n.When = b.source(f.Value, RoleWhen, "when", schema.Condition)
	}
	if f := s.Get("input_mapping"); f != nil && !f.Null && f.OK {
		n.Mapped = true
		n.Mapping = b.bindings(f, RoleMapping, "input_mapping", schema.Mapping)
	}
	n.Strict = b.boolean(s.Get("strict_mapping"))
	n.Required = b.idents(s.Get("required_inputs"))
	n.Critical = b.boolean(s.Get("critical"))
	if f := s.Get("on_error"); f != nil && !f.Null {
		if id := b.ident(f); id.Name != "" {
			n.OnError = &id
		}
	}
	if n.Kind != "wait_node" { // there it is how long to wait
		n.Exec.Timeout = b.duration(s.Get("timeout"))
	}
	n.Exec.Attempts = b.number(s.Get("max_attempts"))
	n.Exec.RetryDelay = b.duration(s.Get("retry_delay"))
	n.Exec.RetryMax = b.duration(s.Get("retry_max_delay"))
	n.Exec.Backoff = b.number(s.Get("retry_backoff"))
	n.Exec.RetryOn = b.idents(s.Get("retry_on"))
	n.Ports = b.ports(s.Get("ports"))
	n.Policies = b.policies(s.Get("policies"))
	n.Input = b.schema(s.Get("input_schema"))
	n.Output = b.schema(s.Get("output_schema"))
}

// bindings are the entries of a map of expressions, in order.
func (b *builder) bindings(f *shape.Field, role Role, field string, kind schema.Text) []*Binding {
	if f == nil || f.Null || f.Value == nil || f.Value.Kind != syntax.Mapping {
		return nil
	}
	var out []*Binding
	for k, v := range f.Value.Entries() {
		if x := b.source(v, role, field+"."+k.Value, kind); x != nil {
			x.Var = len(out)
			out = append(out, &Binding{Name: b.keyIdent(k), Expr: x})
		}
	}
	return out
}

func (n *Node) addText(e *Expr) *Expr {
	if e != nil {
		n.Texts = append(n.Texts, e)
	}
	return e
}

// template types a field whose text is a template.
func (b *builder) template(n *Node, f *shape.Field, name string) *Expr {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	return n.addText(b.source(f.Value, RoleText, name, schema.Template))
}

// expression types a field whose text is an expression.
func (b *builder) expression(n *Node, f *shape.Field, role Role, name string) *Expr {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	return n.addText(b.source(f.Value, role, name, schema.Expression))
}

func (b *builder) expressionNode(n *Node) {
	e := &ExpressionSpec{}
	n.Expression = e
	s := n.Spec
	e.Vars = b.bindings(s.Get("expressions"), RoleVariable, "expressions", schema.Expression)
	for i, v := range e.Vars {
		v.Expr.Walk(func(x *Expr) { x.Var = i })
		n.addText(v.Expr)
	}
	if f := s.Get("output_fields"); f != nil && !f.Null {
		e.Listed = true
		e.Fields = b.idents(f)
	}
	e.Merge = b.ident(s.Get("merge_strategy"))
	e.Extract = b.path(b.ident(s.Get("extract_field")))
	e.Reducer = b.function(s.Get("reducer"))
}

// path splits a dotted path into its parts, each with its place.
func (b *builder) path(id Ident) []Ident {
	if id.Name == "" {
		return nil
	}
	m := b.tree.TextMap(id.Node)
	file := b.tree.FileOf(id.Node)
	var out []Ident
	at := 0
	for _, part := range strings.Split(id.Name, ".") {
		s := spanOf(at, at+len(part))
		out = append(out, Ident{Name: part, Loc: source.Location{File: file, Span: m.Span(s)}, Node: id.Node})
		at += len(part) + 1
	}
	return out
}

func (b *builder) dataNode(n *Node) {
	d := &DataSpec{Output: b.bindings(n.Spec.Get("output"), RoleText, "output", schema.Template)}
	n.Data = d
	for _, o := range d.Output {
		n.addText(o.Expr)
	}
}

func (b *builder) functionNode(n *Node) {
	n.Function = b.function(n.Spec.Get("fn"))
	if n.Function != nil {
		n.Function.Unpack = b.boolean(n.Spec.Get("unpack_input"))
	}
}

// otherTexts finds the expressions and templates of a kind that has no type of
// its own here: by the schema where there is one, else every text with braces.
func (b *builder) otherTexts(n *Node) {
	if n.Foreign {
		b.foreign(n)
		return
	}
	if n.Spec == nil || n.Spec.Node == nil {
		return
	}
	known := map[string]bool{"when": true, "input_mapping": true, "dependencies": true, "wait_for": true}
	if n.Spec.Def == nil {
		for k, v := range n.Spec.Node.Entries() {
			if !known[k.Value] {
				b.braces(n, v, k.Value)
			}
		}
		return
	}
	for _, f := range n.Spec.Fields {
		if known[f.Def.Name] || f.Null {
			continue
		}
		switch f.Def.Text {
		case schema.PlainText:
			b.braces(n, f.Value, f.Def.Name)
		default:
			n.addText(b.source(f.Value, RoleText, f.Def.Name, f.Def.Text))
		}
	}
}

// braces types a value as templates if any text in it is one.
func (b *builder) braces(n *Node, v *syntax.Node, name string) {
	found := false
	var look func(*syntax.Node)
	look = func(x *syntax.Node) {
		x = x.Deref()
		if x == nil || found {
			return
		}
		switch x.Kind {
		case syntax.Scalar:
			found = x.Built == syntax.Written && expr.IsTemplate(x.Value) && x.Tag != "!py"
		case syntax.Sequence:
			for _, i := range x.Items {
				look(i)
			}
		case syntax.Mapping:
			for _, v := range x.Entries() {
				look(v)
			}
		}
	}
	look(v)
	if found {
		n.addText(b.source(v, RoleText, name, schema.Template))
	}
}
