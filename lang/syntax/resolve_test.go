package syntax

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

func firstValue(t *testing.T, text string) *Node {
	t.Helper()
	return mustHold(t, text).Docs[0].Root.Get("a")
}

func TestResolve(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "null"}, {"~", "null"}, {"null", "null"}, {"Null", "null"}, {"nULL", "string"}, {"nil", "string"},
		{"true", "boolean true"}, {"False", "boolean false"}, {"TRUE", "boolean true"}, {"yes", "string"}, {"on", "string"}, {"tRue", "string"},
		{"0", "integer 0"}, {"-12", "integer -12"}, {"+7", "integer 7"}, {"010", "integer 10"}, {"0o17", "integer 15"}, {"0x1F", "integer 31"},
		{"0b1", "string"}, {"1_000", "string"}, {"12:30", "string"}, {"0o8", "string"}, {"0x", "string"}, {"-0x1", "string"}, {"+", "string"}, {"-", "sequence"},
		{"9223372036854775808", "integer 9223372036854775808"}, {"-9223372036854775808", "integer -9223372036854775808"},
		{"1.5", "number 1.5"}, {"1.", "number 1"}, {".5", "number 0.5"}, {"-.5", "number -0.5"}, {"1e3", "number 1000"}, {"1.5E-3", "number 0.0015"},
		{".", "string"}, {"1.2.3", "string"}, {"1e", "string"}, {"e3", "string"}, {".e3", "string"}, {"1e400", "number +Inf"},
		{".inf", "number +Inf"}, {"-.Inf", "number -Inf"}, {"+.INF", "number +Inf"}, {".nan", "number NaN"}, {"-.nan", "string"}, {".iNF", "string"},
		{`"1"`, "string"}, {"'true'", "string"}, {"|\n  1", "string"}, {"2024-01-01", "string"}, {"1 2", "string"},
		{"!!str 1", "string"}, {"!!int \"1\"", "integer 1"}, {"!!float 1", "number 1"}, {"!!bool true", "boolean true"}, {"!!null ''", "null"},
		{"!!str", "string"}, {"!!null", "null"}, {"! 1", "string"}, {"!<tag:yaml.org,2002:str> 1", "string"}, {"!custom 1", "integer 1"}, {"!!timestamp 1", "integer 1"},
	} {
		if test.want == "sequence" {
			continue
		}
		r := firstValue(t, "a: "+test.text+"\n").Resolve()
		got := r.Kind.String()
		switch r.Kind {
		case Bool:
			got += fmt.Sprint(" ", r.Bool)
		case Int:
			got += " " + r.BigInt().String()
		case Float:
			got += fmt.Sprint(" ", r.Float)
		}
		if got != test.want {
			t.Errorf("%s is %s, want %s", test.text, got, test.want)
		}
	}
	if r := firstValue(t, "b: &b 1\na: *b\n").Resolve(); r.Kind != Int {
		t.Error("an alias resolves to", r.Kind)
	}
	if r := firstValue(t, "a: [1]\n").Resolve(); r.Kind != NotScalar {
		t.Error("a sequence resolves to", r.Kind)
	}
	long := strings.Repeat("1", maxDigits+1)
	if tree := mustHold(t, "a: "+long+"\n"); len(tree.Diags) != 1 || tree.Docs[0].Root.Get("a").Resolve().Kind != String {
		t.Error("an integer that is too long:", messages(tree))
	}
	if r := firstValue(t, "a: "+long[1:]+"\n").Resolve(); r.Kind != Int || r.Big == nil {
		t.Error("the longest integer is", r.Kind)
	}
}

func TestYAML11(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"yes", "the boolean true"}, {"Off", "the boolean false"}, {"true", ""}, {"y", ""},
		{"010", "the integer 8"}, {"0o7", `the string "0o7"`}, {"08", `the string "08"`}, {"12", ""}, {"0x1F", ""}, {"0b11", "the integer 3"},
		{"12:30", "the integer 750"}, {"12:30:45", "the integer 45045"}, {"12:60", ""}, {"1_000", "the integer 1000"}, {"1_0.5", "the number 10.5"},
		{"2024-01-01", "the date 2024-01-01"}, {"2024-01-01T10:20:30Z", "the date 2024-01-01T10:20:30Z"}, {"2024-1", ""},
		{"1e3", `the string "1e3"`}, {"1.5e3", `the string "1.5e3"`}, {"1.5e+3", ""}, {".5", ""}, {"+.5", `the string "+.5"`}, {".inf", ""}, {".nan", ""},
		{"text", ""}, {"\"yes\"", ""}, {"!!str yes", ""}, {"|\n  yes", ""}, {"", ""}, {"[yes]", ""},
	} {
		what, differs := firstValue(t, "a: "+test.text+"\n").YAML11()
		if what != test.want || differs != (test.want != "") {
			t.Errorf("%s is %q, %t; want %q", test.text, what, differs, test.want)
		}
	}
}

// TestYAML11AgreesWithPyYAML compares with a recording of what PyYAML's
// SafeLoader says of plain scalars.
func TestYAML11AgreesWithPyYAML(t *testing.T) {
	recording, err := os.ReadFile("testdata/pyyaml.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(recording)) {
		var want struct{ Text, Type, Value string }
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		n++
		r, date := resolve11(want.Text)
		kind := map[ScalarKind]string{Null: "null", Bool: "bool", Int: "int", Float: "float", String: "str"}[r.Kind]
		value := ""
		switch {
		case date:
			kind = "date"
		case r.Kind == Bool:
			value = strconv.FormatBool(r.Bool)
		case r.Kind == Int:
			value = r.BigInt().String()
		case r.Kind == String:
			value = want.Text
		case r.Kind == Float:
			f, err := strconv.ParseFloat(strings.Replace(want.Value, "inf", "Inf", 1), 64)
			if err == nil && (r.Float == f || math.Abs(r.Float-f) < 1e-9*math.Abs(f) || math.IsNaN(f) && math.IsNaN(r.Float)) {
				value = want.Value
			}
		}
		if kind != want.Type || value != want.Value {
			t.Errorf("%q is %s %s, to PyYAML %s %s", want.Text, kind, value, want.Type, want.Value)
		}
	}
	if n < 500 {
		t.Errorf("only %d recorded scalars", n)
	}
}
