package render

import (
	"bytes"
	"encoding/json"
	"io"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// The JSON form is a contract with users' scripts: fields are added, never
// renamed. docs/schemas/findings.schema.json describes it.
type (
	jsonReport struct {
		Version     int         `json:"version"`
		Diagnostics any         `json:"diagnostics"`
		Summary     jsonSummary `json:"summary"`
	}
	jsonFinding struct {
		Code     string        `json:"code"`
		Rule     string        `json:"rule"`
		Severity string        `json:"severity"`
		Message  string        `json:"message"`
		Help     string        `json:"help"`
		File     string        `json:"file"`
		Range    jsonRange     `json:"range"`
		Related  []jsonRelated `json:"related"`
		Fixes    []jsonFix     `json:"fixes"`
	}
	jsonRelated struct {
		Message string    `json:"message"`
		File    string    `json:"file"`
		Range   jsonRange `json:"range"`
	}
	jsonFix struct {
		Title string     `json:"title"`
		Safe  bool       `json:"safe"`
		Edits []jsonEdit `json:"edits"`
	}
	jsonEdit struct {
		File    string    `json:"file"`
		Range   jsonRange `json:"range"`
		NewText string    `json:"new_text"`
	}
	jsonRange struct {
		Start jsonPosition `json:"start"`
		End   jsonPosition `json:"end"`
	}
	jsonPosition struct {
		Line   int `json:"line"`
		Column int `json:"column"`
		Offset int `json:"offset"`
	}
	jsonSummary struct {
		Files    int `json:"files"`
		Errors   int `json:"errors"`
		Warnings int `json:"warnings"`
		Infos    int `json:"infos"`
	}
)

func writeJSON(w io.Writer, ds []diag.Diagnostic, o Options) error {
	c := Count(ds)
	report := jsonReport{
		Version:     1,
		Diagnostics: Findings(ds),
		Summary:     jsonSummary{o.Files, c.Errors, c.Warnings, c.Infos},
	}
	return encodeJSON(w, report, "  ")
}

// Findings is what the JSON form has as "diagnostics", for documents that hold
// findings beside something else.
func Findings(ds []diag.Diagnostic) any {
	out := make([]jsonFinding, 0, len(ds))
	l := newLocator()
	for i := range ds {
		out = append(out, l.finding(&ds[i]))
	}
	return out
}

// writeJSONL writes one finding a line, without a summary.
func writeJSONL(w io.Writer, ds []diag.Diagnostic) error {
	l := newLocator()
	for i := range ds {
		if err := encodeJSON(w, l.finding(&ds[i]), ""); err != nil {
			return err
		}
	}
	return nil
}

// encodeJSON writes v with `<`, `>` and `&` as they are. It is written in one
// piece, so that a reader never sees half of a document of which the encoding
// failed.
func encodeJSON(w io.Writer, v any, indent string) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func (l *locator) finding(d *diag.Diagnostic) jsonFinding {
	out := jsonFinding{
		Code:     string(d.Code),
		Rule:     rule(d.Code),
		Severity: d.Severity.String(),
		Message:  d.Message,
		Help:     d.Help,
		Related:  make([]jsonRelated, 0, len(d.Related)),
		Fixes:    make([]jsonFix, 0, len(d.Fixes)),
	}
	out.File, out.Range = l.jsonPlace(d.Loc)
	for _, r := range d.Related {
		jr := jsonRelated{Message: r.Message}
		jr.File, jr.Range = l.jsonPlace(r.Loc)
		out.Related = append(out.Related, jr)
	}
	for _, f := range d.Fixes {
		jf := jsonFix{Title: f.Title, Safe: f.Safe, Edits: make([]jsonEdit, 0, len(f.Edits))}
		for _, e := range f.Edits {
			je := jsonEdit{NewText: e.NewText}
			je.File, je.Range = l.jsonPlace(e.Loc)
			jf.Edits = append(jf.Edits, je)
		}
		out.Fixes = append(out.Fixes, jf)
	}
	return out
}

// jsonPlace is a file and a range. A finding about no file has the file "" and
// the range of a text's very start, so that every finding has the same shape.
func (l *locator) jsonPlace(loc source.Location) (string, jsonRange) {
	if loc.File == nil {
		p := jsonPosition{1, 1, 0}
		return "", jsonRange{p, p}
	}
	start, end := l.span(loc)
	return loc.File.Path(), jsonRange{jsonPosition(start), jsonPosition(end)}
}
