package orgpolicy

import "encoding/json"

// Version is the version of the protocol. The two programs are built together;
// one of another version is refused.
const Version = 1

// The protocol: hexc writes one JSON object a line to hexc-cue's standard input,
// first a Start, then a Subject for each document; hexc-cue answers each of them
// with one line, a Reply. At the end of its input hexc-cue ends.

// Start says which policies hold.
type Start struct {
	Version  int      `json:"version"`
	Policies []Policy `json:"policies"`
}

// Policy is one CUE file.
type Policy struct {
	Name string `json:"name"` // as findings show it
	Text string `json:"text"`
}

// Subject is what is judged: one document, and the program that it compiles to.
type Subject struct {
	File string `json:"file"`
	Kind string `json:"kind"` // of the manifest, "Pipeline"
	// Manifest is the document as data, with environment references as text.
	Manifest json.RawMessage `json:"manifest"`
	// Program is what `hexc ir show` prints; null if the document is no program,
	// or has errors.
	Program json.RawMessage `json:"program"`
}

// Reply is the answer to a Start or a Subject.
type Reply struct {
	Version int `json:"version"`
	// Faults are about the policies themselves.
	Faults []Fault `json:"faults,omitempty"`
	// Findings are violations.
	Findings []Finding `json:"findings,omitempty"`
	// Error says why there is no answer.
	Error string `json:"error,omitempty"`
}

// Fault is a mistake in a policy.
type Fault struct {
	Message string `json:"message"`
	At      Mark   `json:"at"`
}

// Mark is a place in a policy; lines and columns count from 1, columns in bytes,
// 0 for none.
type Mark struct {
	Policy string `json:"policy"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Finding is one violation.
type Finding struct {
	Message  string `json:"message"`
	Help     string `json:"help,omitempty"`
	Severity string `json:"severity"` // error, warning, info
	// In says what Path leads through: "manifest" or "program".
	In   string `json:"in"`
	Path []Step `json:"path"`
	// Rule is where the constraint stands.
	Rule Mark `json:"rule"`
}

// Step is a key, or an index if Key is "".
type Step struct {
	Key   string `json:"key,omitempty"`
	Index int    `json:"index"`
}
