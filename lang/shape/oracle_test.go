//go:build schemagen

package shape_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// The oracle is the CUE evaluator: for any document it and the table must agree
// on whether the structure is valid. What CUE cannot know is taken out of the
// comparison by normalise, which walks the document with the table:
//
//   - second names become the canonical ones (a field under two names keeps the
//     second, so that CUE rejects it as unknown);
//   - a value that is only known later (include, code, a whole template where
//     a collection is wanted) becomes `_`;
//   - an optional null that means "not given" is left out;
//   - a node's spec is judged on its own, against the definition that its kind
//     has: a disjunction of all kinds would take seconds;
//   - rules between fields, which are attributes, are judged by CUE's matchN on
//     their own, and so is a value whose definition a sibling selects.
type oracle struct {
	ctx  *cue.Context
	root cue.Value
}

func newOracle(t testing.TB) *oracle {
	inst := build.NewContext().NewInstance("", nil)
	names, err := fs.Glob(schema.Sources(), "*.cue")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(schema.Sources(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := inst.AddFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := inst.Complete(); err != nil {
		t.Fatal(err)
	}
	ctx := cuecontext.New()
	v := ctx.BuildInstance(inst)
	if err := v.Err(); err != nil {
		t.Fatal(err)
	}
	return &oracle{ctx, v}
}

// judgement is one thing that CUE judges.
type judgement struct {
	def   string // definition; "" for a whole expression
	text  string
	later []string // paths of values that are only known later
}

// judge gives CUE's faults in a document.
func (o *oracle) judge(checks []judgement) []string {
	var out []string
	for _, c := range checks {
		v := o.ctx.CompileString(c.text)
		if err := v.Err(); err != nil {
			out = append(out, "compile: "+err.Error()+"\n"+c.text)
			continue
		}
		if c.def != "" {
			v = o.root.LookupPath(cue.MakePath(cue.Def(c.def))).Unify(v)
		}
		for _, e := range errors.Errors(v.Validate(cue.Concrete(true), cue.All())) {
			if c.isLater(e.Path()) {
				continue
			}
			out = append(out, e.Error())
		}
	}
	return out
}

// isLater reports whether a path leads into a value that is only known later.
func (c *judgement) isLater(path []string) bool {
	at := ""
	for _, p := range path {
		if strings.HasPrefix(p, "#") {
			continue
		}
		at += "/" + p
		if slices.Contains(c.later, at) {
			return true
		}
	}
	return false
}

type normaliser struct {
	checks  []judgement
	aliases map[string]string
	later   []string
}

// unknown notes a value that is only known later.
func (n *normaliser) unknown(path string) string {
	n.later = append(n.later, path)
	return "_"
}

func (n *normaliser) value(d *syntax.Node, t *schema.Type, path string) string {
	d = d.Deref()
	if d == nil {
		return n.unknown(path)
	}
	if d.Tag == "!include" || (d.Tag == "!py" || d.Tag == "!star") && strings.TrimSpace(d.Value) != "" {
		return n.unknown(path)
	}
	switch d.Kind {
	case syntax.Scalar:
		return n.scalar(d, t, path)
	case syntax.Sequence:
		elem := pick(t, d)
		var items []string
		for i, item := range d.Items {
			var et *schema.Type
			if elem != nil && elem.Kind == schema.List {
				et = elem.Elem
			}
			items = append(items, n.value(item, et, path+"/"+strconv.Itoa(i)))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if d.Get("!include") != nil && len(d.Pairs) == 1 {
		return n.unknown(path)
	}
	alt := pick(t, d)
	switch {
	case alt == nil || alt.Kind == schema.Any:
		return n.free(d)
	case alt.Kind == schema.Map:
		var fields []string
		for k, v := range d.Entries() {
			if isNull(v) && alt.Elem.Kind != schema.Any && alt.Elem.Kind != schema.OneOf && nullable(t) {
				continue
			}
			if strings.HasPrefix(k.Value, "x-") && alt.Elem.Kind == schema.Object {
				continue
			}
			fields = append(fields, strconv.Quote(k.Deref().Value)+": "+n.value(v, alt.Elem, path+"/"+k.Deref().Value))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return n.object(d, alt, path)
}

// nullable is set for maps whose entries a layer of configuration may reset.
func nullable(t *schema.Type) bool { return mergeMaps[t] }

var mergeMaps = func() map[*schema.Type]bool {
	out := map[*schema.Type]bool{}
	for i := range schema.Defs() {
		d := &schema.Defs()[i]
		for j := range d.Fields {
			if d.Fields[j].Merge != schema.NoMerge {
				out[d.Fields[j].Type] = true
			}
		}
	}
	return out
}()

func isNull(n *syntax.Node) bool {
	d := n.Deref()
	return d != nil && d.Kind == syntax.Scalar && d.Resolve().Kind == syntax.Null
}

func (n *normaliser) free(d *syntax.Node) string {
	d = d.Deref()
	if d == nil {
		return "_"
	}
	switch d.Kind {
	case syntax.Scalar:
		return n.scalar(d, nil, "")
	case syntax.Sequence:
		var items []string
		for _, item := range d.Items {
			items = append(items, n.free(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	var fields []string
	seen := map[string]bool{}
	for k, v := range d.Entries() {
		key := k.Deref().Value
		if seen[key] {
			continue
		}
		seen[key] = true
		fields = append(fields, strconv.Quote(key)+": "+n.free(v))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (n *normaliser) object(d *syntax.Node, t *schema.Type, path string) string {
	def := t.Def()
	var fields []string
	present := map[string]bool{}
	values := map[string]*syntax.Node{}
	isNode := t.IsNode
	var kind *syntax.Node
	if isNode {
		kind = d.Get("kind").Deref()
	}
	for k, v := range d.Entries() {
		key := k.Deref().Value
		name := key
		f, s, ok := def.Find(key)
		if ok && f != nil && s.Status != schema.Misplaced && s.Status != schema.Removed && !present[f.Name] {
			name = f.Name
		} else {
			f = nil
		}
		if f != nil && isNull(v) && !f.Required && !f.NonNull {
			continue
		}
		var text string
		switch {
		case f == nil:
			text = n.free(v)
		case isNode && f.Name == "settings":
			continue
		case isNode && f.Name == "spec" && v.Deref() != nil && v.Deref().Kind == syntax.Mapping:
			text = "{}"
		default:
			text = n.value(v, f.Type, path+"/"+name)
			if f.Select == nil || v.Deref() == nil || v.Deref().Kind != syntax.Mapping {
				break
			}
			for _, alias := range append([]string{f.Select.By}, def.Field(f.Select.By).Aliases...) {
				by := d.Get(alias).Deref()
				for i := range f.Select.Cases {
					if by != nil && f.Select.Cases[i].Value == by.Value {
						n.add(f.Select.Cases[i].Def(), v.Deref())
					}
				}
			}
		}
		if f != nil {
			present[f.Name] = true
			values[f.Name] = v.Deref()
		}
		fields = append(fields, strconv.Quote(name)+": "+text)
	}
	n.rules(def, present, values)
	if isNode && kind != nil && kind.Kind == syntax.Scalar {
		n.spec(d, kind.Value)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// spec adds the check of a node's spec, with settings laid under it.
func (n *normaliser) spec(d *syntax.Node, kind string) {
	if target, ok := n.aliases[strings.TrimPrefix(kind, "core:")]; ok {
		kind = target
	}
	info, s, ok := schema.NodeKind(kind)
	if !ok || info == nil || s.Status == schema.SpellingHistorical {
		return
	}
	spec := d.Get("spec").Deref()
	if spec != nil && (spec.Tag != "" || spec.Kind == syntax.Sequence || spec.Kind == syntax.Scalar && !isNull(spec) || spec.Get("!include") != nil) {
		return
	}
	def := info.Spec()
	merged := &syntax.Node{Kind: syntax.Mapping, Style: syntax.Block}
	have := map[string]bool{}
	for _, from := range []*syntax.Node{spec, d.Get("settings").Deref()} {
		for k, v := range from.Entries() {
			name := k.Value
			if f, _, ok := def.Find(k.Value); ok && f != nil {
				name = f.Name
			}
			if from != spec && have[name] {
				continue
			}
			have[name] = true
			merged.Pairs = append(merged.Pairs, syntax.Pair{Key: k, Value: v})
		}
	}
	// what stands beside spec instead of in it is reported there, and not missing
	for k, v := range d.Entries() {
		if f, _, ok := def.Find(k.Value); ok && f != nil && !have[f.Name] {
			if _, _, own := schema.ByName("Node").Find(k.Value); !own {
				merged.Pairs = append(merged.Pairs, syntax.Pair{Key: k, Value: v})
			}
		}
	}
	n.add(def, merged)
}

// add adds the check of a mapping against a definition.
func (n *normaliser) add(def *schema.Def, d *syntax.Node) {
	outer := n.later
	n.later = nil
	text := n.object(d, def.AsType(), "")
	n.checks = append(n.checks, judgement{def.Name, text, n.later})
	n.later = outer
}

// rules adds the checks of what a definition demands of several fields.
func (n *normaliser) rules(def *schema.Def, present map[string]bool, values map[string]*syntax.Node) {
	for _, r := range def.Rules {
		op := ""
		switch r.Kind {
		case schema.Exclusive:
			op = "<=1"
		case schema.AnyOf:
			op = ">=1"
		case schema.Requires:
			op = strconv.Itoa(len(r.Fields))
		default:
			continue
		}
		if r.If != "" && (values[r.If] == nil || r.Is != nil && !slices.Contains(r.Is, values[r.If].Value)) {
			continue
		}
		var alts, have []string
		for _, f := range r.Fields {
			alts = append(alts, "{"+strconv.Quote(f)+"!: _, ...}")
			if present[f] {
				have = append(have, strconv.Quote(f)+": 1")
			}
		}
		n.checks = append(n.checks, judgement{"", "{" + strings.Join(have, ", ") + "} & matchN(" + op + ", [" + strings.Join(alts, ", ") + "])", nil})
	}
}

func (n *normaliser) scalar(d *syntax.Node, t *schema.Type, path string) string {
	r := d.Resolve()
	text := strings.TrimSpace(d.Value)
	if r.Kind == syntax.String && t != nil && strings.HasPrefix(text, "{{") && strings.HasSuffix(text, "}}") && strings.Count(text, "{{") == 1 {
		return n.unknown(path)
	}
	switch r.Kind {
	case syntax.Null:
		return "null"
	case syntax.Bool:
		return strconv.FormatBool(r.Bool)
	case syntax.Int:
		return r.BigInt().String()
	case syntax.Float:
		if r.Float == float64(int64(r.Float)) {
			return strconv.FormatInt(int64(r.Float), 10)
		}
		s := strconv.FormatFloat(r.Float, 'g', -1, 64)
		if strings.ContainsAny(s, "IN") {
			return strconv.Quote(d.Value) // CUE has no infinity
		}
		return s
	}
	return strconv.Quote(d.Value)
}

// pick is the alternative that a collection is meant for.
func pick(t *schema.Type, d *syntax.Node) *schema.Type {
	if t == nil {
		return nil
	}
	alts := []*schema.Type{t}
	if t.Kind == schema.OneOf {
		alts = t.Alts
	}
	var best *schema.Type
	score := -1 << 30
	for _, a := range alts {
		switch {
		case a.Kind == schema.Any:
		case d.Kind == syntax.Sequence && a.Kind == schema.List:
		case d.Kind == syntax.Mapping && (a.Kind == schema.Object || a.Kind == schema.Map):
		default:
			continue
		}
		s := 0
		if a.Kind == schema.Object {
			for k := range d.Entries() {
				if _, _, ok := a.Def().Find(k.Value); ok {
					s += 2
				} else {
					s--
				}
			}
		}
		if s > score {
			best, score = a, s
		}
	}
	return best
}

// verdicts gives the faults that each side finds in a text.
func verdicts(t testing.TB, o *oracle, name, text string) (table []diag.Diagnostic, cueFaults []string, comparable bool) {
	tree := syntax.Parse(source.NewFile(name, []byte(text)), syntax.Budget{})
	for _, d := range tree.Diags {
		if d.Severity == diag.Error {
			return nil, nil, false
		}
	}
	for _, doc := range tree.Docs {
		root := doc.Root.Deref()
		if root == nil || root.Kind != syntax.Mapping {
			continue
		}
		kind := root.Get("kind").Deref()
		if kind == nil || schema.Kind(kind.Value) == nil {
			continue
		}
		comparable = true
		n := &normaliser{aliases: map[string]string{}}
		for k, v := range root.Get("spec").Deref().Get("aliases").Entries() {
			n.aliases[k.Value] = v.Value
		}
		def := schema.Kind(kind.Value)
		n.add(def, root)
		cueFaults = append(cueFaults, o.judge(n.checks)...)
		var ds diag.List
		shape.CheckDocument(tree, doc.Root, &ds)
		for _, d := range ds.Items() {
			switch d.Code {
			case diag.UnknownNodeKind, diag.HistoricalKind, diag.UnknownTag:
				continue // CUE does not know kinds and tags
			}
			if strings.Contains(d.Message, "is in both") {
				continue // @disjoint is beyond CUE
			}
			if d.Severity == diag.Error {
				table = append(table, d)
			}
		}
	}
	return table, cueFaults, comparable
}

func TestTableAgreesWithCUE(t *testing.T) {
	o := newOracle(t)
	var texts []string
	for _, idx := range []string{"tests/index.jsonl", "examples/index.jsonl"} {
		for _, c := range readCorpus(t, idx) {
			text, err := os.ReadFile(filepath.Join(corpusDir, c.File))
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
			agree(t, o, c.File, string(text))
		}
	}
	rounds := 1
	if s := os.Getenv("ORACLE_ROUNDS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	n := 0
	for range rounds {
		for i, text := range texts {
			for _, m := range mutate(rng, text) {
				n++
				agree(t, o, fmt.Sprintf("mutation %d of text %d", n, i), m)
			}
		}
	}
	t.Logf("%d documents, %d mutations", len(texts), n)
}

func agree(t *testing.T, o *oracle, name, text string) {
	t.Helper()
	table, cueFaults, ok := verdicts(t, o, name, text)
	if !ok || (len(table) == 0) == (len(cueFaults) == 0) {
		return
	}
	msgs := make([]string, len(table))
	for i, d := range table {
		msgs[i] = string(d.Code) + " " + d.Message
	}
	if len(text) > 1500 {
		text = text[:1500] + "…"
	}
	t.Errorf("%s:\ntable: %s\nCUE:   %s\n%s", name, strings.Join(msgs, "; "), strings.Join(cueFaults, "; "), text)
}
