package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/source"
)

// document is one version of a text that is open in the editor. It is immutable.
type document struct {
	uri     string
	version int32
	path    string // on disk; of an untitled text, where it would be
	root    *root
	file    *source.File
}

func (d *document) text() string { return d.file.Text() }

func (s *Server) didOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) (any, error) {
	s.put(p.TextDocument.URI, p.TextDocument.Version, p.TextDocument.Text)
	return nil, nil
}

// put makes a text the newest version of a document.
func (s *Server) put(uri string, version int32, text string) {
	s.mu.Lock()
	doc := &document{uri: uri, version: version}
	doc.path, doc.root = s.place(uri)
	content := []byte(text)
	doc.file = source.NewFile(doc.path, content)
	s.edit(func(docs map[string]*document) { docs[uri] = doc })
	doc.root.store.SetOverlay(doc.path, content)
	s.mu.Unlock()
	s.checks.changed()
}

// edit replaces the map of open documents by a changed copy; the lock is held.
func (s *Server) edit(f func(map[string]*document)) {
	next := maps.Clone(s.docs)
	if next == nil {
		next = map[string]*document{}
	}
	f(next)
	s.docs = next
}

// didChange decodes the changes itself: in glsp's types they are values of two
// types that are told apart by reflection only.
func (s *Server) didChange(_ context.Context, raw json.RawMessage) (any, error) {
	var p struct {
		TextDocument   protocol.VersionedTextDocumentIdentifier `json:"textDocument"`
		ContentChanges []struct {
			Range *protocol.Range `json:"range"`
			Text  string          `json:"text"`
		} `json:"contentChanges"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	doc := s.docs[p.TextDocument.URI]
	s.mu.Unlock()
	if doc == nil {
		return nil, fmt.Errorf("%s is changed but not open", p.TextDocument.URI)
	}
	if p.TextDocument.Version != 0 && p.TextDocument.Version < doc.version {
		return nil, fmt.Errorf("%s: version %d comes after version %d", doc.uri, p.TextDocument.Version, doc.version)
	}
	file := doc.file
	for _, c := range p.ContentChanges {
		if c.Range == nil {
			file = source.NewFile("", []byte(c.Text))
			continue
		}
		start, end := offsets(file, *c.Range)
		text := file.Text()
		file = source.NewFile("", []byte(text[:start]+c.Text+text[end:]))
	}
	s.put(doc.uri, p.TextDocument.Version, file.Text())
	return nil, nil
}

func (s *Server) didSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) (any, error) {
	s.onDisk([]string{p.TextDocument.URI})
	return nil, nil
}

func (s *Server) didChangeWatchedFiles(_ context.Context, p *protocol.DidChangeWatchedFilesParams) (any, error) {
	uris := make([]string, 0, len(p.Changes))
	for _, c := range p.Changes {
		uris = append(uris, c.URI)
	}
	s.onDisk(uris)
	return nil, nil
}

// onDisk says that files on disk may have changed.
func (s *Server) onDisk(uris []string) {
	s.mu.Lock()
	roots := slices.Clone(s.roots)
	s.mu.Unlock()
	var paths []string
	for _, uri := range uris {
		if path, err := pathOf(uri); err == nil {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return
	}
	for _, r := range roots {
		r.store.Changed(paths...)
	}
	s.checks.changed()
}

// didClose forgets the editor's text: what is on disk counts again.
func (s *Server) didClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) (any, error) {
	s.mu.Lock()
	doc := s.docs[p.TextDocument.URI]
	if doc != nil {
		s.edit(func(docs map[string]*document) { delete(docs, doc.uri) })
		doc.root.store.DropOverlay(doc.path)
		doc.root.store.Changed(doc.path)
	}
	s.mu.Unlock()
	if doc != nil {
		s.checks.closed(doc)
		s.checks.changed()
	}
	return nil, nil
}
