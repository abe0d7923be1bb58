package syntax

import (
	"math/rand/v2"
	"testing"
)

// FuzzParse: any bytes parse without a panic into a tree whose tokens tile the
// file, whose spans nest, and whose text maps are exact where they say so. The
// same holds at the edges of small budgets, and PathAt finds its way at every
// offset.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	for _, c := range suiteCases(f) {
		f.Add([]byte(c.YAML))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, b := range []Budget{{}, {Depth: 3, AliasNodes: 4, Keys: 3, Nodes: 20}} {
			tree, err := checkTree(text, b)
			if err != nil {
				t.Fatalf("%v in %q", err, text)
			}
			for offset := 0; offset <= len(text); offset += 1 + len(text)/64 {
				if err := checkPath(tree, offset); err != nil {
					t.Fatalf("%v in %q", err, text)
				}
			}
		}
	})
}

// seeds are texts with one difficulty each.
var seeds = []string{
	"", "\ufeff", "\ufeffa: b", "a: b\r\nc: d\r\n", "a: b\rc: d", "a:\n\t- b\n", "a: \"b\nc: d\n", "a: 'b\nc: d\n",
	"a: [1, 2\nb: 3\n", "a: {b: c\nd: e", "prompt: {{ x }}\nb: 1\n", "- {{ x }} text\n- {% if a %}b{% endif %}\n",
	"a: b: c\n", "a: \"b\" c\n", "a: |\n  b\n c\nd: e\n", "a: >-\n\n  b\n\n   c\n  d\n\n", "key", "key:", "- ", "- name: \"abc",
	"? a\n: b\n", "&a a: *a\nb: *c\n", "a: &a\n  b: *a\n", "<<: *a\n", "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", "a: 1\na: 2\n",
	"%YAML 1.2\n---\na\n...\n%FOO\n---\nb", "--- |+\n\n\n", "a: \"\\x41\\u00e9\\U0001F600\\q\\\n  b\"\n", "a: 'it''s'\n", "a: \xff\xfe\n",
	"a: \x00\n", "\t", "[[[[", "]]}}", "a: [b, {c: d}, \"e\": f, ? g : h,, i j\n", "a:\n  - b\n c: d\n", "a:\n    b: 1\n  c: 2\n    d: 3\n",
	"😀: \"😀\\n😀\"\n", "a: !!int x\n", "a: ! b\n", "!<x> a", "a: !e!f g\n", "- - - a\n    - b\n", "a: # c\n  b\n#d\n",
}

// TestRandomBytes does a little of what the fuzzer does in every run, from the
// bytes that matter to YAML.
func TestRandomBytes(t *testing.T) {
	pieces := []string{"a", "b", "key", ": ", ":", "- ", "-", "? ", "\n", "\n", "\n", "  ", " ", "    ", "\t", "\r\n", "\r", "\"", "'", "[", "]", "{", "}",
		", ", "&a ", "*a", "!!str ", "!t ", "#", " # c", "|", ">", "|+\n", ">-\n", "---\n", "...\n", "{{ x }}", "{% y %}", "\\", "\\n", "<<: ", "é", "😀", "\xff",
		"\x00", "\ufeff", "%YAML 1.2\n", "@", "`", "1", "true", "~", "a: b\n", "- c\n", "  d: e\n"}
	r := rand.New(rand.NewPCG(1, 2))
	n := 20_000
	if *long {
		n = 2_000_000
	}
	for range n {
		text := ""
		for range 1 + r.IntN(25) {
			text += pieces[r.IntN(len(pieces))]
		}
		tree, err := checkTree([]byte(text), Budget{})
		if err == nil {
			err = checkPath(tree, r.IntN(len(text)+1))
		}
		if err != nil {
			t.Fatalf("%v in %q", err, text)
		}
	}
}
