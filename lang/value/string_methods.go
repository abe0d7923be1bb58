package value

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var stringMethods = map[string]Method{
	"upper":      mapString("upper", upperString),
	"lower":      mapString("lower", lowerString),
	"title":      mapString("title", titleString),
	"capitalize": mapString("capitalize", capitalizeString),
	"swapcase":   mapString("swapcase", swapcaseString),
	"casefold":   mapString("casefold", casefoldString),

	"isalnum":     testString("isalnum", func(s string) bool { return every(s, isAlnumRune) }),
	"isalpha":     testString("isalpha", func(s string) bool { return every(s, isAlphaRune) }),
	"isascii":     testString("isascii", isASCII),
	"isdecimal":   testString("isdecimal", func(s string) bool { return every(s, isDecimalRune) }),
	"isdigit":     testString("isdigit", func(s string) bool { return every(s, isDigitRune) }),
	"isnumeric":   testString("isnumeric", func(s string) bool { return every(s, isNumericRune) }),
	"islower":     testString("islower", func(s string) bool { return caseOf(s, isLowerRune) }),
	"isupper":     testString("isupper", func(s string) bool { return caseOf(s, isUpperRune) }),
	"istitle":     testString("istitle", isTitleString),
	"isspace":     testString("isspace", func(s string) bool { return every(s, isSpace) }),
	"isprintable": testString("isprintable", func(s string) bool { return s == "" || every(s, unicode.IsPrint) }),

	"strip":  stripMethod("strip", true, true),
	"lstrip": stripMethod("lstrip", true, false),
	"rstrip": stripMethod("rstrip", false, true),

	"split":      splitMethod("split", splitLeft),
	"rsplit":     splitMethod("rsplit", splitRight),
	"splitlines": splitlinesMethod,
	"partition":  partitionMethod("partition", strings.Index, false),
	"rpartition": partitionMethod("rpartition", strings.LastIndex, true),
	"join":       joinMethod,

	"replace":      replaceMethod,
	"removeprefix": trimMethod("removeprefix", strings.TrimPrefix),
	"removesuffix": trimMethod("removesuffix", strings.TrimSuffix),

	"startswith": affixMethod("startswith", strings.HasPrefix),
	"endswith":   affixMethod("endswith", strings.HasSuffix),
	"find":       findMethod("find", strings.Index, false),
	"rfind":      findMethod("rfind", strings.LastIndex, false),
	"index":      findMethod("index", strings.Index, true),
	"rindex":     findMethod("rindex", strings.LastIndex, true),
	"count":      countStringMethod,

	"center": justifyMethod("center", '^'),
	"ljust":  justifyMethod("ljust", '<'),
	"rjust":  justifyMethod("rjust", '>'),
	"zfill":  zfillMethod,

	"format": formatMethod,
}

// mapString is a method without arguments that gives a string. Case mappings
// give at most three code points for one.
func mapString(name string, f func(string) string) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		if _, err := bind(name, args, kw, 0); err != nil {
			return Null, err
		}
		return boundedString(f(v.str()))
	}
}

func boundedString(s string) (Value, error) {
	if len(s) > MaxStringBytes {
		return Null, errStringTooLong(uint64(len(s)))
	}
	return String(s), nil
}

func testString(name string, f func(string) bool) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		_, err := bind(name, args, kw, 0)
		return Bool(err == nil && f(v.str())), err
	}
}

func stripMethod(name string, left, right bool) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 0, "chars")
		if err != nil {
			return Null, err
		}
		cut := isSpace
		if a[0].kind == KindString {
			cut = oneOf(a[0].str())
		} else if !a[0].IsMissing() && !a[0].IsNull() {
			return Null, typeErrorf("%s arg must be None or str", name)
		}
		s := v.str()
		if left {
			s = strings.TrimLeftFunc(s, cut)
		}
		if right {
			s = strings.TrimRightFunc(s, cut)
		}
		return String(s), nil
	}
}

// oneOf is membership in a set of code points, in constant time.
func oneOf(chars string) func(rune) bool {
	if utf8.RuneCountInString(chars) <= 8 {
		return func(r rune) bool { return strings.ContainsRune(chars, r) }
	}
	set := map[rune]bool{}
	for _, r := range chars {
		set[r] = true
	}
	return func(r rune) bool { return set[r] }
}

func joinMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("join", args, kw, 1, "iterable")
	if err != nil {
		return Null, err
	}
	items, err := Iterate(a[0])
	if err != nil {
		return Null, typeErrorf("can only join an iterable, not %s", a[0].kind)
	}
	if len(items) == 0 {
		return asciiString(""), nil
	}
	total := uint64(len(items)-1) * v.w
	for i, it := range items {
		if it.kind != KindString {
			return Null, typeErrorf("sequence item %d: expected str instance, %s found", i, it.kind)
		}
		total += it.w
	}
	if total > MaxStringBytes {
		return Null, errStringTooLong(total)
	}
	var b strings.Builder
	b.Grow(int(total))
	for i, it := range items {
		if i > 0 {
			b.WriteString(v.str())
		}
		b.WriteString(it.str())
	}
	return String(b.String()), nil
}

func replaceMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("replace", args, kw, 2, "old", "new", "count")
	if err != nil {
		return Null, err
	}
	old, err := textArg("replace", a[0])
	if err != nil {
		return Null, err
	}
	repl, err := textArg("replace", a[1])
	if err != nil {
		return Null, err
	}
	count, err := intArg(a[2], -1)
	if err != nil {
		return Null, err
	}
	s := v.str()
	n := int64(strings.Count(s, old)) // of "": code points + 1
	if count >= 0 {
		n = min(n, count)
	}
	if n == 0 {
		return v, nil
	}
	if total := int64(len(s)) + n*int64(len(repl)-len(old)); total > MaxStringBytes {
		return Null, errStringTooLong(uint64(total))
	}
	return String(strings.Replace(s, old, repl, int(n))), nil
}

func trimMethod(name string, trim func(s, affix string) string) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 1, "affix")
		if err != nil {
			return Null, err
		}
		affix, err := textArg(name, a[0])
		if err != nil {
			return Null, err
		}
		return String(trim(v.str(), affix)), nil
	}
}

// window is the code points [lo:hi] of s and the number of those before it;
// false when lo is beyond hi, where nothing is found.
func window(v, lo, hi Value) (s string, before int, ok bool, err error) {
	s = v.str()
	n := v.strLen()
	from, to, err := searchBounds(lo, hi, n)
	if err != nil || from > to {
		return "", 0, false, err
	}
	if from == 0 && to == n {
		return s, 0, true, nil
	}
	if v.ascii {
		return s[from:to], from, true, nil
	}
	s = s[runeOffset(s, from):]
	return s[:runeOffset(s, to-from)], from, true, nil
}

func affixMethod(name string, has func(s, affix string) bool) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 1, "affix", "start", "end")
		if err != nil {
			return Null, err
		}
		affixes := []Value{a[0]}
		if a[0].kind == KindTuple {
			affixes = a[0].Items()
		} else if a[0].kind != KindString {
			return Null, typeErrorf("%s first arg must be str or a tuple of str, not %s", name, a[0].kind)
		}
		s, _, ok, err := window(v, a[1], a[2])
		if err != nil {
			return Null, err
		}
		for _, affix := range affixes {
			if affix.kind != KindString {
				return Null, typeErrorf("tuple for %s must only contain str, not %s", name, affix.kind)
			}
			if ok && has(s, affix.str()) {
				return True, nil
			}
		}
		return False, nil
	}
}

func findMethod(name string, find func(s, sub string) int, must bool) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 1, "sub", "start", "end")
		if err != nil {
			return Null, err
		}
		sub, err := textArg(name, a[0])
		if err != nil {
			return Null, err
		}
		s, before, ok, err := window(v, a[1], a[2])
		if err != nil {
			return Null, err
		}
		if ok {
			if i := find(s, sub); i >= 0 {
				return Int(int64(before + utf8.RuneCountInString(s[:i]))), nil
			}
		}
		if must {
			return Null, valueErrorf("substring not found")
		}
		return Int(-1), nil
	}
}

func countStringMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("count", args, kw, 1, "sub", "start", "end")
	if err != nil {
		return Null, err
	}
	sub, err := textArg("count", a[0])
	if err != nil {
		return Null, err
	}
	s, _, ok, err := window(v, a[1], a[2])
	if err != nil || !ok {
		return Int(0), err
	}
	return Int(int64(strings.Count(s, sub))), nil
}

func justifyMethod(name string, align byte) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 1, "width", "fillchar")
		if err != nil {
			return Null, err
		}
		width, err := intArg(a[0], 0)
		if err != nil {
			return Null, err
		}
		fill := " "
		if !a[1].IsMissing() {
			if a[1].kind != KindString || a[1].strLen() != 1 {
				return Null, typeErrorf("The fill character must be exactly one character long")
			}
			fill = a[1].str()
		}
		pad := width - int64(v.strLen())
		if pad <= 0 {
			return v, nil
		}
		if pad > MaxStringBytes || pad*int64(len(fill))+int64(v.w) > MaxStringBytes {
			return Null, errStringTooLong(uint64(pad))
		}
		left := int64(0)
		switch align {
		case '^':
			left = pad/2 + pad&width&1
		case '>':
			left = pad
		}
		return String(strings.Repeat(fill, int(left)) + v.str() + strings.Repeat(fill, int(pad-left))), nil
	}
}

func zfillMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("zfill", args, kw, 1, "width")
	if err != nil {
		return Null, err
	}
	width, err := intArg(a[0], 0)
	if err != nil {
		return Null, err
	}
	pad := width - int64(v.strLen())
	if pad <= 0 {
		return v, nil
	}
	if pad > MaxStringBytes-int64(v.w) {
		return Null, errStringTooLong(uint64(pad))
	}
	s, sgn := v.str(), ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sgn, s = s[:1], s[1:]
	}
	return String(sgn + strings.Repeat("0", int(pad)) + s), nil
}
