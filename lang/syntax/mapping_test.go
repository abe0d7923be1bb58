package syntax

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// entries writes the effective entries of n.
func entries(n *Node) string {
	var parts []string
	for key, value := range n.Entries() {
		parts = append(parts, outline(key)+": "+outline(value))
	}
	return strings.Join(parts, ", ")
}

func TestMergeKeys(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no merge", "y:\n  a: 1\n  b: 2\n", "a: 1, b: 2"},
		{"merged entries come first", "x: &x {a: 1, b: 2}\ny:\n  c: 3\n  <<: *x\n", "a: 1, b: 2, c: 3"},
		{"own entries take the place of merged ones", "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n  c: 4\n", "a: 1, b: 3, c: 4"},
		{"the first of several mappings wins", "x: &x {a: 1}\nz: &z {a: 2, b: 3}\ny:\n  <<: [*x, *z]\n", "a: 1, b: 3"},
		{"a mapping in place", "y:\n  <<: {a: 1}\n  b: 2\n", "a: 1, b: 2"},
		{"merge of a merge", "x: &x {a: 1}\nz: &z\n  <<: *x\n  b: 2\ny:\n  <<: *z\n  c: 3\n", "a: 1, b: 2, c: 3"},
		{"a quoted key is an ordinary one", "y:\n  \"<<\": 1\n", `"<<": 1`},
		{"an unknown anchor merges nothing", "y:\n  <<: *x\n  a: 1\n", "a: 1"},
		{"a custom tag is for others to expand", "y:\n  <<: !include x.yaml\n  a: 1\n", "<<: x.yaml, a: 1"},
		{"duplicates count once", "y:\n  a: 1\n  a: 2\n", "a: 1"},
		{"a place without key is left out", "y:\n  a: 1\n  - b\n", "a: 1"},
		{"a half-typed key counts", "y:\n  a: 1\n  b\n", "a: 1, !b: ()"},
		{"an alias for a key", "x: &x a\ny:\n  *x : 1\n", "*x: 1"},
	} {
		tree := mustHold(t, test.text)
		pairs := tree.Docs[0].Root.Pairs
		if got := entries(pairs[len(pairs)-1].Value); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestGet finds entries in small, large and merged mappings alike.
func TestGet(t *testing.T) {
	for _, size := range []int{1, indexFrom - 1, indexFrom, 1000} {
		var plain, merged strings.Builder
		merged.WriteString("base: &base {key0: other, extra: 1}\nall:\n  <<: *base\n")
		plain.WriteString("all:\n")
		for i := range size {
			for _, b := range []*strings.Builder{&plain, &merged} {
				fmt.Fprintf(b, "  key%d: value%d\n", i, i)
			}
		}
		for _, text := range []string{plain.String(), merged.String()} {
			all := mustHold(t, text).Docs[0].Root.Get("all")
			for i := range size {
				key := fmt.Sprintf("key%d", i)
				value, pair := all.Get(key), all.PairOf(key)
				if value == nil || value.Value != fmt.Sprintf("value%d", i) || pair.Value != value || pair.Key.Value != key {
					t.Fatalf("%d keys: %s is %v", size, key, value)
				}
			}
			if all.Get("no") != nil || all.PairOf("") != nil {
				t.Errorf("%d keys: a key that is not there is", size)
			}
			if extra := all.Get("extra"); (extra != nil) != strings.Contains(text, "<<") {
				t.Errorf("%d keys: the merged key is %v", size, extra)
			}
		}
	}
	numbers := "all:\n  \"1\": a\n  1: b\n  ~: c\n  true: d\n  \"\": e\n"
	for _, text := range []string{numbers, numbers + lines(200, func(i int) string { return fmt.Sprintf("  key%d: x\n", i) })} {
		all := mustHold(t, text).Docs[0].Root.Get("all")
		for key, want := range map[string]string{"1": "a", "0x1": "b", "~": "c", "null": "c", "true": "d", "True": "d", "": "e"} {
			if got := all.Get(key); got == nil || got.Value != want {
				t.Errorf("%s is %v, want %s", key, got, want)
			}
		}
		if got := len(strings.Split(entries(all), ", ")); got != len(all.Pairs) {
			t.Errorf("%d entries of %d pairs", got, len(all.Pairs))
		}
	}
	root := mustHold(t, "a: &a {b: c}\nd: *a\ne: [f]\n").Docs[0].Root
	if got := root.Get("d").Get("b"); got == nil || got.Value != "c" {
		t.Error("Get does not follow the alias it is called on:", got)
	}
	if root.Get("e").Get("f") != nil || root.Get("e").Items[0].Get("") != nil || (*Node)(nil).Get("a") != nil {
		t.Error("what is no mapping has entries")
	}
}

// TestTreeIsSafeForConcurrentUse reads one tree from many goroutines; it is of
// use under the race detector.
func TestTreeIsSafeForConcurrentUse(t *testing.T) {
	tree := mustHold(t, manifest(20))
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			root := tree.Docs[0].Root
			for i, node := range root.Get("spec").Get("nodes").Items {
				prompt := node.Get("spec").Get("prompt_template")
				tree.TextMap(prompt)
				tree.PathAt(int(prompt.Span.Start) + k + i)
				node.Get("spec").Get("max_tokens").Resolve()
			}
			for range tree.Tokens() {
			}
		})
	}
	wg.Wait()
}
