//go:build unix

package main

import (
	"fmt"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// texts are expressions as manifests have them.
var texts = []string{
	"analyzer.result.score",
	"analyzer.result.score > 0.5 and order.status in ['open', 'paid']",
	"round(order.total * (1 + order.tax), 2)",
	"[line.price * line.qty for line in order.lines if line.qty > 0]",
	"default(order.note, 'none')",
	"'high' if analyzer.result.score >= 0.8 else 'normal'",
	"classifier.category == 'urgent' or $input.priority >= 5",
	"order.status.upper() + ': ' + str(len(order.lines))",
}

// typeScope gives the names of the texts the types of the data.
type typeScope map[string]*expr.Type

func (s typeScope) Lookup(head string, namespace bool) (*expr.Type, bool) {
	t, ok := s[head]
	return t, ok && !namespace
}

// measureParse measures reading text, and checking the types of what was read.
func measureParse() error {
	bytes := 0
	for _, src := range texts {
		bytes += len(src)
		if _, ds := expr.Parse(expr.Text{Src: src}); len(ds) > 0 {
			return fmt.Errorf("%s: %s", src, ds[0].Message)
		}
	}
	v, err := value.ParseJSON(document(), value.JSONLimits{})
	if err != nil {
		return err
	}
	o, _ := v.Object()
	types := typeScope{}
	for _, name := range []string{"analyzer", "order"} {
		x, _ := o.Get(name)
		types[name] = expr.TypeOf(x)
	}
	parse := func() error {
		for _, src := range texts {
			expr.Parse(expr.Text{Src: src})
		}
		return nil
	}
	check := func() error {
		for _, src := range texts {
			n, _ := expr.Parse(expr.Text{Src: src})
			expr.Infer(n, expr.Text{Src: src}, types)
		}
		return nil
	}
	t, err := fastest(here(parse), here(check))
	if err != nil {
		return err
	}
	speed := float64(bytes) / 1e6 / t[0]
	row("parse, MB/s / 20", "20 MB/s", fmt.Sprintf("%.1f MB/s", speed), speed/20, "> 1")
	row("parse and check types / parse", ns(t[0]), ns(t[1]), t[1]/t[0], "≤ 2")
	return nil
}
