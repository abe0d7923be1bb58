package diag

import (
	"fmt"

	"hexdag.dev/hexdag/lang/source"
)

// New makes a finding with the severity that the Table gives its code. It
// panics for a code that the Table does not have: that is a bug of ours, and a
// test makes every one.
func New(code Code, loc source.Location, format string, args ...any) Diagnostic {
	info, ok := Lookup(code)
	if !ok {
		panic("diag: code " + string(code) + " is not in the table")
	}
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	return Diagnostic{Code: code, Severity: info.Severity, Message: message, Loc: loc}
}

// WithHelp returns d with a way out.
func (d Diagnostic) WithHelp(format string, args ...any) Diagnostic {
	d.Help = fmt.Sprintf(format, args...)
	return d
}

// WithRelated returns d with one more related place.
func (d Diagnostic) WithRelated(loc source.Location, format string, args ...any) Diagnostic {
	d.Related = append(d.Related[:len(d.Related):len(d.Related)], Related{loc, fmt.Sprintf(format, args...)})
	return d
}

// WithFix returns d with one more fix.
func (d Diagnostic) WithFix(title string, safe bool, edits ...Edit) Diagnostic {
	d.Fixes = append(d.Fixes[:len(d.Fixes):len(d.Fixes)], Fix{title, safe, edits})
	return d
}

// As returns d with another severity.
func (d Diagnostic) As(s Severity) Diagnostic {
	d.Severity = s
	return d
}
