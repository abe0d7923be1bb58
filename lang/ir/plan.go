package ir

import (
	"reflect"
	"sort"
	"sync"

	"hexdag.dev/hexdag/lang/value"
)

// plan is how one struct type is written: its exported fields in the order of
// their encoded keys. Codec, hashes and JSON share it, so that a field added to
// a type is in all of them at once.
type plan struct {
	fields []planField
	byKey  map[string]int // into fields
}

type planField struct {
	key   string // snake case of the Go name
	index int    // of the struct's field
	typ   reflect.Type
	// provenance tells that the field says where something came from, not what
	// it means: the semantic hash leaves it out.
	provenance bool
}

var (
	placeType  = reflect.TypeFor[Place]()
	sourceType = reflect.TypeFor[Source]()
	valueType  = reflect.TypeFor[value.Value]()
	exprType   = reflect.TypeFor[Expr]()
	plans      sync.Map // reflect.Type → *plan
)

// provenanceFields are the fields that the semantic hash leaves out beside those
// whose type is Place or Source. Expr has an encoding of its own there.
var provenanceFields = map[reflect.Type][]string{
	reflect.TypeFor[Program]():   {"Files"},
	reflect.TypeFor[Edge]():      {"Why"},
	reflect.TypeFor[Expr]():      {"Map"},
	reflect.TypeFor[Code]():      {"File"},
	reflect.TypeFor[Node]():      {"Policies"},
	reflect.TypeFor[Effective](): {"Logging"},
}

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{byKey: make(map[string]int, t.NumField())}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		p.fields = append(p.fields, planField{
			key: snakeCase(f.Name), index: i, typ: f.Type,
			provenance: isProvenance(t, f),
		})
	}
	// RFC 8949 orders keys by their encoded bytes; for text shorter than 24
	// bytes the length comes first.
	sort.Slice(p.fields, func(i, j int) bool {
		a, b := p.fields[i].key, p.fields[j].key
		if len(a) != len(b) {
			return len(a) < len(b)
		}
		return a < b
	})
	for i, f := range p.fields {
		p.byKey[f.key] = i
	}
	actual, _ := plans.LoadOrStore(t, p)
	return actual.(*plan)
}

func isProvenance(t reflect.Type, f reflect.StructField) bool {
	elem := f.Type
	for elem.Kind() == reflect.Slice {
		elem = elem.Elem()
	}
	if elem == placeType || elem == sourceType {
		return true
	}
	for _, name := range provenanceFields[t] {
		if name == f.Name {
			return true
		}
	}
	return false
}

// snakeCase turns a Go name into a key: "MaxIter" → "max_iter", "LLM" → "llm",
// "ItemVar" → "item_var", "TopP" → "top_p".
func snakeCase(name string) string {
	out := make([]byte, 0, len(name)+4)
	upper := func(i int) bool { return i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	for i := range len(name) {
		if !upper(i) {
			out = append(out, name[i])
			continue
		}
		// A word starts at a capital after a small letter, and at the last
		// capital of a run that a small letter follows.
		if i > 0 && (!upper(i-1) || i+1 < len(name) && !upper(i+1)) {
			out = append(out, '_')
		}
		out = append(out, name[i]+'a'-'A')
	}
	return string(out)
}
