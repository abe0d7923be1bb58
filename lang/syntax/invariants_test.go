package syntax

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// checkTree returns the first invariant that Parse broke on text.
func checkTree(text []byte, b Budget) (*Tree, error) {
	file := source.NewFile("test.yaml", text)
	tree := Parse(file, b)
	c := &checker{tree: tree, size: len(text), valid: !diag.HasErrors(tree.Diags)}
	for _, check := range []func() error{c.tokens, c.documents, c.comments, c.findings} {
		if err := check(); err != nil {
			return tree, err
		}
	}
	return tree, nil
}

type checker struct {
	tree  *Tree
	size  int
	valid bool // without errors
	nodes int
}

// tokens checks that the tokens tile the file.
func (c *checker) tokens() error {
	last := int32(0)
	for token := range c.tree.Tokens() {
		switch s := token.Span; {
		case s.Start != last || s.End <= s.Start || int(s.End) > c.size:
			return fmt.Errorf("token %v %v behind offset %d", token.Kind, s, last)
		case c.valid && token.Kind == Skipped:
			return fmt.Errorf("skipped %q in a valid file", c.tree.File.Slice(s))
		}
		last = token.Span.End
	}
	if int(last) != c.size {
		return fmt.Errorf("tokens end at %d of %d", last, c.size)
	}
	if printed := c.tree.Print(); !bytes.Equal(printed, c.tree.File.Content()) {
		return fmt.Errorf("printed %q", printed)
	}
	return nil
}

func (c *checker) inside(what string, s source.Span) error {
	if s.Start < 0 || s.Start > s.End || int(s.End) > c.size {
		return fmt.Errorf("%s has the span %v in a file of %d bytes", what, s, c.size)
	}
	return nil
}

func (c *checker) documents() error {
	last := int32(0)
	for i, doc := range c.tree.Docs {
		if err := c.inside("document", doc.Span); err != nil {
			return err
		}
		if doc.Span.Start < last {
			return fmt.Errorf("document %d starts at %d, before %d", i, doc.Span.Start, last)
		}
		last = doc.Span.End
		if doc.Root == nil {
			continue
		}
		if doc.Root.Parent != nil {
			return fmt.Errorf("the root has a parent")
		}
		if !doc.Span.Encloses(outer(doc.Root)) {
			return fmt.Errorf("root %v outside document %v", outer(doc.Root), doc.Span)
		}
		if err := c.node(doc.Root); err != nil {
			return err
		}
	}
	return nil
}

func outer(n *Node) source.Span { return span(outerStart(n), outerEnd(n)) }

// node checks n and what is below it: spans in order, disjoint and enclosed.
func (c *checker) node(n *Node) error {
	c.nodes++
	if err := c.inside("node", n.Span); err != nil {
		return err
	}
	if c.valid && n.Broken {
		return fmt.Errorf("broken node %v in a valid file", n.Span)
	}
	if n.Anchor != "" && c.tree.File.Slice(n.AnchorSpan) != "&"+n.Anchor {
		return fmt.Errorf("anchor %q has the span of %q", n.Anchor, c.tree.File.Slice(n.AnchorSpan))
	}
	if n.Tag != "" && c.tree.File.Slice(n.TagSpan) != n.Tag {
		return fmt.Errorf("tag %q has the span of %q", n.Tag, c.tree.File.Slice(n.TagSpan))
	}
	last := n.Span.Start
	child := func(what string, s source.Span) error {
		if s.Start < last || !n.Span.Encloses(s) {
			return fmt.Errorf("%s %v of %v behind %d", what, s, n.Span, last)
		}
		last = s.End
		return nil
	}
	for i, item := range n.Items {
		if item.Parent != n || n.Kind != Sequence {
			return fmt.Errorf("item %d at %v: wrong parent", i, item.Span)
		}
		if err := child("item", outer(item)); err != nil {
			return err
		}
		if err := c.node(item); err != nil {
			return err
		}
	}
	for i := range n.Pairs {
		pair := &n.Pairs[i]
		if pair.Key.Parent != n || pair.Value.Parent != n || n.Kind != Mapping {
			return fmt.Errorf("pair %d at %v: wrong parent", i, pair.Span)
		}
		if !pair.Span.Encloses(outer(pair.Key)) || !pair.Span.Encloses(outer(pair.Value)) || outerEnd(pair.Key) > outerStart(pair.Value) {
			return fmt.Errorf("pair %v of key %v and value %v", pair.Span, outer(pair.Key), outer(pair.Value))
		}
		if err := child("pair", pair.Span); err != nil {
			return err
		}
		if err := c.node(pair.Key); err != nil {
			return err
		}
		if err := c.node(pair.Value); err != nil {
			return err
		}
	}
	switch n.Kind {
	case Scalar:
		return c.scalar(n)
	case Alias:
		if n.Target != nil && (n.Target.Kind == Alias || n.Target.Anchor != n.Value || n.Target.Span.Start >= n.Span.Start) {
			return fmt.Errorf("alias %q at %v means %v", n.Value, n.Span, n.Target.Span)
		}
	case Mapping, Sequence:
	default:
		return fmt.Errorf("node %v of kind %d", n.Span, n.Kind)
	}
	return nil
}

// scalar checks the text map of n: sorted, without gaps, inside the file, and
// exact where it says so.
func (c *checker) scalar(n *Node) error {
	m := c.tree.TextMap(n)
	src := c.tree.File.Text()
	if len(m.Segments) == 0 || m.Segments[0].Text != 0 || int(m.TextEnd) != len(n.Value) {
		return fmt.Errorf("text map of %q covers [%d] to %d", n.Value, len(m.Segments), m.TextEnd)
	}
	for i, s := range m.Segments {
		textEnd, fileEnd := m.TextEnd, m.FileEnd
		if i+1 < len(m.Segments) {
			textEnd, fileEnd = m.Segments[i+1].Text, m.Segments[i+1].File
		}
		if textEnd <= s.Text && len(n.Value) > 0 || s.File > fileEnd || s.File < n.Span.Start && n.Span.Len() > 0 || int(fileEnd) > c.size {
			return fmt.Errorf("segment %d of %q: text %d to %d, file %d to %d", i, n.Value, s.Text, textEnd, s.File, fileEnd)
		}
		if s.Exact {
			length := textEnd - s.Text
			if s.File+length > fileEnd || src[s.File:s.File+length] != n.Value[s.Text:textEnd] {
				return fmt.Errorf("segment %d of %q is not exact", i, n.Value)
			}
		}
	}
	if n.Style == Plain && !strings.ContainsAny(src[n.Span.Start:n.Span.End], "\r\n") && n.Value != src[n.Span.Start:n.Span.End] {
		return fmt.Errorf("plain %q is written %q", n.Value, c.tree.File.Slice(n.Span))
	}
	return nil
}

func (c *checker) comments() error {
	last := int32(-1)
	for _, comment := range c.tree.Comments {
		if err := c.inside("comment", comment.Span); err != nil {
			return err
		}
		if comment.Span.Start <= last || c.tree.File.Text()[comment.Span.Start] != '#' {
			return fmt.Errorf("comment %q at %v", c.tree.File.Slice(comment.Span), comment.Span)
		}
		last = comment.Span.End
	}
	return nil
}

func (c *checker) findings() error {
	for _, d := range c.tree.Diags {
		if err := c.inside("finding "+string(d.Code), d.Loc.Span); err != nil {
			return err
		}
		if r, _ := utf8.DecodeRuneInString(d.Message); d.Message == "" || unicode.IsUpper(r) && !strings.HasPrefix(d.Message, "YAML ") || strings.HasSuffix(d.Message, ".") || strings.ContainsAny(d.Message+d.Help, "\r\n") {
			return fmt.Errorf("%s has the message %q, help %q", d.Code, d.Message, d.Help)
		}
		for _, r := range d.Related {
			if err := c.inside("related place of "+string(d.Code), r.Loc.Span); err != nil {
				return err
			}
		}
		for _, fix := range d.Fixes {
			for _, edit := range fix.Edits {
				if err := c.inside("edit of "+string(d.Code), edit.Loc.Span); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mustHold fails the test if text breaks an invariant.
func mustHold(t testing.TB, text string) *Tree {
	t.Helper()
	tree, err := checkTree([]byte(text), Budget{})
	if err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	return tree
}
