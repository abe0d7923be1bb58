package expr

import (
	"hexdag.dev/hexdag/lang/source"
)

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
