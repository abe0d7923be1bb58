package machine

import (
	"fmt"
	"sort"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// code is a compiled ir.Expr.
type code struct {
	src   *ir.Expr
	expr  *expr.Program         // ModeExpr, ModeMapping
	tmpl  *expr.TemplateProgram // ModeTemplate
	slots []slot
	items []*code // ModeList, ModeObject
	// settled tells that a null is meant: the source is marked `| default` or
	// `| required`.
	settled bool
}

// slot is a free head, ready to be read.
type slot struct {
	kind  ir.SlotKind
	up    int32
	index int32
	head  string
	loop  loopVar
	whole bool
}

// loopVar is a loop variable.
type loopVar uint8

const (
	loopItem loopVar = iota + 1
	loopIndex
	loopTotal
	loopFirst
	loopLast
	loopState
	loopIteration
)

var loopNames = map[string]loopVar{
	"item": loopItem, "index": loopIndex, "total": loopTotal, "is_first": loopFirst,
	"is_last": loopLast, "state": loopState, "iteration": loopIteration,
}

// maxSteps bounds one evaluation, in evaluator steps.
const maxSteps = 1_000_000

func (l *loader) code(e *ir.Expr) (*code, error) {
	c := &code{src: e}
	switch e.Mode {
	case ir.ModeConst:
		return c, nil
	case ir.ModeList, ir.ModeObject:
		if e.Mode == ir.ModeObject && len(e.Keys) != len(e.Items) {
			return nil, fmt.Errorf("object with %d keys and %d values", len(e.Keys), len(e.Items))
		}
		for i := range e.Items {
			item, err := l.code(&e.Items[i])
			if err != nil {
				return nil, err
			}
			c.items = append(c.items, item)
		}
		return c, nil
	case ir.ModeExpr, ir.ModeMapping, ir.ModeTemplate:
	default:
		return nil, fmt.Errorf("expression of the unknown mode %d", e.Mode)
	}
	tree, err := expr.Decode(e.Tree)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.Text, err)
	}
	for i := range e.Slots {
		s := &e.Slots[i]
		c.slots = append(c.slots, slot{kind: s.Kind, up: int32(s.Up), index: int32(s.Index), head: s.Head, loop: loopNames[s.Loop], whole: s.Whole})
		if s.Kind == ir.SlotLoop && loopNames[s.Loop] == 0 {
			return nil, fmt.Errorf("unknown loop variable %q", s.Loop)
		}
	}
	if f, ok := tree.(*expr.Filter); ok && e.Mode == ir.ModeMapping && (f.Name == "default" || f.Name == "d" || f.Name == "required") {
		c.settled = true
	}
	if e.Mode == ir.ModeTemplate {
		t, ok := tree.(*expr.Template)
		if !ok {
			return nil, fmt.Errorf("template %q holds a %T", e.Text, tree)
		}
		c.tmpl, err = expr.CompileTemplate(t, c)
	} else {
		c.expr, err = expr.Compile(tree, c)
	}
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.Text, err)
	}
	return c, nil
}

// Slot implements expr.Resolver.
func (c *code) Slot(head string, namespace bool) int {
	for i := range c.src.Slots {
		if s := &c.src.Slots[i]; s.Head == head && s.Namespace == namespace {
			return i
		}
	}
	return -1
}

// place is where the part span of c's text stands in the source.
func (c *code) place(s source.Span) ir.Place { return PlaceOf(c.src, s) }

// PlaceOf translates a range of byte offsets in e.Text into a place in the
// source, by e.Map. Without a map, or for a range outside of the text, it is the
// place of the whole expression.
func PlaceOf(e *ir.Expr, s source.Span) ir.Place {
	start, end := int(s.Start), int(s.End)
	if len(e.Map) == 0 || start < 0 || end < start || end > len(e.Text) {
		return e.At
	}
	p := e.At
	from := textPosition(e, start)
	p.Line, p.Column, p.Offset = from.Line, from.Column, from.Offset
	to := from
	if end > start {
		to = textEnd(e, end)
	}
	if to.Offset < from.Offset {
		to = from
	}
	p.EndLine, p.EndCol, p.EndOff = to.Line, to.Column, to.Offset
	return p
}

// textPosition is where the byte at offset begins.
func textPosition(e *ir.Expr, offset int) ir.Mark {
	i := sort.Search(len(e.Map), func(i int) bool { return e.Map[i].Text > offset }) - 1
	if i < 0 {
		return e.Map[0]
	}
	m := e.Map[i]
	if m.Exact {
		m = advance(m, e.Text[m.Text:offset])
	}
	return m
}

// textEnd is where the byte before offset ends.
func textEnd(e *ir.Expr, offset int) ir.Mark {
	i := sort.Search(len(e.Map), func(i int) bool { return e.Map[i].Text >= offset }) - 1
	if i < 0 {
		return e.Map[0]
	}
	m := e.Map[i]
	switch {
	case m.Exact:
		return advance(m, e.Text[m.Text:offset])
	case i+1 < len(e.Map):
		return e.Map[i+1]
	}
	return ir.Mark{Line: e.At.EndLine, Column: e.At.EndCol, Offset: e.At.EndOff}
}

// advance moves a place over text that the file has byte for byte.
func advance(m ir.Mark, text string) ir.Mark {
	m.Offset += len(text)
	for {
		i := indexNewline(text)
		if i < 0 {
			break
		}
		m.Line, m.Column, text = m.Line+1, 1, text[i+1:]
	}
	m.Column += utf8.RuneCountInString(text)
	return m
}

func indexNewline(s string) int {
	for i := range len(s) {
		if s[i] == '\n' {
			return i
		}
	}
	return -1
}

// failure is an evaluation error as a failure of the node.
func (c *code) failure(err *expr.EvalError) *Failure {
	f := &Failure{
		Code: diag.RunExpression, Class: ClassExpression, Message: err.Msg, Help: err.Help,
		Definite: true, Place: c.place(err.Span),
	}
	if err.Kind == expr.ErrRequired {
		f.Code = diag.RunMappingRequired
	}
	return f
}

// eval computes the value of c.
func (c *code) eval(f *frame) (value.Value, *Failure) {
	switch c.src.Mode {
	case ir.ModeConst:
		return c.src.Const, nil
	case ir.ModeList:
		items := make([]value.Value, len(c.items))
		for i, item := range c.items {
			v, fail := item.eval(f)
			if fail != nil {
				return value.Null, fail
			}
			items[i] = v
		}
		return value.List(items), nil
	case ir.ModeObject:
		o := value.NewObject(len(c.items))
		for i, item := range c.items {
			v, fail := item.eval(f)
			if fail != nil {
				return value.Null, fail
			}
			o.Set(c.src.Keys[i], v)
		}
		return o.Value(), nil
	}
	outer := f.code
	f.code = c
	m := f.m.meters.take()
	var v value.Value
	var err *expr.EvalError
	if c.tmpl != nil {
		v, err = c.tmpl.EvalValue(f, m)
	} else {
		v, err = c.expr.Eval(f, m)
	}
	f.code = outer
	f.m.work -= f.m.meters.give()
	return v, c.outcome(f, err)
}

// text computes c as text: a template rendered, any other value as str().
func (c *code) text(f *frame) (string, *Failure) {
	if c.tmpl == nil {
		v, fail := c.eval(f)
		if fail != nil {
			return "", fail
		}
		if s, ok := v.AsString(); ok {
			return s, nil
		}
		if expr.HoldsSecret(v) {
			return "", c.failure(&expr.EvalError{Kind: expr.ErrSecret, Msg: "a secret cannot become part of a text that is read here", Help: "give it to a port that takes it as a value of its own"})
		}
		return value.Str(v), nil
	}
	outer := f.code
	f.code = c
	s, err := c.tmpl.Render(f, f.m.meters.take())
	f.code = outer
	f.m.work -= f.m.meters.give()
	return s, c.outcome(f, err)
}

func (c *code) outcome(f *frame, err *expr.EvalError) *Failure {
	if f.fail != nil { // a mapping that the expression reads failed
		fail := f.fail
		f.fail = nil
		return fail
	}
	if err != nil {
		return c.failure(err)
	}
	return nil
}

// truth computes c as a condition, by Python's truth of values.
func (c *code) truth(f *frame) (bool, *Failure) {
	v, fail := c.eval(f)
	if fail != nil {
		return false, fail
	}
	return value.Truthy(v), nil
}
