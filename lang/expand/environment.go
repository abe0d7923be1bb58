package expand

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// EnvRef is a part of a text with environment variables: a variable if Name is
// set, else literal Text.
type EnvRef struct {
	Text       string
	Name       string
	Default    string
	HasDefault bool
	Secret     bool
	Start, End int // of the reference in the text
}

// SplitEnv splits a text at its environment references: `${NAME}`,
// `${NAME:default}`, `${NAME:-default}`, `${secret:NAME}`; `$${` is a literal
// `${`. Names are upper case; other text in `${}` is literal, as it was in the
// Python implementation. open is the offset of a `${` that is not closed, or -1.
func SplitEnv(s string) (parts []EnvRef, open int) {
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			parts = append(parts, EnvRef{Text: lit.String()})
			lit.Reset()
		}
	}
	open = -1
	for i := 0; i < len(s); {
		next := strings.IndexByte(s[i:], '$')
		if next < 0 {
			lit.WriteString(s[i:])
			break
		}
		lit.WriteString(s[i : i+next])
		i += next
		if strings.HasPrefix(s[i:], "$${") {
			lit.WriteString("${")
			i += 3
			continue
		}
		if !strings.HasPrefix(s[i:], "${") {
			lit.WriteByte('$')
			i++
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			open = i
			lit.WriteString(s[i:])
			break
		}
		name, def, has := strings.Cut(s[i+2:i+end], ":")
		switch {
		case name == "secret" && has && def != "":
			flush()
			parts = append(parts, EnvRef{Name: def, Secret: true, Start: i, End: i + end + 1})
		case isEnvName(name):
			flush()
			parts = append(parts, EnvRef{Name: name, Default: strings.TrimPrefix(def, "-"), HasDefault: has,
				Secret: IsSecretName(name), Start: i, End: i + end + 1})
		default:
			lit.WriteString(s[i : i+end+1])
		}
		i += end + 1
	}
	flush()
	return parts, open
}

func isEnvName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// IsSecretName reports whether a variable of this name holds a secret, so that
// its value is never read at build.
func IsSecretName(name string) bool {
	if strings.HasPrefix(name, "SECRET_") {
		return true
	}
	for _, suffix := range []string{"_API_KEY", "_SECRET", "_TOKEN", "_PASSWORD", "_CREDENTIAL"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// EnvUse is an environment variable that a document reads.
type EnvUse struct {
	Name    string
	Value   string // "" for a secret
	Default bool
	Secret  bool
}

// Environment fills environment variables into the texts of one document and
// notes which were read.
type Environment struct {
	lookup func(string) (string, bool)
	ds     *diag.List
	tree   *syntax.Tree
	uses   []EnvUse
}

// Uses are the variables that were read, by first use.
func (e *Environment) Uses() []EnvUse { return e.uses }

// Expand fills the environment into a text that stands at n. secret is the name
// of the first secret in it: such a text is not known at build. ok is false if
// something was missing, which was reported.
func (e *Environment) Expand(n *syntax.Node, text string) (out, secret string, ok bool) {
	v, ok := e.ExpandValue(n, text)
	if s, isText := v.AsString(); isText {
		return s, "", ok
	}
	parts, _ := v.SecretParts()
	for _, p := range parts {
		if p.Text == "" {
			return "", p.Secret, ok
		}
	}
	return "", "", ok
}

// ExpandValue is Expand for a place that may hold secrets: a text with some in it
// is a handle, see value.SecretText; any other is a string.
func (e *Environment) ExpandValue(n *syntax.Node, text string) (v value.Value, ok bool) {
	parts, open := SplitEnv(text)
	m := e.tree.TextMap(n)
	file := e.tree.FileOf(n)
	at := func(start, end int) source.Location {
		if len(text) != len(n.Value) || end > len(n.Value) {
			return source.Location{File: file, Span: n.Span}
		}
		return source.Location{File: file, Span: m.Span(source.Span{Start: int32(start), End: int32(end)})}
	}
	if open >= 0 {
		e.ds.Add(diag.New(diag.EnvBad, at(open, len(text)), "unclosed ${ in an environment reference").
			WithHelp("close it with }, or write $${ for a literal ${"))
		return value.String(""), false
	}
	ok = true
	var s strings.Builder
	var held []value.SecretPart // what stands before s, once there is a secret
	flush := func() {
		if s.Len() > 0 {
			held = append(held, value.SecretPart{Text: s.String()})
			s.Reset()
		}
	}
	for _, p := range parts {
		switch {
		case p.Name == "":
			s.WriteString(p.Text)
		case p.Secret:
			e.use(EnvUse{Name: p.Name, Secret: true})
			flush()
			held = append(held, value.SecretPart{Secret: p.Name})
		default:
			v, set := e.lookup(p.Name)
			if !set && !p.HasDefault {
				e.ds.Add(unset(p.Name, at(p.Start, p.End)))
				ok = false
				continue
			}
			if !set {
				v = p.Default
			}
			e.use(EnvUse{Name: p.Name, Value: v, Default: !set})
			s.WriteString(v)
		}
	}
	if held == nil {
		return value.String(s.String()), ok
	}
	flush()
	return value.SecretText(held), ok
}

func (e *Environment) use(u EnvUse) {
	for _, x := range e.uses {
		if x.Name == u.Name && x.Secret == u.Secret && x.Default == u.Default && x.Value == u.Value {
			return
		}
	}
	e.uses = append(e.uses, u)
}

// ExpandTree fills the environment into the literal texts of a tree. What comes
// from the environment is text: it is never parsed again. A text with a secret in
// it becomes a constant of its own, a handle; without secrets it is reported. n
// is where the tree's text stands.
func (e *Environment) ExpandTree(n *syntax.Node, tree expr.Node, secrets bool) expr.Node {
	expand := func(text string, span source.Span) value.Value {
		v, _ := e.ExpandValue(n, text)
		if v.Kind() == value.KindSecret && !secrets {
			loc := source.Location{File: e.tree.FileOf(n), Span: e.tree.TextMap(n).Span(span)}
			e.ds.Add(secretRead(loc))
			return value.String(text)
		}
		return v
	}
	return expr.Rewrite(tree, func(x expr.Node) expr.Node {
		switch x := x.(type) {
		case *expr.Raw:
			if !strings.Contains(x.Text, "${") {
				break
			}
			v := expand(x.Text, x.Span())
			out, isText := v.AsString()
			if !isText {
				return expr.NewOutput(expr.NewLiteral(v, x.Span()))
			}
			if out != x.Text {
				c := *x
				c.Text = out
				return &c
			}
		case *expr.Literal:
			if s, ok := x.Value.AsString(); ok && strings.Contains(s, "${") {
				if out := expand(s, x.Span()); !value.Equal(out, x.Value) {
					c := *x
					c.Value = out
					return &c
				}
			}
		}
		return x
	})
}

// secretRead reports a secret where a value is computed.
func secretRead(loc source.Location) diag.Diagnostic {
	return diag.New(diag.EnvBad, loc, "a secret cannot be read by an expression").
		WithHelp("name it in the configuration of a port, in the fields of an api_call_node, or as a source of input_mapping")
}

// Environment is the scalar n with the environment filled in; nil if that is a
// secret, or not known, which was reported.
func (d *Document) Environment(n *syntax.Node) *syntax.Node {
	text, secret, ok := d.Env.Expand(n, n.Value)
	if !ok || secret != "" {
		return nil
	}
	out := syntax.NewScalar(n, syntax.BuiltText, syntax.DoubleQuoted, text)
	d.c.Tree.Adopt(out, n)
	return out
}
