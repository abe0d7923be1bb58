package config

import "hexdag.dev/hexdag/lang/ast"

// Provide adds the tools and services of a further layer. Of two with one name the
// nearer layer's holds: nearer says which layer that is.
func (e *Effective) Provide(c *ast.Configuration, nearer bool) {
	if c == nil {
		return
	}
	e.Tools = merged(e.Tools, c.Tools, nearer, func(t *ast.Tool) string { return t.Name.Name })
	e.Services = merged(e.Services, c.Services, nearer, func(s *ast.Service) string { return s.Name.Name })
}

// merged is the union of two lists by name, the nearer one's entries first.
func merged[T any](have, more []T, nearer bool, name func(T) string) []T {
	if len(more) == 0 {
		return have
	}
	first, second := have, more
	if nearer {
		first, second = more, have
	}
	seen := make(map[string]bool, len(first))
	out := make([]T, 0, len(first)+len(second))
	for _, x := range first { // one list may have a name twice, which is reported
		seen[name(x)] = true
		out = append(out, x)
	}
	for _, x := range second {
		if !seen[name(x)] {
			out = append(out, x)
		}
	}
	return out
}
