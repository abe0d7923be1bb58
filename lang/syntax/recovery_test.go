package syntax

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// leaf is a scalar of a tree with the way to it.
type leaf struct {
	path  []stepTo
	value string
	// first and last are the lines on which the scalar stands.
	first, last int
}

// stepTo is one step of a way: to the value of a key, or to an item.
type stepTo struct {
	key   string
	index int // of an item
	fromN int // its index from the end of the sequence
	line  int // on which the entry starts
	end   int // on which it ends
	flow  bool
}

func (l *leaf) String() string {
	return l.name(func(s stepTo) int { return s.index }) + " = " + l.value
}

// name writes the way; index says how an item is numbered.
func (l *leaf) name(index func(stepTo) int) string {
	var b strings.Builder
	for _, s := range l.path {
		if s.key != "" {
			b.WriteString("/" + s.key)
		} else {
			fmt.Fprintf(&b, "/[%d]", index(s))
		}
	}
	return b.String()
}

// leaves are the scalar values of all documents, in order.
func leaves(t *Tree) []leaf {
	var all []leaf
	line := func(offset int) int { return t.File.Line(offset) }
	var walk func(n *Node, path []stepTo)
	walk = func(n *Node, path []stepTo) {
		path = path[:len(path):len(path)]
		switch n.Kind {
		case Scalar:
			all = append(all, leaf{path, n.Value, line(outerStart(n)), line(outerEnd(n))})
		case Sequence:
			c := cursor{src: t.File.Text()}
			for i, item := range n.Items {
				start := c.entryStart(n, i)
				walk(item, append(path, stepTo{index: i, fromN: len(n.Items) - i, line: line(start), end: line(outerEnd(item)), flow: n.Style == Flow}))
			}
		case Mapping:
			for _, pair := range n.Pairs {
				walk(pair.Value, append(path, stepTo{key: "k:" + pair.Key.Value, line: line(int(pair.Span.Start)), end: line(int(pair.Span.End)), flow: n.Style == Flow}))
			}
		}
	}
	for i, doc := range t.Docs {
		if doc.Root != nil {
			at := -1
			if doc.Start.Len() > 0 {
				at = line(int(doc.Start.Start))
			}
			walk(doc.Root, []stepTo{{index: i, fromN: len(t.Docs) - i, line: at, end: line(int(doc.Span.End))}})
		}
	}
	return all
}

func values(ls []leaf, index func(stepTo) int) map[string]string {
	m := make(map[string]string, len(ls))
	for i := range ls {
		if name := ls[i].name(index); m[name] == "" {
			m[name] = ls[i].value
		}
	}
	return m
}

func fromStart(s stepTo) int { return s.index }

func parseText(text string) *Tree { return Parse(source.NewFile("test.yaml", []byte(text)), Budget{}) }

// TestPrefixKeepsWhatIsAboveTheCut cuts every file of the corpus at every byte:
// each scalar whose lines lie wholly above the cut's line keeps its way and its
// value. A file that is being typed is such a prefix.
func TestPrefixKeepsWhatIsAboveTheCut(t *testing.T) {
	cuts, kept := 0, 0
	stride := 211
	if *long {
		stride = 1
	}
	for k, f := range corpusFiles(t) {
		whole := parseText(f.text)
		if diag.HasErrors(whole.Diags) {
			continue
		}
		want := leaves(whole)
		for cut := k % stride; cut <= len(f.text); cut += stride {
			tree, err := checkTree([]byte(f.text[:cut]), Budget{})
			if err != nil {
				t.Fatalf("%s cut at %d: %v", f.name, cut, err)
			}
			cuts++
			got := values(leaves(tree), fromStart)
			line := tree.File.Line(cut)
			for i := range want {
				if want[i].last >= line {
					break // leaves are in order
				}
				kept++
				if value, ok := got[want[i].name(fromStart)]; !ok || value != want[i].value {
					t.Errorf("%s cut at %d (line %d): lost %s, is %q", f.name, cut, line+1, &want[i], value)
					break
				}
			}
		}
	}
	t.Logf("%d prefixes, %d scalars kept", cuts, kept)
	if kept < 10*cuts {
		t.Errorf("only %d scalars were looked at in %d prefixes", kept, cuts)
	}
}

// unrecoverable are lines without which other branches are lost.
var unrecoverable = map[string]bool{
	// The opening quote of a text whose second line stands in column 0, which
	// then ends everything.
	"01_simple_pandas_transform.py.017.yaml:112": true,
}

// levelSequences are the lines of keys whose value is a sequence at the key's
// own column, each with the last line of the mapping that it stands in.
func levelSequences(t *Tree) map[int]int {
	found := map[int]int{}
	c := cursor{src: t.File.Text()}
	var walk func(n *Node)
	walk = func(n *Node) {
		for _, item := range n.Items {
			walk(item)
		}
		for i := range n.Pairs {
			value, start := n.Pairs[i].Value, int(n.Pairs[i].Span.Start)
			if value.Kind == Sequence && value.Style == Block && c.columnOf(start) == c.columnOf(int(value.Span.Start)) {
				found[t.File.Line(start)] = t.File.Line(int(n.Span.End))
			}
			walk(value)
		}
	}
	for _, doc := range t.Docs {
		if doc.Root != nil {
			walk(doc.Root)
		}
	}
	return found
}

// TestDeletedLineKeepsTheRest deletes each line of each file of the corpus: the
// scalars in other branches keep their way and their value. A line is touched
// by a scalar, and the scalar not looked at, if
//
//   - it is one of the scalar's lines, or the last line of text above it (to
//     which orphaned lines may attach themselves), or
//   - an entry on the scalar's way starts on it, or
//   - it lies inside a value in brackets or of several lines that holds the
//     scalar, or
//   - it is the key of a sequence whose dashes stand at the key's own column, and
//     the scalar stands below that sequence in the same mapping: what is left
//     reads as a sequence with strange entries behind it, just as likely.
//
// Items of a sequence from which an item was deleted are found by their place
// from the end.
func TestDeletedLineKeepsTheRest(t *testing.T) {
	deletions, kept, touched := 0, 0, 0
	stride := 7
	if *long {
		stride = 1
	}
	for k, f := range corpusFiles(t) {
		whole := parseText(f.text)
		if diag.HasErrors(whole.Diags) {
			continue
		}
		want := leaves(whole)
		level := levelSequences(whole)
		for line := k % stride; line < whole.File.LineCount(); line += stride {
			start := int(whole.File.LineSpan(line).Start)
			end := len(f.text)
			if line+1 < whole.File.LineCount() {
				end = int(whole.File.LineSpan(line + 1).Start)
			}
			text := f.text[:start] + f.text[end:]
			tree, err := checkTree([]byte(text), Budget{})
			if err != nil {
				t.Fatalf("%s without line %d: %v", f.name, line+1, err)
			}
			deletions++
			lost, looked := lostBy(whole, want, leaves(tree), line, level[line])
			kept += looked
			touched += len(want) - looked
			if lost != nil && !unrecoverable[fmt.Sprintf("%s:%d", path.Base(f.name), line+1)] {
				t.Errorf("%s without line %d %q: lost %s", f.name, line+1, f.text[start:end], lost)
			}
		}
	}
	t.Logf("%d deletions, %d scalars kept, %d touched (%.1f %%)", deletions, kept, touched, 100*float64(touched)/float64(kept+touched))
	if touched > kept/2 {
		t.Errorf("%d of %d scalars counted as touched: the measure is too lenient", touched, kept+touched)
	}
}

// lostBy is the first of the scalars want that a tree without the line does not
// have any more, though the line does not touch it.
func lostBy(whole *Tree, want, got []leaf, line, levelEnd int) (lost *leaf, looked int) {
	above := line - 1 // nearest line of text above
	for above >= 0 && isBlankOrComment(whole.File.Slice(whole.File.LineSpan(above))) {
		above--
	}
	byStart, byEnd := values(got, fromStart), values(got, func(s stepTo) int { return -s.fromN })
	for i := range want {
		l := &want[i]
		if touches(l, line, above) || l.first > line && l.last <= levelEnd {
			continue
		}
		looked++
		m, name := byStart, l.name(fromStart)
		if l.first > line {
			// Items before it in a sequence around the line may be fewer now.
			m, name = byEnd, l.name(func(s stepTo) int { return -s.fromN })
		}
		if value, ok := m[name]; ok && value == l.value {
			continue
		}
		if value, ok := mixed(got, l, line); ok && value == l.value {
			continue
		}
		return l, looked
	}
	return nil, looked
}

// mixed looks for l by the place from the start in sequences that begin behind
// the line, from the end in others.
func mixed(got []leaf, l *leaf, line int) (string, bool) {
	for i := range got {
		g := &got[i]
		if len(g.path) != len(l.path) {
			continue
		}
		same := true
		for k := range g.path {
			if g.path[k].key != l.path[k].key || g.path[k].key == "" &&
				g.path[k].index != l.path[k].index && g.path[k].fromN != l.path[k].fromN {
				same = false
				break
			}
		}
		if same {
			return g.value, true
		}
	}
	return "", false
}

// touches reports whether l is one of the scalars that the line touches.
func touches(l *leaf, line, above int) bool {
	if l.first <= line && line <= l.last || l.first <= above && above <= l.last {
		return true
	}
	for i, s := range l.path {
		if s.line == line {
			return true
		}
		if s.flow && i > 0 && l.path[i-1].line <= line && line <= l.path[i-1].end {
			return true
		}
	}
	return false
}

func isBlankOrComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// TestHalfTyped types one line into a document, with the mistakes that half-
// typed lines have: everything else is still there, and the new line is
// no reason for more than four findings.
func TestHalfTyped(t *testing.T) {
	const before = "kind: Pipeline\nspec:\n  nodes:\n    - kind: a\n      spec:\n        x: 1\n    - kind: b\n      spec:\n        x: 2\n"
	const after = "    - kind: c\n      spec:\n        x: 3\n  output:\n    y: 4\n"
	for _, typed := range []string{
		"key", "key:", "key: ", "- ", "-", "- name", "- name:", "- name: \"abc", "- name: 'abc", "a: [1, 2", "a: {b: 1", "a: [", "a: {", "a: \"",
		"a: &", "a: &x", "a: *", "a: *x", "a: !", "a: !include", "? ", "\"", "'", "{{ x", "a: {{ x", "a: {{ x }}", "a: b: c", "a: - b",
		"]", "}", "a: ]", "a: b]", "a: [b}", "a: \"b\" c", "a: 'it's'", "@", "%", "`", "#", "# text", "a:b", "-a", "<<", "<<:", "<<: *", "a: b #c", ",",
		"a: [b, \"c", "a: {b: 'c", "...", "text of several words", "\t", "\tkey: 1",
	} {
		if typed == "..." {
			continue // a document end in column 0 is one
		}
		for column := range 12 {
			text := before + spaces(column) + typed + "\n" + after
			tree := mustHold(t, text)
			if n := len(tree.Diags); n > 4 {
				t.Errorf("%q at column %d: %d findings: %v", typed, column, n, messages(tree))
			}
			got := map[string]int{}
			for _, doc := range tree.Docs {
				countScalars(doc.Root, got)
			}
			for _, value := range []string{"Pipeline", "a", "b", "c", "1", "2", "3", "4"} {
				if value == "2" && column > 8 && got["2 "+strings.TrimSpace(typed)] == 1 {
					continue // further right than the text above it, it goes on with that
				}
				if got[value] == 0 {
					t.Errorf("%q at column %d: lost %s; findings: %v", typed, column, value, messages(tree))
				}
			}
		}
	}
}

func messages(t *Tree) []string {
	var all []string
	for _, d := range t.Diags {
		p := t.File.Position(int(d.Loc.Span.Start))
		all = append(all, fmt.Sprintf("%d:%d %s %s", p.Line, p.Column, d.Code, d.Message))
	}
	sort.Strings(all)
	return all
}

func countScalars(n *Node, into map[string]int) {
	switch {
	case n == nil:
	case n.Kind == Scalar:
		into[n.Value]++
	default:
		for _, item := range n.Items {
			countScalars(item, into)
		}
		for i := range n.Pairs {
			countScalars(n.Pairs[i].Key, into)
			countScalars(n.Pairs[i].Value, into)
		}
	}
}
