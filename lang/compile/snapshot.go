package compile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hexdag.dev/hexdag/internal/discover"
	"hexdag.dev/hexdag/lang/source"
)

// Store is a workspace that is being edited: files on disk, and overlays with
// the text that an editor has of some. It keeps what was worked out about each
// file until one of the files that this was made from changes. It is safe for
// concurrent use; what it keeps is one analysis a file, however many edits there
// were.
type Store struct {
	opt  Options
	base *Workspace // its root and folder; never used to read

	mu       sync.Mutex
	now      *Snapshot
	analyses map[string]*analysis // the newest one of each file
	flights  map[flight]*analysis // those that are being made
}

// content is one state of a file. Two snapshots have the same text of a file if
// they have the same content of it.
type content struct {
	data []byte
	err  error
}

// disk is what was read of the files on disk since somebody said that they
// changed; it is filled when it is asked.
type disk struct {
	mu        sync.Mutex
	files     map[string]*content
	manifests []string
	found     bool
}

// Snapshot is a workspace at one moment. What it answers does not change; it is
// safe for concurrent use.
type Snapshot struct {
	store    *Store
	gen      int
	overlays map[string]*content
	disk     *disk
}

// NewStore makes a Store of the files below opt.Root, without overlays. ReadFile
// of the options is how files on disk are read.
func NewStore(opt Options) (*Store, error) {
	w, err := New(opt)
	if err != nil {
		return nil, err
	}
	st := &Store{opt: w.opt, base: w, analyses: map[string]*analysis{}, flights: map[flight]*analysis{}}
	st.now = &Snapshot{store: st, overlays: map[string]*content{}, disk: &disk{files: map[string]*content{}}}
	return st, nil
}

// Root is the workspace's folder, without symbolic links.
func (st *Store) Root() string { return st.base.root }

// Snapshot is the workspace as it is now.
func (st *Store) Snapshot() *Snapshot {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.now
}

// SetOverlay puts an editor's text in place of the file at an absolute path; the
// caller must not change it later.
func (st *Store) SetOverlay(path string, text []byte) { st.overlay(path, &content{data: text}) }

// DropOverlay takes an editor's text away: what is on disk counts again.
func (st *Store) DropOverlay(path string) { st.overlay(path, nil) }

func (st *Store) overlay(path string, c *content) {
	st.mu.Lock()
	defer st.mu.Unlock()
	next := &Snapshot{store: st, gen: st.now.gen + 1, disk: st.now.disk, overlays: make(map[string]*content, len(st.now.overlays)+1)}
	for p, old := range st.now.overlays {
		next.overlays[p] = old
	}
	if c != nil {
		next.overlays[path] = c
	} else {
		delete(next.overlays, path)
	}
	st.now = next
}

// Changed says that files on disk were made, changed or removed; without a path,
// that any may have been. What their change does not touch is kept.
func (st *Store) Changed(paths ...string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	old := st.now.disk
	next := &disk{files: map[string]*content{}}
	old.mu.Lock()
	for p, c := range old.files {
		if len(paths) > 0 && !touches(paths, p) {
			next.files[p] = c
			continue
		}
		// An unchanged text keeps its identity, and with it every analysis.
		if again := readContent(st.opt.ReadFile, p); same(c, again) {
			next.files[p] = c
		} else {
			next.files[p] = again
		}
	}
	old.mu.Unlock()
	st.now = &Snapshot{store: st, gen: st.now.gen + 1, disk: next, overlays: st.now.overlays}
	st.forget()
}

// touches reports whether a path, or a folder that it is in, is among paths.
func touches(paths []string, path string) bool {
	for _, p := range paths {
		if p == path || strings.HasPrefix(path, p+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// forget drops what is known about files that are not there any more.
func (st *Store) forget() {
	for p := range st.analyses {
		if c, ok := st.now.disk.files[p]; ok && c.err != nil && st.now.overlays[p] == nil {
			delete(st.analyses, p)
		}
	}
}

func readContent(read func(string) ([]byte, error), path string) *content {
	data, err := read(path)
	if err == nil && len(data) > MaxFile {
		data, err = nil, &TooLargeError{Path: path, Size: int64(len(data)), Limit: MaxFile}
	}
	return &content{data, err}
}

func same(a, b *content) bool {
	if a.err != nil || b.err != nil {
		return a.err != nil && b.err != nil && errors.Is(a.err, fs.ErrNotExist) == errors.Is(b.err, fs.ErrNotExist)
	}
	return bytes.Equal(a.data, b.data)
}

// content is the state of a file in this snapshot.
func (s *Snapshot) content(path string) *content {
	if c, ok := s.overlays[path]; ok {
		if len(c.data) > MaxFile {
			return &content{err: &TooLargeError{Path: path, Size: int64(len(c.data)), Limit: MaxFile}}
		}
		return c
	}
	s.disk.mu.Lock()
	c, ok := s.disk.files[path]
	s.disk.mu.Unlock()
	if ok {
		return c
	}
	c = readContent(s.store.opt.ReadFile, path)
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if first, ok := s.disk.files[path]; ok {
		return first
	}
	s.disk.files[path] = c
	return c
}

// Root is the workspace's folder.
func (s *Snapshot) Root() string { return s.store.base.root }

// Store is what the snapshot was taken of.
func (s *Snapshot) Store() *Store { return s.store }

// Read is the text of a file, as the editor has it or as it is on disk.
func (s *Snapshot) Read(path string) ([]byte, error) {
	c := s.content(path)
	return c.data, c.err
}

// With is the snapshot with other texts of some files: what an edit would lead
// to. Nothing that it works out is kept.
func (s *Snapshot) With(texts map[string][]byte) *Snapshot {
	next := &Snapshot{store: s.store, gen: -1, disk: s.disk, overlays: make(map[string]*content, len(s.overlays)+len(texts))}
	for p, c := range s.overlays {
		next.overlays[p] = c
	}
	for p, text := range texts {
		next.overlays[p] = &content{data: text}
	}
	return next
}

// Open reports whether an editor's text stands for the file.
func (s *Snapshot) Open(path string) bool { return s.overlays[path] != nil }

// Path is the absolute path of a source that was read for this workspace.
func (s *Snapshot) Path(f *source.File) string {
	path := filepath.FromSlash(f.Path())
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(s.store.base.dir, path)
}

// Manifests are the absolute paths of the workspace's manifests, on disk or in
// an editor, sorted.
func (s *Snapshot) Manifests() []string {
	s.disk.mu.Lock()
	if !s.disk.found {
		s.disk.manifests, s.disk.found = discover.Manifests(s.Root()).Paths, true
	}
	all := slices.Clone(s.disk.manifests)
	s.disk.mu.Unlock()
	for p, c := range s.overlays {
		i, found := slices.BinarySearch(all, p)
		switch is := discover.IsManifest(c.data); {
		case is && !found && s.Inside(p):
			all = slices.Insert(all, i, p)
		case !is && found:
			all = slices.Delete(all, i, i+1)
		}
	}
	return all
}

// Inside reports whether a path is below the workspace's root.
func (s *Snapshot) Inside(path string) bool {
	rel, err := filepath.Rel(s.Root(), path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// List is the names in a folder of the workspace, folders with a slash behind,
// sorted; nothing if the folder is outside or cannot be read.
func (s *Snapshot) List(dir string) []string {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || !s.Inside(real) {
		return nil
	}
	entries, err := os.ReadDir(real)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		out = append(out, name)
	}
	return out
}
