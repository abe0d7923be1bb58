// Package compile drives the phases: it reads files, parses, checks and lowers
// them, and keeps what did not change.
//
// Input: a workspace root, files in it, the environment. Output: diagnostics of
// files, and programs.
//
// Invariants: every document is judged as its own root (selection is not
// checking); only what the program of a file names is read, and nothing outside
// of the workspace root; results are the same for any order and any number of
// concurrent calls; a Workspace is safe for concurrent use.
//
// The three hardest cases: a definition of one document that another of the same
// stream or the discovered Config uses; a file that several programs read, of
// which each sees its own configuration; names of files, which are relative to
// the working directory in messages and to the root in programs.
package compile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/lower"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/tomlconf"
)

// MaxFile is the size of the largest file that is read, in bytes.
const MaxFile = 8 << 20

// Options configure a Workspace. The zero value works in the current directory.
type Options struct {
	// Root is the workspace root; files outside of it are not read for a
	// manifest. "" means the working directory.
	Root string
	// Dir is what displayed paths are relative to; "" is the working directory.
	Dir string
	// Config is the path of a `kind: Config` file; "" looks for hexdag.yaml from
	// the manifest's folder up to Root.
	Config string
	// Env picks documents by metadata.namespace.
	Env string
	// Lookup finds environment variables; nil means none is set.
	Lookup func(name string) (string, bool)
	// ReadFile reads a file by its path; nil means the file system. Editors give
	// their unsaved text here.
	ReadFile func(path string) ([]byte, error)
	// IsFile reports whether there is a file at a path; nil asks the file system.
	IsFile func(path string) bool
}

// Workspace compiles the files below one root.
type Workspace struct {
	opt  Options
	root string
	dir  string
	cwd  string // the working directory when the workspace was made

	generic map[*ast.Doc]*check.Program // of macros; nil if nobody asks for them

	finding sync.Mutex             // held while configs is read or filled
	configs map[string]*configFile // by folder
	mu      sync.Mutex
	folders map[string]string // without symbolic links, by folder
}

// New makes a Workspace.
func New(opt Options) (*Workspace, error) {
	if opt.Lookup == nil {
		opt.Lookup = func(string) (string, bool) { return "", false }
	}
	if opt.ReadFile == nil {
		opt.ReadFile = readFile
	}
	if opt.IsFile == nil {
		opt.IsFile = isFile
	}
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(orDot(opt.Dir))
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(orDot(opt.Root))
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return &Workspace{opt: opt, root: root, dir: dir, cwd: cwd, configs: map[string]*configFile{}, folders: map[string]string{}}, nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

func orDot(s string) string {
	if s == "" {
		return "."
	}
	return s
}

// TooLargeError says that a file is over MaxFile.
type TooLargeError = source.SizeError

func readFile(name string) ([]byte, error) { return source.Read(name, nil, MaxFile) }

// load reads and types one file. name is a path of the file system.
func (w *Workspace) load(name string) (*ast.File, error) {
	data, err := w.opt.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxFile {
		return nil, &TooLargeError{Path: name, Size: int64(len(data)), Limit: MaxFile}
	}
	f := source.NewNamed(w.display(name), w.inside(name), data)
	if tomlconf.Is(name) {
		return w.loadTOML(name, f), nil
	}
	return ast.Build(f, w.expansion()), nil
}

// abs is an absolute path. filepath.Abs asks the system where it is each time.
func (w *Workspace) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(w.cwd, name)
}

// display is a path relative to Dir with forward slashes.
func (w *Workspace) display(name string) string {
	return filepath.ToSlash(relative(w.dir, w.abs(name), name))
}

// inside is a path relative to the root, whatever the working directory; a file
// outside of it has its base name.
func (w *Workspace) inside(name string) string {
	abs := w.abs(name)
	abs = filepath.Join(w.real(filepath.Dir(abs)), filepath.Base(abs))
	rel, err := filepath.Rel(w.root, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.Base(abs)
	}
	return filepath.ToSlash(rel)
}

// real is an absolute folder without symbolic links, looked up once.
func (w *Workspace) real(dir string) string {
	w.mu.Lock()
	real, ok := w.folders[dir]
	w.mu.Unlock()
	if ok {
		return real
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		real = dir
	}
	w.mu.Lock()
	w.folders[dir] = real
	w.mu.Unlock()
	return real
}

func relative(dir, abs, fallback string) string {
	if rel, err := filepath.Rel(dir, abs); err == nil {
		return rel
	}
	return fallback
}

// within reads a file that a manifest names, by its path relative to the root.
// Symbolic links must not lead out of the root.
func (w *Workspace) within(name string) ([]byte, error) {
	real, err := w.resolve(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file")
	case err != nil:
		return nil, err
	}
	return w.read(real)
}

// Report is what Check found.
type Report struct {
	Diagnostics []diag.Diagnostic
	Files       int
}

// Fault is what Check panics with when a phase did: a bug, moved from the
// goroutine that met it to the caller's.
type Fault struct {
	File  string
	Cause any
	trace []byte
}

// String is the file and the cause.
func (f *Fault) String() string { return fmt.Sprintf("%s: %v", f.File, f.Cause) }

// Trace is the stack of the goroutine that met the bug.
func (f *Fault) Trace() []byte { return f.trace }

// Check checks every document of the files, each as its own root. An error is
// about a file that cannot be read. What a pipeline lacks is no finding where
// every System among the files that runs it brings it.
func (w *Workspace) Check(paths []string) (*Report, error) {
	type result struct {
		ds    []diag.Diagnostic
		err   error
		fault *Fault
	}
	results := make([]result, len(paths))
	brought := &links{answered: map[link]bool{}}
	var next atomic.Int64
	var wg sync.WaitGroup
	work := func() {
		defer wg.Done()
		for {
			i := int(next.Add(1)) - 1
			if i >= len(paths) {
				return
			}
			func() {
				defer func() {
					if p := recover(); p != nil {
						results[i].fault = &Fault{paths[i], p, debug.Stack()}
					}
				}()
				results[i].ds, results[i].err = w.checkFile(paths[i], brought)
			}()
		}
	}
	// the caller's goroutine works, too: a single file needs no other thread
	workers := max(min(len(paths), runtime.GOMAXPROCS(0)), 1)
	wg.Add(workers)
	for range workers - 1 {
		go work()
	}
	work()
	wg.Wait()
	r := &Report{Files: len(paths)}
	for _, x := range results {
		if x.fault != nil {
			panic(x.fault) // here the caller can catch it
		}
		if x.err != nil {
			return nil, x.err
		}
		r.Diagnostics = append(r.Diagnostics, x.ds...)
	}
	r.Diagnostics = brought.open(r.Diagnostics)
	diag.Sort(r.Diagnostics)
	r.Diagnostics = finish(r.Diagnostics)
	return r, nil
}

// unique drops findings that are there twice: two documents of a stream may
// lead to the same place. Of a file that is included several times a finding is
// there once, and says how often it is met.
func unique(ds []diag.Diagnostic) []diag.Diagnostic {
	out := ds[:0]
	again := 0 // inclusions besides the first that have the last finding of out
	close := func() {
		if again > 0 {
			last := &out[len(out)-1]
			site := last.Loc
			if n := len(last.Related); n > 0 {
				site = last.Related[n-1].Loc
			}
			more := "and 1 more inclusion of the file has this finding"
			if again > 1 {
				more = fmt.Sprintf("and %d more inclusions of the file have this finding", again)
			}
			*last = last.WithRelated(site, "%s", more)
			again = 0
		}
	}
	for _, d := range ds {
		if len(out) > 0 {
			last := out[len(out)-1]
			if last.Code == d.Code && last.Loc.Span == d.Loc.Span && last.Message == d.Message && samePath(last.Loc.File, d.Loc.File) {
				if last.Loc.File != d.Loc.File && included(d) {
					again++
				}
				continue
			}
		}
		close()
		out = append(out, d)
	}
	close()
	return out
}

// included reports whether a finding is about an included file.
func included(d diag.Diagnostic) bool {
	return slices.ContainsFunc(d.Related, func(r diag.Related) bool { return r.Message == "included here" })
}

func samePath(a, b *source.File) bool {
	return a == b || a != nil && b != nil && a.Path() == b.Path()
}

// CheckFile checks every document of one file.
func (w *Workspace) CheckFile(name string) ([]diag.Diagnostic, error) {
	return w.checkFile(name, nil)
}

// checkFile is CheckFile, which tells what the file's Systems bring to pipelines.
func (w *Workspace) checkFile(name string, brought *links) ([]diag.Diagnostic, error) {
	f, err := w.load(name)
	var large *TooLargeError
	if errors.As(err, &large) {
		return []diag.Diagnostic{w.tooLarge(name, large)}, nil
	}
	if err != nil {
		return nil, err
	}
	ds := append([]diag.Diagnostic(nil), f.Diags...)
	if len(f.Docs) == 0 && len(ds) == 0 {
		ds = append(ds, diag.New(diag.EmptyFile, source.Location{File: f.Source}, "the file holds no document").
			WithHelp("start with `kind: Pipeline`, or remove the file"))
	}
	for _, d := range f.Docs {
		if d.System != nil {
			s := w.checkSystem(name, f, d)
			if brought != nil {
				brought.system(s)
			}
			ds = append(ds, s.ds.Items()...)
			continue
		}
		_, _, more := w.checkDoc(name, f, d)
		ds = append(ds, unlinked(more)...)
	}
	diag.Sort(ds)
	ds = finish(ds)
	if tomlconf.Is(name) {
		return withoutEdits(ds), nil // its tree was made by hand
	}
	f.Tree.Release() // findings have places and texts, no nodes
	return ds, nil
}

// tooLarge is the finding about a file that was not read.
func (w *Workspace) tooLarge(name string, e *TooLargeError) diag.Diagnostic {
	loc := source.Location{File: source.NewFile(w.display(name), nil)}
	return diag.New(diag.FileTooLarge, loc, "the file is %d bytes long; the limit is %d", e.Size, MaxFile).
		WithHelp("split it into several manifests")
}

// checkDoc checks one document with what it can see.
func (w *Workspace) checkDoc(name string, f *ast.File, d *ast.Doc) (*check.Program, config.Effective, []diag.Diagnostic) {
	return w.checkUnder(name, f, d, nil)
}

// checkUnder is checkDoc for a document under another one, whose tools and services
// it sees; nil for none.
func (w *Workspace) checkUnder(name string, f *ast.File, d *ast.Doc, above *ast.Configuration) (*check.Program, config.Effective, []diag.Diagnostic) {
	var ds []diag.Diagnostic
	if d.System != nil {
		return nil, config.Effective{}, w.checkSystem(name, f, d).ds.Items()
	}
	layers, more := w.layers(name, f, d)
	ds = append(ds, more...)
	defs := w.definitions(name, f, d)
	opt := check.Options{ReadFile: w.within, Adapters: defs.adapters, Policies: defs.policies, Middleware: defs.middleware}
	eff, more := config.Resolve(layers, config.Definitions{Policies: opt.Policies})
	ds = append(ds, more...)
	eff.Provide(above, false)
	opt.Effective = eff
	if d.Macro != nil {
		p, more := checkMacro(d, opt)
		if w.generic != nil {
			w.generic[d] = p
		}
		return nil, eff, append(ds, f.Composed.Annotate(more)...)
	}
	if d.Pipeline == nil {
		return nil, eff, append(ds, f.Composed.Annotate(check.Standalone(d, opt))...)
	}
	p, more := check.Check(d, opt)
	return p, eff, append(ds, f.Composed.Annotate(more)...)
}

// adapters are the Adapter documents of a stream, by name.
func adapters(f *ast.File) map[string]*ast.Doc {
	out := map[string]*ast.Doc{}
	for _, d := range f.Docs {
		if d.Adapter != nil && d.Name.Name != "" {
			out[d.Name.Name] = d
		}
	}
	return out
}

// Build compiles the program of a file. name picks one of several by its
// metadata.name; "" means the only one. The program is nil if there are errors.
func (w *Workspace) Build(file, name string) (*ir.Program, []diag.Diagnostic, error) {
	f, err := w.load(file)
	var large *TooLargeError
	if errors.As(err, &large) {
		return nil, []diag.Diagnostic{w.tooLarge(file, large)}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	ds := append([]diag.Diagnostic(nil), f.Diags...)
	d, more := w.pick(f, name)
	ds = append(ds, more...)
	if d == nil {
		diag.Sort(ds)
		return nil, ds, nil
	}
	var prog *ir.Program
	if d.System != nil {
		prog, more = w.checkSystem(file, f, d).build()
		return w.verified(f, d, prog, append(ds, more...))
	}
	p, eff, more := w.checkDoc(file, f, d)
	ds = append(ds, more...)
	for i := range ds {
		if ds[i].Code == diag.EnvUnset {
			ds[i].Severity = diag.Error // a build needs the value
		}
	}
	if diag.HasErrors(ds) {
		diag.Sort(ds)
		return nil, finish(ds), nil
	}
	defs := w.definitions(file, f, d)
	prog, more = lower.Lower(p, eff, lower.Options{Adapters: defs.adapters, Middleware: defs.middleware})
	return w.verified(f, d, prog, append(ds, more...))
}

// verified is the end of Build: the program, unless something is wrong with it.
func (w *Workspace) verified(f *ast.File, d *ast.Doc, prog *ir.Program, ds []diag.Diagnostic) (*ir.Program, []diag.Diagnostic, error) {
	diag.Sort(ds)
	ds = finish(ds)
	if diag.HasErrors(ds) {
		return nil, ds, nil
	}
	if err := ir.Verify(prog); err != nil {
		ds = append(ds, diag.New(diag.Internal, source.Location{File: f.Source}, "the program of %q is inconsistent: %v", d.Name.Name, err))
		return nil, ds, nil
	}
	return prog, ds, nil
}
