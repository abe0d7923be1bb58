package render

import (
	"fmt"
	"io"
	"strings"
	"text/template"

	"hexdag.dev/hexdag/lang/diag"
)

// junitSuite collects the cases of one file.
type junitSuite struct {
	name            string
	cases           strings.Builder
	tests, failures int
}

// writeJUnit makes a suite of each file with findings and a case of each
// finding. Findings below Options.FailOn are cases that pass with the finding as
// their output. Without findings there is one case that passes, because readers
// take an empty report for a broken run.
func writeJUnit(w io.Writer, ds []diag.Diagnostic, o Options) error {
	l := newLocator()
	var suites []*junitSuite
	for i := range ds {
		d := &ds[i]
		path, at := "", ""
		line := 0
		if p, ok := l.start(d.Loc); ok {
			path, line = d.Loc.File.Path(), p.Line
			at = fmt.Sprintf("%d:%d", p.Line, p.Column)
		}
		name := path
		if name == "" {
			name = "hexc"
		}
		if n := len(suites); n == 0 || suites[n-1].name != name {
			suites = append(suites, &junitSuite{name: name})
		}
		suites[len(suites)-1].add(d, path, line, at, o.FailOn)
	}
	if len(ds) == 0 {
		s := &junitSuite{name: "hexc", tests: 1}
		fmt.Fprintf(&s.cases, "    <testcase name=\"%s\" classname=\"hexc\"></testcase>\n", Plural(o.Files, "file")+" without findings")
		suites = append(suites, s)
	}

	tests, failures := 0, 0
	for _, s := range suites {
		tests, failures = tests+s.tests, failures+s.failures
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	fmt.Fprintf(&b, "<testsuites name=\"hexc\" tests=\"%d\" failures=\"%d\">\n", tests, failures)
	for _, s := range suites {
		fmt.Fprintf(&b, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\">\n%s  </testsuite>\n", xmlText(s.name), s.tests, s.failures, s.cases.String())
	}
	b.WriteString("</testsuites>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *junitSuite) add(d *diag.Diagnostic, path string, line int, at string, failOn diag.Severity) {
	s.tests++
	title := string(d.Code)
	if r := rule(d.Code); r != "" {
		title += " " + r
	}
	text := d.Message
	attributes := ""
	if path != "" {
		title += " (" + at + ")"
		text = path + ":" + at + ": " + text
		attributes = fmt.Sprintf(" file=\"%s\" line=\"%d\"", xmlText(path), line)
	}
	if d.Help != "" {
		text += "\nhelp: " + d.Help
	}
	fmt.Fprintf(&s.cases, "    <testcase name=\"%s\" classname=\"%s\"%s>\n", xmlText(title), xmlText(s.name), attributes)
	if d.Severity <= failOn {
		s.failures++
		fmt.Fprintf(&s.cases, "      <failure message=\"%s\" type=\"%s\">%s</failure>\n", xmlText(d.Message), d.Severity, xmlText(text))
	} else {
		fmt.Fprintf(&s.cases, "      <system-out>%s</system-out>\n", xmlText(d.Severity.String()+": "+text))
	}
	s.cases.WriteString("    </testcase>\n")
}

// xmlText is s as XML: characters that XML can't hold made visible, the others
// escaped. The entities of HTML's five special characters are XML's too.
func xmlText(s string) string {
	s = template.HTMLEscapeString(visible(s))
	return strings.NewReplacer("\n", "&#xA;", "\t", "&#x9;", "\uffff", "\ufffd", "\ufffe", "\ufffd").Replace(s)
}
