package expr

import (
	"fmt"
	"math"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// Levels of binding, loosest first. A node is put in parentheses where its
// level is lower than what its place takes.
const (
	levelTuple = iota
	levelCond
	levelOr
	levelAnd
	levelNot
	levelCompare
	levelAdd
	levelConcat
	levelMul
	levelUnary
	levelPower
	levelFilter
	levelPostfix
	levelAtom
)

var opText = [...]string{
	OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpFloorDiv: "//", OpMod: "%", OpPow: "**",
	OpNeg: "-", OpPos: "+", OpNot: "not", OpAnd: "and", OpOr: "or", OpEq: "==", OpNe: "!=",
	OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=", OpIn: "in", OpNotIn: "not in", OpIs: "is", OpIsNot: "is not", OpConcat: "~",
}

// String is the operator as it is written.
func (o Op) String() string {
	if int(o) < len(opText) && opText[o] != "" {
		return opText[o]
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

// Print is the canonical text of n. Parsing it again gives the same tree, but
// for spans, if n came from the parser; a Literal that Fold made is printed as
// an expression that computes it. What could not be parsed prints as `?`.
func Print(n Node) string {
	var p printer
	p.node(n, levelTuple)
	return p.b.String()
}

type printer struct{ b strings.Builder }

func (p *printer) put(s string) { p.b.WriteString(s) }

func binaryLevel(op Op) int {
	switch op {
	case OpOr:
		return levelOr
	case OpAnd:
		return levelAnd
	case OpAdd, OpSub:
		return levelAdd
	case OpConcat:
		return levelConcat
	case OpPow:
		return levelPower
	}
	return levelMul
}

// level is how tightly n binds.
func level(n Node) int {
	switch n := n.(type) {
	case *Cond:
		return levelCond
	case *Binary:
		return binaryLevel(n.Op)
	case *Unary:
		if n.Op == OpNot {
			return levelNot
		}
		return levelUnary
	case *Compare:
		return levelCompare
	case *Filter, *Is:
		return levelFilter
	case *Attr, *Index, *Slice:
		return levelPostfix
	case *Call:
		return levelPostfix
	case *Literal:
		return literalLevel(n.Value)
	case *Bad:
		if n.X != nil {
			return level(n.X)
		}
	}
	return levelAtom
}

func literalLevel(v value.Value) int {
	switch v.Kind() {
	case value.KindInt, value.KindFloat:
		if s := value.Repr(v); strings.HasPrefix(s, "-") {
			return levelUnary
		}
		return levelFilter // `1.real` is no attribute of 1
	}
	return levelAtom
}

func (p *printer) node(n Node, least int) {
	if level(n) < least {
		p.put("(")
		p.node(n, levelTuple)
		p.put(")")
		return
	}
	switch n := n.(type) {
	case nil:
		p.put("?")
	case *Name:
		p.put(n.Ident)
	case *Namespace:
		p.put("$" + n.Ident)
	case *Literal:
		p.literal(n.Value)
	case *Attr:
		p.node(n.X, levelPostfix)
		p.put("." + n.Name)
	case *Index:
		p.node(n.X, levelPostfix)
		p.put("[")
		p.node(n.Key, levelTuple)
		p.put("]")
	case *Slice:
		p.slice(n)
	case *Call:
		if n.X != nil {
			p.node(n.X, levelPostfix)
			p.put(".")
		}
		p.put(n.Func)
		p.arguments(n.Args, n.Keywords)
	case *Unary:
		if n.Op == OpNot {
			p.put("not ")
			p.node(n.X, levelNot)
			return
		}
		p.put(opText[n.Op])
		p.operand(n.X)
	case *Binary:
		p.binary(n)
	case *Compare:
		p.node(n.First, levelAdd)
		for i, op := range n.Ops {
			p.put(" " + opText[op] + " ")
			p.node(n.Rest[i], levelAdd)
		}
	case *Cond:
		p.node(n.Then, levelOr)
		p.put(" if ")
		p.node(n.Test, levelOr)
		if n.Else != nil {
			p.put(" else ")
			p.node(n.Else, levelCond)
		}
	case *List:
		p.list("[", n.Items, "]")
	case *Tuple:
		p.list("(", n.Items, ")")
	case *Dict:
		p.put("{")
		for i := range n.Keys {
			if i > 0 {
				p.put(", ")
			}
			p.node(n.Keys[i], levelCond)
			p.put(": ")
			p.node(n.Values[i], levelCond)
		}
		p.put("}")
	case *Comp:
		p.comp(n)
	case *Filter:
		p.node(n.X, levelFilter)
		p.put(" | " + n.Name)
		if len(n.Args)+len(n.Keywords) > 0 {
			p.arguments(n.Args, n.Keywords)
		}
	case *Is:
		p.node(n.X, levelFilter)
		p.put(" is ")
		if n.Not {
			p.put("not ")
		}
		p.put(n.Name)
		if len(n.Args) > 0 {
			p.arguments(n.Args, nil)
		}
	case *Bad:
		if n.X == nil {
			p.put("?")
			return
		}
		p.node(n.X, least)
	default:
		p.statement(n)
	}
}

// operand prints what follows a sign: a power, but a filter only in
// parentheses, because `-x | f` filters -x.
func (p *printer) operand(n Node) {
	switch level(n) {
	case levelFilter:
		if _, lit := n.(*Literal); !lit {
			p.put("(")
			p.node(n, levelTuple)
			p.put(")")
			return
		}
	case levelPower:
		if b, ok := n.(*Binary); ok && hasFilterOutside(b) {
			p.put("(")
			p.node(n, levelTuple)
			p.put(")")
			return
		}
	}
	p.node(n, levelUnary)
}

// hasFilterOutside reports whether a power has an operand that prints as a bare
// filter.
func hasFilterOutside(b *Binary) bool {
	for _, n := range []Node{b.X, b.Y} {
		switch n := n.(type) {
		case *Filter, *Is:
			return true
		case *Binary:
			if n.Op == OpPow && hasFilterOutside(n) {
				return true
			}
		}
	}
	return false
}

func (p *printer) binary(n *Binary) {
	l := binaryLevel(n.Op)
	left, right := l, l+1
	if n.Op == OpPow {
		left, right = levelFilter, levelUnary // right-associative, and `2 ** -1` is fine
	}
	p.node(n.X, left)
	p.put(" " + opText[n.Op] + " ")
	p.node(n.Y, right)
}

func (p *printer) list(open string, items []Node, end string) {
	p.put(open)
	for i, it := range items {
		if i > 0 {
			p.put(", ")
		}
		p.node(it, levelCond)
	}
	if open == "(" && len(items) == 1 {
		p.put(",")
	}
	p.put(end)
}

func (p *printer) slice(n *Slice) {
	p.node(n.X, levelPostfix)
	p.put("[")
	if n.Lo != nil {
		p.node(n.Lo, levelCond)
	}
	p.put(":")
	if n.Hi != nil {
		p.node(n.Hi, levelCond)
	}
	if n.Step != nil {
		p.put(":")
		p.node(n.Step, levelCond)
	}
	p.put("]")
}

func (p *printer) arguments(args []Node, kws []Keyword) {
	p.put("(")
	for i, a := range args {
		if i > 0 {
			p.put(", ")
		}
		p.node(a, levelCond)
	}
	for i, k := range kws {
		if i+len(args) > 0 {
			p.put(", ")
		}
		p.put(k.Name + "=")
		p.node(k.Value, levelCond)
	}
	p.put(")")
}

func (p *printer) comp(n *Comp) {
	open, end := "[", "]"
	if n.Of != ListComp {
		open, end = "{", "}"
	}
	p.put(open)
	p.node(n.Key, levelCond)
	if n.Value != nil {
		p.put(": ")
		p.node(n.Value, levelCond)
	}
	for _, f := range n.Clauses {
		p.put(" for ")
		p.targets(f.Targets)
		p.put(" in ")
		p.node(f.Iter, levelOr)
		for _, c := range f.Ifs {
			p.put(" if ")
			p.node(c, levelOr)
		}
	}
	p.put(end)
}

func (p *printer) targets(names []Name) {
	for i, t := range names {
		if i > 0 {
			p.put(", ")
		}
		p.put(t.Ident)
	}
}

// literal prints a constant as an expression.
func (p *printer) literal(v value.Value) {
	switch v.Kind() {
	case value.KindFloat:
		f, _ := v.AsFloat()
		switch {
		case math.IsNaN(f):
			p.put("float('nan')")
			return
		case math.IsInf(f, 1):
			p.put("1e999")
			return
		case math.IsInf(f, -1):
			p.put("-1e999")
			return
		}
	case value.KindList, value.KindTuple:
		open, end := "[", "]"
		if v.Kind() == value.KindTuple {
			open, end = "(", ")"
		}
		p.put(open)
		for i, it := range v.Items() {
			if i > 0 {
				p.put(", ")
			}
			p.literal(it)
		}
		if open == "(" && len(v.Items()) == 1 {
			p.put(",")
		}
		p.put(end)
		return
	case value.KindObject:
		o, _ := v.Object()
		p.put("{")
		for i := range o.Len() {
			if i > 0 {
				p.put(", ")
			}
			k, x := o.At(i)
			p.literal(k)
			p.put(": ")
			p.literal(x)
		}
		p.put("}")
		return
	case value.KindSet:
		p.put("set([")
		for i, it := range v.Items() {
			if i > 0 {
				p.put(", ")
			}
			p.literal(it)
		}
		p.put("])")
		return
	}
	p.put(value.Repr(v))
}

func (p *printer) statement(n Node) {
	switch n := n.(type) {
	case *Template:
		for i, part := range n.Parts {
			if r, ok := part.(*Raw); ok {
				p.raw(r.Text, i+1 < len(n.Parts))
				continue
			}
			p.node(part, levelTuple)
		}
	case *Raw:
		p.raw(n.Text, true)
	case *Output:
		p.put("{{ ")
		p.node(n.X, levelTuple)
		p.put(" }}")
	case *Assign:
		p.put("{% set " + n.Target.Ident)
		if n.Field != "" {
			p.put("." + n.Field)
		}
		if t, ok := n.X.(*Template); ok {
			p.put(" %}")
			p.node(t, levelTuple)
			p.put("{% endset %}")
			return
		}
		p.put(" = ")
		p.node(n.X, levelTuple)
		p.put(" %}")
	case *If:
		for i := range n.Tests {
			word := "{% elif "
			if i == 0 {
				word = "{% if "
			}
			p.put(word)
			p.node(n.Tests[i], levelTuple)
			p.put(" %}")
			p.node(n.Bodies[i], levelTuple)
		}
		if n.Else != nil {
			p.put("{% else %}")
			p.node(n.Else, levelTuple)
		}
		p.put("{% endif %}")
	case *For:
		p.put("{% for ")
		p.targets(n.Targets)
		p.put(" in ")
		p.node(n.Iter, levelOr)
		if n.Filter != nil {
			p.put(" if ")
			p.node(n.Filter, levelOr)
		}
		p.put(" %}")
		p.node(n.Body, levelTuple)
		if n.Else != nil {
			p.put("{% else %}")
			p.node(n.Else, levelTuple)
		}
		p.put("{% endfor %}")
	}
}

// raw prints literal text; in a raw block where it would read as a tag. A block
// cannot hold its own end, so that is cut in two.
func (p *printer) raw(s string, followed bool) {
	if !IsTemplate(s) && !(followed && strings.HasSuffix(s, "{")) {
		p.put(s)
		return
	}
	for {
		i := endOfRaw(s)
		if i < 0 {
			break
		}
		p.put("{% raw %}" + s[:i+1] + "{% endraw %}")
		s = s[i+1:]
	}
	p.put("{% raw %}" + s + "{% endraw %}")
}

// endOfRaw is the offset of the first {% endraw %}, or -1.
func endOfRaw(s string) int {
	for i := 0; ; {
		j := strings.Index(s[i:], "{%")
		if j < 0 {
			return -1
		}
		i += j
		if end, _, _ := endRaw(s, i); end > 0 {
			return i
		}
		i += 2
	}
}
