package source

import "sort"

// TextMap leads from byte offsets in a decoded text, such as the value of a
// quoted or block scalar, to byte offsets in the file it stands in. Segments
// are sorted and cover the text without gaps. In an exact segment text and file
// agree byte for byte; in another one (an escape, a folded line break) every
// text byte belongs to the whole file range.
//
// The zero TextMap is the identity, so a text that was not decoded needs none.
type TextMap struct {
	Segments []Segment
	// TextEnd and FileEnd are where the last segment ends.
	TextEnd, FileEnd int32
}

// Segment starts at Text in the decoded text and at File in the file and goes
// on until the next one.
type Segment struct {
	Text, File int32
	Exact      bool
}

// Identity maps a text that stands unchanged at offset file, length n.
func Identity(file, n int) TextMap {
	return TextMap{Segments: []Segment{{0, int32(file), true}}, TextEnd: int32(n), FileEnd: int32(file + n)}
}

// File is the file offset that belongs to the start of the text byte at offset.
func (m TextMap) File(offset int) int {
	if len(m.Segments) == 0 {
		return offset
	}
	if offset >= int(m.TextEnd) {
		return int(m.FileEnd)
	}
	i := sort.Search(len(m.Segments), func(i int) bool { return int(m.Segments[i].Text) > offset }) - 1
	if i < 0 {
		return int(m.Segments[0].File)
	}
	s := m.Segments[i]
	if s.Exact {
		return int(s.File) + offset - int(s.Text)
	}
	return int(s.File)
}

// end is the file offset behind the text byte before offset.
func (m TextMap) end(offset int) int {
	if len(m.Segments) == 0 {
		return offset
	}
	if offset <= 0 {
		return m.File(0)
	}
	i := sort.Search(len(m.Segments), func(i int) bool { return int(m.Segments[i].Text) >= offset }) - 1
	if i < 0 {
		return int(m.Segments[0].File)
	}
	s := m.Segments[i]
	if s.Exact {
		return min(int(s.File)+offset-int(s.Text), int(m.FileEnd))
	}
	if i+1 < len(m.Segments) {
		return int(m.Segments[i+1].File)
	}
	return int(m.FileEnd)
}

// Span maps a span of the text to the file.
func (m TextMap) Span(s Span) Span {
	start := m.File(int(s.Start))
	end := start
	if s.End > s.Start {
		end = max(start, m.end(int(s.End)))
	}
	return Span{int32(start), int32(end)}
}

// Text is the text offset for a file offset: the inverse of File. ok is false
// if the file offset lies outside the mapped text.
func (m TextMap) Text(file int) (offset int, ok bool) {
	if len(m.Segments) == 0 {
		return file, true
	}
	if file < int(m.Segments[0].File) || file > int(m.FileEnd) {
		return 0, false
	}
	i := sort.Search(len(m.Segments), func(i int) bool { return int(m.Segments[i].File) > file }) - 1
	s := m.Segments[i]
	end := m.TextEnd
	if i+1 < len(m.Segments) {
		end = m.Segments[i+1].Text
	}
	if s.Exact {
		return min(int(s.Text)+file-int(s.File), int(end)), true
	}
	if file == int(s.File) {
		return int(s.Text), true
	}
	return int(end), true
}
