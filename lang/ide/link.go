package ide

import (
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Link is a text that names a file.
type Link struct {
	Span    source.Span
	Target  Location // the file; Span is empty, or where in it
	Tooltip string
}

// Links are the files that a file names: included manifests and fragments,
// pipelines of processes, imports, Starlark files, schemas.
func Links(s *compile.Snapshot, path string) ([]Link, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	var out []Link
	if a.File == nil {
		return nil, nil
	}
	for _, d := range a.Tree.Docs {
		scalars(d.Root, func(n, key *syntax.Node) {
			out = append(out, linksIn(s, a, n, key)...)
		})
	}
	return out, nil
}

// scalars calls f for each scalar value below n, with the nearest key above it.
func scalars(n *syntax.Node, f func(n, key *syntax.Node)) {
	var walk func(n, key *syntax.Node)
	walk = func(n, key *syntax.Node) {
		if n == nil {
			return
		}
		if n.Kind == syntax.Scalar {
			f(n, key)
		}
		for _, it := range n.Items {
			walk(it, key)
		}
		for i := range n.Pairs {
			walk(n.Pairs[i].Value, n.Pairs[i].Key)
		}
	}
	walk(n, nil)
}

// pathKeys are the keys whose texts are paths of manifests.
var pathKeys = map[string]bool{"exec": true, "pipeline": true, "body_pipeline": true, "imports": true, "!include": true, "include": true, "target": true}

// linksIn are the links in one scalar.
func linksIn(s *compile.Snapshot, a *compile.Analysis, n, key *syntax.Node) []Link {
	text := n.Value
	start := 0
	name := scalarText(key)
	include := n.Tag == "!include" || key != nil && key.Parent != nil && key.Parent.Tag == "!include" && name == "path"
	switch {
	case strings.HasPrefix(text, "star:"):
		start = len("star:")
	case include, pathKeys[name]:
	default:
		return nil
	}
	if strings.ContainsAny(text, "\n{$") || strings.Contains(text, "://") {
		return nil
	}
	file, member, _ := strings.Cut(text[start:], "#")
	if file == "" || !strings.ContainsAny(file, "./") {
		return nil
	}
	target := filepath.Join(filepath.Dir(a.Path), filepath.FromSlash(file))
	if !s.Inside(target) {
		return nil
	}
	data, err := s.Read(target)
	if err != nil {
		return nil
	}
	m := a.Tree.TextMap(n)
	l := Link{Span: m.Span(source.Span{Start: int32(start), End: int32(len(text))}), Target: Location{Path: target}, Tooltip: file}
	if member != "" {
		l.Target.Span = memberOf(s, target, string(data), member)
	}
	return []Link{l}
}

// memberOf finds what follows the `#` in a file: a function, or a document's
// name.
func memberOf(s *compile.Snapshot, path, text, member string) source.Span {
	if filepath.Ext(path) == ".star" {
		for _, f := range starlarkFunctions(text) {
			if f.name == member {
				return source.Span{Start: int32(f.offset), End: int32(f.offset + len(f.name))}
			}
		}
		return source.Span{}
	}
	a, err := s.Analyze(path)
	if err != nil {
		return source.Span{}
	}
	for _, d := range a.Tree.Docs {
		if n := get(get(d.Root, "metadata"), "name"); scalarText(n) == member {
			return n.Span
		}
		if d.Root != nil {
			if root := d.Root.Deref(); root != nil && root.Kind == syntax.Mapping {
				if p := root.PairOf(member); p != nil {
					return p.Key.Span
				}
			}
		}
	}
	return source.Span{}
}

// linkAt is the link at the cursor.
func linkAt(c *cursor) (Link, bool) {
	if len(c.site.steps) == 0 || c.site.key {
		return Link{}, false
	}
	st := c.site.last()
	if st.node.Kind != syntax.Scalar {
		return Link{}, false
	}
	var key *syntax.Node
	for i := len(c.site.steps) - 1; i >= 0; i-- {
		if p := c.site.steps[i].pair; p != nil {
			key = p.Key
			break
		}
	}
	for _, l := range linksIn(c.snap, c.a, st.node, key) {
		if l.Span.Contains(c.offset) {
			return l, true
		}
	}
	return Link{}, false
}
