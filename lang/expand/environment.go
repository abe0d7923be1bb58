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
// of the secret if the text is wholly one; ok is false if something was missing,
// which was reported.
func (e *Environment) Expand(n *syntax.Node, text string) (out, secret string, ok bool) {
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
		return "", "", false
	}
	ok = true
	var s strings.Builder
	for _, p := range parts {
		switch {
		case p.Name == "":
			s.WriteString(p.Text)
		case p.Secret:
			e.use(EnvUse{Name: p.Name, Secret: true})
			if len(parts) > 1 {
				e.ds.Add(diag.New(diag.EnvBad, at(p.Start, p.End), "secret %s must be the whole value", text[p.Start:p.End]).
					WithHelp("a secret is a reference that the runtime resolves; text cannot be put around it at build time"))
				return "", "", false
			}
			return "", p.Name, true
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
	return s.String(), "", ok
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
// from the environment is text: it is never parsed again. n is where the tree's
// text stands.
func (e *Environment) ExpandTree(n *syntax.Node, tree expr.Node) expr.Node {
	text := func(s string) string {
		if !strings.Contains(s, "${") {
			return s
		}
		out, secret, _ := e.Expand(n, s)
		if secret != "" {
			e.ds.Add(diag.New(diag.EnvBad, source.Location{File: e.tree.FileOf(n), Span: n.Span}, "secret ${%s} cannot stand in a text", secret).
				WithHelp("secrets are for the configuration of ports"))
		}
		return out
	}
	return expr.Rewrite(tree, func(x expr.Node) expr.Node {
		switch x := x.(type) {
		case *expr.Raw:
			if out := text(x.Text); out != x.Text {
				c := *x
				c.Text = out
				return &c
			}
		case *expr.Literal:
			if s, ok := x.Value.AsString(); ok {
				if out := text(s); out != s {
					c := *x
					c.Value = value.String(out)
					return &c
				}
			}
		}
		return x
	})
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
