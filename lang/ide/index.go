package ide

import (
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// indexer finds the names of one analysis.
type indexer struct {
	snap *compile.Snapshot
	a    *compile.Analysis
	syms map[string]*Symbol
	out  []Occurrence

	doc    *compile.Checked
	docs   map[SymbolKind]map[string]*Symbol // named documents of the stream
	params map[string]map[string]*Symbol     // of the stream's macros, by name
	names  map[SymbolKind]map[string]*Symbol // what the document declares at its top
	scopes []map[string]*Symbol              // lists of nodes, innermost last
	// hyphenated are the declared names with hyphens, for templates.
	hyphenated []string
}

func buildIndex(s *compile.Snapshot, a *compile.Analysis) *index {
	x := &indexer{snap: s, a: a, syms: map[string]*Symbol{}, docs: map[SymbolKind]map[string]*Symbol{}, params: map[string]map[string]*Symbol{}}
	for _, d := range a.Docs {
		x.document(d)
	}
	for _, d := range a.Docs {
		x.contents(d)
	}
	for _, d := range a.Docs {
		if d.Generic != nil && d.Generic.Scope != nil {
			x.macroBody(d) // last: what an invocation knows comes first
		}
	}
	sortOccurrences(x.out)
	x.out = slices.CompactFunc(x.out, func(a, b Occurrence) bool { return a.Location == b.Location && a.Symbol == b.Symbol })
	return &index{x.out}
}

// documentKinds are the kinds of documents that others name.
var documentKinds = map[string]SymbolKind{
	"Adapter": SymbolAdapter, "Macro": SymbolMacro, "Policy": SymbolPolicy, "Middleware": SymbolMiddleware,
	"Pipeline": SymbolPipeline, "System": SymbolDocument, "Config": SymbolDocument, "Test": SymbolDocument,
}

// document declares the document's own name.
func (x *indexer) document(d *compile.Checked) {
	kind := documentKinds[d.Doc.Kind]
	if kind == 0 || d.Doc.Name.Name == "" || d.Doc.Name.Loc.IsZero() {
		return
	}
	sym := x.declare(kind, d.Doc.Name)
	if x.docs[kind] == nil {
		x.docs[kind] = map[string]*Symbol{}
	}
	if x.docs[kind][sym.Name] == nil {
		x.docs[kind][sym.Name] = sym
	}
	if kind == SymbolMacro && x.params[sym.Name] == nil {
		x.params[sym.Name] = map[string]*Symbol{}
		for _, p := range macroParameters(d.Doc.Root.Deref()) {
			x.params[sym.Name][p.name] = x.symbol(SymbolParameter, p.name, locate(x.snap, x.at(p.node)))
		}
	}
	if o := d.Doc.Obj; o != nil {
		if f := o.Object("metadata").Get("description"); f != nil && f.OK && !f.Null {
			sym.Detail = f.Value.Value
		}
	}
}

// declare makes the symbol of a name where it is declared, and notes the place.
func (x *indexer) declare(kind SymbolKind, id ast.Ident) *Symbol {
	sym := x.symbol(kind, id.Name, locate(x.snap, id.Loc))
	x.note(id.Loc, sym, true, false)
	return sym
}

// symbol is the symbol that is declared at a place.
func (x *indexer) symbol(kind SymbolKind, name string, def Location) *Symbol {
	key := symbolKey(kind, def)
	sym := x.syms[key]
	if sym == nil {
		sym = &Symbol{Kind: kind, Name: name, Def: def, key: key}
		x.syms[key] = sym
	}
	return sym
}

// undeclared is a symbol that no place declares: its name in a document is what
// tells it from others.
func (x *indexer) undeclared(kind SymbolKind, name string) *Symbol {
	key := fmt.Sprintf("%d|%s|%d|%s", kind, x.a.Path, x.doc.Doc.Root.Span.Start, name)
	sym := x.syms[key]
	if sym == nil {
		sym = &Symbol{Kind: kind, Name: name, key: key}
		x.syms[key] = sym
	}
	return sym
}

func (x *indexer) note(l source.Location, sym *Symbol, def, text bool) {
	if l.IsZero() || sym == nil || l.Span.Len() == 0 {
		return
	}
	at := locate(x.snap, l)
	at.Span = inner(l)
	if int(at.Span.End) > len(l.File.Text()) || l.File.Slice(at.Span) != sym.Name {
		return // put together by a template, or written with escapes
	}
	x.out = append(x.out, Occurrence{at, sym, def, text})
}

// inner is a place without the quotes around it.
func inner(l source.Location) source.Span {
	s := l.Span
	if s.Len() >= 2 {
		text := l.File.Text()
		if c := text[s.Start]; (c == '"' || c == '\'') && text[s.End-1] == c {
			s.Start++
			s.End--
		}
	}
	return s
}

func (x *indexer) at(n *syntax.Node) source.Location {
	return x.a.File.Loc(n)
}

func (x *indexer) ident(n *syntax.Node) ast.Ident {
	return ast.Ident{Name: n.Value, Loc: x.at(n), Node: n}
}

// topMaps are the fields of a spec whose keys declare names.
var topMaps = map[string]SymbolKind{
	"ports": SymbolPort, "processes": SymbolProcess, "custom_types": SymbolType, "aliases": SymbolAlias,
	"services": SymbolService, "tools": SymbolTool, "state_machines": SymbolEntity, "variables": SymbolConstant,
}

// contents finds the names in a document.
func (x *indexer) contents(d *compile.Checked) {
	x.doc, x.names, x.scopes, x.hyphenated = d, map[SymbolKind]map[string]*Symbol{}, nil, nil
	root := d.Doc.Root.Deref()
	if root == nil {
		return
	}
	if d.Doc.Obj != nil {
		spec := d.Doc.Obj.Object("spec")
		if spec != nil {
			x.top(spec)
		}
		if d.Doc.Kind == "Macro" {
			for _, p := range macroParameters(root) {
				sym := x.declare(SymbolParameter, x.ident(p.node))
				sym.Detail = p.doc
				if sym.Detail == "" {
					sym.Detail = quoted(p.typ)
				}
				x.name(SymbolParameter, sym)
			}
		}
		x.object(d.Doc.Obj)
	}
	if d.Doc.Fragment && d.Doc.Pipeline != nil {
		x.fragment(d.Doc.Pipeline.Nodes)
	}
	switch {
	case d.Program != nil:
		x.program(d)
	case d.Doc.Kind == "Macro" || d.Doc.Kind == "System":
		x.texts(root)
	}
}

func (x *indexer) name(kind SymbolKind, sym *Symbol) {
	if x.names[kind] == nil {
		x.names[kind] = map[string]*Symbol{}
	}
	if x.names[kind][sym.Name] == nil {
		x.names[kind][sym.Name] = sym
	}
}

// top declares the names that the document's spec has.
func (x *indexer) top(spec *shape.Object) {
	for _, f := range spec.Fields {
		kind := topMaps[f.Def.Name]
		if kind == 0 || f.Null {
			continue
		}
		if f.Value.Kind == syntax.Sequence && kind == SymbolProcess {
			for _, it := range f.Items {
				if n := it.Object.Get("name"); n != nil && n.OK && !n.Null {
					x.name(kind, x.declare(kind, x.ident(n.Value)))
				}
			}
			continue
		}
		if f.Value.Kind != syntax.Mapping {
			continue
		}
		for k, v := range f.Value.Entries() {
			if k.Kind != syntax.Scalar {
				continue
			}
			sym := x.declare(kind, x.ident(k))
			x.name(kind, sym)
			if strings.Contains(k.Value, "-") {
				x.hyphenated = append(x.hyphenated, k.Value)
			}
			if kind == SymbolEntity {
				x.states(v)
			}
		}
	}
}

// states declares the states of a state machine.
func (x *indexer) states(machine *syntax.Node) {
	t := get(machine, "transitions").Deref()
	if t == nil || t.Kind != syntax.Mapping {
		return
	}
	for k := range t.Entries() {
		if k.Kind == syntax.Scalar {
			x.name(SymbolState, x.declare(SymbolState, x.ident(k)))
		}
	}
	for _, v := range t.Entries() {
		v = v.Deref()
		if v == nil || v.Kind != syntax.Sequence {
			continue
		}
		for _, it := range v.Items {
			to := it.Deref()
			if to != nil && to.Kind == syntax.Mapping {
				to = get(to, "to").Deref()
			}
			if to != nil && to.Kind == syntax.Scalar && to.Value != "" && x.names[SymbolState][to.Value] == nil {
				x.name(SymbolState, x.declare(SymbolState, x.ident(to)))
			}
		}
	}
}

// refKinds are the symbols that a field's text names, by the schema's ref.
var refKinds = map[string]SymbolKind{
	"process": SymbolProcess, "adapter": SymbolAdapter, "port": SymbolPort, "macro": SymbolMacro, "policy": SymbolPolicy,
	"middleware": SymbolMiddleware, "service": SymbolService, "tool": SymbolTool, "entity": SymbolEntity, "state": SymbolState,
	"type": SymbolType, "adapterkind": SymbolAlias,
}

// object finds the names in an object of the canonical view.
func (x *indexer) object(o *shape.Object) {
	if o == nil {
		return
	}
	if o.Kind != nil {
		x.arguments(o)
	}
	for _, f := range o.Fields {
		if f.Lifted {
			continue // it is found where it stands
		}
		x.refs(f, o)
		x.view(&f.View)
	}
}

// arguments notes the names of the arguments of a macro's invocation.
func (x *indexer) arguments(o *shape.Object) {
	spec := o.Object("spec")
	if spec == nil || spec.Node == nil {
		return
	}
	name := o.Kind.Name
	if f := spec.Get("macro"); f != nil && f.OK && !f.Null {
		name = f.Value.Value
	}
	params := x.params[name]
	if params == nil {
		return
	}
	note := func(n *syntax.Node) {
		n = n.Deref()
		if n == nil || n.Kind != syntax.Mapping {
			return
		}
		for k := range n.Entries() {
			if sym := params[k.Value]; sym != nil && k.Kind == syntax.Scalar {
				x.note(x.at(k), sym, false, false)
			}
		}
	}
	given := false
	for _, f := range spec.Fields {
		if f.Def.Name == "config" || f.Def.Name == "inputs" {
			note(f.Value)
			given = true
		}
	}
	if !given && o.Kind.Name == name {
		note(spec.Node) // the arguments themselves
	}
}

// refs notes the names that a field's texts refer to.
func (x *indexer) refs(f *shape.Field, o *shape.Object) {
	if f.Def.Ref == "" || f.Null || f.Dynamic {
		return
	}
	switch f.Def.Name {
	case "node_ports", "states":
		for _, e := range f.Entries {
			x.refer(f.Def.Ref, e.Key, o)
		}
		return
	case "transitions":
		for _, e := range f.Entries {
			x.refer(f.Def.Ref, e.Key, o)
		}
	}
	var walk func(n *syntax.Node, depth int)
	walk = func(n *syntax.Node, depth int) {
		n = n.Deref()
		if n == nil || depth > 3 {
			return
		}
		switch n.Kind {
		case syntax.Scalar:
			x.refer(f.Def.Ref, n, o)
		case syntax.Sequence:
			for _, it := range n.Items {
				walk(it, depth+1)
			}
		case syntax.Mapping:
			for _, v := range n.Entries() {
				walk(v, depth+1)
			}
		}
	}
	walk(f.Value, 0)
}

// refer notes that a scalar names something.
func (x *indexer) refer(ref string, n *syntax.Node, o *shape.Object) {
	if n == nil || n.Kind != syntax.Scalar || n.Value == "" || n.Style == syntax.Literal || n.Style == syntax.Folded {
		return
	}
	find := func(kind SymbolKind, name string) *Symbol {
		if s := x.names[kind][name]; s != nil {
			return s
		}
		return x.docs[kind][name]
	}
	switch ref {
	case "node":
		if i := len(x.scopes) - 1; i >= 0 { // names of nodes are those of the innermost list
			if sym := x.scopes[i][n.Value]; sym != nil {
				x.note(x.at(n), sym, false, false)
			}
		}
		if len(x.scopes) == 0 && x.doc.Program != nil {
			for _, info := range x.doc.Program.Scope.Nodes {
				if info.Name() == n.Value {
					x.note(x.at(n), x.nodeSymbol(info), false, false)
					break
				}
			}
		}
	case "nodekind":
		for _, kind := range []SymbolKind{SymbolMacro, SymbolAlias} {
			if sym := find(kind, n.Value); sym != nil {
				x.note(x.at(n), sym, false, false)
				break
			}
		}
	case "type":
		x.typeNames(n)
	default:
		if kind := refKinds[ref]; kind != 0 {
			if sym := find(kind, n.Value); sym != nil {
				x.note(x.at(n), sym, false, false)
			}
		}
	}
}

// typeNames notes the custom types in the name of a type: `Score`,
// `list[Score]`, `Score?`.
func (x *indexer) typeNames(n *syntax.Node) {
	types := x.names[SymbolType]
	if len(types) == 0 {
		return
	}
	m := x.a.File.Composed.Tree.TextMap(n)
	for i := 0; i < len(n.Value); {
		if !isNameByte(n.Value[i]) {
			i++
			continue
		}
		j := i
		for j < len(n.Value) && isNameByte(n.Value[j]) {
			j++
		}
		if sym := types[n.Value[i:j]]; sym != nil {
			x.note(source.Location{File: x.at(n).File, Span: m.Span(source.Span{Start: int32(i), End: int32(j)})}, sym, false, false)
		}
		i = j
	}
}

// view finds the names below a value.
func (x *indexer) view(v *shape.View) {
	switch {
	case v.Object != nil:
		x.object(v.Object)
	case len(v.Items) > 0:
		nodes := false
		scope := map[string]*Symbol{}
		for _, it := range v.Items {
			if it.Object == nil || it.Object.Kind == nil {
				continue
			}
			nodes = true
			if f := it.Object.Object("metadata").Get("name"); f != nil && f.OK && !f.Null && !f.Dynamic && f.Value.Value != "" {
				if scope[f.Value.Value] == nil {
					scope[f.Value.Value] = x.declare(SymbolNode, x.ident(f.Value))
				}
			}
		}
		if nodes {
			x.scopes = append(x.scopes, scope)
		}
		for _, it := range v.Items {
			x.view(it)
		}
		if nodes {
			x.scopes = x.scopes[:len(x.scopes)-1]
		}
	default:
		for i := range v.Entries {
			x.view(&v.Entries[i].View)
		}
	}
}

// fragment finds the names in nodes that stand in no document.
func (x *indexer) fragment(nodes []*ast.Node) {
	scope := map[string]*Symbol{}
	for _, n := range nodes {
		if n.Name.Name != "" && scope[n.Name.Name] == nil && !n.Name.Loc.IsZero() {
			scope[n.Name.Name] = x.declare(SymbolNode, n.Name)
		}
	}
	x.scopes = append(x.scopes, scope)
	for _, n := range nodes {
		x.object(n.Obj)
	}
	x.scopes = x.scopes[:0]
}

// texts notes what the templates of a document without a checked program read:
// parameters of a macro, processes of a System.
func (x *indexer) texts(n *syntax.Node) {
	if n == nil {
		return
	}
	if n.Kind == syntax.Scalar && expr.IsTemplate(n.Value) {
		text := expr.Text{Src: n.Value, File: x.at(n).File, Map: x.a.File.Composed.Tree.TextMap(n)}
		t, _ := expr.ParseTemplateWith(text, expr.Options{Hyphenated: x.hyphenated})
		for _, r := range expr.Refs(t) {
			for _, kind := range []SymbolKind{SymbolParameter, SymbolProcess} {
				if sym := x.names[kind][r.Head]; sym != nil && !r.Namespace {
					x.note(text.Loc(r.HeadSpan), sym, false, true)
					break
				}
			}
		}
	}
	for _, it := range n.Items {
		x.texts(it)
	}
	for i := range n.Pairs {
		x.texts(n.Pairs[i].Value)
	}
}
