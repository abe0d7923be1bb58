package syntax

import "hexdag.dev/hexdag/lang/source"

// TextMap maps byte offsets in n.Value to offsets in the file. It is computed
// anew at each call, by decoding the scalar again; keep it if you need it often.
// For a node that is no scalar, or an Alias, it covers the span as it stands.
func (t *Tree) TextMap(n *Node) source.TextMap {
	src := t.FileOf(n).Text()
	start, end := int(n.Span.Start), int(n.Span.End)
	if n.Built != Written { // every byte of it comes from the whole place
		return source.TextMap{Segments: []source.Segment{{File: n.Span.Start}}, TextEnd: int32(len(n.Value)), FileEnd: n.Span.End}
	}
	d := &decoder{mapped: true}
	if n.Kind != Scalar {
		if n.Kind == Alias {
			start = min(start+1, end) // the `*` is not in Value
		}
		return source.Identity(start, end-start)
	}
	switch n.Style {
	case Plain:
		if n.Value == src[start:end] {
			return source.Identity(start, end-start)
		}
		d.end = start
		decodePlain(src, start, end, d)
	case SingleQuoted:
		decodeSingle(src, start, end, d)
	case DoubleQuoted:
		decodeDouble(src, start, end, d)
	case Literal, Folded:
		decodeBlock(src, start, end, int(n.indent), d)
	}
	if len(d.segs) == 0 {
		// An empty value stands at one place: between the quotes, behind the
		// header, or where the value would be.
		at := start
		switch n.Style {
		case SingleQuoted, DoubleQuoted:
			at = min(start+1, end)
		case Literal, Folded:
			at = end
		}
		return source.Identity(at, 0)
	}
	return d.textMap()
}
