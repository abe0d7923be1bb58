package expr

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// MaxDepth bounds the height of trees: operators, brackets and blocks inside
// one another. A text that goes deeper gets a diagnostic.
const MaxDepth = 400

// maxDiags is how many findings one text gets at most.
const maxDiags = 20

// dialect is where an expression stands, which decides about filters and tests.
type dialect uint8

const (
	plainExpr dialect = iota
	mappingExpr
	templateExpr
)

// Parse reads an expression: the whole text. The tree is never nil; what could
// not be read is a Bad node in it, and the diagnostics say why. A tree without
// Bad nodes came without errors.
func Parse(t Text) (Node, []diag.Diagnostic) {
	p := newParser(t, plainExpr)
	n := p.whole()
	return n, p.diags
}

// ParseMapping reads a source of an `input_mapping`: an expression that may end
// in `| required` or `| default(x)`, which become Filter nodes.
func ParseMapping(t Text) (Node, []diag.Diagnostic) {
	p := newParser(t, mappingExpr)
	n := p.whole()
	return n, p.diags
}

type parser struct {
	text    Text
	dialect dialect
	opts    Options
	sc      scanner
	tok     token
	prevEnd int32 // where the last consumed token ended
	diags   []diag.Diagnostic
	lastErr int32 // where the last reported token begins
	height  int   // of the node that the last production returned
	depth   int   // of the recursion
	broken  bool  // the last argument list was not read to its end
	stopped bool  // the tree got too high: everything ends here
}

func newParser(t Text, d dialect) *parser {
	p := &parser{text: t, dialect: d, lastErr: -1}
	p.sub(0, len(t.Src))
	return p
}

// sub makes the parser read src[lo:hi].
func (p *parser) sub(lo, hi int) {
	p.sc = scanner{src: p.text.Src, pos: lo, end: hi, comments: p.dialect != templateExpr}
	p.lastErr = -1
	p.next()
	p.prevEnd = int32(lo)
}

func (p *parser) next() {
	p.prevEnd = p.tok.end
	head := p.tok.kind != tokDot // names behind a dot are fields
	if p.stopped {
		p.tok = token{kind: tokEOF, start: int32(p.sc.end), end: int32(p.sc.end)}
		return
	}
	p.tok = p.sc.next()
	if head {
		p.hyphenated()
	}
}

// hyphenated joins `a-b` to one name where it is a declared one.
func (p *parser) hyphenated() {
	if len(p.opts.Hyphenated) == 0 || p.tok.kind != tokName {
		return
	}
	rest := p.sc.src[p.tok.start:p.sc.end]
	best := ""
	for _, h := range p.opts.Hyphenated {
		if len(h) > len(best) && strings.HasPrefix(rest, h) && int(p.tok.start)+len(h) > p.sc.pos {
			tail := rest[len(h):]
			if tail == "" || tail[0] != '-' && !isNamePart(firstRune(tail)) {
				best = h
			}
		}
	}
	if best != "" {
		p.sc.pos = int(p.tok.start) + len(best)
		p.tok.end = int32(p.sc.pos)
	}
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// peek is the token after the current one.
func (p *parser) peek() token {
	if p.stopped {
		return p.tok
	}
	sc := p.sc
	return sc.next()
}

func (p *parser) src(s source.Span) string { return p.text.Src[s.Start:s.End] }
func (p *parser) word() string             { return p.src(p.tok.span()) }

// is reports whether the current token is the keyword.
func (p *parser) is(keyword string) bool { return p.tok.kind == tokName && p.word() == keyword }

// accept consumes the current token if it is of the kind.
func (p *parser) accept(k tokenKind) bool {
	if p.tok.kind != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) acceptWord(keyword string) bool {
	if !p.is(keyword) {
		return false
	}
	p.next()
	return true
}

// start is where a node begins that the current token begins; where that token
// cannot begin one, so that an operand is missing, it is the end of the last one.
func (p *parser) start() int32 {
	if p.startsOperand() {
		return p.tok.start
	}
	return p.prevEnd
}

// from is the span from start to the last consumed token.
func (p *parser) from(start int32) source.Span {
	return source.Span{Start: start, End: max(start, p.prevEnd)}
}

// grow sets the height of a node whose highest child has height h, and stops
// the parser when that is too high.
func (p *parser) grow(h int) {
	p.height = h + 1
	if p.height > MaxDepth {
		p.tooDeep()
	}
}

// enter guards a recursion; leave must follow.
func (p *parser) enter() {
	p.depth++
	if p.depth > MaxDepth {
		p.tooDeep()
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) tooDeep() {
	if p.stopped {
		return
	}
	p.add(diag.New(diag.ExprTooDeep, p.text.Loc(p.tok.span()), "the expression is nested more than %d levels deep", MaxDepth).
		WithHelp("split it: give parts of it names under `expressions` or with {%% set %%}"))
	p.stopped = true
	p.tok = token{kind: tokEOF, start: int32(p.sc.end), end: int32(p.sc.end)}
}

// add records a finding. Of several at one token only the first is kept, and
// nothing after the parser stopped.
func (p *parser) add(d diag.Diagnostic) {
	if p.full() {
		return
	}
	p.diags = append(p.diags, d)
}

// full reports whether no more findings are wanted.
func (p *parser) full() bool { return p.stopped || len(p.diags) >= maxDiags }

// fail records a syntax error at s unless the same token already has one.
func (p *parser) fail(s source.Span, help, format string, args ...any) {
	if s.Start == p.lastErr {
		return
	}
	p.lastErr = s.Start
	p.report(diag.ExprSyntax, s, help, format, args...)
}

func (p *parser) report(code diag.Code, s source.Span, help, format string, args ...any) {
	if p.full() {
		return
	}
	d := diag.New(code, p.text.Loc(s), "%s", fmt.Sprintf(format, args...))
	d.Help = help
	p.add(d)
}

// reportFix is report with an edit that replaces s; the edit is left out where
// the text stands in the file in another spelling (escapes, folded lines).
func (p *parser) reportFix(code diag.Code, s source.Span, title, newText, help, format string, args ...any) {
	if p.full() {
		return
	}
	d := diag.New(code, p.text.Loc(s), "%s", fmt.Sprintf(format, args...))
	d.Help = help
	p.add(withEdit(d, p.text, s, title, newText))
}

// withEdit adds a fix that replaces s by newText, if s stands in the file as it
// stands in the text.
func withEdit(d diag.Diagnostic, t Text, s source.Span, title, newText string) diag.Diagnostic {
	loc := t.Loc(s)
	if loc.File == nil || int(loc.Span.End) > len(loc.File.Text()) || loc.File.Slice(loc.Span) != t.Src[s.Start:s.End] {
		return d
	}
	return d.WithFix(title, false, diag.Edit{Loc: loc, NewText: newText})
}

// describe names a token for people.
func (p *parser) describe(t token) string {
	switch t.kind {
	case tokEOF:
		if p.dialect == templateExpr {
			return "the end of the tag"
		}
		return "the end of the expression"
	case tokString:
		return "a text"
	}
	s := p.src(t.span())
	if len(s) > 30 {
		s = s[:27] + "…"
	}
	return "`" + s + "`"
}

// whole reads the text to its end.
func (p *parser) whole() Node {
	if p.tok.kind == tokEOF {
		all := source.Span{Start: 0, End: int32(len(p.text.Src))}
		p.report(diag.ExprEmpty, all, "write an expression, or remove the field", "the expression is empty")
		return &Bad{at: at{all}}
	}
	start := p.start()
	n := p.exprOrTuple()
	n = p.trailingFilters(n, start)
	return p.rest(n, start)
}

// rest expects the end. What stands there instead is reported and read as far
// as possible, so that its own faults and references are found too.
func (p *parser) rest(n Node, start int32) Node {
	if p.tok.kind == tokEOF {
		return n
	}
	pieces := []Node{n}
	h := p.height
	for p.tok.kind != tokEOF {
		p.unexpected()
		if !p.startsOperand() {
			p.next()
			p.lastErr = p.tok.start // what follows is part of the same fault
			continue
		}
		before := p.tok.start
		pieces = append(pieces, p.exprOrTuple())
		h = max(h, p.height)
		if p.tok.start == before && p.tok.kind != tokEOF {
			p.next()
		}
	}
	p.grow(h + 1)
	s := p.from(start)
	if len(pieces) == 1 {
		return &Bad{at: at{s}, X: n}
	}
	return &Bad{at: at{s}, X: &Tuple{at: at{s}, Items: pieces}}
}

// startsOperand reports whether the current token can begin an expression.
func (p *parser) startsOperand() bool {
	switch p.tok.kind {
	case tokName:
		switch p.word() {
		case "and", "or", "in", "is", "if", "else", "for":
			return false
		}
		return true
	case tokNamespace, tokInt, tokFloat, tokImaginary, tokString, tokLParen, tokLBracket, tokLBrace, tokPlus, tokMinus, tokTilde:
		return true
	case tokForeign:
		return p.word() == "!"
	}
	return false
}

// exprOrTuple reads `a` or the bare tuple `a, b`.
func (p *parser) exprOrTuple() Node {
	start := p.start()
	n := p.expr()
	if p.tok.kind != tokComma {
		return n
	}
	items := []Node{n}
	h := p.height
	for p.accept(tokComma) && p.startsOperand() {
		items = append(items, p.expr())
		h = max(h, p.height)
	}
	p.grow(h)
	return &Tuple{at: at{p.from(start)}, Items: items}
}

// literal is a Literal node.
func literal(s source.Span, v value.Value) *Literal { return &Literal{at: at{s}, Value: v} }
