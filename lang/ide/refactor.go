package ide

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// refactorings are the rewritings that are offered for a span.
func (c *cursor) refactorings(span source.Span) []Action {
	var out []Action
	if c.program() == nil {
		return nil
	}
	out = append(out, c.declare(span)...)
	if info, _ := c.info(); info != nil && info.Node.Loc.File == c.a.Source {
		if a, ok := c.explicitDependencies(info); ok {
			out = append(out, a)
		}
		if a, ok := c.implicitDependencies(info); ok {
			out = append(out, a)
		}
		if a, ok := c.addTimeout(info); ok {
			out = append(out, a)
		}
	}
	if a, ok := c.inlineMacro(); ok {
		out = append(out, a)
	}
	if a, ok := c.extractInclude(span); ok {
		out = append(out, a)
	}
	if a, ok := c.extractMacro(span); ok {
		out = append(out, a)
	}
	return out
}

// entryEnd is the offset behind the lines of an entry of a block mapping, where
// a new entry can be inserted; ok is false if it shares its last line.
func (c *cursor) entryEnd(p *syntax.Pair) (int, bool) {
	f := c.a.Source
	end := int(p.Span.End)
	line := f.LineSpan(f.Line(lastByte(f, p.Span)))
	if end < int(line.End) && strings.TrimSpace(f.Text()[end:line.End]) != "" && !strings.HasPrefix(strings.TrimSpace(f.Text()[end:line.End]), "#") {
		return 0, false
	}
	return int(line.End), true
}

// columnOf is the column that an entry of a block mapping starts in.
func (c *cursor) columnOf(p *syntax.Pair) int {
	f := c.a.Source
	return int(p.Key.Span.Start - f.LineSpan(f.Line(int(p.Key.Span.Start))).Start)
}

// newline is the file's line break.
func (c *cursor) newline() string {
	if i := strings.IndexByte(c.a.Source.Text(), '\n'); i > 0 && c.a.Source.Text()[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// insertAfter is the edit that adds lines behind an entry of a block mapping, in
// its column.
func (c *cursor) insertAfter(p *syntax.Pair, lines ...string) (Edit, bool) {
	at, ok := c.entryEnd(p)
	if !ok || p.Key.Parent == nil || p.Key.Parent.Style != syntax.Block {
		return Edit{}, false
	}
	pad := strings.Repeat(" ", c.columnOf(p))
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(c.newline() + pad + l)
	}
	return Edit{Location{c.a.Path, source.Span{Start: int32(at), End: int32(at)}}, b.String()}, true
}

// explicitDependencies writes down the dependencies that a node has without
// naming them.
func (c *cursor) explicitDependencies(info *check.Info) (Action, bool) {
	if info.Node.Explicit || info.Node.Obj == nil {
		return Action{}, false
	}
	var names []string
	for _, e := range info.Edges {
		if e.Class == check.Data || e.Class == check.Chained {
			names = append(names, e.From.Name())
		}
	}
	if len(names) == 0 {
		return Action{}, false
	}
	node := info.Node.Obj.Node
	if node == nil || node.Kind != syntax.Mapping {
		return Action{}, false
	}
	after := node.PairOf("metadata")
	if after == nil {
		return Action{}, false
	}
	e, ok := c.insertAfter(after, "dependencies: ["+strings.Join(names, ", ")+"]")
	if !ok {
		return Action{}, false
	}
	return Action{Title: "Write down the inferred dependencies", Kind: RefactorRewrite, Edits: []Edit{e}}, true
}

// implicitDependencies removes a list of dependencies that are inferred anyway.
func (c *cursor) implicitDependencies(info *check.Info) (Action, bool) {
	if !info.Node.Explicit || info.Node.Obj == nil || info.Node.Obj.Node == nil {
		return Action{}, false
	}
	for _, e := range info.Edges {
		explicit, read := false, false
		for _, r := range e.Reasons {
			explicit = explicit || r.Why == "explicit"
			read = read || r.Why == "reference"
		}
		if explicit && !read {
			return Action{}, false
		}
	}
	if len(info.Node.Deps) == 0 {
		return Action{}, false
	}
	p := info.Node.Obj.Node.PairOf("dependencies")
	if p == nil || p.Key.Parent == nil || p.Key.Parent.Style != syntax.Block || len(p.Key.Parent.Pairs) < 2 {
		return Action{}, false
	}
	f := c.a.Source
	first := f.LineSpan(f.Line(int(p.Key.Span.Start)))
	if strings.TrimSpace(f.Slice(source.Span{Start: first.Start, End: p.Key.Span.Start})) != "" {
		return Action{}, false
	}
	end, ok := c.entryEnd(p)
	if !ok {
		return Action{}, false
	}
	stop := end
	if rest := f.Text()[end:]; strings.HasPrefix(rest, "\r\n") {
		stop += 2
	} else if strings.HasPrefix(rest, "\n") {
		stop++
	}
	return Action{Title: "Let the dependencies be inferred", Kind: RefactorRewrite,
		Edits: []Edit{{Location{c.a.Path, source.Span{Start: first.Start, End: int32(stop)}}, ""}}}, true
}

// addTimeout gives a node that calls something outside a time-out.
func (c *cursor) addTimeout(info *check.Info) (Action, bool) {
	n := info.Node
	if n.Exec.Timeout != nil || n.Port() == "" && n.Function == nil || n.Spec == nil || n.Spec.Node == nil || n.Obj == nil {
		return Action{}, false
	}
	spec := n.Spec.Node
	if spec.Kind != syntax.Mapping || spec.Style != syntax.Block || len(spec.Pairs) == 0 || spec == n.Obj.Node {
		return Action{}, false
	}
	e, ok := c.insertAfter(&spec.Pairs[len(spec.Pairs)-1], "timeout: 30s")
	if !ok {
		return Action{}, false
	}
	return Action{Title: "Add a time-out", Kind: RefactorRewrite, Edits: []Edit{e}}, true
}

// declare adds what findings at the span miss: a port, a capability.
func (c *cursor) declare(span source.Span) []Action {
	var out []Action
	spec := get(c.site.root(), "spec").Deref()
	if spec == nil || spec.Kind != syntax.Mapping || spec.Style != syntax.Block {
		return nil
	}
	for _, d := range c.a.Diags {
		if d.Loc.File != c.a.Source || d.Loc.Span.End < span.Start || d.Loc.Span.Start > span.End {
			continue
		}
		switch d.Code {
		case diag.PortUndeclared:
			info, _ := c.info()
			if info == nil {
				continue
			}
			port := info.Node.Port()
			adapter := "NAME"
			for _, a := range schema.Adapters() {
				if a.Port == schema.PortTypeOf(port) {
					adapter = a.Name
					if strings.HasPrefix(a.Name, "mock_") {
						break
					}
				}
			}
			var e Edit
			ok := false
			if ports := spec.PairOf("ports"); ports != nil {
				if v := ports.Value.Deref(); v != nil && v.Kind == syntax.Mapping && v.Style == syntax.Block && len(v.Pairs) > 0 {
					e, ok = c.insertAfter(&v.Pairs[len(v.Pairs)-1], port+":", "  adapter: "+adapter)
				}
			} else if nodes := spec.PairOf("nodes"); nodes != nil {
				e, ok = c.insertBefore(nodes, "ports:", "  "+port+":", "    adapter: "+adapter)
			}
			if ok {
				out = append(out, Action{Title: fmt.Sprintf("Declare the port %q", port), Kind: QuickFix, Edits: []Edit{e}, Fixes: []diag.Diagnostic{d}})
			}
		case diag.CapForbids:
			caps := get(spec, "caps").Deref()
			if caps == nil || caps.Kind != syntax.Sequence || caps.Style != syntax.Flow || caps.Broken {
				continue
			}
			need := capOf(d.Message)
			at := int32(caps.Span.End - 1)
			text := need
			if n := len(caps.Items); n > 0 {
				at, text = caps.Items[n-1].Span.End, ", "+need
			}
			if need != "" {
				out = append(out, Action{Title: fmt.Sprintf("Allow %q in caps", need), Kind: QuickFix, Fixes: []diag.Diagnostic{d},
					Edits: []Edit{{Location{c.a.Path, source.Span{Start: at, End: at}}, text}}})
			}
		}
	}
	return out
}

// capOf is the capability that a finding of diag.CapForbids names: the second
// quoted text.
func capOf(message string) string {
	parts := strings.Split(message, `"`)
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}

// insertBefore is the edit that adds lines above an entry of a block mapping.
func (c *cursor) insertBefore(p *syntax.Pair, lines ...string) (Edit, bool) {
	f := c.a.Source
	line := f.LineSpan(f.Line(int(p.Key.Span.Start)))
	if strings.TrimSpace(f.Slice(source.Span{Start: line.Start, End: p.Key.Span.Start})) != "" {
		return Edit{}, false
	}
	pad := strings.Repeat(" ", c.columnOf(p))
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(pad + l + c.newline())
	}
	return Edit{Location{c.a.Path, source.Span{Start: line.Start, End: line.Start}}, b.String()}, true
}

// extractInclude moves the nodes that a selection touches into a file of their
// own, which the list includes.
func (c *cursor) extractInclude(span source.Span) (Action, bool) {
	if span.Len() == 0 {
		return Action{}, false
	}
	items, at, column, ok := c.items(span)
	if !ok {
		return Action{}, false
	}
	f := c.a.Source
	start, end := at.Start, at.End
	name := ""
	for _, it := range items {
		if it.Kind != syntax.Mapping || it.Anchor != "" {
			return Action{}, false
		}
		if name == "" {
			name = scalarText(get(get(it, "metadata"), "name"))
		}
	}
	if name == "" || strings.ContainsAny(name, "/\\{$") {
		return Action{}, false
	}
	text := f.Text()[start:end]
	if strings.Contains(text, "*") && slices.ContainsFunc(items, hasAlias) {
		return Action{}, false
	}
	file := name + ".yaml"
	path := filepath.Join(filepath.Dir(c.a.Path), file)
	if _, err := c.snap.Read(path); err == nil {
		return Action{}, false
	}
	return Action{
		Title: fmt.Sprintf("Move the nodes into %s", file), Kind: RefactorExtract,
		Edits:   []Edit{{Location{c.a.Path, source.Span{Start: start, End: end}}, strings.Repeat(" ", column) + "- !include ./" + file}},
		Creates: map[string]string{path: strings.TrimRight(indented(text, -column), "\r\n") + c.newline()},
	}, true
}

func hasAlias(n *syntax.Node) bool {
	found := false
	walkTree(n, func(n *syntax.Node) { found = found || n.Kind == syntax.Alias })
	return found
}
