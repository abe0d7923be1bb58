package expand

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// unused warns of variables that an include gives to a file whose text does not
// even have their names.
func (c *composer) unused(vars *Scope, f *source.File) {
	for _, b := range vars.Bindings() {
		if hasWord(f.Text(), b.Name) {
			continue
		}
		d := diag.New(diag.IncludeVarUnused, b.Loc, "%s does not use the variable %q", f.Path(), b.Name)
		if best := suggest.Best(b.Name, templateHeads(f.Text())); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("rename to \""+best+"\"", false, diag.Edit{Loc: b.Loc, NewText: best})
		} else {
			d = d.WithHelp("remove it, or read it in the file with {{ %s }}", b.Name)
		}
		c.add(d)
	}
}

// hasWord reports whether a text has a name that is no part of a longer one.
func hasWord(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(name)
		if (at == 0 || !isWordByte(text[at-1])) && (end == len(text) || !isWordByte(text[end])) {
			return true
		}
		at = end
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// templateHeads are the names that a text's templates begin with, up to a bound.
func templateHeads(text string) []string {
	var out []string
	for len(out) < 100 {
		_, rest, found := strings.Cut(text, "{{")
		if !found {
			break
		}
		text = rest
		rest = strings.TrimLeft(rest, " -")
		n := 0
		for n < len(rest) && isWordByte(rest[n]) {
			n++
		}
		if n > 0 {
			out = append(out, rest[:n])
		}
	}
	return out
}
