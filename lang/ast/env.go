package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
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

// EnvUse is an environment variable that a document reads.
type EnvUse struct {
	Name    string
	Value   string // "" for a secret
	Default bool
	Secret  bool
}

// expand fills the environment into a text that stands at n. secret is the name
// of the secret if the text is wholly one; ok is false if something was missing,
// which was reported.
func (b *builder) expand(n *syntax.Node, text string) (out, secret string, ok bool) {
	parts, open := SplitEnv(text)
	m := b.tree.TextMap(n)
	at := func(start, end int) source.Location {
		if len(text) != len(n.Value) || end > len(n.Value) {
			return b.at(n)
		}
		return b.loc(m.Span(spanOf(start, end)))
	}
	if open >= 0 {
		b.ds.Add(diag.New(diag.EnvBad, at(open, len(text)), "unclosed ${ in an environment reference").
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
			b.env(EnvUse{Name: p.Name, Secret: true})
			if len(parts) > 1 {
				b.ds.Add(diag.New(diag.EnvBad, at(p.Start, p.End), "secret %s must be the whole value", text[p.Start:p.End]).
					WithHelp("a secret is a reference that the runtime resolves; text cannot be put around it at build time"))
				return "", "", false
			}
			return "", p.Name, true
		default:
			v, set := b.lookup(p.Name)
			if !set && !p.HasDefault {
				b.ds.Add(diag.New(diag.EnvUnset, at(p.Start, p.End), "environment variable %s is not set and has no default", p.Name).
					WithHelp("set it, or write ${%s:default}", p.Name))
				ok = false
				continue
			}
			if !set {
				v = p.Default
			}
			b.env(EnvUse{Name: p.Name, Value: v, Default: !set})
			s.WriteString(v)
		}
	}
	return s.String(), "", ok
}

func (b *builder) env(u EnvUse) {
	for _, x := range b.doc.Env {
		if x.Name == u.Name {
			return
		}
	}
	b.doc.Env = append(b.doc.Env, u)
}

// plain is the text of a scalar view with the environment filled in. ok is
// false if it cannot be known, which was reported.
func (b *builder) plain(v *shape.View) (string, bool) {
	if v == nil || v.Null || v.Value == nil || v.Value.Kind != syntax.Scalar {
		return "", false
	}
	if !v.Dynamic {
		return v.Value.Value, true
	}
	text := v.Value.Value
	if expr.IsTemplate(text) {
		b.doc.Later = append(b.doc.Later, Ident{Name: text, Loc: b.at(v.Value), Node: v.Value})
		return "", false
	}
	out, secret, ok := b.expand(v.Value, text)
	if secret != "" {
		b.ds.Add(diag.New(diag.EnvBad, b.at(v.Value), "a secret cannot stand here").
			WithHelp("secrets are for the configuration of ports"))
		return "", false
	}
	return out, ok
}

// data is the constant that a value of a port's configuration is, with the
// environment filled in and secrets as handles.
func (b *builder) data(n *syntax.Node) value.Value {
	n = n.Deref()
	if n == nil {
		return value.Null
	}
	switch n.Kind {
	case syntax.Scalar:
		if !strings.Contains(n.Value, "${") {
			return Value(n)
		}
		text, secret, _ := b.expand(n, n.Value)
		if secret != "" {
			return value.Secret(secret)
		}
		return value.String(text)
	case syntax.Sequence:
		items := make([]value.Value, len(n.Items))
		for i, x := range n.Items {
			items[i] = b.data(x)
		}
		return value.List(items)
	case syntax.Mapping:
		o := value.NewObject(len(n.Pairs))
		for k, v := range n.Entries() {
			o.Set(k.Value, b.data(v))
		}
		return o.Value()
	}
	return value.Null
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
