package diag

import (
	"sort"
	"strings"
)

// Entry describes one code. `hexc explain CODE` and docs/diagnostics.md are made
// from it, and a test compiles every example.
type Entry struct {
	Code     Code
	Rule     string // short name in kebab case, unique
	Severity Severity
	Summary  string // one line
	Detail   string // why it is a fault and what to do, Markdown, several lines
	// Bad is a manifest that has the finding, Good the same one mended. They are
	// empty only where NoExample says why there can be none.
	Bad, Good string
	NoExample string
}

// Lookup finds a code.
func Lookup(code Code) (Entry, bool) {
	e, ok := table[code]
	return e, ok
}

// LookupRule finds an entry by its rule's name or its code, in any case.
func LookupRule(name string) (Entry, bool) {
	if e, ok := table[Code(strings.ToUpper(name))]; ok {
		return e, true
	}
	for _, e := range table {
		if strings.EqualFold(e.Rule, name) {
			return e, true
		}
	}
	return Entry{}, false
}

// Entries is the whole table, by code.
func Entries() []Entry {
	all := make([]Entry, 0, len(table))
	for _, e := range table {
		all = append(all, e)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Code < all[j].Code })
	return all
}

var table = map[Code]Entry{}

// register adds a band of entries; each band is a file of its own.
func register(entries ...Entry) bool {
	for _, e := range entries {
		if _, dup := table[e.Code]; dup {
			panic("diag: duplicate code " + string(e.Code))
		}
		table[e.Code] = e
	}
	return true
}
