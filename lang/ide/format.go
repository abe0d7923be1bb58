package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/format"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// Format is the edits that bring a file, or the lines of it that a span touches,
// into the canonical layout; none if it has syntax errors, or is so already.
func Format(s *compile.Snapshot, path string, span *source.Span) ([]Edit, error) {
	text, err := s.Read(path)
	if err != nil {
		return nil, err
	}
	f := source.NewFile(path, text)
	formatted, _, ok := format.File(f)
	if !ok || string(formatted) == string(text) {
		return nil, nil
	}
	if span == nil {
		at, with := Difference(f, formatted)
		return []Edit{{Location{path, at}, with}}, nil
	}
	var out []Edit
	for _, h := range hunks(f, string(formatted)) {
		if h.Span.End > span.Start && h.Span.Start <= span.End {
			h.Path = path
			out = append(out, h)
		}
	}
	return out, nil
}

// maxHunkLines bounds the lines that are compared one by one.
const maxHunkLines = 4000

// hunks are the edits, line by line, that make a text another one.
func hunks(f *source.File, after string) []Edit {
	span, with := Difference(f, []byte(after))
	old := strings.SplitAfter(f.Slice(span), "\n")
	now := strings.SplitAfter(with, "\n")
	whole := []Edit{{Location{Span: span}, with}}
	if len(old)+len(now) > maxHunkLines {
		return whole
	}
	// The longest common subsequence of lines, from the end.
	m, n := len(old), len(now)
	table := make([]int32, (m+1)*(n+1))
	at := func(i, j int) *int32 { return &table[i*(n+1)+j] }
	for i := m - 1; i >= 0; i-- {
		for j := n - 1; j >= 0; j-- {
			if old[i] == now[j] {
				*at(i, j) = *at(i+1, j+1) + 1
			} else {
				*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			}
		}
	}
	var out []Edit
	offset := int(span.Start)
	for i, j := 0, 0; i < m || j < n; {
		if i < m && j < n && old[i] == now[j] {
			offset += len(old[i])
			i, j = i+1, j+1
			continue
		}
		start := offset
		firstOld, firstNow := i, j
		for i < m || j < n {
			if i < m && j < n && old[i] == now[j] {
				break
			}
			if j == n || i < m && *at(i+1, j) >= *at(i, j+1) {
				offset += len(old[i])
				i++
			} else {
				j++
			}
		}
		if i-firstOld == j-firstNow { // line by line
			for k := range i - firstOld {
				end := start + len(old[firstOld+k])
				out = append(out, Edit{Location{Span: source.Span{Start: int32(start), End: int32(end)}}, now[firstNow+k]})
				start = end
			}
			continue
		}
		out = append(out, Edit{Location{Span: source.Span{Start: int32(start), End: int32(offset)}}, strings.Join(now[firstNow:j], "")})
	}
	return out
}

// Indent is the edit that brings a new line, whose line break was just typed, to
// the column where its text belongs; none if it is there.
func Indent(s *compile.Snapshot, path string, offset int) ([]Edit, error) {
	tree, err := s.Tree(path)
	if err != nil {
		return nil, err
	}
	f := tree.File
	line := f.Line(offset)
	if line == 0 {
		return nil, nil
	}
	here := f.LineSpan(line)
	current := f.Slice(here)
	if strings.TrimSpace(current) != "" {
		return nil, nil // a line was split: what stands there is the user's
	}
	above := strings.TrimRight(f.Slice(f.LineSpan(line-1)), " \t")
	if above == "" {
		return nil, nil
	}
	column := len(above) - len(strings.TrimLeft(above, " "))
	content := above[column:]
	for strings.HasPrefix(content, "- ") {
		rest := strings.TrimLeft(content[2:], " ")
		column += len(content) - len(rest)
		content = rest
	}
	want := strings.Repeat(" ", column)
	switch {
	case strings.HasPrefix(content, "#"):
	case strings.HasSuffix(content, ":"):
		want += "  "
		// A list begins with its first item.
		st := siteAt(tree, int(f.LineSpan(line-1).Start)+column)
		if st.key && st.pair != nil {
			if v := st.value(st.last(), st.pair); v.field != nil && len(v.types) > 0 && v.types[0].Kind == schema.List && v.node.Style == syntax.Empty {
				want += "- "
			}
		}
	case strings.HasSuffix(content, "|") || strings.HasSuffix(content, ">") || strings.HasSuffix(content, "|-") || strings.HasSuffix(content, ">-"):
		if strings.Contains(content, ":") {
			want += "  "
		}
	default:
		// In a text of several lines the editor knows better.
		if p := tree.PathAt(int(f.LineSpan(line - 1).End)); len(p) > 0 {
			if n := p[len(p)-1]; n.Kind == syntax.Scalar && (n.Style == syntax.Literal || n.Style == syntax.Folded) {
				return nil, nil
			}
		}
	}
	if current == want {
		return nil, nil
	}
	return []Edit{{Location{path, here}, want}}, nil
}
