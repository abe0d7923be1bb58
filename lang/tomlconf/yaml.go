package tomlconf

import (
	"regexp"
	"strings"
	"sync"

	"hexdag.dev/hexdag/lang/syntax"
)

// write writes a value behind its key or dash, nested values on lines of their
// own.
func write(b *strings.Builder, n *syntax.Node, depth int) {
	pad := strings.Repeat("  ", depth)
	switch {
	case n.Kind == syntax.Scalar:
		b.WriteString(" " + scalar(n) + "\n")
	case n.Kind == syntax.Mapping && len(n.Pairs) == 0:
		b.WriteString(" {}\n")
	case n.Kind == syntax.Sequence && len(n.Items) == 0:
		b.WriteString(" []\n")
	case n.Kind == syntax.Sequence && flat(n):
		texts := make([]string, len(n.Items))
		for i, x := range n.Items {
			texts[i] = scalar(x)
		}
		b.WriteString(" [" + strings.Join(texts, ", ") + "]\n")
	case n.Kind == syntax.Sequence:
		b.WriteByte('\n')
		for _, x := range n.Items {
			b.WriteString(pad + "-")
			if x.Kind != syntax.Mapping || len(x.Pairs) == 0 {
				write(b, x, depth+1)
				continue
			}
			for i := range x.Pairs {
				if i > 0 {
					b.WriteString(pad + " ")
				}
				b.WriteString(" " + text(x.Pairs[i].Key.Value) + ":")
				write(b, x.Pairs[i].Value, depth+2)
			}
		}
	default:
		b.WriteByte('\n')
		for i := range n.Pairs {
			b.WriteString(pad + text(n.Pairs[i].Key.Value) + ":")
			write(b, n.Pairs[i].Value, depth+1)
		}
	}
}

func flat(n *syntax.Node) bool {
	for _, x := range n.Items {
		if x.Kind != syntax.Scalar {
			return false
		}
	}
	return true
}

func scalar(n *syntax.Node) string {
	if n.Style == syntax.Plain {
		return n.Value
	}
	return text(n.Value)
}

var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./-]*$`) })

// text is a text as a scalar, in quotes where it needs them.
func text(s string) string {
	if word().MatchString(s) {
		n := &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: s}
		if n.Resolve().Kind == syntax.String {
			switch strings.ToLower(s) {
			case "yes", "no", "on", "off", "y", "n": // truth values to YAML 1.1
			default:
				return s
			}
		}
	}
	return syntax.Quote(s)
}
