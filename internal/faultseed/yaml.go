package faultseed

import (
	"strings"

	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// each calls f for every node of the file.
func (p *Program) each(f func(*syntax.Node)) {
	var visit func(*syntax.Node)
	visit = func(n *syntax.Node) {
		f(n)
		for _, item := range n.Items {
			visit(item)
		}
		for i := range n.Pairs {
			if n.Pairs[i].Key != nil {
				visit(n.Pairs[i].Key)
			}
			visit(n.Pairs[i].Value)
		}
	}
	for _, d := range p.tree.Docs {
		if d.Root != nil {
			visit(d.Root)
		}
	}
}

// lines calls f for the entries of block mappings that are a line of their own
// with a scalar.
func (p *Program) lines(f func(m *syntax.Node, i int)) {
	p.each(func(m *syntax.Node) {
		for i := range m.Pairs {
			pair := &m.Pairs[i]
			if pair.Key != nil && pair.Key.Kind == syntax.Scalar && !pair.IsMerge() && pair.Value.Kind == syntax.Scalar && pair.Value.Style != syntax.Empty && p.alone(m, i) {
				f(m, i)
			}
		}
	})
}

func (pl *planter) tab() {
	pl.lines(func(m *syntax.Node, i int) {
		at := int(m.Pairs[i].Span.Start)
		if n := pl.column(at); n >= 2 {
			pl.add("", change{source.Span{Start: int32(at - n), End: int32(at)}, strings.Repeat("\t", n/2)})
		}
	})
}

// indent moves an entry one column to the right of those before it.
func (pl *planter) indent() {
	pl.lines(func(m *syntax.Node, i int) {
		if i == 0 || m.Pairs[i-1].Value.Kind != syntax.Scalar || m.Pairs[i-1].Value.Style >= syntax.Literal || m.Pairs[i-1].Value.Style == syntax.Empty {
			return // it would belong to the one before
		}
		at := m.Pairs[i].Span.Start
		s := pl.add("", change{source.Span{Start: at, End: at}, " "})
		pl.about(s, m.Pairs[i].Span)
	})
}

func (pl *planter) unclosedQuote() {
	pl.each(func(n *syntax.Node) {
		if n.Kind == syntax.Scalar && (n.Style == syntax.DoubleQuoted || n.Style == syntax.SingleQuoted) && !strings.Contains(pl.text[n.Span.Start:n.Span.End], "\n") {
			s := pl.add("", change{source.Span{Start: n.Span.End - 1, End: n.Span.End}, ""})
			pl.about(s, n.Span)
		}
	})
}

func (pl *planter) unclosedBracket() {
	pl.each(func(n *syntax.Node) {
		if n.Style != syntax.Flow || strings.Contains(pl.text[n.Span.Start:n.Span.End], "\n") {
			return
		}
		for up := n.Parent; up != nil; up = up.Parent {
			if up.Style == syntax.Flow {
				return // the bracket around it would close it
			}
		}
		s := pl.add("", change{source.Span{Start: n.Span.End - 1, End: n.Span.End}, ""})
		pl.about(s, n.Span)
	})
}

func (pl *planter) missingColon() {
	pl.lines(func(m *syntax.Node, i int) {
		if i == 0 || m.Pairs[i-1].Value.Kind != syntax.Scalar || m.Pairs[i-1].Value.Style != syntax.Plain {
			// Behind a plain scalar the line would be its second one.
			p := &m.Pairs[i]
			if p.Value.Style == syntax.Literal || p.Value.Style == syntax.Folded || pl.text[p.Key.Span.End] != ':' {
				return
			}
			pl.add(pl.single(m), change{source.Span{Start: p.Key.Span.End, End: p.Key.Span.End + 1}, ""})
		}
	})
}

func (pl *planter) missingSpace() {
	pl.lines(func(m *syntax.Node, i int) {
		p := &m.Pairs[i]
		if p.Key.Style != syntax.Plain || p.Value.Style != syntax.Plain || !strings.HasPrefix(pl.text[p.Key.Span.End:], ": ") {
			return
		}
		pl.add(pl.single(m), change{source.Span{Start: p.Key.Span.End + 1, End: p.Value.Span.Start}, ""})
	})
}

// single is the text of a mapping with one entry: without its colon it is a
// scalar like others, and only what should stand there says what is missing.
func (pl *planter) single(m *syntax.Node) string {
	if len(m.Pairs) > 1 {
		return ""
	}
	return pl.text[m.Span.Start:m.Span.End]
}

func (pl *planter) duplicateKey() {
	pl.lines(func(m *syntax.Node, i int) {
		s := m.Pairs[i].Span
		n := pl.column(int(s.Start))
		seed := pl.add("", change{source.Span{Start: s.End, End: s.End}, "\n" + strings.Repeat(" ", n) + pl.text[s.Start:s.End]})
		pl.about(seed, s)
	})
}

func (pl *planter) unknownAlias() {
	pl.lines(func(m *syntax.Node, i int) {
		pl.replace(m.Pairs[i].Value, "", "*nowhere")
	})
}

func (pl *planter) badEscape() {
	pl.each(func(n *syntax.Node) {
		if n.Kind == syntax.Scalar && n.Style == syntax.DoubleQuoted {
			pl.add("", change{source.Span{Start: n.Span.Start + 1, End: n.Span.Start + 1}, `\q`})
		}
	})
}

func (pl *planter) includeFile() {
	pl.each(func(n *syntax.Node) {
		if !expand.IsInclude(n) {
			return
		}
		var path *syntax.Node
		switch {
		case n.Kind == syntax.Scalar:
			path = n
		case n.Tag != "":
			path = n.Get("path")
		case len(n.Pairs) == 1:
			if path = n.Pairs[0].Value; path.Kind == syntax.Mapping {
				path = path.Get("path")
			}
		}
		if path == nil || path.Kind != syntax.Scalar || strings.Contains(path.Value, "${") {
			return
		}
		file, fragment, has := strings.Cut(path.Value, "#")
		name := strings.Replace(file, ".y", "zz.y", 1)
		if name == file {
			return
		}
		if has {
			name += "#" + fragment
		}
		pl.add("", rename(path, name))
	})
}
