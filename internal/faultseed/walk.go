package faultseed

import (
	"strings"

	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// walk calls f for an object and every object in it, outer first.
func walk(o *shape.Object, f func(*shape.Object)) {
	if o == nil || o.Node == nil || o.Node.Kind != syntax.Mapping {
		return
	}
	f(o)
	for _, field := range o.Fields {
		walkView(&field.View, f)
	}
}

func walkView(v *shape.View, f func(*shape.Object)) {
	walk(v.Object, f)
	for _, item := range v.Items {
		walkView(item, f)
	}
	for i := range v.Entries {
		walkView(&v.Entries[i].View, f)
	}
}

// objects calls f for every object of the program's documents.
func (p *Program) objects(f func(*shape.Object)) {
	for _, d := range p.docs {
		walk(d, f)
	}
}

// fields calls f for every field that stands in the file as it was written.
func (p *Program) fields(f func(*shape.Object, *shape.Field)) {
	p.objects(func(o *shape.Object) {
		if o.Def == nil {
			return
		}
		for _, field := range o.Fields {
			if !field.Lifted && field.Key.Built == syntax.Written && field.Value.Built == syntax.Written {
				f(o, field)
			}
		}
	})
}

// leaves calls f for the scalars of a view, those in lists and maps included.
func leaves(v *shape.View, f func(*syntax.Node)) {
	if v.Value.Kind == syntax.Scalar {
		f(v.Value)
	}
	for _, item := range v.Items {
		leaves(item, f)
	}
	for i := range v.Entries {
		leaves(&v.Entries[i].View, f)
	}
}

// names calls f for the names in a view: a scalar, those of a list, and the keys
// of mappings in a list, whose values are their parameters.
func names(v *shape.View, f func(*syntax.Node)) {
	if v.Value.Kind == syntax.Scalar {
		f(v.Value)
	}
	for _, item := range v.Items {
		if item.Value.Kind == syntax.Mapping && item.Object == nil {
			for i := range item.Value.Pairs {
				f(item.Value.Pairs[i].Key)
			}
			continue
		}
		names(item, f)
	}
	if v.Object == nil {
		for i := range v.Entries {
			names(&v.Entries[i].View, f)
		}
	}
}

// inFlow reports whether a node stands in brackets or braces.
func inFlow(n *syntax.Node) bool {
	for n = n.Parent; n != nil; n = n.Parent {
		if n.Style == syntax.Flow {
			return true
		}
	}
	return false
}

// scalarOf is the scalar that a field holds, as it was written; nil if there is
// none.
func scalarOf(f *shape.Field) *syntax.Node {
	if f == nil || f.Dynamic || f.Null || !f.OK {
		return nil
	}
	return text(f.Value)
}

// text is n if it is a scalar whose value stands in the file as it is.
func text(n *syntax.Node) *syntax.Node {
	if n.Kind != syntax.Scalar || n.Built != syntax.Written || n.Tag != "" || n.Style == syntax.Empty || n.Value == "" ||
		strings.Contains(n.Value, "{{") || strings.Contains(n.Value, "${") {
		return nil
	}
	return n
}

// pair is the entry of the field and the mapping that has it; nil if it comes by
// an alias or a merge.
func pair(f *shape.Field) (*syntax.Node, int) {
	m := f.Key.Parent
	if m == nil || m.Kind != syntax.Mapping {
		return nil, 0
	}
	for i := range m.Pairs {
		if m.Pairs[i].Key == f.Key {
			return m, i
		}
	}
	return nil, 0
}

// isFlow reports whether a mapping stands in braces.
func (p *Program) isFlow(m *syntax.Node) bool {
	return m.Span.Start < m.Span.End && p.text[m.Span.Start] == '{'
}

// without is the change that removes entry i of a mapping.
func (p *Program) without(m *syntax.Node, i int) change {
	switch {
	case len(m.Pairs) == 1:
		return change{m.Span, "{}"}
	case i+1 < len(m.Pairs):
		return change{source.Span{Start: m.Pairs[i].Span.Start, End: m.Pairs[i+1].Span.Start}, ""}
	}
	return change{source.Span{Start: m.Pairs[i-1].Span.End, End: m.Pairs[i].Span.End}, ""}
}

// column is the number of bytes before an offset in its line.
func (p *Program) column(offset int) int {
	return offset - (strings.LastIndexByte(p.text[:offset], '\n') + 1)
}

// with is the change that puts an entry in front of the others of a mapping.
func (p *Program) with(m *syntax.Node, entry string) change {
	at := m.Span.Start
	switch {
	case p.isFlow(m) && len(m.Pairs) == 0:
		return change{source.Span{Start: at + 1, End: at + 1}, entry}
	case p.isFlow(m):
		return change{source.Span{Start: at + 1, End: at + 1}, entry + ", "}
	}
	return change{source.Span{Start: at, End: at}, entry + "\n" + strings.Repeat(" ", p.column(int(at)))}
}

// alone reports whether an entry of a block mapping is one line, the first thing
// on it, and what stands behind it is no comment.
func (p *Program) alone(m *syntax.Node, i int) bool {
	s := m.Pairs[i].Span
	if p.isFlow(m) || strings.Contains(p.text[s.Start:s.End], "\n") {
		return false
	}
	line := p.text[int(s.Start)-p.column(int(s.Start)) : s.Start]
	rest, _, _ := strings.Cut(p.text[s.End:], "\n")
	return strings.Trim(line, " ") == "" && strings.TrimSpace(rest) == ""
}

// misspell gives spellings of a name that are near it, until ok accepts one; ""
// if it accepts none.
func misspell(name string, at int, ok func(string) bool) string {
	var all []string
	n := len(name)
	if n >= 4 {
		for i := 1; i < n-1; i++ {
			if name[i] != name[i+1] && isLetter(name[i]) && isLetter(name[i+1]) {
				all = append(all, name[:i]+name[i+1:i+2]+name[i:i+1]+name[i+2:]) // two swapped
			}
			if isLetter(name[i]) {
				all = append(all, name[:i]+name[i+1:])           // one missing
				all = append(all, name[:i]+name[i:i+1]+name[i:]) // one twice
			}
		}
	}
	all = append(all, name+"q", name+"zq")
	for i := range all {
		if m := all[(i+at)%len(all)]; m != name && ok(m) {
			return m
		}
	}
	return ""
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// near is the text that a suggestion is due for: that of a name which is long
// enough to be recognised.
func near(name string) string {
	if len(name) < 4 {
		return ""
	}
	return name
}

// rename is the change that puts another name into a scalar in its own style.
func rename(n *syntax.Node, name string) change {
	if n.Style == syntax.Plain {
		return change{n.Span, name}
	}
	return change{n.Span, syntax.Quote(name)}
}
