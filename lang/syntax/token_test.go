package syntax

import (
	"strings"
	"testing"
)

// TestTokens shows the tokens of a file with one of each.
func TestTokens(t *testing.T) {
	tree := mustHold(t, bom+"%YAML 1.2 # v\r\n---\n? &a !t k\n: [b, {c: \"d\"}]\n# e\nf: | # g\n  h\ni:\n- *a\n...\n")
	var b strings.Builder
	for token := range tree.Tokens() {
		if token.Kind == Blank || token.Kind == LineBreak {
			continue
		}
		b.WriteString(token.Kind.String() + " " + strings.ReplaceAll(tree.File.Slice(token.Span), "\n", "⏎") + "\n")
	}
	const want = `byte order mark ` + bom + `
directive %YAML 1.2
comment # v
document start ---
question mark ?
anchor &a
tag !t
scalar k
colon :
open bracket [
scalar b
comma ,
open bracket {
scalar c
colon :
scalar "d"
close bracket }
close bracket ]
comment # e
scalar f
colon :
block header |
comment # g
block text   h
scalar i
colon :
dash -
alias *a
document end ...
`
	if got := b.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestTokensEndEarly: a consumer may stop.
func TestTokensEndEarly(t *testing.T) {
	n := 0
	for range mustHold(t, manifest(3)).Tokens() {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("%d tokens", n)
	}
}

// TestPrint: whatever the file's line ends, the printed tree is the file.
func TestPrint(t *testing.T) {
	for _, text := range append(seeds, manifest(3), strings.ReplaceAll(manifest(3), "\n", "\r\n"), strings.ReplaceAll(manifest(3), "\n", "\r"), bom+manifest(2)+"   ") {
		if got := string(mustHold(t, text).Print()); got != text {
			t.Errorf("%q is printed as %q", text, got)
		}
	}
}

func TestComments(t *testing.T) {
	tree := mustHold(t, "# one\na: b # two\n  # three\nc: \"# no\" #four\nd: |#\n  # no\n")
	var got []string
	for _, c := range tree.Comments {
		text := tree.File.Slice(c.Span)
		if c.Own {
			text += " (own)"
		}
		got = append(got, text)
	}
	if want := "# one (own), # two, # three (own), #four"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %q", strings.Join(got, ", "), want)
	}
}
