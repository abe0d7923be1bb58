package expr

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// constant is the value of a name that is a literal.
func constant(word string) (value.Value, bool) {
	switch word {
	case "None", "none", "null":
		return value.Null, true
	case "True", "true":
		return value.True, true
	case "False", "false":
		return value.False, true
	}
	return value.Missing, false
}

// operatorWord reports whether a name cannot be an operand.
func operatorWord(word string) bool {
	switch word {
	case "and", "or", "not", "in", "is", "if", "else", "for", "lambda":
		return true
	}
	return false
}

// atom reads a name, a literal, a bracketed expression or a call of a function.
func (p *parser) atom() Node {
	t := p.tok
	s := t.span()
	p.height = 1
	switch t.kind {
	case tokName:
		return p.name()
	case tokNamespace:
		p.next()
		if s.Len() == 1 {
			p.fail(s, "write $input, $item, $state, …", "`$` needs a name")
			return &Bad{at: at{s}}
		}
		return &Namespace{at: at{s}, Ident: p.src(s)[1:]}
	case tokInt, tokFloat, tokImaginary:
		p.next()
		return p.number(t)
	case tokString:
		return p.strings()
	case tokLParen:
		return p.paren()
	case tokLBracket:
		return p.list()
	case tokLBrace:
		return p.brace()
	case tokBad:
		p.next()
		p.fail(s, badCharHelp(p.src(s)), "%s cannot stand in an expression", p.describe(t))
		if p.startsOperand() {
			x := p.atom()
			p.grow(p.height)
			return &Bad{at: at{p.from(s.Start)}, X: x}
		}
		return &Bad{at: at{s}}
	}
	return p.missing()
}

func badCharHelp(c string) string {
	switch c {
	case "“", "”", "„", "‘", "’", "«", "»", "`":
		return "texts stand in straight quotes, ' or \""
	case "–", "—", "−":
		return "minus is the plain -"
	case "≤":
		return "write <="
	case "≥":
		return "write >="
	case "≠":
		return "write !="
	case "\\":
		return "an expression may go over several lines without a backslash"
	}
	return ""
}

// missing reports that an operand is missing before the current token.
func (p *parser) missing() Node {
	here := source.Span{Start: p.prevEnd, End: p.prevEnd}
	s := p.tok.span()
	switch {
	case p.tok.kind == tokEOF:
		p.fail(s, "", "a value is missing at the end")
	case p.tok.kind == tokStar || p.tok.kind == tokStarStar:
		p.unsupported(s, "build the list with `+`, the mapping with dict()", "`%s` does not unpack here", p.word())
		p.next()
		if p.startsOperand() {
			x := p.unary(true)
			p.grow(p.height)
			return &Bad{at: at{p.from(s.Start)}, X: x}
		}
	default:
		p.fail(s, "", "a value is missing before %s", p.describe(p.tok))
	}
	p.height = 1
	return &Bad{at: at{here}}
}

// name reads a name, a constant or a call of a function.
func (p *parser) name() Node {
	s := p.tok.span()
	word := p.word()
	if operatorWord(word) {
		return p.missing()
	}
	if v, ok := constant(word); ok {
		p.next()
		return literal(s, v)
	}
	if word == "await" || word == "yield" {
		if next := p.peek(); next.kind == tokName && !operatorWord(p.src(next.span())) {
			p.unsupported(s, "remove it", "`%s` does not exist here", word)
			p.next()
			x := p.unary(true)
			p.grow(p.height)
			return &Bad{at: at{p.from(s.Start)}, X: x}
		}
	}
	p.next()
	if p.tok.kind == tokLParen {
		c := &Call{Func: word, FuncSpan: s}
		p.args(c)
		c.at = at{p.from(s.Start)}
		p.checkFunction(c)
		return c
	}
	return &Name{at: at{s}, Ident: word}
}

// postfix reads what follows an atom: .name, [index], (call).
func (p *parser) postfix(start int32, n Node) Node {
	for {
		h := p.height
		switch {
		case p.tok.kind == tokDot, p.tok.kind == tokForeign && p.word() == "?.":
			if p.tok.kind == tokForeign {
				p.alias("?.", ".")
			} else {
				p.next()
			}
			n = p.attr(start, n, h)
		case p.tok.kind == tokFloat && !p.tok.spaced && !isNumber(n) && p.text.Src[p.tok.start] == '.' && allDigits(p.text.Src[p.tok.start+1:p.tok.end]):
			// `items.0`, as the documentation of mappings has it
			t := p.tok
			t.kind, t.start = tokInt, t.start+1
			p.next()
			key := literal(t.span(), value.Int(decimalDigits(p.src(t.span()))))
			p.grow(h)
			n = &Index{at: at{p.from(start)}, X: n, Key: key}
		case p.tok.kind == tokLBracket:
			n = p.subscript(start, n)
		case p.tok.kind == tokLParen:
			p.unsupported(p.tok.span(), "call a function by its name, f(x), or a method, x.f()", "only listed functions and methods can be called")
			c := &Call{Func: "", FuncSpan: source.Span{Start: p.tok.start, End: p.tok.start}}
			p.args(c)
			s := p.from(start)
			items := append([]Node{n}, c.Args...)
			for _, k := range c.Keywords {
				items = append(items, k.Value)
			}
			p.grow(max(h, p.height) + 1)
			n = &Bad{at: at{s}, X: &Tuple{at: at{s}, Items: items}}
		default:
			return n
		}
	}
}

// isNumber reports whether n is a number literal, behind which `.2` is no item.
func isNumber(n Node) bool {
	l, ok := n.(*Literal)
	return ok && (l.Value.Kind() == value.KindInt || l.Value.Kind() == value.KindFloat)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return len(s) > 0 && len(s) < 10
}

func decimalDigits(s string) int64 {
	var n int64
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

// attr reads the name behind a dot; h is the height of n.
func (p *parser) attr(start int32, n Node, h int) Node {
	t := p.tok
	if t.kind != tokName || t.spaced && operatorWord(p.word()) {
		// half-typed: `a.`
		p.fail(t.span(), "", "a field name is missing after the dot")
		p.grow(h + 1) // an Attr in a Bad
		at0 := at{source.Span{Start: start, End: p.prevEnd}}
		return &Bad{at: at0, X: &Attr{at: at0, X: n, NameSpan: source.Span{Start: p.prevEnd, End: p.prevEnd}}}
	}
	word := p.word()
	p.next()
	if p.tok.kind != tokLParen {
		p.grow(h)
		return &Attr{at: at{p.from(start)}, X: n, Name: word, NameSpan: t.span()}
	}
	c := &Call{X: n, Func: word, FuncSpan: t.span()}
	p.args(c)
	p.grow(max(h, p.height-1))
	c.at = at{p.from(start)}
	p.checkMethod(c)
	return c
}

// subscript reads [key] or [lo:hi:step].
func (p *parser) subscript(start int32, n Node) Node {
	h := p.height
	open := p.tok
	p.next()
	var parts [3]Node
	colons := 0
	if p.tok.kind != tokColon {
		if p.tok.kind == tokRBracket {
			p.fail(p.tok.span(), "write x[0], x['key'] or x[1:3]", "the brackets are empty")
			parts[0] = &Bad{at: at{source.Span{Start: p.prevEnd, End: p.prevEnd}}}
		} else {
			parts[0] = p.exprOrTuple()
			h = max(h, p.height)
		}
	}
	for p.tok.kind == tokColon && colons < 2 {
		colons++
		p.next()
		if p.tok.kind != tokColon && p.tok.kind != tokRBracket && p.tok.kind != tokEOF {
			parts[colons] = p.expr()
			h = max(h, p.height)
		}
	}
	p.close(open, tokRBracket)
	p.grow(h)
	s := p.from(start)
	if colons > 0 {
		return &Slice{at: at{s}, X: n, Lo: parts[0], Hi: parts[1], Step: parts[2]}
	}
	return &Index{at: at{s}, X: n, Key: parts[0]}
}

// close expects a closing bracket; what stands before it is reported and
// skipped, and then the result is false.
func (p *parser) close(open token, want tokenKind) bool {
	if p.accept(want) {
		return true
	}
	if p.tok.kind == tokEOF {
		if p.lastErr != p.tok.start {
			p.lastErr = p.tok.start
			p.report(diag.ExprSyntax, open.span(), "add `"+closing(want)+"`", "`%s` is never closed", p.src(open.span()))
		}
		return false
	}
	p.unexpected()
	depth := 0
	for p.tok.kind != tokEOF {
		switch p.tok.kind {
		case tokLParen, tokLBracket, tokLBrace:
			depth++
		case tokRParen, tokRBracket, tokRBrace:
			if depth == 0 {
				p.accept(want)
				return false
			}
			depth--
		}
		p.next()
	}
	return false
}

func closing(k tokenKind) string {
	switch k {
	case tokRParen:
		return ")"
	case tokRBracket:
		return "]"
	}
	return "}"
}

// args reads (a, b, k=v) into c.
func (p *parser) args(c *Call) {
	p.enter()
	defer p.leave()
	c.Args, c.Keywords = p.arguments(true)
}

// arguments reads an argument list whose opening parenthesis is the current
// token. Its height is one above the highest argument.
func (p *parser) arguments(keywords bool) (args []Node, kws []Keyword) {
	open := p.tok
	p.next()
	h := 0
	for p.tok.kind != tokRParen && p.tok.kind != tokEOF {
		s := p.tok.span()
		switch {
		case p.tok.kind == tokName && p.peek().kind == tokAssign && keywords:
			k := Keyword{Name: p.word(), NameSpan: s}
			p.next()
			p.next()
			k.Value = p.expr()
			for _, o := range kws {
				if o.Name == k.Name {
					p.report(diag.ExprBadArguments, k.NameSpan, "remove one of them", "the argument `%s` is given twice", k.Name)
				}
			}
			kws = append(kws, k)
		default:
			start := p.start()
			a := p.expr()
			if p.is("for") {
				p.generator(source.Span{Start: start, End: p.prevEnd}, "put it in brackets: `[… for x in xs]`")
				comp := p.comprehension(start, ListComp, a, nil)
				p.grow(p.height)
				a = &Bad{at: at{p.from(start)}, X: comp}
			}
			if len(kws) > 0 {
				p.fail(s, "put named arguments last", "a positional argument follows a named one")
			}
			args = append(args, a)
		}
		h = max(h, p.height)
		if !p.accept(tokComma) {
			break
		}
	}
	p.broken = !p.close(open, tokRParen)
	p.grow(h)
	return args, kws
}
