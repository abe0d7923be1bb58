package compile

import (
	"errors"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"

	"hexdag.dev/hexdag/internal/discover"
	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// Analysis is everything that is known about a file. It is immutable.
type Analysis struct {
	Path string
	// File is nil for a text that declares no kind of ours and is no list of
	// nodes (another tool's file, mostly): only its syntax was looked at.
	File *ast.File
	// Source is the file's text, and Tree its syntax, never nil.
	Source *source.File
	Tree   *syntax.Tree
	// Docs are the checked documents, as in File.
	Docs []*Checked
	// Diags are the findings, also those in other files that were read for this
	// one, sorted.
	Diags []diag.Diagnostic
	// Reads are the absolute paths of the other files that were looked for,
	// whether they exist or not.
	Reads []string

	derived sync.Map
}

// Derive is what f makes of the analysis, made once for each key and kept as
// long as the analysis is. f must be pure.
func (a *Analysis) Derive(key any, f func() any) any {
	cell, _ := a.derived.LoadOrStore(key, &derivation{})
	d := cell.(*derivation)
	d.once.Do(func() { d.value = f() })
	return d.value
}

type derivation struct {
	once  sync.Once
	value any
}

// Doc is the document that holds a byte offset; nil where none is.
func (a *Analysis) Doc(offset int) *Checked {
	for i, d := range a.Tree.Docs {
		if offset > int(d.Span.End) {
			continue
		}
		if d.Root == nil {
			return nil
		}
		for _, c := range a.Docs {
			if c.Doc.Root == d.Root {
				return c
			}
		}
		if i < len(a.Tree.Docs) {
			return nil
		}
	}
	return nil
}

// analysis is an Analysis with what it was made from.
type analysis struct {
	*Analysis
	gen   int
	from  map[string]*content
	done  chan struct{}
	err   error
	fault any
}

// flight is an analysis that is being made for a generation of the workspace.
type flight struct {
	path string
	gen  int
}

// holds reports whether everything that the analysis was made from is the same
// in s.
func (a *analysis) holds(s *Snapshot) bool {
	for p, c := range a.from {
		if s.content(p) != c {
			return false
		}
	}
	return true
}

// Known is the analysis of a file if there is one that holds in the snapshot.
func (s *Snapshot) Known(path string) *Analysis {
	st := s.store
	st.mu.Lock()
	a := st.analyses[path]
	st.mu.Unlock()
	if a == nil || !a.holds(s) {
		return nil
	}
	return a.Analysis
}

// Analyze is what is known about a file. The error is that of reading it.
// Several callers that ask at once wait for one another's work.
func (s *Snapshot) Analyze(path string) (*Analysis, error) {
	if a := s.Known(path); a != nil {
		return a, nil
	}
	st := s.store
	if s.gen < 0 {
		a := s.analyze(path)
		return a.result()
	}
	key := flight{path, s.gen}
	st.mu.Lock()
	a, running := st.flights[key]
	if !running {
		a = &analysis{gen: s.gen, done: make(chan struct{})}
		st.flights[key] = a
	}
	st.mu.Unlock()
	if running {
		<-a.done
		return a.result()
	}
	func() {
		defer func() {
			a.fault = recover()
			if a.fault != nil {
				a.fault = &Fault{path, a.fault, debug.Stack()}
			}
			st.mu.Lock()
			delete(st.flights, key)
			if old := st.analyses[path]; a.fault == nil && a.err == nil && (old == nil || old.gen <= a.gen) {
				st.analyses[path] = a
			}
			st.mu.Unlock()
			close(a.done)
		}()
		made := s.analyze(path)
		a.Analysis, a.from, a.err = made.Analysis, made.from, made.err
	}()
	return a.result()
}

// result is what a caller gets: a bug in a phase is a panic for each of them.
func (a *analysis) result() (*Analysis, error) {
	if a.fault != nil {
		panic(a.fault)
	}
	if a.err != nil {
		return nil, a.err
	}
	return a.Analysis, nil
}

// analyze looks at a file.
func (s *Snapshot) analyze(path string) *analysis {
	base := s.store.base
	a := &analysis{Analysis: &Analysis{Path: path}, from: map[string]*content{}}
	var mu sync.Mutex
	read := func(name string) *content {
		if !filepath.IsAbs(name) {
			name = filepath.Join(base.dir, name)
		}
		name = filepath.Clean(name)
		c := s.content(name)
		mu.Lock()
		defer mu.Unlock()
		a.from[name] = c
		return c
	}
	own := read(path)
	var large *TooLargeError
	switch {
	case errors.As(own.err, &large):
		a.Source = source.NewFile(base.display(path), nil)
		a.Tree = syntax.Parse(a.Source, syntax.Budget{})
		a.Diags = []diag.Diagnostic{base.tooLarge(path, large)}
		return a
	case own.err != nil:
		a.err = own.err
		return a
	case !discover.IsManifest(own.data):
		a.Source = source.NewNamed(base.display(path), base.inside(path), own.data)
		a.Tree = syntax.Parse(a.Source, syntax.Budget{})
		if !isNodes(a.Tree) {
			a.Diags = a.Tree.Diags
			return a
		}
	}
	opt := base.opt
	opt.ReadFile = func(name string) ([]byte, error) {
		c := read(name)
		return c.data, c.err
	}
	opt.IsFile = func(name string) bool { return read(name).err == nil }
	w := &Workspace{opt: opt, root: base.root, dir: base.dir, configs: map[string]*configFile{}, folders: map[string]string{}, generic: map[*ast.Doc]*check.Program{}}
	f, err := w.load(path)
	if err != nil {
		a.err = err
		return a
	}
	a.File, a.Source, a.Tree = f, f.Source, f.Tree
	ds := append([]diag.Diagnostic(nil), f.Diags...)
	for _, d := range f.Docs {
		c := &Checked{File: f, Doc: d}
		c.Program, c.Effective, c.Diags = w.checkDoc(path, f, d)
		c.Diags = unlinked(c.Diags)
		c.Generic = w.generic[d]
		ds = append(ds, c.Diags...)
		a.Docs = append(a.Docs, c)
	}
	a.Diags = finish(ds)
	for _, p := range slices.Sorted(maps.Keys(a.from)) {
		if p != path {
			a.Reads = append(a.Reads, p)
		}
	}
	return a
}

// Tree is the syntax of a file, without a look at what it means. The error is
// that of reading it.
func (s *Snapshot) Tree(path string) (*syntax.Tree, error) {
	if a := s.Known(path); a != nil {
		return a.Tree, nil
	}
	c := s.content(path)
	if c.err != nil {
		return nil, c.err
	}
	base := s.store.base
	return syntax.Parse(source.NewNamed(base.display(path), base.inside(path), c.data), syntax.Budget{}), nil
}

// isNodes reports whether a text is nodes that are meant for inclusion.
func isNodes(tree *syntax.Tree) bool {
	for _, d := range tree.Docs {
		n := d.Root.Deref()
		if n == nil {
			continue
		}
		nodes := []*syntax.Node{n}
		if n.Kind == syntax.Sequence {
			nodes = n.Items
		}
		for _, it := range nodes {
			it = it.Deref()
			if it == nil || it.Kind != syntax.Mapping {
				continue
			}
			if kind := it.Get("kind").Deref(); kind != nil && kind.Kind == syntax.Scalar {
				if _, _, ok := schema.NodeKind(kind.Value); ok {
					return true
				}
			}
		}
	}
	return false
}
