package syntax

import (
	"fmt"
	"testing"

	"hexdag.dev/hexdag/lang/source"
)

// A tree that begins in the memory of released ones is like any other.
func TestReleasedMemoryIsClean(t *testing.T) {
	text := func(i int) string {
		return fmt.Sprintf("a%d: &x {b: !t [1, 2, *x], c: \"d\"}\ne:\n- f: %d\n- <<: {g: h}\n", i, i)
	}
	for i := range 100 {
		src := text(i)
		fresh := &parser{file: source.NewFile("f", []byte(src)), src: src, tree: &Tree{}, budget: Budget{}.withDefaults(), first: -1}
		fresh.arena.first = &slab{} // memory that nothing used
		fresh.arena.chunk = 64
		fresh.checkText()
		fresh.stream()
		again := Parse(source.NewFile("f", []byte(src)), Budget{})
		if got, want := shown(again.Docs[0].Root), shown(fresh.tree.Docs[0].Root); got != want {
			t.Fatalf("%d: got %s\nwant %s", i, got, want)
		}
		again.Release()
		again.Release() // of nothing
	}
}

func shown(n *Node) string {
	s := fmt.Sprintf("%d/%d %v %q %q %q(", n.Kind, n.Style, n.Span, n.Tag, n.Anchor, n.Value)
	for _, i := range n.Items {
		s += shown(i)
	}
	for _, p := range n.Pairs {
		s += shown(p.Key) + ":" + shown(p.Value)
	}
	return s + ")"
}
