// Package discover finds the manifests under folders.
//
// Input: folders. Output: the paths of their manifests, sorted, and what could
// not be looked at. A manifest is a regular file, or a link to one, named
// *.yaml or *.yml, that declares a kind of hexDAG (IsManifest), that no
// .gitignore excludes.
//
// Invariants: the result depends on the tree alone, not on timing or on the
// order of directory entries; folders behind symbolic links are not entered, so
// that no loop can be walked and nothing is found twice; a pipe or device is
// never opened; what is not readable is reported, never passed over in silence;
// at most one file per processor is in memory.
//
// The three hardest cases: .gitignore files above, in and below the folder that
// was asked for, with negations; a document of another tool whose kind has the
// same name as one of ours; a file whose kind is misspelt.
package discover

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"hexdag.dev/hexdag/lang/source"
)

// MaxFileSize is the size in bytes above which a file is not searched for its
// kind: it is taken for a manifest, so that its size is reported.
const MaxFileSize = 8 << 20

// Result is what Manifests found.
type Result struct {
	Paths  []string // manifests, with the prefix of the folder they were found under
	Errors []error  // files and folders that could not be read
}

// Manifests finds the manifests under folder, which may be a link to a folder.
// Paths start with folder as given, or with nothing for ".".
func Manifests(folder string) Result {
	var r Result
	candidates, err := walk(folder, &r)
	if err != nil {
		r.Errors = append(r.Errors, err)
		return r
	}
	keep := make([]bool, len(candidates))
	failed := make([]error, len(candidates))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(candidates)) {
		workers.Go(func() {
			var buf []byte
			for {
				i := int(next.Add(1)) - 1
				if i >= len(candidates) {
					return
				}
				buf, keep[i], failed[i] = scan(candidates[i], buf)
			}
		})
	}
	workers.Wait()
	for i, path := range candidates {
		if failed[i] != nil {
			r.Errors = append(r.Errors, failed[i])
		} else if keep[i] {
			r.Paths = append(r.Paths, path)
		}
	}
	return r
}

// scan reports whether the file at path is a manifest. It reads into buf and
// gives it back for the next file.
func scan(path string, buf []byte) ([]byte, bool, error) {
	if buf == nil {
		buf = make([]byte, 0, 64<<10)
	}
	text, err := source.Read(path, buf, MaxFileSize)
	var size *source.SizeError
	if errors.As(err, &size) {
		return buf, true, nil
	}
	if err != nil {
		return buf, false, err
	}
	return text[:0], IsManifest(text), nil
}

// walker collects candidates below one folder.
type walker struct {
	result *Result
	found  []string
	ignore []ignoreFile // from the outermost folder inwards
}

// walk is every file below folder that has the right name and is not ignored.
func walk(folder string, r *Result) ([]string, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	w := walker{result: r}
	above := w.ignoreAbove(absolute)
	prefix := filepath.ToSlash(filepath.Clean(folder))
	if prefix == "." {
		prefix = ""
	}
	w.folder(folder, prefix, above)
	return w.found, nil
}

// ignoreAbove reads the .gitignore files between the root of the repository
// that absolute lies in and absolute itself, and gives absolute's segments below
// that root. Outside a repository there are none.
func (w *walker) ignoreAbove(absolute string) []string {
	root := absolute
	for {
		if _, err := os.Lstat(filepath.Join(root, ".git")); err == nil {
			break
		}
		parent := filepath.Dir(root)
		if parent == root {
			return nil
		}
		root = parent
	}
	rel, err := filepath.Rel(root, absolute)
	if err != nil || rel == "." {
		return nil
	}
	segments := strings.Split(filepath.ToSlash(rel), "/")
	for i := range segments {
		w.readIgnore(filepath.Join(root, filepath.Join(segments[:i]...)), i)
	}
	return segments
}

func (w *walker) readIgnore(folder string, depth int) {
	path := filepath.Join(folder, ".gitignore")
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		w.result.Errors = append(w.result.Errors, err)
		return
	}
	if f := parseIgnore(string(text), depth); len(f.patterns) > 0 {
		w.ignore = append(w.ignore, f)
	}
}

// folder looks through one folder. segments lead to it from the outermost one.
func (w *walker) folder(path, shown string, segments []string) {
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		w.result.Errors = append(w.result.Errors, err)
		return
	}
	mark := len(w.ignore)
	w.readIgnore(path, len(segments))
	defer func() { w.ignore = w.ignore[:mark] }()

	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(sortKey(a), sortKey(b)) })
	for _, e := range entries {
		name := e.Name()
		inside := append(segments[:len(segments):len(segments)], name)
		full, shownName := filepath.Join(path, name), name
		if shown != "" {
			shownName = strings.TrimSuffix(shown, "/") + "/" + name
		}
		if e.IsDir() {
			if name != ".git" && name != ".hg" && name != ".svn" && !ignored(w.ignore, inside, true) {
				w.folder(full, shownName, inside)
			}
			continue
		}
		if ext := strings.ToLower(filepath.Ext(name)); ext != ".yaml" && ext != ".yml" {
			continue
		}
		if ignored(w.ignore, inside, false) {
			continue
		}
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(full)
			if err != nil {
				w.result.Errors = append(w.result.Errors, err)
				continue
			}
			if !info.Mode().IsRegular() {
				continue
			}
		} else if !e.Type().IsRegular() {
			continue
		}
		w.found = append(w.found, shownName)
	}
}

// sortKey makes the order of the walk that of the paths as strings.
func sortKey(e os.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}
