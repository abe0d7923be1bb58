package lsp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sourcegraph/jsonrpc2"
	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/ide"
	"hexdag.dev/hexdag/lang/source"
)

// root is one folder of the workspace.
type root struct {
	path  string
	store *compile.Store
	loose bool // made for a file that is in no folder of the workspace
}

// view is the session at one moment: what a request sees, whatever comes after
// it. It is immutable.
type view struct {
	s     *Server
	docs  map[string]*document
	roots []*root
	snaps map[*root]*compile.Snapshot
}

// now is the view of this moment.
func (s *Server) now() *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &view{s: s, docs: s.docs, roots: append([]*root(nil), s.roots...), snaps: map[*root]*compile.Snapshot{}}
	for _, r := range v.roots {
		v.snaps[r] = r.store.Snapshot()
	}
	return v
}

type viewKey struct{}

// viewOf is the view that a request was given when it came.
func (s *Server) viewOf(ctx context.Context) *view {
	if v, ok := ctx.Value(viewKey{}).(*view); ok {
		return v
	}
	return s.now()
}

// addRoot makes a folder part of the workspace; the lock is held.
func (s *Server) addRoot(path string, loose bool) *root {
	for _, r := range s.roots {
		if r.path == path {
			r.loose = r.loose && loose
			return r
		}
	}
	store, err := compile.NewStore(compile.Options{Root: path, Dir: path, Lookup: s.opt.Lookup})
	if err != nil {
		// Only a working directory that is gone can do that: paths are absolute.
		s.log.Printf("%s: %v", path, err)
		store, _ = compile.NewStore(compile.Options{Root: string(filepath.Separator), Dir: string(filepath.Separator)})
	}
	r := &root{path: path, store: store, loose: loose}
	s.roots = append(s.roots, r)
	return r
}

// place is the path of a document and the folder that it belongs to: the
// innermost that holds it, else one of its own. The lock is held.
func (s *Server) place(uri string) (string, *root) {
	path, err := pathOf(uri)
	if err != nil {
		// A text without a file: as if it stood in the first folder.
		if len(s.roots) == 0 {
			dir, err := os.Getwd()
			if err != nil {
				dir = string(filepath.Separator)
			}
			s.addRoot(dir, true)
		}
		return filepath.Join(s.roots[0].path, strings.Map(plain, uri)), s.roots[0]
	}
	if r := rootOf(s.roots, path); r != nil {
		return path, r
	}
	return path, s.addRoot(filepath.Dir(path), true)
}

// isGone reports whether a file belonged to a folder of the workspace that has
// been taken out of it since the view.
func (s *Server) isGone(v *view, path string) bool {
	r := rootOf(v.roots, path)
	if r == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.Contains(s.roots, r)
}

// plain replaces what cannot stand in a file's name.
func plain(r rune) rune {
	if r == '/' || r == '\\' || r == 0 {
		return '_'
	}
	return r
}

// rootOf is the innermost folder around a path; nil if none is.
func rootOf(roots []*root, path string) *root {
	var best *root
	for _, r := range roots {
		if inside(r.path, path) && (best == nil || len(r.path) > len(best.path)) {
			best = r
		}
	}
	return best
}

func inside(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// file is a document of a request with the snapshot that it is seen in.
type file struct {
	*document
	v    *view
	snap *compile.Snapshot
}

// open is the document that a request names.
func (s *Server) open(ctx context.Context, uri string) (*file, error) {
	v := s.viewOf(ctx)
	doc := v.docs[uri]
	if doc == nil {
		return nil, notOpen(uri)
	}
	return &file{doc, v, v.snaps[doc.root]}, nil
}

func notOpen(uri string) error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("%s is not open", uri)}
}

// offset is the byte offset of a position.
func (f *file) offset(p protocol.Position) int {
	return f.file.OffsetUTF16(int(min(p.Line, 1<<30)), int(min(p.Character, 1<<30)))
}

// uri is the URI of a path: the one that the editor uses, if it is open there.
func (v *view) uri(path string) string {
	for _, d := range v.docs {
		if d.path == path {
			return d.uri
		}
	}
	return uriOf(path)
}

// sourceOf is the text of a path in a snapshot, for its positions.
func (v *view) sourceOf(snap *compile.Snapshot, path string) *source.File {
	for _, d := range v.docs {
		if d.path == path {
			return d.file
		}
	}
	text, err := snap.Read(path)
	if err != nil {
		return source.NewFile(path, nil)
	}
	if a := snap.Known(path); a != nil {
		return a.Source
	}
	return source.NewFile(path, text)
}

func (f *file) locations(list []ide.Location) []protocol.Location {
	out := make([]protocol.Location, 0, len(list))
	files := map[string]*source.File{}
	for _, l := range list {
		if files[l.Path] == nil {
			files[l.Path] = f.v.sourceOf(f.snap, l.Path)
		}
		out = append(out, protocol.Location{URI: f.v.uri(l.Path), Range: rangeOf(files[l.Path], l.Span)})
	}
	return out
}

// workspaceEdit is edits in the protocol's form.
func (f *file) workspaceEdit(edits []ide.Edit) *protocol.WorkspaceEdit {
	changes := map[protocol.DocumentUri][]protocol.TextEdit{}
	files := map[string]*source.File{}
	for _, e := range edits {
		if files[e.Path] == nil {
			files[e.Path] = f.v.sourceOf(f.snap, e.Path)
		}
		uri := f.v.uri(e.Path)
		changes[uri] = append(changes[uri], protocol.TextEdit{Range: rangeOf(files[e.Path], e.Span), NewText: e.NewText})
	}
	return &protocol.WorkspaceEdit{Changes: changes}
}

// offsets are the byte offsets of a range; an end before the start is taken as
// the start.
func offsets(f *source.File, r protocol.Range) (start, end int) {
	start = f.OffsetUTF16(int(min(r.Start.Line, 1<<30)), int(min(r.Start.Character, 1<<30)))
	end = f.OffsetUTF16(int(min(r.End.Line, 1<<30)), int(min(r.End.Character, 1<<30)))
	return start, max(start, end)
}

// rangeOf is a span as editors count.
func rangeOf(f *source.File, s source.Span) protocol.Range {
	line, column := f.UTF16(int(s.Start))
	endLine, endColumn := f.UTF16(int(s.End))
	return protocol.Range{
		Start: protocol.Position{Line: uint32(line), Character: uint32(column)},
		End:   protocol.Position{Line: uint32(endLine), Character: uint32(endColumn)},
	}
}

// pathOf is the path of a file URI.
func pathOf(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", err
	}
	if u.Scheme != "file" {
		return "", errors.New("not a file")
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
		if len(path) > 1 && path[1] == ':' {
			path = strings.ToUpper(path[:1]) + path[1:] // editors differ in it
		}
	}
	return filepath.Clean(filepath.FromSlash(path)), nil
}

// uriOf is the URI of an absolute path.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
