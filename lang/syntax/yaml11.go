package syntax

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// YAML11 says whether a YAML 1.1 reader, namely PyYAML's SafeLoader, takes the
// plain scalar n for something else than Resolve does: `yes`, `010`, `0o7`,
// `12:30`, `1_000`, `2024-01-01`, `1e3`. what is that reading, for a message:
// "the boolean true", "the integer 8", "the date 2024-01-01". Only untagged
// plain scalars can differ. Aliases are not followed: the finding belongs to
// the scalar.
func (n *Node) YAML11() (what string, differs bool) {
	if n.Kind != Scalar || n.Style != Plain || n.Tag != "" || n.Broken {
		return "", false
	}
	now := resolvePlain(n.Value)
	then, date := resolve11(n.Value)
	if date {
		return "the date " + n.Value, true
	}
	if then.Kind == now.Kind {
		switch then.Kind {
		case Bool:
			differs = then.Bool != now.Bool
		case Int:
			differs = then.BigInt().Cmp(now.BigInt()) != 0
		case Float:
			differs = then.Float != now.Float && !(math.IsNaN(then.Float) && math.IsNaN(now.Float))
		}
		if !differs {
			return "", false
		}
	}
	switch then.Kind {
	case Bool:
		return fmt.Sprintf("the boolean %t", then.Bool), true
	case Int:
		return "the integer " + then.BigInt().String(), true
	case Float:
		return "the number " + strconv.FormatFloat(then.Float, 'g', -1, 64), true
	case Null:
		return "null", true
	}
	return "the string " + strconv.Quote(n.Value), true
}

// resolve11 reads the text of a plain scalar as PyYAML's SafeLoader does. date
// is set for a date or a time stamp.
func resolve11(s string) (r Resolved, date bool) {
	text := Resolved{Kind: String, Text: s}
	if s == "" || len(s) > maxDigits {
		return resolvePlain(s), false
	}
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return Resolved{Kind: Bool, Bool: true, Text: s}, false
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return Resolved{Kind: Bool, Text: s}, false
	case "~", "null", "Null", "NULL":
		return Resolved{Kind: Null, Text: s}, false
	case ".nan", ".NaN", ".NAN":
		return Resolved{Kind: Float, Float: math.NaN(), Text: s}, false
	}
	if c := s[0]; (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' {
		return text, false
	}
	if isTimestamp(s) {
		return text, true
	}
	body, negative := s, false
	if s[0] == '-' || s[0] == '+' {
		body, negative = s[1:], s[0] == '-'
	}
	switch body {
	case "":
		return text, false
	case ".inf", ".Inf", ".INF":
		r := Resolved{Kind: Float, Float: math.Inf(1), Text: s}
		if negative {
			r.Float = math.Inf(-1)
		}
		return r, false
	}
	if v, ok := integer11(body); ok {
		if negative {
			v.Neg(v)
		}
		if v.IsInt64() {
			return Resolved{Kind: Int, Int: v.Int64(), Text: s}, false
		}
		return Resolved{Kind: Int, Big: v, Text: s}, false
	}
	if f, ok := float11(s, body); ok {
		if negative {
			f = -f
		}
		return Resolved{Kind: Float, Float: f, Text: s}, false
	}
	return text, false
}

// integer11 reads an unsigned integer of YAML 1.1: binary, octal with a leading
// zero, decimal, hexadecimal or sexagesimal, with underscores.
func integer11(s string) (*big.Int, bool) {
	const decimal = "0123456789"
	base, digits := 10, s
	switch {
	case strings.HasPrefix(s, "0b"):
		base, digits = 2, s[2:]
		if digits == "" || strings.Trim(digits, "01_") != "" {
			return nil, false
		}
	case strings.HasPrefix(s, "0x"):
		base, digits = 16, s[2:]
		if digits == "" || strings.Trim(digits, "0123456789abcdefABCDEF_") != "" {
			return nil, false
		}
	case s == "0":
	case s[0] == '0':
		base, digits = 8, s[1:]
		if strings.Trim(digits, "01234567_") != "" {
			return nil, false
		}
	case s[0] < '1' || s[0] > '9':
		return nil, false
	case strings.Contains(s, ":"):
		parts := strings.Split(s, ":")
		total := new(big.Int)
		for i, part := range parts {
			if i == 0 && strings.Trim(part, decimal+"_") != "" || i > 0 && !isSixty(part) {
				return nil, false
			}
			v, ok := new(big.Int).SetString(strings.ReplaceAll(part, "_", ""), 10)
			if !ok {
				return nil, false
			}
			total.Mul(total, big.NewInt(60)).Add(total, v)
		}
		return total, true
	case strings.Trim(s, decimal+"_") != "":
		return nil, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if digits == "" {
		return new(big.Int), base == 8 // PyYAML fails on `0b_` and `0x_`
	}
	return new(big.Int).SetString(digits, base)
}

// isSixty reports whether s is a digit of a sexagesimal number, 0 to 59.
func isSixty(s string) bool {
	switch len(s) {
	case 1:
		return s[0] >= '0' && s[0] <= '9'
	case 2:
		return s[0] >= '0' && s[0] <= '5' && s[1] >= '0' && s[1] <= '9'
	}
	return false
}

// float11 reads a float of YAML 1.1, whose point is not optional and whose
// exponent has a sign: signed is the whole text, s it without sign.
func float11(signed, s string) (float64, bool) {
	whole := len(s) - len(strings.TrimLeft(s, "0123456789_"))
	if whole > 0 && s[0] == '_' {
		return 0, false
	}
	if whole == 0 && (signed != s || s[0] != '.') {
		return 0, false
	}
	rest := s[whole:]
	if whole > 0 && strings.HasPrefix(rest, ":") {
		head, fraction, ok := strings.Cut(rest, ".")
		if !ok || strings.Trim(fraction, "0123456789_") != "" {
			return 0, false
		}
		total, _ := strconv.ParseFloat(strings.ReplaceAll(s[:whole], "_", ""), 64)
		parts := strings.Split(head[1:], ":")
		for i, part := range parts {
			if !isSixty(part) {
				return 0, false
			}
			if i == len(parts)-1 {
				part += "." + strings.ReplaceAll(fraction, "_", "")
			}
			v, _ := strconv.ParseFloat(part, 64)
			total = total*60 + v
		}
		return total, true
	}
	if rest == "" || rest[0] != '.' {
		return 0, false
	}
	rest = rest[1:]
	fraction := len(rest) - len(strings.TrimLeft(rest, "0123456789_"))
	if whole == 0 && (fraction == 0 || rest[0] == '_') {
		return 0, false
	}
	exponent := rest[fraction:]
	if exponent != "" {
		if len(exponent) < 3 || exponent[0]|0x20 != 'e' || exponent[1] != '+' && exponent[1] != '-' ||
			countDigits(exponent[2:]) != len(exponent)-2 {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f, err == nil || math.IsInf(f, 0)
}

// isTimestamp reports whether s is a date (2024-01-31) or a time stamp of YAML
// 1.1 (2024-1-31 10:20:30.5 +1).
func isTimestamp(s string) bool {
	next := func(least, most int) bool {
		n := countDigits(s)
		if n < least {
			return false
		}
		n = min(n, most)
		s = s[n:]
		return true
	}
	take := func(prefix string) bool {
		rest, ok := strings.CutPrefix(s, prefix)
		s = rest
		return ok
	}
	dateOnly := len(s) == 10
	if !next(4, 4) || !take("-") || !next(1, 2) || !take("-") || !next(1, 2) {
		return false
	}
	if s == "" {
		return dateOnly
	}
	if !take("T") && !take("t") {
		trimmed := strings.TrimLeft(s, " \t")
		if trimmed == s {
			return false
		}
		s = trimmed
	}
	if !next(1, 2) || !take(":") || !next(2, 2) || !take(":") || !next(2, 2) {
		return false
	}
	if take(".") {
		s = strings.TrimLeft(s, "0123456789")
	}
	s = strings.TrimLeft(s, " \t")
	if s == "" || s == "Z" {
		return true
	}
	if !take("+") && !take("-") || !next(1, 2) {
		return false
	}
	return s == "" || take(":") && next(2, 2) && s == ""
}
