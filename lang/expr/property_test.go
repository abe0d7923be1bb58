package expr

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// samples are generated expressions that parse.
func samples(seed uint64, n int) []string {
	g := &gen{rand.New(rand.NewPCG(seed, 9))}
	kinds := []string{"int", "float", "str", "bool", "list", "strs", "dict", "dec", "any", "lists"}
	out := make([]string, n)
	for i := range out {
		out[i] = g.of(kinds[i%len(kinds)], 1+i%4)
	}
	return out
}

// checkSpans reports nodes that reach out of their parent, and expressions whose
// own text does not read as themselves.
func checkSpans(t *testing.T, src string, root Node, template bool) {
	t.Helper()
	var stack []Node
	var visit func(n, parent Node)
	visit = func(n, parent Node) {
		if parent != nil && !parent.Span().Encloses(n.Span()) {
			t.Errorf("%q: %q reaches out of %q", src, Print(n), Print(parent))
		}
		s := n.Span()
		if s.Start < 0 || s.End < s.Start || int(s.End) > len(src) {
			t.Fatalf("%q: %q has the span %v", src, Print(n), s)
		}
		stack = append(stack, n)
		children(n, func(c Node) { visit(c, n) })
		stack = stack[:len(stack)-1]
	}
	visit(root, nil)
	if template {
		return
	}
	Walk(root, func(n Node) bool {
		own := src[n.Span().Start:n.Span().End]
		m, ds := Parse(Text{Src: own})
		if len(ds) > 0 || !bytes.Equal(Shape(m), Shape(n)) {
			t.Errorf("%q: the span of %q is %q", src, Print(n), own)
		}
		if c, ok := n.(*Call); ok { // the name of a key function is a name, too
			for _, k := range c.Keywords {
				if functionKey(c, k) != nil {
					return false
				}
			}
		}
		return true
	})
}

// children calls f for the direct children of n.
func children(n Node, f func(Node)) {
	Walk(n, func(m Node) bool {
		if m == n {
			return true
		}
		f(m)
		return false
	})
}

func TestSpansAreExact(t *testing.T) {
	for _, src := range samples(11, 2000) {
		checkSpans(t, src, parsed(t, src), false)
	}
	for _, src := range jinjaPieces {
		if n, ds := ParseTemplate(Text{Src: src}); len(ds) == 0 {
			checkSpans(t, src, n, true)
		}
	}
}

func TestPrintReadsBack(t *testing.T) {
	for _, src := range samples(12, 3000) {
		n := parsed(t, src)
		m := parsed(t, Print(n))
		if !bytes.Equal(Shape(m), Shape(n)) || Print(m) != Print(n) {
			t.Errorf("%q prints as %q, which reads as %q", src, Print(n), Print(m))
		}
	}
	templates := append([]string{
		"{{ (a | f) | abs }}", "{{ -(a | abs) }}", "{{ (a | abs) ** 2 }}", "{{ a ** (b | abs) }}", "{{ (a if b) if c else d }}", "{{ not (a is none) }}",
		"{{ (a + b) | abs }}", "{{ (not a) == b }}", "{{ (a == b) == c }}", "{{ a - (b - c) }}", "{{ (a ** b) ** c }}", "{{ (-a) ** b }}", "{{ - (a ** b) }}", "{{ (a or b) and c }}", "{{ a or (b or c) }}",
		"{{ (1).x }}", "{{ 1.5.x }}", "{{ 'a'.upper() }}", "{{ [x if y for x in z] }}", "{{ a[(b, c)] }}", "{{ a[b:c, d] }}", "{{ (a is divisibleby 3) | string }}", "{{ a ~ (b ~ c) }}", "{{ (a ~ b) + c }}", "{{ a ~ (b + c) }}",
		"{", "{ {{ a }}", "{{ a }}{", "{% raw %}{{{% endraw %}{{ a }}", "{{ '{% endraw %}' }}", "{% raw %}{% {% endraw %}x", "a{# b #}c", "{% set n.x = 1 %}", "{% if a %}{% endif %}", "{% for a in (b, c) %}{{ a }}{% endfor %}",
	}, jinjaPieces...)
	for _, src := range templates {
		n, ds := ParseTemplate(Text{Src: src})
		if diag.HasErrors(ds) {
			continue
		}
		m, ds := ParseTemplate(Text{Src: Print(n)})
		if len(ds) > 0 || !bytes.Equal(Shape(m), Shape(n)) || Print(m) != Print(n) {
			t.Errorf("%q prints as %q, which reads as %q", src, Print(n), Print(m))
		}
	}
}

func TestCodecReadsBack(t *testing.T) {
	check := func(src string, n Node) {
		b := Encode(n)
		m, err := Decode(b)
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
		if !bytes.Equal(Encode(m), b) || Print(m) != Print(n) {
			t.Errorf("%q comes back as %q", src, Print(m))
		}
	}
	for _, src := range samples(13, 2000) {
		check(src, parsed(t, src))
	}
	for _, src := range jinjaPieces {
		n, _ := ParseTemplate(Text{Src: src})
		check(src, n)
	}
	for _, src := range []string{"a.", "x if", "f(", "[1, 2", "{'a'"} {
		n, _ := Parse(Text{Src: src})
		check(src, n)
	}
}

// TestCodecRefusesDamage flips every bit of an encoded tree and cuts it at every
// place.
func TestCodecRefusesDamage(t *testing.T) {
	n, _ := ParseTemplate(Text{Src: "{% for k, v in d.items() if v > 1.5 %}{{ loop.index }}: {{ k | default('x') }}{% else %}{% set a = [1, 'b'] %}{% endfor %}"})
	b := Encode(n)
	for i := range b {
		if _, err := Decode(b[:i]); !errors.Is(err, ErrCodec) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		for bit := range 8 {
			c := bytes.Clone(b)
			c[i] ^= 1 << bit
			if _, err := Decode(c); !errors.Is(err, ErrCodec) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
	}
}

// dataScope types the free names by the data that a test runs with.
type dataScope struct{ o *value.Object }

func (s dataScope) Lookup(head string, namespace bool) (*Type, bool) {
	v, ok := s.o.Get(head)
	if !ok || namespace {
		return nil, false
	}
	return TypeOf(v), true
}

// TestInferIsSound infers types from data and then computes: no error may be
// reported where the expression has a value, and the value is of the type.
func TestInferIsSound(t *testing.T) {
	reported, failing := 0, 0
	for i, d := range oracleData {
		doc := tagged(t, []byte(d))
		o, _ := doc.Object()
		for _, src := range samples(uint64(20+i), oracleCases(t, 8000)) {
			n := parsed(t, src)
			typ, ds := Infer(n, Text{Src: src}, dataScope{o})
			v, err := evaluated(n, doc)
			if err != nil {
				failing++
				if diag.HasErrors(ds) {
					reported++
				}
				continue
			}
			for _, d := range ds {
				// a field that cannot be there is null, but worth an error
				if d.Severity == diag.Error && d.Code != diag.ExprUnknownField && d.Code != diag.ExprNeverHolds {
					t.Errorf("%s = %s, but: %s", src, value.Repr(v), d.Message)
				}
			}
			if !admits(typ, v) {
				t.Errorf("%s = %s, which is no %s", src, value.Repr(v), typ)
			}
		}
	}
	t.Logf("%d of %d failures are found before", reported, failing)
}

// TestFoldKeepsTheValue folds with some names known and compares the value.
func TestFoldKeepsTheValue(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	folded := 0
	for i, d := range oracleData {
		doc := tagged(t, []byte(d))
		o, _ := doc.Object()
		for _, src := range samples(uint64(30+i), 4000) {
			n := parsed(t, src)
			known := map[string]bool{}
			for _, k := range o.Keys() {
				known[k] = r.IntN(2) == 0
			}
			m := Fold(n, func(head string, path []string) (value.Value, bool) {
				if !known[head] || len(path) > 0 {
					return value.Null, false
				}
				return o.Get(head)
			})
			if _, ok := m.(*Literal); ok {
				folded++
			}
			if back, err := Decode(Encode(m)); err != nil || !bytes.Equal(Encode(back), Encode(m)) {
				t.Fatalf("%s: folded to %s, which has no encoding: %v", src, Print(m), err)
			}
			v, err := evaluated(n, doc)
			w, err2 := evaluated(m, doc)
			if (err == nil) != (err2 == nil) || err == nil && canonicalRepr(v) != canonicalRepr(w) {
				t.Errorf("%s = %s (%v), folded to %s = %s (%v)", src, value.Repr(v), err, Print(m), value.Repr(w), err2)
			}
		}
	}
	t.Logf("%d became constants", folded)
}
