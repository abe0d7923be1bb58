package value

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// TestBinaryForm pins the bytes: files and journals of older versions have to
// stay readable.
func TestBinaryForm(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	big70 := new(big.Int).Lsh(big.NewInt(1), 70)
	for _, c := range []struct {
		v    Value
		want string
	}{
		{Null, "f6"}, {False, "f4"}, {True, "f5"}, {Missing, "f7"},
		{Int(0), "00"}, {Int(23), "17"}, {Int(24), "1818"}, {Int(-1), "20"}, {Int(-500), "3901f3"}, {Int(math.MaxInt64), "1b7fffffffffffffff"}, {Int(math.MinInt64), "3b7fffffffffffffff"},
		{BigInt(new(big.Int).SetUint64(math.MaxUint64)), "1bffffffffffffffff"},
		{BigInt(big70), "c249400000000000000000"}, {BigInt(new(big.Int).Neg(big70)), "c3493fffffffffffffffff"},
		{Float(0), "f90000"}, {Float(math.Copysign(0, -1)), "f98000"}, {Float(1.5), "f93e00"}, {Float(65504), "f97bff"}, {Float(100000), "fa47c35000"}, {Float(1.1), "fb3ff199999999999a"},
		{Float(math.NaN()), "f97e00"}, {Float(math.Inf(1)), "f97c00"}, {Float(0x1p-24), "f90001"}, {Float(0x1p-14), "f90400"}, {Float(0x1p-25), "fa33000000"}, {Float(0x3p-24), "f90003"},
		{String("é"), "62c3a9"}, {List([]Value{Int(1), String("")}), "820160"}, {dict("b", Int(1), "a", Int(2)), "a2616201616102"},
		{Tuple([]Value{Int(1)}), "da686400018101"}, {mustSet(Int(2), Int(1)), "d90102820201"},
		{mustDecimal("-1.10"), "c4822138" + "6d"}, {mustDecimal("-0"), "da68640005622d30"}, {mustDecimal("NaN"), "da68640005634e614e"},
		{Range(0, 5, 1), "da6864000383000501"}, {Secret("K"), "da68640004614b"},
		{Datetime(at), "da68640002821b00061283ffaff000f6"}, {AwareDatetime(at.In(time.FixedZone("", 3600))), "da68640002821b00061284d6439400190e10"},
	} {
		got, err := AppendCBOR(nil, c.v)
		if err != nil || hex.EncodeToString(got) != c.want {
			t.Errorf("%s: got %x, %v, want %s", Repr(c.v), got, err, c.want)
		}
		if back, err := DecodeCBOR(got); err != nil || !same(back, c.v) {
			t.Errorf("%s came back as %s, %v", Repr(c.v), Repr(back), err)
		}
	}
}

// generated is values of all kinds.
func generated(seed uint64, n int) []Value {
	g := &generator{rand.New(rand.NewPCG(seed, 5))}
	out := make([]Value, n)
	for i := range out {
		out[i] = g.value(4)
	}
	return out
}

func TestBinaryRoundTrip(t *testing.T) {
	for _, v := range generated(6, 3000) {
		data, err := AppendCBOR([]byte("before"), v)
		if err != nil {
			t.Fatalf("%s: %v", Repr(v), err)
		}
		data = data[len("before"):]
		if err := cbor.Wellformed(data); err != nil {
			t.Fatalf("%s is not well-formed for another decoder: %v", Repr(v), err)
		}
		back, rest, err := DecodeCBORPrefix(append(data[:len(data):len(data)], "after"...))
		if err != nil || !same(back, v) || string(rest) != "after" {
			t.Fatalf("%s came back as %s, rest %q, %v", Repr(v), Repr(back), rest, err)
		}
		if back.Size() != v.Size() || back.Depth() > v.Depth() {
			t.Fatalf("%s: size %d and depth %d came back as %d and %d", Repr(v), v.Size(), v.Depth(), back.Size(), back.Depth())
		}
		again, _ := AppendCBOR(nil, back)
		if !bytes.Equal(again, data) || Digest(back) != Digest(v) {
			t.Fatalf("%s is encoded in two ways", Repr(v))
		}
	}
}

// TestDamagedBinary cuts and flips: an error or another value that is encoded as
// exactly these bytes, never a panic.
func TestDamagedBinary(t *testing.T) {
	check := func(data []byte) {
		v, err := DecodeCBOR(data)
		var e *Error
		switch {
		case err == nil:
			if again, err := AppendCBOR(nil, v); err != nil || !bytes.Equal(again, data) {
				t.Fatalf("%x was read as %s, whose encoding is %x, %v", data, Repr(v), again, err)
			}
		case !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(data):
			t.Fatalf("%x: %v", data, err)
		}
	}
	for _, v := range generated(7, 300) {
		data, err := AppendCBOR(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		for i := range data {
			if _, err := DecodeCBOR(data[:i]); err == nil {
				t.Fatalf("%x, cut after %d bytes, is read without an error", data, i)
			}
			if len(data) > 400 {
				continue
			}
			for bit := range 8 {
				flipped := bytes.Clone(data)
				flipped[i] ^= 1 << bit
				check(flipped)
			}
		}
	}
}

func TestBinaryFormsThatAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                             "",
		"more after the end":                "0000",
		"a number not in its shortest form": "1801",
		"a length not in its shortest form": "7801" + "61",
		"a float not in its shortest form":  "fb3ff8000000000000",
		"another NaN":                       "f97e01",
		"a big number that is small":        "c24101",
		"a big number with a leading zero":  "c24a00400000000000000000",
		"a byte string":                     "4100",
		"an indefinite length":              "9f00ff",
		"a reserved head":                   "1c",
		"an unknown tag":                    "c000",
		"an unknown simple value":           "e0",
		"text that is not UTF-8":            "61ff",
		"a list longer than the input":      "9a00ffffff",
		"a huge list":                       "9bffffffffffffffff",
		"a huge text":                       "7bffffffffffffffff",
		"a key twice":                       "a2010002f4"[:8] + "01" + "f4",
		"a key of another number type":      "a201f4f93c00f4",
		"a list as key":                     "a18000",
		"a set with twins":                  "d90102820101",
		"a set with a list":                 "d901028180",
		"a set that is no list":             "d9010201",
		"a range without a step":            "da68640003830005" + "00",
		"a Decimal text with a number":      "da686400056131",
		"a Decimal of one part":             "c48101",
		"a Decimal of text":                 "c482006161",
		"a Decimal out of range":            "c4821b7fffffffffffffff01",
		"a datetime out of range":           "da68640002821b7ffffffffffffffff6",
		"an offset out of range":            "da6864000282001a00015180",
		"deep nesting":                      strings.Repeat("81", MaxDepth+1) + "00",
	} {
		data, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if v, err := DecodeCBOR(data); !Is(err, ValueError) {
			t.Errorf("%s: got %s, %v", name, Repr(v), err)
		}
	}
}

func TestDigestTellsTypesAndOrderApart(t *testing.T) {
	seen := map[[32]byte]Value{}
	for _, v := range []Value{
		Null, Missing, False, Int(0), Float(0), Float(math.Copysign(0, -1)), mustDecimal("0"), mustDecimal("0.0"), String(""), String("0"), List(nil), Tuple(nil), mustSet(), NewObject(0).Value(), Range(0, 0, 1),
		Secret(""), Secret("0"), dict("a", Int(1), "b", Int(2)), dict("b", Int(2), "a", Int(1)), List([]Value{List(nil), Int(1)}), List([]Value{List([]Value{Int(1)})}),
		Datetime(time.Unix(0, 0).UTC()), AwareDatetime(time.Unix(0, 0).UTC()),
	} {
		d := Digest(v)
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s have the same digest", Repr(v), Repr(other))
		}
		seen[d] = v
	}
	long := String(strings.Repeat("x", 200<<10))
	if a, b := Digest(List([]Value{long, long})), Digest(List([]Value{long, long})); a != b {
		t.Error("the digest of a long value is not stable")
	}
}

func FuzzDecodeCBOR(f *testing.F) {
	for _, v := range generated(8, 40) {
		data, _ := AppendCBOR(nil, v)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := DecodeCBOR(data)
		if err != nil {
			return
		}
		again, err := AppendCBOR(nil, v)
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%x was read as %s, whose encoding is %x, %v", data, Repr(v), again, err)
		}
	})
}

func FuzzFormat(f *testing.F) {
	f.Add("1.5", ">+010,.2f")
	f.Add("x", "*^5s")
	f.Add("-12", "#_x")
	f.Fuzz(func(t *testing.T, text, spec string) {
		s := String(text)
		values := []Value{s, Bool(len(text) > 3)}
		for _, convert := range []func(Value) (Value, error){ToFloat, ToDecimal, func(v Value) (Value, error) { return ToInt(v, Missing) }} {
			if v, err := convert(s); err == nil {
				values = append(values, v)
			}
		}
		for _, v := range values {
			if out, err := Format(v, String(spec).str()); err == nil && len(out) > MaxStringBytes {
				t.Fatalf("format(%s, %q) has %d bytes", Repr(v), spec, len(out))
			}
		}
		formatMethod(s, values, []Keyword{{"k", s}})
	})
}
