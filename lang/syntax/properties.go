package syntax

import (
	"maps"
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
)

// properties are the tag and anchor in front of a node.
type properties struct {
	set         bool
	tag, anchor string
	tagSpan     source.Span
	anchorSpan  source.Span
	start, end  int
	count       int  // p.expanded before the node
	opened      bool // the anchor is on the stack of open ones
}

func isPropertyStart(c byte) bool { return c == '&' || c == '!' }

// property reads the tag or anchor at pos into pr.
func (p *parser) property(pr *properties, flow bool) {
	start := p.pos
	loud := !p.quiet()
	if !pr.set {
		pr.set, pr.start, pr.count = true, start, p.expanded
	}
	if p.src[start] == '&' {
		end := p.nameEnd(start + 1)
		p.pos = end
		switch {
		case end == start+1:
			p.report(diag.New(diag.BadProperty, p.at(start, end), "an anchor needs a name behind `&`").
				WithHelp("write `&name`, or quote the text that starts with `&`"))
		case pr.anchor != "" && !loud:
		case pr.anchor != "":
			p.report(diag.New(diag.BadProperty, p.at(start, end), "a second anchor for the same value").
				WithRelated(source.Location{File: p.file, Span: pr.anchorSpan}, "the first anchor").
				WithHelp("remove one of the two"))
		default:
			pr.anchor, pr.anchorSpan = p.src[start+1:end], span(start, end)
		}
	} else {
		end, ok := p.tagEnd(start)
		p.pos = end
		switch {
		case pr.tag != "" && !loud:
		case pr.tag != "":
			p.report(diag.New(diag.BadProperty, p.at(start, end), "a second tag for the same value").
				WithRelated(source.Location{File: p.file, Span: pr.tagSpan}, "the first tag").
				WithHelp("remove one of the two"))
		default:
			pr.tag, pr.tagSpan = p.src[start:end], span(start, end)
			if !ok {
				p.report(diag.New(diag.BadProperty, p.at(start, end), "malformed tag %s", describe(pr.tag)).
					WithHelp("a verbatim tag is written `!<tag>`"))
			} else {
				p.checkHandle(pr.tag, start, end)
			}
		}
	}
	pr.end = p.pos
	if !p.blankAt(p.pos) && !(flow && class[p.src[p.pos]]&flowInd != 0) {
		at := p.pos
		p.report(diag.New(diag.BadProperty, p.at(at, at+1), "a blank is missing behind %s", describe(p.src[start:at])).
			WithHelp("put a blank between a tag or anchor and what it stands before").
			WithFix("insert a blank", false, p.edit(at, at, " ")))
	}
}

// nameEnd is the end of the anchor's name that starts at i.
func (p *parser) nameEnd(i int) int {
	for i < len(p.src) && class[p.src[i]]&(space|newline|flowInd) == 0 {
		i++
	}
	return i
}

func (p *parser) tagEnd(i int) (end int, ok bool) {
	if strings.HasPrefix(p.src[i:], "!<") {
		for end = i + 2; end < len(p.src); end++ {
			switch c := p.src[end]; {
			case c == '>':
				return end + 1, end > i+2
			case class[c]&(space|newline) != 0:
				return end, false
			}
		}
		return end, false
	}
	return p.nameEnd(i + 1), true
}

// checkHandle reports a tag whose named handle no %TAG directive declares.
func (p *parser) checkHandle(tag string, start, end int) {
	second := strings.IndexByte(tag[1:], '!')
	if second <= 0 || tag[1] == '<' {
		return // `!`, `!local`, `!!core` or `!<verbatim>`
	}
	handle := tag[:second+2]
	if _, ok := p.doc.Handles[handle]; ok {
		return
	}
	p.report(diag.New(diag.BadProperty, p.at(start, end), "the tag handle `%s` is not declared in this document", handle).
		WithHelp("declare it with `%%TAG %s PREFIX` before the `---`, or use a tag with one `!`", handle))
}

// merge adds the properties of an inner line to those of the line above.
func (p *parser) mergeProperties(outer, inner *properties) {
	if !outer.set {
		*outer = *inner
		return
	}
	if !inner.set {
		return
	}
	clash := func(what string, first, second source.Span) {
		p.report(diag.New(diag.BadProperty, source.Location{File: p.file, Span: second}, "a second %s for the same value", what).
			WithRelated(source.Location{File: p.file, Span: first}, "the first %s", what).
			WithHelp("remove one of the two"))
	}
	if inner.tag != "" {
		if outer.tag != "" {
			clash("tag", outer.tagSpan, inner.tagSpan)
		} else {
			outer.tag, outer.tagSpan = inner.tag, inner.tagSpan
		}
	}
	if inner.anchor != "" {
		if outer.anchor != "" {
			clash("anchor", outer.anchorSpan, inner.anchorSpan)
		} else {
			outer.anchor, outer.anchorSpan = inner.anchor, inner.anchorSpan
		}
	}
	outer.end = inner.end
}

// anchor is what a name means so far in the document.
type anchor struct {
	node *Node
	size int // nodes, aliases followed
}

// definition is a change of p.anchors that can be undone.
type definition struct {
	name   string
	before anchor
}

// undefine undoes all definitions but the first n.
func (p *parser) undefine(n int) {
	for i := len(p.defined) - 1; i >= n; i-- {
		if d := p.defined[i]; d.before.node != nil {
			p.anchors[d.name] = d.before
		} else {
			delete(p.anchors, d.name)
		}
	}
	p.defined = p.defined[:n]
}

// open notes that the anchor of a collection is being defined.
func (p *parser) open(pr *properties) {
	if pr.anchor != "" && !pr.opened {
		pr.opened = true
		if p.openAnchors == nil {
			p.openAnchors = map[string]int{}
		}
		p.openAnchors[pr.anchor]++
	}
}

// define gives the anchor in pr its meaning: n, which is complete.
func (p *parser) define(n *Node, pr *properties) {
	if pr.anchor == "" {
		return
	}
	if pr.opened {
		p.openAnchors[pr.anchor]--
		pr.opened = false
	}
	if p.anchors == nil {
		p.anchors = map[string]anchor{}
	}
	p.defined = append(p.defined, definition{pr.anchor, p.anchors[pr.anchor]})
	p.anchors[pr.anchor] = anchor{n, max(1, p.expanded-pr.count)}
}

// adopt gives n, which has the properties inner, those of the lines above too.
func (p *parser) adopt(n *Node, outer, inner *properties) {
	if !outer.set {
		return
	}
	tagged := outer.tag != ""
	p.mergeProperties(outer, inner)
	n.Tag, n.TagSpan, n.Anchor, n.AnchorSpan = outer.tag, outer.tagSpan, outer.anchor, outer.anchorSpan
	if n.Kind == Alias {
		p.report(diag.New(diag.BadProperty, p.at(outer.start, outer.end), "an alias can't have a tag or an anchor of its own").
			WithHelp("remove it: `*%s` already means the value that carries `&%s`", n.Value, n.Value))
	}
	p.define(n, outer)
	if tagged && n.Kind == Scalar {
		p.checkTag(n)
	}
}

// alias reads the alias at pos.
func (p *parser) alias(pr *properties) *Node {
	start := p.pos
	end := p.nameEnd(start + 1)
	name := p.src[start+1 : end]
	if _, ok := p.anchors[name]; !ok && strings.HasSuffix(name, ":") && p.blankAt(end) {
		// `*name: value`: strictly the colon belongs to the name; no one who
		// defined `name` means that.
		if _, ok := p.anchors[name[:len(name)-1]]; ok {
			end--
			name = name[:len(name)-1]
		}
	}
	p.pos = end
	n := p.node(Alias, Plain, start, end, nil)
	n.Value = name
	if pr != nil && pr.set {
		p.report(diag.New(diag.BadProperty, p.at(pr.start, pr.end), "an alias can't have a tag or an anchor of its own").
			WithHelp("remove it: `*%s` already means the value that carries `&%s`", name, name))
	}
	if p.openAnchors[name] > 0 {
		p.report(diag.New(diag.RecursiveAlias, p.at(start, end), "`*%s` stands inside the value that `&%s` names", name, name).
			WithHelp("a value can't contain itself; name the part that is meant"))
		n.Broken = true
		return n
	}
	target, ok := p.anchors[name]
	if !ok {
		p.unknownAnchor(n, name)
		return n
	}
	if p.aliased+target.size > p.budget.AliasNodes {
		if !p.aliasOver {
			p.aliasOver = true
			p.report(diag.New(diag.AliasExpansion, p.at(start, end), "aliases stand for more than %d values", p.budget.AliasNodes).
				WithHelp("aliases of aliases multiply; write out less, or use an include"))
		}
		n.Broken = true
		return n
	}
	p.aliased += target.size
	p.expanded += target.size
	n.Target = target.node
	return n
}

func (p *parser) unknownAnchor(n *Node, name string) {
	n.Broken = true
	if p.quiet() {
		return
	}
	loc := source.Location{File: p.file, Span: n.Span}
	if name == "" {
		p.report(diag.New(diag.UnknownAnchor, loc, "an alias needs a name behind `*`").
			WithHelp("quote the text if it is meant to start with `*`"))
		return
	}
	d := diag.New(diag.UnknownAnchor, loc, "no anchor `&%s` before this alias", shorten(name))
	if near := p.nearAnchor(name); near != "" {
		d = d.WithHelp("did you mean `*%s`?", near).
			WithFix("replace with `*"+near+"`", false, p.edit(int(n.Span.Start), int(n.Span.End), "*"+near))
	} else if c := name[0]; !isWord(name[:1]) || c == '.' || c == '-' {
		end := p.textEnd(int(n.Span.Start))
		d = d.WithHelp("a text that starts with `*` needs quotes").
			WithFix("quote the text", false, p.edit(int(n.Span.Start), end, Quote(p.src[n.Span.Start:end])))
	} else {
		d = d.WithHelp("put `&%s` in front of the value that is meant, earlier in this document, or quote the text", name)
	}
	p.report(d)
}

// nearAnchor is the defined anchor that name is most likely a misspelling of;
// "" if there is none.
func (p *parser) nearAnchor(name string) string {
	const most = 1_000 // more anchors than that are not compared
	if len(p.anchors) > most || len(name) > 100 {
		return ""
	}
	if near := suggest.Near(name, slices.Sorted(maps.Keys(p.anchors))); len(near) > 0 {
		return near[0]
	}
	return ""
}

// checkTag reports a scalar that its explicit core tag does not fit.
func (p *parser) checkTag(n *Node) {
	if n.Tag == "" || n.Broken {
		return
	}
	if _, redefined := p.doc.Handles["!!"]; redefined {
		return // `!!int` is not the core schema's
	}
	if r := n.Resolve(); r.Mismatch {
		p.report(diag.New(diag.TagMismatch, source.Location{File: p.file, Span: n.Span.Join(n.TagSpan)},
			"%s is no value of type %s", describe(n.Value), n.Tag).
			WithHelp("remove the tag, or write a value that fits it"))
	}
}
