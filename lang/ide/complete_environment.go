package ide

import (
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// environment offers names of environment variables in an open `${`; it reports
// whether the cursor is in one.
func (k *completer) environment() bool {
	if k.site.key || len(k.site.steps) == 0 {
		return false
	}
	line := k.site.before()
	i := strings.LastIndex(line, "${")
	if i < 0 || i > 0 && line[i-1] == '$' {
		return false
	}
	typed := line[i+2:]
	if strings.IndexFunc(typed, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) >= 0 {
		return false
	}
	text := k.a.Source.Text()
	end := k.offset
	for end < len(text) && (text[end] == '_' || 'A' <= text[end] && text[end] <= 'Z' || '0' <= text[end] && text[end] <= '9') {
		end++
	}
	span := source.Span{Start: int32(k.offset - len(typed)), End: int32(end)}
	closing := "}"
	if end < len(text) && (text[end] == '}' || text[end] == ':') {
		closing = ""
	}
	for _, name := range environmentNames(k.a.Tree) {
		if name == typed && strings.Count(text, "${"+name) < 2 {
			continue
		}
		detail := "environment variable"
		if ast.IsSecretName(name) {
			detail = "secret: a reference that the run resolves"
		}
		k.add(Item{Label: name, Kind: ItemEnv, Detail: detail, Span: span, Text: name + closing, Rank: 20})
	}
	k.add(Item{Label: "secret:", Kind: ItemKeyword, Detail: "a secret of the run's secret store", Span: span, Text: "secret:", Rank: 40})
	return true
}

// environmentNames are the variables that a file names.
func environmentNames(tree *syntax.Tree) []string {
	seen := map[string]bool{}
	var walk func(n *syntax.Node)
	walk = func(n *syntax.Node) {
		if n == nil {
			return
		}
		if n.Kind == syntax.Scalar && strings.Contains(n.Value, "${") {
			parts, _ := ast.SplitEnv(n.Value)
			for _, p := range parts {
				if p.Name != "" {
					seen[p.Name] = true
				}
			}
		}
		for _, it := range n.Items {
			walk(it)
		}
		for i := range n.Pairs {
			walk(n.Pairs[i].Value)
		}
	}
	for _, d := range tree.Docs {
		walk(d.Root)
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
