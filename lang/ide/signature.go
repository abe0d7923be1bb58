package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/expr"
)

// Signature is the signature of the call around a place.
type Signature struct {
	Label string
	Doc   string // Markdown
	// Params are the parameters, as they stand in Label.
	Params []string
	// Active is the parameter that the place belongs to; len(Params) if it is
	// behind the last.
	Active int
}

// SignatureHelp is the signature of the call, method, filter or test whose
// arguments a place is in; nil outside of one.
func SignatureHelp(s *compile.Snapshot, path string, offset int) (*Signature, error) {
	c, err := newCursor(s, path, offset)
	if err != nil {
		return nil, err
	}
	x := c.expression()
	if x == nil {
		return nil, nil
	}
	open, arg, keyword := callAround(x.text.Src, x.regionStart(), x.offset)
	if open < 0 {
		return nil, nil
	}
	end := open
	for end > 0 && x.text.Src[end-1] == ' ' {
		end--
	}
	start := end
	for start > 0 && isNameByte(x.text.Src[start-1]) {
		start--
	}
	name := x.text.Src[start:end]
	if name == "" {
		return nil, nil
	}
	before := strings.TrimRight(x.text.Src[:start], " \t\r\n")
	var docs []expr.FuncDoc
	method := false
	switch {
	case strings.HasSuffix(before, "."):
		for _, kind := range typeKinds(x.before(start)) {
			docs = append(docs, expr.Methods(kind)...)
		}
		docs, method = append(docs, expr.Methods("")...), true
	case strings.HasSuffix(before, "|") && !strings.HasSuffix(before, "||"):
		docs = expr.Filters()
	case strings.HasSuffix(before, " is"), strings.HasSuffix(before, " not"):
		docs = append(expr.Tests(), expr.Functions()...)
	default:
		docs = expr.Functions()
	}
	for _, f := range docs {
		if f.Name != name || f.Refused != "" {
			continue
		}
		sig := &Signature{Label: f.Signature, Doc: f.Doc, Active: arg}
		first := 0
		if !method && (strings.HasSuffix(before, "|") || strings.HasSuffix(before, " is")) {
			first = 1 // the value in front is the first argument
		}
		for i, p := range f.Params {
			if i < first {
				continue
			}
			sig.Params = append(sig.Params, p.Name)
			switch {
			case keyword != "" && p.Name == keyword:
				sig.Active = i - first
			case keyword == "" && p.Variadic && arg > i-first:
				sig.Active = i - first
			}
		}
		return sig, nil
	}
	return nil, nil
}

// callAround finds the bracket of the call that an offset of a text is in, which
// argument it is in, and the keyword of that, if it has one; open is -1 outside
// of calls.
func callAround(s string, from, offset int) (open, arg int, keyword string) {
	type bracket struct {
		at, arg, start int
		call           bool
	}
	var stack []bracket
	var quote byte
	for i := from; i < offset && i < len(s); i++ {
		c := s[i]
		if quote != 0 {
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
			continue
		}
		switch c {
		case '"', '\'':
			quote = c
		case '(':
			j := i
			for j > from && s[j-1] == ' ' {
				j--
			}
			stack = append(stack, bracket{i, 0, i + 1, j > from && isNameByte(s[j-1])})
		case '[', '{':
			stack = append(stack, bracket{at: i})
		case ')', ']', '}':
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		case ',':
			if len(stack) > 0 {
				stack[len(stack)-1].arg++
				stack[len(stack)-1].start = i + 1
			}
		}
	}
	for i := len(stack) - 1; i >= 0; i-- {
		if b := stack[i]; b.call {
			text := strings.TrimSpace(s[b.start:min(offset, len(s))])
			if name, _, ok := strings.Cut(text, "="); ok && expr.IsIdentifier(strings.TrimSpace(name)) && !strings.HasPrefix(text[len(name):], "==") {
				keyword = strings.TrimSpace(name)
			}
			return b.at, b.arg, keyword
		}
	}
	return -1, 0, ""
}
