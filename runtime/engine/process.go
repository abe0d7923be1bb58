package engine

import (
	"strings"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// Process is what a process of a System has of its own.
type Process struct {
	Name string
	// Program is the pipeline with the configuration that it has there.
	Program *ir.Program
	// Ports are as in Config, by the index of the port in Program.
	Ports []port.LLM
	// Targets are as in Config.
	Targets map[string]port.Adapter
}

// target is what serves a call of a port, a service or a foreign node.
func (r *run) target(process int, key string) port.Adapter {
	if p := r.process(process); p != nil {
		return p.Targets[key]
	}
	return r.Targets[key]
}

// process is the one that an effect is of; nil outside of a System.
func (r *run) process(number int) *Process {
	if number <= 0 || number > len(r.Processes) {
		return nil
	}
	return &r.Processes[number-1]
}

// split takes the path of an effect apart: the process that it is of, and its
// path there.
func (r *run) split(cmd *machine.StartEffect) (process, path string) {
	if cmd.Process == 0 {
		return "", cmd.Path
	}
	process, path, _ = strings.Cut(cmd.Path, "/")
	return process, path
}

// adapterKey names the adapter that a call reaches: calls are counted for each.
// A port that a process shares with its System is the System's.
func adapterKey(p *ir.Program, cmd *machine.StartEffect) string {
	use := cmd.LLM.Port
	if cmd.Process <= 0 || cmd.Process > len(p.Body.Nodes) || use.Port < 0 {
		return use.Name
	}
	n := &p.Body.Nodes[cmd.Process-1]
	if n.Process == nil || use.Port >= len(n.Process.Ports) || n.Process.Ports[use.Port].Shared > 0 {
		return use.Name
	}
	return n.Name + "/" + use.Name
}

// limited reports whether the program, or the process that an effect is of, has a
// limit on what calls of models draw from.
func limited(e *ir.Effective) bool {
	for _, s := range e.Limits {
		switch s.Name {
		case ir.MaxLLMCalls, ir.MaxTotalTokens, ir.MaxCostUSD:
			return true
		}
	}
	return false
}

// processEvent fills in the data of an event of a System or a process.
func (r *run) processEvent(p *machine.Public, d fields) {
	switch p.Type {
	case machine.SystemStarted:
		d.text("name", p.Text)
		d.number("total_processes", int64(p.Total))
	case machine.SystemCompleted:
		d.text("name", p.Text)
		d.text("status", p.Status.String())
		d.millis("duration_ms", p.Dur)
		d.Set("output", p.Value)
	case machine.ProcessStarted:
		d.text("system_name", p.Text)
		d.text("process_name", p.Process)
		d.number("index", p.Current)
	case machine.ProcessCompleted:
		d.text("system_name", r.program.Name)
		d.text("process_name", p.Process)
		d.text("status", p.State.String())
		d.millis("duration_ms", p.Dur)
		if p.Text != "" {
			d.text("reason", p.Text)
		} else {
			d.Set("reason", value.Null)
		}
	}
}

// pipelineName is the name of the pipeline that an event is about.
func (r *run) pipelineName(process string) string {
	if process != "" {
		for i := range r.program.Body.Nodes {
			if n := &r.program.Body.Nodes[i]; n.Name == process && n.Process != nil {
				return r.program.Pipelines[n.Process.Pipeline].Name
			}
		}
	}
	return r.program.Name
}
