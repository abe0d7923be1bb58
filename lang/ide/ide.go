// Package ide answers what editors ask about manifests.
//
// Input: a snapshot of a workspace, the path of a file, a byte offset or span in
// it. Output: answers as data: completions, hovers, places, edits. Each feature
// is a pure function of the snapshot: it keeps nothing, and asks nobody else.
// The protocol that an editor speaks is somebody else's.
//
// Invariants: every span lies in the text that the snapshot has of its file, and
// every edit too; an answer is the same however the snapshot came to be; nothing
// is run, and nothing is read but through the snapshot; a half-typed document
// has answers for everything in it that is whole.
//
// The three hardest cases: a cursor where nothing stands yet, whose place in the
// schema and among the names has to be worked out from the indentation and from
// what was typed so far; a name that is written in YAML keys, in lists and in
// expressions inside of quoted and folded texts, which is one symbol wherever it
// stands; a rename that would make a text mean something else, which is found by
// resolving every name of the touched files again.
package ide

import (
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// Location is a span of a file.
type Location struct {
	Path string // absolute
	Span source.Span
}

// Edit replaces a span of a file.
type Edit struct {
	Location
	NewText string
}

// cursor is a place in an analyzed file.
type cursor struct {
	snap   *compile.Snapshot
	a      *compile.Analysis
	doc    *compile.Checked // nil where no checked document is
	offset int
	site   *site
}

func newCursor(s *compile.Snapshot, path string, offset int) (*cursor, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	offset = max(0, min(offset, len(a.Source.Text())))
	c := &cursor{snap: s, a: a, doc: a.Doc(offset), offset: offset}
	if a.File != nil || isBegun(a.Tree) {
		c.site = siteAt(a.Tree, offset)
	} else {
		c.site = &site{tree: a.Tree, offset: offset} // another tool's file: nothing is known about it
	}
	return c, nil
}

// isBegun reports whether the kind of a document is being typed.
func isBegun(tree *syntax.Tree) bool {
	for _, d := range tree.Docs {
		n := d.Root.Deref()
		if n == nil {
			continue
		}
		if kind := n.Get("kind").Deref(); n.Kind == syntax.Mapping && kind != nil && kind.Kind == syntax.Scalar {
			for _, name := range schema.KindNames() {
				if kind.Style == syntax.Empty || kind.Value != "" && strings.HasPrefix(name, kind.Value) {
					return true // the kind is being typed
				}
			}
		}
	}
	return false
}

// isNew reports whether a text is so short that it may become a document of
// ours.
func isNew(tree *syntax.Tree) bool {
	for _, d := range tree.Docs {
		if n := d.Root.Deref(); n != nil && (n.Kind == syntax.Sequence || len(n.Pairs) > 1) {
			return false
		}
	}
	return true
}

func locate(s *compile.Snapshot, l source.Location) Location {
	return Location{s.Path(l.File), l.Span}
}

// program is the checked pipeline around the cursor; nil if there is none.
func (c *cursor) program() *check.Program {
	switch {
	case c.doc == nil:
	case c.doc.Program != nil && c.doc.Program.Scope != nil:
		return c.doc.Program
	case c.doc.Generic != nil && c.doc.Generic.Scope != nil:
		return c.doc.Generic
	}
	return nil
}

// top is the scope of the document's own nodes.
func (c *cursor) top() *check.Scope {
	p := c.program()
	if p == nil || c.doc.Program != nil {
		if p == nil {
			return nil
		}
		return p.Scope
	}
	for _, n := range p.Scope.Nodes {
		if s := n.BodyScopes(); len(s) > 0 {
			return s[0]
		}
	}
	return p.Scope
}

// info is the innermost node around the cursor that the checker knows, and the
// scope that a new node at the cursor would be in.
func (c *cursor) info() (*check.Info, *check.Scope) {
	p := c.program()
	if p == nil {
		return nil, nil
	}
	var nodes []*syntax.Node
	for i := range c.site.steps {
		if st := &c.site.steps[i]; st.isNode() && st.node.Kind == syntax.Mapping {
			nodes = append(nodes, st.node)
		}
	}
	scope := c.top()
	var found *check.Info
	for _, n := range nodes {
		found = nil
		for _, info := range scope.Nodes {
			// By place, not by identity: what is included or evaluated at build is
			// a copy.
			if c.here(info.Node.Loc) && info.Node.Loc.Span == n.Span && info.Export == nil {
				found = info
			}
		}
		if found == nil {
			return nil, scope
		}
		if n == nodes[len(nodes)-1] {
			break
		}
		inner := bodyWith(found, c.offset)
		if inner == nil {
			return nil, scope
		}
		scope = inner
	}
	return found, scope
}

// here reports whether a place is in the cursor's file, whichever copy of it.
func (c *cursor) here(l source.Location) bool {
	return l.File == c.a.Source || l.File != nil && !l.File.Derived() && c.snap.Path(l.File) == c.a.Path
}

// bodyWith is the scope of a composite's body around an offset.
func bodyWith(info *check.Info, offset int) *check.Scope {
	var best *check.Scope
	for _, s := range info.BodyScopes() {
		if int(s.Body.Loc.Span.Start) <= offset {
			best = s // bodies are in document order
		}
	}
	return best
}

// place is where an expression at the cursor stands.
func (c *cursor) place(e *ast.Expr) check.Place {
	info, scope := c.info()
	at := check.Place{Info: info, Scope: scope, Role: ast.RoleText}
	if e != nil {
		at.Role, at.Var = e.Role, e.Var
		return at
	}
	for i := len(c.site.steps) - 1; i > 0; i-- {
		st := &c.site.steps[i]
		if !st.direct || st.field == nil {
			continue
		}
		switch st.field.Name {
		case "when":
			at.Role = ast.RoleWhen
		case "input_mapping":
			at.Role = ast.RoleMapping
		case "expressions":
			at.Role = ast.RoleVariable
			at.Var = 1 << 20
			if i+1 < len(c.site.steps) {
				for n, p := range st.node.Pairs {
					if &st.node.Pairs[n] == c.site.steps[i+1].pair || p.Value == c.site.steps[i+1].node {
						at.Var = n
					}
				}
			}
		case "condition":
			at.Role = ast.RoleCondition
		case "items", "count", "initial_state":
			at.Role = ast.RoleItems
		case "state_update":
			at.Role = ast.RoleState
		}
		break
	}
	return at
}

// quoted is a name as code in Markdown.
func quoted(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }
