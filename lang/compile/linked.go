package compile

import (
	"slices"
	"sync"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// linked are findings about a pipeline that what runs it may answer: of a System
// they are reported if it does not.
var linked = map[diag.Code]bool{diag.PortUndeclared: true, diag.UnknownReferenceTarget: true, diag.UnknownService: true}

// unlinked makes what a pipeline lacks a note where it is checked by itself, not
// built: a System, or the program that embeds the runtime, may bring it.
func unlinked(ds []diag.Diagnostic) []diag.Diagnostic {
	for i := range ds {
		if ds[i].Code == diag.PortUndeclared && ds[i].Severity == diag.Warning {
			ds[i] = ds[i].As(diag.Info).WithHelp("declare it under spec.ports, unless a System or the program that runs the pipeline brings it")
		}
	}
	return ds
}

// links are what Systems bring to the pipelines that they run, by the finding
// that it answers. It is safe for concurrent use.
type links struct {
	mu       sync.Mutex
	answered map[link]bool // false if some process lacks it all the same
}

type link struct {
	file string // relative to the root
	span source.Span
	code diag.Code
}

func linkOf(d diag.Diagnostic) link { return link{d.Loc.File.Name(), d.Loc.Span, d.Code} }

// system takes over what a System brings.
func (l *links) system(s *system) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, u := range s.uses {
		if u.Pipeline == nil {
			continue
		}
		for _, d := range s.roots[u.Pipeline.Doc].ds {
			if !linked[d.Code] || d.Loc.File == nil {
				continue
			}
			answered := !hasFinding(s.unlinked, d)
			if before, known := l.answered[linkOf(d)]; known {
				answered = answered && before
			}
			l.answered[linkOf(d)] = answered
		}
	}
}

// open are the findings that no System answers, or not all that should.
func (l *links) open(ds []diag.Diagnostic) []diag.Diagnostic {
	return slices.DeleteFunc(ds, func(d diag.Diagnostic) bool {
		return linked[d.Code] && d.Severity != diag.Error && d.Loc.File != nil && l.answered[linkOf(d)]
	})
}
