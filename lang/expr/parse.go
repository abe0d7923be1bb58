package expr

import (
	"fmt"
	"slices"
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

// unexpected reports the current token as one that cannot stand here.
func (p *parser) unexpected() {
	t := p.tok
	s := t.span()
	switch t.kind {
	case tokAssign:
		if s.Start != p.lastErr {
			p.lastErr = s.Start
			p.reportFix(diag.ExprSyntax, s, "compare with `==`", "==", "compare with `==`", "`=` does not compare")
		}
		return
	case tokPipe:
		p.fail(s, "combine conditions with `or`", "`|` is no operator of expressions")
		return
	case tokRParen, tokRBracket, tokRBrace:
		p.fail(s, "remove it, or add the opening one", "%s closes nothing", p.describe(t))
		return
	case tokName:
		if p.word() == "not" {
			p.fail(s, "write `and not`, `or not` or `not in`", "`not` cannot stand between two values")
			return
		}
		p.fail(s, "put an operator (`and`, `==`, `+`, …) or a comma between the two, or quotes around a text", "an operator is missing before %s", p.describe(t))
		return
	case tokInt, tokFloat, tokString, tokNamespace, tokLParen, tokLBracket, tokLBrace:
		p.fail(s, "put an operator (`and`, `==`, `+`, …) or a comma between the two", "an operator is missing before %s", p.describe(t))
		return
	}
	switch t.kind {
	case tokForeign:
		p.fail(s, foreignHelp[p.word()], "%s is no operator here", p.describe(t))
	case tokBad:
		p.fail(s, badCharHelp(p.word()), "%s cannot stand in an expression", p.describe(t))
	default:
		p.fail(s, "", "unexpected %s", p.describe(t))
	}
}

// wordOperator is the operator that a word of another language stands for.
func wordOperator(word string) string {
	switch strings.ToLower(word) {
	case "and", "or", "not", "in", "is", "if", "else":
		return strings.ToLower(word)
	case "eq", "equals":
		return "=="
	case "ne":
		return "!="
	case "lt":
		return "<"
	case "le":
		return "<="
	case "gt":
		return ">"
	case "ge":
		return ">="
	}
	return ""
}

// word of another language between two values, as `AND` or `eq`: it is taken for
// ours if it is one of these.
func (p *parser) aliasWord(ours ...string) (string, bool) {
	if p.tok.kind != tokName {
		return "", false
	}
	word := p.word()
	w := wordOperator(word)
	if w == word || !slices.Contains(ours, w) {
		return "", false
	}
	if p.tok.start != p.lastErr {
		p.lastErr = p.tok.start
		p.reportFix(diag.ExprSyntax, p.tok.span(), "replace with `"+w+"`", w, "write `"+w+"`", "`%s` is no operator", word)
	}
	p.next()
	return w, true
}

// acceptOr consumes `or`, or what is meant for it.
func (p *parser) acceptOr() bool {
	if p.acceptWord("or") || p.alias("||", "or") {
		return true
	}
	_, ok := p.aliasWord("or")
	return ok
}

// acceptAnd consumes `and`, or what is meant for it.
func (p *parser) acceptAnd() bool {
	if p.acceptWord("and") || p.alias("&&", "and") {
		return true
	}
	_, ok := p.aliasWord("and")
	return ok
}

// notText is `not` in place of a `!`, with a space if none follows.
func (p *parser) notText() string {
	if p.peek().spaced {
		return "not"
	}
	return "not "
}

// acceptNot consumes `not`, or what is meant for it before an operand.
func (p *parser) acceptNot() bool {
	if p.acceptWord("not") || p.alias("!", p.notText()) {
		return true
	}
	if p.tok.kind != tokName || p.word() != "NOT" {
		return false
	}
	if t := p.peek(); t.kind != tokName && t.kind != tokNamespace {
		return false
	}
	_, ok := p.aliasWord("not")
	return ok
}

var foreignHelp = map[string]string{
	"??": "write coalesce(a, b)",
	"=>": "write `>=` to compare; lambdas do not exist here",
	":=": "assignments do not exist in expressions",
	"@":  "matrix multiplication does not exist here",
	"?":  "write `a if condition else b`",
	";":  "an expression is one value; use several `expressions` for several values",
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

// expr reads a ternary.
func (p *parser) expr() Node {
	p.enter()
	defer p.leave()
	start := p.start()
	if p.is("lambda") {
		return p.lambda()
	}
	n := p.or()
	switch {
	case p.is("if"):
		h := p.height
		p.next()
		test := p.or()
		h = max(h, p.height)
		c := &Cond{Then: n, Test: test}
		if p.acceptWord("else") {
			c.Else = p.expr()
			h = max(h, p.height)
		} else if p.dialect != templateExpr {
			p.fail(p.tok.span(), "write `a if condition else b`", "`if` needs an `else` part")
			c.Else = &Bad{at: at{source.Span{Start: p.prevEnd, End: p.prevEnd}}}
		}
		p.grow(h)
		c.at = at{p.from(start)}
		return c
	case p.tok.kind == tokForeign && p.word() == "?":
		h := p.height
		p.fail(p.tok.span(), "write `a if condition else b`", "`? :` is not how conditions are written here")
		p.next()
		c := &Cond{Test: n}
		c.Then = p.expr()
		h = max(h, p.height)
		if p.accept(tokColon) {
			c.Else = p.expr()
			h = max(h, p.height)
		}
		p.grow(h + 1)
		c.at = at{p.from(start)}
		return &Bad{at: c.at, X: c}
	}
	return n
}

// lambda reads and refuses `lambda x: e`.
func (p *parser) lambda() Node {
	start := p.start()
	p.unsupported(p.tok.span(), "write the calculation as a comprehension, `[f(x) for x in xs]`", "lambdas do not exist here")
	for p.tok.kind != tokColon && p.tok.kind != tokEOF && p.tok.kind != tokRParen {
		p.next()
	}
	b := &Bad{}
	if p.accept(tokColon) {
		p.expr() // its names are the lambda's, so nothing of it is kept
	}
	p.grow(p.height)
	b.at = at{p.from(start)}
	return b
}

func (p *parser) unsupported(s source.Span, help, format string, args ...any) {
	if s.Start == p.lastErr {
		return
	}
	p.lastErr = s.Start
	p.report(diag.ExprUnsupported, s, help, format, args...)
}

// alias consumes a foreign operator that stands for ours, and says so.
func (p *parser) alias(theirs, ours string) bool {
	if p.tok.kind != tokForeign || p.word() != theirs {
		return false
	}
	if p.tok.start != p.lastErr {
		p.lastErr = p.tok.start
		p.reportFix(diag.ExprSyntax, p.tok.span(), "replace with `"+strings.TrimSpace(ours)+"`", ours, "write `"+strings.TrimSpace(ours)+"`", "`%s` is no operator here", theirs)
	}
	p.next()
	return true
}

func (p *parser) or() Node {
	start := p.start()
	n := p.and()
	for p.acceptOr() {
		h := p.height
		y := p.and()
		p.grow(max(h, p.height))
		n = &Binary{at: at{p.from(start)}, Op: OpOr, X: n, Y: y}
	}
	return n
}

func (p *parser) and() Node {
	start := p.start()
	n := p.not()
	for p.acceptAnd() {
		h := p.height
		y := p.not()
		p.grow(max(h, p.height))
		n = &Binary{at: at{p.from(start)}, Op: OpAnd, X: n, Y: y}
	}
	return n
}

func (p *parser) not() Node {
	p.enter()
	defer p.leave()
	start := p.start()
	if p.acceptNot() {
		x := p.not()
		p.grow(p.height)
		return &Unary{at: at{p.from(start)}, Op: OpNot, X: x}
	}
	return p.compare()
}

func (p *parser) compare() Node {
	start := p.start()
	first := p.arith()
	var c *Compare
	h := p.height
	for {
		op, ok := p.compareOp()
		if !ok {
			break
		}
		if c == nil {
			c = &Compare{First: first}
		}
		y := p.arith()
		h = max(h, p.height)
		c.Ops = append(c.Ops, op)
		c.Rest = append(c.Rest, y)
	}
	if c == nil {
		p.height = h
		return first
	}
	p.grow(h)
	c.at = at{p.from(start)}
	return c
}

// compareOp consumes a comparison operator.
func (p *parser) compareOp() (Op, bool) {
	switch p.tok.kind {
	case tokEq:
		p.next()
		return OpEq, true
	case tokNe:
		p.next()
		return OpNe, true
	case tokLt:
		p.next()
		return OpLt, true
	case tokLe:
		p.next()
		return OpLe, true
	case tokGt:
		p.next()
		return OpGt, true
	case tokGe:
		p.next()
		return OpGe, true
	case tokForeign:
		switch {
		case p.alias("===", "=="):
			return OpEq, true
		case p.alias("!==", "!="), p.alias("<>", "!="):
			return OpNe, true
		case p.alias("=>", ">="):
			return OpGe, true
		}
	case tokAssign:
		// `a = 1` cannot be meant as anything else inside a comparison
		p.unexpected()
		p.next()
		return OpEq, true
	case tokName:
		switch p.word() {
		case "in":
			p.next()
			return OpIn, true
		case "not":
			if t := p.peek(); t.kind == tokName && p.src(t.span()) == "in" {
				p.next()
				p.next()
				return OpNotIn, true
			}
		case "is":
			p.next()
			op := OpIs
			if p.acceptWord("not") {
				op = OpIsNot
			}
			if _, c := constant(p.word()); p.tok.kind == tokName && !c && lookupTest(p.word()) != nil {
				p.unsupported(p.tok.span(), testInExpression(p.word()), "`is %s` is a test of templates", p.word())
			}
			return op, true
		}
		if w, ok := p.aliasWord("==", "!=", "<", "<=", ">", ">=", "in", "is"); ok {
			return comparisonOps[w], true
		}
	}
	return 0, false
}

var comparisonOps = map[string]Op{"==": OpEq, "!=": OpNe, "<": OpLt, "<=": OpLe, ">": OpGt, ">=": OpGe, "in": OpIn, "is": OpIs}

// testInExpression says how to write a template test as an expression.
func testInExpression(test string) string {
	switch test {
	case "defined":
		return "write `not isnone(x)`"
	case "undefined":
		return "write `isnone(x)`"
	case "true", "false":
		return "write `x == " + test + "`"
	case "in":
		return "write `x in y`"
	case "even":
		return "write `x % 2 == 0`"
	case "odd":
		return "write `x % 2 == 1`"
	}
	return "compare values (`==`, `in`), or use a template {{ … }}"
}

func (p *parser) arith() Node {
	start := p.start()
	n := p.concat()
	for {
		var op Op
		switch p.tok.kind {
		case tokPlus:
			op = OpAdd
		case tokMinus:
			op = OpSub
		default:
			return n
		}
		h := p.height
		p.next()
		y := p.concat()
		p.grow(max(h, p.height))
		n = &Binary{at: at{p.from(start)}, Op: op, X: n, Y: y}
	}
}

// concat reads `a ~ b`, which binds tighter than + in templates.
func (p *parser) concat() Node {
	start := p.start()
	n := p.term()
	for p.tok.kind == tokTilde {
		if p.dialect != templateExpr {
			p.unsupported(p.tok.span(), "join texts with `+`: str(a) + str(b)", "`~` is an operator of templates")
		}
		h := p.height
		p.next()
		y := p.term()
		p.grow(max(h, p.height))
		n = &Binary{at: at{p.from(start)}, Op: OpConcat, X: n, Y: y}
	}
	return n
}

func (p *parser) term() Node {
	start := p.start()
	n := p.unary(true)
	for {
		var op Op
		switch p.tok.kind {
		case tokStar:
			op = OpMul
		case tokSlash:
			op = OpDiv
		case tokSlashSlash:
			op = OpFloorDiv
		case tokPercent:
			op = OpMod
		case tokForeign:
			switch p.word() {
			case "<<", ">>", "&", "^", "@":
				p.unsupported(p.tok.span(), bitwiseHelp(p.word()), "`%s` is not an operator of this language", p.word())
			default:
				return n
			}
		case tokPipe:
			if p.dialect != plainExpr || p.pipeIsFilter() {
				return n
			}
			p.unsupported(p.tok.span(), bitwiseHelp("|"), "`|` is not an operator of this language")
		default:
			return n
		}
		h := p.height
		p.next()
		y := p.unary(true)
		p.grow(max(h, p.height))
		if op == 0 {
			s := p.from(start)
			p.grow(p.height + 1)
			n = &Bad{at: at{s}, X: &Tuple{at: at{s}, Items: []Node{n, y}}}
			continue
		}
		n = &Binary{at: at{p.from(start)}, Op: op, X: n, Y: y}
	}
}

func bitwiseHelp(op string) string {
	switch op {
	case "&":
		return "combine conditions with `and`"
	case "|":
		return "combine conditions with `or`"
	case "^":
		return "powers are written `**`"
	case "<<", ">>":
		return "multiply or divide by a power of two: `x * 2 ** n`, `x // 2 ** n`"
	}
	return ""
}

func (p *parser) unary(filters bool) Node {
	p.enter()
	defer p.leave()
	start := p.start()
	var op Op
	switch {
	case p.tok.kind == tokMinus:
		op = OpNeg
	case p.tok.kind == tokPlus:
		op = OpPos
	case p.tok.kind == tokTilde:
		p.unsupported(p.tok.span(), "negate conditions with `not`", "`~` is not an operator of this language")
		p.next()
		x := p.unary(false)
		p.grow(p.height)
		return &Bad{at: at{p.from(start)}, X: x}
	case p.tok.kind == tokForeign && p.word() == "!":
		p.alias("!", p.notText())
		x := p.unary(false)
		p.grow(p.height)
		return &Unary{at: at{p.from(start)}, Op: OpNot, X: x}
	default:
		return p.power(filters)
	}
	p.next()
	x := p.unary(false)
	p.grow(p.height)
	n := p.signed(start, op, x)
	if filters && p.dialect == templateExpr {
		n = p.filters(n, start)
	}
	return n
}

// signed is op x; a sign before a number literal is part of the number, so that
// printing a negative Literal gives it back.
func (p *parser) signed(start int32, op Op, x Node) Node {
	return &Unary{at: at{p.from(start)}, Op: op, X: x}
}

func (p *parser) power(filters bool) Node {
	start := p.start()
	n := p.postfix(start, p.atom())
	if filters && p.dialect == templateExpr {
		n = p.filters(n, start)
	}
	if p.tok.kind != tokStarStar {
		return n
	}
	h := p.height
	p.next()
	y := p.unary(filters)
	p.grow(max(h, p.height))
	return &Binary{at: at{p.from(start)}, Op: OpPow, X: n, Y: y}
}

// literal is a Literal node.
func literal(s source.Span, v value.Value) *Literal { return &Literal{at: at{s}, Value: v} }
