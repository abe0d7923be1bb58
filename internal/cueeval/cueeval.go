// Package cueeval evaluates an organisation's policies, written in CUE, over
// manifests and programs. It is linked into hexc-cue only.
//
// Input: the text of the policies, then one document after the other. Output:
// violations with the path to what violates, and faults of the policies
// themselves.
//
// A policy is a CUE file of any package. It may have
//
//   - definitions called like a kind (#Pipeline, #System, #Config, …): each
//     document of that kind must satisfy them;
//   - the definition #Program: each compiled program must satisfy it;
//   - deny: a list of violations that the policy finds itself in `manifest`,
//     `program` and `nodes` (all nodes of the program, those of loop bodies
//     included). Each has a `message`, and may have `path` (keys and indexes into
//     the manifest), or `node` (the id of one of the program's nodes), `help` and
//     `severity`.
//
// Invariants: a policy reads nothing but what it is given: imports are limited to
// CUE's own packages; a document is judged alone; a policy that cannot be
// evaluated is a fault, never a pass.
//
// The three hardest cases: a fault in the policy that shows only for some
// documents; an error that CUE reports once for each alternative; a constraint on
// a field that is not there.
package cueeval

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"hexdag.dev/hexdag/internal/orgpolicy"
)

// Evaluator judges documents. It is used by one goroutine.
type Evaluator struct {
	ctx      *cue.Context
	policies []policy
}

type policy struct {
	name  string
	lines int // of its own text
	value cue.Value
}

// mark is the first of the positions that is in the policy's own text.
func (p *policy) mark(list ...token.Pos) orgpolicy.Mark {
	for _, at := range list {
		if at.IsValid() && at.Filename() == p.name && at.Line() <= p.lines {
			return orgpolicy.Mark{Policy: p.name, Line: at.Line(), Column: at.Column()}
		}
	}
	return orgpolicy.Mark{Policy: p.name}
}

func (p *policy) faults(err error) []orgpolicy.Fault {
	var out []orgpolicy.Fault
	for _, x := range errors.Errors(err) {
		out = append(out, orgpolicy.Fault{Message: text(x), At: p.mark(positions(x)...)})
	}
	return out
}

// inputs makes the names that a policy can read known to it. A policy that
// declares them itself unifies with this.
const inputs = "\nmanifest: _\nprogram: _\nnodes: _\ndeny: [...{message!: string, path?: [...(string | int)], node?: string, help?: string, severity: *\"error\" | \"warning\" | \"info\", ...}]\n"

// New compiles policies. Faults say what is wrong with them; the Evaluator then
// must not be used.
func New(list []orgpolicy.Policy) (*Evaluator, []orgpolicy.Fault) {
	e := &Evaluator{ctx: cuecontext.New()}
	var faults []orgpolicy.Fault
	for _, p := range list {
		// The inputs stand behind the text, so that its positions stay right.
		x := policy{name: p.Name, lines: strings.Count(p.Text, "\n") + 1}
		if _, err := parser.ParseFile(p.Name, p.Text); err != nil { // alone, so that its end is its own
			faults = append(faults, x.faults(err)...)
			continue
		}
		x.value = e.ctx.CompileString(p.Text+inputs, cue.Filename(p.Name))
		if err := x.value.Err(); err != nil {
			faults = append(faults, x.faults(err)...)
			continue
		}
		e.policies = append(e.policies, x)
	}
	return e, faults
}

func text(e errors.Error) string {
	format, args := e.Msg()
	return fmt.Sprintf(format, args...)
}

func positions(e errors.Error) []token.Pos {
	return append([]token.Pos{e.Position()}, e.InputPositions()...)
}

// Judge judges one document.
func (e *Evaluator) Judge(s *orgpolicy.Subject) (findings []orgpolicy.Finding, faults []orgpolicy.Fault, err error) {
	manifest := e.ctx.CompileBytes(s.Manifest, cue.Filename("manifest"))
	if err := manifest.Err(); err != nil {
		return nil, nil, fmt.Errorf("the manifest is no data: %w", err)
	}
	program := e.ctx.CompileBytes(s.Program, cue.Filename("program"))
	if err := program.Err(); err != nil {
		return nil, nil, fmt.Errorf("the program is no data: %w", err)
	}
	nodes, ids := flat(s.Program)
	for i := range e.policies {
		p := &e.policies[i]
		found := e.constraint(p, "#"+s.Kind, "manifest", manifest)
		if string(s.Program) != "null" {
			found = append(found, e.constraint(p, "#Program", "program", program)...)
		}
		findings = append(findings, found...)
		filled := p.value.FillPath(cue.ParsePath("manifest"), manifest).FillPath(cue.ParsePath("program"), program).
			FillPath(cue.ParsePath("nodes"), e.ctx.CompileBytes(nodes))
		denied, bad := e.denied(p, filled, ids)
		findings, faults = append(findings, denied...), append(faults, bad...)
	}
	return findings, faults, nil
}

// constraint unifies what a definition says with the data.
func (e *Evaluator) constraint(p *policy, name, in string, data cue.Value) []orgpolicy.Finding {
	def := p.value.LookupPath(cue.ParsePath(name))
	if !def.Exists() {
		return nil
	}
	err := def.Unify(data).Validate(cue.Concrete(true), cue.Final())
	var out []orgpolicy.Finding
	seen := map[string]bool{}
	for _, x := range errors.Errors(err) {
		f := orgpolicy.Finding{Message: text(x), Severity: "error", In: in, Path: steps(x.Path(), name), Rule: p.mark(positions(x)...)}
		if d := messageAt(def, f.Path); d != "" {
			f.Message, f.Help = d, "the policy wants it otherwise: "+f.Message
		} else {
			f.Message = where(f.Path) + f.Message
		}
		key := fmt.Sprint(f.Path, f.Message)
		if !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	return out
}

func where(path []orgpolicy.Step) string {
	if len(path) == 0 {
		return ""
	}
	last := path[len(path)-1]
	if last.Key != "" {
		return last.Key + ": "
	}
	return "item " + strconv.Itoa(last.Index) + ": "
}

// messageAt is what a policy says about a field: `@message("…")` on it, or on
// what is around it.
func messageAt(def cue.Value, path []orgpolicy.Step) string {
	message := ""
	at := def
	for _, s := range path {
		if s.Key != "" {
			next := at.LookupPath(cue.MakePath(cue.Str(s.Key)))
			if !next.Exists() {
				next = at.LookupPath(cue.MakePath(cue.Str(s.Key).Optional()))
			}
			at = next
		} else {
			at = at.LookupPath(cue.MakePath(cue.AnyIndex))
		}
		if !at.Exists() {
			break
		}
		if a := at.Attribute("message"); a.Err() == nil {
			if s, err := a.String(0); err == nil {
				message = s
			}
		}
	}
	return message
}

// steps turns a path of CUE into keys and indexes.
func steps(path []string, skip string) []orgpolicy.Step {
	if len(path) > 0 && path[0] == skip {
		path = path[1:]
	}
	out := []orgpolicy.Step{}
	for _, s := range path {
		if i, err := strconv.Atoi(s); err == nil {
			out = append(out, orgpolicy.Step{Index: i})
			continue
		}
		if t, err := strconv.Unquote(s); err == nil {
			s = t
		}
		out = append(out, orgpolicy.Step{Key: s})
	}
	return out
}

// denied are the violations that a policy lists itself.
func (e *Evaluator) denied(p *policy, filled cue.Value, ids map[string][]orgpolicy.Step) ([]orgpolicy.Finding, []orgpolicy.Fault) {
	list := filled.LookupPath(cue.ParsePath("deny"))
	if err := list.Validate(cue.Concrete(true), cue.Final()); err != nil {
		return nil, p.faults(err)
	}
	it, err := list.List()
	if err != nil {
		return nil, p.faults(errors.Promote(err, "deny"))
	}
	var out []orgpolicy.Finding
	for it.Next() {
		var x struct {
			Message  string `json:"message"`
			Path     []any  `json:"path"`
			Node     string `json:"node"`
			Help     string `json:"help"`
			Severity string `json:"severity"`
		}
		data, err := it.Value().MarshalJSON()
		if err == nil {
			err = json.Unmarshal(data, &x)
		}
		if err != nil {
			return nil, []orgpolicy.Fault{{Message: "deny: " + err.Error(), At: p.mark(it.Value().Pos())}}
		}
		f := orgpolicy.Finding{Message: x.Message, Help: x.Help, Severity: x.Severity, In: "manifest", Path: []orgpolicy.Step{}, Rule: p.mark(it.Value().LookupPath(cue.ParsePath("message")).Pos(), it.Value().Pos(), list.Pos())}
		for _, s := range x.Path {
			switch s := s.(type) {
			case string:
				f.Path = append(f.Path, orgpolicy.Step{Key: s})
			case float64:
				f.Path = append(f.Path, orgpolicy.Step{Index: int(s)})
			}
		}
		if at, ok := ids[x.Node]; ok && x.Node != "" {
			f.In, f.Path = "program", at
		}
		out = append(out, f)
	}
	return out, nil
}

// flat are all nodes of a program, those in bodies included, and the path to each
// by its id.
func flat(program json.RawMessage) (list json.RawMessage, ids map[string][]orgpolicy.Step) {
	var root any
	ids = map[string][]orgpolicy.Step{}
	if json.Unmarshal(program, &root) != nil {
		return json.RawMessage("[]"), ids
	}
	nodes := []any{}
	var look func(v any, path []orgpolicy.Step)
	look = func(v any, path []orgpolicy.Step) {
		switch v := v.(type) {
		case map[string]any:
			id, isID := v["id"].(string)
			_, hasDeps := v["dependencies"]
			if isID && hasDeps {
				nodes = append(nodes, v)
				ids[id] = append([]orgpolicy.Step{}, path...)
			}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				if len(path) == 0 && k == "pipelines" {
					continue // those of a System are judged as they run in its processes
				}
				look(v[k], append(path, orgpolicy.Step{Key: k}))
			}
		case []any:
			for i, x := range v {
				look(x, append(path, orgpolicy.Step{Index: i}))
			}
		}
	}
	look(root, nil)
	data, err := json.Marshal(nodes)
	if err != nil {
		return json.RawMessage("[]"), ids
	}
	return data, ids
}
