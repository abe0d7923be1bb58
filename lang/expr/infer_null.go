package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// mayBeNull warns of an operand that is null in some runs and fits in others:
// the operator works until, for instance, the node that the value comes from is
// skipped. What is null in every run, or of unknown type, is not its business.
func (f *inferrer) mayBeNull(op Op, x Node, t *Type) {
	null, other := false, false
	for _, k := range t.kinds() {
		switch k {
		case TypeAny, TypeNever:
			return
		case TypeNull:
			null = true
		default:
			other = true
		}
	}
	if !null || !other {
		return
	}
	text := strings.Trim(quoted(x), "`")
	f.report(true, diag.ExprMayBeNull, x.Span(), "give it a fallback, as in default("+text+", …), or test `"+text+" is not None` first",
		"`%s` may be null, and `%s` fails then", text, op)
}
