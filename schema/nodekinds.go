package schema

import (
	"sort"
	"strings"
)

// NodeKindInfo is a built-in kind of node.
type NodeKindInfo struct {
	Name string // canonical: "llm_node"
	// Port is the type of port that it needs, "" for none.
	Port string

	spec int16
}

// Spec is the definition of the kind's `spec`.
func (n *NodeKindInfo) Spec() *Def { return defAt(n.spec) }

// Spelling is one way to write the kind of a node or an adapter.
type Spelling struct {
	Name   string // as written, without `core:` for nodes
	Target string // canonical name; "" if nothing replaces it
	Status SpellingStatus
	Note   string // for a Historical one: how it is done today
}

// SpellingStatus says how welcome a spelling is.
type SpellingStatus uint8

// Spelling statuses.
const (
	SpellingCanonical  SpellingStatus = iota
	SpellingAlias                     // accepted silently but for the linter
	SpellingDeprecated                // accepted with a warning
	SpellingHistorical                // an error that says what replaced it
)

// NodeKinds is the built-in kinds of nodes, in the order of the documentation.
func NodeKinds() []NodeKindInfo { return nodeKinds[:] }

// NodeKind finds a built-in node kind by any accepted spelling: canonical,
// short (`llm`), with `core:`, dotted (`hexdag.stdlib.nodes.LLMNode`). For a
// historical kind the info may be nil and the spelling's status says so; ok is
// false for an unknown one.
func NodeKind(spelling string) (info *NodeKindInfo, s Spelling, ok bool) {
	name, cored := strings.CutPrefix(spelling, "core:")
	if rest, found := strings.CutPrefix(spelling, "system:"); found && (rest == "service_call" || rest == "service_call_node") {
		name, cored = rest, true
	}
	s, ok = findSpelling(nodeSpellings[:], name)
	if !ok || cored && strings.Contains(name, ".") {
		return nil, Spelling{}, false
	}
	if cored && s.Status == SpellingCanonical {
		s.Status = SpellingAlias
	}
	for i := range nodeKinds {
		if nodeKinds[i].Name == s.Target {
			info = &nodeKinds[i]
		}
	}
	s.Name = spelling
	return info, s, true
}

// NodeSpellings is every spelling of a node kind, sorted, historical ones
// included.
func NodeSpellings() []Spelling { return nodeSpellings[:] }

func findSpelling(all []Spelling, name string) (Spelling, bool) {
	i := sort.Search(len(all), func(i int) bool { return all[i].Name >= name })
	if i < len(all) && all[i].Name == name {
		return all[i], true
	}
	return Spelling{}, false
}
