package syntax

import (
	"iter"
	"strings"

	"hexdag.dev/hexdag/lang/source"
)

// TokenKind says what a Token is.
type TokenKind uint8

// Token kinds. Together the tokens of a tree are its file, byte for byte.
const (
	ByteOrderMark TokenKind = iota + 1
	Blank                   // spaces and tabs, indentation included
	LineBreak               // one LF, CRLF or CR
	CommentText             // with its `#`, without the line break
	Directive               // a line `%…` before a document
	DocumentStart           // ---
	DocumentEnd             // ...
	Dash                    // -
	QuestionMark            // ?
	Colon                   // :
	Comma                   // ,
	OpenBracket             // [ or {
	CloseBracket            // ] or }
	AnchorName              // &name
	TagName                 // !name
	AliasName               // *name
	ScalarText              // a plain or quoted scalar, with its quotes; may have line breaks
	BlockHeader             // | or > with what belongs to it
	BlockText               // the lines of a block scalar, from its first line's start to its last content
	Skipped                 // text that was reported and is in no node; never in a valid file
)

var tokenNames = [...]string{"", "byte order mark", "blank", "line break", "comment", "directive", "document start",
	"document end", "dash", "question mark", "colon", "comma", "open bracket", "close bracket", "anchor", "tag", "alias",
	"scalar", "block header", "block text", "skipped"}

// String is the kind's name, for tests and messages.
func (k TokenKind) String() string { return tokenNames[k] }

// Token is a piece of the file.
type Token struct {
	Kind TokenKind
	Span source.Span
	// Node is the node that a scalar, alias, anchor, tag or bracket belongs to.
	// For the other kinds it is the collection that they stand in, or nil.
	Node *Node
}

// Tokens yields the tokens of the file in order. They are made anew at each
// call, from the nodes and what stands between them.
func (t *Tree) Tokens() iter.Seq[Token] {
	return func(yield func(Token) bool) {
		l := &lexer{tree: t, src: t.File.Text(), yield: yield}
		if strings.HasPrefix(l.src, bom) {
			l.emit(ByteOrderMark, len(bom), nil)
		}
		for _, doc := range t.Docs {
			l.markers(doc)
			if doc.Root != nil {
				l.node(doc.Root, nil)
			}
			if doc.End.Len() > 0 {
				l.gap(int(doc.End.Start), nil)
				l.emit(DocumentEnd, int(doc.End.End), nil)
			}
		}
		l.prolog = true
		l.gap(len(l.src), nil)
	}
}

// Print is the file made from its tokens: always equal to the file's bytes.
func (t *Tree) Print() []byte {
	text := t.File.Text()
	out := make([]byte, 0, len(text))
	for token := range t.Tokens() {
		out = append(out, text[token.Span.Start:token.Span.End]...)
	}
	return out
}

// lexer makes tokens of a tree.
type lexer struct {
	tree    *Tree
	src     string
	pos     int // everything before it has been yielded
	comment int // the next of the tree's comments
	prolog  bool
	done    bool
	yield   func(Token) bool
}

// emit yields the token from pos to end.
func (l *lexer) emit(kind TokenKind, end int, n *Node) {
	if end == l.pos || l.done {
		return
	}
	l.done = !l.yield(Token{kind, span(l.pos, end), n})
	l.pos = end
}

// leaf yields what stands before s, and s.
func (l *lexer) leaf(kind TokenKind, s source.Span, n, in *Node) {
	l.gap(int(s.Start), in)
	l.emit(kind, int(s.End), n)
}

func (l *lexer) markers(doc *Document) {
	if doc.Start.Len() > 0 {
		l.prolog = true
		l.gap(int(doc.Start.Start), nil)
		l.emit(DocumentStart, int(doc.Start.End), nil)
	} else {
		l.prolog = true
		l.gap(int(doc.Span.Start), nil)
	}
	l.prolog = false
}

// node yields the tokens of n, which stands in the collection in.
func (l *lexer) node(n, in *Node) {
	if l.done {
		return
	}
	switch {
	case n.Tag != "" && n.Anchor != "" && n.AnchorSpan.Start < n.TagSpan.Start:
		l.leaf(AnchorName, n.AnchorSpan, n, in)
		l.leaf(TagName, n.TagSpan, n, in)
	case n.Tag != "" && n.Anchor != "":
		l.leaf(TagName, n.TagSpan, n, in)
		l.leaf(AnchorName, n.AnchorSpan, n, in)
	case n.Tag != "":
		l.leaf(TagName, n.TagSpan, n, in)
	case n.Anchor != "":
		l.leaf(AnchorName, n.AnchorSpan, n, in)
	}
	start, end := int(n.Span.Start), int(n.Span.End)
	switch n.Kind {
	case Alias:
		l.leaf(AliasName, n.Span, n, in)
	case Scalar:
		switch n.Style {
		case Literal, Folded:
			header, _, _ := blockHeader(l.src, start)
			l.leaf(BlockHeader, span(start, header), n, in)
			body := header
			for body < end && !isNewline(l.src[body]) {
				body++
			}
			if body < end {
				body = breakAfter(l.src, body)
				l.gap(body, n)
				l.emit(BlockText, end, n)
			}
		default:
			l.leaf(ScalarText, n.Span, n, in)
		}
	default:
		if n.Style == Flow && !n.SinglePair() {
			l.leaf(OpenBracket, span(start, start+1), n, in)
		}
		for _, item := range n.Items {
			l.node(item, n)
		}
		for i := range n.Pairs {
			l.node(n.Pairs[i].Key, n)
			l.node(n.Pairs[i].Value, n)
		}
		if n.Style == Flow && !n.SinglePair() {
			l.gap(end, n)
		}
	}
}

// gap yields what stands between nodes, up to end.
func (l *lexer) gap(end int, in *Node) {
	for l.pos < end && !l.done {
		if comments := l.tree.Comments; l.comment < len(comments) {
			if s := comments[l.comment].Span; int(s.Start) <= l.pos {
				l.comment++
				if int(s.Start) == l.pos && int(s.End) <= end {
					l.emit(CommentText, int(s.End), in)
				}
				continue
			}
		}
		i := l.pos
		switch c := l.src[i]; {
		case isSpace(c):
			l.emit(Blank, blanksAfter(l.src, i, end), in)
		case isNewline(c):
			l.emit(LineBreak, min(breakAfter(l.src, i), end), in)
		case l.prolog && c == '%' && l.lineStart(i):
			l.emit(Directive, l.textEnd(i, end), in)
		case l.prolog && c == '.' && l.lineStart(i) && strings.HasPrefix(l.src[i:end], "..."):
			l.emit(DocumentEnd, i+3, in)
		case l.prolog && strings.HasPrefix(l.src[i:end], bom):
			l.emit(ByteOrderMark, i+len(bom), in)
		default:
			if kind := l.punctuation(i, in); kind != 0 {
				l.emit(kind, i+1, in)
				break
			}
			i++
			for i < end && class[l.src[i]]&(space|newline) == 0 {
				i++
			}
			l.emit(Skipped, i, in)
		}
	}
}

func (l *lexer) lineStart(i int) bool {
	i -= len(l.src[:i]) - len(strings.TrimSuffix(l.src[:i], bom))
	return i == 0 || isNewline(l.src[i-1])
}

// punctuation is the kind of the indicator at i, 0 if there is none.
func (l *lexer) punctuation(i int, in *Node) TokenKind {
	if in == nil {
		return 0
	}
	blank := i+1 == len(l.src) || class[l.src[i+1]]&(space|newline) != 0
	flow := in.Style == Flow || in.Parent != nil && in.Parent.Style == Flow
	switch c := l.src[i]; {
	case c == ':' && (blank || flow || in.Broken || in.Kind == Mapping):
		return Colon
	case c == '-' && (blank || in.Kind == Sequence) && !flow:
		return Dash
	case c == '?' && (blank || flow):
		return QuestionMark
	case c == ',' && flow:
		return Comma
	case (c == ']' || c == '}') && flow:
		return CloseBracket
	}
	return 0
}

// textEnd is the end of a directive's text: a comment may stand behind it.
func (l *lexer) textEnd(i, end int) int {
	for j := i; j < end && !isNewline(l.src[j]); j++ {
		if l.comment < len(l.tree.Comments) && int(l.tree.Comments[l.comment].Span.Start) == j {
			return i
		}
		if !isSpace(l.src[j]) {
			i = j + 1
		}
	}
	return i
}
