//go:build schemagen

package shape_test

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// mutate gives variants of a text in which one entry was dropped, renamed, or
// got a value of another type.
func mutate(rng *rand.Rand, text string) []string {
	tree := syntax.Parse(source.NewFile("m.yaml", []byte(text)), syntax.Budget{})
	if len(tree.Diags) > 0 {
		return nil
	}
	var pairs []*syntax.Pair
	var walk func(n *syntax.Node)
	walk = func(n *syntax.Node) {
		if n == nil {
			return
		}
		for i := range n.Pairs {
			pairs = append(pairs, &n.Pairs[i])
			walk(n.Pairs[i].Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	for _, d := range tree.Docs {
		walk(d.Root)
	}
	if len(pairs) == 0 {
		return nil
	}
	var out []string
	values := []string{"5", `"five"`, "true", "[]", "{}", "[a]", "{a: 1}", "null", "-1", "1.5", `"30s"`, `"{{ x }}"`, `"${X}"`, `"yes"`}
	for kind := range 3 {
		at := pairs[rng.IntN(len(pairs))]
		edit := func(p *syntax.Pair) (key, value string, keep bool) {
			if p != at {
				return "", "", true
			}
			switch kind {
			case 0:
				return "", "", false
			case 1:
				return p.Key.Value + "x", "", true
			}
			return "", values[rng.IntN(len(values))], true
		}
		var docs []string
		for _, d := range tree.Docs {
			if d.Root != nil {
				docs = append(docs, flow(d.Root, edit))
			}
		}
		out = append(out, strings.Join(docs, "\n---\n")+"\n")
	}
	return out
}

// flow writes a node in flow style, with the edits that edit asks for.
func flow(n *syntax.Node, edit func(*syntax.Pair) (key, value string, keep bool)) string {
	d := n.Deref()
	if d == nil {
		return "null"
	}
	tag := ""
	if d.Tag != "" {
		tag = d.Tag + " "
	}
	switch d.Kind {
	case syntax.Mapping:
		var parts []string
		for k, v := range d.Entries() {
			p := d.PairOf(k.Value)
			key, value, keep := edit(p)
			if !keep {
				continue
			}
			if key == "" {
				key = k.Value
			}
			if value == "" {
				value = flow(v, edit)
			}
			parts = append(parts, strconv.Quote(key)+": "+value)
		}
		return tag + "{" + strings.Join(parts, ", ") + "}"
	case syntax.Sequence:
		var parts []string
		for _, item := range d.Items {
			parts = append(parts, flow(item, edit))
		}
		return tag + "[" + strings.Join(parts, ", ") + "]"
	}
	r := d.Resolve()
	if r.Kind == syntax.Null {
		return tag + "null"
	}
	if r.Kind == syntax.String || d.Style != syntax.Plain {
		return tag + strconv.Quote(d.Value)
	}
	return tag + d.Value
}
