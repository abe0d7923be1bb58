package syntax

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hexdag.dev/hexdag/lang/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFaults parses each text of testdata/faults.txt and compares what we say
// about it, what its first fixes make of it, and the tree that is left, with
// testdata/golden/faults.txt.
func TestFaults(t *testing.T) {
	const golden = "testdata/golden/faults.txt"
	input, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	unquote := strings.NewReplacer("<TAB>", "\t", "<CR>", "\r", "<NUL>", "\x00", "<FF>", "\xff", "<BOM>", bom, "<EOF>\n", "")
	var out strings.Builder
	for _, chunk := range strings.Split(string(input), "=== ")[1:] {
		name, text, _ := strings.Cut(chunk, "\n")
		text = unquote.Replace(text)
		tree := mustHold(t, text)
		fmt.Fprintf(&out, "=== %s\n%s", name, strings.ToValidUTF8(text, "<?>"))
		if !strings.HasSuffix(text, "\n") {
			out.WriteString("\n")
		}
		for _, d := range tree.Diags {
			from, to := tree.File.Position(int(d.Loc.Span.Start)), tree.File.Position(int(d.Loc.Span.End))
			fmt.Fprintf(&out, "--- %d:%d-%d:%d %s %s: %s\n", from.Line, from.Column, to.Line, to.Column, d.Code, d.Severity, d.Message)
			if d.Help != "" {
				fmt.Fprintf(&out, "    help: %s\n", d.Help)
			}
			for _, r := range d.Related {
				at := tree.File.Position(int(r.Loc.Span.Start))
				fmt.Fprintf(&out, "    see %d:%d: %s\n", at.Line, at.Column, r.Message)
			}
			for _, fix := range d.Fixes {
				fmt.Fprintf(&out, "    fix: %s: %s\n", fix.Title, strings.ReplaceAll(firstChange(text, applyEdits(text, fix.Edits)), "\t", "→"))
			}
		}
		for _, doc := range tree.Docs {
			fmt.Fprintf(&out, "==> %s\n", outline(doc.Root))
		}
	}
	if *update {
		if err := os.MkdirAll("testdata/golden", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); d != "" {
		t.Errorf("%s (-want +got); -update rewrites it:\n%s", golden, d)
	}
}

// applyEdits applies the edits of one fix.
func applyEdits(text string, edits []diag.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b diag.Edit) int { return int(b.Loc.Span.Start - a.Loc.Span.Start) })
	for _, e := range edits {
		text = text[:e.Loc.Span.Start] + e.NewText + text[e.Loc.Span.End:]
	}
	return text
}

// firstChange is the first line of b that a does not have at its place.
func firstChange(a, b string) string {
	old := strings.Split(a, "\n")
	for i, line := range strings.Split(b, "\n") {
		if i >= len(old) || old[i] != line {
			return fmt.Sprintf("%q", line)
		}
	}
	return "removes the rest"
}

// outline writes a tree on one line; `!` marks broken nodes, `()` a missing one.
func outline(n *Node) string {
	if n == nil {
		return "nothing"
	}
	mark := ""
	if n.Broken {
		mark = "!"
	}
	var parts []string
	switch n.Kind {
	case Mapping:
		for _, pair := range n.Pairs {
			parts = append(parts, outline(pair.Key)+": "+outline(pair.Value))
		}
		return mark + "{" + strings.Join(parts, ", ") + "}"
	case Sequence:
		for _, item := range n.Items {
			parts = append(parts, outline(item))
		}
		return mark + "[" + strings.Join(parts, ", ") + "]"
	case Alias:
		return mark + "*" + n.Value
	}
	if n.Style == Empty {
		return mark + "()"
	}
	if n.Style == Plain && n.Value != "" && !strings.ContainsAny(n.Value, ",[]{}:\n") {
		return mark + n.Value
	}
	return mark + fmt.Sprintf("%q", n.Value)
}

// TestExamplesOfTheCodeTable: the bad example of each code of the source band
// has the finding, the good one has no finding at all, and where the finding has
// a fix, that fix is enough.
func TestExamplesOfTheCodeTable(t *testing.T) {
	n := 0
	for _, e := range diag.Entries() {
		if !strings.HasPrefix(string(e.Code), "HX01") {
			continue
		}
		n++
		if e.NoExample != "" || "HX0130" <= e.Code && e.Code <= "HX0149" {
			continue // includes are no matter of one file's syntax
		}
		bad := mustHold(t, e.Bad)
		i := slices.IndexFunc(bad.Diags, func(d diag.Diagnostic) bool { return d.Code == e.Code })
		if i < 0 {
			t.Errorf("%s: the bad example has %v", e.Code, messages(bad))
			continue
		}
		if len(bad.Diags) > 1 && e.Code != diag.UnclosedBracket {
			t.Errorf("%s: the bad example has more findings: %v", e.Code, messages(bad))
		}
		if good := mustHold(t, e.Good); len(good.Diags) > 0 {
			t.Errorf("%s: the good example has %v", e.Code, messages(good))
		}
		if d := bad.Diags[i]; len(d.Fixes) > 0 {
			if d.Severity != e.Severity {
				t.Errorf("%s: severity %v, in the table %v", e.Code, d.Severity, e.Severity)
			}
			fixed := applyEdits(e.Bad, d.Fixes[0].Edits)
			if again := mustHold(t, fixed); len(again.Diags) > 0 {
				t.Errorf("%s: %q leaves %v in\n%s", e.Code, d.Fixes[0].Title, messages(again), fixed)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d codes", n)
	}
}

// TestBudgets: each exceeded budget is reported once, with its place, and what
// was read before is there.
func TestBudgets(t *testing.T) {
	for _, test := range []struct {
		name   string
		text   string
		budget Budget
		code   diag.Code
		line   int
		want   string
	}{
		{"bytes", "a: b\n", Budget{Bytes: 4}, diag.FileTooLarge, 1, ""},
		{"depth of blocks", "a:\n  b:\n    c: d\n", Budget{Depth: 2}, diag.TooDeep, 3, "!{a: !{b: !{}}}"},
		{"depth of brackets", "a: [[b]]\nc: d\n", Budget{Depth: 2}, diag.TooDeep, 1, "!{a: ![![]]}"},
		{"depth on one line", "- - - a\n", Budget{Depth: 2}, diag.TooDeep, 1, "![![![]]]"},
		{"aliases", "a: &a [b, c]\nd: *a\ne: *a\nf: g\n", Budget{AliasNodes: 5}, diag.AliasExpansion, 3, "{a: [b, c], d: *a, e: !*a, f: g}"},
		{"keys", "a: 1\nb: 2\nc: 3\nd: 4\n", Budget{Keys: 2}, diag.TooManyKeys, 3, "!{a: 1, b: 2, c: 3}"},
		{"keys in braces", "{a: 1, b: 2, c: 3, d: 4}\n", Budget{Keys: 2}, diag.TooManyKeys, 1, "!{a: 1, b: 2, c: 3}"},
		{"nodes", "- a\n- b\n- c\n- d\n", Budget{Nodes: 3}, diag.TooManyNodes, 3, "![a, b, c]"},
	} {
		tree, err := checkTree([]byte(test.text), test.budget)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		got := ""
		if len(tree.Docs) > 0 {
			got = outline(tree.Docs[0].Root)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if len(tree.Diags) != 1 || tree.Diags[0].Code != test.code {
			t.Errorf("%s: %v", test.name, messages(tree))
			continue
		}
		if line := tree.File.Position(int(tree.Diags[0].Loc.Span.Start)).Line; line != test.line {
			t.Errorf("%s: reported on line %d, want %d", test.name, line, test.line)
		}
	}
}

// TestAliasBomb: nine levels of nine aliases stay within the budget, for those
// who follow aliases too.
func TestAliasBomb(t *testing.T) {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 10; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	tree := mustHold(t, text)
	if len(tree.Diags) != 1 || tree.Diags[0].Code != diag.AliasExpansion {
		t.Error(messages(tree))
	}
	visited := 0
	var visit func(n *Node)
	visit = func(n *Node) {
		if n = n.Deref(); n == nil {
			return
		}
		visited++
		for _, item := range n.Items {
			visit(item)
		}
		for _, pair := range n.Pairs {
			visit(pair.Key)
			visit(pair.Value)
		}
	}
	visit(tree.Docs[0].Root)
	if visited > DefaultAliasNodes+1000 {
		t.Errorf("%d nodes are reached", visited)
	}
}

func TestManyFaultsAreCut(t *testing.T) {
	tree := mustHold(t, "a: b\n"+strings.Repeat("c: d: e\n", 1000))
	if n := len(tree.Diags); n != maxDiagnostics+1 {
		t.Errorf("%d findings", n)
	}
	if !slices.ContainsFunc(tree.Diags, func(d diag.Diagnostic) bool { return d.Code == diag.TooManyFaults }) {
		t.Error("the cut is not reported")
	}
}
