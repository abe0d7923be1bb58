package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// defaultWidth is how many columns source text may take where no terminal says
// otherwise.
const defaultWidth = 140

// writeHuman writes each finding as
//
//	error[HX0301]: unknown node "analzer"
//	  --> a.yaml:12:21
//	   |
//	 4 |   name: analyzer
//	   |         -------- "analyzer" is declared here
//	...
//	12 |     dependencies: [analzer]
//	   |                    ^^^^^^^
//	   = help: did you mean "analyzer"?
//	   = fix: replace with "analyzer"
//	   |
//	12 -     dependencies: [analzer]
//	12 +     dependencies: [analyzer]
//
// and an empty line after each.
func writeHuman(w io.Writer, ds []diag.Diagnostic, o Options) error {
	width := o.Width
	if width <= 0 {
		width = defaultWidth
	}
	p := &painter{color: o.Color}
	severities := map[diag.Severity]style{diag.Error: severe, diag.Warning: warned, diag.Info: noted}
	l := newLocator()
	for i := range ds {
		p.severe = severities[ds[i].Severity]
		writeFinding(p, l, &ds[i], width)
		if p.out.Len() > 1<<16 {
			if _, err := io.WriteString(w, p.out.String()); err != nil {
				return err
			}
			p.out.Reset()
		}
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// section is the excerpt of one file in a finding.
type section struct {
	at source.Location
	snippet
}

func writeFinding(p *painter, l *locator, d *diag.Diagnostic, width int) {
	p.header(p.severe, d.Severity.String(), string(d.Code), d.Message)

	sections, notes := sectionsOf(d)
	var diffs []fileDiff
	if len(d.Fixes) > 0 {
		diffs = diffOf(d.Fixes[0])
	}
	last := 1
	for i := range sections {
		last = max(last, sections[i].lastLine())
	}
	for _, f := range diffs {
		last = max(last, f.lastLine())
	}
	gutter := len(strconv.Itoa(last))
	width = max(20, width-gutter-3)

	for i, s := range sections {
		arrow := "--> "
		if i > 0 {
			arrow = "::: "
		}
		pos := l.position(s.at.File, int(s.at.Span.Start))
		p.add(blue, strings.Repeat(" ", gutter)+arrow)
		p.add(plain, fmt.Sprintf("%s:%d:%d", oneLine(s.at.File.Path()), pos.Line, pos.Column))
		p.line()
		s.write(p, gutter, width)
	}
	remark := func(kind, text string) {
		p.add(blue, strings.Repeat(" ", gutter+1)+"= ")
		p.add(bold, kind)
		p.add(plain, ": "+oneLine(text))
		p.line()
	}
	for _, text := range notes {
		remark("note", text)
	}
	if d.Help != "" {
		remark("help", d.Help)
	}
	for i, f := range d.Fixes {
		kind := "fix"
		if !f.Safe {
			kind = "fix (needs your judgement)"
		}
		remark(kind, f.Title)
		if i == 0 {
			for _, file := range diffs {
				if d.Loc.File != file.file {
					p.add(blue, strings.Repeat(" ", gutter)+"::: ")
					p.add(plain, oneLine(file.file.Path()))
					p.line()
				}
				file.write(p, gutter, width)
			}
		}
	}
	p.line()
}

// sectionsOf groups the places of a finding by file, the primary one's first,
// and gives the remarks that have no place.
func sectionsOf(d *diag.Diagnostic) (sections []section, notes []string) {
	var order []*source.File
	marks := map[*source.File][]mark{}
	first := map[*source.File]source.Location{}
	add := func(loc source.Location, m mark) {
		if _, known := first[loc.File]; !known {
			first[loc.File] = loc
			order = append(order, loc.File)
		}
		m.span = loc.Span
		marks[loc.File] = append(marks[loc.File], m)
	}
	if d.Loc.File != nil {
		add(d.Loc, mark{primary: true})
	}
	for _, r := range d.Related {
		if r.Loc.File == nil {
			notes = append(notes, r.Message)
			continue
		}
		add(r.Loc, mark{label: r.Message})
	}
	for _, f := range order {
		sections = append(sections, section{first[f], newSnippet(f, marks[f])})
	}
	return sections, notes
}
