package expr

import (
	"hexdag.dev/hexdag/lang/source"
)

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
	n := Node(&Unary{at: at{p.from(start)}, Op: op, X: x})
	if filters && p.dialect == templateExpr {
		n = p.filters(n, start)
	}
	return n
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
