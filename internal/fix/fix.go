// Package fix applies the fixes that findings carry, until there are none left.
//
// Input: files, a way to check them with some of them changed in memory, and
// whether unsafe fixes are wanted. Output: the changed texts and the findings
// that remain. Nothing is written.
//
// Invariants: only files that were asked for change, and files are made only where
// there is none; a fix is applied as a whole
// or not at all; a file that could be parsed before can be parsed afterwards; it
// ends, because there is a bound on the rounds.
//
// The three hardest cases: fixes that overlap, of which the second is tried again
// in the next round, when its finding may be gone; two fixes that undo each
// other; a file that two manifests include, whose findings come twice.
package fix

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/format/edit"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// maxRounds is how often files are checked and fixed. Each round fixes at least
// one finding; more rounds mean fixes that undo each other.
const maxRounds = 10

// ReadFile reads a file by its path.
type ReadFile func(path string) ([]byte, error)

// Checker checks files whose texts it must read through read.
type Checker func(paths []string, read ReadFile) ([]diag.Diagnostic, error)

// Result is what fixing leads to.
type Result struct {
	// Changed are the new texts, by the paths that were given.
	Changed map[string][]byte
	// Fixed is the number of findings whose fix was applied.
	Fixed int
	// Remaining are the findings about the fixed texts.
	Remaining []diag.Diagnostic
}

// Paths are the changed paths, sorted.
func (r *Result) Paths() []string { return slices.Sorted(maps.Keys(r.Changed)) }

// Apply fixes the files at paths. It takes the first safe fix of each finding,
// with all the first fix of any kind. Paths are as findings name them: relative
// to the working directory.
func Apply(paths []string, check Checker, all bool) (*Result, error) {
	r := &Result{Changed: map[string][]byte{}}
	f := &fixer{result: r, wanted: map[string]bool{}, absolute: map[string]string{}, refused: map[string]bool{}}
	for _, p := range paths {
		f.wanted[p] = true
		if abs, err := filepath.Abs(p); err == nil {
			f.absolute[abs] = p
			if real, err := filepath.EvalSymlinks(abs); err == nil {
				f.absolute[real] = p
			}
		}
	}
	for round := 0; ; round++ {
		findings, err := check(paths, f.read)
		if err != nil {
			return nil, err
		}
		r.Remaining = findings
		if round == maxRounds || !f.round(findings, all) {
			return r, nil
		}
	}
}

type fixer struct {
	result   *Result
	wanted   map[string]bool
	absolute map[string]string // absolute path → path as given
	refused  map[string]bool   // files that fixes would break
}

// read gives changed files as they are now, others as they are on disk.
func (f *fixer) read(path string) ([]byte, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if text, ok := f.result.Changed[f.absolute[abs]]; ok {
		return text, nil
	}
	return os.ReadFile(path)
}

// round applies one round of fixes and reports whether anything changed.
func (f *fixer) round(findings []diag.Diagnostic, all bool) bool {
	var set edit.Set
	files := map[string]*source.File{} // one for each path, whoever read it
	fixed := 0
	for i := range findings {
		fix, ok := choose(&findings[i], all)
		if !ok {
			continue
		}
		if fix, ok = f.unify(fix, files); ok && set.Add(fix) {
			fixed++
		}
	}
	changed, broken := map[string][]byte{}, false
	for _, file := range set.Files() {
		text, err := set.Apply(file)
		if err != nil || breaks(file, text) {
			f.refused[file.Path()] = true
			broken = true
		} else if string(text) != file.Text() {
			changed[file.Path()] = text
		}
	}
	if broken {
		// A fix may have changed such a file and another one, so all are chosen
		// again without those that change it.
		return f.round(findings, all)
	}
	if len(changed) == 0 {
		return false
	}
	maps.Copy(f.result.Changed, changed)
	f.result.Fixed += fixed
	return true
}

// choose is the fix of a finding that is to be applied.
func choose(d *diag.Diagnostic, all bool) (diag.Fix, bool) {
	for _, fix := range d.Fixes {
		if (fix.Safe || all) && len(fix.Edits) > 0 {
			return fix, true
		}
	}
	return diag.Fix{}, false
}

// unify makes the edits of a fix be about one source for each path. It fails for
// a fix that changes a file that was not asked for, or that was read anew with
// another text in the meantime.
func (f *fixer) unify(fix diag.Fix, files map[string]*source.File) (diag.Fix, bool) {
	edits := slices.Clone(fix.Edits)
	for i := range edits {
		file := edits[i].Loc.File
		if file == nil || !f.wanted[file.Path()] && !edits[i].Create || f.refused[file.Path()] {
			return fix, false
		}
		if edits[i].Create && !f.create(file.Path()) {
			return fix, false
		}
		first, known := files[file.Path()]
		if !known {
			first = file
			files[file.Path()] = file
		}
		if first.Text() != file.Text() {
			return fix, false
		}
		edits[i].Loc.File = first
	}
	fix.Edits = edits
	return fix, true
}

// create reports whether a file may be made: it is not there, and was not made
// before. From then on it is read as it will be.
func (f *fixer) create(path string) bool {
	if _, made := f.result.Changed[path]; made {
		return false
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	if _, err := os.Lstat(abs); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	f.absolute[abs] = path
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		f.absolute[filepath.Join(dir, filepath.Base(abs))] = path
	}
	return true
}

// breaks reports whether a text has syntax errors that it had not before.
func breaks(before *source.File, after []byte) bool {
	parse := func(f *source.File) string {
		var errors []string
		for _, d := range syntax.Parse(f, syntax.Budget{}).Diags {
			if d.Severity == diag.Error {
				errors = append(errors, string(d.Code))
			}
		}
		return strings.Join(errors, " ")
	}
	now := parse(source.NewFile(before.Path(), after))
	return now != "" && len(now) > len(parse(before))
}
