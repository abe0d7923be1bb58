package value

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// mapping reads one of the tables of unicode_tables.go.
func mapping(table string) func() map[rune]string {
	return sync.OnceValue(func() map[rune]string {
		m := map[rune]string{}
		for item := range strings.FieldsSeq(table) {
			r, n := utf8.DecodeRuneInString(item)
			m[r] = item[n:]
		}
		return m
	})
}

var (
	upperMap = mapping(upperSpecial)
	titleMap = mapping(titleSpecial)
	foldMap  = mapping(foldSpecial)
)

func isLowerRune(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z'
	}
	return unicode.In(r, unicode.Ll, unicode.Other_Lowercase)
}

func isUpperRune(r rune) bool {
	if r < 0x80 {
		return r >= 'A' && r <= 'Z'
	}
	return unicode.In(r, unicode.Lu, unicode.Other_Uppercase)
}

func isCasedRune(r rune) bool { return isLowerRune(r) || isUpperRune(r) || unicode.IsTitle(r) }

// isCaseIgnorable is Unicode's property: marks, modifiers and punctuation inside
// words.
func isCaseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:·\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a", r)
}

func upperString(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		writeUpper(&b, r)
	}
	return b.String()
}

func writeUpper(b *strings.Builder, r rune) {
	if r >= 0x80 {
		if t, ok := upperMap()[r]; ok {
			b.WriteString(t)
			return
		}
	}
	b.WriteRune(unicode.ToUpper(r))
}

func writeTitle(b *strings.Builder, r rune) {
	if r >= 0x80 {
		if t, ok := titleMap()[r]; ok {
			b.WriteString(t)
			return
		}
	}
	b.WriteRune(unicode.ToTitle(r))
}

func lowerString(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		writeLower(&b, s, i, r)
	}
	return b.String()
}

// writeLower writes the lower case of r, which stands at s[i:]: a capital sigma
// depends on what is around it.
func writeLower(b *strings.Builder, s string, i int, r rune) {
	switch r {
	case 'İ':
		b.WriteString("i̇")
	case 'Σ':
		if isFinalSigma(s, i) {
			b.WriteRune('ς')
		} else {
			b.WriteRune('σ')
		}
	default:
		b.WriteRune(unicode.ToLower(r))
	}
}

// isFinalSigma reports whether the sigma at s[i:] ends a word. Each run of code
// points that don't count is looked at by the two sigmas next to it at most, so a
// whole text takes linear time.
func isFinalSigma(s string, i int) bool {
	before := s[:i]
	for {
		r, n := utf8.DecodeLastRuneInString(before)
		if n == 0 {
			return false
		}
		if !isCaseIgnorable(r) {
			if !isCasedRune(r) {
				return false
			}
			break
		}
		before = before[:len(before)-n]
	}
	for _, r := range s[i+len("Σ"):] {
		if !isCaseIgnorable(r) {
			return !isCasedRune(r)
		}
	}
	return true
}

// titleString puts the first letter of each word in title case, the rest in
// lower case.
func titleString(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	inWord := false
	for i, r := range s {
		if inWord {
			writeLower(&b, s, i, r)
		} else {
			writeTitle(&b, r)
		}
		inWord = isCasedRune(r)
	}
	return b.String()
}

func capitalizeString(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		if i == 0 {
			writeTitle(&b, r)
		} else {
			writeLower(&b, s, i, r)
		}
	}
	return b.String()
}

func swapcaseString(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case isUpperRune(r):
			writeLower(&b, s, i, r)
		case isLowerRune(r):
			writeUpper(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func casefoldString(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch t, ok := foldMap()[r]; {
		case ok:
			b.WriteString(t)
		case r == 'İ':
			b.WriteString("i̇")
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// caseOf reports whether s has cased code points, all of which satisfy want.
func caseOf(s string, want func(rune) bool) bool {
	found := false
	for _, r := range s {
		switch {
		case want(r):
			found = true
		case isCasedRune(r):
			return false
		}
	}
	return found
}

// isTitleString reports whether upper and title case begin words and lower case
// goes on with them.
func isTitleString(s string) bool {
	found, inWord := false, false
	for _, r := range s {
		switch {
		case isUpperRune(r) || unicode.IsTitle(r):
			if inWord {
				return false
			}
			found, inWord = true, true
		case isLowerRune(r):
			if !inWord {
				return false
			}
		default:
			inWord = false
		}
	}
	return found
}

func inRanges(table [][2]rune, r rune) bool {
	lo, hi := 0, len(table)
	for lo < hi {
		mid := (lo + hi) / 2
		switch {
		case r < table[mid][0]:
			hi = mid
		case r > table[mid][1]:
			lo = mid + 1
		default:
			return true
		}
	}
	return false
}

func isDecimalRune(r rune) bool { return unicode.Is(unicode.Nd, r) }
func isDigitRune(r rune) bool   { return isDecimalRune(r) || inRanges(digitRanges[:], r) }
func isNumericRune(r rune) bool { return isDigitRune(r) || inRanges(numericRanges[:], r) }
func isAlphaRune(r rune) bool   { return unicode.IsLetter(r) }
func isAlnumRune(r rune) bool   { return isAlphaRune(r) || isNumericRune(r) }

// every reports whether s is not empty and all its code points satisfy f.
func every(s string, f func(rune) bool) bool {
	for _, r := range s {
		if !f(r) {
			return false
		}
	}
	return s != ""
}
