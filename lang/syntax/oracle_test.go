package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"sort"
	"strings"
	"testing"
	"time"

	goccy "github.com/goccy/go-yaml"
	"go.yaml.in/yaml/v4"

	"hexdag.dev/hexdag/lang/diag"
)

// oracles are other YAML decoders: each gives the values of a text's documents.
var oracles = []struct {
	name   string
	decode func(text []byte) ([]any, error)
}{
	{"goccy", func(text []byte) ([]any, error) {
		d := goccy.NewDecoder(bytes.NewReader(text), goccy.UseOrderedMap())
		return decodeAll(d.Decode)
	}},
	{"yaml.v4", func(text []byte) ([]any, error) {
		d := yaml.NewDecoder(bytes.NewReader(text))
		return decodeAll(d.Decode)
	}},
}

func decodeAll(decode func(any) error) (docs []any, err error) {
	for {
		var doc any
		switch err := decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return docs, err
		}
		docs = append(docs, doc)
	}
}

// canonical writes a value of ours or of an oracle in one way: keys sorted,
// numbers by value.
func canonical(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case int:
		return fmt.Sprint(v)
	case int64:
		return fmt.Sprint(v)
	case uint64:
		return fmt.Sprint(v)
	case *big.Int:
		return v.String()
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return fmt.Sprintf("%d.0", int64(v))
		}
		return fmt.Sprintf("%g", v)
	case string:
		return fmt.Sprintf("%q", v)
	case time.Time:
		return "time"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = canonical(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	case goccy.MapSlice:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, canonical(item.Key)+":"+canonical(item.Value))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for k, value := range v {
			parts = append(parts, canonical(k)+":"+canonical(value))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case map[any]any:
		parts := make([]string, 0, len(v))
		for k, value := range v {
			parts = append(parts, canonical(k)+":"+canonical(value))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case *Node:
		return canonicalNode(v)
	}
	return fmt.Sprintf("%T", v)
}

func canonicalNode(n *Node) string {
	n = n.Deref()
	if n == nil {
		return "null"
	}
	var parts []string
	switch n.Kind {
	case Sequence:
		for _, item := range n.Items {
			parts = append(parts, canonicalNode(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case Mapping:
		for key, value := range n.Entries() {
			parts = append(parts, canonicalNode(key)+":"+canonicalNode(value))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ",") + "}"
	}
	switch r := n.Resolve(); r.Kind {
	case Null:
		return "null"
	case Bool:
		return fmt.Sprint(r.Bool)
	case Int:
		return r.BigInt().String()
	case Float:
		return canonical(r.Float)
	default:
		return canonical(r.Text)
	}
}

// compare decodes text with an oracle and compares it with ours.
func compare(tree *Tree, decode func([]byte) ([]any, error)) error {
	docs, err := decode(tree.File.Content())
	if err != nil {
		return fmt.Errorf("rejects it: %w", err)
	}
	if len(docs) != len(tree.Docs) {
		return fmt.Errorf("has %d documents, we have %d", len(docs), len(tree.Docs))
	}
	for i, doc := range tree.Docs {
		if want, got := canonical(docs[i]), canonicalNode(doc.Root); want != got {
			k := 0
			for k < len(want) && k < len(got) && want[k] == got[k] {
				k++
			}
			from := max(0, k-60)
			return fmt.Errorf("has\n  …%.160s\nwe have\n  …%.160s", want[from:], got[from:])
		}
	}
	return nil
}

// disagreements are texts of the corpus that an oracle reads differently, and
// why it is wrong or why we decided otherwise.
var disagreements = map[string]string{}

// TestOraclesAgreeOnTheCorpus: other decoders read the same values from every
// valid document.
func TestOraclesAgreeOnTheCorpus(t *testing.T) {
	used := map[string]bool{}
	n := 0
	for _, f := range corpusFiles(t) {
		tree := parseText(f.text)
		if diag.HasErrors(tree.Diags) {
			continue
		}
		n++
		for _, oracle := range oracles {
			err := compare(tree, oracle.decode)
			key := oracle.name + " " + f.name
			reason, known := disagreements[key]
			switch {
			case err != nil && !known:
				t.Errorf("%s: %s %v", f.name, oracle.name, err)
			case err == nil && known:
				t.Errorf("%s agrees; remove it from the table (%s)", key, reason)
			}
			used[key] = true
		}
	}
	for key := range disagreements {
		if !used[key] {
			t.Errorf("%s is in the table but not in the corpus", key)
		}
	}
	t.Logf("%d files, %d disagreements", n, len(disagreements))
}
