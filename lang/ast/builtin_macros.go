package ast

import "hexdag.dev/hexdag/schema"

// builtInMacro is a macro that the language brings along, nil for none.
func builtInMacro(name string) *Macro { return nil }

// builtInMacroNames are the canonical names of the built-in macros.
func builtInMacroNames() []string {
	var out []string
	for _, s := range schema.MacroSpellings() {
		if s.Status == schema.SpellingCanonical {
			out = append(out, s.Name)
		}
	}
	return out
}
