package value

import (
	"strconv"
	"strings"
)

// formatMethod is str.format without Python's attribute walks: a field is a
// position or a keyword followed by [key]s, with !r, !s, !a and a format spec
// that may itself hold fields, one level deep.
func formatMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	f := &fieldFormatter{args: args, kw: kw}
	out, err := f.expand(nil, v.str(), 2)
	if err != nil {
		return Null, err
	}
	return String(string(out)), nil
}

type fieldFormatter struct {
	args []Value
	kw   []Keyword
	next int // the position that the next {} takes
	// manual and auto: {0} and {} can't be mixed.
	manual, auto bool
}

func (f *fieldFormatter) expand(dst []byte, s string, depth int) (_ []byte, err error) {
	if depth == 0 {
		return nil, valueErrorf("Max string recursion exceeded")
	}
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			dst = append(dst, s...)
			break
		}
		dst = append(dst, s[:i]...)
		c := s[i]
		s = s[i+1:]
		if s != "" && s[0] == c {
			dst = append(dst, c)
			s = s[1:]
			continue
		}
		if c == '}' {
			return nil, valueErrorf("Single '}' encountered in format string")
		}
		if s == "" {
			return nil, valueErrorf("Single '{' encountered in format string")
		}
		end := fieldEnd(s)
		if end < 0 {
			return nil, valueErrorf("expected '}' before end of string")
		}
		if dst, err = f.field(dst, s[:end], depth); err != nil {
			return nil, err
		}
		s = s[end+1:]
		if len(dst) > MaxStringBytes {
			return nil, errStringTooLong(uint64(len(dst)))
		}
	}
	return dst, nil
}

// fieldEnd is the offset of the brace that closes a field; brackets hide braces,
// as in CPython, only in the name of the field.
func fieldEnd(s string) int {
	nested, bracket, name := 1, false, true
	for i := range len(s) {
		switch c := s[i]; {
		case name && c == '[':
			bracket = true
		case name && c == ']':
			bracket = false
		case bracket:
		case c == ':' || c == '!':
			name = false
		case c == '{':
			nested++
		case c == '}':
			if nested--; nested == 0 {
				return i
			}
		}
	}
	return -1
}

func (f *fieldFormatter) field(dst []byte, s string, depth int) ([]byte, error) {
	name, conversion, spec, err := splitField(s)
	if err != nil {
		return nil, err
	}
	v, err := f.lookup(name)
	if err != nil {
		return nil, err
	}
	switch conversion {
	case 0:
	case 's':
		v, err = ToStr(v)
	case 'r':
		v, err = ToRepr(v)
	case 'a':
		if v, err = ToRepr(v); err == nil {
			v = String(escapeNonASCII(v.str()))
		}
	default:
		err = valueErrorf("Unknown conversion specifier '%c'", conversion)
	}
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(spec, "{}") {
		expanded, err := f.expand(nil, spec, depth-1)
		if err != nil {
			return nil, err
		}
		spec = string(expanded)
	}
	text, err := Format(v, spec)
	return append(dst, text...), err
}

func escapeNonASCII(s string) string {
	var out []byte
	for _, r := range s {
		switch {
		case r < 0x80:
			out = append(out, byte(r))
		case r <= 0xff:
			out = appendHex(append(out, `\x`...), r, 2)
		case r <= 0xffff:
			out = appendHex(append(out, `\u`...), r, 4)
		default:
			out = appendHex(append(out, `\U`...), r, 8)
		}
	}
	return string(out)
}

// splitField splits name[!conversion][:spec].
func splitField(s string) (name string, conversion rune, spec string, err error) {
	bracket := false
	i := 0
scan:
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == '{':
			return "", 0, "", valueErrorf("unexpected '{' in field name")
		case c == ':' || c == '!':
			break scan
		}
	}
	name, s = s[:i], s[i:]
	if strings.HasPrefix(s, "!") {
		for j, r := range s[1:] {
			if j == 0 {
				conversion = r
				continue
			}
			if r != ':' {
				return "", 0, "", valueErrorf("expected ':' after conversion specifier")
			}
			return name, conversion, s[1+j+1:], nil
		}
		if conversion == 0 {
			return "", 0, "", valueErrorf("end of string while looking for conversion specifier")
		}
		return name, conversion, "", nil
	}
	return name, 0, strings.TrimPrefix(s, ":"), nil
}

// lookup is the value of a field name.
func (f *fieldFormatter) lookup(name string) (Value, error) {
	head := name
	if i := strings.IndexAny(name, ".["); i >= 0 {
		head = name[:i]
	}
	rest := name[len(head):]
	v, err := f.argument(head)
	for rest != "" && err == nil {
		if rest[0] != '[' {
			return Null, valueErrorf("format() reads no attributes: use [key] in the field %s", quoteForError(name))
		}
		key, tail, ok := strings.Cut(rest[1:], "]")
		switch {
		case !ok:
			return Null, valueErrorf("Missing ']' in format string")
		case key == "":
			return Null, valueErrorf("Empty attribute in format string")
		}
		k := String(key)
		if allDigits(key) {
			n, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				return Null, valueErrorf("Too many decimal digits in format string")
			}
			k = Int(n)
		}
		v, err = Index(v, k)
		if err == nil && tail != "" && tail[0] != '[' && tail[0] != '.' {
			err = valueErrorf("Only '.' or '[' may follow ']' in format field specifier")
		}
		rest = tail
	}
	return v, err
}

func (f *fieldFormatter) argument(head string) (Value, error) {
	n := 0
	switch {
	case head == "":
		if f.manual {
			return Null, valueErrorf("cannot switch from manual field specification to automatic field numbering")
		}
		f.auto = true
		n = f.next
		f.next++
	case allDigits(head):
		if f.auto {
			return Null, valueErrorf("cannot switch from automatic field numbering to manual field specification")
		}
		f.manual = true
		var err error
		if n, err = strconv.Atoi(head); err != nil {
			return Null, valueErrorf("Too many decimal digits in format string")
		}
	default:
		for _, k := range f.kw {
			if k.Name == head {
				return k.Value, nil
			}
		}
		return Null, errorf(KeyError, "%s", quoteForError(head))
	}
	if n >= len(f.args) {
		return Null, errorf(IndexError, "Replacement index %d out of range for positional args tuple", n)
	}
	return f.args[n], nil
}
