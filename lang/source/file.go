package source

import (
	"sort"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// File is the immutable text of one source file or overlay.
type File struct {
	path    string
	name    string
	content []byte
	text    string

	once  sync.Once
	lines []int32 // offset of each line's first byte

	// see instance.go
	base    *File // has the lines
	via     []Location
	from    *File
	derived TextMap
}

// NewFile makes a File. path is what diagnostics show: relative to the working
// directory, with forward slashes. The caller must not change content later.
func NewFile(path string, content []byte) *File {
	return &File{path: path, content: content, text: unsafe.String(unsafe.SliceData(content), len(content))}
}

// NewNamed makes a File whose name inside the workspace differs from the path
// that diagnostics show.
func NewNamed(path, name string, content []byte) *File {
	f := NewFile(path, content)
	f.name = name
	return f
}

// Again is the same file as another File: what was found in one of several
// inclusions of a file can be told from what was found in the others.
func (f *File) Again() *File {
	return &File{path: f.path, name: f.name, content: f.content, text: f.text}
}

// Name is the file's path relative to the workspace root, with forward slashes:
// the same wherever the tools are started. It is Path unless NewNamed gave
// another one.
func (f *File) Name() string {
	if f.name == "" {
		return f.path
	}
	return f.name
}

// Path is the name given to NewFile.
func (f *File) Path() string { return f.path }

// Content is the file's bytes; callers must not change them.
func (f *File) Content() []byte { return f.content }

// Text is the file's bytes as a string; substrings of it cost no copy.
func (f *File) Text() string { return f.text }

// Slice is the text that s covers.
func (f *File) Slice(s Span) string { return f.text[s.Start:s.End] }

// Position is a place in a file as people count.
type Position struct {
	Line   int // 1-based
	Column int // 1-based, in Unicode code points; an invalid byte counts as one
	Offset int // 0-based, in bytes
}

func (f *File) table() []int32 {
	if f.base != nil {
		return f.base.table()
	}
	f.once.Do(func() {
		lines := make([]int32, 1, 2+len(f.content)/32)
		for i := 0; i < len(f.content); i++ {
			switch f.content[i] {
			case '\n':
				lines = append(lines, int32(i+1))
			case '\r':
				if i+1 == len(f.content) || f.content[i+1] != '\n' {
					lines = append(lines, int32(i+1))
				}
			}
		}
		f.lines = lines
	})
	return f.lines
}

// LineCount is the number of lines; a text that ends in a line break has an
// empty last line.
func (f *File) LineCount() int { return len(f.table()) }

// Line is the 0-based line that offset is on; offsets outside are clamped.
func (f *File) Line(offset int) int {
	t := f.table()
	return sort.Search(len(t), func(i int) bool { return int(t[i]) > offset }) - 1
}

// LineSpan is the span of the 0-based line without its line break.
func (f *File) LineSpan(line int) Span {
	t := f.table()
	start, end := t[line], int32(len(f.content))
	if line+1 < len(t) {
		end = t[line+1]
	}
	for end > start && (f.content[end-1] == '\n' || f.content[end-1] == '\r') {
		end--
	}
	return Span{start, end}
}

func (f *File) clamp(offset int) int { return max(0, min(offset, len(f.content))) }

// Position translates a byte offset; offsets outside are clamped.
func (f *File) Position(offset int) Position {
	offset = f.clamp(offset)
	line := max(0, f.Line(offset))
	start := int(f.table()[line])
	if line == 0 && len(f.content) >= 3 && f.text[:3] == "\ufeff" && offset >= 3 {
		start = 3 // a byte order mark is no column
	}
	return Position{line + 1, utf8.RuneCountInString(f.text[start:offset]) + 1, offset}
}

// UTF16 translates a byte offset into a 0-based line and a 0-based column in
// UTF-16 code units, as the language server protocol counts.
func (f *File) UTF16(offset int) (line, column int) {
	offset = f.clamp(offset)
	line = max(0, f.Line(offset))
	for _, r := range f.text[f.table()[line]:offset] {
		column++
		if r > 0xFFFF {
			column++
		}
	}
	return line, column
}

// OffsetUTF16 is the inverse of UTF16. Columns past a line's end give its end,
// lines past the last one give the end of the file.
func (f *File) OffsetUTF16(line, column int) int {
	if line < 0 {
		return 0
	}
	if line >= f.LineCount() {
		return len(f.content)
	}
	s := f.LineSpan(line)
	at := int(s.Start)
	for at < int(s.End) && column > 0 {
		r, n := utf8.DecodeRuneInString(f.text[at:s.End])
		column--
		if r > 0xFFFF {
			column--
			if column < 0 {
				break // in the middle of a surrogate pair: before it
			}
		}
		at += n
	}
	return at
}
