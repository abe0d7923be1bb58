package value

import (
	"fmt"
	"math/big"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// JSONLimits bounds what ParseJSON accepts. The zero value is the defaults.
type JSONLimits struct {
	// MaxBytes bounds the length of the text; 0 is no bound.
	MaxBytes int
	// MaxDepth bounds the nesting; 0 is the package's MaxDepth.
	MaxDepth int
	// MaxItems bounds the number of values and keys in the whole document; 0 is
	// the package's MaxItems.
	MaxItems int
	// ReplaceLoneSurrogates reads an escape of half a surrogate pair (\ud83d), as
	// cut-off text has it, as U+FFFD. Otherwise it is an error.
	ReplaceLoneSurrogates bool
}

// ParseJSON reads one JSON text (RFC 8259), strictly. Objects keep their order,
// and a key that appears twice is an error; whole numbers are ints of any size,
// numbers with a point or an exponent are floats, and one too large for a float
// is an error. Errors are of type *Error with the byte offset of the fault:
// ValueError for malformed text, LimitError beyond the limits. It takes linear
// time and keeps no reference to data.
func ParseJSON(data []byte, lim JSONLimits) (Value, error) {
	if lim.MaxBytes > 0 && len(data) > lim.MaxBytes {
		e := &Error{Kind: LimitError, Offset: lim.MaxBytes}
		e.Msg = fmt.Sprintf("the JSON text has %d bytes; the limit is %d", len(data), lim.MaxBytes)
		return Null, e
	}
	if lim.MaxDepth <= 0 {
		lim.MaxDepth = MaxDepth
	}
	if lim.MaxItems <= 0 {
		lim.MaxItems = MaxItems
	}
	p := &jsonParser{data: data, lim: lim}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return Null, err
	}
	p.space()
	if p.pos < len(data) {
		return Null, p.fail(p.pos, "unexpected %s after the end of the value", p.at(p.pos))
	}
	return v, nil
}

type jsonParser struct {
	data  []byte
	pos   int
	lim   JSONLimits
	items int
	// stack holds the elements of the lists and the keys and values of the objects
	// that are being read; keyAt is where the keys stand.
	stack []Value
	keyAt []int
	keys  keyTable
}

func (p *jsonParser) fail(offset int, format string, args ...any) error {
	return &Error{Kind: ValueError, Msg: "invalid JSON: " + fmt.Sprintf(format, args...) + " at byte " + strconv.Itoa(offset), Offset: offset}
}

func (p *jsonParser) limit(offset int, format string, args ...any) error {
	return &Error{Kind: LimitError, Msg: "JSON too large: " + fmt.Sprintf(format, args...) + " at byte " + strconv.Itoa(offset), Offset: offset}
}

// at is what stands at an offset, for messages.
func (p *jsonParser) at(i int) string {
	if i >= len(p.data) {
		return "end of text"
	}
	r, n := utf8.DecodeRune(p.data[i:])
	if r == utf8.RuneError && n <= 1 {
		return fmt.Sprintf("byte 0x%02x", p.data[i])
	}
	return strconv.QuoteRune(r)
}

func (p *jsonParser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\n', '\t', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

func (p *jsonParser) count() error {
	if p.items++; p.items > p.lim.MaxItems {
		return p.limit(p.pos, "more than %d values", p.lim.MaxItems)
	}
	return nil
}

func (p *jsonParser) value(depth int) (Value, error) {
	if err := p.count(); err != nil {
		return Null, err
	}
	switch c := p.peek(); {
	case c == '"':
		s, err := p.text()
		return utf8OrASCII(string(s)), err
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.list(depth + 1)
	case c == '-' || isDigit(c):
		return p.number()
	}
	for _, w := range [...]struct {
		word string
		v    Value
	}{{"null", Null}, {"true", True}, {"false", False}} {
		if end := p.pos + len(w.word); end <= len(p.data) && string(p.data[p.pos:end]) == w.word {
			p.pos = end
			return w.v, nil
		}
	}
	return Null, p.fail(p.pos, "expected a value, found %s", p.at(p.pos))
}

func (p *jsonParser) enter(depth int) error {
	if depth > p.lim.MaxDepth {
		return p.limit(p.pos, "nested deeper than %d", p.lim.MaxDepth)
	}
	p.pos++
	p.space()
	return nil
}

func (p *jsonParser) list(depth int) (Value, error) {
	if err := p.enter(depth); err != nil {
		return Null, err
	}
	if p.peek() == ']' {
		p.pos++
		return List(nil), nil
	}
	base := len(p.stack)
	for {
		v, err := p.value(depth)
		if err != nil {
			return Null, err
		}
		p.stack = append(p.stack, v)
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			p.space()
		case ']':
			p.pos++
			items := append([]Value(nil), p.stack[base:]...)
			clear(p.stack[base:])
			p.stack = p.stack[:base]
			return List(items), nil
		default:
			return Null, p.fail(p.pos, "expected ',' or ']', found %s", p.at(p.pos))
		}
	}
}

func (p *jsonParser) object(depth int) (Value, error) {
	if err := p.enter(depth); err != nil {
		return Null, err
	}
	if p.peek() == '}' {
		p.pos++
		return NewObject(0).Value(), nil
	}
	base, firstAt := len(p.stack), len(p.keyAt)
	for {
		if p.peek() != '"' {
			return Null, p.fail(p.pos, "expected a key in double quotes, found %s", p.at(p.pos))
		}
		p.keyAt = append(p.keyAt, p.pos)
		if err := p.count(); err != nil {
			return Null, err
		}
		raw, err := p.text()
		if err != nil {
			return Null, err
		}
		key := p.keys.intern(raw)
		p.space()
		if p.peek() != ':' {
			return Null, p.fail(p.pos, "expected ':', found %s", p.at(p.pos))
		}
		p.pos++
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return Null, err
		}
		p.stack = append(p.stack, utf8OrASCII(key), v)
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			p.space()
		case '}':
			p.pos++
			return p.closeObject(base, firstAt)
		default:
			return Null, p.fail(p.pos, "expected ',' or '}', found %s", p.at(p.pos))
		}
	}
}

// closeObject makes an object of the keys and values on the stack.
func (p *jsonParser) closeObject(base, firstAt int) (Value, error) {
	entries := p.stack[base:]
	o := NewObject(len(entries) / 2)
	for i := 0; i < len(entries); i += 2 {
		o.put(entries[i], entries[i+1])
		if o.Len() == i/2 {
			return Null, p.fail(p.keyAt[firstAt+i/2], "the key %s appears twice", quoteForError(entries[i].str()))
		}
	}
	clear(entries)
	p.stack, p.keyAt = p.stack[:base], p.keyAt[:firstAt]
	return o.Value(), nil
}

// keyTable makes the equal keys of many objects one string.
type keyTable map[string]string

func (t *keyTable) intern(key []byte) string {
	if len(key) > 64 {
		return string(key)
	}
	if s, ok := (*t)[string(key)]; ok {
		return s
	}
	s := string(key)
	if *t == nil {
		*t = keyTable{}
	}
	if len(*t) < 1024 {
		(*t)[s] = s
	}
	return s
}

// utf8OrASCII is String for valid UTF-8.
func utf8OrASCII(s string) Value {
	if isASCII(s) {
		return asciiString(s)
	}
	return utf8String(s)
}

func (p *jsonParser) number() (Value, error) {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	first := p.pos
	p.digits()
	switch n := p.pos - first; {
	case n == 0:
		return Null, p.fail(p.pos, "expected a digit, found %s", p.at(p.pos))
	case n > 1 && p.data[first] == '0':
		return Null, p.fail(first, "a number must not begin with 0")
	}
	whole := p.pos - first
	float := false
	if p.peek() == '.' {
		float = true
		p.pos++
		if p.digits() == 0 {
			return Null, p.fail(p.pos, "expected a digit after the point, found %s", p.at(p.pos))
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		float = true
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if p.digits() == 0 {
			return Null, p.fail(p.pos, "expected a digit in the exponent, found %s", p.at(p.pos))
		}
	}
	text := p.data[start:p.pos]
	switch {
	case float:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return Null, p.fail(start, "the number is too large for a float")
		}
		return Float(f), nil
	case whole <= 18:
		var n int64
		for _, c := range p.data[first:p.pos] {
			n = n*10 + int64(c-'0')
		}
		if first > start {
			n = -n
		}
		return Int(n), nil
	case whole > MaxIntDigits:
		return Null, p.limit(start, "an integer of %d digits; the limit is %d", whole, MaxIntDigits)
	}
	n, _ := new(big.Int).SetString(string(text), 10)
	return BigInt(n), nil
}

func (p *jsonParser) digits() int {
	start := p.pos
	for p.pos < len(p.data) && isDigit(p.data[p.pos]) {
		p.pos++
	}
	return p.pos - start
}

// text reads a string; p.pos is at its quote. The bytes may be those of the
// input.
func (p *jsonParser) text() ([]byte, error) {
	start := p.pos
	p.pos++
	from := p.pos
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			s := p.data[from:p.pos]
			if !utf8.Valid(s) {
				return nil, p.invalidUTF8(from)
			}
			p.pos++
			return s, nil
		case c == '\\':
			return p.escapedText(start, from)
		case c < ' ':
			return nil, p.fail(p.pos, "control character 0x%02x in a string; escape it", c)
		}
		p.pos++
	}
	return nil, p.fail(start, "the string is not closed")
}

func (p *jsonParser) invalidUTF8(from int) error {
	for i := from; i < len(p.data); {
		r, n := utf8.DecodeRune(p.data[i:])
		if r == utf8.RuneError && n <= 1 {
			return p.fail(i, "byte 0x%02x is not UTF-8", p.data[i])
		}
		i += n
	}
	return p.fail(from, "the string is not UTF-8")
}

// escapedText goes on with text at the first backslash.
func (p *jsonParser) escapedText(start, from int) ([]byte, error) {
	var out []byte
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			if !utf8.Valid(p.data[from:p.pos]) {
				return nil, p.invalidUTF8(from)
			}
			out = append(out, p.data[from:p.pos]...)
			p.pos++
			return out, nil
		case c < ' ':
			return nil, p.fail(p.pos, "control character 0x%02x in a string; escape it", c)
		case c != '\\':
			p.pos++
			continue
		}
		if !utf8.Valid(p.data[from:p.pos]) {
			return nil, p.invalidUTF8(from)
		}
		out = append(out, p.data[from:p.pos]...)
		r, err := p.escape(start)
		if err != nil {
			return nil, err
		}
		out = utf8.AppendRune(out, r)
		from = p.pos
	}
	return nil, p.fail(start, "the string is not closed")
}

func (p *jsonParser) escape(start int) (rune, error) {
	at := p.pos
	if at+1 >= len(p.data) {
		return 0, p.fail(start, "the string is not closed")
	}
	p.pos += 2
	switch c := p.data[at+1]; c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
	default:
		return 0, p.fail(at, "unknown escape \\%s", p.at(at + 1)[1:len(p.at(at+1))-1])
	}
	r, ok := p.hex4(p.pos)
	if !ok {
		return 0, p.fail(at, "\\u needs four hexadecimal digits")
	}
	p.pos += 4
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if p.pos+1 < len(p.data) && p.data[p.pos] == '\\' && p.data[p.pos+1] == 'u' {
		if low, ok := p.hex4(p.pos + 2); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				p.pos += 6
				return pair, nil
			}
		}
	}
	if p.lim.ReplaceLoneSurrogates {
		return utf8.RuneError, nil
	}
	return 0, p.fail(at, "\\u%04x is half of a surrogate pair", r)
}

func (p *jsonParser) hex4(i int) (r rune, ok bool) {
	if i+4 > len(p.data) {
		return 0, false
	}
	for _, c := range p.data[i : i+4] {
		d := digitOf(c)
		if d > 15 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}
