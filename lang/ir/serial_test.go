package ir

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"hexdag.dev/hexdag/lang/value"
)

// sample is a small program over every construct that Verify looks at.
func sample() *Program {
	at := func(line int) Place {
		return Place{File: 0, Line: line, Column: 3, Offset: line * 10, EndLine: line, EndCol: 9, EndOff: line*10 + 6}
	}
	constant := func(v value.Value) Expr { return Expr{Mode: ModeConst, Const: v} }
	return &Program{
		Version: Version, Kind: "Pipeline", Name: "sample", Files: []string{"a/b.yaml", "inc.yaml"}, Origin: at(1),
		Effective: Effective{
			Kernel: []Setting{{Name: MaxConcurrentNodes, Value: value.Int(10), From: []Source{{Layer: "built-in", At: Place{File: -1}}}},
				{Name: DefaultNodeTimeout, Value: value.Int(1_500_000_000)}},
			Limits: []Setting{{Name: MaxLLMCalls, Value: value.Int(30), From: []Source{{Layer: "pipeline", At: at(4), Note: "set", Value: value.Int(30)}}}},
			Caps:   Caps{Allow: []string{"llm"}, Deny: []string{}},
		},
		Ports:  []Port{{Name: "llm", Type: "llm", Adapter: "mock", Config: value.List([]value.Value{value.String("x")}), Cap: "llm", Origin: at(6)}},
		Code:   []Code{{Lang: "starlark", File: "f.star", Text: "def f(x): return x", Hash: "00"}},
		Env:    []EnvUse{{Name: "HOME", Digest: "00"}},
		Inputs: []Input{{Name: "question", Required: true, Uses: []Place{at(9)}}},
		Body: Body{Nodes: []Node{
			{ID: "a", Name: "a", Kind: "llm_node", Origin: at(8), Single: -1, Attempts: 3, Backoff: 2, RetryDelay: 1e9, RetryOn: []string{},
				Ports: []PortUse{{Port: 0, Name: "llm", Cap: "llm"}},
				LLM: &LLM{Port: PortUse{Port: 0, Name: "llm", Cap: "llm"}, Messages: []Message{
					{Role: "user", Text: constant(value.String("hello"))}}}},
			{ID: "b", Name: "b", Kind: "composite_node", Origin: at(20), Single: 0, Attempts: 1,
				Edges: []Edge{{Node: 0, Class: EdgeData, Why: []string{"reference"}, Reads: []Place{at(22)}}},
				Composite: &Composite{Mode: ModeForEach, Concurrency: 2, Items: &Expr{Mode: ModeConst, Const: value.List([]value.Value{value.Int(1)})},
					Body: &Body{Nodes: []Node{{ID: "b/[body]/c", Name: "c", Kind: "function_node", Single: -1, Attempts: 1,
						Mapped: true, Mapping: []Binding{{Name: "n", Expr: constant(value.Float(0.5))}},
						Function: &Function{Scheme: "star", Name: "f", Code: 0}}}}}},
			{ID: "d", Name: "d", Kind: "data_node", Single: -1, Attempts: 1, Edges: []Edge{{Node: 1, Class: EdgeWait}},
				Data: &Data{Output: []Binding{{Name: "k", Expr: Expr{Mode: ModeObject, Keys: []string{"x"}, Items: []Expr{constant(value.True)}}}}}},
		}},
		Output: []OutputField{{Name: "answer", Node: 0, Path: []string{"text"}, At: at(40)}},
	}
}

func TestEncodeAndDecodeKeepEverything(t *testing.T) {
	p := sample()
	data := Encode(p)
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := Encode(got); !bytes.Equal(data, again) {
		t.Error("a decoded program is not encoded to the same bytes")
	}
	if got.Body.Nodes[0].RetryOn == nil || got.Body.Nodes[1].RetryOn != nil {
		t.Error("an empty list and no list are confused")
	}
	if got.Effective.Caps.Deny == nil {
		t.Error("an empty list of capabilities was lost")
	}
}

// TestEveryFieldIsEncoded gives every field of every type a value of its own and
// expects it back, so that a new field cannot be forgotten by the codec.
func TestEveryFieldIsEncoded(t *testing.T) {
	p := new(Program)
	filler{n: new(int64)}.fill(reflect.ValueOf(p).Elem(), 0)
	e := encoder{}
	data := e.appendStruct(nil, reflect.ValueOf(p).Elem())
	r := &reader{data: data, left: 1 << 40}
	got := new(Program)
	decoder{r: r}.readStruct(reflect.ValueOf(got).Elem(), 0)
	if r.err != nil {
		t.Fatal(r.err)
	}
	equal(t, "Program", reflect.ValueOf(p).Elem(), reflect.ValueOf(got).Elem())
	mode, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, MaxNestedLevels: 1000}.DecMode()
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := mode.Unmarshal(data, &tree); err != nil {
		t.Fatalf("another CBOR library does not accept the encoding: %v", err)
	}
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	if theirs, err := enc.Marshal(tree); err != nil || !bytes.Equal(theirs, data) {
		t.Errorf("another CBOR library encodes the same data differently (%v)", err)
	}
}

type filler struct{ n *int64 }

func (f filler) fill(v reflect.Value, depth int) {
	*f.n++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(*f.n * 37 * int64(1-2*(*f.n%2)))
	case reflect.Uint8:
		v.SetUint(uint64(*f.n%250 + 1))
	case reflect.Float64:
		v.SetFloat(float64(*f.n) / 3)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *f.n))
	case reflect.Pointer:
		if depth > 7 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth+1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(fmt.Sprintf("bytes %d", *f.n)))
			return
		}
		if depth > 7 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), depth+1)
	case reflect.Struct:
		if v.Type() == valueType {
			v.Set(reflect.ValueOf(value.Int(*f.n)))
			return
		}
		for i := range v.NumField() {
			f.fill(v.Field(i), depth+1)
		}
	}
}

func equal(t *testing.T, path string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				t.Errorf("%s is lost", path)
			}
			return
		}
		equal(t, path, a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			t.Errorf("%s has %d items instead of %d", path, b.Len(), a.Len())
			return
		}
		for i := range a.Len() {
			equal(t, path+"[]", a.Index(i), b.Index(i))
		}
	case reflect.Struct:
		if x, ok := a.Interface().(value.Value); ok {
			if !value.Equal(x, b.Interface().(value.Value)) {
				t.Errorf("%s differs", path)
			}
			return
		}
		for i := range a.NumField() {
			equal(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	default:
		if a.Interface() != b.Interface() {
			t.Errorf("%s is %v instead of %v", path, b, a)
		}
	}
}

// reseal gives data a header whose hash fits, as an attacker would.
func reseal(data []byte) []byte {
	if len(data) >= headerSize {
		copy(data, magic)
		binary.BigEndian.PutUint32(data[len(magic):], Version)
		sum := checksum(data)
		copy(data[headerSize-sha256.Size:], sum[:])
	}
	return data
}

func TestDecodeRefusesWhatEncodeNeverWrote(t *testing.T) {
	good := Encode(sample())
	body := func(hexBody string) []byte { return reseal(append(make([]byte, headerSize), hexBody...)) }
	otherVersion := bytes.Clone(good)
	otherVersion[len(magic)+3] = 99
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":                  {nil, "not a compiled program"},
		"a manifest":               {[]byte("kind: Pipeline\nmetadata: {name: a}\nspec: {nodes: []}\n"), "`hexc build` makes one"},
		"a cut header":             {good[:20], "cut off"},
		"a cut body":               {good[:len(good)/2], "damaged"},
		"another version":          {otherVersion, "format 99"},
		"a flipped bit":            {flipped, "does not have the hash"},
		"more after the end":       {reseal(append(bytes.Clone(good), 0xa0)), "goes on after its end"},
		"no map":                   {body("\x80"), "something else where a map belongs"},
		"a length without content": {body("\xbb\x7f\xff\xff\xff\xff\xff\xff\xff"), "ends too early"},
		"an indefinite map":        {body("\xbf\xff"), "never written"},
		"a long form":              {body("\xb8\x01\x64name\x61a"), "shortest form"},
		"an unknown field":         {body("\xa1\x64nome\x61a"), `unknown field "nome"`},
		"a field twice":            {body("\xa2\x64name\x61a\x64name\x61b"), "twice or out of order"},
		"an empty field":           {body("\xa1\x64name\x60"), "never written"},
		"text that is not UTF-8":   {body("\xa1\x64name\x61\xff"), "not UTF-8"},
		"nothing inside":           {body("\xa0"), "has version 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(c.data)
			if err == nil {
				t.Fatal("accepted")
			}
			if msg := err.Error(); !strings.Contains(msg, c.want) || strings.Contains(msg, "\n") {
				t.Errorf("says %q, want something with %q in one line", msg, c.want)
			}
		})
	}
}

func TestDecodeBoundsMemory(t *testing.T) {
	// A list of empty nodes: one byte each in the file, hundreds in memory.
	n := 200_000
	data := append(make([]byte, headerSize), "\xa1\x64body\xa1\x65nodes"...)
	data = appendHead(data, majorArray, uint64(n))
	data = reseal(append(data, bytes.Repeat([]byte{0xa0}, n)...))
	if _, err := Decode(data); err == nil || !strings.Contains(err.Error(), "far more than it holds") {
		t.Errorf("Decode says %v", err)
	}
	deep := append(make([]byte, headerSize), "\xa1\x66origin"...)
	for range 100_000 {
		deep = append(deep, "\xa1\x63via\x81"...)
	}
	if _, err := Decode(reseal(append(deep, 0xa0))); err == nil || !strings.Contains(err.Error(), "too deeply") {
		t.Errorf("Decode says %v", err)
	}
}

// TestDecodeSurvivesDamage changes, cuts and doubles bytes everywhere, with a
// header that fits, and expects an error or a program that encodes to exactly
// what was read.
func TestDecodeSurvivesDamage(t *testing.T) {
	good := Encode(sample())
	rng := rand.New(rand.NewPCG(1, 2))
	deadline := time.Now().Add(2 * time.Second)
	for i := 0; i < 20_000 && time.Now().Before(deadline); i++ {
		data := bytes.Clone(good)
		for range 1 + rng.IntN(3) {
			at := headerSize + rng.IntN(len(data)-headerSize)
			switch rng.IntN(3) {
			case 0:
				data[at] ^= 1 << rng.IntN(8)
			case 1:
				data = data[:at]
			default:
				data = append(data[:at:at], append([]byte{byte(rng.Uint32())}, data[at:]...)...)
			}
			if len(data) <= headerSize {
				break
			}
		}
		checkDecode(t, reseal(data))
	}
}

func checkDecode(t *testing.T, data []byte) {
	p, err := Decode(data)
	if err != nil {
		if msg := err.Error(); msg == "" || strings.Contains(msg, "\n") {
			t.Fatalf("error %q is not one line", msg)
		}
		return
	}
	if !bytes.Equal(Encode(p), data) {
		t.Fatalf("accepted %x, which Encode does not write", data)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode(sample())[headerSize:])
	f.Add([]byte("\xa1\x64name\x61a"))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkDecode(t, reseal(append(make([]byte, headerSize), body...)))
	})
}
