//go:build !front

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/machine"
)

// reportRun shows what became of a run and gives the exit status for it.
func reportRun(a *cli.App, o runOptions, r *runtime.Result) error {
	if err := writeRun(a, o, r); err != nil {
		return err
	}
	if r.Warning != nil {
		a.Problem(fmt.Errorf("the run is over, but: %w", r.Warning))
	}
	switch {
	case r.Interrupted && r.Status == journal.Suspended:
		a.Note("interrupted; go on with `hexc run --resume %s`", r.RunID)
		return cli.Status(cli.Interrupted)
	case r.Status == journal.Suspended:
		text := "suspended"
		if !r.WakeAt.IsZero() {
			text += " until " + r.WakeAt.Format(time.RFC3339)
		}
		for _, w := range r.Awaits {
			a.Note("it waits for the event %q: `hexc runs signal %s %s --data JSON`", w.Key, r.RunID, w.Key)
		}
		a.Note("%s; go on with `hexc run --resume %s`", text, r.RunID)
		return cli.Status(cli.Suspended)
	case r.Status == journal.Completed:
		return nil
	}
	return cli.Status(cli.Findings)
}

func writeRun(a *cli.App, o runOptions, r *runtime.Result) error {
	if a.Format == "json" {
		return writeValue(a, runDocument(a, r), o.events == "-")
	}
	if err := r.Err(); err != nil && r.Error == nil && r.Status != journal.Suspended {
		a.Problem(err)
	}
	if len(r.Failures) > 0 {
		p := r.Program().IR()
		findings := make([]diag.Diagnostic, 0, len(r.Failures))
		for _, f := range r.Failures {
			findings = append(findings, failure(a, p, f))
		}
		if err := render.Write(a.Err, render.Human, findings, render.Options{Color: a.Colors(a.Err)}); err != nil {
			return err
		}
	}
	a.Note("%s", summary(r))
	if a.Verbose {
		for i := range r.Nodes {
			n := &r.Nodes[i]
			a.Detail("  %s", nodeLine(n))
			if n.Child != nil {
				for j := range n.Child.Nodes {
					a.Detail("    %s", nodeLine(&n.Child.Nodes[j]))
				}
			}
		}
	}
	if r.Status == journal.Completed {
		return writeValue(a, r.Output, o.events == "-")
	}
	return nil
}

// writeValue writes v as JSON: indented, or as one line among others.
func writeValue(a *cli.App, v value.Value, compact bool) error {
	var text []byte
	var err error
	if compact {
		text, err = value.AppendJSON(nil, v)
	} else {
		text, err = value.AppendJSONIndent(nil, v, "", "  ")
	}
	if err != nil {
		return err
	}
	_, err = a.Out.Write(append(text, '\n'))
	return err
}

// failure is a failed node as a finding, with an excerpt of its source if that
// is still there.
func failure(a *cli.App, p *ir.Program, f *machine.Failure) diag.Diagnostic {
	d := diag.Diagnostic{Code: f.Code, Message: f.Message, Help: f.Help}
	switch c := f.Cause; {
	case f.Code == diag.RunProcessFailed && c != nil: // what failed inside of the process says more
		d.Code, d.Message = c.Code, fmt.Sprintf("process %q: %s", f.Node, c.Message)
		if c.Node != "" {
			d.Message = fmt.Sprintf("process %q, node %q: %s", f.Node, c.Node, c.Message)
		}
	case f.Node != "":
		d.Message = fmt.Sprintf("node %q: %s", f.Node, f.Message)
	}
	at := &f.Place
	if at.File < 0 || at.File >= len(p.Files) || at.Line <= 0 {
		return d
	}
	path := filepath.Join(root(a), filepath.FromSlash(p.Files[at.File]))
	text, err := os.ReadFile(path)
	file := source.NewFile(cli.Relative(path), text)
	if err != nil || at.EndOff > len(text) || file.Position(at.Offset).Line != at.Line {
		d.Message += fmt.Sprintf(" (%s:%d:%d)", p.Files[at.File], at.Line, at.Column)
		return d
	}
	d.Loc = source.Location{File: file, Span: source.Span{Start: int32(at.Offset), End: int32(at.EndOff)}}
	return d
}

// summary is "completed: 5 nodes, 1 skipped, 3 model calls, 120 ms"; of a System
// "completed: 2 processes, 1 skipped, 5 nodes, …", where it is
// processes that failed or were skipped.
func summary(r *runtime.Result) string {
	counts := map[machine.Status]int{}
	for i := range r.Nodes {
		counts[r.Nodes[i].Status]++
	}
	parts := []string{render.Plural(len(r.Nodes), "node")}
	if r.Kind() == ir.KindSystem {
		parts[0] = fmt.Sprintf("%d processes", len(r.Nodes))
		if len(r.Nodes) == 1 {
			parts[0] = "1 process"
		}
	}
	for _, s := range []machine.Status{machine.Failed, machine.Skipped, machine.Aborted} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if inner := childNodes(r); inner > 0 {
		parts = append(parts, render.Plural(inner, "node"))
	}
	if r.Usage.LLMCalls > 0 {
		parts = append(parts, render.Plural(int(r.Usage.LLMCalls), "model call"))
	}
	if r.Usage.ToolCalls > 0 {
		parts = append(parts, render.Plural(int(r.Usage.ToolCalls), "tool call"))
	}
	if r.Started > 0 && r.Ended >= r.Started {
		parts = append(parts, time.Duration(r.Ended-r.Started).Round(time.Millisecond/10).String())
	}
	return string(r.Status) + ": " + strings.Join(parts, ", ")
}

// childNodes counts the nodes of the pipelines that a System's processes ran.
func childNodes(r *runtime.Result) int {
	count := 0
	for i := range r.Nodes {
		if c := r.Nodes[i].Child; c != nil {
			count += len(c.Nodes)
		}
	}
	return count
}

func nodeLine(n *machine.NodeResult) string {
	text := fmt.Sprintf("%-24s %s", n.Name, n.Status)
	if n.Why != "" {
		text += ": " + n.Why
	}
	if n.Started > 0 && n.Ended >= n.Started {
		text += "  " + time.Duration(n.Ended-n.Started).Round(time.Millisecond/10).String()
	}
	return text
}
