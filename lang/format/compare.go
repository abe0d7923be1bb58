package format

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// difference compares what two trees mean: documents, values, tags, anchors,
// order and comments. It gives the place in a of the first difference and what
// it is, "" if there is none.
func difference(a, b *syntax.Tree) (source.Span, string) {
	if diag.HasErrors(b.Diags) {
		for _, d := range b.Diags {
			if d.Severity == diag.Error {
				return source.Span{}, "the result is not valid: " + d.Message
			}
		}
	}
	if len(a.Docs) != len(b.Docs) {
		return source.Span{}, "the number of documents"
	}
	for i, d := range a.Docs {
		e := b.Docs[i]
		switch {
		case (d.Root == nil) != (e.Root == nil):
			return d.Span, "a document"
		case (d.Start.Len() > 0) != (e.Start.Len() > 0) || (d.End.Len() > 0) != (e.End.Len() > 0):
			return d.Span, "a document marker"
		case len(d.Handles) != len(e.Handles):
			return d.Span, "a directive"
		}
		for k, v := range d.Handles {
			if e.Handles[k] != v {
				return d.Span, "a directive"
			}
		}
		if d.Root != nil {
			if at, what := differentNode(d.Root, e.Root); what != "" {
				return at, what
			}
		}
	}
	for i, c := range a.Comments {
		if i >= len(b.Comments) || comment(a, c) != comment(b, b.Comments[i]) {
			return c.Span, "a comment"
		}
	}
	if len(b.Comments) > len(a.Comments) {
		return source.Span{}, "a comment is new"
	}
	return source.Span{}, ""
}

func comment(t *syntax.Tree, c syntax.Comment) string {
	return strings.TrimRight(t.File.Slice(c.Span), " \t")
}

func differentNode(a, b *syntax.Node) (source.Span, string) {
	bare := func(n *syntax.Node) bool {
		return n.Style == syntax.Empty || n.Style == syntax.Plain
	}
	switch {
	case a.Kind != b.Kind:
		return a.Span, "the kind of a value"
	case a.Tag != b.Tag:
		return a.Span, "a tag"
	case a.Anchor != b.Anchor:
		return a.Span, "an anchor"
	case a.Value != b.Value:
		return a.Span, "a value"
	case a.Kind == syntax.Scalar && bare(a) != bare(b):
		return a.Span, "the type of a value"
	case len(a.Items) != len(b.Items) || len(a.Pairs) != len(b.Pairs):
		return a.Span, "the number of entries"
	}
	for i := range a.Items {
		if at, what := differentNode(a.Items[i], b.Items[i]); what != "" {
			return at, what
		}
	}
	for i := range a.Pairs {
		if at, what := differentNode(a.Pairs[i].Key, b.Pairs[i].Key); what != "" {
			return at, what
		}
		if at, what := differentNode(a.Pairs[i].Value, b.Pairs[i].Value); what != "" {
			return at, what
		}
	}
	return source.Span{}, ""
}
