package diag

import (
	"sort"
	"strings"
	"sync"
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
	all := table()
	i := sort.Search(len(all), func(i int) bool { return all[i].Code >= code })
	if i < len(all) && all[i].Code == code {
		return *all[i], true
	}
	return Entry{}, false
}

// LookupRule finds an entry by its rule's name or its code, in any case.
func LookupRule(name string) (Entry, bool) {
	if e, ok := Lookup(Code(strings.ToUpper(name))); ok {
		return e, true
	}
	for _, e := range table() {
		if strings.EqualFold(e.Rule, name) {
			return *e, true
		}
	}
	return Entry{}, false
}

// Entries is the whole table, by code.
func Entries() []Entry {
	all := make([]Entry, 0, len(table()))
	for _, e := range table() {
		all = append(all, *e)
	}
	return all
}

// table is all entries by code. It is put in order by whoever asks first, and the
// bands are written in a way that lets the compiler lay them out: a program that
// reports nothing must not pay for them when it starts.
var table = sync.OnceValue(func() []*Entry {
	var all []*Entry
	for _, band := range [][]Entry{
		codes00,
		codes01(),
		codes01Includes,
		codes02,
		codes03,
		codes03Nodes,
		codes03Output,
		codes04,
		codes04Null,
		codes04secrets,
		codes05,
		codes05Nodes,
		codes05Results,
		codes05Build,
		codes05Macros,
		codes06,
		codes06Layers,
		codes07,
		codes09,
		codes10,
		codes10Nodes,
		codes10Systems,
	} {
		for i := range band {
			all = append(all, &band[i])
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Code < all[j].Code })
	return all
})

// register makes the table of one band; each band is a file of its own, named in
// table.
func register(entries ...Entry) []Entry { return entries }
