package source

// What stands in one place of a file can be used in several: a macro's body is
// put in wherever the macro is called. A File of its own for each use lets every
// Location tell which use it is about.

// Instance is the same file as another File. via are the calls that lead to its
// use, outermost first.
func (f *File) Instance(via []Location) *File {
	return &File{path: f.path, name: f.name, content: f.content, text: f.text, base: f, via: via}
}

// Via is the chain of calls that the File is an Instance for; nil for a file on
// its own. It must not be changed.
func (f *File) Via() []Location {
	if f == nil {
		return nil
	}
	return f.via
}

// NewDerived is a text that was computed from a place of another file; m leads
// from the text to that file. Locations in it stand for those that Written gives.
func NewDerived(from *File, text string, m TextMap) *File {
	return &File{path: from.path, name: from.name, content: []byte(text), text: text, via: from.via, from: from, derived: m}
}

// Derived reports whether the File's text was computed.
func (f *File) Derived() bool { return f != nil && f.from != nil }

// Written is the place in a file as somebody wrote it that a Location stands
// for: itself, unless its text was computed.
func (l Location) Written() Location {
	for l.File != nil && l.File.from != nil {
		l = Location{File: l.File.from, Span: l.File.derived.Span(l.Span)}
	}
	return l
}
