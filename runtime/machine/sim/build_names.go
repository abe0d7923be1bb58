package sim

import (
	"fmt"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
)

func (b *builder) exprp(text string, mode ir.ExprMode, n *ir.Node) *ir.Expr {
	e := b.expr(text, mode, n, nil, true)
	return &e
}

// expr parses a text and resolves its names. targets tells that the node's
// mapping targets are visible.
func (b *builder) expr(text string, mode ir.ExprMode, n *ir.Node, vars []string, targets bool) ir.Expr {
	t := expr.Text{Src: text}
	var tree expr.Node
	var ds []diag.Diagnostic
	switch mode {
	case ir.ModeTemplate:
		tree, ds = expr.ParseTemplate(t)
	case ir.ModeMapping:
		tree, ds = expr.ParseMapping(t)
	default:
		tree, ds = expr.Parse(t)
	}
	if diag.HasErrors(ds) {
		if b.err == nil {
			b.err = fmt.Errorf("%s: expression %q: %s", n.ID, text, ds[0].Message)
		}
		return ir.Expr{Mode: ir.ModeConst}
	}
	e := ir.Expr{
		Mode: mode, Text: text,
		At:  ir.Place{Line: 1, Column: 1, EndLine: 1, EndCol: len(text) + 1, EndOff: len(text)},
		Map: []ir.Mark{{Text: 0, Line: 1, Column: 1, Offset: 0, Exact: true}},
	}
	// NODE.output is one name where it may mean the whole result.
	whole := map[string]int{}
	tree = expr.Rewrite(tree, func(x expr.Node) expr.Node {
		a, ok := x.(*expr.Attr)
		if !ok || a.Name != "output" {
			return x
		}
		name, ok := a.X.(*expr.Name)
		if !ok {
			return x
		}
		i := indexOf(b.levels[len(b.levels)-1].nodes, name.Ident)
		if i < 0 {
			return x
		}
		whole[name.Ident+".output"] = i
		return expr.NewName(name.Ident+".output", x.Span())
	})
	e.Tree = expr.Encode(tree)
	seen := map[string]bool{}
	for _, r := range expr.Refs(tree) {
		key := r.Head
		if r.Namespace {
			key = "$" + key
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		if i, ok := whole[r.Head]; ok && !r.Namespace {
			addEdge(n, i, ir.EdgeData, "reference")
			e.Slots = append(e.Slots, ir.Slot{Head: r.Head, Kind: ir.SlotNode, Index: i, Whole: true})
			continue
		}
		e.Slots = append(e.Slots, b.slot(r.Head, r.Namespace, n, vars, targets))
	}
	return e
}

func (b *builder) slot(head string, namespace bool, n *ir.Node, vars []string, targets bool) ir.Slot {
	s := ir.Slot{Head: head, Namespace: namespace}
	if namespace {
		switch head {
		case "input":
			s.Kind = ir.SlotInput
		case "ctx":
			s.Kind = ir.SlotCtx
		case "error":
			s.Kind = ir.SlotError
		case "errors":
			s.Kind = ir.SlotErrors
		case "body":
			s.Kind = ir.SlotBody
		default:
			s.Kind, s.Loop = ir.SlotLoop, head
			s.Up = b.loopUp(head)
		}
		return s
	}
	for i := len(vars) - 1; i >= 0; i-- {
		if vars[i] == head {
			s.Kind, s.Index = ir.SlotVar, i
			return s
		}
	}
	for up := 0; up < len(b.levels); up++ {
		l := b.levels[len(b.levels)-1-up]
		d := &l.nodes[l.at]
		self := &l.body.Nodes[l.at]
		if loop := loopName(d, head); loop != "" && (up > 0 || d.Mode == ir.ModeWhile) {
			s.Kind, s.Up, s.Loop = ir.SlotLoop, up, loop
			return s
		}
		if targets || up > 0 {
			for i := range self.Mapping {
				if self.Mapping[i].Name == head {
					s.Kind, s.Up, s.Index = ir.SlotTarget, up, i
					return s
				}
			}
			for i := range self.Args {
				if up > 0 && self.Args[i].Name == head {
					s.Kind, s.Up, s.Index = ir.SlotTarget, up, len(self.Mapping)+i
					return s
				}
			}
		}
		if i := indexOf(l.nodes, head); i >= 0 && i != l.at {
			addEdge(self, i, ir.EdgeData, "reference")
			s.Kind, s.Up, s.Index = ir.SlotNode, up, i
			return s
		}
	}
	s.Kind = ir.SlotBare
	return s
}

// loopUp is how far outward the nearest loop is that has a variable.
func (b *builder) loopUp(name string) int {
	for up := 0; up < len(b.levels); up++ {
		l := b.levels[len(b.levels)-1-up]
		d := &l.nodes[l.at]
		switch d.Mode {
		case ir.ModeWhile:
			if name == "state" || name == "iteration" || up > 0 && (name == "index" || name == "item") {
				return up
			}
		case ir.ModeForEach, ir.ModeTimes:
			if up > 0 && name != "state" && name != "iteration" {
				return up
			}
		}
	}
	return 0
}

// loopName is the canonical name of the loop variable that head names in the
// body of d, "" if it names none.
func loopName(d *Node, head string) string {
	named := func(name, standard string) bool {
		if name == "" {
			name = standard
		}
		return name == head
	}
	switch d.Mode {
	case ir.ModeForEach:
		if named(d.ItemVar, "item") {
			return "item"
		}
		if named(d.IndexVar, "index") {
			return "index"
		}
	case ir.ModeTimes:
		if named(d.IndexVar, "index") {
			return "index"
		}
	case ir.ModeWhile:
		if head == "state" || head == "iteration" {
			return head
		}
	}
	return ""
}
