package lsp

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"sync"

	protocol "github.com/tliron/glsp/protocol_3_16"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/diag"
)

// maxChecked is how many files of a workspace are checked that are not open.
const maxChecked = 5000

// checker checks the open documents and the workspace's other manifests in the
// background, and publishes what it finds. A change makes it begin again: what
// did not change is known already.
type checker struct {
	s    *Server
	wake chan struct{}
	quit chan struct{}
	done chan struct{}

	mu     sync.Mutex
	paused bool
	last   map[string]*compile.Analysis            // what was published of each file's analysis
	found  map[string]map[string][]diag.Diagnostic // by the file that was analyzed, by the file that they are in
	sent   map[string]string                       // what the editor shows, by URI
}

func newChecker(s *Server) *checker {
	c := &checker{
		s: s, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
		last: map[string]*compile.Analysis{}, found: map[string]map[string][]diag.Diagnostic{}, sent: map[string]string{},
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

// closed forgets what was published for a document that is no manifest of the
// workspace any more.
func (c *checker) closed(doc *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.found, doc.path)
	delete(c.last, doc.path)
	delete(c.sent, doc.uri)
	if !c.s.pulls() {
		c.s.notify(protocol.ServerTextDocumentPublishDiagnostics, protocol.PublishDiagnosticsParams{URI: doc.uri, Diagnostics: []protocol.Diagnostic{}})
	}
}

func (c *checker) loop() {
	defer close(c.done)
	for {
		select {
		case <-c.quit:
			return
		case <-c.wake:
		}
		c.round()
	}
}

// stale reports whether a newer round is due.
func (c *checker) stale() bool {
	select {
	case <-c.quit:
		return true
	default:
		return len(c.wake) > 0
	}
}

// round checks what is open, then the rest of the workspace.
func (c *checker) round() {
	v := c.s.now()
	docs := make([]*document, 0, len(v.docs))
	for _, d := range v.docs {
		docs = append(docs, d)
	}
	sort.Slice(docs, func(i, j int) bool { return docs[i].uri < docs[j].uri })
	open := map[string]bool{}
	for _, d := range docs {
		open[d.path] = true
		c.check(v, v.snaps[d.root], d.path)
		if c.stale() {
			return
		}
	}
	if c.s.pulls() {
		c.s.refresh()
		return
	}
	if !c.s.settings().Workspace {
		return
	}
	for _, r := range v.roots {
		if r.loose {
			continue
		}
		snap := v.snaps[r]
		paths := snap.Manifests()
		paths = paths[:min(len(paths), maxChecked)]
		c.gone(paths, open, r)
		work := make(chan string)
		var wg sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for p := range work {
					c.check(v, snap, p)
				}
			})
		}
		for _, p := range paths {
			if c.stale() {
				break
			}
			if !open[p] {
				work <- p
			}
		}
		close(work)
		wg.Wait()
		if c.stale() {
			return
		}
	}
}

// gone forgets files that are not there any more.
func (c *checker) gone(paths []string, open map[string]bool, r *root) {
	there := map[string]bool{}
	for _, p := range paths {
		there[p] = true
	}
	v := c.s.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range c.found {
		if !there[p] && !open[p] && rootOf(v.roots, p) == r {
			files := c.found[p]
			delete(c.found, p)
			delete(c.last, p)
			for f := range files {
				c.publish(v, v.snaps[r], f)
			}
		}
	}
}

// left takes back what was published of a folder that is no part of the
// workspace any more, but for what is open or in another folder.
func (c *checker) left(r *root) {
	v := c.s.now()
	stays := func(path string) bool {
		for _, d := range v.docs {
			if d.path == path {
				return true
			}
		}
		// A folder that an open file has for itself is no part of the workspace.
		return slices.ContainsFunc(v.roots, func(r *root) bool { return !r.loose && inside(r.path, path) })
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range c.found {
		if inside(r.path, p) && !stays(p) {
			delete(c.found, p)
			delete(c.last, p)
		}
	}
	for uri := range c.sent {
		path, err := pathOf(uri)
		if err != nil || !inside(r.path, path) || stays(path) {
			continue
		}
		delete(c.sent, uri)
		if !c.s.pulls() {
			c.s.notify(protocol.ServerTextDocumentPublishDiagnostics, protocol.PublishDiagnosticsParams{URI: uri, Diagnostics: []protocol.Diagnostic{}})
		}
	}
}

// check checks one file and publishes what changed by it. A panic is logged; the
// file keeps its last diagnostics.
func (c *checker) check(v *view, snap *compile.Snapshot, path string) {
	defer func() {
		if r := recover(); r != nil {
			c.s.log.Printf("internal error while checking %s: %v\n%s", path, r, debug.Stack())
		}
	}()
	a, err := snap.Analyze(path)
	if err != nil {
		return // it went away, which a watcher tells
	}
	c.mu.Lock()
	known := c.last[path] == a
	c.mu.Unlock()
	if known && !snap.Open(path) {
		return // nothing that it was made from has changed
	}
	files := map[string][]diag.Diagnostic{path: nil}
	for _, d := range a.Diags {
		in := path
		if d.Loc.File != nil {
			in = snap.Path(d.Loc.File)
		}
		files[in] = append(files[in], d)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused || c.s.isGone(v, path) {
		return
	}
	old := c.found[path]
	c.found[path], c.last[path] = files, a
	for f := range files {
		c.publish(v, snap, f)
	}
	for f := range old {
		if files[f] == nil && f != path {
			c.publish(v, snap, f)
		}
	}
}

// publish sends what is known about a file, unless the editor shows it already
// or the file changed in the meantime; the lock is held.
func (c *checker) publish(v *view, snap *compile.Snapshot, path string) {
	if c.s.pulls() {
		return
	}
	var doc *document
	for _, d := range v.docs {
		if d.path == path {
			doc = d
		}
	}
	out := protocol.PublishDiagnosticsParams{URI: uriOf(path), Diagnostics: []protocol.Diagnostic{}}
	if doc != nil {
		c.s.mu.Lock()
		now := c.s.docs[doc.uri]
		c.s.mu.Unlock()
		if now != doc {
			return // a newer round is on its way
		}
		out.URI = doc.uri
		version := uint32(max(doc.version, 0))
		out.Version = &version
	} else if snap.Open(path) {
		return
	}
	for _, d := range c.about(path) {
		out.Diagnostics = append(out.Diagnostics, v.diagnostic(snap, &d))
	}
	text, err := json.Marshal(out)
	if err != nil {
		c.s.log.Printf("%s: %v", path, err)
		return
	}
	before, shown := c.sent[out.URI]
	if before == string(text) || !shown && doc == nil && len(out.Diagnostics) == 0 {
		return
	}
	if doc == nil && len(out.Diagnostics) == 0 {
		delete(c.sent, out.URI)
	} else {
		c.sent[out.URI] = string(text)
	}
	c.s.notify(protocol.ServerTextDocumentPublishDiagnostics, json.RawMessage(text))
}

// about is what all analyses say about a file, each finding once; the lock is
// held. Findings of the file's own analysis come first.
func (c *checker) about(path string) []diag.Diagnostic {
	out := append([]diag.Diagnostic(nil), c.found[path][path]...)
	seen := map[string]bool{}
	key := func(d *diag.Diagnostic) string {
		return fmt.Sprint(d.Code, d.Loc.Span.Start, d.Loc.Span.End, d.Message)
	}
	for i := range out {
		seen[key(&out[i])] = true
	}
	var from []string
	for p, files := range c.found {
		if p != path && len(files[path]) > 0 {
			from = append(from, p)
		}
	}
	sort.Strings(from)
	for _, p := range from {
		for _, d := range c.found[p][path] {
			if k := key(&d); !seen[k] {
				seen[k] = true
				out = append(out, d)
			}
		}
	}
	diag.Sort(out)
	return out
}

var severities = map[diag.Severity]protocol.DiagnosticSeverity{
	diag.Error: protocol.DiagnosticSeverityError, diag.Warning: protocol.DiagnosticSeverityWarning, diag.Info: protocol.DiagnosticSeverityInformation,
}

// diagnostic is a finding in the protocol's form.
func (v *view) diagnostic(snap *compile.Snapshot, d *diag.Diagnostic) protocol.Diagnostic {
	severity := severities[d.Severity]
	origin := "hexc"
	out := protocol.Diagnostic{
		Severity: &severity,
		Code:     &protocol.IntegerOrString{Value: string(d.Code)},
		Source:   &origin,
		Message:  d.Message,
	}
	switch d.Code {
	case diag.NoEffect, diag.UnreachableNode, diag.RedundantDependencies:
		out.Tags = []protocol.DiagnosticTag{protocol.DiagnosticTagUnnecessary}
	case diag.DeprecatedField, diag.DeprecatedKind, diag.OutdatedField:
		out.Tags = []protocol.DiagnosticTag{protocol.DiagnosticTagDeprecated}
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
			Location: protocol.Location{URI: v.uri(snap.Path(r.Loc.File)), Range: rangeOf(r.Loc.File, r.Loc.Span)},
			Message:  r.Message,
		})
	}
	return out
}
