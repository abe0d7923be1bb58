// Package faultseed measures how well the compiler finds faults: it takes
// manifests that are valid, plants one fault in each copy, and asks whether a
// finding says so at that place.
//
// Input: a Program, which is a manifest without errors, read from the file
// system. Output: its Seeds, each a text with one fault and the lines and codes
// with which it must be reported; and for each Seed an Outcome.
//
// Invariants: a Seed differs from its Program by the edit that is its fault and
// nothing else, made on the spans of the syntax tree, so layout and comments
// stay; a fault is only planted where it is one under every reading of the
// manifest (a misspelt name that could be a field of the run's input is no fault
// and not planted as one); the same Program gives the same Seeds.
//
// The three hardest cases: knowing that a changed name means nothing at all,
// which takes the compiler's own analysis of the valid program; removing and
// adding entries of mappings in block and in flow style so that no second fault
// comes with it; telling the finding about the fault from those that follow from
// it, and from those that the valid manifest has already.
package faultseed

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/format/edit"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Program is a valid manifest.
type Program struct {
	// Path is where it is; Root the workspace root.
	Path, Root string
	// Env has the environment that it is checked with.
	Env map[string]string

	text     string
	file     *source.File
	tree     *syntax.Tree
	docs     []*shape.Object
	analysis *compile.Analysis
	before   map[finding]int // the findings of the valid text
	nodes    map[string]bool // the names of all nodes of the file
}

// finding is what two findings of one kind have in common.
type finding struct {
	code    diag.Code
	message string
}

// Seed is a manifest with one fault.
type Seed struct {
	Class *Class
	// Text is the whole manifest.
	Text string
	// First and Last are the lines, from 1, of which one must have the finding.
	First, Last int
	// Right is the text that was there before the fault, where a suggestion of it
	// is due; "" elsewhere.
	Right string
}

// Outcome says how a Seed was judged.
type Outcome struct {
	// Caught: there is a new finding with one of the codes of the class.
	Caught bool
	// Placed: it stands on one of the lines of the fault.
	Placed bool
	// Suggested: it names the right text, or a fix of it brings it back.
	Suggested bool
	// Others counts the new errors elsewhere.
	Others int
	// Findings are the new findings, for a report.
	Findings []diag.Diagnostic
}

// Load reads a manifest. It is nil if the manifest has errors: nothing can be
// said of a second fault then.
func Load(path, root string, env map[string]string) (*Program, error) {
	p := &Program{Path: path, Root: root, Env: env}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p.text = string(data)
	store, err := compile.NewStore(p.options(p.text))
	if err != nil {
		return nil, err
	}
	if p.analysis, err = store.Snapshot().Analyze(path); err != nil {
		return nil, err
	}
	ds, err := p.check(p.text)
	if err != nil || diag.HasErrors(ds) || p.analysis.File == nil {
		return nil, err
	}
	p.before = map[finding]int{}
	for _, d := range ds {
		p.before[finding{d.Code, d.Message}]++
	}
	p.file = source.NewFile(filepath.Base(path), data)
	p.tree = syntax.Parse(p.file, syntax.Budget{})
	p.nodes = map[string]bool{}
	stream := shape.NewStream(p.tree)
	for _, d := range p.tree.Docs {
		var list diag.List
		o := shape.CheckDocumentWith(p.tree, d.Root, shape.Options{Stream: stream}, &list)
		if o == nil || o.Def == nil {
			continue // a fragment
		}
		p.docs = append(p.docs, o)
		walk(o, func(o *shape.Object) {
			if o.Kind != nil {
				if name := scalarOf(o.Object("metadata").Get("name")); name != nil {
					p.nodes[name.Value] = true
				}
			}
		})
	}
	return p, nil
}

func (p *Program) options(text string) compile.Options {
	return compile.Options{
		Root: p.Root, Dir: p.Root,
		Lookup: func(name string) (string, bool) { v, ok := p.Env[name]; return v, ok },
		ReadFile: func(name string) ([]byte, error) {
			if name == p.Path {
				return []byte(text), nil
			}
			return os.ReadFile(name)
		},
	}
}

func (p *Program) check(text string) ([]diag.Diagnostic, error) {
	w, err := compile.New(p.options(text))
	if err != nil {
		return nil, err
	}
	return w.CheckFile(p.Path)
}

// Seeds are the faults that can be planted in p, in the order of the classes and
// of the text.
func (p *Program) Seeds() []*Seed {
	var out []*Seed
	for i := range Classes {
		out = append(out, p.Plant(&Classes[i])...)
	}
	return out
}

// Plant gives the seeds of one class.
func (p *Program) Plant(c *Class) []*Seed {
	pl := &planter{Program: p, class: c, seen: map[string]bool{}}
	c.plant(pl)
	return pl.seeds
}

// Judge compiles a seed.
func (p *Program) Judge(s *Seed) (Outcome, error) {
	ds, err := p.check(s.Text)
	if err != nil {
		return Outcome{}, err
	}
	var o Outcome
	left := map[finding]int{}
	for k, n := range p.before {
		left[k] = n
	}
	for _, d := range ds {
		k := finding{d.Code, d.Message}
		if left[k] > 0 {
			left[k]--
			continue
		}
		if d.Severity != diag.Error && d.Severity != diag.Warning && !(s.Class.Info && d.Severity == diag.Info) {
			continue
		}
		o.Findings = append(o.Findings, d)
		if !s.Class.has(d.Code) {
			if d.Severity == diag.Error {
				o.Others++
			}
			continue
		}
		o.Caught = true
		if !s.at(d.Loc) && !(s.Class.Elsewhere && slices.ContainsFunc(d.Related, func(r diag.Related) bool { return s.at(r.Loc) })) {
			continue
		}
		o.Placed = true
		o.Suggested = o.Suggested || s.suggested(&d)
	}
	return o, nil
}

// at reports whether a place is on the seed's lines.
func (s *Seed) at(l source.Location) bool {
	if l.File == nil {
		return false
	}
	first := l.File.Position(int(l.Span.Start)).Line
	return first >= s.First && first <= s.Last
}

func (s *Seed) suggested(d *diag.Diagnostic) bool {
	if s.Right == "" || strings.Contains(d.Help, s.Right) {
		return true
	}
	for _, f := range d.Fixes {
		if strings.Contains(f.Title, s.Right) {
			return true
		}
		for _, e := range f.Edits {
			if strings.Contains(e.NewText, s.Right) {
				return true
			}
		}
	}
	return false
}

// planter gathers the seeds of a class in a program.
type planter struct {
	*Program
	class *Class
	seeds []*Seed
	seen  map[string]bool // texts, so that no fault is planted twice
}

// change is an edit of the valid text.
type change struct {
	span source.Span
	text string
}

// add plants a fault. Its lines are those of the first change's new text.
func (pl *planter) add(right string, changes ...change) *Seed {
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.span.Start, b.span.Start) })
	var edits []diag.Edit
	for _, c := range changes {
		edits = append(edits, diag.Edit{Loc: source.Location{File: pl.file, Span: c.span}, NewText: c.text})
	}
	text, err := edit.Apply([]byte(pl.text), edits)
	if err != nil || string(text) == pl.text || pl.seen[string(text)] {
		return nil
	}
	pl.seen[string(text)] = true
	at := int(changes[0].span.Start)
	first := strings.Count(pl.text[:at], "\n") + 1
	s := &Seed{Class: pl.class, Text: string(text), Right: right, First: first, Last: first + strings.Count(changes[0].text, "\n")}
	pl.seeds = append(pl.seeds, s)
	return s
}

// replace plants a fault in the place of a node.
func (pl *planter) replace(n *syntax.Node, right, text string) *Seed {
	return pl.add(right, change{n.Span, text})
}

// about widens the lines of a seed to those of a span of the valid text.
func (pl *planter) about(s *Seed, span source.Span) {
	if s == nil {
		return
	}
	s.First = min(s.First, strings.Count(pl.text[:span.Start], "\n")+1)
	s.Last = max(s.Last, strings.Count(pl.text[:span.End], "\n")+1)
}
