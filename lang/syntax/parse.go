package syntax

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// Budget bounds what Parse is willing to do. A field that is zero has its
// default. A budget that is exceeded is reported once, with the place where it
// was.
type Budget struct {
	// Bytes is the largest file that is parsed at all; default 8 MiB.
	Bytes int
	// Depth is how deep collections may nest; default 1,000. Parsing stops at
	// the first that is too deep.
	Depth int
	// AliasNodes is how many nodes aliases may stand for, all together and with
	// the aliases inside what they stand for followed; default 50,000. Further
	// aliases stay without Target.
	AliasNodes int
	// Keys is how many entries one mapping may have; default 250,000. Parsing
	// stops behind the last allowed one.
	Keys int
	// Nodes is how many nodes a file may have; default 1,000,000, which is some
	// 200 MB of memory. Parsing stops at the first that is too many.
	Nodes int
}

// Default budgets.
const (
	DefaultBytes      = 8 << 20
	DefaultDepth      = 1_000
	DefaultAliasNodes = 50_000
	DefaultKeys       = 250_000
	DefaultNodes      = 1_000_000
)

// maxDiagnostics is how many findings Parse reports for one file before it only
// says that there are more.
const maxDiagnostics = 200

func (b Budget) withDefaults() Budget {
	set := func(field *int, def int) {
		if *field <= 0 {
			*field = def
		}
	}
	set(&b.Bytes, DefaultBytes)
	set(&b.Depth, DefaultDepth)
	set(&b.AliasNodes, DefaultAliasNodes)
	set(&b.Keys, DefaultKeys)
	set(&b.Nodes, DefaultNodes)
	return b
}

// Tree is a parsed file.
type Tree struct {
	File *source.File
	Docs []*Document
	// Comments are all comments of the file, by offset.
	Comments []Comment
	// Diags are the findings, by offset.
	Diags []diag.Diagnostic
	// parts are the files of the roots that came from other files; nil for a tree
	// that Parse made. See Compose.
	parts map[*Node]*source.File
	// slab is what Release gives back; nil in a composed tree.
	slab *slab
}

// Parse reads f. It always returns a tree; the zero Budget means the defaults.
func Parse(f *source.File, b Budget) *Tree {
	p := &parser{file: f, src: f.Text(), tree: &Tree{File: f}, budget: b.withDefaults(), first: -1}
	if len(p.src) > p.budget.Bytes {
		p.report(diag.New(diag.FileTooLarge, p.at(0, 0), "the file has %d bytes; at most %d are allowed", len(p.src), p.budget.Bytes).
			WithHelp("split it, or move large data out of the manifest"))
		return p.tree
	}
	p.arena.begin(len(p.src))
	p.tree.slab = p.arena.first
	p.checkText()
	p.stream()
	diag.Sort(p.tree.Diags)
	return p.tree
}

// parser holds the state of one Parse.
type parser struct {
	file   *source.File
	src    string
	tree   *Tree
	doc    *Document
	budget Budget

	pos  int // next byte
	line int // first byte of the line that pos is on, behind a byte order mark

	// Of the line's first content, set by skip when it crossed a line break:
	first  int  // its offset; content at pos is the first on its line if pos == first
	col    int  // its column; a tab counts as tabColumn says
	indent int  // the spaces before it, up to the first tab
	tab    bool // a tab stands before it

	depth   int
	stopped bool // a budget is used up: finish with what there is

	// Stacks of entries of the collections that are open; they are copied to
	// exact size when a collection ends.
	items   []*Node
	pairs   []Pair
	columns []int // of the open block collections

	arena arena

	anchors     map[string]anchor
	defined     []definition   // how anchors came about
	openAnchors map[string]int // of collections that are not complete yet
	expanded    int            // nodes of the document, aliases followed
	aliased     int            // nodes that aliases stand for
	aliasOver   bool           // AliasNodes has been reported

	flow      []opener // open brackets
	flowLost  bool     // an unclosed bracket ended at a dedent
	flowLimit int      // where an unclosed bracket is known to end, if not 0
	suspect   int      // first line inside brackets that looks like block structure, if not 0
	rescanned int      // bytes that were read again behind unclosed brackets
	flowFault int      // line for which an indentation fault inside brackets was reported

	leftLine   int // start of the first line of the quoted text at hand that stands too far left, or -1
	leftText   int // where the text on it starts
	quoteFault int // end of the last unclosed quote
	tabLine    int // 1 + start of the line whose tab was reported
}

func (p *parser) at(start, end int) source.Location {
	return source.Location{File: p.file, Span: source.Span{Start: int32(start), End: int32(end)}}
}

func (p *parser) edit(start, end int, text string) diag.Edit {
	return diag.Edit{Loc: p.at(start, end), NewText: text}
}

// quiet says that further findings will not be shown, so that costly messages
// need not be made.
func (p *parser) quiet() bool { return len(p.tree.Diags) > maxDiagnostics }

func (p *parser) report(d diag.Diagnostic) {
	switch n := len(p.tree.Diags); {
	case n < maxDiagnostics:
		p.tree.Diags = append(p.tree.Diags, d)
	case n == maxDiagnostics:
		p.tree.Diags = append(p.tree.Diags, diag.New(diag.TooManyFaults, d.Loc,
			"more than %d faults; the rest of them is not shown", maxDiagnostics).
			WithHelp("mend the first ones: the others may be their consequences"))
	}
}

// stop ends parsing at a used-up budget: every loop sees ended from now on.
func (p *parser) stop(code diag.Code, at int, help, format string, args ...any) {
	if p.stopped {
		return
	}
	p.stopped = true
	p.report(diag.New(code, p.at(at, min(at+1, len(p.src))), "%s", fmt.Sprintf(format, args...)).WithHelp("%s", help))
}

// enter counts one more level of nesting; leave must follow if it is true.
func (p *parser) enter(at int) bool {
	if p.depth >= p.budget.Depth {
		p.stop(diag.TooDeep, at, "flatten the structure; what follows was not read",
			"collections nest more than %d deep", p.budget.Depth)
	}
	if p.stopped {
		return false
	}
	p.depth++
	return true
}

func (p *parser) leave() { p.depth-- }

// span makes a span of the file.
func span(start, end int) source.Span {
	return source.Span{Start: int32(start), End: int32(end)}
}

// node makes a node with the properties pr, which may be nil.
func (p *parser) node(kind Kind, style Style, start, end int, pr *properties) *Node {
	p.expanded++
	if p.expanded-p.aliased > p.budget.Nodes {
		p.stop(diag.TooManyNodes, start, "split the file; what follows was not read",
			"the file has more than %d values", p.budget.Nodes)
	}
	n := p.arena.node()
	n.Kind, n.Style, n.Span = kind, style, span(start, end)
	if pr != nil && pr.set {
		n.Tag, n.TagSpan, n.Anchor, n.AnchorSpan = pr.tag, pr.tagSpan, pr.anchor, pr.anchorSpan
	}
	return n
}

// scalar makes a complete scalar node and defines its anchor.
func (p *parser) scalar(style Style, start, end int, value string, pr *properties) *Node {
	n := p.node(Scalar, style, start, end, pr)
	n.Value = value
	if len(value) > maxDigits && style == Plain && isInteger(value) {
		p.report(diag.New(diag.NumberTooLong, p.at(start, end), "an integer of more than %d digits", maxDigits).
			WithHelp("quote it if it is meant as a text"))
	}
	if pr != nil && pr.set {
		p.define(n, pr)
		p.checkTag(n)
	}
	return n
}

// empty makes the scalar for a value that is not there.
func (p *parser) empty(at int, pr *properties) *Node {
	if pr != nil && pr.set {
		at = pr.end
	}
	return p.scalar(Empty, at, at, "", pr)
}

// close completes a collection: it takes its entries off the stack.
func (p *parser) closeSequence(n *Node, base int) {
	n.Items = p.arena.itemList(p.items[base:])
	p.items = p.items[:base]
	for _, item := range n.Items {
		item.Parent = n
	}
	if p.stopped {
		n.Broken = true
	}
}

func (p *parser) closeMapping(n *Node, base int) {
	n.Pairs = p.arena.pairList(p.pairs[base:])
	p.pairs = p.pairs[:base]
	for i := range n.Pairs {
		n.Pairs[i].Key.Parent, n.Pairs[i].Value.Parent = n, n
	}
	if p.stopped {
		n.Broken = true
	}
	p.checkKeys(n)
}

func (p *parser) push(key, value *Node, start int) {
	end := max(outerEnd(key), outerEnd(value))
	p.pairs = append(p.pairs, Pair{Key: key, Value: value, Span: span(min(start, int(key.Span.Start)), end)})
}

// outerStart and outerEnd are the bounds of a node with its properties.
func outerStart(n *Node) int {
	start := n.Span.Start
	if n.Tag != "" {
		start = min(start, n.TagSpan.Start)
	}
	if n.Anchor != "" {
		start = min(start, n.AnchorSpan.Start)
	}
	return int(start)
}

func outerEnd(n *Node) int {
	end := n.Span.End
	if n.Tag != "" {
		end = max(end, n.TagSpan.End)
	}
	if n.Anchor != "" {
		end = max(end, n.AnchorSpan.End)
	}
	return int(end)
}

// describe quotes a piece of the source for a message.
func describe(text string) string { return "`" + shorten(text) + "`" }

// shorten cuts text at its first line break, and where it is too long.
func shorten(text string) string {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i] + "…"
	}
	const most = 40
	if len(text) > most {
		cut := most
		for cut > 0 && text[cut]&0xC0 == 0x80 {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
