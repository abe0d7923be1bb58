package check

import (
	"errors"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
)

// infer finds the result type of every node, sources first, and reports what
// the types prove to be wrong in expressions.
func (c *checker) infer(s *Scope) {
	done := make([]bool, len(s.Nodes))
	for _, info := range s.Nodes {
		c.visitOrder(info, done)
	}
}

// visitOrder infers a node after its sources, without recursion: chains may be
// a hundred thousand nodes long.
func (c *checker) visitOrder(root *Info, done []bool) {
	type frame struct {
		info *Info
		next int
	}
	if done[root.Index] {
		return
	}
	done[root.Index] = true
	stack := []frame{{root, 0}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next == len(top.info.Edges) {
			c.inferNode(top.info)
			stack = stack[:len(stack)-1]
			continue
		}
		from := top.info.Edges[top.next].From
		top.next++
		if !done[from.Index] {
			done[from.Index] = true
			stack = append(stack, frame{from, 0})
		}
	}
}

func (c *checker) inferNode(info *Info) {
	env := &typeScope{c: c, info: info}
	info.maySkip = skippable(info)
	n := info.Node
	env.expr = n.When
	c.inferExpr(env, n.When)
	targets := make([]*expr.Type, len(n.Mapping))
	for i, b := range n.Mapping {
		targets[i] = c.inferExpr(env, b.Expr)
	}
	env.targets, info.targetTypes = targets, targets
	info.Result = expr.Any
	switch {
	case n.Expression != nil:
		info.Result = c.inferExpressionNode(env)
	case n.Data != nil:
		fields := make([]expr.Field, 0, len(n.Data.Output))
		for _, o := range n.Data.Output {
			fields = append(fields, expr.Field{Name: o.Name.Name, Type: c.inferExpr(env, o.Expr)})
		}
		info.Result = closed(fields...)
	case n.Composite != nil:
		info.Result = c.inferComposite(env)
	case n.Macro != nil && n.Macro.Body != nil:
		info.Result = c.inferInvocation(env)
	case info.Export != nil:
		info.Result = orAny(info.Export.Result)
		info.maySkip = info.maySkip || info.Export.maySkip
	default:
		for _, t := range n.Texts {
			c.secretText(n, t, c.inferExpr(env, t))
		}
		switch {
		case n.Kind == "llm_node" && n.Output != nil && n.Output.Type != nil:
			info.Result = n.Output.Type
		case n.Kind == "llm_node" && n.LLM != nil && !n.Spec.Has("parse_json"):
			info.Result = expr.Str
		case n.Agent != nil && n.Output == nil:
			info.Result = defaultAnswer
		case n.Transition != nil:
			info.Result = closed(field("entity_type", expr.Str), field("entity_id", expr.Str), field("from_state", expr.Str), field("to_state", expr.Str))
		case (n.Agent != nil || n.Call != nil && !n.Foreign || n.Wait != nil || n.Kind == "function_node") && n.Output != nil && n.Output.Type != nil:
			info.Result = n.Output.Type
		}
	}
}

func (c *checker) inferExpressionNode(env *typeScope) *expr.Type {
	e := env.info.Node.Expression
	env.vars = make([]*expr.Type, 0, len(e.Vars))
	for _, v := range e.Vars {
		env.vars = append(env.vars, c.inferExpr(env, v.Expr))
	}
	env.info.varTypes = env.vars
	c.outputFields(e)
	if e.Merge.Name != "" {
		return expr.Any
	}
	fields := make([]expr.Field, 0, len(e.Vars))
	for i, v := range e.Vars {
		if e.Listed && !listed(e.Fields, v.Name.Name) {
			continue
		}
		fields = append(fields, expr.Field{Name: v.Name.Name, Type: env.vars[i]})
	}
	return closed(fields...)
}

func listed(ids []ast.Ident, name string) bool {
	for _, id := range ids {
		if id.Name == name {
			return true
		}
	}
	return false
}

// inferComposite types a composite and its bodies. Its result has exactly the
// keys of decisions-detail 14.
func (c *checker) inferComposite(env *typeScope) *expr.Type {
	info := env.info
	co := info.Node.Composite
	env.item = expr.Any
	info.stateType = c.stateType(env)
	for _, t := range info.Node.Texts {
		if isStateText(co, t) {
			continue
		}
		ty := c.inferExpr(env, t)
		if t == co.Items {
			env.item = elemOf(ty)
		}
	}
	info.itemType = env.item
	for _, b := range info.bodies() {
		c.infer(info.Bodies[b])
	}
	c.stateUpdate(env)
	any := expr.Any
	result := any
	switch co.Mode.Name {
	case "for-each", "times":
		body := any
		if co.Body != nil && co.Body.Nodes != nil {
			body = lastResult(info.Bodies[co.Body])
		}
		switch co.Collect.Name {
		case "", "list":
			result = listOf(expr.Nullable(body))
		case "dict", "reduce":
			result = any
		default:
			result = expr.Nullable(body)
		}
	}
	meta := closed(
		field("mode", expr.Str), field("iterations", any), field("stopped_by", expr.Nullable(expr.Str)),
		field("successful", any), field("failed", any), field("skipped", any), field("errors", any), field("duration_ms", any))
	fields := []expr.Field{field("result", result), field("metadata", meta)}
	switch co.Mode.Name {
	case "while":
		fields = append(fields, field("final_state", info.stateType))
	case "if-else":
		fields = append(fields, field("condition_met", any), field("branch_taken", any))
	case "switch":
		fields = append(fields, field("matched_branch", any), field("matched_action", expr.Nullable(expr.Str)),
			field("evaluations", any), field("has_else", expr.Bool))
	case "for-each", "times":
	default:
		return any // the mode is missing or wrong, which was reported
	}
	return closed(fields...)
}

// lastResult is the type of a body's result: the last declared node that was
// not skipped.
func lastResult(s *Scope) *expr.Type {
	if len(s.Nodes) == 0 {
		return expr.Any
	}
	last := s.Nodes[len(s.Nodes)-1]
	if last.Node.When != nil || len(last.Routes) > 0 || len(last.Guards) > 0 || last.maySkip {
		return expr.Any
	}
	return last.Result
}

// skippable reports whether the node may end without a result of its own while
// the run goes on: skipped, or failed and handled. Its sources were settled
// before.
func skippable(n *Info) bool {
	if n.Node.When != nil || len(n.Routes) > 0 || len(n.Guards) > 0 || n.Node.OnError != nil || n.OnTimeout != nil {
		return true
	}
	for _, e := range n.Edges {
		if e.From.maySkip {
			return true
		}
	}
	return false
}

func (c *checker) inferExpr(env *typeScope, e *ast.Expr) *expr.Type {
	if e == nil {
		return expr.Any
	}
	switch e.Mode {
	case ast.Const:
		return expr.TypeOf(e.Const)
	case ast.List:
		elem := (*expr.Type)(nil)
		for _, x := range e.Items {
			t := c.inferExpr(env, x)
			if elem == nil {
				elem = t
			} else {
				elem = expr.Join(elem, t)
			}
		}
		if elem == nil {
			elem = expr.Any
		}
		return listOf(elem)
	case ast.Object:
		fields := make([]expr.Field, len(e.Items))
		for i, x := range e.Items {
			fields[i] = expr.Field{Name: e.Keys[i].Name, Type: c.inferExpr(env, x)}
		}
		return closed(fields...)
	}
	env.expr = e
	env.info.whole(e)
	tree := env.info.Tree(e)
	t, ds := expr.Infer(tree, e.Text, env)
	c.ds.Append(ds)
	if !diag.HasErrors(ds) && !e.Faulty && hasKeywords(tree) {
		// what has no program is wrong even if no type proves it
		var fault *expr.CompileError
		if _, err := expr.Compile(tree, noSlots{}); errors.As(err, &fault) {
			c.add(diag.New(diag.ExprBadArguments, e.Text.Loc(fault.Span), "%s", fault.Msg))
		}
	}
	if t == nil {
		return expr.Any
	}
	return t
}

// hasKeywords reports whether a call or filter has keyword arguments: what their
// values may be is the only thing that Compile knows and Infer does not.
func hasKeywords(tree expr.Node) bool {
	found := false
	expr.Walk(tree, func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.Call:
			found = found || len(n.Keywords) > 0
		case *expr.Filter:
			found = found || len(n.Keywords) > 0
		}
		return !found
	})
	return found
}

// noSlots resolves names for a program that is never run.
type noSlots struct{}

// Slot implements expr.Resolver.
func (noSlots) Slot(string, bool) int { return 0 }

// typeScope gives the types of the free heads of one expression.
type typeScope struct {
	c       *checker
	info    *Info
	expr    *ast.Expr
	targets []*expr.Type
	vars    []*expr.Type
	item    *expr.Type
}

// Lookup implements expr.TypeScope.
func (s *typeScope) Lookup(head string, namespace bool) (*expr.Type, bool) {
	for _, slot := range s.info.Slots[s.expr] {
		if slot.Namespace != namespace || slot.Head != head {
			continue
		}
		return s.slotType(slot), true
	}
	return expr.Any, true
}

func (s *typeScope) slotType(slot Slot) *expr.Type {
	switch slot.Kind {
	case SlotNode:
		t := slot.Node.Result
		if t == nil {
			return expr.Any
		}
		if slot.Node.Node.Kind == "macro_invocation" && slot.Node.opaque() {
			return expr.Any
		}
		if slot.Node.absent(s.info) {
			return expr.Nullable(t)
		}
		return t
	case SlotTarget:
		if slot.Up == 0 && slot.Index < len(s.targets) {
			return s.targets[slot.Index]
		}
		return s.info.argumentType(slot)
	case SlotVar:
		if slot.Index < len(s.vars) {
			return s.vars[slot.Index]
		}
	case SlotInput:
		if in := s.c.doc.Pipeline.Input; in != nil && in.Type != nil {
			if s.c.loose == nil {
				s.c.loose = expr.Loosened(in.Type)
			}
			return s.c.loose
		}
	case SlotLoop:
		switch slot.Loop {
		case "index", "total", "iteration":
			return expr.Int
		case "is_first", "is_last":
			return expr.Bool
		case "item":
			if at := s.info.outward(slot.Up); at != nil && at.itemType != nil {
				return at.itemType
			}
		case "state":
			if at := s.info.outward(slot.Up); at != nil && at.stateType != nil {
				return at.stateType
			}
		}
	case SlotBody:
		if at := s.info.outward(slot.Up); at != nil && at.bodyType != nil {
			return at.bodyType
		}
	case SlotBare:
		return s.bareType(slot.Head)
	}
	return expr.Any
}

// bareType is the type of a bare name: known only if the single dependency's
// closed type has it and nothing null could be filled from the run's input.
func (s *typeScope) bareType(head string) *expr.Type {
	at := s.info
	if at.Single == nil || at.Single.Result == nil || at.Single.Result.IsAny() {
		return expr.Any
	}
	f, ok := at.Single.Result.Field(head)
	if !ok || at.Single.absent(at) || f.Optional {
		return expr.Any // it may come from the run's input
	}
	return f.Type
}

func field(name string, t *expr.Type) expr.Field { return expr.Field{Name: name, Type: t} }

// elemOf is the type of what iterating over t gives.
func elemOf(t *expr.Type) *expr.Type {
	if t != nil && (t.Kind == expr.TypeList || t.Kind == expr.TypeSet) && t.Elem != nil {
		return t.Elem
	}
	return expr.Any
}

func closed(fields ...expr.Field) *expr.Type {
	return &expr.Type{Kind: expr.TypeObject, Fields: fields}
}

func listOf(elem *expr.Type) *expr.Type { return &expr.Type{Kind: expr.TypeList, Elem: elem} }
