package lsp

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/internal/discover"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// quiet is how long the checker waits for further changes before it starts.
const quiet = 30 * time.Millisecond

// checker checks the open documents in the background, one round at a time, and
// publishes what it finds.
type checker struct {
	s    *Server
	wake chan struct{}
	quit chan struct{}
	done chan struct{}

	mu        sync.Mutex
	paused    bool
	published map[string]*document // what the editor shows diagnostics of
}

func newChecker(s *Server) *checker {
	c := &checker{
		s: s, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
		published: map[string]*document{},
	}
	go c.loop()
	return c
}

// changed asks for a round of checks.
func (c *checker) changed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checker) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = true
}

// stop ends the background work and waits for it.
func (c *checker) stop() {
	close(c.quit)
	<-c.done
}

// forget clears what was published for a document.
func (c *checker) forget(uri string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.published, uri)
	c.s.notify(protocol.ServerTextDocumentPublishDiagnostics, protocol.PublishDiagnosticsParams{URI: uri, Diagnostics: []protocol.Diagnostic{}})
}

func (c *checker) loop() {
	defer close(c.done)
	for {
		select {
		case <-c.quit:
			return
		case <-c.wake:
		}
		timer := time.NewTimer(quiet)
		select {
		case <-c.quit:
			timer.Stop()
			return
		case <-timer.C:
		}
		for _, doc := range c.s.docs.all() {
			c.check(doc)
		}
	}
}

// check checks one document and publishes the result, unless it changed in the
// meantime. A panic is logged; the document keeps its last diagnostics.
func (c *checker) check(doc *document) {
	defer func() {
		if r := recover(); r != nil {
			c.s.log.Printf("internal error while checking %s: %v", doc.uri, r)
		}
	}()
	findings := c.s.check(doc)
	out := protocol.PublishDiagnosticsParams{URI: doc.uri, Diagnostics: make([]protocol.Diagnostic, 0, len(findings))}
	version := uint32(max(doc.version, 0))
	out.Version = &version
	for i := range findings {
		out.Diagnostics = append(out.Diagnostics, c.s.diagnostic(doc, &findings[i]))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := c.s.docs.get(doc.uri); !ok || now != doc || c.paused {
		return
	}
	c.published[doc.uri] = doc
	c.s.notify(protocol.ServerTextDocumentPublishDiagnostics, out)
}

// check is everything that is to be said about a document. A text that declares
// no kind of ours (a fragment, or another tool's file) is only checked for its
// syntax.
func (s *Server) check(doc *document) []diag.Diagnostic {
	if doc.path == "" || !discover.IsManifest([]byte(doc.text)) {
		return syntax.Parse(source.NewFile(doc.path, []byte(doc.text)), syntax.Budget{}).Diags
	}
	w, err := s.workspace(doc)
	if err != nil {
		s.log.Printf("%s: %v", doc.uri, err)
		return nil
	}
	findings, err := w.CheckFile(doc.path)
	if err != nil {
		s.log.Printf("%s: %v", doc.uri, err)
		return nil
	}
	own := findings[:0]
	for _, d := range findings {
		if d.Loc.File == nil || s.absolute(doc, d.Loc.File) == doc.path {
			own = append(own, d)
		}
	}
	return own
}

// workspace compiles what is open as the editor has it, the rest as it is on
// disk. It is made anew for each round, because any file may have changed.
func (s *Server) workspace(doc *document) (*compile.Workspace, error) {
	open := map[string]string{}
	for _, d := range s.docs.all() {
		if d.path != "" {
			open[d.path] = d.text
		}
	}
	return compile.New(compile.Options{
		Root:   s.folder(doc),
		Dir:    s.folder(doc),
		Lookup: s.opt.Lookup,
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := open[path]; ok {
				return []byte(text), nil
			}
			info, err := os.Stat(path)
			if err != nil {
				return nil, err
			}
			if info.Size() > compile.MaxFile {
				return nil, &compile.TooLargeError{Path: path, Size: info.Size()}
			}
			return os.ReadFile(path)
		},
	})
}

// folder is the root that doc is compiled under.
func (s *Server) folder(doc *document) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.root != "" {
		return s.root
	}
	return filepath.Dir(doc.path)
}

// absolute is the path of a source that was read for doc.
func (s *Server) absolute(doc *document, f *source.File) string {
	path := filepath.FromSlash(f.Path())
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.folder(doc), path)
}

// diagnostic is a finding in the protocol's form.
func (s *Server) diagnostic(doc *document, d *diag.Diagnostic) protocol.Diagnostic {
	severity := map[diag.Severity]protocol.DiagnosticSeverity{
		diag.Error: protocol.DiagnosticSeverityError, diag.Warning: protocol.DiagnosticSeverityWarning, diag.Info: protocol.DiagnosticSeverityInformation,
	}[d.Severity]
	origin := "hexc"
	out := protocol.Diagnostic{
		Severity: &severity,
		Code:     &protocol.IntegerOrString{Value: string(d.Code)},
		Source:   &origin,
		Message:  d.Message,
	}
	if d.Help != "" {
		out.Message += "\n" + d.Help
	}
	if d.Loc.File != nil {
		out.Range = rangeOf(d.Loc.File, d.Loc.Span)
	}
	for _, r := range d.Related {
		if r.Loc.File == nil {
			continue
		}
		out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{
			Location: protocol.Location{URI: s.uri(doc, r.Loc.File), Range: rangeOf(r.Loc.File, r.Loc.Span)},
			Message:  r.Message,
		})
	}
	return out
}

// uri is the URI of a source that was read for doc: the one that the editor
// uses, if it is open there.
func (s *Server) uri(doc *document, f *source.File) string {
	path := s.absolute(doc, f)
	if doc.path == "" || path == doc.path {
		return doc.uri
	}
	for _, d := range s.docs.all() {
		if d.path == path {
			return d.uri
		}
	}
	return uriOf(path)
}
