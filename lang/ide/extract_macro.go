package ide

import (
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// extraction is a run of nodes of a pipeline's list that becomes the body of a
// macro.
type extraction struct {
	c     *cursor
	scope *check.Scope
	nodes []*check.Info
	span  source.Span // whole lines
	// column is where the list's dashes stand.
	column int
	name   string // of the macro, and of its invocation
}

// extractMacro moves the nodes that a selection touches into a macro of the same
// file. What they read of other nodes becomes its parameters; who read them reads
// them through the invocation. It is offered only where every node then waits for
// what it waited for.
func (c *cursor) extractMacro(span source.Span) (Action, bool) {
	x, ok := c.selected(span)
	if !ok {
		return Action{}, false
	}
	params, ok := x.parameters()
	if !ok {
		return Action{}, false
	}
	body, ok := x.body()
	if !ok {
		return Action{}, false
	}
	uses, ok := x.uses()
	if !ok {
		return Action{}, false
	}
	f := c.a.Source
	edits := []Edit{{Location{c.a.Path, x.span}, x.invocation(params)}}
	edits = append(edits, uses...)
	end := int32(len(f.Text()))
	edits = append(edits, Edit{Location{c.a.Path, source.Span{Start: end, End: end}}, x.macro(params, body)})
	slices.SortStableFunc(edits, func(a, b Edit) int { return int(a.Span.Start - b.Span.Start) })
	if !x.sound(edits) {
		return Action{}, false
	}
	return Action{Title: fmt.Sprintf("Move the nodes into a macro %q", x.name), Kind: RefactorExtract, Edits: edits}, true
}

// selected are the nodes that a selection touches.
func (c *cursor) selected(span source.Span) (*extraction, bool) {
	if span.Len() == 0 || c.doc == nil || c.doc.Program == nil || c.doc.Program.Scope == nil {
		return nil, false
	}
	items, at, column, ok := c.items(span)
	if !ok {
		return nil, false
	}
	x := &extraction{c: c, scope: c.doc.Program.Scope, span: at, column: column}
	for _, it := range items {
		if it.Kind != syntax.Mapping || hasAnchor(it) {
			return nil, false
		}
		for _, n := range x.scope.Nodes {
			if n.Export == nil && c.here(n.Node.Loc) && n.Node.Loc.Span == it.Span && n.Name() != "" {
				x.nodes = append(x.nodes, n)
			}
		}
	}
	if len(x.nodes) != len(items) {
		return nil, false
	}
	for i := 1; x.name == ""; i++ {
		x.name = "part"
		if i > 1 {
			x.name = fmt.Sprintf("part%d", i)
		}
		for _, n := range x.scope.Nodes {
			if n.Name() == x.name || strings.HasPrefix(n.Name(), x.name+"_") {
				x.name = ""
				break
			}
		}
		for _, d := range c.a.Docs {
			if d.Doc.Name.Name == x.name {
				x.name = ""
			}
		}
	}
	return x, true
}

func (x *extraction) has(n *check.Info) bool { return slices.Contains(x.nodes, n) }

// parameters are the names of the nodes that the selected ones read, which become
// parameters of the same names: the body's text stays as it is.
func (x *extraction) parameters() ([]string, bool) {
	read := map[string]bool{}
	ok := true
	for _, n := range x.nodes {
		if readsBare(n, func(from *check.Info) bool { return from.Scope == x.scope && !x.has(from) }) {
			ok = false
		}
		for _, e := range n.Edges {
			if !x.has(e.From) && (takesWhole(n) || e.Class != check.Data && e.Class != check.Chained) {
				ok = false
			}
		}
	}
	inside(x.nodes, func(n *check.Info) {
		for _, slots := range n.Slots {
			for _, s := range slots {
				switch {
				case s.Kind == check.SlotBare && (s.Head == "name" || s.Head == "dependencies"):
					ok = false // they mean something else in a macro
				case s.Kind != check.SlotNode || s.Node.Scope != x.scope || x.has(s.Node):
				case s.Whole || s.Node.Name() != s.Head:
					ok = false
				default:
					read[s.Head] = true
				}
			}
		}
	})
	for _, n := range x.scope.Nodes {
		if x.has(n) {
			continue
		}
		if readsBare(n, x.has) || takesWhole(n) && slices.ContainsFunc(n.Edges, func(e *check.Edge) bool { return x.has(e.From) }) {
			return nil, false
		}
	}
	var names []string
	for _, n := range x.scope.Nodes { // in the order of the list
		if read[n.Name()] {
			names = append(names, n.Name())
		}
	}
	return names, ok && len(names) == len(read)
}

// body is the text of the nodes, without the dependencies that are the
// invocation's now.
func (x *extraction) body() (string, bool) {
	f := x.c.a.Source
	var edits []Edit
	for _, n := range x.nodes {
		var own []string
		for _, d := range n.Node.Deps {
			if slices.ContainsFunc(x.nodes, func(in *check.Info) bool { return in.Name() == d.Name }) {
				own = append(own, d.Name)
			}
		}
		if len(own) == len(n.Node.Deps) {
			continue
		}
		if n.Node.Obj == nil || n.Node.Obj.Node == nil {
			return "", false
		}
		p := n.Node.Obj.Node.PairOf("dependencies")
		if p == nil || p.Key.Span.End > p.Span.End || !x.span.Encloses(p.Span) {
			return "", false
		}
		at := source.Span{Start: p.Key.Span.End, End: int32(lastByte(f, p.Span))}
		if strings.Contains(f.Slice(at), "#") {
			return "", false // a comment would be lost
		}
		edits = append(edits, Edit{Location{x.c.a.Path, at}, ": [" + strings.Join(own, ", ") + "]"})
	}
	slices.SortFunc(edits, func(a, b Edit) int { return int(a.Span.Start - b.Span.Start) })
	for i := range edits {
		edits[i].Span.Start -= x.span.Start
		edits[i].Span.End -= x.span.Start
	}
	return string(apply([]byte(f.Slice(x.span)), edits)), true
}

// uses are the edits of the names of the nodes where others read them.
func (x *extraction) uses() ([]Edit, bool) {
	var edits []Edit
	for _, o := range indexOf(x.c.snap, x.c.a).all {
		def := o.Symbol.Def
		if o.Symbol.Kind != SymbolNode || def.Path != x.c.a.Path || !x.span.Encloses(def.Span) {
			continue
		}
		if o.Path != x.c.a.Path {
			return nil, false
		}
		if !x.span.Encloses(o.Span) {
			edits = append(edits, Edit{Location{o.Path, source.Span{Start: o.Span.Start, End: o.Span.Start}}, x.name + "_"})
		}
	}
	return edits, true
}

// invocation is the node that stands in the place of the others.
func (x *extraction) invocation(params []string) string {
	lines := []string{"- kind: macro_invocation", "  metadata:", "    name: " + x.name}
	if waits := sources(x.scope, x.nodes, check.Data, check.Chained); !slices.Equal(waits, params) || len(waits) == 0 && x.nodes[0].Index > 0 {
		lines = append(lines, "  dependencies: ["+strings.Join(waits, ", ")+"]")
	}
	lines = append(lines, "  spec:", "    macro: "+x.name)
	if len(params) > 0 {
		lines = append(lines, "    config:")
	}
	for _, p := range params {
		lines = append(lines, fmt.Sprintf("      %s: \"{{ %s }}\"", p, p))
	}
	pad := strings.Repeat(" ", x.column)
	return pad + strings.Join(lines, x.c.newline()+pad)
}

// macro is the new document, behind all others.
func (x *extraction) macro(params []string, body string) string {
	nl := x.c.newline()
	var b strings.Builder
	if text := x.c.a.Source.Text(); !strings.HasSuffix(text, "\n") {
		b.WriteString(nl)
	}
	b.WriteString("---" + nl + "kind: Macro" + nl + "metadata:" + nl + "  name: " + x.name + nl)
	if len(params) > 0 {
		b.WriteString("parameters:" + nl)
	}
	for _, p := range params {
		b.WriteString("  - {name: " + p + ", type: any, required: true}" + nl)
	}
	b.WriteString("nodes:" + nl)
	b.WriteString(strings.TrimRight(indented(body, 2-x.column), "\r\n") + nl)
	return b.String()
}

// indented moves lines to the right or, by a negative number of columns, to the
// left as far as they can be.
func indented(text string, by int) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		blank := strings.TrimSpace(line) == ""
		if by < 0 {
			line = line[min(-by, len(line)-len(strings.TrimLeft(line, " "))):]
		} else if !blank {
			line = strings.Repeat(" ", by) + line
		}
		b.WriteString(line)
	}
	return b.String()
}

// sound reports whether every node waits for the same as before once the edits
// are made, and nothing is wrong.
func (x *extraction) sound(edits []Edit) bool {
	now := x.c.programAfter(edits)
	if now == nil {
		return false
	}
	var inv *check.Info
	for _, n := range now.Scope.Nodes {
		if n.Name() == x.name && n.Export == nil {
			inv = n
		}
	}
	if inv == nil || inv.Node.Macro == nil || len(inv.BodyScopes()) != 1 {
		return false
	}
	before := flowOf(x.scope, func(n *check.Info) string {
		if x.has(n) {
			return x.name
		}
		return n.Name()
	})
	after := flowOf(now.Scope, func(n *check.Info) string {
		if n == inv || n.Export != nil && n.Export.Scope.Owner == inv {
			return x.name
		}
		return n.Name()
	})
	own := flowOf(x.scope, func(n *check.Info) string {
		if x.has(n) {
			return n.Name()
		}
		return ""
	})
	body := flowOf(inv.BodyScopes()[0], (*check.Info).LocalName)
	return before.equal(after) && own.equal(body)
}

// items are the entries of the pipeline's list of nodes that a span touches, the
// whole lines that they are on, and the column of their dashes.
func (c *cursor) items(span source.Span) (items []*syntax.Node, at source.Span, column int, ok bool) {
	list := get(get(c.site.root(), "spec"), "nodes").Deref()
	if list == nil || list.Kind != syntax.Sequence || list.Style != syntax.Block {
		return nil, at, 0, false
	}
	for _, it := range list.Items {
		if it.Span.Start <= span.End && span.Start <= it.Span.End {
			items = append(items, it)
		}
	}
	if len(items) == 0 {
		return nil, at, 0, false
	}
	f := c.a.Source
	at.Start = f.LineSpan(f.Line(int(items[0].Span.Start))).Start
	at.End = f.LineSpan(f.Line(lastByte(f, items[len(items)-1].Span))).End
	column = strings.IndexByte(f.Slice(at), '-')
	if column < 0 || strings.TrimSpace(f.Text()[at.Start:int(at.Start)+column]) != "" {
		return nil, at, 0, false
	}
	return items, at, column, true
}

// hasAnchor reports whether something in a tree can only be read in its own
// document.
func hasAnchor(n *syntax.Node) bool {
	found := false
	walkTree(n, func(n *syntax.Node) { found = found || n.Kind == syntax.Alias || n.Anchor != "" })
	return found
}
