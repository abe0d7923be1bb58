package expr

import (
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

// TestFoldTemplates knows spec.variables.* at build time, and nothing else.
func TestFoldTemplates(t *testing.T) {
	vars := tagged(t, []byte(`{"model": "gpt", "n": 3, "langs": ["en", "de"], "flag": false, "nested": {"a": 1}, "nil": null}`))
	known := func(head string, path []string) (value.Value, bool) {
		if head != "spec" || len(path) == 0 || path[0] != "variables" {
			return value.Null, false
		}
		v := vars
		for _, p := range path[1:] {
			o, ok := v.Object()
			if !ok {
				return value.Null, false
			}
			if v, ok = o.Get(p); !ok {
				return value.Null, false
			}
		}
		return v, true
	}
	for _, c := range []struct{ src, want, err string }{
		{"{{ spec.variables.n }}", "{{ 3 }}", ""},
		{"{{ spec.variables.langs }}", "{{ ['en', 'de'] }}", ""},
		{"{{ spec.variables.nested.a + 1 }}", "{{ 2 }}", ""},
		{"Model {{ spec.variables.model | upper }}!", "Model GPT!", ""},
		{"{{ spec.variables.model }} for {{ user.name }}", "gpt for {{ user.name }}", ""},
		{"{{ user.name | default(spec.variables.model) }}", "{{ user.name | default('gpt') }}", ""},
		{"{% if spec.variables.flag %}a{% else %}b{% endif %}c", "bc", ""},
		{"{% if spec.variables.flag %}{{ user }}{% else %}b{% endif %}", "{% if False %}{{ user }}{% else %}b{% endif %}", ""},
		{"{% if user %}{{ spec.variables.n }}{% endif %}", "{% if user %}3{% endif %}", ""},
		{"{% for l in spec.variables.langs %}{{ l }} {% endfor %}.", "en de .", ""},
		{"{% for l in spec.variables.langs %}{{ l }} {{ user }}{% endfor %}", "{% for l in ['en', 'de'] %}{{ l }} {{ user }}{% endfor %}", ""},
		{"{% set x = spec.variables.n %}{{ x }}", "{% set x = 3 %}{{ x }}", ""},
		{"{% if spec.variables.flag %}{% set x = 1 %}{% endif %}{{ x | default('d') }}", "{% if False %}{% set x = 1 %}{% endif %}{{ x | default('d') }}", ""},
		{"{{ now() }} {{ spec.variables.n }}", "{{ now() }} 3", ""},
		{"{{ format(now(), spec.variables.model) }}", "{{ format(now(), 'gpt') }}", ""},
		{"{{ spec.other }}", "{{ spec.other }}", ""},
		{"{{ variables.n }} {{ metadata.name }}", "{{ variables.n }} {{ metadata.name }}", ""},
		{"{{ spec.variables.n / 0 }}", "{{ 3 / 0 }}", "`3 / 0`: division by zero"},
		{"{{ spec.variables.nested.zzz }}", "{{ {'a': 1}.zzz }}", "`{'a': 1}` has no field `zzz`"},
		{"{{ spec.variables.nested.zzz | default('d') }}", "{{ 'd' }}", ""},
		{"{{ spec.variables.zzz | default('d') }}", "{{ 'd' }}", ""},
		{"{{ spec.variables.nil | required }}", "{{ None | required }}", "`None` is required, but it is null"},
		{"{{ [spec.variables.n + x for x in xs] }}", "{{ [3 + x for x in xs] }}", ""},
		{"{{ [spec.variables.n + x for x in spec.variables.langs if x == user] }}", "{{ [3 + x for x in ['en', 'de'] if x == user] }}", ""},
		{"{{ '{{ spec.variables.n }}' }}{{ spec.variables.n }}", "{{ '{{ spec.variables.n }}' }}3", ""},
		{"{{ user }}{{ '{{ x }}' ~ spec.variables.n }}", "{{ user }}{% raw %}{{ x }}3{% endraw %}", ""},
		{"{% for spec in xs %}{{ spec.variables.n }}{% endfor %}", "{% for spec in xs %}{{ spec.variables.n }}{% endfor %}", ""},
		{"plain", "plain", ""},
		{"{{ 1 + 2 }}", "{{ 1 + 2 }}", ""},
	} {
		n, ds := ParseTemplate(Text{Src: c.src})
		if len(ds) > 0 {
			t.Fatalf("%s: %s", c.src, ds[0].Message)
		}
		m, errs := FoldErrors(n, known)
		said := ""
		if len(errs) > 0 {
			said = errs[0].Msg
			if s := errs[0].Span; s.End > int32(len(c.src)) || s.Len() == 0 {
				t.Errorf("%s: error at %v", c.src, s)
			}
		}
		if got := Print(m); got != c.want || said != c.err {
			t.Errorf("%s\n  folds to %s (%s)\n  want     %s (%s)", c.src, got, said, c.want, c.err)
		}
	}
}

func TestConstant(t *testing.T) {
	for src, want := range map[string]string{"plain": "'plain'", "": "''", "{{ 5 }}": "5", "{{ [1] }}": "", "{{ x }}": "", "a{{ 5 }}": "", "{% raw %}{{ x }}{% endraw %}": "'{{ x }}'"} {
		n, _ := ParseTemplate(Text{Src: src})
		v, ok := Constant(n)
		if ok != (want != "") || ok && value.Repr(v) != want {
			t.Errorf("%q: %s, %v", src, value.Repr(v), ok)
		}
	}
}

// TestTemplatesKeepTypes: one {{ expression }} keeps its type, everything else is
// text.
func TestTemplatesKeepTypes(t *testing.T) {
	data := tagged(t, []byte(`{"n": 3, "li": [1, null], "o": {"a": true}, "nil": null, "d": {"__decimal__": "1.10"}}`))
	for _, c := range []struct{ src, value, text string }{
		{"{{ n }}", "3", "3"},
		{"{{ li }}", "[1, None]", "[1, None]"},
		{"{{ o }}", "{'a': True}", "{'a': True}"},
		{"{{ nil }}", "None", "None"},
		{"{{ d }}", "Decimal('1.10')", "1.10"},
		{"{{ n > 2 }}", "True", "True"},
		{" {{ n }}", "' 3'", " 3"},
		{"{{ n }}\n", `'3\n'`, "3\n"},
		{"{{- n -}} ", "3", "3"},
		{"{{ n }}{# c #}", "3", "3"},
		{"{% if true %}{{ n }}{% endif %}", "'3'", "3"},
		{"{{ n }}{{ n }}", "'33'", "33"},
		{"{{ 'a' if nil }}", "None", ""},
		{"", "''", ""},
	} {
		n, _ := ParseTemplate(Text{Src: c.src})
		s := scope(data)
		p, err := CompileTemplate(n, s)
		if err != nil {
			t.Fatal(err)
		}
		v, e := p.EvalValue(s, nil)
		if e != nil || value.Repr(v) != c.value {
			t.Errorf("%q: value %s, want %s (%v)", c.src, value.Repr(v), c.value, e)
		}
		text, e := p.Render(s, nil)
		if e != nil || text != c.text {
			t.Errorf("%q: text %q, want %q (%v)", c.src, text, c.text, e)
		}
	}
}

// TestHyphenatedNames reads declared names with hyphens as one.
func TestHyphenatedNames(t *testing.T) {
	o := Options{Hyphenated: []string{"load-data", "load-data-2", "a-b"}}
	for src, want := range map[string]string{
		"{{ load-data.rows }}":     "load-data.rows",
		"{{ load-data-2.rows }}":   "load-data-2.rows",
		"{{ load-data-3.rows }}":   "load data",
		"{{ load - data }}":        "load data",
		"{{ a-b - a-c }}":          "a-b a c",
		"{{ x.a-b }}":              "x.a b",
		"{{ a-b | default('x') }}": "a-b?",
	} {
		n, _ := ParseTemplateWith(Text{Src: src}, o)
		if got := refsOf(n); got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}
