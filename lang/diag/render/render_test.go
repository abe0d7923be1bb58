package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s: -want +got\n%s", name, d)
	}
}

// text is a source in which places are found by what stands there.
type text struct{ *source.File }

func (f text) at(part string) source.Location { return f.nth(part, 1) }

func (f text) nth(part string, n int) source.Location {
	from := 0
	for ; n > 0; n-- {
		i := strings.Index(f.Text()[from:], part)
		if i < 0 {
			panic("no " + part)
		}
		from += i + 1
	}
	return f.span(from-1, from-1+len(part))
}

func (f text) span(start, end int) source.Location {
	return source.Location{File: f.File, Span: source.Span{Start: int32(start), End: int32(end)}}
}

func newText(path, content string) text { return text{source.NewFile(path, []byte(content))} }

const pipeline = `kind: Pipeline
metadata:
  name: triage
spec:
  nodes:
    - kind: llm_node
      metadata: {name: analyzer}
      spec:
        prompt_template: "Hi {{ name }}"
    - kind: llm_node
      metadata: {name: writer}
      dependencies: [analzer]
      spec:
        prompt_template: |
          Write about
          {{ analyzer.topic }}
`

func unknownNode() diag.Diagnostic {
	f := newText("pipelines/triage.yaml", pipeline)
	return diag.Diagnostic{
		Code: "HX9901", Message: `unknown node "analzer"`, Help: `did you mean "analyzer"?`, Loc: f.at("analzer"),
	}.WithRelated(f.at("analyzer"), `"analyzer" is declared here`).
		WithFix(`replace with "analyzer"`, true, diag.Edit{Loc: f.at("analzer"), NewText: "analyzer"})
}

func TestHuman(t *testing.T) {
	f := newText("pipelines/triage.yaml", pipeline)
	lib := newText("lib/shared.yaml", "kind: Macro\nmetadata: {name: ask}\n")
	wide := newText("ünïcode/日本.yaml", "名前: 日本語のノード # コメント\nfamily: 👨‍👩‍👧 x: 1\ncombining: e\u0301e\u0301 bad\n\ttab:\tafter\n")
	nasty := newText("a\x1b[31m.yaml", "key: \x1b[2Jclear \u202eevil\u202c \u200bzero \xff bad\r\nnext: 1\r\n")
	long := newText("long.yaml", "start: 1, "+strings.Repeat("abcdefghij", 100)+" NEEDLE "+strings.Repeat("0123456789", 100)+" end\n")
	noEnd := newText("noend.yaml", "a: 1\nb: [1, 2")
	bom := newText("bom.yaml", "\ufeffkind: Pipline\n")

	for _, c := range []struct {
		name string
		d    diag.Diagnostic
	}{
		{"one-place-with-fix", unknownNode()},
		{"no-place", diag.Diagnostic{Code: "HX0001", Message: "impossible state", Help: "please report it"}},
		{"places-in-two-files", diag.Diagnostic{Code: "HX9901", Severity: diag.Warning, Message: "the macro has no output", Loc: f.at("llm_node")}.
			WithRelated(lib.at("ask"), "the macro is declared here").
			WithRelated(lib.at("Macro"), "its kind").
			WithRelated(source.Location{}, "macros are expanded before names are resolved")},
		{"several-marks-on-a-line", diag.Diagnostic{Code: "HX9902", Message: "these do not fit together", Loc: f.at("metadata: {name: writer}")}.
			WithRelated(f.at("writer"), "this is a name").
			WithRelated(f.nth("metadata", 3), "of this")},
		{"labels-below-one-another", diag.Diagnostic{Code: "HX9902", Message: "three at once", Loc: f.at("kind: Pipeline")}.
			WithRelated(f.at("kind"), "a key").
			WithRelated(f.at("Pipeline"), "a value").
			WithRelated(f.at("line"), "a part of it")},
		{"same-place-twice", diag.Diagnostic{Code: "HX9902", Message: "twice", Loc: f.at("triage")}.
			WithRelated(f.at("triage"), "first remark").WithRelated(f.at("triage"), "second remark")},
		{"span-over-lines", diag.Diagnostic{Code: "HX9901", Message: "the template can't be read", Loc: f.at("|\n          Write about\n          {{ analyzer.topic }}")}},
		{"span-over-lines-from-line-start", diag.Diagnostic{Code: "HX9903", Severity: diag.Info, Message: "these two belong together", Loc: f.at("metadata:\n  name: triage\n")}},
		{"span-over-many-lines-with-others", diag.Diagnostic{Code: "HX9903", Message: "the nodes are out of order", Loc: f.span(strings.Index(pipeline, "- kind"), len(pipeline)-1)}.
			WithRelated(f.at("analyzer"), "must come last").
			WithRelated(f.at("spec:\n  nodes:"), "in here")},
		{"wide-characters", diag.Diagnostic{Code: "HX9901", Message: "unknown key", Loc: wide.at("コメント")}},
		{"emoji", diag.Diagnostic{Code: "HX9904", Message: "a mapping can't stand here", Loc: wide.at("x: 1")}},
		{"combining-characters", diag.Diagnostic{Code: "HX9904", Message: "bad", Loc: wide.at("bad")}},
		{"tabs", diag.Diagnostic{Code: "HX9905", Message: "a tab can't indent", Loc: wide.at("\ttab")}.WithRelated(wide.at("after"), "behind a tab")},
		{"control-characters", diag.Diagnostic{Code: "HX9902", Message: "bad \x1b[1mcharacter\nhere", Help: "remove\rit", Loc: nasty.at("bad")}},
		{"part-of-a-long-line", diag.Diagnostic{Code: "HX9901", Message: "found it", Loc: long.at("NEEDLE")}.
			WithRelated(long.at("start"), "from here").WithRelated(long.at("end"), "to here").
			WithFix("replace it", false, diag.Edit{Loc: long.at("NEEDLE"), NewText: "THREAD"})},
		{"end-of-file", diag.Diagnostic{Code: "HX9906", Message: "the list is not closed", Loc: noEnd.span(13, 13)}.
			WithRelated(noEnd.at("["), "opened here").
			WithFix("close the list", true, diag.Edit{Loc: noEnd.span(13, 13), NewText: "]"})},
		{"only-a-line-break", diag.Diagnostic{Code: "HX9906", Message: "the line ends too early", Loc: f.nth("\n", 2)}},
		{"byte-order-mark", diag.Diagnostic{Code: "HX9902", Message: `unknown kind "Pipline"`, Loc: bom.at("Pipline")}},
		{"span-past-the-end", diag.Diagnostic{Code: "HX9902", Message: "a span that is not of this file", Loc: bom.span(900, 1000)}},
		{"fix-adds-and-removes-lines", diag.Diagnostic{Code: "HX9901", Severity: diag.Warning, Message: "old spelling", Loc: f.at("metadata:\n  name: triage\n")}.
			WithFix("move the name", true,
				diag.Edit{Loc: f.at("metadata:\n  name: triage\n")},
				diag.Edit{Loc: f.nth("  nodes:", 1), NewText: "  name: triage\n  nodes:"}).
			WithFix("remove the name", false, diag.Edit{Loc: f.at("  name: triage\n")})},
		{"fix-in-another-file", diag.Diagnostic{Code: "HX9902", Message: "the macro has no parameters", Loc: f.at("analyzer")}.
			WithFix("declare one", false, diag.Edit{Loc: lib.span(len(lib.Text()), len(lib.Text())), NewText: strings.Repeat("- more\n", 12)})},
		{"overlapping-fix-has-no-diff", diag.Diagnostic{Code: "HX9902", Message: "two minds", Loc: f.at("analyzer")}.
			WithFix("do both", false, diag.Edit{Loc: f.at("analyzer"), NewText: "a"}, diag.Edit{Loc: f.at("lyz"), NewText: "b"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(&b, Human, []diag.Diagnostic{c.d}, Options{Width: 100}); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(b.String(), "\x1b\r\u202e\u200b") {
				t.Errorf("a control character got through: %q", b.String())
			}
			golden(t, "human/"+c.name+".txt", b.String())
		})
	}
}

func TestHumanInColor(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, Human, []diag.Diagnostic{unknownNode()}, Options{Color: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "human/color.ansi.txt", b.String())
}

// Codes HX99xx are not in the table, so that the golden files do not change with
// what the table says about a code.

// findings has one finding of each severity, in sorted order.
func findings() []diag.Diagnostic {
	f := newText("b,c: 100%.yaml", "näme: x\nother: y\n")
	info := diag.Diagnostic{Code: "HX9901", Severity: diag.Info, Message: "a <remark> & more, 50%: yes", Help: "do\nthis", Loc: f.at("x")}
	return []diag.Diagnostic{
		{Code: "HX0001", Message: "about no file"},
		info,
		info,
		diag.Diagnostic{Code: "HX9901", Severity: diag.Warning, Message: "over two lines", Loc: f.at("x\nother")}.WithRelated(source.Location{}, "no place"),
		unknownNode(),
	}
}

func TestMachineFormats(t *testing.T) {
	for format, name := range map[Format]string{JSON: "findings.json", JSONL: "findings.jsonl", SARIF: "findings.sarif", GitHub: "findings.github.txt", GitLab: "findings.gitlab.json", JUnit: "findings.junit.xml"} {
		t.Run(string(format), func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(&b, format, findings(), Options{Files: 3, FailOn: diag.Warning, Version: "1.2.3"}); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.String())
			wellFormed(t, format, b.Bytes())
		})
	}
}

// TestNoFindings wants a complete document of each format, never an empty text
// where a reader expects one.
func TestNoFindings(t *testing.T) {
	for _, format := range Formats {
		var b bytes.Buffer
		if err := Write(&b, format, nil, Options{Files: 2}); err != nil {
			t.Fatal(err)
		}
		wellFormed(t, format, b.Bytes())
		switch format {
		case Human, JSONL, GitHub:
			if b.Len() != 0 {
				t.Errorf("%s: %q", format, b.String())
			}
		case JSON:
			if !strings.Contains(b.String(), `"diagnostics": []`) {
				t.Errorf("%s", b.String())
			}
		}
	}
}

func wellFormed(t *testing.T, format Format, text []byte) {
	t.Helper()
	switch format {
	case JSON, SARIF, GitLab:
		if !json.Valid(text) {
			t.Errorf("%s is not JSON:\n%s", format, text)
		}
	case JSONL:
		for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
			if line != "" && !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
	case JUnit:
		var suites struct {
			Suites []struct {
				Cases []struct{} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(text, &suites); err != nil || len(suites.Suites) == 0 || len(suites.Suites[0].Cases) == 0 {
			t.Errorf("no JUnit XML: %v\n%s", err, text)
		}
	}
}

// TestHostileText puts control characters, invalid bytes and commands of CI
// systems where users' text goes.
func TestHostileText(t *testing.T) {
	f := newText("x\n::error::\x1b.yaml", "a: \xff\x1b\n::set-output name=a::b\n")
	ds := []diag.Diagnostic{{Code: "HX9999", Message: "bad \x1b[0m\xff\n::warning::hi ]]>", Help: "\x00", Loc: f.span(0, len(f.Text()))}}
	for _, format := range Formats {
		var b bytes.Buffer
		if err := Write(&b, format, ds, Options{}); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		wellFormed(t, format, b.Bytes())
		if strings.ContainsAny(b.String(), "\x1b\x00") {
			t.Errorf("%s lets control characters through: %q", format, b.String())
		}
		for i, line := range strings.Split(b.String(), "\n") {
			if i > 0 && strings.HasPrefix(line, "::") {
				t.Errorf("%s lets a command through: %q", format, line)
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := Write(new(bytes.Buffer), "xml", nil, Options{}); err == nil {
		t.Error("an unknown format was accepted")
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreReported(t *testing.T) {
	for _, format := range Formats {
		if err := Write(full{}, format, findings(), Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestCounts(t *testing.T) {
	c := Count(findings())
	if got := c.String(); got != "2 errors, 1 warning, 2 infos" {
		t.Error(got)
	}
	if c.Fixable != 1 || c.SafelyFixable != 1 {
		t.Errorf("%+v", c)
	}
	if got := Count(nil).String(); got != "no findings" {
		t.Error(got)
	}
}

// TestManyFindingsOnOneLine would take minutes if each finding walked the line.
func TestManyFindingsOnOneLine(t *testing.T) {
	f := newText("flow.yaml", "["+strings.Repeat("é: x, ", 400_000)+"]")
	var ds []diag.Diagnostic
	for i := 1; i < len(f.Text())-8; i += 700 {
		loc := f.span(i, i+1)
		ds = append(ds, diag.Diagnostic{Code: "HX0001", Message: "x", Loc: loc}.WithFix("y", true, diag.Edit{Loc: loc, NewText: "y"}))
	}
	for _, format := range Formats {
		if err := Write(new(bytes.Buffer), format, ds, Options{}); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzHuman(f *testing.F) {
	f.Add("a: 1\nb: 2\n", 0, 3, 5, 9, 80)
	f.Add("\ufeffé\t日\r\n\r\n", 3, 30, 1, 2, 5)
	f.Fuzz(func(t *testing.T, content string, a, b, c, d, width int) {
		f := newText("f.yaml", content)
		at := func(a, b int) source.Location { return f.span(min(a, b)%64, max(a, b)%64) }
		ds := []diag.Diagnostic{diag.Diagnostic{Code: "HX0001", Message: content, Loc: at(a, b)}.
			WithRelated(at(c, d), "%s", content).WithRelated(at(a, d), "x").
			WithFix("t", true, diag.Edit{Loc: at(b, c), NewText: content})}
		for _, format := range Formats {
			if err := Write(new(bytes.Buffer), format, ds, Options{Width: width % 300}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
