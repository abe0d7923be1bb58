package explain

import (
	"fmt"
	"html"
	"strings"
)

// Geometry of the picture, in pixels.
const (
	boxWidth, boxHeight = 190, 46
	gapX, gapY          = 30, 46
	margin              = 20
)

// SVG draws the graph in layers: a node stands below everything that it waits
// for. Bodies are named in their composite's box; their own graph is in the
// other formats.
func (g *Graph) SVG() string {
	layer := map[string]int{}
	index := map[string]int{}
	for i, n := range g.Nodes {
		index[n.Name] = i
	}
	// edges lead from earlier to later in no fixed order of the list, so settle
	for changed, rounds := true, 0; changed && rounds <= len(g.Nodes); rounds++ {
		changed = false
		for _, e := range g.Edges {
			if layer[e.To] <= layer[e.From] {
				layer[e.To] = layer[e.From] + 1
				changed = true
			}
		}
	}
	var rows [][]GraphNode
	for _, n := range g.Nodes {
		for len(rows) <= layer[n.Name] {
			rows = append(rows, nil)
		}
		rows[layer[n.Name]] = append(rows[layer[n.Name]], n)
	}
	widest := 1
	for _, r := range rows {
		widest = max(widest, len(r))
	}
	width := 2*margin + widest*boxWidth + (widest-1)*gapX
	height := 2*margin + max(1, len(rows))*(boxHeight+gapY) - gapY
	type point struct{ x, y int }
	at := map[string]point{}
	for y, r := range rows {
		free := width - len(r)*boxWidth - (len(r)-1)*gapX
		for x, n := range r {
			at[n.Name] = point{free/2 + x*(boxWidth+gapX), margin + y*(boxHeight+gapY)}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(g.Name))
	b.WriteString("<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker></defs>\n")
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, height)
	for _, e := range g.Edges {
		p, q := at[e.From], at[e.To]
		style := "stroke=\"#555\""
		switch e.Class {
		case "on_error":
			style = "stroke=\"#c00\" stroke-dasharray=\"5 3\""
		case "route":
			style = "stroke=\"#06c\" stroke-width=\"2\""
		case "wait_for", "chained":
			style = "stroke=\"#999\" stroke-dasharray=\"2 3\""
		}
		x1, y1, x2, y2 := p.x+boxWidth/2, p.y+boxHeight, q.x+boxWidth/2, q.y
		fmt.Fprintf(&b, "<path d=\"M%d %dC%d %d %d %d %d %d\" fill=\"none\" %s marker-end=\"url(#a)\"><title>%s → %s (%s)</title></path>\n",
			x1, y1, x1, y1+gapY/2, x2, y2-gapY/2, x2, y2, style, html.EscapeString(e.From), html.EscapeString(e.To), e.Class)
	}
	for _, n := range g.Nodes {
		p := at[n.Name]
		fill := map[string]string{"llm_node": "#e8f1ff", "agent_node": "#e8f1ff", "composite_node": "#fff4dc", "function_node": "#e9f7e9"}[n.Kind]
		if fill == "" {
			fill = "#f5f5f5"
		}
		kind := n.Kind
		if n.Mode != "" {
			kind = n.Mode
		}
		if inner := bodyCount(n); inner > 0 {
			kind += fmt.Sprintf(", %d inside", inner)
		}
		fmt.Fprintf(&b, "<g data-node=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"#888\"/>", html.EscapeString(n.Name), p.x, p.y, boxWidth, boxHeight, fill)
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" font-weight=\"bold\">%s</text>", p.x+boxWidth/2, p.y+19, html.EscapeString(clip(n.Name, 26)))
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text></g>\n", p.x+boxWidth/2, p.y+36, html.EscapeString(clip(kind, 30)))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func bodyCount(n GraphNode) int {
	count := 0
	for _, b := range n.Body {
		count += len(b.Nodes)
		for _, x := range b.Nodes {
			count += bodyCount(x)
		}
	}
	return count
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
