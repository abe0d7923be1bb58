package ide

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"sync"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/expr"
)

// SymbolKind says what a name names.
type SymbolKind uint8

// Symbol kinds.
const (
	SymbolNode SymbolKind = iota + 1
	SymbolField
	SymbolInput
	SymbolTarget
	SymbolLoop
	SymbolLocal
	SymbolPort
	SymbolAdapter
	SymbolMacro
	SymbolParameter
	SymbolProcess
	SymbolPipeline
	SymbolPolicy
	SymbolMiddleware
	SymbolType
	SymbolAlias
	SymbolService
	SymbolTool
	SymbolEntity
	SymbolState
	SymbolConstant
	SymbolDocument // a System, Config or Test
)

// String is what messages call the kind.
func (k SymbolKind) String() string {
	return [...]string{"", "node", "field of a result", "input field", "mapping target", "loop variable", "local name", "port", "Adapter", "macro",
		"macro parameter", "process", "Pipeline", "Policy", "Middleware", "custom type", "alias", "service", "tool", "entity type", "state", "constant", "document"}[k]
}

// Symbol is what a name means, wherever it is written.
type Symbol struct {
	Kind SymbolKind
	Name string
	// Def is where it is declared; the zero Location if nowhere.
	Def Location
	// Info is a node's; nil for others.
	Info *check.Info
	Type *expr.Type
	// Detail describes it in Markdown; may be empty.
	Detail string

	key string
}

// Occurrence is one place where a symbol is written.
type Occurrence struct {
	Location
	Symbol *Symbol
	// Def says that the symbol is declared here.
	Def bool
	// Text says that the place is in an expression or template.
	Text bool
}

// index is every occurrence that the analysis of a file knows, sorted by file
// and place. It may name places in files that were read for this one.
type index struct {
	all []Occurrence
}

type indexKey struct{}

// indexOf is the index of an analysis, made once.
func indexOf(s *compile.Snapshot, a *compile.Analysis) *index {
	return a.Derive(indexKey{}, func() any { return buildIndex(s, a) }).(*index)
}

// in are the occurrences in a file.
func (x *index) in(path string) []Occurrence {
	i := sort.Search(len(x.all), func(i int) bool { return x.all[i].Path >= path })
	j := i
	for j < len(x.all) && x.all[j].Path == path {
		j++
	}
	return x.all[i:j]
}

// occurrenceAt is the innermost name at an offset of a file.
func occurrenceAt(s *compile.Snapshot, a *compile.Analysis, offset int) (Occurrence, bool) {
	var best Occurrence
	found := false
	for _, o := range indexOf(s, a).in(a.Path) {
		if int(o.Span.Start) > offset {
			break
		}
		if o.Span.Contains(offset) && (!found || o.Span.Len() <= best.Span.Len()) {
			best, found = o, true
		}
	}
	return best, found
}

// everywhere calls f for the analysis of each manifest of the workspace, and of
// path, side by side, and gives what it returned in the order of the paths.
func everywhere[T any](ctx context.Context, s *compile.Snapshot, path string, f func(*compile.Analysis) T) ([]T, error) {
	paths := s.Manifests()
	if i, found := slices.BinarySearch(paths, path); !found && path != "" {
		paths = slices.Insert(paths, i, path)
	}
	return each(ctx, paths, func(p string) (out T) {
		a, err := s.Analyze(p)
		if err != nil {
			return out // it went away
		}
		return f(a)
	})
}

// each calls f for each path, side by side. A panic in one is a panic of the
// caller, which tells where it was.
func each[T any](ctx context.Context, paths []string, f func(string) T) ([]T, error) {
	out := make([]T, len(paths))
	work := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var fault any
	for range min(len(paths), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range work {
				func() {
					defer func() {
						if p := recover(); p != nil {
							mu.Lock()
							fault = fmt.Sprintf("%v\n%s", p, debug.Stack())
							mu.Unlock()
						}
					}()
					out[i] = f(paths[i])
				}()
			}
		})
	}
	var err error
feed:
	for i := range paths {
		select {
		case work <- i:
		case <-ctx.Done():
			err = ctx.Err()
			break feed
		}
	}
	close(work)
	wg.Wait()
	if fault != nil {
		panic(fault)
	}
	return out, err
}

// occurrences are all places of a symbol in the workspace, each once, sorted.
func occurrences(ctx context.Context, s *compile.Snapshot, path string, sym *Symbol) ([]Occurrence, error) {
	if sym.Kind == SymbolLocal || sym.Kind == SymbolTarget || sym.Kind == SymbolLoop {
		a, err := s.Analyze(path)
		if err != nil {
			return nil, err
		}
		return pick(indexOf(s, a).all, sym.key), nil
	}
	lists, err := everywhere(ctx, s, path, func(a *compile.Analysis) []Occurrence {
		return pick(indexOf(s, a).all, sym.key)
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(lists...)
	sortOccurrences(all)
	return slices.CompactFunc(all, func(a, b Occurrence) bool { return a.Location == b.Location }), nil
}

func pick(all []Occurrence, key string) []Occurrence {
	var out []Occurrence
	for _, o := range all {
		if o.Symbol.key == key {
			out = append(out, o)
		}
	}
	return out
}

func sortOccurrences(all []Occurrence) {
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i].Location, all[j].Location
		switch {
		case a.Path != b.Path:
			return a.Path < b.Path
		case a.Span.Start != b.Span.Start:
			return a.Span.Start < b.Span.Start
		case a.Span.End != b.Span.End:
			return a.Span.End < b.Span.End
		}
		return all[i].Def && !all[j].Def
	})
}

func symbolKey(kind SymbolKind, l Location) string {
	return fmt.Sprintf("%d|%s|%d", kind, l.Path, l.Span.Start)
}
