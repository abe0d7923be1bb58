package expr

import (
	"html"
	"math"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// Implementations of the filters on texts and numbers; filters.go documents
// them.

func filterSafe(_ *frame, _ Node, a []value.Value) (value.Value, error) { return a[0], nil }

// onText applies f to the text of the value.
func onText(fr *frame, at Node, v value.Value, f func(string) string) (value.Value, error) {
	s, err := textArg(fr, at, v)
	if err != nil {
		return value.Null, err
	}
	return value.String(f(s)), nil
}

// pyUpper and pyLower are Python's: `ß` becomes `SS`.
func pyCase(name, s string) string {
	m, ok := value.LookupMethod(value.KindString, name)
	if !ok {
		return s
	}
	v, err := m(value.String(s), nil, nil)
	if err != nil {
		return s
	}
	out, _ := v.AsString()
	return out
}

func filterCapitalize(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return onText(fr, at, a[0], func(s string) string {
		_, n := utf8.DecodeRuneInString(s)
		return titleCase(s[:n]) + pyCase("lower", s[n:])
	})
}

// titleCase is the title case of a text of one character.
func titleCase(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if t := unicode.ToTitle(r); t != unicode.ToUpper(r) {
		return string(t)
	}
	return pyCase("upper", s)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

func filterEscape(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return onText(fr, at, a[0], escaper.Replace)
}

func filterFileSize(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	f, err := value.ToFloat(a[0])
	if err != nil {
		return value.Null, err
	}
	bytes, _ := f.AsFloat()
	base, units := 1000.0, []string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if boolArg(a[1], false) {
		base, units = 1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	if bytes == 1 {
		return value.String("1 Byte"), nil
	}
	if bytes < base || math.IsNaN(bytes) {
		s, err := value.ToInt(f, value.Missing)
		if err != nil {
			return value.Null, err
		}
		return value.String(value.Str(s) + " Bytes"), nil
	}
	unit := base
	for i, name := range units {
		unit *= base
		if bytes < unit || i == len(units)-1 {
			s, err := value.Format(value.Float(base*bytes/unit), ".1f")
			return value.String(s + " " + name), err
		}
	}
	return value.Null, nil
}

func filterFloat(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	v, err := value.ToFloat(a[0])
	if err == nil {
		return v, nil
	}
	if a[1].IsMissing() {
		return value.Float(0), nil
	}
	return a[1], nil
}

func filterInt(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	fallback := a[1]
	if fallback.IsMissing() {
		fallback = value.Int(0)
	}
	base := value.Missing
	if a[0].Kind() == value.KindString {
		base = a[2]
	}
	if v, err := value.ToInt(a[0], base); err == nil {
		return v, nil
	}
	// '42.9' is 42
	if f, err := value.ToFloat(a[0]); err == nil {
		if v, err := value.ToInt(f, value.Missing); err == nil {
			return v, nil
		}
	}
	return fallback, nil
}

func filterIndent(fr *frame, at Node, a []value.Value) (value.Value, error) {
	s, err := textArg(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	pad := "    "
	switch {
	case a[1].IsMissing():
	case a[1].Kind() == value.KindString:
		pad = value.Str(a[1])
	default:
		n, err := intArg("width", a[1], 4)
		if err != nil {
			return value.Null, err
		}
		if n > 1000 {
			return value.Null, valueErrorf("width has to be at most 1000")
		}
		pad = strings.Repeat(" ", int(max(0, n)))
	}
	lines := splitLines(s + "\n") // so that a trailing line break has its line
	if err := fr.made(int64(len(s))+int64(len(lines))*int64(len(pad)), at); err != nil {
		return value.Null, err
	}
	first, blank := boolArg(a[2], false), boolArg(a[3], false)
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if (i > 0 || first) && (line != "" || blank && i > 0 || first && i == 0) {
			b.WriteString(pad)
		}
		b.WriteString(line)
	}
	return value.String(b.String()), nil
}

// splitLines cuts at line breaks as Python's splitlines.
func splitLines(s string) []string {
	var out []string
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch r {
		case '\r':
			out = append(out, s[start:i])
			if i+1 < len(s) && s[i+1] == '\n' {
				n++
			}
			start = i + n
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			out = append(out, s[start:i])
			start = i + n
		}
		i += n
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

func filterReplace(fr *frame, at Node, a []value.Value) (value.Value, error) {
	args := []value.Value{a[1], a[2]}
	for i, v := range args {
		s, err := fr.str(v, at)
		if err != nil {
			return value.Null, err
		}
		args[i] = s
	}
	if !a[3].IsMissing() && !a[3].IsNull() {
		args = append(args, a[3])
	}
	return stringMethod(fr, at, "replace", a[0], args)
}

func filterRound(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	digits := a[1]
	if digits.IsMissing() {
		digits = value.Int(0)
	}
	method := "common"
	if !a[2].IsMissing() {
		method = value.Str(a[2])
	}
	switch method {
	case "common":
		return value.Round(a[0], digits)
	case "ceil", "floor":
	default:
		return value.Null, valueErrorf("method has to be 'common', 'ceil' or 'floor'")
	}
	if a[0].Kind() == value.KindDecimal {
		return value.Null, typeErrorf("the methods 'ceil' and 'floor' round ints and floats, not Decimals")
	}
	scale, err := value.Pow(value.Int(10), digits)
	if err != nil {
		return value.Null, err
	}
	x, err := value.Mul(a[0], scale)
	if err != nil {
		return value.Null, err
	}
	if f, ok := x.AsFloat(); ok {
		if method == "ceil" {
			f = math.Ceil(f)
		} else {
			f = math.Floor(f)
		}
		if x, err = value.ToInt(value.Float(f), value.Missing); err != nil {
			return value.Null, err
		}
	}
	return value.Div(x, scale)
}

func filterStripTags(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return onText(fr, at, a[0], func(s string) string {
		// comments first, as they may hold a >
		for {
			i := strings.Index(s, "<!--")
			if i < 0 {
				break
			}
			j := strings.Index(s[i:], "-->")
			if j < 0 {
				break
			}
			s = s[:i] + s[i+j+3:]
		}
		var b strings.Builder
		for {
			i := strings.IndexByte(s, '<')
			if i < 0 {
				break
			}
			j := strings.IndexByte(s[i:], '>')
			if j < 0 {
				break
			}
			b.WriteString(s[:i])
			s = s[i+j+1:]
		}
		b.WriteString(s)
		return html.UnescapeString(strings.Join(strings.FieldsFunc(b.String(), isSpace), " "))
	})
}

// isSpace is Python's str.isspace for one character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

func filterTitle(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return onText(fr, at, a[0], func(s string) string {
		var b strings.Builder
		start := true // of a word
		for len(s) > 0 {
			r, n := utf8.DecodeRuneInString(s)
			separator := r == '-' || isSpace(r) || strings.ContainsRune("({[<", r)
			switch {
			case start && !separator:
				b.WriteString(pyCase("upper", s[:n]))
			default:
				b.WriteString(pyCase("lower", s[:n]))
			}
			start = separator
			s = s[n:]
		}
		return b.String()
	})
}

func filterToJSON(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if err := fr.noSecret(a[0], at); err != nil {
		return value.Null, err
	}
	if err := fr.made(a[0].Size(), at); err != nil {
		return value.Null, err
	}
	indent := -1
	if !a[1].IsMissing() && !a[1].IsNull() {
		n, err := intArg("indent", a[1], 0)
		if err != nil {
			return value.Null, err
		}
		if n < 0 || n > 100 {
			return value.Null, valueErrorf("indent has to be between 0 and 100")
		}
		indent = int(n)
	}
	s, err := jsonText(a[0], indent)
	return value.String(s), err
}

func filterTrim(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "strip", a[0], a[1:2])
}

func filterTruncate(fr *frame, at Node, a []value.Value) (value.Value, error) {
	text, err := textArg(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	length, err := intArg("length", a[1], 255)
	if err != nil {
		return value.Null, err
	}
	end := "..."
	if !a[3].IsMissing() {
		if end, err = textArg(fr, at, a[3]); err != nil {
			return value.Null, err
		}
	}
	leeway, err := intArg("leeway", a[4], 5)
	if err != nil {
		return value.Null, err
	}
	e := int64(utf8.RuneCountInString(end))
	if length < e {
		return value.Null, valueErrorf("length has to be at least %d, the length of `end`", e)
	}
	if leeway < 0 {
		return value.Null, valueErrorf("leeway has to be at least 0")
	}
	s := []rune(text)
	if int64(len(s))-leeway <= length {
		return value.String(text), nil
	}
	cut := string(s[:length-e])
	if !boolArg(a[2], false) {
		if i := strings.LastIndexByte(cut, ' '); i >= 0 {
			cut = cut[:i]
		}
	}
	return value.String(cut + end), nil
}

func textArg(fr *frame, at Node, v value.Value) (string, error) {
	s, err := fr.text(v, at)
	if err != nil {
		return "", err
	}
	return s, nil
}

func filterWordCount(fr *frame, at Node, a []value.Value) (value.Value, error) {
	s, err := textArg(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	n := int64(0)
	inWord := false
	for _, r := range s {
		w := r == '_' || unicode.In(r, unicode.L, unicode.N)
		if w && !inWord {
			n++
		}
		inWord = w
	}
	return value.Int(n), nil
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"

// quoteURL is Python's urllib.parse.quote; safe are further characters that
// stay.
func quoteURL(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if strings.IndexByte(unreserved, c) >= 0 || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func filterURLEncode(fr *frame, at Node, a []value.Value) (value.Value, error) {
	v := a[0]
	var pairs []value.Value
	switch v.Kind() {
	case value.KindObject:
		o, _ := v.Object()
		for i := range o.Len() {
			k, x := o.At(i)
			pairs = append(pairs, value.Tuple([]value.Value{k, x}))
		}
	case value.KindList, value.KindTuple:
		pairs = v.Items()
	default:
		return onText(fr, at, v, func(s string) string { return quoteURL(s, "/") })
	}
	var b strings.Builder
	for i, p := range pairs {
		cells := p.Items()
		if len(cells) != 2 {
			return value.Null, typeErrorf("urlencode needs a text, a mapping or a list of pairs")
		}
		if i > 0 {
			b.WriteByte('&')
		}
		for k, x := range cells {
			s, err := textArg(fr, at, x)
			if err != nil {
				return value.Null, err
			}
			if k == 1 {
				b.WriteByte('=')
			}
			b.WriteString(strings.ReplaceAll(quoteURL(s, ""), "%20", "+"))
		}
	}
	return value.String(b.String()), nil
}

// bigOf is an int as a *big.Int.
func bigOf(v value.Value) *big.Int {
	i, _ := v.AsBig()
	return i
}
