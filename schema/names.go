package schema

import "strings"

// AdapterInfo is a built-in adapter.
type AdapterInfo struct {
	Name  string // canonical: "mock_llm"
	Port  string // type of port that it serves
	Class string // its class in upstream
}

// Adapters is the built-in adapters, by name.
func Adapters() []AdapterInfo { return adapters[:] }

// Adapter finds a built-in adapter by any accepted spelling: canonical, alias
// (`llm:openai`), class, or the class's dotted path under `hexdag.`.
func Adapter(spelling string) (*AdapterInfo, bool) {
	s, ok := AdapterSpelling(spelling)
	if !ok {
		return nil, false
	}
	for i := range adapters {
		if adapters[i].Name == s.Target {
			return &adapters[i], true
		}
	}
	return nil, false
}

// AdapterSpelling says what a spelling of an adapter's name means. Manifests of
// early versions have `core:` in front of it.
func AdapterSpelling(spelling string) (Spelling, bool) {
	s, ok := findClass(adapterSpellings[:], strings.TrimPrefix(spelling, "core:"))
	s.Name = spelling
	return s, ok
}

// AdapterSpellings is every spelling of an adapter without dots, sorted.
func AdapterSpellings() []Spelling { return adapterSpellings[:] }

// AdapterNames is the canonical names of the built-in adapters, sorted.
func AdapterNames() []string {
	names := make([]string, len(adapters))
	for i := range adapters {
		names[i] = adapters[i].Name
	}
	return names
}

// IsAdapterName reports whether name can be an adapter: a built-in one, or a
// dotted path or `plugin:name` of a foreign one. A path under `hexdag.` must be
// known.
func IsAdapterName(name string) bool {
	if _, ok := AdapterSpelling(name); ok {
		return true
	}
	return IsForeign(name)
}

// IsForeign reports whether name has the form of something outside of the
// language: a dotted path, or `plugin:name`. A path under `hexdag.` and names
// under `core:` are ours, so never foreign.
func IsForeign(name string) bool {
	if strings.HasPrefix(name, "hexdag.") || strings.HasPrefix(name, "core:") {
		return false
	}
	i := strings.IndexAny(name, ".:")
	return i > 0 && i < len(name)-1
}

// Middleware finds a built-in middleware by name, class, or the class's dotted
// path under `hexdag.`.
func Middleware(spelling string) (Spelling, bool) {
	return findClass(middlewareSpellings[:], spelling)
}

// MiddlewareSpellings is every spelling of a middleware without dots, sorted.
func MiddlewareSpellings() []Spelling { return middlewareSpellings[:] }

// BuiltInMacro finds a built-in macro by any accepted spelling.
func BuiltInMacro(spelling string) (Spelling, bool) {
	return findClass(macroSpellings[:], spelling)
}

// MacroSpellings is every spelling of a built-in macro without dots, sorted.
func MacroSpellings() []Spelling { return macroSpellings[:] }

// findClass finds a name, or the class at the end of a dotted `hexdag.` path.
func findClass(all []Spelling, spelling string) (Spelling, bool) {
	name := spelling
	if rest, ok := strings.CutPrefix(spelling, "hexdag."); ok {
		name = rest[strings.LastIndexByte(rest, '.')+1:]
		if name == "" || name[0] < 'A' || name[0] > 'Z' {
			return Spelling{}, false
		}
	}
	s, ok := findSpelling(all, name)
	if !ok {
		return Spelling{}, false
	}
	s.Name = spelling
	return s, true
}

// PortType is a type of port.
type PortType struct {
	Name string
	// Cap is the capability that a call needs; "" for none.
	Cap string
	// Names are other port names that say this type.
	Names []string
}

// PortTypes is the types of ports, by name.
func PortTypes() []PortType { return portTypes[:] }

// PortTypeOf is the type that a port's name says: the type of that name, or of
// which it is the usual name; "" if it says none.
func PortTypeOf(name string) string {
	for i := range portTypes {
		p := &portTypes[i]
		if p.Name == name {
			return p.Name
		}
		for _, n := range p.Names {
			if n == name {
				return p.Name
			}
		}
	}
	return ""
}

// PortCap is the capability that a call of a port of this type needs, "" for
// none; ok is false for a type that the language does not know.
func PortCap(portType string) (name string, ok bool) {
	for i := range portTypes {
		if portTypes[i].Name == portType {
			return portTypes[i].Cap, true
		}
	}
	return "", false
}

// CapInfo is a capability that the language knows.
type CapInfo struct {
	Name  string // "llm", "datastore.read", "tool"
	Named bool   // may be followed by `:name` or `:*`
	Doc   string
}

// Caps is the capabilities, by name.
func Caps() []CapInfo { return caps[:] }

// CapAlias is our name for one of upstream's capabilities; ok is false for a
// name that upstream does not have.
func CapAlias(name string) (target string, ok bool) {
	s, ok := findSpelling(capSpellings[:], name)
	return s.Target, ok
}

// KnownCap reports whether name is a capability of the language: a name of Caps,
// with `:name` or `:*` where that may follow.
func KnownCap(name string) bool {
	base, arg, named := strings.Cut(name, ":")
	for i := range caps {
		if caps[i].Name == base {
			return !named || caps[i].Named && arg != ""
		}
	}
	return false
}
