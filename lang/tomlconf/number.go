package tomlconf

import (
	"math/big"
	"strings"
)

// number is a TOML number as YAML writes it: without underscores, in decimal,
// infinities and NaN with YAML's names.
func number(s string) string {
	s = strings.ReplaceAll(s, "_", "")
	sign := ""
	digits := s
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		if digits[0] == '-' {
			sign = "-"
		}
		digits = digits[1:]
	}
	switch {
	case digits == "inf":
		return sign + ".inf"
	case digits == "nan":
		return ".nan"
	case strings.HasPrefix(digits, "0x"), strings.HasPrefix(digits, "0o"), strings.HasPrefix(digits, "0b"):
		if i, ok := new(big.Int).SetString(digits, 0); ok {
			return sign + i.String()
		}
	}
	return sign + digits
}
