package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// EnvRef is a part of a text with environment variables: a variable if Name is
// set, else literal Text.
type EnvRef struct {
	Text       string
	Name       string
	Default    string
	HasDefault bool
	Secret     bool
	Loc        source.Location
}

// EnvRefs splits a scalar's text at its environment references: `${NAME}`,
// `${NAME:default}`, `${NAME:-default}`, `${secret:NAME}`; `$${` is a literal
// `${`. Names are upper case; other text in `${}` is literal, as it was in the
// Python implementation.
func EnvRefs(f *File, n *syntax.Node) ([]EnvRef, []diag.Diagnostic) {
	m := f.Tree.TextMap(n)
	var out []EnvRef
	var ds []diag.Diagnostic
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			out = append(out, EnvRef{Text: lit.String()})
			lit.Reset()
		}
	}
	s := n.Value
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], "$${") {
			lit.WriteString("${")
			i += 3
			continue
		}
		if !strings.HasPrefix(s[i:], "${") {
			lit.WriteByte(s[i])
			i++
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		loc := source.Location{File: f.Source, Span: m.Span(spanOf(i, len(s)))}
		if end < 0 {
			ds = append(ds, diag.New(diag.EnvBad, loc, "unclosed ${ in an environment reference").
				WithHelp("close it with }, or write $${ for a literal ${"))
			lit.WriteString(s[i:])
			break
		}
		inner := s[i+2 : i+end]
		loc.Span = m.Span(spanOf(i, i+end+1))
		name, def, has := strings.Cut(inner, ":")
		switch {
		case name == "secret" && has && def != "":
			flush()
			out = append(out, EnvRef{Name: def, Secret: true, Loc: loc})
		case isEnvName(name):
			flush()
			def = strings.TrimPrefix(def, "-")
			out = append(out, EnvRef{Name: name, Default: def, HasDefault: has, Secret: IsSecretName(name), Loc: loc})
		default:
			lit.WriteString(s[i : i+end+1])
		}
		i += end + 1
	}
	flush()
	return out, ds
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
