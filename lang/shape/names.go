package shape

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// names remarks on second names of adapters, middlewares, macros and
// capabilities.
func (c *checker) names(d *syntax.Node, t *schema.Type, f *schema.Field) {
	if f == nil || t.Kind != schema.String {
		return
	}
	var s schema.Spelling
	ok := false
	what := ""
	switch {
	case t.Name == "Cap":
		if target, found := schema.CapAlias(d.Value); found {
			s, ok, what = schema.Spelling{Name: d.Value, Target: target, Status: schema.SpellingAlias}, true, "capability"
		}
	case f.Ref == "adapterkind":
		s, ok = schema.AdapterSpelling(d.Value)
		what = "adapter"
	case f.Ref == "middleware":
		s, ok = schema.Middleware(d.Value)
		what = "middleware"
	case f.Ref == "macro" && !c.isMacro(d.Value):
		s, ok = schema.BuiltInMacro(d.Value)
		what = "macro"
	}
	if !ok || s.Status == schema.SpellingCanonical || c.aliases[d.Value] != "" {
		return
	}
	code := diag.AliasName
	word := "another"
	if s.Status == schema.SpellingDeprecated {
		code, word = diag.DeprecatedName, "a deprecated"
	}
	text := s.Target
	if d.Style == syntax.Plain {
		text = plain(s.Target)
	} else {
		text = syntax.Quote(text)
	}
	c.report(diag.New(code, c.at(d), "%q is %s name for the %s %q", d.Value, word, what, s.Target).
		WithHelp("the canonical name is %q", s.Target).WithFix("replace with \""+s.Target+"\"", true, c.replace(d, text)))
}

// plain is a name as a plain scalar, quoted where it has to be.
func plain(s string) string {
	n := &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: s}
	if n.Resolve().Kind != syntax.String || s[len(s)-1] == ':' || s[0] == '*' {
		return syntax.Quote(s)
	}
	return s
}
