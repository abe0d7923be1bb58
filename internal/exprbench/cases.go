//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"time"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// cases are the expressions, as every engine writes them.
var cases = []struct{ name, hexdag, vm, python string }{
	{"path", "analyzer.result.score", "analyzer.result.score", "analyzer['result']['score']"},
	{"comparison", "analyzer.result.score > 0.5 and order.status == 'open'", "analyzer.result.score > 0.5 and order.status == 'open'", "analyzer['result']['score'] > 0.5 and order['status'] == 'open'"},
	{"arithmetic", "order.total * (1 + order.tax) - 2", "order.total * (1 + order.tax) - 2", "order['total'] * (1 + order['tax']) - 2"},
	{"string method", "order.status.upper()", "upper(order.status)", "order['status'].upper()"},
	{"comprehension over 100 items", "[x.price * x.qty for x in order.lines]", "map(order.lines, #.price * #.qty)", "[x['price'] * x['qty'] for x in order['lines']]"},
	{"the same with a condition", "[x.price * x.qty for x in order.lines if x.qty > 0]", "map(filter(order.lines, #.qty > 0), #.price * #.qty)", "[x['price'] * x['qty'] for x in order['lines'] if x['qty'] > 0]"},
}

const (
	hexdagTemplate = `Order {{ order.status }}: {% for l in order.lines %}{{ l.name }} x{{ l.qty }}{% if l.qty > 2 %} (many){% endif %}, {% endfor %}
Total {{ order.total }}{% if order.note %} ({{ order.note }}){% endif %}.`
	goTemplate = `Order {{ .order.status }}: {{ range .order.lines }}{{ .name }} x{{ .qty }}{{ if gt .qty 2.0 }} (many){{ end }}, {{ end }}
Total {{ .order.total }}{{ if .order.note }} ({{ .order.note }}){{ end }}.`
)

// document is the data, as JSON.
func document() []byte {
	type object = map[string]any
	var lines []object
	for i := range 100 {
		lines = append(lines, object{"name": fmt.Sprintf("item %d", i), "price": 1.5 + float64(i), "qty": i % 5, "sku": fmt.Sprintf("A-%04d", i)})
	}
	data, err := json.Marshal(object{
		"analyzer": object{"result": object{"score": 0.75, "label": "spam"}, "model": "m"},
		"order":    object{"status": "open", "total": 12.5, "tax": 0.25, "note": nil, "lines": lines},
	})
	if err != nil {
		panic(err) // the data is a constant
	}
	return data
}

// environment is the scope of the expressions: two values in slots.
type environment [2]value.Value

func (e *environment) Slot(head string, namespace bool) int {
	switch {
	case namespace:
		return -1
	case head == "analyzer":
		return 0
	case head == "order":
		return 1
	}
	return -1
}
func (e *environment) Load(slot int) value.Value { return e[slot] }
func (e *environment) Now() time.Time            { return time.Time{} }

func newEnvironment(data []byte) (*environment, error) {
	v, err := value.ParseJSON(data, value.JSONLimits{})
	if err != nil {
		return nil, err
	}
	o, _ := v.Object()
	e := &environment{}
	e[0], _ = o.Get("analyzer")
	e[1], _ = o.Get("order")
	return e, nil
}

// evaluation compiles an expression and returns what evaluates it.
func evaluation(src string, e *environment) (func() (value.Value, error), error) {
	n, ds := expr.Parse(expr.Text{Src: src})
	if len(ds) > 0 {
		return nil, fmt.Errorf("%s: %s", src, ds[0].Message)
	}
	p, err := expr.Compile(n, e)
	if err != nil {
		return nil, err
	}
	var m expr.Meter
	return func() (value.Value, error) {
		m.Steps, m.Bytes = 0, 0
		v, err := p.Eval(e, &m)
		if err != nil {
			return v, err
		}
		return v, nil
	}, nil
}
