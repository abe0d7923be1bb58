package ir

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

func parsed(t *testing.T, mode ExprMode, text string, slots ...Slot) Expr {
	t.Helper()
	var tree expr.Node
	if mode == ModeTemplate {
		tmpl, ds := expr.ParseTemplate(expr.Text{Src: text})
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		tree = tmpl
	} else {
		n, ds := expr.Parse(expr.Text{Src: text})
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		tree = n
	}
	return Expr{Mode: mode, Text: text, Tree: expr.Encode(tree), Slots: slots, At: Place{Line: 1, Column: 1}}
}

func TestVerifyAcceptsTheSample(t *testing.T) {
	p := sample()
	when := parsed(t, ModeExpr, "a.text == 'x'", Slot{Head: "a", Kind: SlotNode, Index: 0})
	p.Body.Nodes[1].When = &when
	if err := Verify(p); err != nil {
		t.Error(err)
	}
}

func TestVerifyReportsEachBrokenPromise(t *testing.T) {
	node := func(p *Program, i int) *Node { return &p.Body.Nodes[i] }
	for name, c := range map[string]struct {
		damage func(t *testing.T, p *Program)
		want   string
	}{
		"another version":  {func(_ *testing.T, p *Program) { p.Version = 0 }, "has version 0"},
		"another kind":     {func(_ *testing.T, p *Program) { p.Kind = "Macro" }, `kind "Macro"`},
		"an absolute file": {func(_ *testing.T, p *Program) { p.Files[0] = "/home/x/a.yaml" }, "not a relative path"},
		"a drive":          {func(_ *testing.T, p *Program) { p.Files[0] = "C:/a.yaml" }, "not a relative path"},
		"a place in no file": {func(_ *testing.T, p *Program) { node(p, 0).Origin.File = 2 },
			`node "a" is said to stand in file 2 of 2`},
		"a place that ends before it starts": {func(_ *testing.T, p *Program) { node(p, 0).Origin.EndOff = 1 }, "ends before it starts"},
		"an edge to no node":                 {func(_ *testing.T, p *Program) { node(p, 1).Edges[0].Node = 3 }, "depends on node 3 of 3"},
		"an edge to itself":                  {func(_ *testing.T, p *Program) { node(p, 1).Edges[0].Node = 1; node(p, 1).Single = -1 }, "depends on itself"},
		"an edge of no class":                {func(_ *testing.T, p *Program) { node(p, 1).Edges[0].Class = 9 }, "unknown class 9"},
		"a cycle": {func(_ *testing.T, p *Program) { node(p, 0).Edges = []Edge{{Node: 2, Class: EdgeData}} },
			"cycle of dependencies"},
		"bare names of a stranger": {func(_ *testing.T, p *Program) { node(p, 2).Single = 0 }, "takes bare names from node 0"},
		"a route without an edge":  {func(_ *testing.T, p *Program) { node(p, 2).Routes = []Route{{Router: 0}} }, "has a route from node 0"},
		"a name twice":             {func(_ *testing.T, p *Program) { node(p, 1).Name = "a" }, "occurs twice in the pipeline"},
		"an identity twice":        {func(_ *testing.T, p *Program) { node(p, 1).Composite.Body.Nodes[0].ID = "a" }, "shares it with another"},
		"no attempts":              {func(_ *testing.T, p *Program) { node(p, 0).Attempts = 0 }, "out of range"},
		"a port of nobody":         {func(_ *testing.T, p *Program) { node(p, 0).LLM.Port.Port = 1 }, "uses port 1 of 1"},
		"no specification":         {func(_ *testing.T, p *Program) { node(p, 2).Data = nil }, "has 0 specifications"},
		"two specifications":       {func(_ *testing.T, p *Program) { node(p, 2).Expression = &Expression{} }, "specification of a expression_node"},
		"code of nobody":           {func(_ *testing.T, p *Program) { node(p, 1).Composite.Body.Nodes[0].Function.Code = 1 }, "calls code 1 of 1"},
		"Starlark without text":    {func(_ *testing.T, p *Program) { node(p, 1).Composite.Body.Nodes[0].Function.Code = -1 }, "without its text"},
		"no items":                 {func(_ *testing.T, p *Program) { node(p, 1).Composite.Items = nil }, "has no items"},
		"an unknown mode":          {func(_ *testing.T, p *Program) { node(p, 1).Composite.Mode = 9 }, "unknown mode 9"},
		"no messages":              {func(_ *testing.T, p *Program) { node(p, 0).LLM.Messages = nil }, "has no messages"},
		"output of no node":        {func(_ *testing.T, p *Program) { p.Output[0].Node = -1 }, "reads node -1"},
		"capabilities out of order": {func(_ *testing.T, p *Program) { p.Effective.Caps.Allow = []string{"b", "a"} },
			"is not sorted"},
		"a missing value": {func(_ *testing.T, p *Program) { p.Ports[0].Config = value.Missing }, "missing value"},
		"no tree": {func(_ *testing.T, p *Program) { node(p, 1).When = &Expr{Mode: ModeExpr, Text: "a"} },
			"parsed form cannot be read"},
		"a name without a slot": {func(t *testing.T, p *Program) {
			e := parsed(t, ModeExpr, "a > b", Slot{Head: "a", Kind: SlotNode})
			node(p, 1).When = &e
		}, `reads "b", of which nothing is said`},
		"a slot out of range": {func(t *testing.T, p *Program) {
			e := parsed(t, ModeExpr, "a", Slot{Head: "a", Kind: SlotNode, Index: 5})
			node(p, 1).When = &e
		}, `reads "a" as number 5 of 3`},
		"a slot outside of everything": {func(t *testing.T, p *Program) {
			e := parsed(t, ModeExpr, "a", Slot{Head: "a", Kind: SlotNode, Up: 1})
			node(p, 1).When = &e
		}, "1 scopes outward and has only 0"},
		"a loop variable without a loop": {func(t *testing.T, p *Program) {
			e := parsed(t, ModeExpr, "item", Slot{Head: "item", Kind: SlotLoop, Loop: "item"})
			node(p, 2).When = &e
		}, "of a node that is no composite"},
		"a template that is an expression": {func(t *testing.T, p *Program) {
			e := parsed(t, ModeExpr, "1")
			e.Mode = ModeTemplate
			node(p, 1).When = &e
		}, "of another mode"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sample()
			c.damage(t, p)
			err := Verify(p)
			if err == nil {
				t.Fatal("accepted")
			}
			if msg := err.Error(); !strings.Contains(msg, c.want) || strings.Contains(msg, "\n") {
				t.Errorf("says %q, want something with %q", msg, c.want)
			}
			if strings.HasPrefix(name, "a missing value") {
				return // it has no encoding
			}
			if _, err := Decode(Encode(p)); err == nil {
				t.Error("Decode accepts it")
			}
		})
	}
}

func TestSemanticHashLeavesOutWhatDoesNotMatter(t *testing.T) {
	build := func(text string) *Program {
		p := sample()
		e := parsed(t, ModeExpr, text, Slot{Head: "a", Kind: SlotNode})
		p.Body.Nodes[1].When = &e
		return p
	}
	base := build("a.n > 1")
	for name, change := range map[string]func(p *Program){
		"a file's name":  func(p *Program) { p.Files[0] = "other.yaml" },
		"a place":        func(p *Program) { p.Body.Nodes[0].Origin.Line += 5; p.Body.Nodes[0].Origin.EndLine += 5 },
		"provenance":     func(p *Program) { p.Effective.Limits[0].From = nil },
		"an edge's why":  func(p *Program) { p.Body.Nodes[1].Edges[0].Why = []string{"explicit", "reference"} },
		"a code's file":  func(p *Program) { p.Code[0].File = "g.star" },
		"reading places": func(p *Program) { p.Inputs[0].Uses = nil },
	} {
		p := build("a.n > 1")
		change(p)
		if SemanticHash(p) != SemanticHash(base) {
			t.Errorf("%s changes the semantic hash", name)
		}
		if FullHash(p) == FullHash(base) {
			t.Errorf("%s does not change the full hash", name)
		}
	}
	if SemanticHash(build("a.n  >  1")) != SemanticHash(base) {
		t.Error("spaces in an expression change the semantic hash")
	}
	for name, change := range map[string]func(p *Program){
		"a value":          func(p *Program) { p.Effective.Limits[0].Value = value.Int(31) },
		"a name":           func(p *Program) { p.Name = "x" },
		"a constant":       func(p *Program) { p.Body.Nodes[0].LLM.Messages[0].Text.Const = value.String("bye") },
		"an edge":          func(p *Program) { p.Body.Nodes[1].Edges[0].Class = EdgeChained },
		"a slot":           func(p *Program) { p.Body.Nodes[1].When.Slots[0].Kind = SlotBare },
		"code":             func(p *Program) { p.Code[0].Text += "\n" },
		"an environment":   func(p *Program) { p.Env[0].Digest = "11" },
		"retries on none":  func(p *Program) { p.Body.Nodes[0].RetryOn = nil },
		"a nested mapping": func(p *Program) { p.Body.Nodes[2].Data.Output[0].Expr.Keys[0] = "y" },
	} {
		p := build("a.n > 1")
		change(p)
		if SemanticHash(p) == SemanticHash(base) {
			t.Errorf("%s does not change the semantic hash", name)
		}
	}
	if SemanticHash(build("a.n > 2")) == SemanticHash(base) {
		t.Error("another expression has the same semantic hash")
	}
}

func TestProvenanceFieldsExist(t *testing.T) {
	for typ, fields := range provenanceFields {
		for _, name := range fields {
			if _, ok := typ.FieldByName(name); !ok {
				t.Errorf("%s has no field %s", typ, name)
			}
		}
	}
}
