package expr

import (
	"unicode"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/source"
)

// tokenKind is the class of a token.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokName
	tokNamespace // $name, or a lone $
	tokInt
	tokFloat
	tokImaginary
	tokString
	tokBad // a character that begins no token
	tokLParen
	tokRParen
	tokLBracket
	tokRBracket
	tokLBrace
	tokRBrace
	tokComma
	tokColon
	tokDot
	tokPlus
	tokMinus
	tokStar
	tokStarStar
	tokSlash
	tokSlashSlash
	tokPercent
	tokEq     // ==
	tokNe     // !=
	tokLt     // <
	tokLe     // <=
	tokGt     // >
	tokGe     // >=
	tokAssign // =
	tokPipe   // |
	tokTilde  // ~
	tokForeign
)

// foreign are operators of other languages, longest first, that people type by
// habit. The parser reads them as what was meant and says so.
var foreign = []string{"===", "!==", "<=>", "&&", "||", "??", "?.", "<>", ":=", "=>", "->", "<<", ">>", "!", "&", "^", "@", "?", ";"}

// token is one token; text is not copied.
type token struct {
	kind       tokenKind
	start, end int32
	spaced     bool // white space or a comment stands before it
}

func (t token) span() source.Span { return source.Span{Start: t.start, End: t.end} }

// scanner cuts src[pos:end] into tokens. It never fails: what is no token comes
// as tokBad, and unterminated strings end where the line does.
type scanner struct {
	src      string
	pos, end int
	comments bool // # begins a comment
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexDigit(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isNameStart(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= utf8.RuneSelf && unicode.IsLetter(r)
}

func isNamePart(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc)
}

func (s *scanner) byteAt(i int) byte {
	if i < s.end {
		return s.src[i]
	}
	return 0
}

// skipSpace moves over white space and comments.
func (s *scanner) skipSpace() (skipped bool) {
	for s.pos < s.end {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			s.pos++
		case c == '#' && s.comments:
			for s.pos < s.end && s.src[s.pos] != '\n' {
				s.pos++
			}
		case c == 0xC2 && s.byteAt(s.pos+1) == 0xA0: // no-break space, a guest from web pages
			s.pos += 2
		default:
			return skipped
		}
		skipped = true
	}
	return skipped
}

// next is the next token.
func (s *scanner) next() token {
	spaced := s.skipSpace()
	start := s.pos
	kind := s.scan()
	return token{kind: kind, start: int32(start), end: int32(s.pos), spaced: spaced}
}

func (s *scanner) scan() tokenKind {
	if s.pos >= s.end {
		return tokEOF
	}
	c := s.src[s.pos]
	switch {
	case isDigit(c) || c == '.' && isDigit(s.byteAt(s.pos+1)):
		return s.number()
	case c == '\'' || c == '"':
		s.str(s.pos)
		return tokString
	case c == '$':
		s.pos++
		if r, n := utf8.DecodeRuneInString(s.src[s.pos:s.end]); n > 0 && isNameStart(r) {
			s.name()
		}
		return tokNamespace
	}
	r, n := rune(c), 1
	if c >= utf8.RuneSelf {
		r, n = utf8.DecodeRuneInString(s.src[s.pos:s.end])
	}
	if isNameStart(r) {
		start := s.pos
		s.name()
		if q := s.byteAt(s.pos); (q == '\'' || q == '"') && isStringPrefix(s.src[start:s.pos]) {
			s.str(s.pos)
			return tokString
		}
		return tokName
	}
	if r >= utf8.RuneSelf {
		s.pos += n
		return tokBad
	}
	return s.operator(c)
}

func (s *scanner) name() {
	for s.pos < s.end {
		if c := s.src[s.pos]; c < utf8.RuneSelf {
			if !isNamePart(rune(c)) {
				return
			}
			s.pos++
			continue
		}
		r, n := utf8.DecodeRuneInString(s.src[s.pos:s.end])
		if !isNamePart(r) || r == utf8.RuneError && n == 1 {
			return
		}
		s.pos += n
	}
}

// isStringPrefix reports whether p before a quote makes a string literal.
func isStringPrefix(p string) bool {
	switch p {
	case "r", "R", "u", "U", "b", "B", "f", "F",
		"br", "bR", "Br", "BR", "rb", "rB", "Rb", "RB",
		"fr", "fR", "Fr", "FR", "rf", "rF", "Rf", "RF":
		return true
	}
	return false
}

// str scans a string literal whose opening quote is at quote. A string in
// single quotes that does not end on its line ends before the line break.
func (s *scanner) str(quote int) {
	q := s.src[quote]
	if s.byteAt(quote+1) == q && s.byteAt(quote+2) == q {
		for i := quote + 3; i < s.end; i++ {
			switch {
			case s.src[i] == '\\':
				i++
			case s.src[i] == q && s.byteAt(i+1) == q && s.byteAt(i+2) == q:
				s.pos = i + 3
				return
			}
		}
		s.pos = s.end
		return
	}
	for i := quote + 1; i < s.end; i++ {
		switch s.src[i] {
		case '\\':
			i++
		case '\n':
			s.pos = i
			return
		case q:
			s.pos = i + 1
			return
		}
	}
	s.pos = s.end
}

// number scans a number literal. What follows it directly (`1abc`) belongs to
// it, so that the error is about the whole.
func (s *scanner) number() tokenKind {
	if s.src[s.pos] == '0' && s.pos+1 < s.end {
		switch s.src[s.pos+1] {
		case 'x', 'X', 'o', 'O', 'b', 'B':
			s.pos += 2
			s.name()
			return tokInt
		}
	}
	digits := func() {
		for s.pos < s.end && (isDigit(s.src[s.pos]) || s.src[s.pos] == '_') {
			s.pos++
		}
	}
	kind := tokInt
	digits()
	if s.byteAt(s.pos) == '.' {
		kind = tokFloat
		s.pos++
		digits()
	}
	if c := s.byteAt(s.pos); c == 'e' || c == 'E' {
		i := s.pos + 1
		if d := s.byteAt(i); d == '+' || d == '-' {
			i++
		}
		if isDigit(s.byteAt(i)) {
			kind = tokFloat
			s.pos = i
			digits()
		}
	}
	if c := s.byteAt(s.pos); (c == 'j' || c == 'J') && !isNamePart(rune(s.byteAt(s.pos+1))) {
		s.pos++
		return tokImaginary
	}
	return kind
}

func (s *scanner) operator(c byte) tokenKind {
	d := s.byteAt(s.pos + 1)
	two := func(k tokenKind) tokenKind { s.pos += 2; return k }
	switch {
	case c == '*' && d == '*':
		return two(tokStarStar)
	case c == '/' && d == '/':
		return two(tokSlashSlash)
	case c == '=' && d == '=' && s.byteAt(s.pos+2) != '=':
		return two(tokEq)
	case c == '!' && d == '=' && s.byteAt(s.pos+2) != '=':
		return two(tokNe)
	case (c == '-' || c == '+') && (d == '-' || d == '+'):
		// `a --b` is Python, and means a - (-b)
	default:
		for _, f := range foreign {
			if c == f[0] && len(f) <= s.end-s.pos && s.src[s.pos:s.pos+len(f)] == f {
				s.pos += len(f)
				return tokForeign
			}
		}
	}
	if d == '=' && (c == '<' || c == '>') {
		if c == '<' {
			return two(tokLe)
		}
		return two(tokGe)
	}
	s.pos++
	switch c {
	case '(':
		return tokLParen
	case ')':
		return tokRParen
	case '[':
		return tokLBracket
	case ']':
		return tokRBracket
	case '{':
		return tokLBrace
	case '}':
		return tokRBrace
	case ',':
		return tokComma
	case ':':
		return tokColon
	case '.':
		return tokDot
	case '+':
		return tokPlus
	case '-':
		return tokMinus
	case '*':
		return tokStar
	case '/':
		return tokSlash
	case '%':
		return tokPercent
	case '<':
		return tokLt
	case '>':
		return tokGt
	case '=':
		return tokAssign
	case '|':
		return tokPipe
	case '~':
		return tokTilde
	}
	return tokBad
}
