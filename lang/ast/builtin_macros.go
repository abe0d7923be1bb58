package ast

import (
	_ "embed"
	"sync"

	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/schema"
)

//go:embed macros/core.yaml
var coreMacros []byte

// builtIn are the macros of coreMacros by their canonical names, typed when the
// first one is called. They are shared and never changed.
var builtIn struct {
	once   sync.Once
	macros map[string]*Macro
}

func builtIns() map[string]*Macro {
	builtIn.once.Do(func() {
		builtIn.macros = map[string]*Macro{}
		for _, d := range Build(BuiltInMacros(), expand.Options{}).Docs {
			if d.Macro != nil {
				builtIn.macros[d.Name.Name] = d.Macro
			}
		}
	})
	return builtIn.macros
}

// BuiltInMacros is the file of the macros that the language brings along.
func BuiltInMacros() *source.File {
	return source.NewNamed("<built-in>/core.yaml", "builtin/core.yaml", coreMacros)
}

// builtInMacro is the macro that the language brings along under some spelling of
// this name; nil for none.
func builtInMacro(name string) *Macro {
	if s, ok := schema.BuiltInMacro(name); ok {
		return builtIns()[s.Target]
	}
	return nil
}

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
