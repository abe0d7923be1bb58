package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// checkPath checks that the way to an offset goes from a root downwards, and
// that a scalar in whose span the offset lies is at its end.
func checkPath(t *Tree, offset int) error {
	path := t.PathAt(offset)
	for i, n := range path {
		if i == 0 && n.Parent != nil || i > 0 && n.Parent != path[i-1] {
			return fmt.Errorf("the way to %d is not connected at step %d", offset, i)
		}
	}
	for _, doc := range t.Docs {
		if n := scalarAround(doc.Root, offset); n != nil && (len(path) == 0 || path[len(path)-1] != n) {
			return fmt.Errorf("offset %d is in %q, but not the way there", offset, n.Value)
		}
	}
	return nil
}

// scalarAround is the scalar in whose inside offset lies.
func scalarAround(n *Node, offset int) *Node {
	if n == nil || n.Kind == Scalar {
		if n != nil && int(n.Span.Start) < offset && offset < int(n.Span.End) {
			return n
		}
		return nil
	}
	for _, item := range n.Items {
		if found := scalarAround(item, offset); found != nil {
			return found
		}
	}
	for i := range n.Pairs {
		for _, child := range []*Node{n.Pairs[i].Key, n.Pairs[i].Value} {
			if found := scalarAround(child, offset); found != nil {
				return found
			}
		}
	}
	return nil
}

// TestPathAt puts a cursor (‸) into documents and says where it is.
func TestPathAt(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"in a key", "a:\n  b‸c: d\n", "map a/map bc#key"},
		{"behind a key", "a‸: b\n", "map a#key"},
		{"in a value", "a:\n  bc: d‸e\n", "map a/map bc/de"},
		{"behind a value", "a: b‸\n", "map a/b"},
		{"behind a value and a blank", "a: b ‸\n", "map a/b"},
		{"value not there yet", "a: ‸\nb: c\n", "map a/empty"},
		{"value not there yet, without blank", "a:‸\nb: c\n", "map a/empty"},
		{"value below its key", "spec:\n  ‸\n", "map spec/empty"},
		{"value below its key, other keys follow", "spec:\n  ‸\nnext: 1\n", "map spec/empty"},
		{"empty line at the left edge", "spec:\n  a: b\n‸\n", "map"},
		{"empty line at the mapping's column", "spec:\n  a: b\n  ‸\nnext: 1\n", "map spec/map"},
		{"empty line at the inner column", "spec:\n  a:\n    b: c\n    ‸\n", "map spec/map a/map"},
		{"empty line at the outer column", "spec:\n  a:\n    b: c\n  ‸\n", "map spec/map"},
		{"end of the file without line break", "spec:\n  a: b\n  ‸", "map spec/map"},
		{"empty item", "- a\n- ‸\n", "seq 1/empty"},
		{"behind the dash", "- a\n-‸", "seq 1/empty"},
		{"in an item", "x:\n- a‸b\n", "map x/seq 0/ab"},
		{"key in an item", "x:\n  - kind: a\n    na‸\n  - kind: b\n", "map x/seq 0/map na#key"},
		{"value in an item", "x:\n  - kind: a\n    name: ‸\n  - kind: b\n", "map x/seq 0/map name/empty"},
		{"line below an item", "x:\n  - kind: a\n    ‸\n  - kind: b\n", "map x/seq 0/map"},
		{"line below an item, at the dash's column", "x:\n  - kind: a\n  ‸\n", "map x/seq"},
		{"in brackets", "a: [b, c‸d]\n", "map a/seq 1/cd"},
		{"empty brackets", "a: [‸]\n", "map a/seq"},
		{"behind a comma", "a: [b, ‸]\n", "map a/seq"},
		{"value in braces", "a: {b: ‸}\n", "map a/map b/empty"},
		{"behind a comma in braces", "a: {b: c, ‸}\n", "map a/map"},
		{"unclosed brackets", "a: [b, c‸\nd: e\n", "map a/seq 1/c"},
		{"unclosed quote", "a: \"b‸\nc: d\n", "map a/b"},
		{"block scalar", "a: |\n  hel‸lo\n", "map a/hello\n"},
		{"between paragraphs of a block scalar", "a: |\n  b\n  ‸\n  c\n", "map a/b\n\nc\n"},
		{"unquoted template", "a: {{ b‸ }}\n", "map a/{{ b }}"},
		{"half-typed template", "a: {{ b‸\nc: d\n", "map a/{{ b"},
		{"second document", "a: b\n---\nc: d‸\n", "map c/d"},
		{"tag without value", "a: !include ‸\n", "map a/empty"},
		{"alias", "a: &x 1\nb: *‸x\n", "map b/x"},
		{"before everything", "‸\n\na: b\n", "map"},
		{"empty file", "‸", ""},
		{"comment behind a mapping", "a:\n  b: c\n  # he‸re\n", "map a/map"},
	} {
		offset := strings.Index(test.text, "‸")
		tree := mustHold(t, strings.Replace(test.text, "‸", "", 1))
		if got := pathText(tree.PathAt(offset)); got != test.want {
			t.Errorf("%s: %q is %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

// pathText writes a way as "map key/seq 0/value"; a key itself ends in #key.
func pathText(path []*Node) string {
	var b strings.Builder
	for i, n := range path {
		if i > 0 {
			b.WriteString(step(path[i-1], n))
		}
		switch {
		case n.Kind == Mapping:
			b.WriteString("map")
		case n.Kind == Sequence:
			b.WriteString("seq")
		case n.Style == Empty:
			b.WriteString("empty")
		case i > 0 && strings.HasSuffix(b.String(), "#key"):
		default:
			b.WriteString(n.Value)
		}
	}
	return b.String()
}

func step(parent, n *Node) string {
	for i, item := range parent.Items {
		if item == n {
			return fmt.Sprintf(" %d/", i)
		}
	}
	for _, pair := range parent.Pairs {
		if pair.Key == n {
			return " " + n.Value + "#key"
		}
		if pair.Value == n {
			return " " + pair.Key.Value + "/"
		}
	}
	return "?"
}
