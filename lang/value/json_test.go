package value

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestJSONErrorsNameTheirByte(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		msg    string
	}{
		{``, 0, "expected a value, found end of text"},
		{`  `, 2, "expected a value, found end of text"},
		{`{"a":1,}`, 7, "expected a key in double quotes, found '}'"},
		{`[1,]`, 3, "expected a value, found ']'"},
		{`[1 2]`, 3, "expected ',' or ']', found '2'"},
		{`{"a":1 "b":2}`, 7, "expected ',' or '}', found '\"'"},
		{`{"a" 1}`, 5, "expected ':', found '1'"},
		{`{"a":1,"b":2,"a":3}`, 13, "the key 'a' appears twice"},
		{`{"é":1,"é":2}`, 8, "the key 'é' appears twice"},
		{`[tru]`, 1, "expected a value, found 't'"},
		{`nulll`, 4, "unexpected 'l' after the end of the value"},
		{`01`, 0, "a number must not begin with 0"},
		{`-`, 1, "expected a digit, found end of text"},
		{`[-x]`, 2, "expected a digit, found 'x'"},
		{`1.`, 2, "expected a digit after the point, found end of text"},
		{`1e+`, 3, "expected a digit in the exponent, found end of text"},
		{`[1e999]`, 1, "the number is too large for a float"},
		{`"abc`, 0, "the string is not closed"},
		{`"abc\`, 0, "the string is not closed"},
		{`"\n` + "\n" + `"`, 3, "control character 0x0a in a string; escape it"},
		{`"a\q"`, 2, `unknown escape \q`},
		{`"\u12g4"`, 1, `\u needs four hexadecimal digits`},
		{`"\ud83d"`, 1, `\ud83d is half of a surrogate pair`},
		{`"\ude00\ud83d"`, 1, `\ude00 is half of a surrogate pair`},
		{"\"ab\xff\"", 3, "byte 0xff is not UTF-8"},
		{"\"\\n\xc3\"", 3, "byte 0xc3 is not UTF-8"},
		{"\ufeff1", 0, `expected a value, found '\ufeff'`},
		{`NaN`, 0, "expected a value, found 'N'"},
		{`'a'`, 0, `expected a value, found '\''`},
	} {
		_, err := ParseJSON([]byte(c.text), JSONLimits{})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v", c.text, err)
			continue
		}
		if e.Kind != ValueError || e.Offset != c.offset || !strings.HasPrefix(e.Msg, "invalid JSON: "+c.msg+" at byte ") {
			t.Errorf("%s: got %v with offset %d, want %q with offset %d", c.text, e, e.Offset, c.msg, c.offset)
		}
	}
}

func TestJSONLimits(t *testing.T) {
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	for _, c := range []struct {
		name, text string
		lim        JSONLimits
		offset     int // -1 when it is within the limits
	}{
		{"bytes at the limit", `[1,2]`, JSONLimits{MaxBytes: 5}, -1},
		{"bytes", `[1,2]`, JSONLimits{MaxBytes: 4}, 4},
		{"depth at the limit", deep, JSONLimits{MaxDepth: 200}, -1},
		{"depth", deep, JSONLimits{MaxDepth: 199}, 199},
		{"depth of objects", `{"a":{"b":{}}}`, JSONLimits{MaxDepth: 2}, 10},
		{"default depth", strings.Repeat("[", 1_000_000), JSONLimits{}, MaxDepth},
		{"items at the limit", `[1,2]`, JSONLimits{MaxItems: 3}, -1},
		{"items", `[1,2]`, JSONLimits{MaxItems: 2}, 3},
		{"keys are items", `{"a":1}`, JSONLimits{MaxItems: 2}, 5},
		{"digits", "[" + strings.Repeat("1", MaxIntDigits+1) + "]", JSONLimits{}, 1},
		{"digits at the limit", "[" + strings.Repeat("1", MaxIntDigits) + "]", JSONLimits{}, -1},
	} {
		_, err := ParseJSON([]byte(c.text), c.lim)
		var e *Error
		switch {
		case c.offset < 0:
			if err != nil {
				t.Errorf("%s: got %v", c.name, err)
			}
		case !errors.As(err, &e) || e.Kind != LimitError || e.Offset != c.offset:
			t.Errorf("%s: got %v, want a LimitError at %d", c.name, err, c.offset)
		}
	}
}

func TestJSONReplacesLoneSurrogatesWhenTold(t *testing.T) {
	v, err := ParseJSON([]byte(`"a\ud83d\ud83d\ude00\ude00\ud83dx"`), JSONLimits{ReplaceLoneSurrogates: true})
	if want := "a\ufffd😀\ufffd\ufffdx"; err != nil || !Equal(v, String(want)) {
		t.Errorf("got %s, %v, want %q", Repr(v), err, want)
	}
}

func TestJSONKeepsOrderAndNumbers(t *testing.T) {
	const text = `{"z":1,"a":[1.0,1e+22,-0.0,123456789012345678901234567890,1e-07],"m":{"k":null,"b":true}}`
	v, err := ParseJSON([]byte(text), JSONLimits{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := AppendJSON([]byte("x"), v)
	if err != nil || string(out) != "x"+text {
		t.Errorf("got %s, %v\nwant x%s", out, err, text)
	}
}

func TestJSONOfOtherTypes(t *testing.T) {
	keys := NewObject(0)
	for _, k := range []Value{True, Null, Int(7), Float(0.5), String("s")} {
		keys.SetKey(k, Int(1))
	}
	at := time.Date(2024, 2, 29, 12, 30, 0, 5000, time.FixedZone("", 3600))
	for _, c := range []struct {
		v    Value
		want string
	}{
		{keys.Value(), `{"true":1,"null":1,"7":1,"0.5":1,"s":1}`},
		{Tuple([]Value{Int(1), mustSet(Int(2))}), `[1,[2]]`},
		{Range(3, 0, -1), `[3,2,1]`},
		{mustDecimal("1.10"), `"1.10"`},
		{Datetime(at), `"2024-02-29T12:30:00.000005"`},
		{AwareDatetime(at), `"2024-02-29T12:30:00.000005+01:00"`},
		{String("\x00\x1f\"\\/<&\u2028é😀\x7f"), "\"\\u0000\\u001f\\\"\\\\/<&\u2028é😀\x7f\""},
		{List(nil), `[]`},
		{NewObject(0).Value(), `{}`},
	} {
		out, err := AppendJSON(nil, c.v)
		if err != nil || string(out) != c.want {
			t.Errorf("%s: got %s, %v, want %s", Repr(c.v), out, err, c.want)
		}
	}
}

func TestWhatHasNoJSON(t *testing.T) {
	twins := NewObject(0)
	twins.Set("1", Null)
	twins.SetKey(Int(1), Null)
	tuple := NewObject(0)
	tuple.SetKey(Tuple(nil), Null)
	for _, c := range []struct {
		v    Value
		kind ErrorKind
	}{
		{Float(math.NaN()), ValueError},
		{List([]Value{Float(math.Inf(-1))}), ValueError},
		{Missing, TypeError},
		{dict("key", Secret("TOKEN")), TypeError},
		{twins.Value(), ValueError},
		{tuple.Value(), TypeError},
	} {
		if out, err := AppendJSON(nil, c.v); !Is(err, c.kind) {
			t.Errorf("%s: got %s, %v, want a %s", Repr(c.v), out, err, c.kind)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9"],"b":null}`, `[[[]]]`, `"\ud83d\ude00"`, `-0`, `1e5`, `{"a":1,"a":2}`, "\"\xff\"", `123456789012345678901234567890`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ParseJSON(data, JSONLimits{})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(data) {
				t.Fatalf("error %v with offset %d of %d", err, e.Offset, len(data))
			}
			return
		}
		out, err := AppendJSON(nil, v)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		back, err := ParseJSON(out, JSONLimits{})
		if err != nil || !same(v, back) {
			t.Fatalf("%s came back from %s as %s, %v", Repr(v), out, Repr(back), err)
		}
	})
}
