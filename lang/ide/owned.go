package ide

import (
	"context"
	"slices"

	"hexdag.dev/hexdag/lang/compile"
)

// Owned reports whether a file is part of the workspace's programs: it is a
// manifest, a list of nodes, or some manifest reads it. An editor treats such a
// file as it does manifests, and leaves other YAML alone.
func Owned(ctx context.Context, s *compile.Snapshot, path string) (bool, error) {
	if a, err := s.Analyze(path); err == nil && a.File != nil {
		return true, nil
	}
	lists, err := everywhere(ctx, s, "", func(a *compile.Analysis) bool { return slices.Contains(a.Reads, path) })
	return slices.Contains(lists, true), err
}
