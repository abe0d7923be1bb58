package render

import (
	"fmt"
	"io"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// writeGitHub writes workflow commands, which GitHub Actions shows beside the
// changed lines. endColumn is exclusive, as elsewhere.
func writeGitHub(w io.Writer, ds []diag.Diagnostic) error {
	l := newLocator()
	var b strings.Builder
	for i := range ds {
		d := &ds[i]
		command := map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "notice"}[d.Severity]
		b.WriteString("::" + command + " ")
		if d.Loc.File != nil {
			start, end := l.span(d.Loc)
			fmt.Fprintf(&b, "file=%s,line=%d,endLine=%d,col=%d,endColumn=%d,",
				githubProperty(d.Loc.File.Path()), start.Line, end.Line, start.Column, end.Column)
		}
		title := string(d.Code)
		if r := rule(d.Code); r != "" {
			title += " " + r
		}
		message := d.Message
		if d.Help != "" {
			message += "\nhelp: " + d.Help
		}
		for _, r := range d.Related {
			if p, ok := l.start(r.Loc); ok {
				message += fmt.Sprintf("\n%s:%d:%d: %s", r.Loc.File.Path(), p.Line, p.Column, r.Message)
			} else {
				message += "\nnote: " + r.Message
			}
		}
		b.WriteString("title=" + githubProperty(title) + "::" + githubData(message) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var (
	githubDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func githubData(s string) string     { return githubDataEscapes.Replace(visible(s)) }
func githubProperty(s string) string { return githubPropertyEscapes.Replace(visible(s)) }
