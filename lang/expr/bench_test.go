package expr

import (
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

var benchTexts = []struct{ name, src string }{
	{"path", "analyzer.result.score"},
	{"condition", "analyzer.result.score > 0.5 and order.status in ['open', 'paid']"},
	{"arithmetic", "round(order.total * (1 + order.tax), 2)"},
	{"comprehension", "[x.price * x.qty for x in order.lines if x.qty > 0]"},
	{"call", "default(order.note, 'none')"},
}

const benchData = `{"analyzer": {"result": {"score": 0.75}}, "order": {"status": "open", "total": 12.5, "tax": 0.2, "note": null,
 "lines": [{"price": 1.5, "qty": 2, "name": "a"}, {"price": 2.5, "qty": 1, "name": "b"}, {"price": 3.5, "qty": 0, "name": "c"}]}}`

const benchTemplate = `Order {{ order.status | upper }}: {% for l in order.lines %}{{ loop.index }}. {{ l.name }} x{{ l.qty }}{% if not loop.last %}, {% endif %}{% endfor %}
Total {{ order.total | round(2) }}{% if order.note %} ({{ order.note }}){% endif %}.`

func BenchmarkParse(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.src)))
			for b.Loop() {
				Parse(Text{Src: c.src})
			}
		})
	}
	b.Run("template", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchTemplate)))
		for b.Loop() {
			ParseTemplate(Text{Src: benchTemplate})
		}
	})
}

func benchScope(b *testing.B) *scopeOf {
	b.Helper()
	v, err := value.ParseJSON([]byte(benchData), value.JSONLimits{})
	if err != nil {
		b.Fatal(err)
	}
	return scope(v)
}

func BenchmarkEval(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			s := benchScope(b)
			n, _ := Parse(Text{Src: c.src})
			p, err := Compile(n, s)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var m Meter
			for b.Loop() {
				m.Steps, m.Bytes = 0, 0
				if _, e := p.Eval(s, &m); e != nil {
					b.Fatal(e)
				}
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	s := benchScope(b)
	n, _ := ParseTemplate(Text{Src: benchTemplate})
	p, err := CompileTemplate(n, s)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, e := p.Render(s, nil); e != nil {
			b.Fatal(e)
		}
	}
}

func BenchmarkTree(b *testing.B) {
	n, _ := ParseTemplate(Text{Src: benchTemplate})
	data := Encode(n)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Encode(n)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("refs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Refs(n)
		}
	})
	b.Run("compile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := CompileTemplate(n, &scopeOf{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("infer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Infer(n, Text{Src: benchTemplate}, nil)
		}
	})
}
