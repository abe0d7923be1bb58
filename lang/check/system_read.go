package check

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// part is one segment of a path behind a process's name.
type part struct {
	name string
	loc  source.Location
}

// member is what the segments behind a process's name mean.
type member struct {
	prefix []string // the way in the process's result
	taken  int      // segments that prefix stands for
	typ    *expr.Type
}

// member resolves what stands behind a process's name: a node of its pipeline,
// else a name of its output, else the literal `output`; `nodes` and `outputs`
// say which.
func (c *systemChecker) member(info *Info, path []part, head source.Location) (member, bool) {
	p := c.use(info).Pipeline
	if p == nil {
		return member{}, false // nothing is known, which was reported
	}
	first := path[0]
	node := p.Scope.names[first.name]
	out := outputOf(p, first.name)
	switch {
	case node != nil && out != nil && !out.isWhole(node):
		c.add(diag.New(diag.AmbiguousProcessField, first.loc, "%q is both a node of process %q and a name of its output", first.name, info.Name()).
			WithHelp("write %s.nodes.%s or %s.outputs.%s", info.Name(), first.name, info.Name(), first.name).
			WithFix("read the node", false, diag.Edit{Loc: first.loc, NewText: "nodes." + first.name}).
			WithFix("read the output", false, diag.Edit{Loc: first.loc, NewText: "outputs." + first.name}).
			WithRelated(node.Node.Name.Loc, "the node").WithRelated(out.Entry.Name.Loc, "the output"))
		return member{}, false
	case node != nil:
		return c.nodeMember(info, node, path, 1), true
	case out != nil:
		return member{[]string{"outputs", first.name}, 1, out.Type()}, true
	case first.name == "output":
		return member{[]string{"outputs"}, 1, outputsType(p)}, true
	case first.name == "nodes" && len(path) > 1:
		if n := p.Scope.names[path[1].name]; n != nil {
			return c.nodeMember(info, n, path, 2), true
		}
		c.unknownMember(info, p, path[1])
		return member{}, false
	case first.name == "outputs":
		if len(path) == 1 {
			return member{[]string{"outputs"}, 1, outputsType(p)}, true
		}
		if o := outputOf(p, path[1].name); o != nil {
			return member{[]string{"outputs", path[1].name}, 2, o.Type()}, true
		}
		c.unknownMember(info, p, path[1])
		return member{}, false
	}
	if len(p.Scope.Nodes) == 0 {
		// Nothing is in it yet, so nothing can be known about it.
		c.add(diag.New(diag.UnknownProcessField, first.loc, "process %q has no node and no output %q: its pipeline is empty, so this is null", info.Name(), first.name).
			WithHelp("give the pipeline the node or the output").As(diag.Warning))
		return member{[]string{"outputs", first.name}, 1, expr.Any}, true
	}
	c.unknownMember(info, p, first)
	return member{}, false
}

// nodeMember is the result of a node. `NODE.output` is the whole result where
// that is no object with a field of the name; where that is not known, the run
// decides.
func (c *systemChecker) nodeMember(info, node *Info, path []part, taken int) member {
	t := node.Result
	if node.maySkip {
		t = expr.Nullable(orAny(t))
	}
	use := c.use(info)
	if len(path) > taken && path[taken].name == "output" && !node.hasOutput() {
		taken++
		if !closedResult(node) {
			if !slices.Contains(use.Whole, node) {
				use.Whole = append(use.Whole, node)
			}
			return member{[]string{"whole", node.Name()}, taken, expr.Any}
		}
	}
	if !slices.Contains(use.Reads, node) {
		use.Reads = append(use.Reads, node)
	}
	return member{[]string{"nodes", node.Name()}, taken, t}
}

func (c *systemChecker) unknownMember(info *Info, p *Program, at part) {
	d := diag.New(diag.UnknownProcessField, at.loc, "process %q has no node and no output %q", info.Name(), at.name)
	names := p.Scope.nodeNames()
	for _, o := range p.Output {
		names = append(names, o.Entry.Name.Name)
	}
	if best := suggest.Best(at.name, names); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: at.loc, NewText: best})
	} else {
		d = d.WithHelp("it has %s", strings.Join(names, ", "))
	}
	c.add(d)
}

// outputOf is the declared output of a pipeline with a name.
func outputOf(p *Program, name string) *Output {
	for i := range p.Output {
		if p.Output[i].Entry.Name.Name == name {
			return &p.Output[i]
		}
	}
	return nil
}

// isWhole reports whether the output is nothing but the node's result.
func (o *Output) isWhole(n *Info) bool { return o.Node == n && len(o.Path) == 0 }

// Type is the type of the output's value.
func (o *Output) Type() *expr.Type {
	t := orAny(o.Node.Result)
	for _, name := range o.Path {
		f, ok := t.Field(name)
		if !ok || f.Type == nil {
			return expr.Any
		}
		if t = f.Type; f.Optional {
			t = expr.Nullable(t)
		}
	}
	if o.Node.maySkip {
		t = expr.Nullable(t)
	}
	return t
}

func outputsType(p *Program) *expr.Type {
	fields := make([]expr.Field, len(p.Output))
	for i := range p.Output {
		fields[i] = field(p.Output[i].Entry.Name.Name, p.Output[i].Type())
	}
	return closed(fields...)
}

// results types what a process gives: the results of its nodes and its outputs.
func (c *systemChecker) results() {
	for _, info := range c.system.Scope.Nodes {
		info.maySkip = info.Node.When != nil || len(info.Guards) > 0 || info.Node.OnError != nil
		info.Result = expr.Any
		p := c.use(info).Pipeline
		if p == nil {
			continue
		}
		nodes := make([]expr.Field, 0, len(p.Scope.Nodes))
		for _, n := range p.Scope.Nodes {
			t := orAny(n.Result)
			if n.maySkip {
				t = expr.Nullable(t)
			}
			nodes = append(nodes, field(n.Name(), t))
		}
		info.Result = closed(field("nodes", closed(nodes...)), field("outputs", outputsType(p)), field("whole", expr.Any))
		if len(p.Scope.Nodes) == 0 {
			info.Result = expr.Any // see member
		}
	}
	// A process whose sources may be skipped may be skipped: in the order of the
	// graph, which has no cycles any more.
	done := make([]bool, len(c.system.Scope.Nodes))
	var visit func(*Info)
	visit = func(info *Info) {
		if done[info.Index] {
			return
		}
		done[info.Index] = true
		for _, e := range info.Edges {
			visit(e.From)
			if e.Class == Data && e.From.maySkip {
				info.maySkip = true
			}
		}
	}
	for _, info := range c.system.Scope.Nodes {
		visit(info)
	}
}

// readProcess gives the names in a process's expressions their meaning.
func (c *systemChecker) readProcess(info *Info) {
	n := info.Node
	n.When = c.read(info, n.When)
	n.Mapping = c.readAll(info, n.Mapping)
	use := c.use(info)
	use.Input = c.readAll(info, use.Process.Input)
	n.Texts = nil
	for _, b := range use.Input {
		n.Texts = append(n.Texts, b.Expr)
	}
	seen := map[string]*ast.Binding{}
	for _, b := range n.Mapping {
		if first := seen[b.Name.Name]; first != nil {
			c.add(diag.New(diag.DuplicateTarget, b.Name.Loc, "two pipes give process %q the input %q", info.Name(), b.Name.Name).
				WithHelp("give one of them another name").WithRelated(first.Name.Loc, "it is given here first"))
			continue
		}
		seen[b.Name.Name] = b
	}
}

func (c *systemChecker) readAll(info *Info, list []*ast.Binding) []*ast.Binding {
	var out []*ast.Binding
	for _, b := range list {
		out = append(out, &ast.Binding{Name: b.Name, Expr: c.read(info, b.Expr)})
	}
	return out
}

// read is a copy of an expression in which what it reads of processes is
// rewritten, and whose heads have slots in info.
func (c *systemChecker) read(info *Info, e *ast.Expr) *ast.Expr {
	if e == nil {
		return nil
	}
	x := *e
	x.Items = nil
	for _, item := range e.Items {
		x.Items = append(x.Items, c.read(info, item))
	}
	if e.Tree == nil {
		return &x
	}
	heads := map[source.Span]member{} // of processes, by the head's span
	for _, r := range expr.Refs(e.Tree) {
		slot, ok := c.head(info, &x, r, heads)
		if ok && !slices.ContainsFunc(info.Slots[&x], func(s Slot) bool { return s.Head == slot.Head && s.Namespace == slot.Namespace }) {
			info.Slots[&x] = append(info.Slots[&x], slot)
		}
	}
	x.Tree = rewriteMembers(e.Tree, heads)
	return &x
}

// head resolves one free name.
func (c *systemChecker) head(info *Info, x *ast.Expr, r expr.Ref, heads map[source.Span]member) (Slot, bool) {
	loc := x.Text.Loc(r.HeadSpan)
	if r.Namespace {
		switch r.Head {
		case "item", "index", "total", "is_first", "is_last", "state", "body":
			c.add(diag.New(diag.LoopNameOutside, loc, "$%s is used where there is no loop", r.Head).
				WithHelp("a field of the System's input is $input.%s", r.Head))
			return Slot{}, false
		}
		return c.namespace(info, x, r)
	}
	s := c.system.Scope
	from := s.names[r.Head]
	if from == nil {
		c.bare = append(c.bare, bareUse{info, x, r})
		return Slot{Head: r.Head, Kind: SlotBare}, true
	}
	if from == info {
		c.add(diag.New(diag.NotUpstream, loc, "process %q reads its own result", r.Head).WithHelp("read a process that a pipe leads from"))
		return Slot{}, false
	}
	if !c.upstream[info.Index][from] {
		if slices.ContainsFunc(c.system.Doc.System.Pipes, func(p *ast.Pipe) bool { return p.From.Name == from.Name() && p.To.Name == info.Name() }) {
			return Slot{}, false // the pipe is part of a cycle, which was reported
		}
		d := diag.New(diag.NotUpstream, loc, "process %q reads %q, which need not have ended before it starts", info.Name(), r.Head).
			WithRelated(from.Node.Name.Loc, "%q is declared here", r.Head)
		if c.upstream[from.Index][info] {
			d = d.WithHelp("%q waits for %q; turn the pipe around, or read something else", r.Head, info.Name())
		} else {
			d = d.WithHelp("add a pipe from %q to %q", r.Head, info.Name())
		}
		c.add(d)
		return Slot{}, false
	}
	if info.edgeFrom(from) == nil {
		c.edge(info, from, Wait, "reference", loc) // its result has to be kept until then
	}
	slot := Slot{Head: r.Head, Kind: SlotNode, Node: from}
	if len(r.Path) == 0 {
		heads[r.HeadSpan] = member{prefix: []string{"outputs"}}
		return slot, true
	}
	var path []part
	for _, seg := range r.Path {
		path = append(path, part{seg.Name, x.Text.Loc(seg.Span)})
	}
	m, ok := c.member(from, path, loc)
	if ok {
		heads[r.HeadSpan] = m
	}
	return slot, true
}

// rewriteMembers replaces the first segments behind the heads of processes by
// their way in the process's result. Places stay.
func rewriteMembers(tree expr.Node, heads map[source.Span]member) expr.Node {
	if len(heads) == 0 {
		return tree
	}
	// chains that are still to lose segments: the node → what is left of it
	pending := map[expr.Node]member{}
	prefixed := func(n *expr.Name, m member, s source.Span) expr.Node {
		var x expr.Node = n
		for _, name := range m.prefix {
			x = expr.NewAttr(x, name, s)
		}
		return x
	}
	return expr.Rewrite(tree, func(n expr.Node) expr.Node {
		var inner expr.Node
		switch n := n.(type) {
		case *expr.Name:
			m, ok := heads[n.Span()]
			if !ok {
				return n
			}
			if m.taken == 0 {
				return prefixed(n, m, n.Span())
			}
			c := expr.NewName(n.Ident, n.Span()) // a node of its own, to find it again
			pending[c] = m
			return c
		case *expr.Attr:
			inner = n.X
		case *expr.Index:
			inner = n.X
		default:
			return n
		}
		m, ok := pending[inner]
		if !ok {
			return n
		}
		delete(pending, inner)
		head := headOf(inner)
		if m.taken--; m.taken == 0 {
			return prefixed(head, m, n.Span())
		}
		c := expr.NewAttr(head, "", n.Span())
		pending[c] = m
		return c
	})
}

func headOf(n expr.Node) *expr.Name {
	for {
		switch x := n.(type) {
		case *expr.Name:
			return x
		case *expr.Index:
			n = x.X
		case *expr.Attr:
			n = x.X
		}
	}
}
