package check

import (
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
)

// Place is where an expression stands, also one that is only being written: in
// which node, and in which role.
type Place struct {
	// Info is nil where the node is not known yet; then what the whole scope
	// sees is visible.
	Info *Info
	// Scope is used if Info is nil; nil is the top level.
	Scope *Scope
	Role  ast.Role
	// Var is the index of the variable for ast.RoleVariable.
	Var int
}

// Visible is a name that an expression can read at its place.
type Visible struct {
	Name      string
	Namespace bool // written with a dollar sign
	Kind      Kind
	Type      *expr.Type
	// Node is the node that the name means, or whose field, target, variable or
	// loop name it is; nil for fields of the run's input and namespaces.
	Node *Info
	// Field says that a bare name is a field of Node's result, or of the run's
	// input if Node is nil.
	Field bool
	// Loc is where the name is declared; zero if nowhere.
	Loc source.Location
	// Loop is the canonical name of a loop variable.
	Loop string
}

// Visible lists the names that can be read at a place, nearest first. Of two of
// one name the first is what the name means.
func (p *Program) Visible(at Place) []Visible {
	v := visible{p: p, seen: map[string]bool{}}
	info, scope := at.Info, at.Scope
	if info != nil {
		v.own(info, at)
		scope = info.Scope
	}
	if scope == nil {
		scope = p.Scope
	}
	for from := info; scope != nil; {
		v.nodes(scope, from)
		owner := scope.Owner
		if owner == nil {
			break
		}
		if owner.Node.Macro != nil {
			v.arguments(owner)
			break // the caller's names are not a macro's
		}
		v.loop(owner)
		v.targets(owner)
		from, scope = owner, owner.Scope
	}
	v.single(info)
	v.input()
	v.namespaces(at)
	return v.out
}

// Find is what a head means at a place; ok is false if nothing that is known
// binds it.
func (p *Program) Find(at Place, head string, namespace bool) (Visible, bool) {
	for _, v := range p.Visible(at) {
		if v.Name == head && v.Namespace == namespace {
			return v, true
		}
	}
	return Visible{}, false
}

// Types gives the types of the names at a place.
func (p *Program) Types(at Place) expr.TypeScope {
	s := &placeTypes{bare: map[string]*expr.Type{}, dollar: map[string]*expr.Type{}}
	for _, v := range p.Visible(at) {
		if v.Namespace {
			s.dollar[v.Name] = v.Type
		} else {
			s.bare[v.Name] = v.Type
		}
	}
	return s
}

type placeTypes struct{ bare, dollar map[string]*expr.Type }

// Lookup implements expr.TypeScope.
func (s *placeTypes) Lookup(head string, namespace bool) (*expr.Type, bool) {
	in := s.bare
	if namespace {
		in = s.dollar
	}
	if t, ok := in[head]; ok && t != nil {
		return t, true
	}
	return expr.Any, true
}

type visible struct {
	p    *Program
	seen map[string]bool
	out  []Visible
}

func (v *visible) add(x Visible) {
	key := x.Name
	if x.Namespace {
		key = "$" + key
	}
	if x.Name == "" || v.seen[key] {
		return
	}
	v.seen[key] = true
	if x.Type == nil {
		x.Type = expr.Any
	}
	v.out = append(v.out, x)
}

// own are the names that only the node itself binds.
func (v *visible) own(info *Info, at Place) {
	n := info.Node
	if at.Role == ast.RoleVariable && n.Expression != nil {
		for i, b := range n.Expression.Vars {
			if i >= at.Var {
				break
			}
			x := Visible{Name: b.Name.Name, Kind: SlotVar, Node: info, Loc: b.Name.Loc}
			if i < len(info.varTypes) {
				x.Type = info.varTypes[i]
			}
			v.add(x)
		}
	}
	if at.Role != ast.RoleMapping {
		v.targets(info)
	}
	if co := n.Composite; co != nil && co.Mode.Name == "while" && (at.Role == ast.RoleCondition || at.Role == ast.RoleState) {
		v.loop(info)
	}
}

func (v *visible) targets(info *Info) {
	for i, b := range info.Node.Mapping {
		x := Visible{Name: b.Name.Name, Kind: SlotTarget, Node: info, Loc: b.Name.Loc}
		if i < len(info.targetTypes) {
			x.Type = info.targetTypes[i]
		}
		v.add(x)
	}
}

func (v *visible) nodes(s *Scope, from *Info) {
	for _, n := range s.Nodes {
		if n == from || s.names[n.Name()] != n {
			continue
		}
		x := Visible{Name: n.LocalName(), Kind: SlotNode, Node: n, Loc: n.Node.Name.Loc, Type: n.Result}
		if n.absent(from) && n.Result != nil {
			x.Type = expr.Nullable(n.Result)
		}
		v.add(x)
	}
}

// arguments are the parameters of the macro that an invocation calls.
func (v *visible) arguments(call *Info) {
	inv := call.Node.Macro
	if inv.Macro == nil {
		return
	}
	for _, p := range inv.Macro.Params {
		x := Visible{Name: p.Name.Name, Kind: SlotTarget, Node: call, Loc: p.Name.Loc, Type: p.Type}
		v.add(x)
	}
}

// loop are the bare names that a composite gives to its body.
func (v *visible) loop(owner *Info) {
	co := owner.Node.Composite
	if co == nil {
		return
	}
	switch co.Mode.Name {
	case "for-each", "times":
		v.add(Visible{Name: co.ItemVar.Name, Kind: SlotLoop, Loop: "item", Node: owner, Loc: co.ItemVar.Loc, Type: owner.itemType})
		v.add(Visible{Name: co.IndexVar.Name, Kind: SlotLoop, Loop: "index", Node: owner, Loc: co.IndexVar.Loc, Type: expr.Int})
	case "while":
		v.add(Visible{Name: "state", Kind: SlotLoop, Loop: "state", Node: owner, Type: owner.stateType})
		v.add(Visible{Name: "iteration", Kind: SlotLoop, Loop: "iteration", Node: owner, Type: expr.Int})
	}
}

// single are the fields of the single dependency.
func (v *visible) single(info *Info) {
	for at := info; at != nil; at = at.Scope.Owner {
		if at.Single == nil || at.Single.Result == nil {
			continue
		}
		for _, name := range at.Single.Result.FieldNames() {
			f, _ := at.Single.Result.Field(name)
			t := f.Type
			if at.Single.absent(at) || f.Optional {
				t = expr.Any
			}
			v.add(Visible{Name: name, Kind: SlotBare, Field: true, Node: at.Single, Type: t})
		}
	}
}

func (v *visible) input() {
	if v.p.Doc.Kind == "Macro" {
		return
	}
	in := v.p.Doc.Pipeline
	if in == nil || in.Input == nil || in.Input.Type == nil {
		return
	}
	for _, name := range in.Input.Type.FieldNames() {
		f, _ := in.Input.Type.Field(name)
		v.add(Visible{Name: name, Kind: SlotBare, Field: true, Type: f.Type, Loc: in.Input.Loc})
	}
}

func (v *visible) namespaces(at Place) {
	in := expr.Any
	if p := v.p.Doc.Pipeline; p != nil && p.Input != nil && p.Input.Type != nil {
		in = expr.Loosened(p.Input.Type)
	}
	v.add(Visible{Name: "input", Namespace: true, Kind: SlotInput, Type: in})
	fields := make([]expr.Field, len(contextFields))
	for i, name := range contextFields {
		t := expr.Str
		if name == "services" {
			t = expr.Any
		}
		fields[i] = field(name, t)
	}
	v.add(Visible{Name: "ctx", Namespace: true, Kind: SlotCtx, Type: closed(fields...)})
	if at.Info == nil {
		return
	}
	failure := expr.Opened(field("node", expr.Str), field("type", expr.Str), field("message", expr.Str),
		field("attempt", expr.Int), field("input", expr.Any))
	for n := at.Info; n != nil; n = n.Scope.Owner {
		if n.handles() {
			v.add(Visible{Name: "error", Namespace: true, Kind: SlotError, Type: failure})
			v.add(Visible{Name: "errors", Namespace: true, Kind: SlotErrors, Type: listOf(failure)})
			break
		}
	}
	probe := &ast.Expr{Role: at.Role}
	for _, name := range []string{"item", "index", "total", "is_first", "is_last", "state", "body"} {
		up, ok := loopOf(at.Info, probe, name)
		if !ok {
			continue
		}
		owner := at.Info
		for ; up > 0 && owner != nil; up-- {
			owner = owner.Scope.Owner
		}
		x := Visible{Name: name, Namespace: true, Kind: SlotLoop, Loop: name, Node: owner}
		switch name {
		case "item":
			if owner != nil {
				x.Type = owner.itemType
			}
		case "index", "total":
			x.Type = expr.Int
		case "is_first", "is_last":
			x.Type = expr.Bool
		case "state":
			if owner != nil {
				x.Type = owner.stateType
			}
		case "body":
			x.Kind = SlotBody
			if owner != nil {
				x.Type = owner.bodyType
			}
		}
		v.add(x)
	}
}
