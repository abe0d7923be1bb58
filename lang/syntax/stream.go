package syntax

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// stream parses the documents of the file.
func (p *parser) stream() {
	if strings.HasPrefix(p.src, bom) {
		p.pos, p.line = len(bom), len(bom)
	}
	p.skip()
	p.measure()
	closed := true // the last document, if any, was ended by `...`
	for p.pos < len(p.src) && !p.stopped {
		p.doc = &Document{Span: span(p.pos, p.pos)}
		p.anchors, p.openAnchors, p.defined = nil, nil, p.defined[:0]
		directives := closed && p.directives()
		if p.pos >= len(p.src) {
			if directives {
				p.noDocument(p.doc)
			}
			break
		}
		if p.pos == p.line && strings.HasPrefix(p.src[p.pos:], "...") && p.marker(p.pos) {
			if directives {
				p.noDocument(p.doc)
			}
			// A document end without a document is nothing.
			p.documentEnd()
			closed = true
			continue
		}
		if p.pos == p.line && p.marker(p.pos) {
			p.doc.Start = span(p.pos, p.pos+3)
			p.pos += 3
			p.first = -1
		} else if directives {
			p.noDocument(p.doc)
		}
		p.tree.Docs = append(p.tree.Docs, p.doc)
		closed = p.document()
	}
	if n := len(p.tree.Docs); n > 0 && p.tree.Docs[n-1].End.Len() == 0 {
		p.tree.Docs[n-1].Span.End = int32(len(p.src))
	}
}

// document parses the content of p.doc and what ends it; it reports whether
// that was a `...`.
func (p *parser) document() (closed bool) {
	for p.skip(); !p.ended(); p.skip() {
		switch {
		case p.doc.Root == nil:
			p.doc.Root = p.content(-1, 0)
		case !p.fresh():
			p.trailing(p.doc.Root)
		default:
			p.secondRoot()
		}
	}
	if p.pos < len(p.src) && !p.stopped && p.src[p.pos] == '.' {
		p.doc.End = span(p.pos, p.pos+3)
		p.doc.Span.End = int32(p.pos)
		p.documentEnd()
		return true
	}
	p.doc.Span.End = int32(p.pos)
	return false
}

// secondRoot handles content behind the root node. A block collection there is
// more likely the document than the text before it.
func (p *parser) secondRoot() {
	start, end := p.pos, p.textEnd(p.pos)
	root := p.doc.Root
	collection := p.structural(start) && root.Style != Block
	p.report(diag.New(diag.UnexpectedText, p.at(start, end), "unexpected %s: the document's value is complete above", describe(p.src[start:end])).
		WithRelated(p.at(int(root.Span.Start), int(root.Span.Start)+min(1, root.Span.Len())), "the document's value").
		WithHelp("a document holds one value; put `---` between documents"))
	if collection {
		p.doc.Root = p.content(-1, 0)
		p.doc.Root.Broken = true
		return
	}
	root.Broken = true
	for !p.ended() && !(root.Style != Block && p.fresh() && p.structural(p.pos)) {
		p.pos = max(p.textEnd(p.pos), p.pos+1)
		p.skip()
	}
}

// documentEnd reads the `...` at pos and the rest of its line.
func (p *parser) documentEnd() {
	p.pos += 3
	p.first = -1
	p.skip()
	if p.pos < len(p.src) && !p.fresh() {
		end := p.textEnd(p.pos)
		p.report(diag.New(diag.BadDocumentMarker, p.at(p.pos, end), "unexpected %s behind `...`", describe(p.src[p.pos:end])).
			WithHelp("start the next document on a line of its own"))
		p.pos = p.lineEnd(p.pos)
		p.skip()
	}
	if strings.HasPrefix(p.src[p.pos:], bom) && p.pos == p.line {
		p.pos += len(bom)
		p.line = p.pos
		p.skip()
		p.measure()
	}
}

func (p *parser) noDocument(d *Document) {
	p.report(diag.New(diag.BadDirective, p.at(int(d.Span.Start), p.textEnd(int(d.Span.Start))), "a directive without a document").
		WithHelp("put `---` behind the directives, or remove them"))
}

// directives reads the lines that start with `%`.
func (p *parser) directives() (found bool) {
	version := false
	for p.pos < len(p.src) && p.pos == p.line && p.src[p.pos] == '%' {
		found = true
		start, end := p.pos, p.lineEnd(p.pos)
		words := strings.FieldsFunc(p.src[start+1:end], func(r rune) bool { return r == ' ' || r == '\t' })
		for i, w := range words {
			if w[0] == '#' {
				words = words[:i]
				break
			}
		}
		p.pos = p.textEnd(start)
		bad := func(help, format string, args ...any) {
			p.report(diag.New(diag.BadDirective, p.at(start, p.pos), "%s", fmt.Sprintf(format, args...)).WithHelp("%s", help))
		}
		name := ""
		if len(words) > 0 {
			name = words[0]
		}
		switch name {
		case "YAML":
			switch {
			case version:
				bad("remove one of the two", "a second %%YAML directive for one document")
			case len(words) != 2 || !isVersion(words[1]):
				bad("write `%YAML 1.2`", "malformed %%YAML directive")
			case words[1] != "1.2" && words[1] != "1.1":
				p.report(diag.New(diag.UnknownDirective, p.at(start, p.pos), "YAML %s is read as YAML 1.2", words[1]).
					WithHelp("write `%%YAML 1.2`, or remove the directive"))
			}
			version = true
		case "TAG":
			if len(words) != 3 || !isHandle(words[1]) {
				bad("write `%TAG !name! prefix`", "malformed %%TAG directive")
				break
			}
			if p.doc.Handles == nil {
				p.doc.Handles = map[string]string{}
			}
			if _, dup := p.doc.Handles[words[1]]; dup {
				bad("remove one of the two", "a second %%TAG directive for `%s`", words[1])
			}
			p.doc.Handles[words[1]] = words[2]
		default:
			p.report(diag.New(diag.UnknownDirective, p.at(start, p.pos), "unknown directive %s is ignored", describe("%"+name)).
				WithHelp("only %%YAML and %%TAG are known; remove the line"))
		}
		p.skip()
	}
	return found
}

func isVersion(s string) bool {
	major, minor, ok := strings.Cut(s, ".")
	return ok && major == "1" && minor != "" && strings.Trim(minor, "0123456789") == ""
}

func isHandle(s string) bool {
	if s == "!" || s == "!!" {
		return true
	}
	return len(s) > 2 && s[0] == '!' && s[len(s)-1] == '!' && isWord(s[1:len(s)-1])
}
