package ast

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// EnvUse is an environment variable that a document reads.
type EnvUse = expand.EnvUse

// EnvRef is a part of a text with environment variables; see expand.SplitEnv.
type EnvRef = expand.EnvRef

// SplitEnv splits a text at its environment references; see expand.SplitEnv.
func SplitEnv(s string) (parts []EnvRef, open int) { return expand.SplitEnv(s) }

// IsSecretName reports whether a variable of this name holds a secret.
func IsSecretName(name string) bool { return expand.IsSecretName(name) }

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
		b.unresolved(v.Value)
		return "", false
	}
	out, secret, ok := b.build.Env.Expand(v.Value, text)
	if secret != "" {
		b.ds.Add(diag.New(diag.EnvBad, b.at(v.Value), "a secret cannot stand here").
			WithHelp("secrets are for the configuration of ports"))
		return "", false
	}
	return out, ok
}

// unresolved reports a template whose value is needed at build. In a fragment the
// file that includes it may give the names.
func (b *builder) unresolved(n *syntax.Node) {
	if b.doc.Fragment || b.expansion.generic || b.build.Failed(n) || b.file.Composed.Incomplete {
		return
	}
	b.build.Unresolved(n, true)
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
		if n.Built == syntax.Written && expr.IsTemplate(n.Value) {
			b.unresolved(n)
			return value.Null
		}
		if n.Built != syntax.Written || !strings.Contains(n.Value, "${") {
			return Value(n)
		}
		v, _ := b.build.Env.ExpandValue(n, n.Value)
		return v
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
