package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// kinds are the kinds of t's values, an enum's by its values. any is among them
// where nothing is known.
func (t *Type) kinds() []TypeKind {
	if k := t.kind(); k != TypeUnion && k != TypeEnum {
		return []TypeKind{k}
	}
	out := make([]TypeKind, 0, 4)
	add := func(k TypeKind) {
		for _, o := range out {
			if o == k {
				return
			}
		}
		out = append(out, k)
	}
	for _, m := range t.members() {
		if m.Kind == TypeEnum {
			for _, v := range m.Enum {
				add(kindOfValue(v))
			}
			continue
		}
		add(m.Kind)
	}
	return out
}

func numeric(k TypeKind) bool {
	switch k {
	case TypeBool, TypeInt, TypeFloat, TypeDecimal:
		return true
	}
	return false
}

func integral(k TypeKind) bool { return k == TypeBool || k == TypeInt }

func (f *inferrer) unary(n *Unary) *Type {
	if n.Op == OpNot {
		f.condition(n.X)
		return Bool
	}
	x := f.node(n.X)
	var out []*Type
	for _, k := range x.kinds() {
		switch {
		case k == TypeAny:
			return Any
		case integral(k):
			out = append(out, Int)
		case k == TypeFloat:
			// what is declared float may be an int
			out = append(out, Float)
		case k == TypeDecimal:
			out = append(out, Decimal)
		}
	}
	if len(out) == 0 && x.Kind != TypeNever {
		f.report(false, diag.ExprBadOperands, n.Span(), operandHelp(x), "`%s` needs a number, but %s is of type %s", n.Op, quoted(n.X), x)
		return Any
	}
	f.mayBeNull(n.Op, n.X, x)
	if l, ok := n.X.(*Literal); ok && n.Op == OpNeg {
		if v, err := value.Neg(l.Value); err == nil {
			return literalType(v)
		}
	}
	return Union(out...)
}

func operandHelp(types ...*Type) string {
	for _, t := range types {
		if t.kind() == TypeNull {
			return "a value is null here; give it a fallback with default(x, …)"
		}
	}
	for _, t := range types {
		for _, k := range t.kinds() {
			if k == TypeStr {
				return "convert with int(x), float(x) or str(x)"
			}
		}
	}
	return ""
}

// resultOf is the type of k op l; nil if Python refuses it.
func resultOf(op Op, k, l TypeKind) *Type {
	if k == TypeAny || l == TypeAny || k == TypeDatetime || l == TypeDatetime {
		return Any
	}
	if numeric(k) && numeric(l) {
		switch {
		case k == TypeDecimal || l == TypeDecimal:
			if k == TypeFloat || l == TypeFloat {
				return Any // what is declared float may be an int
			}
			return Decimal
		case k == TypeFloat || l == TypeFloat || op == OpDiv:
			return Float
		case op == OpPow:
			return Union(Int, Float)
		}
		return Int
	}
	switch op {
	case OpAdd:
		if k == l && (k == TypeStr || k == TypeList || k == TypeTuple) {
			return kindType(k)
		}
	case OpMul:
		if integral(l) {
			k, l = l, k
		}
		if integral(k) && (l == TypeStr || l == TypeList || l == TypeTuple) {
			return kindType(l)
		}
	case OpSub:
		if k == TypeSet && l == TypeSet {
			return SetOf(Any)
		}
	case OpMod:
		if k == TypeStr {
			return Str
		}
	}
	return nil
}

func kindType(k TypeKind) *Type {
	switch k {
	case TypeStr:
		return Str
	case TypeList:
		return AnyList
	case TypeTuple:
		return &Type{Kind: TypeTuple, Elem: Any}
	}
	return Any
}

func (f *inferrer) binary(n *Binary) *Type {
	switch n.Op {
	case OpAnd, OpOr:
		return f.logic(n, f.node)
	case OpConcat:
		f.node(n.X)
		f.node(n.Y)
		return Str
	}
	x, y := f.node(n.X), f.node(n.Y)
	if x.Kind == TypeList && y.Kind == TypeList && n.Op == OpAdd {
		return ListOf(Union(x.Elem, y.Elem))
	}
	var out []*Type
	for _, k := range x.kinds() {
		for _, l := range y.kinds() {
			if r := resultOf(n.Op, k, l); r != nil {
				out = append(out, r)
			}
		}
	}
	if len(out) == 0 && x.Kind != TypeNever && y.Kind != TypeNever {
		f.report(false, diag.ExprBadOperands, n.Span(), operandHelp(x, y), "`%s` cannot work with %s and %s: %s", n.Op, typeName(x), typeName(y), quoted(n))
		return Any
	}
	f.mayBeNull(n.Op, n.X, x)
	f.mayBeNull(n.Op, n.Y, y)
	f.constant(n, n.X, n.Y)
	f.divisor(n, x)
	return Union(out...)
}

// divisor reports a division of a number by the constant zero.
func (f *inferrer) divisor(n *Binary, x *Type) {
	l, ok := n.Y.(*Literal)
	if !ok || n.Op != OpDiv && n.Op != OpFloorDiv && n.Op != OpMod || !value.Equal(l.Value, value.Int(0)) {
		return
	}
	for _, k := range x.kinds() {
		if !numeric(k) {
			return
		}
	}
	f.report(false, diag.ExprAlwaysFails, n.Span(), "", "%s: division by zero", quoted(n))
}

// typeName is the type for a message about kinds: a constant is its kind.
func typeName(t *Type) string {
	if t.kind() == TypeEnum {
		var names []string
		for _, k := range t.kinds() {
			names = append(names, (&Type{Kind: k}).String())
		}
		return strings.Join(names, " | ")
	}
	return t.String()
}

// constant reports an operation on constants that always fails.
func (f *inferrer) constant(n Node, parts ...Node) {
	for _, p := range parts {
		if p == nil {
			continue
		}
		if _, ok := p.(*Literal); !ok {
			return
		}
	}
	c := &compiler{strict: f.strict, scope: &locals{}}
	fn := c.expr(n)
	if c.err != nil {
		return
	}
	fr := newFrame(noEnv{}, &Meter{MaxSteps: 10_000, MaxBytes: 1 << 20}, c.count)
	_, err := fn(fr)
	fr.release(nil)
	if err == nil || err.Kind == ErrLimit || err.Kind == ErrType {
		return
	}
	f.report(false, diag.ExprAlwaysFails, n.Span(), err.Help, "%s", err.Msg)
}

func (f *inferrer) compare(n *Compare) *Type {
	a, x := f.node(n.First), n.First
	for i, op := range n.Ops {
		b := Any
		if i == 0 {
			b = f.node(n.Rest[i])
		} else { // computed only if the comparisons before it hold
			f.doubtful(func() { b = f.node(n.Rest[i]) })
		}
		f.comparison(n, x, n.Rest[i], op, a, b, len(n.Ops) == 1)
		a, x = b, n.Rest[i]
	}
	return Bool
}

func (f *inferrer) comparison(n *Compare, x, y Node, op Op, a, b *Type, alone bool) {
	if a.kind() == TypeNever || b.kind() == TypeNever {
		return
	}
	span := x.Span().Join(y.Span())
	if secret := x; a.kind() == TypeSecret && !b.nullable() || b.kind() == TypeSecret && !a.nullable() {
		if a.kind() != TypeSecret {
			secret = y
		}
		if op != OpIn && op != OpNotIn {
			f.report(false, diag.ExprBadOperands, span, "whether there is one can be asked: `is None`", "%s is a secret, which cannot be compared", quoted(secret))
		}
		return
	}
	switch op {
	case OpEq, OpNe:
		if equalPossible(a, b) {
			return
		}
		result := "never"
		if op == OpNe {
			result = "always"
		}
		_, lx := x.(*Literal)
		_, ly := y.(*Literal)
		closed := a.kind() == TypeEnum && b.kind() == TypeEnum && !(lx && ly) && f.doubt == 0 && alone
		d := diag.New(diag.ExprNeverHolds, f.text.Loc(span), "`%s` %s holds: %s", op, result, sides(x, y, a, b))
		d.Help = compareHelp(a, b)
		d = nearValue(d, f.text, x, b)
		d = nearValue(d, f.text, y, a)
		if closed {
			d = d.As(diag.Error)
		}
		f.put(d)
	case OpLt, OpLe, OpGt, OpGe:
		for _, k := range a.kinds() {
			for _, l := range b.kinds() {
				if ordered(k, l) {
					return
				}
			}
		}
		f.report(true, diag.ExprNeverHolds, span, compareHelp(a, b), "`%s` never holds: %s and %s have no order", op, typeName(a), typeName(b))
	case OpIn, OpNotIn:
		f.membership(span, y, op, a, b)
	}
}

// sides says what the two sides of a comparison are; constants speak for
// themselves.
func sides(x, y Node, a, b *Type) string {
	_, lx := x.(*Literal)
	_, ly := y.(*Literal)
	what := func(n Node, t *Type) string {
		if k, ok := pathKeyOf(n); ok && k.head != "" && t.kind() == TypeEnum && len(t.Enum) == 1 {
			return quoted(n) + " is " + t.String() + " here"
		}
		return quoted(n) + " is " + shownType(t)
	}
	switch {
	case lx && ly:
		return "these are two different constants"
	case lx:
		return what(y, b)
	case ly:
		return what(x, a)
	}
	return what(x, a) + ", " + what(y, b)
}

// nearValue suggests the value of an enum that a constant was meant to be.
func nearValue(d diag.Diagnostic, t Text, n Node, enum *Type) diag.Diagnostic {
	name, ok := constantText(n)
	if !ok || enum.kind() != TypeEnum || len(enum.Enum) < 2 {
		return d
	}
	var values []string
	for _, v := range enum.Enum {
		if s, ok := v.AsString(); ok {
			values = append(values, s)
		}
	}
	near := suggest.Near(name, values)
	if len(near) == 0 {
		return d
	}
	d.Help = suggest.Help(name, values)
	s := n.Span()
	if q := written(t, s); len(q) > 2 && q[1:len(q)-1] == name && IsIdentifier(near[0]) {
		d = nearest(d, t, source.Span{Start: s.Start + 1, End: s.End - 1}, near)
	}
	return d
}

func (f *inferrer) put(d diag.Diagnostic) {
	if f.quiet > 0 || len(f.diags) >= maxDiags {
		return
	}
	f.diags = append(f.diags, d)
}

// shownType is a type in a message: `of type str`, or the constants.
func shownType(t *Type) string {
	if t.kind() == TypeEnum {
		if len(t.Enum) == 1 {
			return "of type " + typeName(t)
		}
		return "one of " + t.String()
	}
	return "of type " + t.String()
}

func compareHelp(a, b *Type) string {
	hasStr, hasNum := false, false
	for _, t := range []*Type{a, b} {
		for _, k := range t.kinds() {
			hasStr = hasStr || k == TypeStr
			hasNum = hasNum || numeric(k) && k != TypeBool
		}
	}
	if hasStr && hasNum {
		return "convert the text with int(x) or float(x), or compare with a text in quotes"
	}
	return ""
}

// equalPossible reports whether a value of a may equal one of b. null counts as
// possible on either side: a test against it guards, even where it is not
// needed.
func equalPossible(a, b *Type) bool {
	if a.nullable() || b.nullable() {
		return true
	}
	for _, m := range a.members() {
		for _, o := range b.members() {
			if memberEqual(m, o) {
				return true
			}
		}
	}
	return false
}

func memberEqual(a, b *Type) bool {
	if a.Kind == TypeAny || b.Kind == TypeAny {
		return true
	}
	if a.Kind == TypeEnum && b.Kind == TypeEnum {
		for _, v := range a.Enum {
			for _, w := range b.Enum {
				if value.Equal(v, w) {
					return true
				}
			}
		}
		return false
	}
	for _, k := range a.kinds() {
		for _, l := range b.kinds() {
			if k == l || numeric(k) && numeric(l) || k == TypeAny || l == TypeAny || k == TypeSecret || l == TypeSecret {
				return true
			}
		}
	}
	return false
}

func ordered(k, l TypeKind) bool {
	switch {
	case k == TypeAny || l == TypeAny || k == TypeSecret || l == TypeSecret:
		return true
	case numeric(k) && numeric(l):
		return true
	case k != l:
		return false
	}
	switch k {
	case TypeStr, TypeList, TypeTuple, TypeSet, TypeDatetime:
		return true
	}
	return false
}

func (f *inferrer) membership(span0 source.Span, y Node, op Op, a, b *Type) {
	result := "never holds"
	possible, container := false, false
	for _, m := range b.members() {
		switch m.Kind {
		case TypeAny, TypeRange, TypeSecret:
			return
		case TypeNull:
			continue
		case TypeList, TypeSet, TypeTuple:
			container = true
			e := elementOf(m)
			if e.kind() == TypeNever && m.Kind != TypeTuple {
				possible = true // an empty list: nobody writes one by mistake
			}
			possible = possible || equalPossible(a, e)
		case TypeObject:
			container = true
			if m.Open {
				return
			}
			for _, g := range m.Fields {
				possible = possible || equalPossible(a, EnumOf(value.String(g.Name)))
			}
			possible = possible || len(m.Fields) == 0
		case TypeStr, TypeEnum:
			for _, l := range m.kinds() {
				if l != TypeStr {
					continue
				}
				container = true
				for _, k := range a.kinds() {
					possible = possible || k == TypeStr || k == TypeAny || k == TypeNull
				}
			}
		}
	}
	switch {
	case !container && b.kind() != TypeNull:
		f.report(true, diag.ExprNeverHolds, span0, "`in` looks into lists, mappings and texts", "`%s` never holds: %s is %s, which contains nothing", op, quoted(y), shownType(b))
	case container && !possible:
		if op == OpNotIn {
			result = "always holds"
		}
		f.report(true, diag.ExprNeverHolds, span0, compareHelp(a, b), "`%s` %s: what is looked for is %s, in %s", op, result, shownType(a), typeName(b))
	}
}

// condition infers a place where only the truth counts; in a template a path
// there may be missing.
func (f *inferrer) condition(n Node) {
	if f.strict {
		switch n := n.(type) {
		case *Unary:
			if n.Op == OpNot {
				f.condition(n.X)
				return
			}
		case *Binary:
			if n.Op == OpAnd || n.Op == OpOr {
				f.logic(n, func(m Node) *Type {
					f.condition(m)
					return Any
				})
				return
			}
		}
		f.guarded(n)
		return
	}
	f.node(n)
}
