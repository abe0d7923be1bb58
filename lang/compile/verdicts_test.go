package compile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
)

// table is a text of testdata/corpus: lines of a key, white space and what is
// said of it. Each line must be used.
type table struct {
	name   string
	values map[string]string
	unused map[string]bool
}

func readTable(t *testing.T, name string) *table {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "corpus", name))
	if err != nil {
		t.Fatal(err)
	}
	tab := &table{name, map[string]string{}, map[string]bool{}}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(line, " ")
		if _, twice := tab.values[key]; twice || value == "" {
			t.Fatalf("%s: %q is there twice, or says nothing", name, key)
		}
		tab.values[key] = strings.TrimSpace(value)
		tab.unused[key] = true
	}
	return tab
}

// take is what is said of a key, or "".
func (tab *table) take(key string) string {
	delete(tab.unused, key)
	return tab.values[key]
}

func (tab *table) done(t *testing.T) {
	t.Helper()
	for key := range tab.unused {
		t.Errorf("%s: %q is no longer there", tab.name, key)
	}
}

// findings are the errors as text.
func findings(ds []diag.Diagnostic) string {
	var b strings.Builder
	for _, d := range ds {
		if d.Severity == diag.Error {
			fmt.Fprintf(&b, "\t%s %d %s %s\n", filepath.Base(d.Loc.File.Path()), lineOf(d), d.Code, d.Message)
		}
	}
	return b.String()
}

func lineOf(d diag.Diagnostic) int {
	return d.Loc.File.Position(int(d.Loc.Span.Start)).Line
}

// TestRejectedForTheFault holds that a manifest which is rejected is so for the
// fault for which it was written, on its line: faults.txt says which, as line,
// code, and a text that the message has.
func TestRejectedForTheFault(t *testing.T) {
	faults := readTable(t, "faults.txt")
	n := 0
	for _, c := range corpusCases(t) {
		ds, err := checkCase(c)
		if err != nil {
			t.Errorf("%s: %v", c.File, err)
			continue
		}
		fault := faults.take(c.File)
		if !diag.HasErrors(ds) {
			if fault != "" {
				t.Errorf("%s is accepted, but has a fault: %s", c.File, fault)
			}
			continue
		}
		n++
		at, rest, _ := strings.Cut(fault, " ")
		code, subject, _ := strings.Cut(rest, " ")
		line, err := strconv.Atoi(at)
		if err != nil || code == "" {
			t.Errorf("%s has no fault in faults.txt (%q)\n%s", c.File, fault, findings(ds))
			continue
		}
		if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool {
			return d.Severity == diag.Error && filepath.Base(d.Loc.File.Path()) == filepath.Base(c.File) && lineOf(d) == line && string(d.Code) == code && strings.Contains(d.Message, subject)
		}) {
			t.Errorf("%s is not rejected for its fault, %s:\n%s", c.File, fault, findings(ds))
		}
	}
	faults.done(t)
	fmt.Printf("corpus: %d manifests are rejected, each for its fault and on its line\n", n)
}

// TestNoFalseAlarms holds that the warnings of valid manifests are those that
// warnings.txt counts and justifies, by code.
func TestNoFalseAlarms(t *testing.T) {
	justified := readTable(t, "warnings.txt")
	counts, where := map[diag.Code]int{}, map[diag.Code][]string{}
	for _, c := range corpusCases(t) {
		ds, err := checkCase(c)
		if err != nil || c.Expected != "valid" {
			continue
		}
		for _, d := range ds {
			if d.Severity == diag.Warning {
				counts[d.Code]++
				where[d.Code] = append(where[d.Code], fmt.Sprintf("\t%s:%d %s", c.File, lineOf(d), d.Message))
			}
		}
	}
	for code, n := range counts {
		at, _, _ := strings.Cut(justified.take(string(code)), " ")
		if at != strconv.Itoa(n) {
			t.Errorf("%s: %d warnings on valid manifests, warnings.txt justifies %q\n%s", code, n, at, strings.Join(where[code], "\n"))
		}
	}
	justified.done(t)
}
