package ide

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/source"
)

// Move is a file or folder that gets another path.
type Move struct{ From, To string }

// MoveFiles is the edits that keep every path of the workspace pointing at what
// it points at when files and folders move. The edits are of the files where
// they are now.
func MoveFiles(ctx context.Context, s *compile.Snapshot, moves []Move) ([]Edit, error) {
	moved := func(path string) string {
		for _, m := range moves {
			if path == m.From {
				return m.To
			}
			if rest, ok := strings.CutPrefix(path, m.From+string(filepath.Separator)); ok {
				return filepath.Join(m.To, rest)
			}
		}
		return path
	}
	lists, err := everywhere(ctx, s, "", func(a *compile.Analysis) []Edit {
		var out []Edit
		links, err := Links(s, a.Path)
		if err != nil {
			return nil
		}
		dir := filepath.Dir(moved(a.Path))
		for _, l := range links {
			to := moved(l.Target.Path)
			text := a.Source.Slice(l.Span)
			file, member, has := strings.Cut(text, "#")
			if to == l.Target.Path && dir == filepath.Dir(a.Path) {
				continue
			}
			rel, err := filepath.Rel(dir, to)
			if err != nil {
				continue
			}
			rel = filepath.ToSlash(rel)
			if strings.HasPrefix(file, "./") && !strings.HasPrefix(rel, "../") {
				rel = "./" + rel
			}
			if rel == file {
				continue
			}
			if has {
				rel += "#" + member
			}
			out = append(out, Edit{Location{a.Path, inner(source.Location{File: a.Source, Span: l.Span})}, rel})
		}
		return out
	})
	return slices.Concat(lists...), err
}
