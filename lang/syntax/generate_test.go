package syntax

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
)

// generator writes random values as random YAML.
type generator struct {
	*rand.Rand
	b       strings.Builder
	used    map[string]bool // features
	anchors []anchored
	open    int // values with anchors around
	count   int
}

type anchored struct {
	name   string
	value  any
	nested bool // inside a value with an anchor
}

// object is a mapping in order.
type object struct {
	keys   []string
	values []any
}

func (g *generator) use(feature string) { g.used[feature] = true }

func (g *generator) one(choices ...string) string { return choices[g.IntN(len(choices))] }

// value makes a value and writes it behind an indicator; its lines stand right
// of column n. It ends with the line.
func (g *generator) value(n, depth int) any {
	g.count++
	if len(g.anchors) > 0 && g.IntN(12) == 0 {
		g.use("alias")
		a := g.anchors[g.IntN(len(g.anchors))]
		if a.nested {
			g.use("alias of a nested anchor")
		}
		g.b.WriteString(" *" + a.name)
		g.eol()
		return a.value
	}
	name := ""
	if g.IntN(12) == 0 {
		g.use("anchor")
		name = "a" + strconv.Itoa(g.count)
		g.b.WriteString(" &" + name)
		g.open++
	}
	var v any
	switch k := g.IntN(10); {
	case k < 3 && depth > 0:
		v = g.mapping(n, depth)
	case k < 5 && depth > 0:
		v = g.sequence(n, depth)
	case k == 5:
		v = g.block(n)
	case k == 6:
		g.b.WriteString(" ")
		v = g.flow(depth, n)
		g.eol()
	default:
		v = g.scalar(n, false)
		g.eol()
	}
	if name != "" {
		if v == nil {
			g.use("anchor of null")
		}
		g.open--
		g.anchors = append(g.anchors, anchored{name, v, g.open > 0})
	}
	return v
}

func (g *generator) eol() {
	if g.IntN(10) == 0 {
		g.use("comment")
		g.b.WriteString(g.one(" # comment", "  #", " # - a: 'b"))
	}
	g.b.WriteString("\n")
	if g.IntN(20) == 0 {
		g.b.WriteString(g.one("\n", "# comment\n", "   # comment\n"))
	}
}

func (g *generator) mapping(n, depth int) any {
	c := max(n, 0) + 1 + g.IntN(4)
	if n < 0 {
		c = 0
	}
	g.eol()
	o := object{}
	for i := range 1 + g.IntN(4) {
		key := g.one("name", "kind", "spec", "a b", "key", "é", "x-y", "1a", "with.dot") + strconv.Itoa(i)
		g.b.WriteString(spaces(c))
		colon := g.one(":", ":", ":", " :")
		switch g.IntN(8) {
		case 0:
			g.b.WriteString(strconv.Quote(key))
		case 1:
			g.b.WriteString("'" + key + "'")
		case 2:
			g.use("explicit key")
			g.b.WriteString("? " + key + "\n" + spaces(c))
			colon = ":"
		default:
			g.b.WriteString(key)
		}
		g.b.WriteString(colon)
		o.keys = append(o.keys, key)
		o.values = append(o.values, g.value(c, depth-1))
	}
	return o
}

func (g *generator) sequence(n, depth int) any {
	c := max(n, 0) + 1 + g.IntN(4)
	if n < 0 {
		c = 0
	}
	g.eol()
	list := []any{}
	for range 1 + g.IntN(4) {
		g.b.WriteString(spaces(c) + "-")
		list = append(list, g.value(c, depth-1))
	}
	return list
}

var words = []string{"alpha", "beta", "it's", "don't stop", "a-b", "x:y", "http://example.org/a?b#c", "naïve", "日本", "😀", "50%", "c++", "a, b", "[x", "]y", "{z", "say \"hi\"", "back\\slash"}

func (g *generator) text(most int) string {
	parts := make([]string, 1+g.IntN(most))
	for i := range parts {
		parts[i] = words[g.IntN(len(words))]
	}
	return strings.Join(parts, " ")
}

// scalar writes a scalar on one line, or a flow scalar of several lines.
func (g *generator) scalar(n int, flow bool) any {
	g.b.WriteString(" ")
	switch g.IntN(9) {
	case 0:
		v := g.IntN(2000) - 1000
		g.b.WriteString(strconv.Itoa(v))
		return v
	case 1:
		v := float64(g.IntN(1000)) / 8
		g.b.WriteString(strconv.FormatFloat(v, 'f', 3, 64))
		return v
	case 2:
		s := g.one("true", "false", "null", "~", "")
		if s == "" && flow {
			s = "null"
		}
		g.b.WriteString(s)
		if s == "true" || s == "false" {
			return s == "true"
		}
		return nil
	case 3:
		s := g.text(4) + g.one("", "\n", "\t.", " ", "  end")
		g.b.WriteString(strconv.Quote(s))
		return s
	case 4:
		s := g.text(4)
		g.b.WriteString("'" + strings.ReplaceAll(s, "'", "''") + "'")
		return s
	case 5:
		g.use("long quoted")
		first, second := g.text(2), g.text(2)
		quote := func(s string) string { return strings.ReplaceAll(s, "'", "''") }
		g.b.WriteString("'" + quote(first) + "\n" + g.one("", "\n") + spaces(max(n, 0)+2) + quote(second) + "'")
		if strings.Contains(g.b.String()[g.b.Len()-len(quote(second))-max(n, 0)-6:], "\n\n") {
			return first + "\n" + second
		}
		return first + " " + second
	case 6:
		if flow {
			break
		}
		g.use("long plain")
		first, second := g.plain(flow), g.plain(flow)
		g.b.WriteString(first + "\n" + spaces(max(n, 0)+1+g.IntN(4)) + second)
		return first + " " + second
	}
	s := g.plain(flow)
	g.b.WriteString(s)
	return s
}

// plain is a text that may stand without quotes.
func (g *generator) plain(flow bool) string {
	s := "w" + g.text(3)
	if flow {
		s = strings.NewReplacer(",", "", "[", "", "]", "", "{", "", "}", "", "?", "").Replace(s)
		if strings.Contains(s, ":") {
			g.use("colon inside a plain text in brackets")
		}
	}
	return s
}

// block writes a literal or folded scalar.
func (g *generator) block(n int) any {
	indent := max(n, 0) + 1 + g.IntN(3)
	header, chomp := g.one("|", ">"), g.one("", "-", "+")
	g.use("block" + header + chomp)
	g.b.WriteString(" " + header + chomp)
	g.eolOnly()
	var lines []string
	for range 1 + g.IntN(4) {
		lines = append(lines, g.text(3))
		if g.IntN(3) == 0 {
			lines = append(lines, "")
		}
	}
	for len(lines) > 1 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if header == "|" && g.IntN(2) == 0 {
		lines = append(lines, "  indented", "- item", "# no comment", "key: value")
	}
	trailing := 0
	if g.IntN(3) == 0 {
		trailing = 1 + g.IntN(2)
	}
	for _, line := range lines {
		if line != "" {
			g.b.WriteString(spaces(indent) + line)
		}
		g.b.WriteString("\n")
	}
	g.b.WriteString(strings.Repeat("\n", trailing))
	var text string
	if header == "|" {
		text = strings.Join(lines, "\n")
	} else {
		for i, line := range lines {
			switch {
			case i == 0 || line == "" && lines[i-1] != "":
				text += line
			case line != "" && lines[i-1] != "":
				text += " " + line
			default:
				text += "\n" + line
			}
		}
	}
	switch chomp {
	case "":
		text += "\n"
	case "+":
		text += "\n" + strings.Repeat("\n", trailing)
	}
	return text
}

func (g *generator) eolOnly() {
	if g.IntN(10) == 0 {
		g.b.WriteString(" # comment")
	}
	g.b.WriteString("\n")
}

// flow writes a value in brackets.
func (g *generator) flow(depth, n int) any {
	line := func() {
		if g.IntN(4) == 0 {
			g.use("long flow")
			g.b.WriteString("\n" + spaces(max(n, 0)+1+g.IntN(4)))
		}
	}
	entry := func() any {
		if depth > 0 && g.IntN(3) == 0 {
			g.b.WriteString(" ")
			return g.flow(depth-1, n)
		}
		return g.scalar(n, true)
	}
	if g.IntN(2) == 0 {
		list := []any{}
		g.b.WriteString("[")
		for i := range g.IntN(4) {
			if i > 0 {
				g.b.WriteString(",")
			}
			line()
			list = append(list, entry())
		}
		line()
		g.b.WriteString("]")
		return list
	}
	o := object{}
	g.b.WriteString("{")
	for i := range g.IntN(4) {
		if i > 0 {
			g.b.WriteString(", ")
		}
		line()
		key := "k" + strconv.Itoa(i)
		switch g.IntN(3) {
		case 0:
			g.use("adjacent")
			g.b.WriteString(strconv.Quote(key) + ":")
		default:
			g.b.WriteString(key + ":")
		}
		o.keys, o.values = append(o.keys, key), append(o.values, entry())
	}
	line()
	g.b.WriteString("}")
	return o
}

func canonicalGenerated(v any) string {
	switch v := v.(type) {
	case object:
		m := map[string]string{}
		for i, k := range v.keys {
			m[canonical(k)] = canonicalGenerated(v.values[i])
		}
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			parts = append(parts, k+":"+m[k])
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, canonicalGenerated(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return canonical(v)
}

func generate(seed uint64) (text, want string, used map[string]bool) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7)), used: map[string]bool{}}
	g.b.WriteString("---")
	v := g.value(-1, 4)
	if v == nil {
		g.use("null document")
	}
	text = g.b.String()
	if g.IntN(6) == 0 {
		for _, feature := range slices.Collect(maps.Keys(g.used)) {
			g.use(feature + " in CRLF")
		}
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text, canonicalGenerated(v), g.used
}

// weaknesses are features with which an oracle reads some of the generated
// documents differently: what it does wrong.
var weaknesses = map[string]map[string]string{
	"goccy": {
		"long quoted in CRLF":                   "CRLF inside quotes counts as two line breaks",
		"null document":                         "a document of nothing is no document",
		"alias of a nested anchor":              "is null",
		"anchor of null":                        "an anchor of nothing at the end of the file is undefined",
		"colon inside a plain text in brackets": "`[a:b]` is read as `[a: b]`",
	},
	"yaml.v4": {},
}

// rare are seeds of texts with a weakness that few have.
var rare = []uint64{6107}

// TestGenerated: from each generated text we read the value that it was made
// from, and so do the oracles but for their weaknesses.
func TestGenerated(t *testing.T) {
	n := uint64(2_000)
	if *long {
		n = 100_000
	}
	excused := map[string]int{}
	failures := 0
	for k := range n + uint64(len(rare)) {
		seed := k
		if k >= n {
			seed = rare[k-n]
		}
		text, want, used := generate(seed)
		tree, err := checkTree([]byte(text), Budget{})
		if err != nil {
			t.Fatalf("seed %d: %v in\n%s", seed, err, text)
		}
		if diag.HasErrors(tree.Diags) {
			t.Fatalf("seed %d: %v in\n%s", seed, messages(tree), text)
		}
		if got := canonicalNode(tree.Docs[0].Root); got != want {
			t.Fatalf("seed %d:\n%s\nis  %s\nnot %s", seed, text, got, want)
		}
		for _, oracle := range oracles {
			err := compare(tree, oracle.decode)
			if err == nil {
				continue
			}
			excuse := ""
			for feature := range weaknesses[oracle.name] {
				if used[feature] {
					excuse = feature
				}
			}
			if excuse == "" {
				if failures++; failures < 10 {
					t.Errorf("seed %d: %s %v\nfeatures %v\n%s", seed, oracle.name, err, slices.Sorted(maps.Keys(used)), text)
				}
				continue
			}
			excused[fmt.Sprint(oracle.name, " ", excuse)]++
		}
	}
	for name, features := range weaknesses {
		for feature, reason := range features {
			if excused[fmt.Sprint(name, " ", feature)] == 0 {
				t.Errorf("%s agrees on all texts with %q; remove it from the table (%s)", name, feature, reason)
			}
		}
	}
	t.Logf("%d documents; excused: %v", n, excused)
}
