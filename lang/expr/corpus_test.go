package expr

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

const corpus = "../../../shared/corpus/tests/golden"

// record is one line of a recording of the Python implementation.
type record struct {
	Test   string          `json:"test"`
	Expr   string          `json:"expr"`
	Data   json.RawMessage `json:"data"`
	State  json.RawMessage `json:"state"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
	Fn     string          `json:"fn"`
	Args   []any           `json:"args"`
}

func records(t *testing.T, file string) []record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus, file))
	if err != nil {
		t.Skipf("the corpus is not here: %v", err)
	}
	var out []record
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var r record
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// tagged reads a recorded value: sets, tuples and decimals are objects with one
// key that says so.
func tagged(t *testing.T, data []byte) value.Value {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v := taggedValue(t, d)
	return v
}

func taggedValue(t *testing.T, d *json.Decoder) value.Value {
	tok, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch tok := tok.(type) {
	case nil:
		return value.Null
	case bool:
		return value.Bool(tok)
	case string:
		return value.String(tok)
	case json.Number:
		if !strings.ContainsAny(string(tok), ".eE") {
			v, err := value.ToInt(value.String(string(tok)), value.Missing)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		f, _ := tok.Float64()
		return value.Float(f)
	case json.Delim:
		if tok == '[' {
			var items []value.Value
			for d.More() {
				items = append(items, taggedValue(t, d))
			}
			d.Token()
			return value.List(items)
		}
		o := value.NewObject(0)
		for d.More() {
			k, _ := d.Token()
			o.Set(k.(string), taggedValue(t, d))
		}
		d.Token()
		if o.Len() == 1 {
			k, v := o.At(0)
			switch value.Str(k) {
			case "__set__":
				s, err := value.Set(v.Items())
				if err != nil {
					t.Fatal(err)
				}
				return s
			case "__tuple__":
				return value.Tuple(v.Items())
			case "__decimal__":
				dec, err := value.ParseDecimal(value.Str(v))
				if err != nil {
					t.Fatal(err)
				}
				return dec
			}
		}
		return o.Value()
	}
	t.Fatalf("token %v", tok)
	return value.Null
}

// differences are the records where our language decides otherwise, each with
// the decision. A line that no longer differs fails the test.
var differences = map[string]string{
	"compile: coalesce($input.bad_field, 0)": "decisions 3: $input and its kin are real names in expressions",
	"predicate: missing_key == 'value' {}":   "decisions 3: a missing first segment is an error, not false",
}

type comparison struct {
	t      *testing.T
	agree  int
	listed map[string]bool
	prefix string
}

// differ records a difference; got says what we do.
func (c *comparison) differ(key, format string, args ...any) {
	c.t.Helper()
	key = c.prefix + ": " + key
	if _, ok := differences[key]; ok {
		c.listed[key] = true
		return
	}
	c.t.Errorf("%s: %s", key, fmt.Sprintf(format, args...))
}

func (c *comparison) finish() {
	for k := range differences {
		if strings.HasPrefix(k, c.prefix+": ") && !c.listed[k] {
			c.t.Errorf("the table of differences has %q, but we agree", k)
		}
	}
	c.t.Logf("%s: %d agree, %d differ by decision", c.prefix, c.agree, len(c.listed))
}

func compareWith(t *testing.T, prefix string) *comparison {
	return &comparison{t: t, prefix: prefix, listed: map[string]bool{}}
}

func TestCorpusCompile(t *testing.T) {
	c := compareWith(t, "compile")
	for _, r := range records(t, "expressions_compile.jsonl") {
		_, ds := Parse(Text{Src: r.Expr})
		switch {
		case (r.Error != "") == (len(ds) > 0):
			c.agree++
		case r.Error != "":
			c.differ(r.Expr, "accepted, but Python says %s", r.Error)
		default:
			c.differ(r.Expr, "rejected: %s", ds[0].Message)
		}
	}
	c.finish()
}

func TestCorpusEval(t *testing.T) {
	c := compareWith(t, "eval")
	for _, r := range records(t, "expressions_eval.jsonl") {
		n, ds := Parse(Text{Src: r.Expr})
		if len(ds) > 0 {
			c.differ(r.Expr, "rejected: %s", ds[0].Message)
			continue
		}
		data, _ := tagged(t, r.Data).Object()
		if _, ok := data.Get("ctx"); !ok { // a run always has one
			data = data.Clone()
			data.Set("ctx", value.NewObject(0).Value())
		}
		got, err := evaluated(n, data.Value())
		switch {
		case r.Error != "":
			if err == nil {
				c.differ(r.Expr, "got %s, but Python says %s", value.Repr(got), r.Error)
				continue
			}
			c.agree++
		case err != nil:
			c.differ(r.Expr, "%v", err)
		default:
			want := tagged(t, r.Result)
			if value.Repr(got) != value.Repr(want) && !(got.Kind() == value.KindSet && value.Equal(got, want)) {
				c.differ(r.Expr, "got %s, want %s", value.Repr(got), value.Repr(want))
				continue
			}
			c.agree++
		}
	}
	c.finish()
}

func TestCorpusPredicate(t *testing.T) {
	c := compareWith(t, "predicate")
	for _, r := range records(t, "expressions_predicate.jsonl") {
		name := r.Expr + " " + string(r.Data)
		n, ds := Parse(Text{Src: r.Expr})
		if len(ds) > 0 {
			c.differ(name, "rejected: %s", ds[0].Message)
			continue
		}
		data, _ := tagged(t, r.Data).Object()
		data = data.Clone()
		if r.State != nil {
			data.Set("state", tagged(t, r.State))
		}
		got, err := evaluated(n, data.Value())
		switch want := string(r.Result) == "true"; {
		case err != nil:
			c.differ(name, "%v", err)
		case value.Truthy(got) != want:
			c.differ(name, "got %s, want %v", value.Repr(got), want)
		default:
			c.agree++
		}
	}
	c.finish()
}

// TestCorpusReferences compares the heads that Refs finds, cut down to the known
// nodes as the Python function does.
func TestCorpusReferences(t *testing.T) {
	c := compareWith(t, "references")
	for _, r := range records(t, "reference_extraction.jsonl") {
		var want []string
		if err := json.Unmarshal(r.Result, &want); err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		var macros []string
		if len(r.Args) > 1 {
			for _, k := range r.Args[1].(map[string]any)["__set__"].([]any) {
				known[k.(string)] = true
			}
		}
		if len(r.Args) > 2 {
			for _, k := range r.Args[2].(map[string]any)["__set__"].([]any) {
				macros = append(macros, k.(string))
			}
		}
		got := map[string]bool{}
		add := func(refs []Ref) {
			for _, ref := range refs {
				switch {
				case r.Fn == "extract_input_refs_from_mapping":
					if ref.Namespace && ref.Head == "input" && len(ref.Path) > 0 {
						got[ref.Path[0].Name] = true
					}
				case ref.Namespace:
				case r.Fn == "extract_jinja_head_names" || known[ref.Head]:
					got[ref.Head] = true
				default:
					best := ""
					for _, m := range macros {
						if strings.HasPrefix(ref.Head, m+"_") && len(m) > len(best) {
							best = m
						}
					}
					if best != "" {
						got[best] = true
					}
				}
			}
		}
		template := r.Fn == "extract_refs_from_template" || r.Fn == "extract_jinja_head_names"
		var visit func(v any, expressions bool)
		visit = func(v any, expressions bool) {
			switch v := v.(type) {
			case string:
				switch {
				case template || !expressions && IsTemplate(v):
					n, _ := ParseTemplate(Text{Src: v})
					add(Refs(n))
				case expressions:
					n, _ := ParseMapping(Text{Src: v})
					add(Refs(n))
				}
			case []any:
				for _, x := range v {
					visit(x, expressions)
				}
			case map[string]any:
				for k, x := range v {
					visit(x, expressions && r.Fn != "extract_refs_from_spec" ||
						slices.Contains([]string{"when", "input_mapping", "expressions"}, k) || expressions)
				}
			}
		}
		visit(r.Args[0], r.Fn != "extract_refs_from_spec")
		names := make([]string, 0, len(got))
		for k := range got {
			names = append(names, k)
		}
		slices.Sort(names)
		slices.Sort(want)
		args, _ := json.Marshal(r.Args[0])
		if !slices.Equal(names, want) {
			c.differ(r.Fn+" "+string(args), "got %v, want %v", names, want)
			continue
		}
		c.agree++
	}
	c.finish()
}
