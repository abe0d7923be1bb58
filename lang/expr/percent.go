package expr

import (
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// percentFormat is Python's `format % args`. fields, if not nil, is args as the
// mapping that %(name)s reads.
func percentFormat(format string, args value.Value, fields *value.Object) (value.Value, error) {
	list := []value.Value{args}
	if args.Kind() == value.KindTuple {
		list = args.Items()
	}
	if o, ok := args.Object(); ok && fields == nil {
		fields = o
	}
	used := 0
	byName := false
	next := func() (value.Value, error) {
		if used >= len(list) {
			return value.Null, typeErrorf("not enough arguments for format string")
		}
		used++
		return list[used-1], nil
	}
	var b strings.Builder
	for i := 0; i < len(format); {
		j := strings.IndexByte(format[i:], '%')
		if j < 0 {
			b.WriteString(format[i:])
			break
		}
		b.WriteString(format[i : i+j])
		i += j + 1
		if i >= len(format) {
			return value.Null, valueErrorf("incomplete format")
		}
		if format[i] == '%' {
			b.WriteByte('%')
			i++
			continue
		}
		d, rest, err := parseDirective(format, i)
		if err != nil {
			return value.Null, err
		}
		i = rest
		var v value.Value
		if d.name != nil {
			if fields == nil {
				return value.Null, typeErrorf("format requires a mapping")
			}
			byName = true
			var ok bool
			if v, ok = fields.Get(*d.name); !ok {
				return value.Null, &value.Error{Kind: value.KeyError, Msg: value.Repr(value.String(*d.name)), Offset: -1}
			}
		} else {
			for _, star := range []*int{d.starWidth, d.starPrec} {
				if star == nil {
					continue
				}
				n, err := next()
				if err != nil {
					return value.Null, err
				}
				w, ok := n.AsInt()
				if !ok {
					return value.Null, typeErrorf("* wants int")
				}
				if star == d.starWidth && w < 0 {
					d.minus, w = true, -w
				}
				*star = int(max(0, min(w, value.MaxStringBytes+1)))
			}
			if v, err = next(); err != nil {
				return value.Null, err
			}
		}
		if d.width > value.MaxStringBytes || d.prec > value.MaxStringBytes {
			return value.Null, &value.Error{Kind: value.LimitError, Msg: "width is too large", Offset: -1}
		}
		s, err := d.apply(v)
		if err != nil {
			return value.Null, err
		}
		if b.Len()+len(s) > value.MaxStringBytes {
			return value.Null, &value.Error{Kind: value.LimitError, Msg: "the text is too long", Offset: -1}
		}
		b.WriteString(s)
	}
	if used < len(list) && !byName && fields == nil {
		return value.Null, typeErrorf("not all arguments converted during string formatting")
	}
	return value.String(b.String()), nil
}

// directive is one %…x of a format.
type directive struct {
	name                            *string
	minus, plus, space, zero, alter bool
	width, prec                     int // prec -1: none
	starWidth, starPrec             *int
	verb                            byte
}

func parseDirective(f string, i int) (*directive, int, error) {
	d := &directive{prec: -1}
	incomplete := valueErrorf("incomplete format")
	if f[i] == '(' {
		depth, j := 1, i+1
		for ; j < len(f) && depth > 0; j++ {
			switch f[j] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		if depth > 0 {
			return nil, 0, valueErrorf("incomplete format key")
		}
		name := f[i+1 : j-1]
		d.name = &name
		i = j
	}
flags:
	for ; i < len(f); i++ {
		switch f[i] {
		case '-':
			d.minus = true
		case '+':
			d.plus = true
		case ' ':
			d.space = true
		case '0':
			d.zero = true
		case '#':
			d.alter = true
		default:
			break flags
		}
	}
	number := func() int {
		n := 0
		for ; i < len(f) && isDigit(f[i]); i++ {
			n = min(n*10+int(f[i]-'0'), value.MaxStringBytes+1)
		}
		return n
	}
	if i < len(f) && f[i] == '*' {
		d.starWidth = &d.width
		i++
	} else {
		d.width = number()
	}
	if i < len(f) && f[i] == '.' {
		i++
		if i < len(f) && f[i] == '*' {
			d.prec, d.starPrec = 0, &d.prec
			i++
		} else {
			d.prec = number()
		}
	}
	for i < len(f) && (f[i] == 'h' || f[i] == 'l' || f[i] == 'L') {
		i++
	}
	if i >= len(f) {
		return nil, 0, incomplete
	}
	if f[i] >= utf8.RuneSelf || strings.IndexByte("diuoxXeEfFgGcrsa", f[i]) < 0 {
		r, _ := utf8.DecodeRuneInString(f[i:])
		return nil, 0, valueErrorf("unsupported format character %s at index %d", value.Repr(value.String(string(r))), utf8.RuneCountInString(f[:i]))
	}
	d.verb = f[i]
	return d, i + 1, nil
}

func (d *directive) apply(v value.Value) (string, error) {
	switch d.verb {
	case 's', 'r', 'a', 'c':
		return d.text(v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return d.float(v)
	}
	return d.integer(v)
}

func (d *directive) text(v value.Value) (string, error) {
	var s string
	switch d.verb {
	case 's':
		t, err := value.ToStr(v)
		if err != nil {
			return "", err
		}
		s, _ = t.AsString()
	case 'c':
		if t, ok := v.AsString(); ok && utf8.RuneCountInString(t) == 1 {
			s = t
		} else if i, ok := v.AsInt(); ok && i >= 0 && i <= utf8.MaxRune && (i < 0xD800 || i > 0xDFFF) {
			s = string(rune(i))
		} else {
			return "", typeErrorf("%%c requires int or char")
		}
		return d.pad(s, "", false), nil
	default:
		t, err := value.ToRepr(v)
		if err != nil {
			return "", err
		}
		s, _ = t.AsString()
		if d.verb == 'a' {
			s = asciiOnly(s)
		}
	}
	if d.prec >= 0 && utf8.RuneCountInString(s) > d.prec {
		s = string([]rune(s)[:d.prec])
	}
	return d.pad(s, "", false), nil
}

// asciiOnly is Python's ascii(): other characters as escapes.
func asciiOnly(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x100:
			b.WriteString(`\x` + string(hex[r>>4]) + string(hex[r&15]))
		case r < 0x10000:
			b.WriteString(`\u`)
			for k := 12; k >= 0; k -= 4 {
				b.WriteByte(hex[r>>k&15])
			}
		default:
			b.WriteString(`\U`)
			for k := 28; k >= 0; k -= 4 {
				b.WriteByte(hex[r>>k&15])
			}
		}
	}
	return b.String()
}

// pad brings s to the width; zeros go behind the sign or prefix.
func (d *directive) pad(s, sign string, numeric bool) string {
	n := d.width - utf8.RuneCountInString(s) - len(sign)
	switch {
	case n <= 0:
		return sign + s
	case d.minus:
		return sign + s + strings.Repeat(" ", n)
	case d.zero && numeric:
		return sign + strings.Repeat("0", n) + s
	}
	return strings.Repeat(" ", n) + sign + s
}

func (d *directive) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

func (d *directive) float(v value.Value) (string, error) {
	switch v.Kind() {
	case value.KindInt, value.KindFloat, value.KindBool, value.KindDecimal:
	default:
		return "", typeErrorf("must be real number, not %s", v.Kind())
	}
	f, err := value.ToFloat(v)
	if err != nil {
		return "", err
	}
	prec := d.prec
	if prec < 0 {
		prec = 6
	}
	spec := "."
	if d.alter {
		spec = "#."
	}
	s, err := value.Format(f, spec+value.Str(value.Int(int64(prec)))+string(d.verb))
	if err != nil {
		return "", err
	}
	s, negative := strings.CutPrefix(s, "-")
	finite := s != "" && isDigit(s[0])
	if !finite {
		c := *d
		c.zero = false
		return c.pad(s, d.signOf(negative), true), nil
	}
	return d.pad(s, d.signOf(negative), true), nil
}

func (d *directive) integer(v value.Value) (string, error) {
	whole := d.verb == 'd' || d.verb == 'i' || d.verb == 'u'
	switch v.Kind() {
	case value.KindInt:
	case value.KindBool:
		var err error
		if v, err = value.ToInt(v, value.Missing); err != nil {
			return "", err
		}
	case value.KindFloat, value.KindDecimal:
		if !whole {
			return "", typeErrorf("%%%c format: an integer is required, not %s", d.verb, v.Kind())
		}
		var err error
		if v, err = value.ToInt(v, value.Missing); err != nil {
			return "", err
		}
	default:
		if whole {
			return "", typeErrorf("%%%c format: a real number is required, not %s", d.verb, v.Kind())
		}
		return "", typeErrorf("%%%c format: an integer is required, not %s", d.verb, v.Kind())
	}
	i := bigOf(v)
	negative := i.Sign() < 0
	i.Abs(i)
	var s, prefix string
	switch d.verb {
	case 'o':
		s, prefix = i.Text(8), "0o"
	case 'x':
		s, prefix = i.Text(16), "0x"
	case 'X':
		s, prefix = strings.ToUpper(i.Text(16)), "0X"
	default:
		t, err := value.ToStr(value.BigInt(i))
		if err != nil {
			return "", err
		}
		s, _ = t.AsString()
	}
	if d.prec > len(s) {
		s = strings.Repeat("0", d.prec-len(s)) + s
	}
	sign := d.signOf(negative)
	if d.alter && prefix != "" {
		sign += prefix
	}
	return d.pad(s, sign, true), nil
}
