package machine

import (
	"strings"

	"hexdag.dev/hexdag/lang/ir"
)

// capSet is a program's effective capabilities.
type capSet struct {
	unrestricted bool
	allow, deny  []string
	// code tells that some entry of allow grants a way to run code, so that the
	// list speaks about code at all.
	code bool
	// entity tells the same about the states of entities.
	entity bool
}

func newCapSet(c *ir.Caps) capSet {
	s := capSet{unrestricted: c.Unrestricted, allow: c.Allow, deny: c.Deny}
	for _, a := range c.Allow {
		if a == "*" || isCodeCap(a) {
			s.code = true
		}
		if a == "*" || isEntityCap(a) {
			s.entity = true
		}
	}
	return s
}

// isCodeCap reports whether a capability grants code to run. A list that names
// none restricts ports and tools only.
func isCodeCap(c string) bool {
	head, _, _ := strings.Cut(c, ":")
	head, _, _ = strings.Cut(head, ".")
	switch head {
	case "python", "exec", "http", "file":
		return true
	}
	return false
}

func isEntityCap(c string) bool {
	head, _, _ := strings.Cut(c, ".")
	return head == "entity"
}

// covers reports whether a grant includes what is wanted: itself and everything
// under it. `tool` covers `tool:search`, `tool:*` too, `datastore` covers
// `datastore.read`.
func covers(grant, want string) bool {
	if grant == "*" || grant == want {
		return true
	}
	grant = strings.TrimSuffix(grant, ":*")
	return len(want) > len(grant) && strings.HasPrefix(want, grant) && (want[len(grant)] == '.' || want[len(grant)] == ':') || want == grant
}

func coveredBy(list []string, want string) bool {
	for _, c := range list {
		if covers(c, want) {
			return true
		}
	}
	return false
}

// allows reports whether a call that needs want may be made.
func (s *capSet) allows(want string) bool {
	switch {
	case want == "":
		return true
	case coveredBy(s.deny, want):
		return false
	case s.unrestricted:
		return true
	case isCodeCap(want) && !s.code, isEntityCap(want) && !s.entity:
		return true
	}
	return coveredBy(s.allow, want)
}

// functionCap is what a function of a scheme needs.
func functionCap(f *ir.Function) string {
	switch f.Scheme {
	case "python", "exec", "http":
		return f.Scheme
	case "py":
		return "python"
	case "mcp":
		return "tool:" + f.Name
	}
	return "" // go and star are part of the program
}
