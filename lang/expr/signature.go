package expr

import (
	"fmt"
	"strings"
	"sync"

	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// Param is one parameter of a function, method, filter or test.
type Param struct {
	Name string
	// Type is the type of what may be passed, in the notation of Type.String:
	// "str", "int | float", "any".
	Type string
	// Default is how the default would be written; "" with Optional set means
	// that leaving it out is a case of its own.
	Default        string
	Optional       bool
	Variadic       bool // takes any number of arguments, which cannot be named
	PositionalOnly bool
	KeywordOnly    bool
}

// FuncDoc documents one function, method, filter or test, for completion,
// hover and `hexc explain`.
type FuncDoc struct {
	Name      string
	Signature string // int(x, /, base=10) -> int
	Params    []Param
	Result    string // the type of the result
	Doc       string // one or two sentences, Markdown
	Example   string // an expression or template and, behind an arrow, its value
	Alias     string // the name that this one is a short form of, or ""
	Refused   string // why it does not exist here, for names that people expect
}

// builtin is a row of the tables of functions, filters, tests and methods.
type builtin struct {
	// sig is parsed on first use: name(a: type, /, b: type = default, *rest:
	// type, *, c: type = default, **any) -> type. A lone / and * mean what they
	// mean in Python.
	sig     string
	doc     string
	example string
	fn      impl // nil for what the compiler treats itself
	alias   string
	refused string
	impure  bool // reads the clock: not to be computed at build time
}

// signature is a parsed builtin.
type signature struct {
	*builtin
	name    string
	params  []Param // without the variadic one and **
	types   []*Type // of params
	rest    *Param  // the variadic one
	restTyp *Type
	anyKw   bool
	result  string
}

// catalogue is a table of builtins by name, made on first use.
type catalogue struct {
	rows   []builtin
	once   sync.Once
	byName map[string]*signature
	names  []string // without the refused ones
}

func (c *catalogue) load() {
	c.once.Do(func() {
		c.byName = make(map[string]*signature, len(c.rows))
		for i := range c.rows {
			s := parseSignature(&c.rows[i])
			c.byName[s.name] = s
			if s.refused == "" && s.alias == "" {
				c.names = append(c.names, s.name)
			}
		}
		for _, s := range c.byName {
			if s.alias != "" {
				full := *c.byName[s.alias]
				full.name, full.builtin = s.name, &builtin{
					sig: full.sig, doc: full.doc, example: full.example, fn: full.fn, alias: s.alias, impure: full.impure,
				}
				c.byName[s.name] = &full
			}
		}
	})
}

func (c *catalogue) lookup(name string) *signature {
	c.load()
	return c.byName[name]
}

func (c *catalogue) docs() []FuncDoc {
	c.load()
	out := make([]FuncDoc, 0, len(c.rows))
	for i := range c.rows {
		name, _, _ := strings.Cut(c.rows[i].sig, "(")
		out = append(out, c.byName[name].docs())
	}
	return out
}

func (s *signature) docs() FuncDoc {
	d := FuncDoc{
		Name: s.name, Result: s.result, Doc: s.doc, Example: s.example, Alias: s.alias, Refused: s.refused,
		Params: append([]Param(nil), s.params...),
	}
	if s.rest != nil {
		d.Params = append(d.Params, *s.rest)
	}
	d.Signature = s.String()
	return d
}

// String is the signature as Python shows it.
func (s *signature) String() string {
	var b strings.Builder
	b.WriteString(s.name)
	b.WriteByte('(')
	sep, slash, star := "", false, false
	put := func(t string) {
		b.WriteString(sep + t)
		sep = ", "
	}
	putRest := func() {
		if !star && s.rest != nil {
			put("*" + s.rest.Name)
			star = true
		}
	}
	for _, q := range s.params {
		if slash && !q.PositionalOnly {
			put("/")
			slash = false
		}
		slash = slash || q.PositionalOnly
		if q.KeywordOnly {
			putRest()
			if !star {
				put("*")
				star = true
			}
		}
		switch {
		case q.Default != "":
			put(q.Name + "=" + q.Default)
		case q.Optional:
			put("[" + q.Name + "]")
		default:
			put(q.Name)
		}
	}
	if slash {
		put("/")
	}
	putRest()
	if s.anyKw {
		put("**fields")
	}
	b.WriteString(") -> " + s.result)
	return b.String()
}

func parseSignature(row *builtin) *signature {
	s := &signature{builtin: row}
	head, tail, _ := strings.Cut(row.sig, "(")
	s.name = head
	list, result, _ := strings.Cut(tail, ")")
	s.result = strings.TrimPrefix(result, " -> ")
	keywordOnly := false
	for _, part := range splitParams(list) {
		switch {
		case part == "/":
			for i := range s.params {
				s.params[i].PositionalOnly = true
			}
			continue
		case part == "*":
			keywordOnly = true
			continue
		case strings.HasPrefix(part, "**"):
			s.anyKw = true
			continue
		}
		q := Param{KeywordOnly: keywordOnly, Type: "any"}
		if strings.HasPrefix(part, "*") {
			q.Variadic, q.KeywordOnly = true, false
			keywordOnly = true
			part = part[1:]
		}
		if left, def, ok := strings.Cut(part, " = "); ok {
			q.Default, q.Optional = def, true
			part = left
		}
		if strings.HasSuffix(part, "?") {
			part, q.Optional = part[:len(part)-1], true
		}
		if name, typ, ok := strings.Cut(part, ": "); ok {
			part, q.Type = name, typ
		}
		q.Name = part
		if q.Variadic {
			s.rest, s.restTyp = &q, signatureType(q.Type)
			continue
		}
		s.params = append(s.params, q)
		s.types = append(s.types, signatureType(q.Type))
	}
	return s
}

// splitParams cuts at the commas outside of brackets and quotes.
func splitParams(list string) []string {
	var out []string
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(list[start:i]))
			start = i + 1
		}
	}
	if last := strings.TrimSpace(list[start:]); last != "" {
		out = append(out, last)
	}
	return out
}

// callFault is why arguments do not fit a signature.
type callFault struct {
	span      source.Span
	msg, help string
}

// bind distributes the arguments over the parameters: params has one entry per
// parameter, nil where none is given; rest are those of the variadic one, and
// extra the names that only ** takes. A fault's span is in the text.
func (s *signature) bind(at source.Span, args []Node, kws []Keyword, what string) (params, rest []Node, extra []Keyword, fault *callFault) {
	params = make([]Node, len(s.params))
	pos := 0
	positional := 0
	for _, q := range s.params {
		if !q.KeywordOnly {
			positional++
		}
	}
	for i, a := range args {
		if s.rest != nil && pos >= positional {
			rest = append(rest, a)
			continue
		}
		if pos >= positional {
			return nil, nil, nil, &callFault{a.Span(), fmt.Sprintf("%s takes %s, not %d", what, plural(positional, "argument"), len(args)), "it is " + s.String()}
		}
		_ = i
		params[pos] = a
		pos++
	}
	for _, k := range kws {
		i := s.param(k.Name)
		switch {
		case i < 0 && s.anyKw:
			extra = append(extra, k)
		case i < 0:
			var names []string
			for _, q := range s.params {
				if !q.PositionalOnly {
					names = append(names, q.Name)
				}
			}
			help := suggest.Help(k.Name, names)
			if help == "" {
				help = "it is " + s.String()
			}
			return nil, nil, nil, &callFault{k.NameSpan, fmt.Sprintf("%s has no argument named `%s`", what, k.Name), help}
		case params[i] != nil:
			return nil, nil, nil, &callFault{k.NameSpan, fmt.Sprintf("%s gets its argument `%s` twice", what, k.Name), "it is " + s.String()}
		default:
			params[i] = k.Value
		}
	}
	for i, q := range s.params {
		if params[i] == nil && !q.Optional {
			return nil, nil, nil, &callFault{at, fmt.Sprintf("%s needs its argument `%s`", what, q.Name), "it is " + s.String()}
		}
	}
	return params, rest, extra, nil
}

// param is the index of the parameter that may be given by this name, or -1.
func (s *signature) param(name string) int {
	for i, q := range s.params {
		if q.Name == name && !q.PositionalOnly {
			return i
		}
	}
	return -1
}

func plural(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
