package render

import (
	"encoding/xml"
	"fmt"
	"io"

	"hexdag.dev/hexdag/lang/diag"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Failure   *junitFailure `xml:"failure"`
		Out       string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit makes a suite of each file with findings and a case of each
// finding. Findings below Options.FailOn are cases that pass with the finding as
// their output. Without findings there is one case that passes, because readers
// take an empty report for a broken run.
func writeJUnit(w io.Writer, ds []diag.Diagnostic, o Options) error {
	l := newLocator()
	out := junitSuites{Name: "hexc"}
	for i := range ds {
		d := &ds[i]
		path := ""
		line, column := 0, 0
		if p, ok := l.start(d.Loc); ok {
			path, line, column = d.Loc.File.Path(), p.Line, p.Column
		}
		name := visible(path)
		if name == "" {
			name = "hexc"
		}
		if n := len(out.Suites); n == 0 || out.Suites[n-1].Name != name {
			out.Suites = append(out.Suites, junitSuite{Name: name})
		}
		s := &out.Suites[len(out.Suites)-1]
		c := junitCase{Name: string(d.Code), ClassName: name, File: visible(path), Line: line}
		if r := rule(d.Code); r != "" {
			c.Name += " " + r
		}
		text := visible(d.Message)
		if path != "" {
			c.Name += fmt.Sprintf(" (%d:%d)", line, column)
			text = fmt.Sprintf("%s:%d:%d: %s", name, line, column, text)
		}
		if d.Help != "" {
			text += "\nhelp: " + visible(d.Help)
		}
		if d.Severity <= o.FailOn {
			c.Failure = &junitFailure{Message: visible(d.Message), Type: d.Severity.String(), Text: text}
			s.Failures++
			out.Failures++
		} else {
			c.Out = d.Severity.String() + ": " + text
		}
		s.Cases = append(s.Cases, c)
		s.Tests++
		out.Tests++
	}
	if len(ds) == 0 {
		out.Suites = []junitSuite{{Name: "hexc", Tests: 1, Cases: []junitCase{{Name: Plural(o.Files, "file") + " without findings", ClassName: "hexc"}}}}
		out.Tests = 1
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}
