package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// Options change how a text is read.
type Options struct {
	// Hyphenated lists declared names with hyphens, which are then one name at
	// the head of a path: `load-data.rows` instead of `load - data.rows`.
	Hyphenated []string
}

// ParseTemplate reads a template. The tree is never nil; what could not be read
// is a Bad node in it, and the diagnostics say why.
func ParseTemplate(t Text) (*Template, []diag.Diagnostic) { return ParseTemplateWith(t, Options{}) }

// ParseTemplateWith is ParseTemplate with options.
func ParseTemplateWith(t Text, o Options) (*Template, []diag.Diagnostic) {
	p := &templateParser{parser: parser{text: t, dialect: templateExpr, opts: o, lastErr: -1}, pieces: cut(t.Src)}
	n := p.template(int32(0))
	n.at = at{source.Span{Start: 0, End: int32(len(t.Src))}}
	if p.fields {
		w := refWalker{scope: &names{}, unset: func(a *Assign) {
			p.report(diag.TemplateSyntax, a.Target.span, "write {% set "+a.Target.Ident+" = dict() %} first", "`%s` is not set before", a.Target.Ident)
		}}
		w.walk(n, false)
	}
	return n, p.diags
}

// ParseWith is Parse with options.
func ParseWith(t Text, o Options) (Node, []diag.Diagnostic) {
	p := &parser{text: t, dialect: plainExpr, opts: o, lastErr: -1}
	p.sub(0, len(t.Src))
	n := p.whole()
	return n, p.diags
}

// Single is the expression of a template that is exactly one {{ expression }}
// and so keeps its value's type.
func (t *Template) Single() (Node, bool) {
	if len(t.Parts) == 1 {
		if o, ok := t.Parts[0].(*Output); ok {
			return o.X, true
		}
	}
	return nil, false
}

type templateParser struct {
	parser
	pieces []piece
	i      int
	open   []openTag
	fields bool // there is a {% set x.y = … %}
	// skipped counts the end tags that belong to refused blocks, whose bodies are
	// read as part of what is around them.
	skipped map[string]int
}

// openTag is a block that waits for its end.
type openTag struct {
	name string
	span source.Span
	ends []string // the tags that end a part of it
}

func (p *templateParser) span(q piece) source.Span {
	return source.Span{Start: int32(q.start), End: int32(q.end)}
}

// template reads parts up to a tag that ends the innermost open block, or one
// around it, which is left where it is.
func (p *templateParser) template(start int32) *Template {
	t := &Template{}
	p.enter()
	defer p.leave()
	h := 0
	var texts textRun
	add := func(n Node, height int) {
		h = max(h, height)
		t.Parts = texts.flush(t.Parts)
		t.Parts = append(t.Parts, n)
	}
	for p.i < len(p.pieces) && !p.stopped {
		q := p.pieces[p.i]
		s := p.span(q)
		switch q.kind {
		case pieceText, pieceRaw:
			if q.unclosed {
				p.report(diag.TemplateSyntax, source.Span{Start: int32(q.opener[0]), End: int32(q.opener[1])}, "add {% endraw %}", "`{%% raw %%}` is never closed")
			}
			texts.add(s, trimmed(p.text.Src, p.pieces, p.i))
			h = max(h, 1)
			p.i++
		case pieceComment:
			if q.unclosed {
				p.report(diag.TemplateSyntax, s, "add `#}`; for the characters themselves write {{ '{#' }}", "the comment is never closed")
				add(&Bad{at: at{s}}, 1)
			}
			p.i++
		case pieceOutput:
			p.i++
			x := p.output(q)
			p.grow(p.height)
			add(&Output{at{s}, x}, p.height)
		case pieceTag:
			p.inside(q)
			name := ""
			if p.tok.kind == tokName {
				name = p.word()
			}
			if p.ends(name) {
				goto done
			}
			p.i++
			if n := p.tag(q, name); n != nil {
				add(n, p.height)
			}
		}
	}
done:
	t.Parts = texts.flush(t.Parts)
	p.grow(h)
	end := int32(len(p.text.Src))
	if p.i < len(p.pieces) {
		end = int32(p.pieces[p.i].start)
	}
	t.at = at{source.Span{Start: start, End: max(start, end)}}
	return t
}

// textRun joins neighbouring texts, as those around a comment, to one Raw.
type textRun struct {
	b    strings.Builder
	span source.Span
}

func (r *textRun) add(s source.Span, text string) {
	if text == "" {
		return
	}
	if r.b.Len() == 0 {
		r.span = s
	}
	r.span = r.span.Join(s)
	r.b.WriteString(text)
}

// flush appends the text so far, if there is any.
func (r *textRun) flush(parts []Node) []Node {
	if r.b.Len() == 0 {
		return parts
	}
	parts = append(parts, &Raw{at{r.span}, strings.ToValidUTF8(r.b.String(), "\ufffd")})
	r.b.Reset()
	return parts
}

// inside makes the parser read the inside of a tag.
func (p *templateParser) inside(q piece) {
	if q.unclosed {
		opener := source.Span{Start: int32(q.start), End: int32(q.lo)}
		closer := "}}"
		if q.kind == pieceTag {
			closer = "%}"
		}
		p.lastErr = -1
		p.fail(opener, "add `"+closer+"`; for the characters themselves write {{ '"+p.text.Src[q.start:q.start+2]+"' }}",
			"`%s` is never closed", p.text.Src[q.start:q.start+2])
	}
	p.sub(q.lo, q.hi)
}

// output reads the expression of {{ … }}.
func (p *templateParser) output(q piece) Node {
	p.inside(q)
	if p.tok.kind == tokEOF {
		s := source.Span{Start: int32(q.lo), End: int32(q.hi)}
		if !q.unclosed {
			p.report(diag.ExprEmpty, p.span(q), "write a name or an expression; for the characters themselves write {{ '{{' }}", "nothing stands between {{ and }}")
		}
		p.height = 1
		return &Bad{at: at{s}}
	}
	start, before := p.start(), len(p.diags)
	x := p.rest(p.exprOrTuple(), start)
	if len(p.diags) > before && !q.unclosed {
		p.offerRaw(q, before)
	}
	if _, bad := x.(*Bad); q.unclosed && !bad {
		p.grow(p.height)
		x = &Bad{at: at{x.Span()}, X: x}
	}
	return x
}

// offerRaw gives the finding i about the output q another way out if q looks
// like an example of JSON in a prompt, which is no template at all.
func (p *templateParser) offerRaw(q piece, i int) {
	inner := strings.TrimSpace(p.text.Src[q.lo:q.hi])
	if !strings.HasPrefix(inner, `"`) && !strings.HasPrefix(inner, `{"`) || !strings.Contains(inner, ":") {
		return
	}
	s := p.span(q)
	p.diags[i].Help = "if the braces are meant as text, put {% raw %}…{% endraw %} around them"
	p.diags[i] = withEdit(p.diags[i], p.text, s, "keep the braces as text", "{% raw %}"+p.text.Src[s.Start:s.End]+"{% endraw %}")
}

// ends reports whether a tag of that name ends a part of an open block.
func (p *templateParser) ends(name string) bool {
	for i := len(p.open) - 1; i >= 0; i-- {
		for _, e := range p.open[i].ends {
			if e == name {
				return true
			}
		}
	}
	return false
}

// at reports whether the current piece is a tag of that name.
func (p *templateParser) at(name string) bool {
	if p.i >= len(p.pieces) || p.pieces[p.i].kind != pieceTag || p.stopped {
		return false
	}
	p.inside(p.pieces[p.i])
	return p.is(name)
}

// take consumes the tag that the parser stands at.
func (p *templateParser) take() piece {
	q := p.pieces[p.i]
	p.i++
	p.next()
	return q
}

// end expects nothing more in a tag.
func (p *templateParser) end() {
	if p.tok.kind != tokEOF {
		p.unexpected()
	}
}

// tag reads a statement whose opening tag q was consumed; the parser stands at
// its name.
func (p *templateParser) tag(q piece, name string) Node {
	s := p.span(q)
	nameSpan := p.tok.span()
	p.height = 1
	switch name {
	case "if":
		return p.ifTag(q)
	case "for":
		return p.forTag(q)
	case "set":
		return p.setTag(q)
	case "":
		if q.unclosed {
			return &Bad{at: at{s}}
		}
		p.report(diag.TemplateSyntax, s, "write {% if … %}, {% for … %} or {% set … %}; for the characters themselves write {{ '{%' }}", "the tag has no name")
		return &Bad{at: at{s}}
	}
	if p.skipped[name] > 0 {
		p.skipped[name]--
		return nil
	}
	if help, ok := refusedTags[name]; ok {
		p.report(diag.TemplateUnsupportedTag, nameSpan, help, "the tag `%s` does not exist here", name)
		if p.skipped == nil {
			p.skipped = map[string]int{}
		}
		p.skipped["end"+name]++
		return &Bad{at: at{s}}
	}
	switch name {
	case "elif", "else", "endif", "endfor", "endset", "endraw":
		p.report(diag.TemplateSyntax, nameSpan, "remove it, or add the opening tag", "`{%% %s %%}` stands outside of its block", name)
		return &Bad{at: at{s}}
	}
	known := []string{"if", "elif", "else", "endif", "for", "endfor", "set", "endset", "raw", "endraw"}
	d := diag.New(diag.TemplateUnsupportedTag, p.text.Loc(nameSpan), "there is no tag `%s`", name)
	switch near := suggest.Near(name, known); {
	case name == "elseif" || name == "elsif":
		d = withEdit(d.WithHelp("write `elif`"), p.text, nameSpan, `replace with "elif"`, "elif")
	case len(near) > 0:
		d.Help = suggest.Help(name, known)
		d = nearest(d, p.text, nameSpan, near)
	default:
		d = d.WithHelp("the tags are if, for, set and raw")
	}
	p.add(d)
	return &Bad{at: at{s}}
}

// refusedTags are tags of Jinja that the language does not have.
var refusedTags = map[string]string{
	"block": "templates do not inherit; use !include for shared text", "extends": "templates do not inherit; use !include for shared text",
	"include": "use !include in the manifest for shared text", "import": "use a kind: Macro for shared parts", "from": "use a kind: Macro for shared parts",
	"macro": "use a kind: Macro, or a {% for %} over the cases", "call": "use a kind: Macro, or a {% for %} over the cases",
	"filter": "apply the filter to each {{ … }}, or {% set x %}…{% endset %} and {{ x | filter }}", "with": "use {% set %}",
	"do": "a template has no effects; use {{ … }} or {% set %}", "autoescape": "use the filter `escape` where HTML is written",
	"trans": "texts are not translated here", "break": "select the items first: {% for x in xs if … %}", "continue": "select the items first: {% for x in xs if … %}",
	"debug": "look at a run with `hexc explain run`",
}

// body reads the parts of an open block.
func (p *templateParser) body(start int) *Template { return p.template(int32(start)) }

// unclosed reports a block without its end.
func (p *templateParser) unclosed(o openTag) {
	end := "{% end" + o.name + " %}"
	p.report(diag.TemplateSyntax, o.span, "add "+end, "`{%% %s %%}` is never closed", o.name)
}

func (p *templateParser) push(name string, s source.Span, ends ...string) {
	p.open = append(p.open, openTag{name, s, ends})
}

func (p *templateParser) pop() openTag {
	o := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	return o
}

// here is the end of the last consumed piece.
func (p *templateParser) here() int32 {
	if p.i == 0 {
		return 0
	}
	return int32(p.pieces[p.i-1].end)
}

func (p *templateParser) ifTag(q piece) Node {
	n := &If{}
	h := 0
	p.push("if", p.span(q), "elif", "else", "endif")
	p.next()
	for {
		start := p.start()
		n.Tests = append(n.Tests, p.rest(p.exprOrTuple(), start))
		h = max(h, p.height)
		n.Bodies = append(n.Bodies, p.body(int(p.here())))
		h = max(h, p.height)
		if !p.at("elif") {
			break
		}
		p.take()
	}
	if p.at("else") {
		s := p.span(p.take())
		p.end()
		n.Else = p.body(int(s.End))
		h = max(h, p.height)
		for p.at("else") || p.at("elif") {
			p.report(diag.TemplateSyntax, p.span(p.pieces[p.i]), "put `else` last", "`{%% %s %%}` follows `{%% else %%}`", p.word())
			p.take()
			p.body(int(p.here()))
		}
	}
	o := p.pop()
	if p.at("endif") {
		p.take()
		p.end()
	} else {
		p.unclosed(o)
	}
	p.grow(h)
	n.at = at{source.Span{Start: int32(q.start), End: max(p.here(), int32(q.end))}}
	return n
}

func (p *templateParser) forTag(q piece) Node {
	n := &For{}
	p.push("for", p.span(q), "else", "endfor")
	p.next()
	n.Targets = p.targets()
	if !p.acceptWord("in") {
		p.fail(p.tok.span(), "write {% for x in xs %}", "`in` is missing before %s", p.describe(p.tok))
	}
	start := p.start()
	n.Iter = p.orTuple()
	h := p.height
	if p.acceptWord("if") {
		n.Filter = p.or()
		h = max(h, p.height)
	}
	if p.is("recursive") {
		p.unsupported(p.tok.span(), "write the nesting out, or prepare the list in a function_node", "recursive loops do not exist here")
		p.next()
	}
	n.Iter = p.restOfHeader(n.Iter, start)
	h = max(h, p.height)
	n.Body = p.body(q.end)
	h = max(h, p.height)
	if p.at("else") {
		s := p.span(p.take())
		p.end()
		n.Else = p.body(int(s.End))
		h = max(h, p.height)
	}
	o := p.pop()
	if p.at("endfor") {
		p.take()
		p.end()
	} else {
		p.unclosed(o)
	}
	p.grow(h)
	n.at = at{source.Span{Start: int32(q.start), End: max(p.here(), int32(q.end))}}
	return n
}

// restOfHeader reports what a header has too much, and keeps n.
func (p *templateParser) restOfHeader(n Node, start int32) Node {
	if p.tok.kind == tokEOF {
		return n
	}
	p.rest(n, start)
	p.grow(p.height)
	return &Bad{at: at{n.Span()}, X: n}
}

// orTuple is exprOrTuple without a ternary, whose `if` would be the loop's.
func (p *templateParser) orTuple() Node {
	start := p.start()
	n := p.or()
	if p.tok.kind != tokComma {
		return n
	}
	items := []Node{n}
	h := p.height
	for p.accept(tokComma) && p.startsOperand() {
		items = append(items, p.or())
		h = max(h, p.height)
	}
	p.grow(h)
	return &Tuple{at: at{p.from(start)}, Items: items}
}

func (p *templateParser) setTag(q piece) Node {
	n := &Assign{at: at{p.span(q)}}
	p.next()
	s := p.tok.span()
	if _, c := constant(p.word()); p.tok.kind != tokName || operatorWord(p.word()) || c {
		p.fail(s, "write {% set name = value %}", "a name is missing after `set`")
		p.height = 1
		return &Bad{at: n.at}
	}
	n.Target = Name{at{s}, p.word()}
	p.next()
	switch {
	case p.accept(tokAssign):
		start := p.start()
		n.X = p.rest(p.exprOrTuple(), start)
		p.grow(p.height)
		return n
	case p.tok.kind == tokEOF:
		p.push("set", p.span(q), "endset")
		n.X = p.body(q.end)
		h := p.height
		o := p.pop()
		if p.at("endset") {
			p.take()
			p.end()
		} else {
			p.unclosed(o)
		}
		p.grow(h)
		n.at = at{source.Span{Start: int32(q.start), End: max(p.here(), int32(q.end))}}
		return n
	case p.tok.kind == tokComma:
		p.unsupported(p.tok.span(), "set one name after the other", "a tag sets one name")
	case p.tok.kind == tokDot:
		return p.setField(n, q)
	case p.tok.kind == tokPipe:
		p.unsupported(p.tok.span(), "write {% set x %}…{% endset %} and {{ x | filter }}", "filters on a block do not exist here")
	default:
		p.fail(p.tok.span(), "write {% set name = value %}", "`=` is missing before %s", p.describe(p.tok))
	}
	p.height = 1
	return &Bad{at: n.at}
}

// setField reads `{% set ns.field = value %}`.
func (p *templateParser) setField(n *Assign, q piece) Node {
	p.next()
	if p.tok.kind != tokName {
		p.fail(p.tok.span(), "", "a field name is missing after the dot")
		p.height = 1
		return &Bad{at: n.at}
	}
	n.Field, n.FieldSpan = p.word(), p.tok.span()
	p.fields = true
	p.next()
	if !p.accept(tokAssign) {
		p.fail(p.tok.span(), "write {% set ns.field = value %}", "`=` is missing before %s", p.describe(p.tok))
		p.height = 1
		return &Bad{at: n.at}
	}
	start := p.start()
	n.X = p.rest(p.exprOrTuple(), start)
	p.grow(p.height)
	return n
}
