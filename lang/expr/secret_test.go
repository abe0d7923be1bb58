package expr

import (
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

// TestSecretsInTexts: a text with a secret in it is a secret; its text comes
// about elsewhere.
func TestSecretsInTexts(t *testing.T) {
	o := value.NewObject(1)
	o.Set("key", value.Secret("API_KEY"))
	o.Set("other", value.Secret("B"))
	o.Set("name", value.String("<secret B>"))
	for src, want := range map[string]string{
		"Bearer {{ key }}":                    "Bearer <secret API_KEY>",
		"{{ key }}":                           "<secret API_KEY>",
		"{{ key }}{{ other }}!":               "<secret API_KEY><secret B>!",
		"{% if name %}{{ other }}{% endif %}": "<secret B>",
		"{% set h %}Bearer {{ key }}{% endset %}{{ h }};{{ h }}":          "Bearer <secret API_KEY>;Bearer <secret API_KEY>",
		"a{% for k in [key, other] %}{{ loop.index }}{{ k }}{% endfor %}": "a1<secret API_KEY>2<secret B>",
	} {
		s := scope(o.Value())
		n, ds := ParseTemplate(Text{Src: src})
		if len(ds) > 0 {
			t.Fatal(ds[0].Message)
		}
		p, err := CompileTemplate(n, s)
		if err != nil {
			t.Fatal(err)
		}
		v, e := p.EvalValue(s, nil)
		if e != nil || v.Kind() != value.KindSecret || value.Str(v) != want {
			t.Errorf("%s is a %s, %q, %v", src, v.Kind(), value.Str(v), e)
		}
		if text, e := p.Render(s, nil); e == nil || e.Kind != ErrSecret || e.Span.Len() == 0 {
			t.Errorf("%s renders as %q, %v", src, text, e)
		}
		// Inside of an expression it is the same.
		q, err := Compile(n, s)
		if err != nil {
			t.Fatal(err)
		}
		if v, e := q.Eval(s, nil); e != nil || value.Str(v) != want {
			t.Errorf("%s is %q, %v", src, value.Str(v), e)
		}
	}
	// What looks like a handle is a text.
	if got := rendered("{{ name }}", o.Value()); got != "<secret B>" {
		t.Error(got)
	}
}
