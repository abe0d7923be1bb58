package expr

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

func mustObject(t *testing.T) *value.Object {
	t.Helper()
	return value.NewObject(0)
}

// TestDeepTextsAreRefused nests every construct far beyond MaxDepth.
func TestDeepTextsAreRefused(t *testing.T) {
	const n = 100_000
	for name, src := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"lists":       strings.Repeat("[", n),
		"dicts":       strings.Repeat("{1:", n),
		"minus":       strings.Repeat("-", n) + "1",
		"not":         strings.Repeat("not ", n) + "1",
		"power":       strings.Repeat("2**", n) + "1",
		"ternary":     strings.Repeat("1 if 1 else ", n) + "1",
		"sum":         strings.Repeat("1+", n) + "1",
		"and":         strings.Repeat("a and ", n) + "1",
		"attributes":  "a" + strings.Repeat(".b", n),
		"subscripts":  "a" + strings.Repeat("[0]", n),
		"calls":       strings.Repeat("len(", n),
		"methods":     "a" + strings.Repeat(".upper()", n),
		"lambdas":     strings.Repeat("lambda x: ", n) + "1",
		"loops":       strings.Repeat("[x for x in ", n),
		"bang":        strings.Repeat("!", n) + "a",
		"questions":   strings.Repeat("a?", n),
		"chains":      "(" + strings.Repeat("1+", 300) + "1)" + strings.Repeat("+1", 300),
		"bad":         strings.Repeat("§", n),
		"dots":        "a" + strings.Repeat(".", n),
		"questions 2": "a" + strings.Repeat("?.", n),
		"calls of":    "a[0]" + strings.Repeat("()", n),
		"unpacked":    strings.Repeat("[*", n),
		"bitwise":     "a" + strings.Repeat(" & a", n),
		"generators":  strings.Repeat("f(x for x in ", n),
		"awaits":      strings.Repeat("await a ", n),
	} {
		began := cpuTime()
		tree, ds := Parse(Text{Src: src})
		if !diag.HasErrors(ds) && name != "chains" {
			t.Errorf("%s: accepted", name)
		}
		if len(ds) > maxDiags {
			t.Errorf("%s: %d findings", name, len(ds))
		}
		Refs(tree)
		Print(tree)
		if _, err := Decode(Encode(tree)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		Infer(tree, Text{Src: src}, nil)
		if d := cpuTime() - began; d > 5*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
	}
	for name, src := range map[string]string{
		"if":      strings.Repeat("{% if a %}", n),
		"for":     strings.Repeat("{% for a in b %}", n),
		"set":     strings.Repeat("{% set a %}", n),
		"filters": "{{ a" + strings.Repeat(" | upper", n) + " }}",
		"tests":   "{{ a" + strings.Repeat(" is none", n) + " }}",
		"concat":  "{{ a" + strings.Repeat(" ~ a", n) + " }}",
	} {
		tree, ds := ParseTemplate(Text{Src: src})
		if !diag.HasErrors(ds) {
			t.Errorf("%s: accepted", name)
		}
		Refs(tree)
		if _, err := Decode(Encode(tree)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParsingIsLinear doubles texts that are made to be slow.
func TestParsingIsLinear(t *testing.T) {
	for name, unit := range map[string]string{
		"unclosed outputs":   "{{ a ",
		"unclosed tags":      "{% if a ",
		"unclosed comments":  "{# a ",
		"comments":           "a{# #}",
		"outputs":            "{{ a.b | upper }} text\n",
		"escaped quotes":     `{{ '\'\'\'\'\'\'`,
		"lone quotes":        `{{ ' " `,
		"braces":             "{{ {{{{{",
		"closers":            "}} %} #}",
		"raw ends":           "{% raw %}{% {%- ",
		"refused tags":       "{% block a %}",
		"refused and closed": "{% block a %}{% endblock %}",
		"unknown filters":    "{{ a | nosuch }}",
		"sets":               "{% set a = 1 %}{% if a %}{% set b = 2 %}{% endif %}",
		"strings":            "{{ 'a' 'b' 'c' }}",
		"triple quotes":      `{{ ''' """ `,
		"trims":              " {{- a -}} ",
	} {
		measure := func(n int) time.Duration {
			src := strings.Repeat(unit, n/len(unit))
			began := cpuTime()
			tree, _ := ParseTemplate(Text{Src: src})
			Refs(tree)
			return cpuTime() - began
		}
		small, large := measure(30_000), min(measure(240_000), measure(240_000))
		if large > 30*small+300*time.Millisecond {
			t.Errorf("%s: 30 kB take %v, 240 kB %v", name, small, large)
		}
	}
	for name, unit := range map[string]string{
		"lists": "[1, 2], ", "strings": `'a\n' `, "commas": "a, ", "bad": "a b ", "args": "f(a=1, b), ", "dicts": "{'a': 1}, ", "comps": "[x for x in xs], ", "compare": "a < ", "elifs": "(a if b else c), ",
	} {
		measure := func(n int) time.Duration {
			src := strings.Repeat(unit, n/len(unit))
			began := cpuTime()
			tree, _ := Parse(Text{Src: src})
			Refs(tree)
			Encode(tree)
			Infer(tree, Text{Src: src}, nil)
			return cpuTime() - began
		}
		small, large := measure(25_000), min(measure(200_000), measure(200_000), measure(200_000))
		if large > 30*small+300*time.Millisecond {
			t.Errorf("%s: 25 kB take %v, 200 kB %v", name, small, large)
		}
	}
}

// TestEvaluationIsBounded runs what would take forever or all memory.
func TestEvaluationIsBounded(t *testing.T) {
	data := tagged(t, []byte(`{"s": "abc", "li": [1, 2, 3], "r": null}`))
	for _, src := range []string{
		"[x for x in range(10 ** 9)]",
		"sum(range(10 ** 10))",
		"len([1 for x in range(10000) for y in range(10000)])",
		"'a' * 10 ** 12",
		"[0] * 10 ** 12",
		"10 ** 10 ** 10",
		"2 ** 2 ** 2 ** 2 ** 2 ** 2",
		"list(range(10 ** 15))",
		"sorted(range(10 ** 12))",
		"[s * 10 ** 6 for x in range(10000)]",
		"[[s * 10 ** 7 for x in range(100)] for y in range(100)]",
		"format(1, '1000000000d')",
		"'{:1000000000}'.format(1)",
		"'%1000000000d' % 1",
		"s.replace('', s * 10 ** 6).replace('', s * 10 ** 5)",
		"join(s * 10 ** 6, range(1000000))",
		"(s * 10 ** 7).join(['a'] * 1000)",
		"{x: x for x in range(10 ** 9)}",
		"set(range(10 ** 9))",
		"dict(zip(range(10 ** 9), range(10 ** 9)))",
		"max(range(10 ** 12))",
		"all(range(1, 10 ** 12))",
		"[x ** x ** 3 for x in range(1000)]",
		"tuple(range(10 ** 11)) == 1",
		"zip(range(10 ** 10), range(10 ** 10))",
		"reversed(range(10 ** 10))",
		"pow(3, 10 ** 9)",
		"Decimal('1e999999') ** 3",
		"int('9' * 4000) ** 500",
		"[1 for a in range(3000) if [2] * 10000 == [2] * 10000]",
	} {
		bounded(t, src, data, parsed(t, src))
	}
	for _, src := range []string{
		"{% for x in range(1000000000) %}{{ x }}{% endfor %}",
		"{% for x in range(30000) %}{% for y in range(30000) %}{% endfor %}{% endfor %}",
		"{% set ns = dict(v=[]) %}{% for x in range(1000000) %}{% set ns.v = [ns.v] %}{% endfor %}{{ ns.v }}",
		"{% set ns = dict(v='x') %}{% for x in range(100) %}{% set ns.v = ns.v ~ ns.v %}{% endfor %}{{ ns.v }}",
		"{% set ns = dict(v=[1]) %}{% for x in range(100) %}{% set ns.v = [ns.v, ns.v] %}{% endfor %}{{ ns.v }}",
		"{% set ns = dict(v=[1]) %}{% for x in range(100) %}{% set ns.v = [ns.v, ns.v] %}{% endfor %}{{ ns.v == [ns.v] }}",
		"{% set ns = dict(v=[1]) %}{% for x in range(60) %}{% set ns.v = [ns.v, ns.v] %}{% endfor %}{{ ns.v | tojson }}",
		"{% for x in range(100000) %}{{ s * 1000 }}{% endfor %}",
		"{{ s | indent(1000) | indent(1000) }}{{ range(100000) | join('aaaaaaaaaaaaaaaaaaaa' * 1000) }}",
		"{{ li | batch(10000000000, 0) | list }}",
		"{{ li | slice(10000000000) | list }}",
		"{{ (s * 1000000) | wordwrap(1) | list | length }}",
		"{{ '%*d' | format(2000000000, 1) }}",
		"{{ range(1000000) | sort | map('string') | sort | unique | list | length }}",
	} {
		n, ds := ParseTemplate(Text{Src: src})
		if len(ds) > 0 {
			t.Fatalf("%s: %s", src, ds[0].Message)
		}
		bounded(t, src, data, n)
	}
}

func bounded(t *testing.T, src string, data value.Value, n Node) {
	t.Helper()
	s := scope(data)
	p, err := Compile(n, s)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := cpuTime()
	_, e := p.Eval(s, &Meter{MaxSteps: 1_000_000, MaxBytes: 64 << 20})
	took := cpuTime() - began
	runtime.ReadMemStats(&after)
	if e == nil || e.Kind != ErrLimit && e.Kind != ErrOverflow && e.Kind != ErrValue {
		t.Errorf("%s: %v", src, e)
	}
	if took > 3*time.Second {
		t.Errorf("%s: took %v", src, took)
	}
	if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 1024 {
		t.Errorf("%s: allocated %d MiB", src, mib)
	}
}

// TestProgramsAreShared runs one program on many goroutines.
func TestProgramsAreShared(t *testing.T) {
	n, _ := ParseTemplate(Text{Src: "{% for x in li if x > 1 %}{% set y = x * 2 %}{{ loop.index }}:{{ y }} {{ [a + y for a in li] | sum }};{% endfor %}"})
	data := tagged(t, []byte(`{"li": [1, 2, 3]}`))
	s := scope(data)
	p, err := CompileTemplate(n, s)
	if err != nil {
		t.Fatal(err)
	}
	want, e := p.Render(s, nil)
	if e != nil {
		t.Fatal(e)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got, e := p.Render(s, nil); e != nil || got != want {
					t.Errorf("got %q, %v", got, e)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestPathsDoNotAllocate: reading and comparing is what conditions do all day.
func TestPathsDoNotAllocate(t *testing.T) {
	data := tagged(t, []byte(`{"a": {"b": {"c": 5}}, "name": "x", "li": [1, 2, 3], "ok": true}`))
	for _, src := range []string{
		"a.b.c", "a.b.c > 3", "a.b.c == 5 and name == 'x'", "0 <= a.b.c <= 10", "name in ['x', 'y'] or ok", "not ok", "li[0]", "a['b']", "default(a.zz, 1)", "a.b.c + 1", "1 if ok else 2", "isnone(a.x)", "len(li)",
	} {
		s := scope(data)
		n := parsed(t, src)
		p, err := Compile(n, s)
		if err != nil {
			t.Fatal(err)
		}
		var m Meter
		got := testing.AllocsPerRun(100, func() {
			m.Steps, m.Bytes = 0, 0
			if _, e := p.Eval(s, &m); e != nil {
				t.Fatal(e)
			}
		})
		most := 0.0
		if strings.Contains(src, "['x', 'y']") {
			most = 3 // the list
		}
		if got > most {
			t.Errorf("%s: %v allocations", src, got)
		}
	}
}

// TestReentrantEvaluation evaluates inside of Load, as lazily mapped inputs do.
func TestReentrantEvaluation(t *testing.T) {
	data := tagged(t, []byte(`{"li": [1, 2, 3]}`))
	inner := scope(data)
	p, err := Compile(parsed(t, "[x * 2 for x in li]"), inner)
	if err != nil {
		t.Fatal(err)
	}
	outer := &lazyScope{scopeOf: scope(data), p: p, inner: inner}
	q, err := Compile(parsed(t, "[sum(lazy) + x for x in li]"), outer)
	if err != nil {
		t.Fatal(err)
	}
	v, e := q.Eval(outer, nil)
	if e != nil || value.Repr(v) != "[13, 14, 15]" {
		t.Fatalf("%s, %v", value.Repr(v), e)
	}
}

type lazyScope struct {
	*scopeOf
	p     *Program
	inner *scopeOf
}

func (s *lazyScope) Load(slot int) value.Value {
	if s.names[slot] != "lazy" {
		return s.scopeOf.Load(slot)
	}
	v, e := s.p.Eval(s.inner, nil)
	if e != nil {
		return value.Missing
	}
	return v
}

// TestSecretsStaySecret: a handle can be handed on as a whole and nothing else.
func TestSecretsStaySecret(t *testing.T) {
	o := value.NewObject(2)
	o.Set("key", value.Secret("API_KEY"))
	o.Set("li", value.List([]value.Value{value.Secret("API_KEY")}))
	for _, src := range []string{"key", "[key]", "{'a': key}", "default(key, 1)", "key if true else 1", "isnone(key)"} {
		if _, err := evaluated(parsed(t, src), o.Value()); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
	for _, src := range []string{
		"str(key)", "key + 'x'", "'Bearer ' + key", "key == 'x'", "'x' in key", "key < 'x'", "join(',', [key])", "format(key, '')", "'{}'.format(key)", "upper(key)", "len(key)", "key[0]", "[x for x in key]", "','.join([key])", "str(li)", "li == ['x']", "list(key)", "'{k}'.format(k=li)", "replace('a', 'a', key)", "'%s' % key", "startswith(key, 'a')", "key in ['x']", "sorted([key, 'a'])", "max(key, 'a')",
	} {
		v, err := evaluated(parsed(t, src), o.Value())
		if err == nil {
			t.Logf("%s = %s", src, value.Repr(v))
			if s := value.Repr(v); v.Kind() == value.KindString || strings.Contains(s, "API_KEY") && v.Kind() != value.KindNull {
				t.Errorf("%s = %s", src, s)
			}
		}
	}
	for _, src := range []string{"Bearer {{ key }}", "{% set k %}Bearer {{ key }}{% endset %}{{ k }}", "{% set k %}Bearer {{ key }}{% endset %}{{ k | upper }}", "{{ key ~ '' }}", "{{ li | join }}", "{{ key | tojson }}", "{{ key | upper }}", "{{ '%s' | format(key) }}", "{{ li }}x", "{{ key | list }}", "{{ key | length }}", "{{ li | map('upper') | list }}", "{{ key | urlencode }}", "{{ {'a': key} | urlencode }}"} {
		if got := rendered(src, o.Value()); !strings.HasPrefix(got, "!") {
			t.Errorf("%s renders as %q", src, got)
		}
	}
}

// TestExamplesHold runs the examples of the documentation that name a result.
func TestExamplesHold(t *testing.T) {
	count := 0
	for _, docs := range [][]FuncDoc{Functions(), Filters(), Tests(), Methods("")} {
		for _, d := range docs {
			if d.Doc == "" && d.Refused == "" || d.Signature == "" {
				t.Errorf("%s is not documented", d.Name)
			}
			src, want, ok := strings.Cut(d.Example, " → ")
			if IsTemplate(src) {
				n, ds := ParseTemplate(Text{Src: src})
				if len(ds) > 0 {
					t.Errorf("%s: %s", src, ds[0].Message)
				}
				if ok {
					count++
					if got := rendered(src, value.Null); got != want {
						t.Errorf("%s renders as %q, not %q", src, got, want)
					}
				}
				_ = n
				continue
			}
			if d.Example == "" {
				continue
			}
			n := parsed(t, src)
			if ok {
				count++
				v, err := evaluated(n, value.Null)
				if err != nil || value.Repr(v) != want && value.Str(v) != want {
					t.Errorf("%s = %s, not %s (%v)", src, value.Repr(v), want, err)
				}
			}
		}
	}
	if count < 80 {
		t.Errorf("only %d examples name a result", count)
	}
}
