package ide

import (
	"sort"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Fold is a range of lines that can be folded to its first.
type Fold struct {
	Start, End int // lines, from 0; End is the last one that disappears
	Comment    bool
}

// Folds are the ranges of a file that can be folded: mappings and lists of more
// than one line, long texts, runs of comments, documents.
func Folds(s *compile.Snapshot, path string) ([]Fold, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	f := a.Source
	seen := map[int]int{}
	var out []Fold
	add := func(start, end int, comment bool) {
		if end <= start || seen[start] > 0 && seen[start] >= end {
			return
		}
		seen[start] = end
		out = append(out, Fold{start, end, comment})
	}
	for _, d := range a.Tree.Docs {
		if len(a.Tree.Docs) > 1 && d.Root != nil {
			add(f.Line(int(d.Span.Start)), f.Line(int(d.Root.Span.End)), false)
		}
		walkTree(d.Root, func(n *syntax.Node) {
			for i := range n.Pairs {
				p := &n.Pairs[i]
				add(f.Line(int(p.Key.Span.Start)), f.Line(lastByte(f, p.Value.Span)), false)
			}
			for _, it := range n.Items {
				if it.Kind == syntax.Mapping || it.Kind == syntax.Sequence {
					add(f.Line(int(it.Span.Start)), f.Line(lastByte(f, it.Span)), false)
				}
			}
		})
	}
	for i := 0; i < len(a.Tree.Comments); i++ {
		c := a.Tree.Comments[i]
		if !c.Own {
			continue
		}
		first := f.Line(int(c.Span.Start))
		last := first
		for i+1 < len(a.Tree.Comments) && a.Tree.Comments[i+1].Own && f.Line(int(a.Tree.Comments[i+1].Span.Start)) == last+1 {
			i++
			last++
		}
		add(first, last, true)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	return out, nil
}

// lastByte is the offset of a span's last character that is no line break.
func lastByte(f *source.File, s source.Span) int {
	end := int(s.End)
	for end > int(s.Start) && (f.Text()[end-1] == '\n' || f.Text()[end-1] == '\r') {
		end--
	}
	return end
}

// SelectionRanges are the spans around a place, from the innermost outward: the
// parts of an expression, the value, its entry, what it stands in.
func SelectionRanges(s *compile.Snapshot, path string, offset int) ([]source.Span, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	var out []source.Span
	add := func(x source.Span) {
		if n := len(out); n == 0 || x != out[n-1] && x.Encloses(out[n-1]) {
			out = append(out, x)
		}
	}
	if x := c.expression(); x != nil {
		nodes := x.path()
		for i := len(nodes) - 1; i >= 0; i-- {
			add(x.span(nodes[i].Span()))
		}
	}
	if c.site.key && c.site.pair != nil {
		add(c.site.pair.Key.Span)
		add(c.site.pair.Span)
	}
	for i := len(c.site.steps) - 1; i >= 0; i-- {
		st := &c.site.steps[i]
		add(st.node.Span)
		if st.pair != nil {
			add(st.pair.Span)
		}
	}
	add(source.Span{End: int32(len(c.a.Source.Text()))})
	return out, nil
}
