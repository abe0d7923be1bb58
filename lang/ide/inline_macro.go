package ide

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// inlining is an invocation in whose place the body of its macro is put.
type inlining struct {
	c     *cursor
	scope *check.Scope
	inv   *check.Info
	call  *syntax.Node // the invocation's entry of the list
	span  source.Span  // its whole lines
	// column is where the dashes of the caller's list stand.
	column int

	a     *compile.Analysis // of the macro's file
	items []*syntax.Node    // the nodes of the body
	nodes []*check.Info     // what they are in this invocation
	from  source.Span       // their whole lines
	args  map[string]argument
}

// inlineMacro puts the nodes of a macro in the place of the invocation at the
// cursor. It is offered only where that can be written down and every node then
// waits for what it waited for.
func (c *cursor) inlineMacro() (Action, bool) {
	x, ok := c.invocationHere()
	if !ok || !x.body() || !x.arguments() {
		return Action{}, false
	}
	text, ok := x.text()
	if !ok {
		return Action{}, false
	}
	edits := []Edit{{Location{c.a.Path, x.span}, text}}
	if !x.sound(edits) {
		return Action{}, false
	}
	return Action{Title: fmt.Sprintf("Put the nodes of macro %q here", x.inv.Node.Macro.Macro.Name.Name), Kind: RefactorInline, Edits: edits}, true
}

// invocationHere is the invocation of a declared macro that the cursor is in, in
// the pipeline's own list, with nothing that acts on it as a whole.
func (c *cursor) invocationHere() (*inlining, bool) {
	if c.doc == nil || c.doc.Program == nil || c.doc.Program.Scope == nil {
		return nil, false
	}
	info, _ := c.info()
	if info == nil || info.Scope.Owner != nil || !c.here(info.Node.Loc) || info.Node.Macro == nil || info.Node.Macro.Macro == nil || len(info.BodyScopes()) != 1 {
		return nil, false
	}
	n := info.Node
	if n.When != nil || n.Mapped || n.OnError != nil || n.Critical || !emptyExec(n.Exec) || len(n.Ports) > 0 || len(n.Policies) > 0 || len(n.WaitFor) > 0 {
		return nil, false
	}
	at := source.Span{Start: n.Loc.Span.Start + 1, End: n.Loc.Span.Start + 1}
	items, span, column, ok := c.items(at)
	if !ok || len(items) != 1 || items[0].Kind != syntax.Mapping || hasAnchor(items[0]) {
		return nil, false
	}
	return &inlining{c: c, scope: info.Scope, inv: info, call: items[0], span: span, column: column, args: map[string]argument{}}, true
}

func emptyExec(e ast.Exec) bool {
	return e.Timeout == nil && e.Attempts == nil && e.RetryDelay == nil && e.RetryMax == nil && e.Backoff == nil && len(e.RetryOn) == 0
}

// folderBound are texts that mean another file in another folder.
var folderBound = regexp.MustCompile(`!include|star:|\.\.?/|\.ya?ml`)

// body finds the macro's nodes as they are written.
func (x *inlining) body() bool {
	name := x.inv.Node.Macro.Macro.Name
	path := x.c.snap.Path(name.Loc.File)
	a, err := x.c.snap.Analyze(path)
	if err != nil || a.File == nil {
		return false // a built-in one
	}
	x.a = a
	var root *syntax.Node
	for _, d := range a.Tree.Docs {
		if d.Root != nil && d.Root.Span.Encloses(name.Loc.Span) {
			root = d.Root
		}
	}
	list := get(root, "nodes").Deref()
	if list == nil {
		list = get(get(root, "spec"), "nodes").Deref()
	}
	if list == nil || list.Kind != syntax.Sequence || list.Style != syntax.Block || len(list.Items) == 0 {
		return false
	}
	x.items = list.Items
	for _, n := range x.inv.BodyScopes()[0].Nodes {
		if n.Export == nil {
			x.nodes = append(x.nodes, n)
		}
	}
	if len(x.nodes) != len(x.items) {
		return false
	}
	for _, it := range x.items {
		if it.Kind != syntax.Mapping || it.Style != syntax.Block || hasAnchor(it) || it.Get("kind") == nil {
			return false
		}
	}
	f := a.Source
	x.from = source.Span{
		Start: f.LineSpan(f.Line(int(x.items[0].Span.Start))).Start,
		End:   f.LineSpan(f.Line(lastByte(f, x.items[len(x.items)-1].Span))).End,
	}
	dash := strings.IndexByte(f.Slice(x.from), '-')
	return dash >= 0 && strings.TrimSpace(f.Slice(x.from)[:dash]) == "" &&
		(filepath.Dir(path) == filepath.Dir(x.c.a.Path) || !folderBound.MatchString(f.Slice(x.from)))
}

var (
	ownName  = regexp.MustCompile(`\{\{-?\s*name\s*-?\}\}`)
	ownNames = regexp.MustCompile(`\{[{%][^}]*[^.\w'"](name|dependencies)\b[^}]*[%}]\}`)
)

// text is the body as it stands in the caller's list.
func (x *inlining) text() (string, bool) {
	f := x.a.Source
	var edits []Edit
	for _, at := range ownName.FindAllStringIndex(f.Slice(x.from), -1) {
		span := source.Span{Start: x.from.Start + int32(at[0]), End: x.from.Start + int32(at[1])}
		edits = append(edits, Edit{Location{x.a.Path, span}, x.inv.Name()})
	}
	for _, o := range indexOf(x.c.snap, x.a).in(x.a.Path) {
		if !x.from.Encloses(o.Span) {
			continue
		}
		switch def := o.Symbol.Def; {
		case o.Symbol.Kind == SymbolNode && def.Path == x.a.Path && x.from.Encloses(def.Span) && x.topLevel(def.Span):
			edits = append(edits, Edit{o.Location, x.inv.Name() + "_" + o.Symbol.Name})
		case o.Symbol.Kind == SymbolParameter:
			e, ok := x.parameter(o)
			if !ok {
				return "", false
			}
			edits = append(edits, e)
		}
	}
	for i, it := range x.items {
		e, ok := x.entry(it, x.nodes[i])
		if !ok {
			return "", false
		}
		edits = append(edits, e...)
	}
	slices.SortStableFunc(edits, func(a, b Edit) int { return int(a.Span.Start - b.Span.Start) })
	edits = slices.CompactFunc(edits, func(a, b Edit) bool { return a == b })
	for i := range edits {
		if i > 0 && edits[i].Span.Start < edits[i-1].Span.End {
			return "", false
		}
	}
	for i := range edits {
		edits[i].Span.Start -= x.from.Start
		edits[i].Span.End -= x.from.Start
	}
	out := string(apply([]byte(f.Slice(x.from)), edits))
	if ownNames.MatchString(out) {
		return "", false
	}
	column := strings.IndexByte(f.Slice(x.from), '-')
	out = strings.ReplaceAll(indented(out, x.column-column), "\r\n", "\n")
	return strings.ReplaceAll(out, "\n", x.c.newline()), true
}

// topLevel reports whether a name is that of one of the body's own nodes, which
// are known outside; those inside of composites are not.
func (x *inlining) topLevel(def source.Span) bool {
	for _, it := range x.items {
		name := get(get(it, "metadata"), "name").Deref()
		if name != nil && name.Span.Encloses(def) {
			return true
		}
	}
	return false
}

// entry is the edits that make a node of the body wait for what it waited for:
// one that begins the body for what the invocation waits for, one that follows
// the node before for that, though it names a node of the caller now.
func (x *inlining) entry(item *syntax.Node, n *check.Info) ([]Edit, bool) {
	waits := sources(x.scope, []*check.Info{x.inv}, check.Data, check.Chained)
	read := x.reads(n)
	begins := x.begins(n)
	if !begins {
		waits = sources(x.inv.BodyScopes()[0], []*check.Info{n}, check.Chained)
		if len(waits) == 0 || len(read) == 0 {
			return nil, true
		}
		waits = append(waits, read...)
	}
	f := x.a.Source
	list := ": [" + strings.Join(waits, ", ") + "]"
	if p := item.PairOf("dependencies"); p != nil {
		at := source.Span{Start: p.Key.Span.End, End: int32(lastByte(f, p.Span))}
		return []Edit{{Location{x.a.Path, at}, list}}, !strings.Contains(f.Slice(at), "#")
	}
	if begins {
		covered := len(read) > 0 && len(read) == len(waits)
		chained := len(read) == 0 && n.Index == 0 && !slices.ContainsFunc(x.inv.Edges, func(e *check.Edge) bool { return e.Class != check.Chained }) && (len(waits) > 0 || x.inv.Index == 0)
		if covered || chained {
			return nil, true
		}
	}
	meta := item.PairOf("metadata")
	if meta == nil {
		return nil, false
	}
	line := f.LineSpan(f.Line(lastByte(f, meta.Span)))
	first := f.LineSpan(f.Line(int(meta.Key.Span.Start)))
	pad := strings.Repeat(" ", int(meta.Key.Span.Start-first.Start))
	return []Edit{{Location{x.a.Path, source.Span{Start: line.End, End: line.End}}, "\n" + pad + "dependencies" + list}}, true
}

// reads are the caller's nodes that a node of the body reads through arguments.
func (x *inlining) reads(n *check.Info) []string {
	var out []string
	inside([]*check.Info{n}, func(in *check.Info) {
		in.EachExpr(func(e *ast.Expr) {
			for _, s := range in.Slots[e] {
				if s.Kind != check.SlotTarget {
					continue
				}
				for _, name := range x.args[s.Head].reads {
					if !slices.Contains(out, name) {
						out = append(out, name)
					}
				}
			}
		})
	})
	return out
}

// steady reports whether the body runs as a whole or not at all: no node of it is
// skipped alone. A node may then wait for what those before it wait for, too.
func (x *inlining) steady() bool {
	return !slices.ContainsFunc(x.nodes, func(n *check.Info) bool {
		return n.Node.When != nil || n.Node.OnError != nil || len(n.Guards) > 0 || len(n.Routes) > 0
	})
}

// begins reports whether a node of the body waits for no other one.
func (x *inlining) begins(n *check.Info) bool {
	return !slices.ContainsFunc(n.Edges, func(e *check.Edge) bool { return slices.Contains(x.nodes, e.From) })
}

// sound reports whether every node waits for the same as before once the edits
// are made, and nothing is wrong.
func (x *inlining) sound(edits []Edit) bool {
	const here = "\x00"
	before := flowOf(x.scope, func(n *check.Info) string {
		if n == x.inv {
			return here
		}
		return n.Name()
	})
	waits := before[here]
	delete(before, here)
	exit, exits := "", 0
	for _, n := range x.nodes {
		if !slices.ContainsFunc(x.nodes, func(m *check.Info) bool {
			return slices.ContainsFunc(m.Edges, func(e *check.Edge) bool { return e.From == n })
		}) {
			exit, exits = n.Name(), exits+1
		}
	}
	for _, n := range x.scope.Nodes {
		if n == x.inv || n.Export != nil {
			continue
		}
		for _, slots := range n.Slots {
			if slices.ContainsFunc(slots, func(s check.Slot) bool { return s.Kind == check.SlotNode && s.Node == x.inv }) {
				return false // it reads the outputs
			}
		}
		on := wait{here, check.Data}
		if !before[n.Name()][on] {
			continue
		}
		if exits != 1 || takesWhole(n) || readsBare(n, func(from *check.Info) bool { return from == x.inv }) {
			return false
		}
		delete(before[n.Name()], on)
		before[n.Name()][wait{exit, check.Data}] = true
	}
	for _, o := range x.c.doc.Program.Output {
		if o.Node == x.inv {
			return false
		}
	}
	own := flowOf(x.inv.BodyScopes()[0], (*check.Info).Name)
	for _, n := range x.nodes {
		before[n.Name()] = own[n.Name()]
		if x.begins(n) {
			if takesWhole(n) && len(waits) > 0 {
				return false
			}
			for w := range waits {
				before[n.Name()][w] = true
			}
		}
	}
	now := x.c.programAfter(edits)
	if now == nil {
		return false
	}
	put := map[string]bool{}
	for _, n := range x.nodes {
		put[n.Name()] = true
	}
	for _, n := range now.Scope.Nodes {
		if !put[n.Name()] {
			continue
		}
		bad := readsBare(n, func(from *check.Info) bool { return from.Scope == now.Scope && !put[from.Name()] })
		inside([]*check.Info{n}, func(in *check.Info) {
			for _, slots := range in.Slots {
				for _, s := range slots {
					_, param := x.args[s.Head]
					bad = bad || s.Kind == check.SlotBare && (param || s.Head == "name" || s.Head == "dependencies")
				}
			}
		})
		if bad {
			return false
		}
	}
	after := flowOf(now.Scope, (*check.Info).Name)
	for name := range put {
		for w := range after[name] {
			if !before[name][w] && waits[w] && x.steady() {
				before[name][w] = true
			}
		}
	}
	return before.equal(after)
}
