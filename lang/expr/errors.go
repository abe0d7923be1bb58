package expr

import (
	"errors"
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// ErrorKind is why an evaluation has no result.
type ErrorKind uint8

// Error kinds.
const (
	ErrMissing      ErrorKind = iota + 1 // a name that does not exist
	ErrMissingField                      // a field that does not exist, in a template
	ErrRequired                          // `| required` on what is missing or null
	ErrType                              // an operation on values of the wrong types
	ErrValue
	ErrZeroDivision
	ErrOverflow
	ErrIndex
	ErrKey
	ErrDecimal // decimal.InvalidOperation
	ErrLimit   // a bound of the Meter or of the value package
	ErrSecret  // a secret where its text would be needed
)

var errorKindNames = [...]string{
	ErrMissing: "missing name", ErrMissingField: "missing field", ErrRequired: "required", ErrType: "type", ErrValue: "value",
	ErrZeroDivision: "division by zero", ErrOverflow: "overflow", ErrIndex: "index", ErrKey: "key", ErrDecimal: "decimal",
	ErrLimit: "limit", ErrSecret: "secret",
}

// String is the kind in a word or two.
func (k ErrorKind) String() string {
	if int(k) < len(errorKindNames) && errorKindNames[k] != "" {
		return errorKindNames[k]
	}
	return fmt.Sprintf("ErrorKind(%d)", uint8(k))
}

// EvalError is why an evaluation has no result. Its texts name sub-expressions,
// names and types; they quote no values but constants of the text and keys.
type EvalError struct {
	Kind ErrorKind
	// Span is the sub-expression at fault, in the text.
	Span source.Span
	// Msg says what is wrong: one line, lower case, no full stop.
	Msg string
	// Help is the way out; it may be empty.
	Help string
	// Missing is the head, without a dollar sign, if Kind is ErrMissing.
	Missing string
}

// Error is the message and the help.
func (e *EvalError) Error() string {
	if e.Help == "" {
		return e.Msg
	}
	return e.Msg + " (" + e.Help + ")"
}

var kindOf = [...]ErrorKind{
	value.TypeError: ErrType, value.ValueError: ErrValue, value.ZeroDivisionError: ErrZeroDivision, value.OverflowError: ErrOverflow,
	value.IndexError: ErrIndex, value.KeyError: ErrKey, value.LimitError: ErrLimit, value.InvalidOperation: ErrDecimal,
}

// failed makes an error of the value package, or of an implementation, one of
// the sub-expression n.
func failed(n Node, err error) *EvalError {
	var e *EvalError
	if errors.As(err, &e) {
		if e.Span == (source.Span{}) {
			c := *e
			c.Span = n.Span()
			return &c
		}
		return e
	}
	var v *value.Error
	if !errors.As(err, &v) {
		return &EvalError{Kind: ErrValue, Span: n.Span(), Msg: quoted(n) + ": " + err.Error()}
	}
	out := &EvalError{Kind: ErrValue, Span: n.Span(), Msg: quoted(n) + ": " + lowerFirst(v.Msg)}
	if int(v.Kind) < len(kindOf) && kindOf[v.Kind] != 0 {
		out.Kind = kindOf[v.Kind]
	}
	out.Help = helpFor(n, v)
	return out
}

// failedOn is failed for an operation on a and b, whose help names the side at
// fault.
func failedOn(n *Binary, a, b value.Value, err error) *EvalError {
	e := failed(n, err)
	if e.Kind != ErrType {
		return e
	}
	out := *e
	x, y := Print(n.X), Print(n.Y)
	text := func(v value.Value) bool { return v.Kind() == value.KindString }
	switch {
	case a.IsNull():
		out.Help = nullHelp(x)
	case b.IsNull():
		out.Help = nullHelp(y)
	case n.Op == OpMod && text(a): // a format
	case n.Op == OpAdd && text(a):
		out.Help = shorten("write %s + str(%s) to join texts, or int(%s) + %s to add", x, y, x, y)
	case n.Op == OpAdd && text(b):
		out.Help = shorten("write str(%s) + %s to join texts, or %s + int(%s) to add", x, y, x, y)
	case n.Op == OpAdd && a.Kind() == value.KindList && b.Kind() != value.KindTuple:
		out.Help = shorten("write %s + [%s] to append one item", x, y)
	case text(a):
		out.Help = shorten("%s is a text; int(%s) or float(%s) make a number of it", x, x, x)
	case text(b):
		out.Help = shorten("%s is a text; int(%s) or float(%s) make a number of it", y, y, y)
	case a.Kind() == value.KindFloat && b.Kind() == value.KindDecimal:
		out.Help = shorten("write Decimal(str(%s))", x)
	case b.Kind() == value.KindFloat && a.Kind() == value.KindDecimal:
		out.Help = shorten("write Decimal(str(%s))", y)
	}
	return &out
}

func nullHelp(what string) string {
	return shorten("%s is null here; give it a fallback with default(%s, …)", what, what)
}

// shorten puts the texts of sub-expressions into a help; long ones become x.
func shorten(format string, texts ...string) string {
	args := make([]any, len(texts))
	for i, t := range texts {
		if len(t) > 40 || strings.ContainsRune(t, '\n') {
			t = "x"
		}
		args[i] = t
	}
	return fmt.Sprintf(format, args...)
}

// quoted is the text of a sub-expression for a message.
func quoted(n Node) string {
	s := Print(n)
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i] + "…"
	}
	r := []rune(s)
	if len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return "`" + s + "`"
}

// lowerFirst lowers the first letter of a sentence, not of a word such as
// Decimal or NoneType.
func lowerFirst(s string) string {
	if len(s) > 1 && 'A' <= s[0] && s[0] <= 'Z' && (s[1] == ' ' || 'a' <= s[1] && s[1] <= 'z') {
		word, _, _ := strings.Cut(s, " ")
		if word != "Decimal" && word != "NoneType" {
			return strings.ToLower(s[:1]) + s[1:]
		}
	}
	return s
}

func helpFor(n Node, v *value.Error) string {
	null := strings.Contains(v.Msg, "NoneType")
	switch v.Kind {
	case value.ValueError:
		if c, ok := n.(*Call); ok && c.X == nil && c.Func == "int" && strings.Contains(v.Msg, "literal") {
			return "the text has to be a whole number such as '42'; int(float(x)) also takes '4.2'"
		}
	case value.TypeError:
		switch {
		case null:
			return "a value is null here; give it a fallback with default(x, …)"
		case strings.Contains(v.Msg, "'str'") && isOp(n, OpAdd):
			return "join texts with str(x), or convert the text with int(x) or float(x)"
		case strings.Contains(v.Msg, "float") && strings.Contains(v.Msg, "Decimal"):
			return "convert the float with Decimal(str(x))"
		case strings.Contains(v.Msg, "not iterable"):
			return "a loop needs a list, a mapping or a text"
		}
	case value.ZeroDivisionError:
		return "test the divisor first: a / b if b else 0"
	}
	return ""
}

func isOp(n Node, op Op) bool {
	b, ok := n.(*Binary)
	return ok && b.Op == op
}

func evalErrorf(kind ErrorKind, n Node, help, format string, args ...any) *EvalError {
	return &EvalError{Kind: kind, Span: n.Span(), Msg: fmt.Sprintf(format, args...), Help: help}
}

// Errors of implementations, without a span.
func typeErrorf(format string, args ...any) error {
	return &value.Error{Kind: value.TypeError, Msg: fmt.Sprintf(format, args...), Offset: -1}
}

func valueErrorf(format string, args ...any) error {
	return &value.Error{Kind: value.ValueError, Msg: fmt.Sprintf(format, args...), Offset: -1}
}
