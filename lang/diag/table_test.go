package diag

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/source"
)

var (
	codeForm = regexp.MustCompile(`^HX\d{4}$`)
	ruleForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

func TestEveryEntryIsComplete(t *testing.T) {
	rules := map[string]Code{}
	last := Code("")
	for _, e := range Entries() {
		fail := func(what string) { t.Errorf("%s %s: %s", e.Code, e.Rule, what) }
		if !codeForm.MatchString(string(e.Code)) || Band(e.Code) == "" {
			fail("the code is of no band")
		}
		if e.Code == last {
			fail("the code stands twice")
		}
		last = e.Code
		if !ruleForm.MatchString(e.Rule) {
			fail("the rule is not in kebab case")
		}
		if other, dup := rules[e.Rule]; dup {
			fail("the rule is that of " + string(other))
		}
		rules[e.Rule] = e.Code
		if e.Summary == "" || strings.Contains(e.Summary, "\n") || strings.HasSuffix(e.Summary, ".") {
			fail("the summary is not one line without a full stop")
		}
		if len(strings.TrimSpace(e.Detail)) < 20 {
			fail("the detail explains nothing")
		}
		switch {
		case e.NoExample == "" && (e.Bad == "" || e.Good == ""):
			fail("an example is missing, and NoExample does not say why")
		case e.NoExample != "" && (e.Bad != "" || e.Good != ""):
			fail("it has an example and says that there is none")
		case e.Bad != "" && e.Bad == e.Good:
			fail("both examples are the same")
		}
		for _, example := range []string{e.Bad, e.Good} {
			if strings.Contains(example, "```") {
				fail("an example holds a fence of Markdown")
			}
		}
	}
}

// TestEveryBandIsInTheTable finds a file of codes that table leaves out.
func TestEveryBandIsInTheTable(t *testing.T) {
	paths, err := filepath.Glob("codes_*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files of codes", err)
	}
	for _, path := range paths {
		if band := "HX" + path[len("codes_"):][:2]; !slices.ContainsFunc(Entries(), func(e Entry) bool { return strings.HasPrefix(string(e.Code), band) }) {
			t.Errorf("%s is not in the table", path)
		}
	}
}

func TestReferenceIsUpToDate(t *testing.T) {
	got, err := os.ReadFile("../../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Reference() {
		t.Error("docs/diagnostics.md is out of date: run `make generate`")
	}
}

func TestExplain(t *testing.T) {
	for _, name := range []string{"HX0001", "hx0001", "internal-error", "Internal-Error"} {
		if text, ok := Explain(name); !ok || !strings.HasPrefix(text, "## HX0001 internal-error\n") {
			t.Errorf("%s: %q", name, text)
		}
	}
	if _, ok := Explain("HX9999"); ok {
		t.Error("a code that does not exist is explained")
	}
}

func TestEntryAsTextAndMarkdown(t *testing.T) {
	e := Entry{Code: "HX0999", Rule: "a-rule", Severity: Warning, Summary: "it is bad", Detail: "\nBecause.\n", Bad: "a: 1\n\nb: 2\n", Good: "a: 2\n"}
	wantText := "HX0999 a-rule (warning)\n\nit is bad.\n\nBecause.\n\nHas the fault:\n\n    a: 1\n\n    b: 2\n\nMended:\n\n    a: 2\n"
	if got := e.Text(); got != wantText {
		t.Errorf("%q", got)
	}
	wantMarkdown := "## HX0999 a-rule\n\n**warning**: it is bad.\n\nBecause.\n\nHas the fault:\n\n```yaml\na: 1\n\nb: 2\n```\n\nMended:\n\n```yaml\na: 2\n```\n"
	if got := e.Markdown(); got != wantMarkdown {
		t.Errorf("%q", got)
	}
}

func TestSort(t *testing.T) {
	a, b := source.NewFile("a", make([]byte, 9)), source.NewFile("b", make([]byte, 9))
	at := func(f *source.File, start, end int32) source.Location {
		return source.Location{File: f, Span: source.Span{Start: start, End: end}}
	}
	want := []Diagnostic{
		{Code: "HX0002", Message: "no file"},
		{Code: "HX0009", Loc: at(a, 1, 2)},
		{Code: "HX0001", Loc: at(a, 3, 4)},
		{Code: "HX0001", Loc: at(a, 3, 5), Message: "x"},
		{Code: "HX0001", Loc: at(a, 3, 5), Message: "y"},
		{Code: "HX0002", Loc: at(a, 3, 5)},
		{Code: "HX0001", Loc: at(b, 0, 1)},
	}
	got := []Diagnostic{want[6], want[5], want[4], want[3], want[2], want[1], want[0]}
	Sort(got)
	for i := range want {
		if got[i].Code != want[i].Code || got[i].Loc != want[i].Loc || got[i].Message != want[i].Message {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
}

func TestBuilders(t *testing.T) {
	d := New(Internal, source.Location{}, "x").As(Info).WithHelp("%d", 1)
	if d.Severity != Info || d.Help != "1" {
		t.Errorf("%+v", d)
	}
}

// TestBuildersDoNotShare wants a finding that two others are made from to stay
// as it is.
func TestBuildersDoNotShare(t *testing.T) {
	base := New(Internal, source.Location{}, "x").WithRelated(source.Location{}, "1").WithRelated(source.Location{}, "2").WithRelated(source.Location{}, "3")
	a, b := base.WithRelated(source.Location{}, "a"), base.WithRelated(source.Location{}, "b")
	if a.Related[3].Message != "a" || b.Related[3].Message != "b" || len(base.Related) != 3 {
		t.Error("findings share their related places")
	}
}
