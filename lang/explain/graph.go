package explain

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/check"
)

// Graph is the DAG of a program.
type Graph struct {
	Version int         `json:"version"`
	Name    string      `json:"name"`
	Nodes   []GraphNode `json:"nodes"`
	Edges   []GraphEdge `json:"edges"`
}

// GraphNode is one node; Body holds the nodes of a composite's bodies.
type GraphNode struct {
	Name string      `json:"name"`
	ID   string      `json:"id"`
	Kind string      `json:"kind"`
	Mode string      `json:"mode,omitempty"`
	When string      `json:"when,omitempty"`
	At   *Place      `json:"at"`
	Body []GraphBody `json:"body,omitempty"`
	// Via are the calls of macros that the node comes from, outermost first.
	Via []*Place `json:"via,omitempty"`
}

// GraphBody is one body of a composite.
type GraphBody struct {
	Label string      `json:"label"`
	Nodes []GraphNode `json:"nodes"`
	Edges []GraphEdge `json:"edges"`
}

// GraphEdge is an edge from a node to one that waits for it.
type GraphEdge struct {
	From  string   `json:"from"`
	To    string   `json:"to"`
	Class string   `json:"class"`
	Why   []string `json:"why"`

	from, to string // identities
}

// GraphOf makes the graph of a program.
func GraphOf(p *check.Program) *Graph {
	g := &Graph{Version: 1, Name: p.Doc.Name.Name}
	g.Nodes, g.Edges = scopeGraph(p.Scope)
	return g
}

func scopeGraph(s *check.Scope) ([]GraphNode, []GraphEdge) {
	nodes, edges := []GraphNode{}, []GraphEdge{}
	for _, info := range s.Nodes {
		if info.Export != nil {
			continue // it is shown where it is: inside the invocation
		}
		n := info.Node
		m := GraphNode{Name: info.Name(), ID: info.ID(), Kind: n.Kind, At: place(n.Loc)}
		if m.Kind == "" {
			m.Kind = n.KindText.Name
		}
		if n.When != nil {
			m.When = n.When.Text.Src
		}
		if n.Composite != nil {
			m.Mode = n.Composite.Mode.Name
		}
		for _, call := range n.Loc.File.Via() {
			m.Via = append(m.Via, place(call))
		}
		for _, b := range info.BodyScopes() {
			bn, be := scopeGraph(b)
			m.Body = append(m.Body, GraphBody{b.Body.Label, bn, be})
		}
		nodes = append(nodes, m)
		for _, e := range info.Edges {
			source := e.From
			for source.Export != nil {
				source = source.Export
			}
			x := GraphEdge{From: e.From.Name(), To: info.Name(), Class: classNames[e.Class], from: source.ID(), to: info.ID()}
			for _, r := range e.Reasons {
				if len(x.Why) == 0 || x.Why[len(x.Why)-1] != r.Why {
					x.Why = append(x.Why, r.Why)
				}
			}
			edges = append(edges, x)
		}
	}
	return nodes, edges
}

// Tree renders the graph as an indented list in order of execution: every node
// once, with what it waits for.
func (g *Graph) Tree() string {
	var b strings.Builder
	name := g.Name
	if name == "" {
		name = "(unnamed)"
	}
	fmt.Fprintln(&b, name)
	treeNodes(&b, g.Nodes, g.Edges, "")
	return b.String()
}

func treeNodes(b *strings.Builder, nodes []GraphNode, edges []GraphEdge, indent string) {
	for i, n := range nodes {
		branch, down := "├─ ", "│  "
		if i == len(nodes)-1 {
			branch, down = "└─ ", "   "
		}
		kind := n.Kind
		if n.Mode != "" {
			kind += " " + n.Mode
		}
		fmt.Fprintf(b, "%s%s%s  (%s)", indent, branch, n.Name, kind)
		var from []string
		for _, e := range edges {
			if e.To != n.Name {
				continue
			}
			label := e.From
			if e.Class != "data" {
				label += " [" + e.Class + "]"
			}
			from = append(from, label)
		}
		if len(from) > 0 {
			fmt.Fprintf(b, "  ← %s", strings.Join(from, ", "))
		}
		if n.When != "" {
			fmt.Fprintf(b, "  when %s", oneLine(n.When))
		}
		b.WriteByte('\n')
		for _, body := range n.Body {
			inner := indent + down
			if len(n.Body) > 1 || body.Label != "body" && body.Label != "" {
				fmt.Fprintf(b, "%s%s:\n", inner, body.Label)
			}
			treeNodes(b, body.Nodes, body.Edges, inner)
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Mermaid renders the graph as a Mermaid flowchart.
func (g *Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	ids := map[string]string{}
	mermaidNodes(&b, g.Nodes, g.Edges, "  ", ids)
	return b.String()
}

func mermaidNodes(b *strings.Builder, nodes []GraphNode, edges []GraphEdge, indent string, ids map[string]string) {
	for _, n := range nodes {
		id := fmt.Sprintf("n%d", len(ids))
		ids[n.ID] = id
		label := mermaidText(n.Name) + "<br/>" + mermaidText(n.Kind+modeSuffix(n.Mode))
		if len(n.Body) == 0 {
			open, shut := `["`, `"]`
			switch {
			case n.Mode == "switch" || n.Mode == "if-else":
				open, shut = `{"`, `"}`
			case n.Kind == "llm_node" || n.Kind == "agent_node":
				open, shut = `(["`, `"])`
			}
			fmt.Fprintf(b, "%s%s%s%s%s\n", indent, id, open, label, shut)
			continue
		}
		fmt.Fprintf(b, "%ssubgraph %s[\"%s\"]\n", indent, id, label)
		for i, body := range n.Body {
			inner := indent + "  "
			if len(n.Body) > 1 {
				fmt.Fprintf(b, "%ssubgraph %sb%d[\"%s\"]\n", inner, id, i, mermaidText(body.Label))
				mermaidNodes(b, body.Nodes, body.Edges, inner+"  ", ids)
				fmt.Fprintf(b, "%send\n", inner)
				continue
			}
			mermaidNodes(b, body.Nodes, body.Edges, inner, ids)
		}
		fmt.Fprintf(b, "%send\n", indent)
	}
	for _, e := range edges {
		arrow := "-->"
		switch e.Class {
		case "on_error":
			arrow = `-. "on error" .->`
		case "route":
			arrow = `== "route" ==>`
		case "wait_for":
			arrow = `-. "wait" .->`
		}
		fmt.Fprintf(b, "%s%s %s %s\n", indent, ids[e.from], arrow, ids[e.to])
	}
}

func modeSuffix(mode string) string {
	if mode == "" {
		return ""
	}
	return " " + mode
}

var mermaidEscapes = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;", "\n", " ", "\r", " ")

func mermaidText(s string) string { return mermaidEscapes.Replace(s) }

// DOT renders the graph in Graphviz's language.
func (g *Graph) DOT() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n", dotQuote(g.Name))
	cluster := 0
	dotNodes(&b, g.Nodes, g.Edges, "  ", &cluster)
	b.WriteString("}\n")
	return b.String()
}

func dotNodes(b *strings.Builder, nodes []GraphNode, edges []GraphEdge, indent string, cluster *int) {
	for _, n := range nodes {
		fmt.Fprintf(b, "%s%s [label=%s];\n", indent, dotQuote(n.ID), dotQuote(n.Name+"\n"+n.Kind+modeSuffix(n.Mode)))
		for _, body := range n.Body {
			fmt.Fprintf(b, "%ssubgraph cluster_%d {\n%s  label=%s;\n", indent, *cluster, indent, dotQuote(strings.TrimSuffix(n.Name+": "+body.Label, ": ")))
			*cluster++
			dotNodes(b, body.Nodes, body.Edges, indent+"  ", cluster)
			fmt.Fprintf(b, "%s}\n", indent)
			if len(body.Nodes) > 0 {
				fmt.Fprintf(b, "%s%s -> %s [style=dotted, arrowhead=none];\n", indent, dotQuote(n.ID), dotQuote(body.Nodes[0].ID))
			}
		}
	}
	for _, e := range edges {
		attr := ""
		switch e.Class {
		case "on_error":
			attr = ` [style=dashed, color=red, label="on error"]`
		case "route":
			attr = ` [style=bold, label="route"]`
		case "wait_for":
			attr = ` [style=dashed, label="wait"]`
		case "chained":
			attr = ` [color=gray]`
		}
		fmt.Fprintf(b, "%s%s -> %s%s;\n", indent, dotQuote(e.from), dotQuote(e.to), attr)
	}
}

var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func dotQuote(s string) string { return `"` + dotEscapes.Replace(s) + `"` }
