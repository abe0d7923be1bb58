package render

import (
	"fmt"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/format/edit"
	"hexdag.dev/hexdag/lang/source"
)

// maxDiffText is how much text of a file a shown change may span, in bytes. It
// keeps reports linear for files that are one long line.
const maxDiffText = 64 << 10

// maxDiffLines is how many removed and how many added lines of one change are
// shown.
const maxDiffLines = 8

// fileDiff is what a fix does to one file.
type fileDiff struct {
	file  *source.File
	hunks []hunk
}

// hunk is one run of changed lines; line is the 0-based line of the first.
type hunk struct {
	line          int
	before, after []string
	focus         int // byte offset in the first line where the change starts
}

// diffOf works out what a fix does, line by line. A fix whose edits can't be
// made, or that spans too much text, has no diff.
func diffOf(f diag.Fix) []fileDiff {
	var files []*source.File
	byFile := map[*source.File][]diag.Edit{}
	for _, e := range f.Edits {
		if e.Loc.File == nil || e.Loc.Span.Start < 0 || e.Loc.Span.End < e.Loc.Span.Start || int(e.Loc.Span.End) > len(e.Loc.File.Content()) {
			return nil
		}
		if byFile[e.Loc.File] == nil {
			files = append(files, e.Loc.File)
		}
		byFile[e.Loc.File] = append(byFile[e.Loc.File], e)
	}
	var out []fileDiff
	for _, file := range files {
		edits := byFile[file]
		slices.SortStableFunc(edits, func(a, b diag.Edit) int { return int(a.Loc.Span.Start) - int(b.Loc.Span.Start) })
		d := fileDiff{file: file}
		for i := 0; i < len(edits); {
			first, last := file.Line(int(edits[i].Loc.Span.Start)), file.Line(int(edits[i].Loc.Span.End))
			j := i + 1
			for j < len(edits) && file.Line(int(edits[j].Loc.Span.Start)) <= last {
				last = max(last, file.Line(int(edits[j].Loc.Span.End)))
				j++
			}
			if h, ok := hunkOf(file, edits[i:j], first, last); ok {
				d.hunks = append(d.hunks, h)
			}
			i = j
		}
		if len(d.hunks) > 0 {
			out = append(out, d)
		}
	}
	return out
}

func hunkOf(file *source.File, edits []diag.Edit, first, last int) (hunk, bool) {
	start, end := file.LineSpan(first).Start, file.LineSpan(last).End
	// An edit may reach into the line break behind the last line.
	for _, e := range edits {
		end = max(end, e.Loc.Span.End)
	}
	if end-start > maxDiffText {
		return hunk{}, false
	}
	local := slices.Clone(edits)
	for i := range local {
		local[i].Loc.Span = local[i].Loc.Span.Shift(-int(start))
	}
	old := file.Content()[start:end]
	changed, err := edit.Apply(old, local)
	if err != nil {
		return hunk{}, false
	}
	h := hunk{line: first, before: splitLines(string(old)), after: splitLines(string(changed))}
	for len(h.before) > 0 && len(h.after) > 0 && h.before[0] == h.after[0] {
		h.before, h.after = h.before[1:], h.after[1:]
		h.line++
	}
	for len(h.before) > 0 && len(h.after) > 0 && h.before[len(h.before)-1] == h.after[len(h.after)-1] {
		h.before, h.after = h.before[:len(h.before)-1], h.after[:len(h.after)-1]
	}
	if len(h.before) > 0 && len(h.after) > 0 {
		a, b := h.before[0], h.after[0]
		for h.focus < len(a) && h.focus < len(b) && a[h.focus] == b[h.focus] {
			h.focus++
		}
	}
	return h, len(h.before)+len(h.after) > 0
}

// splitLines splits at LF, CRLF and CR as source.File does.
func splitLines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.Split(s, "\n")
}

func (d *fileDiff) lastLine() int {
	n := 0
	for _, h := range d.hunks {
		n = max(n, h.line+min(maxDiffLines, max(len(h.before), len(h.after))))
	}
	return n
}

func (d *fileDiff) write(p *painter, gutter, width int) {
	p.add(blue, strings.Repeat(" ", gutter+1)+"|")
	p.line()
	for i, h := range d.hunks {
		if i > 0 {
			p.add(blue, "...")
			p.line()
		}
		side := func(sign string, s style, lines []string) {
			for n, text := range lines {
				if n == maxDiffLines {
					p.add(blue, strings.Repeat(" ", gutter+1))
					p.add(s, fmt.Sprintf("%s (%s)", sign, Plural(len(lines)-n, "more line")))
					p.line()
					return
				}
				focus := 0
				if n == 0 {
					focus = h.focus
				}
				p.add(blue, fmt.Sprintf("%*d ", gutter, h.line+n+1))
				p.add(s, sign+" "+layout(text, 0, focus, width).text)
				p.line()
			}
		}
		side("-", red, h.before)
		side("+", green, h.after)
	}
}
