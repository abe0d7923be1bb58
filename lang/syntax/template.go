package syntax

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// An unquoted value that starts with `{{ x }}` is, to YAML, a mapping whose key
// is a mapping; nobody means that. templateAhead tells it from a real flow
// mapping by what it looks like on its line:
//
//   - `{%` is never YAML, since `%` can't start a plain scalar;
//   - `{{ … }}` is a template if what stands between the braces is not empty and
//     has no `: ` outside of quotes and inner brackets, since that would be
//     a pair of the inner mapping;
//   - `{{` with nothing that closes it on the line is a half-typed template if
//     a name or path follows and nothing else.
//
// So `{{a: 1}: 2}` and `{{a: 1}}` stay flow mappings.
//
// A template becomes a plain scalar with the text up to the end of the line, so
// that later phases see what was meant, and one diagnostic whose fix quotes it.

// template is the extent of an unquoted template on its line.
type template struct {
	end  int  // of the text
	key  bool // a colon follows, so it is a key
	open bool // it is not closed on its line
	flow bool // it stands inside brackets
}

// templateAhead looks for a template at i in block context; keys says whether a
// key may stand here.
func (p *parser) templateAhead(i int, keys bool) (template, bool) {
	closeAt, ok := p.templateClose(i)
	if !ok {
		return template{}, false
	}
	line := p.textEnd(i)
	if closeAt < 0 {
		return template{end: line, open: true}, true
	}
	if keys {
		// `{{ name }}: value` and `{{ name }}_suffix: value` are keys.
		for j := closeAt; j < line; {
			if strings.HasPrefix(p.src[j:line], "{{") {
				if k := strings.Index(p.src[j:line], "}}"); k > 0 {
					j += k + 2
					continue
				}
			}
			if p.colon(j) {
				return template{end: j, key: true}, true
			}
			if isSpace(p.src[j]) {
				break
			}
			j++
		}
	}
	return template{end: line}, true
}

// flowTemplateAhead looks for a template at i inside brackets: it goes to the
// comma or bracket behind it.
func (p *parser) flowTemplateAhead(i int) (template, bool) {
	closeAt, ok := p.templateClose(i)
	if !ok || closeAt < 0 {
		return template{}, false
	}
	end := closeAt
	for {
		e, stop := p.plainLine(end, true)
		end = e
		if stop == '{' && strings.HasPrefix(p.src[end:], "{{") {
			if k, ok := p.templateClose(end); ok && k > 0 {
				end = k
				continue
			}
		}
		return template{end: end, flow: true}, true
	}
}

// templateClose reports whether a template starts at i, and returns the offset
// behind its `}}`, or -1 if the line ends before.
func (p *parser) templateClose(i int) (end int, ok bool) {
	src := p.src
	if i+2 >= len(src) || src[i] != '{' || src[i+1] != '{' && src[i+1] != '%' {
		return 0, false
	}
	const most = 64 << 10 // a lookahead per brace must not make parsing quadratic
	body := src[i+2 : min(len(src), i+2+most)]
	if src[i+1] == '%' {
		k := strings.Index(body, "%}")
		if k < 0 || strings.ContainsAny(body[:k], "\r\n") {
			return -1, true
		}
		return i + 2 + k + 2, true
	}
	depth := 0
	j := 0
	for ; j < len(body) && !isNewline(body[j]); j++ {
		switch c := body[j]; c {
		case '"', '\'':
			k := strings.IndexByte(body[j+1:], c)
			if k < 0 || strings.ContainsAny(body[j+1:j+1+k], "\r\n") {
				continue // an apostrophe
			}
			j += k + 1
		case '{', '[', '(':
			if depth++; depth > 50 {
				return 0, false // no expression nests like that
			}
		case ']', ')':
			depth--
		case '}':
			if depth <= 0 {
				if j+1 < len(body) && body[j+1] == '}' {
					return i + 2 + j + 2, strings.TrimSpace(body[:j]) != ""
				}
				return 0, false
			}
			depth--
		case ':':
			if depth <= 0 && (j+1 == len(body) || isSpace(body[j+1]) || isNewline(body[j+1])) {
				return 0, false
			}
		}
	}
	text := strings.TrimSpace(body[:j])
	return -1, text != "" && isPath(text)
}

// isPath reports whether s looks like `name` or `name.field`, perhaps with
// filters behind it.
func isPath(s string) bool {
	head, _, _ := strings.Cut(s, "|")
	head = strings.TrimSpace(head)
	return isWord(strings.TrimPrefix(head, "$"))
}

// templateScalar makes the scalar of the template t at pos and reports it.
func (p *parser) templateScalar(n int, t template, pr *properties) *Node {
	start := p.pos
	text := plainText{start: start, end: t.end, line: p.line}
	if !t.key && !t.flow {
		text = p.plainLines(n, t.end, p.lineStop(t.end), false, true)
	}
	if p.quiet() {
		return p.plain(text, pr)
	}
	what, fix := "value", "quote the value"
	if t.key {
		what, fix = "key", "quote the key"
	}
	d := diag.New(diag.UnquotedTemplate, p.at(start, text.end), "an unquoted %s can't start with `%s`: YAML reads a mapping", what, p.src[start:start+2])
	if t.open {
		d = d.WithHelp("close it and quote the whole %s", what)
	} else {
		d = d.WithHelp("quote the whole %s", what).WithFix(fix, true, p.edit(start, text.end, quoteRaw(p.src[start:text.end])))
	}
	p.report(d)
	return p.plain(text, pr)
}

// quoteRaw puts quotes around text that may have several lines: they fold
// inside quotes as they do without.
func quoteRaw(text string) string {
	if !strings.ContainsAny(text, "\r\n") {
		return Quote(text)
	}
	if !strings.ContainsAny(text, `"\`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
