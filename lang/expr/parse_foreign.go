package expr

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// unexpected reports the current token as one that cannot stand here.
func (p *parser) unexpected() {
	t := p.tok
	s := t.span()
	switch t.kind {
	case tokAssign:
		if s.Start != p.lastErr {
			p.lastErr = s.Start
			p.reportFix(diag.ExprSyntax, s, "compare with `==`", "==", "compare with `==`", "`=` does not compare")
		}
		return
	case tokPipe:
		p.fail(s, "combine conditions with `or`", "`|` is no operator of expressions")
		return
	case tokRParen, tokRBracket, tokRBrace:
		p.fail(s, "remove it, or add the opening one", "%s closes nothing", p.describe(t))
		return
	case tokName:
		if p.word() == "not" {
			p.fail(s, "write `and not`, `or not` or `not in`", "`not` cannot stand between two values")
			return
		}
		p.fail(s, "put an operator (`and`, `==`, `+`, …) or a comma between the two, or quotes around a text", "an operator is missing before %s", p.describe(t))
		return
	case tokInt, tokFloat, tokString, tokNamespace, tokLParen, tokLBracket, tokLBrace:
		p.fail(s, "put an operator (`and`, `==`, `+`, …) or a comma between the two", "an operator is missing before %s", p.describe(t))
		return
	}
	switch t.kind {
	case tokForeign:
		p.fail(s, foreignHelp[p.word()], "%s is no operator here", p.describe(t))
	case tokBad:
		p.fail(s, badCharHelp(p.word()), "%s cannot stand in an expression", p.describe(t))
	default:
		p.fail(s, "", "unexpected %s", p.describe(t))
	}
}

// wordOperator is the operator that a word of another language stands for.
func wordOperator(word string) string {
	switch strings.ToLower(word) {
	case "and", "or", "not", "in", "is", "if", "else":
		return strings.ToLower(word)
	case "eq", "equals":
		return "=="
	case "ne":
		return "!="
	case "lt":
		return "<"
	case "le":
		return "<="
	case "gt":
		return ">"
	case "ge":
		return ">="
	}
	return ""
}

// aliasWord consumes a word of another language, as `AND` or `eq`, that stands
// for one of these operators, and says so.
func (p *parser) aliasWord(ours ...string) (string, bool) {
	if p.tok.kind != tokName {
		return "", false
	}
	word := p.word()
	w := wordOperator(word)
	if w == word || !slices.Contains(ours, w) {
		return "", false
	}
	if p.tok.start != p.lastErr {
		p.lastErr = p.tok.start
		p.reportFix(diag.ExprSyntax, p.tok.span(), "replace with `"+w+"`", w, "write `"+w+"`", "`%s` is no operator", word)
	}
	p.next()
	return w, true
}

// acceptOr consumes `or`, or what is meant for it.
func (p *parser) acceptOr() bool {
	if p.acceptWord("or") || p.alias("||", "or") {
		return true
	}
	_, ok := p.aliasWord("or")
	return ok
}

// acceptAnd consumes `and`, or what is meant for it.
func (p *parser) acceptAnd() bool {
	if p.acceptWord("and") || p.alias("&&", "and") {
		return true
	}
	_, ok := p.aliasWord("and")
	return ok
}

// notText is `not` in place of a `!`, with a space if none follows.
func (p *parser) notText() string {
	if p.peek().spaced {
		return "not"
	}
	return "not "
}

// acceptNot consumes `not`, or what is meant for it before an operand.
func (p *parser) acceptNot() bool {
	if p.acceptWord("not") || p.alias("!", p.notText()) {
		return true
	}
	if p.tok.kind != tokName || p.word() != "NOT" {
		return false
	}
	if t := p.peek(); t.kind != tokName && t.kind != tokNamespace {
		return false
	}
	_, ok := p.aliasWord("not")
	return ok
}

var foreignHelp = map[string]string{
	"??": "write coalesce(a, b)",
	"=>": "write `>=` to compare; lambdas do not exist here",
	":=": "assignments do not exist in expressions",
	"@":  "matrix multiplication does not exist here",
	"?":  "write `a if condition else b`",
	";":  "an expression is one value; use several `expressions` for several values",
}

func (p *parser) unsupported(s source.Span, help, format string, args ...any) {
	if s.Start == p.lastErr {
		return
	}
	p.lastErr = s.Start
	p.report(diag.ExprUnsupported, s, help, format, args...)
}

// alias consumes a foreign operator that stands for ours, and says so.
func (p *parser) alias(theirs, ours string) bool {
	if p.tok.kind != tokForeign || p.word() != theirs {
		return false
	}
	if p.tok.start != p.lastErr {
		p.lastErr = p.tok.start
		p.reportFix(diag.ExprSyntax, p.tok.span(), "replace with `"+strings.TrimSpace(ours)+"`", ours, "write `"+strings.TrimSpace(ours)+"`", "`%s` is no operator here", theirs)
	}
	p.next()
	return true
}

var comparisonOps = map[string]Op{"==": OpEq, "!=": OpNe, "<": OpLt, "<=": OpLe, ">": OpGt, ">=": OpGe, "in": OpIn, "is": OpIs}
