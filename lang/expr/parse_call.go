package expr

import (
	"maps"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// checkFunction reports a call of a function that does not exist or with
// arguments that it does not take.
func (p *parser) checkFunction(c *Call) {
	sig := lookupFunction(c.Func)
	if sig == nil {
		p.unknownFunction(c)
		return
	}
	p.checkArguments(sig, c.at.span, c.Args, c.Keywords, c.Func+"()")
}

// nearest adds a fix where one name is the nearest.
func nearest(d diag.Diagnostic, t Text, s source.Span, near []string) diag.Diagnostic {
	if len(near) != 1 {
		return d
	}
	return withEdit(d, t, s, `replace with "`+near[0]+`"`, near[0])
}

func (p *parser) unknownFunction(c *Call) {
	if p.full() {
		return
	}
	functions.load()
	d := diag.New(diag.ExprUnknownFunction, p.text.Loc(c.FuncSpan), "there is no function `%s`", c.Func)
	switch {
	case lookupMethod(c.Func) != nil:
		d = d.WithHelp("it is a method: write x.%s()", c.Func)
	case lookupFilter(c.Func) != nil && p.dialect == templateExpr:
		d = d.WithHelp("it is a filter: write {{ x | %s }}", c.Func)
	case foreignFunctions[c.Func] != "":
		d = d.WithHelp("%s", foreignFunctions[c.Func])
	default:
		near := suggest.Near(c.Func, functions.names)
		other := suggest.Best(c.Func, slices.Sorted(maps.Keys(foreignFunctions)))
		switch {
		case len(near) > 0:
			d.Help = suggest.Help(c.Func, functions.names)
			d = nearest(d, p.text, c.FuncSpan, near)
		case other != "" && len(c.Func) > 3:
			d = d.WithHelp("%s", foreignFunctions[other])
		default:
			d = d.WithHelp("code of your own runs in a function_node")
		}
	}
	p.add(d)
}

// foreignFunctions are functions of Python and JavaScript that people try.
var foreignFunctions = map[string]string{
	"map": "write a comprehension: [f(x) for x in xs]", "filter": "write a comprehension: [x for x in xs if …]",
	"enumerate": "write zip(range(len(xs)), xs)", "type": "use a template test such as `x is string`, or isnone(x)",
	"isinstance": "use a template test such as `x is string`, or isnone(x)", "print": "an expression has no output; give its value a name",
	"length": "write len(x)", "size": "write len(x)", "trim": "write strip(s)", "concat": "join texts with `+`, lists with `+`",
	"eval": "code of your own runs in a function_node", "exec": "code of your own runs in a function_node",
	"open": "files are read through ports", "getattr": "write x.name or x['name']", "hasattr": "write isnone(x.name)",
	"datetime": "write now() or utcnow()", "today": "write now()", "if": "write `a if condition else b`", "iif": "write `a if condition else b`",
	"ifelse": "write `a if condition else b`", "namespace": "write dict(…); {% set x.field = … %} gives it a field", "memory": "the memory port is read by a node, not by an expression",
	"tolower": "write lower(s)", "toupper": "write upper(s)", "string": "write str(x)", "number": "write float(x)", "floor": "write x // 1", "ceil": "write -(-x // 1)",
	"sort": "write sorted(xs)", "reverse": "write reversed(xs)", "substring": "write s[start:end]", "now_utc": "write utcnow()",
	"divmod": "write x // y and x % y", "repr": "write str(x)", "empty": "write isempty(x)", "isnull": "write isnone(x)", "exists": "write not isnone(x)",
}

// checkMethod reports a method that no value has, or wrong arguments.
func (p *parser) checkMethod(c *Call) {
	sig := lookupMethod(c.Func)
	if sig != nil {
		p.checkArguments(sig, c.at.span, c.Args, c.Keywords, "."+c.Func+"()")
		return
	}
	if p.full() || p.dialect == templateExpr && loopMethod(c) {
		return
	}
	methods.load()
	d := diag.New(diag.ExprUnknownMethod, p.text.Loc(c.FuncSpan), "there is no method `%s`", c.Func)
	switch c.Func {
	case "append", "extend", "insert", "add":
		d = d.WithHelp("values never change; make a new list with `xs + [x]`")
	case "update", "setdefault":
		d = d.WithHelp("values never change; make a new mapping with dict(x, key=value)")
	case "pop", "remove", "clear", "popitem", "discard":
		d = d.WithHelp("values never change; leave items out with a comprehension, [x for x in xs if …]")
	case "sort", "reverse":
		d = d.WithHelp("values never change; write sorted(xs) or reversed(xs)")
	case "title", "capitalize":
		d = d.WithHelp("it is a filter of templates: {{ x | %s }}", c.Func)
	default:
		near := suggest.Near(c.Func, methods.names)
		switch {
		case strings.HasPrefix(c.Func, "_"):
			d = d.WithHelp("names that begin with _ are Python's internals and do not exist here")
		case len(near) > 0:
			d.Help = suggest.Help(c.Func, methods.names)
			d = nearest(d, p.text, c.FuncSpan, near)
		case lookupFunction(c.Func) != nil:
			d = d.WithHelp("it is a function: write %s(x)", c.Func)
		default:
			d = d.WithHelp("the methods are %s", strings.Join(methods.names, ", "))
		}
	}
	p.add(d)
}

// loopMethod reports whether c is loop.cycle(…) or loop.changed(…).
func loopMethod(c *Call) bool {
	n, ok := c.X.(*Name)
	return ok && n.Ident == "loop" && (c.Func == "cycle" || c.Func == "changed")
}

func (p *parser) checkArguments(sig *signature, s source.Span, args []Node, kws []Keyword, what string) {
	if p.broken || p.full() {
		return // half-typed: how many arguments there are is not known
	}
	for _, a := range args {
		if _, bad := a.(*Bad); bad {
			return
		}
	}
	if _, _, _, f := sig.bind(s, args, kws, what); f != nil {
		p.report(diag.ExprBadArguments, f.span, f.help, "%s", f.msg)
	}
}

// pipeIsFilter reports whether the current | is followed by the name of a
// filter, so that it is no attempt at a bitwise or.
func (p *parser) pipeIsFilter() bool {
	t := p.peek()
	return t.kind == tokName && lookupFilter(p.src(t.span())) != nil
}

// trailingFilters reads the `| required` and `| default(x)` of a mapping;
// other filters, and filters in other expressions, are refused.
func (p *parser) trailingFilters(n Node, start int32) Node {
	for p.tok.kind == tokPipe && (p.dialect == mappingExpr || p.pipeIsFilter()) {
		h := p.height
		f, ok := p.filter(n, start).(*Filter)
		p.grow(max(h, p.height-1))
		if !ok {
			return &Bad{at: at{p.from(start)}, X: n}
		}
		n = f
		if lookupFilter(f.Name) == nil {
			continue
		}
		switch isDefault := f.Name == "default" || f.Name == "d"; {
		case p.dialect == mappingExpr && (isDefault || f.Name == "required"):
			continue
		case p.dialect == mappingExpr:
			p.report(diag.ExprFilterOutside, f.NameSpan, filterAsExpression(f.Name), "a mapping takes the filters `required` and `default`, not `%s`", f.Name)
		case isDefault:
			p.report(diag.ExprFilterOutside, f.NameSpan, "write default(x, fallback)", "filters belong to templates, not to expressions")
		default:
			p.report(diag.ExprFilterOutside, f.NameSpan, filterAsExpression(f.Name), "filters belong to templates, not to expressions")
		}
		n = &Bad{at: f.at, X: f}
		p.grow(p.height)
	}
	return n
}

func filterAsExpression(name string) string {
	switch {
	case name == "length" || name == "count":
		return "write len(x)"
	case name == "trim":
		return "write strip(x)"
	case lookupFunction(name) != nil:
		return "write " + name + "(x)"
	}
	return "use a template: \"{{ x | " + name + " }}\""
}

// filters reads the filters and tests behind an operand of a template.
func (p *parser) filters(n Node, start int32) Node {
	for {
		h := p.height
		switch {
		case p.tok.kind == tokPipe:
			n = p.filter(n, start)
			p.grow(max(h, p.height-1))
		case p.is("is"):
			n = p.test(n, start)
			p.grow(max(h, p.height-1))
		default:
			return n
		}
	}
}

// filter reads `| name(args)`; the height it leaves counts the arguments only.
func (p *parser) filter(n Node, start int32) Node {
	p.next()
	s := p.tok.span()
	if p.tok.kind != tokName {
		p.fail(s, "", "the name of a filter is missing after `|`")
		p.height = 1
		return &Bad{at: at{p.from(start)}, X: n}
	}
	f := &Filter{X: n, Name: p.word(), NameSpan: s}
	p.next()
	p.height = 1
	if p.tok.kind == tokLParen {
		f.Args, f.Keywords = p.arguments(true)
	}
	f.at = at{p.from(start)}
	p.checkFilter(f)
	return f
}

func (p *parser) checkFilter(f *Filter) {
	sig := lookupFilter(f.Name)
	if p.full() {
		return
	}
	if sig == nil {
		filters.load()
		d := diag.New(diag.TemplateUnknownFilter, p.text.Loc(f.NameSpan), "there is no filter `%s`", f.Name)
		near := suggest.Near(f.Name, filters.names)
		switch {
		case f.Name == "len" || f.Name == "size":
			d = withEdit(d.WithHelp("write `length`"), p.text, f.NameSpan, `replace with "length"`, "length")
		case f.Name == "strip":
			d = withEdit(d.WithHelp("write `trim`"), p.text, f.NameSpan, `replace with "trim"`, "trim")
		case f.Name == "str":
			d = withEdit(d.WithHelp("write `string`"), p.text, f.NameSpan, `replace with "string"`, "string")
		case f.Name == "json" || f.Name == "to_json" || f.Name == "jsonify":
			d = withEdit(d.WithHelp("write `tojson`"), p.text, f.NameSpan, `replace with "tojson"`, "tojson")
		case lookupFunction(f.Name) != nil:
			d = d.WithHelp("it is a function: write %s(x)", f.Name)
		case lookupMethod(f.Name) != nil:
			d = d.WithHelp("it is a method: write x.%s()", f.Name)
		case len(near) > 0:
			d.Help = suggest.Help(f.Name, filters.names)
			d = nearest(d, p.text, f.NameSpan, near)
		default:
			d = d.WithHelp("the filters are %s", strings.Join(filters.names, ", "))
		}
		p.add(d)
		return
	}
	if sig.refused != "" {
		p.report(diag.ExprUnsupported, f.NameSpan, sig.refused, "the filter `%s` does not exist here", f.Name)
		return
	}
	args := append([]Node{f.X}, f.Args...)
	p.checkArguments(sig, f.at.span, args, f.Keywords, "the filter `"+f.Name+"`")
	if _, _, fault := higherOrder(f); fault != nil {
		p.report(fault.code, fault.span, fault.help, "%s", fault.msg)
	}
}

// test reads `is [not] name [args]`; the height it leaves counts the arguments
// only.
func (p *parser) test(n Node, start int32) Node {
	p.next()
	t := &Is{X: n, Not: p.acceptWord("not")}
	s := p.tok.span()
	p.height = 1
	if p.tok.kind != tokName || p.word() != "in" && p.word() != "lambda" && operatorWord(p.word()) {
		p.fail(s, "write `is defined`, `is none`, `is string`, …", "the name of a test is missing after `is`")
		return &Bad{at: at{p.from(start)}, X: n}
	}
	t.Name, t.NameSpan = p.word(), s
	p.next()
	sig := lookupTest(t.Name)
	switch {
	case p.tok.kind == tokLParen && (sig == nil || len(sig.params) > 1):
		t.Args, _ = p.arguments(false)
	case sig != nil && len(sig.params) > 1 && p.startsOperand() && p.tok.kind != tokMinus && p.tok.kind != tokPlus && !p.is("not"):
		// `x is divisibleby 3`
		at0 := p.start()
		t.Args = []Node{p.postfix(at0, p.atom())}
		p.grow(p.height)
	}
	t.at = at{p.from(start)}
	if sig == nil {
		tests.load()
		d := diag.New(diag.TemplateUnknownTest, p.text.Loc(s), "there is no test `%s`", t.Name)
		if near := suggest.Near(t.Name, tests.names); len(near) > 0 {
			d.Help = suggest.Help(t.Name, tests.names)
			d = nearest(d, p.text, s, near)
		} else {
			d = d.WithHelp("compare values with `==`; the tests are %s", strings.Join(tests.names, ", "))
		}
		p.add(d)
		return t
	}
	p.checkArguments(sig, t.at.span, append([]Node{n}, t.Args...), nil, "the test `"+t.Name+"`")
	return t
}
