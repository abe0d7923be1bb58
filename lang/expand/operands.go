package expand

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// Operands are the environment references of an expression that stand where a
// value may: `score > ${LIMIT:5}`. Each is one constant. Its text is never code:
// a text that is a number, true, false or null is that, any other a string.
// References inside of string literals are not among them; ExpandTree fills those.
type Operands struct {
	refs []EnvRef
}

// MaskOperands is an expression's text with each operand replaced by a name of
// the same length, so that it can be parsed, and the operands. Without any it is
// the text itself and nil.
func MaskOperands(text string) (string, *Operands) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var o Operands
	masked := []byte(text)
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			i++
		case strings.HasPrefix(text[i:], "${"):
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				return string(masked), &o
			}
			parts, _ := SplitEnv(text[i : i+end+1])
			if len(parts) == 1 && parts[0].Name != "" {
				r := parts[0]
				r.Start, r.End = i, i+end+1
				o.refs = append(o.refs, r)
				for j := r.Start; j < r.End; j++ {
					masked[j] = '_'
				}
			}
			i += end + 1
		default:
			i++
		}
	}
	if len(o.refs) == 0 {
		return text, nil
	}
	return string(masked), &o
}

// FillOperands puts the constants into the tree of a masked text that stands at
// n. What is not known is Bad, and was reported; without secrets these are, too.
func (e *Environment) FillOperands(n *syntax.Node, tree expr.Node, o *Operands, secrets bool) expr.Node {
	if o == nil {
		return tree
	}
	return expr.Rewrite(tree, func(x expr.Node) expr.Node {
		name, ok := x.(*expr.Name)
		if !ok {
			return x
		}
		for _, r := range o.refs {
			if int(name.Span().Start) != r.Start || int(name.Span().End) != r.End {
				continue
			}
			if r.Secret && !secrets {
				e.ds.Add(secretRead(e.at(n, r)))
				return expr.NewBad(name.Span())
			}
			if r.Secret {
				e.use(EnvUse{Name: r.Name, Secret: true})
				return expr.NewLiteral(value.Secret(r.Name), name.Span())
			}
			v, ok := e.read(n, r)
			if !ok {
				return expr.NewBad(name.Span())
			}
			return expr.NewLiteral(operand(v), name.Span())
		}
		return x
	})
}

func (e *Environment) at(n *syntax.Node, r EnvRef) source.Location {
	s := e.tree.TextMap(n).Span(source.Span{Start: int32(r.Start), End: int32(r.End)})
	return source.Location{File: e.tree.FileOf(n), Span: s}
}

// read is the value of one variable.
func (e *Environment) read(n *syntax.Node, r EnvRef) (string, bool) {
	v, set := e.lookup(r.Name)
	if !set && !r.HasDefault {
		e.ds.Add(unset(r.Name, e.at(n, r)))
		return "", false
	}
	if !set {
		v = r.Default
	}
	e.use(EnvUse{Name: r.Name, Value: v, Default: !set})
	return v, true
}

func unset(name string, loc source.Location) diag.Diagnostic {
	return diag.New(diag.EnvUnset, loc, "environment variable %s is not set and has no default", name).
		WithHelp("set it, or write ${%s:default}", name)
}

// operand is the constant that a text is among the operands of an expression.
func operand(text string) value.Value {
	s := &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: strings.TrimSpace(text)}
	switch r := s.Resolve(); r.Kind {
	case syntax.Int, syntax.Float:
		if digits := strings.TrimLeft(s.Value, "+-"); len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
			return value.String(text) // 007 is no number of the language
		}
		fallthrough
	case syntax.Bool, syntax.Null:
		if s.Value == "" {
			return value.String(text)
		}
		v, _ := Scalar(s)
		return v
	}
	return value.String(text)
}
