package ir

import (
	"fmt"
	"math"
	"path"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// VerifyError says which promise of the types a Program breaks.
type VerifyError struct {
	Where string // `node "loop/[body]/a"`, "port 3", …; "" for the program itself
	Msg   string
}

// Error is one line with the fault and the way out.
func (e *VerifyError) Error() string {
	where := e.Where
	if where != "" {
		where += " "
	}
	return "the program is inconsistent: " + where + e.Msg + "; build it again from its manifest, and report the fault if it stays"
}

// Verify checks everything that users of a Program rely on: that indexes are in
// range, that edges, routes and slots lead to something and form no cycle, that
// numbers are in their domains, that values and embedded trees can be read, that
// file names are relative. It reports the first fault as a *VerifyError. Time is
// linear in the size of p. The zero Program is not valid; p is not changed.
func Verify(p *Program) error {
	v := verifier{p: p}
	v.program()
	if v.err == nil {
		return nil
	}
	return v.err
}

type verifier struct {
	p     *Program
	err   error // *VerifyError
	scope []*Body
	nodes []*Node // the composites around, outermost first; then the node itself
	ids   map[string]struct{}
	guard bool // inside of the guard of a transition
}

func (v *verifier) failf(where, format string, args ...any) {
	if v.err == nil {
		v.err = &VerifyError{where, fmt.Sprintf(format, args...)}
	}
}

func (v *verifier) program() {
	p := v.p
	if p.Version != Version {
		v.failf("", "has version %d, and this is version %d", p.Version, Version)
	}
	if p.Kind != KindPipeline && p.Kind != KindSystem {
		v.failf("", "has the kind %.40q, which cannot be run", p.Kind)
	}
	for i, f := range p.Files {
		if f == "" || path.IsAbs(f) || strings.Contains(f, `\`) || len(f) > 1 && f[1] == ':' || !utf8.ValidString(f) {
			v.failf(fmt.Sprintf("file %d", i), "is called %.80q, which is not a relative path with forward slashes", f)
		}
	}
	v.place("", &p.Origin)
	v.configuration(&p.Effective)
	v.ports(p.Ports)
	v.middleware()
	for i := range p.Prices {
		if x := &p.Prices[i]; x.Model == "" || x.Input < 0 || x.Output < 0 || x.CachedInput < 0 {
			v.failf(fmt.Sprintf("price %d", i), "has no model or is negative")
		}
		v.sources("a price", p.Prices[i].From)
	}
	for i := range p.Code {
		if p.Code[i].Lang == "" {
			v.failf(fmt.Sprintf("code %d", i), "has no language")
		}
	}
	v.encodedType("the input schema", p.InputSchema)
	v.encodedType("the output schema", p.OutputSchema)
	seen := make(map[string]struct{}, len(p.Inputs))
	for i := range p.Inputs {
		in := &p.Inputs[i]
		if _, dup := seen[in.Name]; dup || in.Name == "" {
			v.failf(fmt.Sprintf("input %.80q", in.Name), "has no name or is listed twice")
		}
		seen[in.Name] = struct{}{}
		v.places("an input", in.Uses)
	}
	v.services()
	v.ids = make(map[string]struct{}, len(p.Body.Nodes))
	v.body(&p.Body, "the pipeline")
	for i := range p.Output {
		f := &p.Output[i]
		where := fmt.Sprintf("output %.80q", f.Name)
		if f.Node < 0 || f.Node >= len(p.Body.Nodes) {
			v.failf(where, "reads node %d of %d", f.Node, len(p.Body.Nodes))
		}
		v.place(where, &f.At)
	}
	if v.err == nil {
		v.system()
	}
}

func (v *verifier) ports(list []Port) {
	for i := range list {
		port := &list[i]
		where := fmt.Sprintf("port %.80q", port.Name)
		if port.Name == "" || (port.Adapter == "") != (len(port.Pool) > 0) {
			v.failf(fmt.Sprintf("port %d", i), "has no name or not one of adapter and pool")
		}
		v.layers(where, port.Middleware)
		v.sources(where, port.From)
		for k := range port.Pool {
			if port.Pool[k].Adapter == "" {
				v.failf(where, "has a member %d without an adapter", k)
			}
			v.value(where, port.Pool[k].Config)
			v.layers(where, port.Pool[k].Middleware)
		}
		v.value(where, port.Config)
		v.place(where, &port.Origin)
	}
}

func (v *verifier) place(where string, at *Place) {
	v.placeAt(where, at, 0)
}

func (v *verifier) placeAt(where string, at *Place, depth int) {
	if at.File < -1 || at.File >= len(v.p.Files) && !(at.File == 0 && isNoPlace(at)) {
		v.failf(where, "is said to stand in file %d of %d", at.File, len(v.p.Files))
		return
	}
	if at.Line < 0 || at.Column < 0 || at.Offset < 0 || at.EndLine > 0 && (at.EndOff < at.Offset || at.EndLine < at.Line) {
		v.failf(where, "has a place that ends before it starts")
		return
	}
	if depth > 64 {
		v.failf(where, "has a place whose chain of includes is nested too deeply")
		return
	}
	for i := range at.Via {
		v.placeAt(where, &at.Via[i], depth+1)
	}
}

// isNoPlace reports whether at was left zero, as programs built by hand do.
func isNoPlace(at *Place) bool {
	return at.File == 0 && at.Line == 0 && at.Offset == 0 && at.EndOff == 0 && at.Via == nil
}

func (v *verifier) places(where string, at []Place) {
	for i := range at {
		v.place(where, &at[i])
	}
}

func (v *verifier) value(where string, x value.Value) {
	if x.IsMissing() {
		v.failf(where, "holds a missing value")
		return
	}
	switch x.Kind() {
	case value.KindNull, value.KindBool, value.KindFloat, value.KindString:
		return
	}
	if _, err := value.AppendCBOR(nil, x); err != nil {
		v.failf(where, "holds a value that cannot be stored: %s", err)
	}
}

func (v *verifier) configuration(e *Effective) {
	if !e.Settings.IsMissing() {
		v.value("the settings", e.Settings)
	}
	for _, list := range [][]Setting{e.Kernel, e.Limits, e.Logging} {
		for i := range list {
			s := &list[i]
			where := fmt.Sprintf("setting %.80q", s.Name)
			v.value(where, s.Value)
			v.sources(where, s.From)
		}
	}
	caps := &e.Caps
	if !slices.IsSorted(caps.Allow) || !slices.IsSorted(caps.Deny) {
		v.failf("the list of capabilities", "is not sorted")
	}
	v.sources("the list of capabilities", caps.From)
}

func (v *verifier) sources(where string, from []Source) {
	for i := range from {
		v.value(where, from[i].Value)
		v.place(where, &from[i].At)
	}
}

// body checks one scope. The order of a depth-first search settles cycles; it is
// iterative since a chain may be as long as the program.
func (v *verifier) body(b *Body, where string) {
	if v.err != nil {
		return
	}
	v.scope = append(v.scope, b)
	defer func() { v.scope = v.scope[:len(v.scope)-1] }()
	names := make(map[string]struct{}, len(b.Nodes))
	for i := range b.Nodes {
		n := &b.Nodes[i]
		if _, dup := names[n.Name]; dup || n.Name == "" {
			v.failf(fmt.Sprintf("node %.80q", n.Name), "has no name or occurs twice in %s", where)
		}
		names[n.Name] = struct{}{}
		v.node(n, i)
		if v.err != nil {
			return
		}
	}
	v.acyclic(b, where)
}

func (v *verifier) acyclic(b *Body, where string) {
	const (
		unseen = iota
		open
		done
	)
	type frame struct{ node, edge int }
	state := make([]uint8, len(b.Nodes))
	var stack []frame
	for start := range b.Nodes {
		if state[start] != unseen {
			continue
		}
		state[start] = open
		stack = append(stack[:0], frame{start, 0})
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			n := &b.Nodes[top.node]
			if top.edge == len(n.Edges) {
				state[top.node] = done
				stack = stack[:len(stack)-1]
				continue
			}
			to := n.Edges[top.edge].Node
			top.edge++
			switch state[to] {
			case open:
				v.failf(where, "has a cycle of dependencies through node %.80q", b.Nodes[to].Name)
				return
			case unseen:
				state[to] = open
				stack = append(stack, frame{to, 0})
			}
		}
	}
}

func (v *verifier) node(n *Node, self int) {
	where := fmt.Sprintf("node %.200q", n.ID)
	b := v.scope[len(v.scope)-1]
	v.nodes = append(v.nodes, n)
	defer func() { v.nodes = v.nodes[:len(v.nodes)-1] }()
	if _, dup := v.ids[n.ID]; dup || n.ID == "" {
		v.failf(where, "has no identity or shares it with another node")
	}
	v.ids[n.ID] = struct{}{}
	v.place(where, &n.Origin)
	v.edges(where, n, self, b)
	v.optional(where, n.When)
	for _, r := range n.Routes {
		if r.Router < 0 || r.Router >= len(b.Nodes) || !hasEdge(n, r.Router) {
			v.failf(where, "has a route from node %d, to which it has no edge", r.Router)
			return
		}
	}
	v.bindings(where, n.Mapping)
	v.bindings(where, n.Args)
	if len(n.Mapping) > 0 && !n.Mapped {
		v.failf(where, "has mapping targets but is not marked as mapped")
	}
	if n.Attempts < 1 || n.RetryDelay < 0 || n.RetryMax < 0 || n.Timeout < 0 || n.Backoff < 0 || math.IsNaN(n.Backoff) || math.IsInf(n.Backoff, 0) {
		v.failf(where, "has a retry setting or a time-out out of range")
	}
	for i := range n.Ports {
		v.portUse(where, &n.Ports[i])
	}
	v.layers(where, n.Middleware)
	for i := range n.Policies {
		v.sources(where, n.Policies[i].From)
	}
	v.encodedType(where, n.Result)
	v.spec(where, n)
}

func (v *verifier) edges(where string, n *Node, self int, b *Body) {
	single := n.Single == -1
	for i := range n.Edges {
		e := &n.Edges[i]
		switch {
		case e.Node < 0 || e.Node >= len(b.Nodes):
			v.failf(where, "depends on node %d of %d", e.Node, len(b.Nodes))
			return
		case e.Node == self:
			v.failf(where, "depends on itself")
		case e.Class < EdgeData || e.Class > EdgeRoute:
			v.failf(where, "has an edge of the unknown class %d", e.Class)
		}
		single = single || e.Node == n.Single
		v.places(where, e.Reads)
	}
	if !single {
		v.failf(where, "takes bare names from node %d, to which it has no edge", n.Single)
	}
}

func hasEdge(n *Node, to int) bool {
	for i := range n.Edges {
		if n.Edges[i].Node == to {
			return true
		}
	}
	return false
}

func (v *verifier) portUse(where string, u *PortUse) {
	if u.Port < -1 || u.Port >= len(v.p.Ports) {
		v.failf(where, "uses port %d of %d", u.Port, len(v.p.Ports))
		return
	}
	if u.Port == -1 && u.Name == "" {
		v.failf(where, "uses a port without a name")
	}
}

// specKinds leads from the field that holds a node's specification to its kind.
var specKinds = map[string]string{
	"LLM": "llm_node", "Expression": "expression_node", "Data": "data_node",
	"Composite": "composite_node", "Function": "function_node",
	"Agent": "agent_node", "Wait": "wait_node", "Transition": "transition", "Call": "", "Process": ProcessKind,
}

func (v *verifier) spec(where string, n *Node) {
	rv := reflect.ValueOf(n).Elem()
	set := 0
	for field, kind := range specKinds {
		if rv.FieldByName(field).IsNil() {
			continue
		}
		set++
		if kind == "" {
			kind = callKind(n)
		}
		if n.Kind != kind && !(n.Composite != nil && n.Composite.Mode == ModeMacro && n.Kind == "macro_invocation") {
			v.failf(where, "has the kind %.40q and the specification of a %s", n.Kind, kind)
		}
	}
	if n.Export != nil {
		set++
		v.export(where, n)
	}
	if set != 1 {
		v.failf(where, "of kind %.40q has %d specifications instead of one", n.Kind, set)
	}
	switch {
	case v.err != nil:
	case n.LLM != nil:
		v.llm(where, n.LLM)
	case n.Expression != nil:
		x := n.Expression
		v.bindings(where, x.Vars)
		if !slices.Contains([]string{"", "dict", "list", "first", "last", "reduce"}, x.Merge) {
			v.failf(where, "has the unknown merge strategy %.40q", x.Merge)
		}
		v.function(where, x.Reducer)
	case n.Data != nil:
		v.bindings(where, n.Data.Output)
	case n.Composite != nil:
		v.composite(where, n.Composite)
	case n.Function != nil:
		v.function(where, n.Function)
	case n.Agent != nil:
		v.agent(where, n.Agent)
	case n.Call != nil:
		v.call(where, n.Call)
	case n.Wait != nil:
		v.wait(where, n.Wait)
		if b := v.scope[len(v.scope)-1]; n.Wait.OnTimeout < -1 || n.Wait.OnTimeout >= len(b.Nodes) {
			v.failf(where, "is handled by node %d of %d", n.Wait.OnTimeout, len(b.Nodes))
		}
	case n.Transition != nil:
		v.transition(where, n.Transition)
	case n.Process != nil:
		v.process(where, n.Process)
	}
}

func (v *verifier) llm(where string, x *LLM) {
	v.portUse(where, &x.Port)
	if len(x.Messages) == 0 {
		v.failf(where, "has no messages")
	}
	v.messages(where, x.Messages)
	if x.Repairs < 0 {
		v.failf(where, "has a negative number of repairs")
	}
	v.encodedType(where, x.Schema)
	for _, e := range []*Expr{x.Model, x.Temperature, x.TopP, x.MaxTokens, x.Seed, x.Stop} {
		v.optional(where, e)
	}
}

func (v *verifier) function(where string, f *Function) {
	if f == nil {
		return
	}
	if f.Scheme == "" || f.Name == "" {
		v.failf(where, "has a function without a scheme or name")
	}
	if f.Code < -1 || f.Code >= len(v.p.Code) {
		v.failf(where, "calls code %d of %d", f.Code, len(v.p.Code))
	}
	if (f.Scheme == "star" || f.Scheme == "py") && f.Code == -1 {
		v.failf(where, "calls a function without its text")
	}
	v.encodedType(where, f.Input)
	v.encodedType(where, f.Output)
	v.place(where, &f.At)
}

func (v *verifier) composite(where string, c *Composite) {
	required := func(name string, e *Expr) {
		if e == nil {
			v.failf(where, "has no %s", name)
		}
	}
	switch c.Mode {
	case ModeWhile, ModeIfElse:
		required("condition", c.Condition)
	case ModeForEach:
		required("items", c.Items)
	case ModeTimes:
		required("count", c.Count)
	case ModeSwitch:
		if len(c.Branches) == 0 {
			v.failf(where, "has no branches")
		}
	case ModeMacro:
		if c.Body == nil {
			v.failf(where, "has no body")
			return
		}
		v.macro(where, c)
	default:
		v.failf(where, "has the unknown mode %d", c.Mode)
	}
	if c.Concurrency < 0 || c.MaxIter < 0 || c.MaxConcurrentNodes < 0 {
		v.failf(where, "has a negative bound")
	}
	if !slices.Contains([]string{"", "list", "last", "first", "dict", "reduce"}, c.Collect) {
		v.failf(where, "has the unknown collect mode %.40q", c.Collect)
	}
	if !slices.Contains([]string{"", "fail_fast", "continue", "collect"}, c.OnError) {
		v.failf(where, "has the unknown error handling %.40q", c.OnError)
	}
	for _, e := range []*Expr{c.Condition, c.Items, c.Count} {
		v.optional(where, e)
	}
	v.bindings(where, c.InitialState)
	v.bindings(where, c.StateUpdate)
	v.function(where, c.BodyFunc)
	v.function(where, c.Reducer)
	v.inner(where, c.Body)
	for i := range c.Branches {
		v.branch(where, &c.Branches[i])
	}
	if c.Else != nil {
		v.branch(where, c.Else)
	}
}

func (v *verifier) branch(where string, b *Branch) {
	v.optional(where, b.Condition)
	v.inner(where, b.Body)
	v.function(where, b.BodyFunc)
	v.place(where, &b.At)
}

func (v *verifier) inner(where string, b *Body) {
	if b == nil {
		return
	}
	if len(v.scope) > maxScopes {
		v.failf(where, "is nested too deeply")
		return
	}
	v.body(b, "the body of "+where)
}

// maxScopes bounds the nesting of bodies.
const maxScopes = 1000
