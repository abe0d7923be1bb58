package ide

import (
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/explain"
)

// Graph is the picture of a program.
type Graph struct {
	Name string
	SVG  string
	// Nodes are the places of the nodes at the top level, by name.
	Nodes []GraphNode
}

// GraphNode is where a node of a Graph is declared.
type GraphNode struct {
	Name string
	Location
}

// programNamed is the checked pipeline of a file with that name, or the first; nil if
// there is none.
func programNamed(a *compile.Analysis, name string) *compile.Checked {
	for _, d := range a.Docs {
		if d.Program != nil && d.Program.Scope != nil && !d.Doc.Fragment && (name == "" || d.Doc.Name.Name == name) {
			return d
		}
	}
	return nil
}

// GraphOf draws the pipeline of a file that has the name; "" means the first.
// It is nil if there is none that could be checked.
func GraphOf(s *compile.Snapshot, path, name string) (*Graph, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	d := programNamed(a, name)
	if d == nil {
		return nil, nil
	}
	drawn := explain.GraphOf(d.Program)
	g := &Graph{Name: drawn.Name, SVG: drawn.SVG()}
	for _, info := range d.Program.Scope.Nodes {
		if id := info.Node.Name; !id.Loc.IsZero() {
			g.Nodes = append(g.Nodes, GraphNode{id.Name, locate(s, id.Loc)})
		}
	}
	return g, nil
}

// Explain is what is known about the pipeline of a file that has the name, or
// the first for ""; about the node around offset if that is not negative. It is
// "" if there is none that could be checked.
func Explain(s *compile.Snapshot, path, name string, offset int) (string, error) {
	c, err := newCursor(s, path, max(0, offset))
	if err != nil {
		return "", err
	}
	d := programNamed(c.a, name)
	if offset >= 0 && c.program() != nil {
		d = c.doc
		if info, _ := c.info(); info != nil && info.Name() != "" {
			n, err := explain.ExplainNode(d.Program, d.Effective, info.ID())
			if err == nil {
				return n.String(), nil
			}
		}
	}
	if d == nil {
		return "", nil
	}
	return overview(d), nil
}

// overview lists the nodes of a program, each explained.
func overview(d *compile.Checked) string {
	out := ""
	d.Program.Scope.Each(func(info *check.Info) {
		if n, err := explain.ExplainNode(d.Program, d.Effective, info.ID()); err == nil {
			out += n.String() + "\n"
		}
	})
	for _, v := range explain.Effective(d.Effective) {
		out += v.String() + "\n"
	}
	return out
}
