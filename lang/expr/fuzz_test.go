package expr

import (
	"bytes"
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// seeds are texts of all tests, for the fuzzers to start from.
func seeds(f *testing.F) {
	for _, s := range jinjaPieces {
		f.Add(s)
	}
	for _, s := range samples(40, 200) {
		f.Add(s)
	}
	for _, s := range []string{"a.", "len(", "x if ", "{{ {'a': 1 }}", "{% for", "{#", "{% raw %}", "'\\", "a\xff", "{{ '\xff' }}", "(((((", "$", "{%- set x", "a if b if c", "\"\"\"", "1_", "{{{{}}}}", "not not not", "[x for x in", "{{0( for", "f( for", "[ for x in y]", "{ for", "( for"} {
		f.Add(s)
	}
}

// check looks at a tree from any text: spans nest, it has an encoding, and
// without diagnostics it prints as itself and compiles.
func check(t *testing.T, src string, n Node, faults int, again func(string) (Node, int)) {
	checkSpans(t, src, n, true)
	m, err := Decode(Encode(n))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	if !bytes.Equal(Encode(m), Encode(n)) {
		t.Fatalf("%q: comes back as %q", src, Print(m))
	}
	bad := false
	Walk(n, func(m Node) bool {
		_, b := m.(*Bad)
		bad = bad || b
		return true
	})
	if bad && faults == 0 {
		t.Fatalf("%q: a Bad node without a diagnostic: %s", src, Print(n))
	}
	Refs(n)
	Infer(n, Text{Src: src}, nil)
	if faults > 0 {
		return
	}
	back, faults := again(Print(n))
	if faults > 0 || !bytes.Equal(Shape(back), Shape(n)) {
		t.Fatalf("%q: prints as %q, which reads as %q", src, Print(n), Print(back))
	}
	s := scope(value.Null)
	p, err := Compile(n, s)
	if err != nil {
		t.Fatalf("%q: parses without a fault, but does not compile: %v", src, err)
	}
	began := time.Now()
	v, e := p.Eval(s, &Meter{MaxSteps: 100_000, MaxBytes: 32 << 20})
	if d := time.Since(began); d > 10*time.Second {
		t.Fatalf("%q: took %v", src, d)
	}
	if e != nil && (e.Kind == 0 || e.Msg == "" || e.Span.Start < 0 || int(e.Span.End) > len(src)) {
		t.Fatalf("%q: error %+v", src, e)
	}
	if e == nil && v.IsMissing() {
		t.Fatalf("%q: the value is missing", src)
	}
}

func FuzzExpression(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		parse := func(s string) (Node, int) {
			n, ds := Parse(Text{Src: s})
			return n, len(ds)
		}
		n, faults := parse(src)
		check(t, src, n, faults, parse)
	})
}

func FuzzMapping(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		parse := func(s string) (Node, int) {
			n, ds := ParseMapping(Text{Src: s})
			return n, len(ds)
		}
		n, faults := parse(src)
		check(t, src, n, faults, parse)
	})
}

func FuzzTemplate(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		parse := func(s string) (Node, int) {
			n, ds := ParseTemplate(Text{Src: s})
			return n, len(ds)
		}
		n, faults := parse(src)
		check(t, src, n, faults, parse)
		if !IsTemplate(src) && (faults > 0 || utf8.ValidString(src) && rendered(src, value.Null) != src) {
			t.Fatalf("%q is no template, but does not render as itself", src)
		}
	})
}

func FuzzScanner(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		sc := scanner{src: src, end: len(src), comments: true}
		end := int32(0)
		for {
			tok := sc.next()
			if tok.start < end || tok.end < tok.start || int(tok.end) > len(src) {
				t.Fatalf("%q: token %+v after %d", src, tok, end)
			}
			if tok.kind == tokEOF {
				return
			}
			if tok.end == tok.start {
				t.Fatalf("%q: empty token at %d", src, tok.start)
			}
			end = tok.end
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range jinjaPieces {
		n, _ := ParseTemplate(Text{Src: s})
		b := Encode(n)
		f.Add(b[1 : len(b)-4])
	}
	f.Add(AppendType(nil, AnyDict))
	f.Add([]byte("\x0400\x0400\x0300\x010\x01000\x01000"))     // a field that cannot be there, without its text
	f.Add([]byte{byte(TypeSet), flagItems | flagFields, 0, 0}) // fields that are none
	f.Fuzz(func(t *testing.T, b []byte) {
		// with the right checksum, so that the decoder itself is met
		b = seal(append([]byte{codecVersion}, b...))
		n, err := Decode(b)
		if err == nil {
			if !bytes.Equal(Encode(n), b) {
				t.Fatalf("%x decodes to %q, which encodes as %x", b, Print(n), Encode(n))
			}
			Refs(n)
			Print(n)
			s := scope(value.Null)
			if p, err := Compile(n, s); err == nil {
				p.Eval(s, &Meter{MaxSteps: 10_000, MaxBytes: 1 << 20})
			}
			Infer(n, Text{}, nil)
		} else if !errors.Is(err, ErrCodec) {
			t.Fatal(err)
		}
		if typ, err := DecodeType(b); err == nil {
			if !bytes.Equal(EncodeType(typ), b) {
				t.Fatalf("%x decodes to %s, which encodes as %x", b, typ, EncodeType(typ))
			}
			typ.Check(value.Int(1))
			typ.Coerce(value.String("1"))
			ToJSONSchema(typ)
		}
	})
}

func FuzzSchema(f *testing.F) {
	for _, s := range []string{inferScope, `{"type": "object", "properties": {"a": {"type": ["string", "null"], "minLength": 1}}, "required": ["a"]}`, `{"x": "currency", "y": "list[int]?", "z": {"type": "str", "default": "d"}}`} {
		f.Add(s, `{"a": "x", "x": "$1,200.50", "y": [1, "2"]}`)
	}
	f.Fuzz(func(t *testing.T, schema, data string) {
		s, err := value.ParseJSON([]byte(schema), value.JSONLimits{})
		if err != nil {
			return
		}
		typ, err := TypeFromSchema(s, nil)
		if err != nil {
			return
		}
		if back, err := DecodeType(EncodeType(typ)); err != nil || !EqualTypes(back, typ) {
			t.Fatalf("%s: %s comes back as %s: %v", schema, typ, back, err)
		}
		again, err := TypeFromSchema(ToJSONSchema(typ), nil)
		if err != nil {
			t.Fatalf("%s: its JSON Schema cannot be read: %v", schema, err)
		}
		v, err := value.ParseJSON([]byte(data), value.JSONLimits{})
		if err != nil {
			return
		}
		out, wrong := typ.Coerce(v)
		if len(wrong) == 0 {
			if more := typ.Check(out); len(more) > 0 {
				t.Fatalf("%s: coerced %s has faults: %v", schema, data, more)
			}
			if _, w := typ.Coerce(out); len(w) > 0 {
				t.Fatalf("%s: coerced twice: %v", schema, w)
			}
		}
		_ = again
	})
}
