package mock

import (
	"math"
	"regexp"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func toAnswer(v value.Value) answer {
	if s, ok := v.AsString(); ok {
		return answer{text: s}
	}
	if a, ok := toolAnswer(v); ok {
		return a
	}
	return answer{text: jsonText(v)}
}

// toAnswers reads an answer or a list of them.
func toAnswers(v value.Value) []answer {
	if v.Kind() != value.KindList {
		return []answer{toAnswer(v)}
	}
	list := make([]answer, len(v.Items()))
	for i, item := range v.Items() {
		list[i] = toAnswer(item)
	}
	return list
}

func (m *Model) readResponses(c *port.Config) {
	if v, _, ok := c.Get("response"); ok {
		m.list = []answer{toAnswer(v)}
	}
	v, name, ok := c.Get("responses")
	if !ok {
		return
	}
	if m.list != nil {
		c.Faultf("give either \"response\" or \"responses\"")
	}
	obj, isMap := v.Object()
	if !isMap {
		m.list = toAnswers(v)
		if len(m.list) == 0 {
			c.Faultf("%q is an empty list", name)
		}
		return
	}
	m.byNode = make(map[string][]answer, obj.Len())
	for i := range obj.Len() {
		key, item := obj.At(i)
		answers := toAnswers(item)
		if len(answers) == 0 {
			c.Faultf("%q has an empty list for %s", name, value.Str(key))
		}
		m.byNode[value.Str(key)] = answers
	}
}

func (m *Model) readRules(c *port.Config) {
	v, _, ok := c.Get("match")
	if !ok {
		return
	}
	if obj, isMap := v.Object(); isMap { // {text of the prompt: response}
		for i := range obj.Len() {
			key, item := obj.At(i)
			m.rules = append(m.rules, rule{contains: value.Str(key), answers: toAnswers(item)})
		}
		return
	}
	if v.Kind() != value.KindList {
		c.Faultf("\"match\" must be a list of rules, not %s", v.TypeName())
		return
	}
	for i, item := range v.Items() {
		m.rules = append(m.rules, readRule(c, i+1, item))
	}
}

func readRule(c *port.Config, n int, v value.Value) (r rule) {
	obj, ok := v.Object()
	if !ok {
		c.Faultf("rule %d of \"match\" must be a mapping, not %s", n, v.TypeName())
		return r
	}
	for i := range obj.Len() {
		key, item := obj.At(i)
		name, _ := key.AsString()
		text, isText := item.AsString()
		switch name {
		case "contains", "regex", "pattern", "node":
			if !isText || text == "" {
				c.Faultf("%q in rule %d of \"match\" must be text that is not empty", name, n)
			}
		}
		switch name {
		case "contains":
			r.contains = text
		case "node":
			r.node = text
		case "regex", "pattern":
			re, err := regexp.Compile(text)
			if err != nil {
				c.Faultf("%q in rule %d of \"match\" is no regular expression: %s", name, n, err)
			}
			r.regex = re
		case "response":
			r.answers = []answer{toAnswer(item)}
		case "responses":
			r.answers = toAnswers(item)
		case "error":
			r.fault = readFault(c, name, item)
		case "delay", "delay_seconds":
			d, err := port.ParseDuration(item)
			if err != nil {
				c.Faultf("%q in rule %d of \"match\" %s", name, n, err)
			}
			r.delay, r.hasDelay = d, true
		case "usage":
			r.usage = readUsage(c, name, item)
		default:
			c.Faultf("%q is unknown in rule %d of \"match\" (it has contains, regex, node, response, responses, error, delay, usage)", value.Str(key), n)
		}
	}
	if r.contains == "" && r.regex == nil && r.node == "" {
		c.Faultf("rule %d of \"match\" needs \"contains\", \"regex\" or \"node\"", n)
	}
	if (len(r.answers) == 0) == (r.fault == nil) {
		c.Faultf("rule %d of \"match\" needs either \"response\" or \"error\"", n)
	}
	return r
}

func readFault(c *port.Config, name string, v value.Value) *fault {
	f := &fault{class: port.ClassProvider, retryable: true}
	if s, ok := v.AsString(); ok {
		f.message = s
	} else if obj, ok := v.Object(); ok {
		for i := range obj.Len() {
			key, item := obj.At(i)
			k, _ := key.AsString()
			right := false
			switch k {
			case "message":
				f.message, right = item.AsString()
			case "class", "type":
				f.class, right = item.AsString()
			case "retryable":
				f.retryable, right = item.AsBool()
			case "times":
				var n int64
				n, right = item.AsInt()
				right = right && n > 0 && n < math.MaxInt32
				f.times = int(n)
			default:
				c.Faultf("%q is unknown in %q (it has message, class, retryable, times)", value.Str(key), name)
				continue
			}
			if !right {
				c.Faultf("%q in %q has a value that does not fit", k, name)
			}
		}
	} else {
		c.Faultf("%q must be text or a mapping, not %s", name, v.TypeName())
	}
	f.message = port.OneLine(f.message)
	return f
}

func readUsage(c *port.Config, name string, v value.Value) *port.Usage {
	u := &port.Usage{Known: true}
	obj, ok := v.Object()
	if !ok {
		c.Faultf("%q must be a mapping, not %s", name, v.TypeName())
		return u
	}
	for i := range obj.Len() {
		key, item := obj.At(i)
		k, _ := key.AsString()
		n, isInt := item.AsInt()
		switch k {
		case "input_tokens", "prompt_tokens":
			u.InputTokens = n
		case "output_tokens", "completion_tokens":
			u.OutputTokens = n
		case "total_tokens":
			// The sum of the other two; providers report it, limits do not need it.
		case "cost_usd":
			f, err := value.ToFloat(item)
			dollars, _ := f.AsFloat()
			if err != nil || dollars < 0 || dollars > 1e9 {
				c.Faultf("%q in %q must be an amount of dollars", k, name)
				continue
			}
			u.CostMicro = int64(math.Round(dollars * 1e6))
			continue
		default:
			c.Faultf("%q is unknown in %q (it has input_tokens, output_tokens, cost_usd)", value.Str(key), name)
			continue
		}
		if !isInt || n < 0 {
			c.Faultf("%q in %q must be a number of tokens", k, name)
		}
	}
	return u
}

func readToolCalls(c *port.Config, name string, v value.Value) [][]port.ToolCall {
	if v.Kind() != value.KindList {
		c.Faultf("%q must be a list, not %s", name, v.TypeName())
		return nil
	}
	items := v.Items()
	if len(items) > 0 && items[0].Kind() == value.KindObject { // the calls of every answer
		return [][]port.ToolCall{readCalls(c, name, items)}
	}
	var all [][]port.ToolCall
	for _, item := range items {
		if item.Kind() != value.KindList && !item.IsNull() {
			c.Faultf("%q must hold lists of tool calls, not %s", name, item.TypeName())
		}
		all = append(all, readCalls(c, name, item.Items()))
	}
	return all
}

func readCalls(c *port.Config, name string, items []value.Value) []port.ToolCall {
	var calls []port.ToolCall
	for _, item := range items {
		obj, ok := item.Object()
		if !ok {
			c.Faultf("%q must hold tool calls {name, arguments}, not %s", name, item.TypeName())
			continue
		}
		var call port.ToolCall
		for i := range obj.Len() {
			key, field := obj.At(i)
			k, _ := key.AsString()
			switch k {
			case "id":
				call.ID = value.Str(field)
			case "name":
				call.Name = value.Str(field)
			case "arguments":
				call.Arguments = field
			default:
				c.Faultf("%q is unknown in a tool call of %q (it has id, name, arguments)", value.Str(key), name)
			}
		}
		if call.Name == "" {
			c.Faultf("a tool call of %q has no name", name)
		}
		calls = append(calls, call)
	}
	return calls
}
