package expr

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

const jinjaData = `{"i": 7, "n": -3, "f": 2.675, "s": "Hello big World", "m": "line one\nline two\n\nlast", "e": "", "t": true, "off": false, "nil": null,
  "li": [3, 1, 2], "ls": ["b", "A", "c", "B"], "ll": [[1, 2], [3, 4]], "empty": [], "o": {"b": 1, "A": {"c": "x"}, "a": [1, 2]},
  "users": [{"name": "Bob", "age": 30, "city": "Rome", "ok": true}, {"name": "amy", "age": 25, "city": "oslo", "ok": false}, {"name": "Cy", "age": 30, "city": "Oslo", "ok": true}],
  "html": "<p>a &amp; b</p> <!-- no --> <b>c</b>", "url": "a b/ü?&=", "long": "the quick brown fox jumps over the lazy dog and runs-away quickly"}`

// jinjaPieces are expressions and statements that the generator combines; their
// results are what Jinja users rely on.
var jinjaPieces = []string{
	"{{ i }}", "{{ s }}", "{{ nil }}", "{{ t }}", "{{ f }}", "{{ li }}", "{{ o }}", "{{ i + n }}", "{{ i / 2 }}", "{{ i // 2 }}", "{{ i % 3 }}", "{{ 2 ** 3 }}",
	"{{ s ~ i ~ nil }}", "{{ i ~ n + 1 | abs }}", "{{ -n | abs }}", "{{ n | abs + 1 }}", "{{ 'a' if t else 'b' }}", "{{ 'a' if off }}|", "{{ 'a' if off else 'b' }}", "{{ t and 'x' }}", "{{ e or 'y' }}",
	"{{ not t }}", "{{ i > 3 and n < 0 }}", "{{ 1 < i < 10 }}", "{{ 'b' in ls }}", "{{ 'z' not in ls }}", "{{ i in li }}", "{{ li[0] }}", "{{ li[-1] }}", "{{ li[1:] }}", "{{ s[:5] }}", "{{ s[::-1] }}",
	"{{ o.b }}", "{{ o['A'].c }}", "{{ o.A['c'] }}", "{{ ll.0.1 }}", "{{ li.0 }}", "{{ users[0].name }}", "{{ (1, 2) }}", "{{ 1, 2 }}", "{{ {'a': 1, 'b': [2]} }}", "{{ {'a': {'b': 1}}.a.b }}",
	"{{ s | upper }}", "{{ s | lower }}", "{{ s | title }}", "{{ 'o\\'neil-smith (mc donald)' | title }}", "{{ s | capitalize }}", "{{ '' | capitalize }}", "{{ '  x ' | trim }}", "{{ 'xxaxx' | trim('x') }}", "{{ s | replace('l', 'L') }}", "{{ s | replace('l', 'L', 1) }}",
	"{{ s | length }}", "{{ li | count }}", "{{ o | length }}", "{{ s | wordcount }}", "{{ m | wordcount }}", "{{ s | reverse }}", "{{ li | reverse | list }}", "{{ s | list }}", "{{ ls | join(', ') }}", "{{ li | join }}", "{{ users | join(' ', attribute='name') }}",
	"{{ li | sort }}", "{{ ls | sort }}", "{{ ls | sort(case_sensitive=true) }}", "{{ li | sort(reverse=true) }}", "{{ users | sort(attribute='age') | map(attribute='name') | join(',') }}", "{{ users | sort(attribute='age,name') | map(attribute='name') | join(',') }}",
	"{{ li | sum }}", "{{ users | sum(attribute='age') }}", "{{ li | sum(start=10) }}", "{{ li | max }}", "{{ ls | min }}", "{{ ls | max }}", "{{ users | max(attribute='age') }}", "{{ li | first }}", "{{ li | last }}", "{{ s | first }}", "{{ s | last }}",
	"{{ ls | unique | list }}", "{{ users | unique(attribute='city') | map(attribute='name') | list }}", "{{ li | batch(2) | list }}", "{{ li | batch(2, 0) | list }}", "{{ li | slice(2) | list }}", "{{ li | slice(2, 'x') | list }}", "{{ o | dictsort }}", "{{ {'b': 2, 'a': 3} | dictsort(by='value') }}", "{{ o | items | list }}",
	"{{ users | map(attribute='name') | list }}", "{{ ls | map('upper') | list }}", "{{ users | map(attribute='x', default=0) | list }}", "{{ li | map('string') | join('-') }}", "{{ li | select('odd') | list }}", "{{ li | reject('odd') | list }}", "{{ li | select('gt', 1) | list }}", "{{ [0, 1, '', 'x'] | select | list }}", "{{ [0, 1, '', 'x'] | reject | list }}",
	"{{ users | selectattr('ok') | map(attribute='name') | list }}", "{{ users | rejectattr('ok') | map(attribute='name') | list }}", "{{ users | selectattr('age', 'ge', 30) | map(attribute='name') | join(' ') }}", "{{ users | selectattr('city', 'in', ['Rome']) | map(attribute='name') | list }}", "{{ li | select('in', [1, 2]) | list }}",
	"{% for g, us in users | groupby('city') %}{{ g }}:{{ us | map(attribute='name') | join('+') }};{% endfor %}", "{% for g in users | groupby('age') %}{{ g.grouper }}={{ g.list | length }} {% endfor %}",
	"{{ f | round }}", "{{ f | round(2) }}", "{{ f | round(1, 'ceil') }}", "{{ f | round(1, 'floor') }}", "{{ i | round }}", "{{ i | round(0, 'floor') }}", "{{ '42' | int }}", "{{ '4.9' | int }}", "{{ 'x' | int }}", "{{ 'x' | int(5) }}", "{{ '0x1f' | int(0, 16) }}", "{{ f | int }}", "{{ '2.5' | float }}", "{{ 'x' | float(1.5) }}", "{{ i | float }}", "{{ i | string }}", "{{ f | string | length }}",
	"{{ missing | default('d') }}", "{{ missing | d }}", "{{ i | default('d') }}", "{{ e | default('d') }}", "{{ e | default('d', true) }}", "{{ off | default('d', boolean=true) }}", "{{ o.zzz | default('none') }}",
	"{{ missing is defined }}", "{{ i is defined }}", "{{ missing is undefined }}", "{{ nil is none }}", "{{ i is none }}", "{{ s is string }}", "{{ i is number }}", "{{ t is number }}", "{{ t is integer }}", "{{ i is integer }}", "{{ f is float }}", "{{ o is mapping }}", "{{ li is sequence }}", "{{ o is sequence }}", "{{ s is iterable }}", "{{ i is iterable }}", "{{ t is boolean }}", "{{ t is true }}", "{{ off is false }}", "{{ i is even }}", "{{ i is odd }}", "{{ i is divisibleby 7 }}", "{{ i is divisibleby(2) }}", "{{ i is not odd }}", "{{ i is eq 7 }}", "{{ i is ge(8) }}", "{{ 'ABC' is upper }}", "{{ s is lower }}", "{{ i is in [7] }}", "{{ not i is none }}", "{{ nil is sameas none }}",
	"{{ html | escape }}", "{{ html | e }}", "{{ html | striptags }}", "{{ url | urlencode }}", "{{ {'q': 'a b/c', 'n': 1} | urlencode }}", "{{ [['a', 1], ['b c', 2]] | urlencode }}", "{{ o | tojson }}", "{{ li | tojson(indent=2) }}", "{{ 'ä\"<' | tojson }}",
	"{{ m | indent }}", "{{ m | indent(2, true) }}", "{{ m | indent(2, blank=true) }}", "{{ m | indent('> ', true, true) }}", "{{ long | truncate(20) }}", "{{ long | truncate(20, true) }}", "{{ long | truncate(20, true, '') }}", "{{ long | truncate(60, leeway=10) }}", "{{ long | wordwrap(15) }}", "{{ long | wordwrap(8) }}", "{{ long | wordwrap(5, false) }}", "{{ m | wordwrap(6, wrapstring='|') }}", "{{ 'aaaaaaaaaa-bbbbb' | wordwrap(6) }}", "{{ 'aaaa-bbbb-cc' | wordwrap(6, break_on_hyphens=false) }}",
	"{{ '%s: %d' | format('a', 1) }}", "{{ '%05.1f|%-5s|' | format(f, s) }}", "{{ '%(a)s!' | format(a='x') }}", "{{ 1500 | filesizeformat }}", "{{ 1 | filesizeformat }}", "{{ 3000000 | filesizeformat(true) }}",
	"{{ s.upper() }}", "{{ s.split(' ') }}", "{{ o.keys() | list }}", "{{ o.get('q', 'dd') }}", "{{ ', '.join(ls) }}", "{{ '{}-{}'.format(1, 2) }}", "{{ range(3) | list }}", "{{ dict(a=1).a }}", "{{ s.startswith('He') }}",
	"{% if t %}yes{% endif %}", "{% if off %}no{% else %}else{% endif %}", "{% if off %}a{% elif i == 7 %}b{% else %}c{% endif %}", "{% if missing is defined %}a{% endif %}", "{% if li %}{{ li | length }}{% endif %}", "{% if not empty %}empty{% endif %}",
	"{% for x in li %}{{ x }}{% endfor %}", "{% for x in empty %}x{% else %}nothing{% endfor %}", "{% for x in li %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last else '' }}{% endfor %}", "{% for x in li if x > 1 %}{{ loop.index0 }}{{ x }} {% endfor %}", "{% for k, v in o.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in o %}{{ k }}{% endfor %}", "{% for c in 'abc' %}{{ loop.revindex }}{{ c }}{% endfor %}", "{% for r in ll %}{% for x in r %}{{ loop.index }}{{ x }}{% endfor %}|{% endfor %}", "{% for x in li %}{{ loop.cycle('odd', 'even') }} {% endfor %}", "{% for x in [1, 1, 2] %}{{ loop.changed(x) }} {% endfor %}", "{% for x in li %}{{ loop.first }}{{ loop.previtem is defined }}{{ loop.nextitem | default('-') }} {% endfor %}", "{% for x in range(3) %}{{ x }}{% endfor %}",
	"{% set v = i + 1 %}{{ v }}", "{% set v = 1 %}{% if t %}{% set v = 2 %}{% endif %}{{ v }}", "{% set v = 1 %}{% for x in li %}{% set v = x %}{% endfor %}{{ v }}", "{% set v %}block {{ i }}{% endset %}[{{ v }}]", "{% for x in li %}{% set y = x * 2 %}{{ y }},{% endfor %}", "{% if off %}{% set w = 1 %}{% endif %}{{ w | default('unset') }}", "{% set a = li %}{% for a in a %}{{ a }}{% endfor %}{{ a }}",
	"{# comment #}", "a {#- gone -#} b", "{% raw %}{{ raw }} {% if %}{% endraw %}", "{{ '}}' }}", "{{ '{{' }}", "{{ \"{%\" }}", "  {{- i -}}  ", "\n{%- if t -%}\n x \n{%- endif -%}\n", " {%+ if t +%} y {% endif %}", "{ }", "{ {", "%} }}", "text\n", "  ", "é ",
	"{{ i\n  + 1 }}", "{{ 'a' 'b' }}", "{{ 1_000 }}", "{{ 1.5e3 }}", "{{ none }}", "{{ True }} {{ true }}", "{{ [] }}", "{{ {} }}", "{{ () }}", "{{ [1, 2,] }}", "{{ i if i else n }}", "{{ (i) }}", "{{ 'it\\'s' }}", "{{ 'a\\nb' }}", "{{ missing }}", "{{ o.zzz }}", "{{ li | nosuch }}", "{{ s + 1 }}", "{{ li[9] }}", "{{ 1 / 0 }}", "{{ empty | first }}",
}

// jinjaTemplates are every piece alone, and n random sequences of them.
func jinjaTemplates(n int) []string {
	r := rand.New(rand.NewPCG(5, 6))
	templates := append([]string(nil), jinjaPieces...)
	for range n {
		var b strings.Builder
		for range 1 + r.IntN(4) {
			p := jinjaPieces[r.IntN(len(jinjaPieces)-7)] // without those that fail
			switch r.IntN(6) {
			case 0:
				p = "{% if " + []string{"t", "off", "i > 3", "li"}[r.IntN(4)] + " %}" + p + "{% endif %}"
			case 1:
				p = "{% for q in " + []string{"li", "empty", "'ab'"}[r.IntN(3)] + " %}" + p + "{% endfor %}"
			case 2:
				p = " " + p + "\n"
			}
			b.WriteString(p)
		}
		templates = append(templates, b.String())
	}
	return templates
}

// recorded is what Jinja made of a template: its text, or ! and the exception.
type recorded struct{ Template, Text string }

const jinjaGolden = "testdata/golden/jinja.jsonl"

// TestJinjaRecorded compares templates with what Jinja made of them when the
// golden file was written, so that it need not be installed.
func TestJinjaRecorded(t *testing.T) {
	if *update {
		t.Skip("the results are being recorded anew")
	}
	file, err := os.ReadFile(jinjaGolden)
	if err != nil {
		t.Fatal(err)
	}
	data := tagged(t, []byte(jinjaData))
	count := 0
	for line := range bytes.Lines(file) {
		var want recorded
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		count++
		got := rendered(want.Template, data)
		if got != want.Text && !(strings.HasPrefix(want.Text, "!") && strings.HasPrefix(got, "!")) {
			t.Errorf("%q\n  got  %q\n  want %q", want.Template, got, want.Text)
		}
	}
	if count < len(jinjaPieces) {
		t.Errorf("only %d templates are recorded", count)
	}
}

// TestJinjaAgrees compares templates with Jinja2, if it is installed: every
// piece alone, and random sequences of them.
func TestJinjaAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	if exec.Command(python, "-c", "import jinja2").Run() != nil {
		t.Skip("the Python package jinja2 is not installed")
	}
	templates := jinjaTemplates(1200)
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, s := range templates {
		enc.Encode(map[string]any{"t": s, "d": json.RawMessage(jinjaData)})
	}
	ctx, cancel := context.WithTimeout(t.Context(), oracleTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "testdata/jinja.py")
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.String())
	}
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 16<<20)
	data := tagged(t, []byte(jinjaData))
	var golden bytes.Buffer
	record := json.NewEncoder(&golden)
	record.SetEscapeHTML(false)
	bad := 0
	for i := 0; sc.Scan(); i++ {
		var want string
		if err := json.Unmarshal(sc.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if i < len(jinjaPieces)+200 {
			record.Encode(recorded{templates[i], want})
		}
		got := rendered(templates[i], data)
		same := got == want || strings.HasPrefix(want, "!") && strings.HasPrefix(got, "!")
		if !same {
			if bad++; bad <= 40 {
				t.Errorf("%q\n  got  %q\n  want %q", templates[i], got, want)
			}
		}
	}
	t.Logf("%d templates, %d differ", len(templates), bad)
	if *update {
		if err := os.WriteFile(jinjaGolden, golden.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInferAcceptsWhatRenders infers the templates that render from the types of
// their data: none may have an error.
func TestInferAcceptsWhatRenders(t *testing.T) {
	data := tagged(t, []byte(jinjaData))
	o, _ := data.Object()
	for _, src := range jinjaPieces {
		n, ds := ParseTemplate(Text{Src: src})
		if len(ds) > 0 || strings.HasPrefix(rendered(src, data), "!") {
			continue
		}
		_, ds = Infer(n, Text{Src: src}, dataScope{o})
		for _, d := range ds {
			if d.Severity == diag.Error {
				t.Errorf("%q renders, but: %s", src, d.Message)
			}
		}
	}
}

// rendered is the text of a template, or ! and the reason.
func rendered(src string, data value.Value) string {
	n, ds := ParseTemplate(Text{Src: src})
	if len(ds) > 0 {
		return "!" + ds[0].Message
	}
	s := scope(data)
	p, err := CompileTemplate(n, s)
	if err != nil {
		return "!" + err.Error()
	}
	text, e := p.Render(s, nil)
	if e != nil {
		return fmt.Sprintf("!%v", e)
	}
	return text
}
