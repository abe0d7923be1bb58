package value

import (
	"math"
	"testing"
)

// TestShown: what JSON has no form for is shown as text, wherever it stands.
func TestShown(t *testing.T) {
	o := NewObject(2)
	o.Set("auth", SecretText([]SecretPart{{Text: "Bearer "}, {Secret: "KEY"}}))
	o.Set("list", List([]Value{Float(math.NaN()), Int(1), Secret("B"), Missing}))
	if err := o.SetKey(Tuple([]Value{Int(1)}), Float(math.Inf(-1))); err != nil {
		t.Fatal(err)
	}
	b, err := AppendJSON(nil, Shown(o.Value()))
	want := `{"auth":"Bearer <secret KEY>","list":["nan",1,"<secret B>","missing"],"(1,)":"-inf"}`
	if err != nil || string(b) != want {
		t.Errorf("got %s, %v; want %s", b, err, want)
	}
	plain := List([]Value{Int(1)})
	if got := Shown(plain); !Equal(got, plain) {
		t.Errorf("a plain list becomes %s", Repr(got))
	}
}
