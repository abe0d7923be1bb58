package discover

import (
	"bytes"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/suggest"
)

// Kinds are the kinds of hexDAG's documents.
var Kinds = []string{"Pipeline", "Macro", "Config", "System", "Adapter", "Policy", "Middleware", "Test"}

// IsManifest reports whether a document of the YAML stream text declares one of
// Kinds. It looks at lines only and does not parse: a `kind` at the indentation
// of a document's first line, or, in a document that starts with a brace, the
// first `kind` in it.
//
// A document of another tool that has a kind of the same name (kubeconfig files
// are of kind Config) is told by its apiVersion. A kind that looks misspelt
// counts if no foreign apiVersion stands beside it: it is better to report it
// than to leave the file out in silence.
func IsManifest(text []byte) bool {
	s := scanner{indent: -1, hasVersion: bytes.Contains(text, []byte("apiVersion"))}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	returns := bytes.IndexByte(text, '\r') >= 0
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		if returns {
			end = bytes.IndexAny(text, "\r\n")
		}
		line := text
		if end < 0 {
			text = nil
		} else {
			line, text = text[:end], text[end+1:]
		}
		if s.line(line) {
			return true
		}
	}
	return s.document()
}

// scanner holds what is known about the current document.
type scanner struct {
	indent        int // of the document's first line of content; -1 before it
	flow          bool
	kind, version string
	// hasVersion says that an apiVersion stands somewhere in the text; without
	// one a kind of ours decides at once.
	hasVersion bool
}

// document ends a document and reports whether it is a manifest.
func (s *scanner) document() bool {
	found := ours(s.kind, s.version)
	*s = scanner{indent: -1, hasVersion: s.hasVersion}
	return found
}

// line takes the next line and reports whether a document that ended with it is
// a manifest.
func (s *scanner) line(line []byte) bool {
	if marker(line, "---") || marker(line, "...") {
		found := s.document()
		return s.line(line[3:]) || found
	}
	content := bytes.TrimLeft(line, " \t")
	if len(content) == 0 || content[0] == '#' || s.indent < 0 && content[0] == '%' {
		return false
	}
	if s.indent < 0 {
		s.indent = len(line) - len(content)
		s.flow = content[0] == '{'
	}
	known := s.kind != ""
	if s.flow {
		s.flowLine(content)
	} else if len(line)-len(content) == s.indent {
		s.entry(content)
	}
	return !s.hasVersion && !known && ours(s.kind, "")
}

func marker(line []byte, text string) bool {
	return bytes.HasPrefix(line, []byte(text)) && (len(line) == len(text) || line[len(text)] == ' ' || line[len(text)] == '\t')
}

// flowLine looks for the first "kind" and "apiVersion" of a document in braces.
func (s *scanner) flowLine(content []byte) {
	for part := range bytes.FieldsFuncSeq(content, func(r rune) bool { return r == '{' || r == '}' || r == ',' }) {
		s.entry(bytes.TrimLeft(part, " \t"))
	}
}

// entry takes `key: value` if it is one of the two that matter.
func (s *scanner) entry(content []byte) {
	for _, key := range []string{"kind", "apiVersion"} {
		rest, ok := bytes.CutPrefix(content, []byte(key))
		if !ok {
			rest, ok = bytes.CutPrefix(content, []byte(`"`+key+`"`))
		}
		if !ok {
			rest, ok = bytes.CutPrefix(content, []byte(`'`+key+`'`))
		}
		if !ok {
			continue
		}
		rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " \t"), []byte(":"))
		if !ok {
			continue
		}
		value := scalar(rest)
		if key == "kind" && s.kind == "" {
			s.kind = value
		} else if key == "apiVersion" && s.version == "" {
			s.version = value
		}
	}
}

// scalar is a one-line scalar without tag, anchor, quotes and comment.
func scalar(text []byte) string {
	s := strings.TrimSpace(string(text[:min(len(text), 200)]))
	for strings.HasPrefix(s, "!") || strings.HasPrefix(s, "&") {
		_, s, _ = strings.Cut(s, " ")
		s = strings.TrimSpace(s)
	}
	if len(s) > 0 && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return s[1 : 1+end]
		}
	}
	if i := strings.Index(s, " #"); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	return s
}

func ours(kind, version string) bool {
	foreign := strings.Contains(version, "/") && !strings.HasPrefix(strings.ToLower(version), "hexdag")
	if kind == "" || foreign {
		return false
	}
	if slices.Contains(Kinds, kind) {
		return true
	}
	// `v1` alone is Kubernetes' own; its kinds are not ours misspelt.
	return version != "v1" && suggest.Best(kind, Kinds) != ""
}
