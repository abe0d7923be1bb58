package ide

import (
	"sort"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// TokenType is a type of a semantic token.
type TokenType uint8

// Token types, in the order of the legend.
const (
	TokenNode TokenType = iota // a node, where it is declared or read
	TokenVariable
	TokenParameter // of a macro; field of the run's input
	TokenProperty
	TokenFunction
	TokenMethod
	TokenKeyword
	TokenString
	TokenNumber
	TokenOperator
	TokenNamespace
	TokenTypeName
	TokenMacro
	TokenEnum
)

// TokenLegend is the names of the types, as the protocol knows them.
var TokenLegend = []string{"class", "variable", "parameter", "property", "function", "method", "keyword", "string", "number", "operator", "namespace", "type", "macro", "enumMember"}

// TokenModifiers is the names of the modifiers, by bit.
var TokenModifiers = []string{"declaration", "readonly", "defaultLibrary"}

// Bits of Token.Modifiers.
const (
	Declaration = 1 << iota
	Readonly
	DefaultLibrary
)

// Token is a part of a text with its meaning. It never spans a line break.
type Token struct {
	Span      source.Span
	Type      TokenType
	Modifiers uint32
}

// Tokens are the parts of a file that mean something: names everywhere, and the
// parts of expressions inside of strings. They are sorted and do not overlap.
func Tokens(s *compile.Snapshot, path string) ([]Token, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	t := &tokens{a: a}
	for _, d := range a.Docs {
		if d.Program == nil || d.Program.Scope == nil {
			continue
		}
		d.Program.Scope.Each(func(info *check.Info) {
			info.EachExpr(func(e *ast.Expr) {
				if e.Tree != nil && e.Loc.File == a.Source {
					t.expression(e.Text, e.Tree)
				}
			})
		})
	}
	for _, d := range a.Docs {
		if d.Program == nil {
			t.templates(d.Doc.Root)
		}
	}
	for _, o := range indexOf(s, a).in(path) {
		typ, ok := symbolTokens[o.Symbol.Kind]
		if !ok {
			continue
		}
		mod := uint32(0)
		if o.Def {
			mod = Declaration
		}
		t.add(o.Span, typ, mod)
	}
	for _, d := range a.Tree.Docs {
		t.tags(d.Root)
	}
	return t.sorted(), nil
}

var symbolTokens = map[SymbolKind]TokenType{
	SymbolNode: TokenNode, SymbolField: TokenProperty, SymbolInput: TokenParameter, SymbolTarget: TokenVariable, SymbolLoop: TokenVariable,
	SymbolLocal: TokenVariable, SymbolPort: TokenNamespace, SymbolAdapter: TokenTypeName, SymbolMacro: TokenMacro, SymbolParameter: TokenParameter,
	SymbolProcess: TokenNode, SymbolPolicy: TokenTypeName, SymbolMiddleware: TokenTypeName, SymbolType: TokenTypeName, SymbolAlias: TokenTypeName,
	SymbolService: TokenNamespace, SymbolTool: TokenFunction, SymbolEntity: TokenTypeName, SymbolState: TokenEnum, SymbolConstant: TokenVariable,
}

type tokens struct {
	a   *compile.Analysis
	out []Token
}

// add notes a token, one for each line that it is on.
func (t *tokens) add(s source.Span, typ TokenType, mod uint32) {
	f := t.a.Source
	for s.Start < s.End {
		line := f.LineSpan(f.Line(int(s.Start)))
		end := min(s.End, line.End)
		if end > s.Start {
			t.out = append(t.out, Token{source.Span{Start: s.Start, End: end}, typ, mod})
		}
		next := f.Line(int(s.Start)) + 1
		if next >= f.LineCount() {
			return
		}
		s.Start = max(f.LineSpan(next).Start, s.Start+1)
	}
}

// templates adds the expressions of texts that the checker does not know.
func (t *tokens) templates(n *syntax.Node) {
	walkTree(n, func(n *syntax.Node) {
		if n.Kind == syntax.Scalar && expr.IsTemplate(n.Value) {
			text := expr.Text{Src: n.Value, File: t.a.Source, Map: t.a.Tree.TextMap(n)}
			tree, _ := expr.ParseTemplate(text)
			t.expression(text, tree)
		}
	})
}

// expression adds the parts of an expression.
func (t *tokens) expression(text expr.Text, tree expr.Node) {
	add := func(s source.Span, typ TokenType, mod uint32) {
		if s.Len() > 0 {
			t.add(text.Map.Span(s), typ, mod)
		}
	}
	names := func(list []expr.Keyword) {
		for _, k := range list {
			add(k.NameSpan, TokenParameter, 0)
		}
	}
	expr.Walk(tree, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.Name:
			add(n.Span(), TokenVariable, 0)
		case *expr.Namespace:
			add(n.Span(), TokenNamespace, Readonly|DefaultLibrary)
		case *expr.Attr:
			add(n.NameSpan, TokenProperty, 0)
		case *expr.Call:
			if n.X != nil {
				add(n.FuncSpan, TokenMethod, DefaultLibrary)
			} else {
				add(n.FuncSpan, TokenFunction, DefaultLibrary)
			}
			names(n.Keywords)
		case *expr.Filter:
			add(n.NameSpan, TokenFunction, DefaultLibrary)
			names(n.Keywords)
		case *expr.Is:
			add(n.NameSpan, TokenFunction, DefaultLibrary)
		case *expr.Literal:
			if src := text.Src[n.Span().Start:n.Span().End]; src != "" {
				switch c := src[0]; {
				case c == '"' || c == '\'':
					add(n.Span(), TokenString, 0)
				case c >= '0' && c <= '9' || c == '.' || c == '-':
					add(n.Span(), TokenNumber, 0)
				default:
					add(n.Span(), TokenKeyword, 0)
				}
			}
		case *expr.Comp:
			for _, c := range n.Clauses {
				for _, x := range c.Targets {
					add(x.Span(), TokenVariable, Declaration)
				}
			}
		case *expr.For:
			for _, x := range n.Targets {
				add(x.Span(), TokenVariable, Declaration)
			}
		}
		return true
	})
}

// tags adds the tags of values: `!include`.
func (t *tokens) tags(n *syntax.Node) {
	walkTree(n, func(n *syntax.Node) {
		if n.Tag != "" && n.TagSpan.Len() > 0 {
			t.add(n.TagSpan, TokenMacro, 0)
		}
	})
}

// sorted are the tokens in order; of two at one place the one that was added
// last holds, because names know more than trees.
func (t *tokens) sorted() []Token {
	for i, j := 0, len(t.out)-1; i < j; i, j = i+1, j-1 {
		t.out[i], t.out[j] = t.out[j], t.out[i]
	}
	sort.SliceStable(t.out, func(i, j int) bool { return t.out[i].Span.Start < t.out[j].Span.Start })
	out := t.out[:0]
	for _, x := range t.out {
		if n := len(out); n > 0 && x.Span.Start < out[n-1].Span.End {
			continue
		}
		out = append(out, x)
	}
	return out
}
