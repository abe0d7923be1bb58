package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/source"
)

// document is one version of a text that is open in the editor. It is immutable.
type document struct {
	uri     string
	version int32
	path    string // on disk; "" for a text that has no file
	text    string
}

// documents are the open documents.
type documents struct {
	mu   sync.RWMutex
	open map[string]*document
}

func (d *documents) set(doc *document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = map[string]*document{}
	}
	d.open[doc.uri] = doc
}

func (d *documents) get(uri string) (*document, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	doc, ok := d.open[uri]
	return doc, ok
}

func (d *documents) remove(uri string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, uri)
}

// all is a snapshot of the open documents.
func (d *documents) all() []*document {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := make([]*document, 0, len(d.open))
	for _, doc := range d.open {
		out = append(out, doc)
	}
	return out
}

func (s *Server) didOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) (any, error) {
	path, _ := pathOf(p.TextDocument.URI)
	s.docs.set(&document{uri: p.TextDocument.URI, version: p.TextDocument.Version, path: path, text: p.TextDocument.Text})
	s.checks.changed()
	return nil, nil
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
	doc, ok := s.docs.get(p.TextDocument.URI)
	if !ok {
		return nil, fmt.Errorf("%s is changed but not open", p.TextDocument.URI)
	}
	text := doc.text
	for _, c := range p.ContentChanges {
		if c.Range == nil {
			text = c.Text
			continue
		}
		f := source.NewFile("", []byte(text))
		start, end := offsets(f, *c.Range)
		text = text[:start] + c.Text + text[end:]
	}
	s.docs.set(&document{uri: doc.uri, version: p.TextDocument.Version, path: doc.path, text: text})
	s.checks.changed()
	return nil, nil
}

func (s *Server) didSave(context.Context, *protocol.DidSaveTextDocumentParams) (any, error) {
	s.checks.changed()
	return nil, nil
}

func (s *Server) didChangeWatchedFiles(context.Context, *protocol.DidChangeWatchedFilesParams) (any, error) {
	s.checks.changed()
	return nil, nil
}

// didClose forgets the editor's text and what was reported about it.
func (s *Server) didClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) (any, error) {
	s.docs.remove(p.TextDocument.URI)
	s.checks.forget(p.TextDocument.URI)
	s.checks.changed()
	return nil, nil
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
