package expr

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A chunked file is programs separated by lines of ---. The first line of each
// says how it is read; what it gives stands behind it in lines of ###.
func chunks(t *testing.T, file string, result func(mode, text string) []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, chunk := range strings.Split(string(data), "---\n") {
		var text, want []string
		lines := strings.Split(strings.TrimSuffix(chunk, "\n"), "\n")
		for _, l := range lines {
			if strings.HasPrefix(l, "###") {
				want = append(want, l)
			} else {
				text = append(text, l)
			}
		}
		src := strings.Join(text[1:], "\n")
		got := result(text[0], src)
		for i := range got {
			got[i] = strings.TrimSpace("### " + strings.ReplaceAll(got[i], "\n", "⏎"))
		}
		if !*update && strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q\ngot:\n%s\nwant:\n%s", text[0], src, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		out = append(out, strings.Join(append(text, got...), "\n")+"\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(out, "---\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// located is a text in a file of its own, so that fixes have a place.
func located(src string) Text {
	return Text{Src: src, File: source.NewFile("x", []byte(src)), Map: source.Identity(0, len(src))}
}

func described(src string, ds []diag.Diagnostic) []string {
	var out []string
	for _, d := range ds {
		s := fmt.Sprintf("%s %s %d-%d %s", d.Code, d.Severity, d.Loc.Span.Start, d.Loc.Span.End, d.Message)
		if d.Help != "" {
			s += " | " + d.Help
		}
		for _, f := range d.Fixes {
			fixed := src
			for _, e := range f.Edits {
				fixed = fixed[:e.Loc.Span.Start] + e.NewText + fixed[e.Loc.Span.End:]
			}
			s += " → " + fixed
		}
		out = append(out, s)
	}
	return out
}

// TestSyntaxErrors shows what each fault is called, where it is, and what is
// still understood of the text.
func TestSyntaxErrors(t *testing.T) {
	chunks(t, "testdata/golden/syntax.txt", func(mode, src string) []string {
		text := located(src)
		var n Node
		var ds []diag.Diagnostic
		switch mode {
		case "expression":
			n, ds = Parse(text)
		case "mapping":
			n, ds = ParseMapping(text)
		case "template":
			n, ds = ParseTemplate(text)
		default:
			t.Fatalf("mode %q", mode)
		}
		return append(described(src, ds), "= "+Print(n))
	})
}

// typeScope types names by a schema.
type typeScope struct{ t *Type }

func (s typeScope) Lookup(head string, namespace bool) (*Type, bool) {
	for _, f := range s.t.Fields {
		if f.Name == head && !namespace {
			return f.Type, true
		}
	}
	return nil, false
}

// inferScope is what the expressions in types.txt see.
const inferScope = `{
	"order": {"id": "int", "total": "float", "status": {"enum": ["open", "paid", "sent"]}, "note": "str?", "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}}, "required": ["sku", "qty"]}}, "tags": "list[str]", "extra": "Any", "when": "datetime", "price": "decimal", "open": {"type": "object"}},
	"name": "str", "count": "int", "ok": "bool", "items": "list", "maybe": "int?", "summary": "str"
}`

// TestTypes shows the types of expressions, and what is provably wrong with
// them.
func TestTypes(t *testing.T) {
	schema, err := TypeFromSchema(tagged(t, []byte(inferScope)), nil)
	if err != nil {
		t.Fatal(err)
	}
	chunks(t, "testdata/golden/types.txt", func(mode, src string) []string {
		text := located(src)
		var n Node
		var ds []diag.Diagnostic
		if mode == "template" {
			n, ds = ParseTemplate(text)
		} else {
			n, ds = ParseMapping(text)
		}
		if len(ds) > 0 {
			t.Errorf("%q: %s", src, ds[0].Message)
		}
		typ, ds := Infer(n, text, typeScope{schema})
		return append([]string{"= " + typ.String()}, described(src, ds)...)
	})
}

const evalScope = `{"a": 1, "s": "text", "nil": null, "o": {"x": {"y": 1}}, "li": [1, 2], "rows": [{"n": 1}, {"n": "2"}], "zero": 0, "f": 1.5, "t": true, "e": ""}`

// TestEvaluation shows values and errors.
func TestEvaluation(t *testing.T) {
	data := tagged(t, []byte(evalScope))
	chunks(t, "testdata/golden/eval.txt", func(mode, src string) []string {
		var n Node
		var ds []diag.Diagnostic
		switch mode {
		case "template":
			n, ds = ParseTemplate(Text{Src: src})
		case "mapping":
			n, ds = ParseMapping(Text{Src: src})
		default:
			n, ds = Parse(Text{Src: src})
		}
		if len(ds) > 0 {
			t.Errorf("%q: %s", src, ds[0].Message)
			return nil
		}
		s := scope(data)
		p, err := Compile(n, s)
		if err != nil {
			return []string{"does not compile: " + err.Error()}
		}
		v, e := p.Eval(s, &Meter{MaxSteps: 100_000})
		if e == nil {
			return []string{value.Repr(v)}
		}
		out := fmt.Sprintf("%s error %d-%d: %s", e.Kind, e.Span.Start, e.Span.End, e.Msg)
		if e.Missing != "" {
			out += " [" + e.Missing + "]"
		}
		if e.Help != "" {
			out += " | " + e.Help
		}
		return []string{out}
	})
}
