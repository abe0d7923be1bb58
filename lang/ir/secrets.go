package ir

import (
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// Secrets calls f for every secret that the node itself names, in its mapping,
// its arguments or its data, with the place of the expression that does. Those in
// the configuration of its ports are not among them.
func (n *Node) Secrets(f func(name string, at Place)) {
	lists := [][]Binding{n.Mapping, n.Args}
	if n.Call != nil {
		lists = append(lists, n.Call.Args)
	}
	if n.Data != nil {
		lists = append(lists, n.Data.Output)
	}
	for _, list := range lists {
		for i := range list {
			list[i].Expr.secrets(f)
		}
	}
}

func (e *Expr) secrets(f func(name string, at Place)) {
	eachSecret(e.Const, func(name string) { f(name, e.At) })
	for i := range e.Items {
		e.Items[i].secrets(f)
	}
	if e.Tree == nil {
		return
	}
	tree, err := expr.Decode(e.Tree)
	if err != nil {
		return // Verify reports it
	}
	expr.Walk(tree, func(n expr.Node) bool {
		if l, ok := n.(*expr.Literal); ok {
			eachSecret(l.Value, func(name string) { f(name, e.At) })
		}
		return true
	})
}

// eachSecret calls f for the secrets in a constant.
func eachSecret(v value.Value, f func(name string)) {
	switch v.Kind() {
	case value.KindSecret:
		parts, _ := v.SecretParts()
		for _, p := range parts {
			if p.Text == "" {
				f(p.Secret)
			}
		}
	case value.KindList, value.KindTuple, value.KindSet:
		for _, x := range v.Items() {
			eachSecret(x, f)
		}
	case value.KindObject:
		o, _ := v.Object()
		for i := range o.Len() {
			k, x := o.At(i)
			eachSecret(k, f)
			eachSecret(x, f)
		}
	}
}
