package explain

import (
	"fmt"
	"math"
	"strings"
	"time"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
)

// Node is what is known about one node.
type Node struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	At     *Place `json:"at"`
	Runs   string `json:"runs"` // when it runs, in words
	When   string `json:"when,omitempty"`
	Deps   []Edge `json:"dependencies"`
	Users  []Edge `json:"dependents"`
	Reads  []Read `json:"reads"`
	Result string `json:"result"` // the type of its output
	Single string `json:"bare_names_from,omitempty"`

	Attempts int      `json:"attempts"`
	Timeout  string   `json:"timeout"`
	Ports    []string `json:"ports,omitempty"`
	Calls    string   `json:"llm_calls"`
	Body     []string `json:"body,omitempty"`
}

// Edge is one edge with its reasons.
type Edge struct {
	From    string   `json:"from"`
	To      string   `json:"to"`
	Class   string   `json:"class"`
	Reasons []Reason `json:"reasons"`
}

// Reason is why an edge is there.
type Reason struct {
	Why string `json:"why"`
	At  *Place `json:"at"`
}

// Read is one name that the node's expressions read, and what it means.
type Read struct {
	Name  string `json:"name"`
	Means string `json:"means"`
	In    string `json:"in"`
}

var classNames = [...]string{"", "data", "chained", "wait_for", "on_error", "route"}

func edgeModel(to *check.Info, e *check.Edge) Edge {
	m := Edge{From: e.From.Name(), To: to.Name(), Class: classNames[e.Class]}
	for _, r := range e.Reasons {
		m.Reasons = append(m.Reasons, Reason{r.Why, place(r.Loc)})
	}
	return m
}

// ExplainNode explains one node of a program, by name or by its path.
func ExplainNode(p *check.Program, e config.Effective, name string) (*Node, error) {
	info, err := findNode(p, name)
	if err != nil {
		return nil, err
	}
	n := info.Node
	m := &Node{Name: info.Name(), ID: info.ID(), Kind: n.Kind, At: place(n.Loc), Attempts: 1, Deps: []Edge{}, Users: []Edge{}, Reads: []Read{}}
	if m.Kind == "" {
		m.Kind = n.KindText.Name
	}
	for _, x := range info.Edges {
		m.Deps = append(m.Deps, edgeModel(info, x))
	}
	for _, other := range info.Scope.Nodes {
		if other.Export != nil {
			continue
		}
		for _, x := range other.Edges {
			if x.From == info {
				m.Users = append(m.Users, edgeModel(other, x))
			}
		}
	}
	if n.When != nil {
		m.When = n.When.Text.Src
	}
	m.Runs = runs(info)
	if info.Single != nil {
		m.Single = info.Single.Name()
	}
	m.Reads = reads(info)
	m.Result = "any"
	if info.Result != nil {
		m.Result = info.Result.String()
	}
	m.Attempts = int(max(1, min(info.Exec.Attempts, math.MaxInt32)))
	m.Timeout = "none"
	if info.Exec.Timeout != 0 {
		m.Timeout = durationText(info.Exec.Timeout)
	} else if s, ok := config.Get(e.Kernel, "default_node_timeout"); ok && !s.Value.IsNull() && n.Composite == nil {
		m.Timeout = settingText(s.Name, s.Value) + " (kernel.default_node_timeout)"
	}
	if port := n.Port(); port != "" {
		m.Ports = append(m.Ports, port)
	}
	m.Calls = interval(info.LLMCalls)
	if n.Composite != nil || n.Macro != nil {
		for _, b := range info.BodyScopes() {
			for _, x := range b.Nodes {
				m.Body = append(m.Body, x.ID())
			}
		}
	}
	return m, nil
}

func interval(i check.Interval) string {
	switch {
	case i.Max >= check.Unbounded:
		return fmt.Sprintf("%d or more", i.Min)
	case i.Min == i.Max:
		return fmt.Sprint(i.Min)
	}
	return fmt.Sprintf("%d to %d", i.Min, i.Max)
}

// runs says in words when a node runs.
func runs(info *check.Info) string {
	var parts []string
	var after, handles, routes []string
	for _, e := range info.Edges {
		switch e.Class {
		case check.OnError:
			handles = append(handles, e.From.Name())
		case check.RouteEdge:
			routes = append(routes, e.From.Name())
		default:
			after = append(after, e.From.Name())
		}
	}
	if len(after) > 0 {
		parts = append(parts, "after "+strings.Join(after, ", "))
	}
	if len(handles) > 0 {
		parts = append(parts, "only if "+strings.Join(handles, " or ")+" failed")
	}
	if len(routes) > 0 {
		parts = append(parts, "if "+strings.Join(routes, " or ")+" chooses it")
	}
	if info.Node.When != nil {
		parts = append(parts, "if its condition holds")
	}
	if len(parts) == 0 {
		return "at once"
	}
	return strings.Join(parts, ", ")
}

func reads(info *check.Info) []Read {
	out := []Read{}
	seen := map[string]bool{}
	info.EachExpr(func(e *ast.Expr) {
		for _, s := range info.Slots[e] {
			name := s.Head
			if s.Namespace {
				name = "$" + name
			}
			r := Read{Name: name, Means: meaning(info, s), In: e.Field}
			if key := r.Name + "\x00" + r.Means + "\x00" + r.In; !seen[key] {
				seen[key] = true
				out = append(out, r)
			}
		}
	})
	return out
}

func meaning(info *check.Info, s check.Slot) string {
	switch s.Kind {
	case check.SlotNode:
		return "the result of node " + s.Node.Name()
	case check.SlotTarget:
		if info.IsArgument(s) {
			return "an argument of the macro's call"
		}
		return "a target of input_mapping"
	case check.SlotVar:
		return "an earlier variable of this node"
	case check.SlotLoop:
		return "the loop's " + s.Loop
	case check.SlotInput:
		return "the run's input"
	case check.SlotCtx:
		return "the run's context"
	case check.SlotError, check.SlotErrors:
		return "the failure that is handled"
	case check.SlotBody:
		return "the loop body's result"
	}
	if info.Single != nil {
		return "a field of " + info.Single.Name() + "'s result, else of the run's input"
	}
	return "a field of the run's input"
}

// String renders m for people.
func (m *Node) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  (%s)  %s\n", m.Name, m.Kind, m.At)
	line := func(k, v string) {
		if v != "" {
			fmt.Fprintf(&b, "  %-14s %s\n", k, v)
		}
	}
	line("runs", m.Runs)
	line("when", m.When)
	line("result", m.Result)
	line("attempts", fmt.Sprint(m.Attempts))
	line("time-out", m.Timeout)
	line("ports", strings.Join(m.Ports, ", "))
	line("LLM calls", m.Calls)
	line("body", strings.Join(m.Body, ", "))
	edges := func(title string, list []Edge, name func(Edge) string) {
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(&b, "  %s\n", title)
		for _, e := range list {
			fmt.Fprintf(&b, "    %-20s %s\n", name(e), e.why())
		}
	}
	edges("depends on", m.Deps, func(e Edge) string { return e.From })
	edges("needed by", m.Users, func(e Edge) string { return e.To })
	if len(m.Reads) > 0 {
		b.WriteString("  reads\n")
		for _, r := range m.Reads {
			fmt.Fprintf(&b, "    %-20s %s, in %s\n", r.Name, r.Means, r.In)
		}
	}
	return b.String()
}

func (e Edge) why() string {
	var parts []string
	for _, r := range e.Reasons {
		parts = append(parts, r.Why+" "+r.At.String())
	}
	return e.Class + ": " + strings.Join(parts, "; ")
}

// ExplainEdge explains why b depends on a, directly or over a path.
func ExplainEdge(p *check.Program, a, b string) ([]Edge, error) {
	from, err := findNode(p, a)
	if err != nil {
		return nil, err
	}
	to, err := findNode(p, b)
	if err != nil {
		return nil, err
	}
	if path := pathBetween(from, to); path != nil {
		return path, nil
	}
	if path := pathBetween(to, from); path != nil {
		return path, nil
	}
	return []Edge{}, nil
}

// pathBetween is a shortest path of edges from one node to another, nil if
// there is none.
func pathBetween(from, to *check.Info) []Edge {
	if from.Scope != to.Scope {
		return nil
	}
	type step struct {
		info *check.Info
		next *step // towards to
		edge *check.Edge
	}
	seen := map[*check.Info]bool{to: true}
	for queue := []*step{{info: to}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, e := range at.info.Edges {
			if seen[e.From] {
				continue
			}
			seen[e.From] = true
			s := &step{e.From, at, e}
			if e.From == from {
				var out []Edge
				for ; s.next != nil; s = s.next {
					out = append(out, edgeModel(s.next.info, s.edge))
				}
				return out
			}
			queue = append(queue, s)
		}
	}
	return nil
}

// EdgesText renders a path of edges for people.
func EdgesText(a, b string, edges []Edge) string {
	if len(edges) == 0 {
		return fmt.Sprintf("%s and %s do not depend on each other\n", a, b)
	}
	var s strings.Builder
	for _, e := range edges {
		fmt.Fprintf(&s, "%s → %s  %s\n", e.From, e.To, e.why())
	}
	return s.String()
}

func durationText(nanos int64) string { return time.Duration(nanos).String() }
