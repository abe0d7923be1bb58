package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
)

var reserved = map[string]bool{"ctx": true, "input": true, "$input": true, "state": true}

// declare makes the scope of a list of nodes and, inside it, those of the
// bodies. Of two nodes with one name the first keeps it.
func (c *checker) declare(nodes []*ast.Node, owner *Info, body *ast.Body) *Scope {
	s := &Scope{Owner: owner, Body: body, names: make(map[string]*Info, len(nodes))}
	for _, n := range nodes {
		info := &Info{Node: n, Scope: s, Index: len(s.Nodes), Slots: map[*ast.Expr][]Slot{}, trees: map[*ast.Expr]expr.Node{}}
		s.Nodes = append(s.Nodes, info)
		c.name(s, info)
		c.declareMacro(s, info)
		if co := n.Composite; co != nil {
			info.Bodies = map[*ast.Body]*Scope{}
			open := func(b *ast.Body) {
				if b != nil && b.Nodes != nil {
					info.Bodies[b] = c.declare(b.Nodes, info, b)
				}
			}
			open(co.Body)
			for _, b := range co.Branches {
				open(b.Body)
			}
			if co.Else != nil {
				open(co.Else.Body)
			}
		}
	}
	return s
}

func (c *checker) name(s *Scope, info *Info) {
	id := info.Node.Name
	if id.Name == "" {
		return
	}
	if first, dup := s.names[id.Name]; dup {
		d := diag.New(diag.DuplicateNode, id.Loc, "duplicate node name %q", id.Name)
		if f := first.Node.Name.Loc; f.File != id.Loc.File && f.File.Path() == id.Loc.File.Path() && f.Span == id.Loc.Span {
			c.add(d.WithHelp("the file is included twice; let each include give it a name: `vars: {name: …}` and `name: \"{{ name }}\"`"))
			return
		}
		c.add(d.WithHelp("give one of the two another name").
			WithRelated(first.Node.Name.Loc, "%q is declared here first", id.Name))
		return
	}
	s.names[id.Name] = info
	switch {
	case reserved[id.Name]:
		c.add(diag.New(diag.ReservedName, id.Loc, "node name %q is reserved", id.Name).
			WithHelp("expressions use %q for something else; choose another name", id.Name))
	case !expr.IsIdentifier(id.Name):
		c.add(diag.New(diag.UnreferableName, id.Loc, "node name %q cannot be written in an expression, so nothing can read this node by name", id.Name).
			WithHelp("use letters, digits and underscores: %q", identifier(id.Name)))
	}
}

// identifier turns a name into one that expressions can write.
func identifier(name string) string {
	out := make([]rune, 0, len(name)+1)
	for i, r := range name {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			out = append(out, r)
		case '0' <= r && r <= '9':
			if i == 0 {
				out = append(out, '_')
			}
			out = append(out, r)
		default:
			out = append(out, '_')
		}
	}
	if s := string(out); expr.IsIdentifier(s) {
		return s
	}
	return "node_" + string(out)
}

// nodeNames are the names of a scope, for suggestions.
func (s *Scope) nodeNames() []string {
	names := make([]string, 0, len(s.Nodes))
	for _, n := range s.Nodes {
		name := n.Name()
		if s.Owner != nil && s.Owner.Node.Macro != nil {
			name = n.LocalName() // as the body would write it
		}
		if name != "" && s.names[name] == n {
			names = append(names, name)
		}
	}
	return names
}
