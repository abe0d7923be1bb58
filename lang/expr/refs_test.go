package expr

import (
	"fmt"
	"strings"
	"testing"
)

// described references: head, path and, in brackets, ? for one that need not be
// there.
func refsOf(n Node) string {
	var out []string
	for _, r := range Refs(n) {
		s := key(r.Head, r.Namespace)
		for _, p := range r.Path {
			if p.Index {
				s += "[" + p.Name + "]"
			} else {
				s += "." + p.Name
			}
		}
		if r.Guarded {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestRefs(t *testing.T) {
	for src, want := range map[string]string{
		"a.b.c + d":                               "a.b.c d",
		"'order total' == a":                      "a",
		"len(items) + max(values)":                "items values",
		"f.get(key, other)":                       "f key other",
		"dict(a=b, c='d')":                        "b",
		"sorted(xs, key=len)":                     "xs",
		"sorted(xs, key=weight)":                  "xs weight",
		"len + 1":                                 "len",
		"[x.y for x in xs if x > limit]":          "xs limit",
		"[x for x in x]":                          "x",
		"[x for xs in x for x in xs]":             "x",
		"{k: v for k, v in d.items() if k != v0}": "d v0",
		"[[y for y in x] for x in xs]":            "xs",
		"[y for x in xs for y in x.ys] + [x]":     "xs x",
		"a['b'][0].c[i].d":                        "a.b i",
		"a[-1].x":                                 "a[-1].x",
		"a[1:b].c":                                "a b",
		"$input.x + $item + input.y":              "$input.x $item input.y",
		"default(a.b, c)":                         "a.b? c",
		"coalesce(a, b.c)":                        "a? b.c?",
		"isnone(a) and isempty(b)":                "a? b?",
		"isnone(a) or a.b > 1":                    "a? a.b?",
		"a if not isnone(b) else c":               "a b? c",
		"default(a or b, c)":                      "a b c",
		"a.b()":                                   "a.b",
		"true and null and None":                  "",
	} {
		n, _ := Parse(Text{Src: src})
		if src == "a['b'][0].c[i].d" {
			want = "a[b][0].c i"
		}
		if src == "a.b()" {
			want = "a" // and a diagnostic: there is no such method
		}
		if got := refsOf(n); got != want {
			t.Errorf("%s: refs %q, want %q", src, got, want)
		}
	}
	for src, want := range map[string]string{
		"{{ a }} {{ b.c | upper }} {{ d | join(e) }}":                                            "a b.c d e",
		"{{ a | default(b) }} {{ c | required }} {{ d is defined }}":                             "a? b c? d?",
		"{{ a | upper | default('x') }}":                                                         "a",
		"{% if a %}{{ a.b }}{% endif %}{{ a }}":                                                  "a? a.b? a",
		"{% if a %}x{% else %}{{ a }}{% endif %}":                                                "a? a",
		"{% if not a %}x{% else %}{{ a }}{% endif %}":                                            "a? a?",
		"{% if a is not defined %}x{% elif a.b > 1 %}{{ a }}{% endif %}":                         "a? a.b? a?",
		"{% if a and a.b > c %}x{% endif %}":                                                     "a? a.b? c",
		"{% if a or b %}{{ a }}{% endif %}":                                                      "a? b? a",
		"{% if a > 1 %}{{ a }}{% endif %}":                                                       "a a",
		"{{ a if a else b }}":                                                                    "a? a? b",
		"{% for x in xs if x.ok %}{{ x.y }}{{ loop.index }}{{ z }}{% else %}{{ x }}{% endfor %}": "xs z x",
		"{{ loop.index }}":                                                                       "loop.index",
		"{% set x = a %}{{ x.y }}":                                                               "a",
		"{% set x = x %}{{ x }}":                                                                 "x",
		"{% if c %}{% set x = 1 %}{% endif %}{{ x }}":                                            "c? x",
		"{% if c %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}":                   "c?",
		"{% if c %}{% set x = 1 %}{% elif d %}{% set x = 2 %}{% endif %}{{ x }}":                 "c? d? x",
		"{% for i in xs %}{% set x = i %}{{ x }}{% endfor %}{{ x }}":                             "xs x",
		"{% set x %}{{ a }}{% set y = 1 %}{% endset %}{{ x }}{{ y }}":                            "a y",
		"{% set n = dict() %}{% for x in xs %}{% set n.s = x %}{% endfor %}{{ n.s }}":            "xs",
		"{{ users | map(attribute='name') | list }}":                                             "users",
		"{{ a.0.b }}": "a[0].b",
	} {
		n, _ := ParseTemplate(Text{Src: src})
		if got := refsOf(n); got != want {
			t.Errorf("%s: refs %q, want %q", src, got, want)
		}
	}
}

// TestRefsAreReadAtMost compares the names that Refs finds with those that a
// program asks its resolver for.
func TestRefsAreResolved(t *testing.T) {
	srcs := append(samples(50, 2000), jinjaPieces...)
	for i, src := range srcs {
		var n Node
		if i < 2000 {
			n = parsed(t, src)
		} else {
			m, ds := ParseTemplate(Text{Src: src})
			if len(ds) > 0 {
				continue
			}
			n = m
		}
		s := &scopeOf{}
		if _, err := Compile(n, s); err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		asked := map[string]bool{}
		for _, name := range s.names {
			asked[name] = true
		}
		found := map[string]bool{}
		for _, r := range Refs(n) {
			found[key(r.Head, r.Namespace)] = true
		}
		if fmt.Sprint(asked) != fmt.Sprint(found) {
			t.Errorf("%s: Refs finds %v, Compile asks for %v", src, found, asked)
		}
	}
}

// TestGuardedNamesMayBeMissing runs each text without any data: only those whose
// references are all guarded may succeed, and a failure names what is missing.
func TestGuardedNamesMayBeMissing(t *testing.T) {
	for _, src := range []string{
		"{{ a | default('x') }}", "{% if a %}{{ a.b }}{% endif %}", "{% if a is defined and a.b > 1 %}x{% endif %}", "{{ a }}", "{{ a if a else 'b' }}",
		"{{ a is defined }}", "{% if not a %}x{% else %}{{ a }}{% endif %}", "{{ a | upper | default('x') }}", "{% if a > 1 %}x{% endif %}", "{{ a or 'x' }}", "{% for x in a %}{% endfor %}",
		"{{ a | required }}", "{% set x = a %}", "{% if c is defined %}{% set x = 1 %}{% endif %}{{ x | default(2) }}",
	} {
		n, _ := ParseTemplate(Text{Src: src})
		s := &scopeOf{data: mustObject(t)}
		p, err := CompileTemplate(n, s)
		if err != nil {
			t.Fatal(err)
		}
		_, e := p.Render(s, nil)
		guarded := true
		for _, r := range Refs(n) {
			guarded = guarded && r.Guarded
		}
		if (e == nil) != guarded && (e == nil || e.Kind != ErrRequired) {
			t.Errorf("%s: guarded %v, but error %v", src, guarded, e)
		}
		if e != nil && e.Missing == "" {
			t.Errorf("%s: %v names nothing", src, e)
		}
	}
}
