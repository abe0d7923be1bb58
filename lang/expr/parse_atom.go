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

// operatorWords are names that cannot be operands.
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
		p.grow(h)
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

// paren reads (e), (), (a, b).
func (p *parser) paren() Node {
	p.enter()
	defer p.leave()
	open := p.tok
	p.next()
	if p.accept(tokRParen) {
		p.grow(0)
		return &Tuple{at: at{p.from(open.start)}}
	}
	first := p.expr()
	if p.is("for") {
		p.generator(p.tok.span(), "write a list: `[… for x in xs]`")
		c := p.comprehension(open.start, ListComp, first, nil)
		p.close(open, tokRParen)
		p.grow(p.height)
		return &Bad{at: at{p.from(open.start)}, X: c}
	}
	if p.tok.kind != tokComma {
		h := p.height
		p.close(open, tokRParen)
		p.height = h
		return first
	}
	items := []Node{first}
	h := p.height
	for p.accept(tokComma) && p.tok.kind != tokRParen && p.tok.kind != tokEOF {
		items = append(items, p.expr())
		h = max(h, p.height)
	}
	p.close(open, tokRParen)
	p.grow(h)
	return &Tuple{at: at{p.from(open.start)}, Items: items}
}

func (p *parser) generator(s source.Span, help string) {
	p.unsupported(s, help, "generator expressions do not exist here")
}

// list reads [a, b] or a list comprehension.
func (p *parser) list() Node {
	p.enter()
	defer p.leave()
	open := p.tok
	p.next()
	var items []Node
	h := 0
	for p.tok.kind != tokRBracket && p.tok.kind != tokEOF {
		items = append(items, p.expr())
		h = max(h, p.height)
		if len(items) == 1 && p.is("for") {
			c := p.comprehension(open.start, ListComp, items[0], nil)
			h = p.height
			p.close(open, tokRBracket)
			c.at = at{p.from(open.start)}
			p.height = h
			return c
		}
		if !p.accept(tokComma) {
			break
		}
	}
	p.close(open, tokRBracket)
	p.grow(h)
	return &List{at: at{p.from(open.start)}, Items: items}
}

// brace reads {k: v}, a dict or set comprehension, and refuses set literals.
func (p *parser) brace() Node {
	p.enter()
	defer p.leave()
	open := p.tok
	p.next()
	d := &Dict{}
	h := 0
	for p.tok.kind != tokRBrace && p.tok.kind != tokEOF {
		key := p.expr()
		h = max(h, p.height)
		if !p.accept(tokColon) {
			if k := p.tok.kind; len(d.Keys) == 0 && (k == tokComma || k == tokRBrace || k == tokEOF || p.is("for")) {
				return p.setDisplay(open, key, h)
			}
			p.fail(p.tok.span(), "write {'key': value}", "a mapping needs `:` and a value after the key")
			val := Node(&Bad{at: at{source.Span{Start: p.prevEnd, End: p.prevEnd}}})
			if p.startsOperand() {
				val = p.expr()
				h = max(h, p.height)
			}
			d.Keys, d.Values = append(d.Keys, key), append(d.Values, val)
			if !p.accept(tokComma) {
				break
			}
			continue
		}
		val := p.expr()
		h = max(h, p.height)
		if len(d.Keys) == 0 && p.is("for") {
			p.height = h
			c := p.comprehension(open.start, DictComp, key, val)
			h = p.height
			p.close(open, tokRBrace)
			c.at = at{p.from(open.start)}
			p.height = h
			return c
		}
		d.Keys = append(d.Keys, key)
		d.Values = append(d.Values, val)
		if !p.accept(tokComma) {
			break
		}
	}
	p.close(open, tokRBrace)
	p.grow(h)
	d.at = at{p.from(open.start)}
	return d
}

// setDisplay reads what follows the first element of {a, …}.
func (p *parser) setDisplay(open token, first Node, h int) Node {
	if p.is("for") {
		p.height = h
		c := p.comprehension(open.start, SetComp, first, nil)
		h = p.height
		p.close(open, tokRBrace)
		c.at = at{p.from(open.start)}
		p.height = h
		return c
	}
	items := []Node{first}
	for p.accept(tokComma) && p.tok.kind != tokRBrace && p.tok.kind != tokEOF {
		items = append(items, p.expr())
		h = max(h, p.height)
	}
	if p.tok.kind == tokRBrace {
		p.unsupported(open.span(), "write set([a, b]), or a mapping {'key': value}", "set literals do not exist here")
	}
	p.close(open, tokRBrace)
	s := p.from(open.start)
	p.grow(h + 1)
	return &Bad{at: at{s}, X: &List{at: at{s}, Items: items}}
}

// comprehension reads the clauses behind the element; the caller sets the span.
// p.height is the height of the element.
func (p *parser) comprehension(start int32, of CompKind, key, val Node) *Comp {
	c := &Comp{Of: of, Key: key, Value: val}
	h := p.height
	for p.acceptWord("for") {
		var f CompFor
		f.Targets = p.targets()
		if !p.acceptWord("in") {
			p.fail(p.tok.span(), "write `for x in xs`", "`in` is missing before %s", p.describe(p.tok))
		}
		f.Iter = p.or()
		h = max(h, p.height)
		for p.acceptWord("if") {
			f.Ifs = append(f.Ifs, p.or())
			h = max(h, p.height)
		}
		c.Clauses = append(c.Clauses, f)
	}
	p.grow(h)
	c.at = at{p.from(start)}
	return c
}

// targets reads the names that a `for` binds: `x`, `k, v`, `(k, v)`.
func (p *parser) targets() []Name {
	open := p.tok
	paren := p.accept(tokLParen)
	var names []Name
	for {
		s := p.tok.span()
		_, isConst := constant(p.word())
		switch {
		case p.tok.kind == tokName && !operatorWord(p.word()) && !isConst:
			names = append(names, Name{at{s}, p.word()})
			p.next()
			if p.tok.kind == tokDot || p.tok.kind == tokLBracket {
				p.unsupported(p.tok.span(), "bind a plain name", "a loop can bind names only")
				for p.tok.kind != tokEOF && p.tok.kind != tokComma && !p.is("in") {
					p.next()
				}
			}
		case p.tok.kind == tokLParen || p.tok.kind == tokStar:
			p.unsupported(s, "bind one name for the inner list and take it apart with [0], [1]", "nested and starred targets do not exist here")
			for p.tok.kind != tokEOF && !p.is("in") {
				p.next()
			}
		case p.tok.kind == tokName && (operatorWord(p.word()) && p.word() != "in" || isConst):
			p.fail(s, "choose another name", "`%s` cannot be the name of a loop variable", p.word())
			p.next()
		default:
			if len(names) == 0 {
				p.fail(s, "write `for x in xs`", "a name is missing after `for`")
			}
		}
		if !p.accept(tokComma) {
			break
		}
	}
	if paren {
		p.close(open, tokRParen)
	}
	if len(names) == 0 { // so that every loop binds something
		names = []Name{{at{source.Span{Start: p.prevEnd, End: p.prevEnd}}, "_"}}
	}
	return names
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
			a := p.expr()
			if p.is("for") {
				p.generator(source.Span{Start: s.Start, End: p.prevEnd}, "put it in brackets: `[… for x in xs]`")
				a = &Bad{at: at{source.Span{Start: s.Start, End: p.prevEnd}}, X: p.comprehension(s.Start, ListComp, a, nil)}
				p.grow(p.height)
				a.(*Bad).at = at{p.from(s.Start)}
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
