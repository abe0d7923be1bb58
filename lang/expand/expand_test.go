package expand

import (
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// TestOperands: a reference to the environment in an expression is one constant,
// whose text is never code.
func TestOperands(t *testing.T) {
	env := map[string]string{"N": "5", "F": "1.5", "B": "true", "ZIP": "007", "CODE": "x or True", "EMPTY": "", "QUOTED": "it's"}
	for _, c := range []struct{ text, want string }{
		{"1 + ${N}", "6"},
		{"${N} * ${F}", "7.5"},
		{"not ${B}", "False"},
		{"${ZIP} + '!'", "'007!'"},
		{"${CODE} + ''", "'x or True'"},
		{"${EMPTY} + 'a'", "'a'"},
		{"${UNSET:3} + 1", "4"},
		{"'<${N}>'", "'<5>'"},
		{`"${QUOTED}"`, `"it's"`},
		{"${B} if ${N} > 4 else ${F}", "True"},
	} {
		f := source.NewFile("t.yaml", []byte(syntax.Quote(c.text)+"\n"))
		tree := syntax.Parse(f, syntax.Budget{})
		n := tree.Docs[0].Root
		var ds diag.List
		e := &Environment{ds: &ds, tree: tree, lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
		masked, refs := MaskOperands(n.Value)
		x, faults := expr.Parse(expr.Text{Src: masked})
		if len(faults) > 0 || len(masked) != len(n.Value) {
			t.Errorf("%s: %v", c.text, faults)
			continue
		}
		x = e.ExpandTree(n, e.FillOperands(n, x, refs, false), false)
		folded, errs := expr.Build(x, func(string, []string) (value.Value, bool) { return value.Null, false })
		v, ok := expr.Constant(folded)
		if !ok || len(errs) > 0 || value.Repr(v) != c.want {
			t.Errorf("%s: got %s %v, want %s", c.text, value.Repr(v), errs, c.want)
		}
	}
}

// TestUnknownOperand: what is not set is reported and has no meaning.
func TestUnknownOperand(t *testing.T) {
	f := source.NewFile("t.yaml", []byte("1 + ${UNSET} + ${MY_TOKEN}\n"))
	tree := syntax.Parse(f, syntax.Budget{})
	var ds diag.List
	e := &Environment{ds: &ds, tree: tree, lookup: func(string) (string, bool) { return "", false }}
	n := tree.Docs[0].Root
	masked, refs := MaskOperands(n.Value)
	x, _ := expr.Parse(expr.Text{Src: masked})
	e.FillOperands(n, x, refs, false)
	var got []string
	for _, d := range ds.Items() {
		got = append(got, string(d.Code)+" "+f.Slice(d.Loc.Span))
	}
	if len(got) != 2 || got[0] != "HX0607 ${UNSET}" || got[1] != "HX0610 ${MY_TOKEN}" {
		t.Errorf("got %q", got)
	}
}

// TestNodeAndBack: a value that the build puts into a tree is read from there as
// the same value.
func TestNodeAndBack(t *testing.T) {
	at := &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: "x"}
	o := value.NewObject(2)
	o.Set("a", value.List([]value.Value{value.Int(1), value.Float(1), value.Float(1e300), value.Null, value.Bool(true)}))
	o.Set("b", value.String("{{ not }} ${READ}: [again]"))
	for _, v := range []value.Value{o.Value(), value.String("true"), value.String("007"), value.String(""), value.Int(-3)} {
		n, ok := Node(at, v, false)
		if !ok {
			t.Fatalf("%s has no node", value.Repr(v))
		}
		c := Compose(syntax.Parse(source.NewFile("t.yaml", nil), syntax.Budget{}), Options{})
		got, _, ok := c.Document(n, nil, false, &diag.List{}).Value(n)
		if !ok || value.Repr(got) != value.Repr(v) {
			t.Errorf("got %s, want %s", value.Repr(got), value.Repr(v))
		}
	}
	if _, ok := Node(at, value.Secret("X"), false); ok {
		t.Error("a secret has a node")
	}
}

// TestScope: the inner binding wins, and hides one that is no constant.
func TestScope(t *testing.T) {
	outer := NewScope(nil)
	outer.Bind(Binding{Name: "a", Value: value.Int(1)})
	outer.Bind(Binding{Name: "b", Value: value.Int(2)})
	inner := NewScope(outer)
	inner.Bind(Binding{Name: "a", Open: true})
	if b := inner.Lookup("a"); b == nil || !b.Open {
		t.Error("the inner binding does not win")
	}
	if inner.Lookup("b") == nil || inner.Lookup("c") != nil || (*Scope)(nil).Lookup("a") != nil {
		t.Error("lookup does not go outward")
	}
}
