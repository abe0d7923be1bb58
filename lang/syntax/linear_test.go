package syntax

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/internal/cputime"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// growing are texts that parsers are slow at; each function makes one of about
// n bytes.
var growing = []struct {
	name string
	make func(n int) string
}{
	{"manifest", func(n int) string { return manifest(n / 600) }},
	{"keys of one mapping", func(n int) string { return lines(n, func(i int) string { return fmt.Sprintf("key%d: %d\n", i, i) }) }},
	{"duplicate keys", func(n int) string { return repeat("key: 1\n", n) }},
	{"items", func(n int) string { return repeat("- a\n", n) }},
	{"long plain", func(n int) string { return "a:\n" + repeat("  words words\n", n) }},
	{"long plain with a key behind it", func(n int) string { return "a:\n" + repeat("  words words\n", n) + "  b: c\n" }},
	{"long quoted", func(n int) string { return "a: \"" + repeat("  words\\n words\n", n) + "  \"\n" }},
	{"long block scalar", func(n int) string { return "a: |\n" + repeat("  words\n\n", n) }},
	{"blank lines", func(n int) string { return "a: |\n" + repeat("\n", n) + "b: c\n" }},
	{"comments", func(n int) string { return repeat("# c\n", n) + "a: b\n" }},
	{"open brackets", func(n int) string { return repeat("[", n) }},
	{"open braces", func(n int) string { return repeat("{", n) }},
	{"closing brackets", func(n int) string { return repeat("]", n) }},
	{"closing brackets inside", func(n int) string { return "[" + repeat("}", n) }},
	{"double quotes", func(n int) string { return repeat("\"", n) }},
	{"single quotes", func(n int) string { return repeat("'", n) }},
	{"quotes on lines", func(n int) string { return repeat("\"a\n", n) }},
	{"quoted keys without colon", func(n int) string { return repeat("\"a\"\n", n) }},
	{"unclosed quotes of items", func(n int) string { return repeat("- \"a\n", n) }},
	{"unclosed quotes of values", func(n int) string { return "a:\n" + repeat("  b: 'c\n", n) }},
	{"unclosed quotes in a bracket", func(n int) string { return "[\n" + repeat("\"a\n'b\n", n) }},
	{"unclosed brackets of values", func(n int) string { return repeat("a: [b\n", n) }},
	{"dashes", func(n int) string { return repeat("- ", n) }},
	{"question marks", func(n int) string { return repeat("? ", n) }},
	{"colons", func(n int) string { return repeat(": ", n) }},
	{"anchors", func(n int) string { return lines(n, func(i int) string { return fmt.Sprintf("- &a%d x\n", i) }) }},
	{"unknown aliases", func(n int) string { return repeat("- *x\n", n) }},
	{"known aliases", func(n int) string { return "- &a [x, y]\n" + repeat("- *a\n", n) }},
	{"aliases inside open anchors", func(n int) string {
		return strings.Repeat("- &a ", 500) + "\n" + repeat(spaces(2500)+"- *b\n", n)
	}},
	{"merges of merges", func(n int) string {
		return "- &a0 {k: v}\n" + lines(n, func(i int) string { return fmt.Sprintf("- &a%d {<<: *a%d, k%d: v}\n", i+1, i, i) })
	}},
	{"templates", func(n int) string { return repeat("- {{ x }}\n", n) }},
	{"templates on one line", func(n int) string { return "[" + repeat("{{ x }}, ", n) }},
	{"half templates on one line", func(n int) string { return "[" + repeat("{{ x, ", n) }},
	{"braces that are no templates", func(n int) string { return "[" + repeat("{{a}, b}, ", n) }},
	{"statements on one line", func(n int) string { return "[" + repeat("{% x, ", n) }},
	{"apostrophes in templates", func(n int) string { return "[" + repeat("{{ ', ", n) }},
	{"tabs", func(n int) string { return "a:\n  b:\n" + repeat("\tc: d\n", n) }},
	{"tab lines", func(n int) string { return "a: |\n" + repeat("\t\n", n) }},
	{"bad indentation", func(n int) string { return "a: \"b\"\n" + repeat("  c: \"d\"\n   e: \"f\"\n", n) }},
	{"garbage", func(n int) string { return "a: \"b\"\n" + repeat("  text of words\n", n) }},
	{"stray entries", func(n int) string { return "a: \"b\"\n" + repeat("- c\nd: \"e\"\n", n) }},
	{"stairs down", func(n int) string { return stairs(n) }},
	{"stairs of words", func(n int) string { return strings.ReplaceAll(stairs(n), "k:", "kk") + "b: c\n" }},
	{"stairs of open brackets", func(n int) string { return strings.ReplaceAll(stairs(n), "k:", "k: [x") }},
	{"stairs of open braces", func(n int) string { return strings.ReplaceAll(stairs(n), "k:", "k: {x: y") }},
	{"an open bracket above keys", func(n int) string { return "[\n" + repeat("a: b\n", n) }},
	{"open brackets among keys", func(n int) string { return repeat("[ a: b\nc: d\n", n) }},
	{"broken lines among entries", func(n int) string { return "a:\n  b: c\n" + repeat("@ x\n  d: e\n", n) }},
	{"broken lines", func(n int) string { return "a:\n  b: c\n" + repeat("@\n", n) }},
	{"broken lines of a block scalar", func(n int) string { return "a: |\n" + repeat("  text\n@\n", n) }},
	{"scalars above garbage", func(n int) string {
		return lines(n, func(i int) string { return "a:\n  \"b\"\n" + repeat("  ]\n", 200) })
	}},
	{"missing colons", func(n int) string { return "a: b\n" + repeat("word\n", n) }},
	{"missing spaces", func(n int) string { return "a: b\n" + repeat("c:d\n", n) }},
	{"nested mapping values", func(n int) string { return repeat("a: b: c: d\n", n) }},
	{"nested mapping values on one line", func(n int) string { return repeat("a: ", n) }},
	{"escapes", func(n int) string { return "\"" + repeat("\\q", n) + "\"" }},
	{"commas", func(n int) string { return "[" + repeat(",", n) }},
	{"no commas", func(n int) string { return "[" + repeat("\"a\" ", n) + "]" }},
	{"documents", func(n int) string { return repeat("---\na: b\n", n) }},
	{"document ends", func(n int) string { return repeat("...\n", n) }},
	{"directives", func(n int) string { return repeat("%FOO\n", n) }},
	{"tags", func(n int) string { return "- " + repeat("!a ", n) }},
	{"anchors of one node", func(n int) string { return "- " + repeat("&a ", n) }},
	{"properties on lines", func(n int) string { return repeat("&a\n", n) }},
	{"invalid bytes", func(n int) string { return repeat("\xff a", n) }},
	{"control characters", func(n int) string { return repeat("\x00", n) }},
	{"carriage returns", func(n int) string { return repeat("a: b\r", n) }},
	{"one long line", func(n int) string { return repeat("x", n) }},
	{"one long number", func(n int) string { return repeat("1", n) }},
	{"percent signs in brackets", func(n int) string { return "[" + repeat("% ", n) }},
	{"spaces", func(n int) string { return repeat(" ", n) }},
	{"byte order marks", func(n int) string { return repeat(bom, n) }},
	{"pairs in brackets", func(n int) string { return "[" + repeat("a: b, ", n) + "]" }},
	{"second roots", func(n int) string { return repeat("\"a\"\n[b]\n", n) }},
	{"texts behind values", func(n int) string { return repeat("a: \"b\" c \"d\"\n", n) }},
	{"trailing texts on one line", func(n int) string { return "a: \"b\" " + repeat("\"c\" ", n) }},
	{"hashes", func(n int) string { return "a: \"b\"" + repeat("#", n) }},
}

func repeat(s string, n int) string { return strings.Repeat(s, max(1, n/len(s))) }

func lines(n int, line func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(line(i))
	}
	return b.String()
}

func stairs(n int) string {
	var b strings.Builder
	for i := 0; i < 990; i++ {
		b.WriteString(spaces(i) + "k:\n")
	}
	for b.Len() < n {
		b.WriteString(spaces(990) + "k:\n")
	}
	return b.String()
}

// wide are budgets that only depth limits.
var wide = Budget{Bytes: 1 << 30, Keys: 1 << 30, Nodes: 1 << 30}

// TestLinearTime: eight times the text takes at most some thirty times as long;
// with quadratic time it would take 64 times. The best of several runs counts,
// with the garbage collector off, so that a busy machine does not fail the test.
func TestLinearTime(t *testing.T) {
	size := 20_000
	if *long {
		size = 1_000_000
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, g := range growing {
		small, large := g.make(size), g.make(8*size)
		growth := float64(len(large)) / float64(len(small)) / 8
		a, b, ratio := time.Hour, time.Hour, 0.0
		for range 10 {
			a, b = min(a, parseTime(small)), min(b, parseTime(large))
			if ratio = float64(b) / float64(max(a, 100*time.Microsecond)) / growth; ratio < 16 {
				break
			}
		}
		if ratio > 32 {
			t.Errorf("%s: eight times the text takes %.1f times as long (%v, %v)", g.name, ratio, a, b)
		}
	}
}

func parseTime(text string) time.Duration {
	runtime.GC()
	file := source.NewFile("test.yaml", []byte(text))
	return cputime.Of(func() { Parse(file, wide) })
}

// TestHostileText: many megabytes of each are read in reasonable time with wide
// budgets, and refused at once with the usual ones.
func TestHostileText(t *testing.T) {
	size := 100 << 10
	if *long {
		size = 10 << 20
	}
	for _, g := range growing {
		text := g.make(size)
		var tree *Tree
		d := cputime.Of(func() { tree = Parse(source.NewFile("test.yaml", []byte(text)), wide) })
		if d > time.Duration(size/1024+1000)*3*time.Millisecond {
			t.Errorf("%s: %d bytes took %v", g.name, len(text), d)
		}
		if len(tree.Diags) > maxDiagnostics+1 {
			t.Errorf("%s: %d findings", g.name, len(tree.Diags))
		}
	}
	tree := Parse(source.NewFile("test.yaml", make([]byte, DefaultBytes+1)), Budget{})
	if len(tree.Diags) != 1 || tree.Diags[0].Code != diag.FileTooLarge {
		t.Error("a file of more than 8 MiB:", messages(tree))
	}
}
