package check

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// cycles reports nodes that wait for each other, one finding a cycle, with the
// whole path and the reason of each edge. It removes the edge that closes a
// cycle, so that later phases see an acyclic graph.
func (c *checker) cycles(s *Scope) {
	const (
		unseen = iota
		open
		done
	)
	state := make([]uint8, len(s.Nodes))
	type frame struct {
		info *Info
		next int
	}
	for _, root := range s.Nodes {
		if state[root.Index] != unseen {
			continue
		}
		stack := []frame{{root, 0}}
		state[root.Index] = open
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.info.Edges) {
				state[top.info.Index] = done
				stack = stack[:len(stack)-1]
				continue
			}
			e := top.info.Edges[top.next]
			switch state[e.From.Index] {
			case unseen:
				top.next++
				state[e.From.Index] = open
				stack = append(stack, frame{e.From, 0})
			case done:
				top.next++
			case open:
				// the path from e.From up the stack to top closes with e
				first := len(stack) - 1
				for stack[first].info != e.From {
					first--
				}
				path := make([]*Info, 0, len(stack)-first)
				for _, f := range stack[first:] {
					path = append(path, f.info)
				}
				c.cycle(path)
				top.info.Edges = append(top.info.Edges[:top.next:top.next], top.info.Edges[top.next+1:]...)
				if top.info.Single == e.From {
					top.info.Single = nil
				}
			}
		}
	}
	for _, info := range s.Nodes {
		for _, b := range info.bodies() {
			c.cycles(info.Bodies[b])
		}
	}
}

// cycle reports path[0] waits for path[1] waits for … waits for path[0].
func (c *checker) cycle(path []*Info) {
	// start at the node that stands first in the document
	first := 0
	for i, n := range path {
		if n.Index < path[first].Index {
			first = i
		}
	}
	path = append(append([]*Info(nil), path[first:]...), path[:first]...)
	names := make([]string, 0, len(path)+1)
	for _, n := range path {
		names = append(names, n.Name())
	}
	names = append(names, path[0].Name())
	at := path[0]
	edge := at.edgeFrom(path[1%len(path)])
	loc := at.Node.Name.Loc
	if edge != nil {
		loc = edge.Reasons[0].Loc
	}
	d := diag.New(diag.DependencyCycle, loc, "dependency cycle: %s", strings.Join(names, " -> ")).
		WithHelp("each node waits for the next; remove one of the edges")
	if len(path) == 1 {
		d.Message = "node \"" + at.Name() + "\" depends on itself: " + strings.Join(names, " -> ")
		d.Help = "remove the edge"
	}
	for i, n := range path {
		to := path[(i+1)%len(path)]
		e := n.edgeFrom(to)
		if e == nil {
			continue
		}
		r := e.Reasons[0]
		d = d.WithRelated(r.Loc, "%q waits for %q: %s", n.Name(), to.Name(), reasonText(r.Why, n.Name(), to.Name()))
	}
	c.add(d)
}

func (n *Info) edgeFrom(from *Info) *Edge {
	for _, e := range n.Edges {
		if e.From == from {
			return e
		}
	}
	return nil
}

func reasonText(why, to, from string) string {
	switch why {
	case "explicit":
		return "it lists it in dependencies"
	case "reference":
		return "it reads its result"
	case "wait_for":
		return "it lists it in wait_for"
	case "pipe":
		return "a pipe leads to it"
	case "chained":
		return "it follows it in the list and has no dependencies of its own"
	case "on_error":
		return "it handles its failure"
	case "route":
		return "the switch decides whether it runs"
	}
	return why
}
