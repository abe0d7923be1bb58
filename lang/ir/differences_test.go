package ir

import (
	"slices"
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *Program)
		want   []string
	}{
		"nothing": {func(*Program) {}, nil},
		"places":  {func(p *Program) { p.Body.Nodes[0].Origin.Line++; p.Body.Nodes[0].Origin.EndLine++ }, nil},
		"a prompt": {func(p *Program) { p.Body.Nodes[0].LLM.Messages[0].Text.Const = value.String("x") },
			[]string{`node "a" differs`}},
		"a node in front": {func(p *Program) {
			first := Node{ID: "z", Name: "z", Kind: "data_node", Single: -1, Attempts: 1, Data: &Data{}}
			p.Body.Nodes = append([]Node{first}, p.Body.Nodes...)
			for i := range p.Body.Nodes {
				n := &p.Body.Nodes[i]
				for j := range n.Edges {
					n.Edges[j].Node++
				}
				if n.Single >= 0 {
					n.Single++
				}
			}
			p.Output[0].Node++
		}, []string{`node "z" is new`}},
		"a node of a body": {func(p *Program) { p.Body.Nodes[1].Composite.Body.Nodes[0].Function.Name = "g" },
			[]string{`node "b/[body]/c" differs`}},
		"a node less":      {func(p *Program) { p.Body.Nodes = p.Body.Nodes[:2] }, []string{`node "d" is gone`}},
		"a kind":           {func(p *Program) { p.Body.Nodes[2].Kind = "expression_node" }, []string{`node "d" is a expression_node instead of a data_node`}},
		"a limit":          {func(p *Program) { p.Effective.Limits = nil }, []string{"limits.max_llm_calls is gone"}},
		"a setting":        {func(p *Program) { p.Effective.Kernel[0].Value = value.Int(3) }, []string{"kernel.max_concurrent_nodes differs"}},
		"an edge's source": {func(p *Program) { p.Body.Nodes[2].Edges[0].Node = 0 }, []string{`node "d" differs`}},
		"the output":       {func(p *Program) { p.Output[0].Path = nil }, []string{"the output differs"}},
		"code":             {func(p *Program) { p.Code[0].Text = "" }, []string{"code differ"}},
		"the order": {func(p *Program) {
			n := p.Body.Nodes
			n[1], n[2] = n[2], n[1]
			n[1].Edges[0].Node, n[2].Edges[0].Node = 2, 0
		}, []string{"the order of the nodes or a part without a name differs"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := sample()
			c.change(p)
			if got := Differences(sample(), p); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
