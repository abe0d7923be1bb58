package ast

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Limits of expansion.
const (
	// MaxMacroNodes is how many nodes one invocation may expand to, those of
	// invocations inside included.
	MaxMacroNodes = 10_000
	// MaxExpanded is how many nodes all invocations of a document may expand to.
	MaxExpanded = 50_000
	// MaxMacroDepth is how many invocations may be inside one another.
	MaxMacroDepth = 20

	// maxGeneric bounds what is put into bodies with parameters of unknown value.
	maxGeneric = 5_000
)

// Invocation is the call of a macro.
type Invocation struct {
	// Name is the macro's, where the call names it.
	Name Ident
	// Macro is nil for a foreign macro, and for one that is unknown or could not be
	// expanded, which was reported.
	Macro *Macro
	// Foreign: a dotted path or plugin:name, about which nothing is known.
	Foreign bool
	// BuiltIn: the language has the macro, but no manifest of it.
	BuiltIn bool
	// Args are the parameters without a value that is known at build: templates
	// over the caller's scope. The others have become constants in Body.
	Args []*Argument
	// Body is the expansion; nil without Macro. Its nodes carry the invocation's
	// name as prefix.
	Body *Body
	// Outputs are expressions in the scope of Body; nil if the macro has none.
	Outputs []*Binding
	// Generic: the arguments are unknown, see Macro.Generic.
	Generic bool
}

// Argument is what a parameter is bound to that has no value at build.
type Argument struct {
	Param *Param
	// Expr reads the caller's scope. It is nil in a generic invocation, and for an
	// argument that was reported.
	Expr *Expr
}

// Arg is the index of the argument that a name means, -1 for none.
func (i *Invocation) Arg(name string) int {
	for k, a := range i.Args {
		if a.Param.Name.Name == name {
			return k
		}
	}
	return -1
}

// expansion is the state of a builder that is inside the bodies of macros.
type expansion struct {
	via   []source.Location // calls around, outermost first
	open  []*Macro          // whose bodies the builder is in, outermost first
	nodes int               // expanded so far in this document
	full  bool              // a limit is reached, which was reported
	// generic: arguments are unknown; no limit is reported.
	generic bool
	// raw: names carry the prefix if their text does.
	raw bool
	env []EnvUse // read by bodies
	// inst is the name of the invocation whose list the next node stands in; ""
	// elsewhere, as in the bodies of composites.
	inst   string
	stream *shape.Stream // of the body's file
}

// invocation types the call of a macro and expands it.
func (b *builder) invocation(n *Node) {
	inv := &Invocation{Name: n.KindText}
	n.Macro = inv
	if n.Obj.Kind != nil && n.Obj.Kind.Class == shape.BuiltIn {
		inv.Name = b.ident(n.Spec.Get("macro"))
	} else if n.Obj.Kind != nil {
		inv.Name.Name = n.Obj.Kind.Name // after aliases
	}
	if inv.Name.Name == "" {
		b.otherTexts(n)
		return
	}
	m := b.findMacro(inv.Name.Name)
	if m == nil {
		_, inv.BuiltIn = schema.BuiltInMacro(inv.Name.Name) // one without a manifest
		inv.Foreign = inv.BuiltIn || !strings.HasPrefix(inv.Name.Name, "core:") && (isDotted(inv.Name.Name) || strings.Contains(inv.Name.Name, ":"))
		if !inv.Foreign && (b.raw || !b.unlinkedKind(n)) {
			b.unknownMacro(inv.Name)
		}
		b.otherTexts(n)
		return
	}
	// A call with a fault is expanded all the same: what the body gives is known.
	scope := b.arguments(n, m)
	if !b.enter(n, m) {
		return
	}
	inv.Macro = m
	b.expand(n, m, scope)
}

// unlinkedKind reports whether the call's name was found to be unknown before.
func (b *builder) unlinkedKind(n *Node) bool {
	return n.Obj.Kind != nil && n.Obj.Kind.Class == shape.Unlinked && n.KindText.Node != nil && n.KindText.Node.Built == syntax.Written
}

// enter says whether a macro may be expanded here.
func (b *builder) enter(n *Node, m *Macro) bool {
	x := &b.expansion
	for i, around := range x.open {
		if around != m {
			continue
		}
		var names []string
		for _, s := range append(x.open[i:len(x.open):len(x.open)], m) {
			names = append(names, s.Name.Name)
		}
		b.ds.Add(diag.New(diag.MacroRecursion, n.Macro.Name.Loc, "circular macros: %s", strings.Join(names, " -> ")).
			WithHelp("a macro is expanded when the manifest is built, so it cannot contain itself; a loop is a composite_node"))
		return false
	}
	switch {
	case x.full:
		return false
	case x.generic && (x.nodes >= maxGeneric || len(x.open) >= MaxMacroDepth):
		return false
	case len(x.open) >= MaxMacroDepth:
		var names []string
		for _, s := range append(x.open[:len(x.open):len(x.open)], m) {
			names = append(names, s.Name.Name)
		}
		b.ds.Add(diag.New(diag.MacroRecursion, n.Macro.Name.Loc, "macros are nested more than %d deep: %s", MaxMacroDepth, strings.Join(names, " -> ")).
			WithHelp("put the inner ones beside each other"))
		return false
	}
	return true
}

// expand types the body of a macro for one invocation.
func (b *builder) expand(n *Node, m *Macro, scope *expand.Scope) {
	tree, build, outer := b.tree, b.build, b.expansion
	defer func() {
		b.tree, b.build = tree, build
		b.via, b.open, b.raw, b.stream = outer.via, outer.open, outer.raw, outer.stream
	}()
	file := m.Doc.File
	composed := file.Composed
	if !n.Macro.Generic {
		b.via = append(outer.via[:len(outer.via):len(outer.via)], n.Macro.Name.Loc.Written())
		composed = composed.Instance(composed.Tree.File.Instance(b.via))
	}
	b.open = append(outer.open[:len(outer.open):len(outer.open)], m)
	b.tree = composed.Tree
	b.build = composed.Document(m.Doc.Root, scope, false, &b.ds)
	b.raw, b.stream = false, shape.NewStream(composed.Tree)
	body := &Body{Label: "", Loc: n.Loc, Nodes: []*Node{}}
	n.Macro.Body = body
	limit := b.nodes + MaxMacroNodes
	switch {
	case m.nodes != nil:
		body.Nodes = b.bodyNodes(nil, composed, m.nodes.Items, scope, n.Name.Name, limit)
	case m.raw != nil:
		b.rawNodes(n, composed, m, scope, limit)
	}
	if b.nodes > limit && !b.full && !b.generic {
		b.full = true
		b.ds.Add(diag.New(diag.MacroTooLarge, n.Macro.Name.Loc, "macro %q expands to more than %d nodes here", m.Name.Name, MaxMacroNodes).
			WithHelp("go over the items at run time, with a composite_node of mode for-each"))
	}
	if m.outputs != nil {
		n.Macro.Outputs = b.outputs(m)
	}
	b.env = append(b.env, b.build.Env.Uses()...)
}

// bodyNodes types a list of nodes and repetitions, and appends them to nodes.
func (b *builder) bodyNodes(nodes []*Node, c *expand.Composed, items []*syntax.Node, scope *expand.Scope, inst string, limit int) []*Node {
	for _, item := range items {
		item = item.Deref()
		if item == nil || b.stop(limit) {
			continue
		}
		if item.Kind == syntax.Mapping && item.Get("for") != nil && item.Get("kind") == nil {
			nodes = b.repeat(nodes, c, item, scope, inst, limit)
			continue
		}
		x := b.build.EvaluateNode(item, true).Deref()
		o := shape.CheckNodeWith(b.tree, x, shape.Options{Stream: b.stream, Environment: b.build.Environment}, &b.ds)
		b.inst = inst
		n := b.node(o)
		b.inst = ""
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// stop reports whether a limit is reached, and reports that of the document.
func (b *builder) stop(limit int) bool {
	if !b.full && b.nodes >= MaxExpanded {
		b.full = true
		loc := b.via[0]
		b.ds.Add(diag.New(diag.MacroTooLarge, loc, "the macros of this document expand to more than %d nodes", MaxExpanded).
			WithHelp("go over items at run time, with a composite_node of mode for-each"))
	}
	return b.full || b.nodes > limit || b.generic && b.nodes >= maxGeneric
}

// prefix puts the invocation's name in front of a node's, unless its text does.
func (b *builder) prefix(n *Node, inst string) {
	name := n.Name.Name
	if name == "" || inst == "" {
		return
	}
	local, has := strings.CutPrefix(name, inst+"_")
	if has && local != "" && (b.raw || b.carriesPrefix(n.Name)) {
		n.Local = local
		return
	}
	n.Local, n.Name.Name = name, inst+"_"+name
}

// carriesPrefix reports whether the text of a name begins with `{{ name }}_`.
func (b *builder) carriesPrefix(id Ident) bool {
	if id.Node == nil || id.Node.Built == syntax.Written {
		return false
	}
	text := strings.TrimLeft(id.Loc.File.Slice(id.Loc.Span), "\"'")
	rest, ok := strings.CutPrefix(text, "{{")
	if !ok {
		return false
	}
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "-"), " \t")
	if rest, ok = strings.CutPrefix(rest, "name"); !ok {
		return false
	}
	rest = strings.TrimPrefix(strings.TrimLeft(rest, " \t"), "-")
	return strings.HasPrefix(rest, "}}_")
}

// outputs types what a macro gives: paths and templates in the scope of its body.
func (b *builder) outputs(m *Macro) []*Binding {
	out := []*Binding{}
	for k, v := range m.outputs.Entries() {
		v = b.build.EvaluateNode(v, false).Deref()
		if v == nil || v.Kind != syntax.Scalar {
			continue // reported by the schema
		}
		field := "outputs." + k.Value
		if e := b.outputSource(v, field); e != nil {
			out = append(out, &Binding{Name: b.keyIdent(k), Expr: e})
		}
	}
	return out
}

// genericBody expands a macro with parameters of unknown value.
func (b *builder) genericBody(m *Macro) {
	name := m.Name
	if name.Name == "" {
		name.Name = "macro"
	}
	n := &Node{Kind: "macro_invocation", Name: name, Loc: m.Name.Loc, Obj: &shape.Object{}, Tree: b.tree}
	n.Macro = &Invocation{Name: m.Name, Macro: m, Generic: true}
	scope := expand.NewScope(nil)
	scope.Bind(expand.Binding{Name: "name", Value: value.String(name.Name)})
	scope.Bind(expand.Binding{Name: "dependencies", Value: value.List(nil)})
	for _, p := range m.Params {
		n.Macro.Args = append(n.Macro.Args, &Argument{Param: p})
		scope.Bind(expand.Binding{Name: p.Name.Name, Loc: p.Name.Loc, Open: true})
	}
	b.expansion = expansion{generic: true}
	b.expand(n, m, scope)
	b.expansion = expansion{}
	m.Generic = n
}

// String names the invocation for messages.
func (i *Invocation) String() string { return fmt.Sprintf("macro %q", i.Name.Name) }
