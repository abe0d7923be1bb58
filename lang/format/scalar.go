package format

import (
	"strings"

	"hexdag.dev/hexdag/lang/syntax"
)

// scalar is the text of a scalar or alias, line by line. The lines after the
// first have no indentation yet.
func (p *printer) scalar(n *syntax.Node) []string {
	text := p.src[n.Span.Start:n.Span.End]
	if !strings.ContainsAny(text, "\r\n") {
		return []string{requote(n.Style, text)}
	}
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	for i, l := range lines {
		if i > 0 {
			l = strings.TrimLeft(l, " \t")
		}
		if i < len(lines)-1 {
			l = trimLineEnd(l, n.Style)
		}
		lines[i] = l
	}
	return lines
}

// trimLineEnd removes the blanks at the end of a line inside a scalar, which are
// not part of its value, unless a backslash makes the first of them one.
func trimLineEnd(l string, style syntax.Style) string {
	trimmed := strings.TrimRight(l, " \t")
	if style != syntax.DoubleQuoted || len(trimmed) == len(l) {
		return trimmed
	}
	slashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if slashes%2 == 1 {
		return l[:len(trimmed)+1]
	}
	return trimmed
}

// requote changes the quotes of a scalar on one line where that removes escapes.
func requote(style syntax.Style, text string) string {
	switch style {
	case syntax.SingleQuoted:
		inner := text[1 : len(text)-1]
		if strings.Contains(inner, "''") && !strings.ContainsAny(inner, `"\`) {
			return `"` + strings.ReplaceAll(inner, "''", "'") + `"`
		}
	case syntax.DoubleQuoted:
		inner := text[1 : len(text)-1]
		if !strings.Contains(inner, `\"`) || strings.Contains(inner, "'") {
			return text
		}
		if bare := strings.ReplaceAll(inner, `\"`, `"`); !strings.Contains(bare, `\`) {
			return "'" + bare + "'"
		}
	}
	return text
}

// blockScalar prints a literal or folded scalar of a collection at column k
// behind its indicator. Its text keeps every byte; only the indentation before
// it changes.
func (p *printer) blockScalar(n *syntax.Node, k, limit int) {
	start, end := int(n.Span.Start), int(n.Span.End)
	header := start + 1
	chomp, digit := "", ""
	for ; header < end; header++ {
		switch c := p.src[header]; {
		case c == '+' || c == '-':
			chomp = string(c)
			continue
		case c >= '1' && c <= '9':
			digit = string(c)
			continue
		}
		break
	}
	body := p.afterLine(header)
	indent, hasText := p.textIndent(n)
	to := end
	if chomp == "+" || !hasText {
		to = p.afterBlankLines(max(end, body))
		if chomp != "+" {
			to = max(end, min(body, to))
		}
	}
	var lines []string
	for at := body; at < to; at = p.afterLine(at) {
		stop := p.lineEnd(at)
		l := p.src[at:stop]
		if !hasText {
			l = "" // blanks up to the indentation, whatever that is
		}
		blanks := len(l) - len(strings.TrimLeft(l, " "))
		lines = append(lines, l[min(blanks, indent):])
	}
	if end == len(p.src) && hasText && chomp != "-" {
		// Without a line break at the end of the file, none is in the value. The
		// file gets one, so the value must be told not to.
		chomp = "-"
	}

	inside := k + step
	if k < 0 {
		// The value of a document: its text may stand at any column.
		inside = indent
		if digit == "" && hasText && needsDigit(lines) {
			digit = string(rune('0' + max(indent, 1)))
		}
	} else if digit != "" || needsDigit(lines) {
		digit = string(rune('0' + step))
	}
	p.write(string(p.src[start]) + digit + chomp)
	p.trailing(header, max(body, header))
	for _, l := range lines {
		if l != "" {
			l = strings.Repeat(" ", inside) + l
		}
		p.raw(l)
	}
	if chomp == "+" {
		p.noBlank = true
	}
	p.trailing(end, limit)
}

// needsDigit reports whether the text's first line begins with a blank, so that
// its indentation can't be detected.
func needsDigit(lines []string) bool {
	for _, l := range lines {
		if l != "" {
			return l[0] == ' '
		}
	}
	return false
}

// textIndent is the number of columns before the text of a block scalar;
// hasText is false if it has only blank lines.
func (p *printer) textIndent(n *syntax.Node) (indent int, hasText bool) {
	m := p.tree.TextMap(n)
	for i, s := range m.Segments {
		length := m.TextEnd - s.Text
		if i+1 < len(m.Segments) {
			length = m.Segments[i+1].Text - s.Text
		}
		for at := int(s.File); s.Exact && at < int(s.File+length); at++ {
			if p.src[at] != '\n' && p.src[at] != '\r' {
				return p.column(at), true
			}
		}
	}
	return 0, false
}

// lineEnd is the offset of the line break, or the end of the file, from at on.
func (p *printer) lineEnd(at int) int {
	if i := strings.IndexAny(p.src[at:], "\r\n"); i >= 0 {
		return at + i
	}
	return len(p.src)
}

// afterLine is the start of the next line, or the end of the file.
func (p *printer) afterLine(at int) int {
	end := p.lineEnd(at)
	if end < len(p.src) {
		if strings.HasPrefix(p.src[end:], "\r\n") {
			return end + 2
		}
		return end + 1
	}
	return end
}

// afterBlankLines skips lines without text from the end of a line on.
func (p *printer) afterBlankLines(at int) int {
	if at > 0 && at < len(p.src) && p.src[at-1] != '\n' && p.src[at-1] != '\r' {
		at = p.afterLine(at)
	}
	for at < len(p.src) {
		end := p.lineEnd(at)
		if strings.Trim(p.src[at:end], " ") != "" || end == len(p.src) {
			break
		}
		at = p.afterLine(at)
	}
	return at
}
