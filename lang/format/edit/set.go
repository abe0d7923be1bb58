package edit

import (
	"sort"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// Set gathers the edits of several fixes, of which each is taken as a whole or
// not at all. The zero Set is empty and ready for use; it is not safe for
// concurrent use.
type Set struct {
	files map[*source.File]*fileEdits
}

type fileEdits struct {
	edits []diag.Edit
	// taken are the non-empty spans and insertion points of edits, by start.
	taken []diag.Edit
}

// Add takes fix if none of its edits overlaps one that was taken before, and
// reports whether it did. An edit without a file can't be taken.
func (s *Set) Add(fix diag.Fix) bool {
	byFile := map[*source.File][]diag.Edit{}
	for _, e := range fix.Edits {
		if e.Loc.File == nil {
			return false
		}
		byFile[e.Loc.File] = append(byFile[e.Loc.File], e)
	}
	fresh := make(map[*source.File][]diag.Edit, len(byFile))
	for file, edits := range byFile {
		ordered, err := order(edits)
		if err != nil {
			return false
		}
		for _, e := range ordered {
			known, free := s.fits(file, e)
			if !free {
				return false
			}
			if !known {
				fresh[file] = append(fresh[file], e)
			}
		}
	}
	if s.files == nil {
		s.files = map[*source.File]*fileEdits{}
	}
	for file, edits := range fresh {
		f := s.files[file]
		if f == nil {
			f = &fileEdits{}
			s.files[file] = f
		}
		f.edits = append(f.edits, edits...)
		for _, e := range edits {
			i := sort.Search(len(f.taken), func(i int) bool { return f.taken[i].Loc.Span.Start > e.Loc.Span.Start })
			f.taken = append(f.taken, diag.Edit{})
			copy(f.taken[i+1:], f.taken[i:])
			f.taken[i] = e
		}
	}
	return true
}

// fits reports whether e is already in the set, and whether it has room.
func (s *Set) fits(file *source.File, e diag.Edit) (known, free bool) {
	f := s.files[file]
	if f == nil {
		return false, true
	}
	span := e.Loc.Span
	i := sort.Search(len(f.taken), func(i int) bool { return f.taken[i].Loc.Span.Start >= span.Start })
	for j := i; j < len(f.taken) && f.taken[j].Loc.Span.Start <= span.End; j++ {
		t := f.taken[j]
		if same(t, e) {
			return true, true
		}
		if overlap(t.Loc.Span, span) {
			return false, false
		}
	}
	// Only the nearest neighbour to the left that is not an insertion can reach
	// into span, as what was taken does not overlap.
	for j := i - 1; j >= 0; j-- {
		t := f.taken[j].Loc.Span
		if overlap(t, span) {
			return false, false
		}
		if t.Len() > 0 {
			break
		}
	}
	return false, true
}

func overlap(a, b source.Span) bool { return a.Start < b.End && b.Start < a.End }

// Files are the files that the set changes, by path.
func (s *Set) Files() []*source.File {
	files := make([]*source.File, 0, len(s.files))
	for f, e := range s.files {
		if len(e.edits) > 0 {
			files = append(files, f)
		}
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Path() < files[j].Path() })
	return files
}

// Apply is the content of file with the set's edits made.
func (s *Set) Apply(file *source.File) ([]byte, error) {
	f := s.files[file]
	if f == nil {
		return file.Content(), nil
	}
	return Apply(file.Content(), f.edits)
}
