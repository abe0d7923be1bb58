package syntax

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// ScalarKind is the type that a scalar has in the YAML 1.2 core schema.
type ScalarKind uint8

// Scalar kinds. NotScalar is what Resolve says of a mapping or sequence.
const (
	NotScalar ScalarKind = iota
	Null
	Bool
	Int
	Float
	String
)

// String is the kind's name in messages.
func (k ScalarKind) String() string {
	return [...]string{"collection", "null", "boolean", "integer", "number", "string"}[k]
}

// Resolved is the value of a scalar.
type Resolved struct {
	Kind ScalarKind
	// Bool is the value of a Bool.
	Bool bool
	// Int is the value of an Int that fits, Big of one that does not (else nil).
	Int int64
	Big *big.Int
	// Float is the value of a Float, nearest to the text; Text has the digits.
	Float float64
	// Text is the scalar's Value.
	Text string
	// Mismatch says that the scalar has an explicit core tag (`!!int`, …) that
	// its text does not fit; its Kind is String then. Parse has reported it.
	Mismatch bool
}

// BigInt is the value of an Int of any size; nil for other kinds.
func (r Resolved) BigInt() *big.Int {
	switch {
	case r.Kind != Int:
		return nil
	case r.Big != nil:
		return new(big.Int).Set(r.Big)
	}
	return big.NewInt(r.Int)
}

// Resolve reads a scalar by the YAML 1.2 core schema: a plain one by its text,
// a quoted or block one as a string, and any one as its explicit core tag says.
// Other tags leave the reading of the text alone. Aliases are followed. It is
// safe for concurrent use and costs a few nanoseconds for ordinary texts.
func (n *Node) Resolve() Resolved {
	n = n.Deref()
	if n == nil || n.Kind != Scalar {
		return Resolved{}
	}
	if n.Tag != "" {
		if r, ok := resolveTagged(n); ok {
			return r
		}
	}
	switch n.Style {
	case Empty:
		return Resolved{Kind: Null}
	case Plain:
		return resolvePlain(n.Value)
	}
	return Resolved{Kind: String, Text: n.Value}
}

// CoreTag is the part behind `!!` of a tag of the core schema or of YAML's tag
// repository, such as "str", however it is written; "" for other tags.
func (n *Node) CoreTag() string {
	const long = "!<tag:yaml.org,2002:"
	switch {
	case strings.HasPrefix(n.Tag, "!!"):
		return n.Tag[2:]
	case strings.HasPrefix(n.Tag, long) && strings.HasSuffix(n.Tag, ">"):
		return n.Tag[len(long) : len(n.Tag)-1]
	}
	return ""
}

func resolveTagged(n *Node) (Resolved, bool) {
	text := n.Value
	wanted := NotScalar
	switch n.CoreTag() {
	case "str":
		return Resolved{Kind: String, Text: text}, true
	case "int":
		wanted = Int
	case "float":
		wanted = Float
	case "bool":
		wanted = Bool
	case "null":
		wanted = Null
	default:
		if n.Tag == "!" { // the non-specific tag: not resolved by its text
			return Resolved{Kind: String, Text: text}, true
		}
		return Resolved{}, false
	}
	r := resolvePlain(text)
	if wanted == Float && r.Kind == Int {
		f, _ := new(big.Float).SetInt(r.BigInt()).Float64()
		return Resolved{Kind: Float, Float: f, Text: text}, true
	}
	if r.Kind != wanted {
		return Resolved{Kind: String, Text: text, Mismatch: true}, true
	}
	return r, true
}

// mayResolve reports whether the plain text s may be something else than a
// string, from its first character.
func mayResolve(s string) bool {
	if s == "" {
		return true
	}
	switch c := s[0]; c {
	case '~', 'n', 'N', 't', 'T', 'f', 'F', '-', '+', '.':
		return true
	default:
		return c >= '0' && c <= '9'
	}
}

// resolvePlain reads the text of a plain scalar.
func resolvePlain(s string) Resolved {
	text := Resolved{Kind: String, Text: s}
	if s == "" {
		return Resolved{Kind: Null}
	}
	switch c := s[0]; {
	case c == '~' || c == 'n' || c == 'N':
		switch s {
		case "~", "null", "Null", "NULL":
			return Resolved{Kind: Null, Text: s}
		}
	case c == 't' || c == 'T':
		switch s {
		case "true", "True", "TRUE":
			return Resolved{Kind: Bool, Bool: true, Text: s}
		}
	case c == 'f' || c == 'F':
		switch s {
		case "false", "False", "FALSE":
			return Resolved{Kind: Bool, Text: s}
		}
	case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.':
		return resolveNumber(s)
	}
	return text
}

func resolveNumber(s string) Resolved {
	text := Resolved{Kind: String, Text: s}
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'o') {
		base, digits := 16, "0123456789abcdefABCDEF"
		if s[1] == 'o' {
			base, digits = 8, "01234567"
		}
		if strings.Trim(s[2:], digits) != "" {
			return text
		}
		return integer(s, s[2:], base)
	}
	digits := s
	if s[0] == '-' || s[0] == '+' {
		digits = s[1:]
	}
	switch digits {
	case "":
		return text
	case ".inf", ".Inf", ".INF":
		r := Resolved{Kind: Float, Float: math.Inf(1), Text: s}
		if s[0] == '-' {
			r.Float = math.Inf(-1)
		}
		return r
	case ".nan", ".NaN", ".NAN":
		if digits != s {
			return text
		}
		return Resolved{Kind: Float, Float: math.NaN(), Text: s}
	}
	// digits [ "." digits ] [ "e" [sign] digits ], with digits on one side of the point
	whole := countDigits(digits)
	if whole == len(digits) {
		return integer(s, strings.TrimPrefix(s, "+"), 10)
	}
	i, fraction := whole, 0
	if digits[i] == '.' {
		fraction = countDigits(digits[i+1:])
		i += 1 + fraction
	}
	if whole+fraction == 0 {
		return text
	}
	if i < len(digits) && digits[i]|0x20 == 'e' {
		i++
		if i < len(digits) && (digits[i] == '-' || digits[i] == '+') {
			i++
		}
		exponent := countDigits(digits[i:])
		if exponent == 0 {
			return text
		}
		i += exponent
	}
	if i != len(digits) {
		return text
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives an infinity
	return Resolved{Kind: Float, Float: f, Text: s}
}

func countDigits(s string) int {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

// maxDigits is how long an integer may be, as in Python.
const maxDigits = 4300

func integer(text, digits string, base int) Resolved {
	if len(digits) > maxDigits {
		return Resolved{Kind: String, Text: text}
	}
	if v, err := strconv.ParseInt(digits, base, 64); err == nil {
		return Resolved{Kind: Int, Int: v, Text: text}
	}
	v, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return Resolved{Kind: String, Text: text}
	}
	return Resolved{Kind: Int, Big: v, Text: text}
}

// isInteger reports whether s is written as an integer of any length.
func isInteger(s string) bool {
	switch {
	case strings.HasPrefix(s, "0x"):
		return len(s) > 2 && strings.Trim(s[2:], "0123456789abcdefABCDEF") == ""
	case strings.HasPrefix(s, "0o"):
		return len(s) > 2 && strings.Trim(s[2:], "01234567") == ""
	case s[0] == '-' || s[0] == '+':
		s = s[1:]
	}
	return s != "" && countDigits(s) == len(s)
}
