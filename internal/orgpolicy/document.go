package orgpolicy

import (
	"encoding/json"
	"math"
	"strings"

	"hexdag.dev/hexdag/lang/syntax"
)

// document is a manifest as JSON: what stands there, references to the
// environment and templates as text, includes as the text of their tag.
func document(n *syntax.Node) json.RawMessage {
	var b strings.Builder
	appendNode(&b, n, 0)
	return json.RawMessage(b.String())
}

// maxNesting bounds how deeply aliases and collections are written out.
const maxNesting = 200

func appendNode(b *strings.Builder, n *syntax.Node, depth int) {
	n = n.Deref()
	if n == nil || depth > maxNesting {
		b.WriteString("null")
		return
	}
	switch n.Kind {
	case syntax.Mapping:
		b.WriteByte('{')
		first := true
		for k, v := range n.Entries() {
			if !first {
				b.WriteByte(',')
			}
			first = false
			appendText(b, k.Value)
			b.WriteByte(':')
			appendNode(b, v, depth+1)
		}
		b.WriteByte('}')
	case syntax.Sequence:
		b.WriteByte('[')
		for i, x := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			appendNode(b, x, depth+1)
		}
		b.WriteByte(']')
	default:
		appendScalar(b, n)
	}
}

func appendScalar(b *strings.Builder, n *syntax.Node) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		appendText(b, n.Tag+" "+n.Value)
		return
	}
	r := n.Resolve()
	switch r.Kind {
	case syntax.Null:
		b.WriteString("null")
	case syntax.Bool:
		if r.Bool {
			b.WriteString("true")
		} else {
			b.WriteString("false")
		}
	case syntax.Int:
		if r.Big != nil {
			b.WriteString(r.BigInt().String())
			return
		}
		appendJSON(b, r.Int)
	case syntax.Float:
		if math.IsNaN(r.Float) || math.IsInf(r.Float, 0) {
			appendText(b, n.Value)
			return
		}
		appendJSON(b, r.Float)
	default:
		appendText(b, n.Value)
	}
}

func appendText(b *strings.Builder, s string) { appendJSON(b, s) }

func appendJSON(b *strings.Builder, v any) {
	if data, err := json.Marshal(v); err == nil {
		b.Write(data)
	}
}
