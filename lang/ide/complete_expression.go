package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
)

// inExpression offers what can stand at the cursor in an expression or in the
// brackets of a template.
func (k *completer) inExpression(x *expression) {
	src := x.text.Src
	start := x.offset
	for start > 0 && isNameByte(src[start-1]) {
		start--
	}
	end := x.offset
	for end < len(src) && isNameByte(src[end]) {
		end++
	}
	if start > 0 && src[start-1] == '$' {
		start--
	}
	span := x.span(source.Span{Start: int32(start), End: int32(end)})
	if start == end {
		span = source.Span{Start: int32(k.offset), End: int32(k.offset)}
	}
	before := strings.TrimRight(src[:start], " \t\r\n")
	if quoteOpen(src, x.regionStart(), start) {
		k.subscript(x, span, start)
		return
	}
	switch {
	case strings.HasSuffix(before, ".") && !isDigitBefore(before):
		k.members(x, span, start)
	case x.template && strings.HasSuffix(before, "|") && !strings.HasSuffix(before, "||"):
		k.catalogue(expr.Filters(), ItemFilter, span)
	case !x.template && x.place.Role != 0 && strings.HasSuffix(before, "|"):
		for _, f := range expr.Filters() {
			if f.Name == "default" || f.Name == "required" {
				k.catalogue([]expr.FuncDoc{f}, ItemFilter, span)
			}
		}
	case x.template && (strings.HasSuffix(before, " is") || strings.HasSuffix(before, " is not")):
		k.catalogue(expr.Tests(), ItemKeyword, span)
	case x.tag && strings.HasSuffix(strings.TrimRight(before, "-+"), "{%"):
		for _, w := range []string{"if", "elif", "else", "endif", "for", "endfor", "set", "endset", "raw", "endraw"} {
			k.add(Item{Label: w, Kind: ItemKeyword, Span: span, Text: w, Rank: 20})
		}
	default:
		k.names(x, span)
	}
}

func isNameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

// isDigitBefore reports whether the dot at the end of a text belongs to a
// number.
func isDigitBefore(s string) bool {
	s = strings.TrimSuffix(s, ".")
	i := len(s)
	for i > 0 && isNameByte(s[i-1]) {
		i--
	}
	return i < len(s) && '0' <= s[i] && s[i] <= '9'
}

// regionStart is where the expression around the cursor begins in the text.
func (x *expression) regionStart() int {
	if x.template {
		if r := regionAt(x.text.Src, x.offset); r != nil {
			return r.start + 2
		}
	}
	return 0
}

// quoteOpen reports whether an offset is inside of a quoted string.
func quoteOpen(s string, from, to int) bool {
	var quote byte
	for i := from; i < to && i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		}
	}
	return quote != 0
}

// members offers the fields and methods of what stands in front of the dot.
func (k *completer) members(x *expression, span source.Span, start int) {
	t := x.before(start)
	for _, name := range t.FieldNames() {
		if !expr.IsIdentifier(name) {
			continue
		}
		f, _ := t.Field(name)
		k.add(Item{Label: name, Kind: ItemMember, Detail: f.Type.String(), Doc: f.Doc, Span: span, Text: name, Rank: 10})
	}
	for _, kind := range typeKinds(t) {
		for _, m := range expr.Methods(kind) {
			if m.Refused == "" {
				k.call(m, ItemMethod, span, 40)
			}
		}
	}
}

// subscript offers the fields of what is subscripted with the string that the
// cursor is in.
func (k *completer) subscript(x *expression, span source.Span, start int) {
	src := x.text.Src[:start]
	i := strings.LastIndexAny(src, `'"`)
	if i <= 0 || src[i-1] != '[' {
		return
	}
	t := x.before(i)
	for _, name := range t.FieldNames() {
		f, _ := t.Field(name)
		k.add(Item{Label: name, Kind: ItemMember, Detail: f.Type.String(), Doc: f.Doc, Span: span, Text: name, Rank: 10})
	}
}

// before is the type of the operand that ends at the dot or bracket in front of
// an offset of the text.
func (x *expression) before(offset int) *expr.Type {
	src := x.text.Src
	end := offset
	for end > 0 && strings.IndexByte(" \t\r\n", src[end-1]) >= 0 {
		end--
	}
	if end > 0 {
		end-- // the dot or bracket
	}
	for end > 0 && strings.IndexByte(" \t\r\n", src[end-1]) >= 0 {
		end--
	}
	var best expr.Node
	if x.tree != nil {
		expr.Walk(x.tree, func(n expr.Node) bool {
			var operand expr.Node
			switch n := n.(type) {
			case *expr.Attr:
				operand = n.X
			case *expr.Index:
				operand = n.X
			case *expr.Call:
				operand = n.X
			}
			if operand != nil && int(operand.Span().End) == end {
				best = operand
			}
			return true
		})
	}
	if best != nil {
		if t := x.typeOf(best); !t.IsAny() {
			return t
		}
	}
	// What the tree does not hold: the path in front, parsed by itself.
	start := operandStart(src, x.regionStart(), end)
	if start >= end {
		return expr.Any
	}
	p := x.c.program()
	if p == nil {
		return expr.Any
	}
	text := expr.Text{Src: src[start:end]}
	tree, _ := expr.Parse(text)
	scope := &boundTypes{p.Types(x.place), x.binders(offset)}
	if t := expr.InferAll(tree, text, scope)[tree]; t != nil {
		return t
	}
	return expr.Any
}

// boundTypes are the types of a place with the names that a text binds.
type boundTypes struct {
	outer expr.TypeScope
	names []binder
}

// Lookup implements expr.TypeScope.
func (b *boundTypes) Lookup(head string, namespace bool) (*expr.Type, bool) {
	for i := len(b.names) - 1; i >= 0 && !namespace; i-- {
		if b.names[i].name == head {
			return b.names[i].typ, true
		}
	}
	return b.outer.Lookup(head, namespace)
}

// operandStart is where the path that ends at an offset begins: names with dots,
// subscripts and calls.
func operandStart(s string, from, end int) int {
	i := end
	for i > from {
		switch c := s[i-1]; {
		case isNameByte(c) || c == '.' || c == '$':
			i--
		case c == ']' || c == ')':
			depth := 0
			j := i
			for j > from {
				switch s[j-1] {
				case ']', ')':
					depth++
				case '[', '(':
					depth--
				}
				j--
				if depth == 0 {
					break
				}
			}
			if depth != 0 {
				return i
			}
			i = j
		default:
			return i
		}
	}
	return i
}

// typeKinds are the names of the kinds of value that a type has, as the
// catalogue of methods knows them.
func typeKinds(t *expr.Type) []string {
	switch t.Kind {
	case expr.TypeUnion:
		var out []string
		for _, m := range t.Items {
			out = append(out, typeKinds(m)...)
		}
		return out
	case expr.TypeObject:
		return []string{"dict"}
	case expr.TypeList:
		return []string{"list"}
	case expr.TypeSet:
		return []string{"set"}
	case expr.TypeTuple:
		return []string{"tuple"}
	case expr.TypeStr:
		return []string{"str"}
	case expr.TypeEnum:
		if len(t.Enum) > 0 {
			return typeKinds(expr.TypeOf(t.Enum[0]))
		}
	case expr.TypeAny:
		return []string{"dict", "str", "list"}
	case expr.TypeNull, expr.TypeNever:
		return nil
	}
	return []string{t.String()}
}

// names offers the names that can be read at the cursor.
func (k *completer) names(x *expression, span source.Span) {
	if strings.HasPrefix(k.a.Source.Slice(span), "$") {
		if p := k.program(); p != nil {
			for _, v := range p.Visible(x.place) {
				if v.Namespace {
					k.namespace(v, span)
				}
			}
		}
		return
	}
	for _, b := range x.binders(x.offset) {
		k.add(Item{Label: b.name, Kind: ItemVariable, Detail: b.typ.String(), Span: span, Text: b.name, Rank: 5})
	}
	if p := k.program(); p != nil {
		own, _ := k.info()
		for _, v := range p.Visible(x.place) {
			if !expr.IsIdentifier(v.Name) {
				continue
			}
			it := Item{Label: v.Name, Kind: ItemVariable, Detail: v.Type.String(), Doc: describeVisible(v), Span: span, Text: v.Name, Rank: 10}
			switch {
			case v.Namespace:
				k.namespace(v, span)
				continue
			case v.Kind == check.SlotNode:
				it.Kind, it.Rank = ItemNode, 15
				if own != nil && v.Node.Scope == own.Scope && v.Node.Index > own.Index {
					it.Rank = 25 // what comes later is rarely meant
				}
			case v.Field:
				it.Kind, it.Rank = ItemMember, 20
			}
			k.add(it)
		}
	}
	for _, f := range expr.Functions() {
		if f.Refused == "" {
			k.call(f, ItemFunction, span, 40)
		}
	}
	for i, w := range []string{"and", "or", "not", "in", "is", "if", "else", "for", "True", "False", "None"} {
		k.add(Item{Label: w, Kind: ItemKeyword, Span: span, Text: w, Rank: 60 + i})
	}
}

func (k *completer) namespace(v check.Visible, span source.Span) {
	name := "$" + v.Name
	k.add(Item{Label: name, Kind: ItemNamespace, Detail: v.Type.String(), Doc: describeVisible(v), Span: span, Text: name, Rank: 30})
}

// catalogue offers filters or tests.
func (k *completer) catalogue(docs []expr.FuncDoc, kind ItemKind, span source.Span) {
	for _, f := range docs {
		if f.Refused != "" {
			continue
		}
		rank := 20
		if f.Alias != "" {
			rank = 30
		}
		k.add(Item{Label: f.Name, Kind: kind, Detail: f.Signature, Doc: funcDoc(f), Span: span, Text: f.Name, Rank: rank})
	}
}

// call offers a function with its brackets.
func (k *completer) call(f expr.FuncDoc, kind ItemKind, span source.Span, rank int) {
	it := Item{Label: f.Name, Kind: kind, Detail: f.Signature, Doc: funcDoc(f), Span: span, Text: snippetText(f.Name) + "($0)", Snippet: true, Rank: rank}
	if len(f.Params) == 0 {
		it.Text, it.Snippet = f.Name+"()", false
	}
	if rest := k.a.Source.Text()[span.End:]; strings.HasPrefix(rest, "(") {
		it.Text, it.Snippet = f.Name, false
	}
	k.add(it)
}
